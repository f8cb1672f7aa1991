//! Messages of conversations and their status.

use super::channel_conversations::{incoming, outgoing, to};
use super::{
    channel::{ConversationFixture, SITE, events, kinds},
    test_store::{NOW, TestStore, after},
};
use crate::MAX_READ_AT_ONCE;
use ConversationEventKind as Kind;
use belfry_domain::channel::{
    ConversationAccess, ConversationEventKind, ConversationStatus, InboxSettings,
    MAX_MESSAGES_PER_MINUTE, MAX_UNREAD_COUNT, MessageStatus, MessageWindow, NewMessage, Performer,
    Rejection, Sender,
};
use serde_json::json;

pub async fn first_reply_ends_the_wait(world: &TestStore) {
    let fixture = ConversationFixture::new(world, "a").await;
    let number = fixture.begin(world).await.conversation.number;
    world.events.take();
    let note = NewMessage { private: true, ..outgoing("a note") };
    let posted = world
        .store
        .post_message(fixture.site, SITE, number, &note, &fixture.performer(), after(1))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (posted.view.conversation.first_reply_at, posted.view.conversation.waiting_since),
        (None, Some(NOW))
    );
    assert_eq!(kinds(world), [Kind::MessageCreated]);
    let posted = world
        .store
        .post_message(
            fixture.site,
            SITE,
            number,
            &outgoing("hello"),
            &fixture.performer(),
            after(2),
        )
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (posted.view.conversation.first_reply_at, posted.view.conversation.waiting_since),
        (Some(after(2)), None)
    );
    assert_eq!(posted.message.sender, Some(Sender::Agent(fixture.agent.clone())));
    assert_eq!(
        kinds(world),
        [Kind::MessageCreated, Kind::FirstReplyCreated, Kind::ConversationUpdated]
    );
    let posted = world
        .store
        .post_message(
            fixture.site,
            SITE,
            number,
            &incoming("thanks"),
            &Performer::Contact,
            after(3),
        )
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (posted.message.sender, posted.view.conversation.waiting_since),
        (Some(Sender::Contact), Some(after(3)))
    );
    assert_eq!(posted.view.contact.last_activity_at, Some(after(3)));
    let events = events(world);
    assert_eq!(
        events[1].changed.iter().map(|changed| changed.name.as_str()).collect::<Vec<_>>(),
        ["waiting_since"]
    );
    world
        .store
        .post_message(fixture.site, SITE, number, &outgoing("bye"), &fixture.performer(), after(4))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(kinds(world), [Kind::MessageCreated, Kind::ConversationUpdated]);
}

pub async fn incoming_message_reopens(world: &TestStore) {
    let fixture = ConversationFixture::new(world, "a").await;
    let number = fixture.begin(world).await.conversation.number;
    for status in [ConversationStatus::Resolved, ConversationStatus::Snoozed] {
        world
            .store
            .update_conversation(
                fixture.site,
                SITE,
                number,
                &to(status),
                &fixture.performer(),
                after(1),
            )
            .await
            .unwrap()
            .unwrap();
        world.events.take();
        let reply = world
            .store
            .post_message(
                fixture.site,
                SITE,
                number,
                &outgoing("x"),
                &fixture.performer(),
                after(2),
            )
            .await
            .unwrap()
            .unwrap();
        assert_eq!(reply.view.conversation.status, status);
        world.events.take();
        let posted = fixture.post_incoming(world, number, "and another thing").await;
        assert_eq!(posted.view.conversation.status, ConversationStatus::Open);
        let kinds = kinds(world);
        assert_eq!(
            kinds,
            [
                Kind::MessageCreated,
                Kind::MessageCreated,
                Kind::ConversationStatusChanged,
                Kind::ConversationUpdated
            ]
        );
    }
    world
        .store
        .update_conversation(
            fixture.site,
            SITE,
            number,
            &to(ConversationStatus::Pending),
            &fixture.performer(),
            NOW,
        )
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        fixture.post_incoming(world, number, "x").await.view.conversation.status,
        ConversationStatus::Pending
    );
}

pub async fn unread_count_stops_at_ten(world: &TestStore) {
    let fixture = ConversationFixture::new(world, "a").await;
    let number = fixture.begin(world).await.conversation.number;
    for sent in 1..=MAX_UNREAD_COUNT + 2 {
        assert_eq!(
            fixture.post_incoming(world, number, "x").await.view.unread_count,
            sent.min(MAX_UNREAD_COUNT)
        );
    }
    world.events.take();
    let seen = world
        .store
        .mark_seen_by_agent(fixture.site, fixture.access(), number, fixture.agent.id, after(5))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (
            seen.unread_count,
            seen.conversation.agent_last_seen_at,
            seen.conversation.assignee_last_seen_at
        ),
        (0, Some(after(5)), None)
    );
    assert_eq!(kinds(world), [Kind::ConversationRead]);
    fixture.reply(world, number, "y").await;
    assert_eq!(fixture.post_incoming(world, number, "x").await.view.unread_count, 1);
}

