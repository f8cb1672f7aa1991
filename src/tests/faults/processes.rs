//! Two processes on one database of a `PostgreSQL` server. One of them is killed or stopped, the
//! connections are cut, the server is restarted or crashes; the load is on both, and the other one
//! answers. Afterwards each process goes on by itself, and nothing acknowledged is lost or doubled.

use super::{
    compare, crashes,
    fixture::FaultFixture,
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

/// Faults on one site before its whole state has been compared.
const CYCLES: usize = 12;
/// Acknowledgements before a fault: the minimum, and the maximum beyond it.
const ACKNOWLEDGED: (usize, u64) = (15, 30);
/// Acknowledgements by the processes after a fault.
const ACKNOWLEDGED_AFTER: usize = 10;
/// Maximum milliseconds for which a process is stopped, beyond the minimum of a second.
const MAX_STOP_MILLIS: u64 = 2_000;
/// How long a process may take until it is ready again.
const READY_TIMEOUT: Duration = Duration::from_secs(30);

const DATABASE: &str = "inbox";

struct Process {
    home: DataDir,
    server: Server,
}

impl Process {
    fn start(url: &str, key_of: Option<&Process>) -> Self {
        let home = DataDir::of_database(url.to_owned());
        if let Some(other) = key_of {
            let file = "belfry.secret-key";
            std::fs::copy(other.home.path().join(file), home.path().join(file)).unwrap();
        }
        let server = home.serve(&[]);
        Self { home, server }
    }

    fn wait_until_ready(&self) {
        let began = Instant::now();
        while self.server.get("/readyz", &[]).status != 200 {
            assert!(began.elapsed() < READY_TIMEOUT, "not ready again\n{}", self.server.log());
            thread::sleep(Duration::from_millis(50));
        }
    }
}

/// Injects one of the faults, and ends it.
fn fault(
    kind: u64,
    rng: &mut Rng,
    server: &PrivateServer,
    processes: &mut [Process; 2],
    addresses: &Mutex<Vec<SocketAddr>>,
) {
    let one = usize::try_from(rng.below(2)).unwrap();
    match kind {
        0 => {
            let process = &mut processes[one];
            process.server.child.kill().unwrap();
            process.server.child.wait().unwrap();
            // The other one works alone for a while.
            thread::sleep(Duration::from_millis(rng.below(500)));
            process.server = process.home.serve(&[]);
            let mut addresses = addresses.lock().unwrap_or_else(PoisonError::into_inner);
            addresses[one] = process.server.address;
        }
        1 => {
            processes[one].server.signal("STOP");
            thread::sleep(Duration::from_millis(1_000 + rng.below(MAX_STOP_MILLIS)));
            processes[one].server.signal("CONT");
        }
        2 => server.execute(&format!(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{DATABASE}'"
        )),
        _ => {
            server.stop(if kind == 3 { "fast" } else { "immediate" });
            thread::sleep(Duration::from_millis(rng.below(500)));
            server.go_on();
        }
    }
}

fn inject_again_and_again(server: &PrivateServer, seed: u64, cycles: usize) {
    server.execute(&format!("DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)"));
    server.execute(&format!("CREATE DATABASE {DATABASE}"));
    let url = server.url(DATABASE);
    let first = Process::start(&url, None);
    let second = Process::start(&url, Some(&first));
    let mut processes = [first, second];
    let (shop, mut load, mut rng) = (
        FaultFixture::open(&processes[0].home, &processes[0].server),
        Load::new(seed),
        Rng::new(seed),
    );
    for cycle in 0..cycles {
        let addresses =
            Mutex::new(processes.iter().map(|process| process.server.address).collect::<Vec<_>>());
        let (since, count) = (
            shop.history.len(),
            ACKNOWLEDGED.0 + usize::try_from(rng.below(ACKNOWLEDGED.1)).unwrap(),
        );
        load.run_on(&shop, &addresses, || {
            shop.history.wait(since, count, |operation| operation.done().is_some());
            // Each kind comes in turn.
            fault(cycle as u64 % 5, &mut rng, server, &mut processes, &addresses);
            for process in &processes {
                process.wait_until_ready();
            }
            let since = shop.history.len();
            shop.history.wait(since, ACKNOWLEDGED_AFTER, |operation| operation.done().is_some());
        });
        let process = &processes[cycle % 2];
        compare(&process.home, &process.server, &shop, &mut load, &[409, 429]);
    }
}

#[test]
fn two_processes_lose_and_double_nothing() {
    let Some(server) = PrivateServer::start() else { return };
    let mut left = crashes().unwrap_or(CYCLES);
    for seed in 1.. {
        inject_again_and_again(&server, seed, left.min(CYCLES));
        left = left.saturating_sub(CYCLES);
        if left == 0 {
            break;
        }
    }
}
