use super::*;

fn drawn(width: u32, height: u32, format: PictureFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    let picture = image::RgbImage::from_fn(width, height, |x, y| {
        image::Rgb([x.to_le_bytes()[0], y.to_le_bytes()[0], 80])
    });
    DynamicImage::ImageRgb8(picture).write_to(&mut bytes, format.into()).unwrap();
    bytes.into_inner()
}

fn png_head(width: u32, height: u32) -> Vec<u8> {
    let mut chunk =
        [b"IHDR".as_slice(), &width.to_be_bytes(), &height.to_be_bytes(), &[8, 6, 0, 0, 0]]
            .concat();
    let check = crc32fast::hash(&chunk);
    chunk.extend_from_slice(&check.to_be_bytes());
    [b"\x89PNG\r\n\x1a\n\x00\x00\x00\x0d".as_slice(), &chunk].concat()
}

#[test]
fn each_format_gets_a_thumbnail() {
    for format in [PictureFormat::Png, PictureFormat::Jpeg, PictureFormat::Gif, PictureFormat::WebP]
    {
        let original = drawn(640, 160, format);
        let shrunk = make_thumbnail(&original, format).unwrap();
        assert_eq!(shrunk.dimensions, (640, 160), "{format:?}");
        let small = image::load_from_memory(&shrunk.thumbnail.bytes).unwrap();
        assert_eq!((small.width(), small.height()), (THUMBNAIL_SIDE, 80), "{format:?}");
    }
    let dot = make_thumbnail(&drawn(1, 1, PictureFormat::Png), PictureFormat::Png).unwrap();
    assert_eq!(
        image::load_from_memory(&dot.thumbnail.bytes).unwrap().width(),
        1,
        "small pictures are not enlarged"
    );
}

#[test]
fn thumbnail_contains_only_pixels() {
    let mut bytes = drawn(40, 40, PictureFormat::Jpeg);
    bytes.extend_from_slice(b"<script>alert(1)</script>");
    let shrunk = make_thumbnail(&bytes, PictureFormat::Jpeg).unwrap();
    assert!(!shrunk.thumbnail.bytes.windows(7).any(|window| window == b"<script"));
}

/// Cameras record their orientation in the file's header (EXIF).
#[test]
fn exif_rotation_is_applied() {
    let plain = drawn(400, 100, PictureFormat::Jpeg);
    let exif = b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0";
    let length = u16::try_from(exif.len() + 2).unwrap().to_be_bytes();
    let bytes = [&plain[..2], b"\xff\xe1", &length, exif, &plain[2..]].concat();
    let shrunk = make_thumbnail(&bytes, PictureFormat::Jpeg).unwrap();
    assert_eq!(shrunk.dimensions, (100, 400));
    let small = image::load_from_memory(&shrunk.thumbnail.bytes).unwrap();
    assert_eq!((small.width(), small.height()), (80, THUMBNAIL_SIDE));
}

#[test]
fn picture_beyond_the_limits_is_not_decoded() {
    for (width, height) in
        [(65_500, 65_500), (u32::MAX, u32::MAX), (16_385, 1), (5_000, 5_000), (0, 1)]
    {
        let head = png_head(width, height);
        assert_eq!(size(&head), None, "{width} × {height}");
        assert!(make_thumbnail(&head, PictureFormat::Png).is_none());
    }
    assert_eq!(size(&png_head(6_000, 4_000)).map(Size::pixels), Some(24_000_000));
}

/// 16 bits a channel: few enough pixels, too many bytes.
#[test]
fn picture_of_too_many_bytes_is_not_decoded() {
    let mut head = png_head(6_000, 4_000);
    head[24] = 16;
    let check = crc32fast::hash(&head[12..29]).to_be_bytes();
    head[29..33].copy_from_slice(&check);
    assert!(size(&head).is_some() && make_thumbnail(&head, PictureFormat::Png).is_none());
}

#[test]
fn broken_picture_is_none() {
    for format in [PictureFormat::Png, PictureFormat::Jpeg, PictureFormat::Gif, PictureFormat::WebP]
    {
        let whole = drawn(64, 64, format);
        for end in [12, 20, 33, whole.len() / 4] {
            let cut = &whole[..end.min(whole.len())];
            // A truncated JPEG is decoded as far as it goes.
            assert!(
                make_thumbnail(cut, format).is_none() || format == PictureFormat::Jpeg,
                "{format:?} {end}"
            );
        }
    }
    assert!(make_thumbnail(b"RIFF\x10\0\0\0WEBPVP8X", PictureFormat::WebP).is_none());
}
