//! Changes and ends of messages during their fan-out.

use super::fan_out::{
    MANY, contacts_of, contacts_with, edited, placed, recipients, removed, run_all_parts, run_part,
    site_with_contacts, title_edit, titles,
};
use super::test_store::{NOW, TestStore, after};
use crate::StoreError;
use belfry_domain::{Audience, ContactId, ContactLookup, InboxEvent, MessageEdit, SiteSettings};

pub async fn edit_reaches_all_during_and_after_fan_out(world: &TestStore) {
    let (site, contacts) = site_with_contacts(world).await;
    let message = world.message(site, Some(&contacts));
    world.publish_at(&message, NOW).await;
    run_part(world).await;
    let early = contacts_of(&world.events.take(), placed);
    let edit = MessageEdit {
        pinned: Some(true),
        category: Some(Some("orders".to_owned())),
        ..title_edit(&message, "Second")
    };
    let answer =
        world.store.edit_message(site, message.id, &edit, after(1)).await.unwrap().unwrap();
    assert_eq!(answer, world.store.message(site, message.id).await.unwrap().unwrap());
    assert_eq!(answer.audience.contacts(), Some(contacts.as_slice()));
    run_all_parts(world).await;
    let events = world.events.take();
    assert_eq!(contacts_of(&events, edited), early, "its recipients are notified of the edit");
    assert_eq!(
        contacts_of(&events, placed),
        contacts[early.len()..],
        "the others get the edited message"
    );
    assert_eq!(titles(&events).keys().collect::<Vec<_>>(), ["Second"]);
    let newer = world.publish(site, None).await;
    for contact in &contacts {
        assert_eq!(
            world.list_ids(site, *contact, 9, NOW).await,
            [message.id, newer],
            "it is pinned"
        );
    }
    // Two concurrent edits: the last one counts, and each reader is notified at least of that one.
    let between = world
        .store
        .edit_message(site, message.id, &title_edit(&message, "Third"), after(2))
        .await
        .unwrap()
        .unwrap();
    run_part(world).await;
    let last = MessageEdit { pinned: Some(false), ..title_edit(&between, "Fourth") };
    world.store.edit_message(site, message.id, &last, after(3)).await.unwrap().unwrap();
    let before = contacts_of(&world.events.take(), edited).len();
    assert!(before > 0 && before < MANY);
    run_all_parts(world).await;
    let events = world.events.take();
    assert_eq!(contacts_of(&events, edited), contacts);
    assert_eq!(titles(&events).keys().collect::<Vec<_>>(), ["Fourth"]);
    assert_eq!(contacts_with(world, site, &contacts, message.id).await, contacts);
    assert_eq!(world.list_ids(site, contacts[MANY - 1], 9, NOW).await, [newer, message.id]);
}

pub async fn recall_overrides_running_fan_out(world: &TestStore) {
    let (site, contacts) = site_with_contacts(world).await;
    let other = world.message(site, Some(&contacts));
    let message = world.message(site, Some(&contacts));
    world.publish_at(&message, NOW).await;
    run_part(world).await;
    world.publish_at(&other, NOW).await;
    let early = contacts_of(&world.events.take(), placed);
    assert_eq!(world.unread_and_unseen(site, early[0]).await, (1, 1));
    assert!(world.store.recall_message(site, message.id, after(1)).await.unwrap());
    assert!(!world.store.recall_message(site, message.id, after(1)).await.unwrap());
    // From the response on nobody reads it, though its rows still exist; cached lists are
    // invalidated.
    assert!(
        matches!(world.events.take().as_slice(), [InboxEvent::MessageUnlisted { site: of }] if *of == site)
    );
    assert_eq!(contacts_with(world, site, &contacts, message.id).await, []);
    assert_eq!(world.store.item(site, early[0], message.id, NOW).await.unwrap(), None);
    run_part(world).await;
    let events = world.events.take();
    assert_eq!(contacts_of(&events, removed), early, "recalls take precedence");
    assert_eq!(
        (contacts_of(&events, placed), world.unread_and_unseen(site, early[0]).await),
        (vec![], (0, 0))
    );
    run_all_parts(world).await;
    let events = world.events.take();
    assert_eq!(
        (contacts_of(&events, removed), contacts_of(&events, placed)),
        (vec![], contacts.clone()),
        "the other message follows"
    );
    assert_eq!(contacts_with(world, site, &contacts, message.id).await, []);
    assert_eq!(contacts_with(world, site, &contacts, other.id).await, contacts);
    assert_eq!(
        world.store.message(site, message.id).await.unwrap().unwrap().audience.contacts(),
        Some(contacts.as_slice()),
        "the audience is still stored"
    );
}

