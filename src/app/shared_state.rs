//! What processes on one database must know of each other for a short time: tickets, previews,
//! uploads, and how often something was guessed. Where one process has the database to itself, its
//! memory holds it, and nothing here asks the database.
//!
//! Must not depend on HTTP. Called by `preview` and by the HTTP surfaces.

use super::{App, AppError};
use belfry_domain::{Digest, FairCache, Secret, SecretKind, SiteId, Timestamp};
use belfry_store::{AttemptLimit, SharedValue, SharedValueKind};
use std::{sync::Arc, time::Duration};

/// How long an unused ticket is valid.
const TICKET_TTL: Duration = Duration::from_secs(30);
/// Maximum number of unused tickets of one process that has the database to itself.
const MAX_TICKETS: usize = 50_000;

/// Unused tickets, with the digest of their session.
#[derive(Clone)]
pub(super) struct StreamTickets(Arc<FairCache<Digest, (Digest, Timestamp)>>);

impl Default for StreamTickets {
    fn default() -> Self {
        Self(Arc::new(FairCache::new(MAX_TICKETS)))
    }
}

impl App {
    /// Whether other processes may serve the same database.
    pub fn shares_database(&self) -> bool {
        self.store.is_shared()
    }

    /// A single-use ticket for an event stream of this session. Any process redeems it.
    pub async fn issue_stream_ticket(
        &self,
        site: SiteId,
        session: Digest,
    ) -> Result<Secret, AppError> {
        let ticket = Secret::generate(SecretKind::StreamTicket, &*self.rng);
        let expires_at = self.now().plus(TICKET_TTL);
        if self.shares_database() {
            let (digest, bytes) = (ticket.digest(), session.0.to_vec());
            self.put_shared(site, SharedValueKind::StreamTicket, digest, bytes, expires_at).await?;
        } else {
            self.stream_tickets.0.insert(site, ticket.digest(), (session, expires_at), 1);
        }
        Ok(ticket)
    }

    /// The session of a ticket, which is spent. A ticket used at the wrong site is spent as well.
    pub async fn redeem_stream_ticket(
        &self,
        site: SiteId,
        ticket: &str,
    ) -> Result<Digest, AppError> {
        let ticket = Digest::of(ticket);
        if self.shares_database() {
            let session = self.take_shared(site, SharedValueKind::StreamTicket, ticket).await?;
            let session = session.and_then(|bytes| Some(Digest(bytes.try_into().ok()?)));
            return session.ok_or(AppError::Unauthenticated);
        }
        let Some((session, expires_at)) = self.stream_tickets.0.remove(site, &ticket) else {
            self.stream_tickets.0.remove_anywhere(&ticket);
            return Err(AppError::Unauthenticated);
        };
        if expires_at > self.now() { Ok(session) } else { Err(AppError::Unauthenticated) }
    }

    /// Stores a value for all processes.
    pub async fn put_shared(
        &self,
        site: SiteId,
        kind: SharedValueKind,
        digest: Digest,
        bytes: Vec<u8>,
        expires_at: Timestamp,
    ) -> Result<(), AppError> {
        Ok(self.store.put_shared(&SharedValue { site, kind, digest, bytes, expires_at }).await?)
    }

    /// The bytes of a value that has not expired; it then lives until `extend`.
    pub async fn shared(
        &self,
        site: SiteId,
        kind: SharedValueKind,
        digest: Digest,
        extend: Option<Timestamp>,
    ) -> Result<Option<Vec<u8>>, AppError> {
        Ok(self.store.shared(site, kind, &digest, self.now(), extend).await?)
    }

    /// Removes a value and returns its bytes; of several callers, one gets them.
    pub async fn take_shared(
        &self,
        site: SiteId,
        kind: SharedValueKind,
        digest: Digest,
    ) -> Result<Option<Vec<u8>>, AppError> {
        Ok(self.store.take_shared(site, kind, &digest, self.now()).await?)
    }

    /// Counts an attempt on this subject for all processes. The result is the time to wait if there
    /// were too many. Counts nothing where there is one process: it limits attempts in its memory.
    pub async fn count_attempt(
        &self,
        subject: &str,
        limit: AttemptLimit,
    ) -> Result<Option<Duration>, AppError> {
        if !self.shares_database() {
            return Ok(None);
        }
        Ok(self.store.count_attempt(&Digest::of(subject), limit, self.now()).await?)
    }
}
