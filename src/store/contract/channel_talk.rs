//! Conversations and what is said in them.

use super::{
    channel::{Office, SITE, agent, contact, conversation, events, inbox, kinds, new_session, query},
    world::{NOW, World, after},
};
use crate::{
    domain::{
        Timestamp,
        channel::{
            AgentRole, AssigneeFilter, ConversationAccess, ConversationChange, ConversationCounts, ConversationEventKind, ConversationNumber,
            ConversationQuery, ConversationStatus, Identification, InboxSettings, MAX_UNREAD, MESSAGES_PER_MINUTE, MessageKind, MessageStatus,
            MessageWindow, NewConversation, NewMessage, Performer, Priority, Rejection, Sender, StatusChange,
        },
    },
    store::MAX_READ_AT_ONCE,
};
use ConversationEventKind as Kind;
use futures_util::future::join_all;
use serde_json::json;
use std::collections::BTreeSet;

fn to(status: ConversationStatus) -> ConversationChange {
    ConversationChange { status: Some(StatusChange::To(status, None)), ..ConversationChange::default() }
}

fn outgoing(text: &str) -> NewMessage {
    NewMessage::text(MessageKind::Outgoing, text)
}

fn incoming(text: &str) -> NewMessage {
    NewMessage::text(MessageKind::Incoming, text)
}

pub async fn conversation_is_kept_as_it_was_begun(world: &World) {
    let office = Office::new(world, "a").await;
    let store = &world.store;
    let draft = NewConversation {
        source_id: Some(office.session.source_id.clone()),
        status: Some(ConversationStatus::Pending),
        priority: Some(Priority::High),
        assignee: Some(office.agent.id),
        custom_attributes: json!({"order": 7}).as_object().unwrap().clone(),
        additional_attributes: json!({"page": "/"}).as_object().unwrap().clone(),
        message: Some(NewMessage { echo_id: Some("e1".into()), ..incoming("hello") }),
        ..conversation(world)
    };
    let made = store.create_conversation(office.site, office.access(), &draft, &Performer::Contact, NOW).await.unwrap().unwrap();
    assert!(made.created);
    let view = &made.view;
    let row = &view.conversation;
    assert_eq!(
        (row.number, row.uuid, row.status, row.priority),
        (ConversationNumber(1), draft.uuid, ConversationStatus::Pending, Some(Priority::High))
    );
    assert_eq!((row.contact, row.session, row.inbox), (office.contact, office.session.id, office.inbox.id));
    assert_eq!((view.assignee.as_ref(), view.inbox_name.as_str()), (Some(&office.agent), "Support"));
    assert_eq!(json!([row.custom_attributes, row.additional_attributes]), json!([{"order": 7}, {"page": "/"}]));
    assert_eq!((row.created_at, row.last_activity_at, row.waiting_since), (NOW, NOW, Some(NOW)));
    assert_eq!((view.unread_count, &view.last_message), (1, &made.message));
    let told = events(world);
    assert_eq!(told.iter().map(|event| event.kind).collect::<Vec<_>>(), [Kind::ConversationCreated, Kind::MessageCreated]);
    assert_eq!(told[1].echo_id.as_deref(), Some("e1"));
    assert_eq!(told[1].inbox.as_ref().unwrap().identifier, office.inbox.identifier);
    assert_eq!(told[1].site_name, "a");
    let read = store.conversation(office.site, office.access(), row.number).await.unwrap().unwrap();
    assert_eq!(read.session.pubsub_token, office.session.pubsub_token);
    assert_eq!(read.conversation, *row);
}

