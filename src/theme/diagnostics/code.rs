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
            pub const ALL: &[(&'static str, &'static str)] = &[$(($word, concat!($($doc),*)),)*];
        }
    };
}

codes! {
    /// The upload contains no file.
    NoFile = "no_file",
    /// A file, or its compiled form, exceeds its size limit.
    TooLarge = "too_large",
    /// The file is not UTF-8 text.
    Encoding = "encoding",
    /// A character that is not allowed.
    Character = "character",
    /// Invalid XML or CSS.
    Syntax = "syntax",
    /// A count or a cost exceeds its limit.
    TooComplex = "too_complex",
    /// A script, or content that some programs would run.
    Script = "script",
    /// A reference that would fetch something.
    Loads = "loads",
    /// An embedded picture that is invalid or too large.
    Picture = "picture",
    /// An embedded font.
    Font = "font",
    /// A document type declaration.
    Doctype = "doctype",
    /// A processing instruction.
    Instruction = "instruction",
    /// The root element is not a drawing.
    Root = "root",
    /// The size of the drawing is out of range.
    Size = "size",
    /// An element that is not allowed.
    Element = "element",
    /// Another program's data in the file.
    Namespace = "namespace",
    /// An attribute that is not allowed.
    Attribute = "attribute",
    /// An invalid attribute value.
    AttributeValue = "attribute_value",
    /// A reference that is dangling, ambiguous or cyclic.
    Reference = "reference",
    /// An animation that is not allowed.
    Animation = "animation",
    /// Text where none is allowed.
    Text = "text",
    /// A part that is missing in the drawing.
    MissingPart = "missing_part",
    /// A part that occurs twice in the drawing.
    DuplicatePart = "duplicate_part",
    /// A surface without a plain band to stretch.
    Stretch = "stretch",
    /// Text with too little contrast.
    Contrast = "contrast",
    /// A colour that will be displayed differently.
    Colour = "colour",
    /// An at-rule.
    AtRule = "at_rule",
    /// A condition of `@media`, `@supports` or `@container`.
    Condition = "condition",
    /// A `@keyframes` rule.
    Keyframes = "keyframes",
    /// A selector.
    Selector = "selector",
    /// A class that is no part of the widget.
    Part = "part",
    /// A property.
    Property = "property",
    /// A custom property.
    CustomProperty = "custom_property",
    /// An `!important`.
    Important = "important",
    /// A value.
    Value = "value",
    /// A function in a value.
    Function = "function",
    /// A number beyond its limit.
    Limit = "limit",
    /// A declaration that would move a part out of its place.
    Position = "position",
    /// A declaration that would hide or alter a part that readers need.
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
