//! Cache of authenticated API keys, so that a busy backend costs no query per request. Called by
//! [`super::auth`].
//!
//! A key revoked in this process is rejected immediately; a key revoked by another process is
//! rejected when the store notices the change (within half a second). A revoked key never issues a
//! contact token: the statement that writes the token checks the key again.
//!
//! Must not store a key, only its digest, and must not cache invalid keys.

use belfry_app::{
    App, AppError, AuthenticatedKey,
    events::{Generation, ReaderHub},
};
use belfry_domain::Digest;
use belfry_runtime::cache::{Bounds, Cache};
use std::{sync::Arc, time::Duration};

/// Maximum number of cached keys: far more than the [`belfry_store::MAX_KEYS`] that one site may
/// have, so no site evicts the keys of others.
const MAX_KEYS: u64 = 10_000;
/// Lifetime of an entry. The key's last use is recorded at each lookup, so once per minute.
const KEY_TTL: Duration = Duration::from_mins(1);

/// Key holders by the digest of the key, with the generations that their validity depends on.
pub(super) struct KeyCache {
    hub: Arc<ReaderHub>,
    keys: Cache<Digest, (Generation, AuthenticatedKey)>,
}

impl KeyCache {
    pub(super) fn new(hub: Arc<ReaderHub>) -> Self {
        Self { hub, keys: Cache::new(Bounds::entries(MAX_KEYS).with_ttl(KEY_TTL)) }
    }

    /// Returns the holder of a key; calls [`App::authenticate_key`] if it is not cached.
    pub(super) async fn authenticate(
        &self,
        app: &App,
        presented: &str,
    ) -> Result<AuthenticatedKey, AppError> {
        let digest = Digest::of(presented);
        if let Some((stamp, holder)) = self.keys.get(&digest)
            && stamp == self.hub.sessions_generation(holder.site)
        {
            return Ok(holder);
        }
        // The site is known only after the lookup, so the key is looked up again under a generation
        // that was read before.
        let site = app.authenticate_key(presented).await?.site;
        let stamp = self.hub.sessions_generation(site);
        let holder = app.authenticate_key(presented).await?;
        self.keys.insert(digest, (stamp, holder.clone()));
        Ok(holder)
    }
}
