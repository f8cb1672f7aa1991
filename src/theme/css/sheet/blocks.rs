//! The blocks of a sheet: declarations, and `@keyframes` with a block for each step.
//!
//! Declarations are printed here and checked in `declarations`, once all custom properties are
//! known. Called by the visitor of rules.

use super::{Body, Declaration, Item, SheetVisitor, printer_options, unprintable};
use crate::{
    css::{
        Diagnostic,
        condition::Condition,
        properties::{self, PropertyVerdict},
        source_map::Declarations,
        token::is_plain,
        visibility::RESERVED_KEYFRAMES,
    },
    diagnostics::Code,
};
use belfry_locales::phrases::{theme_sheets, themes};
use lightningcss::{
    declaration::DeclarationBlock,
    properties::{Property, grid::GridTemplateAreas},
    rules::keyframes::{KeyframeSelector, KeyframesRule},
    traits::ToCss as _,
};
use std::collections::VecDeque;

impl SheetVisitor<'_> {
    pub(super) fn keyframes(&mut self, keyframes: &KeyframesRule<'_>, conditions: &[Condition]) {
        let offset = self.offset(keyframes.loc);
        if keyframes.vendor_prefix != lightningcss::vendor_prefix::VendorPrefix::None {
            return self.warn_near(
                offset,
                Diagnostic::new(Code::Keyframes, "keyframes", theme_sheets::PREFIXED_KEYFRAMES),
            );
        }
        let name = keyframes.name.to_css_string(printer_options()).unwrap_or_default();
        if !is_plain(&name) {
            return self.drop_near(
                offset,
                Diagnostic::new(Code::Keyframes, &name, theme_sheets::KEYFRAMES_NAME),
            );
        }
        if self.is_theme && RESERVED_KEYFRAMES.contains(&name.as_str()) {
            return self.reject_near(
                offset,
                Diagnostic::new(Code::Keyframes, &name, theme_sheets::RESERVED_KEYFRAMES),
            );
        }
        if self.is_theme
            && conditions.iter().any(|condition| matches!(condition, Condition::Scheme(_)))
        {
            let reason = theme_sheets::KEYFRAMES_IN_SCHEME;
            return self.drop_near(offset, Diagnostic::new(Code::Keyframes, &name, reason));
        }
        let block = self.map.block(offset);
        let mut places = self.map.declarations(block, true);
        let mut frames = Vec::new();
        for frame in &keyframes.keyframes {
            if frame
                .selectors
                .iter()
                .any(|step| matches!(step, KeyframeSelector::TimelineRangePercentage(_)))
            {
                return self.drop_near(
                    offset,
                    Diagnostic::new(Code::Keyframes, &name, theme_sheets::KEYFRAMES_SCROLL),
                );
            }
            let steps: Vec<String> = frame
                .selectors
                .iter()
                .filter_map(|step| step.to_css_string(printer_options()).ok())
                .collect();
            let declarations = self.block(&frame.declarations, block, &mut places);
            frames.push((steps.join(", "), declarations));
        }
        self.items
            .push(Item { conditions: conditions.to_vec(), body: Body::Keyframes { name, frames } });
    }

    /// The declarations of a block at an offset, printed but not checked yet.
    pub(in crate::css) fn block(
        &mut self,
        block: &DeclarationBlock<'_>,
        offset: usize,
        places: &mut Declarations,
    ) -> Vec<Declaration> {
        let mut printed: Vec<Declaration> = Vec::new();
        let normal = block.declarations.iter().map(|property| (property, false));
        let important = block.important_declarations.iter().map(|property| (property, true));
        for (property, important) in normal.chain(important) {
            let text = printed_text(property);
            let Some((name, value)) = text.split_once(':') else {
                self.reject(offset, unprintable("declaration"));
                continue;
            };
            let (name, value) = (name.trim().to_owned(), value.trim().to_owned());
            let at = places
                .get_mut(&name.to_ascii_lowercase())
                .and_then(VecDeque::pop_front)
                .unwrap_or(offset);
            let important = if important && self.is_theme {
                let reason = themes::IMPORTANT;
                self.warn_near(at, Diagnostic::new(Code::Important, &name, reason));
                false
            } else {
                important
            };
            let is_plain = matches!(
                value.as_str(),
                "none" | "inherit" | "initial" | "unset" | "revert" | "revert-layer"
            );
            if self.is_theme
                && matches!(property, Property::Unparsed(_))
                && !is_plain
                && !value.contains("var(")
                && properties::theme(&name) == PropertyVerdict::Allowed
            {
                self.warn_near(
                    at,
                    Diagnostic::new(Code::Value, &value, themes::unknown_value(name.clone())),
                );
            }
            printed.push(Declaration { name, value, important, at });
        }
        printed
    }
}

/// A declaration as text; empty if it can't be printed.
fn printed_text(property: &Property<'_>) -> String {
    match property {
        // The printer would end an indentation that it has not begun.
        Property::GridTemplateAreas(GridTemplateAreas::Areas { areas, .. }) if areas.is_empty() => {
            format!("{}:", property.property_id().name())
        }
        _ => property.to_css_string(false, printer_options()).unwrap_or_default(),
    }
}
