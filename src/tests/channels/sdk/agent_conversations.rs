//! Conversations that agents start: channels, recipients, and rejection reasons. Calls the use
//! cases below the socket.

use crate::{channels::site::ChannelSite, support::TestApp};
use belfry_app::sdk::sign_jwt;
use belfry_domain::{
    channel::{ChannelInbox, ConversationStatus, InboxSettings, MessageKind, NewMessage},
    sdk::{AddressKind, InitiateSettings, InitiateableChannel, SdkSession},
};
use belfry_store::{InboxStore as _, Store};
use serde_json::json;
use std::{sync::Arc, time::Duration};

struct OutboundFixture {
    app: TestApp,
    site: ChannelSite,
    /// Besides the site's default inbox, on which agents can't start conversations.
    whatsapp: ChannelInbox,
    mail: ChannelInbox,
}

impl OutboundFixture {
    async fn new() -> Self {
        let app = TestApp::new().await;
        let store: Arc<dyn Store> = app.store.clone();
        let site = ChannelSite::new(&app.app, &store, InboxSettings::default()).await;
        let initiate = |kind: &str, address, region: Option<&str>| {
            let initiate =
                InitiateSettings { kind: kind.into(), address, region: region.map(str::to_owned) };
            InboxSettings {
                name: kind.to_uppercase(),
                initiate: Some(initiate),
                ..InboxSettings::default()
            }
        };
        let whatsapp = InboxSettings {
            callback_url: Some("https://93.184.216.34/".into()),
            ..initiate("whatsapp", AddressKind::Phone, Some("NL"))
        };
        let whatsapp = app.app.create_inbox(site.id, whatsapp).await.unwrap().inbox;
        let mail = app
            .app
            .create_inbox(site.id, initiate("email", AddressKind::Email, None))
            .await
            .unwrap()
            .inbox;
        Self { app, site, whatsapp, mail }
    }

    /// An agent of the site, or of one inbox.
    async fn agent(&self, id: &str, inbox: Option<&ChannelInbox>) -> SdkSession {
        let key = self
            .app
            .app
            .create_sdk_key(self.site.id, inbox.map(|inbox| inbox.id), "key")
            .await
            .unwrap();
        let (member, now) = (
            if inbox.is_some() { "bot_id" } else { "environment_id" },
            self.app.app.now().millis() / 1_000,
        );
        let claims = json!({ "iss": "shop", "iat": now, "exp": now + 200, "id": id, "name": id, "email": "", member: key.uuid });
        self.app.app.authenticate_by_jwt(&sign_jwt(&claims, &key.secret).unwrap()).await.unwrap().0
    }

    /// The reason why the conversation isn't started.
    async fn expect_error(
        &self,
        who: &SdkSession,
        channel: &ChannelInbox,
        address: &str,
    ) -> &'static str {
        self.app
            .app
            .start_conversation(who, &channel.uuid.to_string(), address)
            .await
            .unwrap_err()
            .reason()
    }
}

#[tokio::test]
async fn channels_are_those_the_agent_may_start_on() {
    let fixture = OutboundFixture::new().await;
    let channel = |inbox: &ChannelInbox, kind: &str| InitiateableChannel {
        id: inbox.uuid,
        kind: kind.into(),
        name: kind.to_uppercase(),
    };
    let (whatsapp, mail) =
        (channel(&fixture.whatsapp, "whatsapp"), channel(&fixture.mail, "email"));
    for (inbox, expected) in [
        (None, vec![whatsapp.clone(), mail.clone()]),
        (Some(&fixture.mail), vec![mail]),
        (Some(&fixture.whatsapp), vec![whatsapp]),
        (Some(&fixture.site.inbox), vec![]),
    ] {
        let who = fixture.agent("ada", inbox).await;
        assert_eq!(fixture.app.app.initiateable_channels(&who).await.unwrap(), expected);
        let window =
            SdkSession { window: Some(belfry_domain::channel::ConversationNumber(1)), ..who };
        assert_eq!(fixture.app.app.initiateable_channels(&window).await.unwrap(), []);
        assert_eq!(
            fixture.expect_error(&window, &fixture.mail, "ann@shop.example").await,
            "unknown_channel"
        );
    }
}

