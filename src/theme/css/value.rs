//! The value checker: a value is accepted if every token is known to be harmless in its context.
//!
//! It checks printed text, so there are no escapes and comments, and it sees custom properties and
//! fallbacks like any other value: the possible expansions of a `var()` are checked where it is
//! used. Must not depend on rules or selectors.

mod print;
mod rules;

use super::super::diagnostics::Code;
use super::definitions::Definitions;
use super::limits::{self, NumberContext, is_math};
use super::token::{Token, TokenKind, tokens};
use super::{Diagnostic, Rename, picture, properties};
use belfry_locales::{
    LocalizedText,
    phrases::{theme_numbers, theme_values, themes},
};
use rules::{closed, factor, follows_hash, is_harmless, string, takes_no_variable, whole};
use std::cell::Cell;

/// Maximum depth of custom properties that reference each other.
const MAX_VARIABLE_DEPTH: usize = 8;
/// Maximum tokens of all values of a sheet together, with custom properties expanded.
const MAX_SHEET_TOKENS: usize = 400_000;
/// Maximum tokens of one value, with custom properties expanded.
const MAX_VALUE_TOKENS: usize = 16_000;

/// Context of a value check.
pub(super) struct ValueChecker<'a> {
    pub(super) is_theme: bool,
    pub(super) definitions: &'a Definitions,
    pub(super) rename: Option<Rename<'a>>,
    /// Number of tokens checked in the sheet so far.
    pub(super) tokens_checked: &'a Cell<usize>,
}

/// Number of tokens checked in one value so far, including its `var()` expansions.
#[derive(Default)]
struct ValueCost {
    tokens: usize,
    operators: usize,
}

/// Why a value is not accepted. A harmful value rejects the sheet; a useless one is dropped.
#[derive(Debug)]
pub(super) enum Rejection {
    Rejected(Diagnostic),
    Dropped(Diagnostic),
    /// Dropped without a warning.
    DroppedSilently,
}

fn reject<T>(code: Code, what: &str, reason: LocalizedText) -> Result<T, Rejection> {
    Err(Rejection::Rejected(Diagnostic::new(code, what, reason)))
}

fn drop_value<T>(code: Code, what: &str, reason: LocalizedText) -> Result<T, Rejection> {
    Err(Rejection::Dropped(Diagnostic::new(code, what, themes::left_out(reason))))
}

