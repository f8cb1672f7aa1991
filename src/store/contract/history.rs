//! Messages sent before a contact existed.

use super::{
    segments::drafted,
    test_store::{NOW, World, after, draft},
};
use crate::domain::{Condition, ContactId, Filter, Funnel, History, ImportOptions, Mark, MessageId, SiteId, SiteSettings, Tally, Test};

/// A site with this setting and a message to everyone, a pinned one, and one to a segment that
/// matches everybody.
async fn site_with(world: &World, history: History) -> (SiteId, [MessageId; 3]) {
    let (site, _) = world.site("A").await;
    world.store.update_settings(site, &SiteSettings::default().with_history(history)).await.unwrap();
    let rule = Condition::Not(Box::new(Condition::Attribute { path: "none".to_owned(), test: Test::Exists(true) }));
    let segment = world.store.add_segment(site, &drafted(Some("all"), rule, Vec::new()), NOW).await.unwrap().id.lane();
    let plain = world.publish(site, None).await;
    let mut pinned = world.message(site, None);
    pinned.pinned = true;
    world.publish_at(&pinned, NOW).await;
    (site, [plain, pinned.id, world.publish(site, Some(&[segment])).await])
}

async fn funnel(world: &World, site: SiteId, message: MessageId) -> Funnel {
    world.store.message_stats(site, message, NOW).await.unwrap().unwrap().total
}

async fn tally(world: &World, site: SiteId, contact: ContactId) -> (u32, u32) {
    let Tally { unread, unseen, .. } = world.store.tally(site, contact, NOW).await.unwrap();
    (unread, unseen)
}

pub async fn earlier_messages_start_as_read_without_receipts(world: &World) {
    let (site, [plain, pinned, segment]) = site_with(world, History::default()).await;
    let late = world.contact(site, "late").await;
    let listed = world.listed(site, late, Filter::All, 10, NOW).await;
    assert_eq!(listed.iter().map(|item| (item.message.id, item.read)).collect::<Vec<_>>(), [(pinned, true), (segment, true), (plain, true)]);
    assert_eq!(world.filtered(site, late, Filter::Unread).await, []);
    assert_eq!(tally(world, site, late).await, (0, 0));
    assert!(world.store.item(site, late, plain, NOW).await.unwrap().unwrap().read);
    for message in [plain, pinned, segment] {
        assert_eq!(funnel(world, site, message).await, Funnel { audience: 1, ..Funnel::default() });
    }
    // Later messages are unread, and "all read" only concerns those.
    let after_them = world.publish(site, None).await;
    assert_eq!(tally(world, site, late).await, (1, 1));
    let undo = world.marked(site, late, Mark::AllRead(None)).await.unwrap().undo.unwrap();
    assert_eq!((funnel(world, site, plain).await.read, funnel(world, site, after_them).await.read), (0, 1));
    world.mark(site, late, Mark::UndoAllRead(undo)).await;
    assert_eq!(world.filtered(site, late, Filter::Unread).await, [after_them]);
    // From then on it is a message like any other.
    world.mark(site, late, Mark::Unread(vec![plain])).await;
    assert_eq!(world.filtered(site, late, Filter::Unread).await, [after_them, plain]);
    world.mark(site, late, Mark::Clicked(pinned)).await;
    assert_eq!(funnel(world, site, pinned).await.clicked, 1);
}

pub async fn imported_contact_starts_likewise(world: &World) {
    let (site, _) = site_with(world, History::Read).await;
    let merged = world.store.merge_contact(site, &draft(Some("late"), None, None), &ImportOptions::default(), NOW).await.unwrap();
    assert_eq!(tally(world, site, merged.contact.unwrap()).await, (0, 0));
}

pub async fn earlier_messages_may_start_unread(world: &World) {
    let (site, [plain, pinned, segment]) = site_with(world, History::Unread).await;
    let late = world.contact(site, "late").await;
    assert_eq!(world.filtered(site, late, Filter::Unread).await, [pinned, segment, plain]);
    assert_eq!(tally(world, site, late).await, (3, 3));
}

pub async fn earlier_messages_may_be_hidden(world: &World) {
    let (site, before) = site_with(world, History::Hidden).await;
    let late = world.contact(site, "late").await;
    let shown = world.publish(site, None).await;
    for filter in [Filter::All, Filter::Unread] {
        assert_eq!(world.filtered(site, late, filter).await, [shown], "{filter}");
    }
    assert_eq!(tally(world, site, late).await, (1, 1));
    assert!(world.find(site, late).await.unwrap().hidden_until > 0);
    for message in before {
        assert_eq!(world.store.item(site, late, message, NOW).await.unwrap(), None);
        for mark in [Mark::Read, Mark::Unread, Mark::Archive, Mark::Delete, Mark::Restore, Mark::Undelete] {
            world.mark(site, late, mark(vec![message])).await;
        }
        world.mark(site, late, Mark::Clicked(message)).await;
        assert_eq!(funnel(world, site, message).await, Funnel { audience: 1, ..Funnel::default() });
    }
    world.mark(site, late, Mark::Delivered(i64::MAX)).await;
    world.mark(site, late, Mark::AllRead(None)).await;
    for message in before {
        assert_eq!(funnel(world, site, message).await, Funnel { audience: 1, ..Funnel::default() });
    }
    assert_eq!(world.filtered(site, late, Filter::Archived).await, []);
    assert_eq!(world.filtered(site, late, Filter::All).await, [shown]);
}

pub async fn existing_contact_keeps_its_messages(world: &World) {
    let (site, before) = site_with(world, History::Unread).await;
    let early = world.contact(site, "early").await;
    world.store.update_settings(site, &SiteSettings::default().with_history(History::Hidden)).await.unwrap();
    // After another upsert, and after a restoration.
    world.store.upsert_contact(site, &draft(Some("early"), Some("early@shop.example"), None), after(1)).await.unwrap();
    world.store.put_away_contact(site, early, after(2)).await.unwrap();
    assert_eq!(world.contact(site, "early").await, early);
    assert_eq!(world.filtered(site, early, Filter::Unread).await.len(), before.len());
    // A scheduled message is shown after the contact was created, whenever it was written.
    let mut scheduled = world.message(site, None);
    scheduled.publish_at = after(60);
    world.publish_at(&scheduled, NOW).await;
    let late = world.contact(site, "late").await;
    world.store.advance(after(61)).await.unwrap();
    assert_eq!(world.list(site, late, 10, after(61)).await, [scheduled.id]);
}
