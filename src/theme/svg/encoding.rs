//! Checks that a file is text, in the one encoding that browsers and the parser read alike. Must
//! not depend on XML.

use super::super::diagnostics::{Code, File, FixedReason, Place, Report};
use super::source_positions::SourcePositions;
use belfry_locales::phrases::{theme_drawings, themes};

/// Maximum size of a printed drawing, in bytes; the largest real ones are a third of this.
pub(super) const MAX_BYTES: usize = 256 * 1024;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Signatures of other file types, and the error for each.
const FOREIGN_SIGNATURES: &[(&[u8], &str, FixedReason)] = &[
    (b"\x1f\x8b", "gzip", &themes::COMPRESSED),
    (b"PK\x03\x04", "zip", &theme_drawings::PACKED),
    (b"\xff\xfe", "UTF-16", &themes::NO_UTF8),
    (b"\xfe\xff", "UTF-16", &themes::NO_UTF8),
    (b"\x00\x00\xfe\xff", "UTF-32", &themes::NO_UTF8),
    (b"GIF8", "GIF", &themes::PIXELS),
    (b"\x89PNG", "PNG", &themes::PIXELS),
    (b"\xff\xd8\xff", "JPEG", &themes::PIXELS),
    (b"%PDF", "PDF", &theme_drawings::DOCUMENT),
    (b"+ADw", "UTF-7", &themes::NO_UTF8),
];

/// The text without a byte order mark.
pub(super) fn text<'a>(file: File, bytes: &'a [u8], report: &mut Report) -> Option<&'a str> {
    let start = Place { file, line: 1, column: 1 };
    if let Some(excess) = file.check_size(bytes) {
        let size = excess.max_bytes / 1024;
        let reason = if excess.is_due_to_fonts {
            themes::drawing_too_large_by_fonts(size)
        } else {
            themes::drawing_too_large(size)
        };
        report.reject(Code::TooLarge, start, "<svg>", reason);
        return None;
    }
    if let Some((_, what, reason)) =
        FOREIGN_SIGNATURES.iter().find(|(magic, _, _)| bytes.starts_with(magic))
    {
        report.reject(Code::Encoding, start, what, *reason);
        return None;
    }
    let bytes = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            let valid = bytes
                .get(..error.valid_up_to())
                .and_then(|valid| std::str::from_utf8(valid).ok())
                .unwrap_or_default();
            report.reject(
                Code::Encoding,
                SourcePositions::new(file, valid).place(valid.len()),
                "bytes",
                theme_drawings::BYTES_NOT_UTF8,
            );
            return None;
        }
    };
    if text.starts_with('\u{feff}') {
        report.reject(Code::Character, start, "U+FEFF", theme_drawings::REPEATED_BYTE_ORDER_MARK);
        return None;
    }
    let forbidden =
        |character: char| character.is_control() && !matches!(character, '\t' | '\n' | '\r');
    if let Some((at, character)) = text.char_indices().find(|(_, character)| forbidden(*character))
    {
        let what = format!("U+{:04X}", u32::from(character));
        report.reject(
            Code::Character,
            SourcePositions::new(file, text).place(at),
            &what,
            theme_drawings::CONTROL_CHARACTER,
        );
        return None;
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(bytes: &[u8]) -> Option<String> {
        let mut report = Report::default();
        let text = text(File::Bell, bytes, &mut report);
        assert_eq!(text.is_none(), report.is_rejected());
        report.into_parts().0.first().map(ToString::to_string)
    }

    #[test]
    fn text_is_accepted_with_and_without_bom() {
        assert_eq!(refusal(b"<svg/>"), None);
        assert_eq!(text(File::Bell, b"\xef\xbb\xbf<svg/>", &mut Report::default()), Some("<svg/>"));
    }

    #[test]
    fn non_text_is_rejected_with_place() {
        assert!(refusal(b"\x1f\x8b\x08").unwrap().contains("SVGZ"));
        assert!(refusal(b"\xff\xfe<\x00").unwrap().contains("UTF-8"));
        assert!(refusal(b"<svg\n>\xc0\xaf").unwrap().starts_with("bell.svg:2:2:"));
        assert!(refusal(b"<svg\0>").unwrap().starts_with("bell.svg:1:5: `U+0000`"));
        assert!(refusal("<svg>\u{85}".as_bytes()).unwrap().contains("U+0085"));
        assert!(refusal(&vec![b' '; MAX_BYTES + 1]).unwrap().contains("256 KiB: simplify"));
    }
}
