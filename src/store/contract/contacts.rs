//! Contact identity: lookup, upsert, erasure.

use super::test_store::{NOW, TestStore, after, contact_draft, session};
use crate::StoreError;
use belfry_domain::{
    Contact, ContactId, ContactLookup, Digest, Identifiers, InboxEvent, NewContactToken, Position,
    ReaderAction, RevokedSessions, SiteId, TokenFamily,
};
use futures_util::future::join_all;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

const PHONE: &str = "+380671234567";
const OTHER_PHONE: &str = "+380671234568";

async fn look_up(
    world: &TestStore,
    site: SiteId,
    external_id: Option<&str>,
    email: Option<&str>,
    phone: Option<&str>,
) -> Option<ContactId> {
    let lookup = ContactLookup::Identifiers(Identifiers::parse(external_id, email, phone).unwrap());
    let found = world.store.contact(site, &lookup).await.unwrap().map(|contact| contact.id);
    // All lookup methods agree.
    assert_eq!(
        world.store.contact_ids(site, std::slice::from_ref(&lookup)).await.unwrap(),
        [found]
    );
    let key = world.key(site);
    world.store.add_key(&key).await.unwrap();
    let token = NewContactToken {
        site,
        digest: Digest::of(&key.id.0),
        family: TokenFamily::generate(&world.rng),
        key: key.id.clone(),
        expires_at: after(900),
    };
    assert_eq!(world.store.issue_token(&lookup, &token).await.unwrap(), found);
    found
}

fn object(value: Value) -> Map<String, Value> {
    value.as_object().cloned().unwrap()
}

pub async fn first_matching_identifier_decides(world: &TestStore) {
    let (site, _) = world.site("A").await;
    let by_id = world.contact(site, "1").await;
    let by_email = world
        .store
        .upsert_contact(site, &contact_draft(None, Some("b@shop.example"), None), NOW)
        .await
        .unwrap();
    let by_phone = world
        .store
        .upsert_contact(site, &contact_draft(None, None, Some(PHONE)), NOW)
        .await
        .unwrap();
    assert_eq!(
        look_up(world, site, Some("1"), Some("b@shop.example"), Some(PHONE)).await,
        Some(by_id)
    );
    assert_eq!(
        look_up(world, site, Some("unknown"), Some("b@shop.example"), Some(PHONE)).await,
        Some(by_email)
    );
    assert_eq!(
        look_up(world, site, None, Some("unknown@shop.example"), Some(PHONE)).await,
        Some(by_phone)
    );
    assert_eq!(
        look_up(world, site, Some("unknown"), Some("unknown@shop.example"), Some(OTHER_PHONE))
            .await,
        None
    );
    // A string that looks like a number stays a string.
    assert_eq!(look_up(world, site, Some("01"), None, None).await, None);
    assert_eq!(look_up(world, site, Some("1.0"), None, None).await, None);
}

pub async fn upsert_merges_into_the_match(world: &TestStore) {
    let (site, _) = world.site("A").await;
    let mut first = contact_draft(None, Some("a@shop.example"), None);
    first.first_name = Some("Ada".to_owned());
    first.language = Some("uk".parse().unwrap());
    first.attributes = object(json!({"plan": "pro", "seats": 3, "empty": null}));
    let id = world.store.upsert_contact(site, &first, NOW).await.unwrap();
    let mut second = contact_draft(Some("7"), Some("a@shop.example"), Some(PHONE));
    second.last_name = Some("Lovelace".to_owned());
    second.attributes = object(json!({"seats": null, "city": "Kyiv"}));
    assert_eq!(world.store.upsert_contact(site, &second, after(9)).await.unwrap(), id);
    let expected = Contact {
        id,
        external_id: Some("7".to_owned()),
        email: Some("a@shop.example".to_owned()),
        phone: Some(PHONE.to_owned()),
        first_name: Some("Ada".to_owned()),
        last_name: Some("Lovelace".to_owned()),
        language: Some("uk".parse().unwrap()),
        attributes: object(json!({"plan": "pro", "city": "Kyiv"})),
        created_at: NOW,
        updated_at: after(9),
        last_seen_at: None,
        hidden_until: Position::default(),
    };
    assert_eq!(world.find(site, id).await, Some(expected));
    // A match by external id may change the other identifiers.
    assert_eq!(
        world
            .store
            .upsert_contact(site, &contact_draft(Some("7"), Some("new@shop.example"), None), NOW)
            .await
            .unwrap(),
        id
    );
    assert_eq!(look_up(world, site, None, Some("a@shop.example"), None).await, None);
    assert_eq!(look_up(world, site, None, Some("new@shop.example"), None).await, Some(id));
    // Without an external id, an e-mail still matches its contact, and removes nothing.
    assert_eq!(
        world
            .store
            .upsert_contact(site, &contact_draft(None, Some("new@shop.example"), None), NOW)
            .await
            .unwrap(),
        id
    );
    assert_eq!(look_up(world, site, Some("7"), None, None).await, Some(id));
}

