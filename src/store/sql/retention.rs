//! Message retention: deletes messages and receipts that are older than the site's retention time,
//! or above the retention cap of a feed.
//!
//! All of it is background work: small steps in turns of the writer, one site after the other, so
//! that no request and no site has to wait. Called by the store's `forget_messages`.

use super::{
    SqlStore, inline_segments,
    message_deletion::{ROWS_PER_STEP, delete_message_step},
    retention_cap::{self, FeedTrim},
    watermark_compaction,
    write_tx::WriteTx,
    writer::TurnOutcome,
};
use crate::{
    Result,
    db::{Columns, Connection, query},
};
use belfry_domain::{ContactId, MessageId, ReaderKey, SiteId, Timestamp};
use futures_util::FutureExt as _;
use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
    time::Duration,
};
use tokio::sync::Mutex;

pub(super) const DUE: &str = "SELECT id FROM message INDEXED BY message_published WHERE site_id = ?1 AND publish_at < ?2 AND state <> 0
     ORDER BY publish_at LIMIT 1";

// A row with time 0 stands for everything before times were stored; some of those messages may
// still exist.
pub(super) const DELETE_LOG: &str = "DELETE FROM watermark_log WHERE (site_id, contact_id, kind, to_position, number) IN
     (SELECT site_id, contact_id, kind, to_position, number FROM watermark_log INDEXED BY watermark_log_at
      WHERE site_id = ?1 AND at > 0 AND at < ?2 LIMIT ?3 + 0)";

/// Messages whose deletion was interrupted. They were not recalled.
pub(super) const PARTLY_DELETED: &str = "SELECT site_id, id FROM message INDEXED BY message_deleting WHERE state = 3 AND recalled_at IS NULL";

/// Rows of one site that are deleted step by step.
#[derive(Debug, Clone)]
enum RetentionTask {
    /// What is left of one message.
    Message(MessageId),
    /// What was published, or happened, before a time.
    Before(Timestamp),
    /// The messages of a feed above its retention cap.
    FeedCap(FeedTrim),
    /// The watermark moves of a reader above their limit.
    WatermarkMoves(ContactId),
}

impl RetentionTask {
    /// One bounded step. Returns 0 when nothing is left.
    async fn step(&mut self, tx: &mut WriteTx, site: SiteId) -> Result<u64> {
        match self {
            Self::Message(message) => delete_message_step(tx, site, *message).await,
            Self::Before(before) => delete_before(tx, site, *before).await,
            Self::FeedCap(feed) => feed.step(tx).await,
            Self::WatermarkMoves(contact) => watermark_compaction::step(tx, site, *contact).await,
        }
    }
}

/// Deletes everything that is due, with the sites in round robin.
pub(super) async fn delete_due(store: &SqlStore, now: Timestamp) -> Result<u64> {
    let (mut total, mut more) = (0, true);
    while more {
        let sites;
        (sites, more) = tasks(&mut *store.read_connection().await?, now).await?;
        total += run(store, sites).await?;
    }
    Ok(total + inline_segments::sweep(store, now).await?)
}

async fn run(
    store: &SqlStore,
    mut sites: BTreeMap<SiteId, VecDeque<RetentionTask>>,
) -> Result<u64> {
    let mut total = 0;
    while !sites.is_empty() {
        for (site, tasks) in &mut sites {
            let (site, Some(task)) = (*site, tasks.pop_front()) else { continue };
            let (task, turn) = run_turn(store, site, task).await?;
            total += turn.rows;
            if !turn.finished {
                tasks.push_back(task);
            }
        }
        sites.retain(|_, tasks| !tasks.is_empty());
    }
    Ok(total)
}

/// One turn of one task. The task keeps its progress for the next turn.
async fn run_turn(
    store: &SqlStore,
    site: SiteId,
    mut task: RetentionTask,
) -> Result<(RetentionTask, TurnOutcome)> {
    if let RetentionTask::FeedCap(feed) = &mut task
        && !feed.prepare(&mut *store.read_connection().await?).await?
    {
        return Ok((task, TurnOutcome { rows: 0, finished: true }));
    }
    let shared = Arc::new(Mutex::new(task));
    let handle = Arc::clone(&shared);
    let mut turn = store
        .writer
        .background(move |tx| {
            let task = Arc::clone(&handle);
            async move { task.lock().await.step(tx, site).await }.boxed()
        })
        .await?;
    let mut task = shared.lock().await.clone();
    if let RetentionTask::FeedCap(feed) = &mut task {
        turn.finished = feed.end_turn(turn.finished);
    }
    Ok((task, turn))
}

/// The due tasks of each site, and whether there are more than one query returns.
async fn tasks(
    connection: &mut Connection,
    now: Timestamp,
) -> Result<(BTreeMap<SiteId, VecDeque<RetentionTask>>, bool)> {
    let mut sites: BTreeMap<SiteId, VecDeque<RetentionTask>> = BTreeMap::new();
    for row in query(PARTLY_DELETED).fetch_all(&mut *connection).await? {
        let mut columns = Columns::new(&row);
        sites
            .entry(columns.site()?)
            .or_default()
            .push_back(RetentionTask::Message(columns.message()?));
    }
    let keeping = "SELECT id, days FROM (SELECT id, CAST(settings ->> '$.retentionDays' AS BIGINT) AS days FROM site) AS kept WHERE days > 0";
    for row in query(keeping).fetch_all(&mut *connection).await? {
        let mut columns = Columns::new(&row);
        let (site, days): (SiteId, u32) = (columns.site()?, columns.value()?);
        sites.entry(site).or_default().push_back(RetentionTask::Before(
            now.minus(Duration::from_hours(24).saturating_mul(days)),
        ));
    }
    let (contacts, more_contacts) = watermark_compaction::contacts_over_limit(connection).await?;
    for ReaderKey { site, contact } in contacts {
        sites.entry(site).or_default().push_back(RetentionTask::WatermarkMoves(contact));
    }
    let (feeds, more) = retention_cap::feeds(connection).await?;
    for feed in feeds {
        sites.entry(feed.site).or_default().push_back(RetentionTask::FeedCap(feed));
    }
    Ok((sites, more || more_contacts))
}

/// One bounded step of deleting what is older than a time. Returns 0 when nothing is left.
async fn delete_before(tx: &mut WriteTx, site: SiteId, before: Timestamp) -> Result<u64> {
    let due = query(DUE)
        .bind(site.as_bytes())
        .bind(before.millis())
        .fetch_optional(&mut tx.connection)
        .await?;
    let Some(row) = due else {
        let log = query(DELETE_LOG)
            .bind(site.as_bytes())
            .bind(before.millis())
            .bind(ROWS_PER_STEP)
            .execute(&mut tx.connection)
            .await?;
        return Ok(log);
    };
    delete_message_step(tx, site, Columns::new(&row).message()?).await
}
