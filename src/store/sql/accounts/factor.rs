//! The second factor (TOTP) of an account: enrolled, verified, rate-limited and removed.

use crate::{
    Result,
    db::{query, query_as, query_scalar},
    sql::{secret_locations, write_tx::WriteTx},
    vault::Vault,
};
use belfry_domain::{AccountId, Timestamp};

/// Failed codes before the account has to wait. The wait doubles with each further failure.
const MAX_FREE_FAILURES: i64 = 5;
/// The first wait, in milliseconds.
const FIRST_WAIT_MILLIS: i64 = 30_000;
/// The longest wait, in milliseconds.
const MAX_WAIT_MILLIS: i64 = 3_600_000;

pub(super) async fn begin(
    tx: &mut WriteTx,
    vault: &Vault,
    account: AccountId,
    secret: &[u8],
) -> Result<bool> {
    let sealed = vault.encrypt(&secret_locations::second_factor(account), secret)?;
    // A confirmed factor without a secret (its encryption key was lost) can be enrolled again.
    let changed = query(
        "UPDATE account SET totp_secret = ?2, totp_confirmed = 0, totp_step = 0, totp_failures = 0
         WHERE id = ?1 AND (totp_confirmed = 0 OR totp_secret IS NULL)",
    )
    .bind(account.0)
    .bind(sealed.into_bytes())
    .execute(&mut tx.connection)
    .await?;
    Ok(changed > 0)
}

pub(super) async fn count_attempt(
    tx: &mut WriteTx,
    account: AccountId,
    now: Timestamp,
    impatient: bool,
) -> Result<Option<Timestamp>> {
    let known: Option<(i64, Option<i64>)> =
        query_as("SELECT totp_failures, totp_failed_at FROM account WHERE id = ?1")
            .bind(account.0)
            .fetch_optional(&mut tx.connection)
            .await?;
    let Some((failures, failed_at)) = known else { return Ok(None) };
    // Capped at a shift that already exceeds the longest wait.
    let doublings =
        u32::try_from(failures - MAX_FREE_FAILURES).ok().map(|doublings| doublings.min(16));
    let wait =
        doublings.map_or(0, |doublings| (FIRST_WAIT_MILLIS << doublings).min(MAX_WAIT_MILLIS));
    let until = Timestamp::from_millis(failed_at.unwrap_or(0).saturating_add(wait));
    if !impatient && until > now {
        return Ok(Some(until));
    }
    query(
        "UPDATE account SET totp_failures = totp_failures + 1, totp_failed_at = ?2 WHERE id = ?1",
    )
    .bind(account.0)
    .bind(now.millis())
    .execute(&mut tx.connection)
    .await?;
    Ok(None)
}

/// Whether the account still has this secret.
async fn has_secret(
    tx: &mut WriteTx,
    vault: &Vault,
    account: AccountId,
    secret: &[u8],
) -> Result<bool> {
    let sealed: Option<Option<Vec<u8>>> =
        query_scalar("SELECT totp_secret FROM account WHERE id = ?1")
            .bind(account.0)
            .fetch_optional(&mut tx.connection)
            .await?;
    let Some(sealed) = sealed.flatten() else { return Ok(false) };
    Ok(vault
        .decrypt(&secret_locations::second_factor(account), &String::from_utf8_lossy(&sealed))?
        == secret)
}

pub(super) async fn use_code(
    tx: &mut WriteTx,
    vault: &Vault,
    account: AccountId,
    secret: &[u8],
    step: i64,
) -> Result<bool> {
    if !has_secret(tx, vault, account, secret).await? {
        return Ok(false);
    }
    // A step far in the future was stored while the clock was wrong. Codes are accepted up to one
    // step off, so a correct clock never stores such a step.
    let changed = query(
        "UPDATE account SET totp_step = ?2, totp_confirmed = 1, totp_failures = 0 WHERE id = ?1 AND (totp_step < ?2 OR totp_step > ?2 + 2)",
    )
    .bind(account.0)
    .bind(step)
    .execute(&mut tx.connection)
    .await?;
    Ok(changed > 0)
}

pub(super) async fn remove(
    tx: &mut WriteTx,
    vault: &Vault,
    account: AccountId,
    secret: &[u8],
    step: i64,
) -> Result<bool> {
    if !use_code(tx, vault, account, secret, step).await? {
        return Ok(false);
    }
    query("UPDATE account SET totp_secret = NULL, totp_confirmed = 0, totp_step = 0 WHERE id = ?1")
        .bind(account.0)
        .execute(&mut tx.connection)
        .await?;
    Ok(true)
}
