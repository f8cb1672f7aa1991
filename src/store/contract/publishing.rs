//! Publishing, editing, recalling.

use super::test_store::{NOW, TestStore, after};
use crate::{PublishOutcome, StoreError};
use belfry_domain::{
    ContactId, Digest, IdempotentRequest, InboxEvent, Link, MessageAction, MessageActionKind,
    MessageAudience, MessageContent, MessageEdit, MessageId, Position, Recipients, WebUrl,
};
use futures_util::future::join_all;
use serde_json::json;
use std::collections::BTreeMap;

fn keyed(key: &str, fingerprint: &str) -> IdempotentRequest {
    IdempotentRequest { key: key.to_owned(), fingerprint: Digest::of(fingerprint) }
}

pub async fn message_is_stored_unchanged(world: &TestStore) {
    let (site, _) = world.site("A").await;
    let (one, two) = (world.contact(site, "1").await, world.contact(site, "2").await);
    let link = || Link::parse("https://shop.example/orders/7?a=b&c").unwrap();
    let content = MessageContent {
        title: "“Quoted” \u{1f514}".to_owned(),
        body: "*Body* 'with' \"quotes\"\n\nand lines".to_owned(),
        link: Some(link()),
        new_tab: true,
        image: Some(WebUrl::parse("https://shop.example/7.png").unwrap()),
        actions: vec![
            MessageAction {
                label: "Track".to_owned(),
                kind: MessageActionKind::Link { link: link(), new_tab: true },
            },
            MessageAction { label: "Ask".to_owned(), kind: MessageActionKind::Reply },
        ],
        is_literal: true,
    };
    let mut message = world.message(site, Some(&[two, one, two]));
    message.content = BTreeMap::from([
        ("en".parse().unwrap(), content.clone()),
        ("pt-br".parse().unwrap(), content),
    ]);
    message.category = Some("orders".to_owned());
    message.data = Some(json!({"order": 7, "deep": [null, true, 1.5, "x"]}));
    message.pinned = true;
    message.expires_at = Some(after(600));
    message.position = Position(12);
    world.publish_at(&message, NOW).await;
    let kept = world.store.message(site, message.id).await.unwrap().unwrap();
    assert!(kept.position > Position::UNPUBLISHED);
    (message.audience, message.position) =
        (MessageAudience::Contacts(vec![one, two]), kept.position);
    assert_eq!(kept, message);
    let everyone = world.publish(site, None).await;
    let stored = world.store.message(site, everyone).await.unwrap().unwrap();
    assert!(stored.audience.is_everyone());
    assert_eq!(world.store.message(site, world.message(site, None).id).await.unwrap(), None);
}

pub async fn concurrent_publishes_with_one_key_store_one(world: &TestStore) {
    let (site, _) = world.site("A").await;
    let reader = world.contact(site, "1").await;
    let idempotency = keyed("order-7", "same");
    // Each attempt has its own message id, as from the use cases.
    let attempts: Vec<_> = (0..50).map(|_| world.message(site, None)).collect();
    let answers = join_all(
        attempts.iter().map(|message| world.store.publish(message, Some(&idempotency), NOW)),
    )
    .await;
    let mut new = Vec::new();
    let mut repeated = Vec::new();
    for answer in answers {
        match answer.unwrap() {
            PublishOutcome::New(id) => new.push(id),
            PublishOutcome::Duplicate(id) => repeated.push(id),
            PublishOutcome::KeyReused => panic!("the fingerprint is the same"),
        }
    }
    assert_eq!((new.len(), repeated.len()), (1, 49));
    assert!(repeated.iter().all(|id| *id == new[0]));
    assert_eq!(world.list_ids(site, reader, 10, NOW).await, new);
    assert_eq!(world.events.take().len(), 1);
}

pub async fn key_of_another_request_is_rejected(world: &TestStore) {
    let (site, _) = world.site("A").await;
    let reader = world.contact(site, "1").await;
    let first = world.message(site, None);
    assert_eq!(
        world.store.publish(&first, Some(&keyed("k", "one")), NOW).await.unwrap(),
        PublishOutcome::New(first.id)
    );
    assert_eq!(
        world
            .store
            .publish(&world.message(site, None), Some(&keyed("k", "two")), NOW)
            .await
            .unwrap(),
        PublishOutcome::KeyReused
    );
    assert_eq!(
        world
            .store
            .publish(&world.message(site, None), Some(&keyed("k", "one")), NOW)
            .await
            .unwrap(),
        PublishOutcome::Duplicate(first.id)
    );
    let second = world.message(site, None);
    assert_eq!(
        world.store.publish(&second, Some(&keyed("K", "one")), NOW).await.unwrap(),
        PublishOutcome::New(second.id)
    );
    assert_eq!(world.list_ids(site, reader, 10, NOW).await, [second.id, first.id]);
}

