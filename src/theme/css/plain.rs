//! Plain rules of a drawing, found by what they ask of an element: its id, a class or its name. Called by whoever computes how a drawn text
//! looks.
//!
//! Rules of one selector are one entry, and an entry stands under the rarest class that it asks for, so that an element is compared with
//! few of them. Must not know elements.

use super::{PlainRule, PlainSelector, Scheme};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// The properties that are asked for; the second says whether a child has it from its parent.
pub(in crate::theme) const PROPERTIES: [(&str, bool); 13] = [
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

/// A value of each of [`PROPERTIES`], where there is one.
pub(in crate::theme) type Values = [Option<Arc<str>>; PROPERTIES.len()];

/// The plain rules of a drawing.
#[derive(Debug, Default)]
pub(in crate::theme) struct PlainRules {
    rules: Vec<PlainRule>,
    entries: Vec<Entry>,
    by_key: HashMap<Key, Vec<usize>>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Key {
    Id(String),
    Class(String),
    Element(String),
    Any,
}

/// All rules of one selector and scheme: of each property the last value, and which rule says it.
#[derive(Debug)]
struct Entry {
    scheme: Option<Scheme>,
    selector: PlainSelector,
    values: [Option<(usize, Arc<str>)>; PROPERTIES.len()],
}

/// What a rule can ask of an element.
pub(in crate::theme) struct Subject<'a> {
    name: &'a str,
    id: Option<&'a str>,
    classes: HashSet<&'a str>,
}

impl<'a> Subject<'a> {
    pub(in crate::theme) fn new(name: &'a str, id: Option<&'a str>, classes: Option<&'a str>) -> Self {
        Self { name, id, classes: classes.unwrap_or_default().split_ascii_whitespace().collect() }
    }

    /// Whether it is what a selector asks for.
    pub(in crate::theme) fn meets(&self, selector: &PlainSelector) -> bool {
        selector.element.as_deref().is_none_or(|name| name == "*" || name == self.name)
            && selector.id.as_deref().is_none_or(|id| self.id == Some(id))
            && selector.classes.iter().all(|class| self.classes.contains(class.as_str()))
    }

    fn keys(&self) -> impl Iterator<Item = Key> {
        let own = [self.id.map(|id| Key::Id(id.to_owned())), Some(Key::Element(self.name.to_owned())), Some(Key::Any)];
        own.into_iter().flatten().chain(self.classes.iter().map(|class| Key::Class((*class).to_owned())))
    }
}

impl PlainRules {
    pub(in crate::theme) fn new(rules: Vec<PlainRule>) -> Self {
        let mut uses: HashMap<&str, usize> = HashMap::new();
        for class in rules.iter().flat_map(|rule| &rule.selectors).flat_map(|selector| &selector.classes) {
            *uses.entry(class).or_default() += 1;
        }
        let (mut entries, mut by_key, mut known) = (Vec::<Entry>::new(), HashMap::<Key, Vec<usize>>::new(), HashMap::new());
        for (order, rule) in rules.iter().enumerate() {
            let said = said(rule);
            if said.iter().all(Option::is_none) {
                continue;
            }
            for selector in &rule.selectors {
                let place = *known.entry((rule.scheme, selector)).or_insert_with(|| {
                    by_key.entry(key(selector, &uses)).or_default().push(entries.len());
                    entries.push(Entry { scheme: rule.scheme, selector: selector.clone(), values: Default::default() });
                    entries.len() - 1
                });
                let Some(entry) = entries.get_mut(place) else { continue };
                for (value, new) in entry.values.iter_mut().zip(&said) {
                    if let Some(new) = new {
                        *value = Some((order, Arc::clone(new)));
                    }
                }
            }
        }
        Self { entries, by_key, rules }
    }

    /// The rules, in order.
    pub(in crate::theme) fn iter(&self) -> std::slice::Iter<'_, PlainRule> {
        self.rules.iter()
    }

    /// The values that hold for an element, as the cascade weighs them.
    pub(in crate::theme) fn values(&self, subject: &Subject<'_>, scheme: Scheme) -> Values {
        let mut weights = [(0, 0); PROPERTIES.len()];
        let mut values = Values::default();
        for entry in self.candidates(subject) {
            if entry.scheme.is_some_and(|other| other != scheme) || !subject.meets(&entry.selector) {
                continue;
            }
            let specificity = entry.selector.specificity();
            for ((value, weight), said) in values.iter_mut().zip(&mut weights).zip(&entry.values) {
                if let Some((order, said)) = said
                    && (value.is_none() || (specificity, *order) >= *weight)
                {
                    *weight = (specificity, *order);
                    *value = Some(Arc::clone(said));
                }
            }
        }
        values
    }

    /// How many selectors an element is compared with.
    pub(in crate::theme) fn comparisons(&self, subject: &Subject<'_>) -> usize {
        subject.keys().filter_map(|key| self.by_key.get(&key)).map(Vec::len).sum()
    }

    fn candidates(&self, subject: &Subject<'_>) -> impl Iterator<Item = &Entry> {
        subject.keys().filter_map(|key| self.by_key.get(&key)).flatten().filter_map(|place| self.entries.get(*place))
    }
}

