//! Revisions of conversations: each change has a later one.

use super::{
    channel::{ConversationFixture, SITE, events},
    channel_lists::{assign, change, to, watch},
    test_store::{NOW, TestStore, after},
};
use belfry_domain::{
    channel::{
        AgentId, ConversationChange, ConversationEvent, ConversationStatus, ConversationView,
        MessageKind, MessageStatus, NewMessage, StatusChange,
    },
    sdk::AgentList,
};
use std::sync::Arc;

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