pub async fn scheduled_message_is_published_and_expires(world: &TestStore) {
    let (site, contacts) = site_with_contacts(world).await;
    let mut message = world.message(site, Some(&contacts));
    (message.publish_at, message.expires_at) = (after(10), Some(after(20)));
    world.publish_at(&message, NOW).await;
    // Expires before all contacts are written.
    run_part(world).await;
    assert_eq!(world.store.advance(after(9)).await.unwrap(), Some(after(10)));
    assert_eq!(world.store.advance(after(10)).await.unwrap(), Some(after(20)));
    assert!(world.events.take().is_empty());
    run_all_parts(world).await;
    assert_eq!(contacts_of(&world.events.take(), placed), contacts);
    for contact in &contacts {
        assert_eq!(world.list_ids(site, *contact, 9, after(10)).await, [message.id]);
    }
    world.store.advance(after(20)).await.unwrap();
    run_all_parts(world).await;
    assert_eq!(contacts_of(&world.events.take(), removed), contacts);
    assert_eq!(contacts_with(world, site, &contacts, message.id).await, []);
    // A reader who read it has still read it when it returns, and is notified once.
    world
        .store
        .edit_message(
            site,
            message.id,
            &MessageEdit { expires_at: Some(Some(after(30))), ..MessageEdit::default() },
            after(21),
        )
        .await
        .unwrap();
    run_part(world).await;
    world
        .store
        .edit_message(
            site,
            message.id,
            &MessageEdit { expires_at: Some(None), ..MessageEdit::default() },
            after(21),
        )
        .await
        .unwrap();
    run_all_parts(world).await;
    let events = world.events.take();
    assert_eq!(contacts_of(&events, placed), contacts);
    assert_eq!(contacts_with(world, site, &contacts, message.id).await, contacts);
    assert_eq!(world.unread_and_unseen(site, contacts[0]).await, (1, 1));
    // A cancelled one is seen by nobody.
    let mut cancelled = world.message(site, Some(&contacts));
    cancelled.publish_at = after(40);
    world.publish_at(&cancelled, after(30)).await;
    run_part(world).await;
    assert_eq!(
        world.store.cancel_message(site, cancelled.id, after(31)).await.unwrap(),
        crate::CancelOutcome::Done
    );
    run_all_parts(world).await;
    world.store.advance(after(50)).await.unwrap();
    assert_eq!((run_all_parts(world).await, world.events.take().len()), (0, 0));
    assert_eq!(contacts_with(world, site, &contacts, cancelled.id).await, []);
}

