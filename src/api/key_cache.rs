//! API keys that were looked up a moment ago, so that a backend in steady use costs no query for each request. Called by [`super::access`].
//!
//! A key that is revoked in this process is refused at once, one that is revoked by another process when the store notices that (within half a
//! second). A contact token is never issued by a revoked key: the statement that writes it looks once more.
//!
//! Must not keep a key itself, only its digest, and nothing of keys that are not valid.

use crate::cache::{Bounds, Cache};
use crate::{
    domain::Digest,
    inbox::{Inbox, InboxError, KeyHolder},
    live::{Hub, Stamp},
};
use std::{sync::Arc, time::Duration};

/// Keys that are remembered: far more than the [`crate::store::KEYS`] that one site may have, so no site takes the room of others.
const MAX_KEYS: u64 = 10_000;
/// For how long. The use of a key is noted once a minute, when it is looked up again.
const KEY_TTL: Duration = Duration::from_mins(1);

/// Holders of keys by the digest of the key, with what their validity rests on.
pub(super) struct KeyCache {
    hub: Arc<Hub>,
    holders: Cache<Digest, (Stamp, KeyHolder)>,
}

impl KeyCache {
    pub(super) fn new(hub: Arc<Hub>) -> Self {
        Self { hub, holders: Cache::bounded(Bounds::entries(MAX_KEYS).for_at_most(KEY_TTL)) }
    }

    /// Who shows this key; [`Inbox::authenticate_key`] where it is not remembered.
    pub(super) async fn authenticate(&self, inbox: &Inbox, presented: &str) -> Result<KeyHolder, InboxError> {
        let digest = Digest::of(presented);
        if let Some((stamp, holder)) = self.holders.get(&digest)
            && stamp == self.hub.sessions_stamp(holder.site)
        {
            return Ok(holder);
        }
        // The site is known only after the look-up, so the key is looked up once more under a stamp that was taken before.
        let site = inbox.authenticate_key(presented).await?.site;
        let stamp = self.hub.sessions_stamp(site);
        let holder = inbox.authenticate_key(presented).await?;
        self.holders.insert(digest, (stamp, holder.clone()));
        Ok(holder)
    }
}
