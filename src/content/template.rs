//! Variables in messages: `{{firstName}}`, `{{attributes.plan|basic}}`.
//!
//! Values come from a site's customers and are untrusted: in a title they are plain text, in a body
//! they can't become markup, and in a URL they are percent-encoded into one path segment or query
//! value. Doesn't know how messages are stored or sent.

mod body;

pub use body::body;

use super::text::clean_line;
use crate::domain::{Action, ActionKind, Contact, Content, Invalid, Link};
use serde_json::Value;
use std::{borrow::Cow, collections::BTreeMap};

const OPEN: &str = "{{";
const CLOSE: &str = "}}";
/// The delimiters in a URL after normalization by the URL standard.
const OPEN_IN_URL: &str = "%7B%7B";
const CLOSE_IN_URL: &str = "%7D%7D";
/// An escaped opening delimiter in a URL. It differs from [`OPEN_IN_URL`], because the URL standard
/// uses upper-case escapes.
const ESCAPED_IN_URL: &str = "%7b%7b";
/// Maximum length of an inserted value, in characters; longer ones are cut.
const VALUE: usize = 200;
const NAMES: [&str; 7] = ["name", "firstName", "lastName", "email", "phone", "externalCustomerId", "language"];

/// The kind of text that contains the variables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Plain text.
    Line,
    /// Markdown.
    Body,
    /// A URL.
    Url,
}

/// A part of a parsed text.
enum Piece<'t> {
    Text(&'t str),
    /// An escaped `{{`.
    Braces,
    Variable(Variable<'t>),
}

struct Variable<'t> {
    name: Cow<'t, str>,
    default: Cow<'t, str>,
    /// The source text, with delimiters.
    written: &'t str,
}

/// Parses a text. Braces that aren't closed are text; so are braces after a backslash, unless that
/// is escaped itself.
fn pieces(text: &str, place: Place) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = split(rest, OPEN, OPEN_IN_URL, place) {
        let backslashes = if place == Place::Url { 0 } else { before.len() - before.trim_end_matches('\\').len() };
        // Markdown resolves the remaining backslashes itself.
        let dropped = if place == Place::Line { backslashes.div_ceil(2) } else { backslashes % 2 };
        if backslashes % 2 == 1 {
            pieces.extend([Piece::Text(before.get(..before.len() - dropped).unwrap_or_default()), Piece::Braces]);
            rest = after;
            continue;
        }
        let Some((inside, behind)) = split(after, CLOSE, CLOSE_IN_URL, place) else { break };
        let written = rest.get(before.len()..rest.len() - behind.len()).unwrap_or_default();
        pieces.push(Piece::Text(before.get(..before.len() - dropped).unwrap_or_default()));
        pieces.push(Piece::Variable(variable(inside, written, place)));
        rest = behind;
    }
    pieces.push(Piece::Text(rest));
    pieces
}

fn variable<'t>(inside: &'t str, written: &'t str, place: Place) -> Variable<'t> {
    match if place == Place::Url { decoded(inside) } else { Cow::Borrowed(inside) } {
        Cow::Borrowed(inside) => {
            let (name, default) = inside.split_once('|').unwrap_or((inside, ""));
            Variable { name: name.trim().into(), default: default.trim().into(), written }
        }
        Cow::Owned(inside) => {
            let (name, default) = inside.split_once('|').unwrap_or((&inside, ""));
            Variable { name: name.trim().to_owned().into(), default: default.trim().to_owned().into(), written }
        }
    }
}

/// Percent-decodes a part of a URL.
fn decoded(text: &str) -> Cow<'_, str> {
    if !text.contains('%') {
        return Cow::Borrowed(text);
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let escaped = after.get(..2).filter(|_| *first == b'%').and_then(|digits| std::str::from_utf8(digits).ok());
        if let Some(byte) = escaped.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            bytes.push(byte);
            rest = after.get(2..).unwrap_or_default();
        } else {
            bytes.push(*first);
            rest = after;
        }
    }
    Cow::Owned(String::from_utf8_lossy(&bytes).into_owned())
}

/// Splits at a delimiter. The URL standard encodes braces in a path and leaves those in a query.
fn split<'t>(text: &'t str, sign: &str, in_url: &str, place: Place) -> Option<(&'t str, &'t str)> {
    if place != Place::Url {
        return text.split_once(sign);
    }
    let first = sign.as_bytes().first()?;
    let candidates = text.bytes().enumerate().filter(|(_, byte)| byte == first || *byte == b'%');
    candidates.map(|(at, _)| text.split_at_checked(at)).find_map(|parts| {
        let (before, rest) = parts?;
        rest.strip_prefix(sign).or_else(|| rest.strip_prefix(in_url)).map(|behind| (before, behind))
    })
}

/// All texts of a message with their field names.
fn texts(content: &Content) -> impl Iterator<Item = (String, &str, Place)> {
    let own = [
        Some(("title".to_owned(), content.title.as_str(), Place::Line)),
        Some(("body".to_owned(), content.body.as_str(), Place::Body)),
        content.link.as_ref().map(|link| ("link".to_owned(), link.as_str(), Place::Url)),
    ];
    let actions = content.actions.iter().enumerate().flat_map(|(index, action)| {
        let link = action.link().map(|link| (format!("actions[{index}].link"), link.as_str(), Place::Url));
        std::iter::once((format!("actions[{index}].label"), action.label.as_str(), Place::Line)).chain(link)
    });
    own.into_iter().flatten().chain(actions)
}

