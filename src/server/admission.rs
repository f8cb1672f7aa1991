//! Limits the number of open connections: in total, so that file descriptors remain for the
//! database, and per address, so that one client can't exhaust the total. A trusted proxy counts
//! only in the total.
//!
//! Must not depend on HTTP. Called by [`super::run`] before it serves a socket.

use super::log_throttle::LogThrottle;
use belfry_app::rate_limit::ClientPrefix;
use belfry_domain::is_global;
use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

/// Default maximum of connections, if the system allows as many.
const MAX_CONNECTIONS: usize = 20_000;
/// Default maximum from one global address.
const MAX_PER_GLOBAL_ADDRESS: usize = 1_000;
/// Maximum bytes of large responses that one address may leave unsent.
const MAX_UNSENT_BYTES: usize = 64 * 1024 * 1024;
/// File descriptors for everything else: database, log, outbound requests.
const RESERVED_FILES: usize = 128;

/// Configured limits; the defaults depend on the system's limit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ConnectionLimits {
    /// Maximum connections.
    pub total: Option<usize>,
    /// Maximum connections from one address (IPv4) or network (a /64 of IPv6).
    pub per_address: Option<usize>,
}

/// Raises the limit of open files as far as possible, and returns the maximum number of
/// connections.
pub(super) fn max_connections(limits: ConnectionLimits) -> usize {
    let files = rlimit::increase_nofile_limit(u64::MAX).or_else(|error| {
        tracing::warn!(%error, "the limit of open files could not be raised");
        rlimit::Resource::NOFILE.get_soft()
    });
    let files = files.map_or(MAX_CONNECTIONS, |files| usize::try_from(files).unwrap_or(usize::MAX));
    let (wanted, possible) =
        (limits.total.unwrap_or(MAX_CONNECTIONS), connections_for_files(files));
    if wanted > possible {
        tracing::warn!(
            possible,
            open_files = files,
            "the limit of open files allows fewer connections than {wanted}: raise it, for example with `ulimit -n`"
        );
    }
    wanted.min(possible).max(1)
}

/// The number of connections for a limit of open files.
fn connections_for_files(files: usize) -> usize {
    files.saturating_sub(RESERVED_FILES).max(files / 2)
}

/// Counts open connections.
pub(super) struct Admission {
    total: usize,
    per_address: Option<usize>,
    open_connections: AtomicUsize,
    usage: Mutex<HashMap<ClientPrefix, Arc<AddressUsage>>>,
    full_log: LogThrottle,
    address_limit_log: LogThrottle,
}

/// Usage of one address.
#[derive(Debug, Default)]
struct AddressUsage {
    connections: AtomicUsize,
    unsent_bytes: AtomicUsize,
}

/// The connection exceeds a limit.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct AtCapacity;

/// The right to hold one connection; released when dropped.
pub(super) struct Permit {
    admission: Arc<Admission>,
    /// `None` for a trusted proxy.
    usage: Option<(ClientPrefix, Arc<AddressUsage>)>,
}

impl Admission {
    pub(super) fn new(total: usize, per_address: Option<usize>) -> Arc<Self> {
        let (full_log, address_limit_log) = (LogThrottle::default(), LogThrottle::default());
        Arc::new(Self {
            total,
            per_address,
            open_connections: AtomicUsize::new(0),
            usage: Mutex::default(),
            full_log,
            address_limit_log,
        })
    }

    /// Admits a connection, or logs (throttled) why it is rejected.
    pub(super) fn admit(
        self: &Arc<Self>,
        peer: IpAddr,
        trusted: bool,
    ) -> Result<Permit, AtCapacity> {
        // Only the accepting task increments it.
        if self.open_connections.load(Ordering::Acquire) >= self.total {
            self.full_log.log(|times| {
                tracing::warn!(
                    times,
                    limit = self.total,
                    "too many connections: new ones are rejected"
                );
            });
            return Err(AtCapacity);
        }
        let usage = if trusted { None } else { Some(self.usage_of(peer)?) };
        self.open_connections.fetch_add(1, Ordering::AcqRel);
        Ok(Permit { admission: Arc::clone(self), usage })
    }

    fn usage_of(&self, peer: IpAddr) -> Result<(ClientPrefix, Arc<AddressUsage>), AtCapacity> {
        let limit = self.limit_of(peer);
        let subscriber = ClientPrefix::of(Some(peer));
        let mut shares = self.usage.lock().unwrap_or_else(PoisonError::into_inner);
        let share = shares.entry(subscriber).or_default();
        if share.connections.load(Ordering::Acquire) >= limit {
            self.address_limit_log.log(|times| {
                tracing::warn!(times, %peer, limit, "too many connections from one address: new ones are rejected; if it is a proxy, set --trusted-proxy");
            });
            return Err(AtCapacity);
        }
        share.connections.fetch_add(1, Ordering::AcqRel);
        Ok((subscriber, Arc::clone(share)))
    }

