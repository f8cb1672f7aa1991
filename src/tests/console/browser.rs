//! A browser for tests: it stores cookies, finds the token of a form, and sends the headers of a
//! real one.

use crate::support::{Answer, Call, PUBLIC_URL, TestApp};
use axum::http::Method;
use belfry_app::{Invitee, NewAccount};
use belfry_domain::{Account, AccountId, Role, SiteId};
use std::net::IpAddr;

/// The password of every test account.
pub const PASSWORD: &str = "correct horse battery";

/// The console of an app under test.
pub struct ConsoleFixture<'a>(pub &'a TestApp);

impl<'a> ConsoleFixture<'a> {
    /// A signed-out browser.
    pub fn browser(&self) -> Browser<'a> {
        Browser { app: self.0, cookie: None, known_cookie: None, address: None }
    }

    /// The account that owns the instance; created on first use.
    pub async fn operator(&self) -> Account {
        let new = NewAccount::new("operator@example.com", "Olha", PASSWORD, "en".parse().unwrap())
            .unwrap();
        match self.0.app.offer_set_up().await.unwrap() {
            Some(code) => {
                let id = self.0.app.set_up(code.reveal(), new).await.unwrap();
                self.0.app.account(id).await.unwrap()
            }
            None => self.0.app.sign_in("operator@example.com", PASSWORD).await.unwrap(),
        }
    }

    /// Creates an account with this role on a site.
    pub async fn member(&self, email: &str, site: SiteId, role: Role) -> AccountId {
        let operator = self.operator().await;
        let invitation = self.0.app.invite(operator.id, site, role, None).await.unwrap();
        let new = NewAccount::new(email, "Marta", PASSWORD, "en".parse().unwrap()).unwrap();
        self.0.app.accept_invitation(invitation.reveal(), Invitee::New(new)).await.unwrap().0
    }

    /// A browser signed in to this account.
    pub async fn sign_in(&self, email: &str) -> Browser<'a> {
        let mut browser = self.browser();
        let answer = browser
            .post_form("/console/sign-in", &[("email", email), ("password", PASSWORD)])
            .await;
        assert_eq!(answer.header("location"), Some("/console"), "{}", answer.text());
        browser
    }

    /// A browser signed in to the operator's account.
    pub async fn sign_in_operator(&self) -> Browser<'a> {
        let email = self.operator().await.email;
        self.sign_in(email.as_str()).await
    }
}

#[derive(Clone)]
pub struct Browser<'a> {
    pub app: &'a TestApp,
    pub cookie: Option<String>,
    /// The device cookie, which a browser has that signed in before.
    pub known_cookie: Option<String>,
    pub address: Option<IpAddr>,
}

impl Browser<'_> {
    pub async fn get(&mut self, path: &str) -> Answer {
        let answer = self.with_cookies(self.app.get(path)).send().await;
        self.store_cookies(&answer);
        answer
    }

    /// The CSRF token of a page's forms.
    pub async fn token(&mut self, path: &str) -> String {
        let page = self.get(path).await;
        let (_, rest) = page
            .text()
            .split_once("name=\"token\" value=\"")
            .unwrap_or_else(|| panic!("no form at {path}: {} {}", page.status, page.text()));
        rest.split('"').next().unwrap().to_owned()
    }

    /// Loads a page and posts a form to its address.
    pub async fn post_form(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.post_form_from(path, path, fields).await
    }

    /// Loads one page and posts a form to another address.
    pub async fn post_form_from(
        &mut self,
        page: &str,
        path: &str,
        fields: &[(&str, &str)],
    ) -> Answer {
        let token = self.token(page).await;
        self.post_raw(
            path,
            &[&[("token", token.as_str())], fields].concat(),
            &[("origin", PUBLIC_URL), ("sec-fetch-site", "same-origin")],
        )
        .await
    }

    /// Posts a form with these headers only.
    pub async fn post_raw(
        &mut self,
        path: &str,
        fields: &[(&str, &str)],
        headers: &[(&str, &str)],
    ) -> Answer {
        let answer = self.form(path, fields, headers).send().await;
        self.store_cookies(&answer);
        answer
    }

    /// The same, to be sent later.
    pub fn form(&self, path: &str, fields: &[(&str, &str)], headers: &[(&str, &str)]) -> Call {
        let mut body = url::form_urlencoded::Serializer::new(String::new());
        body.extend_pairs(fields);
        let call = self
            .app
            .call(Method::POST, path)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body.finish());
        let call = headers.iter().fold(call, |call, (name, value)| call.header(name, value));
        self.with_cookies(call)
    }

    /// A form of this page, posted to another address with optional files, to be sent later.
    pub async fn form_of(
        &mut self,
        page: &str,
        path: &str,
        fields: &[(&str, &str)],
        files: &[(&str, &str)],
    ) -> Call {
        let token = self.token(page).await;
        let fields = [&[("token", token.as_str())], fields].concat();
        let ours = [("origin", PUBLIC_URL), ("sec-fetch-site", "same-origin")];
        if files.is_empty() {
            return self.form(path, &fields, &ours);
        }
        let part = |name: &str, of: &str, text: &str| {
            format!("--b\r\ncontent-disposition: form-data; name=\"{name}\"{of}\r\n\r\n{text}\r\n")
        };
        let fields = fields.iter().map(|(name, value)| part(name, "", value));
        let body: String = fields
            .chain(files.iter().map(|(name, text)| part(name, "; filename=\"x\"", text)))
            .collect();
        let call = ours.iter().fold(self.app.call(Method::POST, path), |call, (name, value)| {
            call.header(name, value)
        });
        self.with_cookies(
            call.header("content-type", "multipart/form-data; boundary=b").body(body + "--b--\r\n"),
        )
    }

    fn with_cookies(&self, call: Call) -> Call {
        let call = self.address.into_iter().fold(call, Call::at_address);
        [&self.cookie, &self.known_cookie]
            .into_iter()
            .flatten()
            .fold(call, |call, cookie| call.header("cookie", cookie))
    }

    fn store_cookies(&mut self, answer: &Answer) {
        for cookie in answer.headers.get_all("set-cookie") {
            let pair = cookie.to_str().unwrap().split(';').next().unwrap();
            let kept = (!pair.ends_with('=')).then(|| pair.to_owned());
            if pair.starts_with("__Host-belfry-known=") {
                self.known_cookie = kept;
            } else {
                self.cookie = kept;
            }
        }
    }
}
