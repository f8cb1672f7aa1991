//! Automatic replies of an inbox.

use super::{
    channel::{ConversationFixture, SITE, conversation, events},
    test_store::{NOW, TestStore, after},
};
use crate::Concurrency;
use belfry_domain::{
    Timestamp, WebhookPayload,
    channel::{
        ConversationEventKind as Kind, ConversationMessage, ConversationNumber, InboxSettings,
        MessageKind, MessageWindow, NewConversation, NewMessage, Performer, PostedMessage, Sender,
    },
};
use serde_json::json;

async fn set(
    world: &TestStore,
    fixture: &ConversationFixture,
    change: impl Fn(InboxSettings) -> InboxSettings + Send + 'static,
) {
    let change = move |settings: &InboxSettings| Ok(change(settings.clone()));
    world
        .store
        .update_inbox(fixture.site, fixture.inbox.id, Box::new(change), NOW)
        .await
        .unwrap()
        .unwrap();
    world.events.take();
}

fn with_greeting(settings: InboxSettings) -> InboxSettings {
    InboxSettings { greeting_enabled: true, greeting_message: Some("Welcome".into()), ..settings }
}

/// [`NOW`] is a Friday, eight o'clock in UTC.
fn with_working_hours(settings: InboxSettings) -> InboxSettings {
    InboxSettings {
        working_hours_enabled: true,
        out_of_office_message: Some("From nine to five".into()),
        ..settings
    }
}

async fn post(
    world: &TestStore,
    fixture: &ConversationFixture,
    number: ConversationNumber,
    message: NewMessage,
    performer: Performer,
    now: Timestamp,
) -> PostedMessage {
    world
        .store
        .post_message(fixture.site, SITE, number, &message, &performer, now)
        .await
        .unwrap()
        .unwrap()
}

async fn send_incoming(
    world: &TestStore,
    fixture: &ConversationFixture,
    number: ConversationNumber,
    now: Timestamp,
) -> PostedMessage {
    post(
        world,
        fixture,
        number,
        NewMessage::text(MessageKind::Incoming, "hello"),
        Performer::Contact,
        now,
    )
    .await
}

async fn messages(
    world: &TestStore,
    fixture: &ConversationFixture,
    number: ConversationNumber,
) -> Vec<ConversationMessage> {
    let window = MessageWindow { public: true, ..MessageWindow::default() };
    world
        .store
        .conversation_messages(fixture.site, SITE, number, window)
        .await
        .unwrap()
        .unwrap()
        .messages
}

async fn contents(
    world: &TestStore,
    fixture: &ConversationFixture,
    number: ConversationNumber,
) -> Vec<String> {
    messages(world, fixture, number)
        .await
        .into_iter()
        .map(|message| message.content.unwrap())
        .collect()
}

pub async fn first_message_is_greeted_once(world: &TestStore) {
    let fixture = ConversationFixture::new(world, "a").await;
    set(world, &fixture, with_greeting).await;
    let number = fixture.begin(world).await.conversation.number;
    world.events.take();
    let echoed = NewMessage {
        echo_id: Some("e1".into()),
        ..NewMessage::text(MessageKind::Incoming, "hello")
    };
    let posted = post(world, &fixture, number, echoed, Performer::Contact, NOW).await;
    assert_eq!(posted.message.content.as_deref(), Some("hello"));

    let [hello, greeting]: [_; 2] = messages(world, &fixture, number).await.try_into().unwrap();
    assert_eq!((hello.id, hello.sender), (posted.message.id, Some(Sender::Contact)));
    assert_eq!(
        (greeting.kind, greeting.content.as_deref(), &greeting.sender),
        (MessageKind::Template, Some("Welcome"), &None)
    );
    assert!(greeting.id > hello.id && greeting.created_at == NOW);
    assert_eq!(
        (posted.view.last_message.as_ref(), posted.view.last_non_activity_message.as_ref()),
        (Some(&greeting), Some(&greeting))
    );
    // A greeting is no reply.
    assert_eq!(
        (
            posted.view.unread_count,
            posted.view.conversation.waiting_since,
            posted.view.conversation.first_reply_at
        ),
        (1, Some(NOW), None)
    );
    let events = events(world);
    let of_messages: Vec<_> = events
        .iter()
        .map(|event| {
            (event.kind, event.message.as_ref().map(|message| message.id), event.echo_id.as_deref())
        })
        .collect();
    assert_eq!(
        of_messages,
        [
            (Kind::MessageCreated, Some(hello.id), Some("e1")),
            (Kind::MessageCreated, Some(greeting.id), None)
        ]
    );
    assert_eq!(
        (&events[0].performer, &events[1].performer),
        (&Performer::Contact, &Performer::System)
    );

    send_incoming(world, &fixture, number, after(86_400 * 3)).await;
    assert_eq!(contents(world, &fixture, number).await, ["hello", "Welcome", "hello"]);
    let second = fixture.begin(world).await.conversation.number;
    send_incoming(world, &fixture, second, NOW).await;
    assert_eq!(contents(world, &fixture, second).await, ["hello", "Welcome"]);
}

