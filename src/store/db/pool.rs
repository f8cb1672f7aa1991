//! A fixed number of connections that are used in turns. Each is opened when it is first needed.
//! Must not depend on what they are used for.

use super::{ConnectOptions, Connection};
use crate::{Result, StoreError};
use std::{
    ops::{Deref, DerefMut},
    sync::{Arc, PoisonError},
    time::Duration,
};
use tokio::{
    sync::{Mutex, OwnedMappedMutexGuard, OwnedMutexGuard, OwnedSemaphorePermit, Semaphore},
    time::{Instant, timeout, timeout_at},
};

/// The connections. Clones share them.
#[derive(Clone)]
pub(crate) struct Pool {
    options: Arc<ConnectOptions>,
    /// A caller with a permit finds one of them unlocked.
    connections: Arc<[Arc<Mutex<Option<Connection>>>]>,
    permits: Arc<Semaphore>,
    choice: Arc<std::sync::Mutex<()>>,
    max_wait: Duration,
}

impl Pool {
    /// A pool of at least one connection, none of which is open yet. A caller waits for at most
    /// `max_wait` until one is free.
    pub(crate) fn new(options: ConnectOptions, connections: u32, max_wait: Duration) -> Self {
        let connections: Arc<[_]> = (0..connections.max(1)).map(|_| Arc::default()).collect();
        Self {
            options: Arc::new(options),
            permits: Arc::new(Semaphore::new(connections.len())),
            connections,
            choice: Arc::default(),
            max_wait,
        }
    }

    /// A free connection; waits for one.
    pub(crate) async fn acquire(&self) -> Result<PooledConnection> {
        let permit = timeout(self.max_wait, Arc::clone(&self.permits).acquire_owned())
            .await
            .map_err(|_| unavailable("no connection was free in time"))?
            .map_err(|_| unavailable("the store is closed"))?;
        let mut free = self.choose().ok_or_else(|| unavailable("no connection is free"))?;
        if !is_usable(&mut free).await {
            match self.options.connect().await {
                Ok(connection) => *free = Some(connection),
                Err(error) => {
                    *free = None;
                    drop(free);
                    free = self.an_open_one().await.ok_or(error)?;
                }
            }
        }
        let connection = OwnedMutexGuard::try_map(free, Option::as_mut)
            .map_err(|_| unavailable("no connection is open"))?;
        Ok(PooledConnection { connection, _permit: permit })
    }

    /// An unlocked connection: an idle one, else one that is not open yet, else one whose last caller
    /// has left a statement on it.
    fn choose(&self) -> Option<OwnedMutexGuard<Option<Connection>>> {
        // Nobody else looks at the same time, and finds locked what is only looked at.
        let _choice = self.choice.lock().unwrap_or_else(PoisonError::into_inner);
        let unlocked = |fits: fn(&Option<Connection>) -> bool| {
            self.connections.iter().find_map(|connection| {
                let connection = Arc::clone(connection).try_lock_owned().ok()?;
                fits(&connection).then_some(connection)
            })
        };
        unlocked(|slot| slot.as_ref().is_some_and(Connection::is_idle))
            .or_else(|| unlocked(Option::is_none))
            .or_else(|| unlocked(|_| true))
    }

    /// Where a file can't be opened any more, its open connections still serve. This waits for one,
    /// and holds none meanwhile: other callers with a permit find theirs unlocked.
    async fn an_open_one(&self) -> Option<OwnedMutexGuard<Option<Connection>>> {
        if matches!(*self.options, ConnectOptions::Postgres(_)) {
            return None;
        }
        let until = Instant::now() + self.max_wait;
        for connection in self.connections.iter() {
            let locked = timeout_at(until, Arc::clone(connection).lock_owned()).await;
            if let Ok(mut connection) = locked
                && is_usable(&mut connection).await
            {
                return Some(connection);
            }
        }
        None
    }

    /// Waits until no connection is in use, and closes them.
    pub(crate) async fn close(&self) {
        self.permits.close();
        for connection in self.connections.iter() {
            if let Some(connection) = connection.lock().await.take() {
                let _ = connection.close().await;
            }
        }
    }
}

async fn is_usable(connection: &mut Option<Connection>) -> bool {
    match connection {
        Some(connection) => connection.is_usable().await,
        None => false,
    }
}

fn unavailable(reason: &str) -> StoreError {
    StoreError::Unavailable(reason.to_owned())
}

/// A connection that is free again when this is dropped.
pub(crate) struct PooledConnection {
    // In this order: the connection is unlocked before the next caller may look for it.
    connection: OwnedMappedMutexGuard<Option<Connection>, Connection>,
    _permit: OwnedSemaphorePermit,
}

impl Deref for PooledConnection {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        &self.connection
    }
}

impl DerefMut for PooledConnection {
    fn deref_mut(&mut self) -> &mut Connection {
        &mut self.connection
    }
}
