//! A browser for tests: it keeps its cookie, finds the token of a form, and sends what a real one would.

use crate::support::{Answer, BELFRY, TestApp};
use axum::http::Method;
use belfry::{
    domain::{Account, AccountId, Role, SiteId},
    inbox::{Guest, NewAccount},
};

/// The password of everybody in the tests.
pub const PASSWORD: &str = "correct horse battery";

/// The console of an app under test.
pub struct Desk<'a>(pub &'a TestApp);

impl<'a> Desk<'a> {
    /// A browser in which nobody is signed in.
    pub fn browser(&self) -> Browser<'a> {
        Browser { app: self.0, cookie: None }
    }

    /// The account that owns the instance, made the first time it is asked for.
    pub async fn operator(&self) -> Account {
        let new = NewAccount::new("operator@example.com", "Olha", PASSWORD, "en".parse().unwrap()).unwrap();
        match self.0.inbox.offer_set_up().await.unwrap() {
            Some(code) => {
                let id = self.0.inbox.set_up(code.reveal(), new).await.unwrap();
                self.0.inbox.account(id).await.unwrap()
            }
            None => self.0.inbox.sign_in("operator@example.com", PASSWORD).await.unwrap(),
        }
    }

    /// A person with this role on a site.
    pub async fn member(&self, email: &str, site: SiteId, role: Role) -> AccountId {
        let operator = self.operator().await;
        let invitation = self.0.inbox.invite(operator.id, site, role, None).await.unwrap();
        let new = NewAccount::new(email, "Marta", PASSWORD, "en".parse().unwrap()).unwrap();
        self.0.inbox.accept(invitation.reveal(), Guest::New(new)).await.unwrap().0
    }

    /// A browser in which this person is signed in.
    pub async fn sign_in(&self, email: &str) -> Browser<'a> {
        let mut browser = self.browser();
        let answer = browser.post_form("/console/sign-in", &[("email", email), ("password", PASSWORD)]).await;
        assert_eq!(answer.header("location"), Some("/console"), "{}", answer.text());
        browser
    }

    /// The operator's browser.
    pub async fn sign_in_operator(&self) -> Browser<'a> {
        let email = self.operator().await.email;
        self.sign_in(email.as_str()).await
    }
}

/// A browser.
#[derive(Clone)]
pub struct Browser<'a> {
    app: &'a TestApp,
    pub cookie: Option<String>,
}

impl Browser<'_> {
    pub async fn get(&mut self, path: &str) -> Answer {
        let mut call = self.app.get(path);
        if let Some(cookie) = &self.cookie {
            call = call.header("cookie", cookie);
        }
        let answer = call.send().await;
        self.keep(&answer);
        answer
    }

    /// The token of the forms of a page.
    pub async fn token(&mut self, path: &str) -> String {
        let page = self.get(path).await;
        let (_, rest) =
            page.text().split_once("name=\"token\" value=\"").unwrap_or_else(|| panic!("no form at {path}: {} {}", page.status, page.text()));
        rest.split('"').next().unwrap().to_owned()
    }

    /// Looks at a page and sends a form to the same address.
    pub async fn post_form(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.post_form_from(path, path, fields).await
    }

    /// Looks at one page and sends a form to another address.
    pub async fn post_form_from(&mut self, page: &str, path: &str, fields: &[(&str, &str)]) -> Answer {
        let token = self.token(page).await;
        self.post_raw(path, &[&[("token", token.as_str())], fields].concat(), &[("origin", BELFRY), ("sec-fetch-site", "same-origin")]).await
    }

    /// Sends a form with these headers and nothing added.
    pub async fn post_raw(&mut self, path: &str, fields: &[(&str, &str)], headers: &[(&str, &str)]) -> Answer {
        let mut body = url::form_urlencoded::Serializer::new(String::new());
        body.extend_pairs(fields);
        let mut call = self.app.call(Method::POST, path).header("content-type", "application/x-www-form-urlencoded").body(body.finish());
        for (name, value) in headers {
            call = call.header(name, value);
        }
        if let Some(cookie) = &self.cookie {
            call = call.header("cookie", cookie);
        }
        let answer = call.send().await;
        self.keep(&answer);
        answer
    }

    fn keep(&mut self, answer: &Answer) {
        if let Some(cookie) = answer.header("set-cookie") {
            let pair = cookie.split(';').next().unwrap();
            self.cookie = (!pair.ends_with('=')).then(|| pair.to_owned());
        }
    }
}
