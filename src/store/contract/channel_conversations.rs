//! Conversations: creation, changes, lists, search.

use super::{
    channel::{
        ConversationFixture, SITE, agent, contact, conversation, events, inbox, kinds, new_session,
        query,
    },
    test_store::{NOW, TestStore, after},
};
use crate::domain::{
    Timestamp,
    channel::{
        AgentRole, AssigneeFilter, ConversationAccess, ConversationChange, ConversationCounts,
        ConversationEventKind, ConversationNumber, ConversationQuery, ConversationStatus,
        Identification, InboxSettings, MessageKind, NewConversation, NewMessage, Performer,
        Priority, Rejection, StatusChange,
    },
};
use ConversationEventKind as Kind;
use futures_util::future::join_all;
use serde_json::json;
use std::collections::BTreeSet;

pub(super) fn to(status: ConversationStatus) -> ConversationChange {
    ConversationChange {
        status: Some(StatusChange::To(status, None)),
        ..ConversationChange::default()
    }
}

pub(super) fn outgoing(text: &str) -> NewMessage {
    NewMessage::text(MessageKind::Outgoing, text)
}

pub(super) fn incoming(text: &str) -> NewMessage {
    NewMessage::text(MessageKind::Incoming, text)
}

pub async fn conversation_is_stored_unchanged(world: &TestStore) {
    let office = ConversationFixture::new(world, "a").await;
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
    let made = store
        .create_conversation(office.site, office.access(), &draft, &Performer::Contact, NOW)
        .await
        .unwrap()
        .unwrap();
    assert!(made.created);
    let view = &made.view;
    let row = &view.conversation;
    assert_eq!(
        (row.number, row.uuid, row.status, row.priority),
        (ConversationNumber(1), draft.uuid, ConversationStatus::Pending, Some(Priority::High))
    );
    assert_eq!(
        (row.contact, row.session, row.inbox),
        (office.contact, office.session.id, office.inbox.id)
    );
    assert_eq!(
        (view.assignee.as_ref(), view.inbox_name.as_str()),
        (Some(&office.agent), "Support")
    );
    assert_eq!(
        json!([row.custom_attributes, row.additional_attributes]),
        json!([{"order": 7}, {"page": "/"}])
    );
    assert_eq!((row.created_at, row.last_activity_at, row.waiting_since), (NOW, NOW, Some(NOW)));
    assert_eq!((view.unread_count, &view.last_message), (1, &made.message));
    let told = events(world);
    assert_eq!(
        told.iter().map(|event| event.kind).collect::<Vec<_>>(),
        [Kind::ConversationCreated, Kind::MessageCreated]
    );
    assert_eq!(told[1].echo_id.as_deref(), Some("e1"));
    assert_eq!(told[1].inbox.as_ref().unwrap().identifier, office.inbox.identifier);
    assert_eq!(told[1].site_name, "a");
    let read = store.conversation(office.site, office.access(), row.number).await.unwrap().unwrap();
    assert_eq!(read.session.pubsub_token, office.session.pubsub_token);
    assert_eq!(read.conversation, *row);
}

pub async fn session_is_found_or_created(world: &TestStore) {
    let office = ConversationFixture::new(world, "a").await;
    let (store, site) = (&world.store, office.site);
    assert_eq!(office.begin(world).await.session.id, office.session.id);
    let of_contact = NewConversation {
        inbox: Some(office.inbox.id),
        contact: Some(office.contact),
        ..conversation(world)
    };
    let fresh = new_session(world);
    let named = NewConversation { source_id: Some(fresh.source_id.clone()), ..of_contact.clone() };
    let made = store
        .create_conversation(site, SITE, &named, &Performer::System, NOW)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (made.view.session.source_id, made.view.contact.id()),
        (fresh.source_id, office.contact)
    );
    let other = contact(world, site, office.inbox.id, "crm-2").await;
    let taken =
        NewConversation { source_id: Some(other.session.unwrap().source_id), ..of_contact.clone() };
    world.heard.take();
    for (draft, rejection) in [
        (taken, Rejection::SourceIdTaken),
        (
            NewConversation {
                inbox: None,
                contact: None,
                source_id: Some(new_session(world).source_id),
                ..conversation(world)
            },
            Rejection::NotFound("session"),
        ),
        (
            NewConversation { contact: Some(crate::domain::ContactId(999)), ..of_contact.clone() },
            Rejection::NotFound("contact"),
        ),
        (
            NewConversation {
                assignee: Some(crate::domain::channel::AgentId(999)),
                ..of_contact.clone()
            },
            Rejection::NotFound("agent"),
        ),
        (conversation(world), Rejection::NotFound("session")),
    ] {
        let refused =
            store.create_conversation(site, SITE, &draft, &Performer::System, NOW).await.unwrap();
        assert_eq!(refused.unwrap_err(), rejection);
    }
    assert_eq!(kinds(world), []);
    let stranger = agent(world, site, "s@agents.example", AgentRole::Agent).await;
    let refused = store
        .create_conversation(
            site,
            ConversationAccess::Agent(stranger.id),
            &of_contact,
            &Performer::System,
            NOW,
        )
        .await
        .unwrap();
    assert_eq!(refused.unwrap_err(), Rejection::Forbidden);
}

