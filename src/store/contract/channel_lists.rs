//! Lists of agents: revisions, snapshots, watched conversations, and the scope of one inbox.

use super::{
    channel::{
        ConversationFixture, SITE, agent, contact, conversation, events, inbox, kinds, query,
    },
    test_store::{NOW, TestStore, after},
};
use crate::StoreError;
use belfry_domain::{
    SiteId,
    channel::{
        Agent, AgentId, AgentRole, ConversationAccess, ConversationChange, ConversationEvent,
        ConversationEventKind as Kind, ConversationNumber, ConversationStatus, ConversationView,
        InboxSettings, MAX_WATCHED_PER_AGENT, MAX_WATCHERS, MessageKind, MessageStatus,
        MessageWindow, NewConversation, NewMessage, Performer, Rejection, StatusChange,
    },
    sdk::{AgentList, MAX_LISTED_CONVERSATIONS},
};
use futures_util::future::join_all;
use std::sync::Arc;

fn assign(to: Option<AgentId>) -> ConversationChange {
    ConversationChange { assignee: Some(to), ..ConversationChange::default() }
}

fn to(status: ConversationStatus) -> ConversationChange {
    ConversationChange {
        status: Some(StatusChange::To(status, None)),
        ..ConversationChange::default()
    }
}

async fn change(
    world: &TestStore,
    fixture: &ConversationFixture,
    number: ConversationNumber,
    change: &ConversationChange,
    seconds: u64,
) -> ConversationView {
    world
        .store
        .update_conversation(
            fixture.site,
            SITE,
            number,
            change,
            &fixture.performer(),
            after(seconds),
        )
        .await
        .unwrap()
        .unwrap()
}

async fn watch(
    world: &TestStore,
    fixture: &ConversationFixture,
    who: &Agent,
    number: ConversationNumber,
    is_on: bool,
) -> Result<ConversationView, Rejection> {
    world.store.watch_conversation(fixture.site, SITE, number, who, is_on, NOW).await.unwrap()
}

async fn begin_in(
    world: &TestStore,
    fixture: &ConversationFixture,
    inbox: belfry_domain::channel::InboxId,
) -> ConversationNumber {
    let draft = NewConversation {
        inbox: Some(inbox),
        contact: Some(fixture.contact),
        ..conversation(world)
    };
    world
        .store
        .create_conversation(fixture.site, SITE, &draft, &Performer::Contact, NOW)
        .await
        .unwrap()
        .unwrap()
        .view
        .conversation
        .number
}

async fn numbers(
    world: &TestStore,
    site: SiteId,
    access: ConversationAccess,
    me: AgentId,
    list: AgentList,
) -> Vec<i64> {
    let snapshot = world.store.agent_list(site, access, me, list).await.unwrap();
    assert!(!snapshot.is_truncated);
    for view in &snapshot.conversations {
        assert!(list.contains(&view.conversation, me), "{list:?} {view:?}");
        assert!(view.conversation.revision <= snapshot.revision);
    }
    snapshot.conversations.iter().map(|view| view.conversation.number.0).collect()
}

/// The distinct revisions of the events, in order.
fn revisions(events: &[Arc<ConversationEvent>]) -> Vec<i64> {
    let mut revisions: Vec<i64> = events
        .iter()
        .map(|event| event.conversation.as_ref().unwrap().conversation.revision)
        .collect();
    revisions.dedup();
    revisions
}

