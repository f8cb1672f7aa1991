//! From the parser's tree to a flat list of rules: nested rules stand apart, conditions stand beside their rules, and every value is
//! judged and printed anew. What is not on a list does not get through.
//!
//! Must not know how the list is printed.

use super::super::problem::Report;
use super::condition::{self, Condition};
use super::map::Map;
use super::properties::{self, Known};
use super::selector::{self, Complex};
use super::{Fault, Rename, parts, protection};
use lightningcss::declaration::DeclarationBlock;
use lightningcss::printer::PrinterOptions;
use lightningcss::properties::Property;
use lightningcss::rules::keyframes::{KeyframeSelector, KeyframesRule};
use lightningcss::rules::style::StyleRule;
use lightningcss::rules::{CssRule, Location};
use lightningcss::targets::{Features, Targets};
use lightningcss::traits::ToCss;
use std::collections::HashSet;

/// Most selectors of a sheet once nested rules stand apart.
const SELECTORS: usize = 4_000;
/// Longest such selectors together, in bytes.
const SELECTOR_TEXT: usize = 256 * 1024;
/// So many faults are enough to stop.
pub(super) const FAULTS: usize = 60;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Declaration {
    pub(super) name: String,
    pub(super) value: String,
    pub(super) important: bool,
    /// Where it stands in the source.
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

/// How values, selectors and conditions are printed: nothing is shortened, and comparisons of widths become `min-` and `max-`.
pub(super) fn plainly() -> PrinterOptions<'static> {
    let targets = Targets { include: Features::MediaRangeSyntax | Features::MediaIntervalSyntax, ..Targets::default() };
    PrinterOptions { targets, ..PrinterOptions::default() }
}

pub(super) struct Walk<'a> {
    pub(super) map: &'a Map<'a>,
    pub(super) is_theme: bool,
    pub(super) rename: Option<Rename<'a>>,
    pub(super) report: &'a mut Report,
    pub(super) items: Vec<Item>,
    pub(super) faults: usize,
    pub(super) selectors: usize,
    pub(super) selector_text: usize,
}

impl<'a> Walk<'a> {
    pub(super) fn new(map: &'a Map<'a>, is_theme: bool, rename: Option<Rename<'a>>, report: &'a mut Report) -> Self {
        Self { map, is_theme, rename, report, items: Vec::new(), faults: 0, selectors: 0, selector_text: 0 }
    }

    pub(super) fn refuse(&mut self, offset: usize, fault: Fault) {
        self.faults += 1;
        let place = self.map.place(offset);
        self.report.refuse(place, &fault.what, fault.reason);
    }

    pub(super) fn refuse_near(&mut self, offset: usize, fault: Fault) {
        let exact = self.map.find(offset, &fault.what).unwrap_or(offset);
        self.refuse(exact, fault);
    }

    pub(super) fn warn_near(&mut self, offset: usize, fault: Fault) {
        let exact = self.map.find(offset, &fault.what).unwrap_or(offset);
        let place = self.map.place(exact);
        if !fault.reason.is_empty() {
            self.report.warn(place, &fault.what, fault.reason);
        }
    }

