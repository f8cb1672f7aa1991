//! Creates the schema, and runs pending migrations. Must not depend on what is stored.

use super::PostgresConnection;
use crate::{Result, StoreError};
use sqlx::{
    SqlSafeStr as _,
    migrate::{MigrateError, Migration, MigrationType, Migrator},
};
use std::sync::LazyLock;

/// Version, description and SQL of each migration.
const MIGRATION_FILES: &[(i64, &str, &str)] = &[(
    1,
    "schema",
    concat!(
        include_str!("migrations/0001_schema/functions.sql"),
        include_str!("migrations/0001_schema/tables.sql"),
        include_str!("migrations/0001_schema/statistics.sql"),
        include_str!("migrations/0001_schema/triggers.sql"),
        include_str!("migrations/0001_schema/bus.sql"),
    ),
)];

static MIGRATIONS: LazyLock<Migrator> = LazyLock::new(|| {
    let migration = |&(version, description, sql): &(i64, &'static str, &'static str)| {
        let sql = sql.into_sql_str();
        Migration::new(version, description.into(), MigrationType::Simple, sql, false)
    };
    Migrator::with_migrations(MIGRATION_FILES.iter().map(migration).collect())
});

/// Under a lock: `IF NOT EXISTS` alone fails where two processes start at once.
const CREATE_NAMESPACE: &str = "BEGIN;
    SELECT pg_advisory_xact_lock(hashtextextended('belfry schema', 0));
    CREATE SCHEMA IF NOT EXISTS belfry;
    COMMIT";

pub(crate) fn schema_version() -> i64 {
    MIGRATIONS.iter().map(|migration| migration.version).max().unwrap_or(0)
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

/// Of several processes, one runs the migrations, and the others wait for it.
pub(crate) async fn migrate(connection: &mut PostgresConnection) -> Result<()> {
    check_settings(connection).await?;
    connection.run_script(CREATE_NAMESPACE).await?;
    match MIGRATIONS.run_direct(None, connection.driver()?, false).await {
        Err(MigrateError::VersionMissing(found)) => {
            Err(StoreError::Newer { found, supported: schema_version() })
        }
        other => Ok(other?),
    }
}
