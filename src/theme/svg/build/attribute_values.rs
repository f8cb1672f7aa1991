//! The value of each attribute, by its type: ids, references, styles, animations.
//!
//! Must not depend on the tree beyond the attribute's element. Called by the builder of elements.

use super::{Builder, SourceAttribute, loads, quoted};
use crate::{
    css,
    diagnostics::{Code, Place},
    svg::{
        animation,
        attributes::ValueKind,
        filter_tree, raster_images,
        values::{self, Address, InvalidValue},
    },
};
use belfry_locales::phrases::{theme_drawings, themes};

impl Builder<'_> {
    pub(super) fn value(&mut self, source: &SourceAttribute) -> Option<String> {
        if source.value.trim().is_empty() {
            return None;
        }
        let target = || filter_tree::own(source.filtered.node, "attributeName");
        let cleaned = match source.kind {
            ValueKind::Id => return self.id(source),
            ValueKind::Style => return self.style_attribute(source.value, source.place),
            ValueKind::Presentation => return self.presentation(source.name, source),
            ValueKind::Reference => return self.reference(source),
            ValueKind::Image => raster_images::clean(source.value).map_err(InvalidValue::Rejected),
            ValueKind::AnimationValue | ValueKind::AnimationValues => {
                match (animation::value_kind(source.filtered.name, target()), source.kind) {
                    (Some(kind), ValueKind::AnimationValue) => values::clean(kind, source.value),
                    (Some(kind), _) => {
                        animation::each(source.value, |value| values::clean(kind, value))
                    }
                    (None, _) if values::contains_url(source.value) => Err(animation::unreadable()),
                    (None, kind) => {
                        return self.animation_value(
                            target().unwrap_or_default(),
                            source,
                            kind == ValueKind::AnimationValues,
                        );
                    }
                }
                .map_err(|wrong| {
                    if wrong == InvalidValue::Malformed { animation::unreadable() } else { wrong }
                })
            }
            ValueKind::AnimationTimes
            | ValueKind::Duration
            | ValueKind::RepeatCount
            | ValueKind::AnimatedAttribute
            | ValueKind::NumberLists => animation::clean(source.kind, source.value),
            kind => values::clean(kind, source.value),
        };
        match cleaned {
            Ok(value) => Some(value),
            Err(InvalidValue::Rejected(reason)) => {
                let code = match source.kind {
                    ValueKind::Image if is_data(source.value) => Code::Picture,
                    ValueKind::Image => Code::Loads,
                    _ if loads(source.value) => Code::Loads,
                    _ => Code::AttributeValue,
                };
                self.report.reject(
                    code,
                    source.place,
                    &quoted(source.source_name, source.value),
                    reason,
                );
                None
            }
            Err(InvalidValue::Malformed | InvalidValue::Unsupported) => {
                self.report.warn(
                    Code::AttributeValue,
                    source.place,
                    &quoted(source.source_name, source.value),
                    themes::UNREADABLE_VALUE,
                );
                None
            }
        }
    }

    fn id(&mut self, source: &SourceAttribute) -> Option<String> {
        let name = self.ids.of(source.value, source.filtered.node.id());
        if name.is_none() {
            self.report.warn(
                Code::Reference,
                source.place,
                &quoted("id", source.value),
                themes::ID_TAKEN,
            );
        }
        name.map(str::to_owned)
    }

    fn style_attribute(&mut self, source: &str, place: Place) -> Option<String> {
        let ids = &self.ids;
        let rename = |id: &str| ids.renamed(id).map(str::to_owned);
        let declarations = css::drawing_style(source, place, &rename, self.report)?;
        let printed: Vec<String> =
            declarations.iter().map(|(property, value)| format!("{property}:{value}")).collect();
        (!printed.is_empty()).then(|| printed.join(";"))
    }

    fn presentation(&mut self, property: &str, source: &SourceAttribute) -> Option<String> {
        let value = source.value;
        let dangles = !loads(value)
            && !value.contains('\\')
            && values::references(value).any(|id| self.ids.renamed(id).is_none());
        let (ids, report) = (&self.ids, &mut *self.report);
        let rename = |id: &str| ids.renamed(id).map(str::to_owned);
        if !dangles {
            return css::drawing_value(property, value, source.place, &rename, report)
                .filter(|value| !value.is_empty());
        }
        report.warn(
            Code::Reference,
            source.place,
            &quoted(source.source_name, value),
            themes::REFERS_TO_NOTHING,
        );
        if !matches!(property, "fill" | "stroke") {
            return None;
        }
        // The fallback paint.
        let instead = value.rsplit_once(')').map_or("", |(_, rest)| rest.trim());
        let instead = if instead.is_empty() { "none" } else { instead };
        css::drawing_value(property, instead, source.place, &rename, report)
            .filter(|value| !value.is_empty())
    }

    fn animation_value(
        &mut self,
        property: &str,
        source: &SourceAttribute,
        several: bool,
    ) -> Option<String> {
        let (ids, report) = (&self.ids, &mut *self.report);
        let rename = |id: &str| ids.renamed(id).map(str::to_owned);
        let mut read = |value: &str| {
            css::drawing_value(property, value, source.place, &rename, report)
                .filter(|value| !value.is_empty())
        };
        if !several {
            return read(source.value);
        }
        match animation::each(source.value, |value| read(value).ok_or(InvalidValue::Malformed)) {
            Ok(values) => Some(values),
            Err(wrong) => {
                let reason = if let InvalidValue::Rejected(reason) = wrong {
                    reason
                } else {
                    theme_drawings::INVALID_ANIMATION_VALUE
                };
                self.report.reject(
                    Code::AttributeValue,
                    source.place,
                    &quoted(source.source_name, source.value),
                    reason,
                );
                None
            }
        }
    }

    fn reference(&mut self, source: &SourceAttribute) -> Option<String> {
        let Some(id) = source.value.trim().strip_prefix('#') else {
            let reason = match values::address(source.value) {
                Address::Other => theme_drawings::REFERENCE_RUNS,
                Address::Page | Address::Here => theme_drawings::REFERENCE_OUTSIDE,
            };
            self.report.reject(
                Code::Loads,
                source.place,
                &quoted(source.source_name, source.value),
                reason,
            );
            return None;
        };
        let refers = matches!(
            source.filtered.name,
            "use"
                | "linearGradient"
                | "radialGradient"
                | "pattern"
                | "filter"
                | "textPath"
                | "mpath"
                | "image"
        );
        let name = self.ids.renamed(id).filter(|_| refers);
        if name.is_none() {
            self.report.warn(
                Code::Reference,
                source.place,
                &quoted(source.source_name, source.value),
                themes::REFERS_TO_NOTHING,
            );
        }
        name.map(|name| format!("#{name}"))
    }

    /// Significant white space, expressed in CSS, which browsers will continue to support.
    pub(super) fn add_preserved_space(
        &mut self,
        attributes: &mut Vec<(&'static str, String)>,
        place: Place,
    ) {
        let style = attributes.iter_mut().find(|(name, _)| *name == "style");
        let source = style.as_ref().map_or_else(String::new, |(_, value)| format!("{value};"));
        if source.contains("white-space") {
            return;
        }
        let Some(declarations) =
            css::drawing_style("white-space:pre", place, &|_| None, self.report)
        else {
            return;
        };
        let added: Vec<String> =
            declarations.iter().map(|(property, value)| format!("{property}:{value}")).collect();
        if added.is_empty() {
            return;
        }
        let value = source + &added.join(";");
        match style {
            Some((_, old)) => *old = value,
            None => attributes.push(("style", value)),
        }
    }
}

fn is_data(value: &str) -> bool {
    value.trim_start().get(..5).is_some_and(|start| start.eq_ignore_ascii_case("data:"))
}
