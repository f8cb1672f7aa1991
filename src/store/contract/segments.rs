//! Messages to segments.

use super::test_store::{NOW, TestStore, after, contact_draft};
use crate::{DeleteSegmentOutcome, StoreError};
use belfry_domain::{
    AttributeTest, Condition, ContactId, Digest, InboxEvent, MessageEdit, MessageId, MessageStats,
    Position, ReaderAction, ReaderFilter, ReaderPageRequest, Recipients, Rule, Segment,
    SegmentDraft, SegmentFunnel, SiteId, TimeTest,
};
use serde_json::{Value, json};

/// Contacts with this plan.
pub fn has_plan(plan: &str) -> Condition {
    Condition::Attribute { path: "plan".to_owned(), test: AttributeTest::Equals(json!(plan)) }
}

pub fn segment_draft(
    name: Option<&str>,
    condition: Condition,
    lists: Vec<Vec<ContactId>>,
) -> SegmentDraft {
    let hash = Digest::of(&format!("{condition:?} {lists:?}"));
    SegmentDraft { name: name.map(str::to_owned), rule: Rule::new(condition, lists).unwrap(), hash }
}

pub(super) async fn segment(
    world: &TestStore,
    site: SiteId,
    name: Option<&str>,
    condition: Condition,
) -> Segment {
    world.store.add_segment(site, &segment_draft(name, condition, Vec::new()), NOW).await.unwrap()
}

/// A contact with this plan.
pub(super) async fn contact_on_plan(
    world: &TestStore,
    site: SiteId,
    external_id: &str,
    plan: &str,
) -> ContactId {
    let mut contact = contact_draft(Some(external_id), None, None);
    contact.attributes.insert("plan".to_owned(), Value::from(plan));
    world.store.upsert_contact(site, &contact, NOW).await.unwrap()
}

pub(super) async fn publish_to(world: &TestStore, site: SiteId, segment: &Segment) -> MessageId {
    world.publish_to_segment(site, segment.id).await
}

pub async fn only_members_see_the_message(world: &TestStore) {
    let (site, _) = world.site("A").await;
    let (pro, free) = (
        contact_on_plan(world, site, "1", "pro").await,
        contact_on_plan(world, site, "2", "free").await,
    );
    let professionals = segment(world, site, Some("pro"), has_plan("pro")).await;
    let all = world.publish(site, None).await;
    let theirs = publish_to(world, site, &professionals).await;
    let own = world.publish(site, Some(&[pro])).await;
    assert_eq!(world.list_ids(site, pro, 2, NOW).await, [own, theirs, all]);
    assert_eq!(world.list_ids(site, free, 2, NOW).await, [all]);
    assert_eq!(
        (world.unread_and_unseen(site, pro).await, world.unread_and_unseen(site, free).await),
        ((3, 3), (1, 1))
    );
    assert!(world.store.item(site, pro, theirs, NOW).await.unwrap().is_some());
    assert_eq!(world.store.item(site, free, theirs, NOW).await.unwrap(), None);
    // Other recipients are not exposed.
    let item = world.store.item(site, pro, theirs, NOW).await.unwrap().unwrap();
    assert_eq!(item.message.audience.contacts(), Some([pro].as_slice()));
    assert_eq!(
        world.store.message(site, theirs).await.unwrap().unwrap().audience.segment(),
        Some(professionals.id)
    );
    let late = contact_on_plan(world, site, "3", "pro").await;
    assert_eq!(world.list_ids(site, late, 2, NOW).await, [theirs, all]);
}

