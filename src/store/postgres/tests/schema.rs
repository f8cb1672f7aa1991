//! Both databases have the same tables, columns, indexes and triggers, except for the bus, which only
//! a server needs.

use crate::{
    SqliteOptions,
    db::{Connection, query_scalar},
    postgres::{migrate, testing::TestDatabase},
    sqlite::open,
};
use std::collections::BTreeSet;

const OF_SQLITE: [&str; 3] = [
    "SELECT t.name || '.' || c.name FROM sqlite_schema AS t CROSS JOIN pragma_table_xinfo(t.name) AS c
     WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%' AND t.name NOT LIKE '%sqlx%'",
    "SELECT tbl_name || '.' || name FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL",
    "SELECT tbl_name || '.' || name FROM sqlite_schema WHERE type = 'trigger'",
];

const OF_POSTGRES: [&str; 3] = [
    "SELECT (table_name || '.' || column_name)::text FROM information_schema.columns
     WHERE table_schema = 'belfry' AND table_name NOT IN ('_sqlx_migrations', '_compatibility', 'relayed')",
    "SELECT (i.indrelid::regclass::text || '.' || i.indexrelid::regclass::text) FROM pg_index AS i
     WHERE i.indrelid IN (SELECT oid FROM pg_class WHERE relnamespace = 'belfry'::regnamespace)
        AND NOT EXISTS (SELECT 1 FROM pg_constraint AS c WHERE c.conindid = i.indexrelid AND c.contype <> 'f')",
    "SELECT (tgrelid::regclass::text || '.' || tgname::text) FROM pg_trigger WHERE NOT tgisinternal",
];

async fn names(connection: &mut Connection, statement: &'static str) -> BTreeSet<String> {
    let names: Vec<String> = query_scalar(statement).fetch_all(connection).await.unwrap();
    names.into_iter().collect()
}

#[tokio::test]
async fn schema_has_the_names_of_the_other_database() {
    let Some(database) = TestDatabase::new().await else { return };
    let mut connection = database.connect().await;
    let folder = tempfile::tempdir().unwrap();
    let options = SqliteOptions::new(folder.path().join("belfry.db"));
    let mut sqlite = open::writer(&options).await.unwrap();
    for (of_sqlite, of_postgres) in OF_SQLITE.into_iter().zip(OF_POSTGRES) {
        let expected = names(&mut sqlite, of_sqlite).await;
        let actual = names(&mut connection, of_postgres).await;
        let different: Vec<_> = expected.symmetric_difference(&actual).collect();
        assert!(different.is_empty() && !actual.is_empty(), "{different:?}");
    }
    sqlite.close().await.unwrap();
}

#[tokio::test]
async fn second_migration_changes_nothing() {
    let Some(database) = TestDatabase::new().await else { return };
    let mut connection = database.connect().await;
    let Connection::Postgres(connection) = &mut connection else { unreachable!() };
    migrate(connection).await.unwrap();
}

#[test]
fn migration_files_are_in_order_of_their_folders() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("postgres/migrations");
    let count = std::fs::read_dir(folder).unwrap().count();
    assert_eq!(crate::postgres::schema_version(), i64::try_from(count).unwrap());
}