pub async fn different_external_id_is_another_contact(world: &TestStore) {
    let (site, _) = world.site("A").await;
    let first = world
        .store
        .upsert_contact(site, &contact_draft(Some("1"), Some("shared@shop.example"), None), NOW)
        .await
        .unwrap();
    let second = world
        .store
        .upsert_contact(site, &contact_draft(Some("2"), Some("own@shop.example"), None), NOW)
        .await
        .unwrap();
    assert_ne!(first, second);
    // The address stays with its contact, rather than merging two people or moving between them.
    let shared = world
        .store
        .upsert_contact(site, &contact_draft(Some("3"), Some("shared@shop.example"), None), NOW)
        .await;
    assert!(matches!(shared, Err(StoreError::Conflict(_))), "{shared:?}");
    assert_eq!(look_up(world, site, None, Some("shared@shop.example"), None).await, Some(first));
    assert_eq!(look_up(world, site, Some("3"), None, None).await, None);
}

pub async fn unknown_external_id_matches_no_identified_contact(world: &TestStore) {
    let (site, _) = world.site("A").await;
    let anna = contact_draft(Some("42"), Some("anna@shop.example"), Some(PHONE));
    let anna = world.store.upsert_contact(site, &anna, NOW).await.unwrap();
    let nobody = world
        .store
        .upsert_contact(
            site,
            &contact_draft(None, Some("bob@shop.example"), Some(OTHER_PHONE)),
            NOW,
        )
        .await
        .unwrap();
    for (external_id, email, phone, found) in [
        (Some("99"), Some("anna@shop.example"), None, None),
        (Some("99"), None, Some(PHONE), None),
        (Some("99"), Some("anna@shop.example"), Some(PHONE), None),
        // The next identifier does not count when the one before belongs to another person.
        (Some("99"), Some("anna@shop.example"), Some(OTHER_PHONE), None),
        (Some("99"), Some("bob@shop.example"), None, Some(nobody)),
        (Some("99"), Some("new@shop.example"), Some(OTHER_PHONE), Some(nobody)),
        (Some("42"), Some("bob@shop.example"), Some(OTHER_PHONE), Some(anna)),
        (None, Some("anna@shop.example"), Some(OTHER_PHONE), Some(anna)),
        (None, Some("new@shop.example"), Some(PHONE), Some(anna)),
    ] {
        assert_eq!(
            look_up(world, site, external_id, email, phone).await,
            found,
            "{external_id:?} {email:?} {phone:?}"
        );
    }
}

pub async fn identifier_of_a_deleted_contact_matches_no_other(world: &TestStore) {
    let (site, _) = world.site("A").await;
    let gone = world
        .store
        .upsert_contact(site, &contact_draft(Some("42"), Some("anna@shop.example"), None), NOW)
        .await
        .unwrap();
    let bob = world
        .store
        .upsert_contact(site, &contact_draft(None, Some("bob@shop.example"), Some(PHONE)), NOW)
        .await
        .unwrap();
    world.store.archive_contact(site, gone, NOW).await.unwrap();
    for (external_id, email) in [
        (Some("42"), None),
        (Some("42"), Some("bob@shop.example")),
        (None, Some("anna@shop.example")),
    ] {
        assert_eq!(
            look_up(world, site, external_id, email, Some(PHONE)).await,
            None,
            "{external_id:?} {email:?}"
        );
    }
    assert_eq!(look_up(world, site, Some("99"), None, Some(PHONE)).await, Some(bob));
    // An upsert restores the contact, and the other one is unchanged.
    assert_eq!(
        world
            .store
            .upsert_contact(site, &contact_draft(Some("42"), None, None), after(1))
            .await
            .unwrap(),
        gone
    );
    assert_eq!(
        look_up(world, site, Some("42"), Some("bob@shop.example"), Some(PHONE)).await,
        Some(gone)
    );
    assert_eq!(world.find(site, bob).await.unwrap().external_id, None);
}

pub async fn identifier_of_another_contact_is_a_conflict(world: &TestStore) {
    let (site, _) = world.site("A").await;
    let first = world
        .store
        .upsert_contact(site, &contact_draft(Some("1"), Some("a@shop.example"), None), NOW)
        .await
        .unwrap();
    let second = world
        .store
        .upsert_contact(site, &contact_draft(Some("2"), None, Some(PHONE)), NOW)
        .await
        .unwrap();
    let before = (world.find(site, first).await, world.find(site, second).await);
    for taken in [
        contact_draft(Some("1"), None, Some(PHONE)),
        contact_draft(None, Some("a@shop.example"), Some(PHONE)),
        contact_draft(Some("2"), Some("a@shop.example"), None),
    ] {
        let refused = world.store.upsert_contact(site, &taken, after(1)).await;
        assert!(matches!(refused, Err(StoreError::Conflict(_))), "{taken:?} {refused:?}");
    }
    assert_eq!((world.find(site, first).await, world.find(site, second).await), before);
}

