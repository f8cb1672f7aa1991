//! Attachments of conversation messages. They are stored per site and fetched by an unguessable
//! key.

use super::{AttachmentId, ChannelToken, wire_enum::words};
use crate::SiteId;
use bytes::Bytes;
use serde::{Deserialize, Serialize};

/// Maximum number of attachments of a message.
pub const MAX_ATTACHMENTS: usize = 15;
/// Maximum total size of a message's attachments in bytes; configuration can't raise it.
pub const MAX_ATTACHMENT_BYTES: usize = 64 * 1_024 * 1_024;

words!(
    /// Kind of an attachment, as in the contract.
    FileType, "file_type" {
        /// An image.
        Image = "image",
        /// An audio file.
        Audio = "audio",
        /// A video.
        Video = "video",
        /// Any other file.
        File = "file",
        /// A geographic location.
        Location = "location",
        /// A kind that clients can't show.
        Fallback = "fallback",
        /// A shared post of another network.
        Share = "share",
        /// A mention in a story of another network.
        StoryMention = "story_mention",
        /// A contact card.
        Contact = "contact",
        /// A reel of another network.
        IgReel = "ig_reel",
        /// A post of another network.
        IgPost = "ig_post",
        /// A story of another network.
        IgStory = "ig_story",
        /// An embedded page.
        Embed = "embed",
    }
);

/// Geographic coordinates.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Coordinates {
    /// Degrees, positive to the north.
    pub latitude: f64,
    /// Degrees, positive to the east.
    pub longitude: f64,
}

/// An attachment without its bytes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Attachment {
    /// Number, unique in the site.
    pub id: AttachmentId,
    /// Kind.
    pub file_type: FileType,
    /// Random key in its URL. Anyone who has it can fetch the bytes.
    pub key: String,
    /// File name.
    pub filename: String,
    /// Media type, as detected by Belfry.
    pub content_type: String,
    /// File extension, without the dot.
    pub extension: Option<String>,
    /// Size, in bytes.
    pub size: u64,
    /// Width of an image, in pixels.
    pub width: Option<u32>,
    /// Height of an image, in pixels.
    pub height: Option<u32>,
    /// Whether it has a thumbnail.
    pub has_thumbnail: bool,
    /// Coordinates of a location.
    pub coordinates: Option<Coordinates>,
    /// Text to show in place of it.
    pub fallback_title: Option<String>,
}

/// A thumbnail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Thumbnail {
    /// Media type.
    pub content_type: String,
    /// Encoded image.
    pub bytes: Bytes,
}

/// An attachment before it is stored.
#[derive(Debug, Clone, PartialEq)]
pub struct NewAttachment {
    /// Kind.
    pub file_type: FileType,
    /// Random key for its URL.
    pub key: ChannelToken,
    /// File name.
    pub filename: String,
    /// Media type, as detected by Belfry.
    pub content_type: String,
    /// File extension, without the dot.
    pub extension: Option<String>,
    /// Width and height of an image, in pixels.
    pub dimensions: Option<(u32, u32)>,
    /// Content; empty for kinds without a file, such as a location.
    pub bytes: Bytes,
    /// Thumbnail.
    pub thumbnail: Option<Thumbnail>,
    /// Coordinates of a location.
    pub coordinates: Option<Coordinates>,
    /// Text to show in place of it.
    pub fallback_title: Option<String>,
}

/// The content of an attachment or of its thumbnail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttachmentFile {
    /// The site.
    pub site: SiteId,
    /// Media type.
    pub content_type: String,
    /// File name.
    pub filename: String,
    /// SHA-256 of the bytes in hexadecimal; used as the entity tag.
    pub digest: String,
    /// Content.
    pub bytes: Bytes,
}
