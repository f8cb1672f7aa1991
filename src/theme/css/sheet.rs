//! Converts the parser's tree to a flat list of rules: nested rules are unnested, conditions are
//! stored with their rules, and every value is checked and printed again. Anything not on an
//! allow-list is dropped or rejected.
//!
//! Must not depend on how the list is printed.

mod blocks;

use super::super::diagnostics::{Code, Report};
use super::condition::{self, Condition};
use super::selector::{self, Complex};
use super::source_map::SourceMap;
use super::{Diagnostic, Rename, parts};
use belfry_locales::phrases::theme_sheets;
use lightningcss::printer::PrinterOptions;
use lightningcss::rules::style::StyleRule;
use lightningcss::rules::{CssRule, Location};
use lightningcss::targets::{Features, Targets};
use lightningcss::traits::ToCss;
use std::cell::Cell;
use std::collections::HashSet;

/// Maximum number of selectors after unnesting.
const MAX_SELECTORS: usize = 4_000;
/// Maximum total length of these selectors, in bytes.
const MAX_SELECTOR_BYTES: usize = 256 * 1024;
/// Compilation stops after this many diagnostics.
pub(super) const MAX_DIAGNOSTICS: usize = 60;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Declaration {
    pub(super) name: String,
    pub(super) value: String,
    pub(super) important: bool,
    /// Its offset in the source.
    pub(super) at: usize,
}

#[derive(Debug)]
pub(super) struct Item {
    pub(super) conditions: Vec<Condition>,
    pub(super) body: Body,
}

#[derive(Debug)]
pub(super) enum Body {
    Rule { selectors: Vec<Complex>, declarations: Vec<Declaration> },
    Keyframes { name: String, frames: Vec<(String, Vec<Declaration>)> },
}

/// Printer options: nothing is minified, and range comparisons of widths become `min-` and `max-`.
pub(super) fn printer_options() -> PrinterOptions<'static> {
    let targets = Targets {
        include: Features::MediaRangeSyntax | Features::MediaIntervalSyntax,
        ..Targets::default()
    };
    PrinterOptions { targets, ..PrinterOptions::default() }
}

pub(super) struct SheetVisitor<'a> {
    pub(super) map: &'a SourceMap<'a>,
    pub(super) is_theme: bool,
    pub(super) rename: Option<Rename<'a>>,
    pub(super) report: &'a mut Report,
    pub(super) items: Vec<Item>,
    pub(super) errors: usize,
    pub(super) selectors: usize,
    pub(super) selector_bytes: usize,
    /// Number of tokens checked, including those from `var()`.
    pub(super) tokens_checked: Cell<usize>,
    /// Whether the limit on custom properties was reported.
    pub(super) is_limit_reported: Cell<bool>,
}

impl<'a> SheetVisitor<'a> {
    pub(super) fn new(
        map: &'a SourceMap<'a>,
        is_theme: bool,
        rename: Option<Rename<'a>>,
        report: &'a mut Report,
    ) -> Self {
        Self {
            map,
            is_theme,
            rename,
            report,
            items: Vec::new(),
            errors: 0,
            selectors: 0,
            selector_bytes: 0,
            tokens_checked: Cell::new(0),
            is_limit_reported: Cell::new(false),
        }
    }

    pub(super) fn reject(&mut self, offset: usize, diagnostic: Diagnostic) {
        self.errors += 1;
        let place = self.map.place(offset);
        self.report.reject(diagnostic.code, place, &diagnostic.what, diagnostic.reason);
    }

    pub(super) fn reject_near(&mut self, offset: usize, diagnostic: Diagnostic) {
        let exact = self.map.find(offset, &diagnostic.what).unwrap_or(offset);
        self.reject(exact, diagnostic);
    }

    pub(super) fn warn_near(&mut self, offset: usize, diagnostic: Diagnostic) {
        if self.report.has_enough_warnings() {
            return;
        }
        let exact = self.map.find(offset, &diagnostic.what).unwrap_or(offset);
        self.report.warn(
            diagnostic.code,
            self.map.place(exact),
            &diagnostic.what,
            diagnostic.reason,
        );
    }

    /// Drops a selector or condition that has no use, with the rules that depend on it. One that
    /// exceeds a limit rejects the sheet.
    fn drop_near(&mut self, offset: usize, diagnostic: Diagnostic) {
        if diagnostic.code == Code::TooComplex {
            return self.reject_near(offset, diagnostic);
        }
        let reason = theme_sheets::left_out_in_brackets(diagnostic.reason);
        self.warn_near(offset, Diagnostic { reason, ..diagnostic });
    }

