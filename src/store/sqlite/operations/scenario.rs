//! One database of a given size, the reader and the objects that are measured in it, and what each measured call cost.

use super::{counter::CountedDatabase, volume};
use crate::{
    domain::{ApiKey, ContactId, Digest, KeyId, Message, MessageId, Scopes, SiteId, Timestamp},
    store::{
        Published, Result,
        contract::world::{NOW, World, draft},
    },
};
use std::{cell::RefCell, collections::BTreeMap, fmt::Debug, future::Future};

/// What a call cost.
#[derive(Debug, Clone, Copy)]
pub struct Cost {
    /// Operations of the virtual machines of all connections.
    pub steps: f64,
    /// Rows inserted, changed or deleted.
    pub rows: f64,
}

pub struct Scenario {
    pub world: World,
    pub database: CountedDatabase,
    /// The site that is measured, which has most of the rows.
    pub site: SiteId,
    /// A site whose size is the same in both databases.
    pub small_site: SiteId,
    pub key: ApiKey,
    pub reader: ContactId,
    costs: RefCell<BTreeMap<String, Cost>>,
}

impl Scenario {
    pub async fn new(factor: i64) -> Self {
        let database = CountedDatabase::new();
        volume::fill(&database.options(), factor).await;
        let world = World::new(database.clone()).await;
        let (site, small_site) = (volume::site(), volume::small_site());
        let key = Self::key_of(site, volume::KEY);
        let reader = world.store.upsert_contact(site, &draft(Some("reader"), Some("reader@shop.example"), None), NOW).await.unwrap();
        database.execute(volume::up_to_date(reader)).await;
        Self { world, database, site, small_site, key, reader, costs: RefCell::default() }
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

    /// Measures a call, whose name is that of the verb and, after a colon, of the case.
    pub async fn measure<T>(&self, name: &str, call: impl Future<Output = Result<T>>) -> T {
        self.measure_each(name, 1, call).await
    }

    /// Measures a call that is asked for something of each of `count` things, of which there are more in the larger database: its
    /// cost is that of one.
    pub async fn measure_each<T>(&self, name: &str, count: usize, call: impl Future<Output = Result<T>>) -> T {
        let rows = self.database.rows_written().await;
        let steps = self.database.counters.steps();
        let output = call.await;
        let steps = self.database.counters.steps() - steps;
        let rows = self.database.rows_written().await - rows;
        let each = |total: u64| f64::from(u32::try_from(total).unwrap()) / f64::from(u32::try_from(count.max(1)).unwrap());
        let before = self.costs.borrow_mut().insert(name.to_owned(), Cost { steps: each(steps), rows: each(rows) });
        assert!(before.is_none(), "{name} is measured twice");
        output.unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// Closes the store, which is measured like all else, and gives all costs. The rows of the end can't be counted: nothing can be
    /// asked after it.
    pub async fn close(self) -> BTreeMap<String, Cost> {
        let steps = self.database.counters.steps();
        self.world.store.close().await;
        let steps = f64::from(u32::try_from(self.database.counters.steps() - steps).unwrap());
        let mut costs = self.costs.into_inner();
        costs.insert("close".to_owned(), Cost { steps, rows: 0.0 });
        costs
    }

    /// A new contact of the measured site, who has read what was sent before: how much that is differs between the databases.
    pub async fn contact(&self, name: &str) -> ContactId {
        let contact = self.world.contact(self.site, name).await;
        self.database.execute(volume::up_to_date(contact)).await;
        contact
    }

    /// Publishes a message at the usual moment.
    pub async fn publish(&self, contacts: Option<&[ContactId]>) -> MessageId {
        self.publish_as(contacts, |_| {}).await
    }

    /// Publishes a message that is changed before.
    pub async fn publish_as(&self, contacts: Option<&[ContactId]>, change: impl FnOnce(&mut Message)) -> MessageId {
        let mut message = self.world.message(self.site, contacts);
        change(&mut message);
        let published = self.world.store.publish(&message, None, NOW).await.unwrap();
        assert!(matches!(published, Published::New(_)));
        message.id
    }
}

/// Asserts that a call did what it was measured for.
pub fn expect<T: PartialEq + Debug>(found: T, expected: T) {
    assert_eq!(found, expected);
}

/// A long time after the usual moment.
pub fn days(number: u64) -> Timestamp {
    crate::store::contract::world::after(number * 86_400)
}
