//! Files that are attached to messages: what they are, by their content, and a smaller picture of each picture.
//!
//! What a client says of a file is not believed. A file is shown as what its content is, or only ever downloaded. Both client APIs use it.

mod file_name;
mod kind;
mod picture;

use crate::{
    blocking::BlockingPool,
    domain::{
        Invalid, SiteId,
        channel::{ChannelToken, FileType, MAX_ATTACHMENTS, NewAttachment},
    },
    inbox::{Inbox, InboxError},
};
use bytes::Bytes;
use kind::Kind;

pub use kind::is_shown_inline;

/// Bytes of all attachments of one message, where nothing else is set.
pub const DEFAULT_ATTACHMENT_BYTES: usize = crate::domain::channel::MAX_ATTACHMENT_BYTES;
/// The most that can be set.
pub const MAX_ATTACHMENT_BYTES_SETTING: usize = 64 * 1_024 * 1_024;

/// Decoding a picture takes up to 100 MB for a moment, so there is one at a time.
static PICTURES: BlockingPool = BlockingPool::new(1);

/// A file as a client sent it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileUpload {
    /// What the client calls it.
    pub filename: String,
    /// What the client says that it is. It decides nothing but whether a container of sound and film is the one or the other.
    pub claimed_type: String,
    /// The bytes.
    pub bytes: Bytes,
}

impl Inbox {
    /// The same use cases with another limit for the attachments of one message, in bytes.
    #[must_use]
    pub fn with_attachment_bytes(self, bytes: usize) -> Self {
        Self { attachment_bytes: bytes.min(MAX_ATTACHMENT_BYTES_SETTING), ..self }
    }

    /// Bytes of all attachments of one message.
    pub fn attachment_bytes(&self) -> usize {
        self.attachment_bytes
    }

    /// Makes attachments of what a client sent.
    pub async fn prepare_attachments(&self, site: SiteId, uploads: Vec<FileUpload>) -> Result<Vec<NewAttachment>, InboxError> {
        if uploads.len() > MAX_ATTACHMENTS {
            return Err(Invalid::new("attachments", format!("exceeded maximum allowed: {MAX_ATTACHMENTS}")).into());
        }
        if uploads.iter().map(|upload| upload.bytes.len()).sum::<usize>() > self.attachment_bytes {
            return Err(Invalid::new("attachments", format!("must have at most {} bytes together", self.attachment_bytes)).into());
        }
        let mut prepared = Vec::with_capacity(uploads.len());
        let mut pixels = picture::MAX_PIXELS_OF_MESSAGE;
        for upload in uploads {
            prepared.push(self.prepare(site, upload, &mut pixels).await?);
        }
        Ok(prepared)
    }

    async fn prepare(&self, site: SiteId, upload: FileUpload, pixels: &mut u64) -> Result<NewAttachment, InboxError> {
        let FileUpload { filename, claimed_type, bytes } = upload;
        let (mut kind, mut dimensions, mut thumbnail) = (kind::of(&bytes, &claimed_type), None, None);
        if let Kind::Picture(format) = kind {
            let shrunk = match picture::size(&bytes) {
                Some(size) if size.pixels() <= *pixels => {
                    *pixels -= size.pixels();
                    let bytes = bytes.clone();
                    PICTURES.run_for(site, move || picture::shrink(&bytes, format)).await?
                }
                _ => None,
            };
            match shrunk {
                Some(shrunk) => (dimensions, thumbnail) = (Some(shrunk.dimensions), Some(shrunk.thumbnail)),
                // What can't be drawn here is not shown elsewhere either.
                None => kind = Kind::Unknown,
            }
        }
        let (filename, extension) = file_name::clean(&filename, kind.extensions());
        Ok(NewAttachment {
            file_type: kind.file_type(),
            key: ChannelToken::generate(self.entropy()),
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
