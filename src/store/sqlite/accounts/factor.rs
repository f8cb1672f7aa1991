//! The second factor of an account: begun, tried, used and taken away.

use crate::{
    domain::{AccountId, Timestamp},
    store::{
        Result,
        sqlite::{sealing, work::Work},
        vault::Vault,
    },
};

/// Wrong codes after which one has to wait; twice as long each time,
const FREE_TRIES: i64 = 5;
/// from this on
const FIRST_WAIT: i64 = 30_000;
/// up to this.
const LONGEST_WAIT: i64 = 3_600_000;

pub(super) async fn begin(work: &mut Work, vault: &Vault, account: AccountId, secret: &[u8]) -> Result<bool> {
    let sealed = vault.seal(&sealing::second_factor(account), secret)?;
    // A secret that was lost with its key leaves a factor that was confirmed.
    let changed = sqlx::query(
        "UPDATE account SET totp_secret = ?2, totp_confirmed = 0, totp_step = 0, totp_failures = 0
         WHERE id = ?1 AND (totp_confirmed = 0 OR totp_secret IS NULL)",
    )
    .bind(account.0)
    .bind(sealed.into_bytes())
    .execute(&mut work.connection)
    .await?;
    Ok(changed.rows_affected() > 0)
}

pub(super) async fn count_try(work: &mut Work, account: AccountId, now: Timestamp, impatient: bool) -> Result<Option<Timestamp>> {
    let known: Option<(i64, Option<i64>)> = sqlx::query_as("SELECT totp_failures, totp_failed_at FROM account WHERE id = ?1")
        .bind(account.0)
        .fetch_optional(&mut work.connection)
        .await?;
    let Some((failures, failed_at)) = known else { return Ok(None) };
    // Shifted no further than what the longest wait takes.
    let doublings = u32::try_from(failures - FREE_TRIES).ok().map(|doublings| doublings.min(16));
    let wait = doublings.map_or(0, |doublings| (FIRST_WAIT << doublings).min(LONGEST_WAIT));
    let until = Timestamp::from_millis(failed_at.unwrap_or(0).saturating_add(wait));
    if !impatient && until > now {
        return Ok(Some(until));
    }
    sqlx::query("UPDATE account SET totp_failures = totp_failures + 1, totp_failed_at = ?2 WHERE id = ?1")
        .bind(account.0)
        .bind(now.millis())
        .execute(&mut work.connection)
        .await?;
    Ok(None)
}

/// Whether this is the secret of the account still.
async fn has(work: &mut Work, vault: &Vault, account: AccountId, secret: &[u8]) -> Result<bool> {
    let sealed: Option<Option<Vec<u8>>> =
        sqlx::query_scalar("SELECT totp_secret FROM account WHERE id = ?1").bind(account.0).fetch_optional(&mut work.connection).await?;
    let Some(sealed) = sealed.flatten() else { return Ok(false) };
    Ok(vault.open(&sealing::second_factor(account), &String::from_utf8_lossy(&sealed))? == secret)
}

pub(super) async fn take_digits(work: &mut Work, vault: &Vault, account: AccountId, secret: &[u8], step: i64) -> Result<bool> {
    if !has(work, vault, account, secret).await? {
        return Ok(false);
    }
    // One that is far ahead was taken while the clock was wrong; digits are taken up to one step off, so no right clock leaves it there.
    let changed = sqlx::query(
        "UPDATE account SET totp_step = ?2, totp_confirmed = 1, totp_failures = 0 WHERE id = ?1 AND (totp_step < ?2 OR totp_step > ?2 + 2)",
    )
    .bind(account.0)
    .bind(step)
    .execute(&mut work.connection)
    .await?;
    Ok(changed.rows_affected() > 0)
}

pub(super) async fn remove(work: &mut Work, vault: &Vault, account: AccountId, secret: &[u8], step: i64) -> Result<bool> {
    if !take_digits(work, vault, account, secret, step).await? {
        return Ok(false);
    }
    sqlx::query("UPDATE account SET totp_secret = NULL, totp_confirmed = 0, totp_step = 0 WHERE id = ?1")
        .bind(account.0)
        .execute(&mut work.connection)
        .await?;
    Ok(true)
}
