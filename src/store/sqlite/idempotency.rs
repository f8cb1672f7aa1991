//! Idempotent requests: reserves keys and stores responses. The writer runs one command at a time,
//! so exactly one of several concurrent attempts is the first.

use super::{SqliteStore, columns::Columns, write_tx::Work};
use crate::{
    domain::{Attempt, Begun, Invalid, KeptAnswer, KeptBody, SiteId, Timestamp, answer_subject},
    store::{KEPT_BYTES, RepeatStore, Result, StoreError},
};
use async_trait::async_trait;
use futures_util::FutureExt as _;
use std::time::Duration;

/// How long a response is stored.
pub(super) const KEPT: Duration = Duration::from_hours(24);

#[async_trait]
impl RepeatStore for SqliteStore {
    async fn begin(&self, site: SiteId, attempt: &Attempt, again: bool, now: Timestamp) -> Result<Begun> {
        let attempt = attempt.clone();
        self.writer.of(site).run(move |tx| begin(tx, site, attempt, again, now).boxed()).await
    }

    async fn finish(&self, site: SiteId, attempt: &Attempt, answer: Option<&KeptAnswer>) -> Result<()> {
        let (attempt, answer) = (attempt.clone(), answer.cloned());
        self.writer.of(site).run(move |tx| finish(tx, site, attempt, answer).boxed()).await
    }
}

async fn begin(tx: &mut Work, site: SiteId, attempt: Attempt, again: bool, now: Timestamp) -> Result<Begun> {
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
        let (same, ours, at) = (columns.value::<bool>()?, columns.value::<bool>()?, columns.time()?);
        if at > now.minus(KEPT) {
            let status: Option<u16> = columns.value()?;
            return match status {
                _ if !same => Ok(Begun::KeyReused),
                Some(status) => Ok(Begun::Answered(KeptAnswer {
                    status,
                    content_type: columns.value()?,
                    says: match (columns.value::<Option<String>>()?, columns.value::<Option<Vec<u8>>>()?) {
                        (Some(subject), _) => KeptBody::Sealed(subject),
                        (None, Some(body)) => KeptBody::Whole(body),
                        (None, None) => return Err(StoreError::Inconsistent("a stored response without a body".to_owned())),
                    },
                })),
                None if ours => Ok(Begun::UnderWay),
                None if !again => Ok(Begun::Interrupted),
                None => reserve(tx, site, attempt, now).await,
            };
        }
    }
    reserve(tx, site, attempt, now).await
}

/// The bytes that a site's records use.
const BYTES: &str = "SELECT bytes FROM repeat_use WHERE site_id = ?1";

async fn bytes(tx: &mut Work, site: SiteId) -> Result<u64> {
    let bytes: Option<i64> = sqlx::query_scalar(BYTES).bind(site.as_bytes()).fetch_optional(&mut tx.connection).await?;
    Ok(bytes.unwrap_or(0).max(0).unsigned_abs())
}

async fn reserve(tx: &mut Work, site: SiteId, attempt: Attempt, now: Timestamp) -> Result<Begun> {
    // Responses are stored up to half of this, so that keys still fit afterwards.
    if bytes(tx, site).await? > 2 * u64::from(KEPT_BYTES) {
        let reason = "too many requests with an Idempotency-Key in the last 24 hours; send this one without it, or wait";
        return Err(StoreError::Limit(Invalid::new("Idempotency-Key", reason)));
    }
    sqlx::query("INSERT OR REPLACE INTO repeat (site_id, key, fingerprint, run, created_at) VALUES (?1, ?2, ?3, ?4, ?5)")
        .bind(site.as_bytes())
        .bind(&attempt.key)
        .bind(attempt.fingerprint.0.as_slice())
        .bind(attempt.run.as_slice())
        .bind(now.millis())
        .execute(&mut tx.connection)
        .await?;
    Ok(Begun::New)
}

async fn finish(tx: &mut Work, site: SiteId, attempt: Attempt, answer: Option<KeptAnswer>) -> Result<()> {
    let Some(answer) = answer else {
        sqlx::query("DELETE FROM repeat WHERE site_id = ?1 AND key = ?2 AND run = ?3 AND status IS NULL")
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
        KeptBody::Whole(body) if bytes(tx, site).await? + body.len() as u64 > u64::from(KEPT_BYTES) => (Some(answer_subject(&body)), None),
        KeptBody::Whole(body) => (None, Some(body)),
        KeptBody::Sealed(subject) => (Some(subject), None),
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
        domain::{Announcer, Change, Digest},
        store::{SqliteOptions, contract::test_store::NOW},
    };
    use std::sync::Arc;

    struct Nobody;

    impl Announcer for Nobody {
        fn announce(&self, _: Change) {}
    }

    /// The stored byte counts follow each change of a record.
    #[tokio::test]
    async fn above_the_byte_limit_only_the_subject_is_stored() {
        let folder = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(SqliteOptions::new(folder.path().join("belfry.db")), Arc::new(Nobody)).await.unwrap();
        let site = SiteId::from_bytes([0; 16]);
        let attempt = |key: &str| Attempt { key: key.to_owned(), fingerprint: Digest::of(key), run: [1; 16] };
        let whole = KeptAnswer { status: 201, content_type: None, says: KeptBody::Whole(br#"{"id":"x"}"#.to_vec()) };
        let kept = async || store.writer.run(move |tx| async move { bytes(tx, site).await }.boxed()).await.unwrap();
        let set = async |bytes: u32| {
            let statement = "INSERT INTO repeat_use VALUES (zeroblob(16), ?1) ON CONFLICT DO UPDATE SET bytes = ?1";
            store
                .writer
                .run(move |tx| async move { Ok(sqlx::query(statement).bind(bytes).execute(&mut tx.connection).await.map(|_| ())?) }.boxed())
                .await
                .unwrap();
        };
        add_site(&store).await;
        assert_eq!(store.begin(site, &attempt("a"), false, NOW).await.unwrap(), Begun::New);
        store.finish(site, &attempt("a"), Some(&whole)).await.unwrap();
        assert_eq!(kept().await, 256 + 10);
        assert_eq!(store.begin(site, &attempt("b"), false, NOW).await.unwrap(), Begun::New);
        store.finish(site, &attempt("b"), None).await.unwrap();
        assert_eq!(kept().await, 256 + 10, "a failed request stores nothing");
        let later = NOW.plus(KEPT);
        assert_eq!(store.begin(site, &attempt("a"), false, later).await.unwrap(), Begun::New);
        assert_eq!(kept().await, 256);

        set(KEPT_BYTES).await;
        store.finish(site, &attempt("a"), Some(&whole)).await.unwrap();
        let again = store.begin(site, &attempt("a"), false, later).await.unwrap();
        assert!(matches!(&again, Begun::Answered(KeptAnswer { says: KeptBody::Sealed(made), .. }) if made == "x"), "{again:?}");
        assert_eq!(store.begin(site, &attempt("c"), false, later).await.unwrap(), Begun::New, "keys still fit");
        set(2 * KEPT_BYTES + 1).await;
        assert!(matches!(store.begin(site, &attempt("d"), false, later).await, Err(StoreError::Limit(_))));
    }

    async fn add_site(store: &SqliteStore) {
        let statement =
            "INSERT INTO site (id, name, origins, selector, placement, language, created_at) VALUES (zeroblob(16), '', '[]', '', '', '', 0)";
        let insert = store.writer.run(move |tx| async move { Ok(sqlx::query(statement).execute(&mut tx.connection).await.map(|_| ())?) }.boxed());
        insert.await.unwrap();
    }
}
