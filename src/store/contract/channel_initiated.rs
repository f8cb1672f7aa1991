//! Conversations that agents start with a contact, by address.

use super::{
    channel::{ConversationFixture, SITE, agent, conversation, events, inbox, kinds, new_session},
    test_store::{NOW, TestStore, after},
};
use crate::StoreError;
use belfry_domain::{
    EmailAddress, PhoneNumber, SiteId,
    channel::{
        AgentRole, ContactFields, ConversationAccess, ConversationChange,
        ConversationEventKind as Kind, ConversationStatus, CreatedConversation, InboxId,
        InboxSettings, Performer, Rejection, StatusChange,
    },
    sdk::{AgentList, ChannelAddress, NewInitiatedConversation},
};

fn phone(number: &str) -> ChannelAddress {
    ChannelAddress::Phone(PhoneNumber::parse(number).unwrap())
}

fn email(address: &str) -> ChannelAddress {
    ChannelAddress::Email(EmailAddress::parse(address).unwrap())
}

fn new(world: &TestStore, inbox: InboxId, address: &ChannelAddress) -> NewInitiatedConversation {
    NewInitiatedConversation {
        inbox,
        address: address.clone(),
        uuid: conversation(world).uuid,
        session: new_session(world),
    }
}

async fn start(
    world: &TestStore,
    fixture: &ConversationFixture,
    address: &ChannelAddress,
) -> CreatedConversation {
    let new = new(world, fixture.inbox.id, address);
    world
        .store
        .start_conversation(fixture.site, SITE, &new, &fixture.agent, NOW)
        .await
        .unwrap()
        .unwrap()
}

async fn resolve(world: &TestStore, fixture: &ConversationFixture, begun: &CreatedConversation) {
    let change = ConversationChange {
        status: Some(StatusChange::To(ConversationStatus::Resolved, None)),
        assignee: Some(None),
        ..ConversationChange::default()
    };
    let number = begun.view.conversation.number;
    world
        .store
        .update_conversation(fixture.site, SITE, number, &change, &Performer::System, after(1))
        .await
        .unwrap()
        .unwrap();
}

async fn with_email(world: &TestStore, site: SiteId, address: &str) -> belfry_domain::ContactId {
    let fields = ContactFields {
        email: Some(Some(EmailAddress::parse(address).unwrap())),
        ..ContactFields::default()
    };
    world
        .store
        .create_channel_contact(site, &fields, None, NOW)
        .await
        .unwrap()
        .unwrap()
        .profile
        .contact
        .id()
}

pub async fn conversation_starts_with_a_new_contact(world: &TestStore) {
    let fixture = ConversationFixture::new(world, "a").await;
    let begun = start(world, &fixture, &phone("+31612345678")).await;
    let row = &begun.view.conversation;
    assert!(begun.created && begun.message.is_none());
    assert_eq!(
        (row.status, row.assignee, row.inbox),
        (ConversationStatus::Open, Some(fixture.agent.id), fixture.inbox.id)
    );
    let contact = &begun.view.contact.contact;
    assert_eq!((contact.phone.as_deref(), &contact.email), (Some("+31612345678"), &None));
    let events = events(world);
    assert_eq!(
        events.iter().map(|event| event.kind).collect::<Vec<_>>(),
        [Kind::ContactCreated, Kind::ConversationCreated]
    );
    assert!(events.iter().all(|event| event.performer == fixture.performer()));
    let mine = world
        .store
        .agent_list(fixture.site, SITE, fixture.agent.id, AgentList::Mine)
        .await
        .unwrap();
    assert_eq!(
        mine.conversations.iter().map(|view| view.conversation.number).collect::<Vec<_>>(),
        [row.number]
    );
}

pub async fn contact_is_found_by_the_address(world: &TestStore) {
    let (office, foreign) =
        (ConversationFixture::new(world, "a").await, ConversationFixture::new(world, "b").await);
    let contact = with_email(world, office.site, "ann@shop.example").await;
    world.events.take();
    let begun = start(world, &office, &email("ANN@shop.example")).await;
    assert_eq!((begun.view.contact.id(), begun.created), (contact, true));
    assert_eq!(kinds(world), [Kind::ConversationCreated]);
    assert!(
        start(world, &foreign, &email("ann@shop.example")).await.created,
        "it is another site's contact"
    );
    assert_ne!(start(world, &office, &phone("+31612345678")).await.view.contact.id(), contact);
    // A contact who has written before continues in the same session.
    let fields = ContactFields {
        email: Some(Some(EmailAddress::parse("crm@shop.example").unwrap())),
        ..ContactFields::default()
    };
    world
        .store
        .update_channel_contact(office.site, office.contact, &fields, &Performer::System, NOW)
        .await
        .unwrap()
        .unwrap();
    let begun = start(world, &office, &email("crm@shop.example")).await;
    assert_eq!(
        (begun.view.contact.id(), begun.view.session.id),
        (office.contact, office.session.id)
    );
}

