//! Encryption of secrets in the database: checks the key when the database is opened, and
//! re-encrypts when the key is rotated.
//!
//! Work on many rows is done in turns, each a transaction of its own, so that no request waits for
//! all of them.

use super::{
    SqlStore, channel,
    database::Database,
    secret_locations::{second_factor, signing_secret, webhook_password},
    write_tx::WriteTx,
};
use crate::{
    DatabaseOptions, Result, StoreError, copy,
    db::{Connection, query, query_as, query_scalar},
    postgres::lock_all,
    vault::{SecretLocation, Vault},
};
use belfry_domain::{AccountId, SigningSecret, SiteId, SystemRng};
use futures_util::FutureExt as _;
use std::path::Path;

/// The rows of one turn.
const ROWS_PER_TURN: i64 = 100;
const PROOF_PLACE: SecretLocation = SecretLocation { kind: "proof", site: None, row: 1 };
/// The plaintext that is encrypted as a proof of the key.
const PROOF_PLAINTEXT: &[u8] = b"belfry";

fn secret_key_error(path: &Path, reason: &str) -> StoreError {
    StoreError::SecretKey { file: path.display().to_string(), reason: reason.to_owned() }
}

/// Loads the key of this database, or creates one if it has none yet.
pub(super) async fn load_or_create_vault(
    connection: &mut Connection,
    path: &Path,
) -> Result<Vault> {
    // In this order: another process creates the file before it stores the proof.
    let is_proven = stored_proof(connection).await?.is_some();
    let vault = match (Vault::load(path)?, is_proven) {
        (Some(vault), true) => vault,
        (None, true) => {
            return Err(secret_key_error(
                path,
                "it is not there; put it back, or name the right one with --secret-key-file (`belfry secret-key reset` does without it)",
            ));
        }
        (found, false) => {
            let vault = found.map_or_else(|| Vault::create(path), Ok)?;
            let proof = vault.encrypt(&PROOF_PLACE, PROOF_PLAINTEXT)?;
            query("INSERT INTO encryption_key_check (id, check_value) VALUES (1, ?1) ON CONFLICT DO NOTHING")
                .bind(proof)
                .execute(&mut *connection)
                .await?;
            vault
        }
    };
    let Some(proof) = stored_proof(connection).await? else {
        return Err(StoreError::Inconsistent("the proof of the secret key is missing".to_owned()));
    };
    if vault.decrypt(&PROOF_PLACE, &proof).ok().as_deref() != Some(PROOF_PLAINTEXT) {
        return Err(secret_key_error(
            path,
            "it is the key of another database; name the right one with --secret-key-file",
        ));
    }
    Ok(vault)
}

async fn stored_proof(connection: &mut Connection) -> Result<Option<String>> {
    query_scalar("SELECT check_value FROM encryption_key_check WHERE id = 1")
        .fetch_optional(connection)
        .await
}

/// The tables with encrypted columns that belong to this module.
#[derive(Clone, Copy)]
enum EncryptedTable {
    SecondFactors,
    Webhooks,
}

impl EncryptedTable {
    /// Re-encrypts values that are encrypted with a former key, in the next rows. Returns the last
    /// row if there may be more.
    async fn encrypt_batch(
        self,
        connection: &mut Connection,
        vault: &Vault,
        after: i64,
    ) -> Result<Option<i64>> {
        match self {
            Self::SecondFactors => second_factors(connection, vault, after).await,
            Self::Webhooks => webhooks(connection, vault, after).await,
        }
    }
}

fn next_start(rows: usize, last: Option<i64>) -> Option<i64> {
    last.filter(|_| i64::try_from(rows).is_ok_and(|rows| rows >= ROWS_PER_TURN))
}

