//! Idempotent requests: reserves keys and stores responses. The writer runs one command at a time,
//! so exactly one of several concurrent attempts is the first.

use super::{SqliteStore, columns::Columns, write_tx::WriteTx};
use crate::{
    domain::{
        IdempotencyReservation, IdempotentRequest, SiteId, StoredBody, StoredResponse, Timestamp,
        ValidationError, response_subject,
    },
    store::{IdempotencyStore, MAX_IDEMPOTENCY_BYTES, Result, StoreError},
};
use async_trait::async_trait;
use futures_util::FutureExt as _;
use std::time::Duration;

/// How long a response is stored.
pub(super) const RESPONSE_TTL: Duration = Duration::from_hours(24);

#[async_trait]
impl IdempotencyStore for SqliteStore {
    async fn begin(
        &self,
        site: SiteId,
        attempt: &IdempotentRequest,
        again: bool,
        now: Timestamp,
    ) -> Result<IdempotencyReservation> {
        let attempt = attempt.clone();
        self.writer.of(site).run(move |tx| begin(tx, site, attempt, again, now).boxed()).await
    }

    async fn finish(
        &self,
        site: SiteId,
        attempt: &IdempotentRequest,
        answer: Option<&StoredResponse>,
    ) -> Result<()> {
        let (attempt, answer) = (attempt.clone(), answer.cloned());
        self.writer.of(site).run(move |tx| finish(tx, site, attempt, answer).boxed()).await
    }
}

async fn begin(
    tx: &mut WriteTx,
    site: SiteId,
    attempt: IdempotentRequest,
    again: bool,
    now: Timestamp,
) -> Result<IdempotencyReservation> {
    let row =
        sqlx::query("SELECT fingerprint = ?3, run = ?4, created_at, status, content_type, sealed, body FROM repeat WHERE site_id = ?1 AND key = ?2")
            .bind(site.as_bytes())
            .bind(&attempt.key)
            .bind(attempt.fingerprint.0.as_slice())
            .bind(attempt.run.as_slice())
            .fetch_optional(&mut tx.connection)
            .await?;
    if let Some(row) = row {
        let mut columns = Columns::of(&row);
        let (same, ours, at) =
            (columns.value::<bool>()?, columns.value::<bool>()?, columns.time()?);
        if at > now.minus(RESPONSE_TTL) {
            let status: Option<u16> = columns.value()?;
            return match status {
                _ if !same => Ok(IdempotencyReservation::KeyReused),
                Some(status) => Ok(IdempotencyReservation::Answered(StoredResponse {
                    status,
                    content_type: columns.value()?,
                    says: match (
                        columns.value::<Option<String>>()?,
                        columns.value::<Option<Vec<u8>>>()?,
                    ) {
                        (Some(subject), _) => StoredBody::Sealed(subject),
                        (None, Some(body)) => StoredBody::Whole(body),
                        (None, None) => {
                            return Err(StoreError::Inconsistent(
                                "a stored response without a body".to_owned(),
                            ));
                        }
                    },
                })),
                None if ours => Ok(IdempotencyReservation::UnderWay),
                None if !again => Ok(IdempotencyReservation::Interrupted),
                None => reserve(tx, site, attempt, now).await,
            };
        }
    }
    reserve(tx, site, attempt, now).await
}

/// The bytes that a site's records use.
const STORED_BYTES: &str = "SELECT bytes FROM repeat_use WHERE site_id = ?1";

async fn stored_bytes(tx: &mut WriteTx, site: SiteId) -> Result<u64> {
    let bytes: Option<i64> = sqlx::query_scalar(STORED_BYTES)
        .bind(site.as_bytes())
        .fetch_optional(&mut tx.connection)
        .await?;
    Ok(bytes.unwrap_or(0).max(0).unsigned_abs())
}

async fn reserve(
    tx: &mut WriteTx,
    site: SiteId,
    attempt: IdempotentRequest,
    now: Timestamp,
) -> Result<IdempotencyReservation> {
    // Responses are stored up to half of this, so that keys still fit afterwards.
    if stored_bytes(tx, site).await? > 2 * u64::from(MAX_IDEMPOTENCY_BYTES) {
        let reason = "too many requests with an Idempotency-Key in the last 24 hours; send this one without it, or wait";
        return Err(StoreError::Limit(ValidationError::new("Idempotency-Key", reason)));
    }
    sqlx::query("INSERT OR REPLACE INTO repeat (site_id, key, fingerprint, run, created_at) VALUES (?1, ?2, ?3, ?4, ?5)")
        .bind(site.as_bytes())
        .bind(&attempt.key)
        .bind(attempt.fingerprint.0.as_slice())
        .bind(attempt.run.as_slice())
        .bind(now.millis())
        .execute(&mut tx.connection)
        .await?;
    Ok(IdempotencyReservation::New)
}

