//! The stable codes of problems in an upload, for programs. The reason next to a code is for
//! people.
//!
//! A code names the kind of construct, not whether it rejects the theme. Must not depend on how
//! anything is parsed.
//!
//! To add a code: its entry in the list below, whose doc comment is its public description, and its
//! phrase in `theme-problems.ftl`.

use belfry_locales::{LocalizedText, phrases::theme_problems as phrases};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

macro_rules! codes {
    ($($(#[doc = $doc:literal])* $name:ident = $word:literal, $phrase:ident;)*) => {
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

            /// What it means, for a problem without a sentence of its own.
            pub(super) fn phrase(self) -> LocalizedText {
                match self {
                    $(Self::$name => phrases::$phrase,)*
                    Self::Other => phrases::OTHER,
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
    NoFile = "no_file", NO_FILE;
    /// A file, or its compiled form, exceeds its size limit.
    TooLarge = "too_large", TOO_LARGE;
    /// The file is not UTF-8 text.
    Encoding = "encoding", ENCODING;
    /// A character that is not allowed.
    Character = "character", CHARACTER;
    /// Invalid XML or CSS.
    Syntax = "syntax", SYNTAX;
    /// A count or a cost exceeds its limit.
    TooComplex = "too_complex", TOO_COMPLEX;
    /// A script, or content that some programs would run.
    Script = "script", SCRIPT;
    /// A reference that would fetch something.
    Loads = "loads", LOADS;
    /// An embedded picture that is invalid or too large.
    Picture = "picture", PICTURE;
    /// An embedded font.
    Font = "font", FONT;
    /// A document type declaration.
    Doctype = "doctype", DOCTYPE;
    /// A processing instruction.
    Instruction = "instruction", INSTRUCTION;
    /// The root element is not a drawing.
    Root = "root", ROOT;
    /// The size of the drawing is out of range.
    Size = "size", SIZE;
    /// An element that is not allowed.
    Element = "element", ELEMENT;
    /// Another program's data in the file.
    Namespace = "namespace", NAMESPACE;
    /// An attribute that is not allowed.
    Attribute = "attribute", ATTRIBUTE;
    /// An invalid attribute value.
    AttributeValue = "attribute_value", ATTRIBUTE_VALUE;
    /// A reference that is dangling, ambiguous or cyclic.
    Reference = "reference", REFERENCE;
    /// An animation that is not allowed.
    Animation = "animation", ANIMATION;
    /// Text where none is allowed.
    Text = "text", TEXT;
    /// A part that is missing in the drawing.
    MissingPart = "missing_part", MISSING_PART;
    /// A part that occurs twice in the drawing.
    DuplicatePart = "duplicate_part", DUPLICATE_PART;
    /// A surface without a plain band to stretch.
    Stretch = "stretch", STRETCH;
    /// Text with too little contrast.
    Contrast = "contrast", CONTRAST;
    /// A colour that will be displayed differently.
    Colour = "colour", COLOUR;
    /// An at-rule.
    AtRule = "at_rule", AT_RULE;
    /// A condition of `@media`, `@supports` or `@container`.
    Condition = "condition", CONDITION;
    /// A `@keyframes` rule.
    Keyframes = "keyframes", KEYFRAMES;
    /// A selector.
    Selector = "selector", SELECTOR;
    /// A class that is no part of the widget.
    Part = "part", PART;
    /// A property.
    Property = "property", PROPERTY;
    /// A custom property.
    CustomProperty = "custom_property", CUSTOM_PROPERTY;
    /// An `!important`.
    Important = "important", IMPORTANT;
    /// A value.
    Value = "value", VALUE;
    /// A function in a value.
    Function = "function", FUNCTION;
    /// A number beyond its limit.
    Limit = "limit", LIMIT;
    /// A declaration that would move a part out of its place.
    Position = "position", POSITION;
    /// A declaration that would hide or alter a part that readers need.
    Hidden = "hidden", HIDDEN;
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
    use belfry_locales::UiLanguage;

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

    #[test]
    fn every_code_has_its_own_phrase_in_each_language() {
        for lang in UiLanguage::all() {
            let codes = Code::ALL.iter().map(|(word, _)| Code::of(word)).chain([Code::Other]);
            let mut phrases: Vec<String> = codes.map(|code| code.phrase().t(lang)).collect();
            phrases.sort_unstable();
            phrases.dedup();
            assert_eq!(phrases.len(), Code::ALL.len() + 1, "{lang:?}");
        }
    }
}
