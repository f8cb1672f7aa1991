//! Pending uploads: a client requests an upload URL on its socket, uploads the file over HTTP, and
//! attaches it on its socket.
//!
//! Files are held in memory for up to a minute, within a budget of their own, so that they don't
//! compete with files of other requests. The key of an upload becomes the attachment's key, so its
//! public URL is known before the file arrives. Must not depend on conversations.

use crate::params::UploadMemory;
use axum::body::Body;
use belfry_app::rate_limit::ClientPrefix;
use belfry_domain::{Rng, SiteId, channel::ChannelToken};
use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt as _;
use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};
use tokio::time::Instant;

/// How long an upload may stay pending.
pub(super) const UPLOAD_TTL: Duration = Duration::from_mins(1);
/// Pending uploads of one client.
const MAX_UPLOADS_PER_CLIENT: usize = 8;
/// Pending uploads of all clients.
const MAX_PENDING_UPLOADS: usize = 10_000;
/// Maximum length of a claimed media type.
const MAX_TYPE_BYTES: usize = 255;

static MEMORY: UploadMemory = UploadMemory::new(48 * 1_024 * 1_024);

/// Pending uploads, by key.
#[derive(Debug, Default)]
pub(super) struct Uploads(Mutex<HashMap<String, PendingUpload>>);

#[derive(Debug)]
struct PendingUpload {
    site: SiteId,
    client: ClientPrefix,
    claimed_type: String,
    expires_at: Instant,
    bytes: Option<Bytes>,
}

/// An uploaded file.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct UploadedFile {
    pub claimed_type: String,
    pub bytes: Bytes,
}

/// Why a file was rejected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum UploadError {
    /// No upload with this key is pending.
    Unknown,
    TooLarge,
    /// The memory budget is exhausted.
    Busy,
    /// The body ended early.
    Malformed,
    /// The database failed.
    Failed,
}

impl Uploads {
    /// Registers an upload and returns its key; `None` if the client has too many.
    pub(super) fn register(
        &self,
        site: SiteId,
        client: ClientPrefix,
        claimed_type: &str,
        rng: &dyn Rng,
    ) -> Option<ChannelToken> {
        let now = Instant::now();
        let mut uploads = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        uploads.retain(|_, upload| upload.expires_at > now);
        let of_client = uploads.values().filter(|upload| upload.client == client).count();
        if of_client >= MAX_UPLOADS_PER_CLIENT || uploads.len() >= MAX_PENDING_UPLOADS {
            return None;
        }
        let key = ChannelToken::generate(rng);
        let claimed_type = if claimed_type.len() <= MAX_TYPE_BYTES {
            claimed_type.to_owned()
        } else {
            String::new()
        };
        uploads.insert(
            key.reveal().to_owned(),
            PendingUpload { site, client, claimed_type, expires_at: now + UPLOAD_TTL, bytes: None },
        );
        Some(key)
    }

    /// Receives a file of up to `max_bytes`.
    pub(super) async fn receive(
        &self,
        site: SiteId,
        key: &str,
        body: Body,
        max_bytes: usize,
    ) -> Result<(), UploadError> {
        if !self.is_pending(site, key) {
            return Err(UploadError::Unknown);
        }
        let bytes = read(body, max_bytes).await?;
        let mut uploads = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let upload = uploads
            .get_mut(key)
            .filter(|upload| upload.site == site && upload.bytes.is_none())
            .ok_or(UploadError::Unknown)?;
        upload.bytes = Some(bytes);
        Ok(())
    }

    /// Forgets an upload that another process has received.
    pub(super) fn forget(&self, key: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(key);
    }

    fn is_pending(&self, site: SiteId, key: &str) -> bool {
        let uploads = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        uploads.get(key).is_some_and(|upload| {
            upload.site == site && upload.bytes.is_none() && upload.expires_at > Instant::now()
        })
    }

