//! A value is kept when every token of it is known to be harmless where it stands.
//!
//! It sees printed text, so escapes and comments are gone, and it sees custom properties and fall-backs like any other value:
//! what a `var()` may bring is judged where it would be used. Must not know of rules or selectors.

use super::super::problem::Code;
use super::definitions::Definitions;
use super::limits::{self, Where, is_math};
use super::token::{Kind, Token, is_plain, tokens};
use super::{Fault, Rename, picture, properties};
use std::cell::Cell;

/// Longest chain of custom properties that name each other.
const CHAIN: usize = 8;
/// Most tokens of all values of a sheet together, once every custom property in them is written out.
const ALL_EXPANDED: usize = 400_000;
/// Longest value once every custom property in it is written out, in tokens.
const EXPANDED: usize = 16_000;

/// What is known where a value is judged.
pub(super) struct Judge<'a> {
    pub(super) is_theme: bool,
    pub(super) definitions: &'a Definitions,
    pub(super) rename: Option<Rename<'a>>,
    /// What all values of the sheet have cost so far.
    pub(super) spent: &'a Cell<usize>,
}

/// What one value has cost so far, with all that its `var()` bring.
#[derive(Default)]
struct Spent {
    tokens: usize,
    operators: usize,
}

/// Why a value is not kept. What could do harm refuses the sheet; what has no use is left out.
#[derive(Debug)]
pub(super) enum Harm {
    Refused(Fault),
    Dropped(Fault),
}

fn refuse<T>(code: Code, what: &str, reason: impl Into<String>) -> Result<T, Harm> {
    Err(Harm::Refused(Fault::new(code, what, reason)))
}

fn left_out<T>(code: Code, what: &str, reason: impl Into<String>) -> Result<T, Harm> {
    Err(Harm::Dropped(Fault::new(code, what, format!("{}; it is left out", reason.into()))))
}

