//! Cases: what one reader sees and does. The reader has the same messages in each database: earlier
//! ones are read, and the same number of messages came after.

use super::super::scenario::{Scenario, expect};
use crate::contract::{
    segments::{has_plan, segment_draft},
    test_store::{NOW, after, contact_draft},
};
use belfry_domain::{
    Language, MessageAudience, MessageId, Position, ReaderAction, ReaderFilter, ReaderPageRequest,
};

pub async fn run(s: &Scenario) {
    let store = &s.world.store;
    let mut on_plan = contact_draft(Some("reader"), None, None);
    on_plan.attributes.insert("plan".to_owned(), "pro".into());
    store.upsert_contact(s.site, &on_plan, NOW).await.unwrap();
    let segment = store
        .add_segment(s.site, &segment_draft(Some("pro"), has_plan("pro"), Vec::new()), NOW)
        .await
        .unwrap();
    let own = [MessageAudience::Contacts(vec![s.reader]), MessageAudience::Segment(segment.id)];
    for audience in own.clone() {
        s.publish_to(audience).await;
    }
    s.publish_as(None, |message| message.pinned = true).await;
    let undo = store
        .apply_reader_action(s.site, s.reader, &ReaderAction::AllRead(None), NOW)
        .await
        .unwrap()
        .unwrap()
        .undo
        .unwrap();
    expect(
        s.measure(
            "apply_reader_action: undo all read",
            store.apply_reader_action(s.site, s.reader, &ReaderAction::UndoAllRead(undo), NOW),
        )
        .await
        .is_some(),
        true,
    );
    store.apply_reader_action(s.site, s.reader, &ReaderAction::AllRead(None), NOW).await.unwrap();
    let mut messages = Vec::new();
    for _ in 0..6 {
        for audience in own.clone().into_iter().chain([MessageAudience::Everyone]) {
            messages.push(s.publish_to(audience).await);
        }
    }
    marks(s, &messages).await;
    lists(s, messages[4]).await;

    expect(s.measure("mutes", store.mutes(s.site, s.reader)).await.len(), 0);
    expect(
        s.measure("set_mutes", store.set_mutes(s.site, s.reader, &["offers".to_owned()], NOW))
            .await,
        true,
    );
    expect(
        s.measure(
            "set_mutes: same",
            store.set_mutes(s.site, s.reader, &["offers".to_owned()], NOW),
        )
        .await,
        true,
    );
    s.measure(
        "page: muted",
        store.page(
            s.site,
            s.reader,
            ReaderPageRequest { filter: ReaderFilter::All, before: None, limit: 5 },
            NOW,
        ),
    )
    .await;
    let change = [("offers".to_owned(), true), ("news".to_owned(), false)].into();
    expect(
        s.measure("change_mutes", store.change_mutes(s.site, s.reader, &change, NOW)).await,
        true,
    );
    expect(s.measure("set_mutes: none", store.set_mutes(s.site, s.reader, &[], NOW)).await, true);
    expect(
        s.measure("seen_position", store.seen_position(s.site, s.reader)).await
            > Position::default(),
        true,
    );
    for (name, unread) in [("all", false), ("unread", true)] {
        let entries = s
            .measure(
                &format!("list_entries: {name}"),
                store.list_entries(s.site, s.reader, unread, 5, NOW),
            )
            .await;
        expect(entries.len(), 5);
        let (ids, language) =
            (entries.iter().map(|entry| entry.message).collect::<Vec<_>>(), Language::english());
        let said = s
            .measure(
                &format!("messages_in_language: {name}"),
                store.messages_in_language(s.site, s.reader, &ids, &|_| Some(language.clone())),
            )
            .await;
        expect(said.len(), 5);
    }
}

async fn marks(s: &Scenario, messages: &[MessageId]) {
    let some = messages[..3].to_vec();
    for (name, mark) in [
        ("delivered", ReaderAction::Delivered(Position::MAX)),
        ("delivered again", ReaderAction::Delivered(Position::MAX)),
        ("seen", ReaderAction::Seen(None)),
        ("read", ReaderAction::Read(some.clone())),
        ("read again", ReaderAction::Read(some.clone())),
        ("unread", ReaderAction::Unread(some.clone())),
        ("clicked", ReaderAction::Clicked(messages[4])),
        ("archive", ReaderAction::Archive(some.clone())),
        ("restore", ReaderAction::Restore(some.clone())),
        ("delete", ReaderAction::Delete(some.clone())),
        ("undelete", ReaderAction::Undelete(some.clone())),
        ("all read", ReaderAction::AllRead(None)),
        ("all read again", ReaderAction::AllRead(None)),
        ("unread below the watermark", ReaderAction::Unread(some.clone())),
    ] {
        let marked = s
            .measure(
                &format!("apply_reader_action: {name}"),
                s.world.store.apply_reader_action(s.site, s.reader, &mark, after(1)),
            )
            .await;
        expect(marked.is_some(), true);
    }
    let newest = s
        .world
        .store
        .message(s.site, messages[messages.len() - 1])
        .await
        .unwrap()
        .unwrap()
        .position;
    let few = s.contact("who is given a list").await;
    s.measure(
        "record_delivered",
        s.world.store.record_delivered(s.site, &[(few, newest), (s.reader, newest)], NOW),
    )
    .await;
    s.world
        .store
        .apply_reader_action(s.site, s.reader, &ReaderAction::Archive(messages[5..8].to_vec()), NOW)
        .await
        .unwrap();
}

async fn lists(s: &Scenario, message: MessageId) {
    let store = &s.world.store;
    for _ in 0..3 {
        s.publish(None).await;
    }
    for (name, filter, expected) in [
        ("all", ReaderFilter::All, 5),
        ("unread", ReaderFilter::Unread, 5),
        ("archived", ReaderFilter::Archived, 2),
    ] {
        let request = ReaderPageRequest {
            filter,
            before: None,
            limit: if filter == ReaderFilter::Archived { 2 } else { 5 },
        };
        let page =
            s.measure(&format!("page: {name}"), store.page(s.site, s.reader, request, NOW)).await;
        expect(page.items.len(), expected);
        let older = ReaderPageRequest { before: page.next, ..request };
        let page = s
            .measure(&format!("page: {name}, older"), store.page(s.site, s.reader, older, NOW))
            .await;
        expect(page.items.is_empty(), false);
    }
    expect(s.measure("item", store.item(s.site, s.reader, message, NOW)).await.is_some(), true);
    expect(s.measure("counts", store.counts(s.site, s.reader, NOW)).await.unread > 0, true);
}
