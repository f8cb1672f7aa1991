//! Muted categories of readers.

use super::{
    segments::{has_plan, segment_draft},
    test_store::{NOW, TestStore, after, contact_draft},
};
use crate::{MAX_MUTES, StoreError};
use belfry_domain::{
    Category, ContactId, InboxEvent, MessageAudience, MessageEdit, MessageId, ReaderAction,
    ReaderFilter, SiteId, SiteSettings,
};
use std::collections::BTreeMap;

async fn mute(world: &TestStore, site: SiteId, contact: ContactId, categories: &[&str]) {
    let categories: Vec<_> = categories.iter().map(|name| (*name).to_owned()).collect();
    assert!(world.store.set_mutes(site, contact, &categories, NOW).await.unwrap());
}

async fn of(
    world: &TestStore,
    site: SiteId,
    contacts: Option<&[ContactId]>,
    category: Option<&str>,
) -> MessageId {
    let mut message = world.message(site, contacts);
    message.category = category.map(str::to_owned);
    world.publish_at(&message, NOW).await
}

pub async fn muted_messages_are_hidden_and_restored(world: &TestStore) {
    let (site, _) = world.site("A").await;
    let (reader, other) = (world.contact(site, "1").await, world.contact(site, "2").await);
    let news = of(world, site, None, Some("news")).await;
    let archived = of(world, site, None, Some("news")).await;
    let offer = of(world, site, Some(&[reader]), Some("offers")).await;
    let plain = of(world, site, None, None).await;
    world.act(site, reader, ReaderAction::Archive(vec![archived])).await;
    assert_eq!(world.unread_and_unseen(site, reader).await, (3, 3));
    mute(world, site, reader, &["news"]).await;
    assert_eq!(world.store.mutes(site, reader).await.unwrap(), ["news"]);
    assert_eq!(world.unread_and_unseen(site, reader).await, (2, 2));
    assert_eq!(world.list_ids(site, reader, 1, NOW).await, [plain, offer]);
    assert_eq!(world.filtered_ids(site, reader, ReaderFilter::Unread).await, [plain, offer]);
    assert_eq!(world.filtered_ids(site, reader, ReaderFilter::Archived).await, []);
    assert_eq!(world.store.item(site, reader, news, NOW).await.unwrap(), None);
    assert_eq!(world.unread_and_unseen(site, other).await, (3, 3), "other readers are unaffected");
    mute(world, site, reader, &["offers"]).await;
    assert_eq!(world.list_ids(site, reader, 1, NOW).await, [plain, news]);
    mute(world, site, reader, &[]).await;
    assert_eq!(world.unread_and_unseen(site, reader).await, (3, 3));
    assert_eq!(world.filtered_ids(site, reader, ReaderFilter::Archived).await, [archived]);
    // Mutes are deleted with their contact.
    mute(world, site, reader, &["news"]).await;
    assert!(world.store.delete_contact(site, reader, NOW).await.unwrap());
    assert_eq!(world.backend.find_traces(site, reader).await, 0);
}

pub async fn actions_on_muted_messages_are_ignored(world: &TestStore) {
    let (site, _) = world.site("A").await;
    let reader = world.contact(site, "1").await;
    let news = of(world, site, None, Some("news")).await;
    let plain = of(world, site, None, None).await;
    let newest = of(world, site, None, Some("news")).await;
    mute(world, site, reader, &["news"]).await;
    world.events.take();
    for mark in [
        ReaderAction::Read(vec![news]),
        ReaderAction::Archive(vec![news]),
        ReaderAction::Delete(vec![news]),
        ReaderAction::Clicked(news),
    ] {
        world.act(site, reader, mark).await;
    }
    assert!(world.events.take().is_empty());
    // Reading single messages above it leaves it unread.
    assert_eq!(world.act(site, reader, ReaderAction::Read(vec![plain])).await.unread, 0);
    mute(world, site, reader, &[]).await;
    assert_eq!(world.filtered_ids(site, reader, ReaderFilter::Unread).await, [newest, news]);
    // "All read" includes muted messages below the newest visible one, and can be undone.
    world.act(site, reader, ReaderAction::Unread(vec![plain])).await;
    mute(world, site, reader, &["news"]).await;
    let undo =
        world.try_act(site, reader, ReaderAction::AllRead(None)).await.unwrap().undo.unwrap();
    mute(world, site, reader, &[]).await;
    assert_eq!(world.filtered_ids(site, reader, ReaderFilter::Unread).await, [newest]);
    world.act(site, reader, ReaderAction::UndoAllRead(undo)).await;
    assert_eq!(world.filtered_ids(site, reader, ReaderFilter::Unread).await, [newest, plain, news]);
}

pub async fn edited_category_is_muted_by_its_new_name(world: &TestStore) {
    let (site, _) = world.site("A").await;
    let reader = world.contact(site, "1").await;
    let (everyone, own) =
        (of(world, site, None, Some("news")).await, of(world, site, Some(&[reader]), None).await);
    mute(world, site, reader, &["news"]).await;
    assert_eq!(world.list_ids(site, reader, 5, NOW).await, [own]);
    for (message, category) in [(everyone, None), (own, Some("news".to_owned()))] {
        let edit = MessageEdit { category: Some(category), ..MessageEdit::default() };
        world.store.edit_message(site, message, &edit, NOW).await.unwrap().unwrap();
    }
    assert_eq!(world.list_ids(site, reader, 5, NOW).await, [everyone]);
}

