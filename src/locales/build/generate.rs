//! Writes the constants of the phrases as Rust. Part of the build script.

use crate::catalog::{Language, Piece, placeholders};
use std::fmt::Write as _;

/// Files whose phrases are generated as `LocalizedText`: a constant, or a function of the
/// placeholders.
const TEXT_FILES: [&str; 8] = [
    "activity",
    "errors",
    "theme-drawings",
    "theme-numbers",
    "theme-problems",
    "theme-sheets",
    "theme-values",
    "themes",
];

/// The content of `phrases.rs`: a module per file, a constant per phrase.
pub(crate) fn generate(languages: &[Language]) -> String {
    let tags: Vec<&str> = languages.iter().map(|language| language.tag.as_str()).collect();
    let mut out = format!(
        "/// How many languages there are.\npub const LANGUAGES: usize = {};\n\
         /// The tags of all languages, English first.\npub const TAGS: [&str; LANGUAGES] = {tags:?};\n",
        tags.len()
    );
    let (mut files, mut texts) = (String::new(), String::new());
    for (file, phrases) in languages.first().map(|english| &english.files).into_iter().flatten() {
        let module = file.replace('-', "_");
        let is_text = TEXT_FILES.contains(&file.as_str());
        let mut sources = String::new();
        let _ = writeln!(out, "/// The phrases of `{file}.ftl`.\npub mod {module} {{");
        let _ = writeln!(files, "    ({file:?}, &[");
        for (key, english) in phrases {
            let name = key.replace('-', "_").to_uppercase();
            let (kind, value) = phrase(languages, file, key, english);
            let doc = format!("```text\n{}\n```", source(english));
            let _ = writeln!(out, "    #[doc = {doc:?}]");
            if is_text {
                out.push_str(&text(&name, english));
                let code = format!("{file}.{key}");
                let _ = writeln!(
                    sources,
                    "        pub(crate) const {name}: crate::text::Source = crate::text::Source {{ code: {code:?}, phrase: crate::AnyPhrase::{kind}({value}) }};"
                );
                let _ = writeln!(texts, "    &{module}::sources::{name},");
                let _ = writeln!(files, "        ({key:?}, {module}::sources::{name}.phrase),");
            } else {
                let _ = writeln!(out, "    pub const {name}: crate::{kind} = {value};");
                let _ = writeln!(
                    files,
                    "        ({key:?}, crate::AnyPhrase::{kind}({module}::{name})),"
                );
            }
        }
        if is_text {
            let _ = writeln!(out, "    pub(crate) mod sources {{\n{sources}    }}");
        }
        out.push_str("}\n");
        files.push_str("    ]),\n");
    }
    let _ = write!(
        out,
        "/// The phrases of one file by key.\npub type File = (&'static str, &'static [(&'static str, crate::AnyPhrase)]);\n\
         /// All phrases, by file and key.\npub const FILES: &[File] = &[\n{files}];\n\
         /// The phrases that are texts.\npub(crate) const TEXTS: &[&crate::text::Source] = &[\n{texts}];\n"
    );
    out
}

/// The type of a phrase, and the expression that makes it.
fn phrase(
    languages: &[Language],
    file: &str,
    key: &str,
    english: &[Piece],
) -> (&'static str, String) {
    let texts = languages.iter().map(|language| {
        let pieces = language.files.get(file).and_then(|phrases| phrases.get(key));
        pieces.map_or(&[][..], Vec::as_slice)
    });
    let (kind, values) = if placeholders(english).is_empty() {
        ("Phrase", texts.map(|pieces| format!("{:?}", plain(pieces))).collect::<Vec<_>>())
    } else {
        ("Template", texts.map(parts).collect())
    };
    (kind, format!("crate::{kind}(&[{}])", values.join(", ")))
}

/// The constant or function of a `LocalizedText`. Its parameters are in the order of English.
fn text(name: &str, english: &[Piece]) -> String {
    let mut names: Vec<&str> = Vec::new();
    for name in in_order(english) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    if names.is_empty() {
        return format!(
            "    pub const {name}: crate::LocalizedText = crate::LocalizedText::fixed(sources::{name});\n"
        );
    }
    let parameters: Vec<String> =
        names.iter().map(|name| format!("{name}: impl Into<crate::Argument>")).collect();
    let arguments: Vec<String> =
        names.iter().map(|name| format!("({name:?}, {name}.into())")).collect();
    format!(
        "    pub fn {}({}) -> crate::LocalizedText {{ crate::LocalizedText::with(sources::{name}, vec![{}]) }}\n",
        name.to_lowercase(),
        parameters.join(", "),
        arguments.join(", ")
    )
}

/// The placeholders in the order of their first use.
fn in_order(pieces: &[Piece]) -> Vec<&str> {
    pieces
        .iter()
        .flat_map(|piece| match piece {
            Piece::Text(_) => Vec::new(),
            Piece::Value(name) => vec![name.as_str()],
            Piece::Plural { name, variants, other } => std::iter::once(name.as_str())
                .chain(in_order(other))
                .chain(variants.iter().flat_map(|(_, pieces)| in_order(pieces)))
                .collect(),
        })
        .collect()
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
