//! Fan-out: messages to many named contacts, written in parts.

use super::test_store::{NOW, RecordingSink, TestStore, after};
use crate::{Conflict, MAX_FAN_OUTS, PublishOutcome, StoreError};
use belfry_domain::{
    ContactId, Cursor, Digest, IdempotentRequest, InboxEvent, Message, MessageContent, MessageEdit,
    MessageId, MessageQuery, Position, ReaderAction, ReaderFilter, ReaderPageRequest, Recipients,
    SiteId,
};
use std::{collections::BTreeMap, sync::Arc};

/// More than two parts, and not a whole number of them.
pub(super) const MANY: usize = 160;

pub(super) async fn create_contacts(
    world: &TestStore,
    site: SiteId,
    count: usize,
) -> Vec<ContactId> {
    let mut contacts = Vec::with_capacity(count);
    for number in 0..count {
        contacts.push(world.contact(site, &format!("many {number}")).await);
    }
    contacts
}

pub(super) async fn site_with_contacts(world: &TestStore) -> (SiteId, Vec<ContactId>) {
    let (site, _) = world.site("A").await;
    (site, create_contacts(world, site, MANY).await)
}

/// One slice, which in tests of the store is one part.
pub(super) async fn run_part(world: &TestStore) -> bool {
    world.store.fan_out(NOW).await.unwrap()
}

/// All remaining slices; returns their number.
pub(super) async fn run_all_parts(world: &TestStore) -> usize {
    let mut turns = 0;
    while run_part(world).await {
        turns += 1;
        assert!(turns < 1_000, "fan-out does not end");
    }
    turns
}

/// The contacts who have a message in their list.
pub(super) async fn contacts_with(
    world: &TestStore,
    site: SiteId,
    contacts: &[ContactId],
    message: MessageId,
) -> Vec<ContactId> {
    let mut having = Vec::new();
    for contact in contacts {
        if world.list_ids(site, *contact, 50, NOW).await.contains(&message) {
            having.push(*contact);
        }
    }
    having
}

/// The contacts of the events of one kind, in event order.
pub(super) fn contacts_of(
    changes: &[InboxEvent],
    kind: fn(&InboxEvent) -> Option<&Recipients>,
) -> Vec<ContactId> {
    let reaches = changes.iter().filter_map(kind);
    reaches
        .flat_map(|recipients| match recipients {
            Recipients::Contacts(contacts) => contacts.clone(),
            other => panic!("{other:?}"),
        })
        .collect()
}

pub(super) fn placed(change: &InboxEvent) -> Option<&Recipients> {
    if let InboxEvent::MessagePublished { recipients, .. } = change {
        Some(recipients)
    } else {
        None
    }
}

pub(super) fn edited(change: &InboxEvent) -> Option<&Recipients> {
    if let InboxEvent::MessageEdited { recipients, .. } = change { Some(recipients) } else { None }
}

pub(super) fn removed(change: &InboxEvent) -> Option<&Recipients> {
    if let InboxEvent::MessageRemoved { recipients, .. } = change { Some(recipients) } else { None }
}

pub(super) fn title_edit(message: &Message, title: &str) -> MessageEdit {
    let content = message.content.iter().map(|(language, content)| {
        (language.clone(), MessageContent { title: title.to_owned(), ..content.clone() })
    });
    MessageEdit { content: Some(content.collect()), ..MessageEdit::default() }
}

pub(super) fn titles(changes: &[InboxEvent]) -> BTreeMap<String, usize> {
    let mut titles = BTreeMap::new();
    for change in changes {
        if let InboxEvent::MessagePublished { message, .. }
        | InboxEvent::MessageEdited { message, .. } = change
        {
            *titles.entry(message.content.values().next().unwrap().title.clone()).or_default() += 1;
        }
    }
    titles
}

pub(super) async fn recipients(world: &TestStore, site: SiteId) -> Option<u64> {
    world
        .store
        .messages(site, &MessageQuery::newest(1), NOW)
        .await
        .unwrap()
        .items
        .first()
        .unwrap()
        .recipients
}

