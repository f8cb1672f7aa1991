//! The selectors that a theme and a drawing may use: names of the widget's parts, elements of a
//! message, states.
//!
//! Must not depend on declarations.
//!
//! To add a part: its class in [`PARTS`], and, if it may be hidden, in `protection`.

use super::super::diagnostics::Code;
use super::Diagnostic;
use super::selector::{Combinator, Complex, Compound};
use belfry_locales::{LocalizedText, phrases::theme_sheets};

const PARTS: &[&str] = &[
    "bell",
    "badge",
    "panel",
    "head",
    "filters",
    "scroll",
    "list",
    "item",
    "unread",
    "pinned",
    "dot",
    "picture",
    "text",
    "title",
    "body",
    "category",
    "meta",
    "pin",
    "when",
    "actions",
    "action",
    "tools",
    "tool",
    "wide",
    "more",
    "notice",
    "quiet",
    "pill",
    "undo",
    "empty",
    "empty-title",
    "drawing",
    "skeleton",
    "keys",
    "icon",
    "state",
    "none",
    "fault",
];
const ELEMENTS: &str = "a b strong em i code pre p ul ol li blockquote h2 h3 time button span div img svg path kbd dl dt dd";
const STATES: &str = "hover focus focus-visible focus-within active disabled enabled first-child last-child only-child first-of-type last-of-type only-of-type empty";

fn has(list: &str, name: &str) -> bool {
    list.split_ascii_whitespace().any(|entry| entry == name)
}

fn drop_selector<T>(code: Code, what: &str, reason: LocalizedText) -> Result<T, Diagnostic> {
    Err(Diagnostic::new(code, what, reason))
}

/// Whether a selector matches the whole widget: `:root` or `html`, optionally with a direction or
/// language, and nothing else.
pub(super) fn is_root(complex: &Complex) -> bool {
    matches!(complex.compounds.as_slice(), [(_, only)] if page(only).is_some())
}

/// The conditions on the page, such as `:dir(rtl)`, if a compound contains nothing else; empty for
/// `:root` alone.
pub(super) fn page(compound: &Compound) -> Option<String> {
    let names_page = matches!(compound.element.as_deref(), Some("html" | "body"))
        || compound.states.iter().any(|state| state == "root");
    let is_plain = matches!(compound.element.as_deref(), None | Some("html" | "body"))
        && !compound.is_universal
        && !compound.is_nested
        && compound.id.is_none()
        && compound.classes.is_empty()
        && compound.attributes.is_empty()
        && compound.pseudo_element.is_none()
        && compound.states.iter().all(|state| state == "root");
    let asks = |(name, _, words): &(String, Vec<Complex>, String)| {
        matches!(name.as_str(), "dir" | "lang") && function(name, words).is_ok()
    };
    if !is_plain
        || !compound.functions.iter().all(asks)
        || !names_page && compound.functions.is_empty()
    {
        return None;
    }
    let conditions: Vec<String> =
        compound.functions.iter().map(|(name, _, words)| format!(":{name}({words})")).collect();
    Some(conditions.concat())
}

/// Splits a selector into the conditions on the page of its first compound and the rest.
pub(super) fn without_page(complex: &Complex) -> (String, &[(Combinator, Compound)]) {
    match complex.compounds.as_slice() {
        [(_, first), rest @ ..] => match page(first) {
            Some(conditions) => (conditions, rest),
            None => (String::new(), &complex.compounds),
        },
        [] => (String::new(), &[]),
    }
}

/// Checks a whole selector of `theme.css`.
pub(super) fn theme(complex: &Complex) -> Result<(), Diagnostic> {
    if is_root(complex) {
        return Ok(());
    }
    let mut below_part = false;
    let mut has_count = 0;
    let (_, compounds) = without_page(complex);
    let behind_page = compounds.len() < complex.compounds.len();
    for (index, (combinator, compound)) in compounds.iter().enumerate() {
        if index == 0 && behind_page && page(compound).is_some() {
            return drop_selector(Code::Selector, &complex.text(), theme_sheets::PAGE_TWICE);
        }
        if index == 0 && *combinator != Combinator::Descendant {
            return drop_selector(
                Code::Selector,
                &complex.text(),
                theme_sheets::LEADING_COMBINATOR,
            );
        }
        theme_compound(compound, below_part)?;
        below_part |= !compound.classes.is_empty();
        has_count += compound.functions.iter().filter(|(name, _, _)| name == "has").count();
        if compound.pseudo_element.is_some() && index + 1 < compounds.len() {
            return drop_selector(
                Code::Selector,
                &complex.text(),
                theme_sheets::AFTER_PSEUDO_ELEMENT,
            );
        }
    }
    if has_count > 1 {
        return drop_selector(Code::Selector, ":has(", theme_sheets::HAS_TWICE);
    }
    Ok(())
}

