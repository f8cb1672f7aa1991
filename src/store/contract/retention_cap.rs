//! Retention cap: a reader keeps the newest thousand messages.

use super::{
    segments::{has_plan, segment_draft},
    test_store::{NOW, TestStore, contact_draft},
};
use crate::RETENTION_CAP_MESSAGES;
use belfry_domain::{
    ContactId, InboxEvent, Message, MessageAudience, MessageId, ReaderAction, Recipients, SiteId,
    UnreadCounts,
};
use serde_json::Value;
use std::collections::BTreeSet;

const PAGE_SIZE: u32 = 100;

/// Messages of one audience, all sent at once, in the reader's order: newest first.
async fn publish_many(
    world: &TestStore,
    site: SiteId,
    audience: MessageAudience,
    reader: ContactId,
    count: u32,
) -> Vec<MessageId> {
    let messages: Vec<Message> =
        (0..count).map(|_| world.message_to(site, audience.clone())).collect();
    let sent = futures_util::future::join_all(
        messages.iter().map(|message| world.store.publish(message, None, NOW)),
    )
    .await;
    assert!(sent.iter().all(Result::is_ok));
    let ids: BTreeSet<MessageId> = messages.iter().map(|message| message.id).collect();
    world
        .list_ids(site, reader, PAGE_SIZE, NOW)
        .await
        .into_iter()
        .filter(|id| ids.contains(id))
        .collect()
}

fn removed(changes: &[InboxEvent], from: &Recipients) -> Vec<MessageId> {
    let told = |change: &InboxEvent| match change {
        InboxEvent::MessageRemoved { message, recipients, .. } if recipients == from => {
            Some(*message)
        }
        _ => None,
    };
    changes.iter().filter_map(told).collect()
}

pub async fn newest_thousand_named_messages_are_kept(world: &TestStore) {
    let (site, _) = world.site("A").await;
    let (reader, other) = (world.contact(site, "1").await, world.contact(site, "2").await);
    // The oldest three: a pinned one, one that is also addressed to another contact, and a read
    // one.
    let pinned = world
        .publish_at(&Message { pinned: true, ..world.message(site, Some(&[reader])) }, NOW)
        .await;
    let shared = world.publish(site, Some(&[reader, other])).await;
    let read = world.publish(site, Some(&[reader])).await;
    world.act(site, reader, ReaderAction::Read(vec![read, shared])).await;
    world.act(site, other, ReaderAction::Read(vec![shared])).await;
    let everyone = world.publish(site, None).await;
    let newest = publish_many(
        world,
        site,
        MessageAudience::Contacts(vec![reader]),
        reader,
        RETENTION_CAP_MESSAGES - 3,
    )
    .await;
    assert_eq!(world.store.forget_messages(NOW).await.unwrap(), 0, "a thousand are within the cap");
    let mut newest = [
        publish_many(world, site, MessageAudience::Contacts(vec![reader]), reader, 2).await,
        newest,
    ]
    .concat();
    let before = world.counts(site, reader).await;
    world.events.take();
    assert_eq!(world.store.forget_messages(NOW).await.unwrap(), 2);
    assert_eq!(removed(&world.events.take(), &Recipients::Contacts(vec![reader])), [shared, read]);
    let list = world.list_ids(site, reader, PAGE_SIZE, NOW).await;
    newest.insert(0, pinned);
    assert_eq!(list.iter().copied().filter(|id| *id != everyone).collect::<Vec<_>>(), newest);
    assert!(list.contains(&everyone));
    let after = world.counts(site, reader).await;
    assert!(after.version > before.version && after.unread == UnreadCounts::CAP);
    // A message without other recipients is deleted, and another reader's are unchanged.
    assert_eq!(world.store.message(site, read).await.unwrap(), None);
    assert_eq!(
        world.store.message(site, shared).await.unwrap().unwrap().audience.contacts(),
        Some([other].as_slice())
    );
    assert_eq!(world.list_ids(site, other, PAGE_SIZE, NOW).await, [everyone, shared]);
    assert_eq!(world.unread_and_unseen(site, other).await, (1, 1));
    // The contact, a thousand recipient rows, and nothing for read messages.
    assert_eq!(
        world.backend.find_traces(site, reader).await,
        1 + u64::from(RETENTION_CAP_MESSAGES)
    );
    assert_eq!(world.store.forget_messages(NOW).await.unwrap(), 0);

    // Expired and recalled messages do not count.
    world.store.recall_message(site, newest[5], NOW).await.unwrap();
    let late = world.publish(site, Some(&[reader])).await;
    assert_eq!(world.store.forget_messages(NOW).await.unwrap(), 0);
    let later = world.publish(site, Some(&[reader])).await;
    world.store.forget_messages(NOW).await.unwrap();
    let list = world.list_ids(site, reader, PAGE_SIZE, NOW).await;
    assert_eq!(
        (list.len() - 1, list[0], list[1], list[2]),
        (RETENTION_CAP_MESSAGES as usize, pinned, later, late)
    );
    assert!(!list.contains(&newest[RETENTION_CAP_MESSAGES as usize - 1]));
    // The counts agree with the whole list.
    world.act(site, reader, ReaderAction::AllRead(None)).await;
    assert_eq!(world.unread_and_unseen(site, reader).await, (0, 0));
}

