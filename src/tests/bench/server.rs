//! Other processes: `belfry serve` and the reference server, and what the system says of them.

use super::{Outcome, client, client::Call};
use std::{
    env, fs,
    io::{BufRead as _, BufReader},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, Stdio},
    time::{Duration, Instant},
};

/// A process that does not outlive its handle.
pub struct Guarded(pub Child);

impl Drop for Guarded {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// This command with as many open files as the system allows.
pub fn with_many_files(program: impl AsRef<std::ffi::OsStr>) -> Command {
    let mut command = Command::new("sh");
    command.arg("-c").arg("ulimit -n $(ulimit -H -n); exec \"$0\" \"$@\"").arg(program);
    command
}

/// The lines that a process writes. Reading one blocks this thread: nothing else is to be done meanwhile.
pub struct Lines(BufReader<ChildStdout>);

impl Lines {
    pub fn of(child: &mut Child) -> Outcome<Self> {
        Ok(Self(BufReader::new(child.stdout.take().ok_or("a process without an output")?)))
    }

    pub fn next(&mut self) -> Outcome<String> {
        let mut line = String::new();
        self.0.read_line(&mut line)?;
        if line.is_empty() { Err("a process ended early".into()) } else { Ok(line.trim_end().to_owned()) }
    }
}

/// For how long a server that has settled uses no processor time,
const QUIET: Duration = Duration::from_millis(500);
/// and how little still counts as none.
const TICK: Duration = Duration::from_millis(10);
/// Background work that takes longer than this is reported and not waited for.
const SETTLE_TIMEOUT: Duration = Duration::from_mins(1);

/// The binary that is measured: the one of this build, unless `BELFRY_BIN` names another.
pub fn belfry() -> PathBuf {
    env::var_os("BELFRY_BIN").map_or_else(|| env!("CARGO_BIN_EXE_belfry").into(), PathBuf::from)
}

/// A server in a process of its own; it is killed when this is dropped.
pub struct Process {
    _child: Guarded,
    // Kept open: a server must not find its output gone.
    _lines: Lines,
    pub address: SocketAddr,
    pub id: u32,
    /// From its start to its first answer.
    pub ready: Duration,
}

impl Process {
    /// `belfry serve` on this database, with as many open files as the system allows.
    pub async fn belfry(database: &Path) -> Outcome<Self> {
        Self::serve(database, &[]).await
    }

    /// The same, whose webhooks may go to this machine.
    pub async fn belfry_with_private_webhooks(database: &Path) -> Outcome<Self> {
        Self::serve(database, &["--webhooks-allow-private"]).await
    }

    async fn serve(database: &Path, flags: &[&str]) -> Outcome<Self> {
        let mut command = with_many_files(belfry());
        command.args(["serve", "--listen", "127.0.0.1:0", "--limit-calls", "1000000"]).args(flags).arg("--database-url");
        command.arg(format!("sqlite://{}", database.display()));
        Self::start(command, "/readyz").await
    }

    /// The reference server with these answers.
    pub async fn bare(answers: &Path) -> Outcome<Self> {
        let mut command = Command::new(env::current_exe()?);
        command.arg(super::bare::ROLE).arg(answers);
        Self::start(command, "/").await
    }

    async fn start(mut command: Command, question: &str) -> Outcome<Self> {
        let began = Instant::now();
        // The log is written as in life, and thrown away.
        let mut child = Guarded(command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?);
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

    /// Waits until the server does nothing by itself any more: no processor time within half a second. `false` when it was still at
    /// work after a minute.
    pub async fn settle(&self) -> Outcome<bool> {
        self.settle_within(SETTLE_TIMEOUT).await
    }

    /// The same with another patience.
    pub async fn settle_within(&self, patience: Duration) -> Outcome<bool> {
        let began = Instant::now();
        let mut before = cpu_time(self.id)?;
        while began.elapsed() < patience {
            tokio::time::sleep(QUIET).await;
            let now = cpu_time(self.id)?;
            // One tick of its clocks is no work.
            if now.saturating_sub(before) <= TICK {
                return Ok(true);
            }
            before = now;
        }
        Ok(false)
    }

    /// Resident memory in bytes.
    pub fn resident(&self) -> Outcome<usize> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.id))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).ok_or("the system does not say how much memory is used")?;
        let kibibytes: usize = line.trim().trim_end_matches("kB").trim().parse()?;
        Ok(kibibytes * 1_024)
    }
}

/// How often a process was taken from the processor so far, by its own wish or not: all its threads that are alive.
pub fn context_switches(process: u32) -> Outcome<u64> {
    let mut switches = 0;
    for thread in fs::read_dir(format!("/proc/{process}/task"))? {
        // A thread that ended meanwhile has no file any more.
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

/// Processor time that a process has used (proc(5): fields 14 and 15 of `stat`, in hundredths of a second on Linux).
pub fn cpu_time(process: u32) -> Outcome<Duration> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat"))?;
    let after_name = stat.rsplit_once(')').ok_or("an odd process table")?.1;
    let ticks: u64 = after_name.split_whitespace().skip(11).take(2).map(str::parse::<u64>).sum::<Result<_, _>>()?;
    Ok(Duration::from_millis(ticks * 10))
}
