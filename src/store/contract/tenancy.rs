//! One site never reaches another's things, with any verb.

use super::world::{NOW, World, after, draft, session};
use crate::{
    domain::{ApiKey, ContactId, ContactLookup, ContactToken, Digest, Idempotency, Identifiers, Mark, MessageEdit, MessageId, SiteId, Tally},
    store::{Published, StoreError},
};

/// A site with something of everything.
struct Tenant {
    site: SiteId,
    key: ApiKey,
    reader: ContactId,
    everyone: MessageId,
    named: MessageId,
    token: ContactToken,
}

impl Tenant {
    async fn new(world: &World, name: &str, contacts: i64) -> Self {
        let (site, key) = world.site(name).await;
        let mut reader = ContactId(0);
        for number in 0..contacts {
            let email = format!("{number}@{name}.example");
            let who = draft(Some(&format!("{name} {number}")), Some(&email), None);
            reader = world.store.upsert_contact(site, &who, NOW).await.unwrap();
        }
        let everyone = world.publish(site, None).await;
        let named = world.publish(site, Some(&[reader])).await;
        let token = world.token(&key, reader);
        world.store.add_token(&token).await.unwrap();
        world.store.add_sessions(&[session(&token, "cookie", after(60))]).await.unwrap();
        Self { site, key, reader, everyone, named, token }
    }
}

pub async fn another_site_reads_nothing(world: &World) {
    // The reader's number is unknown in the second site, so that a query without its site would show at once.
    let a = Tenant::new(world, "a", 3).await;
    let b = Tenant::new(world, "b", 1).await;
    let store = &world.store;
    assert_eq!(store.contact(b.site, &ContactLookup::Id(a.reader)).await.unwrap(), None);
    let by_name = ContactLookup::Identifiers(Identifiers::parse(Some("a 2"), Some("2@a.example"), None).unwrap());
    assert_eq!(store.contact(b.site, &by_name).await.unwrap(), None);
    assert_eq!(store.contact_ids(b.site, &[by_name, ContactLookup::Id(a.reader)]).await.unwrap(), [None, None]);
    assert_eq!(store.keys(b.site).await.unwrap(), std::slice::from_ref(&b.key));
    assert_eq!(store.token(b.site, &a.token.digest, NOW).await.unwrap(), None);
    assert_eq!(store.session(b.site, &session(&a.token, "cookie", NOW).digest, NOW).await.unwrap(), None);
    for message in [a.everyone, a.named] {
        assert_eq!(store.message(b.site, message).await.unwrap(), None);
        for reader in [a.reader, b.reader] {
            assert_eq!(store.item(b.site, reader, message, NOW).await.unwrap(), None);
        }
    }
    assert_eq!(world.list(b.site, a.reader, 10, NOW).await, []);
    assert_eq!(world.tally(b.site, a.reader).await, Tally::default());
    assert_eq!(world.list(b.site, b.reader, 10, NOW).await, [b.named, b.everyone]);
    assert_eq!(world.list(a.site, a.reader, 10, NOW).await, [a.named, a.everyone]);
}