pub async fn messages_per_minute_are_limited(world: &TestStore) {
    let fixture = ConversationFixture::new(world, "a").await;
    let number = fixture.begin(world).await.conversation.number;
    for _ in 0..MAX_MESSAGES_PER_MINUTE {
        fixture.post_incoming(world, number, "x").await;
    }
    let post = |at| async move {
        world
            .store
            .post_message(fixture.site, SITE, number, &incoming("x"), &Performer::Contact, at)
            .await
            .unwrap()
    };
    world.events.take();
    assert_eq!(post(NOW).await.unwrap_err(), Rejection::TooManyMessages);
    assert_eq!(kinds(world), []);
    assert!(post(after(60)).await.is_ok());
}

pub async fn content_is_limited_in_characters(world: &TestStore) {
    let fixture = ConversationFixture::new(world, "a").await;
    let number = fixture.begin(world).await.conversation.number;
    let long = "😀".repeat(belfry_domain::channel::MAX_CONTENT_CHARS);
    assert_eq!(
        fixture.post_incoming(world, number, &long).await.message.content.as_ref(),
        Some(&long)
    );
    let refused = world
        .store
        .post_message(
            fixture.site,
            SITE,
            number,
            &incoming(&(long + "x")),
            &Performer::Contact,
            NOW,
        )
        .await
        .unwrap();
    assert!(matches!(refused, Err(Rejection::Invalid(invalid)) if invalid.field == "content"));
}

pub async fn messages_are_listed_by_their_ids(world: &TestStore) {
    let fixture = ConversationFixture::new(world, "a").await;
    let number = fixture.begin(world).await.conversation.number;
    let other = fixture.begin(world).await.conversation.number;
    for _ in 0..30 {
        fixture.post_incoming(world, number, "x").await;
        fixture.post_incoming(world, other, "y").await;
    }
    let note = NewMessage { private: true, ..outgoing("a note") };
    world
        .store
        .post_message(fixture.site, SITE, number, &note, &fixture.performer(), NOW)
        .await
        .unwrap()
        .unwrap();
    let list = |before: Option<i64>, after: Option<i64>, public| async move {
        let id = belfry_domain::channel::ConversationMessageId;
        let window = MessageWindow { before: before.map(id), after: after.map(id), public };
        let list = world
            .store
            .conversation_messages(fixture.site, SITE, number, window)
            .await
            .unwrap()
            .unwrap();
        assert!(list.messages.iter().all(|message| message.conversation == number));
        list.messages.iter().map(|message| message.id.0).collect::<Vec<_>>()
    };
    let odd: Vec<i64> = (0..30).map(|index| index * 2 + 1).collect();
    assert_eq!(
        list(None, None, false).await,
        odd[11..].iter().copied().chain([61]).collect::<Vec<_>>()
    );
    assert_eq!(list(None, None, true).await, odd[10..]);
    assert_eq!(list(Some(21), None, false).await, odd[..10]);
    assert_eq!(list(None, Some(21), true).await, odd[11..]);
    assert_eq!(list(Some(25), Some(21), false).await, [21, 23]);
    let conversation = world
        .store
        .conversation_messages(fixture.site, SITE, number, MessageWindow::default())
        .await
        .unwrap()
        .unwrap()
        .view;
    assert_eq!(conversation.conversation.number, number);
}

pub async fn read_status_does_not_go_back(world: &TestStore) {
    let fixture = ConversationFixture::new(world, "a").await;
    let number = fixture.begin(world).await.conversation.number;
    let id = fixture.reply(world, number, "hello").await.message.id;
    world.events.take();
    let set = |status, error: Option<&'static str>| async move {
        let posted = world
            .store
            .set_message_status(fixture.site, SITE, (number, id), status, error, after(9))
            .await
            .unwrap()
            .unwrap();
        (posted.message.status, posted.message.content_attributes.get("external_error").cloned())
    };
    assert_eq!(
        set(MessageStatus::Failed, Some("no route")).await,
        (MessageStatus::Failed, Some(json!("no route")))
    );
    assert_eq!(set(MessageStatus::Read, Some("ignored")).await, (MessageStatus::Read, None));
    assert_eq!(kinds(world), [Kind::MessageUpdated, Kind::MessageUpdated]);
    assert_eq!(set(MessageStatus::Delivered, None).await.0, MessageStatus::Read);
    assert_eq!(kinds(world), []);
}

