//! Sites and their API keys.

use super::write_tx::WriteTx;
use crate::{
    MAX_KEYS, Result, StoreError, UpdateFn, UpdateResult,
    db::{Columns, Connection, Row, query, query_scalar, to_json},
};
use belfry_domain::{
    ApiKey, Digest, InboxEvent, KeyId, RevokedSessions, Site, SiteId, Timestamp, ValidationError,
    channel::InboxId,
};
use belfry_locales::phrases::errors;

/// The columns that [`site_of`] reads. A deleted inbox counts as none.
macro_rules! columns {
    () => {
        "id, name, origins, selector, insert_position, language, theme_version,
         (SELECT i.id FROM inbox AS i WHERE i.id = CAST(site.settings ->> '$.messagesInbox' AS BIGINT) AND i.site_id = site.id AND i.deleted = 0), created_at"
    };
}

fn site_of(row: &Row) -> Result<Site> {
    let mut columns = Columns::new(row);
    Ok(Site {
        id: columns.site()?,
        name: columns.value()?,
        origins: columns.json()?,
        selector: columns.value()?,
        placement: columns.parse()?,
        language: columns.parse()?,
        theme: columns.maybe_theme()?,
        messages: columns.value::<Option<i64>>()?.map(InboxId),
        created_at: columns.time()?,
    })
}

fn key_of(row: &Row) -> Result<ApiKey> {
    let mut columns = Columns::new(row);
    Ok(ApiKey {
        site: columns.site()?,
        id: columns.key()?,
        name: columns.value()?,
        digest: columns.digest()?,
        scopes: columns.parse()?,
        created_at: columns.time()?,
        last_used_at: columns.maybe_time()?,
        revoked_at: columns.maybe_time()?,
    })
}

pub(super) async fn create(tx: &mut WriteTx, site: Site, key: ApiKey) -> Result<()> {
    query("INSERT INTO site (id, name, origins, selector, insert_position, language, created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")
        .bind(site.id.as_bytes())
        .bind(&site.name)
        .bind(to_json(&site.origins)?)
        .bind(&site.selector)
        .bind(site.placement.as_str())
        .bind(site.language.as_str())
        .bind(site.created_at.millis())
        .execute(&mut tx.connection)
        .await?;
    tx.record_version(site.id, Some(0))?;
    add_key(tx, key).await
}

pub(super) async fn update(
    tx: &mut WriteTx,
    site: SiteId,
    change: UpdateFn<Site>,
) -> Result<UpdateResult<Site>> {
    let Some(former) = one(&mut tx.connection, site).await? else { return Ok(None) };
    let site = match change(&former) {
        Ok(site) if site == former => return Ok(Some(Ok(former))),
        Ok(site) => site,
        Err(invalid) => return Ok(Some(Err(invalid))),
    };
    replace(tx, &site).await?;
    Ok(Some(Ok(site)))
}

pub(super) async fn replace(tx: &mut WriteTx, site: &Site) -> Result<()> {
    // The version is incremented so that other processes notice the change.
    let version = query_scalar(
        "UPDATE site SET name = ?2, origins = ?3, selector = ?4, insert_position = ?5, language = ?6, version = version + 1 WHERE id = ?1 RETURNING version",
    )
    .bind(site.id.as_bytes())
    .bind(&site.name)
    .bind(to_json(&site.origins)?)
    .bind(&site.selector)
    .bind(site.placement.as_str())
    .bind(site.language.as_str())
    .fetch_optional(&mut tx.connection)
    .await?;
    tx.record_version(site.id, version)?;
    tx.note_unseen(site.id);
    Ok(())
}

pub(super) async fn all(connection: &mut Connection) -> Result<Vec<Site>> {
    query(concat!("SELECT ", columns!(), " FROM site ORDER BY site.name, site.id"))
        .fetch_all(connection)
        .await?
        .iter()
        .map(site_of)
        .collect()
}

