//! The attribute lists. Must not contain anything else.

use super::Kind;

const UNITS: Kind = Kind::Words(&["userSpaceOnUse", "objectBoundingBox"]);
const LENGTH: Kind = Kind::Length(&[]);
const NUMBER: Kind = Kind::Bounded(-super::super::values::FARTHEST, super::super::values::FARTHEST);
const CHANNEL: Kind = Kind::Words(&["R", "G", "B", "A"]);
const BLEND: Kind = Kind::Words(&[
    "normal",
    "multiply",
    "screen",
    "overlay",
    "darken",
    "lighten",
    "color-dodge",
    "color-burn",
    "hard-light",
    "soft-light",
    "difference",
    "exclusion",
    "hue",
    "saturation",
    "color",
    "luminosity",
]);
const FUNCTIONS: Kind = Kind::Words(&[
    "matrix",
    "saturate",
    "hueRotate",
    "luminanceToAlpha",
    "identity",
    "table",
    "discrete",
    "linear",
    "gamma",
    "fractalNoise",
    "turbulence",
]);

/// Attributes and their types, on all elements except animations.
pub(super) const KINDS: &[(&str, Kind)] = &[
    ("id", Kind::Id),
    ("class", Kind::Class),
    ("style", Kind::Style),
    ("href", Kind::Reference),
    ("x", Kind::Lengths),
    ("y", Kind::Lengths),
    ("dx", Kind::Lengths),
    ("dy", Kind::Lengths),
    ("width", Kind::Length(&["auto"])),
    ("height", Kind::Length(&["auto"])),
    ("cx", LENGTH),
    ("cy", LENGTH),
    ("r", LENGTH),
    ("rx", Kind::Length(&["auto"])),
    ("ry", Kind::Length(&["auto"])),
    ("x1", LENGTH),
    ("y1", LENGTH),
    ("x2", LENGTH),
    ("y2", LENGTH),
    ("fx", LENGTH),
    ("fy", LENGTH),
    ("fr", LENGTH),
    ("d", Kind::Path),
    ("path", Kind::Path),
    ("points", Kind::Points),
    ("transform", Kind::Transform),
    ("gradientTransform", Kind::Transform),
    ("patternTransform", Kind::Transform),
    ("viewBox", Kind::ViewBox),
    ("preserveAspectRatio", Kind::Fit),
    ("pathLength", Kind::Bounded(0.0, 10_000.0)),
    ("gradientUnits", UNITS),
    ("patternUnits", UNITS),
    ("patternContentUnits", UNITS),
    ("clipPathUnits", UNITS),
    ("maskUnits", UNITS),
    ("maskContentUnits", UNITS),
    ("filterUnits", UNITS),
    ("primitiveUnits", UNITS),
    ("spreadMethod", Kind::Words(&["pad", "reflect", "repeat"])),
    ("offset", Kind::Share),
    ("markerUnits", Kind::Words(&["strokeWidth", "userSpaceOnUse"])),
    ("markerWidth", LENGTH),
    ("markerHeight", LENGTH),
    ("refX", Kind::Length(&["left", "center", "right"])),
    ("refY", Kind::Length(&["top", "center", "bottom"])),
    ("orient", Kind::NumberOr(&["auto", "auto-start-reverse"])),
    ("rotate", Kind::Numbers(2_000, -360_000.0, 360_000.0)),
    ("textLength", LENGTH),
    ("lengthAdjust", Kind::Words(&["spacing", "spacingAndGlyphs"])),
    ("startOffset", LENGTH),
    ("method", Kind::Words(&["align", "stretch"])),
    ("spacing", Kind::Words(&["auto", "exact"])),
    ("side", Kind::Words(&["left", "right"])),
    ("in", Kind::Result),
    ("in2", Kind::Result),
    ("result", Kind::Result),
    ("type", FUNCTIONS),
    ("values", Kind::Numbers(20, -1e6, 1e6)),
    ("mode", BLEND),
    ("operator", Kind::Words(&["over", "in", "out", "atop", "xor", "lighter", "arithmetic", "erode", "dilate"])),
    ("k1", NUMBER),
    ("k2", NUMBER),
    ("k3", NUMBER),
    ("k4", NUMBER),
    ("stdDeviation", Kind::Numbers(2, 0.0, 100.0)),
    ("radius", Kind::Numbers(2, 0.0, 100.0)),
    ("order", Kind::Numbers(2, 1.0, 9.0)),
    ("kernelMatrix", Kind::Numbers(81, -1e6, 1e6)),
    ("divisor", NUMBER),
    ("bias", NUMBER),
    ("targetX", Kind::Bounded(0.0, 9.0)),
    ("targetY", Kind::Bounded(0.0, 9.0)),
    ("edgeMode", Kind::Words(&["duplicate", "wrap", "none"])),
    ("preserveAlpha", Kind::Words(&["true", "false"])),
    ("scale", Kind::Bounded(-1_000.0, 1_000.0)),
    ("xChannelSelector", CHANNEL),
    ("yChannelSelector", CHANNEL),
    ("baseFrequency", Kind::Numbers(2, 0.0, 100.0)),
    ("numOctaves", Kind::Bounded(0.0, 8.0)),
    ("seed", NUMBER),
    ("stitchTiles", Kind::Words(&["stitch", "noStitch"])),
    ("surfaceScale", NUMBER),
    ("diffuseConstant", NUMBER),
    ("specularConstant", NUMBER),
    ("specularExponent", NUMBER),
    ("azimuth", NUMBER),
    ("elevation", NUMBER),
    ("pointsAtX", NUMBER),
    ("pointsAtY", NUMBER),
    ("pointsAtZ", NUMBER),
    ("limitingConeAngle", NUMBER),
    ("z", NUMBER),
    ("amplitude", NUMBER),
    ("exponent", NUMBER),
    ("intercept", NUMBER),
    ("slope", NUMBER),
    ("tableValues", Kind::Numbers(256, -1e6, 1e6)),
];