pub async fn each_change_has_a_later_revision(world: &TestStore) {
    let (fixture, other) =
        (ConversationFixture::new(world, "a").await, ConversationFixture::new(world, "b").await);
    let (store, site) = (&world.store, fixture.site);
    let (one, two) =
        (fixture.begin(world).await.conversation, fixture.begin(world).await.conversation);
    assert_eq!((one.revision, two.revision), (1, 2));
    assert_eq!(
        other.begin(world).await.conversation.revision,
        1,
        "each site has its own revisions"
    );
    world.events.take();

    let mut last = two.revision;
    let mut acts = 0;
    let mut is_later = |view: &ConversationView, told: &[Arc<ConversationEvent>]| {
        assert!(view.conversation.revision > last, "act {acts}");
        assert!(
            told.is_empty() || revisions(told) == [view.conversation.revision],
            "act {acts}: {:?}",
            revisions(told)
        );
        (last, acts) = (view.conversation.revision, acts + 1);
    };
    let said = fixture.post_incoming(world, one.number, "hello").await;
    is_later(&said.view, &events(world));
    is_later(&fixture.reply(world, one.number, "hello").await.view, &events(world));
    is_later(
        &store
            .mark_seen_by_agent(site, SITE, one.number, fixture.agent.id, NOW)
            .await
            .unwrap()
            .unwrap(),
        &events(world),
    );
    is_later(
        &store.mark_seen_by_contact(site, SITE, one.number, NOW).await.unwrap().unwrap(),
        &events(world),
    );
    is_later(
        &change(world, &fixture, two.number, &assign(Some(fixture.agent.id)), 1).await,
        &events(world),
    );
    let labels = ConversationChange {
        custom_attributes: Some(serde_json::Map::from_iter([("a".to_owned(), 1.into())])),
        ..assign(None)
    };
    is_later(&change(world, &fixture, two.number, &labels, 1).await, &events(world));
    is_later(
        &watch(world, &fixture, &fixture.agent, two.number, true).await.unwrap(),
        &events(world),
    );
    is_later(
        &change(world, &fixture, one.number, &to(ConversationStatus::Resolved), 1).await,
        &events(world),
    );
    is_later(&fixture.post_incoming(world, one.number, "reopens").await.view, &events(world));
    let deleted = store
        .delete_message(site, SITE, (one.number, said.message.id), &fixture.performer(), NOW)
        .await
        .unwrap()
        .unwrap();
    is_later(&deleted.view, &events(world));
    let snoozed = ConversationChange {
        status: Some(StatusChange::To(ConversationStatus::Snoozed, Some(after(5)))),
        ..ConversationChange::default()
    };
    is_later(&change(world, &fixture, one.number, &snoozed, 2).await, &events(world));
    store.wake_snoozed(after(6)).await.unwrap();
    let woken = store.conversation(site, SITE, one.number).await.unwrap().unwrap();
    is_later(&woken, &events(world));

    // A change without effect takes no revision, and neither does a rejected one.
    watch(world, &fixture, &fixture.agent, two.number, true).await.unwrap();
    let nothing = store
        .update_conversation(site, SITE, two.number, &assign(None), &fixture.performer(), NOW)
        .await
        .unwrap()
        .unwrap();
    store
        .update_conversation(
            site,
            SITE,
            two.number,
            &assign(Some(AgentId(999))),
            &fixture.performer(),
            NOW,
        )
        .await
        .unwrap()
        .unwrap_err();
    let too_long = NewMessage::text(MessageKind::Outgoing, "x".repeat(150_001));
    store
        .post_message(site, SITE, two.number, &too_long, &fixture.performer(), NOW)
        .await
        .unwrap()
        .unwrap_err();
    store
        .set_message_status(
            site,
            SITE,
            (one.number, said.message.id),
            MessageStatus::Delivered,
            None,
            NOW,
        )
        .await
        .unwrap()
        .unwrap();
    assert!(nothing.conversation.revision < last);
    assert_eq!(
        store.agent_list(site, SITE, fixture.agent.id, AgentList::New).await.unwrap().revision,
        last
    );
}