pub async fn failed_publish_leaves_nothing(world: &TestStore) {
    let (site, _) = world.site("A").await;
    let reader = world.contact(site, "1").await;
    for stranger in [ContactId(999), ContactId(0), ContactId(-1)] {
        let message = world.message(site, Some(&[reader, stranger]));
        let refused = world.store.publish(&message, Some(&keyed("k", "one")), NOW).await;
        assert!(matches!(refused, Err(StoreError::Conflict(_))), "{refused:?}");
        assert_eq!(world.store.message(site, message.id).await.unwrap(), None);
    }
    assert!(world.events.take().is_empty());
    assert_eq!(world.unread_and_unseen(site, reader).await, (0, 0));
    // The key is free again, too.
    let message = world.message(site, Some(&[reader]));
    assert_eq!(
        world.store.publish(&message, Some(&keyed("k", "two")), NOW).await.unwrap(),
        PublishOutcome::New(message.id)
    );
    let twice = world.store.publish(&message, None, NOW).await;
    assert!(matches!(twice, Err(StoreError::Conflict(_))), "{twice:?}");
    let mut homeless = world.message(site, None);
    homeless.site = belfry_domain::SiteId::generate(&world.rng);
    assert!(matches!(
        world.store.publish(&homeless, None, NOW).await,
        Err(StoreError::Conflict(_))
    ));
}

fn title(text: &str) -> MessageEdit {
    let content = MessageContent {
        title: text.to_owned(),
        body: String::new(),
        link: None,
        new_tab: false,
        image: None,
        actions: Vec::new(),
        is_literal: false,
    };
    MessageEdit {
        content: Some(BTreeMap::from([("en".parse().unwrap(), content)])),
        ..MessageEdit::default()
    }
}

pub async fn edit_is_published_with_the_whole_message(world: &TestStore) {
    let (site, _) = world.site("A").await;
    let (one, two) = (world.contact(site, "1").await, world.contact(site, "2").await);
    let mut message = world.message(site, Some(&[one, two]));
    message.category = Some("orders".to_owned());
    message.data = Some(json!(1));
    world.publish_at(&message, NOW).await;
    world.events.take();
    let before = world.store.message(site, message.id).await.unwrap().unwrap();

    let edit = MessageEdit {
        category: Some(None),
        pinned: Some(true),
        expires_at: Some(Some(after(60))),
        ..title("New")
    };
    let edited =
        world.store.edit_message(site, message.id, &edit, after(5)).await.unwrap().unwrap();
    let mut expected = before.clone();
    expected.content = edit.content.clone().unwrap();
    (expected.category, expected.pinned, expected.expires_at, expected.edited_at) =
        (None, true, Some(after(60)), Some(after(5)));
    assert_eq!(edited, expected);
    assert_eq!(world.store.message(site, message.id).await.unwrap(), Some(expected.clone()));
    match world.events.take().as_slice() {
        [InboxEvent::MessageEdited { message, recipients, .. }] => {
            assert_eq!(**message, expected);
            assert_eq!(*recipients, Recipients::Contacts(vec![one, two]));
        }
        other => panic!("{other:?}"),
    }
    let page = world.page(site, one, None, 10).await;
    assert_eq!(page.items[0].message.content, expected.content);
    assert!(page.items[0].message.pinned);
    assert_eq!(world.list_ids(site, one, 10, after(60)).await, []);
    // Whether there are variables is a property of the whole message, kept when new contents do not
    // set it.
    let literally = MessageEdit { variables: Some(false), ..MessageEdit::default() };
    assert!(
        !world
            .store
            .edit_message(site, message.id, &literally, after(5))
            .await
            .unwrap()
            .unwrap()
            .has_variables()
    );
    assert!(
        !world
            .store
            .edit_message(site, message.id, &title("New"), after(5))
            .await
            .unwrap()
            .unwrap()
            .has_variables()
    );
    let filled = MessageEdit { variables: Some(true), ..MessageEdit::default() };
    assert!(
        world
            .store
            .edit_message(site, message.id, &filled, after(5))
            .await
            .unwrap()
            .unwrap()
            .has_variables()
    );
    // The other fields can be reset the same way.
    let back = MessageEdit {
        data: Some(None),
        pinned: Some(false),
        expires_at: Some(None),
        ..MessageEdit::default()
    };
    let edited =
        world.store.edit_message(site, message.id, &back, after(6)).await.unwrap().unwrap();
    assert_eq!(
        (edited.data, edited.pinned, edited.expires_at, edited.content),
        (None, false, None, expected.content)
    );
    assert_eq!(world.list_ids(site, one, 10, after(60)).await, [message.id]);
}