#[tokio::test]
async fn new_conversation_is_assigned_and_posted_to_the_callback() {
    let fixture = OutboundFixture::new().await;
    let (inbox, who) = (&fixture.app.app, fixture.agent("ada", None).await);
    let channel = fixture.whatsapp.uuid.to_string();
    let begun = inbox.start_conversation(&who, &channel, " 06-1234 5678").await.unwrap();
    let (row, contact) = (&begun.conversation, &begun.contact.contact);
    assert_eq!(
        (row.status, row.assignee, row.inbox),
        (ConversationStatus::Open, Some(who.caller.agent.id), fixture.whatsapp.id)
    );
    assert_eq!(contact.phone.as_deref(), Some("+31612345678"));
    inbox
        .post_message(&who.caller, row.number, &NewMessage::text(MessageKind::Outgoing, "Hello"))
        .await
        .unwrap();
    let told = fixture
        .app
        .store
        .callback_deliveries(fixture.site.id, fixture.whatsapp.id, 9)
        .await
        .unwrap()
        .unwrap()
        .1;
    let told: Vec<_> = told.iter().map(|delivery| delivery.kind.as_str()).collect();
    assert!(told.ends_with(&["message_created", "conversation_created"]), "{told:?}");

    // The same person in another notation, and another agent.
    let colleague = fixture.agent("ben", Some(&fixture.whatsapp)).await;
    for address in ["+31612345678", "0031 6 12345678", "0612345678"] {
        let found = inbox
            .start_conversation(&colleague, &channel.to_uppercase(), address)
            .await
            .unwrap()
            .conversation;
        assert_eq!((found.number, found.assignee), (row.number, row.assignee), "{address}");
    }
    let mail = inbox
        .start_conversation(&who, &fixture.mail.uuid.to_string(), "Ann@Shop.example")
        .await
        .unwrap();
    assert_eq!(
        (mail.contact.contact.email.as_deref(), mail.contact.id() == contact.id),
        (Some("ann@shop.example"), false)
    );
}

#[tokio::test]
async fn each_rejection_has_its_reason() {
    let fixture = OutboundFixture::new().await;
    let (who, of_mail) =
        (fixture.agent("ada", None).await, fixture.agent("ben", Some(&fixture.mail)).await);
    let other = fixture.app.create_site().await.site.id;
    let initiate = InitiateSettings {
        kind: "whatsapp".into(),
        address: AddressKind::Phone,
        region: Some("NL".into()),
    };
    let settings = InboxSettings {
        name: "Elsewhere".into(),
        initiate: Some(initiate),
        ..InboxSettings::default()
    };
    let elsewhere = fixture.app.app.create_inbox(other, settings).await.unwrap().inbox;
    for (who, channel, address, reason) in [
        (&who, &fixture.site.inbox, "0612345678", "not_initiateable"),
        (&who, &elsewhere, "0612345678", "unknown_channel"),
        (&of_mail, &fixture.whatsapp, "0612345678", "unknown_channel"),
        (&of_mail, &fixture.site.inbox, "0612345678", "unknown_channel"),
        (&who, &fixture.whatsapp, "ann@shop.example", "invalid_address"),
        (&who, &fixture.whatsapp, "061234", "invalid_address"),
        (&who, &fixture.mail, "0612345678", "invalid_address"),
        (&who, &fixture.mail, "", "invalid_address"),
    ] {
        assert_eq!(fixture.expect_error(who, channel, address).await, reason, "{address}");
    }
    for channel in ["", "x", "1", &fixture.whatsapp.id.to_string()] {
        assert_eq!(
            fixture
                .app
                .app
                .start_conversation(&who, channel, "0612345678")
                .await
                .unwrap_err()
                .reason(),
            "unknown_channel",
            "{channel}"
        );
    }
}

#[tokio::test]
async fn agent_starts_thirty_conversations_per_minute() {
    let fixture = OutboundFixture::new().await;
    let (ada, ben) = (fixture.agent("ada", None).await, fixture.agent("ben", None).await);
    let channel = fixture.mail.uuid.to_string();
    for n in 0..30 {
        fixture
            .app
            .app
            .start_conversation(&ada, &channel, &format!("{n}@shop.example"))
            .await
            .unwrap();
    }
    assert_eq!(fixture.expect_error(&ada, &fixture.mail, "31@shop.example").await, "rate_limited");
    fixture.app.app.start_conversation(&ben, &channel, "31@shop.example").await.unwrap();
    fixture.app.clock.advance(Duration::from_mins(1));
    fixture.app.app.start_conversation(&ada, &channel, "32@shop.example").await.unwrap();
}
