//! A `PgBouncer` of its own for a test, in front of the server that the environment names.

use sqlx::postgres::PgConnectOptions;
use std::{
    env, fs,
    os::unix::fs::{MetadataExt as _, PermissionsExt as _},
    process::{Child, Command, Stdio},
    time::Duration,
};
use tempfile::TempDir;
use tokio::{
    net::UnixStream,
    time::{Instant, sleep},
};

/// How long it may take to start.
const MAX_START_TIME: Duration = Duration::from_secs(20);

/// The number in the name of its socket.
const PORT: u16 = 6432;

/// A pooler in transaction mode, which ends when this is dropped.
pub(crate) struct Pooler {
    process: Child,
    /// For its socket and its configuration.
    folder: TempDir,
}

impl Pooler {
    /// A pooler with at most `backends` connections to each database. `None` where the program is
    /// missing and none is required. `PGBOUNCER` names another program than the system's.
    pub(crate) async fn start(backends: usize) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        // It does not run as root, and another user must reach its socket.
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o777)).unwrap();
        let file = folder.path().join("pgbouncer.ini");
        let variable = |name| env::var(name).unwrap_or_default();
        let server = [
            ("host", "PGHOST"),
            ("port", "PGPORT"),
            ("user", "PGUSER"),
            ("password", "PGPASSWORD"),
        ];
        let server = server.map(|(word, name)| match variable(name) {
            value if value.is_empty() => value,
            value => format!("{word}='{value}'"),
        });
        let lines = [
            "[databases]".to_owned(),
            format!("* = {}", server.join(" ")),
            "[pgbouncer]".to_owned(),
            "pool_mode = transaction".to_owned(),
            format!("default_pool_size = {backends}"),
            format!("listen_port = {PORT}"),
            format!("unix_socket_dir = {}", folder.path().display()),
            "auth_type = any".to_owned(),
            env::var("PGBOUNCER_SETTINGS").unwrap_or_default(),
        ];
        fs::write(&file, lines.join("\n") + "\n").unwrap();
        let mut command = Command::new(env::var("PGBOUNCER").unwrap_or("pgbouncer".to_owned()));
        if is_root() {
            command.args(["-u", "nobody"]);
        }
        // Debian has it where the PATH of a user does not look.
        command.arg(file).env("PATH", format!("{}:/usr/sbin:/usr/local/sbin", variable("PATH")));
        let started = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        let Ok(process) = started else {
            let required = env::var("BELFRY_TEST_PGBOUNCER").is_ok_and(|set| set == "required");
            assert!(!required, "PgBouncer is missing: {started:?}");
            eprintln!("skipped: PgBouncer is missing");
            return None;
        };
        let mut pooler = Self { process, folder };
        pooler.wait_until_ready().await;
        Some(pooler)
    }

    async fn wait_until_ready(&mut self) {
        let socket = self.folder.path().join(format!(".s.PGSQL.{PORT}"));
        let began = Instant::now();
        while UnixStream::connect(&socket).await.is_err() {
            let ended = self.process.try_wait().unwrap();
            assert!(ended.is_none(), "PgBouncer has ended: {ended:?}");
            assert!(began.elapsed() < MAX_START_TIME, "PgBouncer does not start");
            sleep(Duration::from_millis(5)).await;
        }
    }

    /// The way to it.
    pub(crate) fn options(&self) -> PgConnectOptions {
        PgConnectOptions::new().socket(self.folder.path()).port(PORT).extra_float_digits(None)
    }
}

impl Drop for Pooler {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0)
}
