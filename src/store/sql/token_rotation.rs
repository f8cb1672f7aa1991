//! Rotation of contact tokens with reuse detection. Each decision and its writes are one
//! transaction of the only writer, so concurrent requests with one token are processed one after
//! the other.

use super::{SqlStore, credential, write_tx::WriteTx};
use crate::{
    Result, TokenRotationStore,
    db::{Columns, query},
};
use async_trait::async_trait;
use belfry_domain::{
    Digest, PresentedToken, RotationOutcome, SiteId, Timestamp, TokenFamily, TokenRotation,
    TokenSubject,
};
use futures_util::FutureExt as _;

/// The most chains of one family. One more replaces the least recently used one.
const MAX_CHAINS_PER_FAMILY: i64 = 100;

pub(super) const FAMILY: &str = "SELECT site_id, family FROM token_chain WHERE digest = ?1
     UNION ALL SELECT site_id, family FROM contact_token WHERE digest = ?2 AND expires_at > ?3 LIMIT 1";

pub(super) const CHAIN: &str = "SELECT f.site_id, f.contact_id, f.family, f.key_id, f.ends_at, c.current_token, c.recent_tokens, c.expires_at,
         c.previous_token, c.previous_expires_at, c.parent_chain, c.parent_token
     FROM token_chain AS c CROSS JOIN token_family AS f WHERE c.digest = ?1 AND f.site_id = c.site_id AND f.family = c.family";

pub(super) const FIRST_TOKEN: &str = "SELECT site_id, contact_id, family, key_id, expires_at FROM contact_token WHERE digest = ?1 AND expires_at > ?2";

pub(super) const DELETE_EXCESS_CHAINS: &str = "DELETE FROM token_chain WHERE site_id = ?1 AND digest IN (
         SELECT digest FROM token_chain WHERE site_id = ?1 AND family = ?2 ORDER BY expires_at DESC LIMIT 9223372036854775807 OFFSET ?3 + 0)";

pub(super) const EXTEND_FAMILY: &str =
    "UPDATE token_family SET expires_at = max(expires_at, ?3) WHERE site_id = ?1 AND family = ?2";

const ADVANCE: &str = "UPDATE token_chain SET current_token = ?3, recent_tokens = ?4, expires_at = ?5, previous_token = ?6, previous_expires_at = ?7,
     parent_chain = NULL, parent_token = NULL WHERE site_id = ?1 AND digest = ?2";

/// Changes nothing if the parent chain has advanced since.
pub(super) const SUCCESSOR_USED: &str = "UPDATE token_chain SET previous_token = NULL WHERE site_id = ?1 AND digest = ?2 AND previous_token = ?3";

#[async_trait]
impl TokenRotationStore for SqlStore {
    async fn token_family(
        &self,
        presented: &PresentedToken,
        now: Timestamp,
    ) -> Result<Option<(SiteId, TokenFamily)>> {
        let row = query(FAMILY)
            .bind(presented.chain.0.as_slice())
            .bind(presented.token.0.as_slice())
            .bind(now.millis())
            .fetch_optional(&mut *self.read_connection().await?)
            .await?;
        let holder = |columns: &mut Columns<'_>| Ok((columns.site()?, columns.family()?));
        row.map(|row| holder(&mut Columns::new(&row))).transpose()
    }

    async fn rotate(&self, rotation: &TokenRotation) -> Result<RotationOutcome> {
        let rotation = *rotation;
        self.writer.for_site(rotation.site).run(move |tx| rotate(tx, rotation).boxed()).await
    }
}

struct Chain {
    subject: TokenSubject,
    ends_at: Timestamp,
    token: Option<Vec<u8>>,
    recent: RecentTokens,
    expires_at: Timestamp,
    /// The token that was replaced last, while none of its successors was used, and when it
    /// expires.
    previous: Option<Vec<u8>>,
    previous_expires_at: Timestamp,
    /// Set until the first token of the chain is used: the parent chain, and the token it was
    /// issued for.
    parent: Option<Vec<u8>>,
    parent_token: Option<Vec<u8>>,
}

