//! A bounded in-memory cache that allocates nothing before its first entry.
//!
//! Must not depend on what it stores. Called by `store`, `app` and the HTTP surfaces. When it is
//! full, entries that were not used recently are evicted; tenants that must not evict each other's
//! entries use [`belfry_domain::FairCache`].

use quick_cache::{DefaultHashBuilder, OptionsBuilder, UnitWeighter, Weighter, sync};
use std::{
    hash::Hash,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::time::Instant;

/// Weight of an entry, in the unit of the capacity.
type WeightFn<K, V> = fn(&K, &V) -> u64;

/// Capacity and lifetime of a cache.
pub struct Bounds<K, V> {
    capacity: u64,
    weigh: Option<WeightFn<K, V>>,
    ttl: Option<Duration>,
}

impl<K, V> Bounds<K, V> {
    /// Up to `capacity` entries.
    pub const fn entries(capacity: u64) -> Self {
        Self { capacity, weigh: None, ttl: None }
    }

    /// Entries with a total weight of up to `capacity` bytes.
    pub const fn bytes(capacity: u64, weigh: WeightFn<K, V>) -> Self {
        Self { capacity, weigh: Some(weigh), ttl: None }
    }

    /// Each entry expires `ttl` after it was inserted.
    #[must_use]
    pub const fn with_ttl(self, ttl: Duration) -> Self {
        Self { ttl: Some(ttl), ..self }
    }
}

/// A cache that is allocated at its first use. Clones share it.
pub struct Cache<K, V>(Arc<LazyCache<K, V>>);

struct LazyCache<K, V> {
    memory: OnceLock<Entries<K, V>>,
    bounds: Bounds<K, V>,
    /// Milliseconds after `created_at` at which expired entries are next evicted.
    evict_expired_at: AtomicU64,
    created_at: Instant,
}

type Entries<K, V> = sync::Cache<K, Entry<V>, EntryWeighter<K, V>>;

#[derive(Clone)]
struct Entry<V> {
    value: V,
    inserted_at: Instant,
}

struct EntryWeighter<K, V>(Option<WeightFn<K, V>>);

impl<K, V> Clone for EntryWeighter<K, V> {
    fn clone(&self) -> Self {
        Self(self.0)
    }
}

impl<K, V> Weighter<K, Entry<V>> for EntryWeighter<K, V> {
    fn weight(&self, key: &K, entry: &Entry<V>) -> u64 {
        // An entry of weight zero would never be evicted.
        self.0.map_or(UnitWeighter.weight(key, entry), |weigh| weigh(key, &entry.value).max(1))
    }
}

impl<K, V> Clone for Cache<K, V> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<K: Eq + Hash, V: Clone> Cache<K, V> {
    /// An empty cache.
    pub fn new(bounds: Bounds<K, V>) -> Self {
        Self(Arc::new(LazyCache {
            memory: OnceLock::new(),
            bounds,
            evict_expired_at: AtomicU64::new(0),
            created_at: Instant::now(),
        }))
    }

    /// The value of a key, unless it was evicted or has expired.
    pub fn get(&self, key: &K) -> Option<V> {
        self.get_at(key, Instant::now())
    }

    /// Whether [`Self::get`] would return a value.
    pub fn contains_key(&self, key: &K) -> bool {
        self.get(key).is_some()
    }

    /// Inserts or replaces a value.
    pub fn insert(&self, key: K, value: V) {
        self.insert_at(key, value, Instant::now());
    }

    /// Removes and returns a value.
    pub fn remove(&self, key: &K) -> Option<V> {
        let (_, entry) = self.0.memory.get()?.remove(key)?;
        self.0.is_fresh(&entry, Instant::now()).then_some(entry.value)
    }

    fn get_at(&self, key: &K, now: Instant) -> Option<V> {
        let entry = self.0.memory.get()?.get(key)?;
        self.0.is_fresh(&entry, now).then_some(entry.value)
    }

    fn insert_at(&self, key: K, value: V, now: Instant) {
        let memory = self.0.memory.get_or_init(|| self.0.bounds.build());
        memory.insert(key, Entry { value, inserted_at: now });
        self.0.evict_expired(memory, now);
    }
}

impl<K: Eq + Hash, V: Clone> Bounds<K, V> {
    fn build(&self) -> Entries<K, V> {
        let mut options = OptionsBuilder::new();
        options
            .weight_capacity(self.capacity)
            .estimated_items_capacity(usize::try_from(self.capacity).unwrap_or(usize::MAX));
        if self.weigh.is_some() {
            // One shard, so that an entry may weigh nearly the whole capacity. The item capacity
            // only sizes the tables for evicted keys.
            options.shards(1).estimated_items_capacity(1_000);
        }
        let options = options.build().unwrap_or_else(|_| unreachable!("both capacities are given"));
        sync::Cache::with_options(
            options,
            EntryWeighter(self.weigh),
            DefaultHashBuilder::default(),
            sync::DefaultLifecycle::default(),
        )
    }
}

impl<K: Eq + Hash, V: Clone> LazyCache<K, V> {
    fn is_fresh(&self, entry: &Entry<V>, now: Instant) -> bool {
        self.bounds.ttl.is_none_or(|ttl| now.saturating_duration_since(entry.inserted_at) < ttl)
    }

    /// Evicts expired entries, once per lifetime of an entry.
    fn evict_expired(&self, memory: &Entries<K, V>, now: Instant) {
        let Some(ttl) = self.bounds.ttl else { return };
        let millis = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        let (passed, due) = (
            millis(now.saturating_duration_since(self.created_at)),
            self.evict_expired_at.load(Ordering::Relaxed),
        );
        let next = passed.saturating_add(millis(ttl).max(1_000));
        if passed >= due
            && self
                .evict_expired_at
                .compare_exchange(due, next, Ordering::Relaxed, Ordering::Relaxed)
                .is_ok()
        {
            memory.retain(|_, entry| self.is_fresh(entry, now));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clones_share_the_lazily_allocated_cache() {
        let cache = Cache::new(Bounds::entries(10));
        let other = cache.clone();
        assert_eq!(other.get(&1), None);
        assert!(cache.0.memory.get().is_none(), "it must not be allocated before the first insert");
        cache.insert(1, 2);
        assert_eq!((other.get(&1), other.contains_key(&1)), (Some(2), true));
        assert_eq!(
            (other.remove(&1), cache.get(&1), cache.contains_key(&1)),
            (Some(2), None, false)
        );
    }

    #[test]
    fn capacity_is_not_exceeded() {
        let (by_number, by_weight) = (
            Cache::new(Bounds::entries(100)),
            Cache::new(Bounds::bytes(1_000, |_, weight: &u64| *weight)),
        );
        for number in 0..10_000_u32 {
            by_number.insert(number, ());
            by_weight.insert(number, 90);
        }
        assert_eq!(by_number.0.memory.get().unwrap().len(), 100);
        assert_eq!(by_weight.0.memory.get().unwrap().len(), 11);
        by_weight.insert(0, 900);
        assert_eq!(by_weight.get(&0), Some(900), "one entry may weigh nearly the whole capacity");
    }

    #[test]
    fn expired_entries_are_not_returned_and_evicted() {
        let cache = Cache::new(Bounds::entries(10).with_ttl(Duration::from_mins(1)));
        let begin = Instant::now();
        cache.insert_at("old", 1, begin);
        assert_eq!(cache.get_at(&"old", begin + Duration::from_secs(59)), Some(1));
        let late = begin + Duration::from_mins(1);
        assert_eq!(cache.get_at(&"old", late), None);
        cache.insert_at("new", 2, late + Duration::from_secs(1));
        assert_eq!(cache.0.memory.get().unwrap().len(), 1);
        assert_eq!(cache.get(&"new"), Some(2));
    }
}
