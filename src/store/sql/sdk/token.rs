//! Sessions, one-time codes that open a window, and sessions of windows. Each is stored by the
//! digest of its secret.

use super::{agent, key};
use crate::{
    MAX_SDK_SESSIONS, Result, SdkLogin,
    db::{Columns, Connection, query, query_scalar, to_json},
    sql::{
        channel::{self, agent_columns},
        sdk_rows::scope_of,
        write_tx::WriteTx,
    },
    vault::Vault,
};
use belfry_domain::{
    Digest, SiteId, Timestamp,
    channel::{AgentId, ConversationId, ConversationNumber},
    sdk::{NewSdkToken, SdkKeyId, SdkRole, SdkSession, SdkTokenKind},
};

/// A token whose key or agent was deleted finds no row.
pub(in crate::sql) const SESSION: &str = concat!(
    "SELECT ",
    agent_columns!(),
    ", a.site_id, n.number, site.name, a.pubsub_token, t.roles, t.key_id, t.conversation, t.expires_at, k.inbox_id
     FROM sdk_token AS t CROSS JOIN sdk_key AS k ON k.id = t.key_id AND k.site_id = t.site_id
     CROSS JOIN agent AS a ON a.id = t.agent_id AND a.site_id = t.site_id AND a.sdk_inbox_id = k.inbox_id AND a.external_id IS NOT NULL
     CROSS JOIN site_counter AS n ON n.site_id = t.site_id CROSS JOIN site ON site.id = t.site_id
     LEFT JOIN membership AS m ON m.site_id = a.site_id AND m.account_id = a.account_id
     WHERE t.digest = ?1 AND t.kind IN (0, 2) AND t.expires_at > ?2"
);
pub(in crate::sql) const END_OLDEST: &str = "DELETE FROM sdk_token WHERE digest IN (
        SELECT digest FROM sdk_token INDEXED BY sdk_token_agent WHERE agent_id = ?1 AND kind = ?2 ORDER BY expires_at DESC LIMIT 64 OFFSET ?3 + 0)";
pub(super) async fn session(
    connection: &mut Connection,
    vault: &Vault,
    digest: &Digest,
    now: Timestamp,
) -> Result<Option<SdkSession>> {
    let row = query(SESSION)
        .bind(digest.0.to_vec())
        .bind(now.millis())
        .fetch_optional(connection)
        .await?;
    let Some(row) = row else { return Ok(None) };
    let mut columns = Columns::new(&row);
    let caller = channel::signed_in(&mut columns, vault)?;
    let external_id = caller.agent.external_id.clone().unwrap_or_default();
    Ok(Some(SdkSession {
        caller,
        external_id,
        roles: columns.json()?,
        key: SdkKeyId(columns.value()?),
        window: columns.value::<Option<i64>>()?.map(ConversationNumber),
        expires_at: columns.time()?,
        scope: scope_of(columns.value()?),
    }))
}

pub(super) async fn enter(
    tx: &mut WriteTx,
    vault: &Vault,
    entry: SdkLogin,
    now: Timestamp,
) -> Result<Option<SdkSession>> {
    let SdkLogin { site, key, agent, roles, pubsub_token, session: digest, expires_at } = entry;
    let Some(scope) = key::touch(tx, site, key, now).await? else { return Ok(None) };
    let agent = agent::upsert(tx, vault, (site, scope), &agent, &pubsub_token, now).await?;
    let token = NewSdkToken {
        digest,
        kind: SdkTokenKind::Session,
        key,
        agent,
        roles,
        conversation: None,
        expires_at,
        session_until: expires_at,
    };
    insert(tx, site, &token).await?;
    session(&mut tx.connection, vault, &digest, now).await
}

/// Stores a token, unless its key was revoked.
pub(super) async fn add(tx: &mut WriteTx, site: SiteId, token: &NewSdkToken) -> Result<bool> {
    let key: Option<i64> = query_scalar("SELECT 1 FROM sdk_key WHERE id = ?2 AND site_id = ?1")
        .bind(site.as_bytes())
        .bind(token.key.0)
        .fetch_optional(&mut tx.connection)
        .await?;
    if key.is_some() {
        insert(tx, site, token).await?;
    }
    Ok(key.is_some())
}

async fn insert(tx: &mut WriteTx, site: SiteId, token: &NewSdkToken) -> Result<()> {
    query(
        "INSERT INTO sdk_token (digest, site_id, kind, key_id, agent_id, roles, conversation, expires_at, session_expires_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    )
    .bind(token.digest.0.to_vec())
    .bind(site.as_bytes())
    .bind(token.kind.as_int())
    .bind(token.key.0)
    .bind(token.agent.0)
    .bind(to_json(&token.roles)?)
    .bind(token.conversation.map(|number| number.0))
    .bind(token.expires_at.millis())
    .bind(token.session_until.millis())
    .execute(&mut tx.connection)
    .await?;
    query(END_OLDEST)
        .bind(token.agent.0)
        .bind(token.kind.as_int())
        .bind(MAX_SDK_SESSIONS)
        .execute(&mut tx.connection)
        .await?;
    Ok(())
}

/// The site of a code that has not expired.
pub(super) async fn site_of_code(
    connection: &mut Connection,
    code: &Digest,
    now: Timestamp,
) -> Result<Option<SiteId>> {
    let row =
        query("SELECT site_id FROM sdk_token WHERE digest = ?1 AND kind = ?2 AND expires_at > ?3")
            .bind(code.0.to_vec())
            .bind(SdkTokenKind::Code.as_int())
            .bind(now.millis())
            .fetch_optional(connection)
            .await?;
    row.map(|row| Columns::new(&row).site()).transpose()
}

/// Consumes a code and starts the session of its window.
pub(super) async fn exchange(
    tx: &mut WriteTx,
    vault: Vault,
    code: Digest,
    conversation: ConversationId,
    window: Digest,
    now: Timestamp,
) -> Result<Option<SdkSession>> {
    let row = query(
        "DELETE FROM sdk_token WHERE digest = ?1 AND kind = ?2 AND expires_at > ?3
         RETURNING site_id, key_id, agent_id, roles, conversation, session_expires_at",
    )
    .bind(code.0.to_vec())
    .bind(SdkTokenKind::Code.as_int())
    .bind(now.millis())
    // `fetch_all` runs the statement to its end: one with `RETURNING` deletes only while its rows
    // are read.
    .fetch_all(&mut tx.connection)
    .await?
    .pop();
    let Some(row) = row else { return Ok(None) };
    let mut columns = Columns::new(&row);
    let (site, key, agent): (SiteId, i64, i64) =
        (columns.site()?, columns.value()?, columns.value()?);
    let roles: Vec<SdkRole> = columns.json()?;
    let (number, until): (Option<i64>, Timestamp) = (columns.value()?, columns.time()?);
    let named: Option<Vec<u8>> = query_scalar(
        "SELECT uuid FROM conversation WHERE site_id = ?1 AND number = ?2 AND deleted = 0",
    )
    .bind(site.as_bytes())
    .bind(number)
    .fetch_optional(&mut tx.connection)
    .await?;
    if named.is_none_or(|named| named != conversation.as_bytes()) {
        return Ok(None);
    }
    let token = NewSdkToken {
        digest: window,
        kind: SdkTokenKind::Window,
        key: SdkKeyId(key),
        agent: AgentId(agent),
        roles,
        conversation: number.map(ConversationNumber),
        expires_at: until,
        session_until: until,
    };
    if !add(tx, site, &token).await? {
        return Ok(None);
    }
    session(&mut tx.connection, &vault, &window, now).await
}
