//! Selectors as compounds, so that they can be checked, scoped, renamed and unnested.
//!
//! Must not depend on the names of the widget's parts, which are in `parts`.

mod parse;

pub(super) use parse::list;

use super::Diagnostic;

/// One selector of a list: compounds and combinators.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Complex {
    pub(super) compounds: Vec<(Combinator, Compound)>,
    /// Why it can never match, if so: it names something that does not exist.
    pub(super) drop_reason: Option<Diagnostic>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Combinator {
    #[default]
    Descendant,
    Child,
    NextSibling,
    SubsequentSibling,
}

/// The requirements on one element.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Compound {
    pub(super) source: String,
    pub(super) element: Option<String>,
    pub(super) is_universal: bool,
    pub(super) id: Option<String>,
    pub(super) classes: Vec<String>,
    /// Attribute selectors with values, as printed.
    pub(super) attributes: Vec<String>,
    /// Pseudo-classes without arguments, in lower case.
    pub(super) states: Vec<String>,
    /// Pseudo-classes with arguments: name, selectors, words.
    pub(super) functions: Vec<(String, Vec<Complex>, String)>,
    pub(super) pseudo_element: Option<String>,
    /// Whether it begins with `&`.
    pub(super) is_nested: bool,
}

impl Compound {
    pub(super) fn is_simple(&self) -> bool {
        self.states.is_empty()
            && self.functions.is_empty()
            && self.attributes.is_empty()
            && self.pseudo_element.is_none()
            && !self.is_nested
    }
}

impl Complex {
    /// The printed form.
    pub(super) fn text(&self) -> String {
        text(&self.compounds)
    }

    pub(super) fn is_nested(&self) -> bool {
        self.compounds.iter().any(|(_, compound)| compound.is_nested)
    }
}

/// The printed form of several compounds.
pub(super) fn text(compounds: &[(Combinator, Compound)]) -> String {
    let mut text = String::new();
    for (index, (combinator, compound)) in compounds.iter().enumerate() {
        text.push_str(match combinator {
            Combinator::Descendant if index == 0 => "",
            Combinator::Descendant => " ",
            Combinator::Child if index == 0 => "> ",
            Combinator::Child => " > ",
            Combinator::NextSibling if index == 0 => "+ ",
            Combinator::NextSibling => " + ",
            Combinator::SubsequentSibling if index == 0 => "~ ",
            Combinator::SubsequentSibling => " ~ ",
        });
        text.push_str(&compound.source);
    }
    text
}
