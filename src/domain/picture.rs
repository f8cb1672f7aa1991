//! Pictures of messages that a site keeps here, named by their content.

use super::{Invalid, SiteId, Timestamp};
use std::str::FromStr;

/// What a picture is, by its bytes.
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

    /// The ending of its file's name.
    pub const fn ending(self) -> &'static str {
        match self {
            Self::Png => "png",
            Self::Jpeg => "jpg",
            Self::Gif => "gif",
            Self::WebP => "webp",
        }
    }

    /// Its media type.
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
        let known = Self::ALL.into_iter().find(|kind| kind.as_str() == text);
        known.ok_or_else(|| Invalid::new("image", "must be a PNG, JPEG, GIF or WebP"))
    }
}

/// A picture as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// The site it is for.
    pub site: SiteId,
    /// Its name: what it is, in digits.
    pub name: String,
    /// What it is.
    pub kind: PictureType,
    /// Its bytes.
    pub body: Vec<u8>,
    /// When it was first brought.
    pub created_at: Timestamp,
}
