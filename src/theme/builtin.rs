//! The built-in themes, for direct use or as a starting point.
//!
//! To add a theme: its folder in `public/themes`, and its entry in [`BUILTIN_THEMES`].

/// A built-in theme.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BuiltinTheme {
    /// Its name.
    pub name: &'static str,
    /// A short description.
    pub description: &'static str,
    /// Source of `bell.svg`.
    pub bell: Option<&'static str>,
    /// Source of `card.svg`.
    pub card: Option<&'static str>,
    /// Source of `theme.css`.
    pub css: Option<&'static str>,
}

macro_rules! file {
    ($theme:literal, $name:literal) => {
        Some(include_str!(concat!("../../public/themes/", $theme, "/", $name)))
    };
}

/// All built-in themes, from plain to colorful.
pub const BUILTIN_THEMES: [BuiltinTheme; 6] = [
    BuiltinTheme {
        name: "quiet",
        description: "room instead of lines, one muted accent, and a tint for what is unread",
        bell: file!("quiet", "bell.svg"),
        card: None,
        css: file!("quiet", "theme.css"),
    },
    BuiltinTheme {
        name: "midnight",
        description: "one deep sky in both schemes; light comes only from what is new",
        bell: file!("midnight", "bell.svg"),
        card: file!("midnight", "card.svg"),
        css: file!("midnight", "theme.css"),
    },
    BuiltinTheme {
        name: "paper",
        description: "letters on a desk: serif type, ink, a stamp, and wax that is unbroken until the letter is read",
        bell: file!("paper", "bell.svg"),
        card: file!("paper", "card.svg"),
        css: file!("paper", "theme.css"),
    },
    BuiltinTheme {
        name: "terminal",
        description: "phosphor on glass: square, one typeface, and a prompt where something waits",
        bell: file!("terminal", "bell.svg"),
        card: file!("terminal", "card.svg"),
        css: file!("terminal", "theme.css"),
    },
    BuiltinTheme {
        name: "festive",
        description: "confident colour in few places: confetti in one corner, a ribbon on what is new, a bell that swings",
        bell: file!("festive", "bell.svg"),
        card: file!("festive", "card.svg"),
        css: file!("festive", "theme.css"),
    },
    BuiltinTheme {
        name: "contrast",
        description: "black, white and one yellow: thick lines, larger words, and every state has a shape of its own",
        bell: file!("contrast", "bell.svg"),
        card: file!("contrast", "card.svg"),
        css: file!("contrast", "theme.css"),
    },
];

impl BuiltinTheme {
    /// The theme with this name.
    pub fn by_name(name: &str) -> Option<&'static Self> {
        BUILTIN_THEMES.iter().find(|shipped| shipped.name == name)
    }

    /// The files it contains.
    pub fn files(&self) -> impl Iterator<Item = (super::File, &'static str)> {
        use super::File;
        [(File::Bell, self.bell), (File::Card, self.card), (File::Css, self.css)]
            .into_iter()
            .filter_map(|(file, text)| Some((file, text?)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Upload, compile};

    #[test]
    fn builtin_themes_compile_without_problems() {
        let mut found = Vec::new();
        for shipped in BUILTIN_THEMES {
            let bytes = |text: Option<&'static str>| text.map(str::as_bytes);
            let upload = Upload {
                bell: bytes(shipped.bell),
                card: bytes(shipped.card),
                css: bytes(shipped.css),
            };
            let problems = match compile(&upload) {
                Ok(compiled) => {
                    assert_eq!(
                        compiled.sanitized.len(),
                        shipped.files().count(),
                        "{}",
                        shipped.name
                    );
                    compiled.warnings
                }
                Err(rejection) => [rejection.problems, rejection.warnings].concat(),
            };
            // A design may lack a part; any other warning is a defect of the built-in theme.
            let ours = problems
                .iter()
                .filter(|problem| !problem.reason.to_string().starts_with("is not in the drawing"));
            found.extend(ours.map(|problem| format!("{}/{problem}", shipped.name)));
        }
        assert!(found.is_empty(), "{}", found.join("\n"));
    }

    #[test]
    fn builtin_theme_names_are_unique() {
        for shipped in BUILTIN_THEMES {
            assert_eq!(BuiltinTheme::by_name(shipped.name), Some(&shipped));
            assert!(
                shipped.name.bytes().all(|byte| byte.is_ascii_lowercase())
                    && shipped.name != "standard"
            );
        }
        assert_eq!(BuiltinTheme::by_name("standard"), None);
    }
}
