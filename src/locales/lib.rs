//! Phrases of the widget, the console, the Inbox SDK's window and of errors, in all languages.
//!
//! The lowest layer: it depends on no other, and every layer may use it. A language is a folder
//! with one Fluent file per area; the build script checks the files against English and compiles
//! them into constants, one module per file, so that a misspelt key does not compile.
//!
//! - **To add a phrase**: a line in `en/<area>.ftl` and in the same file of each other language.
//!   `send-now = Send now` in `console-messages.ftl` is
//!   [`phrases::console_messages::SEND_NOW`](phrases). The build fails with file and key if a
//!   language lacks it or has other placeholders.
//! - **To add an error**: a line in `errors.ftl`. `too-long = is too long (maximum is { $most }
//!   characters)` becomes the function `phrases::errors::too_long(most)`, whose [`LocalizedText`] is
//!   shown in English (`Display`) or in another language ([`LocalizedText::t`]).
//! - **To add a language**: a folder named as its tag, with all files of `en`. Its native name is
//!   `native-name` in `language.ftl`.
//! - **Counts**: `{ $count -> [one] { $count } contact *[other] { $count } contacts }`, with each
//!   plural category of the language. A number is a category of its own: `[0] nobody`.
//!
//! A phrase is text, placeholders and plural forms of placeholders. Attributes, terms, references
//! and functions of Fluent are rejected: nothing needs them.

mod format;
mod language;
mod phrase;
mod text;

#[cfg(test)]
#[path = "build/catalog.rs"]
mod catalog;
#[cfg(test)]
mod tests;

pub use format::{Args, Counted};
pub use language::UiLanguage;
pub use phrase::{AnyPhrase, Part, Phrase, Template};
pub use text::{Argument, LocalizedText, StoredText};

/// The phrases, one module per Fluent file.
pub mod phrases {
    include!(concat!(env!("OUT_DIR"), "/phrases.rs"));
}