async fn second_factors(
    connection: &mut Connection,
    vault: &Vault,
    after: i64,
) -> Result<Option<i64>> {
    let rows: Vec<(i64, Vec<u8>)> =
        query_as("SELECT id, totp_secret FROM account WHERE id > ?1 AND totp_secret IS NOT NULL ORDER BY id LIMIT ?2 + 0")
            .bind(after)
            .bind(ROWS_PER_TURN)
            .fetch_all(&mut *connection)
            .await?;
    for (id, kept) in &rows {
        let place = second_factor(AccountId(*id));
        let kept = String::from_utf8_lossy(kept);
        if vault.is_newest(&kept) {
            continue;
        }
        let anew = vault.encrypt(&place, &vault.decrypt(&place, &kept)?)?;
        query("UPDATE account SET totp_secret = ?2 WHERE id = ?1")
            .bind(id)
            .bind(anew.into_bytes())
            .execute(&mut *connection)
            .await?;
    }
    Ok(next_start(rows.len(), rows.last().map(|(id, _)| *id)))
}

type WebhookSecrets = (i64, Vec<u8>, Option<String>, Option<String>, Option<String>);

async fn webhooks(connection: &mut Connection, vault: &Vault, after: i64) -> Result<Option<i64>> {
    let rows: Vec<WebhookSecrets> = query_as(
        "SELECT s.endpoint, e.site_id, s.secret, s.previous_secret, s.password FROM webhook_secret AS s CROSS JOIN webhook_endpoint AS e
         WHERE s.endpoint > ?1 AND e.number = s.endpoint ORDER BY s.endpoint LIMIT ?2 + 0",
    )
    .bind(after)
    .bind(ROWS_PER_TURN)
    .fetch_all(&mut *connection)
    .await?;
    for (number, site, secret, former, known_password) in &rows {
        let site: [u8; 16] = site
            .as_slice()
            .try_into()
            .map_err(|_| StoreError::Inconsistent("invalid site id".to_owned()))?;
        let site = SiteId::from_bytes(site);
        let anew = |place: SecretLocation, kept: &Option<String>| {
            kept.as_ref()
                .map(|kept| {
                    if vault.is_newest(kept) {
                        Ok(kept.clone())
                    } else {
                        vault.encrypt(&place, &vault.decrypt(&place, kept)?)
                    }
                })
                .transpose()
        };
        query(
            "UPDATE webhook_secret SET secret = ?2, previous_secret = ?3, password = ?4 WHERE endpoint = ?1",
        )
        .bind(number)
        .bind(anew(signing_secret(site, *number), secret)?)
        .bind(anew(signing_secret(site, *number), former)?)
        .bind(anew(webhook_password(site, *number), known_password)?)
        .execute(&mut *connection)
        .await?;
    }
    Ok(next_start(rows.len(), rows.last().map(|(number, ..)| *number)))
}

async fn write_proof(tx: &mut WriteTx, vault: Vault) -> Result<()> {
    let proof = vault.encrypt(&PROOF_PLACE, PROOF_PLAINTEXT)?;
    query("UPDATE encryption_key_check SET check_value = ?1")
        .bind(proof)
        .execute(&mut tx.connection)
        .await?;
    Ok(())
}

impl SqlStore {
    /// Creates a new key, re-encrypts everything with it, and deletes the former ones. A running
    /// server switches to it by itself; an interrupted rotation is completed by the next one.
    pub async fn rotate_secret_key(&self) -> Result<()> {
        self.vault.add_key()?;
        let vault = self.vault.clone();
        self.writer.run(move |tx| write_proof(tx, vault).boxed()).await?;
        for kind in [EncryptedTable::SecondFactors, EncryptedTable::Webhooks] {
            let mut after = Some(0);
            while let Some(last) = after {
                let vault = self.vault.clone();
                after = self
                    .writer
                    .run(move |tx| {
                        async move { kind.encrypt_batch(&mut tx.connection, &vault, last).await }
                            .boxed()
                    })
                    .await?;
            }
        }
        for column in 0..channel::ENCRYPTED_COLUMN_COUNT {
            let mut after = Some(0);
            while let Some(last) = after {
                let vault = self.vault.clone();
                let turn = self.writer.run(move |tx| {
                    async move {
                        channel::reencrypt(&mut tx.connection, &vault, column, last, ROWS_PER_TURN)
                            .await
                    }
                    .boxed()
                });
                after = turn.await?;
            }
        }
        self.vault.drop_former_keys()
    }