pub async fn mutes_apply_to_every_feed_and_later_messages(world: &TestStore) {
    let (site, _) = world.site("A").await;
    let mut contact = contact_draft(Some("1"), None, None);
    contact.attributes.insert("plan".to_owned(), "pro".into());
    let reader = world.store.upsert_contact(site, &contact, NOW).await.unwrap();
    let segment = world
        .store
        .add_segment(site, &segment_draft(None, has_plan("pro"), Vec::new()), NOW)
        .await
        .unwrap();
    mute(world, site, reader, &["news"]).await;
    let publish = async |category: &str| {
        let mut message = world.message_to(site, MessageAudience::Segment(segment.id));
        message.category = Some(category.to_owned());
        world.publish_at(&message, NOW).await
    };
    let theirs = publish("news").await;
    let shown = publish("offers").await;
    let mut later = world.message(site, None);
    (later.category, later.publish_at, later.pinned) = (Some("news".to_owned()), after(5), true);
    world.publish_at(&later, NOW).await;
    world.store.advance(after(6)).await.unwrap();
    assert_eq!(world.list_ids(site, reader, 5, after(7)).await, [shown]);
    assert_eq!(world.store.counts(site, reader, after(7)).await.unwrap().unread, 1);
    mute(world, site, reader, &[]).await;
    assert_eq!(world.list_ids(site, reader, 5, after(7)).await, [later.id, shown, theirs]);
}

pub async fn mute_change_is_published_once(world: &TestStore) {
    let (site, _) = world.site("A").await;
    let reader = world.contact(site, "1").await;
    let before = world.counts(site, reader).await.version;
    world.events.take();
    mute(world, site, reader, &["offers", "news", "news"]).await;
    assert_eq!(world.store.mutes(site, reader).await.unwrap(), ["news", "offers"]);
    let events = world.events.take();
    assert!(
        matches!(events.as_slice(), [InboxEvent::Invalidated { contact: Some(contact), .. }] if *contact == reader),
        "{events:?}"
    );
    let version = world.counts(site, reader).await.version;
    assert_eq!(Some(version), events[0].version());
    assert!(version > before);
    mute(world, site, reader, &["news", "offers"]).await;
    assert!(world.events.take().is_empty(), "nothing changed");
    let many: Vec<_> = (0..=MAX_MUTES).map(|number| number.to_string()).collect();
    assert!(matches!(
        world.store.set_mutes(site, reader, &many, NOW).await,
        Err(StoreError::Conflict(_))
    ));
    assert!(!world.store.set_mutes(site, ContactId(99), &[], NOW).await.unwrap());
    assert!(world.store.mutes(site, ContactId(99)).await.unwrap().is_empty());
}

pub async fn partial_change_keeps_other_mutes(world: &TestStore) {
    let (site, _) = world.site("A").await;
    let reader = world.contact(site, "1").await;
    mute(world, site, reader, &["news", "offers"]).await;
    let change = async |contact: ContactId, changes: &[(&str, bool)]| {
        let changes = changes.iter().map(|(name, mute)| ((*name).to_owned(), *mute)).collect();
        world.store.change_mutes(site, contact, &changes, NOW).await.unwrap()
    };
    assert!(change(reader, &[("news", false), ("orders", true), ("unknown", false)]).await);
    assert_eq!(world.store.mutes(site, reader).await.unwrap(), ["offers", "orders"]);
    assert!(!change(ContactId(99), &[("news", true)]).await);
    // Concurrent changes are all applied.
    let names: Vec<String> = (0..20).map(|number| format!("category {number:02}")).collect();
    futures_util::future::join_all(
        names.iter().map(async |name| change(reader, &[(name, true)]).await),
    )
    .await;
    assert_eq!(world.store.mutes(site, reader).await.unwrap()[..20], names[..]);
}

pub async fn unmutable_category_is_restored(world: &TestStore) {
    let (site, _) = world.site("A").await;
    let reader = world.contact(site, "1").await;
    of(world, site, None, Some("news")).await;
    let category =
        |name: &str, mutable| Category { name: name.to_owned(), labels: BTreeMap::new(), mutable };
    mute(world, site, reader, &["news", "offers"]).await;
    let before = world.counts(site, reader).await;
    let settings = SiteSettings::new(
        Vec::new(),
        None,
        vec![category("news", false), category("offers", true)],
    )
    .unwrap();
    assert!(world.store.update_settings(site, &settings).await.unwrap());
    assert_eq!(world.store.mutes(site, reader).await.unwrap(), ["offers"]);
    let counts = world.counts(site, reader).await;
    assert_eq!((before.unread, counts.unread), (0, 1));
    assert!(counts.version > before.version, "open inboxes reload");
}

pub async fn mutes_are_scoped_to_their_site(world: &TestStore) {
    let ((one, _), (other, _)) = (world.site("A").await, world.site("B").await);
    let (here, there) = (world.contact(one, "1").await, world.contact(other, "1").await);
    assert_eq!(here, there);
    of(world, one, None, Some("news")).await;
    mute(world, other, there, &["news"]).await;
    assert_eq!(world.unread_and_unseen(one, here).await, (1, 1));
    assert!(world.store.mutes(one, here).await.unwrap().is_empty());
}
