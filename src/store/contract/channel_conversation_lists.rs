//! Lists of conversations: filters, counts, pages and search, and what a contact sees.

use super::{
    channel::{ConversationFixture, SITE, agent, conversation, inbox, new_session, query},
    channel_conversations::{incoming, outgoing, to},
    test_store::{NOW, TestStore, after},
};
use belfry_domain::channel::{
    AgentRole, AssigneeFilter, ConversationAccess, ConversationChange, ConversationCounts,
    ConversationQuery, ConversationStatus, Identification, InboxSettings, NewConversation,
    NewMessage, Performer, Rejection,
};

pub async fn lists_and_counts_follow_each_change(world: &TestStore) {
    let fixture = ConversationFixture::new(world, "a").await;
    let (store, site) = (&world.store, fixture.site);
    let other =
        inbox(world, site, InboxSettings { name: "Other".into(), ..InboxSettings::default() })
            .await;
    let mut numbers = Vec::new();
    for second in 0..6 {
        let draft = NewConversation {
            inbox: Some(if second < 4 { fixture.inbox.id } else { other.id }),
            contact: Some(fixture.contact),
            assignee: (second % 2 == 0).then_some(fixture.agent.id),
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
    let me = Some(fixture.agent.id);
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
        list(ConversationQuery { access: fixture.access(), ..query() }).await.0,
        [4, 3, 2, 1]
    );
    assert_eq!(
        list(ConversationQuery { access: fixture.access(), inbox: Some(other.id), ..query() })
            .await,
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
    let fixture = ConversationFixture::new(world, "a").await;
    for second in 0..60 {
        let draft = NewConversation {
            source_id: Some(fixture.session.source_id.clone()),
            status: Some(if second % 3 == 0 {
                ConversationStatus::Resolved
            } else {
                ConversationStatus::Open
            }),
            ..conversation(world)
        };
        world
            .store
            .create_conversation(fixture.site, SITE, &draft, &Performer::System, after(second))
            .await
            .unwrap()
            .unwrap();
    }
    for access in [SITE, fixture.access()] {
        for status in [None, Some(ConversationStatus::Open)] {
            let (mut found, mut page) = (Vec::new(), 1);
            loop {
                let list = world
                    .store
                    .conversations(
                        fixture.site,
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
    let fixture = ConversationFixture::new(world, "a").await;
    let store = &world.store;
    let (first, second) = (
        fixture.begin(world).await.conversation.number,
        fixture.begin(world).await.conversation.number,
    );
    fixture.post_incoming(world, first, "Where is my PARCEL, please?").await;
    let posted = fixture.reply(world, second, "Привіт! The parcel left.").await;
    let find = |text: &str| {
        let query = ConversationQuery { text: Some(text.to_owned()), ..query() };
        async move {
            let list = store.conversations(fixture.site, &query).await.unwrap();
            assert_eq!(store.conversation_counts(fixture.site, &query).await.unwrap(), list.counts);
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
    let rename = belfry_domain::channel::ContactFields {
        name: Some(Some("Zoe".to_owned())),
        ..Default::default()
    };
    store
        .update_channel_contact(fixture.site, fixture.contact, &rename, &Performer::System, NOW)
        .await
        .unwrap()
        .unwrap();
    assert_eq!((find("zoe").await, find("ann").await), (vec![1, 2], Vec::new()));
    store
        .delete_message(fixture.site, SITE, (second, posted.message.id), &fixture.performer(), NOW)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(find("привіт").await, Vec::<i64>::new());
    store
        .update_conversation(
            fixture.site,
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
    assert_eq!(store.conversations(fixture.site, &open).await.unwrap().counts.all, 0);
}

pub async fn contact_sees_only_its_conversations(world: &TestStore) {
    let fixture = ConversationFixture::new(world, "a").await;
    let (store, site) = (&world.store, fixture.site);
    let number = fixture.begin(world).await.conversation.number;
    fixture.reply(world, number, "hello").await;
    let note = NewMessage { private: true, ..outgoing("a note") };
    let note = store
        .post_message(site, SITE, number, &note, &fixture.performer(), NOW)
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
            &fixture.performer(),
            NOW,
        )
        .await
        .unwrap()
        .unwrap();
    let own = ConversationAccess::Session(fixture.session.id);
    let conversation = store.conversation_of_session(site, own, number).await.unwrap().unwrap();
    assert_eq!(
        conversation.messages.iter().map(|message| message.content.as_deref()).collect::<Vec<_>>(),
        [Some("hello")]
    );
    assert_eq!(
        store.conversation_message(site, own, number, note).await.unwrap().unwrap_err(),
        Rejection::NotFound("message")
    );
    assert_eq!(
        store.conversations_of_session(site, fixture.session.id).await.unwrap(),
        [conversation]
    );
    let fields = belfry_domain::channel::ContactFields {
        identifier: Some(Some(belfry_domain::ExternalId::parse("crm-1").unwrap())),
        ..Default::default()
    };
    let request =
        Identification { source_id: None, fields, verified: false, session: new_session(world) };
    let second = store
        .identify_contact(site, fixture.inbox.id, &request, NOW)
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
    store.verify_session(site, fixture.session.id, NOW).await.unwrap();
    assert!(store.conversation(site, theirs, number).await.unwrap().is_ok());
    assert_eq!(store.conversations_of_session(site, second.id).await.unwrap().len(), 1);
    let of_contact = |access| async move {
        store.conversations_of_contact(site, access, fixture.contact).await.unwrap().len()
    };
    assert_eq!((of_contact(SITE).await, of_contact(fixture.access()).await), (1, 1));
    let stranger = agent(world, site, "s@agents.example", AgentRole::Agent).await;
    assert_eq!(of_contact(ConversationAccess::Agent(stranger.id)).await, 0);
    let forbidden =
        store.conversation(site, ConversationAccess::Agent(stranger.id), number).await.unwrap();
    assert_eq!(forbidden.unwrap_err(), Rejection::Forbidden);
}
