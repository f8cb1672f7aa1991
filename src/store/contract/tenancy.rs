//! Tenant isolation: no verb reaches another site.

use super::test_store::{NOW, TestStore, after, contact_draft, session, theme};
use crate::{CancelOutcome, DeleteThemeOutcome, PublishOutcome, RollbackOutcome, StoreError};
use belfry_domain::{
    ApiKey, ContactId, ContactLookup, ContactToken, Digest, IdempotentRequest, Identifiers,
    MessageAudience, MessageEdit, MessageId, Position, PreviewLink, ReaderAction, SiteId,
    ThemeVersion, UnreadCounts,
};

/// A site with one object of each kind.
struct Tenant {
    site: SiteId,
    key: ApiKey,
    reader: ContactId,
    broadcast: MessageId,
    named_message: MessageId,
    token: ContactToken,
}

impl Tenant {
    async fn new(world: &TestStore, name: &str, contacts: i64) -> Self {
        let (site, key) = world.site(name).await;
        let mut reader = ContactId(0);
        for number in 0..contacts {
            let email = format!("{number}@{name}.example");
            let who = contact_draft(Some(&format!("{name} {number}")), Some(&email), None);
            reader = world.store.upsert_contact(site, &who, NOW).await.unwrap();
        }
        let broadcast = world.publish(site, None).await;
        let named_message = world.publish(site, Some(&[reader])).await;
        let token = world.token(&key, reader);
        world.add_token(&token).await.unwrap();
        world.add_sessions(&[session(&token, "cookie", after(60))]).await.unwrap();
        Self { site, key, reader, broadcast, named_message, token }
    }
}

pub async fn no_verb_reads_another_site(world: &TestStore) {
    // The reader's id does not exist in the second site, so that a query without its site would
    // show.
    let a = Tenant::new(world, "a", 3).await;
    let b = Tenant::new(world, "b", 1).await;
    let store = &world.store;
    assert_eq!(store.contact(b.site, &ContactLookup::Id(a.reader)).await.unwrap(), None);
    let by_name = ContactLookup::Identifiers(
        Identifiers::parse(Some("a 2"), Some("2@a.example"), None).unwrap(),
    );
    assert_eq!(store.contact(b.site, &by_name).await.unwrap(), None);
    assert_eq!(
        store.contact_ids(b.site, &[by_name, ContactLookup::Id(a.reader)]).await.unwrap(),
        [None, None]
    );
    assert_eq!(store.keys(b.site).await.unwrap(), std::slice::from_ref(&b.key));
    assert_eq!(world.live_token(b.site, &a.token.digest, NOW).await, None);
    assert_eq!(
        store.session(b.site, &session(&a.token, "cookie", NOW).digest, NOW).await.unwrap(),
        None
    );
    for message in [a.broadcast, a.named_message] {
        assert_eq!(store.message(b.site, message).await.unwrap(), None);
        assert_eq!(store.message_stats(b.site, message, NOW).await.unwrap(), None);
        for reader in [a.reader, b.reader] {
            assert_eq!(store.item(b.site, reader, message, NOW).await.unwrap(), None);
        }
    }
    assert_eq!(world.list_ids(b.site, a.reader, 10, NOW).await, []);
    assert_eq!(world.counts(b.site, a.reader).await, UnreadCounts::default());
    assert_eq!(world.list_ids(b.site, b.reader, 10, NOW).await, [b.named_message, b.broadcast]);
    assert_eq!(world.list_ids(a.site, a.reader, 10, NOW).await, [a.named_message, a.broadcast]);
}

