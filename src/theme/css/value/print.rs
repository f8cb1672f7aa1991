//! Prints a checked value: URLs are printed again, and nothing in it needs an escape.

use super::{Rejection, ValueChecker, reject};
use crate::{
    css::token::{Token, TokenKind, is_plain},
    diagnostics::Code,
};
use belfry_locales::phrases::theme_values;

impl ValueChecker<'_> {
    /// The value with its URLs printed again.
    pub(super) fn print(
        &self,
        property: &str,
        value: &str,
        all: &[Token],
    ) -> Result<String, Rejection> {
        let mut text = String::with_capacity(value.len());
        let mut index = 0;
        let mut end = 0;
        while let Some(token) = all.get(index) {
            index += 1;
            // A comment between two tokens separates them.
            text.push_str(if token.start == end { "" } else { " " });
            end = token.end;
            let address = match token.kind {
                TokenKind::Url => Some(token.text.clone()),
                TokenKind::Function if token.text.eq_ignore_ascii_case("url") => {
                    let rest = all.get(index..).unwrap_or_default();
                    let length = rest
                        .iter()
                        .position(|next| next.kind == TokenKind::Close(')'))
                        .unwrap_or(rest.len());
                    let inside: Vec<&Token> = rest
                        .iter()
                        .take(length)
                        .filter(|next| next.kind != TokenKind::Space)
                        .collect();
                    index += length + 1;
                    end = all.get(index - 1).map_or(end, |last| last.end);
                    let [Token { kind: TokenKind::String, text, .. }] = inside.as_slice() else {
                        return reject(Code::Value, "url(", theme_values::TWO_ADDRESSES);
                    };
                    Some(text.clone())
                }
                _ => None,
            };
            match (address, self.rename) {
                (None, _) => match token.kind {
                    TokenKind::String => quote(&mut text, &token.text)?,
                    TokenKind::Space => text.push(' '),
                    _ => text.push_str(value.get(token.start..token.end).unwrap_or_default()),
                },
                (Some(address), None) => text.extend(["url(\"", &address, "\")"]),
                (Some(address), Some(rename)) => {
                    let renamed = address.strip_prefix('#').and_then(rename).unwrap_or_default();
                    if !is_plain(&renamed) {
                        return reject(Code::Value, &address, theme_values::ESCAPED_ID);
                    }
                    text.extend(["url(#", &renamed, ")"]);
                }
            }
        }
        if text.contains('\\') {
            return reject(
                Code::Value,
                &text,
                theme_values::escaped_in_property(property.to_owned()),
            );
        }
        Ok(text.trim().to_owned())
    }
}

fn quote(out: &mut String, text: &str) -> Result<(), Rejection> {
    if text.contains(['"', '\\']) || text.chars().any(char::is_control) {
        return reject(Code::Value, text, theme_values::ESCAPED_VALUE);
    }
    out.extend(["\"", text, "\""]);
    Ok(())
}
