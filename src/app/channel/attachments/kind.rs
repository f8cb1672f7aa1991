//! Media type detection by the first bytes.
//!
//! Only raster pictures, audio and video have a media type that browsers display. Everything else
//! (SVG, HTML, XML, PDF, …) is downloaded.

use infer::MatcherType;

/// Raster formats for which thumbnails are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PictureFormat {
    Png,
    Jpeg,
    Gif,
    WebP,
}

/// The type of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Picture(PictureFormat),
    Audio(&'static Playable),
    Video(&'static Playable),
    /// With its media type.
    Document(&'static str),
    Unknown,
}

/// Audio or video that browsers play.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Playable {
    media_type: &'static str,
    /// The first one is appended to a file name that has none of them.
    extensions: &'static [&'static str],
}

const fn playable(media_type: &'static str, extensions: &'static [&'static str]) -> Playable {
    Playable { media_type, extensions }
}

static MP3: Playable = playable("audio/mpeg", &["mp3", "mpga"]);
static M4A: Playable = playable("audio/mp4", &["m4a", "mp4"]);
static OGG: Playable = playable("audio/ogg", &["ogg", "oga", "opus"]);
static FLAC: Playable = playable("audio/flac", &["flac"]);
static WAV: Playable = playable("audio/wav", &["wav"]);
static AAC: Playable = playable("audio/aac", &["aac"]);
static WEBA: Playable = playable("audio/webm", &["webm", "weba"]);
static MP4: Playable = playable("video/mp4", &["mp4", "m4v"]);
static WEBM: Playable = playable("video/webm", &["webm"]);
static OGV: Playable = playable("video/ogg", &["ogv", "ogg"]);
static MOV: Playable = playable("video/quicktime", &["mov", "qt"]);

const UNKNOWN: &str = "application/octet-stream";

/// The type of this content. Where one container holds audio or video, the claimed type decides
/// between the two.
pub(super) fn of(bytes: &[u8], claimed_type: &str) -> Kind {
    let picture = match imagesize::image_type(bytes) {
        Ok(imagesize::ImageType::Png) => Some(PictureFormat::Png),
        Ok(imagesize::ImageType::Jpeg) => Some(PictureFormat::Jpeg),
        Ok(imagesize::ImageType::Gif) => Some(PictureFormat::Gif),
        Ok(imagesize::ImageType::Webp) => Some(PictureFormat::WebP),
        _ => None,
    };
    if let Some(format) = picture {
        return Kind::Picture(format);
    }
    let Some(found) = infer::get(bytes) else { return Kind::Unknown };
    let claims = |kind: &str| {
        claimed_type
            .trim_start()
            .get(..kind.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(kind))
    };
    match found.mime_type() {
        "audio/mpeg" => Kind::Audio(&MP3),
        "audio/m4a" => Kind::Audio(&M4A),
        "audio/ogg" | "audio/opus" if claims("video/") => Kind::Video(&OGV),
        "audio/ogg" | "audio/opus" => Kind::Audio(&OGG),
        "audio/x-flac" => Kind::Audio(&FLAC),
        "audio/x-wav" => Kind::Audio(&WAV),
        "audio/aac" => Kind::Audio(&AAC),
        "video/mp4" | "video/x-m4v" if claims("audio/") => Kind::Audio(&M4A),
        "video/mp4" | "video/x-m4v" => Kind::Video(&MP4),
        "video/webm" if claims("audio/") => Kind::Audio(&WEBA),
        "video/webm" => Kind::Video(&WEBM),
        "video/quicktime" => Kind::Video(&MOV),
        document if is_document(found.matcher_type(), document) => Kind::Document(document),
        _ => Kind::Unknown,
    }
}

/// Archives and documents keep their media type, so that a program can open them; they are never
/// displayed.
fn is_document(kind: MatcherType, media_type: &str) -> bool {
    matches!(kind, MatcherType::Archive | MatcherType::Book | MatcherType::Doc)
        && media_type.starts_with("application/")
        && !["html", "javascript", "ecmascript", "svg", "shockwave", "xslt"]
            .iter()
            .any(|word| media_type.contains(word))
        && !media_type.ends_with("/xml")
        && !media_type.ends_with("+xml")
}

impl Kind {
    pub(super) fn media_type(self) -> &'static str {
        match self {
            Self::Picture(PictureFormat::Png) => "image/png",
            Self::Picture(PictureFormat::Jpeg) => "image/jpeg",
            Self::Picture(PictureFormat::Gif) => "image/gif",
            Self::Picture(PictureFormat::WebP) => "image/webp",
            Self::Audio(playable) | Self::Video(playable) => playable.media_type,
            Self::Document(media_type) => media_type,
            Self::Unknown => UNKNOWN,
        }
    }

    /// File extensions of the type. Empty if any is acceptable.
    pub(super) fn extensions(self) -> &'static [&'static str] {
        match self {
            Self::Picture(PictureFormat::Png) => &["png"],
            Self::Picture(PictureFormat::Jpeg) => &["jpg", "jpeg", "jpe", "jfif"],
            Self::Picture(PictureFormat::Gif) => &["gif"],
            Self::Picture(PictureFormat::WebP) => &["webp"],
            Self::Audio(playable) | Self::Video(playable) => playable.extensions,
            Self::Document(_) | Self::Unknown => &[],
        }
    }
}