/// Presentation attributes, which have the same names as CSS properties.
pub(super) const PRESENTATION: &str = "
    alignment-baseline baseline-shift clip-path clip-rule color color-interpolation color-interpolation-filters color-rendering direction display
    dominant-baseline fill fill-opacity fill-rule filter flood-color flood-opacity font-family font-size font-size-adjust font-stretch font-style
    font-variant font-weight image-rendering letter-spacing lighting-color marker-end marker-mid marker-start mask mask-type opacity overflow
    paint-order shape-rendering stop-color stop-opacity stroke stroke-dasharray stroke-dashoffset stroke-linecap stroke-linejoin stroke-miterlimit
    stroke-opacity stroke-width text-anchor text-decoration text-rendering transform-origin unicode-bidi vector-effect visibility word-spacing
    writing-mode
";

/// Attributes of animations.
pub(super) const ANIMATION: &[(&str, Kind)] = &[
    ("id", Kind::Id),
    ("attributeName", Kind::Target),
    ("begin", Kind::Moments),
    ("end", Kind::Moments),
    ("dur", Kind::Duration),
    ("repeatDur", Kind::Duration),
    ("repeatCount", Kind::Repeats),
    ("fill", Kind::Words(&["freeze", "remove"])),
    ("restart", Kind::Words(&["always", "whenNotActive", "never"])),
    ("calcMode", Kind::Words(&["discrete", "linear", "paced", "spline"])),
    ("additive", Kind::Words(&["replace", "sum"])),
    ("accumulate", Kind::Words(&["none", "sum"])),
    ("type", Kind::Words(&["translate", "scale", "rotate", "skewX", "skewY"])),
    ("keyTimes", Kind::Keys),
    ("keySplines", Kind::Keys),
    ("keyPoints", Kind::Keys),
    ("path", Kind::Path),
    ("rotate", Kind::NumberOr(&["auto", "auto-reverse"])),
    ("from", Kind::Value),
    ("to", Kind::Value),
    ("by", Kind::Value),
    ("values", Kind::Values),
];

/// Attributes without visible effect that occur in most exported files.
pub(super) const QUIET: &str = "
    version baseProfile enable-background xml role tabindex focusable lang title zoomAndPan requiredFeatures requiredExtensions systemLanguage
    attributeType origin cursor pointer-events clip kerning color-profile externalResourcesRequired contentScriptType contentStyleType filterRes
    kernelUnitLength glyph-orientation-vertical glyph-orientation-horizontal target rel font isolation mix-blend-mode solid-color solid-opacity
    line-height text-align white-space overflow-x overflow-y crossorigin type media
";

/// Attributes that load or send something, in SVG or in HTML.
pub(super) const REFUSED: &str = "
    src srcset srcdoc action formaction poster data ping codebase classid archive manifest usemap longdesc lowsrc dynsrc http-equiv
";
