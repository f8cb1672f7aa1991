//! Random sequences of events against a model that is simple enough to be obviously correct.

mod event;
mod message;

use super::{
    segments::segment_draft,
    test_store::{NOW, TestStore, contact_draft},
};
use belfry_domain::{
    ActionOutcome, AttributeTest, Condition, ContactId, HistoryPolicy, InboxEvent, MessageAudience,
    MessageId, Position, ReaderAction, ReaderActionKind, ReaderFilter, SiteId, SiteSettings,
    Timestamp,
};
use event::{Event, event};
use message::ModelMessage;
use proptest::prelude::*;
use std::{collections::BTreeSet, time::Duration};
use tokio::{runtime::Handle, task::block_in_place};

const READERS: usize = 3;
/// More than fit one part of a fan-out.
const EXTRA_CONTACTS: usize = 60;
const CATEGORIES: [&str; 2] = ["news", "offers"];

/// An "all read": its number, and the messages that it read and that nothing has marked since.
type Epoch = (i64, BTreeSet<MessageId>);

struct ModelRun<'w> {
    world: &'w TestStore,
    site: SiteId,
    readers: Vec<ContactId>,
    /// Other contacts whom some messages name besides the readers.
    crowd: Vec<ContactId>,
    epochs: Vec<Vec<Epoch>>,
    /// Whether the last epoch of a reader can be undone.
    undoable: Vec<bool>,
    mutes: Vec<BTreeSet<&'static str>>,
    sent: Vec<ModelMessage>,
    visible: usize,
    now: Timestamp,
}

/// The contact at an index.
async fn contact_in_seat(world: &TestStore, site: SiteId, seat: usize) -> ContactId {
    let mut contact = contact_draft(Some(&seat.to_string()), None, None);
    contact.attributes.insert("seat".to_owned(), seat.into());
    world.store.upsert_contact(site, &contact, NOW).await.unwrap()
}

impl<'w> ModelRun<'w> {
    async fn new(world: &'w TestStore) -> Self {
        let (site, _) = world.site("model").await;
        // Everything is unread for a new contact, so that each read message was read by an action.
        let settings = SiteSettings::default().with_history(HistoryPolicy::Unread);
        world.store.update_settings(site, &settings).await.unwrap();
        let mut readers = Vec::new();
        for seat in 0..READERS {
            readers.push(contact_in_seat(world, site, seat).await);
        }
        let mut crowd = Vec::new();
        for number in 0..EXTRA_CONTACTS {
            crowd.push(world.contact(site, &format!("crowd {number}")).await);
        }
        let (epochs, undoable, mutes) =
            (vec![Vec::new(); READERS], vec![false; READERS], vec![BTreeSet::new(); READERS]);
        Self {
            world,
            site,
            readers,
            crowd,
            epochs,
            undoable,
            mutes,
            sent: Vec::new(),
            visible: 0,
            now: NOW,
        }
    }

    /// The message followed by `back` others, if there are as many.
    fn recent(&mut self, back: usize) -> Option<&mut ModelMessage> {
        self.sent.iter_mut().rev().nth(back)
    }

