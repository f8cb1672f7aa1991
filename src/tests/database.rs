//! The database of a test: a file in a folder of its own or, with `BELFRY_TEST_DATABASE=postgres`, a
//! database of its own on the server that `PGHOST` and the other variables of libpq name.

use belfry_domain::{EventSink, InboxEvent, Rng as _, SystemRng};
use belfry_store::{DatabaseOptions, PostgresOptions, SqlStore, SqliteOptions, Store as _};
use sqlx::{
    AssertSqlSafe, Connection as _, FromRow, PgConnection, SqliteConnection,
    postgres::{PgConnectOptions, PgRow},
    sqlite::{SqliteConnectOptions, SqliteRow},
};
use std::{env, fs, path::PathBuf, sync::Arc, thread};
use tempfile::TempDir;
use tokio::{runtime, sync::OnceCell};

const KEY_FILE: &str = "belfry.secret-key";

/// For a store whose events nobody receives.
pub struct NoSink;

impl EventSink for NoSink {
    fn publish(&self, _: InboxEvent) {}
}

/// The database that those of all tests are copies of.
struct Template {
    name: String,
    /// The contents of its key file.
    secret_key: Vec<u8>,
}

static TEMPLATE: OnceCell<Template> = OnceCell::const_new();

impl Template {
    async fn create() -> Self {
        let name = new_name();
        administer(format!("CREATE DATABASE {name}")).await;
        let folder = tempfile::tempdir().unwrap();
        let key_file = folder.path().join(KEY_FILE);
        let store =
            SqlStore::open(options(&name, key_file.clone()), Arc::new(NoSink)).await.unwrap();
        // A database with connections can't be copied.
        store.close().await;
        Self { name, secret_key: fs::read(key_file).unwrap() }
    }
}

fn options(name: &str, key_file: PathBuf) -> PostgresOptions {
    let mut options = PostgresOptions::parse(&format!("postgres:///{name}")).unwrap();
    // Several, so that the order of transactions is not that of one connection.
    (options.writers, options.readers) = (2, 2);
    options.secret_key_file = Some(key_file);
    options
}

fn new_name() -> String {
    let mut name = [0; 16];
    SystemRng.fill(&mut name);
    format!("belfry_{}", hex::encode(name))
}

/// Runs a statement in the database of the server's user.
async fn administer(statement: String) {
    let mut connection = PgConnection::connect_with(&PgConnectOptions::new()).await.unwrap();
    sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}

/// A new database, which is deleted soon after this is dropped.
pub struct TestDatabase {
    /// On the server. `None` for a file.
    name: Option<String>,
    /// For the file and the secret key.
    folder: TempDir,
}

impl TestDatabase {
    pub async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        match env::var("BELFRY_TEST_DATABASE").as_deref() {
            Err(_) | Ok("" | "sqlite") => return Self { name: None, folder },
            Ok("postgres") => {}
            Ok(other) => panic!("BELFRY_TEST_DATABASE is `sqlite` or `postgres`, not `{other}`"),
        }
        let template = TEMPLATE.get_or_init(Template::create).await;
        let name = new_name();
        // The other strategy logs each page, and leaves out the file of what each connection needs first.
        let of = format!("TEMPLATE {} STRATEGY file_copy", template.name);
        administer(format!("CREATE DATABASE {name} {of}")).await;
        let database = Self { name: Some(name), folder };
        fs::write(database.secret_key_file(), &template.secret_key).unwrap();
        database
    }

    /// A new and empty database on the server, if the environment names one.
    pub async fn empty_on_server() -> Option<Self> {
        if env::var_os("PGHOST").is_none() {
            eprintln!("skipped: PGHOST is not set; run the tests with pg_virtualenv");
            return None;
        }
        let name = new_name();
        administer(format!("CREATE DATABASE {name}")).await;
        Some(Self { name: Some(name), folder: tempfile::tempdir().unwrap() })
    }

    /// The URL of a database on the server, complete for a process without an environment.
    pub fn url(&self) -> String {
        let variable = |name| env::var(name).unwrap_or_default();
        let (user, password) = (variable("PGUSER"), variable("PGPASSWORD"));
        let (host, port) = (variable("PGHOST"), variable("PGPORT"));
        let name = self.name.as_deref().unwrap_or_default();
        format!("postgres://{user}:{password}@{host}:{port}/{name}")
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("belfry.db")
    }

    fn secret_key_file(&self) -> PathBuf {
        self.folder.path().join(KEY_FILE)
    }

    pub fn options(&self) -> DatabaseOptions {
        match &self.name {
            None => SqliteOptions::new(self.file()).into(),
            Some(name) => options(name, self.secret_key_file()).into(),
        }
    }

    /// A connection as another program opens it.
    pub async fn connect(&self) -> TestConnection {
        match &self.name {
            None => {
                let options = SqliteConnectOptions::new().filename(self.file());
                TestConnection::Sqlite(SqliteConnection::connect_with(&options).await.unwrap())
            }
            Some(name) => {
                let options = PgConnectOptions::new().database(name);
                let options = options.options([("search_path", "belfry")]);
                TestConnection::Postgres(PgConnection::connect_with(&options).await.unwrap())
            }
        }
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let Some(name) = self.name.take() else { return };
        let delete = move || {
            let runtime = runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(administer(format!("DROP DATABASE {name} WITH (FORCE)")));
        };
        // Not waited for: the server deletes a database once all of its clients have signed in, and
        // those of this test can't as long as its thread waits.
        thread::spawn(delete);
    }
}

