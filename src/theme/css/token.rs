//! A CSS tokenizer after the CSS Syntax specification, with the offset of each token.
//!
//! Values, selectors and conditions are checked on these tokens, in the source as well as in the
//! printed result. Must not depend on the allow-lists; only unterminated tokens are errors here.

/// The kind of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TokenKind {
    Ident,
    Function,
    At,
    Hash,
    String,
    Url,
    Number,
    Percentage,
    Dimension,
    Space,
    Open(char),
    Close(char),
    /// Any other single character: `:`, `;`, `,`, `>`, `&` and so on.
    Mark(char),
}

/// One token. `text` is the name, string, URL or unit, with escapes resolved.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Token {
    pub(super) kind: TokenKind,
    pub(super) text: String,
    pub(super) number: f64,
    pub(super) start: usize,
    pub(super) end: usize,
}

impl Token {
    pub(super) fn is(&self, mark: char) -> bool {
        self.kind == TokenKind::Mark(mark)
    }

    /// Its name in lower case, because CSS names are case-insensitive.
    pub(super) fn lower(&self) -> String {
        self.text.to_ascii_lowercase()
    }

    pub(super) fn is_numeric(&self) -> bool {
        matches!(self.kind, TokenKind::Number | TokenKind::Percentage | TokenKind::Dimension)
    }
}

/// The tokens without comments, or the offset and kind of an unterminated one.
pub(super) fn tokens(source: &str) -> Result<Vec<Token>, (usize, &'static str)> {
    let mut reader = Tokenizer { source, at: 0 };
    let mut all = Vec::new();
    while let Some(first) = reader.peek() {
        let start = reader.at;
        let (kind, text, number) = match first {
            '/' if reader.starts("/*") => {
                let Some(length) = source.get(start + 2..).and_then(|rest| rest.find("*/")) else {
                    return Err((start, "comment"));
                };
                reader.at = start + length + 4;
                continue;
            }
            _ if is_space(first) => {
                reader.skip_while(is_space);
                (TokenKind::Space, String::new(), 0.0)
            }
            '"' | '\'' => (TokenKind::String, reader.string(first).ok_or((start, "string"))?, 0.0),
            '#' if reader.is_name(1) || reader.is_escape(1) => {
                reader.bump();
                (TokenKind::Hash, reader.name(), 0.0)
            }
            '@' if reader.is_ident(1) => {
                reader.bump();
                (TokenKind::At, reader.name(), 0.0)
            }
            '(' | '[' | '{' => {
                reader.bump();
                (TokenKind::Open(first), String::new(), 0.0)
            }
            ')' | ']' | '}' => {
                reader.bump();
                (TokenKind::Close(first), String::new(), 0.0)
            }
            _ if reader.is_number() => reader.numeric(),
            _ if reader.is_ident(0) => {
                let name = reader.name();
                if reader.peek() != Some('(') {
                    (TokenKind::Ident, name, 0.0)
                } else if name.eq_ignore_ascii_case("url") && !reader.quoted_address() {
                    (TokenKind::Url, reader.address().ok_or((start, "url("))?, 0.0)
                } else {
                    reader.bump();
                    (TokenKind::Function, name, 0.0)
                }
            }
            _ => {
                reader.bump();
                (TokenKind::Mark(first), String::new(), 0.0)
            }
        };
        all.push(Token { kind, text, number, start, end: reader.at });
    }
    Ok(all)
}

pub(super) fn is_space(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\n' | '\r' | '\u{c}')
}

fn is_newline(character: char) -> bool {
    matches!(character, '\n' | '\r' | '\u{c}')
}

fn starts_name(character: char) -> bool {
    character.is_ascii_alphabetic() || character == '_' || !character.is_ascii()
}

fn continues_name(character: char) -> bool {
    starts_name(character) || character.is_ascii_digit() || character == '-'
}

/// Whether a name can be printed without an escape.
pub(super) fn is_plain(name: &str) -> bool {
    if let Some(rest) = name.strip_prefix("--") {
        return rest.chars().all(continues_name);
    }
    let rest = name.strip_prefix('-').unwrap_or(name);
    rest.starts_with(starts_name) && rest.chars().all(continues_name)
}

struct Tokenizer<'a> {
    source: &'a str,
    at: usize,
}

