//! Raster pictures in a drawing: small, of a type that browsers support, and with content that
//! matches the declared type. Must not depend on elements.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use belfry_locales::{LocalizedText, phrases::theme_drawings};
use imagesize::ImageType;

/// Maximum size of a picture, in bytes.
const MAX_PICTURE_BYTES: usize = 64 * 1024;
/// Maximum width and height of a picture, in pixels.
const MAX_PICTURE_SIDE_PX: usize = 1024;

/// Supported types with the MIME types by which they are declared.
const KINDS: &[(&str, &str, ImageType)] = &[
    ("png", "png", ImageType::Png),
    ("jpeg", "jpeg", ImageType::Jpeg),
    ("jpg", "jpeg", ImageType::Jpeg),
    ("gif", "gif", ImageType::Gif),
    ("webp", "webp", ImageType::Webp),
];

const UNSUPPORTED_REASON: LocalizedText = theme_drawings::PICTURE_KIND;

/// The sanitized URL of a picture, or why it is rejected.
pub(super) fn clean(address: &str) -> Result<String, LocalizedText> {
    let address = address.trim();
    let (head, data) = address.split_once(',').ok_or(UNSUPPORTED_REASON)?;
    let head = head.to_ascii_lowercase();
    let kind = head
        .strip_prefix("data:image/")
        .and_then(|kind| kind.strip_suffix(";base64"))
        .ok_or(UNSUPPORTED_REASON)?;
    let (_, name, kind) =
        KINDS.iter().find(|(known, _, _)| *known == kind).ok_or(UNSUPPORTED_REASON)?;
    let data: Vec<u8> = data.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    let bytes = STANDARD.decode(data).map_err(|_| theme_drawings::PICTURE_BASE64)?;
    if bytes.len() > MAX_PICTURE_BYTES {
        return Err(theme_drawings::picture_bytes(MAX_PICTURE_BYTES / 1024));
    }
    if imagesize::image_type(&bytes).ok() != Some(*kind) {
        return Err(theme_drawings::PICTURE_MISLABELLED);
    }
    let size = imagesize::blob_size(&bytes).map_err(|_| theme_drawings::PICTURE_UNREADABLE)?;
    if size.width == 0
        || size.height == 0
        || size.width > MAX_PICTURE_SIDE_PX
        || size.height > MAX_PICTURE_SIDE_PX
    {
        return Err(theme_drawings::picture_pixels(size.width, size.height, MAX_PICTURE_SIDE_PX));
    }
    Ok(format!("data:image/{name};base64,{}", STANDARD.encode(bytes)))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A picture of one pixel.
    pub(in super::super) const DOT: &str = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

    #[test]
    fn small_picture_has_one_notation() {
        assert_eq!(clean(DOT).as_deref(), Ok(DOT));
        let spaced = DOT.replace("iVBO", "\n  iV BO\t").replace("image/png", "IMAGE/PNG");
        assert_eq!(clean(&spaced).as_deref(), Ok(DOT));
    }

    #[test]
    fn invalid_or_large_picture_is_rejected() {
        let png = |width: u32, height: u32| {
            let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
            bytes.extend(width.to_be_bytes());
            bytes.extend(height.to_be_bytes());
            bytes.extend([8, 6, 0, 0, 0, 0, 0, 0, 0]);
            format!("data:image/png;base64,{}", STANDARD.encode(bytes))
        };
        assert!(clean(&png(1024, 1024)).is_ok());
        for refused in [
            png(1025, 1),
            png(1, 65_535),
            png(0, 1),
            DOT.replace("image/png", "image/gif"),
            DOT.replace("image/png", "image/svg+xml"),
            DOT.replace("image/png", "text/html"),
            DOT.replace(";base64", ""),
            DOT.replace(";base64", ";charset=utf-8;base64"),
            DOT.replace("==", ""),
            DOT.replace("iVBO", "iV-_"),
            "https://evil.example/a.png".to_owned(),
            "data:,".to_owned(),
            format!(
                "data:image/gif;base64,{}",
                STANDARD.encode(b"GIF89a<script>alert(1)</script>").repeat(4000)
            ),
            format!("data:image/png;base64,{}", STANDARD.encode(b"<svg onload='alert(1)'/>")),
        ] {
            assert!(clean(&refused).is_err(), "{}", &refused[..refused.len().min(60)]);
        }
    }
}
