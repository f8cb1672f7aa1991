//! Files of messages: stored once for each site, and fetched by a key that can't be guessed.

use super::{AttachmentId, ChannelToken, words::words};
use crate::domain::SiteId;
use bytes::Bytes;
use serde::{Deserialize, Serialize};

/// Attachments of one message.
pub const MAX_ATTACHMENTS: usize = 15;
/// Bytes of all attachments of one message.
pub const MAX_ATTACHMENT_BYTES: usize = 5 * 1_024 * 1_024;

words!(
    /// What kind of attachment it is.
    FileType, "file_type" {
        /// A picture.
        Image = "image",
        /// A sound.
        Audio = "audio",
        /// A film.
        Video = "video",
        /// Any other file.
        File = "file",
        /// A place.
        Location = "location",
        /// Something that clients can't show.
        Fallback = "fallback",
        /// Something shared.
        Share = "share",
        /// A story.
        StoryMention = "story_mention",
        /// A contact.
        Contact = "contact",
        /// A reel.
        IgReel = "ig_reel",
        /// A post.
        IgPost = "ig_post",
        /// A story.
        IgStory = "ig_story",
        /// A page.
        Embed = "embed",
    }
);

/// Where a place is.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Coordinates {
    /// Degrees north.
    pub latitude: f64,
    /// Degrees east.
    pub longitude: f64,
}

/// An attachment without its bytes. Its address is made of the key.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Attachment {
    /// Its number within the site.
    pub id: AttachmentId,
    /// What kind it is.
    pub file_type: FileType,
    /// What its address is made of; whoever has it may fetch the bytes.
    pub key: String,
    /// Name of the file.
    pub filename: String,
    /// Media type, as Belfry found it.
    pub content_type: String,
    /// Extension of the file's name, without the dot.
    pub extension: Option<String>,
    /// How large it is, in bytes.
    pub size: u64,
    /// Width of a picture, in pixels.
    pub width: Option<u32>,
    /// Height of a picture, in pixels.
    pub height: Option<u32>,
    /// Whether there is a smaller picture of it.
    pub has_thumbnail: bool,
    /// Where a place is.
    pub coordinates: Option<Coordinates>,
    /// What is shown in its place.
    pub fallback_title: Option<String>,
}

/// A smaller picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Thumbnail {
    /// Media type.
    pub content_type: String,
    /// The bytes.
    pub bytes: Bytes,
}

/// An attachment on its way into the store.
#[derive(Debug, Clone, PartialEq)]
pub struct NewAttachment {
    /// What kind it is.
    pub file_type: FileType,
    /// What its address will be made of.
    pub key: ChannelToken,
    /// Name of the file.
    pub filename: String,
    /// Media type, as Belfry found it.
    pub content_type: String,
    /// Extension of the file's name, without the dot.
    pub extension: Option<String>,
    /// Width and height of a picture, in pixels.
    pub dimensions: Option<(u32, u32)>,
    /// The bytes; empty for what has none, such as a place.
    pub bytes: Bytes,
    /// A smaller picture of it.
    pub thumbnail: Option<Thumbnail>,
    /// Where a place is.
    pub coordinates: Option<Coordinates>,
    /// What is shown in its place.
    pub fallback_title: Option<String>,
}

/// The bytes of an attachment, or of its thumbnail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttachmentFile {
    /// Its site.
    pub site: SiteId,
    /// Media type.
    pub content_type: String,
    /// Name of the file.
    pub filename: String,
    /// Hexadecimal SHA-256 of the bytes: an entity tag.
    pub digest: String,
    /// The bytes.
    pub bytes: Bytes,
}
