//! Compares each form with the JSON of the contract: the same members, values and types.

mod events;

use super::*;
use belfry_domain::{
    SigningSecret,
    channel::{
        Attachment, AttachmentId, ChannelContact, ChannelInbox, ChannelToken, ConversationEvent,
        ConversationMessage, ConversationMessageId, ConversationView, Coordinates, FileType,
        InboxId, InboxIdentifier, InboxSecrets, InboxSettings, InboxUuid, MessageKind, Priority,
        Sender, SessionInbox, SignedInAgent, SiteNumber, SourceId,
        fixtures::{SOURCE, agent, at, contact, message, view},
    },
};
use serde::Serialize;
use serde_json::{Value, json};

fn with<T>(see: impl FnOnce(Renderer<'_>) -> T) -> T {
    let public_url = "https://belfry.example".parse().unwrap();
    see(Renderer {
        public_url: &public_url,
        site: SiteId::from_bytes([1; 16]),
        now: at(1_764_000_002),
        presence: &NobodyOnline,
    })
}

fn json_of(form: impl Serialize) -> Value {
    serde_json::to_value(form).unwrap()
}

fn contact_push() -> Value {
    json!({
        "additional_attributes": {}, "custom_attributes": {}, "email": "ann@example.com", "id": 7, "identifier": "crm-42", "name": "Ann",
        "phone_number": "+15550001111", "thumbnail": "", "blocked": false, "type": "contact"
    })
}

fn user_push() -> Value {
    json!({
        "id": 1, "name": "Agent", "available_name": "Agent", "avatar_url": "", "type": "user", "availability_status": "offline", "thumbnail": ""
    })
}

fn contact_webhook() -> Value {
    json!({
        "account": { "id": 1, "name": "Acme" }, "additional_attributes": {}, "avatar": "", "custom_attributes": {}, "email": "ann@example.com",
        "id": 7, "identifier": "crm-42", "name": "Ann", "phone_number": "+15550001111", "thumbnail": "", "blocked": false, "type": "contact"
    })
}

fn conversation_push() -> Value {
    json!({
        "additional_attributes": {}, "can_reply": true, "channel": "Channel::Api",
        "contact_inbox": {
            "id": 3, "contact_id": 7, "inbox_id": 1, "source_id": SOURCE, "created_at": "2025-11-21T02:00:00.000Z",
            "updated_at": "2025-11-21T02:00:00.000Z", "hmac_verified": false
        },
        "id": 1, "inbox_id": 1, "messages": [], "labels": [],
        "meta": { "sender": contact_push(), "assignee": null, "assignee_type": null, "team": null, "hmac_verified": false },
        "status": "open", "custom_attributes": {}, "snoozed_until": null, "unread_count": 0, "first_reply_created_at": null, "priority": null,
        "waiting_since": 0, "agent_last_seen_at": 0, "contact_last_seen_at": 0, "last_activity_at": 1_764_000_001, "timestamp": 1_764_000_001,
        "created_at": 1_764_000_000, "updated_at": 1_764_000_001.25
    })
}

fn message_push() -> Value {
    json!({
        "id": 9, "content": "hello", "account_id": 1, "inbox_id": 1, "conversation_id": 1, "message_type": 1, "created_at": 1_764_000_001,
        "updated_at": "2025-11-24T16:00:01.250Z", "private": false, "status": "sent", "source_id": null, "content_type": "text",
        "content_attributes": {}, "sender_type": "User", "sender_id": 1, "external_source_ids": {}, "additional_attributes": {},
        "processed_message_content": "hello", "sentiment": {},
        "conversation": { "assignee_id": null, "unread_count": 0, "last_activity_at": 1_764_000_001, "contact_inbox": { "source_id": SOURCE } },
        "sender": user_push()
    })
}

fn pushed(event: &ConversationEvent) -> Value {
    serde_json::from_str(&with(|wire| wire.push(event)).unwrap()).unwrap()
}

fn posted(event: &ConversationEvent) -> Option<Value> {
    with(|wire| wire.webhook(event)).map(|body| serde_json::from_str(&body).unwrap())
}

#[test]
fn contact_for_the_application_api() {
    let rest = json!({
        "additional_attributes": {}, "availability_status": "offline", "email": "ann@example.com", "id": 7, "name": "Ann",
        "phone_number": "+15550001111", "blocked": false, "identifier": "crm-42", "thumbnail": "", "custom_attributes": {},
        "last_activity_at": 1_764_000_000, "created_at": 1_763_990_000
    });
    assert_eq!(with(|wire| json_of(wire.contact(&contact()))), rest);
    let sessions = [SessionInbox {
        source_id: SourceId::from_stored(SOURCE.into()),
        inbox: InboxId(1),
        inbox_name: "Shop API".into(),
        inbox_identifier: InboxIdentifier::from_stored("identifier".into()),
    }];
    let inbox = json!({ "id": 1, "avatar_url": "", "channel_id": 1, "name": "Shop API", "channel_type": "Channel::Api", "provider": null });
    let mut with_sessions = rest;
    with_sessions["contact_inboxes"] = json!([{ "source_id": SOURCE, "inbox": inbox }]);
    assert_eq!(
        with(|wire| json_of(wire.contact_with_sessions(&contact(), &sessions))),
        with_sessions
    );
    let never = ChannelContact { last_activity_at: None, ..contact() };
    assert_eq!(with(|wire| json_of(wire.contact(&never))).get("last_activity_at"), None);
}

#[test]
fn contact_and_agent_for_updates_and_webhooks() {
    assert_eq!(with(|wire| json_of(wire.contact_push(&contact()))), contact_push());
    assert_eq!(with(|wire| json_of(wire.user_push(&agent()))), user_push());
    assert_eq!(
        with(|wire| json_of(wire.contact_webhook(&contact(), SiteNumber(1), "Acme"))),
        contact_webhook()
    );
}

#[test]
fn agent_and_profile_for_the_application_api() {
    let rest = json!({
        "id": 1, "account_id": 1, "availability_status": "offline", "auto_offline": true, "confirmed": true, "email": "agent@example.com",
        "provider": "email", "available_name": "Agent", "custom_attributes": {}, "name": "Agent", "role": "agent", "thumbnail": ""
    });
    assert_eq!(with(|wire| json_of(wire.agent(&agent(), SiteNumber(1)))), rest);
    let signed_in = SignedInAgent {
        site: SiteId::from_bytes([1; 16]),
        account: SiteNumber(1),
        site_name: "Acme".into(),
        agent: agent(),
        access: agent().access(),
        pubsub_token: ChannelToken::from_text("pubsub".into()),
    };
    let profile = json!({
        "access_token": "token", "account_id": 1, "available_name": "Agent", "avatar_url": "", "confirmed": true, "display_name": null,
        "message_signature": null, "email": "agent@example.com", "id": 1, "inviter_id": null, "name": "Agent", "provider": "email",
        "pubsub_token": "pubsub", "role": "agent", "ui_settings": {}, "uid": "agent@example.com", "type": null,
        "accounts": [{
            "id": 1, "name": "Acme", "status": "active", "active_at": "2025-11-24T16:00:02.000Z", "role": "agent", "permissions": ["agent"],
            "availability": "online", "availability_status": "offline", "auto_offline": true
        }]
    });
    assert_eq!(with(|wire| json_of(wire.user(&signed_in, "token"))), profile);
}

#[test]
fn message_for_both_apis() {
    let incoming = ConversationMessage {
        content: Some("hi".into()),
        ..message(MessageKind::Incoming, Sender::Contact)
    };
    let rest = json!({
        "id": 9, "content": "hi", "inbox_id": 1, "conversation_id": 1, "message_type": 0, "content_type": "text", "status": "sent",
        "content_attributes": {}, "created_at": 1_764_000_001, "private": false, "source_id": null, "sender": contact_push()
    });
    assert_eq!(with(|wire| json_of(wire.message(&incoming, &contact(), None))), rest);
    assert_eq!(
        with(|wire| json_of(wire.message(&incoming, &contact(), Some("e1"))))["echo_id"],
        "e1"
    );
    let public = json!({
        "id": 9, "content": "hi", "message_type": 0, "content_type": "text", "content_attributes": {}, "created_at": 1_764_000_001,
        "conversation_id": 1, "sender": contact_push()
    });
    assert_eq!(with(|wire| json_of(wire.public_message(&incoming, &contact()))), public);
    let silent = ConversationMessage { sender: None, content: None, ..incoming };
    let json = with(|wire| json_of(wire.message(&silent, &contact(), None)));
    assert_eq!((json.get("sender"), &json["content"]), (None, &Value::Null));
}

#[test]
fn conversation_for_the_application_api() {
    let empty = json!({
        "meta": {
            "sender": with(|wire| json_of(wire.contact(&contact()))), "channel": "Channel::Api", "hmac_verified": false
        },
        "id": 1, "messages": [], "account_id": 1, "uuid": "07070707-0707-0707-0707-070707070707", "additional_attributes": {},
        "agent_last_seen_at": 0, "assignee_last_seen_at": 0, "can_reply": true, "contact_last_seen_at": 0, "custom_attributes": {}, "inbox_id": 1,
        "labels": [], "muted": false, "snoozed_until": null, "status": "open", "created_at": 1_764_000_000, "updated_at": 1_764_000_001.25,
        "timestamp": 1_764_000_001, "first_reply_created_at": 0, "unread_count": 0, "last_non_activity_message": null,
        "last_activity_at": 1_764_000_001, "priority": null, "waiting_since": 0, "sla_policy_id": null
    });
    assert_eq!(with(|wire| json_of(wire.conversation(&view()))), empty);

    let mut full = view();
    full.assignee = Some(agent());
    full.conversation.assignee = Some(AgentId(1));
    full.conversation.priority = Some(Priority::Urgent);
    full.conversation.snoozed_until = Some(at(1_764_000_060));
    full.conversation.first_reply_at = Some(at(1_764_000_001));
    full.last_message = Some(message(MessageKind::Outgoing, Sender::Agent(agent())));
    full.last_non_activity_message.clone_from(&full.last_message);
    let json = with(|wire| json_of(wire.conversation(&full)));
    assert_eq!(
        (&json["meta"]["assignee"]["email"], &json["meta"]["assignee_type"]),
        (&json!("agent@example.com"), &json!("User"))
    );
    assert_eq!(
        (&json["priority"], &json["snoozed_until"]),
        (&json!("urgent"), &json!("2025-11-24T16:01:00.000Z"))
    );
    assert_eq!(json["first_reply_created_at"], 1_764_000_001);
    let mut last = message_push();
    last["conversation"]["assignee_id"] = json!(1);
    assert_eq!((&json["messages"], &json["last_non_activity_message"]), (&json!([last]), &last));
}

#[test]
fn conversation_for_updates_and_webhooks() {
    assert_eq!(with(|wire| json_of(wire.conversation_push(&view()))), conversation_push());
    assert!(
        !with(|wire| json_of(wire.conversation_push(&view()))).to_string().contains("a secret")
    );
    // What a contact must not see is in none of their events.
    let note = ConversationMessage {
        private: true,
        ..message(MessageKind::Outgoing, Sender::Agent(agent()))
    };
    let noted = ConversationView {
        last_message: Some(note.clone()),
        last_non_activity_message: Some(note),
        ..view()
    };
    assert_eq!(with(|wire| json_of(wire.conversation_push(&noted)))["messages"], json!([]));
}

#[test]
fn inbox_for_the_application_api() {
    let inbox = ChannelInbox {
        id: InboxId(1),
        site: SiteId::from_bytes([1; 16]),
        account: SiteNumber(1),
        uuid: InboxUuid::from_bytes([2; 16]),
        identifier: InboxIdentifier::from_stored("identifier".into()),
        settings: InboxSettings {
            name: "Shop API".into(),
            callback_url: Some("https://shop.example/hook".into()),
            ..InboxSettings::default()
        },
        created_at: at(0),
        updated_at: at(0),
    };
    let json = with(|wire| json_of(wire.inbox(&inbox, None)));
    assert_eq!((json.get("hmac_token"), json.get("secret")), (None, None));
    let expected = [
        ("id", json!(1)),
        ("avatar_url", json!("")),
        ("channel_id", json!(1)),
        ("name", json!("Shop API")),
        ("channel_type", json!("Channel::Api")),
        ("greeting_enabled", json!(false)),
        ("greeting_message", Value::Null),
        ("working_hours_enabled", json!(false)),
        ("enable_email_collect", json!(true)),
        ("csat_survey_enabled", json!(false)),
        ("enable_auto_assignment", json!(true)),
        ("auto_assignment_config", json!({})),
        ("out_of_office_message", Value::Null),
        ("timezone", json!("UTC")),
        ("callback_webhook_url", Value::Null),
        ("allow_messages_after_resolved", json!(true)),
        ("lock_to_single_conversation", json!(false)),
        ("sender_name_type", json!("friendly")),
        ("business_name", Value::Null),
        ("website_url", Value::Null),
        ("website_token", Value::Null),
        ("web_widget_script", Value::Null),
        ("welcome_title", Value::Null),
        ("hmac_mandatory", json!(false)),
        ("webhook_url", json!("https://shop.example/hook")),
        ("inbox_identifier", json!("identifier")),
        ("additional_attributes", json!({})),
        ("provider", Value::Null),
    ];
    for (name, value) in expected {
        assert_eq!(json.get(name), Some(&value), "{name}");
    }
    let monday = json!({
        "day_of_week": 1, "closed_all_day": false, "open_hour": 9, "open_minutes": 0, "close_hour": 17, "close_minutes": 0, "open_all_day": false
    });
    assert_eq!(
        (json["working_hours"].as_array().unwrap().len(), &json["working_hours"][1]),
        (7, &monday)
    );
    let secrets = InboxSecrets {
        hmac_token: ChannelToken::from_text("hmac".into()),
        callback_secret: SigningSecret::from_stored("whsec_a".into()),
    };
    let json = with(|wire| json_of(wire.inbox(&inbox, Some(&secrets))));
    assert_eq!((&json["hmac_token"], &json["secret"]), (&json!("hmac"), &json!("whsec_a")));
}

#[test]
fn attachment_members_depend_on_its_kind() {
    let picture = Attachment {
        id: AttachmentId(4),
        file_type: FileType::Image,
        key: "key".into(),
        filename: "a b.png".into(),
        content_type: "image/png".into(),
        extension: Some("png".into()),
        size: 120,
        width: Some(40),
        height: Some(30),
        has_thumbnail: true,
        coordinates: None,
        fallback_title: None,
    };
    let rendered = |attachment: &Attachment| {
        with(|wire| json_of(wire.attachment(attachment, ConversationMessageId(9), SiteNumber(1))))
    };
    let expected = json!({
        "id": 4, "message_id": 9, "file_type": "image", "account_id": 1, "extension": "png",
        "data_url": "https://belfry.example/attachments/key/a%20b.png", "thumb_url": "https://belfry.example/attachments/key/thumbnail/a%20b.png",
        "file_size": 120, "width": 40, "height": 30
    });
    assert_eq!(rendered(&picture), expected);
    let sound = Attachment {
        file_type: FileType::Audio,
        has_thumbnail: false,
        width: None,
        height: None,
        ..picture.clone()
    };
    let sound = rendered(&sound);
    assert_eq!(
        (&sound["transcribed_text"], &sound["thumb_url"], &sound["width"]),
        (&json!(""), &json!(""), &Value::Null)
    );
    let place = Attachment {
        file_type: FileType::Location,
        coordinates: Some(Coordinates { latitude: 50.45, longitude: 30.52 }),
        fallback_title: Some("Kyiv".into()),
        ..picture
    };
    let expected = json!({
        "id": 4, "message_id": 9, "file_type": "location", "account_id": 1, "coordinates_lat": 50.45, "coordinates_long": 30.52,
        "fallback_title": "Kyiv", "data_url": ""
    });
    assert_eq!(rendered(&place), expected);
}