/// The values of a rule for the properties that are asked for; of one that is there twice, the last.
fn said(rule: &PlainRule) -> Values {
    let mut values = Values::default();
    for (property, value) in &rule.declarations {
        if let Some(place) = PROPERTIES.iter().position(|(name, _)| name == property).and_then(|index| values.get_mut(index))
            && value != "inherit"
        {
            *place = Some(Arc::from(plain_value(value)));
        }
    }
    values
}

/// A value without `!important`.
pub(in crate::theme) fn plain_value(value: &str) -> &str {
    value.trim_end_matches("!important").trim()
}

fn key(selector: &PlainSelector, uses: &HashMap<&str, usize>) -> Key {
    if let Some(id) = &selector.id {
        return Key::Id(id.clone());
    }
    match selector.classes.iter().min_by_key(|class| uses.get(class.as_str())) {
        Some(class) => Key::Class(class.clone()),
        None => selector.element.clone().filter(|name| name != "*").map_or(Key::Any, Key::Element),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(selectors: &[&[&str]], fill: &str) -> PlainRule {
        let plain =
            |classes: &&[&str]| PlainSelector { classes: classes.iter().map(|class| (*class).to_owned()).collect(), ..PlainSelector::default() };
        PlainRule { scheme: None, selectors: selectors.iter().map(plain).collect(), declarations: vec![("fill".to_owned(), fill.to_owned())] }
    }

    #[test]
    fn specificity_and_order_decide() {
        let rules = PlainRules::new(vec![rule(&[&["a", "b"]], "1"), rule(&[&["a"], &["c"]], "2"), rule(&[&["a"]], "3"), rule(&[&[]], "4")]);
        let fill = |classes| rules.values(&Subject::new("path", None, Some(classes)), Scheme::Light)[0].as_deref().map(str::to_owned);
        for (classes, expected) in [("a", "3"), ("b a", "1"), ("c", "2"), ("a c", "3"), ("b", "4"), ("", "4")] {
            assert_eq!(fill(classes).as_deref(), Some(expected), "{classes}");
        }
    }

    #[test]
    fn an_element_is_compared_with_few_selectors() {
        let many: Vec<PlainRule> = (0..1_000).flat_map(|number| [rule(&[&["all"]], "1"), rule(&[&["all", &format!("c{number}")]], "2")]).collect();
        let rules = PlainRules::new(many);
        assert_eq!(rules.comparisons(&Subject::new("path", None, Some("all"))), 1);
        assert_eq!(rules.comparisons(&Subject::new("path", None, Some("all c7 c7 all x"))), 2);
        let pairs: Vec<PlainRule> = (0..40)
            .flat_map(|one| (0..one).map(move |two| (one, two)))
            .map(|(one, two)| rule(&[&[&format!("c{one}"), &format!("c{two}")]], "1"))
            .collect();
        let all = (0..40).map(|number| format!("c{number} ")).collect::<String>();
        assert_eq!(PlainRules::new(pairs).comparisons(&Subject::new("path", None, Some(&all))), 780);
    }
}
