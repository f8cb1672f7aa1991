//! The budget for bytes of uploaded files that all requests of the client APIs hold in memory, from
//! the first byte read until the message is stored. Bytes are counted as they arrive, so a client
//! that announces many and sends few takes little from others.
//!
//! Must not depend on forms, nor on the contents of files.

use bytes::Bytes;
use tokio::sync::{Semaphore, SemaphorePermit};

/// Bytes of files that may be in memory at once: 96 MiB.
pub(crate) static UPLOAD_MEMORY: UploadMemory = UploadMemory::new(96 * 1_024 * 1_024);

/// A budget of bytes.
#[derive(Debug)]
pub(crate) struct UploadMemory(Semaphore);

/// Bytes that are counted until this is dropped.
#[derive(Debug)]
pub(crate) struct MemoryReservation {
    memory: &'static UploadMemory,
    permit: SemaphorePermit<'static>,
}

struct ReservedBytes {
    bytes: Bytes,
    _permit: SemaphorePermit<'static>,
}

impl AsRef<[u8]> for ReservedBytes {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl UploadMemory {
    pub(crate) const fn new(bytes: usize) -> Self {
        Self(Semaphore::const_new(bytes))
    }

    fn acquire(&'static self, bytes: usize) -> Option<SemaphorePermit<'static>> {
        self.0.try_acquire_many(u32::try_from(bytes).ok()?).ok()
    }

    /// Reserves zero bytes.
    pub(crate) fn reserve(&'static self) -> Option<MemoryReservation> {
        Some(MemoryReservation { memory: self, permit: self.acquire(0)? })
    }
}

impl MemoryReservation {
    /// Counts more bytes; `false` if the budget is exhausted.
    #[must_use]
    pub(crate) fn add(&mut self, bytes: usize) -> bool {
        let more = self.memory.acquire(bytes);
        more.map(|more| self.permit.merge(more)).is_some()
    }

    /// Returns the bytes, counted until the last part of them is dropped.
    pub(crate) fn attach(self, bytes: Bytes) -> Bytes {
        Bytes::from_owner(ReservedBytes { bytes, _permit: self.permit })
    }
}
