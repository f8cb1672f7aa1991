//! Parses a printed selector list.
//!
//! Must not depend on the names of the widget's parts, which are in `parts`. Called by `sheet`.

use super::{Combinator, Complex, Compound};
use crate::{
    css::{
        Diagnostic, Rename,
        token::{Token, TokenKind, is_plain, tokens},
    },
    diagnostics::Code,
};
use belfry_locales::phrases::{theme_sheets, themes};

/// Parses a printed selector list and renames ids.
pub(in crate::css) fn list(
    text: &str,
    rename: Option<Rename<'_>>,
    is_theme: bool,
) -> Result<Vec<Complex>, Diagnostic> {
    let all = tokens(text)
        .map_err(|_| Diagnostic::new(Code::Selector, text, theme_sheets::UNREADABLE_SELECTOR))?;
    let mut reader = SelectorParser { tokens: &all, index: 0, rename, is_theme };
    let list = reader.list(0)?;
    match reader.peek() {
        None => Ok(list),
        Some(left) => {
            Err(Diagnostic::new(Code::Selector, &shown(left), theme_sheets::SELECTOR_SIGN))
        }
    }
}

struct SelectorParser<'a> {
    tokens: &'a [Token],
    index: usize,
    rename: Option<Rename<'a>>,
    is_theme: bool,
}

fn shown(token: &Token) -> String {
    match token.kind {
        TokenKind::Mark(mark) | TokenKind::Open(mark) | TokenKind::Close(mark) => mark.to_string(),
        TokenKind::At => format!("@{}", token.text),
        TokenKind::Function => format!("{}(", token.text),
        _ => token.text.clone(),
    }
}

/// Maximum compounds in one selector; real ones have three or four.
const MAX_COMPOUNDS: usize = 16;

