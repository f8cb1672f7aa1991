//! Publication and expiry, and what can change before.

use super::test_store::{NOW, TestStore, after};
use crate::{CancelOutcome, StoreError};
use belfry_domain::{
    Audience, ContactId, ContactLookup, InboxEvent, MessageEdit, MessageId, Position, ReaderAction,
    Recipients, SiteId, Timestamp,
};
use std::time::Duration;

async fn scheduled(
    world: &TestStore,
    site: SiteId,
    contacts: Option<&[ContactId]>,
    publish_at: Timestamp,
    expires_at: Option<Timestamp>,
) -> MessageId {
    let mut message = world.message(site, contacts);
    (message.publish_at, message.expires_at) = (publish_at, expires_at);
    world.publish_at(&message, NOW).await
}

pub async fn message_is_published_when_due(world: &TestStore) {
    let (site, _) = world.site("A").await;
    let (reader, other) = (world.contact(site, "1").await, world.contact(site, "2").await);
    let at_once = world.publish(site, None).await;
    let late = scheduled(world, site, None, after(20), None).await;
    let soon = scheduled(world, site, Some(&[reader]), after(10), None).await;
    assert_eq!(world.events.take().len(), 1);
    assert_eq!(world.unread_and_unseen(site, reader).await, (1, 1));
    assert_eq!(
        world.store.message(site, soon).await.unwrap().unwrap().position,
        Position::UNPUBLISHED
    );
    assert_eq!(world.store.item(site, reader, soon, after(15)).await.unwrap(), None);
    assert_eq!(world.store.advance(after(9)).await.unwrap(), Some(after(10)));
    assert!(world.events.take().is_empty());

    assert_eq!(world.store.advance(after(10)).await.unwrap(), Some(after(20)));
    match world.events.take().as_slice() {
        [InboxEvent::MessagePublished { message, recipients, .. }] => {
            assert_eq!(message.id, soon);
            assert_eq!(*recipients, Recipients::Contacts(vec![reader]));
            assert_eq!(Some((**message).clone()), world.store.message(site, soon).await.unwrap());
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(world.list_ids(site, reader, 10, NOW).await, [soon, at_once]);
    assert_eq!(world.list_ids(site, other, 10, NOW).await, [at_once]);
    assert_eq!(world.store.advance(after(25)).await.unwrap(), None);
    assert_eq!(world.list_ids(site, reader, 10, NOW).await, [late, soon, at_once]);
    assert_eq!(world.unread_and_unseen(site, reader).await, (3, 3));
    assert_eq!(world.store.advance(after(25)).await.unwrap(), None);
    assert_eq!(world.events.take().len(), 1);
}

pub async fn message_disappears_on_expiry(world: &TestStore) {
    let (site, _) = world.site("A").await;
    let reader = world.contact(site, "1").await;
    let stays = world.publish(site, None).await;
    let ends = scheduled(world, site, Some(&[reader]), NOW, Some(after(10))).await;
    let just_before = after(10).minus(Duration::from_millis(1));
    assert_eq!(world.list_ids(site, reader, 10, just_before).await, [ends, stays]);
    // Hidden from its expiry on, whether or not the background job has run.
    for _ in 0..2 {
        assert_eq!(world.list_ids(site, reader, 10, after(10)).await, [stays]);
        assert_eq!(world.store.item(site, reader, ends, after(10)).await.unwrap(), None);
        assert_eq!(world.store.counts(site, reader, after(10)).await.unwrap().unread, 1);
        world.events.take();
        assert_eq!(world.store.advance(after(10)).await.unwrap(), None);
    }
    assert!(world.events.take().is_empty());
    assert_eq!(
        world.store.message(site, ends).await.unwrap().unwrap().audience.contacts(),
        Some([reader].as_slice())
    );
    let ends = scheduled(world, site, None, NOW, Some(after(30))).await;
    world.events.take();
    assert_eq!(world.store.advance(after(20)).await.unwrap(), Some(after(30)));
    assert_eq!(world.store.advance(after(30)).await.unwrap(), None);
    assert!(
        matches!(world.events.take().as_slice(), [InboxEvent::MessageRemoved { message, recipients: Recipients::Everyone, .. }] if *message == ends)
    );
}

pub async fn message_expired_before_publication_is_never_shown(world: &TestStore) {
    let (site, _) = world.site("A").await;
    let reader = world.contact(site, "1").await;
    scheduled(world, site, None, after(10), Some(after(20))).await;
    scheduled(world, site, None, NOW, Some(NOW)).await;
    assert_eq!(world.unread_and_unseen(site, reader).await, (0, 0));
    assert_eq!(world.store.advance(after(30)).await.unwrap(), None);
    assert!(world.events.take().is_empty());
    assert_eq!(world.list_ids(site, reader, 10, NOW).await, []);
}

pub async fn order_survives_a_clock_jump_back(world: &TestStore) {
    let (site, _) = world.site("A").await;
    let reader = world.contact(site, "1").await;
    let mut published = Vec::new();
    for moment in [
        after(100),
        after(50),
        NOW.minus(Duration::from_hours(24)),
        after(50),
        after(200),
        after(199),
    ] {
        let mut message = world.message(site, None);
        message.publish_at = moment;
        published.push(world.publish_at(&message, moment).await);
    }
    let mut positions = Vec::new();
    for message in &published {
        positions.push(world.store.message(site, *message).await.unwrap().unwrap().position);
    }
    assert!(positions.is_sorted_by(|one, two| one < two), "{positions:?}");
    published.reverse();
    assert_eq!(world.list_ids(site, reader, 2, NOW).await, published);
    // All read stays all read, and later messages are new, whatever the time.
    world.act(site, reader, ReaderAction::AllRead(None)).await;
    let mut message = world.message(site, None);
    message.publish_at = NOW.minus(Duration::from_hours(48));
    world.publish_at(&message, message.publish_at).await;
    assert_eq!(world.unread_and_unseen(site, reader).await, (1, 1));
}

pub async fn due_messages_are_published_in_order(world: &TestStore) {
    let (site, _) = world.site("A").await;
    let reader = world.contact(site, "1").await;
    let mut expected = Vec::new();
    for second in 0..1_050_u64 {
        expected.push(scheduled(world, site, None, after(10 + second / 3), None).await);
    }
    assert_eq!(world.store.advance(after(9_999)).await.unwrap(), None);
    let placed: Vec<_> = world
        .events
        .take()
        .into_iter()
        .map(|change| {
            if let InboxEvent::MessagePublished { message, .. } = change {
                message.id
            } else {
                panic!("{change:?}")
            }
        })
        .collect();
    // Ties are ordered by acceptance.
    assert!(placed == expected);
    expected.reverse();
    assert!(world.list_ids(site, reader, 100, NOW).await == expected);
}

pub async fn later_expiry_restores_the_message(world: &TestStore) {
    let (site, _) = world.site("A").await;
    let reader = world.contact(site, "1").await;
    let below = world.publish(site, None).await;
    let ends = scheduled(world, site, Some(&[reader]), NOW, Some(after(10))).await;
    let above = world.publish(site, None).await;
    world.act(site, reader, ReaderAction::Read(vec![ends])).await;
    world.store.advance(after(10)).await.unwrap();
    world.events.take();
    let longer = MessageEdit { expires_at: Some(Some(after(90))), ..MessageEdit::default() };
    assert!(world.store.edit_message(site, ends, &longer, after(20)).await.unwrap().is_some());
    assert!(
        matches!(world.events.take().as_slice(), [InboxEvent::MessagePublished { message, .. }] if message.id == ends)
    );
    assert_eq!(world.list_ids(site, reader, 10, after(20)).await, [above, ends, below]);
    assert!(world.store.item(site, reader, ends, after(20)).await.unwrap().unwrap().is_read);
    assert_eq!(world.store.advance(after(20)).await.unwrap(), Some(after(90)));
}

pub async fn earlier_expiry_hides_the_message(world: &TestStore) {
    let (site, _) = world.site("A").await;
    let reader = world.contact(site, "1").await;
    let message = world.publish(site, None).await;
    world.events.take();
    let shorter = MessageEdit { expires_at: Some(Some(after(10))), ..MessageEdit::default() };
    assert!(world.store.edit_message(site, message, &shorter, after(20)).await.unwrap().is_some());
    assert!(
        matches!(world.events.take().as_slice(), [InboxEvent::MessageRemoved { message: removed, .. }] if *removed == message)
    );
    assert_eq!(world.list_ids(site, reader, 10, NOW).await, []);
    assert_eq!(world.store.advance(after(20)).await.unwrap(), None);
}

pub async fn cancelled_message_is_never_shown(world: &TestStore) {
    let (site, _) = world.site("A").await;
    let reader = world.contact(site, "1").await;
    for contacts in [None, Some(std::slice::from_ref(&reader))] {
        let mut message = world.message(site, contacts);
        message.publish_at = after(10);
        world.publish_at(&message, NOW).await;
        world.events.take();
        assert_eq!(
            world.store.cancel_message(site, message.id, after(9)).await.unwrap(),
            CancelOutcome::Done
        );
        assert_eq!(
            world.store.cancel_message(site, message.id, after(9)).await.unwrap(),
            CancelOutcome::TooLate
        );
        world.store.advance(after(20)).await.unwrap();
        assert!(world.events.take().is_empty());
        assert_eq!(world.list_ids(site, reader, 10, after(20)).await, []);
        assert_eq!(
            world.store.message(site, message.id).await.unwrap().unwrap().recalled_at,
            Some(after(9))
        );
        assert_eq!(
            world
                .store
                .edit_message(site, message.id, &MessageEdit::default(), after(20))
                .await
                .unwrap(),
            None
        );
    }
    let shown = world.publish(site, None).await;
    assert_eq!(world.store.cancel_message(site, shown, NOW).await.unwrap(), CancelOutcome::TooLate);
    assert_eq!(world.list_ids(site, reader, 10, NOW).await, [shown]);
    assert_eq!(
        world.store.cancel_message(site, world.message(site, None).id, NOW).await.unwrap(),
        CancelOutcome::Unknown
    );
}

pub async fn time_and_audience_change_until_shown(world: &TestStore) {
    let (site, _) = world.site("A").await;
    let (one, other) = (world.contact(site, "1").await, world.contact(site, "2").await);
    let mut message = world.message(site, None);
    message.publish_at = after(100);
    world.publish_at(&message, NOW).await;
    let to = |contacts: &[_]| {
        Some(Audience::Contacts(contacts.iter().copied().map(ContactLookup::Id).collect()))
    };
    for audience in [to(&[one, other, one]), Some(Audience::Everyone), to(&[other])] {
        let edit = MessageEdit { audience, publish_at: Some(after(50)), ..MessageEdit::default() };
        let edited = world.store.edit_message(site, message.id, &edit, NOW).await.unwrap().unwrap();
        assert_eq!(world.store.message(site, message.id).await.unwrap().unwrap(), edited);
        assert_eq!(
            (edited.publish_at, world.list_ids(site, other, 9, after(49)).await),
            (after(50), vec![])
        );
    }
    world.store.advance(after(50)).await.unwrap();
    assert_eq!(
        (
            world.list_ids(site, one, 9, after(50)).await,
            world.list_ids(site, other, 9, after(50)).await
        ),
        (vec![], vec![message.id])
    );
    for edit in [
        MessageEdit { audience: Some(Audience::Everyone), ..MessageEdit::default() },
        MessageEdit { publish_at: Some(after(90)), ..MessageEdit::default() },
    ] {
        assert!(matches!(
            world.store.edit_message(site, message.id, &edit, after(60)).await,
            Err(StoreError::Conflict(_))
        ));
    }
    assert_eq!(world.list_ids(site, one, 9, after(60)).await, []);
    // A publication time in the past means now.
    let mut message = world.message(site, None);
    message.publish_at = after(100);
    world.publish_at(&message, after(60)).await;
    world.events.take();
    let edit = MessageEdit {
        publish_at: Some(after(60)),
        name: Some(Some("Now".to_owned())),
        ..MessageEdit::default()
    };
    let edited =
        world.store.edit_message(site, message.id, &edit, after(60)).await.unwrap().unwrap();
    assert_eq!(
        (edited.name.as_deref(), world.list_ids(site, one, 9, after(60)).await),
        (Some("Now"), vec![message.id])
    );
    assert!(matches!(world.events.take().as_slice(), [InboxEvent::MessagePublished { .. }]));
}
