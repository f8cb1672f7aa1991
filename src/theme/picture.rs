//! A drawing's picture on its way into a style sheet: small ones in it, larger ones as files under the name of their content.

use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;

/// Largest picture that stands in a style sheet itself, in bytes as it is written there.
const SMALL: usize = 4_096;

/// A file that belongs to a compiled theme.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Artifact {
    /// Its name: the hash of what it says, and `.svg` or `.css`.
    pub name: String,
    /// What it says.
    pub body: String,
}

impl Artifact {
    /// A file under the name of its content.
    pub(super) fn new(body: String, extension: &str) -> Self {
        let mut name = String::new();
        for byte in Sha256::digest(body.as_bytes()).iter().take(16) {
            let _ = write!(name, "{byte:02x}");
        }
        Self { name: format!("{name}.{extension}"), body }
    }
}

/// The files that a theme's style sheet refers to.
#[derive(Debug, Default)]
pub(super) struct Pictures(Vec<Artifact>);

impl Pictures {
    /// The `url(…)` of a picture. The second says whether it can stand anywhere, or only in a file beside those of [`Self::into_files`].
    pub(super) fn url(&mut self, svg: String) -> (String, bool) {
        let inline = escape(&svg);
        if inline.len() <= SMALL {
            return (format!("url(\"data:image/svg+xml,{inline}\")"), true);
        }
        let file = Artifact::new(svg, "svg");
        let url = format!("url({})", file.name);
        if !self.0.contains(&file) {
            self.0.push(file);
        }
        (url, false)
    }

    /// The files.
    pub(super) fn into_files(self) -> Vec<Artifact> {
        self.0
    }
}

/// The few characters that would end the address, the string around it or a style element.
fn escape(svg: &str) -> String {
    let mut escaped = String::with_capacity(svg.len() + svg.len() / 8);
    for character in svg.chars() {
        match character {
            '"' => escaped.push('\''),
            '%' | '#' | '<' | '>' | '\\' | '&' | '\'' => {
                let _ = write!(escaped, "%{:02X}", u32::from(character));
            }
            character if character.is_ascii_graphic() || character == ' ' => escaped.push(character),
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
    fn a_small_picture_stands_in_the_sheet_and_a_large_one_beside_it() {
        let mut pictures = Pictures::default();
        assert_eq!(
            pictures.url("<svg a=\"1%\">'ї\\</svg>".into()),
            ("url(\"data:image/svg+xml,%3Csvg a='1%25'%3E%27%D1%97%5C%3C/svg%3E\")".to_owned(), true)
        );
        let large = format!("<svg>{}</svg>", "x".repeat(SMALL));
        let (url, anywhere) = pictures.url(large.clone());
        assert!(!anywhere && url.len() < 50);
        assert_eq!(pictures.url(large), (url, false));
        assert_eq!(pictures.into_files().len(), 1);
    }
}
