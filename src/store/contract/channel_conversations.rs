//! Conversations: how they begin, change, and wake from a snooze.

use super::{
    channel::{
        ConversationFixture, SITE, agent, contact, conversation, events, kinds, new_session,
    },
    test_store::{NOW, TestStore, after},
};
use ConversationEventKind as Kind;
use belfry_domain::{
    Timestamp,
    channel::{
        AgentRole, ConversationAccess, ConversationChange, ConversationEventKind,
        ConversationNumber, ConversationStatus, InboxSettings, MessageKind, NewConversation,
        NewMessage, Performer, Priority, Rejection, StatusChange,
    },
};
use belfry_locales::UiLanguage;
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
    let fixture = ConversationFixture::new(world, "a").await;
    let store = &world.store;
    let draft = NewConversation {
        source_id: Some(fixture.session.source_id.clone()),
        status: Some(ConversationStatus::Pending),
        priority: Some(Priority::High),
        assignee: Some(fixture.agent.id),
        custom_attributes: json!({"order": 7}).as_object().unwrap().clone(),
        additional_attributes: json!({"page": "/"}).as_object().unwrap().clone(),
        message: Some(NewMessage { echo_id: Some("e1".into()), ..incoming("hello") }),
        ..conversation(world)
    };
    let made = store
        .create_conversation(fixture.site, fixture.access(), &draft, &Performer::Contact, NOW)
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
        (fixture.contact, fixture.session.id, fixture.inbox.id)
    );
    assert_eq!(
        (view.assignee.as_ref(), view.inbox_name.as_str()),
        (Some(&fixture.agent), "Support")
    );
    assert_eq!(
        json!([row.custom_attributes, row.additional_attributes]),
        json!([{"order": 7}, {"page": "/"}])
    );
    assert_eq!((row.created_at, row.last_activity_at, row.waiting_since), (NOW, NOW, Some(NOW)));
    assert_eq!((view.unread_count, &view.last_message), (1, &made.message));
    let events = events(world);
    assert_eq!(
        events.iter().map(|event| event.kind).collect::<Vec<_>>(),
        [Kind::ConversationCreated, Kind::MessageCreated]
    );
    assert_eq!(events[1].echo_id.as_deref(), Some("e1"));
    assert_eq!(events[1].inbox.as_ref().unwrap().identifier, fixture.inbox.identifier);
    assert_eq!(events[1].site_name, "a");
    let read =
        store.conversation(fixture.site, fixture.access(), row.number).await.unwrap().unwrap();
    assert_eq!(read.session.pubsub_token, fixture.session.pubsub_token);
    assert_eq!(read.conversation, *row);
}

