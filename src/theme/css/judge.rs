//! The second walk: every declaration that the first one found is judged, now that all custom properties are known.
//!
//! Must not know of the parser's tree.

use super::Fault;
use super::definitions::Definitions;
use super::properties::{self, Known};
use super::selector::Complex;
use super::sheet::{Body, Declaration, FAULTS, Item, Walk};
use super::value::{Harm, Judge};

/// Most custom properties.
const CUSTOM: usize = 64;
/// Longest value of a custom property, in bytes.
const CUSTOM_VALUE: usize = 256;

impl Walk<'_> {
    /// Judges every declaration that was found, and leaves those that may stay.
    pub(super) fn judged(&mut self) -> Vec<Item> {
        let mut items = std::mem::take(&mut self.items);
        let definitions = definitions(items.iter().flat_map(|item| item.body.declarations()));
        for item in &mut items {
            match &mut item.body {
                Body::Rule { selectors, declarations } => {
                    let generated = selectors.iter().all(is_generated);
                    *declarations = self.declarations(declarations, &definitions, generated);
                }
                Body::Keyframes { frames, .. } => {
                    for (_, declarations) in frames {
                        *declarations = self.declarations(declarations, &definitions, false);
                    }
                }
            }
        }
        items.retain(|item| item.body.declarations().next().is_some() || matches!(item.body, Body::Keyframes { .. }));
        items
    }

    pub(super) fn declarations(&mut self, found: &[Declaration], definitions: &Definitions, generated: bool) -> Vec<Declaration> {
        let mut kept = Vec::new();
        for declaration in found {
            if self.faults > FAULTS {
                break;
            }
            match self.declaration(declaration, definitions, generated) {
                Ok(value) => kept.push(Declaration { value, ..declaration.clone() }),
                Err(Harm::Refused(fault)) if fault.what == declaration.name => self.refuse(declaration.at, fault),
                Err(Harm::Refused(fault)) => self.refuse_near(declaration.at, fault),
                Err(Harm::Dropped(fault)) => self.warn_near(declaration.at, fault),
            }
        }
        kept
    }

    fn declaration(&self, declaration: &Declaration, definitions: &Definitions, generated: bool) -> Result<String, Harm> {
        let Declaration { name, value, .. } = declaration;
        let refuse = |reason: &str| Err(Harm::Refused(Fault::new(name, reason)));
        if name.starts_with("--") {
            if !super::token::is_plain(name) {
                return refuse("is a name that needs an escape: use letters, digits, `-` and `_`");
            }
            if self.is_theme && !name.starts_with("--belfry-") {
                return refuse("is no property of the widget: custom properties begin with `--belfry-`");
            }
            if definitions.count() > CUSTOM || value.len() > CUSTOM_VALUE {
                return refuse("is too much for custom properties: 64 of at most 256 bytes each are allowed");
            }
        } else {
            let known = if self.is_theme { properties::theme(name) } else { properties::drawing(name) };
            match known {
                Known::Allowed => {}
                Known::Refused(reason) => return refuse(reason),
                Known::Dropped(reason) => return Err(Harm::Dropped(Fault::new(name, reason))),
            }
        }
        if self.is_theme && name == "position" && value == "absolute" && !generated {
            return Err(Harm::Refused(Fault::new(value, "takes a part out of its place: only `::before` and `::after` can be `absolute`")));
        }
        let judge = Judge { is_theme: self.is_theme, definitions, rename: self.rename };
        judge.value(name, value)
    }
}

/// What the custom properties among these may hold.
pub(super) fn definitions<'a>(declarations: impl Iterator<Item = &'a Declaration>) -> Definitions {
    let mut definitions = Definitions::default();
    for declaration in declarations.filter(|declaration| declaration.name.starts_with("--")) {
        definitions.add(&declaration.name, &declaration.value);
    }
    definitions
}

/// Whether a selector is for a `::before` or `::after`.
fn is_generated(complex: &Complex) -> bool {
    let last = complex.compounds.last().and_then(|(_, compound)| compound.pseudo_element.as_deref());
    matches!(last, Some("before" | "after"))
}
