//! Contact token rotation for programs: each response contains the next token.
//!
//! Legitimate clients are not signed out: each response contains a unique token, and a token is
//! accepted until its successor has been used, within its own lifetime, and at least
//! [`TOKEN_OVERLAP`] longer. So a client that lost a response can retry with its token, however
//! late; and a client that uses its newest token uses a valid one, or one that it used first itself
//! (a concurrent request, another tab with the same storage) within the overlap. A stolen token is
//! of use only until its owner uses the next one; after that, using it ends the whole family.

use super::{App, AppError, Reader, TOKEN_TTL};
use belfry_domain::{
    Digest, PresentedToken, RotationOutcome, Secret, SiteId, TokenFamily, TokenRotation,
    TokenSubject,
};
use std::time::Duration;

/// How long a token is still accepted after its first use, even if its successor was used.
pub const TOKEN_OVERLAP: Duration = Duration::from_secs(20);
/// Maximum age of a token family, however often it is rotated.
pub const FAMILY_TTL: Duration = Duration::from_hours(30 * 24);

impl App {
    /// The site and the family of a token, for rate limits. Rejects an unknown token.
    pub async fn token_family(&self, token: &str) -> Result<(SiteId, TokenFamily), AppError> {
        self.store
            .token_family(&presented_token(token), self.now())
            .await?
            .ok_or(AppError::Unauthenticated)
    }

    /// The reader of a token of this site, and the token for the next request, which replaces it.
    pub async fn rotate_token(
        &self,
        site: SiteId,
        token: &str,
    ) -> Result<(Reader, Secret), AppError> {
        let now = self.now();
        let rng = &*self.rng;
        let chain =
            Secret::chain_of(token).map_or_else(|| Secret::generate_chain(rng), str::to_owned);
        let successor = Secret::generate_in_chain(&chain, rng);
        let fork_chain = Secret::generate_chain(rng);
        let fork = Secret::generate_in_chain(&fork_chain, rng);
        let rotation = TokenRotation {
            site,
            presented: presented_token(token),
            successor: successor.digest(),
            fork: PresentedToken { chain: Digest::of(&fork_chain), token: fork.digest() },
            now,
            overlap_since: now.minus(TOKEN_OVERLAP),
            expires_at: now.plus(TOKEN_TTL),
            ends_at: now.plus(FAMILY_TTL),
        };
        match self.store.rotate(&rotation).await? {
            RotationOutcome::Succeeded(holder) => Ok((reader(holder), successor)),
            RotationOutcome::Forked(holder) => Ok((reader(holder), fork)),
            RotationOutcome::Replayed(site) => {
                tracing::warn!(%site, "contact token reused after its replacement; token family revoked");
                Err(AppError::Unauthenticated)
            }
            RotationOutcome::Unknown => Err(AppError::Unauthenticated),
        }
    }
}

fn presented_token(token: &str) -> PresentedToken {
    PresentedToken {
        chain: Digest::of(Secret::chain_of(token).unwrap_or(token)),
        token: Digest::of(token),
    }
}

fn reader(holder: TokenSubject) -> Reader {
    Reader { site: holder.site, contact: holder.contact, family: holder.family, key: holder.key }
}
