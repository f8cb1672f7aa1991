//! Variables in messages: `{{firstName}}`, `{{attributes.plan|basic}}`.
//!
//! Values come from a site's customers and are untrusted: in a title they are plain text, in a body
//! they can't become markup, and in a URL they are percent-encoded into one path segment or query
//! value. Doesn't know how messages are stored or sent.

mod body;

use belfry_locales::phrases::errors;
pub use body::render_body;

use super::text::clean_line;
use belfry_domain::{
    Contact, Link, MessageAction, MessageActionKind, MessageContent, ValidationError,
};
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
const MAX_VALUE_CHARS: usize = 200;
const VARIABLE_NAMES: [&str; 7] =
    ["name", "firstName", "lastName", "email", "phone", "externalCustomerId", "language"];

/// The kind of text that contains the variables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum TextContext {
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
    source: &'t str,
}

/// Parses a text. Braces that aren't closed are text; so are braces after a backslash, unless that
/// is escaped itself.
fn parse(text: &str, place: TextContext) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = split_at_delimiter(rest, OPEN, OPEN_IN_URL, place) {
        let backslashes = if place == TextContext::Url {
            0
        } else {
            before.len() - before.trim_end_matches('\\').len()
        };
        // Markdown resolves the remaining backslashes itself.
        let dropped =
            if place == TextContext::Line { backslashes.div_ceil(2) } else { backslashes % 2 };
        if backslashes % 2 == 1 {
            pieces.extend([
                Piece::Text(before.get(..before.len() - dropped).unwrap_or_default()),
                Piece::Braces,
            ]);
            rest = after;
            continue;
        }
        let Some((inside, behind)) = split_at_delimiter(after, CLOSE, CLOSE_IN_URL, place) else {
            break;
        };
        let written = rest.get(before.len()..rest.len() - behind.len()).unwrap_or_default();
        pieces.push(Piece::Text(before.get(..before.len() - dropped).unwrap_or_default()));
        pieces.push(Piece::Variable(parse_variable(inside, written, place)));
        rest = behind;
    }
    pieces.push(Piece::Text(rest));
    pieces
}

fn parse_variable<'t>(inside: &'t str, source: &'t str, place: TextContext) -> Variable<'t> {
    match if place == TextContext::Url { percent_decode(inside) } else { Cow::Borrowed(inside) } {
        Cow::Borrowed(inside) => {
            let (name, default) = inside.split_once('|').unwrap_or((inside, ""));
            Variable { name: name.trim().into(), default: default.trim().into(), source }
        }
        Cow::Owned(inside) => {
            let (name, default) = inside.split_once('|').unwrap_or((&inside, ""));
            Variable {
                name: name.trim().to_owned().into(),
                default: default.trim().to_owned().into(),
                source,
            }
        }
    }
}

