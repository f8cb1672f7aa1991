//! The encrypted columns of the conversation tables, for key rotation and key loss. Called by
//! [`crate::sql::encryption`].

use crate::{
    Result, StoreError,
    db::{Connection, query, query_as},
    sql::secret_locations::{
        agent_pubsub, callback_secret, hmac_token, sdk_signing_key, session_pubsub,
    },
    vault::{SecretLocation, Vault},
};
use belfry_domain::{Digest, SigningSecret, SiteId, SystemRng, channel::ChannelToken};

/// A column with an encrypted value.
struct EncryptedColumn {
    rows: &'static str,
    reencrypt: &'static str,
    /// Replaces a value, and its digest where rows are looked up by it.
    replace: &'static str,
    location: fn(SiteId, i64) -> SecretLocation,
    generate: fn() -> String,
}

fn token() -> String {
    ChannelToken::generate(&SystemRng).reveal().to_owned()
}

fn secret() -> String {
    SigningSecret::generate(&SystemRng).reveal().to_owned()
}

const COLUMNS: [EncryptedColumn; 5] = [
    EncryptedColumn {
        rows: "SELECT id, site_id, hmac_token FROM inbox WHERE id > ?1 ORDER BY id LIMIT ?2 + 0",
        reencrypt: "UPDATE inbox SET hmac_token = ?2 WHERE id = ?1",
        replace: "UPDATE inbox SET hmac_token = ?2 WHERE id = ?1 AND length(?3) > 0",
        location: hmac_token,
        generate: token,
    },
    EncryptedColumn {
        rows: "SELECT id, site_id, callback_secret FROM inbox WHERE id > ?1 ORDER BY id LIMIT ?2 + 0",
        reencrypt: "UPDATE inbox SET callback_secret = ?2 WHERE id = ?1",
        replace: "UPDATE inbox SET callback_secret = ?2 WHERE id = ?1 AND length(?3) > 0",
        location: callback_secret,
        generate: secret,
    },
    EncryptedColumn {
        rows: "SELECT id, site_id, pubsub_token FROM agent WHERE id > ?1 ORDER BY id LIMIT ?2 + 0",
        reencrypt: "UPDATE agent SET pubsub_token = ?2 WHERE id = ?1",
        replace: "UPDATE agent SET pubsub_token = ?2, pubsub_digest = ?3 WHERE id = ?1",
        location: agent_pubsub,
        generate: token,
    },
    EncryptedColumn {
        rows: "SELECT id, site_id, pubsub_token FROM contact_inbox WHERE id > ?1 ORDER BY id LIMIT ?2 + 0",
        reencrypt: "UPDATE contact_inbox SET pubsub_token = ?2 WHERE id = ?1",
        replace: "UPDATE contact_inbox SET pubsub_token = ?2, pubsub_digest = ?3 WHERE id = ?1",
        location: session_pubsub,
        generate: token,
    },
    EncryptedColumn {
        rows: "SELECT id, site_id, secret FROM sdk_key WHERE id > ?1 ORDER BY id LIMIT ?2 + 0",
        reencrypt: "UPDATE sdk_key SET secret = ?2 WHERE id = ?1",
        replace: "UPDATE sdk_key SET secret = ?2 WHERE id = ?1 AND length(?3) > 0",
        location: sdk_signing_key,
        generate: token,
    },
];

pub(in crate::sql) const ENCRYPTED_COLUMN_COUNT: usize = COLUMNS.len();

type Rows = Vec<(i64, SiteId, String)>;

async fn rows(
    connection: &mut Connection,
    column: &EncryptedColumn,
    after: i64,
    limit: i64,
) -> Result<Rows> {
    let rows: Vec<(i64, Vec<u8>, String)> =
        query_as(column.rows).bind(after).bind(limit).fetch_all(connection).await?;
    rows.into_iter()
        .map(|(id, site, sealed)| {
            let site = site
                .try_into()
                .map_err(|_| StoreError::Inconsistent("invalid site id".to_owned()))?;
            Ok((id, SiteId::from_bytes(site), sealed))
        })
        .collect()
}

fn last(rows: &Rows, limit: i64) -> Option<i64> {
    rows.last()
        .map(|(id, ..)| *id)
        .filter(|_| i64::try_from(rows.len()).is_ok_and(|rows| rows >= limit))
}

/// Re-encrypts values with the newest key in the next rows of a column. Returns the last row if
/// there may be more.
pub(in crate::sql) async fn reencrypt(
    connection: &mut Connection,
    vault: &Vault,
    column: usize,
    after: i64,
    limit: i64,
) -> Result<Option<i64>> {
    let Some(column) = COLUMNS.get(column) else { return Ok(None) };
    let rows = rows(connection, column, after, limit).await?;
    for (id, site, sealed) in rows.iter().filter(|(.., sealed)| !vault.is_newest(sealed)) {
        let place = (column.location)(*site, *id);
        let anew = vault.encrypt(&place, &vault.decrypt(&place, sealed)?)?;
        query(column.reencrypt).bind(id).bind(anew).execute(&mut *connection).await?;
    }
    Ok(last(&rows, limit))
}

/// Replaces tokens and secrets that can't be decrypted any more.
pub(in crate::sql) async fn replace_all(
    connection: &mut Connection,
    vault: &Vault,
    limit: i64,
) -> Result<()> {
    for column in &COLUMNS {
        let mut after = Some(0);
        while let Some(from) = after {
            let rows = rows(connection, column, from, limit).await?;
            for (id, site, _) in &rows {
                let value = (column.generate)();
                let sealed = vault.encrypt(&(column.location)(*site, *id), value.as_bytes())?;
                query(column.replace)
                    .bind(id)
                    .bind(sealed)
                    .bind(Digest::of(&value).0.to_vec())
                    .execute(&mut *connection)
                    .await?;
            }
            after = last(&rows, limit);
        }
    }
    Ok(())
}
