//! Drawings: allows elements and attributes by name, and values by the characters of their type.
//! Must not depend on style sheets.

use super::style::{self, Layer};
use std::collections::HashSet;

const SVG: &str = "http://www.w3.org/2000/svg";

const ELEMENTS: &str = "svg g defs symbol use title desc path rect circle ellipse line polyline polygon text tspan textPath linearGradient \
    radialGradient stop pattern clipPath mask marker filter image style animate animateTransform animateMotion set mpath \
    feBlend feColorMatrix feComponentTransfer feComposite feConvolveMatrix feDiffuseLighting feDisplacementMap feDistantLight feDropShadow feFlood \
    feFuncA feFuncB feFuncG feFuncR feGaussianBlur feMerge feMergeNode feMorphology feOffset fePointLight feSpecularLighting feSpotLight feTile \
    feTurbulence";
const WORDY: &str = "text tspan textPath title desc";
const ANIMATIONS: &str = "animate animateTransform animateMotion set";

/// Numbers, lengths, lists of them, and keywords.
const PLAIN: &str = "x y dx dy width height cx cy r rx ry x1 y1 x2 y2 fx fy fr d path points viewBox preserveAspectRatio pathLength \
    gradientUnits patternUnits patternContentUnits clipPathUnits maskUnits maskContentUnits filterUnits primitiveUnits spreadMethod offset \
    markerUnits markerWidth markerHeight refX refY orient rotate textLength lengthAdjust startOffset method spacing side in in2 result type values \
    mode operator k1 k2 k3 k4 stdDeviation radius order kernelMatrix divisor bias targetX targetY edgeMode preserveAlpha scale xChannelSelector \
    yChannelSelector baseFrequency numOctaves seed stitchTiles surfaceScale diffuseConstant specularConstant specularExponent azimuth elevation \
    pointsAtX pointsAtY pointsAtZ limitingConeAngle z amplitude exponent intercept slope tableValues";
const TRANSFORMS: &str = "transform gradientTransform patternTransform";
const STYLED: &str = "alignment-baseline baseline-shift clip-path clip-rule color color-interpolation color-interpolation-filters color-rendering \
    direction display dominant-baseline fill fill-opacity fill-rule filter flood-color flood-opacity font-family font-size font-size-adjust \
    font-stretch font-style font-variant font-weight image-rendering letter-spacing lighting-color marker-end marker-mid marker-start mask mask-type \
    opacity overflow paint-order shape-rendering stop-color stop-opacity stroke stroke-dasharray stroke-dashoffset stroke-linecap stroke-linejoin \
    stroke-miterlimit stroke-opacity stroke-width text-anchor text-decoration text-rendering transform-origin unicode-bidi vector-effect visibility \
    word-spacing writing-mode";
const TIMED: &str = "begin end dur repeatDur";
const COUNTED: &str =
    "repeatCount restart calcMode additive accumulate keyTimes keySplines keyPoints";
const MOVED: &str = "from to by values";
/// What an animation may change: the appearance and position of a shape.
const MOVABLE: &str = "fill fill-opacity stroke stroke-opacity stroke-width stroke-dasharray stroke-dashoffset stroke-linecap stroke-linejoin \
    stroke-miterlimit opacity color visibility display stop-color stop-opacity d points x y cx cy r rx ry width height x1 y1 x2 y2 fx fy dx dy \
    rotate offset startOffset transform gradientTransform font-size letter-spacing word-spacing";
const SLOTS: &str =
    "badge count unread empty title body time image category action-1 action-2 action-3 archive";

fn has(list: &str, name: &str) -> bool {
    list.split_ascii_whitespace().any(|entry| entry == name)
}

/// Checks that a printed drawing is harmless.
pub fn check(printed: &str) -> Result<(), String> {
    for never in ["<!", "<?", "]]>"] {
        if printed.contains(never) {
            return Err(format!("holds {never}"));
        }
    }
    if let Some(strange) =
        printed.chars().find(|letter| letter.is_control() && !matches!(letter, '\t' | '\n'))
    {
        return Err(format!("holds {strange:?}"));
    }
    let options = roxmltree::ParsingOptions { allow_dtd: false, ..Default::default() };
    let document = roxmltree::Document::parse_with_options(printed, options)
        .map_err(|error| format!("is no XML: {error}"))?;
    if document.root().children().count() != 1 || document.root_element().tag_name().name() != "svg"
    {
        return Err("has not one root".to_owned());
    }
    let mut ids = HashSet::new();
    let mut count = 0;
    for id in document.descendants().filter_map(|node| node.attribute("id")) {
        let shape = id.strip_prefix('t').and_then(|rest| rest.split_once('-'));
        let ours = shape.is_some_and(|(hash, name)| {
            hash.len() == 8 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()) && !name.is_empty()
        });
        if !ours || !id.chars().all(is_name) || !ids.insert(id) {
            return Err(format!("has the id {id:?}"));
        }
    }
    for node in document.descendants().filter(|node| !node.is_root()) {
        if node.is_element() {
            count += 1;
            element(node, &ids)?;
        } else if node.is_text() {
            words(node, &ids)?;
        } else {
            return Err(format!("holds {node:?}"));
        }
    }
    if count > 5_000 { Err(format!("has {count} elements")) } else { Ok(()) }
}

