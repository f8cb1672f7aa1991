//! A site with everything that a form of the console can name.

use crate::{
    console::browser::{Browser, PASSWORD},
    support::{TestApp, TestSite},
};
use belfry_domain::{
    Account, Role,
    channel::{AgentDraft, AgentRole, ChannelInbox, InboxSettings},
};
use serde_json::{Value, json};
use std::{net::IpAddr, time::Duration};

/// A site, and an account with every permission.
pub struct RequestFactory<'a> {
    pub app: &'a TestApp,
    pub site: TestSite,
    pub browser: Browser<'a>,
    pub number: usize,
}

impl<'a> RequestFactory<'a> {
    pub async fn api(&self, method: &str, path: &str, body: Value) -> String {
        let call = self
            .app
            .call(method.parse().unwrap(), &format!("/v1{path}"))
            .key(&self.site.key)
            .json(&body);
        call.send().await.id()
    }

    pub async fn contact(&self) -> String {
        self.app
            .contact(&self.site, json!({"externalCustomerId": "42", "email": "anna@shop.example"}))
            .await
            .to_string()
    }

    pub async fn message(&self, later: bool) -> String {
        let mut body = json!({"audience": "everyone", "content": {"en": {"title": "Hello"}}});
        if later {
            body["publishAt"] = "2026-12-25T08:00:00Z".into();
        }
        self.api("POST", "/messages", body).await
    }

    pub async fn segment(&self) -> String {
        self.api(
            "POST",
            "/segments",
            json!({"name": "Free", "condition": {"attributes": {"plan": "free"}}}),
        )
        .await
    }

    /// A webhook with a failed delivery.
    pub async fn delivery(&self) -> (String, String) {
        let webhook = self
            .api(
                "POST",
                "/webhooks",
                json!({"url": "https://93.184.216.34/hook", "events": ["message.read"]}),
            )
            .await;
        let delivery = self.api("POST", &format!("/webhooks/{webhook}/test"), json!({})).await;
        let mut database = self.app.database().await;
        let give_up = format!(
            "UPDATE webhook_delivery SET state = 2, next_at = NULL, finished_at = 1 WHERE number = {delivery}"
        );
        assert_eq!(database.execute(&give_up).await, 1);
        (webhook, delivery)
    }

    /// An inbox, and an account that could become its member.
    pub async fn inbox(&self) -> (ChannelInbox, String) {
        let callback_url = Some("https://93.184.216.34/hook".to_owned());
        let settings =
            InboxSettings { name: "Shop".to_owned(), callback_url, ..InboxSettings::default() };
        let inbox = self.app.app.create_inbox(self.site.site.id, settings).await.unwrap().inbox;
        let draft = AgentDraft::new("Ann", "ann@example.com", AgentRole::Agent).unwrap();
        let agent = self
            .app
            .app
            .create_agent(self.site.site.id, &draft)
            .await
            .unwrap()
            .agent
            .id
            .to_string();
        (inbox, agent)
    }

    /// A published theme, or a draft.
    pub async fn theme(&self, published: bool) -> String {
        let call = self
            .app
            .put("/v1/themes/draft")
            .key(&self.site.key)
            .header("content-type", "multipart/form-data; boundary=b");
        let body = "--b\r\nContent-Disposition: form-data; name=\"css\"; filename=\"x\"\r\n\r\n.title { color: red }\r\n--b--\r\n";
        let version = call.body(body).send().await.expect(200)["version"].to_string();
        if published {
            self.api("POST", "/themes/publish", json!({})).await;
        }
        version
    }

    /// A new browser at an address of its own.
    pub fn elsewhere(&self) -> Browser<'a> {
        let [.., high, low] = self.number.to_be_bytes();
        Browser {
            address: Some(IpAddr::from([
                0x2001,
                0xdb8,
                u16::from(high),
                u16::from(low),
                0,
                0,
                0,
                1,
            ])),
            ..self.app.console().browser()
        }
    }

    /// A member of the site.
    pub async fn member(&self) -> Account {
        let email = format!("member-{}@example.com", self.number);
        let account = self.app.console().member(&email, self.site.site.id, Role::Editor).await;
        self.app.app.account(account).await.unwrap()
    }

    /// A browser signed in to this account.
    pub async fn signed_in(&self, account: &Account) -> Browser<'a> {
        let mut browser = self.elsewhere();
        let fields = [("email", account.email.as_str()), ("password", PASSWORD)];
        assert_eq!(browser.post_form("/console/sign-in", &fields).await.status, 303);
        browser
    }

    /// The current code of a second factor that is being set up; already confirmed if requested.
    pub async fn digits(&self, account: &Account, confirmed: bool) -> String {
        self.app.app.begin_second_factor(account).await.unwrap();
        let account = self.app.app.account(account.id).await.unwrap();
        let totp = totp_rs::Builder::new()
            .with_secret(account.second_factor.clone().unwrap().secret)
            .with_account_name("x")
            .build()
            .unwrap();
        let digits = || {
            totp.generate(u64::try_from(self.app.app.now().millis()).unwrap() / 1_000).to_string()
        };
        if confirmed {
            self.app.app.check_second_factor(&account, &digits()).await.unwrap();
            self.app.clock.advance(Duration::from_mins(1));
        }
        digits()
    }
}
