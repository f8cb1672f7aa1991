//! Attachments of messages: media type by content, and thumbnails of pictures.
//!
//! The media type that a client claims is not trusted. A file is displayed as what its content is,
//! or only downloaded. Used by both client APIs.

mod file_name;
mod kind;
mod picture;

use crate::{App, AppError};
use belfry_domain::{
    SiteId, ValidationError,
    channel::{AttachmentFile, ChannelToken, FileType, MAX_ATTACHMENTS, NewAttachment},
};
use belfry_locales::phrases::errors;
use belfry_runtime::blocking::BlockingPool;
use bytes::Bytes;
use kind::Kind;

pub use kind::is_shown_inline;

/// Default limit for the total bytes of one message's attachments.
pub const DEFAULT_ATTACHMENT_BYTES: usize = 5 * 1_024 * 1_024;
/// Upper bound of the configurable limit.
pub const MAX_CONFIGURABLE_ATTACHMENT_BYTES: usize = belfry_domain::channel::MAX_ATTACHMENT_BYTES;

/// One at a time: decoding a picture takes up to 100 MB.
static PICTURE_DECODING: BlockingPool = BlockingPool::new(1);

/// A file as a client uploaded it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileUpload {
    /// File name given by the client.
    pub filename: String,
    /// Media type claimed by the client. It only decides between audio and video for containers
    /// that can hold either.
    pub claimed_type: String,
    /// The content.
    pub bytes: Bytes,
}

impl App {
    /// Sets the limit for the total bytes of one message's attachments.
    #[must_use]
    pub fn with_max_attachment_bytes(self, bytes: usize) -> Self {
        Self { max_attachment_bytes: bytes.min(MAX_CONFIGURABLE_ATTACHMENT_BYTES), ..self }
    }

    /// Limit for the total bytes of one message's attachments.
    pub fn max_attachment_bytes(&self) -> usize {
        self.max_attachment_bytes
    }

    /// Turns uploads into attachments.
    pub async fn prepare_attachments(
        &self,
        site: SiteId,
        uploads: Vec<FileUpload>,
    ) -> Result<Vec<NewAttachment>, AppError> {
        if uploads.len() > MAX_ATTACHMENTS {
            return Err(ValidationError::new(
                "attachments",
                errors::attachment_count(MAX_ATTACHMENTS),
            )
            .into());
        }
        if uploads.iter().map(|upload| upload.bytes.len()).sum::<usize>()
            > self.max_attachment_bytes
        {
            return Err(ValidationError::new(
                "attachments",
                errors::attachment_bytes(self.max_attachment_bytes),
            )
            .into());
        }
        let mut prepared = Vec::with_capacity(uploads.len());
        let mut pixels = picture::MAX_PIXELS_OF_MESSAGE;
        for upload in uploads {
            prepared.push(self.prepare(site, upload, &mut pixels).await?);
        }
        Ok(prepared)
    }

    async fn prepare(
        &self,
        site: SiteId,
        upload: FileUpload,
        pixels: &mut u64,
    ) -> Result<NewAttachment, AppError> {
        let FileUpload { filename, claimed_type, bytes } = upload;
        let (mut kind, mut dimensions, mut thumbnail) =
            (kind::of(&bytes, &claimed_type), None, None);
        if let Kind::Picture(format) = kind {
            let shrunk = match picture::size(&bytes) {
                Some(read) if read.pixels() <= *pixels => {
                    *pixels -= read.pixels();
                    let bytes = bytes.clone();
                    PICTURE_DECODING
                        .run_for(site, move || picture::make_thumbnail(&bytes, format))
                        .await?
                }
                _ => None,
            };
            match shrunk {
                Some(shrunk) => {
                    (dimensions, thumbnail) = (Some(shrunk.dimensions), Some(shrunk.thumbnail));
                }
                // A picture that cannot be decoded here is not displayed elsewhere either.
                None => kind = Kind::Unknown,
            }
        }
        let (filename, extension) = file_name::clean(&filename, kind.extensions());
        Ok(NewAttachment {
            file_type: kind.file_type(),
            key: ChannelToken::generate(self.rng()),
            filename,
            content_type: kind.media_type().to_owned(),
            extension,
            dimensions,
            bytes,
            thumbnail,
            coordinates: None,
            fallback_title: None,
        })
    }

    /// The file with this key, or its thumbnail.
    pub async fn attachment_file(
        &self,
        key: &str,
        thumbnail: bool,
    ) -> Result<AttachmentFile, AppError> {
        self.store.attachment_file(key, thumbnail).await?.ok_or(AppError::NotFound)
    }
}

impl Kind {
    fn file_type(self) -> FileType {
        match self {
            Self::Picture(_) => FileType::Image,
            Self::Audio(_) => FileType::Audio,
            Self::Video(_) => FileType::Video,
            Self::Document(_) | Self::Unknown => FileType::File,
        }
    }
}