pub async fn stats_use_current_segments(world: &TestStore) {
    let (site, _) = world.site("A").await;
    let mut readers = Vec::new();
    for (id, plan) in [("1", "pro"), ("2", "pro"), ("3", "free"), ("4", "pro")] {
        readers.push(contact_on_plan(world, site, id, plan).await);
    }
    let everyone = world.publish(site, None).await;
    let named = world.publish(site, Some(&readers)).await;
    let counted = async |message: MessageId| {
        world.store.message_stats_by_segment(site, message, NOW).await.unwrap().unwrap()
    };
    assert_eq!(counted(everyone).await.segments, Some(Vec::new()));
    let professionals = segment(world, site, Some("pro"), has_plan("pro")).await;
    let all = segment(world, site, Some("all"), Condition::All(Vec::new())).await;
    // A segment defined in a message has no name in the report.
    let described = segment(world, site, None, has_plan("free")).await;
    let theirs = publish_to(world, site, &described).await;
    for message in [everyone, named, theirs] {
        let stats = counted(message).await;
        assert!(
            stats.segments.clone().unwrap().iter().all(|steps| steps.reached == 0),
            "nobody was reached yet: {stats:?}"
        );
    }
    for (reader, mark) in [
        (0, ReaderAction::Delivered(Position::MAX)),
        (0, ReaderAction::Seen(None)),
        (1, ReaderAction::Clicked(everyone)),
        (1, ReaderAction::Clicked(named)),
        (2, ReaderAction::Delivered(Position::MAX)),
        (2, ReaderAction::Archive(vec![everyone, named, theirs])),
    ] {
        world.act(site, readers[reader], mark).await;
    }
    let steps =
        |segment: &Segment, [reached, seen, read, clicked, archived]: [u64; 5]| SegmentFunnel {
            id: segment.id,
            name: segment.name.clone().unwrap(),
            reached,
            seen,
            read,
            clicked,
            archived,
        };
    for message in [everyone, named] {
        let stats = counted(message).await;
        // Newest first; a contact may be in several segments.
        assert_eq!(
            stats.segments,
            Some(vec![steps(&all, [3, 2, 1, 1, 1]), steps(&professionals, [2, 2, 1, 1, 0])])
        );
        // Everything else is as without them.
        let plain = world.store.message_stats(site, message, NOW).await.unwrap().unwrap();
        assert_eq!(plain, MessageStats { segments: None, ..stats });
    }
    assert_eq!(
        counted(theirs).await.segments,
        Some(vec![steps(&all, [1, 0, 0, 0, 1]), steps(&professionals, [0; 5])])
    );
    // A changed contact counts where it is now, and a deleted one nowhere.
    contact_on_plan(world, site, "3", "pro").await;
    world.store.archive_contact(site, readers[1], NOW).await.unwrap();
    for message in [everyone, named] {
        assert_eq!(
            counted(message).await.segments.unwrap(),
            [steps(&all, [2, 1, 0, 0, 1]), steps(&professionals, [2, 1, 0, 0, 1])]
        );
    }
    let other = world.site("B").await.0;
    assert_eq!(world.store.message_stats_by_segment(other, everyone, NOW).await.unwrap(), None);
}

pub async fn actions_apply_to_segment_messages(world: &TestStore) {
    let (site, _) = world.site("A").await;
    let (pro, free) = (
        contact_on_plan(world, site, "1", "pro").await,
        contact_on_plan(world, site, "2", "free").await,
    );
    let professionals = segment(world, site, Some("pro"), has_plan("pro")).await;
    let ids = [
        publish_to(world, site, &professionals).await,
        publish_to(world, site, &professionals).await,
        publish_to(world, site, &professionals).await,
    ];
    assert_eq!(world.act(site, pro, ReaderAction::Read(vec![ids[0]])).await.unread, 2);
    assert_eq!(world.act(site, pro, ReaderAction::Archive(vec![ids[1]])).await.unread, 1);
    assert_eq!(world.filtered_ids(site, pro, ReaderFilter::Archived).await, [ids[1]]);
    assert_eq!(world.filtered_ids(site, pro, ReaderFilter::Unread).await, [ids[2]]);
    let all = world.try_act(site, pro, ReaderAction::AllRead(None)).await.unwrap();
    assert_eq!((all.counts.unread, all.counts.unseen), (0, 0));
    assert_eq!(world.act(site, pro, ReaderAction::UndoAllRead(all.undo.unwrap())).await.unread, 1);
    assert_eq!(world.act(site, pro, ReaderAction::Delete(vec![ids[2]])).await.unread, 0);
    world.events.take();
    world.act(site, free, ReaderAction::Read(ids.to_vec())).await;
    world.act(site, free, ReaderAction::AllRead(None)).await;
    assert!(world.events.take().is_empty(), "a non-member's action has no effect");
}

