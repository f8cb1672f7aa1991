//! The attributes that a drawing may have, and the type of each value. Must not depend on values.

mod lists;

use super::super::diagnostics::{Code, FixedReason};
use super::elements;
use belfry_locales::phrases::{theme_drawings, themes};
use lists::{ANIMATION, KINDS, PRESENTATION, QUIET, REFUSED};
use std::collections::HashMap;
use std::sync::LazyLock;

/// The type of a value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum ValueKind {
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
    Percentage,
    /// Path data.
    Path,
    /// A list of points.
    Points,
    /// A transform list.
    Transform,
    /// One of these keywords.
    Keywords(&'static [&'static str]),
    /// A number or one of these keywords.
    NumberOrKeyword(&'static [&'static str]),
    /// `preserveAspectRatio`.
    PreserveAspectRatio,
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
    Image,
    /// Begin or end times of an animation.
    AnimationTimes,
    /// The duration of an animation.
    Duration,
    /// A repeat count.
    RepeatCount,
    /// The attribute that an animation changes.
    AnimatedAttribute,
    /// A value of the animated attribute.
    AnimationValue,
    /// Several of them.
    AnimationValues,
    /// Lists of numbers separated by semicolons.
    NumberLists,
}

/// The verdict on an attribute.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum AttributeVerdict {
    /// Kept under this name if its value is valid.
    Keep(&'static str, ValueKind),
    /// It names a part.
    Name(Naming),
    /// `xml:space`, which decides about white space.
    Space,
    /// Dropped without a warning: an editor's data, or without a visible effect.
    DropSilently,
    /// Dropped with a warning.
    Drop,
    /// Another program's attribute; dropped with a warning about its namespace.
    Foreign,
    /// The file is rejected.
    Reject(Code, FixedReason),
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

const NO_SCRIPT: FixedReason = &themes::NO_SCRIPT;
const NO_LOADING: FixedReason = &themes::NO_LOADING;
const ADDRESS: FixedReason = &themes::ADDRESS;
const ANIMATION_REFERENCE: FixedReason = &theme_drawings::ANIMATION_REFERENCE;

/// The words of a list.
fn words(list: &'static str) -> impl Iterator<Item = &'static str> {
    list.split_ascii_whitespace()
}

static TABLE: LazyLock<HashMap<&'static str, ValueKind>> = LazyLock::new(|| {
    words(PRESENTATION)
        .map(|name| (name, ValueKind::Presentation))
        .chain(KINDS.iter().copied())
        .collect()
});
static MOVING: LazyLock<HashMap<&'static str, ValueKind>> =
    LazyLock::new(|| ANIMATION.iter().copied().collect());
/// Every known name, by its lower-case form.
static SPELLINGS: LazyLock<HashMap<String, &'static str>> = LazyLock::new(|| {
    let names = KINDS.iter().chain(ANIMATION).map(|(name, _)| *name).chain(words(PRESENTATION));
    names.chain(["data-slot"]).map(|name| (name.to_ascii_lowercase(), name)).collect()
});

/// The canonical name and type of an attribute of elements other than animations.
pub(super) fn kind(name: &str) -> Option<(&'static str, ValueKind)> {
    TABLE.get_key_value(name).map(|(name, kind)| (*name, *kind))
}

/// The verdict on an attribute of this element.
pub(super) fn verdict(element: &str, namespace: Option<&str>, name: &str) -> AttributeVerdict {
    if name.get(..2).is_some_and(|start| start.eq_ignore_ascii_case("on")) {
        return AttributeVerdict::Reject(Code::Script, NO_SCRIPT);
    }
    match namespace {
        None => plain(element, name),
        Some("http://www.w3.org/1999/xlink") if name == "href" => plain(element, name),
        Some("http://www.w3.org/XML/1998/namespace") => match name {
            "space" => AttributeVerdict::Space,
            "base" => AttributeVerdict::Reject(Code::Loads, NO_LOADING),
            _ => AttributeVerdict::DropSilently,
        },
        Some(_) if name.eq_ignore_ascii_case("href") || name.eq_ignore_ascii_case("src") => {
            AttributeVerdict::Reject(Code::Loads, ADDRESS)
        }
        Some("http://www.inkscape.org/namespaces/inkscape") if name == "label" => {
            AttributeVerdict::Name(Naming::Label)
        }
        Some("http://www.w3.org/1999/xlink") => AttributeVerdict::DropSilently,
        Some(editor) if elements::is_editor(editor) => AttributeVerdict::DropSilently,
        Some(_) => AttributeVerdict::Foreign,
    }
}

