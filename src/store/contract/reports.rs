//! Reports: the list of messages with its search, and statistics.

use super::test_store::{NOW, TestStore, after, contact_draft};
use belfry_domain::{
    Funnel, MessageId, MessageQuery, MessageState, Position, ReaderAction, SiteId, StatsBucket,
    Timestamp,
};

pub(super) const DAY: u64 = 24 * 3_600;

/// The ids of a whole list, read in pages.
pub(super) async fn listed(
    world: &TestStore,
    site: SiteId,
    mut query: MessageQuery,
    now: Timestamp,
) -> Vec<MessageId> {
    let mut ids = Vec::new();
    loop {
        let page = world.store.messages(site, &query, now).await.unwrap();
        assert!(page.items.len() <= query.limit as usize);
        ids.extend(page.items.iter().map(|item| item.message.id));
        let Some(next) = page.next else { return ids };
        // Through the cursor's text form.
        query.before = Some(next.to_string().parse().unwrap());
    }
}

pub async fn list_is_newest_first_with_filters(world: &TestStore) {
    let (site, _) = world.site("A").await;
    let reader = world.contact(site, "1").await;
    let mut ids = Vec::new();
    for turn in 0..12_u64 {
        let mut message = world
            .message(site, if turn % 2 == 0 { None } else { Some(std::slice::from_ref(&reader)) });
        // Several were accepted in the same second.
        message.created_at = after(turn / 3);
        message.category = (turn % 4 == 0).then(|| "news".to_owned());
        match turn % 4 {
            1 => message.publish_at = after(500),
            2 => message.expires_at = Some(after(50)),
            _ => {}
        }
        world.publish_at(&message, NOW).await;
        ids.push((message.created_at, message.id, turn));
    }
    let recalled = ids[0].1;
    world.store.recall_message(site, recalled, NOW).await.unwrap();
    ids.sort();
    ids.reverse();
    let now = after(60);
    let expected = |matching: &dyn Fn(u64) -> bool| {
        ids.iter().filter(|id| matching(id.2)).map(|id| id.1).collect::<Vec<_>>()
    };
    for limit in [1, 5, 12, 100] {
        let query = MessageQuery::newest(limit);
        assert_eq!(listed(world, site, query.clone(), now).await, expected(&|_| true));
        let news = MessageQuery { category: Some("news".to_owned()), ..query.clone() };
        assert_eq!(listed(world, site, news.clone(), now).await, expected(&|turn| turn % 4 == 0));
        let live_news = MessageQuery { state: Some(MessageState::Live), ..news };
        assert_eq!(
            listed(world, site, live_news, now).await,
            expected(&|turn| turn % 4 == 0 && turn > 0)
        );
        let span = MessageQuery { from: Some(after(1)), to: Some(after(3)), ..query.clone() };
        assert_eq!(listed(world, site, span, now).await, expected(&|turn| (3..9).contains(&turn)));
        // Expired but not yet removed: no longer live, and expired after the next step.
        let in_state = |state| MessageQuery { state: Some(state), ..query.clone() };
        assert_eq!(
            listed(world, site, in_state(MessageState::Live), now).await,
            expected(&|turn| matches!(turn % 4, 0 | 3) && turn > 0)
        );
        assert_eq!(
            listed(world, site, in_state(MessageState::Scheduled), now).await,
            expected(&|turn| turn % 4 == 1)
        );
        assert_eq!(listed(world, site, in_state(MessageState::Recalled), now).await, [recalled]);
    }
    world.store.advance(now).await.unwrap();
    let expired = MessageQuery { state: Some(MessageState::Expired), ..MessageQuery::newest(9) };
    assert_eq!(listed(world, site, expired, now).await, expected(&|turn| turn % 4 == 2));
    let page = world.store.messages(site, &MessageQuery::newest(12), now).await.unwrap();
    assert_eq!(page.next, None, "a full page without more");
    for item in page.items {
        let turn = ids.iter().find(|id| id.1 == item.message.id).unwrap().2;
        assert_eq!(item.recipients, (turn % 2 == 1).then_some(1));
        assert_eq!(item.state, MessageState::of(&item.message, now));
    }
}