pub async fn conversation_created_with_message_is_greeted(world: &TestStore) {
    let fixture = ConversationFixture::new(world, "a").await;
    set(world, &fixture, with_greeting).await;
    let begin = async |message: NewMessage, performer: Performer| {
        let draft = NewConversation {
            source_id: Some(fixture.session.source_id.clone()),
            message: Some(message),
            ..conversation(world)
        };
        world
            .store
            .create_conversation(fixture.site, SITE, &draft, &performer, NOW)
            .await
            .unwrap()
            .unwrap()
    };
    let made = begin(NewMessage::text(MessageKind::Incoming, "hello"), Performer::Contact).await;
    let kinds: Vec<_> = events(world).iter().map(|event| event.kind).collect();
    assert_eq!(kinds, [Kind::ConversationCreated, Kind::MessageCreated, Kind::MessageCreated]);
    assert_eq!(made.message.unwrap().content.as_deref(), Some("hello"));
    assert_eq!(
        contents(world, &fixture, made.view.conversation.number).await,
        ["hello", "Welcome"]
    );

    // No greeting when an agent wrote first.
    let made =
        begin(NewMessage::text(MessageKind::Outgoing, "Your parcel is here"), fixture.performer())
            .await;
    let number = made.view.conversation.number;
    send_incoming(world, &fixture, number, NOW).await;
    assert_eq!(contents(world, &fixture, number).await, ["Your parcel is here", "hello"]);
}

pub async fn agent_messages_and_notes_get_no_auto_reply(world: &TestStore) {
    let fixture = ConversationFixture::new(world, "a").await;
    set(world, &fixture, |settings| with_working_hours(with_greeting(settings))).await;
    let number = fixture.begin(world).await.conversation.number;
    let note = NewMessage { private: true, ..NewMessage::text(MessageKind::Outgoing, "a regular") };
    post(world, &fixture, number, note, fixture.performer(), NOW).await;
    post(
        world,
        &fixture,
        number,
        NewMessage::text(MessageKind::Activity, "moved"),
        Performer::System,
        NOW,
    )
    .await;
    assert_eq!(contents(world, &fixture, number).await, [""; 0]);
    // A private note was not shown to the contact.
    send_incoming(world, &fixture, number, after(3_600)).await;
    assert_eq!(contents(world, &fixture, number).await, ["hello", "Welcome"]);
}

pub async fn out_of_office_is_sent_once_a_day(world: &TestStore) {
    let fixture = ConversationFixture::new(world, "a").await;
    set(world, &fixture, |settings| with_working_hours(with_greeting(settings))).await;
    let number = fixture.begin(world).await.conversation.number;
    send_incoming(world, &fixture, number, NOW).await;
    send_incoming(world, &fixture, number, after(60)).await;
    // Ten o'clock, during opening hours, and the evening of the same day.
    send_incoming(world, &fixture, number, after(2 * 3_600)).await;
    send_incoming(world, &fixture, number, after(12 * 3_600)).await;
    assert_eq!(
        contents(world, &fixture, number).await,
        ["hello", "From nine to five", "hello", "hello", "hello"]
    );
    // Saturday; one reply to concurrent messages.
    futures_util::future::join_all(
        (0..4).map(|_| send_incoming(world, &fixture, number, after(24 * 3_600))),
    )
    .await;
    let of_saturday = contents(world, &fixture, number).await.split_off(5);
    assert_eq!(of_saturday, ["hello", "From nine to five", "hello", "hello", "hello"]);
}

pub async fn no_out_of_office_after_a_recent_reply(world: &TestStore) {
    let fixture = ConversationFixture::new(world, "a").await;
    set(world, &fixture, with_working_hours).await;
    let number = fixture.begin(world).await.conversation.number;
    fixture.reply(world, number, "One moment").await;
    send_incoming(world, &fixture, number, after(299)).await;
    assert_eq!(contents(world, &fixture, number).await, ["One moment", "hello"]);
    send_incoming(world, &fixture, number, after(300)).await;
    assert_eq!(
        contents(world, &fixture, number).await,
        ["One moment", "hello", "hello", "From nine to five"]
    );
}

pub async fn auto_reply_goes_to_the_callback(world: &TestStore) {
    let fixture = ConversationFixture::new(world, "a").await;
    set(world, &fixture, |settings| InboxSettings {
        callback_url: Some("https://a.example/in".into()),
        ..with_greeting(settings)
    })
    .await;
    let number = fixture.begin(world).await.conversation.number;
    send_incoming(world, &fixture, number, NOW).await;
    let mut told = Vec::new();
    let room = Concurrency { total: 100, endpoint: 100, site: 100, after: 0 };
    loop {
        let due = world.store.due_deliveries(NOW, &[], room).await.unwrap().deliveries;
        if due.is_empty() {
            break;
        }
        let mut outcomes = Vec::new();
        for delivery in due {
            let WebhookPayload::Conversation(event) = &delivery.payload else {
                panic!("{delivery:?}")
            };
            told.extend(
                event.message.as_ref().map(|message| {
                    json!([event.kind.webhook_name(), message.kind, message.content])
                }),
            );
            let attempt =
                belfry_domain::DeliveryAttempt { status: Some(200), ..Default::default() };
            outcomes.push(belfry_domain::DeliveryOutcome {
                number: delivery.number,
                at: NOW,
                attempt,
                decision: belfry_domain::RetryDecision::Delivered,
            });
        }
        world.store.finish_deliveries(&outcomes).await.unwrap();
    }
    assert_eq!(
        told,
        [
            json!(["message_created", "incoming", "hello"]),
            json!(["message_created", "template", "Welcome"])
        ]
    );
}