pub async fn numbers_count_from_one_in_each_site(world: &TestStore) {
    let (a, b) =
        (ConversationFixture::new(world, "a").await, ConversationFixture::new(world, "b").await);
    let made = join_all((0..40).map(|_| a.begin(world))).await;
    let numbers: BTreeSet<i64> = made.iter().map(|view| view.conversation.number.0).collect();
    assert_eq!(numbers, (1..=40).collect());
    assert_eq!(b.begin(world).await.conversation.number, ConversationNumber(1));
    assert_eq!(b.say(world, ConversationNumber(1), "x").await.message.id.0, 1);
}

pub async fn locked_inbox_has_one_conversation_for_a_session(world: &TestStore) {
    let office = ConversationFixture::new(world, "a").await;
    let lock = |settings: &InboxSettings| {
        Ok(InboxSettings { lock_to_single_conversation: true, ..settings.clone() })
    };
    world
        .store
        .update_inbox(office.site, office.inbox.id, Box::new(lock), NOW)
        .await
        .unwrap()
        .unwrap();
    let first = office.begin(world).await;
    world.heard.take();
    let draft = NewConversation {
        message: Some(incoming("again")),
        source_id: Some(office.session.source_id.clone()),
        ..conversation(world)
    };
    let again = world
        .store
        .create_conversation(office.site, SITE, &draft, &Performer::Contact, NOW)
        .await
        .unwrap()
        .unwrap();
    assert_eq!((again.created, again.view.conversation.number), (false, first.conversation.number));
    assert_eq!(again.message.unwrap().content.as_deref(), Some("again"));
    assert_eq!(kinds(world), [Kind::MessageCreated]);
}

pub async fn blocked_contact_begins_resolved(world: &TestStore) {
    let office = ConversationFixture::new(world, "a").await;
    let block = crate::domain::channel::ContactFields { blocked: Some(true), ..Default::default() };
    world
        .store
        .update_channel_contact(office.site, office.contact, &block, &Performer::System, NOW)
        .await
        .unwrap()
        .unwrap();
    let draft = NewConversation {
        source_id: Some(office.session.source_id.clone()),
        message: Some(incoming("hello")),
        ..conversation(world)
    };
    let made = world
        .store
        .create_conversation(office.site, SITE, &draft, &Performer::Contact, NOW)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(made.view.conversation.status, ConversationStatus::Resolved);
}

