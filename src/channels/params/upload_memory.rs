//! How many bytes of files are in memory at once, of all requests of the client APIs together: from the first that is read until the message that has them is stored.
//! Bytes are counted as they arrive, so that whoever announces many and sends few takes little from others.
//!
//! Must not know of forms, nor of what the bytes are.

use bytes::Bytes;
use tokio::sync::{Semaphore, SemaphorePermit};

/// Bytes of files that may be in memory at once.
pub(in crate::channels) static UPLOADS: UploadMemory = UploadMemory::new(96 * 1_024 * 1_024);

/// A bound of bytes.
#[derive(Debug)]
pub(in crate::channels) struct UploadMemory(Semaphore);

/// Bytes that are counted until this is dropped.
#[derive(Debug)]
pub(in crate::channels) struct Reservation {
    memory: &'static UploadMemory,
    permit: SemaphorePermit<'static>,
}

struct Reserved {
    bytes: Bytes,
    _permit: SemaphorePermit<'static>,
}

impl AsRef<[u8]> for Reserved {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl UploadMemory {
    pub(in crate::channels) const fn new(bytes: usize) -> Self {
        Self(Semaphore::const_new(bytes))
    }

    fn take(&'static self, bytes: usize) -> Option<SemaphorePermit<'static>> {
        self.0.try_acquire_many(u32::try_from(bytes).ok()?).ok()
    }

    /// A reservation of no bytes yet.
    pub(in crate::channels) fn reserve(&'static self) -> Option<Reservation> {
        Some(Reservation { memory: self, permit: self.take(0)? })
    }
}

impl Reservation {
    /// Counts more bytes; `false` where there is no room for them.
    #[must_use]
    pub(in crate::channels) fn add(&mut self, bytes: usize) -> bool {
        let more = self.memory.take(bytes);
        more.map(|more| self.permit.merge(more)).is_some()
    }

    /// The bytes, which are counted until the last part of them is dropped.
    pub(in crate::channels) fn keep(self, bytes: Bytes) -> Bytes {
        Bytes::from_owner(Reserved { bytes, _permit: self.permit })
    }
}