pub async fn lists_of_an_agent_are_exact(world: &TestStore) {
    let fixture = ConversationFixture::new(world, "a").await;
    let (site, me) = (fixture.site, fixture.agent.id);
    let elsewhere =
        inbox(world, site, InboxSettings { name: "Other".into(), ..InboxSettings::default() })
            .await
            .id;
    let (one, two, three) = (
        fixture.begin(world).await.conversation.number,
        fixture.begin(world).await.conversation.number,
        begin_in(world, &fixture, elsewhere).await,
    );
    let scopes = [
        (SITE, vec![3, 2, 1]),
        (ConversationAccess::Inbox(fixture.inbox.id), vec![2, 1]),
        (ConversationAccess::Inbox(elsewhere), vec![3]),
        (fixture.access(), vec![2, 1]),
    ];
    for (access, expected) in &scopes {
        assert_eq!(numbers(world, site, *access, me, AgentList::New).await, *expected);
        assert_eq!(numbers(world, site, *access, me, AgentList::Mine).await, [0; 0]);
    }

    change(world, &fixture, one, &assign(Some(me)), 1).await;
    change(world, &fixture, two, &assign(Some(me)), 2).await;
    change(world, &fixture, three, &to(ConversationStatus::Pending), 3).await;
    let new = AgentList::New;
    assert_eq!(numbers(world, site, SITE, me, new).await, [0; 0], "a pending one is not new");
    change(world, &fixture, three, &assign(Some(me)), 4).await;
    assert_eq!(
        numbers(world, site, SITE, me, AgentList::Mine).await,
        [3, 2, 1],
        "the latest activity first, whatever the status"
    );
    assert_eq!(numbers(world, site, fixture.access(), me, AgentList::Mine).await, [2, 1]);
    change(world, &fixture, two, &to(ConversationStatus::Resolved), 5).await;
    assert_eq!(numbers(world, site, SITE, me, AgentList::Mine).await, [3, 1]);

    for number in [one, two, three] {
        watch(world, &fixture, &fixture.agent, number, true).await.unwrap();
    }
    assert_eq!(
        numbers(world, site, SITE, me, AgentList::Watched).await,
        [3, 1],
        "a resolved one is in no list"
    );
    assert_eq!(
        numbers(world, site, ConversationAccess::Inbox(elsewhere), me, AgentList::Watched).await,
        [3]
    );
    assert_eq!(numbers(world, site, fixture.access(), me, AgentList::Watched).await, [1]);
    change(world, &fixture, two, &to(ConversationStatus::Open), 6).await;
    assert_eq!(
        numbers(world, site, SITE, me, AgentList::Watched).await,
        [2, 3, 1],
        "it is still watched"
    );
    watch(world, &fixture, &fixture.agent, three, false).await.unwrap();
    assert_eq!(numbers(world, site, SITE, me, AgentList::Watched).await, [2, 1]);
    let colleague = agent(world, site, "b@agents.example", AgentRole::Agent).await;
    assert_eq!(numbers(world, site, SITE, colleague.id, AgentList::Watched).await, [0; 0]);

    // A deleted conversation leaves the lists at once, whether or not its rows are deleted.
    world.store.delete_inbox(site, elsewhere, NOW).await.unwrap();
    for is_swept in [false, true] {
        if is_swept {
            world.store.sweep_channel(NOW).await.unwrap();
        }
        assert_eq!(numbers(world, site, SITE, me, AgentList::Mine).await, [2, 1]);
        assert_eq!(
            numbers(world, site, ConversationAccess::Inbox(elsewhere), me, AgentList::Mine).await,
            [0; 0]
        );
        assert_eq!(numbers(world, site, SITE, me, AgentList::Watched).await, [2, 1]);
    }
    world.store.erase_channel_contact(site, fixture.contact, NOW).await.unwrap();
    for list in AgentList::EACH {
        assert_eq!(numbers(world, site, SITE, me, *list).await, [0; 0]);
    }
}

