//! A bounded in-memory cache that is fair between sites: when it is full, it evicts the oldest
//! entry of the site that uses the most. A site that fills the cache evicts its own entries and not
//! those of others.
//!
//! Doesn't know what is cached or when entries become stale.

use super::SiteId;
use std::{
    collections::{BTreeSet, HashMap, VecDeque},
    hash::Hash,
    sync::{Mutex, PoisonError},
};

/// Number of stale keys that a site's eviction queue may hold beyond its number of entries.
const STALE_KEYS_ALLOWED: usize = 16;

struct Entry<V> {
    value: V,
    weight: usize,
    number: u64,
}

struct SiteEntries<K, V> {
    entries: HashMap<K, Entry<V>>,
    /// Eviction order, oldest first. An item is stale if the entry was replaced or removed since,
    /// which its number shows.
    order: VecDeque<(K, u64)>,
    weight: usize,
}

struct Inner<K, V> {
    sites: HashMap<SiteId, SiteEntries<K, V>>,
    by_weight: BTreeSet<(usize, SiteId)>,
    weight: usize,
    number: u64,
}

/// A cache of values by site and key.
pub struct FairCache<K, V> {
    inner: Mutex<Inner<K, V>>,
    capacity: usize,
}

impl<K: Hash + Eq + Clone, V: Clone> FairCache<K, V> {
    /// An empty cache for a total weight of `capacity`.
    pub fn new(capacity: usize) -> Self {
        let inner =
            Inner { sites: HashMap::new(), by_weight: BTreeSet::new(), weight: 0, number: 0 };
        Self { inner: Mutex::new(inner), capacity }
    }

    /// Inserts a value, replacing the one of the same key. Evicts entries if the cache is full.
    pub fn insert(&self, site: SiteId, key: K, value: V, weight: usize) {
        self.with_lock(|inner| {
            inner.remove(site, &key);
            inner.number += 1;
            let number = inner.number;
            inner.change(site, |share| {
                share.entries.insert(key.clone(), Entry { value, weight, number });
                share.order.push_back((key, number));
                share.weight += weight;
            });
            while inner.weight > self.capacity && inner.evict() {}
        });
    }

    /// The value of a key.
    pub fn get(&self, site: SiteId, key: &K) -> Option<V> {
        self.with_lock(|inner| Some(inner.sites.get(&site)?.entries.get(key)?.value.clone()))
    }

    /// Removes and returns the value of a key.
    pub fn remove(&self, site: SiteId, key: &K) -> Option<V> {
        self.with_lock(|inner| inner.remove(site, key))
    }

    /// Removes a key whose site is unknown. Searches all sites.
    pub fn remove_anywhere(&self, key: &K) -> Option<V> {
        self.with_lock(|inner| {
            let site = inner
                .sites
                .iter()
                .find(|(_, share)| share.entries.contains_key(key))
                .map(|(site, _)| *site)?;
            inner.remove(site, key)
        })
    }

    /// All entries of a site, in any order.
    pub fn entries_of(&self, site: SiteId) -> Vec<(K, V)> {
        self.with_lock(|inner| {
            let entries = inner.sites.get(&site).map(|share| share.entries.iter());
            entries
                .into_iter()
                .flatten()
                .map(|(key, entry)| (key.clone(), entry.value.clone()))
                .collect()
        })
    }

    fn with_lock<T>(&self, work: impl FnOnce(&mut Inner<K, V>) -> T) -> T {
        work(&mut self.inner.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl<K: Hash + Eq + Clone, V> Inner<K, V> {
    /// Modifies the entries of a site and updates the totals.
    fn change<T>(&mut self, site: SiteId, change: impl FnOnce(&mut SiteEntries<K, V>) -> T) -> T {
        let share = self.sites.entry(site).or_insert_with(|| SiteEntries {
            entries: HashMap::new(),
            order: VecDeque::new(),
            weight: 0,
        });
        let before = share.weight;
        let outcome = change(share);
        if share.order.len() > 2 * share.entries.len() + STALE_KEYS_ALLOWED {
            let entries = &share.entries;
            share.order.retain(|(key, number)| {
                entries.get(key).is_some_and(|entry| entry.number == *number)
            });
        }
        let (after, is_empty) = (share.weight, share.entries.is_empty());
        self.by_weight.remove(&(before, site));
        if is_empty {
            self.sites.remove(&site);
        } else {
            self.by_weight.insert((after, site));
        }
        self.weight = self.weight + after - before;
        outcome
    }

    fn remove(&mut self, site: SiteId, key: &K) -> Option<V> {
        if !self.sites.get(&site)?.entries.contains_key(key) {
            return None;
        }
        self.change(site, |share| {
            let entry = share.entries.remove(key)?;
            share.weight -= entry.weight;
            Some(entry.value)
        })
    }

    /// Evicts the oldest entry of the heaviest site; whether there was one.
    fn evict(&mut self) -> bool {
        let Some((_, site)) = self.by_weight.last().copied() else { return false };
        self.change(site, |share| {
            while let Some((key, number)) = share.order.pop_front() {
                if share.entries.get(&key).is_some_and(|entry| entry.number == number)
                    && let Some(entry) = share.entries.remove(&key)
                {
                    share.weight -= entry.weight;
                    return true;
                }
            }
            false
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site(number: u8) -> SiteId {
        SiteId::from_bytes([number; 16])
    }

    #[test]
    fn full_cache_evicts_from_the_heaviest_site() {
        let shares = FairCache::new(100);
        for number in 0..10 {
            shares.insert(site(1), number, "quiet", 1);
        }
        for number in 0..10_000 {
            shares.insert(site(2), number, "loud", 1);
        }
        assert!((0..10).all(|number| shares.get(site(1), &number).is_some()));
        assert_eq!(shares.entries_of(site(2)).len(), 90);
        assert!(
            (9_910..10_000).all(|number| shares.get(site(2), &number).is_some()),
            "the newest entries are kept"
        );
        // A third site gets its space from the one that uses the most.
        for number in 0..50 {
            shares.insert(site(3), number, "new", 1);
        }
        assert_eq!([1, 2, 3].map(|number| shares.entries_of(site(number)).len()), [10, 45, 45]);
    }

    #[test]
    fn removed_entries_free_their_weight() {
        let shares = FairCache::new(100);
        for number in 0..1_000 {
            shares.insert(site(1), "same", number, 60);
        }
        assert_eq!(shares.get(site(1), &"same"), Some(999));
        shares.insert(site(2), "other", 1, 40);
        assert_eq!(
            (shares.get(site(1), &"same"), shares.get(site(2), &"other")),
            (Some(999), Some(1))
        );
        assert_eq!(shares.remove(site(1), &"same"), Some(999));
        assert_eq!(shares.remove(site(1), &"same"), None);
        let inner = shares.inner.lock().unwrap();
        assert_eq!((inner.weight, inner.sites.len(), inner.by_weight.len()), (40, 1, 1));
        drop(inner);
        shares.insert(site(3), "too heavy", 1, 101);
        assert_eq!(shares.get(site(3), &"too heavy"), None);
        assert_eq!(shares.get(site(2), &"other"), Some(1), "other entries are kept");
    }
}