pub async fn no_verb_changes_another_site(world: &TestStore) {
    let a = Tenant::new(world, "a", 3).await;
    let b = Tenant::new(world, "b", 1).await;
    let store = &world.store;
    let before = (
        store.message_stats(a.site, a.broadcast, NOW).await.unwrap(),
        world.page(a.site, a.reader, None, 10).await,
        world.find(a.site, a.reader).await,
        store.keys(a.site).await.unwrap(),
        world.backend.find_traces(a.site, a.reader).await,
    );
    world.events.take();
    for message in [a.broadcast, a.named_message] {
        assert_eq!(
            store.edit_message(b.site, message, &MessageEdit::default(), NOW).await.unwrap(),
            None
        );
        assert!(!store.recall_message(b.site, message, NOW).await.unwrap());
        assert_eq!(
            store.cancel_message(b.site, message, NOW).await.unwrap(),
            CancelOutcome::Unknown
        );
        for reader in [a.reader, b.reader] {
            for mark in [
                ReaderAction::Read,
                ReaderAction::Unread,
                ReaderAction::Archive,
                ReaderAction::Delete,
                ReaderAction::Restore,
                ReaderAction::Undelete,
            ] {
                world.act(b.site, reader, mark(vec![message])).await;
            }
            world.act(b.site, reader, ReaderAction::Clicked(message)).await;
        }
    }
    world.act(b.site, a.reader, ReaderAction::AllRead(None)).await;
    world.act(b.site, a.reader, ReaderAction::Delivered(Position::MAX)).await;
    assert!(!store.revoke_key(b.site, &a.key.id, NOW).await.unwrap());
    store.touch_key(b.site, &a.key.id, after(5)).await.unwrap();
    store.revoke_family(b.site, a.token.family).await.unwrap();
    assert!(!store.delete_contact(b.site, a.reader, NOW).await.unwrap());
    assert!(matches!(
        store.publish(&world.message(b.site, Some(&[a.reader])), None, NOW).await,
        Err(StoreError::Conflict(_))
    ));
    // A token or session of one site cannot refer to a key, contact or family of another.
    let mut crossed = world.token(&a.key, b.reader);
    crossed.site = b.site;
    assert!(matches!(world.add_token(&crossed).await, Err(StoreError::Conflict(_))));
    let crossed = world.token(&b.key, a.reader);
    assert!(matches!(world.add_token(&crossed).await, Err(StoreError::Conflict(_))));
    let mut crossed = session(&a.token, "crossed", after(60));
    crossed.site = b.site;
    assert!(matches!(world.add_sessions(&[crossed]).await, Err(StoreError::Conflict(_))));
    assert!(world.events.take().is_empty());

    // Site-wide changes stay within their site.
    world.act(b.site, b.reader, ReaderAction::AllRead(None)).await;
    assert!(store.delete_contact(b.site, b.reader, NOW).await.unwrap());
    assert!(store.revoke_key(b.site, &b.key.id, NOW).await.unwrap());
    assert!(store.recall_message(b.site, b.broadcast, NOW).await.unwrap());
    let after = (
        store.message_stats(a.site, a.broadcast, NOW).await.unwrap(),
        world.page(a.site, a.reader, None, 10).await,
        world.find(a.site, a.reader).await,
        store.keys(a.site).await.unwrap(),
        world.backend.find_traces(a.site, a.reader).await,
    );
    assert_eq!(after, before);
    assert_eq!(world.live_token(a.site, &a.token.digest, NOW).await.as_ref(), Some(&a.token));
    assert!(
        store
            .session(a.site, &session(&a.token, "cookie", NOW).digest, NOW)
            .await
            .unwrap()
            .is_some()
    );
}

/// A site with a superseded version, a published one, a draft, and a link to each.
async fn themed(world: &TestStore, name: &str, uploads: [u64; 3]) -> SiteId {
    let (site, _) = world.site(name).await;
    for upload in uploads {
        let version = world.store.store_draft(site, &theme(upload), NOW).await.unwrap().version;
        if upload != uploads[2] {
            world.store.publish_theme(site, NOW).await.unwrap();
        }
        let link = PreviewLink {
            site,
            digest: Digest::of(&format!("{name} {version}")),
            version,
            expires_at: after(60),
        };
        world.store.add_preview_link(&link).await.unwrap();
    }
    world.events.take();
    site
}