pub async fn each_contact_receives_it_once_in_order(world: &TestStore) {
    let (site, contacts) = site_with_contacts(world).await;
    let stranger = world.contact(site, "stranger").await;
    world.events.take();
    let (first, second) =
        (world.message(site, Some(&contacts)), world.message(site, Some(&contacts)));
    for message in [&first, &second] {
        world.publish_at(message, NOW).await;
        assert!(world.events.take().is_empty(), "it is published when they have it");
        let stored = world.store.message(site, message.id).await.unwrap().unwrap();
        assert_eq!(
            stored.audience.contacts(),
            Some(contacts.as_slice()),
            "the whole audience is stored at once"
        );
        assert!(stored.position > Position::UNPUBLISHED);
        assert_eq!(recipients(world, site).await, Some(MANY as u64));
        assert_eq!(
            world.store.message_stats(site, message.id, NOW).await.unwrap().unwrap().total.audience,
            MANY as u64
        );
    }
    assert!(run_part(world).await);
    let reached = contacts_of(&world.events.take(), placed);
    assert!(
        !reached.is_empty() && reached.len() < MANY && contacts.starts_with(&reached),
        "{reached:?}"
    );
    assert_eq!(
        contacts_with(world, site, &contacts, first.id).await,
        reached,
        "exactly the notified contacts have it"
    );
    assert_eq!(recipients(world, site).await, Some(MANY as u64));
    let stats = world.store.message_stats(site, first.id, NOW).await.unwrap().unwrap();
    assert_eq!((stats.total.audience, stats.counted), (MANY as u64, MANY as u64));
    run_all_parts(world).await;
    let reached = [reached, contacts_of(&world.events.take(), placed)].concat();
    assert_eq!(
        reached,
        [contacts.clone(), contacts.clone()].concat(),
        "the earlier message first, each contact once"
    );
    for contact in &contacts {
        assert_eq!(world.list_ids(site, *contact, 1, NOW).await, [second.id, first.id]);
        let items = world.all_items(site, *contact, ReaderFilter::All, 9, NOW).await;
        assert!(
            items.iter().all(|item| item.message.audience.contacts()
                == Some(std::slice::from_ref(contact))
                && !item.is_read)
        );
        assert_eq!(world.unread_and_unseen(site, *contact).await, (2, 2));
    }
    assert_eq!(world.list_ids(site, stranger, 9, NOW).await, []);
    assert_eq!(
        world.store.message(site, first.id).await.unwrap().unwrap().audience.contacts(),
        Some(contacts.as_slice())
    );
    assert_eq!(run_all_parts(world).await, 0);
}

pub async fn repeated_publish_during_fan_out_stores_nothing(world: &TestStore) {
    let (site, contacts) = site_with_contacts(world).await;
    let key = IdempotentRequest { key: "k".to_owned(), fingerprint: Digest::of("k") };
    let message = world.message(site, Some(&contacts));
    assert_eq!(
        world.store.publish(&message, Some(&key), NOW).await.unwrap(),
        PublishOutcome::New(message.id)
    );
    run_part(world).await;
    // A contact that was erased meanwhile does not make it a different request.
    world.store.delete_contact(site, contacts[MANY - 1], NOW).await.unwrap();
    for _ in 0..2 {
        let again = world.message(site, Some(&contacts));
        assert_eq!(
            world.store.publish(&again, Some(&key), NOW).await.unwrap(),
            PublishOutcome::Duplicate(message.id)
        );
        run_all_parts(world).await;
    }
    for contact in &contacts[..MANY - 1] {
        assert_eq!(world.list_ids(site, *contact, 9, NOW).await, [message.id]);
    }
    let unknown = [&contacts[..], &[ContactId(9_999)]].concat();
    let refused = world.message(site, Some(&unknown));
    assert!(matches!(world.store.publish(&refused, None, NOW).await, Err(StoreError::Conflict(_))));
    assert_eq!(world.store.message(site, refused.id).await.unwrap(), None);
    assert_eq!(run_all_parts(world).await, 0);
}

/// A reader who reads everything during a fan-out still gets the message unread.
pub async fn later_part_is_unread_after_all_read(world: &TestStore) {
    let (site, contacts) = site_with_contacts(world).await;
    let (early, late) = (contacts[0], contacts[MANY - 1]);
    let message = world.publish(site, Some(&contacts)).await;
    run_part(world).await;
    let between = world.publish(site, None).await;
    for reader in [early, late] {
        world.act(site, reader, ReaderAction::Delivered(Position::MAX)).await;
        world.act(site, reader, ReaderAction::AllRead(None)).await;
        assert_eq!(world.unread_and_unseen(site, reader).await, (0, 0));
    }
    assert_eq!(world.list_ids(site, late, 9, NOW).await, [between]);
    world.events.take();
    run_all_parts(world).await;
    assert_eq!(
        world.unread_and_unseen(site, early).await,
        (0, 0),
        "earlier recipients have read it"
    );
    assert_eq!(world.unread_and_unseen(site, late).await, (1, 1));
    assert_eq!(
        world.list_ids(site, late, 1, NOW).await,
        [message, between],
        "it is the newest for them"
    );
    let stats = world.store.message_stats(site, message, after(1)).await.unwrap().unwrap().total;
    assert_eq!((stats.reached, stats.read), (1, 1), "only its recipients at that time");
    let item = world.store.item(site, late, message, NOW).await.unwrap().unwrap();
    let page = world.page(site, late, None, 1).await;
    assert_eq!(
        (page.items[0].message.position, page.next),
        (item.message.position, Some(Cursor(item.message.position.0)))
    );
    let announced = world.events.take().into_iter().find_map(|change| match change {
        InboxEvent::MessagePublished {
            message, recipients: Recipients::Contacts(reached), ..
        } if reached.contains(&late) => Some(message.position),
        _ => None,
    });
    assert_eq!(announced, Some(item.message.position));
    let entries = world.store.list_entries(site, late, false, 9, NOW).await.unwrap();
    assert_eq!(entries[0].position, item.message.position);
    let receipts = world.store.contact_receipts(site, late, None, 9).await.unwrap();
    let receipt = receipts.iter().find(|receipt| receipt.message.id == message).unwrap();
    assert!(
        !receipt.read && receipt.read_at.is_none() && receipt.delivered_at.is_none(),
        "{receipt:?}"
    );
    // Up to its position it is marked as read like any other.
    world.act(site, late, ReaderAction::AllRead(Some(item.message.position))).await;
    assert_eq!(world.unread_and_unseen(site, late).await, (0, 0));
}

