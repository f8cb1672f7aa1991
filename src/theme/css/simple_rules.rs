//! The simple rules of a drawing, indexed by what their selectors require, so that a lookup for one
//! element does not visit every rule.
//!
//! Must not depend on which properties callers need.

use super::{Scheme, SimpleRule, SimpleSelector};
use std::collections::{BTreeSet, HashMap};
use std::ops::Deref;

/// The simple rules of all style sheets of a drawing, in order.
#[derive(Debug, Default)]
pub(in super::super) struct SimpleRules {
    all: Vec<SimpleRule>,
    groups: Vec<Group>,
    /// Groups by the most selective requirement of their selector; the empty key for `*`.
    by_key: HashMap<String, Vec<usize>>,
}

/// The merged rules of one selector.
#[derive(Debug)]
struct Group {
    scheme: Option<Scheme>,
    selector: SimpleSelector,
    /// The last value of each property, with the number of its rule.
    values: HashMap<String, (usize, String)>,
}

/// A declaration that applies to an element, with its weight: the larger one wins.
type WeightedDeclaration<'a> = (&'a str, &'a str, (u32, usize));

impl Deref for SimpleRules {
    type Target = [SimpleRule];

    fn deref(&self) -> &[SimpleRule] {
        &self.all
    }
}

impl SimpleRules {
    pub(in super::super) fn new(all: Vec<SimpleRule>) -> Self {
        let mut counts: HashMap<String, usize> = HashMap::new();
        let mut numbers: HashMap<(Option<Scheme>, SimpleSelector), usize> = HashMap::new();
        let mut groups: Vec<Group> = Vec::new();
        for (order, rule) in all.iter().enumerate() {
            let number =
                *numbers.entry((rule.scheme, rule.selector.clone())).or_insert_with(|| {
                    for key in keys(&rule.selector) {
                        *counts.entry(key).or_default() += 1;
                    }
                    groups.push(Group {
                        scheme: rule.scheme,
                        selector: rule.selector.clone(),
                        values: HashMap::new(),
                    });
                    groups.len() - 1
                });
            if let Some(group) = groups.get_mut(number) {
                group.values.extend(
                    rule.declarations
                        .iter()
                        .map(|(name, value)| (name.clone(), (order, value.clone()))),
                );
            }
        }
        let mut by_key: HashMap<String, Vec<usize>> = HashMap::new();
        for (number, group) in groups.iter().enumerate() {
            let rarest = keys(&group.selector)
                .min_by_key(|key| counts.get(key).copied().unwrap_or_default());
            by_key.entry(rarest.unwrap_or_default()).or_default().push(number);
        }
        Self { all, groups, by_key }
    }

    /// The number of distinct selectors with more than one requirement, which must be compared with
    /// each element.
    pub(in super::super) fn compounds(&self) -> usize {
        self.groups.iter().filter(|group| keys(&group.selector).count() > 1).count()
    }

    /// All declarations for an element with this name, id and classes, in one scheme.
    pub(in super::super) fn declarations_for<'a>(
        &'a self,
        scheme: Scheme,
        name: &str,
        id: Option<&str>,
        classes: &[&str],
    ) -> impl Iterator<Item = WeightedDeclaration<'a>> {
        let requested = SimpleSelector {
            element: Some(name.to_owned()),
            id: id.map(str::to_owned),
            classes: classes.iter().map(|class| (*class).to_owned()).collect(),
        };
        // A class may occur in an attribute more than once.
        let requested_keys: BTreeSet<String> =
            keys(&requested).chain(std::iter::once(String::new())).collect();
        let matches: Vec<&usize> =
            requested_keys.iter().filter_map(|key| self.by_key.get(key)).flatten().collect();
        let groups = matches.into_iter().filter_map(|number| self.groups.get(*number));
        let holding = groups.filter(move |group| {
            group.scheme.is_none_or(|other| other == scheme)
                && group
                    .selector
                    .element
                    .as_ref()
                    .is_none_or(|name| requested.element.as_ref() == Some(name))
                && group.selector.id.as_ref().is_none_or(|id| requested.id.as_ref() == Some(id))
                && group.selector.classes.iter().all(|class| requested.classes.contains(class))
        });
        holding.flat_map(|group| {
            let weight = group.selector.specificity();
            group.values.iter().map(move |(name, (order, value))| {
                (name.as_str(), value.as_str(), (weight, *order))
            })
        })
    }
}

