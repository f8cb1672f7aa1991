//! Cache of authenticated API keys, so that a busy backend costs no query per request. Called by
//! [`super::auth`].
//!
//! A key revoked in this process is rejected immediately; a key revoked by another process is
//! rejected when the store notices the change (within half a second). A revoked key never issues a
//! contact token: the statement that writes the token checks the key again.
//!
//! Must not store a key, only its digest, and must not cache invalid keys.

use crate::cache::{Bounds, Cache};
use crate::{
    app::{App, AppError, AuthenticatedKey},
    domain::Digest,
    events::{Generation, ReaderHub},
};
use std::{sync::Arc, time::Duration};

/// Maximum number of cached keys: far more than the [`crate::store::MAX_KEYS`] that one site may
/// have, so no site evicts the keys of others.
const MAX_KEYS: u64 = 10_000;
/// Lifetime of an entry. The key's last use is recorded at each lookup, so once per minute.
const KEY_TTL: Duration = Duration::from_mins(1);

/// Key holders by the digest of the key, with the generations that their validity depends on.
pub(super) struct KeyCache {
    hub: Arc<ReaderHub>,
    holders: Cache<Digest, (Generation, AuthenticatedKey)>,
}

impl KeyCache {
    pub(super) fn new(hub: Arc<ReaderHub>) -> Self {
        Self { hub, holders: Cache::bounded(Bounds::entries(MAX_KEYS).for_at_most(KEY_TTL)) }
    }

    /// Returns the holder of a key; calls [`App::authenticate_key`] if it is not cached.
    pub(super) async fn authenticate(
        &self,
        inbox: &App,
        presented: &str,
    ) -> Result<AuthenticatedKey, AppError> {
        let digest = Digest::of(presented);
        if let Some((stamp, holder)) = self.holders.get(&digest)
            && stamp == self.hub.sessions_stamp(holder.site)
        {
            return Ok(holder);
        }
        // The site is known only after the lookup, so the key is looked up again under a generation
        // that was read before.
        let site = inbox.authenticate_key(presented).await?.site;
        let stamp = self.hub.sessions_stamp(site);
        let holder = inbox.authenticate_key(presented).await?;
        self.holders.insert(digest, (stamp, holder.clone()));
        Ok(holder)
    }
}