pub async fn membership_follows_contact_changes(world: &TestStore) {
    let (site, _) = world.site("A").await;
    let reader = contact_on_plan(world, site, "1", "free").await;
    let professionals = segment(world, site, Some("pro"), has_plan("pro")).await;
    let theirs = publish_to(world, site, &professionals).await;
    assert_eq!(world.list_ids(site, reader, 5, NOW).await, []);
    world.events.take();
    let before = world.counts(site, reader).await.version;
    contact_on_plan(world, site, "1", "pro").await;
    let events = world.events.take();
    assert!(
        matches!(events.as_slice(), [InboxEvent::Invalidated { contact: Some(contact), .. }] if *contact == reader),
        "{events:?}"
    );
    let counts = world.counts(site, reader).await;
    assert_eq!((counts.unread, Some(counts.version)), (1, events[0].version()));
    assert!(counts.version > before);
    assert_eq!(world.list_ids(site, reader, 5, NOW).await, [theirs]);
    contact_on_plan(world, site, "1", "pro").await;
    assert!(world.events.take().is_empty(), "nothing changed");
    contact_on_plan(world, site, "1", "free").await;
    assert_eq!(world.list_ids(site, reader, 5, NOW).await, []);
    assert_eq!(world.unread_and_unseen(site, reader).await, (0, 0));
}

pub async fn changed_rule_applies_to_earlier_messages(world: &TestStore) {
    let (site, _) = world.site("A").await;
    let (pro, free) = (
        contact_on_plan(world, site, "1", "pro").await,
        contact_on_plan(world, site, "2", "free").await,
    );
    let made = segment(world, site, Some("some"), has_plan("pro")).await;
    let unused = segment(world, site, Some("other"), has_plan("pro")).await;
    let sent = publish_to(world, site, &made).await;
    assert_eq!(
        (world.list_ids(site, pro, 5, NOW).await, world.list_ids(site, free, 5, NOW).await),
        (vec![sent], vec![])
    );
    world.events.take();
    world
        .store
        .update_segment(
            site,
            unused.id,
            &segment_draft(Some("other"), has_plan("free"), Vec::new()),
            None,
            NOW,
        )
        .await
        .unwrap()
        .unwrap();
    assert!(world.events.take().is_empty(), "no message is addressed to it");
    let changed = world
        .store
        .update_segment(
            site,
            made.id,
            &segment_draft(Some("free"), has_plan("free"), Vec::new()),
            None,
            after(1),
        )
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (changed.name.as_deref(), changed.created_at, changed.updated_at),
        (Some("free"), NOW, after(1))
    );
    assert!(matches!(
        world.events.take().as_slice(),
        [InboxEvent::Invalidated { contact: None, .. }]
    ));
    assert_eq!(
        (world.list_ids(site, pro, 5, NOW).await, world.list_ids(site, free, 5, NOW).await),
        (vec![], vec![sent])
    );
}

pub async fn change_is_published_with_its_recipients(world: &TestStore) {
    let (site, _) = world.site("A").await;
    let reader = contact_on_plan(world, site, "1", "pro").await;
    let professionals = segment(world, site, Some("pro"), has_plan("pro")).await;
    world.events.take();
    let sent = publish_to(world, site, &professionals).await;
    world
        .store
        .edit_message(
            site,
            sent,
            &MessageEdit { pinned: Some(true), ..MessageEdit::default() },
            NOW,
        )
        .await
        .unwrap();
    world.store.recall_message(site, sent, NOW).await.unwrap();
    let events = world.events.take();
    let reaches: Vec<_> = events
        .iter()
        .filter_map(|change| match change {
            InboxEvent::MessagePublished { recipients, .. }
            | InboxEvent::MessageEdited { recipients, .. }
            | InboxEvent::MessageRemoved { recipients, .. } => Some(recipients.clone()),
            _ => None,
        })
        .collect();
    assert_eq!(reaches.len(), 3);
    assert!(reaches.iter().all(
        |reach| matches!(reach, Recipients::Segment(segment) if segment.id == professionals.id)
    ));
    assert_eq!(
        Some(world.counts(site, reader).await.version),
        events.last().and_then(InboxEvent::version)
    );
    assert_eq!(world.list_ids(site, reader, 5, NOW).await, []);
}