pub async fn another_site_changes_nothing(world: &World) {
    let a = Tenant::new(world, "a", 3).await;
    let b = Tenant::new(world, "b", 1).await;
    let store = &world.store;
    let before = (
        world.page(a.site, a.reader, None, 10).await,
        world.find(a.site, a.reader).await,
        store.keys(a.site).await.unwrap(),
        world.backend.traces(a.site, a.reader).await,
    );
    world.heard.take();
    for message in [a.everyone, a.named] {
        assert_eq!(store.edit_message(b.site, message, &MessageEdit::default(), NOW).await.unwrap(), None);
        assert!(!store.recall_message(b.site, message, NOW).await.unwrap());
        for reader in [a.reader, b.reader] {
            for mark in [Mark::Read, Mark::Unread, Mark::Archive, Mark::Delete, Mark::Restore, Mark::Undelete] {
                world.mark(b.site, reader, mark(vec![message])).await;
            }
            world.mark(b.site, reader, Mark::Clicked(message)).await;
        }
    }
    world.mark(b.site, a.reader, Mark::AllRead(None)).await;
    assert!(!store.revoke_key(b.site, &a.key.id, NOW).await.unwrap());
    store.touch_key(b.site, &a.key.id, after(5)).await.unwrap();
    store.end_family(b.site, a.token.family).await.unwrap();
    assert!(!store.delete_contact(b.site, a.reader).await.unwrap());
    assert!(matches!(store.publish(&world.message(b.site, Some(&[a.reader])), None, NOW).await, Err(StoreError::Conflict(_))));
    // A token or session of one site can't stand on a key, contact or family of another.
    let mut crossed = world.token(&a.key, b.reader);
    crossed.site = b.site;
    assert!(matches!(store.add_token(&crossed).await, Err(StoreError::Conflict(_))));
    let crossed = world.token(&b.key, a.reader);
    assert!(matches!(store.add_token(&crossed).await, Err(StoreError::Conflict(_))));
    let mut crossed = session(&a.token, "crossed", after(60));
    crossed.site = b.site;
    assert!(matches!(store.add_sessions(&[crossed]).await, Err(StoreError::Conflict(_))));
    assert!(world.heard.take().is_empty());

    // What is about all of a site stays in it, too.
    world.mark(b.site, b.reader, Mark::AllRead(None)).await;
    assert!(store.delete_contact(b.site, b.reader).await.unwrap());
    assert!(store.revoke_key(b.site, &b.key.id, NOW).await.unwrap());
    assert!(store.recall_message(b.site, b.everyone, NOW).await.unwrap());
    let after = (
        world.page(a.site, a.reader, None, 10).await,
        world.find(a.site, a.reader).await,
        store.keys(a.site).await.unwrap(),
        world.backend.traces(a.site, a.reader).await,
    );
    assert_eq!(after, before);
    assert_eq!(store.token(a.site, &a.token.digest, NOW).await.unwrap().as_ref(), Some(&a.token));
    assert!(store.session(a.site, &session(&a.token, "cookie", NOW).digest, NOW).await.unwrap().is_some());
}

pub async fn equal_names_in_two_sites_are_two_things(world: &World) {
    let (a, _) = world.site("A").await;
    let (b, _) = world.site("B").await;
    let who = draft(Some("1"), Some("a@shop.example"), Some("+380671234567"));
    let one = world.store.upsert_contact(a, &who, NOW).await.unwrap();
    let two = world.store.upsert_contact(b, &who, NOW).await.unwrap();
    assert!(world.find(a, one).await.is_some() && world.find(b, two).await.is_some());
    let idempotency = Idempotency { key: "k".to_owned(), fingerprint: Digest::of("k") };
    let first = world.message(a, None);
    assert_eq!(world.store.publish(&first, Some(&idempotency), NOW).await.unwrap(), Published::New(first.id));
    // The same id of a message is another message in another site.
    let mut second = first.clone();
    second.site = b;
    assert_eq!(world.store.publish(&second, Some(&idempotency), NOW).await.unwrap(), Published::New(second.id));
    // Nor does a change of the one concern those who have the numbers of the other's readers.
    let (third, bystander) = (world.contact(a, "2").await, world.contact(b, "2").await);
    assert_eq!(third, bystander);
    let own = world.message(a, Some(&[third]));
    world.publish_at(&own, NOW).await;
    let mut namesake = own.clone();
    (namesake.site, namesake.contacts) = (b, Some(vec![two]));
    let before = (world.tally(a, one).await, world.tally(a, third).await, world.tally(b, bystander).await);
    world.publish_at(&namesake, NOW).await;
    assert_eq!((world.tally(a, one).await, world.tally(a, third).await, world.tally(b, bystander).await), before);
    for (site, message) in [(b, namesake.id), (a, own.id), (a, first.id)] {
        assert!(world.store.recall_message(site, message, NOW).await.unwrap());
    }
    assert_eq!((world.list(a, one, 5, NOW).await, world.list(b, two, 5, NOW).await), (vec![], vec![second.id]));
}
