//! Other processes: `belfry serve` and the reference server, and what the system says of them.

use super::{Outcome, client, client::Call};
use std::{
    fs,
    net::SocketAddr,
    path::Path,
    process::Stdio,
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::{Child, Command},
};

/// The binary that is measured.
pub const BELFRY: &str = env!("CARGO_BIN_EXE_belfry");

/// A server in a process of its own; it is killed when this is dropped.
pub struct Process {
    child: Child,
    pub address: SocketAddr,
    pub id: u32,
    /// From its start to its first answer.
    pub ready: Duration,
}

impl Process {
    /// `belfry serve` on this database, with as many open files as the system allows.
    pub async fn belfry(database: &Path) -> Outcome<Self> {
        let mut command = Command::new("sh");
        command.arg("-c").arg("ulimit -n $(ulimit -H -n); exec \"$0\" \"$@\"").arg(BELFRY);
        command.args(["serve", "--listen", "127.0.0.1:0", "--limit-calls", "1000000", "--database-url"]);
        command.arg(format!("sqlite://{}", database.display()));
        Self::start(command, "/readyz").await
    }

    /// The reference server with these answers.
    pub async fn bare(answers: &Path) -> Outcome<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg(super::bare::ROLE).arg(answers);
        Self::start(command, "/").await
    }

    async fn start(mut command: Command, question: &str) -> Outcome<Self> {
        let began = Instant::now();
        // The log is written as in life, and thrown away.
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).kill_on_drop(true).spawn()?;
        let mut lines = BufReader::new(child.stdout.take().ok_or("the server has no output")?).lines();
        let line = lines.next_line().await?.ok_or("the server ended before it was ready")?;
        let address = serde_json::from_str::<serde_json::Value>(&line)?
            .get("listening")
            .and_then(serde_json::Value::as_str)
            .ok_or("the server does not say where it listens")?
            .parse()?;
        client::send(address, &Call::get(question)).await?.expect(200)?;
        let ready = began.elapsed();
        let id = child.id().ok_or("the server has ended")?;
        Ok(Self { child, address, id, ready })
    }

    pub async fn stop(mut self) -> Outcome<()> {
        Ok(self.child.kill().await?)
    }

    /// Resident memory in bytes.
    pub fn resident(&self) -> Outcome<usize> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.id))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).ok_or("the system does not say how much memory is used")?;
        let kibibytes: usize = line.trim().trim_end_matches("kB").trim().parse()?;
        Ok(kibibytes * 1_024)
    }
}

/// Processor time that a process has used (proc(5): fields 14 and 15 of `stat`, in hundredths of a second on Linux).
pub fn cpu_time(process: u32) -> Outcome<Duration> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat"))?;
    let after_name = stat.rsplit_once(')').ok_or("an odd process table")?.1;
    let ticks: u64 = after_name.split_whitespace().skip(11).take(2).map(str::parse::<u64>).sum::<Result<_, _>>()?;
    Ok(Duration::from_millis(ticks * 10))
}
