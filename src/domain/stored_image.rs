//! Images that are uploaded for messages, named by their content.

use super::{SiteId, Timestamp, ValidationError};
use belfry_locales::phrases::errors;
use std::str::FromStr;

/// The format of an image, detected from its bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ImageFormat {
    /// PNG.
    Png,
    /// JPEG.
    Jpeg,
    /// GIF.
    Gif,
    /// WebP.
    WebP,
}

impl ImageFormat {
    const ALL: [Self; 4] = [Self::Png, Self::Jpeg, Self::Gif, Self::WebP];

    /// File extension, without the dot.
    pub const fn extension(self) -> &'static str {
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

impl FromStr for ImageFormat {
    type Err = ValidationError;

    fn from_str(text: &str) -> Result<Self, ValidationError> {
        let parsed = Self::ALL.into_iter().find(|kind| kind.as_str() == text);
        parsed.ok_or_else(|| ValidationError::new("image", errors::IMAGE_FORMAT))
    }
}

/// An uploaded image as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredImage {
    /// The site.
    pub site: SiteId,
    /// File name: 16 hexadecimal digits of the content's digest, and the extension.
    pub name: String,
    /// The format.
    pub kind: ImageFormat,
    /// The encoded image.
    pub body: Vec<u8>,
    /// Time of the first upload.
    pub created_at: Timestamp,
}
