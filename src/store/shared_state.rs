//! What the processes on one database tell each other through it: values that live for seconds or
//! minutes, and counted attempts.
//!
//! Where one process has the database to itself ([`SharedStateStore::is_shared`] is `false`), its
//! memory serves as well, and callers use that instead.

use super::Result;
use async_trait::async_trait;
use belfry_domain::{Digest, SiteId, Timestamp};
use std::time::Duration;

/// What a shared value is. Digests of each kind are separate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SharedValueKind {
    /// The ticket of an event stream.
    StreamTicket = 0,
    /// A preview of the console.
    Preview = 1,
    /// An upload of the Inbox SDK that was announced.
    AnnouncedUpload = 2,
    /// The file of such an upload.
    UploadedFile = 3,
}

impl SharedValueKind {
    /// Values of one site; beyond it those end that would expire first.
    pub const fn limit(self) -> u32 {
        match self {
            Self::StreamTicket => 10_000,
            Self::Preview => 500,
            Self::AnnouncedUpload => 1_000,
            Self::UploadedFile => 50,
        }
    }
}

/// A value that every process on the database finds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SharedValue {
    /// The site that it belongs to.
    pub site: SiteId,
    /// What it is.
    pub kind: SharedValueKind,
    /// The digest of the secret that finds it.
    pub digest: Digest,
    /// The bytes. They contain no plaintext secret.
    pub bytes: Vec<u8>,
    /// When it ends.
    pub expires_at: Timestamp,
}

/// How many attempts are admitted: `burst` at once, and one more after each `interval`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AttemptLimit {
    /// Attempts at once.
    pub burst: u32,
    /// The time until one more is admitted.
    pub interval: Duration,
}

/// Stores what processes share for a short time.
#[async_trait]
pub trait SharedStateStore: Send + Sync {
    /// Whether other processes may serve the same database.
    fn is_shared(&self) -> bool;

    /// Stores a value, or replaces the one with the same digest.
    async fn put_shared(&self, value: &SharedValue) -> Result<()>;
    /// The bytes of a value that has not expired. With `extend`, it lives until then.
    async fn shared(
        &self,
        site: SiteId,
        kind: SharedValueKind,
        digest: &Digest,
        now: Timestamp,
        extend: Option<Timestamp>,
    ) -> Result<Option<Vec<u8>>>;
    /// Removes a value and returns its bytes; of several callers, one gets them. A value of another
    /// site is removed as well, but not returned.
    async fn take_shared(
        &self,
        site: SiteId,
        kind: SharedValueKind,
        digest: &Digest,
        now: Timestamp,
    ) -> Result<Option<Vec<u8>>>;

    /// Counts an attempt on what the digest names. Beyond the limit it is not counted, and the
    /// result is the time until the next one is admitted.
    async fn count_attempt(
        &self,
        subject: &Digest,
        limit: AttemptLimit,
        now: Timestamp,
    ) -> Result<Option<Duration>>;
}
