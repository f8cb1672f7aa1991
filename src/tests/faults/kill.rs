//! `kill -9` at any moment, also while the server starts: what was acknowledged is there once, what was not is there whole or not at all.

use super::{
    compare, crashes,
    load::{Load, Rng},
    shop::Shop,
};
use crate::server::process::Home;
use std::{process::Stdio, thread, time::Duration};

/// Crashes of one site, before all that it has is compared.
const CRASHES: usize = 12;
/// Acknowledgements before a crash: at least, and so many more at most.
const ACKNOWLEDGED: (usize, u64) = (15, 40);
/// A crash comes so many microseconds after an acknowledgement, at most: somewhere in somebody's next request.
const MOMENT: u64 = 3_000;
/// The same after the start of a process: before it has opened the database, meanwhile, or after that.
const START: u64 = 60_000;

fn wait(microseconds: u64) {
    thread::sleep(Duration::from_micros(microseconds));
}

/// Starts a server and kills it, mostly before it serves.
fn dies_young(home: &Home, rng: &mut Rng) {
    let serve = ["serve", "--listen", "127.0.0.1:0"];
    let mut server = home.belfry(&serve).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    wait(rng.below(START));
    server.kill().unwrap();
    server.wait().unwrap();
}

fn crash_again_and_again(seed: u64, crashes: usize) {
    let home = Home::new();
    let mut server = home.serve(&[]);
    let (shop, mut load, mut rng) = (Shop::open(&home, &server), Load::new(seed), Rng::new(seed));
    for _ in 0..crashes {
        let (since, count) = (shop.history.len(), ACKNOWLEDGED.0 + usize::try_from(rng.below(ACKNOWLEDGED.1)).unwrap());
        load.run(&shop, server.address, || {
            shop.history.wait(since, count, |operation| operation.done().is_some());
            wait(rng.below(MOMENT));
            server.child.kill().unwrap();
            server.child.wait().unwrap();
        });
        if rng.below(3) == 0 {
            dies_young(&home, &mut rng);
        }
        server = home.serve(&[]);
        assert_eq!(server.get("/readyz", &[]).status, 200);
    }
    // Of webhooks whose creation nobody was told of there are too many now and then; imports may not keep up.
    compare(&home, &server, &shop, &mut load, &[409, 429]);
}

#[test]
fn what_was_acknowledged_survives_kill_9() {
    let mut left = crashes().unwrap_or(CRASHES);
    for seed in 1.. {
        crash_again_and_again(seed, left.min(CRASHES));
        left = left.saturating_sub(CRASHES);
        if left == 0 {
            break;
        }
    }
}
