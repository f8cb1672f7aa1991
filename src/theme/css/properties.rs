//! The properties that a theme and a drawing may set, and those that accept only certain keywords.
//!
//! Must not depend on other values; numbers are limited in `limits`.
//!
//! To allow a property: its name in [`THEME`] or [`DRAWING`], and a limit in `limits` if its
//! numbers need one.

use belfry_locales::{LocalizedText, phrases::theme_values};

/// The verdict on a property.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum PropertyVerdict {
    Allowed,
    /// Dropped with this warning.
    Dropped(LocalizedText),
    /// Dropped without a warning: what drawing programs always write.
    DroppedSilently,
    /// The sheet is rejected for this reason.
    Rejected(LocalizedText),
}

const RUNS_CODE_REASON: LocalizedText = theme_values::RUNS_CODE;

/// The verdict on a property of theme.css.
pub(super) fn theme(name: &str) -> PropertyVerdict {
    if is_listed(name, THEME) {
        return PropertyVerdict::Allowed;
    }
    match name {
        "color-scheme" => PropertyVerdict::Dropped(theme_values::COLOR_SCHEME),
        "direction" | "unicode-bidi" => PropertyVerdict::Dropped(theme_values::DIRECTION),
        "pointer-events" | "touch-action" => PropertyVerdict::Dropped(theme_values::POINTER_EVENTS),
        "float" | "clear" | "clip" | "all" => PropertyVerdict::Dropped(theme_values::FLOAT),
        "quotes" | "counter-reset" | "counter-increment" | "counter-set" => {
            PropertyVerdict::Dropped(theme_values::COUNTERS)
        }
        _ if runs(name) => PropertyVerdict::Rejected(RUNS_CODE_REASON),
        _ => PropertyVerdict::Dropped(theme_values::NOT_IN_THEMES),
    }
}

/// The property that stands for a custom property of the widget itself, so that a theme's value for
/// it can be checked.
pub(super) fn use_of(custom: &str) -> Option<&'static str> {
    match custom.strip_prefix("--belfry-")? {
        "surface" | "hover" | "line" | "badge" | "warn" => Some("background-color"),
        "text" | "quiet" | "accent" | "on-badge" | "on-warn" => Some("color"),
        "space-1" | "space-2" | "space-3" | "space-4" => Some("gap"),
        "radius" | "radius-large" => Some("border-radius"),
        "shadow" => Some("box-shadow"),
        // A short duration cannot flicker, because nothing that uses it repeats.
        "duration" => Some("transition-delay"),
        "font" => Some("font-family"),
        _ => None,
    }
}

/// The verdict on a property of a drawing.
pub(super) fn drawing(name: &str) -> PropertyVerdict {
    if is_listed(name, DRAWING) || name.starts_with("--") {
        return PropertyVerdict::Allowed;
    }
    if runs(name) {
        return PropertyVerdict::Rejected(RUNS_CODE_REASON);
    }
    if name.starts_with('-')
        || is_listed(name, "enable-background solid* mso* inline-size shape* text-orientation")
    {
        return PropertyVerdict::DroppedSilently;
    }
    PropertyVerdict::Dropped(theme_values::NOT_IN_DRAWINGS)
}

fn runs(name: &str) -> bool {
    matches!(
        name,
        "behavior" | "behaviour" | "-ms-behavior" | "-o-link" | "-o-link-source" | "progid"
    ) || name.ends_with("-binding")
}

/// Whether a word is on a space-separated list. `name*` on the list matches the name and every
/// `name-…`.
fn is_listed(name: &str, list: &str) -> bool {
    list.split_ascii_whitespace().any(|entry| match entry.strip_suffix('*') {
        Some(start) => {
            name.strip_prefix(start).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
        }
        None => entry == name,
    })
}

