//! Events for updates and for webhooks, compared with the JSON of the contract.

use super::{
    super::push, contact_push, contact_webhook, conversation_push, message_push, posted, pushed,
    user_push,
};
use belfry_domain::{
    ContactId,
    channel::{
        AgentId, Availability, ChangedAttribute, ConversationEvent, ConversationEventKind as Kind,
        ConversationMessage, MessageKind, Performer, Sender, SiteNumber,
        fixtures::{agent, contact, event, message, view},
    },
};
use serde_json::{Value, json};

#[test]
fn message_events_for_updates() {
    let sent = message(MessageKind::Outgoing, Sender::Agent(agent()));
    let mut created = event(
        Kind::MessageCreated,
        view(),
        Some(sent.clone()),
        Performer::Agent(Box::new(agent())),
    );
    created.echo_id = Some("e1".into());
    let mut data = message_push();
    data["echo_id"] = json!("e1");
    data["performer"] = user_push();
    assert_eq!(pushed(&created), json!({ "event": "message.created", "data": data }));

    let mut updated = event(Kind::MessageUpdated, view(), Some(sent), Performer::Contact);
    updated.changed = vec![ChangedAttribute {
        name: "status".into(),
        previous: json!("sent"),
        current: json!("read"),
    }];
    let mut data = message_push();
    data["previous_changes"] = json!({ "status": ["sent", "read"] });
    assert_eq!(pushed(&updated), json!({ "event": "message.updated", "data": data }));
}

#[test]
fn conversation_contact_and_typing_events_for_updates() {
    for kind in [
        Kind::ConversationCreated,
        Kind::ConversationStatusChanged,
        Kind::ConversationUpdated,
        Kind::ConversationRead,
        Kind::AssigneeChanged,
    ] {
        let mut data = conversation_push();
        data["account_id"] = json!(1);
        assert_eq!(
            pushed(&event(kind, view(), None, Performer::System)),
            json!({ "event": kind.as_str(), "data": data })
        );
    }
    let mut contact_created = event(Kind::ContactCreated, view(), None, Performer::System);
    (contact_created.conversation, contact_created.contact) = (None, Some(Box::new(contact())));
    let mut data = contact_push();
    data["account_id"] = json!(1);
    assert_eq!(pushed(&contact_created), json!({ "event": "contact.created", "data": data }));
    let typing = event(Kind::TypingOn, view(), None, Performer::Agent(Box::new(agent())));
    let data = json!({ "conversation": conversation_push(), "user": user_push(), "is_private": false, "account_id": 1, "performer": user_push() });
    assert_eq!(pushed(&typing), json!({ "event": "conversation.typing_on", "data": data }));
    let typing = event(Kind::TypingOff, view(), None, Performer::Contact);
    let data = json!({ "conversation": conversation_push(), "user": contact_push(), "is_private": false, "account_id": 1 });
    assert_eq!(pushed(&typing), json!({ "event": "conversation.typing_off", "data": data }));
}

#[test]
fn contacts_get_only_their_events() {
    let sent = message(MessageKind::Outgoing, Sender::Agent(agent()));
    let of = |kind, message: Option<ConversationMessage>| {
        push::is_for_contact(&event(kind, view(), message, Performer::System))
    };
    assert!(
        of(Kind::MessageCreated, Some(sent.clone()))
            && of(Kind::MessageUpdated, Some(sent.clone()))
    );
    assert!(!of(Kind::MessageCreated, Some(ConversationMessage { private: true, ..sent.clone() })));
    assert!(!of(
        Kind::MessageCreated,
        Some(ConversationMessage { kind: MessageKind::Activity, ..sent.clone() })
    ));
    assert!(of(Kind::ConversationStatusChanged, None) && of(Kind::TypingOn, None));
    assert!(!push::is_for_contact(&ConversationEvent {
        private: true,
        ..event(Kind::TypingOn, view(), None, Performer::System)
    }));
    for kind in
        [Kind::AssigneeChanged, Kind::ConversationRead, Kind::ContactUpdated, Kind::ContactDeleted]
    {
        assert!(!of(kind, None), "{kind:?}");
    }
    assert!(!of(Kind::FirstReplyCreated, Some(sent)));
}