pub async fn list_keeps_contacts_until_erased(world: &TestStore) {
    let (site, _) = world.site("A").await;
    let (one, two) = (world.contact(site, "1").await, world.contact(site, "2").await);
    let listed = segment_draft(None, Condition::Contacts(0), vec![vec![one, two]]);
    let first = world.store.add_segment(site, &listed, NOW).await.unwrap();
    assert_eq!(
        world.store.add_segment(site, &listed, after(9)).await.unwrap(),
        first,
        "equal inline segments are one"
    );
    let sent = publish_to(world, site, &first).await;
    assert_eq!(
        (world.list_ids(site, one, 5, NOW).await, world.list_ids(site, two, 5, NOW).await),
        (vec![sent], vec![sent])
    );
    assert!(world.store.delete_contact(site, one, NOW).await.unwrap());
    assert_eq!(world.backend.find_traces(site, one).await, 0);
    assert_eq!(
        world.store.segment(site, first.id).await.unwrap().unwrap().rule.lists(),
        [vec![two]]
    );
    assert_eq!(world.list_ids(site, two, 5, NOW).await, [sent]);
}

/// Its members are written in parts.
pub async fn long_list_is_stored_atomically(world: &TestStore) {
    let (site, _) = world.site("A").await;
    let mut all = Vec::new();
    for number in 0..300 {
        all.push(world.contact(site, &number.to_string()).await);
    }
    let (first, last) = (all[0], all[299]);
    let listed = |name, contacts: &[ContactId]| {
        segment_draft(name, Condition::Contacts(0), vec![contacts.to_vec()])
    };
    let stored =
        async |segment: &Segment| world.store.segment(site, segment.id).await.unwrap().unwrap();
    let made = world.store.add_segment(site, &listed(Some("all"), &all), NOW).await.unwrap();
    assert_eq!(stored(&made).await, made);
    assert_eq!(made.rule.lists(), [all.clone()]);
    let sent = publish_to(world, site, &made).await;
    assert_eq!(world.list_ids(site, last, 5, NOW).await, [sent]);
    // Of other contacts, of none by name, and of two lists.
    let two = Condition::Any(vec![Condition::Contacts(0), Condition::Contacts(1)]);
    let two = segment_draft(Some("two"), two, vec![all[1..].to_vec(), vec![first, last]]);
    let changes = [
        (listed(Some("fewer"), &all[..200]), [true, false]),
        (segment_draft(Some("none"), has_plan("pro"), Vec::new()), [false; 2]),
        (two, [true; 2]),
    ];
    for (draft, are_members) in changes {
        let updated = world
            .store
            .update_segment(site, made.id, &draft, None, after(1))
            .await
            .unwrap()
            .unwrap();
        assert_eq!(stored(&made).await, updated);
        assert_eq!((updated.name, updated.rule), (draft.name, draft.rule));
        for (reader, is_member) in [first, last].into_iter().zip(are_members) {
            assert_eq!(world.list_ids(site, reader, 5, NOW).await.len(), usize::from(is_member));
        }
    }
    // A failed creation leaves nothing visible, and neither does a failed change.
    let before = stored(&made).await;
    let other = world.store.add_segment(site, &listed(Some("other"), &[first]), NOW).await.unwrap();
    assert!(matches!(
        world.store.add_segment(site, &listed(Some("two"), &all), NOW).await,
        Err(StoreError::Conflict(_))
    ));
    let renamed =
        world.store.update_segment(site, other.id, &listed(Some("two"), &all), None, NOW).await;
    assert!(matches!(renamed, Err(StoreError::Conflict(_))), "{renamed:?}");
    assert_eq!(world.store.segments(site, None, 9).await.unwrap(), [other.clone(), before]);
    let longer = world
        .store
        .update_segment(site, other.id, &listed(Some("other"), &all), Some(&other.revision()), NOW)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(stored(&other).await, longer);
    // An equal inline segment is the same segment.
    let described = [
        world.store.add_segment(site, &listed(None, &all), NOW).await,
        world.store.add_segment(site, &listed(None, &all), NOW).await,
    ];
    let [one, again] = described.map(Result::unwrap);
    assert_eq!((one.id, stored(&one).await), (again.id, again));
}

