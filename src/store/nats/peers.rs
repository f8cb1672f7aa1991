//! What this process has received of each other one over NATS: how far, and when. Must not depend on
//! how it arrives.

use super::seal::Packet;
use crate::postgres::ProcessNumber;
use std::{collections::BTreeMap, time::Duration};
use tokio::time::Instant;

/// A process that says nothing for this long is not connected: it sends something each second.
const MAX_SILENCE: Duration = Duration::from_secs(3);

/// The other processes that have been on the NATS server. Those that are gone are kept: somebody may
/// repeat their packets.
#[derive(Default)]
pub(super) struct Peers(BTreeMap<ProcessNumber, Peer>);

struct Peer {
    /// The number of its last packet.
    number: i64,
    heard_at: Instant,
}

/// What a packet says.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Received {
    /// Whether it is to be published: it is not repeated, and not only a sign of life.
    pub(super) is_new: bool,
    /// Whether packets before it are missing.
    pub(super) has_gap: bool,
}

impl Peers {
    /// Records a packet. One without a body is a sign of life, with the number of the last packet.
    pub(super) fn record(&mut self, packet: &Packet, now: Instant) -> Received {
        let number = packet.number;
        let has_body = !packet.body.is_empty();
        let Some(peer) = self.0.get_mut(&packet.sender) else {
            self.0.insert(packet.sender, Peer { number, heard_at: now });
            // What it has sent before, this process has seen in the database.
            return Received { is_new: has_body, has_gap: false };
        };
        peer.heard_at = now;
        let is_new = has_body && number > peer.number;
        let has_gap = number > peer.number + i64::from(has_body);
        peer.number = number.max(peer.number);
        Received { is_new, has_gap }
    }

    /// Whether all that are alive are connected.
    pub(super) fn are_connected(
        &self,
        now: Instant,
        is_alive: impl Fn(ProcessNumber) -> bool,
    ) -> bool {
        self.0.iter().all(|(process, peer)| {
            now.duration_since(peer.heard_at) < MAX_SILENCE || !is_alive(*process)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packet(number: i64, body: &[u8]) -> Packet {
        Packet { sender: ProcessNumber::from_value(7).unwrap(), number, body: body.to_owned() }
    }

    #[test]
    fn missing_and_repeated_packets_are_noticed() {
        let mut peers = Peers::default();
        for (number, body, is_new, has_gap) in [
            (3, &b"x"[..], true, false),
            (4, b"x", true, false),
            (4, b"x", false, false),
            (4, b"", false, false),
            (6, b"x", true, true),
            (5, b"x", false, false),
            (7, b"", false, true),
            (7, b"", false, false),
            (8, b"x", true, false),
        ] {
            let received = peers.record(&packet(number, body), Instant::now());
            assert_eq!(received, Received { is_new, has_gap }, "{number} {body:?}");
        }
    }

    #[test]
    fn silent_peer_counts_until_it_is_gone() {
        let (mut peers, now) = (Peers::default(), Instant::now());
        assert!(peers.are_connected(now, |_| true), "nobody was there");
        peers.record(&packet(0, b""), now);
        assert!(peers.are_connected(now, |_| true));
        assert!(!peers.are_connected(now + MAX_SILENCE, |_| true));
        assert!(peers.are_connected(now + MAX_SILENCE, |_| false));
    }
}
