//! Unnesting: the selector of a nested rule is combined with its parent's.
//!
//! Must not depend on the allow-lists.

use super::super::diagnostics::Code;
use super::Diagnostic;
use super::selector::{Complex, Compound};
use belfry_locales::phrases::theme_sheets;

impl Complex {
    /// The selector of a nested rule as a top-level selector.
    pub(super) fn nested_in(&self, parent: &Self) -> Result<Self, Diagnostic> {
        if parent.compounds.iter().any(|(_, compound)| compound.pseudo_element.is_some()) {
            return Err(Diagnostic::new(
                Code::Selector,
                &self.text(),
                theme_sheets::NESTED_IN_PSEUDO_ELEMENT,
            ));
        }
        let mut all = Vec::new();
        if !self.is_nested() {
            all.clone_from(&parent.compounds);
        }
        for (index, (combinator, compound)) in self.compounds.iter().enumerate() {
            if !compound.is_nested {
                all.push((*combinator, compound.clone()));
                continue;
            }
            let Some(((_, last), before)) = parent.compounds.split_last() else { continue };
            if index > 0 && !before.is_empty() {
                return Err(Diagnostic::new(
                    Code::Selector,
                    &self.text(),
                    theme_sheets::NESTING_BEHIND,
                ));
            }
            all.extend(before.iter().cloned());
            let joined = last.join(compound).ok_or_else(|| {
                Diagnostic::new(Code::Selector, &self.text(), theme_sheets::JOINED_ELEMENTS)
            })?;
            let combinator = if before.is_empty() {
                *combinator
            } else {
                parent.compounds.last().map(|(joint, _)| *joint).unwrap_or_default()
            };
            all.push((combinator, joined));
        }
        Ok(Self {
            compounds: all,
            drop_reason: self.drop_reason.clone().or_else(|| parent.drop_reason.clone()),
        })
    }
}

impl Compound {
    fn join(&self, more: &Self) -> Option<Self> {
        let mut joined = self.clone();
        if more.element.is_some() || more.is_universal {
            return None;
        }
        joined.source.push_str(more.source.strip_prefix('&').unwrap_or(&more.source));
        joined.id = joined.id.or_else(|| more.id.clone());
        joined.classes.extend(more.classes.iter().cloned());
        joined.attributes.extend(more.attributes.iter().cloned());
        joined.states.extend(more.states.iter().cloned());
        joined.functions.extend(more.functions.iter().cloned());
        joined.pseudo_element.clone_from(&more.pseudo_element);
        Some(joined)
    }
}
