//! The CSS sanitizer: compiles `theme.css`, and the style sheets, `style` attributes and
//! presentation attributes of drawings.
//!
//! All input takes one path: a linear scan bounds it for the parser, a visitor checks the parser's
//! tree against allow-lists, and the printed result is compiled again until it no longer changes.
//! No source text is copied. Must not depend on SVG elements: a drawing passes text and the names
//! of its ids. Called by [`super::compile`] and by `svg`.

mod condition;
mod declarations;
mod definitions;
mod limits;
mod nesting;
mod parts;
mod picture;
mod print;
mod properties;
mod scan;
mod selector;
mod sheet;
mod simple_rules;
mod source_map;
#[cfg(test)]
mod tests;
mod text_checks;
mod visibility;
#[cfg(test)]
pub(super) use tests::diagnostic_lines as describe;
mod token;
mod value;

use super::diagnostics::{Code, File, Place, Report};
pub(super) use simple_rules::SimpleRules;

use belfry_locales::{
    LocalizedText,
    phrases::{theme_sheets, theme_values},
};
use condition::Condition;
use lightningcss::properties::{Property, PropertyId};
use lightningcss::stylesheet::{ParserOptions, StyleAttribute, StyleSheet};
use sheet::{Body, Declaration, Item, SheetVisitor, printer_options};
use source_map::SourceMap;
use std::{borrow::Cow, collections::HashSet};

/// An error or warning before it has a place.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Diagnostic {
    code: Code,
    what: String,
    reason: LocalizedText,
}

impl Diagnostic {
    fn new(code: Code, what: &str, reason: impl Into<LocalizedText>) -> Self {
        Self { code, what: what.to_owned(), reason: reason.into() }
    }
}

/// The new name of an id of a drawing; `None` if there is no such id.
type Rename<'a> = &'a dyn Fn(&str) -> Option<String>;

/// Maximum passes until a sheet compiles to itself.
const MAX_PASSES: usize = 4;

/// A sanitized `<style>` element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct DrawingSheet {
    /// Printed text, safe inside an SVG `<style>` element (no `<`, no `&`, no `]]>`), ids renamed.
    pub(super) text: String,
    /// Its simple rules in source order, for computing the style of a drawing's text.
    pub(super) rules: Vec<SimpleRule>,
}

/// A rule whose selector is one compound of an element, an id and classes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SimpleRule {
    /// The colour scheme in which it applies; `None` if it always does. Rules under other
    /// conditions are not listed.
    pub(super) scheme: Option<Scheme>,
    /// One selector; a rule with several selectors is listed once for each.
    pub(super) selector: SimpleSelector,
    /// Properties and values, without `!important`.
    pub(super) declarations: Vec<(String, String)>,
}

/// A colour scheme.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Scheme {
    /// Dark text on a light background.
    Light,
    /// Light text on a dark background.
    Dark,
}

/// A simple selector; `*` has no requirements.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(super) struct SimpleSelector {
    /// The element name.
    pub(super) element: Option<String>,
    /// The renamed id.
    pub(super) id: Option<String>,
    /// Required classes.
    pub(super) classes: Vec<String>,
}

impl SimpleSelector {
    /// Its weight in the cascade; the larger one wins.
    pub(super) fn specificity(&self) -> u32 {
        let classes = u32::try_from(self.classes.len()).unwrap_or(u32::MAX).min(0xff);
        (u32::from(self.id.is_some()) << 16) | (classes << 8) | u32::from(self.element.is_some())
    }
}

const START: Place = Place { file: File::Css, line: 1, column: 1 };

/// Compiles `theme.css` for use inside `@layer theme { … }`: sanitized and scoped; `None` if it is
/// rejected.
pub(super) fn theme(source: &str, report: &mut Report) -> Option<String> {
    let (items, _) = compile_to_fixpoint(without_bom(source), START, true, None, report)?;
    let scoped = print::scoped(&items);
    is_clean(&scoped, START, true, report).then_some(scoped)
}

/// Compiles `theme.css` without scoping: the form that compiles to itself.
pub(super) fn canonical(source: &str, report: &mut Report) -> Option<String> {
    compile_to_fixpoint(without_bom(source), START, true, None, report).map(|(_, text)| text)
}

/// The source without a leading byte order mark, which counts as no column.
fn without_bom(source: &str) -> &str {
    source.strip_prefix('\u{feff}').unwrap_or(source)
}

/// Compiles a `<style>` element of a drawing, whose text begins at this place of its file.
///
/// `rename` returns the new name of an id of the drawing, or `None` if there is no such id.
pub(super) fn drawing_sheet(
    source: &str,
    at: Place,
    rename: &dyn Fn(&str) -> Option<String>,
    report: &mut Report,
) -> Option<DrawingSheet> {
    let (items, text) = compile_to_fixpoint(source, at, false, Some(rename), report)?;
    let rules = items.iter().flat_map(simple_rules).collect();
    Some(DrawingSheet { text, rules })
}