pub async fn newest_thousand_of_each_feed_are_kept(world: &TestStore) {
    let (site, _) = world.site("A").await;
    let (other, _) = world.site("B").await;
    let mut on_plan = contact_draft(Some("1"), None, None);
    on_plan.attributes.insert("plan".to_owned(), Value::from("pro"));
    let reader = world.store.upsert_contact(site, &on_plan, NOW).await.unwrap();
    let stranger = world.contact(other, "1").await;
    let professionals = world
        .store
        .add_segment(site, &segment_draft(Some("pro"), has_plan("pro"), Vec::new()), NOW)
        .await
        .unwrap();
    let to_segment = MessageAudience::Segment(professionals.id);
    let foreign = publish_many(world, other, MessageAudience::Everyone, stranger, 2).await;
    for audience in [MessageAudience::Everyone, to_segment] {
        let old = publish_many(world, site, audience.clone(), reader, 2).await;
        world.act(site, reader, ReaderAction::Read(vec![old[0]])).await;
        let newest =
            publish_many(world, site, audience.clone(), reader, RETENTION_CAP_MESSAGES).await;
        world.events.take();
        assert!(world.store.forget_messages(NOW).await.unwrap() >= 2);
        let recipients = if audience.is_everyone() {
            Recipients::Everyone
        } else {
            Recipients::Segment(professionals.clone().into())
        };
        assert_eq!(
            removed(&world.events.take(), &recipients).into_iter().collect::<BTreeSet<_>>(),
            old.iter().copied().collect()
        );
        let kept: BTreeSet<MessageId> =
            world.list_ids(site, reader, PAGE_SIZE, NOW).await.into_iter().collect();
        assert!(
            newest.iter().all(|id| kept.contains(id)) && old.iter().all(|id| !kept.contains(id))
        );
        assert_eq!(world.store.message(site, old[0]).await.unwrap(), None);
        assert_eq!(world.store.forget_messages(NOW).await.unwrap(), 0);
    }
    assert_eq!(world.list_ids(other, stranger, PAGE_SIZE, NOW).await, foreign);
    world.act(site, reader, ReaderAction::AllRead(None)).await;
    assert_eq!(world.unread_and_unseen(site, reader).await, (0, 0));
}

pub async fn interrupted_deletion_is_finished_by_next_sweep(world: &TestStore) {
    let (site, _) = world.site("A").await;
    let reader = world.contact(site, "1").await;
    let (left, recalled, stays) = (
        world.publish(site, None).await,
        world.publish(site, None).await,
        world.publish(site, None).await,
    );
    world.act(site, reader, ReaderAction::Read(vec![left])).await;
    world.store.recall_message(site, recalled, NOW).await.unwrap();
    world.backend.close(site, left).await;
    assert!(world.store.forget_messages(NOW).await.unwrap() > 0);
    assert_eq!(world.store.message(site, left).await.unwrap(), None);
    assert!(
        world.store.message(site, recalled).await.unwrap().is_some(),
        "a sender can still see a recalled message"
    );
    assert_eq!(world.list_ids(site, reader, PAGE_SIZE, NOW).await, [stays]);
    assert_eq!(world.store.forget_messages(NOW).await.unwrap(), 0);
}