pub async fn list_is_bounded(world: &TestStore) {
    let fixture = ConversationFixture::new(world, "a").await;
    let (store, site, me) = (&world.store, fixture.site, fixture.agent.id);
    join_all((0..=MAX_LISTED_CONVERSATIONS).map(|_| fixture.begin(world))).await;
    let snapshot = store.agent_list(site, SITE, me, AgentList::New).await.unwrap();
    assert_eq!(
        (snapshot.conversations.len(), snapshot.is_truncated),
        (MAX_LISTED_CONVERSATIONS, true)
    );
    let first = i64::try_from(MAX_LISTED_CONVERSATIONS).unwrap() + 1;
    let newest: Vec<i64> =
        snapshot.conversations.iter().map(|view| view.conversation.number.0).collect();
    assert_eq!(newest, (2..=first).rev().collect::<Vec<_>>());
    change(world, &fixture, ConversationNumber(7), &assign(Some(me)), 1).await;
    assert!(!store.agent_list(site, SITE, me, AgentList::New).await.unwrap().is_truncated);

    // At the limit, one more can be watched only in place of a resolved one.
    let watched =
        |number: i64| watch(world, &fixture, &fixture.agent, ConversationNumber(number), true);
    for done in join_all((1..=i64::from(MAX_WATCHED_PER_AGENT)).map(watched)).await {
        done.unwrap();
    }
    let Rejection::Invalid(invalid) = watched(first).await.unwrap_err() else { panic!() };
    assert_eq!(
        (&*invalid.field, &*invalid.reason.to_string()),
        ("watched", "at most 500 conversations; stop watching one first")
    );
    change(world, &fixture, ConversationNumber(3), &to(ConversationStatus::Resolved), 2).await;
    watched(first).await.unwrap();
    let list = numbers(world, site, SITE, me, AgentList::Watched).await;
    assert_eq!(
        (list.len(), list.contains(&3), list.contains(&first)),
        (MAX_LISTED_CONVERSATIONS, false, true)
    );
    let resolved = store.conversation(site, SITE, ConversationNumber(3)).await.unwrap().unwrap();
    assert_eq!(resolved.conversation.watchers, []);
}

pub async fn watchers_are_stored_with_the_conversation(world: &TestStore) {
    let fixture = ConversationFixture::new(world, "a").await;
    let (store, site, number) =
        (&world.store, fixture.site, fixture.begin(world).await.conversation.number);
    let other = fixture.begin(world).await.conversation.number;
    world.events.take();
    let view = watch(world, &fixture, &fixture.agent, number, true).await.unwrap();
    assert_eq!(view.conversation.watchers, [fixture.agent.id]);
    let events = events(world);
    assert_eq!(
        events.iter().map(|event| event.kind).collect::<Vec<_>>(),
        [Kind::ConversationWatched]
    );
    assert_eq!(events[0].conversation.as_ref().unwrap().conversation, view.conversation);
    assert_eq!(events[0].performer, fixture.performer());
    assert_eq!(watch(world, &fixture, &fixture.agent, number, true).await.unwrap(), view);
    assert_eq!(kinds(world), [], "nothing changed");
    assert_eq!(
        fixture.post_incoming(world, number, "hello").await.view.conversation.watchers,
        [fixture.agent.id],
        "an update keeps the watchers"
    );
    let colleague = agent(world, site, "b@agents.example", AgentRole::Agent).await;
    watch(world, &fixture, &colleague, number, true).await.unwrap();
    let view = watch(world, &fixture, &fixture.agent, number, false).await.unwrap();
    assert_eq!(view.conversation.watchers, [colleague.id]);
    assert_eq!(
        watch(world, &fixture, &fixture.agent, other, false).await.unwrap().conversation.watchers,
        []
    );

    let refused = store
        .watch_conversation(
            site,
            fixture.access(),
            ConversationNumber(99),
            &fixture.agent,
            true,
            NOW,
        )
        .await
        .unwrap();
    assert_eq!(refused.unwrap_err(), Rejection::NotFound("conversation"));
    let refused = store
        .watch_conversation(
            site,
            ConversationAccess::Agent(colleague.id),
            number,
            &colleague,
            true,
            NOW,
        )
        .await
        .unwrap();
    assert_eq!(refused.unwrap_err(), Rejection::Forbidden);

    for n in 1..MAX_WATCHERS {
        let one = agent(world, site, &format!("w{n}@agents.example"), AgentRole::Agent).await;
        watch(world, &fixture, &one, number, true).await.unwrap();
    }
    let Rejection::Invalid(invalid) =
        watch(world, &fixture, &fixture.agent, number, true).await.unwrap_err()
    else {
        panic!()
    };
    assert_eq!(&*invalid.field, "watched");
    let watchers =
        store.conversation(site, SITE, number).await.unwrap().unwrap().conversation.watchers;
    assert_eq!((watchers.len(), watchers.is_sorted()), (MAX_WATCHERS, true));
}

