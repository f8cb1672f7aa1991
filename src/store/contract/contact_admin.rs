//! Contact administration: search, replace, soft delete, receipts.

use super::test_store::{NOW, TestStore, after, contact_draft, session};
use crate::ReplaceContactOutcome;
use belfry_domain::{
    ContactCredential, ContactFilter, ContactId, ContactLookup, ContactWindow, Digest, Identifiers,
    ImportOptions, ImportOutcome, InboxEvent, Message, NewWidgetSession, Position, ReaderAction,
    RevokedSessions, SiteId, Timestamp,
};
use std::time::Duration;

const PHONE: &str = "+380671234567";

async fn search(world: &TestStore, site: SiteId, filter: &ContactFilter) -> Vec<ContactId> {
    let newest =
        world.store.search_contacts(site, filter, ContactWindow::Before(None), 50).await.unwrap();
    let mut oldest =
        world.store.search_contacts(site, filter, ContactWindow::Offset(0), 50).await.unwrap();
    oldest.reverse();
    assert_eq!(newest, oldest);
    assert_eq!(world.store.count_contacts(site, filter, 50).await.unwrap() as usize, newest.len());
    newest.into_iter().map(|contact| contact.id).collect()
}

async fn named_contact(
    world: &TestStore,
    site: SiteId,
    id: &str,
    first: &str,
    last: &str,
) -> ContactId {
    let mut who = contact_draft(Some(id), None, None);
    (who.first_name, who.last_name) = (Some(first.to_owned()), Some(last.to_owned()));
    world.store.upsert_contact(site, &who, NOW).await.unwrap()
}

pub async fn search_combines_all_filters(world: &TestStore) {
    let (site, _) = world.site("A").await;
    let (other, _) = world.site("B").await;
    let ivan = named_contact(world, site, "100%", "Іван", "Франко").await;
    let ann = named_contact(world, site, "a_b", "Ann", "Lee").await;
    let anna = named_contact(world, site, "axb", "Anna", "Lee").await;
    named_contact(world, other, "a_b", "Ann", "Lee").await;
    let mut contact_draft = contact_draft(Some("a_b"), Some("ann@shop.example"), Some(PHONE));
    contact_draft.language = Some("uk".parse().unwrap());
    world.store.upsert_contact(site, &contact_draft, NOW).await.unwrap();
    let none = ContactFilter::default;
    let text = |text: &str| ContactFilter { text: Some(text.to_owned()), ..none() };
    let first = |name: &str| ContactFilter { first_name: Some(name.to_owned()), ..none() };
    let last = |name: &str| ContactFilter { last_name: Some(name.to_owned()), ..none() };
    for (filter, expected) in [
        (none(), vec![anna, ann, ivan]),
        (first("іВАН"), vec![ivan]),
        (first("Ann"), vec![ann]),
        (last("lee"), vec![anna, ann]),
        (ContactFilter { first_name: Some("Ann".to_owned()), ..last("lee") }, vec![ann]),
        (ContactFilter { email: contact_draft.identifiers.email.clone(), ..none() }, vec![ann]),
        (ContactFilter { phone: contact_draft.identifiers.phone.clone(), ..none() }, vec![ann]),
        (ContactFilter { phone: contact_draft.identifiers.phone.clone(), ..first("Anna") }, vec![]),
        (ContactFilter { language: contact_draft.language.clone(), ..none() }, vec![ann]),
        (ContactFilter { language: contact_draft.language.clone(), ..text("lee") }, vec![ann]),
        (ContactFilter { language: contact_draft.language.clone(), ..text("франко") }, vec![]),
        (text("ФРАНКО"), vec![ivan]),
        (text("ann lee"), vec![ann]),
        (text("NN"), vec![anna, ann]),
        (text("shop.example"), vec![ann]),
        (text("67123"), vec![ann]),
        // Wildcards are literal.
        (text("%"), vec![ivan]),
        (text("a_b"), vec![ann]),
        (text("*"), vec![]),
    ] {
        assert_eq!(search(world, site, &filter).await, expected, "{filter:?}");
    }
}

