//! How many sockets one client holds open, so that none takes the room of all others.

use crate::allowance::Subscriber as ClientPrefix;
use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// Sockets that one client may hold open.
const MAX_SOCKETS: u32 = 1_000;

/// The clients that hold sockets open.
#[derive(Clone, Default)]
pub(super) struct Clients(Arc<Mutex<HashMap<ClientPrefix, u32>>>);

/// One socket of a client, until it is dropped.
pub(super) struct Client {
    clients: Clients,
    /// Who it is.
    pub(super) prefix: ClientPrefix,
}

impl Clients {
    /// Counts one more socket of the client at this address. `None` when it has as many as it may.
    pub(super) fn enter(&self, address: Option<IpAddr>) -> Option<Client> {
        let prefix = ClientPrefix::of(address);
        let mut sockets = self.lock();
        let count = sockets.entry(prefix).or_default();
        if *count >= MAX_SOCKETS {
            return None;
        }
        *count += 1;
        Some(Client { clients: self.clone(), prefix })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<ClientPrefix, u32>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        let mut sockets = self.clients.lock();
        if let Some(count) = sockets.get_mut(&self.prefix) {
            *count -= 1;
            if *count == 0 {
                sockets.remove(&self.prefix);
            }
        }
    }
}