pub async fn change_reports_only_actual_changes(world: &TestStore) {
    let office = &ConversationFixture::new(world, "a").await;
    let (store, number) = (&world.store, office.begin(world).await.conversation.number);
    let by = office.performer();
    let update = |change: ConversationChange, at: Timestamp| {
        let by = &by;
        async move {
            store
                .update_conversation(office.site, office.access(), number, &change, by, at)
                .await
                .unwrap()
                .unwrap()
        }
    };
    world.heard.take();
    let resolved = update(to(ConversationStatus::Resolved), after(1)).await;
    assert_eq!(
        (resolved.conversation.status, resolved.conversation.waiting_since),
        (ConversationStatus::Resolved, None)
    );
    let told = events(world);
    assert_eq!(
        told.iter().map(|event| event.kind).collect::<Vec<_>>(),
        [Kind::ConversationStatusChanged, Kind::ConversationUpdated, Kind::MessageCreated]
    );
    assert_eq!(
        json!(told[0].changed[0]),
        json!({"name": "status", "previous": "open", "current": "resolved"})
    );
    assert_eq!(
        told[2].message.as_ref().unwrap().content.as_deref(),
        Some("Conversation was marked resolved by Ada")
    );
    assert_eq!(told[2].message.as_ref().unwrap().sender, None);
    update(to(ConversationStatus::Resolved), after(2)).await;
    assert_eq!(kinds(world), []);
    let toggle = || ConversationChange {
        status: Some(StatusChange::Toggle),
        ..ConversationChange::default()
    };
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
    assert_eq!(
        (changed.conversation.snoozed_until, &changed.assignee),
        (Some(after(100)), &Some(office.agent.clone()))
    );
    let told = events(world);
    let lines: Vec<&str> =
        told.iter().filter_map(|event| event.message.as_ref()?.content.as_deref()).collect();
    assert_eq!(
        lines,
        [
            "Conversation was snoozed by Ada",
            "Ada set the priority to urgent",
            "Ada self-assigned this conversation",
            "Ada added billing, vip"
        ]
    );
    assert_eq!(
        told.iter().map(|event| event.kind).take(3).collect::<Vec<_>>(),
        [Kind::ConversationStatusChanged, Kind::AssigneeChanged, Kind::ConversationUpdated]
    );
    let names: Vec<&str> = told[2].changed.iter().map(|changed| changed.name.as_str()).collect();
    assert_eq!(
        names,
        ["status", "snoozed_until", "assignee_id", "priority", "label_list", "custom_attributes"]
    );
    update(many, after(6)).await;
    assert_eq!(kinds(world), []);
    let unknown = ConversationChange {
        assignee: Some(Some(crate::domain::channel::AgentId(999))),
        ..ConversationChange::default()
    };
    let refused =
        store.update_conversation(office.site, SITE, number, &unknown, &by, NOW).await.unwrap();
    assert_eq!(refused.unwrap_err(), Rejection::NotFound("agent"));
    let labels = (0..21).map(|label| format!("l{label}")).collect();
    let labels = ConversationChange { labels: Some(labels), ..Default::default() };
    let refused =
        store.update_conversation(office.site, SITE, number, &labels, &by, NOW).await.unwrap();
    assert!(matches!(refused, Err(Rejection::Invalid(_))));
}

pub async fn lists_and_counts_follow_each_change(world: &TestStore) {
    let office = ConversationFixture::new(world, "a").await;
    let (store, site) = (&world.store, office.site);
    let other =
        inbox(world, site, InboxSettings { name: "Other".into(), ..InboxSettings::default() })
            .await;
    let mut numbers = Vec::new();
    for second in 0..6 {
        let draft = NewConversation {
            inbox: Some(if second < 4 { office.inbox.id } else { other.id }),
            contact: Some(office.contact),
            assignee: (second % 2 == 0).then_some(office.agent.id),
            ..conversation(world)
        };
        let made = store
            .create_conversation(site, SITE, &draft, &Performer::System, after(second))
            .await
            .unwrap()
            .unwrap();
        numbers.push(made.view.conversation.number);
    }
    let list = |query: ConversationQuery| async move {
        let list = store.conversations(site, &query).await.unwrap();
        assert_eq!(store.conversation_counts(site, &query).await.unwrap(), list.counts);
        let numbers: Vec<i64> =
            list.conversations.iter().map(|view| view.conversation.number.0).collect();
        (numbers, list.counts)
    };
    let me = Some(office.agent.id);
    let counts =
        |mine, assigned, unassigned, all| ConversationCounts { mine, assigned, unassigned, all };
    assert_eq!(
        list(ConversationQuery { me, ..query() }).await,
        (vec![6, 5, 4, 3, 2, 1], counts(3, 3, 3, 6))
    );
    assert_eq!(
        list(ConversationQuery { me, assignee: AssigneeFilter::Me, ..query() }).await.0,
        [5, 3, 1]
    );
    assert_eq!(
        list(ConversationQuery { assignee: AssigneeFilter::Unassigned, ..query() }).await.0,
        [6, 4, 2]
    );
    assert_eq!(
        list(ConversationQuery { assignee: AssigneeFilter::Assigned, ..query() }).await.0,
        [5, 3, 1]
    );
    assert_eq!(
        list(ConversationQuery { inbox: Some(other.id), ..query() }).await,
        (vec![6, 5], counts(0, 1, 1, 2))
    );
    assert_eq!(
        list(ConversationQuery { access: office.access(), ..query() }).await.0,
        [4, 3, 2, 1]
    );
    assert_eq!(
        list(ConversationQuery { access: office.access(), inbox: Some(other.id), ..query() }).await,
        (Vec::new(), counts(0, 0, 0, 0))
    );
    // Activity moves a conversation to the top.
    store
        .post_message(site, SITE, numbers[0], &incoming("hello"), &Performer::Contact, after(50))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(list(query()).await.0, [1, 6, 5, 4, 3, 2]);
    let label = |labels: &[&str]| ConversationChange {
        labels: Some(labels.iter().map(|label| (*label).to_owned()).collect()),
        ..Default::default()
    };
    store
        .update_conversation(
            site,
            SITE,
            numbers[1],
            &label(&["a", "b"]),
            &Performer::System,
            after(60),
        )
        .await
        .unwrap()
        .unwrap();
    store
        .update_conversation(site, SITE, numbers[2], &label(&["b"]), &Performer::System, after(61))
        .await
        .unwrap()
        .unwrap();
    let labelled = |labels: &[&str]| ConversationQuery {
        labels: labels.iter().map(|label| (*label).to_owned()).collect(),
        ..query()
    };
    assert_eq!(list(labelled(&["a"])).await.0, [2]);
    assert_eq!(list(labelled(&["a", "b"])).await, (vec![3, 2], counts(0, 1, 1, 2)));
    store
        .update_conversation(
            site,
            SITE,
            numbers[2],
            &to(ConversationStatus::Resolved),
            &Performer::System,
            after(62),
        )
        .await
        .unwrap()
        .unwrap();
    let open = ConversationQuery { status: Some(ConversationStatus::Open), ..query() };
    assert_eq!(list(open).await.0, [2, 1, 6, 5, 4]);
    assert_eq!(
        list(ConversationQuery { status: Some(ConversationStatus::Resolved), ..labelled(&["b"]) })
            .await
            .0,
        [3]
    );
    store
        .update_conversation(site, SITE, numbers[2], &label(&[]), &Performer::System, after(63))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(list(labelled(&["b"])).await.0, [2]);
}

