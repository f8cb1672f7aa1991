//! Any course of events against a model so simple that it is obviously right.

use super::world::{NOW, World};
use crate::domain::{ContactId, Mark, MessageId, SiteId, Tally, Timestamp};
use proptest::{
    prelude::*,
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};
use std::{collections::BTreeSet, time::Duration};
use tokio::{runtime::Handle, task::block_in_place};

const READERS: usize = 3;

/// Something that happens. Messages are meant by how many came after them, readers by their seat.
#[derive(Debug, Clone)]
enum Event {
    Publish { to: Option<BTreeSet<usize>>, pinned: bool, starts: Option<u64>, lasts: Option<u64> },
    Seen(usize),
    Read(usize, Vec<usize>),
    AllRead(usize),
    Clicked(usize, usize),
    Recall(usize),
    Wait(u64),
    Advance,
    Erase(usize),
}

fn event() -> impl Strategy<Value = Event> {
    let to = prop_oneof![Just(None), prop::collection::btree_set(0..READERS, 1..=READERS).prop_map(Some)];
    let publish = (to, prop::bool::weighted(0.2), prop::option::weighted(0.2, 1_u64..30), prop::option::weighted(0.3, 1_u64..40))
        .prop_map(|(to, pinned, starts, lasts)| Event::Publish { to, pinned, starts, lasts });
    prop_oneof![
        8 => publish,
        2 => (0..READERS).prop_map(Event::Seen),
        4 => (0..READERS, prop::collection::vec(0..8_usize, 1..4)).prop_map(|(reader, messages)| Event::Read(reader, messages)),
        1 => (0..READERS).prop_map(Event::AllRead),
        2 => (0..READERS, 0..8_usize).prop_map(|(reader, message)| Event::Clicked(reader, message)),
        1 => (0..6_usize).prop_map(Event::Recall),
        3 => (1_u64..15).prop_map(Event::Wait),
        3 => Just(Event::Advance),
        1 => (0..READERS).prop_map(Event::Erase),
    ]
}

#[derive(Debug)]
struct Sent {
    id: MessageId,
    to: Option<BTreeSet<usize>>,
    pinned: bool,
    publish_at: Timestamp,
    expires_at: Option<Timestamp>,
    recalled: bool,
    /// Its turn among those that were shown.
    shown: Option<usize>,
    read: BTreeSet<usize>,
    seen: BTreeSet<usize>,
}

impl Sent {
    fn visible(&self, reader: usize, now: Timestamp) -> bool {
        self.shown.is_some()
            && !self.recalled
            && self.expires_at.is_none_or(|end| end > now)
            && self.to.as_ref().is_none_or(|to| to.contains(&reader))
    }
}

struct Course<'w> {
    world: &'w World,
    site: SiteId,
    readers: Vec<ContactId>,
    sent: Vec<Sent>,
    shown: usize,
    now: Timestamp,
}

impl<'w> Course<'w> {
    async fn new(world: &'w World) -> Self {
        let (site, _) = world.site("model").await;
        let mut readers = Vec::new();
        for seat in 0..READERS {
            readers.push(world.contact(site, &seat.to_string()).await);
        }
        Self { world, site, readers, sent: Vec::new(), shown: 0, now: NOW }
    }

    /// The message that so many came after, if there are as many.
    fn recent(&mut self, back: usize) -> Option<&mut Sent> {
        self.sent.iter_mut().rev().nth(back)
    }

    async fn run(&mut self, event: Event) {
        match event {
            Event::Publish { to, pinned, starts, lasts } => self.publish(to, pinned, starts, lasts).await,
            Event::Seen(reader) => {
                self.mark(reader, Mark::Seen).await;
                self.each_visible(reader, |sent| {
                    sent.seen.insert(reader);
                });
            }
            Event::AllRead(reader) => {
                self.mark(reader, Mark::AllRead).await;
                self.each_visible(reader, |sent| {
                    sent.read.insert(reader);
                    sent.seen.insert(reader);
                });
            }
            Event::Read(reader, back) => {
                let ids: Vec<_> = back.iter().filter_map(|back| self.recent(*back).map(|sent| sent.id)).collect();
                self.mark(reader, Mark::Read(ids.clone())).await;
                self.read(reader, &ids);
            }
            Event::Clicked(reader, back) => {
                let Some(id) = self.recent(back).map(|sent| sent.id) else { return };
                self.mark(reader, Mark::Clicked(id)).await;
                self.read(reader, &[id]);
            }
            Event::Recall(back) => {
                let Some(sent) = self.recent(back) else { return };
                let (id, first) = (sent.id, !std::mem::replace(&mut sent.recalled, true));
                assert_eq!(self.world.store.recall_message(self.site, id, self.now).await.unwrap(), first);
            }
            Event::Wait(seconds) => self.now = self.now.plus(Duration::from_secs(seconds)),
            Event::Advance => self.advance().await,
            Event::Erase(reader) => self.erase(reader).await,
        }
    }