async fn rotate(tx: &mut WriteTx, rotation: TokenRotation) -> Result<RotationOutcome> {
    let Some(chain) = chain(tx, &rotation.presented.chain).await? else {
        return start_family(tx, rotation).await;
    };
    let presented = rotation.presented.token;
    if chain.token.as_deref() == Some(presented.0.as_slice()) {
        return advance(tx, chain, rotation).await;
    }
    // Its successor may have been lost in transit while no successor was used.
    let unanswered = chain.previous.as_deref() == Some(presented.0.as_slice());
    let overlaps = chain.recent.contains(&presented, rotation.overlap_since);
    if !unanswered && !overlaps {
        credential::end_family(tx, chain.subject.site, chain.subject.family).await?;
        return Ok(RotationOutcome::Replayed(chain.subject.site));
    }
    if chain.ends_at <= rotation.now || (!overlaps && chain.previous_expires_at <= rotation.now) {
        return Ok(RotationOutcome::Unknown);
    }
    if !overlaps {
        repeat_successor(tx, &chain, &rotation).await?;
    }
    let expires_at = rotation.expires_at.min(chain.ends_at);
    fork(tx, &chain.subject, &rotation, expires_at).await?;
    extend_family(tx, &chain.subject, expires_at).await?;
    Ok(RotationOutcome::Forked(chain.subject))
}

/// The current token was presented: the successor replaces it.
async fn advance(
    tx: &mut WriteTx,
    mut chain: Chain,
    rotation: TokenRotation,
) -> Result<RotationOutcome> {
    if chain.expires_at <= rotation.now {
        return Ok(RotationOutcome::Unknown);
    }
    let expires_at = rotation.expires_at.min(chain.ends_at);
    chain.recent.remove_before(rotation.overlap_since);
    chain.recent.add(&rotation.presented.token, rotation.now);
    query(ADVANCE)
        .bind(chain.subject.site.as_bytes())
        .bind(rotation.presented.chain.0.as_slice())
        .bind(rotation.successor.0.as_slice())
        .bind(&chain.recent.0)
        .bind(expires_at.millis())
        .bind(rotation.presented.token.0.as_slice())
        .bind(chain.expires_at.millis())
        .execute(&mut tx.connection)
        .await?;
    if let (Some(parent), Some(token)) = (chain.parent, chain.parent_token) {
        query(SUCCESSOR_USED)
            .bind(chain.subject.site.as_bytes())
            .bind(parent)
            .bind(token)
            .execute(&mut tx.connection)
            .await?;
    }
    extend_family(tx, &chain.subject, expires_at).await?;
    Ok(RotationOutcome::Succeeded(chain.subject))
}

/// A late use restarts the overlap: requests sent together with this one may arrive after its
/// response was used.
async fn repeat_successor(tx: &mut WriteTx, chain: &Chain, rotation: &TokenRotation) -> Result<()> {
    let mut recent = RecentTokens(chain.recent.0.clone());
    recent.remove_before(rotation.overlap_since);
    recent.add(&rotation.presented.token, rotation.now);
    query("UPDATE token_chain SET recent_tokens = ?3 WHERE site_id = ?1 AND digest = ?2")
        .bind(chain.subject.site.as_bytes())
        .bind(rotation.presented.chain.0.as_slice())
        .bind(&recent.0)
        .execute(&mut tx.connection)
        .await?;
    Ok(())
}

async fn chain(tx: &mut WriteTx, digest: &Digest) -> Result<Option<Chain>> {
    let row = query(CHAIN).bind(digest.0.as_slice()).fetch_optional(&mut tx.connection).await?;
    let Some(row) = row else { return Ok(None) };
    let mut columns = Columns::new(&row);
    Ok(Some(Chain {
        subject: holder(&mut columns)?,
        ends_at: columns.time()?,
        token: columns.value()?,
        recent: RecentTokens(columns.value()?),
        expires_at: columns.time()?,
        previous: columns.value()?,
        previous_expires_at: columns.time()?,
        parent: columns.value()?,
        parent_token: columns.value()?,
    }))
}

fn holder(columns: &mut Columns<'_>) -> Result<TokenSubject> {
    Ok(TokenSubject {
        site: columns.site()?,
        contact: columns.contact()?,
        family: columns.family()?,
        key: columns.key()?,
    })
}

