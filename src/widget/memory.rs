//! What this process remembers for a moment, so that a reader who asks again costs no query and no rendering.
//!
//! Each thing is kept under the reader whom it belongs to and with a stamp of what it rests on; a change that concerns it, its
//! own time or an end of the session makes it worthless. What another process does to the database is noticed by the store
//! within half a second. Nothing here is needed: forgetting everything at any moment changes no answer.

use super::{Door, error::WidgetError};
use crate::{
    domain::{ContactId, Digest, Filter, Language, Page, Shares, SiteId, Timestamp},
    inbox::{Granted, InboxError, Reader},
    live::Stamp,
    turns,
};
use bytes::Bytes;
use std::{sync::Arc, time::Duration};

/// Sessions that are remembered: a few hundred bytes each.
const SESSIONS: usize = 20_000;
/// Bytes of lists that are remembered.
const LISTS: usize = 32 * 1024 * 1024;
/// How long a list is. It says how long ago each message came, to the minute; being half of one behind is not seen.
const LIFE: Duration = Duration::from_secs(30);

/// How long a session is taken for granted without another look at the database.
const SESSION_MEMORY: Duration = Duration::from_mins(5);

/// Whose list it is, and what else it depends on.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct ListKey {
    pub(super) site: SiteId,
    pub(super) contact: ContactId,
    pub(super) filter: Filter,
    pub(super) language: Language,
    /// What messages fall back to.
    pub(super) site_language: Language,
    /// Whether buttons to reply are shown.
    pub(super) replies: bool,
}

#[derive(Clone)]
struct Kept<T> {
    what: T,
    stamp: Stamp,
    since: Timestamp,
    until: Timestamp,
}

impl<T> Kept<T> {
    fn holds(&self, stamp: Stamp, now: Timestamp) -> bool {
        self.stamp == stamp && (self.since..self.until).contains(&now)
    }
}

/// Everything that is remembered.
pub(super) struct Memory {
    sessions: Shares<Digest, Arc<Kept<Reader>>>,
    lists: Shares<ListKey, Kept<Bytes>>,
}

impl Memory {
    pub(super) fn new() -> Self {
        Self { sessions: Shares::new(SESSIONS), lists: Shares::new(LISTS) }
    }
}

impl Door {
    /// Who holds the session with this digest.
    pub(super) async fn reader(&self, site: SiteId, session: Digest) -> Result<Reader, InboxError> {
        let (memory, now) = (&self.0.memory.sessions, self.0.inbox.now());
        let stamp = self.0.hub.sessions_stamp(site);
        if let Some(kept) = memory.get(site, &session).filter(|kept| kept.holds(stamp, now)) {
            turns::of_site(site);
            return Ok(kept.what.clone());
        }
        let (reader, until) = self.0.inbox.reader_until(site, &session).await?;
        turns::of_site(site);
        // What another process ends is noticed in time; what this one ends is taken out, or has another stamp.
        let until = until.min(now.plus(SESSION_MEMORY));
        memory.insert(site, session, Arc::new(Kept { what: reader.clone(), stamp, since: now, until }), 1);
        Ok(reader)
    }

    /// Exchanges a token for a session, which is remembered: the document that it is for asks for more at once.
    pub(super) async fn exchange(&self, site: SiteId, token: &str) -> Result<Granted, WidgetError> {
        let (stamp, now) = (self.0.hub.sessions_stamp(site), self.0.inbox.now());
        let token = self.0.inbox.contact_token(site, token).await?;
        turns::of_site(site);
        self.0.limiter.check(site, token.contact)?;
        let granted = self.0.inbox.begin_session(&token).await?;
        for ended in &granted.ended {
            self.0.memory.sessions.remove(site, ended);
        }
        let kept = Kept { what: granted.reader.clone(), stamp, since: now, until: now.plus(SESSION_MEMORY) };
        self.0.memory.sessions.insert(site, granted.cookie.digest(), Arc::new(kept), 1);
        Ok(granted)
    }

    /// The first part of a reader's list in its final form. `make` looks it up and gives it with the page that it shows.
    pub(super) async fn list<E>(&self, key: ListKey, make: impl AsyncFnOnce() -> Result<(Bytes, Page), E>) -> Result<Bytes, E> {
        let (memory, now) = (&self.0.memory.lists, self.0.inbox.now());
        let stamp = self.0.hub.inbox_stamp(key.site, key.contact);
        if let Some(kept) = memory.get(key.site, &key).filter(|kept| kept.holds(stamp, now)) {
            return Ok(kept.what);
        }
        let (list, page) = make().await?;
        let ends = page.items.iter().filter_map(|item| item.message.expires_at);
        let until = ends.min().map_or(now.plus(LIFE), |end| end.min(now.plus(LIFE)));
        let weight = list.len() + 256;
        memory.insert(key.site, key, Kept { what: list.clone(), stamp, since: now, until }, weight);
        Ok(list)
    }
}
