//! Canned responses. Their number and total size per site are bounded, so a search scans all of
//! them.

use super::{CommandResult, attempt, undo_if_rejected};
use crate::{
    CannedResponseStore, ChannelResult, MAX_CANNED_BYTES, MAX_CANNED_RESPONSES, Result, StoreError,
    UpdateFn,
    db::{Columns, Connection, Row, query, query_as, query_scalar},
    sql::{SqlStore, write_tx::WriteTx},
};
use async_trait::async_trait;
use belfry_domain::{
    SiteId, Timestamp, ValidationError,
    channel::{CannedResponse, CannedResponseDraft, CannedResponseId, Rejection},
};
use belfry_locales::{LocalizedText, phrases::errors};
use futures_util::FutureExt as _;

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, short_code, content, created_at, updated_at FROM canned_response ",
            $rest
        )
    };
}

pub(in crate::sql) const ALL: &str = select!("WHERE site_id = ?1 ORDER BY short_code LIMIT ?2 + 0");
/// A match at position 1 starts the short code; a match before the line break is within it.
pub(in crate::sql) const WITH_TEXT: &str = select!(
    "WHERE site_id = ?1 AND instr(search_text, ?3) > 0
     ORDER BY CASE WHEN instr(search_text, ?3) = 1 THEN 0 WHEN instr(search_text, ?3) < instr(search_text, '\n') THEN 1 ELSE 2 END, short_code LIMIT ?2 + 0"
);
const ONE: &str = select!("WHERE id = ?2 AND site_id = ?1");
/// The number of the other responses, and their total content length.
pub(in crate::sql) const OTHERS_SIZE: &str = "SELECT count(*), CAST(coalesce(sum(octet_length(content)), 0) AS BIGINT) FROM canned_response WHERE site_id = ?1 AND id <> ?2";

fn response_of(row: &Row) -> Result<CannedResponse> {
    let mut columns = Columns::new(row);
    Ok(CannedResponse {
        id: CannedResponseId(columns.value()?),
        short_code: columns.value()?,
        content: columns.value()?,
        created_at: columns.time()?,
        updated_at: columns.time()?,
    })
}

async fn one(
    connection: &mut Connection,
    site: SiteId,
    response: CannedResponseId,
) -> Result<Option<CannedResponse>> {
    let row = query(ONE).bind(site.as_bytes()).bind(response.0).fetch_optional(connection).await?;
    row.as_ref().map(response_of).transpose()
}

fn search_text(draft: &CannedResponseDraft) -> String {
    format!("{}\n{}", draft.short_code().to_lowercase(), draft.content().to_lowercase())
}

/// Checks the limits of a new or changed response together with the site's other responses.
async fn check(
    connection: &mut Connection,
    site: SiteId,
    response: Option<CannedResponseId>,
    draft: &CannedResponseDraft,
) -> CommandResult<()> {
    let own = response.map_or(0, |response| response.0);
    let taken: Option<i64> = query_scalar(
        "SELECT id FROM canned_response WHERE site_id = ?1 AND short_code = ?2 AND id <> ?3",
    )
    .bind(site.as_bytes())
    .bind(draft.short_code())
    .bind(own)
    .fetch_optional(&mut *connection)
    .await?;
    if taken.is_some() {
        return Ok(Err(Rejection::Taken("short_code")));
    }
    let (count, bytes): (u32, i64) =
        query_as(OTHERS_SIZE).bind(site.as_bytes()).bind(own).fetch_one(connection).await?;
    let limit = |reason: LocalizedText| Err(StoreError::Limit(ValidationError::new("", reason)));
    if count >= MAX_CANNED_RESPONSES {
        return limit(errors::too_many_canned_responses(MAX_CANNED_RESPONSES));
    }
    if usize::try_from(bytes).unwrap_or(usize::MAX).saturating_add(draft.content().len())
        > MAX_CANNED_BYTES
    {
        return limit(errors::CANNED_RESPONSES_TOO_LARGE);
    }
    Ok(Ok(()))
}

