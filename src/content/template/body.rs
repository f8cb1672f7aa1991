//! Variables in Markdown bodies. Values are passed to the renderer separately, so they are never
//! parsed as Markdown.

use super::{OPEN, Piece, TextContext, Variable, has_delimiter, parse, value_or_default};
use crate::{markdown::Source, text::clean_line};
use belfry_domain::{Contact, MessageContent, Origin};
use std::borrow::Cow;

/// Maximum total length of the values in one body, in characters. Protects against bodies that
/// consist of variables only.
const MAX_TOTAL_VALUE_CHARS: usize = 20_000;

/// Renders a body as HTML for a contact, or with unfilled variables for none. A link without a host
/// leads to `origin`.
pub fn render_body(
    content: &MessageContent,
    contact: Option<&Contact>,
    origin: Option<&Origin>,
) -> String {
    let text = content.body.as_str();
    if content.is_literal || !has_delimiter(text, TextContext::Body) {
        return Source::of(text).render(origin);
    }
    let value = |variable: &Variable<'_>| match contact {
        Some(contact) => clean_line(&value_or_default(variable, contact)),
        None => clean_line(variable.source),
    };
    source(text, value).render(origin)
}

/// Whether all variables of a body are visible to the reader.
pub(super) fn all_variables_visible(text: &str) -> bool {
    source(text, |_| String::new()).shows_all_values()
}

pub(super) fn source<'t>(text: &str, value: impl Fn(&Variable<'_>) -> String) -> Source<'t> {
    let mut source = Source::of("");
    let mut left = MAX_TOTAL_VALUE_CHARS;
    for piece in parse(text, TextContext::Body) {
        match piece {
            Piece::Text(text) => source.push(text),
            Piece::Braces => source.push_value(Cow::Borrowed(OPEN)),
            Piece::Variable(variable) => {
                let value = value(&variable);
                let put_in: String = value.chars().take(left).collect();
                left -= put_in.chars().count();
                source.push_value(put_in);
            }
        }
    }
    source
}
