//! Size limits of uploaded files. Drawing programs often embed fonts, which are dropped, so a file
//! may be larger by its fonts. Called by upload handlers before anything is parsed. Must not depend
//! on the content of a file except fonts.

use super::File;

/// How many more bytes a drawing may have if they are fonts.
const MAX_FONT_BYTES: usize = 256 * 1_024;

/// A file above its size limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileTooLarge {
    /// The size limit in bytes.
    pub max_bytes: usize,
    /// Whether embedded fonts are the reason: the file would fit without them, or consists almost
    /// only of fonts.
    pub is_due_to_fonts: bool,
}

impl File {
    /// The size limit in bytes including embedded fonts. Nothing longer needs to be read.
    pub fn max_bytes_with_fonts(self) -> usize {
        match self {
            Self::Bell | Self::Card => self.max_bytes() + MAX_FONT_BYTES,
            Self::Css => self.max_bytes(),
        }
    }

    /// Checks the size of a file. `bytes` may be a prefix that is longer than the ceiling.
    pub fn check_size(self, bytes: &[u8]) -> Option<FileTooLarge> {
        if bytes.len() <= self.max_bytes() {
            return None;
        }
        let fonts = fonts(bytes);
        let max_bytes = if bytes.len() - fonts <= self.max_bytes() {
            self.max_bytes_with_fonts()
        } else {
            self.max_bytes()
        };
        (bytes.len() > max_bytes)
            .then_some(FileTooLarge { max_bytes, is_due_to_fonts: fonts > bytes.len() / 2 })
    }
}

/// The number of bytes in embedded fonts: `data:` URLs of a font type up to their end.
fn fonts(bytes: &[u8]) -> usize {
    const KINDS: [&[u8]; 5] = [
        b"font/",
        b"application/font",
        b"application/x-font",
        b"application/vnd.ms-fontobject",
        b"application/octet-stream",
    ];
    let mut count = 0;
    let mut rest = bytes;
    while let Some(at) = rest.windows(5).position(|five| five.eq_ignore_ascii_case(b"data:")) {
        rest = rest.get(at + 5..).unwrap_or_default();
        if !KINDS.iter().any(|kind| {
            rest.get(..kind.len()).is_some_and(|start| start.eq_ignore_ascii_case(kind))
        }) {
            continue;
        }
        let length = rest
            .iter()
            .position(|byte| matches!(byte, b'"' | b'\'' | b')' | b'<' | b'>'))
            .unwrap_or(rest.len());
        count += length;
        rest = rest.get(length..).unwrap_or_default();
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawing(font: usize, rest: usize) -> Vec<u8> {
        let font = format!(
            "<svg><style>@font-face{{src:url(\"data:font/woff2;base64,{}\")}}</style>",
            "A".repeat(font)
        );
        (font + &" ".repeat(rest)).into_bytes()
    }

    #[test]
    fn fonts_have_a_size_limit_of_their_own() {
        let excess = |font, rest| File::Card.check_size(&drawing(font, rest));
        assert_eq!(excess(0, 250_000), None);
        assert_eq!(excess(300_000, 100_000), None);
        assert_eq!(
            excess(0, 270_000),
            Some(FileTooLarge { max_bytes: 262_144, is_due_to_fonts: false })
        );
        assert_eq!(
            excess(400_000, 200_000),
            Some(FileTooLarge { max_bytes: 524_288, is_due_to_fonts: true })
        );
        assert_eq!(
            excess(700_000, 0),
            Some(FileTooLarge { max_bytes: 524_288, is_due_to_fonts: true })
        );
        assert_eq!(
            excess(300_000, 270_000),
            Some(FileTooLarge { max_bytes: 262_144, is_due_to_fonts: true })
        );
        assert_eq!(
            excess(100_000, 300_000),
            Some(FileTooLarge { max_bytes: 262_144, is_due_to_fonts: false })
        );
    }

    #[test]
    fn style_sheet_has_no_font_allowance() {
        assert_eq!(
            File::Css.check_size(&drawing(70_000, 0)),
            Some(FileTooLarge { max_bytes: 65_536, is_due_to_fonts: true })
        );
    }
}
