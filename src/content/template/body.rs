//! Variables in Markdown: they come in after it was read, so that no value is ever read as Markdown.

use super::{Piece, Place, encode, has_sign, pieces, said};
use crate::{content::markdown, domain::Contact};
use std::{borrow::Cow, fmt::Write as _};

/// A body as HTML in which each variable is still a word that nothing else in it is. What readers are told of a contact comes in after
/// the Markdown was read, so that no value is ever read as Markdown.
pub(super) struct Body<'t> {
    html: String,
    word: String,
    variables: Vec<(Cow<'t, str>, Cow<'t, str>)>,
}

impl<'t> Body<'t> {
    pub(super) fn of(text: &'t str) -> Self {
        let mut word = "variablex".to_owned();
        while text.contains(&word) {
            word.push('x');
        }
        let (mut marked, mut variables) = (String::with_capacity(text.len()), Vec::new());
        for piece in pieces(text, Place::Body) {
            match piece {
                Piece::Text(text) => marked.push_str(text),
                Piece::Variable { name, default } => {
                    let _ = write!(marked, "{word}{}z", variables.len());
                    variables.push((name, default));
                }
            }
        }
        Self { html: markdown::to_html(&marked), word, variables }
    }

    /// The text before each variable, with the number of the variable behind it.
    fn parts(&self) -> impl Iterator<Item = (&str, Option<usize>)> {
        let mut rest = Some(self.html.as_str());
        std::iter::from_fn(move || {
            let text = rest?;
            let Some((before, after)) = text.split_once(&self.word) else {
                rest = None;
                return Some((text, None));
            };
            let (number, behind) = after.split_once('z').unwrap_or((after, ""));
            rest = Some(behind);
            Some((before, number.parse().ok()))
        })
    }

    pub(super) fn has_variable_in_address(&self) -> bool {
        let mut read = String::new();
        self.parts().any(|(before, number)| {
            read.push_str(before);
            number.is_some() && in_tag(&read)
        })
    }
}

/// Whether the end of this HTML, which is our own, stands inside a tag.
fn in_tag(html: &str) -> bool {
    html.rfind('<').is_some_and(|open| html.rfind('>').is_none_or(|close| close < open))
}

/// A body as HTML, as it is for one contact.
pub fn body(text: &str, contact: &Contact) -> String {
    if !has_sign(text, Place::Body) {
        return markdown::to_html(text);
    }
    let body = Body::of(text);
    let mut html = String::with_capacity(body.html.len() + 64);
    for (before, number) in body.parts() {
        html.push_str(before);
        let Some((name, default)) = number.and_then(|number| body.variables.get(number)) else { continue };
        let value = said(name, default, contact);
        if in_tag(&html) {
            encode(&mut html, &value);
        } else {
            html.push_str(&html_escape::encode_text(&value));
        }
    }
    html
}
