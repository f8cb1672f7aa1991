//! Lists of a reader.

use super::test_store::{NOW, TestStore, after};
use belfry_domain::{
    ContactId, Language, Message, MessageContent, MessageId, ReaderAction, ReaderFilter,
    ReaderPageRequest, SiteId, UnreadCounts, negotiate,
};
use std::slice::from_ref;

async fn pinned(world: &TestStore, site: SiteId, contacts: Option<&[ContactId]>) -> MessageId {
    let mut message = world.message(site, contacts);
    message.pinned = true;
    world.publish_at(&message, NOW).await
}

pub async fn pages_have_no_gaps_or_duplicates(world: &TestStore) {
    let (site, _) = world.site("A").await;
    let reader = world.contact(site, "1").await;
    let mut expected = Vec::new();
    for turn in 0..23 {
        expected.push(
            world.publish(site, if turn % 3 == 0 { None } else { Some(from_ref(&reader)) }).await,
        );
    }
    expected.reverse();
    for limit in [1, 2, 5, 22, 23, 24, 100] {
        assert_eq!(world.list_ids(site, reader, limit, NOW).await, expected, "{limit}");
    }
    // A message that arrives between two pages does not shift the next one.
    let first = world.page(site, reader, None, 5).await;
    world.publish(site, None).await;
    let second = world.page(site, reader, first.next, 5).await;
    assert_eq!(
        second.items.iter().map(|item| item.message.id).collect::<Vec<_>>(),
        expected[5..10]
    );
    assert_eq!(second.counts.unread, 24);
}

pub async fn all_pinned_messages_come_first(world: &TestStore) {
    let (site, _) = world.site("A").await;
    let reader = world.contact(site, "1").await;
    let (mut above, mut below) = (Vec::new(), Vec::new());
    for turn in 0..7 {
        let contacts: Option<&[ContactId]> =
            if turn % 2 == 0 { None } else { Some(from_ref(&reader)) };
        above.insert(0, pinned(world, site, contacts).await);
        below.insert(0, world.publish(site, contacts).await);
    }
    let expected = [above, below].concat();
    for limit in [1, 3, 7, 8, 14, 50] {
        assert_eq!(world.list_ids(site, reader, limit, NOW).await, expected, "{limit}");
    }
    assert_eq!(world.page(site, reader, None, 3).await.items.len(), 3);
}

pub async fn full_last_page_has_no_next(world: &TestStore) {
    let (site, _) = world.site("A").await;
    let reader = world.contact(site, "1").await;
    assert_eq!(world.page(site, reader, None, 20).await.next, None);
    for _ in 0..3 {
        world.publish(site, None).await;
    }
    assert_eq!(world.page(site, reader, None, 3).await.next, None);
    let page = world.page(site, reader, None, 2).await;
    let rest = world.page(site, reader, page.next, 2).await;
    assert_eq!((page.items.len(), rest.items.len(), rest.next), (2, 1, None));
}

pub async fn reader_sees_own_messages_and_those_to_everyone(world: &TestStore) {
    let (site, _) = world.site("A").await;
    let (one, two) = (world.contact(site, "1").await, world.contact(site, "2").await);
    let everyone = world.publish(site, None).await;
    let first = world.publish(site, Some(&[one])).await;
    let both = world.publish(site, Some(&[one, two])).await;
    let second = world.publish(site, Some(&[two])).await;
    assert_eq!(world.list_ids(site, one, 10, NOW).await, [both, first, everyone]);
    assert_eq!(world.list_ids(site, two, 10, NOW).await, [second, both, everyone]);
    // Contacts created later belong to everyone, too.
    let late = world.contact(site, "3").await;
    assert_eq!(world.list_ids(site, late, 10, NOW).await, [everyone]);
}

pub async fn single_message_equals_list_item(world: &TestStore) {
    let (site, _) = world.site("A").await;
    let (reader, other) = (world.contact(site, "1").await, world.contact(site, "2").await);
    for turn in 0..4 {
        let message = if turn % 2 == 0 {
            world.publish(site, None).await
        } else {
            pinned(world, site, Some(&[reader])).await
        };
        if turn > 1 {
            world.act(site, reader, ReaderAction::Read(vec![message])).await;
        }
    }
    let page = world.page(site, reader, None, 10).await;
    assert_eq!(page.items.iter().filter(|item| item.is_read).count(), 2);
    for item in page.items {
        assert_eq!(
            world.store.item(site, reader, item.message.id, NOW).await.unwrap().as_ref(),
            Some(&item)
        );
        let shown = world.store.item(site, other, item.message.id, NOW).await.unwrap();
        assert_eq!(shown.is_some(), item.message.audience.is_everyone());
    }
    assert_eq!(
        world.store.item(site, reader, world.message(site, None).id, NOW).await.unwrap(),
        None
    );
}

