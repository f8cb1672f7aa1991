//! The response cache of this process, so that repeated requests of a reader cost no query and no
//! rendering.
//!
//! Each entry belongs to one reader and stores the generation of the data it depends on. A change
//! that concerns it, its own expiry or the end of the session invalidates it. The store notices
//! writes of other processes within half a second. The cache is optional: dropping any entry at any
//! moment changes no response.

use super::{WidgetState, error::WidgetError};
use belfry_app::{AppError, IssuedSession, Reader, events::Generation};
use belfry_domain::{
    ContactId, Digest, FairCache, Language, ReaderFilter, ReaderPage, SiteId, Timestamp,
};
use belfry_runtime::fair_scheduler;
use bytes::Bytes;
use std::{sync::Arc, time::Duration};

/// Maximum cached sessions, of a few hundred bytes each.
const MAX_SESSIONS: usize = 20_000;
/// Capacity for lists, in bytes.
const LISTS_CAPACITY_BYTES: usize = 32 * 1024 * 1024;
/// Lifetime of a list. It contains relative times in minutes; half a minute of delay is not
/// noticeable.
const LIST_TTL: Duration = Duration::from_secs(30);

/// How long a session is cached without another query.
const SESSION_TTL: Duration = Duration::from_mins(5);

/// Key of a cached list: the reader, and everything else it depends on.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct ListKey {
    pub(super) site: SiteId,
    pub(super) contact: ContactId,
    pub(super) filter: ReaderFilter,
    pub(super) language: Language,
    /// The fallback language of messages.
    pub(super) site_language: Language,
    /// Whether reply buttons are shown.
    pub(super) has_reply_buttons: bool,
}

#[derive(Clone)]
struct CacheEntry<T> {
    value: T,
    generation: Generation,
    valid_from: Timestamp,
    valid_until: Timestamp,
}

impl<T> CacheEntry<T> {
    fn is_valid(&self, stamp: Generation, now: Timestamp) -> bool {
        self.generation == stamp && (self.valid_from..self.valid_until).contains(&now)
    }
}

/// All caches of the widget's responses.
pub(super) struct ResponseCache {
    sessions: FairCache<Digest, Arc<CacheEntry<Reader>>>,
    lists: FairCache<ListKey, CacheEntry<Bytes>>,
}

impl ResponseCache {
    pub(super) fn new() -> Self {
        Self { sessions: FairCache::new(MAX_SESSIONS), lists: FairCache::new(LISTS_CAPACITY_BYTES) }
    }
}

impl WidgetState {
    /// The reader of the session with this digest.
    pub(super) async fn reader(&self, site: SiteId, session: Digest) -> Result<Reader, AppError> {
        let (cache, now) = (&self.0.response_cache.sessions, self.0.app.now());
        let generation = self.0.hub.sessions_generation(site);
        if let Some(entry) =
            cache.get(site, &session).filter(|entry| entry.is_valid(generation, now))
        {
            fair_scheduler::set_current_site(site);
            return Ok(entry.value.clone());
        }
        let (reader, until) = self.0.app.reader_with_expiry(site, &session).await?;
        fair_scheduler::set_current_site(site);
        // Sessions ended by another process are noticed in time; those ended by this one are
        // removed or have another generation.
        let valid_until = until.min(now.plus(SESSION_TTL));
        cache.insert(
            site,
            session,
            Arc::new(CacheEntry {
                value: reader.clone(),
                generation,
                valid_from: now,
                valid_until,
            }),
            1,
        );
        Ok(reader)
    }

    /// Exchanges a token for a session and caches it, because the new document sends more requests
    /// at once.
    pub(super) async fn exchange(
        &self,
        site: SiteId,
        token: &str,
    ) -> Result<IssuedSession, WidgetError> {
        let (generation, now) = (self.0.hub.sessions_generation(site), self.0.app.now());
        let token = self.0.app.contact_token(site, token).await?;
        fair_scheduler::set_current_site(site);
        self.0.limiter.check(site, token.contact)?;
        let granted = self.0.app.begin_session(&token).await?;
        for ended in &granted.ended_sessions {
            self.0.response_cache.sessions.remove(site, ended);
        }
        let entry = CacheEntry {
            value: granted.reader.clone(),
            generation,
            valid_from: now,
            valid_until: now.plus(SESSION_TTL),
        };
        self.0.response_cache.sessions.insert(site, granted.cookie.digest(), Arc::new(entry), 1);
        Ok(granted)
    }

    /// The first page of a reader's list as final JSON. `make` builds it and returns it with the
    /// page it shows.
    pub(super) async fn list<E>(
        &self,
        key: ListKey,
        make: impl AsyncFnOnce() -> Result<(Bytes, ReaderPage), E>,
    ) -> Result<Bytes, E> {
        let (cache, now) = (&self.0.response_cache.lists, self.0.app.now());
        let generation = self.0.hub.inbox_generation(key.site, key.contact);
        if let Some(entry) =
            cache.get(key.site, &key).filter(|entry| entry.is_valid(generation, now))
        {
            return Ok(entry.value);
        }
        let (list, page) = make().await?;
        let ends = page.items.iter().filter_map(|item| item.message.expires_at);
        let valid_until = ends.min().map_or(now.plus(LIST_TTL), |end| end.min(now.plus(LIST_TTL)));
        let weight = list.len() + 256;
        cache.insert(
            key.site,
            key,
            CacheEntry { value: list.clone(), generation, valid_from: now, valid_until },
            weight,
        );
        Ok(list)
    }
}
