//! Conversations by their UUID, and what the scope of one inbox hides.

use super::{
    channel::{ConversationFixture, SITE, agent, contact, conversation, inbox, kinds, query},
    channel_lists::{assign, begin_in},
    test_store::{NOW, TestStore},
};
use crate::StoreError;
use belfry_domain::channel::{
    AgentRole, ConversationAccess, ConversationNumber, InboxSettings, MessageKind, MessageWindow,
    NewConversation, NewMessage, Performer, Rejection,
};

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
