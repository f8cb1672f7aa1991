//! The public client API, which a site's visitors and apps call without a key.

mod access_control;
mod attachments;
mod contacts;
mod conversations;
mod cross_origin;
mod disconnect;
mod identity;
mod limits;
mod messages;

use crate::support::{Call, TestApp, TestSite};
use belfry_domain::{
    SigningSecret, SystemRng,
    channel::{
        ChannelInbox, ChannelToken, ConversationAccess, ConversationMessage, ConversationNumber,
        InboxIdentifier, InboxSecrets, InboxSettings, InboxUuid, MessageKind, NewInbox, NewMessage,
        Performer,
    },
};
use belfry_store::{ConversationMessageStore as _, InboxStore as _};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;

/// A site with an inbox.
pub struct PublicFixture<'a> {
    pub app: &'a TestApp,
    pub site: TestSite,
    pub inbox: ChannelInbox,
    hmac_token: ChannelToken,
}

impl<'a> PublicFixture<'a> {
    pub async fn new(app: &'a TestApp) -> Self {
        Self::with(app, InboxSettings::default()).await
    }

    pub async fn with(app: &'a TestApp, settings: InboxSettings) -> Self {
        let site = app.create_site().await;
        Self::in_site(app, site, settings).await
    }

    /// Adds an inbox to a site.
    pub async fn in_site(app: &'a TestApp, site: TestSite, settings: InboxSettings) -> Self {
        let hmac_token = ChannelToken::generate(&SystemRng);
        let new = NewInbox {
            site: site.site.id,
            uuid: InboxUuid::generate(&SystemRng),
            identifier: InboxIdentifier::generate(&SystemRng),
            settings: InboxSettings { name: "Shop API".to_owned(), ..settings },
            secrets: InboxSecrets {
                hmac_token: hmac_token.clone(),
                callback_secret: SigningSecret::generate(&SystemRng),
            },
        };
        let inbox = app.store.create_inbox(&new, app.app.now()).await.unwrap().unwrap();
        Self { app, site, inbox, hmac_token }
    }

    /// A path below the inbox.
    pub fn path(&self, rest: &str) -> String {
        format!("/public/api/v1/inboxes/{}{rest}", self.inbox.identifier.as_str())
    }

    pub fn get(&self, rest: &str) -> Call {
        self.app.get(&self.path(rest))
    }

    pub fn post(&self, rest: &str, body: Value) -> Call {
        self.app.post(&self.path(rest)).json(&body)
    }

    pub fn patch(&self, rest: &str, body: Value) -> Call {
        self.app.patch(&self.path(rest)).json(&body)
    }

    /// The HMAC that the site's backend computes for an identifier.
    pub fn hash(&self, identifier: &str) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.hmac_token.reveal().as_bytes()).unwrap();
        mac.update(identifier.as_bytes());
        mac.finalize()
            .into_bytes()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect::<Vec<_>>()
            .concat()
    }

    /// Creates a contact in a new session.
    pub async fn contact(&self, body: Value) -> Value {
        self.post("/contacts", body).send().await.expect(200)
    }

    /// Creates a session; returns its name.
    pub async fn session(&self) -> String {
        self.contact(json!({})).await["source_id"].as_str().unwrap().to_owned()
    }

    /// Creates a conversation; returns its number.
    pub async fn conversation(&self, source_id: &str) -> i64 {
        let begun = self
            .post(&format!("/contacts/{source_id}/conversations"), json!({}))
            .send()
            .await
            .expect(200);
        begun["id"].as_i64().unwrap()
    }

    /// Posts a message of the site.
    pub async fn reply(&self, number: i64, draft: NewMessage) -> ConversationMessage {
        let (site, now) = (self.site.site.id, self.app.app.now());
        let posted = self
            .app
            .store
            .post_message(
                site,
                ConversationAccess::Site,
                ConversationNumber(number),
                &draft,
                &Performer::System,
                now,
            )
            .await;
        posted.unwrap().unwrap().message
    }
}

/// A text message of the site.
pub fn outgoing(text: &str) -> NewMessage {
    NewMessage::text(MessageKind::Outgoing, text)
}

/// The sorted names of an object's members.
fn names(object: &Value) -> Vec<&str> {
    let mut names: Vec<&str> = object.as_object().unwrap().keys().map(String::as_str).collect();
    names.sort_unstable();
    names
}
