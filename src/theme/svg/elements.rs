//! The elements that a drawing may have. Must not depend on their attributes.

/// The namespace of HTML.
pub(super) const XHTML: &str = "http://www.w3.org/1999/xhtml";
const HTML: FixedReason = &theme_drawings::HTML;
/// HTML elements that run, load or send something.
const HARMFUL_HTML: &[&str] = &[
    "script", "iframe", "frame", "object", "embed", "applet", "link", "meta", "base", "form",
    "img", "video", "audio", "source", "portal",
];

/// The namespace of SVG.
pub(super) const SVG: &str = "http://www.w3.org/2000/svg";

use super::super::diagnostics::{Code, FixedReason};
use belfry_locales::phrases::{theme_drawings, themes};

/// The verdict on an element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ElementVerdict {
    /// Kept under this name.
    Keep(&'static str),
    /// Replaced by a group with the first child that is displayed.
    FirstDisplayed,
    /// Replaced by its children.
    Unwrap,
    /// Dropped with its content; with a warning if it may be missed.
    Drop(Option<FixedReason>),
    /// Another program's element; dropped with a warning about its namespace.
    Foreign,
    /// The file is rejected.
    Reject(Code, FixedReason),
}

/// Elements that draw something, or contain what draws. Only these can be parts.
const GRAPHICS: &[&str] = &[
    "svg", "g", "use", "path", "rect", "circle", "ellipse", "line", "polyline", "polygon", "text",
    "tspan", "textPath", "image",
];

/// Elements that are only displayed by reference.
const DEFINITIONS: &[&str] = &[
    "symbol",
    "linearGradient",
    "radialGradient",
    "pattern",
    "clipPath",
    "mask",
    "marker",
    "filter",
];

/// All other allowed elements.
const HELPERS: &[&str] = &[
    "defs",
    "title",
    "desc",
    "stop",
    "style",
    "animate",
    "animateTransform",
    "animateMotion",
    "set",
    "mpath",
];

/// The steps of filters.
const PRIMITIVES: &[&str] = &[
    "feBlend",
    "feColorMatrix",
    "feComponentTransfer",
    "feComposite",
    "feConvolveMatrix",
    "feDiffuseLighting",
    "feDisplacementMap",
    "feDistantLight",
    "feDropShadow",
    "feFlood",
    "feFuncA",
    "feFuncB",
    "feFuncG",
    "feFuncR",
    "feGaussianBlur",
    "feMerge",
    "feMergeNode",
    "feMorphology",
    "feOffset",
    "fePointLight",
    "feSpecularLighting",
    "feSpotLight",
    "feTile",
    "feTurbulence",
];

const OTHER_PAGE: FixedReason = &theme_drawings::PAGE_ELEMENT;
const FONT: FixedReason = &themes::FONT;
const SCRIPT: FixedReason = &themes::NO_SCRIPT;
const UNLISTED: FixedReason = &themes::UNLISTED;
const RARE: FixedReason = &theme_drawings::RARE;
const MISSPELLED: FixedReason = &theme_drawings::MISSPELLED;
const FOREIGN_TEXT: FixedReason = &theme_drawings::FOREIGN_TEXT;
const LOADS: FixedReason = &theme_drawings::INCLUDED;

/// Elements that run or load something, or show a page.
const REFUSED: &[(&str, FixedReason)] = &[
    ("script", SCRIPT),
    ("handler", SCRIPT),
    ("listener", SCRIPT),
    ("foreignObject", FOREIGN_TEXT),
    ("feImage", &theme_drawings::IMAGE_STEP),
    ("iframe", OTHER_PAGE),
    ("embed", OTHER_PAGE),
    ("object", OTHER_PAGE),
    ("audio", OTHER_PAGE),
    ("video", OTHER_PAGE),
    ("canvas", OTHER_PAGE),
    ("html", OTHER_PAGE),
    ("body", OTHER_PAGE),
    ("form", OTHER_PAGE),
    ("img", OTHER_PAGE),
    ("link", OTHER_PAGE),
    ("meta", OTHER_PAGE),
    ("base", OTHER_PAGE),
];

const FLOWED: FixedReason = &theme_drawings::FLOWED_TEXT;
const VIEW: FixedReason = &theme_drawings::VIEW;

