//! The database that a copy is written to.

use super::{
    CopyError,
    error::{Context as _, CopyResult},
    row::{self, Values},
    schema::{Schema, Table, list, parameters, quoted},
    source::{condition, range},
    state::{self, Copy},
};
use crate::{
    DatabaseOptions, Result, StoreError,
    db::{Connection, query, query_as, query_scalar},
    postgres::{self, insert_rows, session},
    sqlite::open,
};
use sqlx::AssertSqlSafe;
use std::cmp::Ordering;

/// Identifies the lock of a copy in `pg_locks`.
const LOCK: i64 = 0x6265_6c66_6370;

/// The rows of one statement on `SQLite`.
const ROWS_PER_STATEMENT: usize = 32;

/// Rows of a range that are deleted one by one. If there are more, the range is written anew.
const MAX_SINGLE_ROWS: usize = 32;

/// What a copy does without, each with the statement that removes it and the one that restores it.
const REMOVED_ON_SQLITE: &str =
    "SELECT 'DROP TRIGGER ' || name, sql FROM sqlite_schema WHERE type = 'trigger' ORDER BY rowid";
const REMOVED_ON_POSTGRES: &str = "SELECT format('ALTER TABLE %s DISABLE TRIGGER USER', t.oid::regclass),
        format('ALTER TABLE %s ENABLE TRIGGER USER', t.oid::regclass)
    FROM pg_class AS t WHERE t.relnamespace = to_regnamespace('belfry') AND t.relkind = 'r'
        AND EXISTS (SELECT 1 FROM pg_trigger AS g WHERE g.tgrelid = t.oid AND NOT g.tgisinternal)
    UNION ALL SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname),
        format('ALTER TABLE %s ADD CONSTRAINT %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid))
    FROM pg_constraint WHERE connamespace = to_regnamespace('belfry') AND contype = 'f'";

pub(super) struct Target {
    pub(super) connection: Connection,
    pub(super) schema: Schema,
    pub(super) place: String,
    source: String,
    restore: Vec<String>,
}

/// Rows of the source, and where they belong.
#[derive(Clone, Copy)]
pub(super) struct Range<'r> {
    /// The key above which they are.
    pub(super) after: Option<&'r Values>,
    /// The key of the last one.
    pub(super) to: &'r Values,
    pub(super) rows: &'r [Values],
    /// Whether the target is known to have none of them.
    pub(super) is_empty: bool,
}

/// What was done with a range.
pub(super) struct Applied {
    /// The rows that the target has now, as they were read.
    pub(super) held: Vec<Values>,
    /// The number of rows that were written or deleted.
    pub(super) written: u64,
    /// Whether rows are missing whose unique values others have.
    pub(super) is_short: bool,
}

impl Target {
    /// Opens a target for a copy of `source`. A new one gets the schema.
    pub(super) async fn open(options: &DatabaseOptions, source: &str) -> CopyResult<Self> {
        let place = options.place();
        let connecting = async {
            match options {
                DatabaseOptions::Sqlite(options) => open::copy_target(options).await,
                DatabaseOptions::Postgres(options) => session::copy_target(options).connect().await,
            }
        };
        let mut connection = connecting.await.context("opening", &place)?;
        if connection.is_postgres() {
            let lock = query_scalar("SELECT pg_try_advisory_lock(?1)").bind(LOCK);
            if !lock.fetch_one(&mut connection).await.context("locking", &place)? {
                return Err(CopyError::refused(format!("another copy to {place} is in progress")));
            }
        }
        state::check_target(&mut connection, &place, source).await?;
        match &mut connection {
            Connection::Sqlite(connection) => open::migrate_target(connection).await,
            Connection::Postgres(connection) => postgres::migrate(connection).await,
        }
        .context("migrating", &place)?;
        let schema = Schema::read(&mut connection).await.context("reading", &place)?;
        Ok(Self { connection, schema, place, source: source.to_owned(), restore: Vec::new() })
    }

