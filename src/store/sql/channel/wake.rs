//! Reopens snoozed conversations when they are due: one per background step.

use super::update;
use crate::{
    Result,
    db::{Columns, query, query_scalar},
    sql::{SqlStore, write_tx::WriteTx},
};
use belfry_domain::{Timestamp, channel::ConversationNumber};
use futures_util::FutureExt as _;

pub(in crate::sql) const NEXT: &str =
    "SELECT min(snoozed_until) FROM conversation INDEXED BY conversation_snoozed
     WHERE snoozed_until IS NOT NULL AND status = 3 AND deleted = 0";
pub(in crate::sql) const DUE: &str = "SELECT site_id, number FROM conversation INDEXED BY conversation_snoozed
     WHERE snoozed_until IS NOT NULL AND snoozed_until <= ?1 AND status = 3 AND deleted = 0 ORDER BY snoozed_until LIMIT 1";

async fn next(store: &SqlStore) -> Result<Option<Timestamp>> {
    let next: Option<i64> =
        query_scalar(NEXT).fetch_one(&mut *store.read_connection().await?).await?;
    Ok(next.map(Timestamp::from_millis))
}

async fn step(tx: &mut WriteTx, now: Timestamp) -> Result<u64> {
    let Some(row) = query(DUE).bind(now.millis()).fetch_optional(&mut tx.connection).await? else {
        return Ok(0);
    };
    let mut columns = Columns::new(&row);
    let (site, number) = (columns.site()?, ConversationNumber(columns.value()?));
    update::wake(tx, site, number, now).await?;
    Ok(1)
}

pub(super) async fn wake(store: &SqlStore, now: Timestamp) -> Result<Option<Timestamp>> {
    let due = next(store).await?;
    if due.is_none_or(|due| due > now) {
        return Ok(due);
    }
    store.writer.background_to_end(move |tx| step(tx, now).boxed()).await?;
    next(store).await
}
