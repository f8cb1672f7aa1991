//! nginx with the configuration of `docs/operating.md`.

use std::{
    fs,
    net::{SocketAddr, TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};
use tempfile::TempDir;

const DOCUMENT: &str = include_str!("../../../../docs/operating.md");
const PROGRAM: &str = "/usr/sbin/nginx";

/// nginx in front of two servers, stopped when dropped.
pub struct Proxy {
    pub address: SocketAddr,
    folder: TempDir,
    child: Option<Child>,
}

impl Proxy {
    /// Chooses a free address. `None` where nginx is missing.
    pub fn prepare() -> Option<Self> {
        if !Path::new(PROGRAM).exists() {
            let is_required = std::env::var("BELFRY_TEST_NGINX").is_ok_and(|set| set == "required");
            assert!(!is_required, "{PROGRAM} is missing");
            eprintln!("skipped: {PROGRAM} is missing");
            return None;
        }
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        Some(Self { address, folder: tempfile::tempdir().unwrap(), child: None })
    }

    /// Starts it and waits until it accepts connections.
    pub fn start(&mut self, servers: [SocketAddr; 2]) {
        let folder = self.folder.path().display().to_string();
        let site = site_configuration(self.address, servers);
        let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .map(|kind| format!("{kind}_temp_path {folder}/{kind};\n"))
            .concat();
        let whole = format!(
            "daemon off;\nuser root;\nworker_processes 1;\npid {folder}/pid;\nevents {{ worker_connections 1024; }}\n\
             http {{\naccess_log off;\n{temporary}{site}\n}}\n"
        );
        let file = self.folder.path().join("nginx.conf");
        fs::write(&file, whole).unwrap();
        let child = Command::new(PROGRAM)
            .args(["-e", "stderr", "-p", &folder, "-c"])
            .arg(&file)
            .stdin(Stdio::null())
            .stderr(fs::File::create(self.folder.path().join("log")).unwrap())
            .spawn()
            .unwrap();
        self.child = Some(child);
        let began = Instant::now();
        while TcpStream::connect(self.address).is_err() {
            assert!(began.elapsed() < Duration::from_secs(10), "{}", self.log());
            sleep(Duration::from_millis(10));
        }
    }

    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            // Its worker ends with it only if it is asked.
            let _ = Command::new("kill").args(["-TERM", &child.id().to_string()]).status();
            let _ = child.wait();
        }
    }
}

/// The documented configuration with these addresses and without TLS.
fn site_configuration(address: SocketAddr, servers: [SocketAddr; 2]) -> String {
    let section = DOCUMENT.split("\n## Several processes\n").nth(1).unwrap();
    let text = section.split("```nginx\n").nth(1).unwrap().split("```").next().unwrap();
    let lines: Vec<&str> = text.lines().filter(|line| !line.contains("ssl_certificate")).collect();
    let text = lines.join("\n");
    for replaced in ["listen 443 ssl;", "127.0.0.1:3001", "127.0.0.1:3002"] {
        assert!(text.contains(replaced), "{replaced}");
    }
    text.replace("listen 443 ssl;", &format!("listen {address};"))
        .replace("127.0.0.1:3001", &servers[0].to_string())
        .replace("127.0.0.1:3002", &servers[1].to_string())
}