fn is_name(letter: char) -> bool {
    letter.is_alphanumeric() || matches!(letter, '-' | '_')
}

fn words(node: roxmltree::Node<'_, '_>, ids: &HashSet<&str>) -> Result<(), String> {
    let parent = node.parent().map_or("", |parent| parent.tag_name().name());
    let text = node.text().unwrap_or_default();
    match parent {
        "style" => referring(&style::text(text, Layer::Inside)?, ids),
        _ if has(WORDY, parent) => Ok(()),
        _ => Err(format!("has words in {parent}: {text:?}")),
    }
}

fn element(node: roxmltree::Node<'_, '_>, ids: &HashSet<&str>) -> Result<(), String> {
    let name = node.tag_name().name();
    if node.tag_name().namespace() != Some(SVG) || !has(ELEMENTS, name) {
        return Err(format!("has the element {:?}", node.tag_name()));
    }
    let namespaces = node.namespaces().filter(|namespace| namespace.name() != Some("xml"));
    if namespaces.map(|namespace| (namespace.name(), namespace.uri())).ne([(None, SVG)]) {
        return Err(format!("names other namespaces at {name}"));
    }
    if node.ancestors().count() > 66 {
        return Err("is too deep".to_owned());
    }
    for attribute in node.attributes() {
        let (key, value) = (attribute.name(), attribute.value());
        let short = || format!("<{name} {key}={:?}>", value.chars().take(200).collect::<String>());
        if attribute.namespace().is_some() {
            return Err(format!("{}: in a namespace", short()));
        }
        fits(name, key, value, ids).map_err(|reason| format!("{}: {reason}", short()))?;
    }
    Ok(())
}

fn fits(element: &str, key: &str, value: &str, ids: &HashSet<&str>) -> Result<(), String> {
    let only = |fits: &dyn Fn(char) -> bool| {
        if value.chars().all(fits) { Ok(()) } else { Err("other letters".to_owned()) }
    };
    let moves = has(ANIMATIONS, element);
    match key {
        "id" => Ok(()),
        "href" => match value.strip_prefix('#') {
            Some(id) if !moves && ids.contains(id) => Ok(()),
            None if element == "image" => style::raster(value),
            _ => Err("leads elsewhere".to_owned()),
        },
        "class" => only(&|letter| is_name(letter) || letter == ' '),
        "data-slot" if has(SLOTS, value) => Ok(()),
        "style" if !moves => referring(&style::declarations(value, Layer::Inside)?, ids),
        "attributeName" if moves && has(MOVABLE, value) => Ok(()),
        "fill" if moves && has("freeze remove", value) => Ok(()),
        _ if moves && has(TIMED, key) => {
            let number = |part: &str| {
                part.chars().all(|letter| {
                    letter.is_ascii_digit() || matches!(letter, '.' | ':' | '+' | '-' | ' ')
                })
            };
            let unit = |part: &str| {
                ["ms", "min", "s", "h"]
                    .iter()
                    .find_map(|unit| part.strip_suffix(unit))
                    .is_some_and(number)
            };
            let time = |part: &str| part == "indefinite" || number(part) || unit(part);
            if value.split(';').map(str::trim).all(time) {
                Ok(())
            } else {
                Err("is no time".to_owned())
            }
        }
        _ if moves && has(COUNTED, key) => {
            only(&|letter| letter.is_ascii_alphanumeric() || "+-., ;".contains(letter))
        }
        _ if moves && has(MOVED, key) => {
            let pieces = value
                .split(';')
                .map(|piece| style::declarations(&format!("fill:{piece}"), Layer::Inside));
            pieces.into_iter().try_for_each(|found| {
                if found?.is_empty() { Ok(()) } else { Err("moves a reference".to_owned()) }
            })
        }
        "attributeName" | "fill" if moves => Err("is not animated".to_owned()),
        _ if has(PLAIN, key) => {
            only(&|letter| letter.is_ascii_alphanumeric() || "+-.,% _".contains(letter))
        }
        _ if has(TRANSFORMS, key) => {
            only(&|letter| letter.is_ascii_alphanumeric() || "+-.,() ".contains(letter))
        }
        _ if has(STYLED, key) && !moves => {
            referring(&style::declarations(&format!("{key}:{value}"), Layer::Inside)?, ids)
        }
        _ => Err("is not on the list".to_owned()),
    }
}

fn referring(addresses: &[String], ids: &HashSet<&str>) -> Result<(), String> {
    match addresses
        .iter()
        .find(|address| !address.strip_prefix('#').is_some_and(|id| ids.contains(id)))
    {
        Some(address) => Err(format!("fetches {address}")),
        None => Ok(()),
    }
}