pub async fn ids_are_never_reused(world: &TestStore) {
    let (site, _) = world.site("A").await;
    let mut seen = BTreeSet::new();
    for round in 0..4 {
        let contact = world.contact(site, &format!("{round}")).await;
        assert!(contact.0 > 0);
        assert!(seen.insert(contact), "{contact} came twice");
        assert!(world.store.delete_contact(site, contact, NOW).await.unwrap());
    }
    let missing = SiteId::generate(&world.rng);
    assert!(matches!(
        world.store.upsert_contact(missing, &contact_draft(Some("1"), None, None), NOW).await,
        Err(StoreError::Conflict(_))
    ));
}

pub async fn concurrent_upserts_create_one_contact(world: &TestStore) {
    let (site, _) = world.site("A").await;
    let drafts: Vec<_> = (0..40)
        .map(|turn| {
            if turn % 2 == 0 {
                contact_draft(Some("1"), Some("a@shop.example"), None)
            } else {
                contact_draft(None, Some("a@shop.example"), None)
            }
        })
        .collect();
    let made =
        join_all(drafts.iter().map(|draft| world.store.upsert_contact(site, draft, NOW))).await;
    let ids: BTreeSet<ContactId> = made.into_iter().map(Result::unwrap).collect();
    assert_eq!(ids.len(), 1);
}

pub async fn bulk_lookup_keeps_the_order(world: &TestStore) {
    let (site, _) = world.site("A").await;
    let mut expected = Vec::new();
    let mut lookups = Vec::new();
    for number in 0..300 {
        let external_id = format!("customer \"{number}\" 'ü");
        let known = number % 3 != 0;
        expected.push(if known { Some(world.contact(site, &external_id).await) } else { None });
        lookups.push(ContactLookup::Identifiers(
            Identifiers::parse(Some(&external_id), None, None).unwrap(),
        ));
    }
    expected.extend([expected[1], None]);
    lookups
        .extend([ContactLookup::Id(expected[1].unwrap()), ContactLookup::Id(ContactId(999_999))]);
    assert_eq!(world.store.contact_ids(site, &lookups).await.unwrap(), expected);
    assert_eq!(world.store.contact_ids(site, &[]).await.unwrap(), []);
    assert_eq!(
        world.store.contact_ids(site, &[ContactLookup::Id(ContactId(0))]).await.unwrap(),
        [None]
    );
}

pub async fn erased_contact_leaves_no_rows(world: &TestStore) {
    let (site, key) = world.site("A").await;
    let (erased, other) = (world.contact(site, "1").await, world.contact(site, "2").await);
    let alone = world.publish(site, Some(&[erased])).await;
    let recalled = world.publish(site, Some(&[erased])).await;
    let mut later = world.message(site, Some(&[erased]));
    later.publish_at = after(60);
    let waiting = world.publish_at(&later, NOW).await;
    let shared = world.publish(site, Some(&[erased, other])).await;
    let everyone = world.publish(site, None).await;
    world.act(site, erased, ReaderAction::Read(vec![alone, shared])).await;
    world.act(site, erased, ReaderAction::Clicked(everyone)).await;
    assert!(world.store.recall_message(site, recalled, NOW).await.unwrap());
    let token = world.token(&key, erased);
    world.add_token(&token).await.unwrap();
    let cookie = session(&token, "cookie", after(60));
    world.add_sessions(std::slice::from_ref(&cookie)).await.unwrap();
    assert!(world.backend.find_traces(site, erased).await > 5);
    let others = (
        world.list_ids(site, other, 10, NOW).await,
        world.counts(site, other).await,
        world.backend.find_traces(site, other).await,
    );
    world.events.take();

    assert!(world.store.delete_contact(site, erased, NOW).await.unwrap());
    assert!(
        matches!(world.events.take().as_slice(), [InboxEvent::SessionsRevoked { revoked: RevokedSessions::Contact(contact), .. }] if *contact == erased)
    );
    assert_eq!(world.backend.find_traces(site, erased).await, 0);
    assert_eq!(world.find(site, erased).await, None);
    for message in [alone, recalled, waiting] {
        assert_eq!(world.store.message(site, message).await.unwrap(), None);
    }
    assert_eq!(
        world.store.message(site, shared).await.unwrap().unwrap().audience.contacts(),
        Some([other].as_slice())
    );
    assert_eq!(world.live_token(site, &token.digest, NOW).await, None);
    assert_eq!(world.store.session(site, &cookie.digest, NOW).await.unwrap(), None);
    assert_eq!(world.list_ids(site, erased, 10, NOW).await, []);
    assert_eq!(
        (
            world.list_ids(site, other, 10, NOW).await,
            world.counts(site, other).await,
            world.backend.find_traces(site, other).await
        ),
        others
    );
    assert!(!world.store.delete_contact(site, erased, NOW).await.unwrap());
    assert!(!world.store.delete_contact(site, ContactId(0), NOW).await.unwrap());
    assert_eq!(world.list_ids(site, other, 10, NOW).await.len(), 2);
    assert!(world.events.take().is_empty());
}