pub async fn conversation_pages_are_contiguous(world: &TestStore) {
    let office = ConversationFixture::new(world, "a").await;
    for second in 0..60 {
        let draft = NewConversation {
            source_id: Some(office.session.source_id.clone()),
            status: Some(if second % 3 == 0 {
                ConversationStatus::Resolved
            } else {
                ConversationStatus::Open
            }),
            ..conversation(world)
        };
        world
            .store
            .create_conversation(office.site, SITE, &draft, &Performer::System, after(second))
            .await
            .unwrap()
            .unwrap();
    }
    for access in [SITE, office.access()] {
        for status in [None, Some(ConversationStatus::Open)] {
            let (mut found, mut page) = (Vec::new(), 1);
            loop {
                let list = world
                    .store
                    .conversations(
                        office.site,
                        &ConversationQuery { access, status, page, ..query() },
                    )
                    .await
                    .unwrap();
                if list.conversations.is_empty() {
                    break;
                }
                found.extend(list.conversations.iter().map(|view| view.conversation.number.0));
                page += 1;
            }
            let expected: Vec<i64> =
                (1..=60).rev().filter(|number| status.is_none() || (number - 1) % 3 != 0).collect();
            assert_eq!(found, expected);
        }
    }
}

pub async fn search_finds_conversations_by_words(world: &TestStore) {
    let office = ConversationFixture::new(world, "a").await;
    let store = &world.store;
    let (first, second) = (
        office.begin(world).await.conversation.number,
        office.begin(world).await.conversation.number,
    );
    office.say(world, first, "Where is my PARCEL, please?").await;
    let posted = office.reply(world, second, "Привіт! The parcel left.").await;
    let find = |text: &str| {
        let query = ConversationQuery { text: Some(text.to_owned()), ..query() };
        async move {
            let list = store.conversations(office.site, &query).await.unwrap();
            assert_eq!(store.conversation_counts(office.site, &query).await.unwrap(), list.counts);
            let mut numbers: Vec<i64> =
                list.conversations.iter().map(|view| view.conversation.number.0).collect();
            numbers.sort_unstable();
            numbers
        }
    };
    assert_eq!(find("parcel").await, [1, 2]);
    assert_eq!(find("my parcel").await, [1]);
    assert_eq!(find("привіт").await, [2]);
    assert_eq!(
        (find("parcel left").await, find("left my").await),
        (vec![2], Vec::new()),
        "all words of one message"
    );
    assert_eq!(find("ann crm").await, [1, 2]);
    assert_eq!(find("\"parcel* OR").await, Vec::<i64>::new());
    assert_eq!(find("*\"").await, Vec::<i64>::new());
    let rename = crate::domain::channel::ContactFields {
        name: Some(Some("Zoe".to_owned())),
        ..Default::default()
    };
    store
        .update_channel_contact(office.site, office.contact, &rename, &Performer::System, NOW)
        .await
        .unwrap()
        .unwrap();
    assert_eq!((find("zoe").await, find("ann").await), (vec![1, 2], Vec::new()));
    store
        .delete_message(office.site, SITE, (second, posted.message.id), &office.performer(), NOW)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(find("привіт").await, Vec::<i64>::new());
    store
        .update_conversation(
            office.site,
            SITE,
            first,
            &to(ConversationStatus::Resolved),
            &Performer::System,
            NOW,
        )
        .await
        .unwrap()
        .unwrap();
    let open = ConversationQuery {
        text: Some("parcel".to_owned()),
        status: Some(ConversationStatus::Open),
        ..query()
    };
    assert_eq!(store.conversations(office.site, &open).await.unwrap().counts.all, 0);
}

