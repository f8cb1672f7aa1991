//! A database of a given size, the objects measured in it, and the cost of each measured call.

use super::{counter::CountedDatabase, dataset};
use crate::{
    PublishOutcome, Result,
    contract::test_store::{NOW, TestStore, contact_draft},
    postgres::testing::{Recorded, Recording},
};
use belfry_domain::{
    ApiKey, ContactId, Digest, KeyId, Message, MessageAudience, MessageId, Scopes, SiteId,
    Timestamp,
};
use std::{cell::RefCell, collections::BTreeMap, fmt::Debug, future::Future};

#[derive(Debug, Clone, Copy)]
pub struct Cost {
    /// Virtual machine operations of all connections.
    pub steps: f64,
    /// Those of the writer connection, which all other writes wait for.
    pub writer_steps: f64,
    /// Rows inserted, changed or deleted.
    pub rows: f64,
}

/// The cost as counted, before division or subtraction.
#[derive(Debug, Clone, Copy, Default)]
struct RawCost {
    steps: u64,
    writer_steps: u64,
    rows: u64,
}

/// What a measured call costs of what it does.
#[derive(Debug, Clone)]
pub enum Share {
    /// This part of it.
    Each(usize),
    /// What this other call does not do.
    Beyond(String),
}

/// The statements of a measured call, or of what prepares the next one.
pub struct Request {
    pub measured: Option<(String, Share)>,
    pub statements: Vec<Recorded>,
}

pub struct Scenario {
    pub world: TestStore,
    pub database: CountedDatabase,
    /// The measured site, which has most of the rows.
    pub site: SiteId,
    /// A site of the same size in both databases.
    pub small_site: SiteId,
    pub key: ApiKey,
    pub reader: ContactId,
    costs: RefCell<BTreeMap<String, Cost>>,
    database_counters: RefCell<BTreeMap<String, RawCost>>,
    /// On a server.
    recording: Option<Recording>,
    requests: RefCell<Vec<Request>>,
}

impl Scenario {
    pub async fn new(factor: i64) -> Self {
        let database = CountedDatabase::new();
        dataset::fill(&database.options(), factor).await;
        Self::on(database, None).await
    }

    /// In a database with the data set.
    pub async fn on(database: CountedDatabase, recording: Option<Recording>) -> Self {
        let world = TestStore::new(database.clone()).await;
        let (site, small_site) = (dataset::site(), dataset::small_site());
        let key = Self::key_of(site, dataset::KEY);
        let reader = world
            .store
            .upsert_contact(
                site,
                &contact_draft(Some("reader"), Some("reader@shop.example"), None),
                NOW,
            )
            .await
            .unwrap();
        database.execute(dataset::up_to_date(reader)).await;
        Self {
            world,
            database,
            site,
            small_site,
            key,
            reader,
            costs: RefCell::default(),
            database_counters: RefCell::default(),
            recording,
            requests: RefCell::default(),
        }
    }

    /// Ends a request: what was recorded since the last one.
    fn end_request(&self, measured: Option<(String, Share)>) {
        if let Some(recording) = &self.recording {
            let statements = recording.take();
            self.requests.borrow_mut().push(Request { measured, statements });
        }
    }

    fn key_of(site: SiteId, id: &str) -> ApiKey {
        ApiKey {
            site,
            id: KeyId(id.to_owned()),
            name: String::new(),
            digest: Digest::of(id),
            scopes: Scopes::all(),
            created_at: NOW,
            last_used_at: None,
            revoked_at: None,
        }
    }

    /// Measures a call. The name is the verb and, after a colon, the case.
    pub async fn measure<T>(&self, name: &str, call: impl Future<Output = Result<T>>) -> T {
        self.measure_each(name, 1, call).await
    }

    /// Measures a call whose work is proportional to `count`, which is larger in the large
    /// database: the cost is per item. Writer steps are not divided.
    pub async fn measure_each<T>(
        &self,
        name: &str,
        count: usize,
        call: impl Future<Output = Result<T>>,
    ) -> T {
        let (output, counted) = self.count(name, Share::Each(count.max(1)), call).await;
        let each = |total: u64| number(total) / f64::from(u32::try_from(count.max(1)).unwrap());
        let cost = Cost {
            steps: each(counted.steps),
            writer_steps: number(counted.writer_steps),
            rows: each(counted.rows),
        };
        self.note(name, cost, counted);
        output
    }