    /// Removes triggers and references until the copy is complete.
    pub(super) async fn suspend(&mut self, tables: &[Table]) -> Result<()> {
        let mut transaction = self.connection.begin_write().await?;
        let former = state::read(&mut transaction).await?.filter(|copy| !copy.is_complete);
        self.restore = if let Some(copy) = former {
            copy.restore
        } else {
            let text =
                if transaction.is_postgres() { REMOVED_ON_POSTGRES } else { REMOVED_ON_SQLITE };
            let removed: Vec<(String, String)> = query_as(text).fetch_all(&mut transaction).await?;
            let mut restore = Vec::new();
            for (remove, undo) in removed {
                query(AssertSqlSafe(remove)).execute(&mut transaction).await?;
                restore.push(undo);
            }
            restore
        };
        for table in tables.iter().filter(|table| table.needs_index) {
            let (index, name) = (table.index(), quoted(&table.name));
            let text = format!(
                "CREATE UNIQUE INDEX IF NOT EXISTS {index} ON {name} ({})",
                table.key_list()
            );
            query(AssertSqlSafe(text)).execute(&mut transaction).await?;
        }
        let copy =
            Copy { source: self.source.clone(), is_complete: false, restore: self.restore.clone() };
        state::write(&mut transaction, &copy).await?;
        transaction.commit().await
    }

    /// Restores them. Fails if a row refers to one that is not there.
    pub(super) async fn complete(&mut self, tables: &[Table]) -> CopyResult<()> {
        self.restore(tables).await.context("checking the references of", &self.place)?;
        if self.connection.is_postgres() {
            for table in tables {
                let text = format!("ANALYZE {}", quoted(&table.name));
                let analyzed = query(AssertSqlSafe(text)).execute(&mut self.connection).await;
                analyzed.context("analysing", &table.name)?;
            }
        }
        Ok(())
    }

    async fn restore(&mut self, tables: &[Table]) -> Result<()> {
        if !self.connection.is_postgres() {
            query("PRAGMA synchronous = FULL").execute(&mut self.connection).await?;
            let broken = query_scalar("SELECT \"table\" FROM pragma_foreign_key_check LIMIT 1");
            let broken: Option<String> = broken.fetch_optional(&mut self.connection).await?;
            if let Some(table) = broken {
                let text = format!("a row of {table} refers to a row that does not exist");
                return Err(StoreError::Inconsistent(text));
            }
        }
        let mut transaction = self.connection.begin_write().await?;
        if transaction.is_postgres() {
            query("SET LOCAL synchronous_commit = on").execute(&mut transaction).await?;
        }
        for text in &self.restore {
            query(AssertSqlSafe(text.clone())).execute(&mut transaction).await?;
        }
        for table in tables.iter().filter(|table| table.needs_index) {
            let text = format!("DROP INDEX {}", table.index());
            query(AssertSqlSafe(text)).execute(&mut transaction).await?;
        }
        let copy = Copy { source: self.source.clone(), is_complete: true, restore: Vec::new() };
        state::write(&mut transaction, &copy).await?;
        transaction.commit().await
    }

    /// Makes the rows of a range those of the source, and reads them. Unless it `must` write all of
    /// them, rows with a unique value that another row has are left out.
    pub(super) async fn apply(
        &mut self,
        table: &Table,
        range: Range<'_>,
        must: bool,
    ) -> Result<Applied> {
        // A range with many more rows is written anew, so they need not be known.
        let limit = u32::try_from(2 * range.rows.len() + MAX_SINGLE_ROWS).unwrap_or(u32::MAX);
        let held = if range.is_empty { Vec::new() } else { self.held(table, range, limit).await? };
        if held == range.rows {
            return Ok(Applied { held, written: 0, is_short: false });
        }
        let Difference { mut missing, mut extra } = Difference::of(table, range.rows, &held);
        let mut written = 0;
        let mut transaction = self.connection.begin_write().await?;
        if extra.len() > MAX_SINGLE_ROWS {
            (missing, extra) = (range.rows.iter().collect(), Vec::new());
            written += delete(&mut transaction, table, range.after, Some(range.to)).await?;
        }
        for key in extra {
            let (name, columns) = (quoted(&table.name), table.key_list());
            let text =
                format!("DELETE FROM {name} WHERE ({columns}) = ({})", table.key_parameters(1));
            let mut query = query(AssertSqlSafe(text));
            for value in key {
                query = query.bind_value(value);
            }
            written += query.execute(&mut transaction).await?;
        }
        written += insert(&mut transaction, table, &missing, must).await?;
        transaction.commit().await?;
        let held = self.held(table, range, limit).await?;
        let is_short = !must && held.len() < range.rows.len();
        Ok(Applied { held, written, is_short })
    }

