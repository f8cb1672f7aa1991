//! The attribute lists. Must not contain anything else.

use super::ValueKind;

const UNITS: ValueKind = ValueKind::Keywords(&["userSpaceOnUse", "objectBoundingBox"]);
const LENGTH: ValueKind = ValueKind::Length(&[]);
const NUMBER: ValueKind =
    ValueKind::Bounded(-super::super::values::MAX_COORDINATE, super::super::values::MAX_COORDINATE);
const CHANNEL: ValueKind = ValueKind::Keywords(&["R", "G", "B", "A"]);
const BLEND: ValueKind = ValueKind::Keywords(&[
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
const FUNCTIONS: ValueKind = ValueKind::Keywords(&[
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
pub(super) const KINDS: &[(&str, ValueKind)] = &[
    ("id", ValueKind::Id),
    ("class", ValueKind::Class),
    ("style", ValueKind::Style),
    ("href", ValueKind::Reference),
    ("x", ValueKind::Lengths),
    ("y", ValueKind::Lengths),
    ("dx", ValueKind::Lengths),
    ("dy", ValueKind::Lengths),
    ("width", ValueKind::Length(&["auto"])),
    ("height", ValueKind::Length(&["auto"])),
    ("cx", LENGTH),
    ("cy", LENGTH),
    ("r", LENGTH),
    ("rx", ValueKind::Length(&["auto"])),
    ("ry", ValueKind::Length(&["auto"])),
    ("x1", LENGTH),
    ("y1", LENGTH),
    ("x2", LENGTH),
    ("y2", LENGTH),
    ("fx", LENGTH),
    ("fy", LENGTH),
    ("fr", LENGTH),
    ("d", ValueKind::Path),
    ("path", ValueKind::Path),
    ("points", ValueKind::Points),
    ("transform", ValueKind::Transform),
    ("gradientTransform", ValueKind::Transform),
    ("patternTransform", ValueKind::Transform),
    ("viewBox", ValueKind::ViewBox),
    ("preserveAspectRatio", ValueKind::PreserveAspectRatio),
    ("pathLength", ValueKind::Bounded(0.0, 10_000.0)),
    ("gradientUnits", UNITS),
    ("patternUnits", UNITS),
    ("patternContentUnits", UNITS),
    ("clipPathUnits", UNITS),
    ("maskUnits", UNITS),
    ("maskContentUnits", UNITS),
    ("filterUnits", UNITS),
    ("primitiveUnits", UNITS),
    ("spreadMethod", ValueKind::Keywords(&["pad", "reflect", "repeat"])),
    ("offset", ValueKind::Percentage),
    ("markerUnits", ValueKind::Keywords(&["strokeWidth", "userSpaceOnUse"])),
    ("markerWidth", LENGTH),
    ("markerHeight", LENGTH),
    ("refX", ValueKind::Length(&["left", "center", "right"])),
    ("refY", ValueKind::Length(&["top", "center", "bottom"])),
    ("orient", ValueKind::NumberOrKeyword(&["auto", "auto-start-reverse"])),
    ("rotate", ValueKind::Numbers(2_000, -360_000.0, 360_000.0)),
    ("textLength", LENGTH),
    ("lengthAdjust", ValueKind::Keywords(&["spacing", "spacingAndGlyphs"])),
    ("startOffset", LENGTH),
    ("method", ValueKind::Keywords(&["align", "stretch"])),
    ("spacing", ValueKind::Keywords(&["auto", "exact"])),
    ("side", ValueKind::Keywords(&["left", "right"])),
    ("in", ValueKind::Result),
    ("in2", ValueKind::Result),
    ("result", ValueKind::Result),
    ("type", FUNCTIONS),
    ("values", ValueKind::Numbers(20, -1e6, 1e6)),
    ("mode", BLEND),
    (
        "operator",
        ValueKind::Keywords(&[
            "over",
            "in",
            "out",
            "atop",
            "xor",
            "lighter",
            "arithmetic",
            "erode",
            "dilate",
        ]),
    ),
    ("k1", NUMBER),
    ("k2", NUMBER),
    ("k3", NUMBER),
    ("k4", NUMBER),
    ("stdDeviation", ValueKind::Numbers(2, 0.0, 100.0)),
    ("radius", ValueKind::Numbers(2, 0.0, 100.0)),
    ("order", ValueKind::Numbers(2, 1.0, 9.0)),
    ("kernelMatrix", ValueKind::Numbers(81, -1e6, 1e6)),
    ("divisor", NUMBER),
    ("bias", NUMBER),
    ("targetX", ValueKind::Bounded(0.0, 9.0)),
    ("targetY", ValueKind::Bounded(0.0, 9.0)),
    ("edgeMode", ValueKind::Keywords(&["duplicate", "wrap", "none"])),
    ("preserveAlpha", ValueKind::Keywords(&["true", "false"])),
    ("scale", ValueKind::Bounded(-1_000.0, 1_000.0)),
    ("xChannelSelector", CHANNEL),
    ("yChannelSelector", CHANNEL),
    ("baseFrequency", ValueKind::Numbers(2, 0.0, 100.0)),
    ("numOctaves", ValueKind::Bounded(0.0, 8.0)),
    ("seed", NUMBER),
    ("stitchTiles", ValueKind::Keywords(&["stitch", "noStitch"])),
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
    ("tableValues", ValueKind::Numbers(256, -1e6, 1e6)),
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
pub(super) const ANIMATION: &[(&str, ValueKind)] = &[
    ("id", ValueKind::Id),
    ("attributeName", ValueKind::AnimatedAttribute),
    ("begin", ValueKind::AnimationTimes),
    ("end", ValueKind::AnimationTimes),
    ("dur", ValueKind::Duration),
    ("repeatDur", ValueKind::Duration),
    ("repeatCount", ValueKind::RepeatCount),
    ("fill", ValueKind::Keywords(&["freeze", "remove"])),
    ("restart", ValueKind::Keywords(&["always", "whenNotActive", "never"])),
    ("calcMode", ValueKind::Keywords(&["discrete", "linear", "paced", "spline"])),
    ("additive", ValueKind::Keywords(&["replace", "sum"])),
    ("accumulate", ValueKind::Keywords(&["none", "sum"])),
    ("type", ValueKind::Keywords(&["translate", "scale", "rotate", "skewX", "skewY"])),
    ("keyTimes", ValueKind::NumberLists),
    ("keySplines", ValueKind::NumberLists),
    ("keyPoints", ValueKind::NumberLists),
    ("path", ValueKind::Path),
    ("rotate", ValueKind::NumberOrKeyword(&["auto", "auto-reverse"])),
    ("from", ValueKind::AnimationValue),
    ("to", ValueKind::AnimationValue),
    ("by", ValueKind::AnimationValue),
    ("values", ValueKind::AnimationValues),
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