    async fn publish(&mut self, to: Option<BTreeSet<usize>>, pinned: bool, starts: Option<u64>, lasts: Option<u64>) {
        let contacts: Option<Vec<_>> = to.as_ref().map(|to| to.iter().map(|seat| self.readers[*seat]).collect());
        let mut message = self.world.message(self.site, contacts.as_deref());
        message.pinned = pinned;
        message.publish_at = self.now.plus(Duration::from_secs(starts.unwrap_or(0)));
        message.expires_at = lasts.map(|seconds| message.publish_at.plus(Duration::from_secs(seconds)));
        self.world.publish_at(&message, self.now).await;
        let shown = starts.is_none().then_some(self.shown);
        self.shown += usize::from(starts.is_none());
        let (publish_at, expires_at) = (message.publish_at, message.expires_at);
        let (read, seen) = (BTreeSet::new(), BTreeSet::new());
        self.sent.push(Sent { id: message.id, to, pinned, publish_at, expires_at, recalled: false, shown, read, seen });
    }

    async fn mark(&self, reader: usize, mark: Mark) -> Tally {
        self.world.store.mark(self.site, self.readers[reader], &mark, self.now).await.unwrap()
    }

    fn each_visible(&mut self, reader: usize, change: impl Fn(&mut Sent)) {
        let now = self.now;
        self.sent.iter_mut().filter(|sent| sent.visible(reader, now)).for_each(change);
    }

    fn read(&mut self, reader: usize, ids: &[MessageId]) {
        self.each_visible(reader, |sent| {
            if ids.contains(&sent.id) {
                sent.read.insert(reader);
            }
        });
    }

    async fn advance(&mut self) {
        while self.world.store.advance(self.now).await.unwrap().is_some_and(|next| next <= self.now) {}
        let now = self.now;
        let mut due: Vec<_> = self.sent.iter_mut().filter(|sent| sent.shown.is_none() && !sent.recalled && sent.publish_at <= now).collect();
        due.sort_by_key(|sent| sent.publish_at);
        for sent in due.into_iter().filter(|sent| sent.expires_at.is_none_or(|end| end > now)) {
            sent.shown = Some(self.shown);
            self.shown += 1;
        }
    }

    /// Another person takes the seat: nothing of the former one is theirs.
    async fn erase(&mut self, reader: usize) {
        assert!(self.world.store.delete_contact(self.site, self.readers[reader]).await.unwrap());
        assert_eq!(self.world.backend.traces(self.site, self.readers[reader]).await, 0);
        self.readers[reader] = self.world.contact(self.site, &reader.to_string()).await;
        for sent in &mut self.sent {
            sent.read.remove(&reader);
            sent.seen.remove(&reader);
            if let Some(to) = &mut sent.to {
                to.remove(&reader);
            }
        }
        for sent in self.sent.extract_if(.., |sent| sent.to.as_ref().is_some_and(BTreeSet::is_empty)) {
            assert_eq!(self.world.store.message(self.site, sent.id).await.unwrap(), None);
        }
    }

    async fn agree(&self, last: &Event) {
        for (seat, contact) in self.readers.iter().enumerate() {
            let mut visible: Vec<_> = self.sent.iter().filter(|sent| sent.visible(seat, self.now)).collect();
            visible.sort_by_key(|sent| std::cmp::Reverse((sent.pinned, sent.shown)));
            let expected: Vec<_> = visible.iter().map(|sent| (sent.id, sent.read.contains(&seat))).collect();
            let unread = visible.iter().filter(|sent| !sent.read.contains(&seat));
            let unseen = unread.clone().filter(|sent| !sent.seen.contains(&seat));
            let (mut listed, mut before) = (Vec::new(), None);
            loop {
                let request = crate::domain::PageRequest { before, limit: 3 };
                let page = self.world.store.page(self.site, *contact, request, self.now).await.unwrap();
                listed.extend(page.items.iter().map(|item| (item.message.id, item.read)));
                let tally = (page.tally.unread as usize, page.tally.unseen as usize);
                assert_eq!(tally, (unread.clone().count(), unseen.clone().count()), "reader {seat} after {last:?}");
                before = page.next;
                if before.is_none() {
                    break;
                }
            }
            assert_eq!(listed, expected, "reader {seat} after {last:?}");
        }
    }
}

pub async fn any_course_of_events_agrees_with_a_naive_model(world: &World) {
    let config = Config { cases: 48, failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let courses = prop::collection::vec(event(), 1..60);
    let outcome = runner.run(&courses, |events| {
        block_in_place(|| {
            Handle::current().block_on(async {
                // A site of its own for each course: what came before must not matter.
                let mut course = Course::new(world).await;
                for event in events {
                    course.run(event.clone()).await;
                    course.agree(&event).await;
                }
            });
        });
        Ok(())
    });
    if let Err(failure) = outcome {
        panic!("{failure}");
    }
}