pub async fn search_is_literal_in_any_language(world: &TestStore) {
    let (site, _) = world.site("A").await;
    let mut message = world.message(site, None);
    let mut content = message.content.values().next().unwrap().clone();
    content.title = "Знижка 100%_\"".to_owned();
    content.body = "Nur **heute**: ÄPFEL".to_owned();
    message.content.insert("uk".parse().unwrap(), content);
    message.name = Some("Spring campaign".to_owned());
    world.publish_at(&message, NOW).await;
    world.publish(site, None).await;
    let found = async |text: &str| {
        let query = MessageQuery { text: Some(text.to_owned()), ..MessageQuery::newest(10) };
        listed(world, site, query, NOW).await == [message.id]
    };
    for text in ["знижка", "100%_\"", "**heute**", "äpfel", "spring CAMP"] {
        assert!(found(text).await, "{text}");
    }
    // Wildcards are literal, and characters that only occur in the stored form are not text.
    for text in ["100%%", "1__%", "title", "\\\"", "uk"] {
        assert!(!found(text).await, "{text}");
    }
}

pub async fn scan_is_bounded(world: &TestStore) {
    let (site, _) = world.site("A").await;
    let rare = world.publish(site, None).await;
    let messages = (0..MessageQuery::LOOKED_AT + 10).map(|_| {
        let mut message = world.message(site, None);
        message.created_at = after(1);
        message
    });
    let messages: Vec<_> = messages.collect();
    futures_util::future::join_all(
        messages.iter().map(|message| world.store.publish(message, None, NOW)),
    )
    .await;
    let mut query = MessageQuery { text: Some(rare.to_string()), ..MessageQuery::newest(10) };
    let page = world.store.messages(site, &query, NOW).await.unwrap();
    assert_eq!((page.items.len(), page.next.is_some()), (0, true));
    query.before = page.next;
    let page = world.store.messages(site, &query, NOW).await.unwrap();
    assert_eq!((page.items.len(), page.next), (1, None));
}

pub async fn delivery_is_stored_once_and_not_published(world: &TestStore) {
    let (site, _) = world.site("A").await;
    let reader = world.contact(site, "1").await;
    // Another contact, whose list was not delivered.
    world.contact(site, "2").await;
    let message = world.publish(site, None).await;
    let position = world.store.message(site, message).await.unwrap().unwrap().position;
    let rows = world.backend.find_traces(site, reader).await;
    let counts = world.counts(site, reader).await;
    world.events.take();
    // Below, at, and beyond the existing positions.
    for until in [Position(position.0 - 1), position, position, Position::MAX] {
        world.act(site, reader, ReaderAction::Delivered(until)).await;
    }
    assert!(world.events.take().is_empty());
    assert_eq!(
        world.counts(site, reader).await,
        counts,
        "the counts and their version are unchanged"
    );
    assert_eq!(world.backend.find_traces(site, reader).await, rows + 1);
    let total = world.store.message_stats(site, message, NOW).await.unwrap().unwrap().total;
    assert_eq!(total, Funnel { audience: 2, reached: 1, ..Funnel::default() });
}

pub async fn watermark_after_expiry_counts_nothing(world: &TestStore) {
    let (site, _) = world.site("A").await;
    let reader = world.contact(site, "1").await;
    let recalled = world.publish(site, None).await;
    let mut over = world.message(site, Some(&[reader]));
    over.expires_at = Some(after(5));
    world.publish_at(&over, NOW).await;
    world.store.recall_message(site, recalled, after(1)).await.unwrap();
    let last = world.publish(site, None).await;
    for mark in [
        ReaderAction::Delivered(Position::MAX),
        ReaderAction::Seen(None),
        ReaderAction::AllRead(None),
    ] {
        world.store.apply_reader_action(site, reader, &mark, after(5)).await.unwrap();
    }
    let total =
        async |message| world.store.message_stats(site, message, NOW).await.unwrap().unwrap().total;
    for message in [recalled, over.id] {
        assert_eq!(total(message).await, Funnel { audience: 1, ..Funnel::default() });
    }
    assert_eq!(
        total(last).await,
        Funnel { audience: 1, reached: 1, seen: 1, read: 1, ..Funnel::default() }
    );
}

