//! Splits a statement into words, parameters and the rest. Must not depend on what they mean.

/// A part of a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Token<'s> {
    /// A name or a keyword.
    Word(&'s str),
    /// The number of a parameter: `1` of `?1`.
    Parameter(&'s str),
    /// The digits of a literal of bytes: `00` of `x'00'`.
    Bytes(&'s str),
    /// A space, or a comment.
    Space,
    /// Anything else: an operator, a bracket, a number, a literal or a quoted name.
    Other(&'s str),
}

pub(super) fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let (token, length) = token(rest, first);
        tokens.push(token);
        rest = rest.get(length..).unwrap_or_default();
    }
    tokens
}

/// The first token and its length.
fn token(text: &str, first: char) -> (Token<'_>, usize) {
    let part = |length: usize| text.get(..length).unwrap_or(text);
    if first.is_ascii_whitespace() {
        return (Token::Space, length_while(text, |c| c.is_ascii_whitespace()));
    }
    if text.starts_with("--") {
        return (Token::Space, length_while(text, |c| c != '\n'));
    }
    if let Some(digits) = text.strip_prefix("x'").or_else(|| text.strip_prefix("X'")) {
        let length = length_while(digits, |c| c != '\'');
        return (Token::Bytes(digits.get(..length).unwrap_or_default()), length + 3);
    }
    match first {
        '\'' | '"' => {
            let inner = text.get(1..).unwrap_or_default();
            let length = length_while(inner, |c| c != first) + 2;
            (Token::Other(part(length)), length)
        }
        '?' => {
            let digits = text.get(1..).unwrap_or_default();
            let length = length_while(digits, |c| c.is_ascii_digit());
            (Token::Parameter(digits.get(..length).unwrap_or_default()), length + 1)
        }
        _ if is_word(first) => {
            let length = length_while(text, is_word);
            (Token::Word(part(length)), length)
        }
        _ => {
            let length = first.len_utf8();
            (Token::Other(part(length)), length)
        }
    }
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || !c.is_ascii()
}

/// The length of the longest start whose characters are all accepted.
fn length_while(text: &str, accept: impl Fn(char) -> bool) -> usize {
    text.find(|c| !accept(c)).unwrap_or(text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_and_comments_are_not_split() {
        assert_eq!(
            tokens("a=?12 -- it's\n'b ?1'x'0F'"),
            [
                Token::Word("a"),
                Token::Other("="),
                Token::Parameter("12"),
                Token::Space,
                Token::Space,
                Token::Space,
                Token::Other("'b ?1'"),
                Token::Bytes("0F"),
            ]
        );
    }
}
