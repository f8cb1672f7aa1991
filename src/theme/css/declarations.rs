//! The second pass: checks every declaration that the first pass collected, because all custom
//! properties are known only now.
//!
//! Must not depend on the parser's tree.

use super::super::diagnostics::Code;
use super::Diagnostic;
use super::condition::Condition;
use super::definitions::Definitions;
use super::properties::{self, PropertyVerdict};
use super::selector::Complex;
use super::sheet::{Body, Declaration, Item, MAX_DIAGNOSTICS, SheetVisitor};
use super::value::{Rejection, ValueChecker};
use super::visibility;
use belfry_locales::{LocalizedText, phrases::theme_values};

/// Maximum number of custom properties.
const MAX_CUSTOM_PROPERTIES: usize = 64;
/// Maximum length of a custom property's value, in bytes.
const MAX_CUSTOM_VALUE_BYTES: usize = 256;

impl SheetVisitor<'_> {
    /// Checks all collected declarations and returns the rules with the valid ones.
    pub(super) fn checked_items(&mut self) -> Vec<Item> {
        let mut items = std::mem::take(&mut self.items);
        let definitions = definitions(items.iter().flat_map(|item| item.body.declarations()));
        for item in &mut items {
            match &mut item.body {
                Body::Rule { selectors, declarations } => {
                    // In print no part needs to be reachable.
                    let needed = if item.conditions.iter().any(Condition::is_print) {
                        &[]
                    } else {
                        selectors.as_slice()
                    };
                    *declarations = self.declarations(declarations, &definitions, needed);
                }
                Body::Keyframes { frames, .. } => {
                    for (_, declarations) in frames {
                        *declarations = self.declarations(declarations, &definitions, &[]);
                    }
                }
            }
        }
        if self.is_theme {
            for (at, diagnostic) in visibility::covering(&items, &definitions) {
                self.reject(at, diagnostic);
            }
        }
        items.retain(|item| {
            item.body.declarations().next().is_some() || matches!(item.body, Body::Keyframes { .. })
        });
        items
    }

    /// Checks the declarations of a rule with these selectors; without selectors, those of a
    /// keyframe or of a drawing's element.
    pub(super) fn declarations(
        &mut self,
        found: &[Declaration],
        definitions: &Definitions,
        selectors: &[Complex],
    ) -> Vec<Declaration> {
        let mut accepted: Vec<Declaration> = Vec::new();
        for declaration in found {
            if self.errors > MAX_DIAGNOSTICS {
                break;
            }
            match self.declaration(declaration, definitions, selectors) {
                Ok(value) => accepted.push(Declaration { value, ..declaration.clone() }),
                Err(Rejection::Rejected(diagnostic)) if diagnostic.what == declaration.name => {
                    self.reject(declaration.at, diagnostic);
                }
                Err(Rejection::Rejected(diagnostic)) => {
                    self.reject_near(declaration.at, diagnostic);
                }
                Err(Rejection::Dropped(diagnostic)) => self.warn_near(declaration.at, diagnostic),
                Err(Rejection::DroppedSilently) => {}
            }
        }
        if let Some((at, diagnostic)) =
            visibility::same_colours(selectors, &accepted, definitions).filter(|_| self.is_theme)
        {
            self.reject(at, diagnostic);
        }
        accepted
    }

    fn declaration(
        &self,
        declaration: &Declaration,
        definitions: &Definitions,
        selectors: &[Complex],
    ) -> Result<String, Rejection> {
        let Declaration { name, value, .. } = declaration;
        let judge = ValueChecker {
            is_theme: self.is_theme,
            definitions,
            rename: self.rename,
            tokens_checked: &self.tokens_checked,
        };
        let generated =
            self.is_theme && !selectors.is_empty() && selectors.iter().all(is_generated);
        let left_out = |code: Code, reason: LocalizedText| {
            Err(Rejection::Dropped(Diagnostic::new(code, name, reason)))
        };
        let refuse = |code: Code, reason: LocalizedText| {
            Err(Rejection::Rejected(Diagnostic::new(code, name, reason)))
        };
        if name.starts_with("--") {
            if !super::token::is_plain(name) {
                return left_out(Code::CustomProperty, theme_values::ESCAPED_NAME);
            }
            if self.is_theme && !name.starts_with("--belfry-") {
                return left_out(Code::CustomProperty, theme_values::NOT_OF_WIDGET);
            }
            let too_many = definitions.count() > MAX_CUSTOM_PROPERTIES;
            if too_many && self.is_limit_reported.replace(true) {
                return Err(Rejection::DroppedSilently);
            }
            if too_many || value.len() > MAX_CUSTOM_VALUE_BYTES {
                return refuse(Code::TooComplex, theme_values::TOO_MANY_CUSTOM_PROPERTIES);
            }
            if let Some(property) = properties::use_of(name).filter(|_| self.is_theme) {
                judge.check(property, value)?;
            }
        } else if self.is_theme && name == "pointer-events" && value == "none" {
            if !generated {
                return refuse(Code::Hidden, theme_values::POINTER_EVENTS_OF_PART);
            }
        } else {
            let verdict =
                if self.is_theme { properties::theme(name) } else { properties::drawing(name) };
            match verdict {
                PropertyVerdict::Allowed => {}
                PropertyVerdict::Rejected(reason) => return refuse(Code::Script, reason),
                PropertyVerdict::DroppedSilently => return Err(Rejection::DroppedSilently),
                PropertyVerdict::Dropped(reason) => {
                    return Err(Rejection::Dropped(Diagnostic::new(Code::Property, name, reason)));
                }
            }
        }
        if self.is_theme && name == "position" && value == "absolute" && !generated {
            return Err(Rejection::Rejected(Diagnostic::new(
                Code::Position,
                value,
                theme_values::ABSOLUTE,
            )));
        }
        let printed = judge.check(name, value)?;
        if self.is_theme
            && let Some(diagnostic) = visibility::check(selectors, declaration, definitions)
        {
            return Err(Rejection::Rejected(diagnostic));
        }
        Ok(printed)
    }
}

/// The custom properties among these declarations.
pub(super) fn definitions<'a>(declarations: impl Iterator<Item = &'a Declaration>) -> Definitions {
    let mut definitions = Definitions::default();
    for declaration in declarations.filter(|declaration| declaration.name.starts_with("--")) {
        definitions.add(&declaration.name, &declaration.value);
    }
    definitions
}

/// Whether a selector ends in `::before` or `::after`.
fn is_generated(complex: &Complex) -> bool {
    let last =
        complex.compounds.last().and_then(|(_, compound)| compound.pseudo_element.as_deref());
    matches!(last, Some("before" | "after"))
}
