//! Child processes: `belfry serve` and the baseline server, and their resource usage.

use super::{
    Outcome, client,
    client::Call,
    databases::{self, Kind},
};
use std::{
    env, fs,
    io::{BufRead as _, BufReader},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, Stdio},
    time::{Duration, Instant},
};

/// Kills the child process when dropped.
pub struct ChildGuard(pub Child);

impl Drop for ChildGuard {
    fn drop(&mut self) {
        // It may already have exited.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Asks the child process to stop when dropped, and waits for it and its own children.
pub struct TermGuard(pub Child);

impl Drop for TermGuard {
    fn drop(&mut self) {
        let asked = Command::new("kill").arg(self.0.id().to_string()).status();
        if !asked.is_ok_and(|status| status.success()) {
            let _ = self.0.kill();
        }
        let _ = self.0.wait();
    }
}

/// Waits until a server that was just started answers.
pub async fn wait_until_ready(address: SocketAddr, question: &Call) -> Outcome<()> {
    let began = Instant::now();
    while client::send(address, question).await.is_err() {
        if began.elapsed() > Duration::from_secs(10) {
            return Err(format!("no server answers at {address}").into());
        }
        tokio::time::sleep(POLL_INTERVAL).await;
    }
    Ok(())
}

/// Runs this command with the maximum number of open files.
pub fn with_many_files(program: impl AsRef<std::ffi::OsStr>) -> Command {
    let mut command = Command::new("sh");
    command.arg("-c").arg("ulimit -n $(ulimit -H -n); exec \"$0\" \"$@\"").arg(program);
    command
}

/// The output lines of a process. Reading blocks the thread.
pub struct Lines(BufReader<ChildStdout>);

impl Lines {
    pub fn of(child: &mut Child) -> Outcome<Self> {
        Ok(Self(BufReader::new(child.stdout.take().ok_or("a process without an output")?)))
    }

    pub fn next(&mut self) -> Outcome<String> {
        let mut line = String::new();
        self.0.read_line(&mut line)?;
        if line.is_empty() {
            Err("a process ended early".into())
        } else {
            Ok(line.trim_end().to_owned())
        }
    }
}

/// A settled server uses no processor time for this long.
const QUIET_TIME: Duration = Duration::from_millis(500);
/// The pause between two looks, and processor time that still counts as none.
const POLL_INTERVAL: Duration = Duration::from_millis(10);
/// Maximum wait for background work; if it takes longer, the report says so.
const SETTLE_TIMEOUT: Duration = Duration::from_mins(1);

/// The measured binary: that of this build, or `BELFRY_BIN`.
pub fn belfry() -> PathBuf {
    env::var_os("BELFRY_BIN").map_or_else(|| env!("CARGO_BIN_EXE_belfry").into(), PathBuf::from)
}

/// A server in a process of its own, killed when dropped.
pub struct Process {
    _child: ChildGuard,
    // Kept open, because writes of the server must not fail.
    _lines: Lines,
    pub address: SocketAddr,
    pub id: u32,
    /// Time from its start to its first response.
    pub ready: Duration,
}

impl Process {
    /// Starts `belfry serve` on this database, with the maximum number of open files.
    pub async fn belfry(database: &Path) -> Outcome<Self> {
        Self::serve(database, databases::kind(), &[]).await
    }

    /// The same with this kind of database.
    pub async fn belfry_on(kind: Kind, database: &Path) -> Outcome<Self> {
        Self::serve(database, kind, &[]).await
    }

    /// The same, with webhooks to private addresses allowed.
    pub async fn belfry_with_private_webhooks(database: &Path) -> Outcome<Self> {
        Self::serve(database, databases::kind(), &["--webhooks-allow-private"]).await
    }

    /// The same, with this NATS server between the processes.
    pub async fn belfry_with_bus(database: &Path, url: &str) -> Outcome<Self> {
        Self::serve(database, databases::kind(), &["--bus", url]).await
    }

    async fn serve(database: &Path, kind: Kind, flags: &[&str]) -> Outcome<Self> {
        let mut command = with_many_files(belfry());
        command
            .args(["serve", "--listen", "127.0.0.1:0", "--limit-calls", "1000000"])
            .args(flags)
            .args(databases::arguments(database, kind).await?);
        Self::start(command, "/readyz").await
    }

    /// Starts the baseline server with these responses.
    pub async fn bare(answers: &Path) -> Outcome<Self> {
        let mut command = Command::new(env::current_exe()?);
        command.arg(super::baseline::ROLE).arg(answers);
        Self::start(command, "/").await
    }

    async fn start(mut command: Command, question: &str) -> Outcome<Self> {
        let began = Instant::now();
        // The log is written as in production, and discarded.
        let mut child = ChildGuard(command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?);
        let mut lines = Lines::of(&mut child.0)?;
        let address = serde_json::from_str::<serde_json::Value>(&lines.next()?)?
            .get("listening")
            .and_then(serde_json::Value::as_str)
            .ok_or("the server does not say where it listens")?
            .parse()?;
        client::send(address, &Call::get(question)).await?.expect(200)?;
        let ready = began.elapsed();
        let id = child.0.id();
        Ok(Self { _child: child, _lines: lines, address, id, ready })
    }

    /// Waits until the server is idle: no processor time within half a second. `false` if it is
    /// still busy after a minute.
    pub async fn settle(&self) -> Outcome<bool> {
        self.settle_within(SETTLE_TIMEOUT).await
    }

    /// The same with another timeout.
    pub async fn settle_within(&self, timeout: Duration) -> Outcome<bool> {
        let began = Instant::now();
        let mut before = cpu_time(self.id)?;
        while began.elapsed() < timeout {
            tokio::time::sleep(QUIET_TIME).await;
            let now = cpu_time(self.id)?;
            // One clock tick counts as idle.
            if now.saturating_sub(before) <= POLL_INTERVAL {
                return Ok(true);
            }
            before = now;
        }
        Ok(false)
    }

    /// Resident memory in bytes.
    pub fn resident(&self) -> Outcome<usize> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.id))?;
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix("VmRSS:"))
            .ok_or("the system does not say how much memory is used")?;
        let kibibytes: usize = line.trim().trim_end_matches("kB").trim().parse()?;
        Ok(kibibytes * 1_024)
    }
}

/// Context switches of a process so far, voluntary or not, of all its live threads.
pub fn context_switches(process: u32) -> Outcome<u64> {
    let mut switches = 0;
    for thread in fs::read_dir(format!("/proc/{process}/task"))? {
        // The file of a thread that has ended is gone.
        let Ok(status) = fs::read_to_string(thread?.path().join("status")) else { continue };
        for line in status.lines() {
            if let Some((name, count)) = line.split_once(':')
                && name.ends_with("voluntary_ctxt_switches")
            {
                switches += count.trim().parse::<u64>()?;
            }
        }
    }
    Ok(switches)
}

/// Processor time that a process has used (proc(5): fields 14 and 15 of `stat`, in hundredths of a
/// second on Linux).
pub fn cpu_time(process: u32) -> Outcome<Duration> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat"))?;
    let after_name = stat.rsplit_once(')').ok_or("an odd process table")?.1;
    let ticks: u64 = after_name
        .split_whitespace()
        .skip(11)
        .take(2)
        .map(str::parse::<u64>)
        .sum::<Result<_, _>>()?;
    Ok(Duration::from_millis(ticks * 10))
}
