//! The pictures of a theme: small ones are inlined in the style sheet, larger ones become files
//! named by their content hash.

use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;

/// Maximum size of an inlined picture, in bytes after escaping.
const MAX_INLINE_BYTES: usize = 4_096;

/// A file of a compiled theme.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Artifact {
    /// The file name: content hash, and `.svg` or `.css`.
    pub name: String,
    /// The file's content.
    pub body: String,
}

impl Artifact {
    /// Names a file by its content.
    pub(super) fn new(body: String, extension: &str) -> Self {
        let digest: [u8; 32] = Sha256::digest(body.as_bytes()).into();
        let leading: [u8; 16] = digest.first_chunk().copied().unwrap_or_default();
        Self { name: format!("{}.{extension}", hex::encode(leading)), body }
    }
}

/// The files that a theme's style sheet references.
#[derive(Debug, Default)]
pub(super) struct Pictures(Vec<Artifact>);

impl Pictures {
    /// The `url(…)` of a picture, and whether it may be used anywhere rather than only next to the
    /// files of [`Self::into_files`].
    pub(super) fn url(&mut self, svg: String) -> (String, bool) {
        let inline = escape(&svg);
        if inline.len() <= MAX_INLINE_BYTES {
            return (format!("url(\"data:image/svg+xml,{inline}\")"), true);
        }
        let file = Artifact::new(svg, "svg");
        let url = format!("url({})", file.name);
        if !self.0.contains(&file) {
            self.0.push(file);
        }
        (url, false)
    }

    pub(super) fn into_files(self) -> Vec<Artifact> {
        self.0
    }
}

/// Escapes the characters that would end the URL, the string around it or a `<style>` element.
fn escape(svg: &str) -> String {
    let mut escaped = String::with_capacity(svg.len() + svg.len() / 8);
    for character in svg.chars() {
        match character {
            '"' => escaped.push('\''),
            '%' | '#' | '<' | '>' | '\\' | '&' | '\'' => {
                let _ = write!(escaped, "%{:02X}", u32::from(character));
            }
            character if character.is_ascii_graphic() || character == ' ' => {
                escaped.push(character);
            }
            other => other.encode_utf8(&mut [0; 4]).bytes().for_each(|byte| {
                let _ = write!(escaped, "%{byte:02X}");
            }),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_picture_is_inlined_and_large_one_is_a_file() {
        let mut pictures = Pictures::default();
        assert_eq!(
            pictures.url("<svg a=\"1%\">'ї\\</svg>".into()),
            (
                "url(\"data:image/svg+xml,%3Csvg a='1%25'%3E%27%D1%97%5C%3C/svg%3E\")".to_owned(),
                true
            )
        );
        let large = format!("<svg>{}</svg>", "x".repeat(MAX_INLINE_BYTES));
        let (url, anywhere) = pictures.url(large.clone());
        assert!(!anywhere && url.len() < 50);
        assert_eq!(pictures.url(large), (url, false));
        assert_eq!(pictures.into_files().len(), 1);
    }
}
