//! The contract on `SQLite`, in a temporary folder for each test.

use super::test_store::{Backend, COPY_DELIVERIES};
use crate::{Result, SqlStore, SqliteOptions, Store};
use async_trait::async_trait;
use belfry_domain::{ContactId, EventSink, MessageId, SiteId};
use sqlx::{Connection as _, SqliteConnection, sqlite::SqliteConnectOptions};
use std::sync::Arc;
use tempfile::TempDir;

struct File(TempDir);

impl File {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn options(&self) -> SqliteOptions {
        SqliteOptions::new(self.0.path().join("belfry.db"))
    }

    async fn connect(&self) -> SqliteConnection {
        SqliteConnection::connect_with(&SqliteConnectOptions::new().filename(self.options().path))
            .await
            .unwrap()
    }
}

/// A new database.
pub(crate) fn backend() -> impl Backend {
    File::new()
}

#[async_trait]
impl Backend for File {
    async fn open(&self, event_sink: Arc<dyn EventSink>) -> Result<Arc<dyn Store>> {
        Ok(Arc::new(SqlStore::open(self.options(), event_sink).await?))
    }

    async fn find_traces(&self, site: SiteId, contact: ContactId) -> u64 {
        let mut connection = self.connect().await;
        let tables: Vec<String> =
            sqlx::query_scalar("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE '%sqlx%' AND name <> 'site'")
                .fetch_all(&mut connection)
                .await
                .unwrap();
        let mut traces = 0;
        for table in tables {
            let column = if table == "contact" { "id" } else { "contact_id" };
            let has: i64 =
                sqlx::query_scalar("SELECT count(*) FROM pragma_table_info(?1) WHERE name = ?2")
                    .bind(&table)
                    .bind(column)
                    .fetch_one(&mut connection)
                    .await
                    .unwrap();
            if has == 1 {
                let query =
                    format!("SELECT count(*) FROM {table} WHERE site_id = ?1 AND {column} = ?2");
                traces += sqlx::query_scalar::<_, i64>(sqlx::AssertSqlSafe(query))
                    .bind(site.as_bytes())
                    .bind(contact.0)
                    .fetch_one(&mut connection)
                    .await
                    .unwrap()
                    .unsigned_abs();
            }
        }
        traces
    }

    async fn close(&self, site: SiteId, message: MessageId) {
        let mut connection = self.connect().await;
        for statement in [
            "UPDATE message SET state = 3 WHERE site_id = ?1 AND id = ?2",
            "UPDATE recipient SET position = -position WHERE site_id = ?1 AND message_id = ?2",
        ] {
            sqlx::query(statement)
                .bind(site.as_bytes())
                .bind(message.as_bytes())
                .execute(&mut connection)
                .await
                .unwrap();
        }
    }

    async fn copy_delivery(&self, number: i64, first: u32, last: u32) {
        let mut connection = self.connect().await;
        sqlx::query(COPY_DELIVERIES)
            .bind(number)
            .bind(first)
            .bind(last)
            .execute(&mut connection)
            .await
            .unwrap();
    }
}

contract!(Some(File::new()));