/// SVG elements that have no use in a picture.
const LEFT_OUT: &[(&str, FixedReason)] = &[
    ("view", VIEW),
    ("flowRoot", FLOWED),
    ("flowPara", FLOWED),
    ("flowRegion", FLOWED),
    ("flowSpan", FLOWED),
    ("flowDiv", FLOWED),
    ("flowLine", FLOWED),
    ("discard", &theme_drawings::DISCARD),
    ("font", FONT),
    ("font-face", FONT),
    ("font-face-src", FONT),
    ("font-face-uri", FONT),
    ("font-face-format", FONT),
    ("font-face-name", FONT),
    ("glyph", FONT),
    ("glyphRef", FONT),
    ("missing-glyph", FONT),
    ("hkern", FONT),
    ("vkern", FONT),
    ("altGlyph", FONT),
    ("altGlyphDef", FONT),
    ("altGlyphItem", FONT),
    ("tref", &theme_drawings::TEXT_REFERENCE),
    ("cursor", &theme_drawings::CURSOR),
    ("color-profile", &theme_drawings::COLOUR_PROFILE),
    ("animateColor", &theme_drawings::ANIMATE_COLOUR),
    ("mesh", RARE),
    ("meshgradient", RARE),
    ("meshpatch", RARE),
    ("meshrow", RARE),
    ("hatch", RARE),
    ("hatchpath", RARE),
    ("solidcolor", RARE),
];

const NO_NAMESPACE: FixedReason = &theme_drawings::NO_NAMESPACE;
const LINK: FixedReason = &theme_drawings::LINK;

/// Namespaces of editors' private data, by prefix.
const EDITOR_NAMESPACES: &[&str] = &[
    "http://www.inkscape.org/namespaces/",
    "http://sodipodi.sourceforge.net/",
    "http://inkscape.sourceforge.net/",
    "http://www.w3.org/1999/02/22-rdf-syntax-ns",
    "http://www.w3.org/2000/01/rdf-schema",
    "http://creativecommons.org/ns",
    "http://web.resource.org/cc/",
    "http://purl.org/dc/",
    "http://ns.adobe.com/",
    "adobe:ns:",
    "http://www.bohemiancoding.com/sketch/",
    "http://www.figma.com/",
    "https://www.figma.com/",
    "http://figma.com/",
    "https://figma.com/",
    "http://www.serif.com/",
    "https://www.serif.com/",
    "https://boxy-svg.com",
    "http://boxy-svg.com",
    "http://www.vectornator.io",
    "http://vectornator.io",
    "http://svgjs.com/",
    "http://svgjs.dev/",
    "https://svgjs.dev/",
    "http://krita.org/",
    "http://www.corel.com/",
    "http://schemas.microsoft.com/visio/",
    "http://www.xara.com/",
    "http://www.gimp.org/",
    "http://xml.openoffice.org/",
    "http://openoffice.org/",
];

/// Whether a namespace contains an editor's private data.
pub(super) fn is_editor(namespace: &str) -> bool {
    EDITOR_NAMESPACES.iter().any(|editor| namespace.starts_with(editor))
}

/// Whether an element draws and can be a part.
pub(super) fn is_graphic(name: &str) -> bool {
    GRAPHICS.contains(&name)
}

/// Whether an element is only displayed by reference.
pub(super) fn is_definition(name: &str) -> bool {
    DEFINITIONS.contains(&name)
}

/// Whether an element is a filter step.
pub(super) fn is_primitive(name: &str) -> bool {
    PRIMITIVES.contains(&name)
}

/// Whether an element animates its parent.
pub(super) fn is_animation(name: &str) -> bool {
    matches!(name, "animate" | "animateTransform" | "animateMotion" | "set")
}

/// Whether the text in an element is kept.
pub(super) fn has_words(name: &str) -> bool {
    matches!(name, "text" | "tspan" | "textPath" | "title" | "desc")
}

/// Whether an element may contain only text.
pub(super) fn has_only_words(name: &str) -> bool {
    matches!(name, "title" | "desc")
}

fn allowed() -> impl Iterator<Item = &'static str> {
    [GRAPHICS, DEFINITIONS, HELPERS, PRIMITIVES].into_iter().flatten().copied()
}