pub async fn session_is_found_or_made_for_a_conversation(world: &World) {
    let office = Office::new(world, "a").await;
    let (store, site) = (&world.store, office.site);
    assert_eq!(office.begin(world).await.session.id, office.session.id);
    let of_contact = NewConversation { inbox: Some(office.inbox.id), contact: Some(office.contact), ..conversation(world) };
    let fresh = new_session(world);
    let named = NewConversation { source_id: Some(fresh.source_id.clone()), ..of_contact.clone() };
    let made = store.create_conversation(site, SITE, &named, &Performer::System, NOW).await.unwrap().unwrap();
    assert_eq!((made.view.session.source_id, made.view.contact.id()), (fresh.source_id, office.contact));
    let other = contact(world, site, office.inbox.id, "crm-2").await;
    let taken = NewConversation { source_id: Some(other.session.unwrap().source_id), ..of_contact.clone() };
    world.heard.take();
    for (draft, rejection) in [
        (taken, Rejection::SourceIdTaken),
        (
            NewConversation { inbox: None, contact: None, source_id: Some(new_session(world).source_id), ..conversation(world) },
            Rejection::NotFound("session"),
        ),
        (NewConversation { contact: Some(crate::domain::ContactId(999)), ..of_contact.clone() }, Rejection::NotFound("contact")),
        (NewConversation { assignee: Some(crate::domain::channel::AgentId(999)), ..of_contact.clone() }, Rejection::NotFound("agent")),
        (conversation(world), Rejection::NotFound("session")),
    ] {
        let refused = store.create_conversation(site, SITE, &draft, &Performer::System, NOW).await.unwrap();
        assert_eq!(refused.unwrap_err(), rejection);
    }
    assert_eq!(kinds(world), []);
    let stranger = agent(world, site, "s@agents.example", AgentRole::Agent).await;
    let refused = store.create_conversation(site, ConversationAccess::Agent(stranger.id), &of_contact, &Performer::System, NOW).await.unwrap();
    assert_eq!(refused.unwrap_err(), Rejection::Forbidden);
}

pub async fn numbers_count_from_one_in_each_site(world: &World) {
    let (a, b) = (Office::new(world, "a").await, Office::new(world, "b").await);
    let made = join_all((0..40).map(|_| a.begin(world))).await;
    let numbers: BTreeSet<i64> = made.iter().map(|view| view.conversation.number.0).collect();
    assert_eq!(numbers, (1..=40).collect());
    assert_eq!(b.begin(world).await.conversation.number, ConversationNumber(1));
    assert_eq!(b.say(world, ConversationNumber(1), "x").await.message.id.0, 1);
}

pub async fn locked_inbox_has_one_conversation_for_a_session(world: &World) {
    let office = Office::new(world, "a").await;
    let lock = |settings: &InboxSettings| Ok(InboxSettings { lock_to_single_conversation: true, ..settings.clone() });
    world.store.update_inbox(office.site, office.inbox.id, Box::new(lock), NOW).await.unwrap().unwrap();
    let first = office.begin(world).await;
    world.heard.take();
    let draft = NewConversation { message: Some(incoming("again")), source_id: Some(office.session.source_id.clone()), ..conversation(world) };
    let again = world.store.create_conversation(office.site, SITE, &draft, &Performer::Contact, NOW).await.unwrap().unwrap();
    assert_eq!((again.created, again.view.conversation.number), (false, first.conversation.number));
    assert_eq!(again.message.unwrap().content.as_deref(), Some("again"));
    assert_eq!(kinds(world), [Kind::MessageCreated]);
}

pub async fn blocked_contact_begins_resolved(world: &World) {
    let office = Office::new(world, "a").await;
    let block = crate::domain::channel::ContactFields { blocked: Some(true), ..Default::default() };
    world.store.update_channel_contact(office.site, office.contact, &block, &Performer::System, NOW).await.unwrap().unwrap();
    let draft = NewConversation { source_id: Some(office.session.source_id.clone()), message: Some(incoming("hello")), ..conversation(world) };
    let made = world.store.create_conversation(office.site, SITE, &draft, &Performer::Contact, NOW).await.unwrap().unwrap();
    assert_eq!(made.view.conversation.status, ConversationStatus::Resolved);
}

pub async fn first_reply_ends_the_wait(world: &World) {
    let office = Office::new(world, "a").await;
    let number = office.begin(world).await.conversation.number;
    world.heard.take();
    let note = NewMessage { private: true, ..outgoing("a note") };
    let posted = world.store.post_message(office.site, SITE, number, &note, &office.performer(), after(1)).await.unwrap().unwrap();
    assert_eq!((posted.view.conversation.first_reply_at, posted.view.conversation.waiting_since), (None, Some(NOW)));
    assert_eq!(kinds(world), [Kind::MessageCreated]);
    let posted = world.store.post_message(office.site, SITE, number, &outgoing("hello"), &office.performer(), after(2)).await.unwrap().unwrap();
    assert_eq!((posted.view.conversation.first_reply_at, posted.view.conversation.waiting_since), (Some(after(2)), None));
    assert_eq!(posted.message.sender, Some(Sender::Agent(office.agent.clone())));
    assert_eq!(kinds(world), [Kind::MessageCreated, Kind::FirstReplyCreated, Kind::ConversationUpdated]);
    let posted = world.store.post_message(office.site, SITE, number, &incoming("thanks"), &Performer::Contact, after(3)).await.unwrap().unwrap();
    assert_eq!((posted.message.sender, posted.view.conversation.waiting_since), (Some(Sender::Contact), Some(after(3))));
    assert_eq!(posted.view.contact.last_activity_at, Some(after(3)));
    let told = events(world);
    assert_eq!(told[1].changed.iter().map(|changed| changed.name.as_str()).collect::<Vec<_>>(), ["waiting_since"]);
    world.store.post_message(office.site, SITE, number, &outgoing("bye"), &office.performer(), after(4)).await.unwrap().unwrap();
    assert_eq!(kinds(world), [Kind::MessageCreated, Kind::ConversationUpdated]);
}