/// The requirements of a selector as keys.
fn keys(selector: &SimpleSelector) -> impl Iterator<Item = String> {
    let named = |sign: char, name: &String| format!("{sign}{name}");
    let element = selector.element.as_ref().map(|name| named(' ', name));
    let id = selector.id.as_ref().map(|id| named('#', id));
    let classes: Vec<String> = selector.classes.iter().map(|class| named('.', class)).collect();
    element.into_iter().chain(id).chain(classes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(
        scheme: Option<Scheme>,
        element: &str,
        id: &str,
        classes: &[&str],
        declarations: &[(&str, &str)],
    ) -> SimpleRule {
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        SimpleRule {
            scheme,
            selector: SimpleSelector {
                element: some(element),
                id: some(id),
                classes: classes.iter().map(|class| (*class).to_owned()).collect(),
            },
            declarations: declarations
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
        }
    }

    fn winner(
        rules: &SimpleRules,
        scheme: Scheme,
        name: &str,
        id: Option<&str>,
        classes: &[&str],
        property: &str,
    ) -> Option<String> {
        let holding = rules
            .declarations_for(scheme, name, id, classes)
            .filter(|(found, _, _)| *found == property);
        holding.max_by_key(|(_, _, weight)| *weight).map(|(_, value, _)| value.to_owned())
    }

    #[test]
    fn cascade_equals_applying_all_rules_in_order() {
        let rules = SimpleRules::new(vec![
            rule(None, "", "", &[], &[("fill", "all")]),
            rule(None, "", "", &["a"], &[("fill", "a1"), ("stroke", "a1")]),
            rule(None, "text", "", &[], &[("fill", "text")]),
            rule(None, "", "", &["b"], &[("fill", "b")]),
            rule(None, "", "", &["a"], &[("fill", "a2")]),
            rule(None, "text", "", &["a", "b"], &[("fill", "text-a-b")]),
            rule(None, "", "t", &[], &[("fill", "id")]),
            rule(Some(Scheme::Dark), "", "", &["a"], &[("stroke", "dark")]),
        ]);
        let fill = |name: &str, id: Option<&str>, classes: &[&str]| {
            winner(&rules, Scheme::Light, name, id, classes, "fill")
        };
        assert_eq!(fill("rect", None, &[]).as_deref(), Some("all"));
        assert_eq!(fill("text", None, &[]).as_deref(), Some("text"));
        assert_eq!(fill("rect", None, &["a"]).as_deref(), Some("a2"));
        assert_eq!(fill("rect", None, &["b", "a"]).as_deref(), Some("a2"));
        assert_eq!(fill("rect", None, &["b"]).as_deref(), Some("b"));
        assert_eq!(fill("text", None, &["b", "a", "a"]).as_deref(), Some("text-a-b"));
        assert_eq!(fill("text", Some("t"), &["b", "a"]).as_deref(), Some("id"));
        assert_eq!(
            winner(&rules, Scheme::Light, "rect", None, &["a"], "stroke").as_deref(),
            Some("a1")
        );
        assert_eq!(
            winner(&rules, Scheme::Dark, "rect", None, &["a"], "stroke").as_deref(),
            Some("dark")
        );
    }

    /// The cost of a lookup depends neither on the rules for other elements, nor on how often a
    /// rule is repeated.
    #[test]
    fn rules_for_other_elements_cost_nothing() {
        let looked_at = |count: usize| {
            let others = (0..count)
                .map(|number| rule(None, "", "", &[&format!("c{number}")], &[("fill", "red")]));
            let repeated = (0..count)
                .map(|number| rule(None, "", "", &["a"], &[("fill", &number.to_string())]));
            let rules = SimpleRules::new(others.chain(repeated).collect());
            rules.declarations_for(Scheme::Light, "rect", None, &["a", "c7"]).count()
        };
        assert_eq!(looked_at(20), 2);
        assert_eq!(looked_at(2_000), 2);
    }

    #[test]
    fn compound_selectors_are_counted_once() {
        let rules = SimpleRules::new(vec![
            rule(None, "text", "", &["a"], &[("fill", "red")]),
            rule(None, "text", "", &["a"], &[("stroke", "red")]),
            rule(None, "", "", &["a", "b"], &[("fill", "red")]),
            rule(None, "", "", &["a"], &[("fill", "red")]),
        ]);
        assert_eq!(rules.compounds(), 2);
    }
}
