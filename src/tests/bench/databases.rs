//! Where the measured data lies: in the files that the fixtures fill, or, with `--postgres`, in copies
//! of them on the server that `PGHOST` and the other variables of libpq name. Must not depend on what
//! is measured.

use super::{Outcome, server::belfry};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, postgres::PgConnectOptions};
use std::{
    collections::HashMap,
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::{Mutex, MutexGuard, OnceLock, PoisonError},
    time::{Duration, SystemTime},
};

/// A kind of database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Sqlite,
    Postgres,
}

/// The databases on the server, by the file that they are copies of.
struct Server {
    copies: Mutex<HashMap<PathBuf, ServerCopy>>,
}

struct ServerCopy {
    name: String,
    /// When the file was last written to; `None` if there is no file.
    of: Option<SystemTime>,
}

static SERVER: OnceLock<Server> = OnceLock::new();

/// From now on, databases are served from `PostgreSQL`.
pub fn use_postgres() {
    SERVER.get_or_init(|| Server { copies: Mutex::default() });
}

/// The kind that is measured.
pub fn kind() -> Kind {
    if SERVER.get().is_some() { Kind::Postgres } else { Kind::Sqlite }
}

/// Arguments that name the database to `belfry`. The first time after its file has changed, this copies
/// it to the server.
pub async fn arguments(file: &Path, kind: Kind) -> Outcome<Vec<String>> {
    let Some(server) = SERVER.get().filter(|_| kind == Kind::Postgres) else {
        return Ok(vec!["--database-url".to_owned(), sqlite_url(file)]);
    };
    let written = fs::metadata(file).and_then(|file| file.modified()).ok();
    let known =
        server.lock().get(file).filter(|copy| copy.of == written).map(|copy| copy.name.clone());
    let name = match known {
        Some(name) => name,
        None => server.copy(file, written).await?,
    };
    let key = format!("{}.secret-key", file.display());
    Ok(vec!["--database-url".to_owned(), url(&name), "--secret-key-file".to_owned(), key])
}

/// A database that belongs to another program.
pub async fn create(name: &str) -> Outcome<()> {
    administer(format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await?;
    administer(format!("CREATE DATABASE {name}")).await
}

/// Processor time that all processes of `PostgreSQL` on this machine have used, also those that have
/// ended. `None` without a server.
pub fn cpu_time() -> Outcome<Option<Duration>> {
    if kind() == Kind::Sqlite {
        return Ok(None);
    }
    let mut ticks = 0;
    for process in fs::read_dir("/proc")? {
        // A process may end meanwhile.
        let Ok(stat) = fs::read_to_string(process?.path().join("stat")) else { continue };
        let Some((head, fields)) = stat.rsplit_once(')') else { continue };
        if head.ends_with("(postgres") {
            // proc(5): fields 14 to 17, the last two of children that have ended.
            let times = fields.split_whitespace().skip(11).take(4).map(str::parse::<u64>);
            ticks += times.sum::<Result<u64, _>>()?;
        }
    }
    Ok(Some(Duration::from_millis(ticks * 10)))
}

impl Server {
    fn lock(&self) -> MutexGuard<'_, HashMap<PathBuf, ServerCopy>> {
        self.copies.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn copy(&self, file: &Path, written: Option<SystemTime>) -> Outcome<String> {
        let known = self.lock().len();
        let name = format!("belfry_bench_{}_{known}", std::process::id());
        create(&name).await?;
        if written.is_some() {
            eprintln!("== copying {} to PostgreSQL", file.display());
            let copied = Command::new(belfry())
                .args(["copy", "--from", &sqlite_url(file), "--to", &url(&name)])
                .stdout(Stdio::null())
                .status()?;
            if !copied.success() {
                return Err("the database could not be copied".into());
            }
            // As after some hours of use.
            let mut connection = connect(&name).await?;
            sqlx::raw_sql("VACUUM").execute(&mut connection).await?;
            sqlx::raw_sql("CHECKPOINT").execute(&mut connection).await?;
            connection.close().await?;
        }
        self.lock().insert(file.to_owned(), ServerCopy { name: name.clone(), of: written });
        Ok(name)
    }
}

/// Deletes a fixture whose measurement has ended.
pub async fn remove(file: &Path) -> Outcome<()> {
    if let Some(server) = SERVER.get() {
        let copy = server.lock().remove(file);
        if let Some(copy) = copy {
            administer(format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", copy.name)).await?;
        }
    }
    Ok(fs::remove_file(file)?)
}

fn sqlite_url(file: &Path) -> String {
    format!("sqlite://{}", file.display())
}

/// The server, its user and password are those of the environment.
pub fn url(name: &str) -> String {
    format!("postgres:///{name}")
}

async fn connect(name: &str) -> Outcome<PgConnection> {
    Ok(PgConnection::connect_with(&PgConnectOptions::new().database(name)).await?)
}

async fn administer(statement: String) -> Outcome<()> {
    let mut connection = connect("postgres").await?;
    sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut connection).await?;
    Ok(connection.close().await?)
}