    pub(super) fn rules(&mut self, rules: &[CssRule<'_>], conditions: &[Condition], parent: Option<&[Complex]>) {
        for rule in rules {
            if self.faults > FAULTS {
                return;
            }
            match rule {
                CssRule::Style(style) => self.style(style, conditions, parent),
                CssRule::Nesting(nesting) => self.style(&nesting.style, conditions, parent),
                CssRule::NestedDeclarations(nested) => {
                    let offset = self.offset(nested.loc);
                    if let Some(parent) = parent {
                        let declarations = self.block(&nested.declarations, offset, false);
                        self.protect(parent, &declarations);
                        self.push(conditions, parent.to_vec(), declarations);
                    }
                }
                CssRule::Media(media) => {
                    let found = media.query.to_css_string(plainly()).map_err(|_| unprintable("@media")).and_then(|text| condition::media(&text));
                    self.inside(media.loc, found, &media.rules.0, conditions, parent);
                }
                CssRule::Supports(supports) => {
                    let text = supports.condition.to_css_string(plainly()).map_err(|_| unprintable("@supports"));
                    let found = text.and_then(|text| condition::supports(&text)).map(|found| vec![found]);
                    self.inside(supports.loc, found, &supports.rules.0, conditions, parent);
                }
                CssRule::Container(container) if self.is_theme => {
                    let name = container.name.as_ref().and_then(|name| name.to_css_string(plainly()).ok()).unwrap_or_default();
                    let text = container.condition.as_ref().and_then(|asked| asked.to_css_string(plainly()).ok()).unwrap_or_default();
                    let found = condition::container(format!("{name} {text}").trim()).map(|found| vec![found]);
                    self.inside(container.loc, found, &container.rules.0, conditions, parent);
                }
                CssRule::Keyframes(keyframes) => self.keyframes(keyframes, conditions),
                CssRule::Ignored => {}
                CssRule::FontFace(face) if !self.is_theme => {
                    let offset = self.offset(face.loc);
                    self.warn_near(offset, Fault::new("@font-face", "loads no font, so it is left out: text has the reader's own fonts"));
                }
                other => self.refuse(other_place(other).map_or(0, |location| self.map.offset(location.line, location.column)), other_fault()),
            }
        }
    }

    fn offset(&self, location: Location) -> usize {
        self.map.offset(location.line, location.column)
    }

    fn inside(
        &mut self,
        location: Location,
        found: Result<Vec<Condition>, Fault>,
        rules: &[CssRule<'_>],
        conditions: &[Condition],
        parent: Option<&[Complex]>,
    ) {
        let offset = self.offset(location);
        let found = match found {
            Ok(found) => found,
            Err(fault) => return self.refuse_near(offset, fault),
        };
        let mut all = conditions.to_vec();
        for condition in found {
            let schemes = |other: &Condition| matches!((other, &condition), (Condition::Scheme(one), Condition::Scheme(two)) if one != two);
            if all.iter().any(schemes) {
                return self
                    .refuse_near(offset, Fault::new("prefers-color-scheme", "asks for dark inside of light, which never holds: write them apart"));
            }
            if !all.contains(&condition) {
                all.push(condition);
            }
        }
        self.rules(rules, &all, parent);
    }

    fn style(&mut self, style: &StyleRule<'_>, conditions: &[Condition], parent: Option<&[Complex]>) {
        let offset = self.offset(style.loc);
        let selectors = match self.selector_list(style, offset, parent) {
            Ok(selectors) => selectors,
            Err(fault) => return self.refuse_near(offset, fault),
        };
        let block = self.map.block(offset);
        let declarations = self.block(&style.declarations, block, false);
        if self.is_theme && selectors.iter().any(parts::is_root) {
            if let Some(declaration) = declarations.iter().find(|declaration| !declaration.name.starts_with("--")) {
                let fault =
                    Fault::new(&declaration.name, "cannot be set for the whole page: set `--belfry-` properties here, and name a part for the rest");
                self.refuse(declaration.at, fault);
            }
            if selectors.len() > 1 || conditions.iter().any(|condition| matches!(condition, Condition::Container(_))) {
                self.refuse_near(offset, Fault::new(":root", "stands with something else: write a rule for it alone"));
            }
        }
        self.protect(&selectors, &declarations);
        self.push(conditions, selectors.clone(), declarations);
        self.rules(&style.rules.0, conditions, Some(&selectors));
    }

    fn selector_list(&mut self, style: &StyleRule<'_>, offset: usize, parent: Option<&[Complex]>) -> Result<Vec<Complex>, Fault> {
        let text = style.selectors.to_css_string(plainly()).map_err(|_| unprintable("selector"))?;
        let own = selector::list(&text, self.rename)?;
        let (mut all, mut seen) = (Vec::new(), HashSet::new());
        let below_root = self.is_theme && parent.is_some_and(|parent| parent.iter().any(parts::is_root));
        for complex in &own {
            if parent.is_none() && complex.is_nested() {
                return Err(Fault::new("&", "stands outside of a nested rule: name a part of the widget"));
            }
            let placed = match parent {
                Some(parent) => parent.iter().map(|parent| complex.below(parent)).collect::<Result<Vec<_>, _>>()?,
                None => vec![complex.clone()],
            };
            for complex in placed {
                let text = complex.text();
                if below_root {
                    return Err(Fault::new(&text, "is nested in `:root`: write it as a rule of its own"));
                }
                if self.is_theme {
                    parts::theme(&complex)?;
                } else {
                    parts::drawing(&complex)?;
                }
                self.selectors += 1;
                self.selector_text += text.len();
                if self.selectors > SELECTORS || self.selector_text > SELECTOR_TEXT {
                    return Err(Fault::new(&text, "is one selector too many once nested rules are written out: nest less"));
                }
                if complex.matches_nothing {
                    self.warn_near(offset, Fault::new(&text, "names an id that this drawing does not have, so it is left out"));
                } else if seen.insert(text) {
                    all.push(complex);
                }
            }
        }
        Ok(all)
    }

    fn push(&mut self, conditions: &[Condition], selectors: Vec<Complex>, declarations: Vec<Declaration>) {
        if !selectors.is_empty() && !declarations.is_empty() {
            self.items.push(Item { conditions: conditions.to_vec(), body: Body::Rule { selectors, declarations } });
        }
    }

    /// Refuses what a theme may not do to a part that a reader needs.
    fn protect(&mut self, selectors: &[Complex], declarations: &[Declaration]) {
        if !self.is_theme {
            return;
        }
        for declaration in declarations {
            if let Some(fault) = protection::fault(selectors, declaration) {
                self.refuse(declaration.at, fault);
            }
        }
    }

    fn keyframes(&mut self, keyframes: &KeyframesRule<'_>, conditions: &[Condition]) {
        let offset = self.offset(keyframes.loc);
        if keyframes.vendor_prefix != lightningcss::vendor_prefix::VendorPrefix::None {
            return self.warn_near(offset, Fault::new("keyframes", "has a prefix of old browsers, so it is left out: write `@keyframes` as well"));
        }
        let name = keyframes.name.to_css_string(plainly()).unwrap_or_default();
        if !super::token::is_plain(&name) {
            return self.refuse_near(offset, Fault::new(&name, "is no plain name: use letters, digits, `-` and `_`"));
        }
        if self.is_theme && protection::MOTIONS.contains(&name.as_str()) {
            return self.refuse_near(offset, Fault::new(&name, "is the name of a motion of the widget itself: choose another"));
        }
        if self.is_theme && conditions.iter().any(|condition| matches!(condition, Condition::Scheme(_))) {
            return self.refuse_near(offset, Fault::new(&name, "stands inside a scheme: write two `@keyframes` outside and choose one by its name"));
        }
        let mut block = self.map.block(offset);
        let mut frames = Vec::new();
        for frame in &keyframes.keyframes {
            if frame.selectors.iter().any(|step| matches!(step, KeyframeSelector::TimelineRangePercentage(_))) {
                return self.refuse_near(offset, Fault::new(&name, "follows scrolling: its steps are `from`, `to` and percentages"));
            }
            let steps: Vec<String> = frame.selectors.iter().filter_map(|step| step.to_css_string(plainly()).ok()).collect();
            let declarations = self.block(&frame.declarations, block, true);
            block = declarations.iter().map(|declaration| declaration.at + 1).fold(block, usize::max);
            frames.push((steps.join(", "), declarations));
        }
        self.items.push(Item { conditions: conditions.to_vec(), body: Body::Keyframes { name, frames } });
    }

    /// The declarations of a block that begins at an offset, as they are printed and not yet judged.
    pub(super) fn block(&mut self, block: &DeclarationBlock<'_>, offset: usize, deep: bool) -> Vec<Declaration> {
        let mut found: Vec<Declaration> = Vec::new();
        let mut cursor = offset;
        let normal = block.declarations.iter().map(|property| (property, false));
        let important = block.important_declarations.iter().map(|property| (property, true));
        for (property, important) in normal.chain(important) {
            let text = property.to_css_string(false, plainly()).unwrap_or_default();
            let Some((name, value)) = text.split_once(':') else {
                self.refuse(offset, unprintable("declaration"));
                continue;
            };
            let (name, value) = (name.trim().to_owned(), value.trim().to_owned());
            let next = self.map.declaration(cursor, &name, deep);
            let at = next.or_else(|| self.map.declaration(offset, &name, deep)).unwrap_or(offset);
            cursor = cursor.max(at + 1);
            if important && self.is_theme {
                self.refuse(at, Fault::new(&name, "is `!important`, which the widget keeps for itself: a plain declaration is enough"));
            }
            let is_plain = matches!(value.as_str(), "none" | "inherit" | "initial" | "unset" | "revert" | "revert-layer");
            if self.is_theme
                && matches!(property, Property::Unparsed(_))
                && !is_plain
                && !value.contains("var(")
                && properties::theme(&name) == Known::Allowed
            {
                self.warn_near(at, Fault::new(&value, format!("is no value that is known for `{name}`; a browser may ignore it")));
            }
            found.push(Declaration { name, value, important, at });
        }
        found
    }
}

impl Body {
    pub(super) fn declarations(&self) -> Box<dyn Iterator<Item = &Declaration> + '_> {
        match self {
            Self::Rule { declarations, .. } => Box::new(declarations.iter()),
            Self::Keyframes { frames, .. } => Box::new(frames.iter().flat_map(|(_, declarations)| declarations)),
        }
    }
}

fn unprintable(what: &str) -> Fault {
    Fault::new(what, "cannot be written anew: write it more plainly")
}

fn other_fault() -> Fault {
    Fault::new("@", "is no rule that can be used here: leave it out")
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