    async fn held(&mut self, table: &Table, of: Range<'_>, limit: u32) -> Result<Vec<Values>> {
        range(&mut self.connection, table, of.after, Some(of.to), limit).await
    }

    /// Deletes the rows after the last one of the source.
    pub(super) async fn delete_after(
        &mut self,
        table: &Table,
        after: Option<&Values>,
    ) -> Result<u64> {
        delete(&mut self.connection, table, after, None).await
    }

    pub(super) async fn close(self) {
        // Everything was committed.
        let _ = self.connection.close().await;
    }
}

/// How the rows of a range differ.
struct Difference<'r> {
    /// Rows that the target has not, or not as they are.
    missing: Vec<&'r Values>,
    /// The keys of rows that the source has not, or not as they are.
    extra: Vec<Values>,
}

impl<'r> Difference<'r> {
    /// Both sides are in the order of the key.
    fn of(table: &Table, rows: &'r [Values], held: &[Values]) -> Self {
        let mut difference = Self { missing: Vec::new(), extra: Vec::new() };
        let (mut rows, mut held) = (rows.iter().peekable(), held.iter().peekable());
        loop {
            let order = match (rows.peek(), held.peek()) {
                (None, None) => return difference,
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (Some(row), Some(other)) => {
                    row::compare(&row::key_of(row, table), &row::key_of(other, table))
                }
            };
            let row = if order.is_le() { rows.next() } else { None };
            let other = if order.is_ge() { held.next() } else { None };
            if row != other {
                difference.missing.extend(row);
                difference.extra.extend(other.map(|other| row::key_of(other, table)));
            }
        }
    }
}

async fn delete(
    connection: &mut Connection,
    table: &Table,
    after: Option<&Values>,
    to: Option<&Values>,
) -> Result<u64> {
    let (condition, bounds) = condition(table, after, to);
    let text = format!("DELETE FROM {} {condition}", quoted(&table.name));
    let mut query = query(AssertSqlSafe(text));
    for bound in bounds {
        query = query.bind_value(bound.clone());
    }
    query.execute(connection).await
}

/// Inserts rows; returns how many.
async fn insert(
    connection: &mut Connection,
    table: &Table,
    rows: &[&Values],
    must: bool,
) -> Result<u64> {
    let columns = table.written_columns();
    let names = columns.iter().filter_map(|(index, _)| table.columns.get(*index));
    let names = list(names.map(|column| quoted(&column.name)));
    let into = format!("INSERT INTO {} ({names})", quoted(&table.name));
    let otherwise = if must { "" } else { " ON CONFLICT DO NOTHING" };
    let connection = match connection {
        Connection::Postgres(connection) => {
            let arrays = list((1..=columns.len()).map(|number| format!("${number}")));
            let text = format!("{into} SELECT * FROM unnest({arrays}){otherwise}");
            return insert_rows(connection, text, &columns, rows).await;
        }
        file @ Connection::Sqlite(_) => file,
    };
    let mut written = 0;
    // Two lengths only, so that there are few texts of statements.
    let (many, single) = rows.as_chunks::<ROWS_PER_STATEMENT>();
    let parts = many.iter().map(<[_; _]>::as_slice).chain(single.chunks(1));
    for part in parts {
        let row =
            |number: usize| format!("({})", parameters(1 + number * columns.len(), columns.len()));
        let values = list((0..part.len()).map(row));
        let mut query = query(AssertSqlSafe(format!("{into} VALUES {values}{otherwise}")));
        for row in part {
            for (index, _) in &columns {
                query = query.bind_value(row.get(*index).cloned().ok_or_else(|| {
                    StoreError::Inconsistent(format!("a row of {} is too short", table.name))
                })?);
            }
        }
        written += query.execute(connection).await?;
    }
    Ok(written)
}
