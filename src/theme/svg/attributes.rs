//! The attributes that a drawing may have, and the type of each value. Must not depend on values.

mod lists;

use super::super::diagnostics::Code;
use super::elements;
use lists::{ANIMATION, KINDS, PRESENTATION, QUIET, REFUSED};
use std::collections::HashMap;
use std::sync::LazyLock;

/// The type of a value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Kind {
    /// A presentation attribute, checked by `css`.
    Presentation,
    /// A length, or one of these keywords.
    Length(&'static [&'static str]),
    /// A list of lengths.
    Lengths,
    /// A number between two bounds, which limit the cost of rendering.
    Bounded(f64, f64),
    /// At most this many numbers between two bounds.
    Numbers(usize, f64, f64),
    /// A number or a percentage.
    Share,
    /// Path data.
    Path,
    /// A list of points.
    Points,
    /// A transform list.
    Transform,
    /// One of these keywords.
    Words(&'static [&'static str]),
    /// A number or one of these keywords.
    NumberOr(&'static [&'static str]),
    /// `preserveAspectRatio`.
    Fit,
    /// `viewBox`.
    ViewBox,
    /// The name of a filter step's result.
    Result,
    /// An id.
    Id,
    /// A list of classes.
    Class,
    /// A `style` attribute.
    Style,
    /// A reference to an element.
    Reference,
    /// A picture's URL.
    Picture,
    /// Begin or end times of an animation.
    Moments,
    /// The duration of an animation.
    Duration,
    /// A repeat count.
    Repeats,
    /// The attribute that an animation changes.
    Target,
    /// A value of the animated attribute.
    Value,
    /// Several of them.
    Values,
    /// Lists of numbers separated by semicolons.
    Keys,
}

/// The verdict on an attribute.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Sort {
    /// Kept under this name if its value is valid.
    Take(&'static str, Kind),
    /// It names a part.
    Name(Naming),
    /// `xml:space`, which decides about white space.
    Space,
    /// Dropped without a warning: an editor's data, or without a visible effect.
    Quiet,
    /// Dropped with a warning.
    Drop,
    /// Another program's attribute; dropped with a warning about its namespace.
    Foreign,
    /// The file is rejected.
    Refuse(Code, &'static str),
}

/// How an attribute names a part; smaller values take precedence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Naming {
    /// `data-slot`.
    Slot,
    /// `id`.
    Id,
    /// The name of a layer.
    Label,
}

const ADDRESS: &str = "is an address, and a picture must not load anything: remove it";

/// The words of a list.
fn words(list: &'static str) -> impl Iterator<Item = &'static str> {
    list.split_ascii_whitespace()
}

static TABLE: LazyLock<HashMap<&'static str, Kind>> =
    LazyLock::new(|| words(PRESENTATION).map(|name| (name, Kind::Presentation)).chain(KINDS.iter().copied()).collect());
static MOVING: LazyLock<HashMap<&'static str, Kind>> = LazyLock::new(|| ANIMATION.iter().copied().collect());
/// Every known name, by its lower-case form.
static SPELLINGS: LazyLock<HashMap<String, &'static str>> = LazyLock::new(|| {
    let known = KINDS.iter().chain(ANIMATION).map(|(name, _)| *name).chain(words(PRESENTATION));
    known.chain(["data-slot"]).map(|name| (name.to_ascii_lowercase(), name)).collect()
});

/// The canonical name and type of an attribute of elements other than animations.
pub(super) fn kind(name: &str) -> Option<(&'static str, Kind)> {
    TABLE.get_key_value(name).map(|(name, kind)| (*name, *kind))
}

/// The verdict on an attribute of this element.
pub(super) fn sort(element: &str, namespace: Option<&str>, name: &str) -> Sort {
    if name.get(..2).is_some_and(|start| start.eq_ignore_ascii_case("on")) {
        return Sort::Refuse(Code::Script, "is not allowed: a drawing cannot run anything; remove it");
    }
    match namespace {
        None => plain(element, name),
        Some("http://www.w3.org/1999/xlink") if name == "href" => plain(element, name),
        Some("http://www.w3.org/XML/1998/namespace") => match name {
            "space" => Sort::Space,
            "base" => Sort::Refuse(Code::Loads, "is not allowed: a picture must not load anything; remove it"),
            _ => Sort::Quiet,
        },
        Some(_) if name.eq_ignore_ascii_case("href") || name.eq_ignore_ascii_case("src") => Sort::Refuse(Code::Loads, ADDRESS),
        Some("http://www.inkscape.org/namespaces/inkscape") if name == "label" => Sort::Name(Naming::Label),
        Some("http://www.w3.org/1999/xlink") => Sort::Quiet,
        Some(editor) if elements::is_editor(editor) => Sort::Quiet,
        Some(_) => Sort::Foreign,
    }
}