impl SelectorParser<'_> {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.index)
    }

    fn skip_space(&mut self) -> bool {
        let has_space = self.peek().is_some_and(|token| token.kind == TokenKind::Space);
        self.index += usize::from(has_space);
        has_space
    }

    fn combinator(&mut self) -> Option<Combinator> {
        let spaced = self.skip_space();
        let explicit = match self.peek()?.kind {
            TokenKind::Mark('>') => Combinator::Child,
            TokenKind::Mark('+') => Combinator::NextSibling,
            TokenKind::Mark('~') => Combinator::SubsequentSibling,
            TokenKind::Mark(',') | TokenKind::Close(_) => return None,
            _ => return spaced.then_some(Combinator::Descendant),
        };
        self.index += 1;
        self.skip_space();
        Some(explicit)
    }

    fn list(&mut self, depth: usize) -> Result<Vec<Complex>, Diagnostic> {
        let mut list = Vec::new();
        if depth > 4 {
            return Err(Diagnostic::new(Code::TooComplex, ":is(", theme_sheets::NESTED_SELECTORS));
        }
        loop {
            self.skip_space();
            let mut complex = Complex::default();
            let mut combinator = self.combinator().unwrap_or_default();
            loop {
                let (compound, left_out) = self.compound(depth)?;
                complex.compounds.push((combinator, compound));
                complex.drop_reason = complex.drop_reason.or(left_out);
                if complex.compounds.len() > MAX_COMPOUNDS {
                    return Err(Diagnostic::new(
                        Code::TooComplex,
                        &complex.text(),
                        theme_sheets::LONG_SELECTOR,
                    ));
                }
                match self.combinator() {
                    Some(next) => combinator = next,
                    None => break,
                }
            }
            list.push(complex);
            if !self.peek().is_some_and(|token| token.is(',')) {
                return Ok(list);
            }
            self.index += 1;
        }
    }

    fn compound(&mut self, depth: usize) -> Result<(Compound, Option<Diagnostic>), Diagnostic> {
        let mut compound = Compound::default();
        let mut left_out = None;
        let begin = self.index;
        while let Some(token) = self.peek().cloned() {
            let first = self.index == begin;
            self.index += 1;
            match token.kind {
                TokenKind::Mark('&') if first => {
                    compound.is_nested = true;
                    compound.source.push('&');
                }
                TokenKind::Mark('*') if first => {
                    compound.is_universal = true;
                    compound.source.push('*');
                }
                TokenKind::Ident if first => {
                    // Element names of a page are case-insensitive; those of a drawing are not.
                    let name = if self.rename.is_none() { token.lower() } else { token.text };
                    left_out = left_out.or(plain(&name).err());
                    compound.source.push_str(&name);
                    compound.element = Some(name);
                }
                TokenKind::Hash => {
                    let id = match self.rename {
                        Some(rename) => rename(&token.text),
                        None => Some(token.text.clone()),
                    };
                    let missing = || {
                        Diagnostic::new(
                            Code::Reference,
                            &format!("#{}", token.text),
                            theme_sheets::MISSING_ID,
                        )
                    };
                    left_out = left_out.or_else(|| id.is_none().then(missing));
                    let id = id.unwrap_or_else(|| token.text.clone());
                    left_out = left_out.or(plain(&id).err());
                    compound.source.extend(["#", &id]);
                    compound.id = Some(id);
                }
                TokenKind::Mark('.') => {
                    let name = self.name(TokenKind::Ident, ".")?;
                    left_out = left_out.or(plain(&name).err());
                    compound.source.extend([".", &name]);
                    compound.classes.push(name);
                }
                TokenKind::Open('[') => {
                    let text = self.attribute()?;
                    if let Some((name, words)) = direction(&text).filter(|_| self.is_theme) {
                        compound.source.extend([":", name, "(", &words, ")"]);
                        compound.functions.push((name.to_owned(), Vec::new(), words));
                    } else {
                        compound.source.push_str(&text);
                        compound.attributes.push(text);
                    }
                }
                TokenKind::Mark(':') => {
                    let inner = self.pseudo(&mut compound, depth)?;
                    left_out = left_out.or(inner);
                }
                _ => {
                    self.index -= 1;
                    break;
                }
            }
        }
        if self.index == begin {
            let what = self.peek().map_or_else(|| "selector".to_owned(), shown);
            return Err(Diagnostic::new(Code::Selector, &what, theme_sheets::SELECTOR_SIGN_PLACE));
        }
        Ok((compound, left_out))
    }

    fn name(&mut self, kind: TokenKind, before: &str) -> Result<String, Diagnostic> {
        match self.peek().filter(|token| token.kind == kind) {
            Some(token) => {
                let name = token.text.clone();
                self.index += 1;
                Ok(name)
            }
            None => Err(Diagnostic::new(Code::Selector, before, theme_sheets::NEEDS_NAME)),
        }
    }

    fn attribute(&mut self) -> Result<String, Diagnostic> {
        let mut text = String::from("[");
        while let Some(token) = self.peek().cloned() {
            self.index += 1;
            match token.kind {
                TokenKind::Close(']') => {
                    text.push(']');
                    return Ok(text);
                }
                TokenKind::String => text.extend(["\"", &token.text, "\""]),
                TokenKind::Space => text.push(' '),
                // Unquoted values are quoted, so that there is one notation.
                TokenKind::Ident if text.ends_with('=') => text.extend(["\"", &token.text, "\""]),
                _ => text.push_str(&shown(&token)),
            }
        }
        Err(Diagnostic::new(Code::Selector, "[", themes::NEVER_CLOSED))
    }

    fn pseudo(
        &mut self,
        compound: &mut Compound,
        depth: usize,
    ) -> Result<Option<Diagnostic>, Diagnostic> {
        let is_element = self.peek().is_some_and(|token| token.is(':'));
        self.index += usize::from(is_element);
        let Some(token) = self.peek().cloned() else {
            return Err(Diagnostic::new(Code::Selector, ":", theme_sheets::NEEDS_NAME));
        };
        self.index += 1;
        let name = token.lower();
        let colons = if is_element || is_old_element(&name) { "::" } else { ":" };
        plain(&name)?;
        match token.kind {
            TokenKind::Ident if colons == "::" => {
                if compound.pseudo_element.is_some() {
                    return Err(Diagnostic::new(
                        Code::Selector,
                        &format!("::{name}"),
                        theme_sheets::TWO_PSEUDO_ELEMENTS,
                    ));
                }
                compound.source.extend([colons, &name]);
                compound.pseudo_element = Some(name);
                Ok(None)
            }
            TokenKind::Ident => {
                compound.source.extend([colons, &name]);
                compound.states.push(name);
                Ok(None)
            }
            TokenKind::Function if is_element => Err(Diagnostic::new(
                Code::Selector,
                &format!("::{name}("),
                theme_sheets::FOREIGN_PSEUDO_ELEMENT,
            )),
            TokenKind::Function if matches!(name.as_str(), "is" | "not" | "where" | "has") => {
                let inner = self.list(depth + 1)?;
                self.close()?;
                let left_out = inner.iter().find_map(|complex| complex.drop_reason.clone());
                let text = inner.iter().map(Complex::text).collect::<Vec<_>>().join(", ");
                compound.source.extend([":", &name, "(", &text, ")"]);
                if inner.iter().any(Complex::is_nested) {
                    return Err(Diagnostic::new(
                        Code::Selector,
                        &compound.source,
                        theme_sheets::NESTING_IN_BRACKETS,
                    ));
                }
                compound.functions.push((name, inner, text));
                Ok(left_out)
            }
            TokenKind::Function => {
                let mut text = String::new();
                while let Some(inner) =
                    self.peek().filter(|inner| !matches!(inner.kind, TokenKind::Close(_))).cloned()
                {
                    self.index += 1;
                    match inner.kind {
                        TokenKind::Number => text.push_str(&number(inner.number, &text)),
                        TokenKind::Dimension => {
                            let count = number(inner.number, &text);
                            text.extend([&count, inner.lower().as_str()]);
                        }
                        TokenKind::Space => {}
                        TokenKind::Ident => text.push_str(plain(&inner.text)?),
                        TokenKind::Mark('+' | '-' | ',') => text.push_str(&shown(&inner)),
                        _ => {
                            return Err(Diagnostic::new(
                                Code::Selector,
                                &format!(":{name}("),
                                theme_sheets::PSEUDO_CLASS_WORDS,
                            ));
                        }
                    }
                }
                self.close()?;
                compound.source.extend([":", &name, "(", &text, ")"]);
                compound.functions.push((name, Vec::new(), text));
                Ok(None)
            }
            _ => Err(Diagnostic::new(
                Code::Selector,
                &shown(&token),
                theme_sheets::PSEUDO_CLASS_NAME,
            )),
        }
    }

    fn close(&mut self) -> Result<(), Diagnostic> {
        self.skip_space();
        if self.peek().is_some_and(|token| token.kind == TokenKind::Close(')')) {
            self.index += 1;
            return Ok(());
        }
        Err(Diagnostic::new(Code::Selector, "(", themes::NEVER_CLOSED))
    }
}

