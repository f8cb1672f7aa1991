//! Conversations of App Inbox readers: their verified session, and unread messages.

use super::{
    channel::{ConversationFixture, SITE, contact, conversation, new_session},
    test_store::{NOW, TestStore, after},
};
use crate::{
    domain::{
        ContactId,
        channel::{
            ContactSession, ConversationAccess, ConversationNumber, InboxId, MessageKind,
            NewConversation, NewMessage, Performer, Rejection,
        },
    },
    store::MAX_UNREAD_AGENT_MESSAGES,
};

async fn session(world: &TestStore, office: &ConversationFixture) -> ContactSession {
    world
        .store
        .proven_session_or_new(
            office.site,
            office.inbox.id,
            office.contact,
            &new_session(world),
            NOW,
        )
        .await
        .unwrap()
        .unwrap()
}

async fn begin(
    world: &TestStore,
    office: &ConversationFixture,
    session: &ContactSession,
) -> ConversationNumber {
    let draft = NewConversation {
        message: Some(NewMessage::text(MessageKind::Incoming, "hello")),
        ..conversation(world)
    };
    let access = ConversationAccess::Session(session.id);
    world
        .store
        .create_conversation(office.site, access, &draft, &Performer::Contact, NOW)
        .await
        .unwrap()
        .unwrap()
        .view
        .conversation
        .number
}

async fn unread(world: &TestStore, office: &ConversationFixture) -> u32 {
    world.store.unread_answers(office.site, office.inbox.id, office.contact).await.unwrap()
}

pub async fn reader_has_one_verified_session(world: &TestStore) {
    let office = ConversationFixture::new(world, "a").await;
    let (store, site, inbox) = (&world.store, office.site, office.inbox.id);
    assert_eq!(
        store.proven_session(site, inbox, office.contact).await.unwrap(),
        None,
        "the fixture's session is not verified"
    );
    let made = session(world, &office).await;
    assert!(made.hmac_verified && made.id != office.session.id);
    assert_eq!(session(world, &office).await.id, made.id);
    assert_eq!(
        store.proven_session(site, inbox, office.contact).await.unwrap().unwrap().id,
        made.id
    );
    let other = contact(world, site, inbox, "crm-2").await.profile.contact.id();
    assert_eq!(store.proven_session(site, inbox, other).await.unwrap(), None);
    let foreign = ConversationFixture::new(world, "b").await;
    assert_eq!(store.proven_session(foreign.site, inbox, office.contact).await.unwrap(), None);
    for (inbox, contact, missing) in [
        (InboxId(9_999), office.contact, "inbox"),
        (foreign.inbox.id, office.contact, "inbox"),
        (inbox, ContactId(9_999), "contact"),
    ] {
        let refused = store
            .proven_session_or_new(site, inbox, contact, &new_session(world), NOW)
            .await
            .unwrap();
        assert_eq!(refused, Err(Rejection::NotFound(missing)));
    }
    assert!(store.delete_inbox(site, inbox, NOW).await.unwrap());
    assert_eq!(store.proven_session(site, inbox, office.contact).await.unwrap(), None);
}

pub async fn agent_messages_are_unread_until_seen(world: &TestStore) {
    let office = ConversationFixture::new(world, "a").await;
    let session = session(world, &office).await;
    let (one, other) =
        (begin(world, &office, &session).await, begin(world, &office, &session).await);
    assert_eq!(unread(world, &office).await, 0);
    office.reply(world, one, "yes?").await;
    office.reply(world, other, "one").await;
    office.reply(world, other, "two").await;
    let note = NewMessage { private: true, ..NewMessage::text(MessageKind::Outgoing, "a note") };
    world
        .store
        .post_message(office.site, SITE, other, &note, &office.performer(), NOW)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(unread(world, &office).await, 3);
    let own = ConversationAccess::Session(session.id);
    world.store.seen_by_contact(office.site, own, other, after(1)).await.unwrap().unwrap();
    assert_eq!(unread(world, &office).await, 1);
    office.reply(world, other, "three").await;
    assert_eq!(
        unread(world, &office).await,
        1,
        "written before the reader's visit, by its timestamp"
    );
    let later = NewMessage::text(MessageKind::Outgoing, "four");
    world
        .store
        .post_message(office.site, SITE, other, &later, &office.performer(), after(1))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(unread(world, &office).await, 2, "in the same millisecond the read status decides");
    for _ in 0..MAX_UNREAD_AGENT_MESSAGES {
        office.reply(world, one, "and").await;
    }
    assert_eq!(unread(world, &office).await, MAX_UNREAD_AGENT_MESSAGES);
}

pub async fn unread_count_covers_verified_sessions(world: &TestStore) {
    let office = ConversationFixture::new(world, "a").await;
    let unproven = office.begin(world).await.conversation.number;
    office.reply(world, unproven, "for an unproven contact").await;
    assert_eq!(unread(world, &office).await, 0);
    let session = session(world, &office).await;
    assert_eq!(unread(world, &office).await, 0);
    let number = begin(world, &office, &session).await;
    office.reply(world, number, "for the contact").await;
    assert_eq!(unread(world, &office).await, 1);
    let store = &world.store;
    assert_eq!(store.unread_answers(office.site, InboxId(9_999), office.contact).await.unwrap(), 0);
    assert_eq!(
        store
            .unread_answers(
                ConversationFixture::new(world, "b").await.site,
                office.inbox.id,
                office.contact
            )
            .await
            .unwrap(),
        0
    );
    assert!(store.erase_channel_contact(office.site, office.contact, NOW).await.unwrap());
    assert_eq!(unread(world, &office).await, 0);
}
