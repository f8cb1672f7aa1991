//! Unread marks, archive, deletion, and undo.

use super::test_store::{NOW, TestStore, after};
use belfry_domain::{
    ContactId, InboxEvent, MessageEdit, MessageId, Position, ReaderAction, ReaderActionKind,
    ReaderFilter, SiteId, UnreadCounts,
};
use std::slice::from_ref;

/// A reader with this number of messages, oldest first.
async fn inbox(world: &TestStore, messages: usize) -> (SiteId, ContactId, Vec<MessageId>) {
    let (site, _) = world.site("A").await;
    let reader = world.contact(site, "1").await;
    let mut published = Vec::new();
    for turn in 0..messages {
        published.push(
            world.publish(site, if turn % 2 == 0 { None } else { Some(from_ref(&reader)) }).await,
        );
    }
    (site, reader, published)
}

async fn position(world: &TestStore, site: SiteId, message: MessageId) -> Position {
    world.store.message(site, message).await.unwrap().unwrap().position
}

pub async fn archived_message_moves_to_the_archive(world: &TestStore) {
    let (site, reader, messages) = inbox(world, 3).await;
    let mut pinned = world.message(site, None);
    pinned.pinned = true;
    world.publish_at(&pinned, NOW).await;
    let above = world.publish(site, None).await;
    world.act(site, reader, ReaderAction::Read(vec![messages[1]])).await;
    let counts = world
        .act(site, reader, ReaderAction::Archive(vec![messages[1], pinned.id, above, messages[0]]))
        .await;
    assert_eq!((counts.unread, counts.unseen), (1, 1));
    assert_eq!(world.filtered_ids(site, reader, ReaderFilter::All).await, [messages[2]]);
    assert_eq!(world.filtered_ids(site, reader, ReaderFilter::Unread).await, [messages[2]]);
    // Ordered by time only, with the read state unchanged.
    let archived = world.all_items(site, reader, ReaderFilter::Archived, 2, NOW).await;
    let archived: Vec<_> =
        archived.iter().map(|item| (item.message.id, item.is_read, item.is_archived)).collect();
    assert_eq!(
        archived,
        [
            (above, false, true),
            (pinned.id, false, true),
            (messages[1], true, true),
            (messages[0], false, true)
        ]
    );
    world.act(site, reader, ReaderAction::Restore(vec![pinned.id, messages[1]])).await;
    assert_eq!(
        world.filtered_ids(site, reader, ReaderFilter::All).await,
        [pinned.id, messages[2], messages[1]]
    );
    assert_eq!(
        world.filtered_ids(site, reader, ReaderFilter::Unread).await,
        [pinned.id, messages[2]]
    );
    assert_eq!(world.unread_and_unseen(site, reader).await, (2, 2));
}

pub async fn deleted_message_is_in_no_list(world: &TestStore) {
    let (site, reader, messages) = inbox(world, 4).await;
    let other = world.contact(site, "2").await;
    world.act(site, reader, ReaderAction::Archive(vec![messages[0]])).await;
    world.act(site, reader, ReaderAction::Delete(vec![messages[0], messages[2]])).await;
    for filter in ReaderFilter::EACH {
        let expected: &[MessageId] =
            if filter == ReaderFilter::Archived { &[] } else { &[messages[3], messages[1]] };
        assert_eq!(world.filtered_ids(site, reader, filter).await, expected, "{filter}");
    }
    assert_eq!(world.store.item(site, reader, messages[2], NOW).await.unwrap(), None);
    assert_eq!(world.unread_and_unseen(site, reader).await, (2, 2));
    assert_eq!(
        world.filtered_ids(site, other, ReaderFilter::All).await,
        [messages[2], messages[0]],
        "it is deleted for this reader only"
    );
    // Only its own inverse reaches it, and a message deleted from the archive returns there.
    world.events.take();
    for mark in [
        ReaderAction::Read,
        ReaderAction::Unread,
        ReaderAction::Archive,
        ReaderAction::Delete,
        ReaderAction::Restore,
    ] {
        world.act(site, reader, mark(vec![messages[2]])).await;
    }
    world.act(site, reader, ReaderAction::Clicked(messages[2])).await;
    assert!(world.events.take().is_empty());
    // Idempotent.
    for _ in 0..2 {
        world.act(site, reader, ReaderAction::Undelete(vec![messages[0], messages[2]])).await;
    }
    assert_eq!(
        world.filtered_ids(site, reader, ReaderFilter::Unread).await,
        [messages[3], messages[2], messages[1]]
    );
    assert_eq!(world.filtered_ids(site, reader, ReaderFilter::Archived).await, [messages[0]]);
    world.act(site, reader, ReaderAction::Restore(vec![messages[0]])).await;
    assert_eq!(
        world.filtered_ids(site, reader, ReaderFilter::Unread).await,
        [messages[3], messages[2], messages[1], messages[0]]
    );
}

