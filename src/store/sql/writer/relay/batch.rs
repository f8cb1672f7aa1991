//! What processes tell each other, as text: one line each. A line that a process cannot read, because
//! another version of the program wrote it, costs only itself. Must not depend on how lines are sent.

use super::Leftover;
use belfry_domain::{InboxEvent, SiteId, Version};
use serde::{Deserialize, Serialize};

/// The events of one commit for one site.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Batch {
    pub(super) site: SiteId,
    /// The first and the last version that the commit gave the site. `None` if nothing was written.
    pub(super) versions: Option<(Version, Version)>,
    pub(super) events: Vec<InboxEvent>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Line {
    Batch(Batch),
    /// Events up to this version of a site were not sent.
    Dropped(SiteId, Version),
    /// Work for the process that leads.
    Leftover {
        delivery: bool,
        fan_out: bool,
    },
}

impl From<Leftover> for Line {
    fn from(Leftover { delivery, fan_out }: Leftover) -> Self {
        Self::Leftover { delivery, fan_out }
    }
}

impl Line {
    /// Appends the line to a packet. Returns whether it is at most `max` bytes long; if not, it is
    /// left out.
    pub(super) fn append(&self, packet: &mut Vec<u8>, max: usize) -> bool {
        let before = packet.len();
        let is_written = serde_json::to_writer(&mut *packet, self).is_ok();
        if !is_written || packet.len() - before > max {
            packet.truncate(before);
            return false;
        }
        packet.push(b'\n');
        true
    }

    /// The lines of a packet; `None` for one that can't be read.
    pub(super) fn parse(packet: &[u8]) -> impl Iterator<Item = Option<Self>> {
        let lines = packet.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        lines.map(|line| serde_json::from_slice(line).ok())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unreadable_line_does_not_hide_the_next_one() {
        let site = SiteId::from_bytes([1; 16]);
        let mut packet = Vec::new();
        assert!(Line::Dropped(site, Version(1)).append(&mut packet, 1_000));
        packet.extend_from_slice(b"{\"Later\":1}\n");
        assert!(!Line::Dropped(site, Version(2)).append(&mut packet, 10));
        let leftover = Leftover { delivery: true, fan_out: false };
        assert!(Line::from(leftover).append(&mut packet, 1_000));
        let lines: Vec<_> = Line::parse(&packet).collect();
        assert!(matches!(
            lines.as_slice(),
            [
                Some(Line::Dropped(of, Version(1))),
                None,
                Some(Line::Leftover { delivery: true, fan_out: false })
            ] if *of == site
        ));
    }
}