async fn create(
    tx: &mut WriteTx,
    site: SiteId,
    draft: CannedResponseDraft,
    now: Timestamp,
) -> CommandResult<CannedResponse> {
    attempt!(check(&mut tx.connection, site, None, &draft).await?);
    let row = query(
        "INSERT INTO canned_response (site_id, short_code, content, search_text, created_at, updated_at) VALUES (?1, ?2, ?3, ?4, ?5, ?5)
         RETURNING id, short_code, content, created_at, updated_at",
    )
    .bind(site.as_bytes())
    .bind(draft.short_code())
    .bind(draft.content())
    .bind(search_text(&draft))
    .bind(now.millis())
    .fetch_one(&mut tx.connection)
    .await?;
    let made = response_of(&row)?;
    tx.set_subject(&made.short_code);
    Ok(Ok(made))
}

async fn update(
    tx: &mut WriteTx,
    site: SiteId,
    response: CannedResponseId,
    change: UpdateFn<CannedResponseDraft>,
    now: Timestamp,
) -> CommandResult<CannedResponse> {
    let Some(found) = one(&mut tx.connection, site, response).await? else {
        return Ok(Err(Rejection::NotFound("canned response")));
    };
    let before = CannedResponseDraft::new(&found.short_code, &found.content)
        .map_err(|invalid| StoreError::Inconsistent(invalid.to_string()))?;
    let after = attempt!(change(&before));
    if after == before {
        return Ok(Ok(found));
    }
    attempt!(check(&mut tx.connection, site, Some(response), &after).await?);
    query("UPDATE canned_response SET short_code = ?3, content = ?4, search_text = ?5, updated_at = ?6 WHERE id = ?2 AND site_id = ?1")
        .bind(site.as_bytes())
        .bind(response.0)
        .bind(after.short_code())
        .bind(after.content())
        .bind(search_text(&after))
        .bind(now.millis())
        .execute(&mut tx.connection)
        .await?;
    Ok(one(&mut tx.connection, site, response).await?.ok_or(Rejection::NotFound("canned response")))
}

#[async_trait]
impl CannedResponseStore for SqlStore {
    async fn canned_responses(
        &self,
        site: SiteId,
        text: Option<&str>,
        limit: u32,
    ) -> Result<Vec<CannedResponse>> {
        let mut reader = self.read_connection_for(site).await?;
        let query = match text {
            None => query(ALL).bind(site.as_bytes()).bind(limit),
            Some(text) => {
                query(WITH_TEXT).bind(site.as_bytes()).bind(limit).bind(text.to_lowercase())
            }
        };
        query.fetch_all(&mut reader).await?.iter().map(response_of).collect()
    }

    async fn canned_response(
        &self,
        site: SiteId,
        response: CannedResponseId,
    ) -> Result<Option<CannedResponse>> {
        one(&mut *self.read_connection_for(site).await?, site, response).await
    }

    async fn create_canned_response(
        &self,
        site: SiteId,
        draft: &CannedResponseDraft,
        now: Timestamp,
    ) -> ChannelResult<CannedResponse> {
        let draft = draft.clone();
        self.writer
            .for_site(site)
            .run(move |tx| async move { create(tx, site, draft, now).await }.boxed())
            .await
    }

    async fn update_canned_response(
        &self,
        site: SiteId,
        response: CannedResponseId,
        change: UpdateFn<CannedResponseDraft>,
        now: Timestamp,
    ) -> ChannelResult<CannedResponse> {
        self.writer
            .for_site(site)
            .run(move |tx| {
                undo_if_rejected(tx, move |tx| {
                    async move { update(tx, site, response, change, now).await }.boxed()
                })
                .boxed()
            })
            .await
    }

    async fn delete_canned_response(
        &self,
        site: SiteId,
        response: CannedResponseId,
    ) -> Result<bool> {
        self.writer
            .for_site(site)
            .run(move |tx| {
                async move {
                    let deleted =
                        query("DELETE FROM canned_response WHERE id = ?2 AND site_id = ?1")
                            .bind(site.as_bytes())
                            .bind(response.0)
                            .execute(&mut tx.connection)
                            .await?;
                    Ok(deleted > 0)
                }
                .boxed()
            })
            .await
    }
}