pub async fn seen_by_contact_marks_as_read(world: &TestStore) {
    let fixture = ConversationFixture::new(world, "a").await;
    let number = fixture.begin(world).await.conversation.number;
    fixture.post_incoming(world, number, "hello").await;
    let note = NewMessage { private: true, ..outgoing("a note") };
    world
        .store
        .post_message(fixture.site, SITE, number, &note, &fixture.performer(), NOW)
        .await
        .unwrap()
        .unwrap();
    let sent = [
        fixture.reply(world, number, "a").await.message.id,
        fixture.reply(world, number, "b").await.message.id,
    ];
    world
        .store
        .set_message_status(
            fixture.site,
            SITE,
            (number, sent[1]),
            MessageStatus::Delivered,
            None,
            NOW,
        )
        .await
        .unwrap()
        .unwrap();
    world.events.take();
    let access = ConversationAccess::Session(fixture.session.id);
    let seen = world
        .store
        .mark_seen_by_contact(fixture.site, access, number, after(3))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(seen.conversation.contact_last_seen_at, Some(after(3)));
    let events = events(world);
    assert!(events.iter().all(|event| event.kind == Kind::MessageUpdated));
    let read: Vec<_> = events
        .iter()
        .map(|event| event.message.as_ref().unwrap())
        .map(|message| (message.id, message.status))
        .collect();
    assert_eq!(read, [(sent[0], MessageStatus::Read), (sent[1], MessageStatus::Read)]);
    assert_eq!(
        json!(events[1].changed),
        json!([{"name": "status", "previous": "delivered", "current": "read"}])
    );
    world
        .store
        .mark_seen_by_contact(fixture.site, access, number, after(4))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(kinds(world), []);
}

pub async fn seen_marks_a_bounded_number_of_messages(world: &TestStore) {
    let fixture = ConversationFixture::new(world, "a").await;
    let number = fixture.begin(world).await.conversation.number;
    let extra = 5;
    for _ in 0..MAX_READ_AT_ONCE + extra {
        fixture.reply(world, number, "x").await;
    }
    let access = ConversationAccess::Contact(fixture.contact);
    for expected in [MAX_READ_AT_ONCE, extra, 0] {
        world.events.take();
        world
            .store
            .mark_seen_by_contact(fixture.site, access, number, after(3))
            .await
            .unwrap()
            .unwrap();
        assert_eq!(kinds(world).len(), expected as usize);
    }
}

pub async fn deleted_message_leaves_a_placeholder(world: &TestStore) {
    let fixture = ConversationFixture::new(world, "a").await;
    let number = fixture.begin(world).await.conversation.number;
    let id = fixture.post_incoming(world, number, "a secret").await.message.id;
    world.events.take();
    let deleted = world
        .store
        .delete_message(fixture.site, SITE, (number, id), &fixture.performer(), after(1))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(deleted.message.content.as_deref(), Some("This message was deleted"));
    assert_eq!(json!(deleted.message.content_attributes), json!({"deleted": true}));
    assert_eq!(deleted.view.last_message.as_ref(), Some(&deleted.message));
    let events = events(world);
    assert_eq!((events.len(), events[0].kind), (1, Kind::MessageUpdated));
    let unknown = belfry_domain::channel::ConversationMessageId(999);
    let refused = world
        .store
        .delete_message(fixture.site, SITE, (number, unknown), &fixture.performer(), NOW)
        .await
        .unwrap();
    assert_eq!(refused.unwrap_err(), Rejection::NotFound("message"));
}

pub async fn submitted_values_are_merged(world: &TestStore) {
    let fixture = ConversationFixture::new(world, "a").await;
    let number = fixture.begin(world).await.conversation.number;
    let id = fixture.reply(world, number, "choose").await.message.id;
    world.events.take();
    let values =
        json!({"submitted_values": [{"title": "A", "value": "a"}]}).as_object().unwrap().clone();
    for told in [vec![Kind::MessageUpdated], Vec::new()] {
        let access = ConversationAccess::Session(fixture.session.id);
        let merged = world
            .store
            .merge_content_attributes(
                fixture.site,
                access,
                (number, id),
                &values,
                &Performer::Contact,
                after(1),
            )
            .await
            .unwrap();
        assert_eq!(merged.unwrap().message.content_attributes, values);
        assert_eq!(kinds(world), told);
    }
}

pub async fn typing_is_published_and_not_stored(world: &TestStore) {
    let fixture = ConversationFixture::new(world, "a").await;
    let number = fixture.begin(world).await.conversation.number;
    world.events.take();
    for (typing, kind) in [((true, false), Kind::TypingOn), ((false, true), Kind::TypingOff)] {
        world
            .store
            .publish_typing(
                fixture.site,
                fixture.access(),
                number,
                typing,
                &fixture.performer(),
                NOW,
            )
            .await
            .unwrap()
            .unwrap();
        let events = events(world);
        assert_eq!((events.len(), events[0].kind, events[0].private), (1, kind, typing.1));
    }
}

pub async fn reply_window_closes(world: &TestStore) {
    let fixture = ConversationFixture::new(world, "a").await;
    let window = |settings: &InboxSettings| {
        Ok(InboxSettings {
            additional_attributes: json!({"agent_reply_time_window": 1})
                .as_object()
                .unwrap()
                .clone(),
            ..settings.clone()
        })
    };
    let number = fixture.begin(world).await.conversation.number;
    assert!(fixture.post_incoming(world, number, "x").await.view.can_reply(after(9_999)));
    world
        .store
        .update_inbox(fixture.site, fixture.inbox.id, Box::new(window), NOW)
        .await
        .unwrap()
        .unwrap();
    let view = world.store.conversation(fixture.site, SITE, number).await.unwrap().unwrap();
    assert_eq!((view.can_reply(after(3_600)), view.can_reply(after(3_601))), (true, false));
}