pub async fn restored_message_keeps_its_read_state(world: &TestStore) {
    let (site, reader, messages) = inbox(world, 5).await;
    world.act(site, reader, ReaderAction::Archive(vec![messages[0]])).await;
    world.act(site, reader, ReaderAction::Delete(vec![messages[1]])).await;
    // The watermark passes both.
    world.act(site, reader, ReaderAction::Read(messages[2..].to_vec())).await;
    assert_eq!(world.unread_and_unseen(site, reader).await, (0, 0));
    world.act(site, reader, ReaderAction::Restore(messages.clone())).await;
    world.act(site, reader, ReaderAction::Undelete(messages.clone())).await;
    assert_eq!(
        world.filtered_ids(site, reader, ReaderFilter::Unread).await,
        [messages[1], messages[0]]
    );
    assert_eq!(world.unread_and_unseen(site, reader).await.0, 2);
    // "All read" includes archived and deleted messages.
    world.act(site, reader, ReaderAction::Archive(vec![messages[0]])).await;
    let undo =
        world.try_act(site, reader, ReaderAction::AllRead(None)).await.unwrap().undo.unwrap();
    assert!(world.store.item(site, reader, messages[0], NOW).await.unwrap().unwrap().is_read);
    world.act(site, reader, ReaderAction::Delete(vec![messages[1]])).await;
    world.act(site, reader, ReaderAction::UndoAllRead(undo)).await;
    world.act(site, reader, ReaderAction::Restore(vec![messages[0]])).await;
    world.act(site, reader, ReaderAction::Undelete(vec![messages[1]])).await;
    assert_eq!(
        world.filtered_ids(site, reader, ReaderFilter::Unread).await,
        [messages[1], messages[0]]
    );
}

pub async fn unread_mark_lasts_until_read(world: &TestStore) {
    let (site, reader, messages) = inbox(world, 4).await;
    world.act(site, reader, ReaderAction::AllRead(None)).await;
    world.act(site, reader, ReaderAction::Unread(vec![messages[1]])).await;
    assert_eq!(world.unread_and_unseen(site, reader).await, (1, 0), "it was seen before");
    let next = world.publish(site, None).await;
    world.act(site, reader, ReaderAction::Read(vec![next])).await;
    assert_eq!(world.filtered_ids(site, reader, ReaderFilter::Unread).await, [messages[1]]);
    world.act(site, reader, ReaderAction::Clicked(messages[1])).await;
    assert_eq!(world.unread_and_unseen(site, reader).await, (0, 0));
    world.act(site, reader, ReaderAction::Unread(vec![messages[1]])).await;
    world.act(site, reader, ReaderAction::AllRead(None)).await;
    assert_eq!(world.unread_and_unseen(site, reader).await, (0, 0));
}

