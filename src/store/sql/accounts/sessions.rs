//! Adds, changes and ends console sessions, and remembers trusted browsers. Called by the parent
//! module, and by [`profile`](super::profile) after a change of the password. Must not depend on
//! what a session's data means.

use crate::{Result, db::query, sql::write_tx::WriteTx};
use belfry_domain::{AccountId, ConsoleSession, Digest, Timestamp};

const MAX_TRUSTED_BROWSERS: i64 = 50;
pub(in crate::sql) const DELETE_OLD_BROWSERS: &str = "DELETE FROM trusted_browser WHERE account_id = ?1 AND digest IN (
    SELECT digest FROM trusted_browser WHERE account_id = ?1 ORDER BY expires_at DESC LIMIT 9223372036854775807 OFFSET ?2 + 0)";
pub(in crate::sql) const END_SESSIONS: &str =
    "DELETE FROM console_session WHERE account_id = ?1 AND (?2 IS NULL OR digest <> ?2)";

pub(super) async fn add_session(tx: &mut WriteTx, session: ConsoleSession) -> Result<()> {
    query("INSERT INTO console_session (digest, account_id, data, expires_at, ends_at) VALUES (?1, ?2, ?3, min(?4, ?5), ?5)")
        .bind(session.digest.0.as_slice())
        .bind(session.account.map(|account| account.0))
        .bind(session.data)
        .bind(session.expires_at.millis())
        .bind(session.ends_at.millis())
        .execute(&mut tx.connection)
        .await?;
    Ok(())
}

pub(super) async fn save_session(tx: &mut WriteTx, session: ConsoleSession) -> Result<()> {
    query("UPDATE console_session SET account_id = ?2, data = ?3, expires_at = min(?4, ends_at) WHERE digest = ?1")
        .bind(session.digest.0.as_slice())
        .bind(session.account.map(|account| account.0))
        .bind(session.data)
        .bind(session.expires_at.millis())
        .execute(&mut tx.connection)
        .await?;
    Ok(())
}

pub(super) async fn end_session(tx: &mut WriteTx, digest: Digest) -> Result<()> {
    query("DELETE FROM console_session WHERE digest = ?1")
        .bind(digest.0.as_slice())
        .execute(&mut tx.connection)
        .await?;
    Ok(())
}

pub(super) async fn end_sessions(
    tx: &mut WriteTx,
    account: AccountId,
    keep: Option<Digest>,
) -> Result<()> {
    query(END_SESSIONS)
        .bind(account.0)
        .bind(keep.map(|digest| digest.0.to_vec()))
        .execute(&mut tx.connection)
        .await?;
    Ok(())
}

pub(super) async fn remember_browser(
    tx: &mut WriteTx,
    account: AccountId,
    digests: Vec<Digest>,
    expires_at: Timestamp,
) -> Result<()> {
    for digest in digests {
        query(
            "INSERT INTO trusted_browser (account_id, digest, expires_at) VALUES (?1, ?2, ?3) ON CONFLICT (account_id, digest) DO UPDATE SET expires_at = excluded.expires_at",
        )
        .bind(account.0)
        .bind(digest.0.as_slice())
        .bind(expires_at.millis())
        .execute(&mut tx.connection)
        .await?;
    }
    query(DELETE_OLD_BROWSERS)
        .bind(account.0)
        .bind(MAX_TRUSTED_BROWSERS)
        .execute(&mut tx.connection)
        .await?;
    Ok(())
}