pub async fn edit_of_a_hidden_message_publishes_nothing(world: &TestStore) {
    let (site, _) = world.site("A").await;
    let reader = world.contact(site, "1").await;
    let mut later = world.message(site, None);
    later.publish_at = after(60);
    world.publish_at(&later, NOW).await;
    assert!(
        world.store.edit_message(site, later.id, &title("Later"), NOW).await.unwrap().is_some()
    );
    let gone = world.publish(site, None).await;
    world.store.recall_message(site, gone, NOW).await.unwrap();
    world.events.take();
    assert_eq!(world.store.edit_message(site, gone, &title("Gone"), NOW).await.unwrap(), None);
    assert_eq!(
        world
            .store
            .edit_message(site, world.message(site, None).id, &title("None"), NOW)
            .await
            .unwrap(),
        None
    );
    assert!(world.events.take().is_empty());
    world.store.advance(after(60)).await.unwrap();
    let page = world.page(site, reader, None, 10).await;
    assert_eq!(page.items[0].message.content, title("Later").content.unwrap());
}

pub async fn recall_is_permanent(world: &TestStore) {
    let (site, _) = world.site("A").await;
    let reader = world.contact(site, "1").await;
    let everyone = world.publish(site, None).await;
    let named = world.publish(site, Some(&[reader])).await;
    let mut later = world.message(site, None);
    later.publish_at = after(60);
    world.publish_at(&later, NOW).await;
    world.events.take();
    for (message, expected) in [
        (everyone, Some(Recipients::Everyone)),
        (named, Some(Recipients::Contacts(vec![reader]))),
        (later.id, None),
    ] {
        assert!(world.store.recall_message(site, message, after(7)).await.unwrap());
        assert!(!world.store.recall_message(site, message, after(8)).await.unwrap());
        match (world.events.take().as_slice(), expected) {
            ([InboxEvent::MessageRemoved { message: removed, recipients, .. }], Some(expected)) => {
                assert_eq!((*removed, recipients), (message, &expected));
            }
            ([], None) => {}
            other => panic!("{other:?}"),
        }
        let kept = world.store.message(site, message).await.unwrap().unwrap();
        assert_eq!(kept.recalled_at, Some(after(7)));
        assert_eq!(world.store.item(site, reader, message, NOW).await.unwrap(), None);
    }
    assert_eq!(
        world.store.message(site, named).await.unwrap().unwrap().audience.contacts(),
        Some([reader].as_slice())
    );
    assert_eq!(world.store.advance(after(60)).await.unwrap(), None);
    assert_eq!(world.list_ids(site, reader, 10, after(60)).await, Vec::<MessageId>::new());
    assert_eq!(world.unread_and_unseen(site, reader).await, (0, 0));
    assert!(!world.store.recall_message(site, world.message(site, None).id, NOW).await.unwrap());
}

/// A list may contain messages read before an edit.
pub async fn concurrent_edits_are_both_listed(world: &TestStore) {
    let (site, _) = world.site("A").await;
    let (reader, other) = (world.contact(site, "1").await, world.contact(site, "2").await);
    let message = world.publish(site, None).await;
    for (title, pinned) in [("once", true), ("twice", false), ("again", true)] {
        let mut content = world.store.message(site, message).await.unwrap().unwrap().content;
        for content in content.values_mut() {
            title.clone_into(&mut content.title);
        }
        let edit =
            MessageEdit { content: Some(content), pinned: Some(pinned), ..MessageEdit::default() };
        let edited = world.store.edit_message(site, message, &edit, NOW).await.unwrap().unwrap();
        for reader in [reader, other, reader] {
            let items = world.page(site, reader, None, 10).await.items;
            assert_eq!(
                items.iter().map(|item| (*item.message).clone()).collect::<Vec<_>>(),
                std::slice::from_ref(&edited)
            );
        }
    }
}
