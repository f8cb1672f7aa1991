//! Small raster pictures in `data:` URLs of a style sheet: the content must match the declared type
//! and be small.
//!
//! Must not depend on properties.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use belfry_locales::{
    LocalizedText,
    phrases::{theme_values, themes},
};
use imagesize::ImageType;

/// Maximum size of a picture, in bytes.
const MAX_PICTURE_BYTES: usize = 16 * 1024;
/// Maximum width and height of a picture, in pixels.
const MAX_PICTURE_SIDE_PX: usize = 1024;

/// Checks that a URL is an allowed picture.
pub(super) fn check(address: &str) -> Result<(), LocalizedText> {
    let Some(rest) = address.strip_prefix("data:image/") else {
        return Err(themes::FETCHED);
    };
    let Some((kind, encoded)) = rest.split_once(";base64,") else {
        return Err(theme_values::PICTURE_ENCODING);
    };
    let expected = match kind {
        "png" => ImageType::Png,
        "jpeg" => ImageType::Jpeg,
        "gif" => ImageType::Gif,
        "webp" => ImageType::Webp,
        _ => {
            return Err(theme_values::PICTURE_KIND);
        }
    };
    let Ok(bytes) = STANDARD.decode(encoded) else {
        return Err(theme_values::PICTURE_BASE64);
    };
    if bytes.len() > MAX_PICTURE_BYTES {
        return Err(theme_values::PICTURE_BYTES);
    }
    if !imagesize::image_type(&bytes).is_ok_and(|kind| kind == expected) {
        return Err(theme_values::PICTURE_MISLABELLED);
    }
    match imagesize::blob_size(&bytes) {
        Ok(size)
            if size.width <= MAX_PICTURE_SIDE_PX
                && size.height <= MAX_PICTURE_SIDE_PX
                && size.width > 0
                && size.height > 0 =>
        {
            Ok(())
        }
        Ok(_) => Err(theme_values::PICTURE_PIXELS),
        Err(_) => Err(theme_values::PICTURE_BROKEN),
    }
}
