//! How a part of a drawing looks: attributes, the rules of its style sheets and `style` attributes, weighed as CSS weighs them.
//!
//! Only what real text must know of the drawn one. Must not know where anything is.

use super::{
    css::{PROPERTIES, Scheme, Subject, Values, plain_value},
    geometry::attribute,
    svg::{Drawing, Element},
};
use std::sync::Arc;

/// The values that hold for an element, in the order of [`PROPERTIES`]. They are shared with the elements that inherit them.
#[derive(Debug, Clone, Default)]
pub(super) struct Computed(Values);

impl Computed {
    /// A property's value; `None` where nothing was said.
    pub(super) fn get(&self, property: &str) -> Option<&str> {
        let index = PROPERTIES.iter().position(|(name, _)| *name == property)?;
        self.0.get(index)?.as_deref()
    }

    fn set(&mut self, property: &str, value: &str) {
        let place = PROPERTIES.iter().position(|(name, _)| *name == property).and_then(|index| self.0.get_mut(index));
        if let Some(place) = place
            && value != "inherit"
        {
            *place = Some(Arc::from(plain_value(value)));
        }
    }

    /// What an element inside of one with these values looks like.
    pub(super) fn inside(&self, element: &Element, drawing: &Drawing, scheme: Scheme) -> Self {
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
        for (own, ruled) in computed.0.iter_mut().zip(drawing.rules.values(&subject(element), scheme)) {
            if ruled.is_some() {
                *own = ruled;
            }
        }
        for declaration in attribute(element, "style").unwrap_or_default().split(';') {
            if let Some((property, value)) = declaration.split_once(':') {
                computed.set(property.trim(), value.trim());
            }
        }
        computed
    }
}

fn subject(element: &Element) -> Subject<'_> {
    Subject::new(element.name, attribute(element, "id"), attribute(element, "class"))
}
