//! Pictures of messages that a site hosts here instead of on its own server.

use super::{App, AppError};
use belfry_domain::{Digest, ImageFormat, SiteId, StoredImage, ValidationError};
use belfry_locales::{LocalizedText, phrases::errors};
use belfry_runtime::blocking::LARGE_INPUTS;
use imagesize::ImageType;

/// Pictures of a site.
const MAX_PICTURES: u32 = 2_000;
/// Maximum width and height, in pixels: what a reader's device can display safely.
const MAX_SIDE_PIXELS: usize = 4_096;

impl App {
    /// Maximum size of a picture, in bytes (contract, section 7).
    pub const LARGEST_PICTURE: usize = 2 * 1024 * 1024;

    /// Stores a picture; its type is detected from the content. Returns the path under which it is
    /// served.
    pub async fn store_picture(&self, site: SiteId, body: Vec<u8>) -> Result<String, AppError> {
        let (kind, name, body) = LARGE_INPUTS
            .run_for(site, move || {
                let kind = kind_of(&body)?;
                let name = format!("{}.{}", Digest::of_bytes(&body).short(), kind.extension());
                Ok::<_, ValidationError>((kind, name, body))
            })
            .await??;
        let picture = StoredImage { site, name: name.clone(), kind, body, created_at: self.now() };
        if !self.store.store_picture(&picture, MAX_PICTURES).await? {
            return Err(ValidationError::new("image", errors::too_many_images(MAX_PICTURES)).into());
        }
        Ok(format!("/m/{site}/{name}"))
    }

    /// One picture.
    pub async fn picture(&self, site: SiteId, name: &str) -> Result<StoredImage, AppError> {
        self.store.picture(site, name).await?.ok_or(AppError::NotFound)
    }
}

fn kind_of(body: &[u8]) -> Result<ImageFormat, ValidationError> {
    let refuse = |reason: LocalizedText| ValidationError::new("image", reason);
    if body.is_empty() {
        return Err(refuse(errors::IMAGE_EMPTY));
    }
    if body.len() > App::LARGEST_PICTURE {
        return Err(refuse(errors::IMAGE_TOO_LARGE));
    }
    let kind = match imagesize::image_type(body) {
        Ok(ImageType::Png) => ImageFormat::Png,
        Ok(ImageType::Jpeg) => ImageFormat::Jpeg,
        Ok(ImageType::Gif) => ImageFormat::Gif,
        Ok(ImageType::Webp) => ImageFormat::WebP,
        _ => return Err(refuse(errors::IMAGE_FORMAT)),
    };
    let size = imagesize::blob_size(body).map_err(|_| refuse(errors::IMAGE_UNREADABLE))?;
    if size.width == 0
        || size.height == 0
        || size.width > MAX_SIDE_PIXELS
        || size.height > MAX_SIDE_PIXELS
    {
        return Err(refuse(errors::image_size(
            size.width,
            size.height,
            MAX_SIDE_PIXELS,
            MAX_SIDE_PIXELS,
        )));
    }
    Ok(kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The start of a PNG of this size: as much as is parsed.
    fn png(width: u32, height: u32) -> Vec<u8> {
        [
            b"\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR".as_slice(),
            &width.to_be_bytes(),
            &height.to_be_bytes(),
            &[8, 6, 0, 0, 0],
        ]
        .concat()
    }

    #[test]
    fn pictures_are_limited_in_size() {
        assert_eq!(kind_of(&png(20, 10)).unwrap(), ImageFormat::Png);
        for odd in [
            Vec::new(),
            b"<svg xmlns='http://www.w3.org/2000/svg'/>".to_vec(),
            b"<html>".to_vec(),
            png(0, 1),
            png(5_000, 1),
            png(u32::MAX, u32::MAX),
        ] {
            assert_eq!(kind_of(&odd).unwrap_err().field, "image");
        }
        let mut large = png(20, 10);
        large.resize(App::LARGEST_PICTURE + 1, 0);
        assert!(kind_of(&large).unwrap_err().reason.to_string().contains("2 MB"));
    }
}
