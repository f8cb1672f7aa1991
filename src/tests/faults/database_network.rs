//! The network between the processes and the database's server: slow, silent, or cut for one of them.
//! What one process can't do, the other one does; afterwards both go on by themselves.

use super::{
    crashes,
    database_proxy::{DatabaseProxy, Network},
    fixture::SCHEDULED_PREFIX,
    for_each_seed,
    private_server::PrivateServer,
    processes::{ProcessPair, Start, Target, database_name},
};
use crate::server::rolling_restart::StreamClient;
use belfry_domain::{Clock as _, SystemClock};
use serde_json::json;
use std::{
    thread,
    time::{Duration, Instant},
};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

/// Faults on one site.
const CYCLES: usize = 5;
/// Milliseconds of delay in each direction: the minimum, and the maximum beyond it.
const DELAY_MILLIS: (u64, u64) = (20, 100);
/// The same in many cycles.
const LONG_DELAY_MILLIS: (u64, u64) = (50, 450);
/// Acknowledgements through a slow network.
const ACKNOWLEDGED_SLOWLY: usize = 5;
/// Acknowledgements by the process that still reaches the database.
const ACKNOWLEDGED_ALONE: usize = 10;
/// Milliseconds for which a network is silent or cut: the minimum, and the maximum beyond it.
const OUTAGE_MILLIS: (u64, u64) = (500, 2_000);
/// Longer than the server and the processes give a connection that is silent.
const LONG_OUTAGE: Duration = Duration::from_secs(40);
/// How long after another process was cut off its work is done, at most.
const TAKEOVER_TIME: Duration = Duration::from_secs(10);
/// When a missed event is noticed, at most, and more for a busy machine.
const NOTICE_TIMEOUT: Duration = Duration::from_mins(1);

fn proxied(server: &PrivateServer, seed: u64) -> ([DatabaseProxy; 2], [Start; 2]) {
    let proxies = [DatabaseProxy::start(server), DatabaseProxy::start(server)];
    let starts = [0, 1].map(|number: usize| Start {
        url: proxies[number].url(&database_name(seed)),
        ..Start::default()
    });
    (proxies, starts)
}

fn sleep_millis((least, more): (u64, u64), target: &mut Target<'_>) {
    thread::sleep(Duration::from_millis(least + target.rng.below(more)));
}

/// Injects one of the faults, and ends it.
fn fault(kind: usize, proxies: &[DatabaseProxy; 2], target: &mut Target<'_>) {
    let one = target.choose();
    match kind {
        // One process, and then both.
        0 | 1 => {
            let (least, more) = if crashes().is_some() { LONG_DELAY_MILLIS } else { DELAY_MILLIS };
            for (number, proxy) in proxies.iter().enumerate() {
                if kind == 1 || number == one {
                    let delay = least + target.rng.below(more);
                    proxy.set(Network::Slow(Duration::from_millis(delay)));
                }
            }
            target.wait_for_acknowledged(ACKNOWLEDGED_SLOWLY);
        }
        2 => {
            proxies[one].set(Network::Silent);
            target.send_load_to(&[1 - one]);
            // Half a minute if the silent one is within a transaction of the site.
            if crashes().is_some() {
                target.wait_for_acknowledged(ACKNOWLEDGED_ALONE);
            }
            sleep_millis(OUTAGE_MILLIS, target);
        }
        3 => {
            for proxy in proxies {
                proxy.set(Network::Silent);
            }
            sleep_millis(OUTAGE_MILLIS, target);
        }
        _ => {
            proxies[one].set(Network::Cut);
            target.send_load_to(&[1 - one]);
            target.wait_for_acknowledged(ACKNOWLEDGED_ALONE);
            sleep_millis(OUTAGE_MILLIS, target);
        }
    }
    for proxy in proxies {
        proxy.set(Network::Good);
    }
}

#[test]
fn slow_silent_or_cut_database_loses_and_doubles_nothing() {
    let Some(server) = PrivateServer::start() else { return };
    for_each_seed(CYCLES, CYCLES, |seed, cycles| {
        let (proxies, starts) = proxied(&server, seed);
        let mut pair = ProcessPair::start(&server, seed, starts);
        for cycle in 0..cycles {
            pair.cycle(|target| fault(cycle, &proxies, target));
        }
        if crashes().is_some() {
            pair.cycle(|target| {
                let one = target.choose();
                proxies[one].set(Network::Silent);
                target.send_load_to(&[1 - one]);
                thread::sleep(LONG_OUTAGE);
                proxies[one].set(Network::Good);
            });
        }
    });
}

/// A time of the API, this much later than now.
fn later(time: Duration) -> String {
    let due = SystemClock.now().plus(time).millis();
    OffsetDateTime::from_unix_timestamp(due / 1_000).unwrap().format(&Rfc3339).unwrap()
}

#[test]
fn other_process_takes_the_lead_from_one_that_is_cut_off() {
    let Some(server) = PrivateServer::start() else { return };
    for_each_seed(2, 2, |seed, cycles| {
        let (proxies, starts) = proxied(&server, seed);
        let mut pair = ProcessPair::start(&server, seed, starts);
        for cycle in 0..cycles {
            // The first process has the lead, and then each has taken it from the other.
            let (leader, other) = (cycle % 2, (cycle + 1) % 2);
            pair.cycle(|target| {
                let (title, due) = (format!("{SCHEDULED_PREFIX}-{cycle}"), Duration::from_secs(2));
                let more = json!({ "publishAt": later(due) });
                target.shop.publish_acknowledged(target.address(other), &title, &more);
                proxies[leader].set(Network::Cut);
                target.send_load_to(&[other]);
                let cut_at = Instant::now();
                let is_shown = || {
                    let list = target.shop.list(target.address(other), 0);
                    list.is_some_and(|list| list.contains(&title))
                };
                while !is_shown() {
                    assert!(cut_at.elapsed() < due + TAKEOVER_TIME, "nobody has the lead");
                    thread::sleep(Duration::from_millis(50));
                }
                proxies[leader].set(Network::Good);
            });
        }
    });
}

/// The connection between processes has a URL of its own, so that it can be cut alone.
#[test]
fn readers_get_everything_after_the_bus_was_cut() {
    let Some(server) = PrivateServer::start() else { return };
    for_each_seed(2, 2, |seed, cycles| {
        let proxies = [DatabaseProxy::start(&server), DatabaseProxy::start(&server)];
        let database = database_name(seed);
        let starts = [0, 1].map(|number: usize| Start {
            url: server.url(&database),
            arguments: vec!["--database-direct-url".to_owned(), proxies[number].url(&database)],
            ..Start::default()
        });
        let mut pair = ProcessPair::start(&server, seed, starts);
        for cycle in 0..cycles {
            let (cut, other) = (cycle % 2, (cycle + 1) % 2);
            pair.cycle(|target| {
                let (address, shop) = (target.address(cut), target.shop);
                let stream = StreamClient::start(address, &shop.site, &shop.bearers[0]);
                proxies[cut].set(Network::Cut);
                // Both accept requests.
                target.wait_for_acknowledged(ACKNOWLEDGED_ALONE);
                sleep_millis(OUTAGE_MILLIS, target);
                let title = format!("Final {cycle}");
                shop.publish_acknowledged(target.address(other), &title, &json!({}));
                stream.expect_final();
                proxies[cut].set(Network::Good);
                let began = Instant::now();
                while !stream.has_final() {
                    assert!(began.elapsed() < NOTICE_TIMEOUT, "the reader misses a message");
                    thread::sleep(Duration::from_millis(50));
                }
                stream.stop();
            });
        }
    });
}