/// The first use of a token that a backend requested: it is replaced at once by the first token of
/// the first chain.
async fn start_family(tx: &mut WriteTx, rotation: TokenRotation) -> Result<RotationOutcome> {
    let row = query(FIRST_TOKEN)
        .bind(rotation.presented.token.0.as_slice())
        .bind(rotation.now.millis())
        .fetch_optional(&mut tx.connection)
        .await?;
    let Some(row) = row else { return Ok(RotationOutcome::Unknown) };
    let mut columns = Columns::new(&row);
    let (holder, token_expires_at) = (holder(&mut columns)?, columns.time()?);
    query("INSERT INTO token_family (site_id, family, contact_id, key_id, expires_at, ends_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)")
        .bind(holder.site.as_bytes())
        .bind(holder.family.0.as_slice())
        .bind(holder.contact.0)
        .bind(&holder.key.0)
        .bind(rotation.expires_at.millis())
        .bind(rotation.ends_at.millis())
        .execute(&mut tx.connection)
        .await?;
    let mut recent = RecentTokens(Vec::new());
    recent.add(&rotation.presented.token, rotation.now);
    // The row exists as long as the family: `ends_at` keeps it from being deleted as excess.
    query(
        "INSERT INTO token_chain (site_id, digest, family, recent_tokens, expires_at, previous_token, previous_expires_at) VALUES (?1, ?2, ?3, ?4, ?5, ?2, ?6)",
    )
    .bind(holder.site.as_bytes())
    .bind(rotation.presented.token.0.as_slice())
    .bind(holder.family.0.as_slice())
    .bind(&recent.0)
    .bind(rotation.ends_at.millis())
    .bind(token_expires_at.millis())
    .execute(&mut tx.connection)
    .await?;
    fork(tx, &holder, &rotation, rotation.expires_at).await?;
    Ok(RotationOutcome::Forked(holder))
}

async fn fork(
    tx: &mut WriteTx,
    holder: &TokenSubject,
    rotation: &TokenRotation,
    expires_at: Timestamp,
) -> Result<()> {
    query(DELETE_EXCESS_CHAINS)
        .bind(holder.site.as_bytes())
        .bind(holder.family.0.as_slice())
        .bind(MAX_CHAINS_PER_FAMILY - 1)
        .execute(&mut tx.connection)
        .await?;
    query(
        "INSERT INTO token_chain (site_id, digest, family, current_token, recent_tokens, expires_at, parent_chain, parent_token) VALUES (?1, ?2, ?3, ?4, x'', ?5, ?6, ?7)",
    )
    .bind(holder.site.as_bytes())
    .bind(rotation.fork.chain.0.as_slice())
    .bind(holder.family.0.as_slice())
    .bind(rotation.fork.token.0.as_slice())
    .bind(expires_at.millis())
    .bind(rotation.presented.chain.0.as_slice())
    .bind(rotation.presented.token.0.as_slice())
    .execute(&mut tx.connection)
    .await?;
    Ok(())
}

async fn extend_family(
    tx: &mut WriteTx,
    holder: &TokenSubject,
    expires_at: Timestamp,
) -> Result<()> {
    query(EXTEND_FAMILY)
        .bind(holder.site.as_bytes())
        .bind(holder.family.0.as_slice())
        .bind(expires_at.millis())
        .execute(&mut tx.connection)
        .await?;
    Ok(())
}

/// Recently replaced tokens, oldest first: 32 bytes of digest and 8 bytes of time each.
struct RecentTokens(Vec<u8>);

impl RecentTokens {
    const ENTRY: usize = 40;

    fn time_of(entry: &[u8]) -> Option<Timestamp> {
        Some(Timestamp::from_millis(i64::from_be_bytes(*entry.last_chunk()?)))
    }

    fn add(&mut self, token: &Digest, at: Timestamp) {
        self.0.extend_from_slice(&token.0);
        self.0.extend_from_slice(&at.millis().to_be_bytes());
    }

    fn remove_before(&mut self, before: Timestamp) {
        self.0 = self
            .0
            .chunks_exact(Self::ENTRY)
            .filter(|entry| Self::time_of(entry).is_some_and(|at| at >= before))
            .flatten()
            .copied()
            .collect();
    }

    fn contains(&self, token: &Digest, since: Timestamp) -> bool {
        self.0.chunks_exact(Self::ENTRY).any(|entry| {
            entry.starts_with(&token.0) && Self::time_of(entry).is_some_and(|at| at >= since)
        })
    }
}