impl Judge<'_> {
    /// The value as it is printed, or why it is not.
    pub(super) fn value(&self, property: &str, value: &str) -> Result<String, Harm> {
        let Ok(all) = tokens(value) else { return refuse(Code::Value, value, "cannot be read to its end: check its quotes and brackets") };
        self.addresses(&all)?;
        if let Some(words) = properties::words(self.is_theme, property) {
            closed(property, &all, words)?;
        }
        let mut spent = Spent::default();
        self.tokens(property, &all, None, &mut Vec::new(), &mut spent)?;
        whole(self.is_theme, property, &all)?;
        self.printed(property, value, &all)
    }

    /// Judges tokens as if they stood in this property and function.
    fn tokens(&self, property: &str, all: &[Token], function: Option<&str>, chain: &mut Vec<String>, spent: &mut Spent) -> Result<(), Harm> {
        let mut open: Vec<String> = function.map(str::to_owned).into_iter().collect();
        let mut times = 0;
        let custom = property.starts_with("--");
        for (index, token) in all.iter().enumerate() {
            spent.tokens += 1;
            self.spent.set(self.spent.get() + 1);
            if spent.tokens > EXPANDED || self.spent.get() > ALL_EXPANDED {
                return refuse(Code::TooComplex, property, "becomes too long once its `var()` are written out: use fewer of them");
            }
            match token.kind {
                Kind::Function => {
                    let name = token.lower();
                    if name != "url" {
                        self.function(property, &name)?;
                    }
                    if name == "var" {
                        let inner = open.iter().rev().find(|name| !is_math(name) && *name != "var" && *name != "(").cloned();
                        self.variable(property, all.get(index + 1..).unwrap_or_default(), inner.as_deref(), chain, spent)?;
                    }
                    open.push(name);
                }
                Kind::Open('(') => open.push("(".to_owned()),
                Kind::Close(')') => {
                    open.pop();
                }
                Kind::Open('[') | Kind::Close(']') if property.starts_with("grid") => {}
                Kind::Open(bracket) | Kind::Close(bracket) => return left_out(Code::Value, &bracket.to_string(), "has no meaning in a value"),
                Kind::Url => self.address(property, &token.text)?,
                Kind::String if open.last().is_some_and(|name| name == "url") => self.address(property, &token.text)?,
                Kind::String => string(property, &token.text)?,
                Kind::At => return left_out(Code::Value, &format!("@{}", token.text), "has no meaning in a value"),
                Kind::Mark(',') if open.is_empty() => times = 0,
                Kind::Mark(',') => {}
                Kind::Mark(mark) => {
                    if !matches!(mark, '/' | '+' | '-' | '*') {
                        return left_out(Code::Value, &mark.to_string(), "has no meaning in a value");
                    }
                    if self.is_theme && open.iter().any(|name| is_math(name)) {
                        if matches!(mark, '*' | '/') {
                            factor(all, index, mark)?;
                        }
                        spent.operators += 1;
                        if spent.operators > limits::operators(property) {
                            return refuse(Code::TooComplex, property, "calculates too much: write a plainer value");
                        }
                    }
                }
                Kind::Number | Kind::Percentage | Kind::Dimension if !custom || !self.is_theme => {
                    if token.kind == Kind::Dimension && !limits::is_unit(&token.lower()) {
                        let reason = format!("has a unit that is not known, in `{property}`: use px, em, rem or %");
                        return left_out(Code::Value, &format!("{}{}", token.number, token.text), reason);
                    }
                    let inner = open.iter().rev().map(String::as_str).find(|name| !is_math(name) && *name != "var" && *name != "(");
                    let is_time = token.kind == Kind::Dimension && matches!(token.lower().as_str(), "s" | "ms");
                    times += usize::from(is_time && open.is_empty());
                    let place = Where {
                        is_theme: self.is_theme,
                        property,
                        function: inner,
                        calculated: open.iter().any(|name| is_math(name)),
                        is_delay: times > 1,
                    };
                    if let Some(reason) = limits::excess(token, place) {
                        if property == "z-index" && token.number.is_finite() {
                            return left_out(Code::Limit, &shown(token), format!("in `{property}` {reason}"));
                        }
                        return refuse(Code::Limit, &shown(token), format!("in `{property}` {reason}"));
                    }
                }
                Kind::Number | Kind::Percentage | Kind::Dimension if !token.number.is_finite() => {
                    return refuse(Code::Limit, &shown(token), "is no finite number");
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn function(&self, property: &str, name: &str) -> Result<(), Harm> {
        let what = format!("{name}(");
        match name {
            "var" if properties::words(self.is_theme, property).is_some() || takes_no_variable(self.is_theme, property) => {
                left_out(Code::Value, &what, format!("cannot stand in `{property}`: write its value there"))
            }
            "var" if property.starts_with("--") && !self.is_theme => {
                left_out(Code::CustomProperty, &what, "cannot stand in a custom property of a drawing: write its value there")
            }
            _ if is_harmless(name) => Ok(()),
            "image-set" | "-webkit-image-set" | "cross-fade" | "-webkit-cross-fade" | "image" | "src" | "element" | "-moz-element" | "paint" => {
                refuse(
                    Code::Loads,
                    &what,
                    "could load something: nothing is fetched for a theme; put a small picture in as `url(\"data:image/png;base64,…\")`",
                )
            }
            "attr" | "env" | "if" | "counter" | "counters" | "symbols" | "sibling-index" | "sibling-count" | "inherit" => {
                left_out(Code::Function, &what, "reads something that is not the theme's: write a plain value")
            }
            "expression" => refuse(Code::Script, &what, "could run a script in old browsers: remove it"),
            "matrix" | "matrix3d" | "perspective" | "path" | "skew" | "skewx" | "skewy" | "ray" | "shape" if self.is_theme => {
                left_out(Code::Function, &what, "is not among the functions of a theme: use `translate()`, `rotate()`, `scale()` or a basic shape")
            }
            _ => left_out(Code::Function, &what, "is not among the functions that can be used here"),
        }
    }

    fn variable(&self, property: &str, rest: &[Token], function: Option<&str>, chain: &mut Vec<String>, spent: &mut Spent) -> Result<(), Harm> {
        let Some(name) = rest.iter().find(|token| token.kind != Kind::Space).filter(|token| token.kind == Kind::Ident) else {
            return left_out(Code::CustomProperty, "var(", "needs the name of a custom property: `var(--belfry-accent)`");
        };
        let name = &name.text;
        if self.is_theme && !name.starts_with("--belfry-") {
            return left_out(Code::CustomProperty, name, "is no custom property of a theme: those begin with `--belfry-`");
        }
        if chain.contains(name) {
            return left_out(Code::CustomProperty, name, "names itself through other custom properties: write a plain value in one of them");
        }
        if chain.len() >= CHAIN {
            return refuse(Code::CustomProperty, name, "is the end of too long a chain of custom properties: write a plain value");
        }
        chain.push(name.clone());
        for definition in self.definitions.of(name) {
            self.tokens(property, definition, function, chain, spent)?;
        }
        chain.pop();
        Ok(())
    }

    /// That nothing is fetched, wherever it would stand.
    fn addresses(&self, all: &[Token]) -> Result<(), Harm> {
        let mut is_address = false;
        for token in all {
            let found = match token.kind {
                Kind::Url => true,
                Kind::String => is_address,
                _ => false,
            };
            is_address = matches!(token.kind, Kind::Function if token.text.eq_ignore_ascii_case("url")) || is_address && token.kind == Kind::Space;
            let address = token.text.trim_start().to_ascii_lowercase();
            if found && self.is_theme && !address.starts_with('#') && !address.starts_with("data:image/") {
                let reason = "is fetched from elsewhere, which a theme cannot do: put a small picture in as `url(\"data:image/png;base64,…\")`";
                return refuse(Code::Loads, &format!("url({})", token.text), reason);
            }
        }
        Ok(())
    }

    fn address(&self, property: &str, address: &str) -> Result<(), Harm> {
        let what = format!("url({address})");
        if self.is_theme {
            if address.starts_with('#') {
                return left_out(Code::Reference, &what, "names a part of a drawing, and nothing in the widget has such a name");
            }
            if !properties::takes_picture(property) {
                let reason = format!("cannot stand in `{property}`: pictures may stand in backgrounds, borders, masks and lists");
                return left_out(Code::Picture, &what, reason);
            }
            return match picture::check(address) {
                Ok(()) => Ok(()),
                Err(reason) => left_out(Code::Picture, &what, reason),
            };
        }
        let Some(id) = address.strip_prefix('#') else {
            return refuse(Code::Loads, &what, "leads out of the drawing: only parts of the same drawing can be named, as `url(#name)`");
        };
        if !properties::takes_reference(property) {
            return left_out(Code::Value, &what, format!("cannot stand in `{property}`"));
        }
        match self.rename {
            Some(rename) if rename(id).is_none() => {
                Err(Harm::Dropped(Fault::new(Code::Reference, &what, "names nothing in this drawing, so it is left out")))
            }
            _ => Ok(()),
        }
    }

    /// The value with its addresses written anew.
    fn printed(&self, property: &str, value: &str, all: &[Token]) -> Result<String, Harm> {
        let mut text = String::with_capacity(value.len());
        let mut index = 0;
        let mut end = 0;
        while let Some(token) = all.get(index) {
            index += 1;
            // A comment that stood between two tokens keeps them apart.
            text.push_str(if token.start == end { "" } else { " " });
            end = token.end;
            let address = match token.kind {
                Kind::Url => Some(token.text.clone()),
                Kind::Function if token.text.eq_ignore_ascii_case("url") => {
                    let rest = all.get(index..).unwrap_or_default();
                    let length = rest.iter().position(|next| next.kind == Kind::Close(')')).unwrap_or(rest.len());
                    let inside: Vec<&Token> = rest.iter().take(length).filter(|next| next.kind != Kind::Space).collect();
                    index += length + 1;
                    end = all.get(index - 1).map_or(end, |last| last.end);
                    let [Token { kind: Kind::String, text, .. }] = inside.as_slice() else {
                        return refuse(Code::Value, "url(", "holds more than one address: leave one string in it");
                    };
                    Some(text.clone())
                }
                _ => None,
            };
            match (address, self.rename) {
                (None, _) => match token.kind {
                    Kind::String => quote(&mut text, &token.text)?,
                    Kind::Space => text.push(' '),
                    _ => text.push_str(value.get(token.start..token.end).unwrap_or_default()),
                },
                (Some(address), None) => text.extend(["url(\"", &address, "\")"]),
                (Some(address), Some(rename)) => {
                    let renamed = address.strip_prefix('#').and_then(rename).unwrap_or_default();
                    if !is_plain(&renamed) {
                        return refuse(
                            Code::Value,
                            &address,
                            "is a name that needs an escape in a style sheet: give it a plain name of letters and digits",
                        );
                    }
                    text.extend(["url(#", &renamed, ")"]);
                }
            }
        }
        if text.contains('\\') {
            return refuse(Code::Value, &text, format!("in `{property}` needs an escape to be written: use plain letters"));
        }
        Ok(text.trim().to_owned())
    }
}

fn quote(out: &mut String, text: &str) -> Result<(), Harm> {
    if text.contains(['"', '\\']) || text.chars().any(char::is_control) {
        return refuse(Code::Value, text, "needs an escape to be written: use plain letters");
    }
    out.extend(["\"", text, "\""]);
    Ok(())
}

fn shown(token: &Token) -> String {
    format!("{}{}", token.number, token.text)
}

/// A value of one of a few words; or, for `content`, of a string alone.
fn closed(property: &str, all: &[Token], words: &str) -> Result<(), Harm> {
    for token in all {
        let fits = match token.kind {
            Kind::Space => true,
            Kind::String => property == "content",
            Kind::Ident => words.split_ascii_whitespace().any(|word| token.text.eq_ignore_ascii_case(word)),
            _ => false,
        };
        if !fits {
            let what = if token.kind == Kind::Function { format!("{}(", token.text) } else { token.text.clone() };
            let what = if what.is_empty() { property } else { &what };
            return match (property, what) {
                ("content", _) => {
                    let reason =
                        "cannot stand in `content`: only `\"\"` and signs of at most three characters can, since all text comes from messages";
                    refuse(Code::Text, what, reason)
                }
                ("position", "fixed") => refuse(Code::Position, what, "takes a part out of the widget: use one of static, relative, absolute"),
                ("cursor", "none") => refuse(Code::Hidden, what, "hides what one points with: use another `cursor`"),
                _ => {
                    let words: Vec<&str> = words.split_ascii_whitespace().take(12).collect();
                    left_out(Code::Value, what, format!("is no value for `{property}` here: use one of {}", words.join(", ")))
                }
            };
        }
    }
    Ok(())
}

/// Where a value must be known as a whole.
fn takes_no_variable(is_theme: bool, property: &str) -> bool {
    if !is_theme {
        return property == "filter" || property.starts_with("animation");
    }
    properties::shows_text(property)
        || property.starts_with("border-image")
        || matches!(property, "z-index" | "transform" | "scale" | "translate" | "animation-name" | "list-style-image")
}

fn string(property: &str, text: &str) -> Result<(), Harm> {
    if properties::takes_name(property) {
        let fits = text.len() <= 64 && !text.contains(['<', '>', '&', '\\', '{', '}', ';', '"', '(', ')', '/', ':']);
        return if fits { Ok(()) } else { refuse(Code::Value, text, "is no name of a font: use plain letters and digits") };
    }
    if properties::takes_areas(property) {
        let fits = text.chars().all(|character| character.is_ascii_alphanumeric() || matches!(character, ' ' | '.' | '-' | '_'));
        return if fits { Ok(()) } else { left_out(Code::Value, text, "is no row of grid areas: use plain names, dots and spaces") };
    }
    if properties::shows_text(property) {
        let sign = text.trim();
        let fits = sign.chars().count() <= 3
            && !sign.contains(['<', '>', '&', '\\', '"', '/', '{', '}', ';', '(', ')', '@'])
            && !sign.chars().any(char::is_alphanumeric);
        let reason = "would write text into the widget: only signs of at most three characters can stand here, since all text comes from messages";
        return if fits && text.len() <= 16 { Ok(()) } else { refuse(Code::Text, text, reason) };
    }
    left_out(Code::Value, text, format!("is a string, which has no meaning in `{property}` here"))
}

/// A product needs a plain, small number beside its sign, or a length could grow without bound.
fn factor(all: &[Token], index: usize, mark: char) -> Result<(), Harm> {
    let after = all.get(index + 1..).unwrap_or_default().iter().find(|token| token.kind != Kind::Space);
    let before = all.get(..index).unwrap_or_default().iter().rev().find(|token| token.kind != Kind::Space);
    let plain = |token: Option<&Token>| token.filter(|token| token.kind == Kind::Number).map(|token| token.number.abs());
    let fits = if mark == '/' {
        plain(after).is_some_and(|number| number >= 1.0)
    } else {
        plain(after).or_else(|| plain(before)).is_some_and(|number| number <= 2.0)
    };
    if fits {
        return Ok(());
    }
    refuse(Code::Limit, &mark.to_string(), "needs a plain number beside it: at most 2 to multiply by, at least 1 to divide by")
}

/// What the pieces of a value do together.
fn whole(is_theme: bool, property: &str, all: &[Token]) -> Result<(), Harm> {
    let named = |start: &str| all.iter().filter(|token| token.kind == Kind::Function && token.lower().starts_with(start)).count();
    let marks = |mark: char| all.iter().filter(|token| token.is(mark)).count();
    match property {
        "transform" if is_theme && (named("scale") > 1 || named("translate") > 2) => {
            refuse(Code::TooComplex, property, "has too many functions: one `scale()` and two `translate()` are the most")
        }
        "filter" | "backdrop-filter" | "-webkit-backdrop-filter" if named("") > 12 => {
            refuse(Code::TooComplex, property, "has too many functions: 12 are the most")
        }
        "box-shadow" | "text-shadow" if marks(',') > 60 => refuse(Code::TooComplex, property, "has too many shadows: use a few"),
        "border-image" if is_theme && marks('/') > 1 => {
            refuse(Code::Value, property, "reaches beyond the border: leave out what stands behind the second `/`")
        }
        _ => Ok(()),
    }
}

fn is_harmless(name: &str) -> bool {
    const HARMLESS: &str = "
        var rgb rgba hsl hsla hwb lab lch oklab oklch color color-mix light-dark
        linear-gradient radial-gradient conic-gradient repeating-linear-gradient repeating-radial-gradient repeating-conic-gradient
        translate translatex translatey translatez translate3d scale scalex scaley scalez scale3d rotate rotatex rotatey rotatez rotate3d
        blur brightness contrast drop-shadow grayscale hue-rotate invert opacity saturate sepia
        inset circle ellipse polygon rect xywh cubic-bezier steps linear repeat minmax fit-content";
    is_math(name) || HARMLESS.split_ascii_whitespace().any(|known| known == name)
}
