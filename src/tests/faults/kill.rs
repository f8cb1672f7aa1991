//! `kill -9` at any time, also during startup: acknowledged writes exist once; others exist
//! completely or not at all.

use super::{
    CRASHES, compare,
    fixture::FaultFixture,
    for_each_seed,
    load::{Load, Rng},
};
use crate::server::process::DataDir;
use std::{process::Stdio, thread, time::Duration};

/// Acknowledgements before a crash: the minimum, and the maximum beyond it.
const ACKNOWLEDGED: (usize, u64) = (15, 40);
/// Maximum microseconds between an acknowledgement and the crash, which falls within another
/// request.
const MAX_DELAY_MICROS: u64 = 3_000;
/// Maximum microseconds between the start of a process and the crash: before, during or after
/// opening the database.
const MAX_STARTUP_DELAY_MICROS: u64 = 60_000;

fn wait(microseconds: u64) {
    thread::sleep(Duration::from_micros(microseconds));
}

/// Starts a server and kills it, mostly before it serves.
fn dies_young(home: &DataDir, rng: &mut Rng) {
    let serve = ["serve", "--listen", "127.0.0.1:0"];
    let mut server =
        home.belfry(&serve).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    wait(rng.below(MAX_STARTUP_DELAY_MICROS));
    server.kill().unwrap();
    server.wait().unwrap();
}

fn crash_again_and_again(seed: u64, crashes: usize) {
    let home = DataDir::new();
    let mut server = home.serve(&[]);
    let (shop, mut load, mut rng) =
        (FaultFixture::open(&home, &server), Load::new(seed), Rng::new(seed));
    for _ in 0..crashes {
        let (since, count) = (
            shop.history.len(),
            ACKNOWLEDGED.0 + usize::try_from(rng.below(ACKNOWLEDGED.1)).unwrap(),
        );
        load.run(&shop, server.address, || {
            shop.history.wait(since, count, |operation| operation.done().is_some());
            wait(rng.below(MAX_DELAY_MICROS));
            server.child.kill().unwrap();
            server.child.wait().unwrap();
        });
        if rng.below(3) == 0 {
            dies_young(&home, &mut rng);
        }
        server = home.serve(&[]);
        assert_eq!(server.get("/readyz", &[]).status, 200);
    }
    // Webhooks with unknown outcomes may exceed the limit, and imports may fall behind.
    compare(&home, &server, &shop, &mut load, &[409, 429]);
}

#[test]
fn what_was_acknowledged_survives_kill_9() {
    for_each_seed(CRASHES, CRASHES, crash_again_and_again);
}