impl Tokenizer<'_> {
    fn nth(&self, ahead: usize) -> Option<char> {
        self.source.get(self.at..)?.chars().nth(ahead)
    }

    fn peek(&self) -> Option<char> {
        self.nth(0)
    }

    fn bump(&mut self) -> Option<char> {
        let character = self.peek()?;
        self.at += character.len_utf8();
        Some(character)
    }

    fn starts(&self, text: &str) -> bool {
        self.source.get(self.at..).is_some_and(|rest| rest.starts_with(text))
    }

    fn skip_while(&mut self, condition: fn(char) -> bool) {
        while self.peek().is_some_and(condition) {
            self.bump();
        }
    }

    fn is_name(&self, ahead: usize) -> bool {
        self.nth(ahead).is_some_and(continues_name)
    }

    fn is_escape(&self, ahead: usize) -> bool {
        self.nth(ahead) == Some('\\') && self.nth(ahead + 1).is_some_and(|next| !is_newline(next))
    }

    fn is_ident(&self, ahead: usize) -> bool {
        if self.nth(ahead) == Some('-') {
            let next = self.nth(ahead + 1);
            return next == Some('-') || next.is_some_and(starts_name) || self.is_escape(ahead + 1);
        }
        self.nth(ahead).is_some_and(starts_name) || self.is_escape(ahead)
    }

    fn is_number(&self) -> bool {
        let digit = |ahead| self.nth(ahead).is_some_and(|next: char| next.is_ascii_digit());
        let fraction = |ahead| self.nth(ahead) == Some('.') && digit(ahead + 1);
        match self.peek() {
            Some('+' | '-') => digit(1) || fraction(1),
            _ => digit(0) || fraction(0),
        }
    }

    /// The escaped character after a backslash.
    fn escape(&mut self) -> char {
        let mut code = 0_u32;
        let mut digits = 0;
        while digits < 6 {
            let Some(digit) = self.peek().and_then(|next| next.to_digit(16)) else { break };
            code = code * 16 + digit;
            digits += 1;
            self.bump();
        }
        if digits == 0 {
            return self.bump().unwrap_or('\u{fffd}');
        }
        if self.starts("\r\n") {
            self.at += 2;
        } else if self.peek().is_some_and(is_space) {
            self.bump();
        }
        char::from_u32(code).filter(|character| *character != '\0').unwrap_or('\u{fffd}')
    }

    fn name(&mut self) -> String {
        let mut name = String::new();
        while let Some(next) = self.peek() {
            if continues_name(next) {
                self.bump();
                name.push(next);
            } else if self.is_escape(0) {
                self.bump();
                name.push(self.escape());
            } else {
                break;
            }
        }
        name
    }

    fn string(&mut self, quote: char) -> Option<String> {
        self.bump();
        let mut text = String::new();
        loop {
            match self.bump()? {
                end if end == quote => return Some(text),
                newline if is_newline(newline) => return None,
                '\\' => match self.peek()? {
                    '\r' if self.starts("\r\n") => self.at += 2,
                    newline if is_newline(newline) => self.at += 1,
                    _ => text.push(self.escape()),
                },
                other => text.push(other),
            }
        }
    }

    /// Whether the current `url(` contains a string, which makes it an ordinary function.
    fn quoted_address(&self) -> bool {
        let inside = self.source.get(self.at + 1..).unwrap_or_default();
        inside.trim_start_matches(is_space).starts_with(['"', '\''])
    }

    fn address(&mut self) -> Option<String> {
        self.bump();
        self.skip_while(is_space);
        let mut text = String::new();
        loop {
            match self.bump()? {
                ')' => return Some(text),
                space if is_space(space) => {
                    self.skip_while(is_space);
                    return (self.bump() == Some(')')).then_some(text);
                }
                '\\' if self.peek().is_some_and(|next| !is_newline(next)) => {
                    text.push(self.escape());
                }
                '\\' | '"' | '\'' | '(' => return None,
                other if other.is_ascii_control() => return None,
                other => text.push(other),
            }
        }
    }

    fn numeric(&mut self) -> (TokenKind, String, f64) {
        let start = self.at;
        if matches!(self.peek(), Some('+' | '-')) {
            self.bump();
        }
        self.skip_while(|next| next.is_ascii_digit());
        if self.peek() == Some('.') && self.nth(1).is_some_and(|next| next.is_ascii_digit()) {
            self.bump();
            self.skip_while(|next| next.is_ascii_digit());
        }
        if matches!(self.peek(), Some('e' | 'E')) {
            let signed = usize::from(matches!(self.nth(1), Some('+' | '-')));
            if self.nth(1 + signed).is_some_and(|next| next.is_ascii_digit()) {
                self.at += 1 + signed;
                self.skip_while(|next| next.is_ascii_digit());
            }
        }
        let number = self
            .source
            .get(start..self.at)
            .and_then(|text| text.parse().ok())
            .unwrap_or(f64::INFINITY);
        if self.peek() == Some('%') {
            self.bump();
            return (TokenKind::Percentage, "%".to_owned(), number);
        }
        if self.is_ident(0) {
            return (TokenKind::Dimension, self.name(), number);
        }
        (TokenKind::Number, String::new(), number)
    }
}