pub async fn themes_are_scoped_to_their_site(world: &TestStore) {
    let a = themed(world, "a", [1, 3, 4]).await;
    let store = &world.store;
    let all = async |site| {
        let mut all = Vec::new();
        for number in 1..5 {
            let version = ThemeVersion(number);
            let link =
                store.preview_link(site, &Digest::of(&format!("a {number}")), NOW).await.unwrap();
            let files = [
                store.theme_file(site, &theme(number.into()).files[0].name).await,
                store.theme_file(site, &theme(number.into()).files[1].name).await,
            ];
            all.push((
                store.theme(site, version).await.unwrap(),
                store.theme_sources(site, version).await.unwrap(),
                link,
                files.map(Result::unwrap),
            ));
        }
        (all, store.themes(site).await.unwrap(), store.site(site).await.unwrap())
    };
    let before = all(a).await;
    // A site without themes finds and changes none of them.
    let (b, _) = world.site("b").await;
    let nothing = all(b).await;
    assert!(nothing.0.iter().all(|(theme, sources, link, files)| theme.is_none()
        && sources.is_none()
        && link.is_none()
        && files == &[None, None]));
    assert!(nothing.1.is_empty() && nothing.2.is_some_and(|site| site.theme.is_none()));
    assert_eq!(store.publish_theme(b, NOW).await.unwrap(), None);
    assert_eq!(
        store.roll_back_theme(b, None, NOW).await.unwrap(),
        RollbackOutcome::Unchanged(None)
    );
    for version in (1..4).map(ThemeVersion) {
        assert_eq!(
            store.roll_back_theme(b, Some(version), NOW).await.unwrap(),
            RollbackOutcome::Unknown
        );
        assert_eq!(store.delete_theme(b, version).await.unwrap(), DeleteThemeOutcome::Unknown);
        let crossed =
            PreviewLink { site: b, digest: Digest::of("crossed"), version, expires_at: after(60) };
        assert!(matches!(store.add_preview_link(&crossed).await, Err(StoreError::Conflict(_))));
    }
    assert!(world.events.take().is_empty());
    assert_eq!(all(a).await, before);

    // A site with the same numbers and files only deletes its own.
    let c = themed(world, "c", [1, 3, 4]).await;
    assert_eq!(store.preview_link(c, &Digest::of("a 1"), NOW).await.unwrap(), None);
    store.store_draft(c, &theme(2), NOW).await.unwrap();
    store.publish_theme(c, NOW).await.unwrap();
    store.roll_back_theme(c, None, NOW).await.unwrap();
    for theme in store.themes(c).await.unwrap() {
        assert_eq!(store.delete_theme(c, theme.version).await.unwrap(), DeleteThemeOutcome::Done);
    }
    let events = world.events.take();
    assert!(events.len() == 2 && events.iter().all(|change| change.site() == c), "{events:?}");
    assert_eq!(store.theme_file(c, &theme(1).files[1].name).await.unwrap(), None);
    assert_eq!(all(a).await, before);
}

pub async fn equal_ids_in_two_sites_are_independent(world: &TestStore) {
    let (a, _) = world.site("A").await;
    let (b, _) = world.site("B").await;
    let who = contact_draft(Some("1"), Some("a@shop.example"), Some("+380671234567"));
    let one = world.store.upsert_contact(a, &who, NOW).await.unwrap();
    let two = world.store.upsert_contact(b, &who, NOW).await.unwrap();
    assert!(world.find(a, one).await.is_some() && world.find(b, two).await.is_some());
    let idempotency = IdempotentRequest { key: "k".to_owned(), fingerprint: Digest::of("k") };
    let first = world.message(a, None);
    assert_eq!(
        world.store.publish(&first, Some(&idempotency), NOW).await.unwrap(),
        PublishOutcome::New(first.id)
    );
    // The same message id in another site is another message.
    let mut second = first.clone();
    second.site = b;
    assert_eq!(
        world.store.publish(&second, Some(&idempotency), NOW).await.unwrap(),
        PublishOutcome::New(second.id)
    );
    // A change of one does not concern contacts of the other with the same ids.
    let (third, bystander) = (world.contact(a, "2").await, world.contact(b, "2").await);
    assert_eq!(third, bystander);
    let own = world.message(a, Some(&[third]));
    world.publish_at(&own, NOW).await;
    let mut namesake = own.clone();
    (namesake.site, namesake.audience) = (b, MessageAudience::Contacts(vec![two]));
    let before = (
        world.counts(a, one).await,
        world.counts(a, third).await,
        world.counts(b, bystander).await,
    );
    world.publish_at(&namesake, NOW).await;
    assert_eq!(
        (
            world.counts(a, one).await,
            world.counts(a, third).await,
            world.counts(b, bystander).await
        ),
        before
    );
    for (site, message) in [(b, namesake.id), (a, own.id), (a, first.id)] {
        assert!(world.store.recall_message(site, message, NOW).await.unwrap());
    }
    assert_eq!(
        (world.list_ids(a, one, 5, NOW).await, world.list_ids(b, two, 5, NOW).await),
        (vec![], vec![second.id])
    );
}
