//! Whether generated content (`::before`, `::after`) covers the text of its part.
//!
//! Positioned content is painted above the text, so it must be thin or transparent or lie behind
//! it. All rules for the same part are evaluated together. Must not depend on how values are
//! printed.

use super::super::super::diagnostics::Code;
use super::super::Diagnostic;
use super::super::definitions::Definitions;
use super::super::sheet::{Body, Declaration, Item};
use super::super::token::tokens;
use super::colours;
use super::sizes::{Size, Sizes};
use belfry_locales::phrases::theme_values;
use std::collections::BTreeMap;

/// Maximum thickness of content above a part, in pixels.
const MAX_OVERLAY_PX: f64 = 24.0;

/// The declarations of one pseudo-element.
#[derive(Default)]
#[expect(clippy::struct_excessive_bools, reason = "independent effects of single properties")]
struct GeneratedBox<'a> {
    absolute: Option<&'a Declaration>,
    has_paint: bool,
    covers_parent: bool,
    is_thin: bool,
    is_behind: bool,
    is_faint: bool,
}

/// The places where content covers a part, with the diagnostics.
pub(in super::super) fn faults(
    items: &[Item],
    definitions: &Definitions,
) -> Vec<(usize, Diagnostic)> {
    let mut all: BTreeMap<String, GeneratedBox<'_>> = BTreeMap::new();
    for item in items {
        let Body::Rule { selectors, declarations } = &item.body else { continue };
        for complex in selectors {
            let Some((_, last)) = complex.compounds.last() else { continue };
            let Some(pseudo) = last
                .pseudo_element
                .as_deref()
                .filter(|pseudo| matches!(*pseudo, "before" | "after"))
            else {
                continue;
            };
            if last.classes.iter().any(|class| super::DECORATIVE_PARTS.contains(&class.as_str())) {
                continue;
            }
            let mut names = last.classes.clone();
            names.sort();
            let key = format!(
                "{}.{}::{pseudo}",
                last.element.as_deref().unwrap_or_default(),
                names.join(".")
            );
            let drawn = all.entry(key).or_default();
            for declaration in declarations {
                drawn.apply(declaration, definitions);
            }
        }
    }
    let covers = |drawn: &GeneratedBox<'_>| {
        (drawn.has_paint && !drawn.is_thin || drawn.covers_parent)
            && !drawn.is_behind
            && !drawn.is_faint
    };
    let overlays = all.into_values().filter(covers).filter_map(|drawn| drawn.absolute);

    overlays
        .map(|declaration| {
            (
                declaration.at,
                Diagnostic::new(Code::Hidden, &declaration.name, theme_values::OVERLAY),
            )
        })
        .collect()
}

impl<'a> GeneratedBox<'a> {
    fn apply(&mut self, declaration: &'a Declaration, definitions: &Definitions) {
        let Declaration { name, value, .. } = declaration;
        let Ok(all) = tokens(value) else { return };
        let sizes = |harm: &dyn Fn(Size) -> bool| Sizes::of(&all, definitions, 160.0).any(harm);
        match name.as_str() {
            "position" if value == "absolute" => self.absolute = Some(declaration),
            "background" | "background-color" | "background-image" => {
                self.has_paint |= colours::is_solid(&all, definitions);
            }
            "backdrop-filter" | "-webkit-backdrop-filter" => self.has_paint |= value != "none",
            "box-shadow" => {
                self.covers_parent |=
                    sizes(&|size| size.pixels().is_some_and(|spread| spread > MAX_OVERLAY_PX))
                        && colours::is_solid(&all, definitions);
            }
            "width" | "height" | "inline-size" | "block-size" | "max-width" | "max-height"
            | "max-inline-size" | "max-block-size" => {
                self.is_thin |=
                    sizes(&|size| size.pixels().is_some_and(|side| side <= MAX_OVERLAY_PX));
            }
            "z-index" => {
                self.is_behind |= sizes(&|size| size.ratio().is_some_and(|level| level < 0.0));
            }
            "opacity" => {
                self.is_faint |= sizes(&|size| {
                    size.ratio().is_some_and(|share| share <= 1.0 - super::MIN_OPACITY)
                });
            }
            _ => {}
        }
    }
}