pub async fn pages_are_contiguous(world: &TestStore) {
    let (site, _) = world.site("A").await;
    let mut all = Vec::new();
    for number in 0..7 {
        all.push(world.contact(site, &format!("c{number}")).await);
    }
    for filter in [
        ContactFilter::default(),
        ContactFilter { text: Some("c".to_owned()), ..ContactFilter::default() },
    ] {
        let (mut seen, mut before) = (Vec::new(), None);
        loop {
            let part = world
                .store
                .search_contacts(site, &filter, ContactWindow::Before(before), 3)
                .await
                .unwrap();
            before = part.last().map(|contact| contact.id);
            seen.extend(part.into_iter().map(|contact| contact.id));
            if before.is_none() {
                break;
            }
        }
        seen.reverse();
        assert_eq!(seen, all);
        let part =
            world.store.search_contacts(site, &filter, ContactWindow::Offset(5), 3).await.unwrap();
        assert_eq!(part.into_iter().map(|contact| contact.id).collect::<Vec<_>>(), all[5..]);
        assert_eq!(world.store.count_contacts(site, &filter, 4).await.unwrap(), 4);
    }
}

pub async fn replacement_clears_missing_fields(world: &TestStore) {
    let (site, _) = world.site("A").await;
    let mut before = contact_draft(Some("1"), Some("a@shop.example"), Some(PHONE));
    before.first_name = Some("Ann".to_owned());
    before.language = Some("uk".parse().unwrap());
    before.attributes.insert("plan".to_owned(), "pro".into());
    let contact = world.store.upsert_contact(site, &before, NOW).await.unwrap();
    let other = world.contact(site, "2").await;
    let mut now = contact_draft(None, Some("b@shop.example"), None);
    now.attributes.insert("gone".to_owned(), serde_json::Value::Null);
    assert_eq!(
        world.store.replace_contact(site, contact, &now, None, after(5)).await.unwrap(),
        ReplaceContactOutcome::Done
    );
    let found = world.find(site, contact).await.unwrap();
    assert_eq!(
        (found.external_id, found.email.as_deref(), found.phone),
        (None, Some("b@shop.example"), None)
    );
    assert_eq!((found.first_name, found.language, found.attributes.len()), (None, None, 0));
    assert_eq!((found.created_at, found.updated_at), (NOW, after(5)));
    assert!(matches!(
        world
            .store
            .replace_contact(site, contact, &contact_draft(Some("2"), None, None), None, NOW)
            .await,
        Err(crate::StoreError::Conflict(_))
    ));
    assert_eq!(
        world.store.replace_contact(site, ContactId(99), &now, None, NOW).await.unwrap(),
        ReplaceContactOutcome::Unknown
    );
    assert!(world.store.archive_contact(site, other, NOW).await.unwrap());
    assert_eq!(
        world
            .store
            .replace_contact(site, other, &contact_draft(Some("3"), None, None), None, NOW)
            .await
            .unwrap(),
        ReplaceContactOutcome::Unknown
    );
}

