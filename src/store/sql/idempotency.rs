//! Idempotency keys: reserves them, and stores the responses of requests (kind 0) and the messages
//! that were published (kind 1). The writer runs one command at a time, so exactly one of several
//! concurrent requests is the first. A record counts until it is swept.
//!
//! Must not depend on what is requested. Called through [`IdempotencyStore`] and by `message`.

use super::{SqlStore, write_tx::WriteTx};
use crate::{
    IdempotencyStore, MAX_IDEMPOTENCY_BYTES, PublishOutcome, Result, StoreError,
    db::{Columns, Connection, query, query_scalar},
    postgres::{ProcessNumber, Processes},
};
use async_trait::async_trait;
use belfry_domain::{
    IdempotencyReservation, IdempotentRequest, Message, ServerRun, SiteId, StoredBody,
    StoredResponse, Timestamp, ValidationError, response_subject,
};
use belfry_locales::phrases::errors;
use futures_util::FutureExt as _;
use std::time::Duration;

/// How long a record is stored, whatever its kind.
pub(super) const IDEMPOTENCY_TTL: Duration = Duration::from_hours(48);

/// Deletes the oldest records, at most ?2, that were created before ?1.
pub(super) const SWEEP: &str = "DELETE FROM idempotency WHERE (site_id, kind, key) IN
     (SELECT site_id, kind, key FROM idempotency WHERE created_at < ?1 ORDER BY created_at LIMIT ?2 + 0)";

#[async_trait]
impl IdempotencyStore for SqlStore {
    async fn begin(
        &self,
        site: SiteId,
        request: &IdempotentRequest,
        run: ServerRun,
        retry: bool,
        now: Timestamp,
    ) -> Result<IdempotencyReservation> {
        let (request, writer) = (request.clone(), self.writer.clone());
        self.writer
            .for_site(site)
            .run(move |tx| {
                async move { begin(tx, site, request, run, writer.processes(), retry, now).await }
                    .boxed()
            })
            .await
    }

    async fn finish(
        &self,
        site: SiteId,
        request: &IdempotentRequest,
        run: ServerRun,
        response: Option<&StoredResponse>,
    ) -> Result<()> {
        let (request, response) = (request.clone(), response.cloned());
        self.writer
            .for_site(site)
            .run(move |tx| finish(tx, site, request, run, response).boxed())
            .await
    }
    async fn earlier_publish(
        &self,
        site: SiteId,
        request: &IdempotentRequest,
    ) -> Result<Option<PublishOutcome>> {
        earlier_publish(&mut *self.read_connection_for(site).await?, site, request).await
    }
}

async fn begin(
    tx: &mut WriteTx,
    site: SiteId,
    request: IdempotentRequest,
    run: ServerRun,
    processes: Option<&Processes>,
    retry: bool,
    now: Timestamp,
) -> Result<IdempotencyReservation> {
    let own = processes.map(|processes| processes.own().value());
    let row = query(
        "SELECT fingerprint = ?3, run = ?4, process, status, content_type, created_id, body FROM idempotency
         WHERE site_id = ?1 AND kind = 0 AND key = ?2",
    )
    .bind(site.as_bytes())
    .bind(&request.key)
    .bind(request.fingerprint.0.as_slice())
    .bind(run.0.as_slice())
    .fetch_optional(&mut tx.connection)
    .await?;
    let Some(row) = row else { return reserve(tx, site, request, run, own, now).await };
    let mut columns = Columns::new(&row);
    let (is_same, is_ours) = (columns.value::<bool>()?, columns.value::<bool>()?);
    let process: Option<i64> = columns.value()?;
    let is_processed_elsewhere = || {
        let number = process.and_then(ProcessNumber::from_value);
        number.zip(processes).is_some_and(|(number, processes)| {
            number != processes.own() && processes.is_alive(number)
        })
    };
    let status: Option<u16> = columns.value()?;
    match status {
        _ if !is_same => Ok(IdempotencyReservation::KeyReused),
        Some(status) => {
            let content_type = columns.value()?;
            let body = match (columns.value()?, columns.value()?) {
                (Some(created), _) => StoredBody::Redacted(created),
                (None, Some(body)) => StoredBody::Full(body),
                (None, None) => {
                    return Err(StoreError::Inconsistent(
                        "a stored response without a body".to_owned(),
                    ));
                }
            };
            Ok(IdempotencyReservation::Completed(StoredResponse { status, content_type, body }))
        }
        None if is_ours => Ok(IdempotencyReservation::InProgress),
        None if is_processed_elsewhere() => Ok(IdempotencyReservation::InProgressElsewhere),
        None if !retry => Ok(IdempotencyReservation::Interrupted),
        None => reserve(tx, site, request, run, own, now).await,
    }
}

