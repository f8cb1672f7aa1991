//! A site with an inbox and a conversation.

use crate::{
    console::{Browser, browser::PASSWORD},
    support::TestApp,
};
use belfry_domain::{
    AccountId, Role, SiteId,
    channel::{
        AgentId, ChannelInbox, ChannelToken, ContactFields, ConversationAccess, ConversationId,
        ConversationMessage, ConversationMessageId, ConversationNumber, ConversationView,
        Identification, InboxId, InboxSettings, MembersChange, MessageKind, MessageStatus,
        MessageWindow, NewContactSession, NewConversation, NewMessage, Performer, SourceId,
    },
};
use belfry_store::{
    ChannelContactStore as _, ConversationMessageStore as _, ConversationStore as _,
    InboxStore as _,
};

/// Each form of a conversation's page, with its fields.
pub const ACTS: &[(&str, &[(&str, &str)])] = &[
    ("/1/messages", &[("content", "Hi"), ("kind", "reply")]),
    ("/1/messages/1/retry", &[]),
    ("/1/status", &[("status", "resolved")]),
    ("/1/details", &[("priority", "low")]),
    ("/1/insert", &[("insert", "1")]),
    ("/1/seen", &[]),
    ("/1/typing", &[("typing", "on")]),
];

pub async fn inbox(app: &TestApp, site: SiteId, name: &str) -> ChannelInbox {
    app.app
        .create_inbox(site, InboxSettings { name: name.to_owned(), ..InboxSettings::default() })
        .await
        .unwrap()
        .inbox
}

const OWNER: &str = "owner@example.com";

pub struct ConversationFixture<'a> {
    pub app: &'a TestApp,
    pub site: SiteId,
    pub inbox: InboxId,
}

impl<'a> ConversationFixture<'a> {
    /// Creates a site and a conversation with this message.
    pub async fn begin(app: &'a TestApp, text: &str) -> Self {
        Self::with(app, "Ann Lee", text).await
    }

    pub async fn with(app: &'a TestApp, name: &str, text: &str) -> Self {
        let site = app.create_site().await.site.id;
        Self::on_site(app, site, name, text).await
    }

    /// The same on an existing site.
    pub async fn on_site(app: &'a TestApp, site: SiteId, name: &str, text: &str) -> Self {
        let talk = Self { app, site, inbox: inbox(app, site, "Shop chat").await.id };
        talk.another(name, text).await;
        talk
    }

    /// Another contact starts a conversation.
    pub async fn another(&self, name: &str, text: &str) -> ConversationNumber {
        let now = self.app.app.now();
        let rng = self.app.app.rng();
        let session = || NewContactSession {
            source_id: SourceId::generate(rng),
            pubsub_token: ChannelToken::generate(rng),
        };
        let fields =
            ContactFields { name: Some(Some(name.to_owned())), ..ContactFields::default() };
        let request =
            Identification { source_id: None, fields, verified: false, session: session() };
        let known = self
            .app
            .store
            .identify_contact(self.site, self.inbox, &request, now)
            .await
            .unwrap()
            .unwrap();
        let draft = NewConversation {
            uuid: ConversationId::generate(rng),
            inbox: Some(self.inbox),
            contact: Some(known.contact.id()),
            source_id: Some(known.session.source_id),
            session: session(),
            status: None,
            snoozed_until: None,
            priority: None,
            assignee: None,
            custom_attributes: serde_json::Map::new(),
            additional_attributes: serde_json::Map::new(),
            message: Some(NewMessage::text(MessageKind::Incoming, text)),
        };
        let created = self
            .app
            .store
            .create_conversation(
                self.site,
                ConversationAccess::Site,
                &draft,
                &Performer::Contact,
                now,
            )
            .await;
        created.unwrap().unwrap().view.conversation.number
    }

    /// The contact sends a message.
    pub async fn write(&self, number: i64, text: &str) {
        let (number, draft) =
            (ConversationNumber(number), NewMessage::text(MessageKind::Incoming, text));
        let posted = self
            .app
            .store
            .post_message(
                self.site,
                ConversationAccess::Site,
                number,
                &draft,
                &Performer::Contact,
                self.app.app.now(),
            )
            .await;
        posted.unwrap().unwrap();
    }

    /// The contact starts typing.
    pub async fn publish_typing(&self, number: i64) {
        let now = self.app.app.now();
        let typed = self.app.store.publish_typing(
            self.site,
            ConversationAccess::Site,
            ConversationNumber(number),
            (true, false),
            &Performer::Contact,
            now,
        );
        typed.await.unwrap().unwrap();
    }

    pub async fn fail(&self, number: i64, message: ConversationMessageId, reason: &str) {
        let place = (ConversationNumber(number), message);
        let now = self.app.app.now();
        let failed = self
            .app
            .store
            .set_message_status(
                self.site,
                ConversationAccess::Site,
                place,
                MessageStatus::Failed,
                Some(reason),
                now,
            )
            .await;
        failed.unwrap().unwrap();
    }

    pub async fn view(&self, number: i64) -> ConversationView {
        self.app
            .store
            .conversation(self.site, ConversationAccess::Site, ConversationNumber(number))
            .await
            .unwrap()
            .unwrap()
    }

    pub async fn messages(&self, number: i64) -> Vec<ConversationMessage> {
        let window =
            MessageWindow { after: Some(ConversationMessageId(0)), ..MessageWindow::default() };
        let number = ConversationNumber(number);
        self.app
            .store
            .conversation_messages(self.site, ConversationAccess::Site, number, window)
            .await
            .unwrap()
            .unwrap()
            .messages
    }

    /// A browser signed in as an owner of the site.
    pub async fn owner(&self) -> Browser<'a> {
        self.app.console().member(OWNER, self.site, Role::Owner).await;
        self.app.console().sign_in(OWNER).await
    }

    /// The owner's agent.
    pub async fn owner_agent(&self) -> AgentId {
        let account = self.app.app.sign_in(OWNER, PASSWORD).await.unwrap().id;
        self.app.app.agent_of_account(self.site, account).await.unwrap().unwrap().agent.id
    }

    /// Makes the account's agent a member of the inbox.
    pub async fn join(&self, account: AccountId) {
        let agent =
            self.app.app.agent_of_account(self.site, account).await.unwrap().unwrap().agent.id;
        self.app
            .store
            .change_inbox_members(self.site, self.inbox, &MembersChange::Add(vec![agent]))
            .await
            .unwrap()
            .unwrap();
    }

    pub fn path(&self, rest: &str) -> String {
        format!("/console/sites/{}/conversations{rest}", self.site)
    }
}