pub async fn deleted_contact_is_hidden_and_restored(world: &TestStore) {
    let (site, key) = world.site("A").await;
    let who = contact_draft(Some("1"), Some("a@shop.example"), None);
    let contact = world.store.upsert_contact(site, &who, NOW).await.unwrap();
    let message = world.publish(site, Some(&[contact])).await;
    world.act(site, contact, ReaderAction::Read(vec![message])).await;
    let token = world.token(&key, contact);
    world.add_token(&token).await.unwrap();
    let cookie = session(&token, "cookie", after(60));
    world.add_sessions(std::slice::from_ref(&cookie)).await.unwrap();
    world.events.take();

    assert!(world.store.archive_contact(site, contact, after(1)).await.unwrap());
    assert!(
        matches!(world.events.take().as_slice(), [InboxEvent::SessionsRevoked { revoked: RevokedSessions::Contact(ended), .. }] if *ended == contact)
    );
    assert!(!world.store.archive_contact(site, contact, after(2)).await.unwrap());
    let by_name = ContactLookup::Identifiers(Identifiers::parse(Some("1"), None, None).unwrap());
    for lookup in [ContactLookup::Id(contact), by_name.clone()] {
        assert_eq!(world.store.contact(site, &lookup).await.unwrap(), None);
        assert_eq!(
            world.store.contact_ids(site, std::slice::from_ref(&lookup)).await.unwrap(),
            [None]
        );
        assert_eq!(world.store.deleted_contact(site, &lookup).await.unwrap().unwrap().id, contact);
    }
    assert_eq!(search(world, site, &ContactFilter::default()).await, []);
    assert_eq!(world.live_token(site, &token.digest, NOW).await, None);
    assert_eq!(world.store.session(site, &cookie.digest, NOW).await.unwrap(), None);
    // A concurrent token does not outlive the deletion.
    assert!(world.add_token(&world.token(&key, contact)).await.is_err());

    // An upsert by e-mail restores the same contact with its receipts.
    assert_eq!(
        world
            .store
            .upsert_contact(site, &contact_draft(None, Some("a@shop.example"), None), after(3))
            .await
            .unwrap(),
        contact
    );
    assert_eq!(world.store.contact(site, &by_name).await.unwrap().unwrap().id, contact);
    assert_eq!(world.store.deleted_contact(site, &by_name).await.unwrap(), None);
    assert!(
        world.store.contact_receipts(site, contact, None, 9).await.unwrap()[0].read_at.is_some()
    );

    // Erasure after a soft deletion leaves no rows.
    assert!(world.store.archive_contact(site, contact, after(4)).await.unwrap());
    assert!(world.store.delete_contact(site, contact, NOW).await.unwrap());
    assert_eq!(world.backend.find_traces(site, contact).await, 0);
}

pub async fn last_activity_is_written_once_an_hour(world: &TestStore) {
    let (site, key) = world.site("A").await;
    let contact = world.contact(site, "1").await;
    let token = world.token(&key, contact);
    world.add_token(&token).await.unwrap();
    let seen = async || world.find(site, contact).await.unwrap().last_seen_at;
    assert_eq!(seen().await, None);
    for (number, (at, expected)) in
        [(NOW, NOW), (after(3_599), NOW), (after(3_600), after(3_600)), (NOW, after(3_600))]
            .into_iter()
            .enumerate()
    {
        let new =
            NewWidgetSession { digest: Digest::of(&number.to_string()), expires_at: after(9_999) };
        world.store.begin_sessions(&token, [Some(new), None], at).await.unwrap().unwrap();
        assert_eq!(seen().await, Some(expected));
    }
}

pub async fn stale_replacement_is_rejected(world: &TestStore) {
    let (site, _) = world.site("A").await;
    let contact = world
        .store
        .upsert_contact(site, &contact_draft(Some("1"), Some("a@shop.example"), None), NOW)
        .await
        .unwrap();
    let revision = async || world.find(site, contact).await.unwrap().revision();
    let replace = async |email: &str, former: &str| {
        let draft = contact_draft(Some("1"), Some(email), None);
        world.store.replace_contact(site, contact, &draft, Some(former), after(5)).await.unwrap()
    };
    let seen = revision().await;
    world
        .store
        .upsert_contact(site, &contact_draft(Some("1"), None, Some("+380671234567")), after(1))
        .await
        .unwrap();
    let before = world.find(site, contact).await;
    assert_eq!(replace("b@shop.example", &seen).await, ReplaceContactOutcome::Changed);
    assert_eq!(world.find(site, contact).await, before);
    assert_eq!(replace("b@shop.example", &revision().await).await, ReplaceContactOutcome::Done);
    // Fields that the site does not set (last activity, change time) are not part of the revision.
    let seen = revision().await;
    world
        .store
        .upsert_contact(site, &contact_draft(Some("1"), None, None), after(9))
        .await
        .unwrap();
    assert_eq!(replace("c@shop.example", &seen).await, ReplaceContactOutcome::Done);
}

