//! Contact tokens for programs: each use of one answers with the next.
//!
//! Why nobody is signed out who did nothing wrong: each answer carries a token that no other answer carries, and a token is
//! accepted until what took its place has been used, within its own life, and at least [`TOKEN_OVERLAP`] longer. So whoever lost an answer asks again
//! with the token they have, however late; and whoever uses the newest token they were given uses one that is in force, or that they
//! themselves (another request on its way, another tab with the same storage) used for the first time within the overlap. Why a stolen
//! token does not last: it is of use only until its owner uses the next one; after that it ends the whole family.

use super::{Inbox, InboxError, Reader, TOKEN_LIFE};
use crate::domain::{Digest, Family, Rotated, Rotation, Secret, ShownToken, SiteId, TokenHolder};
use std::time::Duration;

/// How long a token is still accepted after its first use, even if its successor was used.
pub const TOKEN_OVERLAP: Duration = Duration::from_secs(20);
/// How long tokens may replace each other, however lively.
pub const FAMILY_LIFE: Duration = Duration::from_hours(30 * 24);

impl Inbox {
    /// The site and the family of a token, to count its requests by. Refuses a token that nothing is known of.
    pub async fn token_family(&self, token: &str) -> Result<(SiteId, Family), InboxError> {
        self.store.token_family(&shown(token), self.now()).await?.ok_or(InboxError::Unauthenticated)
    }

    /// Whom the token of this site speaks for, and the token for the next request; this one stops working.
    pub async fn rotate_token(&self, site: SiteId, token: &str) -> Result<(Reader, Secret), InboxError> {
        let now = self.now();
        let entropy = &*self.entropy;
        let chain = Secret::chain_of(token).map_or_else(|| Secret::generate_chain(entropy), str::to_owned);
        let successor = Secret::generate_in_chain(&chain, entropy);
        let fork_chain = Secret::generate_chain(entropy);
        let fork = Secret::generate_in_chain(&fork_chain, entropy);
        let rotation = Rotation {
            site,
            shown: shown(token),
            successor: successor.digest(),
            fork: ShownToken { chain: Digest::of(&fork_chain), token: fork.digest() },
            now,
            overlap_since: now.minus(TOKEN_OVERLAP),
            expires_at: now.plus(TOKEN_LIFE),
            ends_at: now.plus(FAMILY_LIFE),
        };
        match self.store.rotate(&rotation).await? {
            Rotated::Succeeded(holder) => Ok((reader(holder), successor)),
            Rotated::Forked(holder) => Ok((reader(holder), fork)),
            Rotated::Replayed(site) => {
                tracing::warn!(%site, "a contact token came again long after it was replaced; what descends from it was ended");
                Err(InboxError::Unauthenticated)
            }
            Rotated::Unknown => Err(InboxError::Unauthenticated),
        }
    }
}

fn shown(token: &str) -> ShownToken {
    ShownToken { chain: Digest::of(Secret::chain_of(token).unwrap_or(token)), token: Digest::of(token) }
}

fn reader(holder: TokenHolder) -> Reader {
    Reader { site: holder.site, contact: holder.contact, family: holder.family, key: holder.key }
}
