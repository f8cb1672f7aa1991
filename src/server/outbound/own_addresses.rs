//! The addresses of this machine. A firewall may protect services on them that this process could
//! reach.

use std::{
    collections::HashSet,
    net::IpAddr,
    sync::{Mutex, PoisonError},
    time::Duration,
};
use tokio::time::Instant;

/// Lifetime of the list: interfaces come and go.
const CACHE_TTL: Duration = Duration::from_secs(30);

/// The cached list, and when it was read.
#[derive(Debug, Default)]
pub(super) struct OwnAddresses(Mutex<Option<(Instant, HashSet<IpAddr>)>>);

impl OwnAddresses {
    /// Whether an interface of this machine has this address.
    pub(super) fn contains(&self, address: IpAddr) -> bool {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        if known.as_ref().is_none_or(|(at, _)| now.saturating_duration_since(*at) >= CACHE_TTL) {
            *known = Some((now, list_interfaces()));
        }
        known.as_ref().is_some_and(|(_, addresses)| addresses.contains(&address.to_canonical()))
    }
}

fn list_interfaces() -> HashSet<IpAddr> {
    let interfaces = if_addrs::get_if_addrs().unwrap_or_else(|error| {
        tracing::warn!(%error, "the addresses of this machine can't be listed");
        Vec::new()
    });
    interfaces.into_iter().map(|interface| interface.ip().to_canonical()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_addresses_match_mapped_form() {
        let own = OwnAddresses::default();
        assert!(
            own.contains("127.0.0.1".parse().unwrap())
                && own.contains("::ffff:127.0.0.1".parse().unwrap())
        );
        assert!(!own.contains("8.8.8.8".parse().unwrap()));
    }
}
