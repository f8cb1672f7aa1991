//! The stable codes of problems in an upload, for programs. The reason next to a code is for
//! people.
//!
//! A code names the kind of construct, not whether it rejects the theme. Must not depend on how
//! anything is parsed.
//!
//! To add a code: its entry in the list below, whose doc comment is its public description.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

macro_rules! codes {
    ($($(#[doc = $doc:literal])* $name:ident = $word:literal,)*) => {
        /// The kind of a problem.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
        pub enum Code {
            $($(#[doc = $doc])* $name,)*
            /// A code of another version, or none.
            #[default]
            Other,
        }

        impl Code {
            /// The code as text.
            pub fn word(self) -> &'static str {
                match self {
                    $(Self::$name => $word,)*
                    Self::Other => "other",
                }
            }

            /// The code with this text.
            fn of(word: &str) -> Self {
                match word {
                    $($word => Self::$name,)*
                    _ => Self::Other,
                }
            }

            /// Every code with its description.
            #[cfg(test)]
            pub(crate) const ALL: &[(&'static str, &'static str)] = &[$(($word, concat!($($doc),*)),)*];
        }
    };
}

codes! {
    /// no file at all
    NoFile = "no_file",
    /// a file, or what becomes of it, with too many bytes
    TooLarge = "too_large",
    /// not UTF-8, or no text
    Encoding = "encoding",
    /// a character that no file of a theme needs
    Character = "character",
    /// what cannot be read as XML or as CSS
    Syntax = "syntax",
    /// more of something than there may be
    TooComplex = "too_complex",
    /// what runs, or would run in some program
    Script = "script",
    /// what fetches something
    Loads = "loads",
    /// an embedded picture that cannot be used
    Picture = "picture",
    /// an embedded font
    Font = "font",
    /// a document type
    Doctype = "doctype",
    /// an instruction for another program
    Instruction = "instruction",
    /// a file that is no drawing
    Root = "root",
    /// a drawing of a size that cannot be shown
    Size = "size",
    /// an element
    Element = "element",
    /// what another program keeps in the file
    Namespace = "namespace",
    /// an attribute
    Attribute = "attribute",
    /// a value of an attribute
    AttributeValue = "attribute_value",
    /// a name of something that is not there, or is there twice, or that leads back to itself
    Reference = "reference",
    /// a movement
    Animation = "animation",
    /// words where there are none
    Text = "text",
    /// a part that is not drawn
    MissingPart = "missing_part",
    /// a part that is drawn twice
    DuplicatePart = "duplicate_part",
    /// a surface that cannot be stretched without showing it
    Stretch = "stretch",
    /// text that is hard to read
    Contrast = "contrast",
    /// a colour that will not be what it seems
    Colour = "colour",
    /// a rule that begins with `@`
    AtRule = "at_rule",
    /// a condition of `@media`, `@supports` or `@container`
    Condition = "condition",
    /// `@keyframes`
    Keyframes = "keyframes",
    /// a selector
    Selector = "selector",
    /// a class that is no part of the widget
    Part = "part",
    /// a property
    Property = "property",
    /// a custom property
    CustomProperty = "custom_property",
    /// `!important`
    Important = "important",
    /// a value
    Value = "value",
    /// a function in a value
    Function = "function",
    /// a number beyond a limit
    Limit = "limit",
    /// a part that would leave its place
    Position = "position",
    /// what hides or alters a part that a reader needs
    Hidden = "hidden",
}

impl fmt::Display for Code {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.word())
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.word())
    }
}

impl<'de> Deserialize<'de> for Code {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|word| Self::of(&word))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_and_round_trip() {
        let mut words: Vec<&str> = Code::ALL.iter().map(|(word, _)| *word).collect();
        for word in &words {
            let code: Code = serde_json::from_value(serde_json::json!(word)).unwrap();
            assert_eq!(code.word(), *word);
        }
        assert_eq!(serde_json::from_str::<Code>("\"of_tomorrow\"").unwrap(), Code::Other);
        words.sort_unstable();
        words.dedup();
        assert_eq!(words.len(), Code::ALL.len());
    }
}
