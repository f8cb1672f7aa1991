//! Computed styles in a drawing: attributes, rules of style sheets and `style` attributes, in
//! cascade order.
//!
//! Only the properties that the real text takes over from the drawn one. Must not depend on
//! positions.

use super::{
    css::Scheme,
    geometry::attribute,
    svg::{Drawing, Element},
};

/// The computed properties, and whether each is inherited.
const PROPERTIES: [(&str, bool); 13] = [
    ("fill", true),
    ("fill-opacity", true),
    ("stroke", true),
    ("stroke-width", true),
    ("opacity", false),
    ("font-family", true),
    ("font-size", true),
    ("font-style", true),
    ("font-weight", true),
    ("letter-spacing", true),
    ("text-anchor", true),
    ("text-decoration", true),
    ("display", false),
];

/// The computed values of an element, in the order of [`PROPERTIES`].
#[derive(Debug, Clone, Default)]
pub(super) struct Computed([Option<String>; PROPERTIES.len()]);

impl Computed {
    /// The value of a property; `None` if it is not set.
    pub(super) fn get(&self, property: &str) -> Option<&str> {
        let index = PROPERTIES.iter().position(|(name, _)| *name == property)?;
        self.0.get(index)?.as_deref()
    }

    fn set(&mut self, property: &str, value: &str) {
        let place = PROPERTIES
            .iter()
            .position(|(name, _)| *name == property)
            .and_then(|index| self.0.get_mut(index));
        if let Some(place) = place
            && value != "inherit"
        {
            *place = Some(value.trim_end_matches("!important").trim().to_owned());
        }
    }

    /// The computed values of a child element.
    pub(super) fn child_style(&self, element: &Element, drawing: &Drawing, scheme: Scheme) -> Self {
        let mut computed = Self::default();
        for ((own, around), (_, inherited)) in computed.0.iter_mut().zip(&self.0).zip(PROPERTIES) {
            if inherited {
                own.clone_from(around);
            }
        }
        for (property, _) in PROPERTIES {
            if let Some(value) = attribute(element, property) {
                computed.set(property, value);
            }
        }
        let classes: Vec<&str> =
            attribute(element, "class").unwrap_or_default().split_ascii_whitespace().collect();
        let mut holding: Vec<_> = drawing
            .rules
            .declarations_for(scheme, element.name, attribute(element, "id"), &classes)
            .collect();
        holding.sort_by_key(|(_, _, weight)| *weight);
        for (property, value, _) in holding {
            computed.set(property, value);
        }
        for declaration in attribute(element, "style").unwrap_or_default().split(';') {
            if let Some((property, value)) = declaration.split_once(':') {
                computed.set(property.trim(), value.trim());
            }
        }
        computed
    }
}