/// Percent-decodes a part of a URL.
fn percent_decode(text: &str) -> Cow<'_, str> {
    if !text.contains('%') {
        return Cow::Borrowed(text);
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let escaped = after
            .get(..2)
            .filter(|_| *first == b'%')
            .and_then(|digits| std::str::from_utf8(digits).ok());
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
fn split_at_delimiter<'t>(
    text: &'t str,
    sign: &str,
    in_url: &str,
    place: TextContext,
) -> Option<(&'t str, &'t str)> {
    if place != TextContext::Url {
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
fn texts(content: &MessageContent) -> impl Iterator<Item = (String, &str, TextContext)> {
    let own = [
        Some(("title".to_owned(), content.title.as_str(), TextContext::Line)),
        Some(("body".to_owned(), content.body.as_str(), TextContext::Body)),
        content.link.as_ref().map(|link| ("link".to_owned(), link.as_str(), TextContext::Url)),
    ];
    let actions = content.actions.iter().enumerate().flat_map(|(index, action)| {
        let link = action
            .link()
            .map(|link| (format!("actions[{index}].link"), link.as_str(), TextContext::Url));
        std::iter::once((
            format!("actions[{index}].label"),
            action.label.as_str(),
            TextContext::Line,
        ))
        .chain(link)
    });
    own.into_iter().flatten().chain(actions)
}

fn has_delimiter(text: &str, place: TextContext) -> bool {
    text.contains(OPEN) || (place == TextContext::Url && text.contains(OPEN_IN_URL))
}

/// A sender's URL with each escaped `{{` in the form that survives normalization.
pub fn escape_for_url(text: &str) -> Cow<'_, str> {
    if text.contains("\\{{") { text.replace("\\{{", ESCAPED_IN_URL).into() } else { text.into() }
}

/// Whether the message's content depends on the reader.
pub fn is_personal<L>(content: &BTreeMap<L, MessageContent>) -> bool {
    content.values().any(has_variables)
}

fn has_variables(content: &MessageContent) -> bool {
    !content.is_literal && texts(content).any(|(_, text, place)| has_delimiter(text, place))
}

/// Rejects unknown variables and ones in places where they aren't allowed.
pub fn check(content: &MessageContent) -> Result<(), ValidationError> {
    if content.is_literal {
        return Ok(());
    }
    for (field, text, place) in
        texts(content).filter(|(_, text, place)| has_delimiter(text, *place))
    {
        for piece in parse(text, place) {
            let Piece::Variable(Variable { name, .. }) = piece else { continue };
            let is_known = VARIABLE_NAMES.contains(&&*name)
                || name.strip_prefix("attributes.").is_some_and(|path| !path.is_empty());
            if !is_known {
                let variable_names = VARIABLE_NAMES.join(", ");
                return Err(ValidationError::new(field, errors::unknown_variable(variable_names)));
            }
        }
        if place == TextContext::Body && !body::all_variables_visible(text) {
            return Err(ValidationError::new(field, errors::VARIABLE_IN_ADDRESS));
        }
    }
    // The host must be the sender's own text.
    let links = content.link.iter().map(|link| ("link".to_owned(), link));
    let actions = content
        .actions
        .iter()
        .enumerate()
        .filter_map(|(index, action)| Some((format!("actions[{index}].link"), action.link()?)));
    match links.chain(actions).find(|(_, link)| has_delimiter(link.authority(), TextContext::Url)) {
        Some((field, _)) => Err(ValidationError::new(field, errors::VARIABLE_IN_HOST)),
        None => Ok(()),
    }
}

/// Fills in the variables for a contact, except in the body (see [`body`]); borrowed if there are
/// none. Without a contact, variables stay as they were written.
pub fn fill<'c>(content: &'c MessageContent, contact: Option<&Contact>) -> Cow<'c, MessageContent> {
    if !has_variables(content) {
        return Cow::Borrowed(content);
    }
    let line = |text: &str| fill_text(text, TextContext::Line, contact);
    // An invalid URL is dropped, so that it doesn't lead to a wrong place.
    let url = |link: &Link| Link::parse(&fill_text(link.as_str(), TextContext::Url, contact)).ok();
    Cow::Owned(MessageContent {
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
                    MessageActionKind::Link { link, new_tab } => {
                        MessageActionKind::Link { link: url(link)?, new_tab: *new_tab }
                    }
                    MessageActionKind::Reply => MessageActionKind::Reply,
                };
                Some(MessageAction { label: line(&action.label), kind })
            })
            .collect(),
        is_literal: content.is_literal,
    })
}

fn fill_text(text: &str, place: TextContext, contact: Option<&Contact>) -> String {
    let mut out = String::with_capacity(text.len() + 32);
    for piece in parse(text, place) {
        match (piece, contact) {
            (Piece::Text(text), _) => out.push_str(text),
            (Piece::Braces, _) => out.push_str(OPEN),
            (Piece::Variable(variable), None) => out.push_str(variable.source),
            (Piece::Variable(variable), Some(contact)) if place == TextContext::Url => {
                Link::push_encoded(&mut out, &value_or_default(&variable, contact));
            }
            (Piece::Variable(variable), Some(contact)) => {
                out.push_str(&value_or_default(&variable, contact));
            }
        }
    }
    out
}

/// The value of a variable as one line, or its default.
fn value_or_default<'v>(variable: &'v Variable<'_>, contact: &Contact) -> Cow<'v, str> {
    let value = value(&variable.name, contact)
        .map(|value| clean_line(&value).chars().take(MAX_VALUE_CHARS).collect::<String>());
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
            let names: Vec<_> = [&contact.first_name, &contact.last_name]
                .into_iter()
                .flatten()
                .map(String::as_str)
                .collect();
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