pub async fn funnel_and_languages_add_up(world: &TestStore) {
    let (site, _) = world.site("A").await;
    let mut readers = Vec::new();
    for (name, language) in [("1", Some("en")), ("2", Some("uk")), ("3", Some("uk")), ("4", None)] {
        let mut who = contact_draft(Some(name), None, None);
        who.language = language.map(|language| language.parse().unwrap());
        readers.push(world.store.upsert_contact(site, &who, NOW).await.unwrap());
    }
    let message = world.publish(site, None).await;
    let hour = 3_600;
    for (reader, mark, at) in [
        (0, ReaderAction::Delivered(Position::MAX), 10),
        (0, ReaderAction::Seen(None), hour + 1),
        (0, ReaderAction::Clicked(message), hour + 2),
        (1, ReaderAction::AllRead(None), 3 * hour),
        (2, ReaderAction::Delivered(Position::MAX), 3 * DAY + hour),
        (2, ReaderAction::Archive(vec![message]), 3 * DAY + hour),
    ] {
        world.store.apply_reader_action(site, readers[reader], &mark, after(at)).await.unwrap();
    }
    let stats = world.store.message_stats(site, message, NOW).await.unwrap().unwrap();
    assert_eq!(
        stats.total,
        Funnel { audience: 4, reached: 3, seen: 2, read: 2, clicked: 1, archived: 1 }
    );
    assert_eq!(stats.counted, 4);
    let expected = [
        (NOW, StatsBucket { reached: 1, ..StatsBucket::default() }),
        (after(hour), StatsBucket { seen: 1, read: 1, clicked: 1, ..StatsBucket::default() }),
        (after(3 * hour), StatsBucket { reached: 1, seen: 1, read: 1, clicked: 0 }),
        (after(3 * DAY), StatsBucket { reached: 1, ..StatsBucket::default() }),
    ];
    assert_eq!(stats.series.into_iter().collect::<Vec<_>>(), expected);
    let of = |language: Option<&str>| {
        stats.languages[&language.map(|language| language.parse().unwrap())]
    };
    assert_eq!(
        of(Some("en")),
        Funnel { audience: 1, reached: 1, seen: 1, read: 1, clicked: 1, archived: 0 }
    );
    assert_eq!(
        of(Some("uk")),
        Funnel { audience: 2, reached: 2, seen: 1, read: 1, clicked: 0, archived: 1 }
    );
    assert_eq!(of(None), Funnel { audience: 1, ..Funnel::default() });
    assert_eq!(
        world.store.message_stats(site, world.message(site, None).id, NOW).await.unwrap(),
        None
    );
}

pub async fn site_stats_include_days_and_active_contacts(world: &TestStore) {
    let (site, _) = world.site("A").await;
    let mut readers = Vec::new();
    for number in 0..4 {
        readers.push(world.contact(site, &number.to_string()).await);
    }
    let publish = async |days: u64| {
        let mut message = world.message(site, None);
        message.publish_at = after(days * DAY);
        world.publish_at(&message, after(days * DAY)).await
    };
    let mark = async |reader: usize, action: ReaderAction, days: u64| {
        world
            .store
            .apply_reader_action(site, readers[reader], &action, after(days * DAY))
            .await
            .unwrap();
    };
    let first = publish(0).await;
    mark(0, ReaderAction::Delivered(Position::MAX), 0).await;
    publish(20).await;
    mark(1, ReaderAction::Seen(None), 20).await;
    mark(1, ReaderAction::Read(vec![first]), 20).await;
    mark(1, ReaderAction::AllRead(None), 20).await;
    publish(28).await;
    mark(2, ReaderAction::Delivered(Position::MAX), 28).await;
    mark(0, ReaderAction::Delivered(Position::MAX), 28).await;
    let stats = world.store.site_stats(site, after(20 * DAY), after(28 * DAY)).await.unwrap();
    assert_eq!(
        (stats.contacts, stats.active_day, stats.active_week, stats.active_month, stats.complete),
        (4, 2, 2, 3, true)
    );
    let days: Vec<_> =
        stats.days.values().map(|day| (day.sent, day.delivered, day.seen, day.read)).collect();
    assert_eq!(days, [(1, 0, 1, 1), (1, 2, 0, 0)]);
    assert!(stats.days.keys().all(|day| day.millis() % 86_400_000 == 0));
    let other = world.site("B").await.0;
    assert_eq!(
        world.store.site_stats(other, NOW, after(28 * DAY)).await.unwrap(),
        belfry_domain::SiteStats { complete: true, ..Default::default() }
    );
}

pub async fn test_message_is_in_no_list_and_no_stats(world: &TestStore) {
    let (site, _) = world.site("A").await;
    let reader = world.contact(site, "1").await;
    let mut message = world.message(site, Some(&[reader]));
    message.is_test = true;
    message.category = Some("news".to_owned());
    world.publish_at(&message, NOW).await;
    assert_eq!(world.list_ids(site, reader, 9, NOW).await, [message.id]);
    for (state, category) in
        [(None, None), (Some(MessageState::Live), None), (None, Some("news".to_owned()))]
    {
        assert_eq!(
            listed(world, site, MessageQuery { state, category, ..MessageQuery::newest(9) }, NOW)
                .await,
            []
        );
    }
    assert!(world.store.site_stats(site, NOW, NOW).await.unwrap().days.is_empty());
}