impl ValueChecker<'_> {
    /// Checks a value and returns its printed form.
    pub(super) fn check(&self, property: &str, value: &str) -> Result<String, Rejection> {
        let Ok(all) = tokens(value) else {
            return reject(Code::Value, value, themes::UNFINISHED_VALUE);
        };
        let is_custom = property.starts_with("--");
        if !is_custom && all.iter().all(|token| token.kind == TokenKind::Space) {
            return drop_value(Code::Value, property, theme_values::NO_VALUE);
        }
        self.check_urls(&all)?;
        if let Some(words) = properties::words(self.is_theme, property) {
            closed(property, &all, words)?;
        }
        let mut spent = ValueCost::default();
        self.check_tokens(property, &all, None, &mut Vec::new(), &mut spent)?;
        whole(self.is_theme, property, &all)?;
        self.print(property, value, &all)
    }

    /// Checks tokens as if they were in this property and function.
    fn check_tokens(
        &self,
        property: &str,
        all: &[Token],
        function: Option<&str>,
        chain: &mut Vec<String>,
        spent: &mut ValueCost,
    ) -> Result<(), Rejection> {
        let mut open: Vec<String> = function.map(str::to_owned).into_iter().collect();
        let mut times = 0;
        let custom = property.starts_with("--");
        for (index, token) in all.iter().enumerate() {
            spent.tokens += 1;
            self.tokens_checked.set(self.tokens_checked.get() + 1);
            if spent.tokens > MAX_VALUE_TOKENS || self.tokens_checked.get() > MAX_SHEET_TOKENS {
                return reject(Code::TooComplex, property, theme_values::TOO_LONG_EXPANDED);
            }
            match token.kind {
                TokenKind::Function => {
                    let name = token.lower();
                    if name != "url" {
                        self.check_function(property, &name)?;
                    }
                    if name == "var" {
                        let inner = open
                            .iter()
                            .rev()
                            .find(|name| !is_math(name) && *name != "var" && *name != "(")
                            .cloned();
                        self.check_variable(
                            property,
                            all.get(index + 1..).unwrap_or_default(),
                            inner.as_deref(),
                            chain,
                            spent,
                        )?;
                    }
                    open.push(name);
                }
                TokenKind::Open('(') if follows_hash(all, index) => {
                    return drop_value(Code::Value, "(", theme_values::NO_MEANING);
                }
                TokenKind::Open('(') => open.push("(".to_owned()),
                TokenKind::Close(')') => {
                    open.pop();
                }
                TokenKind::Open('[') | TokenKind::Close(']') if property.starts_with("grid") => {}
                TokenKind::Open(bracket) | TokenKind::Close(bracket) => {
                    return drop_value(Code::Value, &bracket.to_string(), theme_values::NO_MEANING);
                }
                TokenKind::Url => self.check_url(property, &token.text)?,
                TokenKind::String if open.last().is_some_and(|name| name == "url") => {
                    self.check_url(property, &token.text)?;
                }
                TokenKind::String => string(property, &token.text)?,
                TokenKind::At => {
                    return drop_value(
                        Code::Value,
                        &format!("@{}", token.text),
                        theme_values::NO_MEANING,
                    );
                }
                TokenKind::Mark(',') if open.is_empty() => times = 0,
                TokenKind::Mark(',') => {}
                TokenKind::Mark(mark) => {
                    if !matches!(mark, '/' | '+' | '-' | '*') {
                        return drop_value(
                            Code::Value,
                            &mark.to_string(),
                            theme_values::NO_MEANING,
                        );
                    }
                    if self.is_theme && open.iter().any(|name| is_math(name)) {
                        if matches!(mark, '*' | '/') {
                            factor(all, index, mark)?;
                        }
                        spent.operators += 1;
                        if spent.operators > limits::operators(property) {
                            return reject(
                                Code::TooComplex,
                                property,
                                theme_values::TOO_MANY_OPERATORS,
                            );
                        }
                    }
                }
                TokenKind::Number | TokenKind::Percentage | TokenKind::Dimension
                    if !custom || !self.is_theme =>
                {
                    if token.kind == TokenKind::Dimension && !limits::is_unit(&token.lower()) {
                        let reason = themes::unknown_unit(property.to_owned());
                        return drop_value(
                            Code::Value,
                            &format!("{}{}", token.number, token.text),
                            reason,
                        );
                    }
                    let inner = open
                        .iter()
                        .rev()
                        .map(String::as_str)
                        .find(|name| !is_math(name) && *name != "var" && *name != "(");
                    let is_time = token.kind == TokenKind::Dimension
                        && matches!(token.lower().as_str(), "s" | "ms");
                    times += usize::from(is_time && open.is_empty());
                    let place = NumberContext {
                        is_theme: self.is_theme,
                        property,
                        function: inner,
                        is_operand: open.iter().any(|name| is_math(name)),
                        is_delay: times > 1,
                    };
                    if let Some(reason) = limits::excess(token, place) {
                        if property == "z-index" && token.number.is_finite() {
                            return drop_value(
                                Code::Limit,
                                &shown(token),
                                theme_values::in_property(property.to_owned(), reason),
                            );
                        }
                        return reject(
                            Code::Limit,
                            &shown(token),
                            theme_values::in_property(property.to_owned(), reason),
                        );
                    }
                }
                TokenKind::Number | TokenKind::Percentage | TokenKind::Dimension
                    if !token.number.is_finite() =>
                {
                    return reject(Code::Limit, &shown(token), theme_numbers::NOT_FINITE);
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn check_function(&self, property: &str, name: &str) -> Result<(), Rejection> {
        let what = format!("{name}(");
        match name {
            "var"
                if properties::words(self.is_theme, property).is_some()
                    || takes_no_variable(self.is_theme, property) =>
            {
                drop_value(Code::Value, &what, themes::not_in_property(property.to_owned()))
            }
            "var" if property.starts_with("--") && !self.is_theme => {
                drop_value(Code::CustomProperty, &what, theme_values::VARIABLE_IN_DRAWING)
            }
            _ if is_harmless(name) => Ok(()),
            "image-set" | "-webkit-image-set" | "cross-fade" | "-webkit-cross-fade" | "image"
            | "src" | "element" | "-moz-element" | "paint" => {
                reject(Code::Loads, &what, themes::COULD_LOAD)
            }
            "attr" | "env" | "if" | "counter" | "counters" | "symbols" | "sibling-index"
            | "sibling-count" | "inherit" => {
                drop_value(Code::Function, &what, theme_values::FOREIGN_FUNCTION)
            }
            "expression" => reject(Code::Script, &what, themes::OLD_BROWSERS),
            "matrix" | "matrix3d" | "perspective" | "path" | "skew" | "skewx" | "skewy" | "ray"
            | "shape"
                if self.is_theme =>
            {
                drop_value(Code::Function, &what, theme_values::TRANSFORM_FUNCTION)
            }
            _ => drop_value(Code::Function, &what, themes::UNKNOWN_FUNCTION),
        }
    }

    fn check_variable(
        &self,
        property: &str,
        rest: &[Token],
        function: Option<&str>,
        chain: &mut Vec<String>,
        spent: &mut ValueCost,
    ) -> Result<(), Rejection> {
        let Some(name) = rest
            .iter()
            .find(|token| token.kind != TokenKind::Space)
            .filter(|token| token.kind == TokenKind::Ident)
        else {
            return drop_value(Code::CustomProperty, "var(", theme_values::VARIABLE_NAME);
        };
        let name = &name.text;
        if self.is_theme && !name.starts_with("--belfry-") {
            return drop_value(Code::CustomProperty, name, theme_values::FOREIGN_VARIABLE);
        }
        if chain.contains(name) {
            return drop_value(Code::CustomProperty, name, theme_values::VARIABLE_CYCLE);
        }
        if chain.len() >= MAX_VARIABLE_DEPTH {
            return reject(Code::CustomProperty, name, theme_values::VARIABLE_CHAIN);
        }
        chain.push(name.clone());
        for definition in self.definitions.values_of(name) {
            self.check_tokens(property, definition, function, chain, spent)?;
        }
        chain.pop();
        Ok(())
    }

    /// Checks that nothing is fetched, whatever the property.
    fn check_urls(&self, all: &[Token]) -> Result<(), Rejection> {
        let mut is_address = false;
        for token in all {
            let is_url = match token.kind {
                TokenKind::Url => true,
                TokenKind::String => is_address,
                _ => false,
            };
            is_address = matches!(token.kind, TokenKind::Function if token.text.eq_ignore_ascii_case("url"))
                || is_address && token.kind == TokenKind::Space;
            let address = token.text.trim_start().to_ascii_lowercase();
            if is_url
                && self.is_theme
                && !address.starts_with('#')
                && !address.starts_with("data:image/")
            {
                let reason = themes::FETCHED;
                return reject(Code::Loads, &format!("url({})", token.text), reason);
            }
        }
        Ok(())
    }

    fn check_url(&self, property: &str, address: &str) -> Result<(), Rejection> {
        let what = format!("url({address})");
        if self.is_theme {
            if address.starts_with('#') {
                return drop_value(Code::Reference, &what, theme_values::FRAGMENT);
            }
            if !properties::takes_picture(property) {
                let reason = theme_values::picture_place(property.to_owned());
                return drop_value(Code::Picture, &what, reason);
            }
            return match picture::check(address) {
                Ok(()) => Ok(()),
                Err(reason) => drop_value(Code::Picture, &what, reason),
            };
        }
        let Some(id) = address.strip_prefix('#') else {
            return reject(Code::Loads, &what, theme_values::OUTSIDE_DRAWING);
        };
        if !properties::takes_reference(property) {
            return drop_value(Code::Value, &what, theme_values::unsupported(property.to_owned()));
        }
        match self.rename {
            Some(rename) if rename(id).is_none() => Err(Rejection::Dropped(Diagnostic::new(
                Code::Reference,
                &what,
                theme_values::UNKNOWN_REFERENCE,
            ))),
            _ => Ok(()),
        }
    }
}

fn shown(token: &Token) -> String {
    format!("{}{}", token.number, token.text)
}