/// Compiles a `style` attribute of a drawing: its declarations, without `!important`.
pub(super) fn drawing_style(
    source: &str,
    at: Place,
    rename: &dyn Fn(&str) -> Option<String>,
    report: &mut Report,
) -> Option<Vec<(String, String)>> {
    let (source, tokens) = scan_source(source, at, false, report)?;
    let source = source.as_ref();
    let map = SourceMap::new(source, &tokens, at);
    let mut walk = SheetVisitor::new(&map, false, Some(rename), report);
    let attribute = match StyleAttribute::parse(source, ParserOptions::default()) {
        Ok(attribute) => attribute,
        Err(error) => {
            let place = error.loc.map_or((0, 1), |location| (location.line, location.column));
            walk.reject(
                map.offset(place.0, place.1),
                unreadable(source, &map, place, &error.kind.to_string()),
            );
            return None;
        }
    };
    let mut places = map.declarations(0, false);
    let parsed = walk.block(&attribute.declarations, 0, &mut places);
    let definitions = declarations::definitions(parsed.iter());
    let accepted = walk.declarations(&parsed, &definitions, &[]);
    let whole = walk.errors == 0;
    let pairs: Vec<(String, String)> =
        accepted.into_iter().map(|Declaration { name, value, .. }| (name, value)).collect();
    (whole && pairs.iter().all(|(_, value)| is_clean(value, at, false, report))).then_some(pairs)
}

/// Compiles a presentation attribute of a drawing by the rules of the property with the same name.
///
/// Also `None` if it is merely dropped; the report distinguishes the two.
pub(super) fn drawing_value(
    property: &str,
    value: &str,
    at: Place,
    rename: &dyn Fn(&str) -> Option<String>,
    report: &mut Report,
) -> Option<String> {
    let (value, tokens) = scan_source(value, at, false, report)?;
    let value = value.as_ref();
    if let Some(strange) =
        tokens.iter().find(|token| token.is('!') || token.is(';') || token.is(':'))
    {
        let what = value.get(strange.start..strange.end).unwrap_or_default();
        report.warn(
            Code::Value,
            at,
            what,
            theme_values::no_meaning_in_attribute(property.to_owned()),
        );
        return None;
    }
    let parsed =
        Property::parse_string(PropertyId::from(property), value, ParserOptions::default());
    let text =
        parsed.ok().and_then(|property| property.value_to_css_string(printer_options()).ok());
    let Some(text) = text.filter(|text| !text.trim().is_empty()) else {
        report.warn(
            Code::Value,
            at,
            value,
            theme_values::unreadable_attribute(property.to_owned()),
        );
        return None;
    };
    let map = SourceMap::new(value, &tokens, at);
    let mut walk = SheetVisitor::new(&map, false, Some(rename), report);
    let declaration =
        Declaration { name: property.to_owned(), value: text, important: false, at: 0 };
    let accepted = walk.declarations(&[declaration], &definitions::Definitions::default(), &[]);
    let value = accepted.into_iter().next()?.value;
    is_clean(&value, at, false, report).then_some(value)
}

/// Compiles until the text compiles to itself.
fn compile_to_fixpoint(
    source: &str,
    at: Place,
    is_theme: bool,
    rename: Option<Rename<'_>>,
    report: &mut Report,
) -> Option<(Vec<Item>, String)> {
    let print = if is_theme { print::canonical } else { print::drawing };
    let keep = |id: &str| Some(id.to_owned());
    let mut items = compile_once(source, at, is_theme, rename, report)?;
    let mut text = print(&items);
    for _ in 0..MAX_PASSES {
        let mut again = Report::default();
        let Some(next) =
            compile_once(&text, START, is_theme, rename.is_some().then_some(&keep), &mut again)
        else {
            let (refused, _) = again.into_parts();
            let (what, reason) = refused
                .into_iter()
                .next()
                .map_or((String::new(), theme_sheets::UNSTABLE), |problem| {
                    (problem.what, problem.reason)
                });
            report.reject(Code::Syntax, at, &what, theme_sheets::once_written_out(reason));
            return None;
        };
        let printed = print(&next);
        items = next;
        if printed == text {
            return is_clean(&text, at, is_theme, report).then_some((items, text));
        }
        text = printed;
    }
    report.reject(
        Code::Syntax,
        at,
        text.lines().next().unwrap_or_default(),
        theme_sheets::UNSTABLE,
    );
    None
}