/// The bytes that a site's stored responses use.
const STORED_BYTES: &str = "SELECT bytes FROM idempotency_usage WHERE site_id = ?1";

async fn stored_bytes(tx: &mut WriteTx, site: SiteId) -> Result<u64> {
    let bytes: Option<i64> =
        query_scalar(STORED_BYTES).bind(site.as_bytes()).fetch_optional(&mut tx.connection).await?;
    Ok(bytes.unwrap_or(0).max(0).unsigned_abs())
}

/// Reserves a key that is free, or whose request an earlier process left unfinished.
async fn reserve(
    tx: &mut WriteTx,
    site: SiteId,
    request: IdempotentRequest,
    run: ServerRun,
    process: Option<i64>,
    now: Timestamp,
) -> Result<IdempotencyReservation> {
    // Responses are stored up to half of this, so that keys still fit afterwards.
    if stored_bytes(tx, site).await? > 2 * u64::from(MAX_IDEMPOTENCY_BYTES) {
        let reason = errors::TOO_MANY_IDEMPOTENT_REQUESTS;
        return Err(StoreError::Limit(ValidationError::new("Idempotency-Key", reason)));
    }
    query(
        "INSERT INTO idempotency (site_id, kind, key, fingerprint, run, created_at, process) VALUES (?1, 0, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT (site_id, kind, key) DO UPDATE SET run = excluded.run, created_at = excluded.created_at, process = excluded.process",
    )
    .bind(site.as_bytes())
    .bind(&request.key)
    .bind(request.fingerprint.0.as_slice())
    .bind(run.0.as_slice())
    .bind(now.millis())
    .bind(process)
    .execute(&mut tx.connection)
    .await?;
    Ok(IdempotencyReservation::New)
}

async fn finish(
    tx: &mut WriteTx,
    site: SiteId,
    request: IdempotentRequest,
    run: ServerRun,
    response: Option<StoredResponse>,
) -> Result<()> {
    let Some(response) = response else {
        query(
            "DELETE FROM idempotency WHERE site_id = ?1 AND kind = 0 AND key = ?2 AND run = ?3 AND status IS NULL",
        )
        .bind(site.as_bytes())
        .bind(&request.key)
        .bind(run.0.as_slice())
        .execute(&mut tx.connection)
        .await?;
        return Ok(());
    };
    let (created, body) = match response.body {
        // The request was executed and must not be executed again; only its response can't be
        // repeated.
        StoredBody::Full(body)
            if stored_bytes(tx, site).await? + body.len() as u64
                > u64::from(MAX_IDEMPOTENCY_BYTES) =>
        {
            (Some(response_subject(&body)), None)
        }
        StoredBody::Full(body) => (None, Some(body)),
        StoredBody::Redacted(created) => (Some(created), None),
    };
    query(
        "UPDATE idempotency SET status = ?4, content_type = ?5, created_id = ?6, body = ?7
         WHERE site_id = ?1 AND kind = 0 AND key = ?2 AND run = ?3 AND status IS NULL",
    )
    .bind(site.as_bytes())
    .bind(&request.key)
    .bind(run.0.as_slice())
    .bind(response.status)
    .bind(response.content_type)
    .bind(created)
    .bind(body)
    .execute(&mut tx.connection)
    .await?;
    Ok(())
}

/// Reserves the key of a message, in the transaction that publishes it, or returns the outcome of
/// the earlier request with this key.
pub(super) async fn reserve_publish(
    tx: &mut WriteTx,
    message: &Message,
    request: &IdempotentRequest,
    now: Timestamp,
) -> Result<Option<PublishOutcome>> {
    let added = query(
        "INSERT INTO idempotency (site_id, kind, key, fingerprint, message_id, created_at) VALUES (?1, 1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING",
    )
    .bind(message.site.as_bytes())
    .bind(&request.key)
    .bind(request.fingerprint.0.as_slice())
    .bind(message.id.as_bytes())
    .bind(now.millis())
    .execute(&mut tx.connection)
    .await?;
    if added == 1 {
        return Ok(None);
    }
    earlier_publish(&mut tx.connection, message.site, request).await
}