    /// Whether a file has the key of a database. The database is only read.
    pub async fn secret_key_fits(options: &DatabaseOptions, file: &Path) -> Result<bool> {
        let mut connection = copy::connect_source(options).await?;
        let proof = stored_proof(&mut connection).await?;
        connection.close().await?;
        let Some((vault, proof)) = Vault::load(file)?.zip(proof) else { return Ok(false) };
        let plaintext = vault.decrypt(&PROOF_PLACE, &proof).ok();
        Ok(plaintext.as_deref() == Some(PROOF_PLAINTEXT))
    }

    /// Replaces a lost key: creates a new one and deletes what was encrypted with the former one.
    /// Second factors are off, and each endpoint with a secret is disabled until its owner has
    /// looked at its new secret.
    pub async fn reset_secret_key(options: &DatabaseOptions) -> Result<()> {
        let path = options.secret_key_path();
        if Vault::load(&path).is_ok_and(|vault| vault.is_some()) {
            return Err(secret_key_error(
                &path,
                "it is there; move it away first if it is not the key of this database",
            ));
        }
        let (_, mut connection) = Database::open(options.clone()).await?;
        let vault = Vault::create(&path)?;
        copy::take_into_use(&mut connection).await?;
        let mut transaction = connection.begin_write().await?;
        if transaction.is_postgres() {
            lock_all(&mut transaction).await?;
        }
        let proof = vault.encrypt(&PROOF_PLACE, PROOF_PLAINTEXT)?;
        for statement in [
            "UPDATE account SET totp_secret = NULL, totp_confirmed = 0, totp_step = 0 WHERE totp_secret IS NOT NULL",
            "UPDATE webhook_endpoint SET enabled = 0, disabled_reason = 'the secret key of the database was lost; give it a new secret or password'
             WHERE deleted = 0 AND number IN (SELECT endpoint FROM webhook_secret WHERE secret IS NOT NULL OR password IS NOT NULL)",
            "UPDATE webhook_secret SET password = NULL, previous_secret = NULL, previous_secret_expires_at = NULL",
            // A new signing key could not be delivered to anyone, and the site's backend would
            // still sign with the lost one.
            "DELETE FROM sdk_key",
            "DELETE FROM sdk_token",
            "DELETE FROM encryption_key_check",
        ] {
            query(statement).execute(&mut transaction).await?;
        }
        let signed: Vec<(i64, Vec<u8>)> = query_as(
            "SELECT s.endpoint, e.site_id FROM webhook_secret AS s CROSS JOIN webhook_endpoint AS e WHERE e.number = s.endpoint AND s.secret IS NOT NULL",
        )
        .fetch_all(&mut transaction)
        .await?;
        for (number, site) in signed {
            let site: [u8; 16] = site
                .try_into()
                .map_err(|_| StoreError::Inconsistent("invalid site id".to_owned()))?;
            // Never without a secret: deliveries that were signed must not be sent unsigned.
            let secret = SigningSecret::generate(&SystemRng);
            let sealed = vault.encrypt(
                &signing_secret(SiteId::from_bytes(site), number),
                secret.reveal().as_bytes(),
            )?;
            query("UPDATE webhook_secret SET secret = ?2 WHERE endpoint = ?1")
                .bind(number)
                .bind(sealed)
                .execute(&mut transaction)
                .await?;
        }
        channel::replace_all(&mut transaction, &vault, ROWS_PER_TURN).await?;
        query("INSERT INTO encryption_key_check (id, check_value) VALUES (1, ?1)")
            .bind(proof)
            .execute(&mut transaction)
            .await?;
        transaction.commit().await?;
        connection.close().await
    }
}

#[cfg(test)]
mod tests;
