//! Prints rules: in canonical form, or scoped to the widget for both ways of choosing a colour
//! scheme.
//!
//! Must not depend on the allow-lists.

use super::Scheme;
use super::condition::Condition;
use super::parts;
use super::selector::{self, Complex};
use super::sheet::{Body, Declaration, Item};

/// The form that compiles to itself.
pub(super) fn canonical(items: &[Item]) -> String {
    let mut printer = Printer::default();
    for item in items {
        let conditions: Vec<String> = item.conditions.iter().map(Condition::text).collect();
        printer.conditions(&conditions);
        printer.body(&item.body, &canonical_selector);
    }
    printer.finish()
}

/// The text of a drawing's sheet, in which `:root` is the drawing.
pub(super) fn drawing(items: &[Item]) -> String {
    let mut printer = Printer::default();
    for item in items {
        let conditions: Vec<String> = item.conditions.iter().map(Condition::text).collect();
        printer.conditions(&conditions);
        printer.body(&item.body, &Complex::text);
    }
    printer.finish()
}

/// The text for the widget: every selector is below `.belfry`.
///
/// The widget's scheme may differ from the system's, so a rule for one scheme is printed twice: for
/// a chosen scheme and for the system's. The choice is written in `:where()`, so that the rule's
/// specificity does not change.
pub(super) fn scoped(items: &[Item]) -> String {
    let mut printer = Printer::default();
    for item in items {
        let scheme = item.conditions.iter().find_map(|condition| match condition {
            Condition::Scheme(scheme) => Some(*scheme),
            _ => None,
        });
        let others = item
            .conditions
            .iter()
            .filter(|condition| !matches!(condition, Condition::Scheme(_)))
            .map(Condition::text);
        let others: Vec<String> = others.collect();
        let Some(scheme) = scheme else {
            printer.conditions(&others);
            printer.body(&item.body, &|complex| below(".belfry", complex));
            continue;
        };
        let word = if scheme == Scheme::Dark { "dark" } else { "light" };
        printer.conditions(&others);
        let chosen = format!(":where(:root[data-scheme=\"{word}\"]) .belfry");
        printer.body(&item.body, &|complex| below(&chosen, complex));
        let by_system =
            std::iter::once(Condition::Scheme(scheme).text()).chain(others).collect::<Vec<_>>();
        printer.conditions(&by_system);
        printer.body(&item.body, &|complex| {
            below(":where(:root[data-scheme=\"auto\"]) .belfry", complex)
        });
    }
    printer.finish()
}

/// Conditions on the page come first, in canonical order.
fn canonical_selector(complex: &Complex) -> String {
    let (conditions, rest) = parts::without_page(complex);
    match (conditions.as_str(), rest) {
        ("", []) => ":root".to_owned(),
        (_, []) => format!(":root{conditions}"),
        ("", _) => selector::text(rest),
        _ => format!("{conditions} {}", selector::text(rest)),
    }
}

fn below(scope: &str, complex: &Complex) -> String {
    let (conditions, rest) = parts::without_page(complex);
    if rest.is_empty() {
        format!("{scope}{conditions}")
    } else {
        format!("{scope}{conditions} {}", selector::text(rest))
    }
}

#[derive(Default)]
struct Printer {
    text: String,
    open_rules: Vec<String>,
}

impl Printer {
    /// Closes and opens at-rules until exactly these are open.
    fn conditions(&mut self, wanted: &[String]) {
        if self.open_rules == wanted {
            return;
        }
        while self.open_rules.pop().is_some() {
            self.line("}");
        }
        for condition in wanted {
            self.line(&format!("{condition} {{"));
            self.open_rules.push(condition.clone());
        }
    }

    fn body(&mut self, body: &Body, name: &dyn Fn(&Complex) -> String) {
        match body {
            Body::Rule { selectors, declarations } => {
                let names: Vec<String> = selectors.iter().map(name).collect();
                self.block(&names.join(", "), declarations);
            }
            Body::Keyframes { name, frames } => {
                self.line(&format!("@keyframes {name} {{"));
                self.open_rules.push(String::new());
                for (steps, declarations) in frames {
                    self.block(steps, declarations);
                }
                self.open_rules.pop();
                self.line("}");
            }
        }
    }

    fn block(&mut self, prelude: &str, declarations: &[Declaration]) {
        self.line(&format!("{prelude} {{"));
        for Declaration { name, value, important, .. } in declarations {
            let priority = if *important { " !important" } else { "" };
            self.line(&format!("  {name}: {value}{priority};"));
        }
        self.line("}");
    }

    fn line(&mut self, line: &str) {
        for _ in &self.open_rules {
            self.text.push_str("  ");
        }
        self.text.extend([line, "\n"]);
    }

    fn finish(mut self) -> String {
        self.conditions(&[]);
        self.text
    }
}
