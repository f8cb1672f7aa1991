//! The token call, which commits a row each time, compared with a plain handler that reads the same
//! body.

use super::{Scale, list::against_baseline, serve, with_key};
use crate::{
    Outcome,
    client::Call,
    fixtures::Fixture,
    report::{Table, thousands},
};
use sqlx::{
    Connection as _, SqliteConnection,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};
use std::{path::Path, time::Instant};

pub async fn compare(
    folder: &Path,
    stock: &Fixture,
    scale: &Scale,
    table: &mut Table,
) -> Outcome<()> {
    eprintln!("== token call");
    let server = serve(stock, table).await?;
    let call = |number: usize| {
        with_key(
            Call::post(
                "/v1/auth/contact/token",
                "application/json",
                format!("{{\"externalCustomerId\":\"c{number:08}\"}}"),
            ),
            stock,
        )
    };
    let compared =
        against_baseline(folder, &server, (1..=1_000).map(call).collect(), scale).await?;
    compared.print(table, "token call, a durable row each".to_owned(), None);
    let alone = commits(folder, 500).await?;
    table.information(
        "   raw SQLite, one row and one sync a commit",
        format!("{}/s", thousands(alone)),
        "the disk, without Belfry and without sharing commits",
    );
    Ok(())
}

/// Sequential durable commits per second.
#[expect(clippy::cast_precision_loss, reason = "a small count")]
async fn commits(folder: &Path, count: usize) -> Outcome<f64> {
    let options =
        SqliteConnectOptions::new().filename(folder.join("raw.db")).create_if_missing(true);
    let mut connection = SqliteConnection::connect_with(
        &options.journal_mode(SqliteJournalMode::Wal).synchronous(SqliteSynchronous::Full),
    )
    .await?;
    sqlx::query("CREATE TABLE row (id BLOB PRIMARY KEY, value BLOB) WITHOUT ROWID")
        .execute(&mut connection)
        .await?;
    let began = Instant::now();
    for number in 0..count {
        sqlx::query("INSERT INTO row VALUES (?1, zeroblob(100))")
            .bind(number.to_be_bytes().as_slice())
            .execute(&mut connection)
            .await?;
    }
    let rate = count as f64 / began.elapsed().as_secs_f64();
    connection.close().await?;
    Ok(rate)
}
