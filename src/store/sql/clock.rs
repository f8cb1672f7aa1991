//! The latest wall-clock time that a process saw, stored so that a restart can detect a clock that
//! went back; and the time of the database's server.

use super::write_tx::WriteTx;
use crate::{
    Result,
    db::{Connection, query, query_scalar},
};
use belfry_domain::Timestamp;

pub(super) async fn store(tx: &mut WriteTx, seen: Timestamp) -> Result<()> {
    query("INSERT INTO clock (id, latest) VALUES (1, ?1) ON CONFLICT (id) DO UPDATE SET latest = excluded.latest")
        .bind(seen.millis())
        .execute(&mut tx.connection)
        .await?;
    Ok(())
}

pub(super) async fn load(connection: &mut Connection) -> Result<Option<Timestamp>> {
    let seen: Option<i64> =
        query_scalar("SELECT latest FROM clock").fetch_optional(connection).await?;
    Ok(seen.map(Timestamp::from_millis))
}

/// The time of a server of `PostgreSQL` when it runs the statement.
pub(super) async fn of_server(connection: &mut Connection) -> Result<Timestamp> {
    let millis = "SELECT CAST(floor(extract(epoch FROM clock_timestamp()) * 1000) AS BIGINT)";
    Ok(Timestamp::from_millis(query_scalar(millis).fetch_one(connection).await?))
}
