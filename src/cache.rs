//! Bounded memory that takes none before its first entry.
//!
//! Must not know what it remembers. `store`, `inbox` and the doors keep their caches in it: each cache of `moka` sets aside some 50 kB for its
//! log of reads and writes, which a server that nobody asks would hold for nothing.

use moka::sync::{Cache as Memory, CacheBuilder};
use std::{
    hash::Hash,
    ops::Deref,
    sync::{Arc, OnceLock},
};

type Builder<K, V> = CacheBuilder<K, V, Memory<K, V>>;

/// A cache that is made when it is first used. Clones share it.
pub(crate) struct Cache<K, V>(Arc<Lazy<K, V>>);

struct Lazy<K, V> {
    memory: OnceLock<Memory<K, V>>,
    bounds: fn(Builder<K, V>) -> Builder<K, V>,
}

impl<K, V> Cache<K, V> {
    /// `bounds` says how much it keeps, and for how long.
    pub(crate) fn bounded(bounds: fn(Builder<K, V>) -> Builder<K, V>) -> Self {
        Self(Arc::new(Lazy { memory: OnceLock::new(), bounds }))
    }
}

impl<K, V> Clone for Cache<K, V> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<K, V> Deref for Cache<K, V>
where
    K: Eq + Hash + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    type Target = Memory<K, V>;

    fn deref(&self) -> &Self::Target {
        self.0.memory.get_or_init(|| (self.0.bounds)(Memory::builder()).build())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clones_share_what_the_first_use_made() {
        let cache: Cache<u8, u8> = Cache::bounded(|cache| cache.max_capacity(10));
        let other = cache.clone();
        assert!(cache.0.memory.get().is_none(), "it must not be made before it is used");
        cache.insert(1, 2);
        assert_eq!(other.get(&1), Some(2));
        assert_eq!(other.policy().max_capacity(), Some(10));
    }
}
