//! Lists of agents: exact, bounded, and with the conversations that they watch.

use super::{
    channel::{ConversationFixture, SITE, agent, conversation, events, inbox, kinds},
    test_store::{NOW, TestStore, after},
};
use belfry_domain::{
    SiteId,
    channel::{
        Agent, AgentId, AgentRole, ConversationAccess, ConversationChange,
        ConversationEventKind as Kind, ConversationNumber, ConversationStatus, ConversationView,
        InboxSettings, MAX_WATCHED_PER_AGENT, MAX_WATCHERS, NewConversation, Performer, Rejection,
        StatusChange,
    },
    sdk::{AgentList, MAX_LISTED_CONVERSATIONS},
};
use futures_util::future::join_all;

pub(super) fn assign(to: Option<AgentId>) -> ConversationChange {
    ConversationChange { assignee: Some(to), ..ConversationChange::default() }
}

pub(super) fn to(status: ConversationStatus) -> ConversationChange {
    ConversationChange {
        status: Some(StatusChange::To(status, None)),
        ..ConversationChange::default()
    }
}

pub(super) async fn change(
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

pub(super) async fn watch(
    world: &TestStore,
    fixture: &ConversationFixture,
    who: &Agent,
    number: ConversationNumber,
    is_on: bool,
) -> Result<ConversationView, Rejection> {
    world.store.watch_conversation(fixture.site, SITE, number, who, is_on, NOW).await.unwrap()
}

pub(super) async fn begin_in(
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