pub async fn contact_sees_only_its_conversations(world: &TestStore) {
    let office = ConversationFixture::new(world, "a").await;
    let (store, site) = (&world.store, office.site);
    let number = office.begin(world).await.conversation.number;
    office.reply(world, number, "hello").await;
    let note = NewMessage { private: true, ..outgoing("a note") };
    let note = store
        .post_message(site, SITE, number, &note, &office.performer(), NOW)
        .await
        .unwrap()
        .unwrap()
        .message
        .id;
    store
        .update_conversation(
            site,
            SITE,
            number,
            &to(ConversationStatus::Resolved),
            &office.performer(),
            NOW,
        )
        .await
        .unwrap()
        .unwrap();
    let own = ConversationAccess::Session(office.session.id);
    let shown = store.conversation_of_session(site, own, number).await.unwrap().unwrap();
    assert_eq!(
        shown.messages.iter().map(|message| message.content.as_deref()).collect::<Vec<_>>(),
        [Some("hello")]
    );
    assert_eq!(
        store.conversation_message(site, own, number, note).await.unwrap().unwrap_err(),
        Rejection::NotFound("message")
    );
    assert_eq!(store.conversations_of_session(site, office.session.id).await.unwrap(), [shown]);
    let fields = crate::domain::channel::ContactFields {
        identifier: Some(Some(crate::domain::ExternalId::parse("crm-1").unwrap())),
        ..Default::default()
    };
    let request =
        Identification { source_id: None, fields, verified: false, session: new_session(world) };
    let second = store
        .identify_contact(site, office.inbox.id, &request, NOW)
        .await
        .unwrap()
        .unwrap()
        .session;
    let theirs = ConversationAccess::Session(second.id);
    // An unverified session sees only its own conversations, even next to a verified one.
    for _ in 0..2 {
        assert_eq!(
            store.conversation(site, theirs, number).await.unwrap().unwrap_err(),
            Rejection::NotFound("conversation")
        );
        assert_eq!(store.conversations_of_session(site, second.id).await.unwrap(), []);
        store.verify_session(site, second.id, NOW).await.unwrap();
    }
    store.verify_session(site, office.session.id, NOW).await.unwrap();
    assert!(store.conversation(site, theirs, number).await.unwrap().is_ok());
    assert_eq!(store.conversations_of_session(site, second.id).await.unwrap().len(), 1);
    let of_contact = |access| async move {
        store.conversations_of_contact(site, access, office.contact).await.unwrap().len()
    };
    assert_eq!((of_contact(SITE).await, of_contact(office.access()).await), (1, 1));
    let stranger = agent(world, site, "s@agents.example", AgentRole::Agent).await;
    assert_eq!(of_contact(ConversationAccess::Agent(stranger.id)).await, 0);
    let forbidden =
        store.conversation(site, ConversationAccess::Agent(stranger.id), number).await.unwrap();
    assert_eq!(forbidden.unwrap_err(), Rejection::Forbidden);
}

pub async fn snoozed_conversation_reopens_when_due(world: &TestStore) {
    let office = ConversationFixture::new(world, "a").await;
    let number = office.begin(world).await.conversation.number;
    let snooze = |until| ConversationChange {
        status: Some(StatusChange::To(ConversationStatus::Snoozed, Some(until))),
        ..Default::default()
    };
    assert_eq!(world.store.wake_snoozed(NOW).await.unwrap(), None);
    world
        .store
        .update_conversation(
            office.site,
            SITE,
            number,
            &snooze(after(60)),
            &office.performer(),
            NOW,
        )
        .await
        .unwrap()
        .unwrap();
    world.heard.take();
    assert_eq!(world.store.wake_snoozed(after(59)).await.unwrap(), Some(after(60)));
    assert_eq!(kinds(world), []);
    assert_eq!(world.store.wake_snoozed(after(60)).await.unwrap(), None);
    assert_eq!(
        kinds(world),
        [Kind::ConversationStatusChanged, Kind::ConversationUpdated, Kind::MessageCreated]
    );
    let view = world.store.conversation(office.site, SITE, number).await.unwrap().unwrap();
    assert_eq!(
        (view.conversation.status, view.conversation.snoozed_until),
        (ConversationStatus::Open, None)
    );
}