/// The verdict on an element with this name.
pub(super) fn verdict(namespace: Option<&str>, name: &str) -> ElementVerdict {
    match namespace {
        Some(SVG) => drawing(name),
        Some(editor) if is_editor(editor) => ElementVerdict::Drop(None),
        Some(XHTML) => ElementVerdict::Reject(
            if HARMFUL_HTML.contains(&name) { Code::Script } else { Code::Element },
            HTML,
        ),
        Some("http://www.w3.org/2001/XInclude" | "http://www.w3.org/1999/XSL/Transform") => {
            ElementVerdict::Reject(Code::Loads, LOADS)
        }
        Some("http://www.w3.org/2001/xml-events") => ElementVerdict::Reject(Code::Script, SCRIPT),
        Some(namespace) if !namespace.is_empty() => ElementVerdict::Foreign,
        _ => ElementVerdict::Drop(Some(NO_NAMESPACE)),
    }
}

fn drawing(name: &str) -> ElementVerdict {
    if let Some(allowed_name) = allowed().find(|allowed_name| *allowed_name == name) {
        return ElementVerdict::Keep(allowed_name);
    }
    match name {
        "switch" => return ElementVerdict::FirstDisplayed,
        "a" => return ElementVerdict::Unwrap,
        "metadata" => return ElementVerdict::Drop(None),
        _ => {}
    }
    if let Some((rejected_name, reason)) =
        REFUSED.iter().find(|(refused, _)| refused.eq_ignore_ascii_case(name))
    {
        let code = match *rejected_name {
            _ if *reason == SCRIPT => Code::Script,
            "feImage" => Code::Loads,
            _ => Code::Element,
        };
        return ElementVerdict::Reject(code, reason);
    }
    if let Some((_, reason)) =
        LEFT_OUT.iter().find(|(left_out, _)| left_out.eq_ignore_ascii_case(name))
    {
        return ElementVerdict::Drop(Some(*reason));
    }
    if allowed()
        .chain(["switch", "a", "metadata"])
        .any(|allowed_name| allowed_name.eq_ignore_ascii_case(name))
    {
        return ElementVerdict::Drop(Some(MISSPELLED));
    }
    ElementVerdict::Drop(Some(UNLISTED))
}

/// Whether the alternative for another viewer contains more than text: something that runs or
/// loads.
pub(super) fn is_harmful(namespace: Option<&str>, name: &str) -> bool {
    matches!(verdict(namespace, name), ElementVerdict::Reject(code, _) if code != Code::Element)
}

/// The code of a dropped element: fonts have their own.
pub(super) fn code_of_left_out(reason: FixedReason) -> Code {
    if reason == FONT { Code::Font } else { Code::Element }
}

/// The warning about a link.
pub(super) const LINK_LEFT_OUT: FixedReason = LINK;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn element_lists_are_disjoint() {
        for name in allowed() {
            assert_eq!(verdict(Some(SVG), name), ElementVerdict::Keep(name));
            assert!(
                !REFUSED.iter().chain(LEFT_OUT).any(|(other, _)| other.eq_ignore_ascii_case(name)),
                "{name}"
            );
            assert!(name.chars().all(|c| c.is_ascii_alphabetic()));
        }
    }

    #[test]
    fn other_case_and_namespaces_are_never_kept() {
        for name in ["SCRIPT", "Script", "ForeignObject", "foreignobject", "feimage"] {
            assert!(matches!(verdict(Some(SVG), name), ElementVerdict::Reject(..)), "{name}");
        }
        for name in ["SVG", "lineargradient", "A", "Animate", "marquee", "Font-Face"] {
            assert!(matches!(verdict(Some(SVG), name), ElementVerdict::Drop(Some(_))), "{name}");
        }
        for namespace in [XHTML, "http://www.w3.org/2001/XInclude"] {
            assert!(
                matches!(verdict(Some(namespace), "rect"), ElementVerdict::Reject(..)),
                "{namespace:?}"
            );
        }
        assert!(matches!(verdict(None, "rect"), ElementVerdict::Drop(Some(_))));
        assert_eq!(verdict(Some("http://www.w3.org/2000/SVG"), "rect"), ElementVerdict::Foreign);
        assert_eq!(
            verdict(Some("http://www.inkscape.org/namespaces/inkscape"), "grid"),
            ElementVerdict::Drop(None)
        );
    }
}