/// Converts `[dir="rtl"]` and `[lang|="ar"]` of a theme to the equivalent pseudo-classes, which
/// apply to every part.
fn direction(attribute: &str) -> Option<(&'static str, String)> {
    let inside = attribute.strip_prefix('[')?.strip_suffix(']')?;
    let (name, value) = inside.split_once('=')?;
    let value = value.trim().trim_end_matches(" i").trim_matches('"').to_ascii_lowercase();
    match name.trim().trim_end_matches(['|', '^', '~']) {
        "dir" if matches!(value.as_str(), "ltr" | "rtl") => Some(("dir", value)),
        "lang"
            if !value.is_empty()
                && value.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '-') =>
        {
            Some(("lang", value))
        }
        _ => None,
    }
}

/// A number of `2n+1`, with its sign unless it comes first.
fn number(number: f64, before: &str) -> String {
    if before.is_empty() || number < 0.0 || before.ends_with(['+', '-']) {
        format!("{number}")
    } else {
        format!("+{number}")
    }
}

/// Pseudo-elements that may be written with one colon.
fn is_old_element(name: &str) -> bool {
    matches!(name, "before" | "after" | "first-line" | "first-letter")
}

fn plain(name: &str) -> Result<&str, Diagnostic> {
    if is_plain(name) {
        Ok(name)
    } else {
        Err(Diagnostic::new(Code::Selector, name, theme_sheets::ESCAPED_NAME))
    }
}