pub async fn incoming_message_reopens(world: &World) {
    let office = Office::new(world, "a").await;
    let number = office.begin(world).await.conversation.number;
    for status in [ConversationStatus::Resolved, ConversationStatus::Snoozed] {
        world.store.update_conversation(office.site, SITE, number, &to(status), &office.performer(), after(1)).await.unwrap().unwrap();
        world.heard.take();
        let reply = world.store.post_message(office.site, SITE, number, &outgoing("x"), &office.performer(), after(2)).await.unwrap().unwrap();
        assert_eq!(reply.view.conversation.status, status);
        world.heard.take();
        let posted = office.say(world, number, "and another thing").await;
        assert_eq!(posted.view.conversation.status, ConversationStatus::Open);
        let told = kinds(world);
        assert_eq!(told, [Kind::MessageCreated, Kind::MessageCreated, Kind::ConversationStatusChanged, Kind::ConversationUpdated]);
    }
    world.store.update_conversation(office.site, SITE, number, &to(ConversationStatus::Pending), &office.performer(), NOW).await.unwrap().unwrap();
    assert_eq!(office.say(world, number, "x").await.view.conversation.status, ConversationStatus::Pending);
}

pub async fn unread_count_stops_at_ten(world: &World) {
    let office = Office::new(world, "a").await;
    let number = office.begin(world).await.conversation.number;
    for sent in 1..=MAX_UNREAD + 2 {
        assert_eq!(office.say(world, number, "x").await.view.unread_count, sent.min(MAX_UNREAD));
    }
    world.heard.take();
    let seen = world.store.seen_by_agent(office.site, office.access(), number, office.agent.id, after(5)).await.unwrap().unwrap();
    assert_eq!((seen.unread_count, seen.conversation.agent_last_seen_at, seen.conversation.assignee_last_seen_at), (0, Some(after(5)), None));
    assert_eq!(kinds(world), [Kind::ConversationRead]);
    office.reply(world, number, "y").await;
    assert_eq!(office.say(world, number, "x").await.view.unread_count, 1);
}

pub async fn conversation_has_a_share_of_each_minute(world: &World) {
    let office = Office::new(world, "a").await;
    let number = office.begin(world).await.conversation.number;
    for _ in 0..MESSAGES_PER_MINUTE {
        office.say(world, number, "x").await;
    }
    let post = |at| async move { world.store.post_message(office.site, SITE, number, &incoming("x"), &Performer::Contact, at).await.unwrap() };
    world.heard.take();
    assert_eq!(post(NOW).await.unwrap_err(), Rejection::TooManyMessages);
    assert_eq!(kinds(world), []);
    assert!(post(after(60)).await.is_ok());
}

pub async fn too_long_content_is_refused_in_characters(world: &World) {
    let office = Office::new(world, "a").await;
    let number = office.begin(world).await.conversation.number;
    let long = "😀".repeat(crate::domain::channel::MAX_CONTENT_CHARS);
    assert_eq!(office.say(world, number, &long).await.message.content.as_ref(), Some(&long));
    let refused = world.store.post_message(office.site, SITE, number, &incoming(&(long + "x")), &Performer::Contact, NOW).await.unwrap();
    assert!(matches!(refused, Err(Rejection::Invalid(invalid)) if invalid.field == "content"));
}

