//! The database that is copied, read in one snapshot.

use super::{
    CopyError,
    error::{Context as _, CopyResult},
    row::{self, Values},
    schema::{Schema, Table, quoted},
    state,
};
use crate::{
    DatabaseOptions, Result, StoreError,
    db::{Connection, query, query_scalar},
    postgres::session,
    sqlite::open,
};
use sqlx::AssertSqlSafe;

/// The first rows of a table that are read at once. The next ones are as many as fit the memory, as far
/// as the former ones tell.
const FIRST_ROWS: u32 = 16;

/// The memory for the rows that are read at once.
const MAX_SIZE: usize = 2 * 1_024 * 1_024;

/// A connection that reads everything.
pub(crate) async fn connect(options: &DatabaseOptions) -> Result<Connection> {
    match options {
        DatabaseOptions::Sqlite(options) if !options.path.is_file() => {
            Err(StoreError::Unavailable("there is no such file".to_owned()))
        }
        DatabaseOptions::Sqlite(options) => open::copy_source(options).await,
        DatabaseOptions::Postgres(options) => session::copy_source(options).connect().await,
    }
}

/// The name of a database, the same from every folder.
pub(super) fn full_place(options: &DatabaseOptions) -> String {
    match options {
        DatabaseOptions::Sqlite(options) => {
            let path = options.path.canonicalize();
            path.unwrap_or_else(|_| options.path.clone()).display().to_string()
        }
        DatabaseOptions::Postgres(options) => options.place(),
    }
}

pub(super) struct Source {
    pub(super) connection: Connection,
    pub(super) schema: Schema,
    /// Its name, the same in each run.
    pub(super) place: String,
    /// The number of rows that are read next.
    rows: u32,
}

impl Source {
    pub(super) async fn open(options: &DatabaseOptions) -> CopyResult<Self> {
        let place = full_place(options);
        let mut connection = connect(options).await.context("opening", &place)?;
        query("BEGIN").execute(&mut connection).await.context("reading", &place)?;
        let schema = Schema::read(&mut connection).await.context("reading", &place)?;
        if !schema.tables.contains_key("site") {
            return Err(CopyError::refused(format!("{place} is not a database of Belfry")));
        }
        let found: i64 = query_scalar("SELECT max(version) FROM _sqlx_migrations")
            .fetch_one(&mut connection)
            .await
            .context("reading", &place)?;
        let expected = options.schema_version();
        if found != expected {
            return Err(CopyError::refused(format!(
                "the schema of {place} is at {found}, this program copies {expected}: use the version of Belfry that serves it, or run `belfry migrate` on it first"
            )));
        }
        let copy = state::read(&mut connection).await.context("reading", &place)?;
        if copy.is_some_and(|copy| !copy.is_complete) {
            return Err(CopyError::refused(format!("{place} is itself an unfinished copy")));
        }
        Ok(Self { connection, schema, place, rows: FIRST_ROWS })
    }

    /// The number of rows of each table.
    pub(super) async fn count(&mut self, tables: &[Table]) -> Result<Vec<u64>> {
        let mut counts = Vec::new();
        for table in tables {
            counts.push(count(&mut self.connection, table).await?);
        }
        Ok(counts)
    }

    /// Begins a walk along the key of a table.
    pub(super) async fn begin(&mut self, table: &Table) -> Result<()> {
        self.rows = FIRST_ROWS.min(table.max_rows);
        if self.connection.is_postgres() {
            // Not every table has an index with the key: the rows are sorted once.
            let text = format!(
                "DECLARE {} NO SCROLL CURSOR FOR SELECT {} FROM {} ORDER BY {}",
                table.index(),
                table.column_list(),
                quoted(&table.name),
                table.key_list()
            );
            query(AssertSqlSafe(text)).execute(&mut self.connection).await?;
        }
        Ok(())
    }

    /// The next rows, after those with this key. None at the end of the table.
    pub(super) async fn next(
        &mut self,
        table: &Table,
        after: Option<&Values>,
    ) -> Result<Vec<Values>> {
        let rows = if self.connection.is_postgres() {
            let text = format!("FETCH FORWARD {} FROM {}", self.rows, table.index());
            let rows = query(AssertSqlSafe(text)).fetch_all(&mut self.connection).await?;
            rows.iter().map(|row| row::read(row, table)).collect::<Result<Vec<_>>>()?
        } else {
            range(&mut self.connection, table, after, None, self.rows).await?
        };
        if let Some(average) = rows.iter().map(row::size).sum::<usize>().checked_div(rows.len()) {
            let fitting = u32::try_from(MAX_SIZE / average.max(1)).unwrap_or(u32::MAX);
            // A power of two, so that there are few texts of statements.
            let fitting = fitting.clamp(1, 4 * self.rows).min(table.max_rows);
            self.rows = 1 << fitting.ilog2();
        }
        Ok(rows)
    }

    pub(super) async fn end(&mut self, table: &Table) -> Result<()> {
        if self.connection.is_postgres() {
            let text = format!("CLOSE {}", table.index());
            query(AssertSqlSafe(text)).execute(&mut self.connection).await?;
        }
        Ok(())
    }

    pub(super) async fn close(self) {
        // Nothing was written.
        let _ = self.connection.close().await;
    }
}

/// The number of rows of a table.
pub(super) async fn count(connection: &mut Connection, table: &Table) -> Result<u64> {
    let text = format!("SELECT count(*) FROM {}", quoted(&table.name));
    let rows: i64 = query_scalar(AssertSqlSafe(text)).fetch_one(connection).await?;
    Ok(rows.unsigned_abs())
}

/// The rows above one key and not above another, in order.
pub(super) async fn range(
    connection: &mut Connection,
    table: &Table,
    after: Option<&Values>,
    to: Option<&Values>,
    limit: u32,
) -> Result<Vec<Values>> {
    let (condition, bounds) = condition(table, after, to);
    let text = format!(
        "SELECT {} FROM {} {condition} ORDER BY {} LIMIT ?{}",
        table.column_list(),
        quoted(&table.name),
        table.key_list(),
        bounds.len() + 1
    );
    let mut query = query(AssertSqlSafe(text));
    for bound in bounds {
        query = query.bind_value(bound.clone());
    }
    let rows = query.bind(limit).fetch_all(connection).await?;
    rows.iter().map(|row| row::read(row, table)).collect()
}

/// The condition for the rows above one key and not above another, with its parameters.
pub(super) fn condition<'k>(
    table: &Table,
    after: Option<&'k Values>,
    to: Option<&'k Values>,
) -> (String, Vec<&'k crate::db::Value>) {
    let (mut conditions, mut values) = (Vec::new(), Vec::new());
    for (key, operator) in [(after, ">"), (to, "<=")] {
        if let Some(key) = key {
            let parameters = table.key_parameters(values.len() + 1);
            conditions.push(format!("({}) {operator} ({parameters})", table.key_list()));
            values.extend(key);
        }
    }
    let word = if conditions.is_empty() { "" } else { "WHERE " };
    (format!("{word}{}", conditions.join(" AND ")), values)
}