fn theme_compound(compound: &Compound, below_part: bool) -> Result<(), Diagnostic> {
    match compound.element.as_deref() {
        Some("html" | "body") => {
            return drop_selector(Code::Selector, &compound.source, theme_sheets::PAGE);
        }
        Some(element) if !has(ELEMENTS, element) => {
            return drop_selector(Code::Selector, element, theme_sheets::UNKNOWN_ELEMENT);
        }
        _ => {}
    }
    for class in &compound.classes {
        part(class)?;
    }
    if let Some(id) = &compound.id {
        return drop_selector(Code::Selector, &format!("#{id}"), theme_sheets::ID_IN_THEME);
    }
    for attribute in &compound.attributes {
        if !matches!(attribute.as_str(), "[aria-current]" | "[aria-expanded=\"true\"]") {
            return drop_selector(Code::Selector, attribute, theme_sheets::ATTRIBUTE_IN_THEME);
        }
    }
    for state in &compound.states {
        if state == "root" {
            return drop_selector(Code::Selector, ":root", theme_sheets::ROOT_AMONG_OTHERS);
        }
        if !has(STATES, state) {
            return drop_selector(
                Code::Selector,
                &format!(":{state}"),
                theme_sheets::UNKNOWN_STATE,
            );
        }
    }
    for (name, inner, words) in &compound.functions {
        function(name, words)?;
        for complex in inner {
            if name == "has"
                && (complex.compounds.len() != 1
                    || complex
                        .compounds
                        .iter()
                        .any(|(_, only)| only.classes.is_empty() || !only.functions.is_empty()))
            {
                return drop_selector(Code::Selector, &complex.text(), theme_sheets::IN_HAS);
            }
            for (_, compound) in &complex.compounds {
                theme_compound(compound, true)?;
                if compound.pseudo_element.is_some() {
                    return drop_selector(
                        Code::Selector,
                        &compound.source,
                        theme_sheets::PSEUDO_ELEMENT_IN_BRACKETS,
                    );
                }
            }
        }
    }
    if let Some(element) = &compound.pseudo_element {
        let what = format!("::{element}");
        match element.as_str() {
            "before" | "after" if compound.classes.is_empty() && !below_part => {
                return drop_selector(Code::Selector, &what, theme_sheets::PSEUDO_ELEMENT_ALONE);
            }
            "before" | "after" if compound.classes.iter().any(|class| class == "bell") => {
                return drop_selector(Code::Selector, &what, theme_sheets::PSEUDO_ELEMENT_ON_BELL);
            }
            "selection" if compound.source == "::selection" => return Ok(()),
            "before" | "after" | "marker" | "selection" => {}
            _ if element.starts_with("-webkit-scrollbar") => {
                return drop_selector(Code::Selector, &what, theme_sheets::SCROLLBAR);
            }
            _ => {
                return drop_selector(Code::Selector, &what, theme_sheets::UNKNOWN_PSEUDO_ELEMENT);
            }
        }
    }
    let names_something = compound.element.is_some() || !compound.classes.is_empty();
    if !names_something && !below_part {
        return drop_selector(Code::Selector, &compound.source, theme_sheets::EVERYTHING);
    }
    Ok(())
}

fn function(name: &str, words: &str) -> Result<(), Diagnostic> {
    let what = format!(":{name}(");
    match name {
        "is" | "not" | "where" | "has" => Ok(()),
        "dir" if matches!(words, "ltr" | "rtl") => Ok(()),
        "lang"
            if words
                .chars()
                .all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '-' | ','))
                && !words.is_empty() =>
        {
            Ok(())
        }
        "nth-child" | "nth-last-child" | "nth-of-type" | "nth-last-of-type" if is_count(words) => {
            Ok(())
        }
        _ => drop_selector(Code::Selector, &what, theme_sheets::UNKNOWN_PSEUDO_CLASS),
    }
}

fn is_count(words: &str) -> bool {
    matches!(words, "odd" | "even")
        || (!words.is_empty()
            && words.len() <= 12
            && words.chars().all(|sign| sign.is_ascii_digit() || matches!(sign, 'n' | '+' | '-')))
}

fn part(class: &str) -> Result<(), Diagnostic> {
    if PARTS.contains(&class) {
        return Ok(());
    }
    let nearest = PARTS
        .iter()
        .map(|part| (edit_distance(class, part), *part))
        .min()
        .filter(|(distance, part)| *distance <= 1 + part.len() / 4);
    let reason = match nearest {
        Some((_, part)) => theme_sheets::similar_part(part),
        None => theme_sheets::UNKNOWN_PART,
    };
    drop_selector(Code::Part, &format!(".{class}"), reason)
}

/// The edit distance of two words, of which at most 40 characters are compared.
fn edit_distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().take(40).collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (index, left) in one.chars().take(40).enumerate() {
        let mut next = vec![index + 1];
        for ((above_left, above), right) in row.iter().zip(row.iter().skip(1)).zip(&other) {
            let before = next.last().copied().unwrap_or_default();
            next.push((above_left + usize::from(left != *right)).min(above + 1).min(before + 1));
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

/// Checks a selector of a drawing.
pub(super) fn drawing(complex: &Complex) -> Result<(), Diagnostic> {
    for (_, compound) in &complex.compounds {
        if let Some(attribute) = compound.attributes.first() {
            return drop_selector(Code::Selector, attribute, theme_sheets::ATTRIBUTE_IN_DRAWING);
        }
        if let Some(element) = &compound.pseudo_element {
            return drop_selector(
                Code::Selector,
                &format!("::{element}"),
                theme_sheets::PSEUDO_ELEMENT_IN_DRAWING,
            );
        }
        if let Some(state) =
            compound.states.iter().find(|state| !has(STATES, state) && *state != "root")
        {
            return drop_selector(
                Code::Selector,
                &format!(":{state}"),
                theme_sheets::STATE_IN_DRAWING,
            );
        }
        for (name, inner, words) in &compound.functions {
            if name == "has" {
                return drop_selector(Code::Selector, ":has(", theme_sheets::HAS_IN_DRAWING);
            }
            function(name, words)?;
            inner.iter().try_for_each(drawing)?;
        }
    }
    Ok(())
}
