//! Signing keys of the Inbox SDK, stored encrypted.

use crate::{
    MAX_SDK_KEYS, Result, StoreError,
    db::{Columns, Connection, query, query_as, query_scalar},
    sql::{
        sdk_rows::{number_of, scope_of},
        secret_locations::sdk_signing_key,
        write_tx::WriteTx,
    },
    vault::Vault,
};
use belfry_domain::{
    SiteId, Timestamp, ValidationError,
    channel::{ChannelAccess, Rejection},
    sdk::{SdkKey, SdkKeyId, SdkScope, SigningKey, SigningKeyOwner, SigningKeys},
};
use belfry_locales::phrases::errors;
use std::time::Duration;

pub(in crate::sql) const ALL: &str = "SELECT id, inbox_id, label, created_at, last_used_at FROM sdk_key WHERE site_id = ?1 ORDER BY inbox_id, id";
/// Sorted by `+`: `PostgreSQL` would read the keys of all sites in order instead.
pub(in crate::sql) const OF_INBOX: &str =
    "SELECT k.id, k.site_id, k.inbox_id, k.secret FROM inbox AS i
     CROSS JOIN sdk_key AS k INDEXED BY sdk_key_scope ON k.site_id = i.site_id AND k.inbox_id = i.id
     WHERE i.uuid = ?1 AND i.deleted = 0 ORDER BY +k.id DESC";
pub(in crate::sql) const OF_SITE: &str = "SELECT id, site_id, inbox_id, secret FROM sdk_key INDEXED BY sdk_key_scope WHERE site_id = ?1 AND inbox_id = 0 ORDER BY id DESC";

pub(super) async fn create(
    tx: &mut WriteTx,
    vault: &Vault,
    (site, scope): (SiteId, SdkScope),
    label: String,
    secret: SigningKey,
    now: Timestamp,
) -> Result<std::result::Result<SdkKey, Rejection>> {
    let number = number_of(scope);
    let count: u32 =
        query_scalar("SELECT count(*) FROM sdk_key WHERE site_id = ?1 AND inbox_id = ?2")
            .bind(site.as_bytes())
            .bind(number)
            .fetch_one(&mut tx.connection)
            .await?;
    if count >= MAX_SDK_KEYS {
        return Err(StoreError::Limit(ValidationError::new(
            "",
            errors::too_many_sdk_keys(MAX_SDK_KEYS),
        )));
    }
    let id: Option<i64> = query_scalar(
        "INSERT INTO sdk_key (site_id, inbox_id, label, secret, created_at) SELECT id, ?2, ?3, '', ?4 FROM site WHERE id = ?1
            AND (?2 = 0 OR EXISTS (SELECT 1 FROM inbox AS i WHERE i.id = ?2 AND i.site_id = ?1 AND i.deleted = 0)) RETURNING id",
    )
    .bind(site.as_bytes())
    .bind(number)
    .bind(&label)
    .bind(now.millis())
    .fetch_optional(&mut tx.connection)
    .await?;
    let Some(id) = id else {
        return Ok(Err(Rejection::NotFound(scope.inbox().map_or("site", |_| "inbox"))));
    };
    query("UPDATE sdk_key SET secret = ?2 WHERE id = ?1")
        .bind(id)
        .bind(vault.encrypt(&sdk_signing_key(site, id), secret.reveal().as_bytes())?)
        .execute(&mut tx.connection)
        .await?;
    tx.set_subject(id);
    Ok(Ok(SdkKey { id: SdkKeyId(id), scope, label, created_at: now, last_used_at: None }))
}

pub(super) async fn all(connection: &mut Connection, site: SiteId) -> Result<Vec<SdkKey>> {
    let rows = query(ALL).bind(site.as_bytes()).fetch_all(connection).await?;
    let key = |row| {
        let mut columns = Columns::new(row);
        Ok(SdkKey {
            id: SdkKeyId(columns.value()?),
            scope: scope_of(columns.value()?),
            label: columns.value()?,
            created_at: columns.time()?,
            last_used_at: columns.maybe_time()?,
        })
    };
    rows.iter().map(key).collect()
}

pub(super) async fn revoke(tx: &mut WriteTx, site: SiteId, key: SdkKeyId) -> Result<bool> {
    let revoked = query("DELETE FROM sdk_key WHERE id = ?2 AND site_id = ?1")
        .bind(site.as_bytes())
        .bind(key.0)
        .execute(&mut tx.connection)
        .await?;
    if revoked == 0 {
        return Ok(false);
    }
    tx.publish_agent_access(site, ChannelAccess::Agents).await?;
    Ok(true)
}

pub(super) async fn signing(
    connection: &mut Connection,
    vault: &Vault,
    owner: SigningKeyOwner,
) -> Result<Option<SigningKeys>> {
    let query = match owner {
        SigningKeyOwner::Inbox(uuid) => query(OF_INBOX).bind(uuid.as_bytes().to_vec()),
        SigningKeyOwner::Site(site) => query(OF_SITE).bind(site.as_bytes().to_vec()),
    };
    let mut found: Option<SigningKeys> = None;
    for row in query.fetch_all(connection).await? {
        let mut columns = Columns::new(&row);
        let (id, site, scope): (i64, SiteId, SdkScope) =
            (columns.value()?, columns.site()?, scope_of(columns.value()?));
        let secret = SigningKey::from_stored(
            vault.decrypt_text(&sdk_signing_key(site, id), columns.value()?)?,
        );
        found
            .get_or_insert_with(|| SigningKeys { site, scope, keys: Vec::new() })
            .keys
            .push((SdkKeyId(id), secret));
    }
    Ok(found)
}

/// Stores that a key was used, to the minute, and returns its scope. `None` if it is revoked.
pub(super) async fn touch(
    tx: &mut WriteTx,
    site: SiteId,
    key: SdkKeyId,
    now: Timestamp,
) -> Result<Option<SdkScope>> {
    let found: Option<(i64, Option<i64>)> =
        query_as("SELECT inbox_id, last_used_at FROM sdk_key WHERE id = ?2 AND site_id = ?1")
            .bind(site.as_bytes())
            .bind(key.0)
            .fetch_optional(&mut tx.connection)
            .await?;
    let Some((inbox, last)) = found else { return Ok(None) };
    if last.is_none_or(|last| Timestamp::from_millis(last).plus(Duration::from_mins(1)) <= now) {
        query("UPDATE sdk_key SET last_used_at = ?2 WHERE id = ?1")
            .bind(key.0)
            .bind(now.millis())
            .execute(&mut tx.connection)
            .await?;
    }
    Ok(Some(scope_of(inbox)))
}