/// A connection of another program. Its statements are written for both databases, with the names of
/// the schema.
pub enum TestConnection {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

impl TestConnection {
    /// Runs these statements; returns the number of rows that they changed.
    pub async fn execute(&mut self, statements: &str) -> u64 {
        let statements = sqlx::raw_sql(AssertSqlSafe(statements.to_owned()));
        match self {
            Self::Sqlite(connection) => {
                statements.execute(connection).await.unwrap().rows_affected()
            }
            Self::Postgres(connection) => {
                statements.execute(connection).await.unwrap().rows_affected()
            }
        }
    }

    pub async fn rows<T>(&mut self, query: &str) -> Vec<T>
    where
        T: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin,
    {
        let query = AssertSqlSafe(query.to_owned());
        match self {
            Self::Sqlite(connection) => sqlx::query_as(query).fetch_all(connection).await.unwrap(),
            Self::Postgres(connection) => {
                sqlx::query_as(query).fetch_all(connection).await.unwrap()
            }
        }
    }

    /// Keeps the server from writing until [`Self::unlock`].
    pub async fn lock(&mut self) {
        let lock = match self {
            Self::Sqlite(_) => "BEGIN IMMEDIATE",
            Self::Postgres(_) => "BEGIN; SELECT pg_advisory_xact_lock(x'62656c667279'::bigint)",
        };
        self.execute(lock).await;
    }

    pub async fn unlock(&mut self) {
        self.execute("ROLLBACK").await;
    }

    /// Lets all writes of this kind (`INSERT` or `UPDATE`) fail that meet the condition, until
    /// [`Self::accept_writes`].
    pub async fn refuse_writes(&mut self, table: &str, kind: &str, condition: &str) {
        let trigger = format!("CREATE TRIGGER refused BEFORE {kind} ON {table}");
        let statements = match self {
            Self::Sqlite(_) => {
                format!("{trigger} WHEN {condition} BEGIN SELECT RAISE(ABORT, 'full'); END")
            }
            Self::Postgres(_) => format!(
                "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql
                 AS 'BEGIN RAISE check_violation; END';
                 {trigger} FOR EACH ROW WHEN ({condition}) EXECUTE FUNCTION refuse()"
            ),
        };
        self.execute(&statements).await;
    }

    pub async fn accept_writes(&mut self, table: &str) {
        let statement = match self {
            Self::Sqlite(_) => "DROP TRIGGER refused".to_owned(),
            Self::Postgres(_) => format!("DROP TRIGGER refused ON {table}"),
        };
        self.execute(&statement).await;
    }

    /// The tables with data of the server.
    pub async fn tables(&mut self) -> Vec<String> {
        let tables = match self {
            Self::Sqlite(_) => {
                "SELECT name FROM sqlite_schema
                 WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE '\\_%' ESCAPE '\\'"
            }
            Self::Postgres(_) => {
                "SELECT CAST(tablename AS TEXT) FROM pg_tables
                 WHERE schemaname = 'belfry' AND tablename NOT LIKE '\\_%'"
            }
        };
        self.rows(tables).await.into_iter().map(|(table,)| table).collect()
    }

    /// The rows of a table that meet the condition, each as one text, without this column.
    pub async fn row_texts(&mut self, table: &str, condition: &str, without: &str) -> Vec<String> {
        let row = match self {
            Self::Sqlite(_) => {
                let columns = format!(
                    "SELECT 'quote(\"' || name || '\")' FROM pragma_table_info('{table}') WHERE name <> '{without}'"
                );
                let columns: Vec<(String,)> = self.rows(&columns).await;
                let columns: Vec<_> = columns.into_iter().map(|(column,)| column).collect();
                columns.join(" || ',' || ")
            }
            Self::Postgres(_) => format!("CAST(to_jsonb(\"{table}\") - '{without}' AS TEXT)"),
        };
        let rows = self.rows(&format!("SELECT {row} FROM \"{table}\" WHERE {condition}")).await;
        rows.into_iter().map(|(row,)| row).collect()
    }

    pub async fn close(self) {
        match self {
            Self::Sqlite(connection) => connection.close().await.unwrap(),
            Self::Postgres(connection) => connection.close().await.unwrap(),
        }
    }
}