    async fn run(&mut self, event: Event) {
        match event {
            Event::Publish { to, segment, is_crowded, pinned, publish_at, lifetime, category } => {
                self.publish(to, (segment, is_crowded, pinned), (publish_at, lifetime), category)
                    .await;
            }
            Event::Mute(reader, categories) => self.mute(reader, categories).await,
            Event::Seen(reader, until) => {
                let (position, turn) = self.cutoff(until).await;
                self.mark(reader, ReaderAction::Seen(position)).await;
                for sent in self.passed_messages(reader, turn) {
                    sent.seen.insert(reader);
                }
            }
            Event::Delivered(reader, until) => {
                let (position, turn) = self.cutoff(until).await;
                self.mark(reader, ReaderAction::Delivered(position.unwrap_or(Position::MAX))).await;
                for sent in self.passed_messages(reader, turn) {
                    sent.delivered.insert(reader);
                }
            }
            Event::AllRead(reader, until) => self.all_read(reader, until).await,
            Event::UndoAllRead(reader, back) => self.undo_all_read(reader, back).await,
            Event::Action(reader, verb, back) => self.apply_named(reader, verb, &back).await,
            Event::Clicked(reader, back) => {
                let Some(id) = self.recent(back).map(|sent| sent.id) else { return };
                self.mark(reader, ReaderAction::Clicked(id)).await;
                self.change(reader, ReaderActionKind::Read, &BTreeSet::from([id]));
                for sent in self
                    .reached(reader, usize::MAX)
                    .filter(|sent| sent.id == id && !sent.deleted.contains(&reader))
                {
                    sent.clicked.insert(reader);
                }
                // It was opened, whatever had marked it as read before.
                if let Some((_, by_epoch)) = self.epochs[reader].last_mut()
                    && self.sent.iter().any(|sent| {
                        sent.id == id
                            && sent.visible(reader, self.now)
                            && !sent.deleted.contains(&reader)
                    })
                {
                    by_epoch.remove(&id);
                }
            }
            Event::Recall(back) => {
                // Actions at the same millisecond would count as earlier.
                self.now = self.now.plus(Duration::from_millis(1));
                let Some(sent) = self.recent(back) else { return };
                let (id, first) = (sent.id, !std::mem::replace(&mut sent.recalled, true));
                assert_eq!(
                    self.world.store.recall_message(self.site, id, self.now).await.unwrap(),
                    first
                );
            }
            Event::Wait(seconds) => self.now = self.now.plus(Duration::from_secs(seconds)),
            Event::Advance => self.advance().await,
            Event::Erase(reader) => self.erase(reader).await,
        }
    }

    async fn mute(&mut self, reader: usize, categories: BTreeSet<&'static str>) {
        let names: Vec<_> = categories.iter().map(|name| (*name).to_owned()).collect();
        assert!(
            self.world
                .store
                .set_mutes(self.site, self.readers[reader], &names, self.now)
                .await
                .unwrap()
        );
        for sent in &mut self.sent {
            if sent.category.is_some_and(|category| categories.contains(category)) {
                sent.muted.insert(reader)
            } else {
                sent.muted.remove(&reader)
            };
        }
        self.mutes[reader] = categories;
    }

    async fn publish(
        &mut self,
        to: Option<BTreeSet<usize>>,
        (segment, crowded, pinned): (bool, bool, bool),
        (starts, lasts): (Option<u64>, Option<u64>),
        category: Option<&'static str>,
    ) {
        let mut audience = to.as_ref().map_or(MessageAudience::Everyone, |to| {
            MessageAudience::Contacts(to.iter().map(|seat| self.readers[*seat]).collect())
        });
        if let Some(to) = to.as_ref().filter(|_| segment) {
            let seats = AttributeTest::In(to.iter().map(|seat| (*seat).into()).collect());
            let rule = segment_draft(
                None,
                Condition::Attribute { path: "seat".to_owned(), test: seats },
                Vec::new(),
            );
            let segment = self.world.store.add_segment(self.site, &rule, self.now).await.unwrap();
            audience = MessageAudience::Segment(segment.id);
        }
        let crowd: &[ContactId] =
            if crowded && !segment && to.is_some() { &self.crowd } else { &[] };
        if let MessageAudience::Contacts(contacts) = &mut audience {
            contacts.extend_from_slice(crowd);
        }
        let crowd = crowd.len();
        let mut message = self.world.message_to(self.site, audience);
        message.pinned = pinned;
        message.category = category.map(str::to_owned);
        message.publish_at = self.now.plus(Duration::from_secs(starts.unwrap_or(0)));
        message.expires_at =
            lasts.map(|seconds| message.publish_at.plus(Duration::from_secs(seconds)));
        self.world.publish_at(&message, self.now).await;
        let is_shown = starts.is_none().then_some(self.visible);
        self.visible += usize::from(starts.is_none());
        let (publish_at, expires_at) = (message.publish_at, message.expires_at);
        let [read, seen, archived, deleted, delivered, clicked] = [const { BTreeSet::new() }; 6];
        let muted = (0..READERS)
            .filter(|reader| {
                category.is_some_and(|category| self.mutes[*reader].contains(category))
            })
            .collect();
        self.sent.push(ModelMessage {
            id: message.id,
            to,
            segment,
            crowd,
            pinned,
            publish_at,
            expires_at,
            recalled: false,
            is_shown,
            read,
            seen,
            archived,
            deleted,
            delivered,
            clicked,
            category,
            muted,
        });
    }