pub async fn change_tells_what_really_changed(world: &World) {
    let office = &Office::new(world, "a").await;
    let (store, number) = (&world.store, office.begin(world).await.conversation.number);
    let by = office.performer();
    let update = |change: ConversationChange, at: Timestamp| {
        let by = &by;
        async move { store.update_conversation(office.site, office.access(), number, &change, by, at).await.unwrap().unwrap() }
    };
    world.heard.take();
    let resolved = update(to(ConversationStatus::Resolved), after(1)).await;
    assert_eq!((resolved.conversation.status, resolved.conversation.waiting_since), (ConversationStatus::Resolved, None));
    let told = events(world);
    assert_eq!(
        told.iter().map(|event| event.kind).collect::<Vec<_>>(),
        [Kind::ConversationStatusChanged, Kind::ConversationUpdated, Kind::MessageCreated]
    );
    assert_eq!(json!(told[0].changed[0]), json!({"name": "status", "previous": "open", "current": "resolved"}));
    assert_eq!(told[2].message.as_ref().unwrap().content.as_deref(), Some("Conversation was marked resolved by Ada"));
    assert_eq!(told[2].message.as_ref().unwrap().sender, None);
    update(to(ConversationStatus::Resolved), after(2)).await;
    assert_eq!(kinds(world), []);
    let toggle = || ConversationChange { status: Some(StatusChange::Toggle), ..ConversationChange::default() };
    assert_eq!(update(toggle(), after(3)).await.conversation.status, ConversationStatus::Open);
    assert_eq!(update(toggle(), after(4)).await.conversation.status, ConversationStatus::Resolved);
    world.heard.take();
    let many = ConversationChange {
        status: Some(StatusChange::To(ConversationStatus::Snoozed, Some(after(100)))),
        priority: Some(Some(Priority::Urgent)),
        assignee: Some(Some(office.agent.id)),
        labels: Some(vec![" VIP ".into(), "billing".into(), "vip".into()]),
        custom_attributes: Some(json!({"a": 1}).as_object().unwrap().clone()),
        ..ConversationChange::default()
    };
    let changed = update(many.clone(), after(5)).await;
    assert_eq!(changed.conversation.labels, ["billing", "vip"]);
    assert_eq!((changed.conversation.snoozed_until, &changed.assignee), (Some(after(100)), &Some(office.agent.clone())));
    let told = events(world);
    let lines: Vec<&str> = told.iter().filter_map(|event| event.message.as_ref()?.content.as_deref()).collect();
    assert_eq!(
        lines,
        ["Conversation was snoozed by Ada", "Ada set the priority to urgent", "Ada self-assigned this conversation", "Ada added billing, vip"]
    );
    assert_eq!(
        told.iter().map(|event| event.kind).take(3).collect::<Vec<_>>(),
        [Kind::ConversationStatusChanged, Kind::AssigneeChanged, Kind::ConversationUpdated]
    );
    let names: Vec<&str> = told[2].changed.iter().map(|changed| changed.name.as_str()).collect();
    assert_eq!(names, ["status", "snoozed_until", "assignee_id", "priority", "label_list", "custom_attributes"]);
    update(many, after(6)).await;
    assert_eq!(kinds(world), []);
    let unknown = ConversationChange { assignee: Some(Some(crate::domain::channel::AgentId(999))), ..ConversationChange::default() };
    let refused = store.update_conversation(office.site, SITE, number, &unknown, &by, NOW).await.unwrap();
    assert_eq!(refused.unwrap_err(), Rejection::NotFound("agent"));
    let labels = (0..21).map(|label| format!("l{label}")).collect();
    let labels = ConversationChange { labels: Some(labels), ..Default::default() };
    let refused = store.update_conversation(office.site, SITE, number, &labels, &by, NOW).await.unwrap();
    assert!(matches!(refused, Err(Rejection::Invalid(_))));
}