pub async fn unresolved_conversation_is_continued(world: &TestStore) {
    let fixture = ConversationFixture::new(world, "a").await;
    let address = phone("+31612345678");
    let first = start(world, &fixture, &address).await;
    let colleague = agent(world, fixture.site, "b@agents.example", AgentRole::Agent).await;
    world.events.take();
    let again = new(world, fixture.inbox.id, &address);
    let found = world
        .store
        .start_conversation(fixture.site, SITE, &again, &colleague, NOW)
        .await
        .unwrap()
        .unwrap();
    assert_eq!((found.created, &found.view.conversation), (false, &first.view.conversation));
    assert_eq!(kinds(world), [], "it stays assigned to its agent");
    let elsewhere = inbox(
        world,
        fixture.site,
        InboxSettings { name: "Other".into(), ..InboxSettings::default() },
    )
    .await
    .id;
    let other = new(world, elsewhere, &address);
    let other = world
        .store
        .start_conversation(fixture.site, SITE, &other, &colleague, NOW)
        .await
        .unwrap()
        .unwrap();
    assert!(other.created, "another channel is another conversation");
    for status in [ConversationStatus::Pending, ConversationStatus::Snoozed] {
        let change = ConversationChange {
            status: Some(StatusChange::To(status, None)),
            ..ConversationChange::default()
        };
        let number = first.view.conversation.number;
        world
            .store
            .update_conversation(fixture.site, SITE, number, &change, &Performer::System, NOW)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(start(world, &fixture, &address).await.view.conversation.number, number);
    }
    resolve(world, &fixture, &first).await;
    let second = start(world, &fixture, &address).await;
    assert!(second.created && second.view.conversation.number > first.view.conversation.number);
    assert_eq!(second.view.session.id, first.view.session.id);
}

pub async fn locked_conversation_is_reopened(world: &TestStore) {
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
    let address = email("ann@shop.example");
    let first = start(world, &fixture, &address).await;
    resolve(world, &fixture, &first).await;
    world.events.take();
    let again = start(world, &fixture, &address).await;
    let row = &again.view.conversation;
    assert_eq!(
        (row.number, row.status, row.assignee),
        (first.view.conversation.number, ConversationStatus::Open, Some(fixture.agent.id))
    );
    assert!(!again.created && kinds(world).contains(&Kind::AssigneeChanged));
}

pub async fn failed_start_leaves_nothing(world: &TestStore) {
    let (office, foreign) =
        (ConversationFixture::new(world, "a").await, ConversationFixture::new(world, "b").await);
    let (store, site, address) = (&world.store, office.site, phone("+31612345678"));
    let elsewhere =
        inbox(world, site, InboxSettings { name: "Other".into(), ..InboxSettings::default() })
            .await
            .id;
    let stranger = agent(world, site, "s@agents.example", AgentRole::Agent).await;
    world.events.take();
    for (site, access, inbox, rejection) in [
        (site, ConversationAccess::Inbox(elsewhere), office.inbox.id, Rejection::NotFound("inbox")),
        (site, ConversationAccess::Agent(stranger.id), office.inbox.id, Rejection::Forbidden),
        (site, SITE, InboxId(999), Rejection::NotFound("inbox")),
        (foreign.site, SITE, office.inbox.id, Rejection::NotFound("inbox")),
    ] {
        let new = new(world, inbox, &address);
        assert_eq!(
            store
                .start_conversation(site, access, &new, &office.agent, NOW)
                .await
                .unwrap()
                .unwrap_err(),
            rejection
        );
    }
    assert_eq!(kinds(world), []);
    // A contact created for the failed conversation does not exist either.
    let taken = NewInitiatedConversation {
        uuid: office.begin(world).await.conversation.uuid,
        ..new(world, office.inbox.id, &address)
    };
    world.events.take();
    assert!(matches!(
        store.start_conversation(site, SITE, &taken, &office.agent, NOW).await,
        Err(StoreError::Conflict(_))
    ));
    assert_eq!(kinds(world), []);
    assert_eq!(start(world, &office, &address).await.view.contact.contact.created_at, NOW);
    assert_eq!(kinds(world), [Kind::ContactCreated, Kind::ConversationCreated]);
}