    async fn mark(&self, reader: usize, action: ReaderAction) -> Option<ActionOutcome> {
        self.world
            .store
            .apply_reader_action(self.site, self.readers[reader], &action, self.now)
            .await
            .unwrap()
    }

    /// A position to mark up to, and the number of shown messages that it covers.
    async fn cutoff(&mut self, until: Option<usize>) -> (Option<Position>, usize) {
        let Some(back) = until else { return (None, usize::MAX) };
        let Some((id, shown, crowd)) =
            self.recent(back).map(|sent| (sent.id, sent.is_shown, sent.crowd))
        else {
            return (Some(Position::UNPUBLISHED), 0);
        };
        if crowd == 0 {
            let position = self.world.store.message(self.site, id).await.unwrap().unwrap().position;
            return (Some(position), shown.map_or(0, |turn| turn + 1));
        }
        // Each part of its contacts has it at its own position. None can be named once it has
        // expired.
        let mut last = None;
        for contact in self.readers.iter().chain(self.crowd.last()) {
            let item = self.world.store.item(self.site, *contact, id, self.now).await.unwrap();
            last = last.max(item.map(|item| item.message.position));
        }
        (
            Some(last.unwrap_or_default()),
            if last.is_some() { shown.map_or(0, |turn| turn + 1) } else { 0 },
        )
    }

    /// The messages visible to a reader among the first `turns` shown ones.
    fn reached(&mut self, reader: usize, turns: usize) -> impl Iterator<Item = &mut ModelMessage> {
        let now = self.now;
        self.sent.iter_mut().filter(move |sent| {
            sent.visible(reader, now) && sent.is_shown.is_some_and(|turn| turn < turns)
        })
    }

    /// The messages that a watermark up to the newest visible of the first `turns` covers: muted
    /// ones below it as well.
    fn passed_messages(
        &mut self,
        reader: usize,
        turns: usize,
    ) -> impl Iterator<Item = &mut ModelMessage> {
        let newest = self.reached(reader, turns).filter_map(|sent| sent.is_shown).max();
        let now = self.now;
        self.sent.iter_mut().filter(move |sent| {
            sent.is_for(reader, now)
                && sent.is_shown.is_some_and(|turn| newest.is_some_and(|newest| turn <= newest))
        })
    }

    async fn all_read(&mut self, reader: usize, until: Option<usize>) {
        let (position, turns) = self.cutoff(until).await;
        let undo = self.mark(reader, ReaderAction::AllRead(position)).await.unwrap().undo;
        let mut newly = BTreeSet::new();
        for sent in self.passed_messages(reader, turns) {
            sent.seen.insert(reader);
            if sent.read.insert(reader) {
                newly.insert(sent.id);
            }
        }
        assert!(undo.is_some() || newly.is_empty());
        if let Some(number) = undo {
            self.epochs[reader].push((number, newly));
            self.undoable[reader] = true;
        }
    }