async fn finish(
    tx: &mut WriteTx,
    site: SiteId,
    attempt: IdempotentRequest,
    answer: Option<StoredResponse>,
) -> Result<()> {
    let Some(answer) = answer else {
        sqlx::query(
            "DELETE FROM repeat WHERE site_id = ?1 AND key = ?2 AND run = ?3 AND status IS NULL",
        )
        .bind(site.as_bytes())
        .bind(&attempt.key)
        .bind(attempt.run.as_slice())
        .execute(&mut tx.connection)
        .await?;
        return Ok(());
    };
    let (sealed, body) = match answer.says {
        // The request was executed and must not be executed again; only its response can't be
        // repeated.
        StoredBody::Whole(body)
            if stored_bytes(tx, site).await? + body.len() as u64
                > u64::from(MAX_IDEMPOTENCY_BYTES) =>
        {
            (Some(response_subject(&body)), None)
        }
        StoredBody::Whole(body) => (None, Some(body)),
        StoredBody::Sealed(subject) => (Some(subject), None),
    };
    sqlx::query(
        "UPDATE repeat SET status = ?4, content_type = ?5, sealed = ?6, body = ?7 WHERE site_id = ?1 AND key = ?2 AND run = ?3 AND status IS NULL",
    )
    .bind(site.as_bytes())
    .bind(&attempt.key)
    .bind(attempt.run.as_slice())
    .bind(answer.status)
    .bind(answer.content_type)
    .bind(sealed)
    .bind(body)
    .execute(&mut tx.connection)
    .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::{Digest, EventSink, InboxEvent},
        store::{SqliteOptions, contract::test_store::NOW},
    };
    use std::sync::Arc;

    struct Nobody;

    impl EventSink for Nobody {
        fn announce(&self, _: InboxEvent) {}
    }

    /// The stored byte counts follow each change of a record.
    #[tokio::test]
    async fn above_the_byte_limit_only_the_subject_is_stored() {
        let folder = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(
            SqliteOptions::new(folder.path().join("belfry.db")),
            Arc::new(Nobody),
        )
        .await
        .unwrap();
        let site = SiteId::from_bytes([0; 16]);
        let attempt = |key: &str| IdempotentRequest {
            key: key.to_owned(),
            fingerprint: Digest::of(key),
            run: [1; 16],
        };
        let whole = StoredResponse {
            status: 201,
            content_type: None,
            says: StoredBody::Whole(br#"{"id":"x"}"#.to_vec()),
        };
        let kept = async || {
            store
                .writer
                .run(move |tx| async move { stored_bytes(tx, site).await }.boxed())
                .await
                .unwrap()
        };
        let set = async |bytes: u32| {
            let statement = "INSERT INTO repeat_use VALUES (zeroblob(16), ?1) ON CONFLICT DO UPDATE SET bytes = ?1";
            store
                .writer
                .run(move |tx| {
                    async move {
                        Ok(sqlx::query(statement)
                            .bind(bytes)
                            .execute(&mut tx.connection)
                            .await
                            .map(|_| ())?)
                    }
                    .boxed()
                })
                .await
                .unwrap();
        };
        add_site(&store).await;
        assert_eq!(
            store.begin(site, &attempt("a"), false, NOW).await.unwrap(),
            IdempotencyReservation::New
        );
        store.finish(site, &attempt("a"), Some(&whole)).await.unwrap();
        assert_eq!(kept().await, 256 + 10);
        assert_eq!(
            store.begin(site, &attempt("b"), false, NOW).await.unwrap(),
            IdempotencyReservation::New
        );
        store.finish(site, &attempt("b"), None).await.unwrap();
        assert_eq!(kept().await, 256 + 10, "a failed request stores nothing");
        let later = NOW.plus(RESPONSE_TTL);
        assert_eq!(
            store.begin(site, &attempt("a"), false, later).await.unwrap(),
            IdempotencyReservation::New
        );
        assert_eq!(kept().await, 256);

        set(MAX_IDEMPOTENCY_BYTES).await;
        store.finish(site, &attempt("a"), Some(&whole)).await.unwrap();
        let again = store.begin(site, &attempt("a"), false, later).await.unwrap();
        assert!(
            matches!(&again, IdempotencyReservation::Answered(StoredResponse { says: StoredBody::Sealed(made), .. }) if made == "x"),
            "{again:?}"
        );
        assert_eq!(
            store.begin(site, &attempt("c"), false, later).await.unwrap(),
            IdempotencyReservation::New,
            "keys still fit"
        );
        set(2 * MAX_IDEMPOTENCY_BYTES + 1).await;
        assert!(matches!(
            store.begin(site, &attempt("d"), false, later).await,
            Err(StoreError::Limit(_))
        ));
    }

    async fn add_site(store: &SqliteStore) {
        let statement = "INSERT INTO site (id, name, origins, selector, placement, language, created_at) VALUES (zeroblob(16), '', '[]', '', '', '', 0)";
        let insert = store.writer.run(move |tx| async move { Ok(sqlx::query(statement).execute(&mut tx.connection).await.map(|_| ())?) }.boxed());
        insert.await.unwrap();
    }
}
