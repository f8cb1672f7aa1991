//! The latest wall-clock time that a process saw, stored so that a restart can detect a clock that
//! went back.

use super::write_tx::WriteTx;
use crate::{domain::Timestamp, store::Result};
use sqlx::SqliteConnection;

pub(super) async fn store(tx: &mut WriteTx, seen: Timestamp) -> Result<()> {
    sqlx::query("INSERT INTO clock (id, seen) VALUES (1, ?1) ON CONFLICT DO UPDATE SET seen = excluded.seen")
        .bind(seen.millis())
        .execute(&mut tx.connection)
        .await?;
    Ok(())
}

pub(super) async fn load(connection: &mut SqliteConnection) -> Result<Option<Timestamp>> {
    let seen: Option<i64> =
        sqlx::query_scalar("SELECT seen FROM clock").fetch_optional(connection).await?;
    Ok(seen.map(Timestamp::from_millis))
}