fn plain(element: &str, name: &str) -> AttributeVerdict {
    let moves = elements::is_animation(element);
    if moves && name == "href" {
        return AttributeVerdict::Reject(Code::Animation, ANIMATION_REFERENCE);
    }
    if element == "image" && name == "href" {
        return AttributeVerdict::Keep("href", ValueKind::Image);
    }
    // Only these attributes of a style element matter, and its builder checks them.
    if element == "style" && matches!(name, "id" | "class" | "style" | "type" | "media" | "title") {
        return AttributeVerdict::DropSilently;
    }
    match name {
        "data-slot" => return AttributeVerdict::Name(Naming::Slot),
        "data-name" => return AttributeVerdict::Name(Naming::Label),
        _ => {}
    }
    let taken = if moves {
        MOVING.get_key_value(name).map(|(name, kind)| (*name, *kind))
    } else {
        kind(name)
    };
    if let Some((name, kind)) = taken {
        return AttributeVerdict::Keep(name, kind);
    }
    if name.starts_with("data-")
        || name.starts_with("aria-")
        || words(QUIET).any(|quiet| quiet == name)
    {
        return AttributeVerdict::DropSilently;
    }
    let small = name.to_ascii_lowercase();
    if words(REFUSED).any(|refused| refused == small) {
        return AttributeVerdict::Reject(Code::Loads, ADDRESS);
    }
    match SPELLINGS.get(&small) {
        // An `href` is a URL in any capitalization.
        Some(&"href") if name != "href" => AttributeVerdict::Reject(Code::Loads, ADDRESS),
        _ => AttributeVerdict::Drop,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn on_attributes_are_rejected_on_every_element() {
        for name in ["onclick", "onClick", "ONLOAD", "on", "onbegin"] {
            for namespace in [
                None,
                Some("http://www.w3.org/1999/xlink"),
                Some("http://www.inkscape.org/namespaces/inkscape"),
                Some("x"),
            ] {
                assert!(
                    matches!(verdict("rect", namespace, name), AttributeVerdict::Reject(..)),
                    "{name}"
                );
                assert!(
                    matches!(verdict("animate", namespace, name), AttributeVerdict::Reject(..)),
                    "{name}"
                );
            }
        }
    }

    #[test]
    fn href_is_allowed_in_one_spelling_only() {
        assert_eq!(
            verdict("use", None, "href"),
            AttributeVerdict::Keep("href", ValueKind::Reference)
        );
        assert_eq!(
            verdict("use", Some("http://www.w3.org/1999/xlink"), "href"),
            AttributeVerdict::Keep("href", ValueKind::Reference)
        );
        assert_eq!(
            verdict("image", None, "href"),
            AttributeVerdict::Keep("href", ValueKind::Image)
        );
        for (namespace, name) in [
            (None, "HREF"),
            (None, "Href"),
            (Some("http://evil.example/"), "href"),
            (Some("http://www.w3.org/2000/svg"), "href"),
        ] {
            assert!(
                matches!(verdict("use", namespace, name), AttributeVerdict::Reject(..)),
                "{namespace:?} {name}"
            );
        }
        assert!(matches!(
            verdict("use", Some("http://www.w3.org/1999/xlink"), "HREF"),
            AttributeVerdict::Reject(..)
        ));
        assert!(matches!(
            verdict("rect", Some("http://www.w3.org/XML/1998/namespace"), "base"),
            AttributeVerdict::Reject(..)
        ));
        for name in ["src", "SRC", "srcdoc", "action", "formAction"] {
            assert!(matches!(verdict("rect", None, name), AttributeVerdict::Reject(..)), "{name}");
        }
    }

    #[test]
    fn editor_data_is_dropped_silently_and_unknown_warns() {
        assert_eq!(
            verdict("g", Some("http://www.inkscape.org/namespaces/inkscape"), "groupmode"),
            AttributeVerdict::DropSilently
        );
        assert_eq!(verdict("g", None, "data-figma-bg-blur-radius"), AttributeVerdict::DropSilently);
        assert_eq!(verdict("g", None, "aria-labelledby"), AttributeVerdict::DropSilently);
        assert_eq!(verdict("g", None, "whatever"), AttributeVerdict::Drop);
        assert_eq!(
            verdict("g", Some("http://evil.example/"), "whatever"),
            AttributeVerdict::Foreign
        );
        assert_eq!(verdict("g", None, "FILL"), AttributeVerdict::Drop);
        assert_eq!(verdict("g", None, "data-name"), AttributeVerdict::Name(Naming::Label));
    }
}