pub async fn lists_and_counts_follow_each_act(world: &World) {
    let office = Office::new(world, "a").await;
    let (store, site) = (&world.store, office.site);
    let other = inbox(world, site, InboxSettings { name: "Other".into(), ..InboxSettings::default() }).await;
    let mut numbers = Vec::new();
    for second in 0..6 {
        let draft = NewConversation {
            inbox: Some(if second < 4 { office.inbox.id } else { other.id }),
            contact: Some(office.contact),
            assignee: (second % 2 == 0).then_some(office.agent.id),
            ..conversation(world)
        };
        let made = store.create_conversation(site, SITE, &draft, &Performer::System, after(second)).await.unwrap().unwrap();
        numbers.push(made.view.conversation.number);
    }
    let list = |query: ConversationQuery| async move {
        let list = store.conversations(site, &query).await.unwrap();
        assert_eq!(store.conversation_counts(site, &query).await.unwrap(), list.counts);
        let numbers: Vec<i64> = list.conversations.iter().map(|view| view.conversation.number.0).collect();
        (numbers, list.counts)
    };
    let me = Some(office.agent.id);
    let counts = |mine, assigned, unassigned, all| ConversationCounts { mine, assigned, unassigned, all };
    assert_eq!(list(ConversationQuery { me, ..query() }).await, (vec![6, 5, 4, 3, 2, 1], counts(3, 3, 3, 6)));
    assert_eq!(list(ConversationQuery { me, assignee: AssigneeFilter::Me, ..query() }).await.0, [5, 3, 1]);
    assert_eq!(list(ConversationQuery { assignee: AssigneeFilter::Unassigned, ..query() }).await.0, [6, 4, 2]);
    assert_eq!(list(ConversationQuery { assignee: AssigneeFilter::Assigned, ..query() }).await.0, [5, 3, 1]);
    assert_eq!(list(ConversationQuery { inbox: Some(other.id), ..query() }).await, (vec![6, 5], counts(0, 1, 1, 2)));
    assert_eq!(list(ConversationQuery { access: office.access(), ..query() }).await.0, [4, 3, 2, 1]);
    assert_eq!(list(ConversationQuery { access: office.access(), inbox: Some(other.id), ..query() }).await, (Vec::new(), counts(0, 0, 0, 0)));
    // What is done in a conversation brings it to the top.
    store.post_message(site, SITE, numbers[0], &incoming("hello"), &Performer::Contact, after(50)).await.unwrap().unwrap();
    assert_eq!(list(query()).await.0, [1, 6, 5, 4, 3, 2]);
    let label = |labels: &[&str]| ConversationChange { labels: Some(labels.iter().map(|label| (*label).to_owned()).collect()), ..Default::default() };
    store.update_conversation(site, SITE, numbers[1], &label(&["a", "b"]), &Performer::System, after(60)).await.unwrap().unwrap();
    store.update_conversation(site, SITE, numbers[2], &label(&["b"]), &Performer::System, after(61)).await.unwrap().unwrap();
    let labelled = |labels: &[&str]| ConversationQuery { labels: labels.iter().map(|label| (*label).to_owned()).collect(), ..query() };
    assert_eq!(list(labelled(&["a"])).await.0, [2]);
    assert_eq!(list(labelled(&["a", "b"])).await, (vec![3, 2], counts(0, 1, 1, 2)));
    store.update_conversation(site, SITE, numbers[2], &to(ConversationStatus::Resolved), &Performer::System, after(62)).await.unwrap().unwrap();
    let open = ConversationQuery { status: Some(ConversationStatus::Open), ..query() };
    assert_eq!(list(open).await.0, [2, 1, 6, 5, 4]);
    assert_eq!(list(ConversationQuery { status: Some(ConversationStatus::Resolved), ..labelled(&["b"]) }).await.0, [3]);
    store.update_conversation(site, SITE, numbers[2], &label(&[]), &Performer::System, after(63)).await.unwrap().unwrap();
    assert_eq!(list(labelled(&["b"])).await.0, [2]);
}

pub async fn pages_follow_each_other(world: &World) {
    let office = Office::new(world, "a").await;
    for second in 0..60 {
        let draft = NewConversation {
            source_id: Some(office.session.source_id.clone()),
            status: Some(if second % 3 == 0 { ConversationStatus::Resolved } else { ConversationStatus::Open }),
            ..conversation(world)
        };
        world.store.create_conversation(office.site, SITE, &draft, &Performer::System, after(second)).await.unwrap().unwrap();
    }
    for access in [SITE, office.access()] {
        for status in [None, Some(ConversationStatus::Open)] {
            let (mut found, mut page) = (Vec::new(), 1);
            loop {
                let list = world.store.conversations(office.site, &ConversationQuery { access, status, page, ..query() }).await.unwrap();
                if list.conversations.is_empty() {
                    break;
                }
                found.extend(list.conversations.iter().map(|view| view.conversation.number.0));
                page += 1;
            }
            let expected: Vec<i64> = (1..=60).rev().filter(|number| status.is_none() || (number - 1) % 3 != 0).collect();
            assert_eq!(found, expected);
        }
    }
}