    async fn undo_all_read(&mut self, reader: usize, back: usize) {
        let number = self.epochs[reader].iter().rev().nth(back).map_or(0, |epoch| epoch.0);
        let possible = back == 0 && std::mem::take(&mut self.undoable[reader]);
        assert_eq!(self.mark(reader, ReaderAction::UndoAllRead(number)).await.is_some(), possible);
        if possible {
            let (_, newly) = self.epochs[reader].pop().unwrap();
            for sent in self.sent.iter_mut().filter(|sent| newly.contains(&sent.id)) {
                sent.read.remove(&reader);
            }
        }
    }

    async fn apply_named(&mut self, reader: usize, action: ReaderActionKind, back: &[usize]) {
        let ids: Vec<_> =
            back.iter().filter_map(|back| self.recent(*back).map(|sent| sent.id)).collect();
        self.world.events.take();
        let mark = match action {
            ReaderActionKind::Read => ReaderAction::Read(ids.clone()),
            ReaderActionKind::Unread => ReaderAction::Unread(ids.clone()),
            ReaderActionKind::Archive => ReaderAction::Archive(ids.clone()),
            ReaderActionKind::Delete => ReaderAction::Delete(ids.clone()),
            ReaderActionKind::Undelete => ReaderAction::Undelete(ids.clone()),
            _ => ReaderAction::Restore(ids.clone()),
        };
        self.mark(reader, mark).await;
        let changed = self.change(reader, action, &ids.into_iter().collect());
        match self.world.events.take().as_slice() {
            [] => assert_eq!(changed, BTreeSet::new(), "{action:?}"),
            [InboxEvent::ReaderActed { action: told, messages, .. }] => {
                assert_eq!((*told, messages.iter().copied().collect()), (action, changed));
            }
            other => panic!("{other:?}"),
        }
    }

    /// Applies it and returns the messages that changed.
    fn change(
        &mut self,
        reader: usize,
        action: ReaderActionKind,
        ids: &BTreeSet<MessageId>,
    ) -> BTreeSet<MessageId> {
        let changed = self.reached(reader, usize::MAX).filter(|sent| ids.contains(&sent.id));
        let changed: BTreeSet<_> =
            changed.filter_map(|sent| sent.change(reader, action).then_some(sent.id)).collect();
        if matches!(action, ReaderActionKind::Read | ReaderActionKind::Unread) {
            for (_, by_epoch) in &mut self.epochs[reader] {
                by_epoch.retain(|id| !changed.contains(id));
            }
        }
        changed
    }

    async fn advance(&mut self) {
        while self.world.store.advance(self.now).await.unwrap().is_some_and(|next| next <= self.now)
        {
        }
        let now = self.now;
        let mut due: Vec<_> = self
            .sent
            .iter_mut()
            .filter(|sent| sent.is_shown.is_none() && !sent.recalled && sent.publish_at <= now)
            .collect();
        // Those with a fan-out reach their contacts after the others.
        due.sort_by_key(|sent| (sent.crowd > 0, sent.publish_at));
        for sent in due.into_iter().filter(|sent| sent.expires_at.is_none_or(|end| end > now)) {
            sent.is_shown = Some(self.visible);
            self.visible += 1;
        }
    }

    /// Replaces the contact at the index: the new one has nothing of the previous one.
    async fn erase(&mut self, reader: usize) {
        assert!(
            self.world.store.delete_contact(self.site, self.readers[reader], NOW).await.unwrap()
        );
        assert_eq!(self.world.backend.find_traces(self.site, self.readers[reader]).await, 0);
        self.readers[reader] = contact_in_seat(self.world, self.site, reader).await;
        (self.epochs[reader], self.undoable[reader], self.mutes[reader]) =
            (Vec::new(), false, BTreeSet::new());
        for sent in &mut self.sent {
            for done in [
                &mut sent.read,
                &mut sent.seen,
                &mut sent.archived,
                &mut sent.deleted,
                &mut sent.delivered,
                &mut sent.clicked,
                &mut sent.muted,
            ] {
                done.remove(&reader);
            }
            // Named audiences refer to the index.
            if let Some(to) = sent.to.as_mut().filter(|_| !sent.segment) {
                to.remove(&reader);
            }
        }
        for sent in self.sent.extract_if(.., |sent| {
            sent.crowd == 0 && sent.to.as_ref().is_some_and(BTreeSet::is_empty)
        }) {
            assert_eq!(self.world.store.message(self.site, sent.id).await.unwrap(), None);
        }
    }

