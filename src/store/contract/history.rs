//! Messages sent before a contact existed.

use super::{
    segments::segment_draft,
    test_store::{NOW, TestStore, after, contact_draft},
};
use belfry_domain::{
    AttributeTest, Condition, ContactId, Funnel, HistoryPolicy, ImportOptions, MessageId, Position,
    ReaderAction, ReaderFilter, SiteId, SiteSettings, UnreadCounts,
};

/// A site with this setting and a message to everyone, a pinned one, and one to a segment that
/// matches everybody.
async fn site_with(world: &TestStore, history: HistoryPolicy) -> (SiteId, [MessageId; 3]) {
    let (site, _) = world.site("A").await;
    world
        .store
        .update_settings(site, &SiteSettings::default().with_history(history))
        .await
        .unwrap();
    let rule = Condition::Not(Box::new(Condition::Attribute {
        path: "none".to_owned(),
        test: AttributeTest::Exists(true),
    }));
    let segment = world
        .store
        .add_segment(site, &segment_draft(Some("all"), rule, Vec::new()), NOW)
        .await
        .unwrap()
        .id;
    let plain = world.publish(site, None).await;
    let mut pinned = world.message(site, None);
    pinned.pinned = true;
    world.publish_at(&pinned, NOW).await;
    (site, [plain, pinned.id, world.publish_to_segment(site, segment).await])
}

async fn funnel(world: &TestStore, site: SiteId, message: MessageId) -> Funnel {
    world.store.message_stats(site, message, NOW).await.unwrap().unwrap().total
}

async fn unread_and_unseen(world: &TestStore, site: SiteId, contact: ContactId) -> (u32, u32) {
    let UnreadCounts { unread, unseen, .. } = world.store.counts(site, contact, NOW).await.unwrap();
    (unread, unseen)
}

pub async fn earlier_messages_start_as_read_without_receipts(world: &TestStore) {
    let (site, [plain, pinned, segment]) = site_with(world, HistoryPolicy::default()).await;
    let late = world.contact(site, "late").await;
    let listed = world.all_items(site, late, ReaderFilter::All, 10, NOW).await;
    assert_eq!(
        listed.iter().map(|item| (item.message.id, item.is_read)).collect::<Vec<_>>(),
        [(pinned, true), (segment, true), (plain, true)]
    );
    assert_eq!(world.filtered_ids(site, late, ReaderFilter::Unread).await, []);
    assert_eq!(unread_and_unseen(world, site, late).await, (0, 0));
    assert!(world.store.item(site, late, plain, NOW).await.unwrap().unwrap().is_read);
    for message in [plain, pinned, segment] {
        assert_eq!(funnel(world, site, message).await, Funnel { audience: 1, ..Funnel::default() });
    }
    // Later messages are unread, and "all read" only concerns those.
    let after_them = world.publish(site, None).await;
    assert_eq!(unread_and_unseen(world, site, late).await, (1, 1));
    let undo = world.try_act(site, late, ReaderAction::AllRead(None)).await.unwrap().undo.unwrap();
    assert_eq!(
        (funnel(world, site, plain).await.read, funnel(world, site, after_them).await.read),
        (0, 1)
    );
    world.act(site, late, ReaderAction::UndoAllRead(undo)).await;
    assert_eq!(world.filtered_ids(site, late, ReaderFilter::Unread).await, [after_them]);
    // From then on it is a message like any other.
    world.act(site, late, ReaderAction::Unread(vec![plain])).await;
    assert_eq!(world.filtered_ids(site, late, ReaderFilter::Unread).await, [after_them, plain]);
    world.act(site, late, ReaderAction::Clicked(pinned)).await;
    assert_eq!(funnel(world, site, pinned).await.clicked, 1);
}

pub async fn imported_contact_starts_likewise(world: &TestStore) {
    let (site, _) = site_with(world, HistoryPolicy::Read).await;
    let merged = world
        .store
        .merge_contact(
            site,
            &contact_draft(Some("late"), None, None),
            &ImportOptions::default(),
            NOW,
        )
        .await
        .unwrap();
    assert_eq!(unread_and_unseen(world, site, merged.contact.unwrap()).await, (0, 0));
}

pub async fn earlier_messages_may_start_unread(world: &TestStore) {
    let (site, [plain, pinned, segment]) = site_with(world, HistoryPolicy::Unread).await;
    let late = world.contact(site, "late").await;
    assert_eq!(
        world.filtered_ids(site, late, ReaderFilter::Unread).await,
        [pinned, segment, plain]
    );
    assert_eq!(unread_and_unseen(world, site, late).await, (3, 3));
}

pub async fn earlier_messages_may_be_hidden(world: &TestStore) {
    let (site, before) = site_with(world, HistoryPolicy::Hidden).await;
    let late = world.contact(site, "late").await;
    let shown = world.publish(site, None).await;
    for filter in [ReaderFilter::All, ReaderFilter::Unread] {
        assert_eq!(world.filtered_ids(site, late, filter).await, [shown], "{filter}");
    }
    assert_eq!(unread_and_unseen(world, site, late).await, (1, 1));
    assert!(world.find(site, late).await.unwrap().hidden_until > Position::default());
    for message in before {
        assert_eq!(world.store.item(site, late, message, NOW).await.unwrap(), None);
        for mark in [
            ReaderAction::Read,
            ReaderAction::Unread,
            ReaderAction::Archive,
            ReaderAction::Delete,
            ReaderAction::Restore,
            ReaderAction::Undelete,
        ] {
            world.act(site, late, mark(vec![message])).await;
        }
        world.act(site, late, ReaderAction::Clicked(message)).await;
        assert_eq!(funnel(world, site, message).await, Funnel { audience: 1, ..Funnel::default() });
    }
    world.act(site, late, ReaderAction::Delivered(Position::MAX)).await;
    world.act(site, late, ReaderAction::AllRead(None)).await;
    for message in before {
        assert_eq!(funnel(world, site, message).await, Funnel { audience: 1, ..Funnel::default() });
    }
    assert_eq!(world.filtered_ids(site, late, ReaderFilter::Archived).await, []);
    assert_eq!(world.filtered_ids(site, late, ReaderFilter::All).await, [shown]);
}

pub async fn existing_contact_keeps_its_messages(world: &TestStore) {
    let (site, before) = site_with(world, HistoryPolicy::Unread).await;
    let early = world.contact(site, "early").await;
    world
        .store
        .update_settings(site, &SiteSettings::default().with_history(HistoryPolicy::Hidden))
        .await
        .unwrap();
    // After another upsert, and after a restoration.
    world
        .store
        .upsert_contact(
            site,
            &contact_draft(Some("early"), Some("early@shop.example"), None),
            after(1),
        )
        .await
        .unwrap();
    world.store.archive_contact(site, early, after(2)).await.unwrap();
    assert_eq!(world.contact(site, "early").await, early);
    assert_eq!(world.filtered_ids(site, early, ReaderFilter::Unread).await.len(), before.len());
    // A scheduled message is shown after the contact was created, whenever it was written.
    let mut scheduled = world.message(site, None);
    scheduled.publish_at = after(60);
    world.publish_at(&scheduled, NOW).await;
    let late = world.contact(site, "late").await;
    world.store.advance(after(61)).await.unwrap();
    assert_eq!(world.list_ids(site, late, 10, after(61)).await, [scheduled.id]);
}
