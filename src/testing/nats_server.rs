//! A NATS server of one test, which may stop and kill it. Must not depend on what it carries.

use std::{
    env, fs,
    net::{TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};
use tempfile::TempDir;

/// How long it may take to start.
const MAX_START_TIME: Duration = Duration::from_secs(20);

/// A NATS server, which ends when this is dropped.
pub struct NatsServer {
    folder: TempDir,
    port: u16,
    credentials: String,
    child: Option<Child>,
}

impl NatsServer {
    /// A server that accepts everybody. `None` where the program is missing and none is required.
    pub fn start() -> Option<Self> {
        Self::start_with("", "")
    }

    /// A server with these lines of configuration, and credentials that they accept.
    pub fn start_with(configuration: &str, credentials: &str) -> Option<Self> {
        let mut server = Self::prepare(configuration, credentials)?;
        server.go_on();
        Some(server)
    }

    /// The same, not started yet.
    pub fn prepare(configuration: &str, credentials: &str) -> Option<Self> {
        // Free a moment ago.
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join("nats.conf"), configuration).expect("a configuration");
        let program = program();
        if Command::new(&program).arg("--version").stdout(Stdio::null()).status().is_err() {
            let is_required = env::var("BELFRY_TEST_NATS").is_ok_and(|set| set == "required");
            assert!(!is_required, "{program} is missing");
            eprintln!("skipped: {program} is missing");
            return None;
        }
        Some(Self { folder, port, credentials: credentials.to_owned(), child: None })
    }

    /// Starts the program, at the same address as before, and waits until it accepts connections.
    pub fn go_on(&mut self) {
        let configuration = self.folder.path().join("nats.conf");
        let log = fs::File::create(self.folder.path().join("log")).expect("a log");
        let mut command = Command::new(program());
        command.args(["--addr", "127.0.0.1", "--port", &self.port.to_string(), "--config"]);
        let child = command.arg(configuration).stdin(Stdio::null()).stderr(log).spawn();
        self.child = Some(child.expect("a process"));
        let began = Instant::now();
        while TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            let ended = self.child.as_mut().map(Child::try_wait);
            let is_running = matches!(ended, Some(Ok(None)));
            assert!(is_running && began.elapsed() < MAX_START_TIME, "{}", self.log());
            sleep(Duration::from_millis(5));
        }
    }

    /// Ends the program at once. Connections are reset.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }

    /// Sends a signal: after `STOP`, it neither answers nor closes connections, until `CONT`.
    pub fn signal(&self, name: &str) {
        let id = self.child.as_ref().map(|child| child.id().to_string()).unwrap_or_default();
        let sent = Command::new("kill").args([&format!("-{name}"), &id]).status();
        assert!(sent.is_ok_and(|status| status.success()), "kill -{name} {id}");
    }

    /// Its URL, with the credentials.
    pub fn url(&self) -> String {
        let credentials = &self.credentials;
        let at = if credentials.is_empty() { "" } else { "@" };
        format!("nats://{credentials}{at}127.0.0.1:{}", self.port)
    }

    fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }
}

impl Drop for NatsServer {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Debian has it where the PATH of a user does not look.
fn program() -> String {
    let installed = "/usr/sbin/nats-server";
    if Path::new(installed).exists() { installed } else { "nats-server" }.to_owned()
}
