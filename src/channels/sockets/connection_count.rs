//! Counts the sockets of each client. Needed behind a proxy, where the limit on connections sees a
//! single address. Clients on this machine and in its networks are not counted, as everywhere.

use crate::{domain::is_global, rate_limit::Subscriber as ClientPrefix};
use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
};

/// Maximum sockets of one address, or one IPv6 network.
const MAX_SOCKETS: usize = 1_000;

/// Socket counts by client.
#[derive(Debug, Clone, Default)]
pub(in crate::channels) struct Clients(Arc<Mutex<HashMap<ClientPrefix, usize>>>);

/// A counted socket; dropping it decrements the count.
#[derive(Debug)]
pub(in crate::channels) struct Client {
    pub prefix: ClientPrefix,
    counted: Option<Clients>,
}

impl Clients {
    /// Counts a socket. `None` if the client has too many.
    pub(in crate::channels) fn enter(&self, address: Option<IpAddr>) -> Option<Client> {
        let prefix = ClientPrefix::of(address);
        if !address.is_some_and(|address| is_global(address.to_canonical())) {
            return Some(Client { prefix, counted: None });
        }
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let sockets = all.entry(prefix).or_default();
        if *sockets >= MAX_SOCKETS {
            return None;
        }
        *sockets += 1;
        Some(Client { prefix, counted: Some(self.clone()) })
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        let Some(clients) = &self.counted else { return };
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
        let clients = Clients::default();
        let enter = |address: &str| clients.enter(Some(address.parse().unwrap()));
        let mut greedy: Vec<Client> = std::iter::repeat_with(|| enter("8.8.8.8")).take(2_000).flatten().collect();
        assert_eq!(greedy.len(), MAX_SOCKETS);
        assert!(enter("8.8.4.4").is_some());
        greedy.pop();
        greedy.extend(enter("8.8.8.8"));
        assert_eq!(greedy.len(), MAX_SOCKETS);
        drop(greedy);
        assert!(clients.0.lock().unwrap().is_empty(), "all counts are released");
        let local: Vec<Client> = std::iter::repeat_with(|| enter("127.0.0.1")).take(2_000).flatten().collect();
        assert_eq!(local.len(), 2_000);
    }
}
