//! Two processes on one database of a `PostgreSQL` server, with a load on both. One of them is killed or
//! stopped, the connections are cut, the server is restarted or crashes; the other one answers.
//! Afterwards each process goes on by itself, and nothing acknowledged is lost or doubled.

use super::{
    CRASHES, compare,
    fixture::FaultFixture,
    for_each_seed,
    load::{Load, Rng},
    private_server::PrivateServer,
};
use crate::server::process::{DataDir, Server};
use std::{
    net::SocketAddr,
    sync::{Mutex, PoisonError},
    thread,
    time::{Duration, Instant},
};

/// Acknowledgements before a fault: the minimum, and the maximum beyond it.
const ACKNOWLEDGED: (usize, u64) = (15, 30);
/// Acknowledgements by the processes after a fault.
const ACKNOWLEDGED_AFTER: usize = 10;
/// Maximum milliseconds for which a process is stopped, beyond the minimum of a second.
const MAX_STOP_MILLIS: u64 = 2_000;
/// How long a process may take until it is ready again, on a busy machine with work that has waited.
const READY_TIMEOUT: Duration = Duration::from_mins(2);

/// How a process is started.
#[derive(Default)]
pub struct Start {
    pub url: String,
    pub arguments: Vec<String>,
    /// Shell commands before it, which may set its environment.
    pub shell: String,
}

pub struct Process {
    pub home: DataDir,
    pub server: Server,
    start: Start,
}

impl Process {
    fn new(start: Start, key_of: Option<&Self>) -> Self {
        let home = DataDir::of_database(start.url.clone());
        if let Some(other) = key_of {
            let file = "belfry.secret-key";
            std::fs::copy(other.home.path().join(file), home.path().join(file)).unwrap();
        }
        let server = serve(&home, &start);
        Self { home, server, start }
    }

    /// Kills the process.
    pub fn kill(&mut self) {
        self.server.child.kill().unwrap();
        self.server.child.wait().unwrap();
    }

    /// Starts it again after its end.
    pub fn restart(&mut self) {
        self.server = serve(&self.home, &self.start);
    }

    pub fn wait_until_ready(&self) {
        let began = Instant::now();
        while self.server.get("/readyz", &[]).status != 200 {
            assert!(began.elapsed() < READY_TIMEOUT, "not ready again\n{}", self.server.log());
            thread::sleep(Duration::from_millis(50));
        }
    }
}

fn serve(home: &DataDir, start: &Start) -> Server {
    let arguments: Vec<&str> = start.arguments.iter().map(String::as_str).collect();
    let shell = if start.shell.is_empty() { ":" } else { &start.shell };
    home.serve_after(shell, &arguments)
}

/// Two processes, and a site with a load on both.
pub struct ProcessPair {
    pub processes: [Process; 2],
    pub shop: FaultFixture,
    load: Load,
    rng: Rng,
    cycles: usize,
}

/// What a fault is injected into.
pub struct Target<'p> {
    pub processes: &'p mut [Process; 2],
    pub shop: &'p FaultFixture,
    pub rng: &'p mut Rng,
    addresses: &'p Mutex<Vec<SocketAddr>>,
}

impl Target<'_> {
    /// The number of one of the processes.
    pub fn choose(&mut self) -> usize {
        usize::try_from(self.rng.below(2)).unwrap()
    }

    pub fn address(&self, process: usize) -> SocketAddr {
        self.processes[process].server.address
    }

    /// The load is on these processes from now on.
    pub fn send_load_to(&self, processes: &[usize]) {
        let chosen = processes.iter().map(|number| self.address(*number)).collect();
        *self.addresses.lock().unwrap_or_else(PoisonError::into_inner) = chosen;
    }

    /// Waits until this many more requests were acknowledged.
    pub fn wait_for_acknowledged(&self, count: usize) {
        let since = self.shop.history.len();
        self.shop.history.wait(since, count, |operation| operation.done().is_some());
    }
}

impl ProcessPair {
    /// Starts two processes on a new database.
    pub fn start(server: &PrivateServer, seed: u64, starts: [Start; 2]) -> Self {
        let database = database_name(seed);
        server.execute(&format!("DROP DATABASE IF EXISTS {database} WITH (FORCE)"));
        server.execute(&format!("CREATE DATABASE {database}"));
        let [first, second] = starts;
        let first = Process::new(first, None);
        let second = Process::new(second, Some(&first));
        let shop = FaultFixture::open(&first.home, &first.server);
        let (load, rng) = (Load::new(seed), Rng::new(seed));
        Self { processes: [first, second], shop, load, rng, cycles: 0 }
    }

    /// Injects a fault under load, waits until both processes go on, and compares. The fault has ended
    /// when `fault` returns.
    pub fn cycle(&mut self, fault: impl FnOnce(&mut Target<'_>)) {
        let Self { processes, shop, load, rng, cycles } = self;
        let addresses =
            Mutex::new(processes.iter().map(|process| process.server.address).collect());
        let (since, count) = (
            shop.history.len(),
            ACKNOWLEDGED.0 + usize::try_from(rng.below(ACKNOWLEDGED.1)).unwrap(),
        );
        load.run_on(shop, &addresses, || {
            shop.history.wait(since, count, |operation| operation.done().is_some());
            let mut target = Target { processes, shop, rng, addresses: &addresses };
            fault(&mut target);
            target.send_load_to(&[0, 1]);
            for process in &*target.processes {
                process.wait_until_ready();
            }
            target.wait_for_acknowledged(ACKNOWLEDGED_AFTER);
        });
        let process = &processes[*cycles % 2];
        *cycles += 1;
        compare(&process.home, &process.server, shop, load, &[409, 429]);
    }
}

/// The database of the pair with this seed.
pub fn database_name(seed: u64) -> String {
    format!("inbox_{seed}")
}

/// Injects one of the faults, and ends it.
fn fault(kind: usize, server: &PrivateServer, database: &str, target: &mut Target<'_>) {
    let one = target.choose();
    match kind {
        0 => {
            target.processes[one].kill();
            // The other one works alone for a while.
            thread::sleep(Duration::from_millis(target.rng.below(500)));
            target.processes[one].restart();
        }
        1 => {
            target.processes[one].server.signal("STOP");
            thread::sleep(Duration::from_millis(1_000 + target.rng.below(MAX_STOP_MILLIS)));
            target.processes[one].server.signal("CONT");
        }
        2 => server.execute(&format!(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{database}'"
        )),
        _ => {
            server.stop(if kind == 3 { "fast" } else { "immediate" });
            thread::sleep(Duration::from_millis(target.rng.below(500)));
            server.go_on();
        }
    }
}

#[test]
fn two_processes_lose_and_double_nothing() {
    let Some(server) = PrivateServer::start() else { return };
    for_each_seed(CRASHES, CRASHES, |seed, cycles| {
        let database = database_name(seed);
        let start = || Start { url: server.url(&database), ..Start::default() };
        let mut pair = ProcessPair::start(&server, seed, [start(), start()]);
        for cycle in 0..cycles {
            // Each kind comes in turn.
            pair.cycle(|target| fault(cycle % 5, &server, &database, target));
        }
    });
}