pub async fn all_read_up_to_a_position_excludes_later(world: &TestStore) {
    let (site, reader, messages) = inbox(world, 4).await;
    let shown = position(world, site, messages[1]).await;
    world.act(site, reader, ReaderAction::Seen(Some(shown))).await;
    assert_eq!(world.unread_and_unseen(site, reader).await, (4, 2));
    world.act(site, reader, ReaderAction::AllRead(Some(shown))).await;
    assert_eq!(
        world.filtered_ids(site, reader, ReaderFilter::Unread).await,
        [messages[3], messages[2]]
    );
    assert_eq!(world.unread_and_unseen(site, reader).await, (2, 2));
    // Below the watermark as well.
    world.act(site, reader, ReaderAction::AllRead(None)).await;
    world.act(site, reader, ReaderAction::Unread(messages.clone())).await;
    world.act(site, reader, ReaderAction::AllRead(Some(shown))).await;
    assert_eq!(
        world.filtered_ids(site, reader, ReaderFilter::Unread).await,
        [messages[3], messages[2]]
    );
    for nowhere in [Position(0), Position(-1), Position(i64::MIN), shown] {
        world.events.take();
        assert_eq!(
            world.try_act(site, reader, ReaderAction::AllRead(Some(nowhere))).await.unwrap().undo,
            None
        );
        assert!(world.events.take().is_empty());
    }
}

pub async fn last_all_read_is_undone_once(world: &TestStore) {
    let (site, reader, messages) = inbox(world, 4).await;
    world.act(site, reader, ReaderAction::Read(vec![messages[2]])).await;
    let first =
        world.try_act(site, reader, ReaderAction::AllRead(None)).await.unwrap().undo.unwrap();
    assert_eq!(
        world.try_act(site, reader, ReaderAction::AllRead(None)).await.unwrap().undo,
        None,
        "nothing was unread"
    );
    world.act(site, reader, ReaderAction::Unread(vec![messages[2]])).await;
    let later = world.publish(site, None).await;
    world.act(site, reader, ReaderAction::Read(vec![later])).await;
    world.events.take();
    let undone = world.try_act(site, reader, ReaderAction::UndoAllRead(first)).await.unwrap();
    assert!(
        matches!(world.events.take().as_slice(), [InboxEvent::ReaderActed { action: ReaderActionKind::UndoAllRead, counts, .. }] if *counts == undone.counts)
    );
    // Later marks are kept, and so is the seen state.
    assert_eq!(
        world.filtered_ids(site, reader, ReaderFilter::Unread).await,
        [messages[3], messages[2], messages[1], messages[0]]
    );
    assert_eq!(world.unread_and_unseen(site, reader).await, (4, 0));
    assert_eq!(world.try_act(site, reader, ReaderAction::UndoAllRead(first)).await, None);

    let second =
        world.try_act(site, reader, ReaderAction::AllRead(None)).await.unwrap().undo.unwrap();
    world.publish(site, None).await;
    let third =
        world.try_act(site, reader, ReaderAction::AllRead(None)).await.unwrap().undo.unwrap();
    world.events.take();
    for outdated in [first, second, 0, -1, i64::MAX] {
        assert_eq!(
            world.try_act(site, reader, ReaderAction::UndoAllRead(outdated)).await,
            None,
            "{outdated}"
        );
    }
    assert!(world.events.take().is_empty());
    assert_eq!(world.act(site, reader, ReaderAction::UndoAllRead(third)).await.unread, 1);
    assert_eq!(
        world.try_act(site, reader, ReaderAction::UndoAllRead(second)).await,
        None,
        "only one undo is possible"
    );
}