/// Whether a browser may display a file of this media type inline.
pub fn is_shown_inline(media_type: &str) -> bool {
    let pictures = ["image/png", "image/jpeg", "image/gif", "image/webp"];
    let playables = [&MP3, &M4A, &OGG, &FLAC, &WAV, &AAC, &WEBA, &MP4, &WEBM, &OGV, &MOV];
    pictures.contains(&media_type)
        || playables.iter().any(|playable| playable.media_type == media_type)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn type_is_detected_from_content() {
        for (bytes, claimed, expected) in [
            (
                &b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"[..],
                "image/svg+xml",
                UNKNOWN,
            ),
            (b"<?xml version='1.0'?><svg/>", "image/png", UNKNOWN),
            (b"<!doctype html><script>alert(1)</script>", "image/png", UNKNOWN),
            (b"  <html>", "text/html", UNKNOWN),
            (b"plain words", "text/plain", UNKNOWN),
            (b"", "image/png", UNKNOWN),
            (b"MZ\x90\x00", "image/png", UNKNOWN),
            (b"\x7fELF\x02\x01", "audio/mpeg", UNKNOWN),
            (b"#!/bin/sh\necho", "video/mp4", UNKNOWN),
            (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3", "text/html", "application/pdf"),
            (b"PK\x03\x04\x14\x00\x00\x00\x08\x00", "image/png", "application/zip"),
            (
                b"\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR\x00\x00\x00\x01\x00\x00\x00\x01",
                "text/html",
                "image/png",
            ),
            (b"ID3\x03\x00\x00\x00\x00\x00\x00\x00", "text/html", "audio/mpeg"),
            (b"OggS\x00\x02\x00\x00", "application/xhtml+xml", "audio/ogg"),
            (b"OggS\x00\x02\x00\x00", "video/ogg", "video/ogg"),
            (b"RIFF\x24\x00\x00\x00WAVEfmt ", "image/svg+xml", "audio/wav"),
            (b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom", "text/html", "video/mp4"),
            (b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom", "Audio/mp4", "audio/mp4"),
        ] {
            let kind = of(bytes, claimed);
            assert_eq!(
                kind.media_type(),
                expected,
                "{:?} as {claimed}",
                String::from_utf8_lossy(bytes)
            );
            let harmless = expected.starts_with("image/")
                || expected.starts_with("audio/")
                || expected.starts_with("video/");
            assert_eq!(is_shown_inline(kind.media_type()), harmless, "{expected}");
        }
    }

    #[test]
    fn active_content_is_not_displayed() {
        for odd in [
            "image/svg+xml",
            "text/html",
            "application/xhtml+xml",
            "text/xml",
            "application/pdf",
            "text/plain",
            UNKNOWN,
            "",
        ] {
            assert!(!is_shown_inline(odd), "{odd}");
        }
    }
}