/// Outcome of an earlier publish with this key.
pub(super) async fn earlier_publish(
    connection: &mut Connection,
    site: SiteId,
    request: &IdempotentRequest,
) -> Result<Option<PublishOutcome>> {
    let row = query(
        "SELECT fingerprint, message_id FROM idempotency WHERE site_id = ?1 AND kind = 1 AND key = ?2",
    )
    .bind(site.as_bytes())
    .bind(&request.key)
    .fetch_optional(connection)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let mut columns = Columns::new(&row);
    let (fingerprint, earlier) = (columns.digest()?, columns.message()?);
    Ok(Some(if fingerprint == request.fingerprint {
        PublishOutcome::Duplicate(earlier)
    } else {
        PublishOutcome::KeyReused
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{SqliteOptions, Store as _, contract::test_store::NOW};
    use belfry_domain::{Digest, EventSink, InboxEvent};
    use std::sync::Arc;

    struct Nobody;

    impl EventSink for Nobody {
        fn publish(&self, _: InboxEvent) {}
    }

    /// The stored byte counts follow each change of a record.
    #[tokio::test]
    async fn above_the_byte_limit_only_the_subject_is_stored() {
        let folder = tempfile::tempdir().unwrap();
        let store =
            SqlStore::open(SqliteOptions::new(folder.path().join("belfry.db")), Arc::new(Nobody))
                .await
                .unwrap();
        let site = SiteId::from_bytes([0; 16]);
        let run = ServerRun([1; 16]);
        let request =
            |key: &str| IdempotentRequest { key: key.to_owned(), fingerprint: Digest::of(key) };
        let whole = StoredResponse {
            status: 201,
            content_type: None,
            body: StoredBody::Full(br#"{"id":"x"}"#.to_vec()),
        };
        let kept = async || {
            store
                .writer
                .run(move |tx| async move { stored_bytes(tx, site).await }.boxed())
                .await
                .unwrap()
        };
        let set = async |bytes: u32| {
            let statement = "INSERT INTO idempotency_usage VALUES (zeroblob(16), ?1) ON CONFLICT (site_id) DO UPDATE SET bytes = ?1";
            store
                .writer
                .run(move |tx| {
                    async move {
                        query(statement).bind(bytes).execute(&mut tx.connection).await.map(|_| ())
                    }
                    .boxed()
                })
                .await
                .unwrap();
        };
        add_site(&store).await;
        assert_eq!(
            store.begin(site, &request("a"), run, false, NOW).await.unwrap(),
            IdempotencyReservation::New
        );
        store.finish(site, &request("a"), run, Some(&whole)).await.unwrap();
        assert_eq!(kept().await, 256 + 10);
        assert_eq!(
            store.begin(site, &request("b"), run, false, NOW).await.unwrap(),
            IdempotencyReservation::New
        );
        store.finish(site, &request("b"), run, None).await.unwrap();
        assert_eq!(kept().await, 256 + 10, "a failed request stores nothing");
        let later = NOW.plus(IDEMPOTENCY_TTL + Duration::from_secs(1));
        assert_eq!(store.sweep(later).await.unwrap(), 1);
        assert_eq!(kept().await, 0);
        assert_eq!(
            store.begin(site, &request("a"), run, false, later).await.unwrap(),
            IdempotencyReservation::New
        );
        assert_eq!(kept().await, 256);

        set(MAX_IDEMPOTENCY_BYTES).await;
        store.finish(site, &request("a"), run, Some(&whole)).await.unwrap();
        let again = store.begin(site, &request("a"), run, false, later).await.unwrap();
        assert!(
            matches!(&again, IdempotencyReservation::Completed(StoredResponse { body: StoredBody::Redacted(made), .. }) if made == "x"),
            "{again:?}"
        );
        assert_eq!(
            store.begin(site, &request("c"), run, false, later).await.unwrap(),
            IdempotencyReservation::New,
            "keys still fit"
        );
        set(2 * MAX_IDEMPOTENCY_BYTES + 1).await;
        assert!(matches!(
            store.begin(site, &request("d"), run, false, later).await,
            Err(StoreError::Limit(_))
        ));
    }

    async fn add_site(store: &SqlStore) {
        let statement = "INSERT INTO site (id, name, origins, selector, insert_position, language, created_at) VALUES (zeroblob(16), '', '[]', '', '', '', 0)";
        let insert = store.writer.run(move |tx| {
            async move { query(statement).execute(&mut tx.connection).await.map(|_| ()) }.boxed()
        });
        insert.await.unwrap();
    }
}