fn has_sign(text: &str, place: Place) -> bool {
    text.contains(OPEN) || (place == Place::Url && text.contains(OPEN_IN_URL))
}

/// A sender's URL with each escaped `{{` in the form that survives normalization.
pub fn escaped_in_address(text: &str) -> Cow<'_, str> {
    if text.contains("\\{{") { text.replace("\\{{", ESCAPED_IN_URL).into() } else { text.into() }
}

/// Whether the message's content depends on the reader.
pub fn is_personal<L>(content: &BTreeMap<L, Content>) -> bool {
    content.values().any(has_variables)
}

fn has_variables(content: &Content) -> bool {
    !content.literal && texts(content).any(|(_, text, place)| has_sign(text, place))
}

/// Rejects unknown variables and ones in places where they aren't allowed.
pub fn check(content: &Content) -> Result<(), Invalid> {
    if content.literal {
        return Ok(());
    }
    for (field, text, place) in texts(content).filter(|(_, text, place)| has_sign(text, *place)) {
        for piece in pieces(text, place) {
            let Piece::Variable(Variable { name, .. }) = piece else { continue };
            let is_known = NAMES.contains(&&*name) || name.strip_prefix("attributes.").is_some_and(|path| !path.is_empty());
            if !is_known {
                let known = NAMES.join(", ");
                return Err(Invalid::new(
                    field,
                    format!(
                        "has a variable that is not known; known are {known} and attributes.… of the contact; where it is no variable, \
                         write \\{{{{ or send the message with \"variables\": false"
                    ),
                ));
            }
        }
        if place == Place::Body && !body::shows_all(text) {
            return Err(Invalid::new(field, "can have no variable in an address or where it can’t be seen; give the message a link or an action"));
        }
    }
    // The host must be the sender's own text.
    let links = content.link.iter().map(|link| ("link".to_owned(), link));
    let actions = content.actions.iter().enumerate().filter_map(|(index, action)| Some((format!("actions[{index}].link"), action.link()?)));
    match links.chain(actions).find(|(_, link)| has_sign(link.authority(), Place::Url)) {
        Some((field, _)) => Err(Invalid::new(field, "can have variables only after the name of the host")),
        None => Ok(()),
    }
}

/// Fills in the variables for a contact, except in the body (see [`body`]); borrowed if there are
/// none. Without a contact, variables stay as they were written.
pub fn fill<'c>(content: &'c Content, contact: Option<&Contact>) -> Cow<'c, Content> {
    if !has_variables(content) {
        return Cow::Borrowed(content);
    }
    let line = |text: &str| filled(text, Place::Line, contact);
    // An invalid URL is dropped, so that it doesn't lead to a wrong place.
    let url = |link: &Link| Link::parse(&filled(link.as_str(), Place::Url, contact)).ok();
    Cow::Owned(Content {
        title: line(&content.title),
        body: content.body.clone(),
        link: content.link.as_ref().and_then(url),
        new_tab: content.new_tab,
        image: content.image.clone(),
        actions: content
            .actions
            .iter()
            .filter_map(|action| {
                let kind = match &action.kind {
                    ActionKind::Link { link, new_tab } => ActionKind::Link { link: url(link)?, new_tab: *new_tab },
                    ActionKind::Reply => ActionKind::Reply,
                };
                Some(Action { label: line(&action.label), kind })
            })
            .collect(),
        literal: content.literal,
    })
}

fn filled(text: &str, place: Place, contact: Option<&Contact>) -> String {
    let mut out = String::with_capacity(text.len() + 32);
    for piece in pieces(text, place) {
        match (piece, contact) {
            (Piece::Text(text), _) => out.push_str(text),
            (Piece::Braces, _) => out.push_str(OPEN),
            (Piece::Variable(variable), None) => out.push_str(variable.written),
            (Piece::Variable(variable), Some(contact)) if place == Place::Url => Link::push_part(&mut out, &said(&variable, contact)),
            (Piece::Variable(variable), Some(contact)) => out.push_str(&said(&variable, contact)),
        }
    }
    out
}

/// The value of a variable as one line, or its default.
fn said<'v>(variable: &'v Variable<'_>, contact: &Contact) -> Cow<'v, str> {
    let value = value(&variable.name, contact).map(|value| clean_line(&value).chars().take(VALUE).collect::<String>());
    match value.filter(|value| !value.is_empty()) {
        Some(value) => Cow::Owned(value),
        None => Cow::Borrowed(&variable.default),
    }
}

fn value(name: &str, contact: &Contact) -> Option<String> {
    match name {
        "firstName" => contact.first_name.clone(),
        "lastName" => contact.last_name.clone(),
        "name" => {
            let names: Vec<_> = [&contact.first_name, &contact.last_name].into_iter().flatten().map(String::as_str).collect();
            Some(names.join(" "))
        }
        "email" => contact.email.clone(),
        "phone" => contact.phone.clone(),
        "externalCustomerId" => contact.external_id.clone(),
        "language" => contact.language.as_ref().map(ToString::to_string),
        _ => match contact.attribute(name.strip_prefix("attributes.")?)? {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            Value::Bool(truth) => Some(truth.to_string()),
            Value::Null | Value::Array(_) | Value::Object(_) => None,
        },
    }
}

#[cfg(test)]
mod tests;