/// Blanks out unsupported parts of a source, so that everything else keeps its place, and returns
/// it with its tokens.
fn scan_source<'a>(
    source: &'a str,
    at: Place,
    is_theme: bool,
    report: &mut Report,
) -> Option<(Cow<'a, str>, Vec<token::Token>)> {
    let map = SourceMap::new(source, &[], at);
    match prepare(source, is_theme, |left_out| {
        report.warn(
            left_out.diagnostic.code,
            map.place(left_out.range.start),
            &left_out.diagnostic.what,
            left_out.diagnostic.reason.clone(),
        );
    }) {
        Ok(found) => Some(found),
        Err((offset, diagnostic)) => {
            report.reject(diagnostic.code, map.place(offset), &diagnostic.what, diagnostic.reason);
            None
        }
    }
}

fn prepare(
    source: &str,
    is_theme: bool,
    mut tell: impl FnMut(&text_checks::DroppedRange),
) -> Result<(Cow<'_, str>, Vec<token::Token>), (usize, Diagnostic)> {
    let tokens = scan::scan(source)?;
    let left_out = text_checks::check_at_rules(&tokens, is_theme)?;
    if left_out.is_empty() {
        scan::count(&tokens, source.len())?;
        return Ok((Cow::Borrowed(source), tokens));
    }
    let mut text = String::with_capacity(source.len());
    let mut blanks = 0;
    let mut end = 0;
    for found in &left_out {
        tell(found);
        let piece = source.get(found.range.clone()).unwrap_or_default();
        text.push_str(source.get(end..found.range.start).unwrap_or_default());
        // One space for each character keeps lines and columns.
        text.extend(
            piece
                .chars()
                .map(|letter| if matches!(letter, '\n' | '\r' | '\u{c}') { letter } else { ' ' }),
        );
        blanks += piece.chars().count();
        end = found.range.end;
    }
    text.push_str(source.get(end..).unwrap_or_default());
    let tokens = scan::scan(&text)?;
    scan::count(&tokens, text.len().saturating_sub(blanks))?;
    Ok((Cow::Owned(text), tokens))
}

fn compile_once(
    source: &str,
    at: Place,
    is_theme: bool,
    rename: Option<Rename<'_>>,
    report: &mut Report,
) -> Option<Vec<Item>> {
    let (source, tokens) = scan_source(source, at, is_theme, report)?;
    let source = source.as_ref();
    let map = SourceMap::new(source, &tokens, at);
    let mut walk = SheetVisitor::new(&map, is_theme, rename, report);
    match StyleSheet::parse(source, ParserOptions::default()) {
        Ok(sheet) => walk.rules(&sheet.rules.0, &[], None),
        Err(error) => {
            let place = error.loc.map_or((0, 1), |location| (location.line, location.column));
            walk.reject(
                map.offset(place.0, place.1),
                unreadable(source, &map, place, &error.kind.to_string()),
            );
        }
    }
    let items = walk.checked_items();
    (walk.errors == 0).then_some(items)
}

fn unreadable(source: &str, map: &SourceMap<'_>, place: (u32, u32), detail: &str) -> Diagnostic {
    let offset = map.offset(place.0, place.1);
    let what = source.get(offset..).unwrap_or_default().lines().next().unwrap_or_default();
    let reason = theme_sheets::unreadable_css(detail.trim().trim_end_matches('.').to_owned());
    Diagnostic::new(Code::Syntax, if what.trim().is_empty() { "end of line" } else { what }, reason)
}

fn is_clean(text: &str, at: Place, is_theme: bool, report: &mut Report) -> bool {
    match text_checks::check_output(text, is_theme) {
        Some(found) => {
            report.reject(Code::Value, at, found, theme_sheets::FORBIDDEN_OUTPUT);
            false
        }
        None => true,
    }
}

fn simple_rules(item: &Item) -> Vec<SimpleRule> {
    let scheme = match item.conditions.as_slice() {
        [] => None,
        [Condition::Scheme(scheme)] => Some(*scheme),
        _ => return Vec::new(),
    };
    let Body::Rule { selectors, declarations } = &item.body else { return Vec::new() };
    // The last declaration of each property applies; each selector of the list gets a copy.
    let mut named = HashSet::new();
    let mut declarations: Vec<(String, String)> = declarations
        .iter()
        .rev()
        .filter(|found| named.insert(&found.name))
        .map(|found| (found.name.clone(), found.value.clone()))
        .collect();
    declarations.reverse();
    let plain = selectors.iter().filter_map(|complex| match complex.compounds.as_slice() {
        [(_, only)] if only.is_simple() => Some(SimpleSelector {
            element: only.element.clone(),
            id: only.id.clone(),
            classes: only.classes.clone(),
        }),
        _ => None,
    });
    plain
        .map(|selector| SimpleRule { scheme, selector, declarations: declarations.clone() })
        .collect()
}