pub(super) async fn one(connection: &mut Connection, site: SiteId) -> Result<Option<Site>> {
    query(concat!("SELECT ", columns!(), " FROM site WHERE id = ?1"))
        .bind(site.as_bytes())
        .fetch_optional(connection)
        .await?
        .as_ref()
        .map(site_of)
        .transpose()
}

pub(super) async fn add_key(tx: &mut WriteTx, key: ApiKey) -> Result<()> {
    let count: u32 =
        query_scalar("SELECT count(*) FROM api_key WHERE site_id = ?1 AND revoked_at IS NULL")
            .bind(key.site.as_bytes())
            .fetch_one(&mut tx.connection)
            .await?;
    if count >= MAX_KEYS {
        return Err(StoreError::Limit(ValidationError::new("", errors::too_many_keys(MAX_KEYS))));
    }
    query(
        "INSERT INTO api_key (site_id, id, name, digest, scopes, created_at, last_used_at, revoked_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )
    .bind(key.site.as_bytes())
    .bind(&key.id.0)
    .bind(&key.name)
    .bind(key.digest.0.as_slice())
    .bind(key.scopes.to_string())
    .bind(key.created_at.millis())
    .bind(key.last_used_at.map(Timestamp::millis))
    .bind(key.revoked_at.map(Timestamp::millis))
    .execute(&mut tx.connection)
    .await?;
    tx.set_subject(key.id.0);
    Ok(())
}

pub(super) async fn keys(connection: &mut Connection, site: SiteId) -> Result<Vec<ApiKey>> {
    query(
        "SELECT site_id, id, name, digest, scopes, created_at, last_used_at, revoked_at FROM api_key WHERE site_id = ?1 ORDER BY created_at, id",
    )
    .bind(site.as_bytes())
    .fetch_all(connection)
    .await?
    .iter()
    .map(key_of)
    .collect()
}

pub(super) async fn key(connection: &mut Connection, digest: &Digest) -> Result<Option<ApiKey>> {
    query(
        "SELECT site_id, id, name, digest, scopes, created_at, last_used_at, revoked_at FROM api_key WHERE digest = ?1 AND revoked_at IS NULL",
    )
    .bind(digest.0.as_slice())
    .fetch_optional(connection)
    .await?
    .as_ref()
    .map(key_of)
    .transpose()
}

pub(super) async fn touch_key(
    tx: &mut WriteTx,
    site: SiteId,
    key: KeyId,
    at: Timestamp,
) -> Result<()> {
    query("UPDATE api_key SET last_used_at = max(?3, coalesce(last_used_at, ?3)) WHERE site_id = ?1 AND id = ?2")
        .bind(site.as_bytes())
        .bind(&key.0)
        .bind(at.millis())
        .execute(&mut tx.connection)
        .await?;
    Ok(())
}

pub(super) async fn revoke_key(
    tx: &mut WriteTx,
    site: SiteId,
    key: KeyId,
    at: Timestamp,
) -> Result<bool> {
    let revoked = query(
        "UPDATE api_key SET revoked_at = ?3 WHERE site_id = ?1 AND id = ?2 AND revoked_at IS NULL",
    )
    .bind(site.as_bytes())
    .bind(&key.0)
    .bind(at.millis())
    .execute(&mut tx.connection)
    .await?;
    if revoked == 0 {
        return Ok(false);
    }
    for statement in [
        "DELETE FROM contact_token WHERE site_id = ?1 AND key_id = ?2",
        "DELETE FROM widget_session WHERE site_id = ?1 AND key_id = ?2",
        "DELETE FROM token_family WHERE site_id = ?1 AND key_id = ?2",
        "DELETE FROM device WHERE site_id = ?1 AND key_id = ?2",
    ] {
        query(statement).bind(site.as_bytes()).bind(&key.0).execute(&mut tx.connection).await?;
    }
    tx.next_version(site, false).await?;
    tx.publish(InboxEvent::SessionsRevoked { site, revoked: RevokedSessions::Key(key) });
    Ok(true)
}
