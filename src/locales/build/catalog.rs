//! Parses and checks Fluent files. Part of the build script, and of the crate's tests.

use fluent_syntax::{
    ast::{Entry, Expression, InlineExpression, Message, Pattern, PatternElement, VariantKey},
    parser::parse,
    unicode::unescape_unicode_to_string,
};
use std::collections::{BTreeMap, BTreeSet};

/// The language that has all keys, and to which others are compared.
pub(crate) const REFERENCE: &str = "en";

/// A part of a phrase.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Piece {
    Text(String),
    Value(String),
    Plural { name: String, variants: Vec<(String, Vec<Piece>)>, other: Vec<Piece> },
}

/// The phrases of one language: pieces by file (without its extension) and key.
#[derive(Debug)]
pub(crate) struct Language {
    pub(crate) tag: String,
    pub(crate) files: BTreeMap<String, BTreeMap<String, Vec<Piece>>>,
}

/// The phrases of a Fluent file by key.
pub(crate) fn parse_file(source: &str) -> Result<BTreeMap<String, Vec<Piece>>, String> {
    let resource = parse(source).map_err(|(_, errors)| {
        let lines = errors.iter().map(|error| {
            let line = source.get(..error.pos.start).unwrap_or_default().matches('\n').count() + 1;
            format!("line {line}: {}", error.kind)
        });
        lines.collect::<Vec<_>>().join("; ")
    })?;
    let mut phrases = BTreeMap::new();
    for entry in &resource.body {
        match entry {
            Entry::Message(message) => {
                let key = message.id.name.to_owned();
                let pieces = read_message(message).map_err(|error| format!("{key}: {error}"))?;
                if phrases.insert(key.clone(), pieces).is_some() {
                    return Err(format!("{key}: is there twice"));
                }
            }
            Entry::Term(term) => return Err(format!("-{}: terms are not used", term.id.name)),
            Entry::Junk { content } => return Err(format!("cannot be read: {content}")),
            Entry::Comment(_) | Entry::GroupComment(_) | Entry::ResourceComment(_) => {}
        }
    }
    Ok(phrases)
}

fn read_message(message: &Message<&str>) -> Result<Vec<Piece>, String> {
    let lower = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit();
    if !message.id.name.chars().all(|letter| lower(letter) || letter == '-') {
        return Err("a key has lower-case letters, digits and hyphens".to_owned());
    }
    if !message.attributes.is_empty() {
        return Err("attributes are not used".to_owned());
    }
    read_pattern(message.value.as_ref().ok_or("has no text")?)
}

fn read_pattern(pattern: &Pattern<&str>) -> Result<Vec<Piece>, String> {
    let mut pieces: Vec<Piece> = Vec::new();
    for element in &pattern.elements {
        let piece = match element {
            PatternElement::TextElement { value } => Piece::Text((*value).to_owned()),
            PatternElement::Placeable { expression } => read_expression(expression)?,
        };
        match (pieces.last_mut(), piece) {
            (Some(Piece::Text(text)), Piece::Text(more)) => text.push_str(&more),
            (_, piece) => pieces.push(piece),
        }
    }
    Ok(pieces)
}

fn read_expression(expression: &Expression<&str>) -> Result<Piece, String> {
    match expression {
        Expression::Inline(InlineExpression::StringLiteral { value }) => {
            Ok(Piece::Text(unescape_unicode_to_string(value).into_owned()))
        }
        Expression::Inline(InlineExpression::VariableReference { id }) => {
            Ok(Piece::Value(id.name.to_owned()))
        }
        Expression::Select {
            selector: InlineExpression::VariableReference { id },
            variants: of,
        } => {
            let (mut variants, mut other) = (Vec::new(), None);
            for variant in of {
                let key = match &variant.key {
                    VariantKey::Identifier { name } => *name,
                    VariantKey::NumberLiteral { value } => *value,
                };
                let pieces = read_pattern(&variant.value)?;
                match (key, variant.default) {
                    ("other", true) => other = Some(pieces),
                    (_, false) if is_plural_key(key) => variants.push((key.to_owned(), pieces)),
                    (_, true) => return Err("the default variant is *[other]".to_owned()),
                    _ => return Err(format!("[{key}] is neither a plural category nor a number")),
                }
            }
            let other = other.ok_or("has no *[other]")?;
            Ok(Piece::Plural { name: id.name.to_owned(), variants, other })
        }
        _ => Err("only { $name }, { \"text\" } and plural forms of { $name } are used".to_owned()),
    }
}

fn is_plural_key(key: &str) -> bool {
    ["zero", "one", "two", "few", "many"].contains(&key) || key.parse::<u64>().is_ok()
}

/// The placeholders of a phrase.
pub(crate) fn placeholders(pieces: &[Piece]) -> BTreeSet<&str> {
    let mut names: BTreeSet<&str> = BTreeSet::new();
    for piece in pieces {
        match piece {
            Piece::Text(_) => {}
            Piece::Value(name) => _ = names.insert(name.as_str()),
            Piece::Plural { name, variants, other } => {
                names.insert(name);
                names.extend(placeholders(other));
                names.extend(variants.iter().flat_map(|(_, pieces)| placeholders(pieces)));
            }
        }
    }
    names
}

/// What differs between English and the other languages, each with file and key.
pub(crate) fn check(languages: &[Language]) -> Vec<String> {
    let Some((english, others)) =
        languages.split_first().filter(|(first, _)| first.tag == REFERENCE)
    else {
        return vec![format!("there is no folder {REFERENCE}")];
    };
    others.iter().flat_map(|other| compare(english, other)).collect()
}

fn compare(english: &Language, other: &Language) -> Vec<String> {
    let nothing = BTreeMap::new();
    let mut problems = Vec::new();
    let files: BTreeSet<&String> = english.files.keys().chain(other.files.keys()).collect();
    for file in files {
        let theirs = other.files.get(file).unwrap_or(&nothing);
        let ours = english.files.get(file).unwrap_or(&nothing);
        let lacks = |tag: &str, key: &str| format!("{tag}/{file}.ftl: {key} is missing");
        for (key, pieces) in ours {
            let Some(translated) = theirs.get(key) else {
                problems.push(lacks(&other.tag, key));
                continue;
            };
            let (expected, found) = (placeholders(pieces), placeholders(translated));
            if expected != found {
                problems.push(format!(
                    "{}/{file}.ftl: {key} has the placeholders {found:?}, English has {expected:?}",
                    other.tag
                ));
            }
        }
        let unknown = theirs.keys().filter(|key| !ours.contains_key(*key));
        problems.extend(unknown.map(|key| lacks(&english.tag, key)));
    }
    problems
}
