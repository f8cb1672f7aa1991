//! Answers to requests that may come twice. The writer runs one command at a time, so that of many attempts one is the first.

use super::{SqliteStore, columns::Columns, work::Work};
use crate::{
    domain::{Attempt, Begun, KeptAnswer, KeptBody, SiteId, Timestamp},
    store::{RepeatStore, Result, StoreError},
};
use async_trait::async_trait;
use futures_util::FutureExt as _;
use std::time::Duration;

/// How long an answer is kept.
pub(super) const KEPT: Duration = Duration::from_hours(24);

#[async_trait]
impl RepeatStore for SqliteStore {
    async fn begin(&self, site: SiteId, attempt: &Attempt, again: bool, now: Timestamp) -> Result<Begun> {
        let attempt = attempt.clone();
        self.writer.run(move |work| begin(work, site, attempt, again, now).boxed()).await
    }

    async fn finish(&self, site: SiteId, attempt: &Attempt, answer: Option<&KeptAnswer>) -> Result<()> {
        let (attempt, answer) = (attempt.clone(), answer.cloned());
        self.writer.run(move |work| finish(work, site, attempt, answer).boxed()).await
    }
}

async fn begin(work: &mut Work, site: SiteId, attempt: Attempt, again: bool, now: Timestamp) -> Result<Begun> {
    let row =
        sqlx::query("SELECT fingerprint = ?3, run = ?4, created_at, status, content_type, sealed, body FROM repeat WHERE site_id = ?1 AND key = ?2")
            .bind(site.as_bytes())
            .bind(&attempt.key)
            .bind(attempt.fingerprint.0.as_slice())
            .bind(attempt.run.as_slice())
            .fetch_optional(&mut work.connection)
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
                        (None, None) => return Err(StoreError::Inconsistent("an answer without a body".to_owned())),
                    },
                })),
                None if ours => Ok(Begun::UnderWay),
                None if !again => Ok(Begun::Interrupted),
                None => reserve(work, site, attempt, now).await,
            };
        }
    }
    reserve(work, site, attempt, now).await
}

async fn reserve(work: &mut Work, site: SiteId, attempt: Attempt, now: Timestamp) -> Result<Begun> {
    sqlx::query("INSERT OR REPLACE INTO repeat (site_id, key, fingerprint, run, created_at) VALUES (?1, ?2, ?3, ?4, ?5)")
        .bind(site.as_bytes())
        .bind(&attempt.key)
        .bind(attempt.fingerprint.0.as_slice())
        .bind(attempt.run.as_slice())
        .bind(now.millis())
        .execute(&mut work.connection)
        .await?;
    Ok(Begun::New)
}

async fn finish(work: &mut Work, site: SiteId, attempt: Attempt, answer: Option<KeptAnswer>) -> Result<()> {
    let Some(answer) = answer else {
        sqlx::query("DELETE FROM repeat WHERE site_id = ?1 AND key = ?2 AND run = ?3 AND status IS NULL")
            .bind(site.as_bytes())
            .bind(&attempt.key)
            .bind(attempt.run.as_slice())
            .execute(&mut work.connection)
            .await?;
        return Ok(());
    };
    let (sealed, body) = match answer.says {
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
    .execute(&mut work.connection)
    .await?;
    Ok(())
}
