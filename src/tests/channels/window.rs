//! The window of a conversation, as a browser in an iframe uses it.

mod actions;
mod exchange;
mod hostile;
mod isolation;

use super::application::ApplicationFixture;
use crate::support::{Answer, TestApp};
use belfry_app::sdk::sign_jwt;
use belfry_domain::{
    channel::{ConversationNumber, InboxId},
    sdk::{SdkKeyId, SdkSession},
};
use serde_json::{Value, json};

/// The test clock in Unix seconds.
fn seconds(app: &TestApp) -> i64 {
    app.app.now().millis() / 1_000
}

/// Agents of an inbox who authenticate with JWTs.
pub struct WindowFixture<'a> {
    pub fixture: ApplicationFixture<'a>,
    pub key: SdkKeyId,
    signing: belfry_domain::sdk::SigningKey,
    bot: String,
}

impl<'a> WindowFixture<'a> {
    pub async fn new(app: &'a TestApp) -> Self {
        let fixture = ApplicationFixture::new(app).await;
        let made = app
            .app
            .create_sdk_key(fixture.site.site.id, Some(InboxId(fixture.inbox_id())), "tests")
            .await
            .unwrap();
        Self { fixture, key: made.key.id, signing: made.secret, bot: made.uuid }
    }

    pub fn app(&self) -> &'a TestApp {
        self.fixture.app
    }

    /// The session of an agent with this name.
    pub async fn agent(&self, name: &str) -> SdkSession {
        let now = seconds(self.app());
        let claims = json!({"iss": "shop", "iat": now, "exp": now + 200, "id": format!("crm/{name}"), "name": name, "email": "", "bot_id": self.bot});
        let jwt = sign_jwt(&claims, &self.signing).unwrap();
        self.app().app.authenticate_by_jwt(&jwt).await.unwrap().0
    }

    /// Creates a conversation with a message of a contact with this name.
    pub async fn conversation(&self, name: &str, said: &str) -> Conversation {
        let (contact, _) = self.fixture.contact(name).await;
        let response = self
            .fixture
            .post(
                "/conversations",
                json!({"inbox_id": self.fixture.inbox_id(), "contact_id": contact}),
            )
            .await;
        let number = response["id"].as_i64().unwrap();
        self.write(number, said).await;
        let uuid = self.fixture.get(&format!("/conversations/{number}")).await["uuid"]
            .as_str()
            .unwrap()
            .to_owned();
        Conversation { number, uuid }
    }

    pub async fn write(&self, conversation: i64, text: &str) {
        self.fixture
            .message(conversation, json!({"content": text, "message_type": "incoming"}))
            .await;
    }

    /// A code for this conversation.
    pub async fn code(&self, who: &SdkSession, conversation: &Conversation) -> String {
        self.app()
            .app
            .create_window_code(who, ConversationNumber(conversation.number))
            .await
            .unwrap()
            .reveal()
            .to_owned()
    }

    /// Opens a window.
    pub async fn window<'d>(
        &'d self,
        who: &SdkSession,
        conversation: &Conversation,
    ) -> OpenWindow<'d> {
        let code = self.code(who, conversation).await;
        let answer =
            post(self.app(), &format!("/inbox/embed/{}", conversation.uuid), &[("t", &code)]).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        OpenWindow { app: self.app(), uuid: conversation.uuid.clone(), token: token_of(&answer) }
    }

    pub async fn view(&self, conversation: &Conversation) -> Value {
        self.fixture.get(&format!("/conversations/{}", conversation.number)).await
    }
}

pub struct Conversation {
    pub number: i64,
    pub uuid: String,
}

/// A browser's state of a window.
pub struct OpenWindow<'d> {
    pub app: &'d TestApp,
    pub uuid: String,
    pub token: String,
}

impl OpenWindow<'_> {
    pub fn path(&self, rest: &str) -> String {
        format!("/inbox/embed/{}{rest}", self.uuid)
    }

    /// Posts the form as a browser without a script.
    pub async fn post(&self, rest: &str, fields: &[(&str, &str)]) -> Answer {
        let fields: Vec<_> =
            [("k", self.token.as_str())].into_iter().chain(fields.iter().copied()).collect();
        post(self.app, &self.path(rest), &fields).await
    }

    /// Posts the form as the script does.
    pub async fn post_by_script(&self, rest: &str, fields: &[(&str, &str)]) -> Answer {
        let fields: Vec<_> =
            [("k", self.token.as_str())].into_iter().chain(fields.iter().copied()).collect();
        form(self.app, &self.path(rest), &fields).header("x-belfry-window", "1").send().await
    }

    pub async fn act(&self, act: &str) -> Answer {
        self.post("/act", &[("do", act)]).await
    }

    /// Sends a message with a file.
    pub async fn send_file(&self, content: &str, name: &str, bytes: &[u8]) -> Answer {
        let body =
            multipart(&[("k", &self.token), ("kind", "reply"), ("content", content)], name, bytes);
        self.app
            .post(&self.path("/messages"))
            .header("content-type", "multipart/form-data; boundary=b")
            .body(body)
            .send()
            .await
    }
}

pub fn form(app: &TestApp, path: &str, fields: &[(&str, &str)]) -> crate::support::Call {
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    app.post(path).header("content-type", "application/x-www-form-urlencoded").body(body)
}

pub async fn post(app: &TestApp, path: &str, fields: &[(&str, &str)]) -> Answer {
    form(app, path, fields).send().await
}

pub fn multipart(fields: &[(&str, &str)], name: &str, bytes: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    for (field, value) in fields {
        body.extend(
            format!("--b\r\nContent-Disposition: form-data; name=\"{field}\"\r\n\r\n{value}\r\n")
                .into_bytes(),
        );
    }
    let head = format!(
        "--b\r\nContent-Disposition: form-data; name=\"attachments\"; filename=\"{name}\"\r\nContent-Type: application/octet-stream\r\n\r\n"
    );
    body.extend(head.into_bytes());
    body.extend(bytes);
    body.extend(b"\r\n--b--\r\n");
    body
}

pub fn token_of(answer: &Answer) -> String {
    let (_, rest) =
        answer.text().split_once("name=\"k\" value=\"").expect("the window has its token");
    rest.split_once('"').unwrap().0.to_owned()
}