pub async fn archive_follows_expiry_and_recall(world: &TestStore) {
    let (site, reader, messages) = inbox(world, 2).await;
    let mut ends = world.message(site, Some(&[reader]));
    ends.expires_at = Some(after(10));
    world.publish_at(&ends, NOW).await;
    world.act(site, reader, ReaderAction::Archive(vec![messages[0], messages[1], ends.id])).await;
    let archive = async |now| -> Vec<MessageId> {
        world
            .all_items(site, reader, ReaderFilter::Archived, 2, now)
            .await
            .into_iter()
            .map(|item| item.message.id)
            .collect()
    };
    world.store.recall_message(site, messages[1], NOW).await.unwrap();
    assert_eq!(archive(NOW).await, [ends.id, messages[0]]);
    assert_eq!(archive(after(10)).await, [messages[0]], "before the background job has run");
    world.store.advance(after(10)).await.unwrap();
    assert_eq!(archive(after(10)).await, [messages[0]]);
    let longer =
        MessageEdit { expires_at: Some(None), pinned: Some(true), ..MessageEdit::default() };
    world.store.edit_message(site, ends.id, &longer, after(20)).await.unwrap();
    assert_eq!(archive(after(20)).await, [ends.id, messages[0]], "an edit keeps the archive");
    assert_eq!(world.unread_and_unseen(site, reader).await, (0, 0));
}

pub async fn unread_marks_count_up_to_the_cap(world: &TestStore) {
    let many = usize::try_from(UnreadCounts::CAP).unwrap() + 5;
    let (site, reader, messages) = inbox(world, many).await;
    world.act(site, reader, ReaderAction::AllRead(None)).await;
    let counts = world.act(site, reader, ReaderAction::Unread(messages.clone())).await;
    assert_eq!(counts.unread, UnreadCounts::CAP);
    assert_eq!(world.filtered_ids(site, reader, ReaderFilter::Unread).await.len(), many);
    world.act(site, reader, ReaderAction::Archive(messages[6..].to_vec())).await;
    assert_eq!(world.unread_and_unseen(site, reader).await, (6, 0));
}

pub async fn archived_between_all_read_and_undo_is_unread(world: &TestStore) {
    let (site, reader, messages) = inbox(world, 4).await;
    let undo =
        world.try_act(site, reader, ReaderAction::AllRead(None)).await.unwrap().undo.unwrap();
    world.act(site, reader, ReaderAction::Archive(vec![messages[0]])).await;
    world.act(site, reader, ReaderAction::Delete(vec![messages[1]])).await;
    world.act(site, reader, ReaderAction::UndoAllRead(undo)).await;
    assert!(!world.store.item(site, reader, messages[0], NOW).await.unwrap().unwrap().is_read);
    // The watermark passes both again.
    world.act(site, reader, ReaderAction::Read(messages[2..].to_vec())).await;
    world.act(site, reader, ReaderAction::Restore(messages.clone())).await;
    world.act(site, reader, ReaderAction::Undelete(messages.clone())).await;
    assert_eq!(
        world.filtered_ids(site, reader, ReaderFilter::Unread).await,
        [messages[1], messages[0]]
    );
}

pub async fn all_read_excludes_archived_above_position(world: &TestStore) {
    let (site, reader, messages) = inbox(world, 4).await;
    world.act(site, reader, ReaderAction::Archive(messages[2..].to_vec())).await;
    let undo = world
        .try_act(
            site,
            reader,
            ReaderAction::AllRead(Some(position(world, site, messages[0]).await)),
        )
        .await
        .unwrap()
        .undo
        .unwrap();
    // The watermark passes archived and deleted messages, in the new epoch and, after the undo, in
    // the former one.
    world.act(site, reader, ReaderAction::Read(vec![messages[1]])).await;
    let archived = async || {
        world
            .all_items(site, reader, ReaderFilter::Archived, 5, NOW)
            .await
            .into_iter()
            .map(|item| item.is_read)
            .collect::<Vec<_>>()
    };
    assert_eq!(archived().await, [false, false]);
    world.act(site, reader, ReaderAction::UndoAllRead(undo)).await;
    world.act(site, reader, ReaderAction::Read(vec![messages[0]])).await;
    assert_eq!(archived().await, [false, false]);
    world.act(site, reader, ReaderAction::Restore(messages.clone())).await;
    world.act(site, reader, ReaderAction::Undelete(messages.clone())).await;
    assert_eq!(
        world.filtered_ids(site, reader, ReaderFilter::Unread).await,
        [messages[3], messages[2]]
    );
}