/// Nothing is written between the two reads.
pub async fn membership_follows_time(world: &TestStore) {
    const DAY: u64 = 86_400;
    let (site, _) = world.site("A").await;
    let reader = world.contact(site, "1").await;
    let new = segment(world, site, None, Condition::CreatedAt(TimeTest::WithinDays(2))).await;
    let old = segment(
        world,
        site,
        None,
        Condition::Not(Box::new(Condition::CreatedAt(TimeTest::WithinDays(2)))),
    )
    .await;
    let (to_new, to_old) =
        (publish_to(world, site, &new).await, publish_to(world, site, &old).await);
    for (seconds, expected) in
        [(0, to_new), (2 * DAY, to_new), (2 * DAY + 1, to_old), (9 * DAY, to_old), (DAY, to_new)]
    {
        assert_eq!(world.list_ids(site, reader, 5, after(seconds)).await, [expected], "{seconds}");
        let marked = world
            .store
            .apply_reader_action(
                site,
                reader,
                &ReaderAction::Unread(vec![to_new, to_old]),
                after(seconds),
            )
            .await
            .unwrap()
            .unwrap();
        assert_eq!(marked.counts.unread, 1, "{seconds}");
    }
}

pub async fn reader_in_many_segments_sees_no_duplicates(world: &TestStore) {
    let (site, _) = world.site("A").await;
    let reader = contact_on_plan(world, site, "1", "pro").await;
    let mut sent = Vec::new();
    for number in 0..20 {
        let other = has_plan(&number.to_string());
        let segment = segment(world, site, None, Condition::Not(Box::new(other))).await;
        sent.push(publish_to(world, site, &segment).await);
    }
    sent.reverse();
    assert_eq!(world.list_ids(site, reader, 3, NOW).await, sent);
    assert_eq!(world.unread_and_unseen(site, reader).await, (20, 20));
    for filter in ReaderFilter::EACH {
        let page = world
            .store
            .page(site, reader, ReaderPageRequest { filter, before: None, limit: 50 }, NOW)
            .await
            .unwrap();
        assert_eq!(page.counts.unread, 20, "{filter}");
    }
    assert_eq!(world.act(site, reader, ReaderAction::Read(sent.clone())).await.unread, 0);
}

pub async fn segments_are_scoped_to_their_site(world: &TestStore) {
    let ((a, _), (b, _)) = (world.site("A").await, world.site("B").await);
    let (of_a, of_b) =
        (contact_on_plan(world, a, "1", "pro").await, contact_on_plan(world, b, "1", "pro").await);
    let made = segment(world, a, Some("pro"), has_plan("pro")).await;
    let sent = publish_to(world, a, &made).await;
    assert_eq!(
        (world.list_ids(a, of_a, 5, NOW).await, world.list_ids(b, of_b, 5, NOW).await),
        (vec![sent], vec![])
    );
    assert_eq!(world.store.segment(b, made.id).await.unwrap(), None);
    assert_eq!(world.store.segment_by_name(b, "pro").await.unwrap(), None);
    assert_eq!(world.store.segments(b, None, 9).await.unwrap(), []);
    assert_eq!(
        world.store.delete_segment(b, made.id).await.unwrap(),
        DeleteSegmentOutcome::Unknown
    );
    assert_eq!(
        world
            .store
            .update_segment(
                b,
                made.id,
                &segment_draft(Some("x"), has_plan("free"), Vec::new()),
                None,
                NOW
            )
            .await
            .unwrap(),
        None
    );
    assert!(
        world
            .store
            .contacts_after(b, ContactId(0), 9)
            .await
            .unwrap()
            .iter()
            .all(|contact| contact.id == of_b)
    );
    // The same name and id is another segment there, with its own messages.
    let theirs = segment(world, b, Some("pro"), has_plan("pro")).await;
    assert_eq!(theirs.id, made.id);
    let other = publish_to(world, b, &theirs).await;
    assert_eq!(
        (world.list_ids(a, of_a, 5, NOW).await, world.list_ids(b, of_b, 5, NOW).await),
        (vec![sent], vec![other])
    );
}