#[test]
fn only_agents_get_presence_of_contacts() {
    let users = [(AgentId(1), Availability::Online)].into();
    let told: Value = serde_json::from_str(&push::presence(SiteNumber(1), &users, None)).unwrap();
    assert_eq!(
        told,
        json!({ "event": "presence.update", "data": { "account_id": 1, "users": { "1": "online" } } })
    );
    let told: Value =
        serde_json::from_str(&push::presence(SiteNumber(1), &users, Some(&[ContactId(7)])))
            .unwrap();
    assert_eq!(told["data"]["contacts"], json!({ "7": "online" }));
}

#[test]
fn message_events_for_webhooks() {
    let sent = message(MessageKind::Outgoing, Sender::Agent(agent()));
    let body = json!({
        "event": "message_created", "id": 9, "content": "hello", "content_type": "text", "content_attributes": {}, "additional_attributes": {},
        "created_at": "2025-11-24T16:00:01.000Z", "message_type": "outgoing", "private": false, "source_id": null,
        "sender": { "id": 1, "name": "Agent", "email": "agent@example.com", "type": "user" },
        "inbox": { "id": 1, "name": "Shop API" }, "account": { "id": 1, "name": "Acme" }, "conversation": conversation_push()
    });
    assert_eq!(
        posted(&event(Kind::MessageCreated, view(), Some(sent.clone()), Performer::System)),
        Some(body)
    );
    let incoming = message(MessageKind::Incoming, Sender::Contact);
    assert_eq!(
        posted(&event(Kind::MessageUpdated, view(), Some(incoming), Performer::Contact)).unwrap()["sender"],
        contact_webhook()
    );
    let note = ConversationMessage { private: true, ..sent.clone() };
    assert_eq!(
        posted(&event(Kind::MessageCreated, view(), Some(note), Performer::System)).unwrap()["private"],
        true
    );
    let activity = ConversationMessage { kind: MessageKind::Activity, sender: None, ..sent };
    assert_eq!(
        posted(&event(Kind::MessageCreated, view(), Some(activity), Performer::System)),
        None
    );
}

#[test]
fn other_events_for_webhooks() {
    let changed = vec![ChangedAttribute {
        name: "status".into(),
        previous: json!("open"),
        current: json!("resolved"),
    }];
    let mut body = conversation_push();
    body["event"] = json!("conversation_created");
    assert_eq!(
        posted(&event(Kind::ConversationCreated, view(), None, Performer::System)),
        Some(body.clone())
    );
    body["changed_attributes"] =
        json!([{ "status": { "previous_value": "open", "current_value": "resolved" } }]);
    for (kind, name) in [
        (Kind::ConversationStatusChanged, "conversation_status_changed"),
        (Kind::ConversationUpdated, "conversation_updated"),
    ] {
        body["event"] = json!(name);
        let event = ConversationEvent {
            changed: changed.clone(),
            ..event(kind, view(), None, Performer::System)
        };
        assert_eq!(posted(&event), Some(body.clone()));
    }
    let about_contact = |kind, changed: &[ChangedAttribute]| ConversationEvent {
        conversation: None,
        inbox: None,
        contact: Some(Box::new(contact())),
        changed: changed.to_vec(),
        ..event(kind, view(), None, Performer::System)
    };
    let mut body = contact_webhook();
    body["event"] = json!("contact_created");
    assert_eq!(posted(&about_contact(Kind::ContactCreated, &[])), Some(body));
    assert_eq!(posted(&about_contact(Kind::ContactUpdated, &[])), None, "nothing changed");
    assert!(
        posted(&about_contact(Kind::ContactUpdated, &changed)).unwrap()["changed_attributes"]
            .is_array()
    );
    assert_eq!(posted(&about_contact(Kind::ContactDeleted, &changed)), None);
    let user = json!({ "id": 1, "name": "Agent", "email": "agent@example.com", "type": "user" });
    let body = json!({ "event": "conversation_typing_on", "user": user, "conversation": conversation_push(), "is_private": false });
    assert_eq!(
        posted(&event(Kind::TypingOn, view(), None, Performer::Agent(Box::new(agent())))),
        Some(body)
    );
    for kind in [Kind::AssigneeChanged, Kind::ConversationRead, Kind::FirstReplyCreated] {
        assert_eq!(posted(&event(kind, view(), None, Performer::System)), None, "{kind:?}");
    }
}
