//! Which elements a drawing may have. Must not know their attributes.

/// SVG's namespace.
pub(super) const SVG: &str = "http://www.w3.org/2000/svg";

/// What becomes of an element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It stays, under this name.
    Keep(&'static str),
    /// Its first child that may stay does, in a group.
    Choose,
    /// What is in it stays, it doesn't.
    Unwrap,
    /// It goes, with everything in it; said aloud where it may be missed.
    Drop(Option<&'static str>),
    /// The file is refused.
    Refuse(&'static str),
}

/// Elements that draw something, or hold what draws. Only these can be parts.
const GRAPHICS: &[&str] =
    &["svg", "g", "use", "path", "rect", "circle", "ellipse", "line", "polyline", "polygon", "text", "tspan", "textPath", "image"];

/// Elements that only others refer to.
const DEFINITIONS: &[&str] = &["symbol", "linearGradient", "radialGradient", "pattern", "clipPath", "mask", "marker", "filter"];

/// Everything else that may stay.
const HELPERS: &[&str] = &["defs", "title", "desc", "stop", "style", "animate", "animateTransform", "animateMotion", "set", "mpath"];

/// What filters consist of.
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

const OTHER_PAGE: &str = "is part of a web page and not allowed: draw it with shapes";
const FONT: &str = "is not allowed: text is shown in the fonts of the page, or convert it to outlines";
const SCRIPT: &str = "is not allowed: a drawing cannot run anything; remove it";
const RARE: &str = "is not shown by browsers: export it as plain shapes and gradients";

/// Elements that are never allowed, and what to do instead.
const REFUSED: &[(&str, &str)] = &[
    ("script", SCRIPT),
    ("handler", SCRIPT),
    ("listener", SCRIPT),
    ("discard", SCRIPT),
    ("foreignObject", "is not allowed: export text as text, not as HTML"),
    ("feImage", "is not allowed: put the picture into the drawing as an <image>"),
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
    ("tref", "is not allowed: write the text itself"),
    ("cursor", "is not allowed: a picture has no mouse pointer of its own; remove it"),
    ("color-profile", "is not allowed: use sRGB colours"),
    ("animateColor", "is not shown by browsers: use <animate>"),
    ("mesh", RARE),
    ("meshgradient", RARE),
    ("meshpatch", RARE),
    ("meshrow", RARE),
    ("hatch", RARE),
    ("hatchpath", RARE),
    ("solidcolor", RARE),
];

const LINK: &str = "is left out: a picture has no links; what is in it stays";
const FLOWED: &str = "is left out, as browsers do not show it: convert the flowed text to plain text";
const VIEW: &str = "is left out: a picture is always shown whole";

/// Namespaces in which editors keep their own notes, by how their addresses begin.
const EDITORS: &[&str] = &[
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

/// Whether a namespace holds an editor's own notes.
pub(super) fn is_editor(namespace: &str) -> bool {
    EDITORS.iter().any(|editor| namespace.starts_with(editor))
}

/// Whether an element draws, and can be a part.
pub(super) fn is_graphic(name: &str) -> bool {
    GRAPHICS.contains(&name)
}

/// Whether an element is only seen where another refers to it.
pub(super) fn is_definition(name: &str) -> bool {
    DEFINITIONS.contains(&name)
}

/// Whether an element is a step of a filter.
pub(super) fn is_primitive(name: &str) -> bool {
    PRIMITIVES.contains(&name)
}

/// Whether an element moves its parent.
pub(super) fn is_animation(name: &str) -> bool {
    matches!(name, "animate" | "animateTransform" | "animateMotion" | "set")
}

/// Whether the words in an element are kept.
pub(super) fn has_words(name: &str) -> bool {
    matches!(name, "text" | "tspan" | "textPath" | "title" | "desc")
}

/// Whether only words may be in an element.
pub(super) fn has_only_words(name: &str) -> bool {
    matches!(name, "title" | "desc")
}

fn kept() -> impl Iterator<Item = &'static str> {
    [GRAPHICS, DEFINITIONS, HELPERS, PRIMITIVES].into_iter().flatten().copied()
}

/// What becomes of an element of this name.
pub(super) fn verdict(namespace: Option<&str>, name: &str) -> Verdict {
    match namespace {
        Some(SVG) => drawing(name),
        Some(editor) if is_editor(editor) => Verdict::Drop(None),
        Some("http://www.w3.org/1999/xhtml") => Verdict::Refuse("is HTML and not allowed: export text as text, not as HTML"),
        Some(_) => Verdict::Refuse("is not an element of SVG: export the drawing as plain SVG"),
        None => Verdict::Refuse("is in no namespace: the file must begin with <svg xmlns=\"http://www.w3.org/2000/svg\">"),
    }
}

fn drawing(name: &str) -> Verdict {
    if let Some(known) = kept().find(|known| *known == name) {
        return Verdict::Keep(known);
    }
    match name {
        "switch" => return Verdict::Choose,
        "a" => return Verdict::Unwrap,
        "metadata" => return Verdict::Drop(None),
        "view" => return Verdict::Drop(Some(VIEW)),
        "flowRoot" | "flowPara" | "flowRegion" | "flowSpan" | "flowDiv" | "flowLine" => return Verdict::Drop(Some(FLOWED)),
        _ => {}
    }
    if let Some((_, reason)) = REFUSED.iter().find(|(refused, _)| refused.eq_ignore_ascii_case(name)) {
        return Verdict::Refuse(reason);
    }
    if kept().chain(["switch", "a", "metadata", "view"]).any(|known| known.eq_ignore_ascii_case(name)) {
        return Verdict::Refuse("is spelled with other capital letters than SVG has: export the drawing again");
    }
    Verdict::Refuse("is not on the list of what a picture may have: draw it with shapes")
}

/// What is said of a link.
pub(super) const LINK_LEFT_OUT: &str = LINK;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_kept_or_refused_and_never_both() {
        for name in kept() {
            assert_eq!(verdict(Some(SVG), name), Verdict::Keep(name));
            assert!(!REFUSED.iter().any(|(refused, _)| refused.eq_ignore_ascii_case(name)), "{name}");
            assert!(name.chars().all(|c| c.is_ascii_alphabetic()));
        }
    }

    #[test]
    fn other_capital_letters_and_other_namespaces_are_refused() {
        for name in ["SCRIPT", "Script", "ForeignObject", "foreignobject", "SVG", "lineargradient", "A", "Animate", "feimage", "marquee"] {
            assert!(matches!(verdict(Some(SVG), name), Verdict::Refuse(_)), "{name}");
        }
        for namespace in [None, Some("http://www.w3.org/1999/xhtml"), Some("http://www.w3.org/2001/XInclude"), Some("http://www.w3.org/2000/SVG")] {
            assert!(matches!(verdict(namespace, "rect"), Verdict::Refuse(_)), "{namespace:?}");
        }
        assert_eq!(verdict(Some("http://www.inkscape.org/namespaces/inkscape"), "grid"), Verdict::Drop(None));
    }
}
