//! Pending uploads where several processes share a database: any process receives the file that a
//! socket of another one announced. The announcement and the file are in the database for a minute;
//! the memory of the socket's process counts the uploads of its client.
//!
//! Called by the topics and by the route of uploads, with one process or several.

use super::uploads::{UPLOAD_TTL, UploadError, UploadedFile, Uploads, read};
use axum::body::Body;
use belfry_app::{App, AppError, rate_limit::ClientPrefix};
use belfry_domain::{Digest, SiteId, channel::ChannelToken};
use belfry_store::SharedValueKind::{AnnouncedUpload, UploadedFile as File};
use bytes::Bytes;

impl Uploads {
    /// Registers an upload for any process, and returns its key; `None` if the client has too many.
    pub(super) async fn announce(
        &self,
        app: &App,
        site: SiteId,
        client: ClientPrefix,
        claimed_type: &str,
    ) -> Result<Option<ChannelToken>, AppError> {
        let Some(key) = self.register(site, client, claimed_type, app.rng()) else {
            return Ok(None);
        };
        if app.shares_database() {
            // The length of the type, which is before the file later, fits into a byte.
            let claimed_type = claimed_type.get(..claimed_type.len().min(255)).unwrap_or_default();
            let (digest, bytes) = (key.digest(), claimed_type.as_bytes().to_vec());
            let expires_at = app.now().plus(UPLOAD_TTL);
            app.put_shared(site, AnnouncedUpload, digest, bytes, expires_at).await?;
        }
        Ok(Some(key))
    }

    /// Receives a file of up to `max_bytes` that any process announced.
    pub(super) async fn receive_announced(
        &self,
        app: &App,
        site: SiteId,
        key: &str,
        body: Body,
        max_bytes: usize,
    ) -> Result<(), UploadError> {
        if !app.shares_database() {
            return self.receive(site, key, body, max_bytes).await;
        }
        let digest = Digest::of(key);
        let announced = app.shared(site, AnnouncedUpload, digest, None).await.map_err(failed)?;
        if announced.is_none() {
            return Err(UploadError::Unknown);
        }
        let file = read(body, max_bytes).await?;
        // Of several uploads to one address, one is stored.
        let announced = app.take_shared(site, AnnouncedUpload, digest).await.map_err(failed)?;
        let claimed_type = announced.ok_or(UploadError::Unknown)?;
        let mut bytes = Vec::with_capacity(1 + claimed_type.len() + file.len());
        bytes.push(u8::try_from(claimed_type.len()).unwrap_or_default());
        bytes.extend_from_slice(&claimed_type);
        bytes.extend_from_slice(&file);
        let expires_at = app.now().plus(UPLOAD_TTL);
        app.put_shared(site, File, digest, bytes, expires_at).await.map_err(failed)
    }

    /// Takes a file that any process has received; possible once.
    pub(super) async fn take_received(
        &self,
        app: &App,
        site: SiteId,
        key: &str,
    ) -> Result<Option<UploadedFile>, AppError> {
        if !app.shares_database() {
            return Ok(self.take(site, key));
        }
        let stored = app.take_shared(site, File, Digest::of(key)).await?;
        if stored.is_some() {
            self.forget(key);
        }
        Ok(stored.and_then(parse))
    }
}

/// A file after its type and the length of that.
fn parse(stored: Vec<u8>) -> Option<UploadedFile> {
    let mut file = Bytes::from(stored);
    let length = usize::from(*file.first()?);
    let claimed_type = file.get(1..=length)?.to_vec();
    let file = file.split_off(1 + length);
    Some(UploadedFile { claimed_type: String::from_utf8(claimed_type).ok()?, bytes: file })
}

fn failed(error: AppError) -> UploadError {
    tracing::error!(?error, "an upload could not be stored");
    UploadError::Failed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_is_parsed_after_its_type() {
        let file = parse(b"\x09image/pngpicture".to_vec()).unwrap();
        assert_eq!((file.claimed_type.as_str(), &*file.bytes), ("image/png", &b"picture"[..]));
        let file = parse(vec![0]).unwrap();
        assert_eq!((file.claimed_type.as_str(), &*file.bytes), ("", &b""[..]));
        assert!(parse(vec![3, b'a']).is_none() && parse(Vec::new()).is_none());
    }
}