pub async fn words_find_their_conversations(world: &World) {
    let office = Office::new(world, "a").await;
    let store = &world.store;
    let (first, second) = (office.begin(world).await.conversation.number, office.begin(world).await.conversation.number);
    office.say(world, first, "Where is my PARCEL, please?").await;
    let posted = office.reply(world, second, "Привіт! The parcel left.").await;
    let find = |text: &str| {
        let query = ConversationQuery { text: Some(text.to_owned()), ..query() };
        async move {
            let list = store.conversations(office.site, &query).await.unwrap();
            assert_eq!(store.conversation_counts(office.site, &query).await.unwrap(), list.counts);
            let mut numbers: Vec<i64> = list.conversations.iter().map(|view| view.conversation.number.0).collect();
            numbers.sort_unstable();
            numbers
        }
    };
    assert_eq!(find("parcel").await, [1, 2]);
    assert_eq!(find("my parcel").await, [1]);
    assert_eq!(find("привіт").await, [2]);
    assert_eq!((find("parcel left").await, find("left my").await), (vec![2], Vec::new()), "all words of one message");
    assert_eq!(find("ann crm").await, [1, 2]);
    assert_eq!(find("\"parcel* OR").await, Vec::<i64>::new());
    assert_eq!(find("*\"").await, Vec::<i64>::new());
    let rename = crate::domain::channel::ContactFields { name: Some(Some("Zoe".to_owned())), ..Default::default() };
    store.update_channel_contact(office.site, office.contact, &rename, &Performer::System, NOW).await.unwrap().unwrap();
    assert_eq!((find("zoe").await, find("ann").await), (vec![1, 2], Vec::new()));
    store.delete_message(office.site, SITE, (second, posted.message.id), &office.performer(), NOW).await.unwrap().unwrap();
    assert_eq!(find("привіт").await, Vec::<i64>::new());
    store.update_conversation(office.site, SITE, first, &to(ConversationStatus::Resolved), &Performer::System, NOW).await.unwrap().unwrap();
    let open = ConversationQuery { text: Some("parcel".to_owned()), status: Some(ConversationStatus::Open), ..query() };
    assert_eq!(store.conversations(office.site, &open).await.unwrap().counts.all, 0);
}

pub async fn messages_are_listed_by_their_ids(world: &World) {
    let office = Office::new(world, "a").await;
    let number = office.begin(world).await.conversation.number;
    let other = office.begin(world).await.conversation.number;
    for _ in 0..30 {
        office.say(world, number, "x").await;
        office.say(world, other, "y").await;
    }
    let note = NewMessage { private: true, ..outgoing("a note") };
    world.store.post_message(office.site, SITE, number, &note, &office.performer(), NOW).await.unwrap().unwrap();
    let list = |before: Option<i64>, after: Option<i64>, public| async move {
        let id = crate::domain::channel::ConversationMessageId;
        let window = MessageWindow { before: before.map(id), after: after.map(id), public };
        let list = world.store.conversation_messages(office.site, SITE, number, window).await.unwrap().unwrap();
        assert!(list.messages.iter().all(|message| message.conversation == number));
        list.messages.iter().map(|message| message.id.0).collect::<Vec<_>>()
    };
    let odd: Vec<i64> = (0..30).map(|index| index * 2 + 1).collect();
    assert_eq!(list(None, None, false).await, odd[11..].iter().copied().chain([61]).collect::<Vec<_>>());
    assert_eq!(list(None, None, true).await, odd[10..]);
    assert_eq!(list(Some(21), None, false).await, odd[..10]);
    assert_eq!(list(None, Some(21), true).await, odd[11..]);
    assert_eq!(list(Some(25), Some(21), false).await, [21, 23]);
    let conversation = world.store.conversation_messages(office.site, SITE, number, MessageWindow::default()).await.unwrap().unwrap().view;
    assert_eq!(conversation.conversation.number, number);
}

pub async fn status_of_a_message_does_not_go_back_from_read(world: &World) {
    let office = Office::new(world, "a").await;
    let number = office.begin(world).await.conversation.number;
    let id = office.reply(world, number, "hello").await.message.id;
    world.heard.take();
    let set = |status, error: Option<&'static str>| async move {
        let posted = world.store.set_message_status(office.site, SITE, (number, id), status, error, after(9)).await.unwrap().unwrap();
        (posted.message.status, posted.message.content_attributes.get("external_error").cloned())
    };
    assert_eq!(set(MessageStatus::Failed, Some("no route")).await, (MessageStatus::Failed, Some(json!("no route"))));
    assert_eq!(set(MessageStatus::Read, Some("ignored")).await, (MessageStatus::Read, None));
    assert_eq!(kinds(world), [Kind::MessageUpdated, Kind::MessageUpdated]);
    assert_eq!(set(MessageStatus::Delivered, None).await.0, MessageStatus::Read);
    assert_eq!(kinds(world), []);
}