const THEME: &str = "
    color background background-attachment background-clip background-color background-image background-origin background-position
    background-position-x background-position-y background-repeat background-size background-blend-mode -webkit-background-clip
    border* outline* box-shadow text-shadow
    font font-family font-size font-weight font-style font-variant* font-stretch font-feature-settings font-variation-settings
    font-kerning font-optical-sizing font-synthesis font-size-adjust font-palette
    line-height letter-spacing word-spacing
    text-align text-align-last text-transform text-decoration* text-indent text-overflow text-wrap* text-underline-offset
    text-underline-position text-rendering text-emphasis-color -webkit-text-fill-color -webkit-text-stroke -webkit-text-stroke-color
    -webkit-text-stroke-width
    padding* margin* gap row-gap column-gap
    width height min-width min-height max-width max-height inline-size block-size min-inline-size min-block-size max-inline-size
    max-block-size
    display flex flex-basis flex-direction flex-flow flex-grow flex-shrink flex-wrap
    grid grid-area grid-auto-columns grid-auto-flow grid-auto-rows grid-column grid-column-end grid-column-start grid-row grid-row-end
    grid-row-start grid-template grid-template-areas grid-template-columns grid-template-rows
    align-content align-items align-self justify-content justify-items justify-self place-content place-items place-self order
    opacity visibility transform translate scale rotate transform-origin transform-style backface-visibility
    transition transition-property transition-duration transition-delay transition-timing-function transition-behavior
    animation animation-name animation-duration animation-delay animation-timing-function animation-iteration-count
    animation-direction animation-fill-mode animation-play-state animation-composition
    filter backdrop-filter -webkit-backdrop-filter mix-blend-mode isolation
    mask mask-clip mask-composite mask-image mask-mode mask-origin mask-position mask-repeat mask-size
    -webkit-mask -webkit-mask-clip -webkit-mask-image -webkit-mask-origin -webkit-mask-position -webkit-mask-repeat -webkit-mask-size
    clip-path cursor accent-color caret-color scrollbar-color scrollbar-width
    overflow overflow-x overflow-y overflow-inline overflow-block
    white-space white-space-collapse word-break overflow-wrap word-wrap line-break hyphens vertical-align
    list-style list-style-image list-style-position list-style-type
    object-fit object-position aspect-ratio position inset* top right bottom left z-index
    user-select -webkit-user-select fill fill-opacity fill-rule stroke stroke-width stroke-linecap stroke-linejoin stroke-dasharray
    stroke-dashoffset stroke-opacity stroke-miterlimit
    columns column-count column-width column-rule* column-fill column-span content line-clamp -webkit-line-clamp -webkit-box-orient
    box-sizing box-decoration-break -webkit-box-decoration-break tab-size print-color-adjust -webkit-print-color-adjust
    container-type container-name
";

const DRAWING: &str = "
    alignment-baseline baseline-shift clip-path clip-rule color color-interpolation color-interpolation-filters color-rendering
    dominant-baseline fill fill-opacity fill-rule filter flood-color flood-opacity image-rendering letter-spacing lighting-color
    marker marker-start marker-mid marker-end mask mask-type opacity overflow paint-order shape-rendering stop-color stop-opacity
    stroke stroke-dasharray stroke-dashoffset stroke-linecap stroke-linejoin stroke-miterlimit stroke-opacity stroke-width
    text-anchor text-decoration text-decoration-line text-decoration-color text-decoration-style text-decoration-thickness
    text-rendering vector-effect visibility word-spacing writing-mode glyph-orientation-vertical
    font font-family font-size font-size-adjust font-stretch font-style font-variant* font-weight font-feature-settings
    font-variation-settings font-kerning font-optical-sizing line-height text-transform text-align white-space text-indent
    transform transform-box transform-origin translate rotate scale
    animation animation-name animation-duration animation-delay animation-timing-function animation-iteration-count
    animation-direction animation-fill-mode animation-play-state animation-composition
    display mix-blend-mode isolation x y cx cy r rx ry width height direction
";

/// The only allowed keywords of properties for which any other value would do harm. These accept no
/// `var()`.
pub(super) fn words(is_theme: bool, name: &str) -> Option<&'static str> {
    match name {
        "display" if !is_theme => None,
        "display" => Some(
            "block inline inline-block flow-root flex inline-flex grid inline-grid list-item none -webkit-box -webkit-inline-box inherit initial unset revert",
        ),
        "position" => Some("static relative absolute"),
        "overflow" | "overflow-x" | "overflow-y" | "overflow-inline" | "overflow-block" => {
            Some("visible hidden clip scroll auto inherit initial unset")
        }
        "cursor" => Some(
            "auto default pointer help context-menu progress wait cell crosshair text vertical-text alias copy move no-drop not-allowed grab grabbing \
             all-scroll col-resize row-resize n-resize e-resize s-resize w-resize ne-resize nw-resize se-resize sw-resize ew-resize ns-resize \
             nesw-resize nwse-resize zoom-in zoom-out inherit initial unset",
        ),
        "pointer-events" => Some("none auto"),
        "content" => Some("none normal"),
        "visibility" => Some("visible hidden collapse inherit initial unset"),
        "container-type" => Some("normal inline-size"),
        _ => None,
    }
}

/// Whether a theme may use a picture of its own in this property.
pub(super) fn takes_picture(name: &str) -> bool {
    is_listed(
        name,
        "background background-image border-image border-image-source mask mask-image -webkit-mask -webkit-mask-image list-style list-style-image",
    )
}

/// Whether a drawing may reference one of its elements in this property.
pub(super) fn takes_reference(name: &str) -> bool {
    is_listed(name, "fill stroke clip-path mask filter marker marker-start marker-mid marker-end")
}

/// Whether a string in this property names a font or a font feature.
pub(super) fn takes_name(name: &str) -> bool {
    name.starts_with("--")
        || is_listed(
            name,
            "font font-family font-feature-settings font-variation-settings font-variant*",
        )
}

/// Whether a string in this property defines grid areas.
pub(super) fn takes_areas(name: &str) -> bool {
    is_listed(name, "grid grid-template grid-template-areas")
}

/// Whether a string in this property is displayed to the reader.
pub(super) fn shows_text(name: &str) -> bool {
    is_listed(name, "content list-style list-style-type text-overflow")
}
