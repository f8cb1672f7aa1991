//! Counts the sockets of each client. Needed behind a proxy, where the limit on connections sees a
//! single address. Clients on this machine and in its networks are not counted, as everywhere.

use belfry_app::rate_limit::ClientPrefix;
use belfry_domain::is_global;
use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
};

/// Maximum sockets of one address, or one IPv6 network.
const MAX_SOCKETS_PER_CLIENT: usize = 1_000;

/// Socket counts by client.
#[derive(Debug, Clone, Default)]
pub(crate) struct ConnectionCounts(Arc<Mutex<HashMap<ClientPrefix, usize>>>);

/// A counted socket; dropping it decrements the count.
#[derive(Debug)]
pub(crate) struct ConnectionSlot {
    pub prefix: ClientPrefix,
    counts: Option<ConnectionCounts>,
}

impl ConnectionCounts {
    /// Counts a socket. `None` if the client has too many.
    pub(crate) fn acquire(&self, address: Option<IpAddr>) -> Option<ConnectionSlot> {
        let prefix = ClientPrefix::of(address);
        if !address.is_some_and(|address| is_global(address.to_canonical())) {
            return Some(ConnectionSlot { prefix, counts: None });
        }
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let sockets = all.entry(prefix).or_default();
        if *sockets >= MAX_SOCKETS_PER_CLIENT {
            return None;
        }
        *sockets += 1;
        Some(ConnectionSlot { prefix, counts: Some(self.clone()) })
    }
}

impl Drop for ConnectionSlot {
    fn drop(&mut self) {
        let Some(clients) = &self.counts else { return };
        let mut all = clients.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(sockets) = all.get_mut(&self.prefix) {
            *sockets -= 1;
            if *sockets == 0 {
                all.remove(&self.prefix);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sockets_are_limited_per_client() {
        let clients = ConnectionCounts::default();
        let enter = |address: &str| clients.acquire(Some(address.parse().unwrap()));
        let mut greedy: Vec<ConnectionSlot> =
            std::iter::repeat_with(|| enter("8.8.8.8")).take(2_000).flatten().collect();
        assert_eq!(greedy.len(), MAX_SOCKETS_PER_CLIENT);
        assert!(enter("8.8.4.4").is_some());
        greedy.pop();
        greedy.extend(enter("8.8.8.8"));
        assert_eq!(greedy.len(), MAX_SOCKETS_PER_CLIENT);
        drop(greedy);
        assert!(clients.0.lock().unwrap().is_empty(), "all counts are released");
        let local: Vec<ConnectionSlot> =
            std::iter::repeat_with(|| enter("127.0.0.1")).take(2_000).flatten().collect();
        assert_eq!(local.len(), 2_000);
    }
}
