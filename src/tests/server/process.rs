//! Runs the binary, and sends it HTTP requests byte by byte.

use serde_json::Value;
use std::{
    fs::File,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    path::Path,
    process::{Child, Command, Output, Stdio},
    time::Duration,
};
use tempfile::TempDir;

/// Far longer than any operation here; reaching it fails the test.
const START_TIMEOUT: Duration = Duration::from_secs(30);

/// A folder with a database for one test.
pub struct DataDir {
    folder: TempDir,
    /// A database elsewhere.
    url: Option<String>,
}

impl DataDir {
    pub fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), url: None }
    }

    /// A folder for what uses this database. Its secret key is in the folder.
    pub fn of_database(url: String) -> Self {
        Self { url: Some(url), ..Self::new() }
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    pub fn is_on_server(&self) -> bool {
        self.url.is_some()
    }

    pub fn database_url(&self) -> String {
        self.url
            .clone()
            .unwrap_or_else(|| format!("sqlite://{}", self.path().join("belfry.db").display()))
    }

    /// The binary with this database and without the tests' own environment.
    pub fn belfry(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_belfry"));
        command
            .args(arguments)
            .env_clear()
            .env("DATABASE_URL", self.database_url())
            .current_dir(self.path())
            .stdin(Stdio::null());
        command
    }

    /// Runs a command to completion.
    pub fn run(&self, arguments: &[&str]) -> Output {
        self.belfry(arguments).output().unwrap()
    }

    /// Runs a command to completion with this standard input.
    pub fn run_with(&self, arguments: &[&str], input: &str) -> Output {
        let mut child = self
            .belfry(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        child.wait_with_output().unwrap()
    }

    /// Runs a command that must succeed, and parses its line of JSON.
    pub fn json(&self, arguments: &[&str], input: &str) -> Value {
        let output = self.run_with(arguments, input);
        assert!(
            output.status.success(),
            "{arguments:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        let text = String::from_utf8(output.stdout).unwrap();
        assert_eq!(text.matches('\n').count(), 1, "one line: {text}");
        serde_json::from_str(&text).unwrap()
    }

    /// Creates a site; returns its id and its key.
    pub fn site(&self) -> (String, String) {
        let created = self
            .json(&["site", "create", "--name", "Shop", "--origin", "https://shop.example"], "");
        (
            created["site"].as_str().unwrap().to_owned(),
            created["api_key"].as_str().unwrap().to_owned(),
        )
    }

    /// Starts the server on a free port and waits until it accepts connections.
    pub fn serve(&self, arguments: &[&str]) -> Server {
        self.start(self.belfry(&[]), "127.0.0.1:0", arguments)
    }

    /// The same on this address.
    pub fn serve_at(&self, address: SocketAddr, arguments: &[&str]) -> Server {
        self.start(self.belfry(&[]), &address.to_string(), arguments)
    }

    /// The same after these shell commands, in a shell that then execs the server.
    pub fn serve_after(&self, shell: &str, arguments: &[&str]) -> Server {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", &format!("{shell}; exec \"$0\" \"$@\""), env!("CARGO_BIN_EXE_belfry")]);
        command
            .env_clear()
            .env("DATABASE_URL", self.database_url())
            .current_dir(self.path())
            .stdin(Stdio::null());
        self.start(command, "127.0.0.1:0", arguments)
    }

    fn start(&self, mut command: Command, listen: &str, arguments: &[&str]) -> Server {
        let log = self.path().join("log");
        let mut child = command
            .args(["serve", "--listen", listen, "--log-format", "json"])
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(File::options().create(true).append(true).open(&log).unwrap())
            .spawn()
            .unwrap();
        let mut said = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut said).unwrap();
        let line: Value = serde_json::from_str(&said)
            .unwrap_or_else(|_| panic!("no address: {}", std::fs::read_to_string(&log).unwrap()));
        Server { address: line["listening"].as_str().unwrap().parse().unwrap(), child, log }
    }
}

/// A running server, killed when dropped.
pub struct Server {
    pub address: SocketAddr,
    pub child: Child,
    log: std::path::PathBuf,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Server {
    /// A connection with a timeout, so that a test can't hang.
    pub fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(START_TIMEOUT)).unwrap();
        stream.set_write_timeout(Some(START_TIMEOUT)).unwrap();
        stream
    }

    /// Sends these bytes and reads until the server closes.
    pub fn raw(&self, request: &[u8]) -> String {
        let mut stream = self.connect();
        // The server may respond and close before it has read everything.
        let _ = stream.write_all(request);
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        String::from_utf8_lossy(&answer).into_owned()
    }

    pub fn get(&self, path: &str, headers: &[&str]) -> Answer {
        ask(self.address, "GET", path, headers, "").expect("an answer")
    }

    pub fn signal(&self, name: &str) {
        let status = Command::new("kill")
            .args([&format!("-{name}"), &self.child.id().to_string()])
            .status()
            .unwrap();
        assert!(status.success());
    }

    pub fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap()
    }
}

/// A parsed response.
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: Vec<u8>,
}

impl Answer {
    /// The value of a header, by its lower-case name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head
            .lines()
            .skip(1)
            .filter_map(|line| line.split_once(": "))
            .find(|(found, _)| found.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|_| panic!("{}: {}", self.status, String::from_utf8_lossy(&self.body)))
    }
}

/// Sends one request on a new connection; `None` if the server is gone before the response is
/// complete.
pub fn ask(
    address: SocketAddr,
    method: &str,
    path: &str,
    headers: &[&str],
    body: &str,
) -> Option<Answer> {
    let mut stream = TcpStream::connect(address).ok()?;
    stream.set_read_timeout(Some(START_TIMEOUT)).ok()?;
    let headers = headers.iter().map(|header| format!("{header}\r\n")).collect::<Vec<_>>().concat();
    let length = body.len();
    let request = format!(
        "{method} {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n{headers}content-length: {length}\r\n\r\n{body}"
    );
    stream.write_all(request.as_bytes()).ok()?;
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).ok()?;
    let split = bytes.windows(4).position(|window| window == b"\r\n\r\n")?;
    let head = String::from_utf8(bytes[..split].to_vec()).ok()?;
    let body = bytes[split + 4..].to_vec();
    let status = head.split(' ').nth(1)?.parse().ok()?;
    let answer = Answer { status, head, body };
    let whole = answer
        .header("content-length")
        .is_none_or(|length| length.parse() == Ok(answer.body.len()));
    whole.then_some(answer)
}