pub async fn session_is_found_or_created(world: &TestStore) {
    let fixture = ConversationFixture::new(world, "a").await;
    let (store, site) = (&world.store, fixture.site);
    assert_eq!(fixture.begin(world).await.session.id, fixture.session.id);
    let of_contact = NewConversation {
        inbox: Some(fixture.inbox.id),
        contact: Some(fixture.contact),
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
        (fresh.source_id, fixture.contact)
    );
    let other = contact(world, site, fixture.inbox.id, "crm-2").await;
    let taken =
        NewConversation { source_id: Some(other.session.unwrap().source_id), ..of_contact.clone() };
    world.events.take();
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
            NewConversation { contact: Some(belfry_domain::ContactId(999)), ..of_contact.clone() },
            Rejection::NotFound("contact"),
        ),
        (
            NewConversation {
                assignee: Some(belfry_domain::channel::AgentId(999)),
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
    assert_eq!(b.post_incoming(world, ConversationNumber(1), "x").await.message.id.0, 1);
}

pub async fn locked_inbox_has_one_conversation_for_a_session(world: &TestStore) {
    let fixture = ConversationFixture::new(world, "a").await;
    let lock = |settings: &InboxSettings| {
        Ok(InboxSettings { lock_to_single_conversation: true, ..settings.clone() })
    };
    world
        .store
        .update_inbox(fixture.site, fixture.inbox.id, Box::new(lock), NOW)
        .await
        .unwrap()
        .unwrap();
    let first = fixture.begin(world).await;
    world.events.take();
    let draft = NewConversation {
        message: Some(incoming("again")),
        source_id: Some(fixture.session.source_id.clone()),
        ..conversation(world)
    };
    let again = world
        .store
        .create_conversation(fixture.site, SITE, &draft, &Performer::Contact, NOW)
        .await
        .unwrap()
        .unwrap();
    assert_eq!((again.created, again.view.conversation.number), (false, first.conversation.number));
    assert_eq!(again.message.unwrap().content.as_deref(), Some("again"));
    assert_eq!(kinds(world), [Kind::MessageCreated]);
}

pub async fn blocked_contact_begins_resolved(world: &TestStore) {
    let fixture = ConversationFixture::new(world, "a").await;
    let block = belfry_domain::channel::ContactFields { blocked: Some(true), ..Default::default() };
    world
        .store
        .update_channel_contact(fixture.site, fixture.contact, &block, &Performer::System, NOW)
        .await
        .unwrap()
        .unwrap();
    let draft = NewConversation {
        source_id: Some(fixture.session.source_id.clone()),
        message: Some(incoming("hello")),
        ..conversation(world)
    };
    let made = world
        .store
        .create_conversation(fixture.site, SITE, &draft, &Performer::Contact, NOW)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(made.view.conversation.status, ConversationStatus::Resolved);
}

pub async fn change_reports_only_actual_changes(world: &TestStore) {
    let fixture = &ConversationFixture::new(world, "a").await;
    let (store, number) = (&world.store, fixture.begin(world).await.conversation.number);
    let by = fixture.performer();
    let update = |change: ConversationChange, at: Timestamp| {
        let by = &by;
        async move {
            store
                .update_conversation(fixture.site, fixture.access(), number, &change, by, at)
                .await
                .unwrap()
                .unwrap()
        }
    };
    world.events.take();
    let resolved = update(to(ConversationStatus::Resolved), after(1)).await;
    assert_eq!(
        (resolved.conversation.status, resolved.conversation.waiting_since),
        (ConversationStatus::Resolved, None)
    );
    let all_events = events(world);
    assert_eq!(
        all_events.iter().map(|event| event.kind).collect::<Vec<_>>(),
        [Kind::ConversationStatusChanged, Kind::ConversationUpdated, Kind::MessageCreated]
    );
    assert_eq!(
        json!(all_events[0].changed[0]),
        json!({"name": "status", "previous": "open", "current": "resolved"})
    );
    assert_eq!(
        all_events[2].message.as_ref().unwrap().content.as_deref(),
        Some("Conversation was marked resolved by Ada")
    );
    assert_eq!(all_events[2].message.as_ref().unwrap().sender, None);
    update(to(ConversationStatus::Resolved), after(2)).await;
    assert_eq!(kinds(world), []);
    let toggle = || ConversationChange {
        status: Some(StatusChange::Toggle),
        ..ConversationChange::default()
    };
    assert_eq!(update(toggle(), after(3)).await.conversation.status, ConversationStatus::Open);
    assert_eq!(update(toggle(), after(4)).await.conversation.status, ConversationStatus::Resolved);
    world.events.take();
    let many = ConversationChange {
        status: Some(StatusChange::To(ConversationStatus::Snoozed, Some(after(100)))),
        priority: Some(Some(Priority::Urgent)),
        assignee: Some(Some(fixture.agent.id)),
        labels: Some(vec![" VIP ".into(), "billing".into(), "vip".into()]),
        custom_attributes: Some(json!({"a": 1}).as_object().unwrap().clone()),
        ..ConversationChange::default()
    };
    let changed = update(many.clone(), after(5)).await;
    assert_eq!(changed.conversation.labels, ["billing", "vip"]);
    assert_eq!(
        (changed.conversation.snoozed_until, &changed.assignee),
        (Some(after(100)), &Some(fixture.agent.clone()))
    );
    let all_events = events(world);
    let lines: Vec<&str> =
        all_events.iter().filter_map(|event| event.message.as_ref()?.content.as_deref()).collect();
    assert_eq!(
        lines,
        [
            "Conversation was snoozed by Ada",
            "Ada set the priority to urgent",
            "Ada self-assigned this conversation",
            "Ada added billing, vip"
        ]
    );
    let restored: Vec<_> = all_events
        .iter()
        .filter_map(|event| event.message.as_ref()?.activity.clone()?.restore())
        .collect();
    assert_eq!(restored.iter().map(ToString::to_string).collect::<Vec<_>>(), lines);
    assert_eq!(
        restored.iter().map(|text| text.t(UiLanguage::from_tag("uk"))).nth(1).as_deref(),
        Some("Ada: встановлено пріоритет «терміново»")
    );
    assert_eq!(
        all_events.iter().map(|event| event.kind).take(3).collect::<Vec<_>>(),
        [Kind::ConversationStatusChanged, Kind::AssigneeChanged, Kind::ConversationUpdated]
    );
    let names: Vec<&str> =
        all_events[2].changed.iter().map(|changed| changed.name.as_str()).collect();
    assert_eq!(
        names,
        ["status", "snoozed_until", "assignee_id", "priority", "label_list", "custom_attributes"]
    );
    update(many, after(6)).await;
    assert_eq!(kinds(world), []);
    let unknown = ConversationChange {
        assignee: Some(Some(belfry_domain::channel::AgentId(999))),
        ..ConversationChange::default()
    };
    let refused =
        store.update_conversation(fixture.site, SITE, number, &unknown, &by, NOW).await.unwrap();
    assert_eq!(refused.unwrap_err(), Rejection::NotFound("agent"));
    let labels = (0..21).map(|label| format!("l{label}")).collect();
    let labels = ConversationChange { labels: Some(labels), ..Default::default() };
    let refused =
        store.update_conversation(fixture.site, SITE, number, &labels, &by, NOW).await.unwrap();
    assert!(matches!(refused, Err(Rejection::Invalid(_))));
}

pub async fn snoozed_conversation_reopens_when_due(world: &TestStore) {
    let fixture = ConversationFixture::new(world, "a").await;
    let number = fixture.begin(world).await.conversation.number;
    let snooze = |until| ConversationChange {
        status: Some(StatusChange::To(ConversationStatus::Snoozed, Some(until))),
        ..Default::default()
    };
    assert_eq!(world.store.wake_snoozed(NOW).await.unwrap(), None);
    world
        .store
        .update_conversation(
            fixture.site,
            SITE,
            number,
            &snooze(after(60)),
            &fixture.performer(),
            NOW,
        )
        .await
        .unwrap()
        .unwrap();
    world.events.take();
    assert_eq!(world.store.wake_snoozed(after(59)).await.unwrap(), Some(after(60)));
    assert_eq!(kinds(world), []);
    assert_eq!(world.store.wake_snoozed(after(60)).await.unwrap(), None);
    assert_eq!(
        kinds(world),
        [Kind::ConversationStatusChanged, Kind::ConversationUpdated, Kind::MessageCreated]
    );
    let view = world.store.conversation(fixture.site, SITE, number).await.unwrap().unwrap();
    assert_eq!(
        (view.conversation.status, view.conversation.snoozed_until),
        (ConversationStatus::Open, None)
    );
}
