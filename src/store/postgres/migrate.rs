//! Creates the schema, and runs pending migrations. Must not depend on what is stored.
//!
//! Processes of two versions of the program run side by side while one after the other is updated. So
//! the older one works on a schema that a newer one has migrated, unless a migration says that it does
//! not: each names the oldest program that works with it, which the database remembers.

use super::PostgresConnection;
use crate::{Result, StoreError};
use sqlx::{
    AssertSqlSafe, SqlSafeStr as _,
    migrate::{Migration, MigrationType, Migrator},
    postgres::Postgres,
};
use std::sync::LazyLock;

/// A migration.
#[derive(Clone, Copy)]
struct MigrationFile {
    version: i64,
    description: &'static str,
    sql: &'static str,
    /// The schema version of the oldest program that works with it.
    oldest_program: i64,
}

const MIGRATION_FILES: &[MigrationFile] = &[MigrationFile {
    version: 1,
    description: "schema",
    sql: concat!(
        include_str!("migrations/0001_schema/functions.sql"),
        include_str!("migrations/0001_schema/tables.sql"),
        include_str!("migrations/0001_schema/statistics.sql"),
        include_str!("migrations/0001_schema/triggers.sql"),
        include_str!("migrations/0001_schema/bus.sql"),
        include_str!("migrations/0001_schema/compatibility.sql"),
    ),
    oldest_program: 1,
}];

static MIGRATIONS: LazyLock<Migrator> = LazyLock::new(|| migrator(MIGRATION_FILES));

/// Under a lock: `IF NOT EXISTS` alone fails where two processes start at once.
const CREATE_NAMESPACE: &str = "BEGIN;
    SELECT pg_advisory_xact_lock(hashtextextended('belfry schema', 0));
    CREATE SCHEMA IF NOT EXISTS belfry;
    COMMIT";

/// The newest migration that was run, and the oldest program that works with all of them.
const COMPATIBILITY: &str =
    "SELECT (SELECT max(version) FROM _sqlx_migrations), oldest_program FROM _compatibility";

fn migrator(files: &[MigrationFile]) -> Migrator {
    let migration = |file: &MigrationFile| {
        let MigrationFile { sql, oldest_program, .. } = file;
        // In the transaction of the migration.
        let sql = format!(
            "{sql}
            INSERT INTO _compatibility (id, oldest_program) VALUES (1, {oldest_program})
            ON CONFLICT (id) DO UPDATE SET oldest_program = greatest(_compatibility.oldest_program, excluded.oldest_program);"
        );
        let sql = AssertSqlSafe(sql).into_sql_str();
        let description = file.description.into();
        Migration::new(file.version, description, MigrationType::Simple, sql, false)
    };
    let mut migrator = Migrator::with_migrations(files.iter().map(migration).collect());
    // What a newer program has run is checked afterwards.
    migrator.set_ignore_missing(true);
    migrator
}

fn newest(migrations: &Migrator) -> i64 {
    migrations.iter().map(|migration| migration.version).max().unwrap_or(0)
}

pub(crate) fn schema_version() -> i64 {
    newest(&MIGRATIONS)
}

/// Fails where the settings of a connection have no effect, as behind a pooler that ignores them.
async fn check_settings(connection: &mut PostgresConnection) -> Result<()> {
    let setting = "SELECT current_setting('search_path')";
    let path: String = sqlx::query_scalar(setting).fetch_one(connection.driver()?).await?;
    if path == "belfry" {
        return Ok(());
    }
    Err(StoreError::Unavailable(
        "the server ignores the settings of connections; behind PgBouncer, --database-direct-url names the server itself"
            .to_owned(),
    ))
}

/// Of several processes, one runs the migrations, and the others wait for it. Fails on a database of
/// a newer program that this one does not work on.
pub(crate) async fn migrate(connection: &mut PostgresConnection) -> Result<()> {
    check_settings(connection).await?;
    connection.run_script(CREATE_NAMESPACE).await?;
    run(connection, &MIGRATIONS).await
}

async fn run(connection: &mut PostgresConnection, migrations: &Migrator) -> Result<()> {
    migrations.run_direct(None, connection.driver()?, false).await?;
    let (found, oldest_program): (i64, i64) =
        sqlx::query_as::<Postgres, _>(COMPATIBILITY).fetch_one(connection.driver()?).await?;
    let supported = newest(migrations);
    if supported < oldest_program {
        return Err(StoreError::Newer { found, supported });
    }
    if supported < found {
        tracing::info!(found, supported, "a newer version of Belfry has migrated the database");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{db::Connection, postgres::testing::TestDatabase};

    /// What the next version of the program may bring.
    const ADDED: &str = "ALTER TABLE setup_token ADD COLUMN note TEXT;
        CREATE TABLE note (id BIGINT PRIMARY KEY);
        CREATE INDEX setup_token_note ON setup_token (note);";

    /// This program on a database that a newer one has migrated.
    async fn open_migrated(oldest_program: i64) -> Option<Result<()>> {
        let database = TestDatabase::new().await?;
        let mut connection = database.connect().await;
        let Connection::Postgres(connection) = &mut connection else { unreachable!() };
        let version = schema_version() + 1;
        let next = MigrationFile { version, description: "notes", sql: ADDED, oldest_program };
        let later = migrator(&[MIGRATION_FILES, &[next]].concat());
        for _ in 0..2 {
            run(connection, &later).await.unwrap();
        }
        Some(migrate(connection).await)
    }

    #[tokio::test]
    async fn older_program_works_on_a_compatible_schema() {
        for oldest_program in [1, schema_version()] {
            let Some(opened) = open_migrated(oldest_program).await else { return };
            opened.unwrap();
        }
    }

    #[tokio::test]
    async fn older_program_refuses_an_incompatible_schema() {
        let version = schema_version();
        let Some(opened) = open_migrated(version + 1).await else { return };
        let error = opened.unwrap_err();
        assert!(
            matches!(error, StoreError::Newer { found, supported } if (found, supported) == (version + 1, version)),
            "{error}"
        );
    }
}