pub async fn fan_out_continues_after_reopening(world: &TestStore) {
    let (site, contacts) = site_with_contacts(world).await;
    let message = world.publish(site, Some(&contacts)).await;
    run_part(world).await;
    let early = contacts_of(&world.events.take(), placed);
    world.store.close().await;
    let heard = Arc::new(RecordingSink::default());
    let store = world.backend.open(heard.clone()).await.unwrap();
    while store.fan_out(NOW).await.unwrap() {}
    assert_eq!(contacts_of(&heard.take(), placed), contacts[early.len()..]);
    let request = ReaderPageRequest { filter: ReaderFilter::All, before: None, limit: 9 };
    for contact in &contacts {
        let page = store.page(site, *contact, request, NOW).await.unwrap();
        assert_eq!(page.items.iter().map(|item| item.message.id).collect::<Vec<_>>(), [message]);
    }
    store.close().await;
}

/// A site with many fan-outs delays another site's by one part for each of its own.
pub async fn sites_take_turns(world: &TestStore) {
    let (busy, contacts) = site_with_contacts(world).await;
    for _ in 0..5 {
        world.publish(busy, Some(&contacts)).await;
    }
    let (quiet, _) = world.site("B").await;
    let few = create_contacts(world, quiet, MANY).await;
    world.publish(quiet, Some(&few)).await;
    world.events.take();
    let mut sites = Vec::new();
    while contacts_of(&sites, placed).len() < MANY {
        assert!(run_part(world).await);
        sites.extend(world.events.take().into_iter().filter(|change| change.site() == quiet));
    }
    let oldest = world
        .store
        .messages(busy, &MessageQuery::newest(9), NOW)
        .await
        .unwrap()
        .items
        .pop()
        .unwrap()
        .message
        .id;
    assert!(
        contacts_with(world, busy, &contacts, oldest).await.len() < MANY + 1,
        "it got one part for each of the quiet site's"
    );
    assert!(world.unread_and_unseen(busy, contacts[0]).await.0 <= 2);
    assert!(run_part(world).await, "the busy site has fan-outs left");
    run_all_parts(world).await;
}

pub async fn fan_outs_of_a_site_are_bounded(world: &TestStore) {
    let (site, contacts) = site_with_contacts(world).await;
    let (other, _) = world.site("B").await;
    let others = create_contacts(world, other, MANY).await;
    for _ in 0..MAX_FAN_OUTS {
        world.publish_at(&world.message(site, Some(&contacts)), NOW).await;
    }
    let one_more = world.message(site, Some(&contacts));
    let refused = world.store.publish(&one_more, None, NOW).await.unwrap_err();
    assert!(matches!(&refused, StoreError::Conflict(Conflict::TooManyFanOuts)), "{refused}");
    assert_eq!(world.store.message(site, one_more.id).await.unwrap(), None);
    // Messages to few contacts, and another site's, do not count.
    world.publish_at(&world.message(site, contacts.get(..3)), NOW).await;
    world.publish_at(&world.message(other, Some(&others)), NOW).await;
    run_all_parts(world).await;
    world.publish_at(&one_more, NOW).await;
}

pub async fn change_wakes_the_background_job(world: &TestStore) {
    let (site, contacts) = site_with_contacts(world).await;
    let message = world.message(site, Some(&contacts));
    let wakes = async || {
        tokio::time::timeout(std::time::Duration::from_secs(20), world.store.wait_for_fan_out())
            .await
            .unwrap();
    };
    world.publish_at(&message, NOW).await;
    wakes().await;
    run_all_parts(world).await;
    world
        .store
        .edit_message(site, message.id, &title_edit(&message, "Second"), after(1))
        .await
        .unwrap();
    wakes().await;
    world.store.recall_message(site, message.id, after(2)).await.unwrap();
    wakes().await;
    run_all_parts(world).await;
}