pub async fn receipts_of_a_contact_are_listed(world: &TestStore) {
    let (site, key) = world.site("A").await;
    let (reader, other) = (world.contact(site, "1").await, world.contact(site, "2").await);
    let own = world.publish(site, Some(&[reader, other])).await;
    let everyone = world.publish(site, None).await;
    let ignored = world.publish(site, None).await;
    let unread = world.publish(site, Some(&[reader])).await;
    world.act(site, reader, ReaderAction::Clicked(everyone)).await;
    world.act(site, other, ReaderAction::Read(vec![ignored])).await;
    let receipts = world.store.contact_receipts(site, reader, None, 10).await.unwrap();
    let told: Vec<_> = receipts
        .iter()
        .map(|receipt| (receipt.message.id, receipt.read, receipt.clicked_at.is_some()))
        .collect();
    // Ids of one millisecond have no order.
    let mut expected = [(unread, false, false), (everyone, true, true), (own, false, false)];
    expected.sort_by_key(|(message, ..)| std::cmp::Reverse(*message));
    assert_eq!(told, expected);
    assert!(receipts.iter().all(|receipt| receipt.message.id == everyone
        || receipt.message.audience.contacts() == Some([reader].as_slice())));
    world.act(site, reader, ReaderAction::AllRead(None)).await;
    for before in [None, Some(expected[0].0), Some(expected[2].0)] {
        let part = world.store.contact_receipts(site, reader, before, 2).await.unwrap();
        let shown: Vec<_> = part.iter().map(|receipt| receipt.message.id).collect();
        let following = expected
            .iter()
            .map(|(message, ..)| *message)
            .filter(|message| before.is_none_or(|before| *message < before));
        assert_eq!(shown, following.take(2).collect::<Vec<_>>());
        assert!(part.iter().all(|receipt| receipt.read && receipt.read_at == Some(NOW)));
        assert!(
            part.iter().all(|receipt| receipt.read_with_all == (receipt.message.id != everyone))
        );
    }

    let token = world.token(&key, reader);
    world.add_token(&token).await.unwrap();
    world.add_sessions(&[session(&token, "cookie", after(60))]).await.unwrap();
    let mut proofs = world.store.contact_credentials(site, reader, NOW).await.unwrap();
    proofs.sort_by_key(|proof| proof.expires_at);
    let proof = |is_session, seconds| ContactCredential {
        is_session,
        expires_at: NOW.plus(Duration::from_secs(seconds)),
    };
    assert_eq!(proofs, [proof(true, 60), proof(false, 900)]);
    assert_eq!(
        world.store.contact_credentials(site, reader, after(60)).await.unwrap(),
        [proof(false, 900)]
    );
    assert_eq!(world.store.contact_credentials(site, other, NOW).await.unwrap(), []);
}