pub async fn contact_who_looks_has_read(world: &World) {
    let office = Office::new(world, "a").await;
    let number = office.begin(world).await.conversation.number;
    office.say(world, number, "hello").await;
    let note = NewMessage { private: true, ..outgoing("a note") };
    world.store.post_message(office.site, SITE, number, &note, &office.performer(), NOW).await.unwrap().unwrap();
    let sent = [office.reply(world, number, "a").await.message.id, office.reply(world, number, "b").await.message.id];
    world.store.set_message_status(office.site, SITE, (number, sent[1]), MessageStatus::Delivered, None, NOW).await.unwrap().unwrap();
    world.heard.take();
    let access = ConversationAccess::Session(office.session.id);
    let seen = world.store.seen_by_contact(office.site, access, number, after(3)).await.unwrap().unwrap();
    assert_eq!(seen.conversation.contact_last_seen_at, Some(after(3)));
    let told = events(world);
    assert!(told.iter().all(|event| event.kind == Kind::MessageUpdated));
    let read: Vec<_> = told.iter().map(|event| event.message.as_ref().unwrap()).map(|message| (message.id, message.status)).collect();
    assert_eq!(read, [(sent[0], MessageStatus::Read), (sent[1], MessageStatus::Read)]);
    assert_eq!(json!(told[1].changed), json!([{"name": "status", "previous": "delivered", "current": "read"}]));
    world.store.seen_by_contact(office.site, access, number, after(4)).await.unwrap().unwrap();
    assert_eq!(kinds(world), []);
}

pub async fn one_look_reads_a_bounded_number_of_messages(world: &World) {
    let office = Office::new(world, "a").await;
    let number = office.begin(world).await.conversation.number;
    let extra = 5;
    for _ in 0..MAX_READ_AT_ONCE + extra {
        office.reply(world, number, "x").await;
    }
    let access = ConversationAccess::Contact(office.contact);
    for expected in [MAX_READ_AT_ONCE, extra, 0] {
        world.heard.take();
        world.store.seen_by_contact(office.site, access, number, after(3)).await.unwrap().unwrap();
        assert_eq!(kinds(world).len(), expected as usize);
    }
}

pub async fn deleted_message_leaves_a_line_in_its_place(world: &World) {
    let office = Office::new(world, "a").await;
    let number = office.begin(world).await.conversation.number;
    let id = office.say(world, number, "a secret").await.message.id;
    world.heard.take();
    let deleted = world.store.delete_message(office.site, SITE, (number, id), &office.performer(), after(1)).await.unwrap().unwrap();
    assert_eq!(deleted.message.content.as_deref(), Some("This message was deleted"));
    assert_eq!(json!(deleted.message.content_attributes), json!({"deleted": true}));
    assert_eq!(deleted.view.last_message.as_ref(), Some(&deleted.message));
    let told = events(world);
    assert_eq!((told.len(), told[0].kind), (1, Kind::MessageUpdated));
    let unknown = crate::domain::channel::ConversationMessageId(999);
    let refused = world.store.delete_message(office.site, SITE, (number, unknown), &office.performer(), NOW).await.unwrap();
    assert_eq!(refused.unwrap_err(), Rejection::NotFound("message"));
}

pub async fn submitted_values_are_merged(world: &World) {
    let office = Office::new(world, "a").await;
    let number = office.begin(world).await.conversation.number;
    let id = office.reply(world, number, "choose").await.message.id;
    world.heard.take();
    let values = json!({"submitted_values": [{"title": "A", "value": "a"}]}).as_object().unwrap().clone();
    for told in [vec![Kind::MessageUpdated], Vec::new()] {
        let access = ConversationAccess::Session(office.session.id);
        let merged = world.store.merge_content_attributes(office.site, access, (number, id), &values, &Performer::Contact, after(1)).await.unwrap();
        assert_eq!(merged.unwrap().message.content_attributes, values);
        assert_eq!(kinds(world), told);
    }
}