    /// Local and private addresses are more likely an unconfigured proxy or a test than a stranger:
    /// three quarters of the total.
    fn limit_of(&self, peer: IpAddr) -> usize {
        let default =
            if is_global(peer.to_canonical()) { MAX_PER_GLOBAL_ADDRESS } else { usize::MAX };
        self.per_address.unwrap_or(default.min(self.total - self.total / 4)).max(1)
    }
}

impl Permit {
    /// Reserves bytes for one more unsent response; counted until [`Self::release`].
    pub(super) fn reserve(&self, bytes: usize) -> bool {
        let Some((_, share)) = &self.usage else { return true };
        let fits = share.unsent_bytes.fetch_add(bytes, Ordering::AcqRel).saturating_add(bytes)
            <= MAX_UNSENT_BYTES;
        if !fits {
            share.unsent_bytes.fetch_sub(bytes, Ordering::AcqRel);
        }
        fits
    }

    /// Releases the bytes of a response.
    pub(super) fn release(&self, bytes: usize) {
        if let Some((_, share)) = &self.usage {
            share.unsent_bytes.fetch_sub(bytes, Ordering::AcqRel);
        }
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.admission.open_connections.fetch_sub(1, Ordering::AcqRel);
        if let Some((subscriber, share)) = &self.usage {
            let mut shares = self.admission.usage.lock().unwrap_or_else(PoisonError::into_inner);
            if share.connections.fetch_sub(1, Ordering::AcqRel) == 1 {
                shares.remove(subscriber);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn admits(admission: &Arc<Admission>, peer: &str) -> Option<Permit> {
        admission.admit(peer.parse().unwrap(), false).ok()
    }

    #[test]
    fn one_address_is_limited_to_its_share() {
        let admission = Admission::new(10, Some(2));
        let mut permits = vec![
            admits(&admission, "192.0.2.1").unwrap(),
            admits(&admission, "::ffff:192.0.2.1").unwrap(),
        ];
        assert!(admits(&admission, "192.0.2.1").is_none());
        permits.push(admits(&admission, "192.0.2.2").unwrap());
        permits.push(admits(&admission, "2001:db8::1").unwrap());
        permits.push(admits(&admission, "2001:db8::ffff:1").unwrap());
        assert!(admits(&admission, "2001:db8::2").is_none(), "a /64 is one address");
        permits.push(admits(&admission, "2001:db8:0:1::1").unwrap());
        permits.remove(0);
        permits.push(admits(&admission, "192.0.2.1").unwrap());
        permits.clear();
        assert_eq!(
            (
                admission.open_connections.load(Ordering::Acquire),
                admission.usage.lock().unwrap().len()
            ),
            (0, 0),
            "nothing is left behind"
        );
    }

    #[test]
    fn trusted_proxy_counts_only_in_the_total() {
        let admission = Admission::new(4, Some(1));
        let proxy = || admission.admit("10.0.0.1".parse().unwrap(), true);
        let permits: Vec<_> = (0..4).map(|_| proxy().ok().unwrap()).collect();
        assert!(proxy().is_err() && admits(&admission, "192.0.2.1").is_none());
        drop(permits);
        assert!(admits(&admission, "192.0.2.1").is_some());
    }

    #[test]
    fn default_share_depends_on_address_kind() {
        let admission = Admission::new(20_000, None);
        assert_eq!(admission.limit_of("8.8.8.8".parse().unwrap()), 1_000);
        assert_eq!(admission.limit_of("127.0.0.1".parse().unwrap()), 15_000);
        assert_eq!(Admission::new(400, None).limit_of("8.8.8.8".parse().unwrap()), 300);
        assert_eq!(Admission::new(1, None).limit_of("::1".parse().unwrap()), 1);
    }

    #[test]
    fn unsent_bytes_of_one_address_are_bounded() {
        let admission = Admission::new(10, None);
        let (one, two, other) = (
            admits(&admission, "8.8.8.8").unwrap(),
            admits(&admission, "8.8.8.8").unwrap(),
            admits(&admission, "8.8.4.4").unwrap(),
        );
        assert!(one.reserve(MAX_UNSENT_BYTES) && !two.reserve(1) && other.reserve(1));
        one.release(MAX_UNSENT_BYTES);
        assert!(two.reserve(1));
        let proxy =
            admission.admit("8.8.8.8".parse().unwrap(), true).unwrap_or_else(|_| unreachable!());
        assert!(proxy.reserve(MAX_UNSENT_BYTES) && proxy.reserve(MAX_UNSENT_BYTES));
    }

    #[test]
    fn file_descriptors_are_reserved() {
        assert_eq!(
            (connections_for_files(1_024), connections_for_files(100), connections_for_files(0)),
            (896, 50, 0)
        );
    }
}
