//! The contract on `PostgreSQL`, in a database of its own for each test.

use super::test_store::{Backend, COPY_DELIVERIES};
use crate::{
    NatsOptions, PostgresOptions, Result, SqlStore, Store,
    db::{query, query_as, query_scalar},
    postgres::{
        session,
        testing::{BACKENDS, TestDatabase},
    },
};
use async_trait::async_trait;
use belfry_domain::{ContactId, EventSink, MessageId, SiteId};
use std::sync::Arc;
use tempfile::TempDir;

pub(crate) struct Database {
    on_server: TestDatabase,
    /// For the secret key.
    folder: TempDir,
    bus: Option<NatsOptions>,
}

impl Database {
    /// `None` when there is no server.
    pub(crate) async fn new() -> Option<Self> {
        Some(Self::of(TestDatabase::new().await?))
    }

    /// The same behind a pooler. `None` also when there is no pooler.
    pub(crate) async fn pooled() -> Option<Self> {
        Some(Self::of(TestDatabase::pooled(BACKENDS).await?))
    }

    pub(crate) fn of(database: TestDatabase) -> Self {
        Self { on_server: database, folder: tempfile::tempdir().unwrap(), bus: None }
    }

    /// The same with events over this NATS server.
    pub(crate) fn with_bus(self, url: &str) -> Self {
        Self { bus: Some(NatsOptions::parse(url).unwrap()), ..self }
    }

    /// The database on the server.
    pub(crate) fn database(&self) -> &TestDatabase {
        &self.on_server
    }

    pub(crate) fn options(&self) -> PostgresOptions {
        PostgresOptions {
            secret_key_file: Some(self.folder.path().join("secret-key")),
            bus: self.bus.clone(),
            ..self.on_server.options()
        }
    }
}

#[async_trait]
impl Backend for Database {
    async fn open(&self, event_sink: Arc<dyn EventSink>) -> Result<Arc<dyn Store>> {
        Ok(Arc::new(SqlStore::open(self.options(), event_sink).await?))
    }

    async fn find_traces(&self, site: SiteId, contact: ContactId) -> u64 {
        let mut connection = session::direct(&self.options()).connect().await.unwrap();
        let columns: Vec<(String, String)> = query_as(
            "SELECT CAST(table_name AS TEXT), CAST(column_name AS TEXT) FROM information_schema.columns
             WHERE table_schema = 'belfry' AND (column_name = 'contact_id' OR table_name = 'contact' AND column_name = 'id')",
        )
        .fetch_all(&mut connection)
        .await
        .unwrap();
        let mut traces = 0;
        for (table, column) in columns {
            if table == "site" {
                continue;
            }
            let text = format!("SELECT count(*) FROM {table} WHERE site_id = ?1 AND {column} = ?2");
            let found: i64 = query_scalar(sqlx::AssertSqlSafe(text))
                .bind(site.as_bytes())
                .bind(contact.0)
                .fetch_one(&mut connection)
                .await
                .unwrap();
            traces += found.unsigned_abs();
        }
        traces
    }

    async fn close(&self, site: SiteId, message: MessageId) {
        let mut connection = session::direct(&self.options()).connect().await.unwrap();
        for statement in [
            "UPDATE message SET state = 3 WHERE site_id = ?1 AND id = ?2",
            "UPDATE recipient SET position = -position WHERE site_id = ?1 AND message_id = ?2",
        ] {
            query(statement)
                .bind(site.as_bytes())
                .bind(message.as_bytes())
                .execute(&mut connection)
                .await
                .unwrap();
        }
    }

    async fn copy_delivery(&self, number: i64, first: u32, last: u32) {
        let mut connection = session::direct(&self.options()).connect().await.unwrap();
        query(COPY_DELIVERIES)
            .bind(number)
            .bind(first)
            .bind(last)
            .execute(&mut connection)
            .await
            .unwrap();
    }
}

contract!(Database::new().await);
