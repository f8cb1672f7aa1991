//! Variables in Markdown: each is a value for the renderer, so that nothing in it is ever read as Markdown.

use super::{OPEN, Piece, Place, Variable, has_sign, pieces, said};
use crate::{
    content::{markdown::Source, text::clean_line},
    domain::{Contact, Content, Origin},
};
use std::borrow::Cow;

/// Characters of all values that are put into one body. Each is short; this is for a body that is made of nothing else.
const VALUES: usize = 20_000;

/// A body as HTML, as it is for one contact, or for nobody in particular. A link that names no host leads to a page of this origin.
pub fn body(content: &Content, contact: Option<&Contact>, origin: Option<&Origin>) -> String {
    let text = content.body.as_str();
    if content.literal || !has_sign(text, Place::Body) {
        return Source::of(text).render(origin);
    }
    let value = |variable: &Variable<'_>| match contact {
        Some(contact) => clean_line(&said(variable, contact)),
        None => clean_line(variable.written),
    };
    source(text, value).render(origin)
}

/// Whether each variable of a body stands where a reader sees it.
pub(super) fn shows_all(text: &str) -> bool {
    source(text, |_| String::new()).shows_all_values()
}

pub(super) fn source<'t>(text: &str, value: impl Fn(&Variable<'_>) -> String) -> Source<'t> {
    let mut source = Source::of("");
    let mut left = VALUES;
    for piece in pieces(text, Place::Body) {
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
