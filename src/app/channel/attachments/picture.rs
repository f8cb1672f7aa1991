//! Thumbnails, re-encoded from the decoded pixels, so that they contain nothing else of the file.
//!
//! The dimensions are read from the header before anything is decoded, so that a picture of
//! gigapixels costs nothing.

use super::kind::PictureFormat;
use belfry_domain::channel::Thumbnail;
use bytes::Bytes;
use image::{
    DynamicImage, ImageDecoder as _, ImageFormat, ImageReader, Limits, metadata::Orientation,
};
use std::io::Cursor;

/// Maximum width and height of a picture that is decoded.
const MAX_SIDE: usize = 16_384;
/// Pixels of a picture that is decoded: as many as a good camera produces.
const MAX_PIXELS: u64 = 24_000_000;
/// Pixels of all pictures of one message.
pub(super) const MAX_PIXELS_OF_MESSAGE: u64 = 4 * MAX_PIXELS;
/// Memory that decoding a picture may take.
const MAX_DECODED_BYTES: u64 = 112 * 1_024 * 1_024;
/// Longest side of a thumbnail, in pixels.
const THUMBNAIL_SIDE: u32 = 320;

/// Dimensions from the header of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Size(imagesize::ImageSize);

impl Size {
    pub(super) fn pixels(self) -> u64 {
        (self.0.width as u64).saturating_mul(self.0.height as u64)
    }
}

/// A decoded picture.
#[derive(Debug)]
pub(super) struct PictureThumbnail {
    /// Width and height of the original as displayed (after rotation).
    pub(super) dimensions: (u32, u32),
    pub(super) thumbnail: Thumbnail,
}

/// The dimensions; `None` for a picture that is not decoded.
pub(super) fn size(bytes: &[u8]) -> Option<Size> {
    let size = imagesize::blob_size(bytes).ok()?;
    let bearable = (1..=MAX_SIDE).contains(&size.width) && (1..=MAX_SIDE).contains(&size.height);
    Some(Size(size)).filter(|size| bearable && size.pixels() <= MAX_PIXELS)
}

/// Makes a thumbnail. `None` when the file cannot be decoded within the limits.
pub(super) fn make_thumbnail(bytes: &[u8], format: PictureFormat) -> Option<PictureThumbnail> {
    size(bytes)?;
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format.into());
    let mut limits = Limits::no_limits();
    let side = u32::try_from(MAX_SIDE).ok();
    (limits.max_image_width, limits.max_image_height, limits.max_alloc) =
        (side, side, Some(MAX_DECODED_BYTES));
    reader.limits(limits);
    let mut decoder = reader.into_decoder().ok()?;
    // The two header parsers may disagree about a crafted file.
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > MAX_PIXELS
        || decoder.total_bytes() > MAX_DECODED_BYTES
    {
        return None;
    }
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let whole = DynamicImage::from_decoder(decoder).ok()?;
    let mut small = if width.max(height) > THUMBNAIL_SIDE {
        whole.thumbnail(THUMBNAIL_SIDE, THUMBNAIL_SIDE)
    } else {
        whole
    };
    small.apply_orientation(orientation);
    let turned = matches!(
        orientation,
        Orientation::Rotate90
            | Orientation::Rotate270
            | Orientation::Rotate90FlipH
            | Orientation::Rotate270FlipH
    );
    let dimensions = if turned { (height, width) } else { (width, height) };
    Some(PictureThumbnail { dimensions, thumbnail: encode(&small)? })
}

fn encode(small: &DynamicImage) -> Option<Thumbnail> {
    let mut bytes = Cursor::new(Vec::new());
    let content_type = if small.color().has_alpha() {
        DynamicImage::ImageRgba8(small.to_rgba8()).write_to(&mut bytes, ImageFormat::Png).ok()?;
        "image/png"
    } else {
        DynamicImage::ImageRgb8(small.to_rgb8()).write_to(&mut bytes, ImageFormat::Jpeg).ok()?;
        "image/jpeg"
    };
    Some(Thumbnail {
        content_type: content_type.to_owned(),
        bytes: Bytes::from(bytes.into_inner()),
    })
}

impl From<PictureFormat> for ImageFormat {
    fn from(format: PictureFormat) -> Self {
        match format {
            PictureFormat::Png => Self::Png,
            PictureFormat::Jpeg => Self::Jpeg,
            PictureFormat::Gif => Self::Gif,
            PictureFormat::WebP => Self::WebP,
        }
    }
}

#[cfg(test)]
mod tests;
