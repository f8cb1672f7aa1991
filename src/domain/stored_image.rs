//! Images that are uploaded for messages, named by their content.

use super::{Invalid, SiteId, Timestamp};
use std::str::FromStr;

/// The format of an image, detected from its bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PictureType {
    /// PNG.
    Png,
    /// JPEG.
    Jpeg,
    /// GIF.
    Gif,
    /// WebP.
    WebP,
}

impl PictureType {
    const ALL: [Self; 4] = [Self::Png, Self::Jpeg, Self::Gif, Self::WebP];

    /// File extension, without the dot.
    pub const fn ending(self) -> &'static str {
        match self {
            Self::Png => "png",
            Self::Jpeg => "jpg",
            Self::Gif => "gif",
            Self::WebP => "webp",
        }
    }

    /// Media type.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::Gif => "image/gif",
            Self::WebP => "image/webp",
        }
    }
}

impl FromStr for PictureType {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let parsed = Self::ALL.into_iter().find(|kind| kind.as_str() == text);
        parsed.ok_or_else(|| Invalid::new("image", "must be a PNG, JPEG, GIF or WebP"))
    }
}

/// An uploaded image as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// The site.
    pub site: SiteId,
    /// File name: 16 hexadecimal digits of the content's digest, and the extension.
    pub name: String,
    /// The format.
    pub kind: PictureType,
    /// The encoded image.
    pub body: Vec<u8>,
    /// Time of the first upload.
    pub created_at: Timestamp,
}
