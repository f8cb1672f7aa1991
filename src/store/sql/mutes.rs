//! Categories that a contact has muted. Each feed checks them with [`super::feeds::not_muted`]. Must
//! not decide which categories can be muted.

use super::{SqlStore, contact_changes, write_tx::WriteTx};
use crate::{
    Conflict, MAX_MUTES, MuteStore, Result,
    db::{Connection, query, query_scalar, to_json},
};
use async_trait::async_trait;
use belfry_domain::{ContactId, ReaderKey, SiteId, Timestamp};
use futures_util::FutureExt as _;
use std::collections::{BTreeMap, BTreeSet};

pub(super) const OF: &str =
    "SELECT category FROM mute WHERE site_id = ?1 AND contact_id = ?2 ORDER BY category";

/// Deletes mutes of categories that the site's settings ?2 (a JSON list of names) no longer allow.
/// The distinct muted categories are few, and each is found by one index step.
pub(super) const UNMUTE_OTHERS: &str = "WITH RECURSIVE muted (category) AS (
        SELECT min(category) FROM mute INDEXED BY mute_category WHERE site_id = ?1
        UNION ALL
        SELECT (SELECT min(mute.category) FROM mute INDEXED BY mute_category WHERE mute.site_id = ?1 AND mute.category > muted.category)
        FROM muted WHERE muted.category IS NOT NULL)
     DELETE FROM mute INDEXED BY mute_category WHERE site_id = ?1 AND category IN (
        SELECT muted.category FROM muted WHERE muted.category IS NOT NULL AND muted.category NOT IN (SELECT value FROM json_each(?2) AS input))";

#[async_trait]
impl MuteStore for SqlStore {
    async fn mutes(&self, site: SiteId, contact: ContactId) -> Result<Vec<String>> {
        of(&mut *self.read_connection_for(site).await?, site, contact).await
    }

    async fn set_mutes(
        &self,
        site: SiteId,
        contact: ContactId,
        categories: &[String],
        at: Timestamp,
    ) -> Result<bool> {
        let categories: BTreeSet<String> = categories.iter().cloned().collect();
        self.writer
            .for_site(site)
            .run(move |tx| set(tx, ReaderKey { site, contact }, categories, at).boxed())
            .await
    }

    async fn change_mutes(
        &self,
        site: SiteId,
        contact: ContactId,
        changes: &BTreeMap<String, bool>,
        at: Timestamp,
    ) -> Result<bool> {
        let changes = changes.clone();
        self.writer
            .for_site(site)
            .run(move |tx| change(tx, ReaderKey { site, contact }, changes, at).boxed())
            .await
    }
}

async fn of(connection: &mut Connection, site: SiteId, contact: ContactId) -> Result<Vec<String>> {
    query_scalar(OF).bind(site.as_bytes()).bind(contact.0).fetch_all(connection).await
}

async fn change(
    tx: &mut WriteTx,
    ReaderKey { site, contact }: ReaderKey,
    changes: BTreeMap<String, bool>,
    at: Timestamp,
) -> Result<bool> {
    let mut muted: BTreeSet<String> =
        of(&mut tx.connection, site, contact).await?.into_iter().collect();
    muted.retain(|name| changes.get(name).is_none_or(|mute| *mute));
    muted.extend(changes.into_iter().filter_map(|(name, mute)| mute.then_some(name)));
    set(tx, ReaderKey { site, contact }, muted, at).await
}

async fn set(
    tx: &mut WriteTx,
    ReaderKey { site, contact }: ReaderKey,
    categories: BTreeSet<String>,
    at: Timestamp,
) -> Result<bool> {
    if categories.len() > MAX_MUTES {
        return Err(Conflict::TooManyMutes.into());
    }
    let known: Option<i64> = query_scalar(
        "SELECT id FROM contact WHERE site_id = ?1 AND id = ?2 AND deleted_at IS NULL",
    )
    .bind(site.as_bytes())
    .bind(contact.0)
    .fetch_optional(&mut tx.connection)
    .await?;
    if known.is_none() {
        return Ok(false);
    }
    let before: BTreeSet<String> =
        of(&mut tx.connection, site, contact).await?.into_iter().collect();
    if before == categories {
        return Ok(true);
    }
    let categories = to_json(&categories)?;
    query("DELETE FROM mute WHERE site_id = ?1 AND contact_id = ?2 AND category NOT IN (SELECT value FROM json_each(?3))")
        .bind(site.as_bytes())
        .bind(contact.0)
        .bind(&categories)
        .execute(&mut tx.connection)
        .await?;
    query(
        "INSERT INTO mute (site_id, contact_id, category, at) SELECT ?1, ?2, value, ?4 FROM json_each(?3) WHERE true
         ON CONFLICT DO NOTHING",
    )
    .bind(site.as_bytes())
    .bind(contact.0)
    .bind(&categories)
    .bind(at.millis())
    .execute(&mut tx.connection)
    .await?;
    contact_changes::invalidate_view(tx, site, contact).await?;
    Ok(true)
}
