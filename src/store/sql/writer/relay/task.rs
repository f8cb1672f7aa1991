//! The task that sends the events of this process to others and receives theirs. Must not depend on
//! what events mean.

use super::{Leftover, Relay, batch::Line};
use crate::{
    Result,
    bus::Bus,
    postgres::{Notification, Packets},
};
use std::{sync::Arc, time::Duration};
use tokio::time::{Instant, sleep, sleep_until};

/// The pause between two attempts to connect.
const RETRY_EVERY: Duration = Duration::from_secs(1);
/// The pause between two looks for other processes.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// The longest time until something that was lost without a word is noticed.
const COMPARE_EVERY: Duration = Duration::from_secs(30);
/// How long after this process has connected another one may not have noticed it.
const NEWCOMER_TIME: Duration = Duration::from_secs(2);
/// The pause between two deletions of old packets.
const DELETE_EVERY: Duration = Duration::from_secs(20);

/// When something is due.
struct Times {
    look: Instant,
    compare: Instant,
    delete: Instant,
}

/// What happened first.
enum Step {
    Notified(Notification),
    Queued,
    Compare,
    Due,
}

pub(super) async fn run(relay: Arc<Relay>, mut bus: Bus) {
    let now = Instant::now();
    let mut times = Times { look: now, compare: now, delete: now + DELETE_EVERY };
    let mut packets = Vec::new();
    loop {
        let result = if bus.is_connected() {
            step(&relay, &mut bus, &mut times, &mut packets).await
        } else {
            connect(&relay, &mut bus, &mut times).await
        };
        if let Err(error) = result {
            tracing::warn!(%error, "the connection to other processes failed");
            if !bus.is_connected() {
                sleep(RETRY_EVERY).await;
            }
        }
    }
}

async fn connect(relay: &Relay, bus: &mut Bus, times: &mut Times) -> Result<()> {
    let missed = bus.connect().await?;
    relay.receive(missed);
    compare(relay, bus).await?;
    let now = Instant::now();
    (times.look, times.compare) = (now + LOOK_EVERY, now + NEWCOMER_TIME);
    Ok(())
}

async fn step(
    relay: &Relay,
    bus: &mut Bus,
    times: &mut Times,
    packets: &mut Vec<Vec<u8>>,
) -> Result<()> {
    // What could not be sent before.
    send(relay, bus, packets).await?;
    let due = times.look.min(times.compare);
    let next = tokio::select! {
        notification = bus.notified() => Step::Notified(notification),
        () = relay.outgoing.wait() => Step::Queued,
        () = relay.compare.notified() => Step::Compare,
        () = sleep_until(due) => Step::Due,
    };
    match next {
        Step::Notified(Notification::Hello) => times.look = Instant::now(),
        Step::Notified(Notification::Unknown) | Step::Compare => times.compare = Instant::now(),
        Step::Notified(Notification::Disconnected) => {
            tracing::warn!("lost the connection to other processes");
        }
        Step::Notified(notification) => relay.receive(bus.read(notification).await?),
        Step::Queued if !relay.processes.has_others() => relay.outgoing.clear(),
        Step::Queued => {
            *packets = relay.outgoing.take();
            if packets.is_empty() {
                relay.outgoing.finish();
            }
        }
        Step::Due => {}
    }
    if times.look <= Instant::now() && bus.is_connected() {
        times.look = Instant::now() + LOOK_EVERY;
        if bus.look().await?.has_vanished {
            // It may not have sent its last events.
            times.compare = Instant::now();
        }
        if times.delete <= Instant::now() {
            times.delete = Instant::now() + DELETE_EVERY;
            bus.delete_old().await?;
        }
    }
    if times.compare <= Instant::now() && bus.is_connected() {
        times.compare = Instant::now() + COMPARE_EVERY;
        compare(relay, bus).await?;
    }
    Ok(())
}

/// Sends packets. After a failure they are kept, and sent again on the next connection.
async fn send(relay: &Relay, bus: &mut Bus, packets: &mut Vec<Vec<u8>>) -> Result<()> {
    if !packets.is_empty() {
        bus.send(packets).await?;
        relay.outgoing.finish();
    }
    Ok(())
}

async fn compare(relay: &Relay, bus: &mut Bus) -> Result<()> {
    let before = relay.sequencer.versions();
    let stored = bus.versions().await?;
    relay.sequencer.compare(&before, stored);
    Ok(())
}

impl Relay {
    /// Publishes what other processes have sent.
    fn receive(&self, Packets { bodies, has_gap }: Packets) {
        if has_gap {
            self.compare_versions();
        }
        for line in bodies.iter().flat_map(|body| Line::parse(body)) {
            match line {
                Some(Line::Batch(batch)) => self.sequencer.publish(batch, true),
                Some(Line::Dropped(site, version)) => self.sequencer.drop_until(site, version),
                Some(Line::Leftover { delivery, fan_out }) => {
                    self.signals.notify(Leftover { delivery, fan_out });
                }
                None => self.compare_versions(),
            }
        }
    }
}