    /// Takes an uploaded file; possible once.
    pub(super) fn take(&self, site: SiteId, key: &str) -> Option<UploadedFile> {
        let mut uploads = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        uploads.get(key).filter(|upload| {
            upload.site == site && upload.bytes.is_some() && upload.expires_at > Instant::now()
        })?;
        let PendingUpload { claimed_type, bytes, .. } = uploads.remove(key)?;
        Some(UploadedFile { claimed_type, bytes: bytes? })
    }
}

/// Reads a file of up to `max_bytes`, which counts against the budget as long as it is in memory.
pub(super) async fn read(mut body: Body, max_bytes: usize) -> Result<Bytes, UploadError> {
    let mut reservation = MEMORY.reserve().ok_or(UploadError::Busy)?;
    let mut bytes = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(|_| UploadError::Malformed)?.into_data() else { continue };
        if bytes.len() + data.len() > max_bytes {
            return Err(UploadError::TooLarge);
        }
        if !reservation.add(data.len()) {
            return Err(UploadError::Busy);
        }
        bytes.extend_from_slice(&data);
    }
    Ok(reservation.attach(bytes.freeze()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use belfry_domain::SystemRng;

    fn site() -> SiteId {
        SiteId::from_bytes([1; 16])
    }

    fn client(address: &str) -> ClientPrefix {
        ClientPrefix::of(Some(address.parse().unwrap()))
    }

    fn open(uploads: &Uploads, of: &str) -> Option<String> {
        uploads
            .register(site(), client(of), "image/png", &SystemRng)
            .map(|key| key.reveal().to_owned())
    }

    #[tokio::test]
    async fn upload_is_received_once_and_taken_once() {
        let (uploads, other) = (Uploads::default(), SiteId::from_bytes([2; 16]));
        let key = open(&uploads, "8.8.8.8").unwrap();
        assert_eq!(uploads.take(site(), &key), None, "not uploaded yet");
        assert_eq!(
            uploads.receive(other, &key, Body::from("x"), 10).await,
            Err(UploadError::Unknown)
        );
        assert_eq!(
            uploads.receive(site(), "other", Body::from("x"), 10).await,
            Err(UploadError::Unknown)
        );
        assert_eq!(
            uploads.receive(site(), &key, Body::from("x".repeat(11)), 10).await,
            Err(UploadError::TooLarge)
        );
        assert_eq!(uploads.receive(site(), &key, Body::from("picture"), 10).await, Ok(()));
        assert_eq!(
            uploads.receive(site(), &key, Body::from("another"), 10).await,
            Err(UploadError::Unknown)
        );
        assert_eq!(uploads.take(other, &key), None);
        assert_eq!(
            uploads.take(site(), &key),
            Some(UploadedFile {
                claimed_type: "image/png".into(),
                bytes: Bytes::from_static(b"picture")
            })
        );
        assert_eq!(uploads.take(site(), &key), None);
    }

    #[tokio::test]
    async fn untaken_upload_expires_after_a_minute() {
        let uploads = Uploads::default();
        let key = open(&uploads, "8.8.8.8").unwrap();
        uploads.receive(site(), &key, Body::from("picture"), 10).await.unwrap();
        for upload in uploads.0.lock().unwrap().values_mut() {
            assert_eq!(
                upload.expires_at.duration_since(Instant::now()).as_secs(),
                UPLOAD_TTL.as_secs() - 1
            );
            upload.expires_at = Instant::now();
        }
        assert_eq!(uploads.take(site(), &key), None);
        open(&uploads, "8.8.8.8").unwrap();
        assert_eq!(uploads.0.lock().unwrap().len(), 1);
    }

    #[test]
    fn pending_uploads_are_limited_per_client() {
        let uploads = Uploads::default();
        assert_eq!(
            std::iter::repeat_with(|| open(&uploads, "8.8.8.8")).take(100).flatten().count(),
            MAX_UPLOADS_PER_CLIENT
        );
        assert!(open(&uploads, "8.8.4.4").is_some());
    }
}
