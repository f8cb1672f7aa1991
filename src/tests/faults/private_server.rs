//! A `PostgreSQL` server of one test, which may stop and crash it. Needs the programs of a server; as
//! root, also `runuser` and the user `postgres`, since a server does not run as root.

use std::{
    env,
    ffi::OsStr,
    fs,
    net::{SocketAddr, TcpListener},
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};
use tempfile::TempDir;

/// Attempts to start on a free port, which another program may have taken meanwhile.
const ATTEMPTS: usize = 5;

pub struct PrivateServer {
    programs: PathBuf,
    folder: TempDir,
    port: u16,
}

/// The folder with the programs of the newest version that is installed.
fn programs() -> Option<PathBuf> {
    let installed = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut folders: Vec<_> = installed.map(|version| version.path().join("bin")).collect();
    folders.sort();
    let path = env::var_os("PATH").unwrap_or_default();
    folders.splice(0..0, env::split_paths(&path));
    folders.into_iter().rev().find(|folder| folder.join("pg_ctl").exists())
}

fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|own| std::os::unix::fs::MetadataExt::uid(&own) == 0)
}

impl PrivateServer {
    /// `None` where no server is installed.
    pub fn start() -> Option<Self> {
        let Some(programs) = programs() else {
            let required =
                env::var("BELFRY_TEST_POSTGRES").is_ok_and(|required| required == "required");
            assert!(!required, "pg_ctl is missing; on Debian run: sudo apt-get install postgresql");
            eprintln!("skipped: pg_ctl is missing");
            return None;
        };
        let folder = tempfile::tempdir().unwrap();
        if is_root() {
            let owned = Command::new("chown").arg("postgres").arg(folder.path()).status();
            assert!(owned.unwrap().success());
        }
        let mut server = Self { programs, folder, port: 0 };
        server.run("initdb", &["--auth=trust", "--username=postgres", "--no-sync"]);
        let mut failure = String::new();
        for _ in 0..ATTEMPTS {
            // Free a moment ago.
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            server.port = listener.local_addr().unwrap().port();
            drop(listener);
            match server.try_start() {
                Ok(()) => return Some(server),
                Err(text) => failure = text,
            }
        }
        panic!("{failure}");
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn command(&self, program: &str) -> Command {
        let program: &Path = &self.programs.join(program);
        let mut command = if is_root() {
            let mut command = Command::new("runuser");
            command.args(["-u", "postgres", "--"]).arg(program);
            command
        } else {
            Command::new(program)
        };
        command.current_dir(self.folder.path()).stdin(Stdio::null());
        command
    }

    fn run(&self, program: &str, arguments: &[&str]) {
        self.try_run(program, arguments).unwrap();
    }

    fn try_run(&self, program: &str, arguments: &[&str]) -> Result<(), String> {
        let mut command = self.command(program);
        command.arg("-D").arg(self.data()).args(arguments);
        let Output { status, stderr, .. } = command.output().unwrap();
        let failure = || format!("{program}: {}", String::from_utf8_lossy(&stderr));
        status.success().then_some(()).ok_or_else(failure)
    }

    /// Starts the server, and waits until it answers.
    pub fn go_on(&self) {
        self.try_start().unwrap();
    }

    fn try_start(&self) -> Result<(), String> {
        // What survives a crash of the server need not be on the disk.
        let options = format!(
            "-p {} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off -c shared_buffers=16MB",
            self.port
        );
        let log = self.folder.path().join("log");
        self.try_run("pg_ctl", &["start", "--wait", "-l", &log.to_string_lossy(), "-o", &options])
    }

    /// Ends the server: all connections, and with `immediate` as if it had crashed.
    pub fn stop(&self, mode: &str) {
        self.run("pg_ctl", &["stop", "--wait", "--mode", mode]);
    }

    /// Runs a statement.
    pub fn execute(&self, statement: &str) {
        self.execute_in("postgres", statement);
    }

    /// Runs statements in this database, as one transaction.
    pub fn execute_in(&self, database: &str, statement: &str) {
        let mut command = self.command("psql");
        let arguments = ["-X", "-q", "-o", "/dev/null", "-h", "127.0.0.1", "-U", "postgres", "-p"];
        command.args(arguments).arg(self.port.to_string()).args(["-c", statement]);
        let Output { status, stderr, .. } = command.arg(database).output().unwrap();
        assert!(status.success(), "{statement}: {}", String::from_utf8_lossy(&stderr));
    }

    pub fn address(&self) -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], self.port))
    }

    pub fn url(&self, database: &str) -> String {
        format!("postgres://postgres@{}/{database}", self.address())
    }
}

impl Drop for PrivateServer {
    fn drop(&mut self) {
        let mut command = self.command("pg_ctl");
        let stop: [&OsStr; 4] = [
            OsStr::new("-D"),
            self.folder.path().as_os_str(),
            "stop".as_ref(),
            "-mimmediate".as_ref(),
        ];
        let data = self.data();
        let [option, _, stop, mode] = stop;
        let _ = command.args([option, data.as_os_str(), stop, mode]).output();
    }
}