pub async fn receipts_include_the_time_of_each_step(world: &TestStore) {
    let (site, _) = world.site("A").await;
    let (reader, other) = (world.contact(site, "1").await, world.contact(site, "2").await);
    let named = [reader, other];
    let to_both = async |expires_at| {
        world.publish_at(&Message { expires_at, ..world.message(site, Some(&named)) }, NOW).await
    };
    let act = async |who, mark, seconds| {
        world.store.apply_reader_action(site, who, &mark, after(seconds)).await.unwrap().unwrap()
    };
    let told = async |message| {
        let receipts = world.store.contact_receipts(site, reader, None, 100).await.unwrap();
        let receipt = receipts.into_iter().find(|receipt| receipt.message.id == message).unwrap();
        let seconds = |at: Option<Timestamp>| at.map(|at| NOW.until(at).as_secs());
        (
            [receipt.delivered_at, receipt.seen_at, receipt.read_at].map(seconds),
            receipt.read,
            receipt.read_with_all,
        )
    };
    // Actions of another contact do not appear.
    let first = to_both(None).await;
    act(other, ReaderAction::AllRead(None), 1).await;
    assert_eq!(told(first).await, ([None; 3], false, false));
    act(reader, ReaderAction::Delivered(Position::MAX), 2).await;
    act(reader, ReaderAction::Seen(None), 3).await;
    let (second, short) = (to_both(None).await, to_both(Some(after(20))).await);
    assert_eq!((told(first).await.0, told(second).await.0), ([Some(2), Some(3), None], [None; 3]));
    // Later watermarks change nothing of messages passed before; reading includes the earlier
    // steps.
    act(reader, ReaderAction::Delivered(Position::MAX), 4).await;
    act(reader, ReaderAction::Read(vec![first]), 5).await;
    let undo = act(reader, ReaderAction::AllRead(None), 6).await.undo.unwrap();
    let all = [
        (first, ([Some(2), Some(3), Some(5)], true, false)),
        (second, ([Some(4), Some(6), Some(6)], true, true)),
    ];
    for (message, expected) in all {
        assert_eq!(told(message).await, expected);
    }
    act(reader, ReaderAction::UndoAllRead(undo), 7).await;
    assert_eq!(told(second).await, ([Some(4), Some(6), None], false, false));
    act(reader, ReaderAction::AllRead(None), 8).await;
    assert_eq!(told(second).await, ([Some(4), Some(6), Some(8)], true, true));
    act(reader, ReaderAction::Unread(vec![second]), 9).await;
    assert_eq!(told(second).await, ([Some(4), Some(6), None], false, false));
    act(reader, ReaderAction::AllRead(None), 10).await;
    assert_eq!(told(second).await, ([Some(4), Some(6), Some(10)], true, true));
    assert_eq!(told(short).await.0, [Some(4), Some(6), Some(8)], "expiry keeps earlier steps");
    // A message that nobody was shown while it lasted reached nobody, whatever passes it later.
    let recalled = to_both(None).await;
    world.store.recall_message(site, recalled, after(11)).await.unwrap();
    let last = to_both(None).await;
    act(reader, ReaderAction::Archive(vec![last]), 12).await;
    act(reader, ReaderAction::Seen(None), 13).await;
    assert_eq!(told(recalled).await.0, [None; 3]);
    assert_eq!(told(last).await, ([Some(12), Some(13), None], false, false));
    // Rows outside of the requested page do not change it.
    let mut whole = world.store.contact_receipts(site, reader, None, 100).await.unwrap();
    whole.truncate(2);
    assert_eq!(world.store.contact_receipts(site, reader, None, 2).await.unwrap(), whole);
}

pub async fn contacts_of_another_site_are_unreachable(world: &TestStore) {
    let (site, _) = world.site("A").await;
    let (other, _) = world.site("B").await;
    let contact = world
        .store
        .upsert_contact(site, &contact_draft(Some("1"), Some("a@shop.example"), None), NOW)
        .await
        .unwrap();
    let message = world.publish(site, Some(&[contact])).await;
    world.act(site, contact, ReaderAction::Read(vec![message])).await;
    let before = world.find(site, contact).await;
    assert_eq!(search(world, other, &ContactFilter::default()).await, []);
    assert_eq!(
        world
            .store
            .replace_contact(other, contact, &contact_draft(Some("x"), None, None), None, NOW)
            .await
            .unwrap(),
        ReplaceContactOutcome::Unknown
    );
    assert!(!world.store.archive_contact(other, contact, NOW).await.unwrap());
    assert!(world.store.contact_receipts(other, contact, None, 9).await.unwrap().is_empty());
    let merged = world
        .store
        .merge_contact(
            other,
            &contact_draft(Some("1"), Some("a@shop.example"), None),
            &ImportOptions::default(),
            NOW,
        )
        .await
        .unwrap();
    assert_eq!(merged.outcome, ImportOutcome::Created);
    assert_eq!(world.find(site, contact).await, before);
}