fn plain(element: &str, name: &str) -> Sort {
    let moves = elements::is_animation(element);
    if moves && name == "href" {
        return Sort::Refuse(Code::Animation, "is not allowed: put the animation into the element that it moves");
    }
    if element == "image" && name == "href" {
        return Sort::Take("href", Kind::Picture);
    }
    // Only these attributes of a style element matter, and its builder checks them.
    if element == "style" && matches!(name, "id" | "class" | "style" | "type" | "media" | "title") {
        return Sort::Quiet;
    }
    match name {
        "data-slot" => return Sort::Name(Naming::Slot),
        "data-name" => return Sort::Name(Naming::Label),
        _ => {}
    }
    let taken = if moves { MOVING.get_key_value(name).map(|(name, kind)| (*name, *kind)) } else { kind(name) };
    if let Some((name, kind)) = taken {
        return Sort::Take(name, kind);
    }
    if name.starts_with("data-") || name.starts_with("aria-") || words(QUIET).any(|quiet| quiet == name) {
        return Sort::Quiet;
    }
    let small = name.to_ascii_lowercase();
    if words(REFUSED).any(|refused| refused == small) {
        return Sort::Refuse(Code::Loads, ADDRESS);
    }
    match SPELLINGS.get(&small) {
        // An `href` is a URL in any capitalization.
        Some(&"href") if name != "href" => Sort::Refuse(Code::Loads, ADDRESS),
        _ => Sort::Drop,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn on_attributes_are_rejected_on_every_element() {
        for name in ["onclick", "onClick", "ONLOAD", "on", "onbegin"] {
            for namespace in [None, Some("http://www.w3.org/1999/xlink"), Some("http://www.inkscape.org/namespaces/inkscape"), Some("x")] {
                assert!(matches!(sort("rect", namespace, name), Sort::Refuse(..)), "{name}");
                assert!(matches!(sort("animate", namespace, name), Sort::Refuse(..)), "{name}");
            }
        }
    }

    #[test]
    fn href_is_allowed_in_one_spelling_only() {
        assert_eq!(sort("use", None, "href"), Sort::Take("href", Kind::Reference));
        assert_eq!(sort("use", Some("http://www.w3.org/1999/xlink"), "href"), Sort::Take("href", Kind::Reference));
        assert_eq!(sort("image", None, "href"), Sort::Take("href", Kind::Picture));
        for (namespace, name) in
            [(None, "HREF"), (None, "Href"), (Some("http://evil.example/"), "href"), (Some("http://www.w3.org/2000/svg"), "href")]
        {
            assert!(matches!(sort("use", namespace, name), Sort::Refuse(..)), "{namespace:?} {name}");
        }
        assert!(matches!(sort("use", Some("http://www.w3.org/1999/xlink"), "HREF"), Sort::Refuse(..)));
        assert!(matches!(sort("rect", Some("http://www.w3.org/XML/1998/namespace"), "base"), Sort::Refuse(..)));
        for name in ["src", "SRC", "srcdoc", "action", "formAction"] {
            assert!(matches!(sort("rect", None, name), Sort::Refuse(..)), "{name}");
        }
    }

    #[test]
    fn editor_data_is_dropped_silently_and_unknown_warns() {
        assert_eq!(sort("g", Some("http://www.inkscape.org/namespaces/inkscape"), "groupmode"), Sort::Quiet);
        assert_eq!(sort("g", None, "data-figma-bg-blur-radius"), Sort::Quiet);
        assert_eq!(sort("g", None, "aria-labelledby"), Sort::Quiet);
        assert_eq!(sort("g", None, "whatever"), Sort::Drop);
        assert_eq!(sort("g", Some("http://evil.example/"), "whatever"), Sort::Foreign);
        assert_eq!(sort("g", None, "FILL"), Sort::Drop);
        assert_eq!(sort("g", None, "data-name"), Sort::Name(Naming::Label));
    }
}