pub async fn contact_sees_what_is_theirs(world: &World) {
    let office = Office::new(world, "a").await;
    let (store, site) = (&world.store, office.site);
    let number = office.begin(world).await.conversation.number;
    office.reply(world, number, "hello").await;
    let note = NewMessage { private: true, ..outgoing("a note") };
    let note = store.post_message(site, SITE, number, &note, &office.performer(), NOW).await.unwrap().unwrap().message.id;
    store.update_conversation(site, SITE, number, &to(ConversationStatus::Resolved), &office.performer(), NOW).await.unwrap().unwrap();
    let own = ConversationAccess::Session(office.session.id);
    let shown = store.conversation_of_session(site, own, number).await.unwrap().unwrap();
    assert_eq!(shown.messages.iter().map(|message| message.content.as_deref()).collect::<Vec<_>>(), [Some("hello")]);
    assert_eq!(store.conversation_message(site, own, number, note).await.unwrap().unwrap_err(), Rejection::NotFound("message"));
    assert_eq!(store.conversations_of_session(site, office.session.id).await.unwrap(), [shown]);
    let fields =
        crate::domain::channel::ContactFields { identifier: Some(Some(crate::domain::ExternalId::parse("crm-1").unwrap())), ..Default::default() };
    let request = Identification { source_id: None, fields, verified: false, session: new_session(world) };
    let second = store.identify_contact(site, office.inbox.id, &request, NOW).await.unwrap().unwrap().session;
    let theirs = ConversationAccess::Session(second.id);
    // A session that is not proven sees its own alone, and so does another beside one that is proven.
    for _ in 0..2 {
        assert_eq!(store.conversation(site, theirs, number).await.unwrap().unwrap_err(), Rejection::NotFound("conversation"));
        assert_eq!(store.conversations_of_session(site, second.id).await.unwrap(), []);
        store.verify_session(site, second.id, NOW).await.unwrap();
    }
    store.verify_session(site, office.session.id, NOW).await.unwrap();
    assert!(store.conversation(site, theirs, number).await.unwrap().is_ok());
    assert_eq!(store.conversations_of_session(site, second.id).await.unwrap().len(), 1);
    let of_contact = |access| async move { store.conversations_of_contact(site, access, office.contact).await.unwrap().len() };
    assert_eq!((of_contact(SITE).await, of_contact(office.access()).await), (1, 1));
    let stranger = agent(world, site, "s@agents.example", AgentRole::Agent).await;
    assert_eq!(of_contact(ConversationAccess::Agent(stranger.id)).await, 0);
    let forbidden = store.conversation(site, ConversationAccess::Agent(stranger.id), number).await.unwrap();
    assert_eq!(forbidden.unwrap_err(), Rejection::Forbidden);
}

pub async fn snoozed_conversation_wakes_in_time(world: &World) {
    let office = Office::new(world, "a").await;
    let number = office.begin(world).await.conversation.number;
    let snooze = |until| ConversationChange { status: Some(StatusChange::To(ConversationStatus::Snoozed, Some(until))), ..Default::default() };
    assert_eq!(world.store.wake_snoozed(NOW).await.unwrap(), None);
    world.store.update_conversation(office.site, SITE, number, &snooze(after(60)), &office.performer(), NOW).await.unwrap().unwrap();
    world.heard.take();
    assert_eq!(world.store.wake_snoozed(after(59)).await.unwrap(), Some(after(60)));
    assert_eq!(kinds(world), []);
    assert_eq!(world.store.wake_snoozed(after(60)).await.unwrap(), None);
    assert_eq!(kinds(world), [Kind::ConversationStatusChanged, Kind::ConversationUpdated, Kind::MessageCreated]);
    let view = world.store.conversation(office.site, SITE, number).await.unwrap().unwrap();
    assert_eq!((view.conversation.status, view.conversation.snoozed_until), (ConversationStatus::Open, None));
}

pub async fn typing_is_told_and_not_kept(world: &World) {
    let office = Office::new(world, "a").await;
    let number = office.begin(world).await.conversation.number;
    world.heard.take();
    for (typing, kind) in [((true, false), Kind::TypingOn), ((false, true), Kind::TypingOff)] {
        world.store.announce_typing(office.site, office.access(), number, typing, &office.performer(), NOW).await.unwrap().unwrap();
        let told = events(world);
        assert_eq!((told.len(), told[0].kind, told[0].private), (1, kind, typing.1));
    }
}

pub async fn reply_window_closes(world: &World) {
    let office = Office::new(world, "a").await;
    let window = |settings: &InboxSettings| {
        Ok(InboxSettings { additional_attributes: json!({"agent_reply_time_window": 1}).as_object().unwrap().clone(), ..settings.clone() })
    };
    let number = office.begin(world).await.conversation.number;
    assert!(office.say(world, number, "x").await.view.can_reply(after(9_999)));
    world.store.update_inbox(office.site, office.inbox.id, Box::new(window), NOW).await.unwrap().unwrap();
    let view = world.store.conversation(office.site, SITE, number).await.unwrap().unwrap();
    assert_eq!((view.can_reply(after(3_600)), view.can_reply(after(3_601))), (true, false));
}