    pub(super) fn rules(
        &mut self,
        rules: &[CssRule<'_>],
        conditions: &[Condition],
        parent: Option<&[Complex]>,
    ) {
        for rule in rules {
            if self.errors > MAX_DIAGNOSTICS {
                return;
            }
            match rule {
                CssRule::Style(style) => self.style(style, conditions, parent),
                CssRule::Nesting(nesting) => self.style(&nesting.style, conditions, parent),
                CssRule::NestedDeclarations(nested) => {
                    let offset = self.offset(nested.loc);
                    if let Some(parent) = parent.filter(|parent| !parent.is_empty()) {
                        let mut places = self.map.declarations(offset, false);
                        let declarations = self.block(&nested.declarations, offset, &mut places);
                        self.push(conditions, parent.to_vec(), declarations);
                    }
                }
                CssRule::Media(media) => {
                    let found = media
                        .query
                        .to_css_string(printer_options())
                        .map_err(|_| unprintable("@media"))
                        .and_then(|text| condition::media(&text));
                    self.visit_nested(media.loc, found, &media.rules.0, conditions, parent);
                }
                CssRule::Supports(supports) => {
                    let text = supports
                        .condition
                        .to_css_string(printer_options())
                        .map_err(|_| unprintable("@supports"));
                    let found =
                        text.and_then(|text| condition::supports(&text)).map(|found| vec![found]);
                    self.visit_nested(supports.loc, found, &supports.rules.0, conditions, parent);
                }
                CssRule::Container(container) if self.is_theme => {
                    let name = container
                        .name
                        .as_ref()
                        .and_then(|name| name.to_css_string(printer_options()).ok())
                        .unwrap_or_default();
                    let text = container
                        .condition
                        .as_ref()
                        .and_then(|condition| condition.to_css_string(printer_options()).ok())
                        .unwrap_or_default();
                    let found = condition::container(format!("{name} {text}").trim())
                        .map(|found| vec![found]);
                    self.visit_nested(container.loc, found, &container.rules.0, conditions, parent);
                }
                CssRule::Keyframes(keyframes) => self.keyframes(keyframes, conditions),
                CssRule::Ignored => {}
                CssRule::LayerStatement(layer) => {
                    self.warn_near(
                        self.offset(layer.loc),
                        Diagnostic::new(Code::AtRule, "@layer", theme_sheets::LAYER_ORDER),
                    );
                }
                CssRule::LayerBlock(layer) => {
                    let reason = theme_sheets::LAYER_BLOCK;
                    self.warn_near(
                        self.offset(layer.loc),
                        Diagnostic::new(Code::AtRule, "@layer", reason),
                    );
                    self.rules(&layer.rules.0, conditions, parent);
                }
                other => self.reject(
                    other_place(other)
                        .map_or(0, |location| self.map.offset(location.line, location.column)),
                    other_fault(),
                ),
            }
        }
    }

    fn offset(&self, location: Location) -> usize {
        self.map.offset(location.line, location.column)
    }

    fn visit_nested(
        &mut self,
        location: Location,
        found: Result<Vec<Condition>, Diagnostic>,
        rules: &[CssRule<'_>],
        conditions: &[Condition],
        parent: Option<&[Complex]>,
    ) {
        let offset = self.offset(location);
        let found = match found {
            Ok(found) => found,
            Err(diagnostic) => return self.drop_near(offset, diagnostic),
        };
        let mut all = conditions.to_vec();
        for condition in found {
            let schemes = |other: &Condition| matches!((other, &condition), (Condition::Scheme(one), Condition::Scheme(two)) if one != two);
            if all.iter().any(schemes) {
                let reason = theme_sheets::OPPOSITE_SCHEMES;
                return self.drop_near(
                    offset,
                    Diagnostic::new(Code::Condition, "prefers-color-scheme", reason),
                );
            }
            if !all.contains(&condition) {
                all.push(condition);
            }
        }
        self.rules(rules, &all, parent);
    }

    fn style(
        &mut self,
        style: &StyleRule<'_>,
        conditions: &[Condition],
        parent: Option<&[Complex]>,
    ) {
        let offset = self.offset(style.loc);
        let selectors = match self.selector_list(style, offset, parent) {
            Ok(selectors) => selectors,
            Err(diagnostic) => return self.drop_near(offset, diagnostic),
        };
        if selectors.is_empty() {
            return;
        }
        let block = self.map.block(offset);
        let mut places = self.map.declarations(block, false);
        let mut declarations = self.block(&style.declarations, block, &mut places);
        if self.is_theme && selectors.iter().any(parts::is_root) {
            if selectors.len() > 1
                || conditions.iter().any(|condition| matches!(condition, Condition::Container(_)))
            {
                return self.drop_near(
                    offset,
                    Diagnostic::new(Code::Selector, ":root", theme_sheets::ROOT_WITH_OTHERS),
                );
            }
            let (kept, others): (Vec<_>, Vec<_>) = declarations
                .into_iter()
                .partition(|declaration| declaration.name.starts_with("--"));
            for declaration in others {
                let reason = theme_sheets::NOT_FOR_THE_PAGE;
                self.warn_near(
                    declaration.at,
                    Diagnostic::new(Code::Property, &declaration.name, reason),
                );
            }
            declarations = kept;
        }
        self.push(conditions, selectors.clone(), declarations);
        self.rules(&style.rules.0, conditions, Some(&selectors));
    }

    fn selector_list(
        &mut self,
        style: &StyleRule<'_>,
        offset: usize,
        parent: Option<&[Complex]>,
    ) -> Result<Vec<Complex>, Diagnostic> {
        let text = style
            .selectors
            .to_css_string(printer_options())
            .map_err(|_| unprintable("selector"))?;
        let own = selector::list(&text, self.rename, self.is_theme)?;
        let (mut all, mut seen) = (Vec::new(), HashSet::new());
        for complex in &own {
            if parent.is_none() && complex.is_nested() {
                return Err(Diagnostic::new(Code::Selector, "&", theme_sheets::NESTING_OUTSIDE));
            }
            let placed = match parent {
                Some(parent) => parent
                    .iter()
                    .map(|parent| complex.nested_in(parent))
                    .collect::<Result<Vec<_>, _>>()?,
                None => vec![complex.clone()],
            };
            for complex in placed {
                let text = complex.text();
                self.selectors += 1;
                self.selector_bytes += text.len();
                if self.selectors > MAX_SELECTORS || self.selector_bytes > MAX_SELECTOR_BYTES {
                    return Err(Diagnostic::new(
                        Code::TooComplex,
                        &text,
                        theme_sheets::TOO_MANY_SELECTORS,
                    ));
                }
                let judged = match &complex.drop_reason {
                    Some(diagnostic) => Err(diagnostic.clone()),
                    None if self.is_theme => parts::theme(&complex),
                    None => parts::drawing(&complex),
                };
                match judged {
                    Err(diagnostic) => self.drop_near(offset, diagnostic),
                    Ok(()) if seen.insert(text) => all.push(complex),
                    Ok(()) => {}
                }
            }
        }
        Ok(all)
    }

    fn push(
        &mut self,
        conditions: &[Condition],
        selectors: Vec<Complex>,
        declarations: Vec<Declaration>,
    ) {
        if !selectors.is_empty() && !declarations.is_empty() {
            self.items.push(Item {
                conditions: conditions.to_vec(),
                body: Body::Rule { selectors, declarations },
            });
        }
    }
}

impl Body {
    pub(super) fn declarations(&self) -> Box<dyn Iterator<Item = &Declaration> + '_> {
        match self {
            Self::Rule { declarations, .. } => Box::new(declarations.iter()),
            Self::Keyframes { frames, .. } => {
                Box::new(frames.iter().flat_map(|(_, declarations)| declarations))
            }
        }
    }
}

fn unprintable(what: &str) -> Diagnostic {
    Diagnostic::new(Code::Syntax, what, theme_sheets::UNPRINTABLE)
}

fn other_fault() -> Diagnostic {
    Diagnostic::new(Code::AtRule, "@", theme_sheets::UNKNOWN_RULE)
}

fn other_place(rule: &CssRule<'_>) -> Option<Location> {
    match rule {
        CssRule::Container(container) => Some(container.loc),
        CssRule::LayerBlock(layer) => Some(layer.loc),
        CssRule::Import(import) => Some(import.loc),
        CssRule::Unknown(unknown) => Some(unknown.loc),
        _ => None,
    }
}