    async fn check_lists(&self, last: &Event) {
        for (seat, contact) in self.readers.iter().enumerate() {
            let visible = || self.sent.iter().filter(|sent| sent.visible(seat, self.now));
            let unread = || visible().filter(|sent| sent.passes(seat, ReaderFilter::Unread));
            let counts = self.world.store.counts(self.site, *contact, self.now).await.unwrap();
            let unseen = unread().filter(|sent| !sent.seen.contains(&seat)).count();
            assert_eq!(
                (counts.unread as usize, counts.unseen as usize),
                (unread().count(), unseen),
                "reader {seat} after {last:?}"
            );
            for filter in ReaderFilter::EACH {
                let mut expected: Vec<_> =
                    visible().filter(|sent| sent.passes(seat, filter)).collect();
                expected.sort_by_key(|sent| {
                    std::cmp::Reverse((
                        sent.pinned && filter != ReaderFilter::Archived,
                        sent.is_shown,
                    ))
                });
                let expected: Vec<_> =
                    expected.into_iter().map(|sent| sent.as_item(seat)).collect();
                let listed = self.world.all_items(self.site, *contact, filter, 3, self.now).await;
                let listed: Vec<_> = listed
                    .into_iter()
                    .map(|item| (item.message.id, item.is_read, item.is_archived))
                    .collect();
                assert_eq!(listed, expected, "{filter} of reader {seat} after {last:?}");
            }
        }
    }

    /// The statistics of each message match the readers' actions.
    async fn check_funnels(&self) {
        for (index, sent) in self.sent.iter().enumerate() {
            let stats =
                self.world.store.message_stats(self.site, sent.id, NOW).await.unwrap().unwrap();
            assert_eq!(stats.total, sent.funnel(READERS + EXTRA_CONTACTS), "message {index}");
            assert_eq!(
                stats
                    .series
                    .values()
                    .map(|step| (step.reached, step.read))
                    .fold((0, 0), |all, step| (all.0 + step.0, all.1 + step.1)),
                (stats.total.reached, stats.total.read)
            );
        }
    }

    /// A single message equals its list item.
    async fn check_messages(&self) {
        for (seat, contact) in self.readers.iter().enumerate() {
            for sent in &self.sent {
                let item =
                    self.world.store.item(self.site, *contact, sent.id, self.now).await.unwrap();
                let expected = (sent.visible(seat, self.now) && !sent.deleted.contains(&seat))
                    .then(|| sent.as_item(seat));
                assert_eq!(
                    item.map(|item| (item.message.id, item.is_read, item.is_archived)),
                    expected,
                    "reader {seat}"
                );
            }
        }
    }
}

pub async fn store_agrees_with_a_simple_model(world: &TestStore) {
    let mut runner = belfry_testing::runner(48, file!());
    let courses = prop::collection::vec(event(), 1..60);
    let outcome = runner.run(&courses, |events| {
        block_in_place(|| {
            Handle::current().block_on(async {
                // A site of its own for each run, so that earlier runs do not matter.
                let mut course = ModelRun::new(world).await;
                for event in events {
                    course.run(event.clone()).await;
                    while world.store.fan_out(course.now).await.unwrap() {}
                    course.check_lists(&event).await;
                }
                course.check_messages().await;
                course.check_funnels().await;
            });
        });
        Ok(())
    });
    if let Err(failure) = outcome {
        panic!("{failure}");
    }
}