pub async fn other_recipients_are_not_exposed(world: &TestStore) {
    let (site, _) = world.site("A").await;
    let (one, two) = (world.contact(site, "1").await, world.contact(site, "2").await);
    let message = world.publish(site, Some(&[one, two])).await;
    let page = world.page(site, two, None, 10).await;
    assert_eq!(page.items[0].message.audience.contacts(), Some([two].as_slice()));
    let item = world.store.item(site, one, message, NOW).await.unwrap().unwrap();
    assert_eq!(item.message.audience.contacts(), Some([one].as_slice()));
}

pub async fn unknown_contact_sees_nothing(world: &TestStore) {
    let (site, _) = world.site("A").await;
    let reader = world.contact(site, "1").await;
    let message = world.publish(site, None).await;
    // Contact 0 does not exist, whatever a backend may use it for.
    for stranger in [ContactId(0), ContactId(-1), ContactId(reader.0 + 1)] {
        let page = world.page(site, stranger, None, 10).await;
        assert_eq!(
            (page.items.len(), page.next, page.counts),
            (0, None, UnreadCounts::default()),
            "{stranger}"
        );
        assert_eq!(world.counts(site, stranger).await, UnreadCounts::default());
        assert_eq!(world.store.item(site, stranger, message, after(0)).await.unwrap(), None);
        let named = [
            ReaderAction::Read,
            ReaderAction::Unread,
            ReaderAction::Archive,
            ReaderAction::Delete,
            ReaderAction::Restore,
            ReaderAction::Undelete,
        ]
        .map(|mark| mark(vec![message]));
        for mark in
            [ReaderAction::Seen(None), ReaderAction::AllRead(None), ReaderAction::Clicked(message)]
                .into_iter()
                .chain(named)
        {
            assert_eq!(world.act(site, stranger, mark).await, UnreadCounts::default());
        }
        assert_eq!(world.try_act(site, stranger, ReaderAction::UndoAllRead(0)).await, None);
    }
    assert_eq!(world.events.take().len(), 1);
}

pub async fn entries_match_the_list_order(world: &TestStore) {
    let (site, _) = world.site("A").await;
    let reader = world.contact(site, "1").await;
    let mut messages = Vec::new();
    for turn in 0..7 {
        let contacts: Option<&[ContactId]> =
            if turn % 2 == 0 { None } else { Some(from_ref(&reader)) };
        messages.push(world.publish(site, contacts).await);
        pinned(world, site, contacts).await;
    }
    world
        .store
        .apply_reader_action(site, reader, &ReaderAction::Read(messages[..3].to_vec()), NOW)
        .await
        .unwrap();
    world
        .store
        .apply_reader_action(site, reader, &ReaderAction::Archive(messages[3..4].to_vec()), NOW)
        .await
        .unwrap();
    for (unread, filter) in [(false, ReaderFilter::All), (true, ReaderFilter::Unread)] {
        for limit in [1, 6, 100] {
            let page = world
                .store
                .page(site, reader, ReaderPageRequest { filter, before: None, limit }, NOW)
                .await
                .unwrap();
            let expected = page
                .items
                .iter()
                .map(|item| {
                    (item.message.id, item.is_read, item.message.pinned, item.message.position)
                })
                .collect::<Vec<_>>();
            let entries = world.store.list_entries(site, reader, unread, limit, NOW).await.unwrap();
            assert_eq!(
                entries
                    .iter()
                    .map(|entry| (entry.message, entry.is_read, entry.is_pinned, entry.position))
                    .collect::<Vec<_>>(),
                expected
            );
        }
    }
    assert_eq!(world.store.list_entries(site, ContactId(999), false, 100, NOW).await.unwrap(), []);
}

pub async fn messages_are_returned_in_one_language(world: &TestStore) {
    let (site, _) = world.site("A").await;
    let reader = world.contact(site, "1").await;
    let language = |tag: &str| tag.parse::<Language>().unwrap();
    let mut message = world.message(site, None);
    let said = message.content.values().next().unwrap().clone();
    let in_language = |tag: &str| {
        (language(tag), MessageContent { title: format!("\"{tag}\" \\ 'quoted'"), ..said.clone() })
    };
    message.content = ["de", "en", "pt-br"].map(in_language).into();
    let id = world.publish_at(&message, NOW).await;
    for (wanted, usual, expected) in
        [("pt", "en", "pt-br"), ("de-at", "en", "de"), ("fr", "en", "en"), ("fr", "uk", "de")]
    {
        let messages = world
            .store
            .messages_in_language(site, reader, &[id], &|languages| {
                negotiate(languages, &language(wanted), &language(usual))
                    .map(|(language, ())| language.clone())
            })
            .await
            .unwrap();
        let whole = world.store.item(site, reader, id, NOW).await.unwrap().unwrap().message;
        let one = Message { content: [in_language(expected)].into(), ..(*whole).clone() };
        assert_eq!(messages, [one], "{wanted} {usual}");
    }
    let (other, _) = world.site("B").await;
    assert_eq!(
        world
            .store
            .messages_in_language(other, reader, &[id], &|_| Some(language("en")))
            .await
            .unwrap(),
        []
    );
}