    /// Measures a call that does the same as `other` and more: the cost is the difference.
    pub async fn measure_beyond<T>(
        &self,
        name: &str,
        other: &str,
        call: impl Future<Output = Result<T>>,
    ) -> T {
        let (output, counted) = self.count(name, Share::Beyond(other.to_owned()), call).await;
        let other = self.database_counters.borrow()[other];
        let rest = |total: u64, of_other: u64| number(total.saturating_sub(of_other));
        let cost = Cost {
            steps: rest(counted.steps, other.steps),
            writer_steps: rest(counted.writer_steps, other.writer_steps),
            rows: rest(counted.rows, other.rows),
        };
        self.note(name, cost, counted);
        output
    }

    async fn count<T>(
        &self,
        name: &str,
        share: Share,
        call: impl Future<Output = Result<T>>,
    ) -> (T, RawCost) {
        self.end_request(None);
        let counters = &self.database.counters;
        let before = RawCost {
            rows: self.database.rows_written().await,
            steps: counters.steps(),
            writer_steps: counters.writer_steps(),
        };
        let output = call.await.unwrap_or_else(|error| panic!("{name}: {error}"));
        self.end_request(Some((name.to_owned(), share)));
        let (steps, writer_steps) =
            (counters.steps() - before.steps, counters.writer_steps() - before.writer_steps);
        (
            output,
            RawCost { steps, writer_steps, rows: self.database.rows_written().await - before.rows },
        )
    }

    fn note(&self, name: &str, cost: Cost, counted: RawCost) {
        self.database_counters.borrow_mut().insert(name.to_owned(), counted);
        assert!(
            self.costs.borrow_mut().insert(name.to_owned(), cost).is_none(),
            "{name} is measured twice"
        );
    }

    /// Closes the store, which is measured as well, and returns all costs. The rows written by
    /// closing can't be counted, since nothing can be queried afterwards.
    pub async fn close(self) -> BTreeMap<String, Cost> {
        let counters = &self.database.counters;
        let before = (counters.steps(), counters.writer_steps());
        self.world.store.close().await;
        let (steps, writer_steps) =
            (number(counters.steps() - before.0), number(counters.writer_steps() - before.1));
        let mut costs = self.costs.into_inner();
        costs.insert("close".to_owned(), Cost { steps, writer_steps, rows: 0.0 });
        costs
    }

    /// Closes the store, which is measured as well, and returns what ran on the server.
    pub async fn recorded(self) -> Vec<Request> {
        self.end_request(None);
        self.world.store.close().await;
        self.end_request(Some(("close".to_owned(), Share::Each(1))));
        self.requests.into_inner()
    }

    /// A new contact of the measured site who has read all earlier messages, whose number differs
    /// between the databases.
    pub async fn contact(&self, name: &str) -> ContactId {
        let contact = self.world.contact(self.site, name).await;
        self.database.execute(dataset::up_to_date(contact)).await;
        contact
    }

    /// Adds `count` unrelated contacts to a site.
    pub async fn crowd(&self, site: SiteId, count: usize) -> Vec<ContactId> {
        let (first, site) = (1_000_001, site.to_string().replace('-', ""));
        self.database
            .execute(format!(
                "WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {count})
                 INSERT INTO contact (site_id, id, external_id, created_at, updated_at)
                    SELECT x'{site}', {first} + i, 'crowd ' || i, 0, 0 FROM n"
            ))
            .await;
        (first..).take(count).map(ContactId).collect()
    }

    /// Publishes a message at the default time.
    pub async fn publish(&self, contacts: Option<&[ContactId]>) -> MessageId {
        self.publish_as(contacts, |_| {}).await
    }

    /// Publishes a message after `change` was applied to it.
    pub async fn publish_as(
        &self,
        contacts: Option<&[ContactId]>,
        change: impl FnOnce(&mut Message),
    ) -> MessageId {
        let mut message = self.world.message(self.site, contacts);
        change(&mut message);
        let published = self.world.store.publish(&message, None, NOW).await.unwrap();
        assert!(matches!(published, PublishOutcome::New(_)));
        message.id
    }

    /// Publishes a message to this audience at the default time.
    pub async fn publish_to(&self, audience: MessageAudience) -> MessageId {
        self.publish_as(None, |message| message.audience = audience).await
    }
}

fn number(count: u64) -> f64 {
    f64::from(u32::try_from(count).unwrap())
}

/// Asserts the result of a measured call.
#[track_caller]
pub fn expect<T: PartialEq + Debug>(found: T, expected: T) {
    assert_eq!(found, expected);
}

/// This many days after the default time.
pub fn days(number: u64) -> Timestamp {
    crate::contract::test_store::after(number * 86_400)
}
