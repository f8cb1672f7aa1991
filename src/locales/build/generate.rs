//! Writes the constants of the phrases as Rust. Part of the build script.

use crate::catalog::{Language, Piece, placeholders};
use std::fmt::Write as _;

/// The content of `phrases.rs`: a module per file, a constant per phrase.
pub(crate) fn generate(languages: &[Language]) -> String {
    let tags: Vec<&str> = languages.iter().map(|language| language.tag.as_str()).collect();
    let mut out = format!(
        "/// How many languages there are.\npub const LANGUAGES: usize = {};\n\
         /// The tags of all languages, English first.\npub const TAGS: [&str; LANGUAGES] = {tags:?};\n",
        tags.len()
    );
    let mut files = String::new();
    for (file, phrases) in languages.first().map(|english| &english.files).into_iter().flatten() {
        let module = file.replace('-', "_");
        let _ = writeln!(out, "/// The phrases of `{file}.ftl`.\npub mod {module} {{");
        let _ = writeln!(files, "    ({file:?}, {module}::PHRASES),");
        let mut all = String::new();
        for (key, english) in phrases {
            let name = key.replace('-', "_").to_uppercase();
            let texts = languages.iter().map(|language| {
                let pieces = language.files.get(file).and_then(|phrases| phrases.get(key));
                pieces.map_or(&[][..], Vec::as_slice)
            });
            let (kind, values) = if placeholders(english).is_empty() {
                ("Phrase", texts.map(|pieces| format!("{:?}", plain(pieces))).collect::<Vec<_>>())
            } else {
                ("Template", texts.map(parts).collect())
            };
            let doc = format!("```text\n{}\n```", source(english));
            let values = values.join(", ");
            let _ = writeln!(
                out,
                "    #[doc = {doc:?}]\n    pub const {name}: crate::{kind} = crate::{kind}(&[{values}]);"
            );
            let _ = writeln!(all, "        ({key:?}, crate::AnyPhrase::{kind}({name})),");
        }
        let _ = write!(
            out,
            "    /// All of them by key.\n    pub const PHRASES: &[(&str, crate::AnyPhrase)] = &[\n{all}    ];\n}}\n"
        );
    }
    let _ = write!(
        out,
        "/// The phrases of one file by key.\npub type File = (&'static str, &'static [(&'static str, crate::AnyPhrase)]);\n\
         /// All phrases, by file and key.\npub const FILES: &[File] = &[\n{files}];\n"
    );
    out
}

/// The text of a phrase without placeholders.
fn plain(pieces: &[Piece]) -> String {
    let text = |piece: &Piece| match piece {
        Piece::Text(text) => text.clone(),
        Piece::Value(_) | Piece::Plural { .. } => String::new(),
    };
    pieces.iter().map(text).collect()
}

/// An expression of the type `&[Part]`.
fn parts(pieces: &[Piece]) -> String {
    let part = |piece: &Piece| match piece {
        Piece::Text(text) => format!("crate::Part::Text({text:?})"),
        Piece::Value(name) => format!("crate::Part::Value({name:?})"),
        Piece::Plural { name, variants, other } => {
            let variants: Vec<String> = variants
                .iter()
                .map(|(key, pieces)| format!("({key:?}, {} as &[crate::Part])", parts(pieces)))
                .collect();
            format!(
                "crate::Part::Plural {{ name: {name:?}, variants: &[{}], other: {} }}",
                variants.join(", "),
                parts(other)
            )
        }
    };
    let parts: Vec<String> = pieces.iter().map(part).collect();
    format!("&[{}]", parts.join(", "))
}

/// The phrase for its constant's documentation: placeholders as `{name}`, the general plural form.
fn source(pieces: &[Piece]) -> String {
    let text = |piece: &Piece| match piece {
        Piece::Text(text) => text.clone(),
        Piece::Value(name) => format!("{{{name}}}"),
        Piece::Plural { other, .. } => source(other),
    };
    pieces.iter().map(text).collect()
}