pub async fn large_audience_can_change_until_shown(world: &TestStore) {
    let (site, contacts) = site_with_contacts(world).await;
    let mut message = world.message(site, Some(&contacts[..100]));
    message.publish_at = after(10);
    world.publish_at(&message, NOW).await;
    let named = |contacts: &[ContactId]| {
        Some(Audience::Contacts(contacts.iter().copied().map(ContactLookup::Id).collect()))
    };
    let store = &world.store;
    let exchange = async |audience| {
        store
            .edit_message(
                site,
                message.id,
                &MessageEdit { audience, ..MessageEdit::default() },
                NOW,
            )
            .await
    };
    for turns in [0, 1, 9] {
        for (audience, expected) in [
            (named(&contacts[50..]), Some(contacts[50..].to_vec())),
            (named(&contacts[..2]), Some(contacts[..2].to_vec())),
            (Some(Audience::Everyone), None),
            (named(&contacts[20..]), Some(contacts[20..].to_vec())),
        ] {
            let edited = exchange(audience).await.unwrap().unwrap();
            assert_eq!(
                (edited.audience.contacts(), recipients(world, site).await),
                (expected.as_deref(), expected.as_ref().map(|some| some.len() as u64))
            );
            for _ in 0..turns {
                run_part(world).await;
            }
            let stored = store.message(site, message.id).await.unwrap().unwrap();
            assert_eq!(stored.audience.contacts(), expected.as_deref());
        }
    }
    for unknown in [vec![ContactId(9_999)], [&contacts[..], &[ContactId(9_999)]].concat()] {
        assert!(matches!(exchange(named(&unknown)).await, Err(StoreError::Conflict(_))));
    }
    store.advance(after(10)).await.unwrap();
    run_all_parts(world).await;
    assert_eq!(contacts_with(world, site, &contacts, message.id).await, contacts[20..]);
    assert_eq!(contacts_of(&world.events.take(), placed), contacts[20..]);
    // To everyone while it is still being removed from the former contacts.
    let mut open = world.message(site, Some(&contacts));
    open.publish_at = after(20);
    world.publish_at(&open, after(11)).await;
    run_all_parts(world).await;
    let edit = MessageEdit {
        audience: Some(Audience::Everyone),
        publish_at: Some(after(12)),
        ..MessageEdit::default()
    };
    store.edit_message(site, open.id, &edit, after(12)).await.unwrap();
    for rest in [1, 9] {
        for _ in 0..rest {
            run_part(world).await;
        }
        for contact in [contacts[0], contacts[MANY - 1]] {
            assert_eq!(
                world
                    .list_ids(site, contact, 9, NOW)
                    .await
                    .iter()
                    .filter(|id| **id == open.id)
                    .count(),
                1
            );
        }
    }
    assert!(store.recall_message(site, open.id, after(13)).await.unwrap());
    assert_eq!(contacts_with(world, site, &contacts, open.id).await, []);
}

pub async fn erased_contact_is_skipped(world: &TestStore) {
    let (site, contacts) = site_with_contacts(world).await;
    let message = world.publish(site, Some(&contacts)).await;
    run_part(world).await;
    // Of contacts who have it, and of those who do not.
    let (gone, there): (Vec<ContactId>, Vec<ContactId>) =
        contacts.iter().partition(|contact| contact.0 % 3 == 0);
    for contact in &gone {
        assert!(world.store.delete_contact(site, *contact, NOW).await.unwrap());
        assert_eq!(world.backend.find_traces(site, *contact).await, 0);
    }
    assert_eq!(
        world.store.message(site, message).await.unwrap().unwrap().audience.contacts(),
        Some(there.as_slice())
    );
    assert_eq!(recipients(world, site).await, Some(there.len() as u64));
    run_all_parts(world).await;
    assert_eq!(contacts_with(world, site, &contacts, message).await, there);
    // The message is deleted with its last contact, also if none had it yet.
    let lost = world.publish(site, Some(&there)).await;
    run_part(world).await;
    for contact in &there {
        assert!(world.store.message(site, lost).await.unwrap().is_some());
        world.store.delete_contact(site, *contact, NOW).await.unwrap();
    }
    run_all_parts(world).await;
    assert_eq!(
        (
            world.store.message(site, lost).await.unwrap(),
            world.store.message(site, message).await.unwrap()
        ),
        (None, None)
    );
}

pub async fn sweep_deletes_message_during_fan_out(world: &TestStore) {
    let (site, contacts) = site_with_contacts(world).await;
    let message = world.publish(site, Some(&contacts)).await;
    run_part(world).await;
    world.events.take();
    world
        .store
        .update_settings(site, &SiteSettings::new(Vec::new(), Some(1), Vec::new()).unwrap())
        .await
        .unwrap();
    let later = NOW.plus(std::time::Duration::from_hours(50));
    world.store.forget_messages(later).await.unwrap();
    assert_eq!(world.store.message(site, message).await.unwrap(), None);
    assert_eq!(contacts_of(&world.events.take(), placed), []);
    assert_eq!(run_all_parts(world).await, 0);
    assert_eq!(contacts_with(world, site, &contacts, message).await, []);
}