pub async fn conversation_is_found_by_its_uuid(world: &TestStore) {
    let (office, foreign) =
        (ConversationFixture::new(world, "a").await, ConversationFixture::new(world, "b").await);
    let (store, site) = (&world.store, office.site);
    let view = office.begin(world).await;
    let id = view.conversation.uuid;
    let elsewhere =
        inbox(world, site, InboxSettings { name: "Other".into(), ..InboxSettings::default() })
            .await
            .id;
    for access in [SITE, ConversationAccess::Inbox(office.inbox.id), office.access()] {
        let found = store.conversation_by_uuid(site, access, id).await.unwrap().unwrap();
        assert_eq!(
            (found.conversation, found.session.pubsub_token),
            (view.conversation.clone(), office.session.pubsub_token.clone())
        );
    }
    assert_eq!(store.site_of_conversation(id).await.unwrap(), Some(site));
    assert_eq!(store.site_of_conversation(conversation(world).uuid).await.unwrap(), None);
    let unknown = store
        .conversation_by_uuid(site, SITE, conversation(world).uuid)
        .await
        .unwrap()
        .unwrap_err();
    assert_eq!(unknown, Rejection::NotFound("conversation"));
    assert_eq!(
        store
            .conversation_by_uuid(site, ConversationAccess::Inbox(elsewhere), id)
            .await
            .unwrap()
            .unwrap_err(),
        unknown
    );
    assert_eq!(
        store.conversation_by_uuid(foreign.site, SITE, id).await.unwrap().unwrap_err(),
        unknown
    );
    assert_eq!(
        store
            .conversation_by_uuid(foreign.site, ConversationAccess::Inbox(office.inbox.id), id)
            .await
            .unwrap()
            .unwrap_err(),
        unknown
    );
    let stranger = agent(world, site, "s@agents.example", AgentRole::Agent).await;
    let refused = store
        .conversation_by_uuid(site, ConversationAccess::Agent(stranger.id), id)
        .await
        .unwrap()
        .unwrap_err();
    assert_eq!(refused, Rejection::Forbidden);
    store.erase_channel_contact(site, office.contact, NOW).await.unwrap();
    assert_eq!(store.conversation_by_uuid(site, SITE, id).await.unwrap().unwrap_err(), unknown);
    assert_eq!(store.site_of_conversation(id).await.unwrap(), None);
    let again = NewConversation {
        uuid: id,
        source_id: Some(foreign.session.source_id.clone()),
        ..conversation(world)
    };
    let foreigner = store
        .create_conversation(foreign.site, SITE, &again, &Performer::System, NOW)
        .await
        .unwrap();
    assert_eq!(foreigner.unwrap().view.conversation.uuid, id, "another site may use the same UUID");
    assert!(matches!(
        store.create_conversation(foreign.site, SITE, &again, &Performer::System, NOW).await,
        Err(StoreError::Conflict(_))
    ));
}

