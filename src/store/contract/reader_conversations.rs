//! Conversations of App Inbox readers: their verified session, and unread messages.

use super::{
    channel::{ConversationFixture, SITE, contact, conversation, new_session},
    test_store::{NOW, TestStore, after},
};
use crate::MAX_UNREAD_AGENT_MESSAGES;
use belfry_domain::{
    ContactId,
    channel::{
        ContactSession, ConversationAccess, ConversationNumber, InboxId, MessageKind,
        NewConversation, NewMessage, Performer, Rejection,
    },
};

async fn session(world: &TestStore, fixture: &ConversationFixture) -> ContactSession {
    world
        .store
        .verified_session_or_new(
            fixture.site,
            fixture.inbox.id,
            fixture.contact,
            &new_session(world),
            NOW,
        )
        .await
        .unwrap()
        .unwrap()
}

async fn begin(
    world: &TestStore,
    fixture: &ConversationFixture,
    session: &ContactSession,
) -> ConversationNumber {
    let draft = NewConversation {
        message: Some(NewMessage::text(MessageKind::Incoming, "hello")),
        ..conversation(world)
    };
    let access = ConversationAccess::Session(session.id);
    world
        .store
        .create_conversation(fixture.site, access, &draft, &Performer::Contact, NOW)
        .await
        .unwrap()
        .unwrap()
        .view
        .conversation
        .number
}

async fn unread(world: &TestStore, fixture: &ConversationFixture) -> u32 {
    world.store.unread_replies(fixture.site, fixture.inbox.id, fixture.contact).await.unwrap()
}

pub async fn reader_has_one_verified_session(world: &TestStore) {
    let fixture = ConversationFixture::new(world, "a").await;
    let (store, site, inbox) = (&world.store, fixture.site, fixture.inbox.id);
    assert_eq!(
        store.verified_session(site, inbox, fixture.contact).await.unwrap(),
        None,
        "the fixture's session is not verified"
    );
    let made = session(world, &fixture).await;
    assert!(made.hmac_verified && made.id != fixture.session.id);
    assert_eq!(session(world, &fixture).await.id, made.id);
    assert_eq!(
        store.verified_session(site, inbox, fixture.contact).await.unwrap().unwrap().id,
        made.id
    );
    let other = contact(world, site, inbox, "crm-2").await.profile.contact.id();
    assert_eq!(store.verified_session(site, inbox, other).await.unwrap(), None);
    let foreign = ConversationFixture::new(world, "b").await;
    assert_eq!(store.verified_session(foreign.site, inbox, fixture.contact).await.unwrap(), None);
    for (inbox, contact, missing) in [
        (InboxId(9_999), fixture.contact, "inbox"),
        (foreign.inbox.id, fixture.contact, "inbox"),
        (inbox, ContactId(9_999), "contact"),
    ] {
        let refused = store
            .verified_session_or_new(site, inbox, contact, &new_session(world), NOW)
            .await
            .unwrap();
        assert_eq!(refused, Err(Rejection::NotFound(missing)));
    }
    assert!(store.delete_inbox(site, inbox, NOW).await.unwrap());
    assert_eq!(store.verified_session(site, inbox, fixture.contact).await.unwrap(), None);
}

pub async fn agent_messages_are_unread_until_seen(world: &TestStore) {
    let fixture = ConversationFixture::new(world, "a").await;
    let session = session(world, &fixture).await;
    let (one, other) =
        (begin(world, &fixture, &session).await, begin(world, &fixture, &session).await);
    assert_eq!(unread(world, &fixture).await, 0);
    fixture.reply(world, one, "yes?").await;
    fixture.reply(world, other, "one").await;
    fixture.reply(world, other, "two").await;
    let note = NewMessage { private: true, ..NewMessage::text(MessageKind::Outgoing, "a note") };
    world
        .store
        .post_message(fixture.site, SITE, other, &note, &fixture.performer(), NOW)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(unread(world, &fixture).await, 3);
    let own = ConversationAccess::Session(session.id);
    world.store.mark_seen_by_contact(fixture.site, own, other, after(1)).await.unwrap().unwrap();
    assert_eq!(unread(world, &fixture).await, 1);
    fixture.reply(world, other, "three").await;
    assert_eq!(
        unread(world, &fixture).await,
        1,
        "written before the reader's visit, by its timestamp"
    );
    let later = NewMessage::text(MessageKind::Outgoing, "four");
    world
        .store
        .post_message(fixture.site, SITE, other, &later, &fixture.performer(), after(1))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(unread(world, &fixture).await, 2, "in the same millisecond the read status decides");
    for _ in 0..MAX_UNREAD_AGENT_MESSAGES {
        fixture.reply(world, one, "and").await;
    }
    assert_eq!(unread(world, &fixture).await, MAX_UNREAD_AGENT_MESSAGES);
}

pub async fn unread_count_covers_verified_sessions(world: &TestStore) {
    let fixture = ConversationFixture::new(world, "a").await;
    let unproven = fixture.begin(world).await.conversation.number;
    fixture.reply(world, unproven, "for an unproven contact").await;
    assert_eq!(unread(world, &fixture).await, 0);
    let session = session(world, &fixture).await;
    assert_eq!(unread(world, &fixture).await, 0);
    let number = begin(world, &fixture, &session).await;
    fixture.reply(world, number, "for the contact").await;
    assert_eq!(unread(world, &fixture).await, 1);
    let store = &world.store;
    assert_eq!(
        store.unread_replies(fixture.site, InboxId(9_999), fixture.contact).await.unwrap(),
        0
    );
    assert_eq!(
        store
            .unread_replies(
                ConversationFixture::new(world, "b").await.site,
                fixture.inbox.id,
                fixture.contact
            )
            .await
            .unwrap(),
        0
    );
    assert!(store.erase_channel_contact(fixture.site, fixture.contact, NOW).await.unwrap());
    assert_eq!(unread(world, &fixture).await, 0);
}
