//! What a reader must be able to see and reach, whatever a theme says: every part but those that only adorn may be given another
//! look, but not be hidden, emptied or moved away.
//!
//! Must not know how values are printed elsewhere. What a theme *draws* (`::before`, `::after`) is free: it is cut at its part's edge.

use super::{
    Fault,
    selector::{Complex, Compound},
    sheet::Declaration,
};

/// Parts without which nothing is lost.
const ADORNING: [&str; 9] = ["dot", "picture", "category", "pin", "drawing", "skeleton", "badge", "icon", "meta"];
/// Least share of a part that must be seen.
const OPACITY: f64 = 0.4;
/// How far a part may be moved, in pixels; turned, in degrees; and how small or large it may be made.
const MOVED: f64 = 8.0;
const TURNED: f64 = 10.0;
const SCALED: std::ops::RangeInclusive<f64> = 0.8..=1.25;
/// Least size of a part and of its letters, in pixels.
const SIDE: f64 = 16.0;
const LETTERS: f64 = 9.0;

/// Names that the widget has for its own motions; a theme's would take their place.
pub(super) const MOTIONS: [&str; 4] = ["appear", "arrive", "breathe", "rise"];

/// What is wrong with a declaration for what these selectors name.
pub(super) fn fault(selectors: &[Complex], declaration: &Declaration) -> Option<Fault> {
    let subject = selectors.iter().filter_map(|complex| complex.compounds.last()).map(|(_, last)| last).find(|last| !is_free(last))?;
    let reason = reason(&declaration.name, &declaration.value)?;
    Some(Fault::new(&declaration.name, format!("{reason} `{}`, which a reader needs: change its look, or adorn it with `::before`", subject.text)))
}

fn is_free(subject: &Compound) -> bool {
    let adorns = subject.classes.iter().any(|class| ADORNING.contains(&class.as_str()));
    subject.pseudo_element.is_some() || adorns || matches!(subject.element.as_deref(), Some("svg" | "path" | "img"))
}

fn reason(name: &str, value: &str) -> Option<&'static str> {
    let px = |least: f64| numbers(value).iter().any(|(number, unit)| unit == "px" && *number < least);
    let harmful = match name {
        "display" => value == "none",
        "visibility" => value != "visible",
        "opacity" => numbers(value).first().is_none_or(|(number, unit)| (if unit == "%" { number / 100.0 } else { *number }) < OPACITY),
        "filter" => value.contains("opacity(") || value.contains("blur("),
        "clip-path" | "mask" | "mask-image" | "-webkit-mask" | "-webkit-mask-image" => value != "none",
        "color" => value == "#0000" || value == "transparent",
        "font-size" => px(LETTERS),
        "font" => numbers(value).first().is_some_and(|(number, unit)| unit == "px" && *number < LETTERS),
        "width" | "height" | "max-width" | "max-height" | "inline-size" | "block-size" | "max-inline-size" | "max-block-size" => {
            numbers(value).iter().any(|(number, unit)| (unit == "px" && *number < SIDE) || (*number == 0.0 && unit.is_empty()))
        }
        "transform" | "translate" | "scale" | "rotate" | "top" | "left" | "right" | "bottom" | "inset" => {
            value.contains("var(") || moves(value, name == "scale" || value.contains("scale"))
        }
        _ if name.starts_with("inset-") => value.contains("var(") || moves(value, name == "scale" || value.contains("scale")),
        _ if name.starts_with("animation") => value != "none",
        _ => false,
    };
    harmful.then_some(match name {
        "opacity" | "visibility" | "display" | "filter" | "color" => "hides",
        "clip-path" | "mask" | "mask-image" | "-webkit-mask" | "-webkit-mask-image" => "cuts",
        "font-size" | "font" => "makes unreadable",
        _ if name.starts_with("animation") => "moves",
        _ if name.contains("width") || name.contains("height") || name.contains("size") => "makes too small",
        _ => "moves away",
    })
}

fn moves(value: &str, scales: bool) -> bool {
    // Whole turns of phrase such as `scale(1.1) rotate(4deg)`: each number by its unit.
    numbers(value).iter().any(|(number, unit)| match unit.as_str() {
        "px" => number.abs() > MOVED,
        "%" => number.abs() > MOVED && !SCALED.contains(&(number / 100.0)),
        "deg" => number.abs() > TURNED,
        "" => (scales || *number != 0.0) && !SCALED.contains(number),
        _ => *number != 0.0,
    })
}

/// The numbers of a value with their units, in order.
fn numbers(value: &str) -> Vec<(f64, String)> {
    let mut found = Vec::new();
    let mut rest = value;
    while let Some(start) = rest.find(|character: char| character.is_ascii_digit() || matches!(character, '-' | '+' | '.')) {
        let (before, from) = rest.split_at(start);
        let is_name = before.ends_with(|character: char| character.is_ascii_alphanumeric() || matches!(character, '-' | '_' | '#'));
        let length = from
            .char_indices()
            .skip(1)
            .find(|(_, character)| !character.is_ascii_digit() && *character != '.')
            .map_or(from.len(), |(index, _)| index);
        let (number, after) = from.split_at(length);
        let unit: String = after.chars().take_while(|character| character.is_ascii_alphabetic() || *character == '%').collect();
        if let (false, Ok(number)) = (is_name, number.parse()) {
            found.push((number, unit.to_ascii_lowercase()));
        }
        rest = after;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::tests::{themed, told};

    fn refused(css: &str) -> bool {
        !themed(css).1.is_empty()
    }

    #[test]
    fn what_a_reader_needs_can_be_neither_hidden_nor_moved_away() {
        for css in [
            ".tool { display: none }",
            ".head { visibility: hidden }",
            ".item { opacity: 0.2 }",
            ".undo { opacity: 10% }",
            ".title { opacity: var(--belfry-x) }",
            ".title a { color: transparent }",
            ".notice { filter: opacity(0) }",
            ".body { filter: blur(20px) }",
            ".panel { clip-path: circle(0) }",
            ".item { mask-image: linear-gradient(transparent, transparent) }",
            ".tool { translate: 90px }",
            ".tool { transform: translate(0, -40px) }",
            ".tool { transform: scale(0) }",
            ".undo { scale: 0.01 }",
            ".item { max-height: 1px }",
            ".tool { width: 0 }",
            ".title { font-size: 6px }",
            ".tool { animation: gone 1s forwards } @keyframes gone { to { opacity: 0 } }",
            ".head { position: relative; top: -50px }",
            ".dot, .tool { display: none }",
            ".head > * { display: none }",
            ".head button { display: none }",
            "@keyframes arrive { to { opacity: 0 } }",
        ] {
            assert!(refused(css), "{css}");
        }
    }

    #[test]
    fn what_only_adorns_is_free_and_so_are_small_changes() {
        for css in [
            ".dot { display: none }",
            ".picture { opacity: 0.1 }",
            ".badge { animation: pulse 1s 3 } @keyframes pulse { 50% { scale: 1.2 } }",
            ".item::before { content: \"\"; opacity: 0 }",
            ".action:hover { transform: translateY(-1px) }",
            ".pill { scale: 1.05; rotate: -2deg }",
            ".tool { opacity: 0.7; width: 36px }",
            ".item { filter: saturate(0.8) }",
            ".tool svg { display: none }",
        ] {
            let (_, refused, _) = themed(css);
            assert!(refused.is_empty(), "{css}: {}", told(&refused));
        }
    }
}
