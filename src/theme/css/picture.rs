//! Small raster pictures in `data:` URLs of a style sheet: the content must match the declared type
//! and be small.
//!
//! Must not depend on properties.

use super::super::diagnostics::FixedReason;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use belfry_locales::phrases::themes;
use imagesize::ImageType;

/// Maximum size of a picture, in bytes.
const MAX_PICTURE_BYTES: usize = 16 * 1024;
/// Maximum width and height of a picture, in pixels.
const MAX_PICTURE_SIDE_PX: usize = 1024;

const FETCHED: FixedReason = FixedReason::Localized(&themes::FETCHED);

/// Checks that a URL is an allowed picture.
pub(super) fn check(address: &str) -> Result<(), FixedReason> {
    let Some(rest) = address.strip_prefix("data:image/") else {
        return Err(FETCHED);
    };
    let Some((kind, encoded)) = rest.split_once(";base64,") else {
        return Err(FixedReason::English(
            "is no picture in base64: use `data:image/png;base64,…`, or jpeg, gif or webp",
        ));
    };
    let expected = match kind {
        "png" => ImageType::Png,
        "jpeg" => ImageType::Jpeg,
        "gif" => ImageType::Gif,
        "webp" => ImageType::Webp,
        _ => {
            return Err(FixedReason::English(
                "is no PNG, JPEG, GIF or WebP: save the picture as one of these",
            ));
        }
    };
    let Ok(bytes) = STANDARD.decode(encoded) else {
        return Err(FixedReason::English(
            "is not plain base64: encode the picture again, without spaces",
        ));
    };
    if bytes.len() > MAX_PICTURE_BYTES {
        return Err(FixedReason::English("is larger than 16 KiB: use a smaller picture"));
    }
    if !imagesize::image_type(&bytes).is_ok_and(|kind| kind == expected) {
        return Err(FixedReason::English(
            "is not the kind of picture that it says it is: name its real type",
        ));
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
        Ok(_) => {
            Err(FixedReason::English("is wider or higher than 1024 pixels: use a smaller picture"))
        }
        Err(_) => Err(FixedReason::English("is no whole picture: save it again")),
    }
}