/// An object outside of the inbox gives the same error as a missing one.
pub async fn inbox_scope_hides_everything_else(world: &TestStore) {
    let fixture = ConversationFixture::new(world, "a").await;
    let (store, site, me) = (&world.store, fixture.site, &fixture.agent);
    let elsewhere =
        inbox(world, site, InboxSettings { name: "Other".into(), ..InboxSettings::default() })
            .await
            .id;
    let (hidden, own) = (
        fixture.begin(world).await.conversation.number,
        begin_in(world, &fixture, elsewhere).await,
    );
    let message = fixture.post_incoming(world, hidden, "hello").await.message.id;
    let scope = ConversationAccess::Inbox(elsewhere);
    let performer = fixture.performer();
    world.events.take();
    let mut answers = Vec::new();
    for number in [hidden, ConversationNumber(99)] {
        let hello = NewMessage::text(MessageKind::Outgoing, "hello");
        let place = (number, message);
        answers.push([
            store.conversation(site, scope, number).await.unwrap().err(),
            store.conversation_of_session(site, scope, number).await.unwrap().err(),
            store
                .update_conversation(site, scope, number, &assign(Some(me.id)), &performer, NOW)
                .await
                .unwrap()
                .err(),
            store.mark_seen_by_agent(site, scope, number, me.id, NOW).await.unwrap().err(),
            store
                .publish_typing(site, scope, number, (true, false), &performer, NOW)
                .await
                .unwrap()
                .err(),
            store.post_message(site, scope, number, &hello, &performer, NOW).await.unwrap().err(),
            store
                .conversation_messages(site, scope, number, MessageWindow::default())
                .await
                .unwrap()
                .err(),
            store.conversation_message(site, scope, number, message).await.unwrap().err(),
            store.delete_message(site, scope, place, &performer, NOW).await.unwrap().err(),
            store.watch_conversation(site, scope, number, me, true, NOW).await.unwrap().err(),
        ]);
    }
    assert_eq!(answers[0], [const { Some(Rejection::NotFound("conversation")) }; 10]);
    assert_eq!(answers[0], answers[1]);
    assert_eq!(kinds(world), []);

    assert_eq!(
        store.channel_inbox(site, scope, fixture.inbox.id).await.unwrap().unwrap_err(),
        Rejection::NotFound("inbox")
    );
    assert_eq!(
        store
            .channel_inboxes(site, scope)
            .await
            .unwrap()
            .iter()
            .map(|inbox| inbox.id)
            .collect::<Vec<_>>(),
        [elsewhere]
    );
    let list = store
        .conversations(
            site,
            &belfry_domain::channel::ConversationQuery { access: scope, ..query() },
        )
        .await
        .unwrap();
    assert_eq!(
        (list.counts.all, list.conversations.len(), list.conversations[0].conversation.number),
        (1, 1, own)
    );
    let found = belfry_domain::channel::ConversationQuery {
        access: scope,
        text: Some("hello".into()),
        ..query()
    };
    assert_eq!(store.conversations(site, &found).await.unwrap().counts.all, 0);
    let of_contact = store.conversations_of_contact(site, scope, fixture.contact).await.unwrap();
    assert_eq!(of_contact.iter().map(|view| view.conversation.number).collect::<Vec<_>>(), [own]);
    let other = contact(world, site, fixture.inbox.id, "crm-2").await;
    for (draft, rejection) in [
        (
            NewConversation {
                inbox: Some(fixture.inbox.id),
                contact: Some(fixture.contact),
                ..conversation(world)
            },
            "inbox",
        ),
        (
            NewConversation {
                source_id: other.session.map(|session| session.source_id),
                ..conversation(world)
            },
            "session",
        ),
    ] {
        let refused = store
            .create_conversation(site, scope, &draft, &performer, NOW)
            .await
            .unwrap()
            .unwrap_err();
        assert_eq!(refused, Rejection::NotFound(rejection));
    }
    assert!(
        store
            .update_conversation(site, scope, own, &assign(Some(me.id)), &performer, NOW)
            .await
            .unwrap()
            .is_ok()
    );
}
