//! Writes a card's layout as CSS rules for the markup of messages.
//!
//! Only numbers and colours: no text of the upload is copied. All rules are in the layer `drawing`,
//! which overrides the default styles and is overridden by the theme's own rules.

use super::{
    layout::{Anchoring, CardLayout, PartLayout},
    slot::{Anchor, BoxStyle, Slot, TextStyle},
};
use crate::colour::{self, Paint};
use std::fmt::Write as _;

/// The input of the rules.
pub(super) struct CardRules<'a> {
    pub(super) layout: &'a CardLayout,
    pub(super) slots: &'a [Slot],
    pub(super) read_css: &'a str,
    pub(super) unread_css: &'a str,
    /// Whether the picture is mirrored in right-to-left languages.
    pub(super) mirrors_picture: bool,
}

/// Rules for every drawing: markup with no layout of its own, and the buttons shown on hover.
const COMMON_RULES: &str = ".item:is(:hover,:focus-visible,:has(:focus-visible)){background:none}\
.item:hover::before{filter:brightness(.975)}\
.text,.meta{display:contents}\
.text>*,.meta>*,.picture{align-self:start}\
.when{display:flex;align-items:center;gap:6px;white-space:nowrap}\
.pin{font-size:0;gap:0}\
.category{display:block;overflow:hidden;text-overflow:ellipsis;white-space:nowrap}\
.body a{color:inherit;text-decoration:underline}\
.body :is(strong,b){color:inherit}\
.tools,.item:is(:hover,:focus-visible,:has(:focus-visible)) .tools{padding:0;border-radius:var(--belfry-radius);background:var(--belfry-surface);box-shadow:0 1px 4px rgb(0 0 0/.18)}\
@media (hover:none){.item{padding-block-end:44px}}";

/// Writes the rules.
pub(super) fn write(pieces: &CardRules<'_>) -> String {
    let CardRules { layout, slots, read_css, unread_css, mirrors_picture } = *pieces;
    let mut css = String::new();
    frame(&mut css, layout, read_css, unread_css, mirrors_picture);
    css.push_str(COMMON_RULES);
    let placed = |name: &str| layout.parts.iter().find(|part| part.name == name);
    let slot = |name: &str| slots.iter().find(|slot| slot.name == name);
    for (name, selector) in
        [("title", ".title"), ("body", ".body"), ("time", ".when"), ("category", ".category")]
    {
        match (placed(name), slot(name)) {
            (Some(part), Some(slot)) => text(&mut css, selector, part, slot, layout),
            _ => {
                let _ = write!(css, "{selector}{{display:none}}");
            }
        }
    }
    if let Some(text) = slot("title").filter(|slot| slot.has_box).and_then(|slot| {
        slot.text.as_ref().map(|text| (slot.area.height() / text.line_height).floor().max(1.0))
    }) {
        let _ = write!(
            css,
            ".title{{display:-webkit-box;-webkit-box-orient:vertical;-webkit-line-clamp:{text};overflow:hidden}}"
        );
    }
    picture(&mut css, placed("image"), slot("image"), layout);
    actions(&mut css, placed("actions"), slots, layout);
    archive(&mut css, placed("archive"), slot("archive"), layout);
    if slot("unread").is_some() {
        css.push_str(".dot{display:none}");
    } else {
        let top = placed("title").map_or(16.0, |title| title.area.y0 + 6.0);
        let _ = write!(
            css,
            ".dot{{position:absolute;inset-block-start:{top}px;inset-inline-start:5px;margin:0}}"
        );
    }
    css
}

/// The card's box and the picture behind it.
fn frame(css: &mut String, card: &CardLayout, read: &str, unread: &str, mirrors: bool) {
    let (top, right, bottom, left) = (
        card.vertical_band.from,
        card.width - card.horizontal_band.to,
        card.height - card.vertical_band.to,
        card.horizontal_band.from,
    );
    let min = top + bottom;
    let _ = write!(
        css,
        ".item{{grid-template:none/minmax(0,1fr);align-content:start;padding:{}px 0 {}px;border:0;background:none;min-height:{min}px;scroll-margin-block:8px{}}}",
        round(card.top_space),
        round(card.bottom_space),
        // A picture with text is not mirrored, so the parts on it are not mirrored either.
        if mirrors { "" } else { ";direction:ltr" }
    );
    if card.min_height_with_picture > min {
        let _ = write!(
            css,
            ".item:has(>.picture){{min-height:{}px}}",
            round(card.min_height_with_picture)
        );
    }
    if let Some((side, gain)) = card.picture_space {
        let name = if side == Anchoring::End { "end" } else { "start" };
        let _ = write!(css, ".item:not(:has(>.picture)){{--gain-{name}:{}px}}", round(gain));
    }
    let _ = write!(
        css,
        ".item::before{{content:\"\";position:absolute;inset:0;z-index:-1;border:0 solid transparent;\
         border-image:{read} {top} {right} {bottom} {left} fill/{top}px {right}px {bottom}px {left}px/0 stretch}}"
    );
    if read != unread {
        let _ = write!(css, ".unread::before{{border-image-source:{unread}}}");
    }
    if mirrors {
        css.push_str(".item:dir(rtl)::before{transform:scaleX(-1)}");
    }
}

/// One text: its position and style.
fn text(css: &mut String, selector: &str, part: &PartLayout, slot: &Slot, card: &CardLayout) {
    let _ = write!(css, "{selector}{{{}", place(part, card));
    if let Some(text) = &slot.text {
        css.push_str(&lettering(text));
        match text.anchor {
            Anchor::Start => {}
            Anchor::Middle => css.push_str("text-align:center;justify-content:center;"),
            Anchor::End => css.push_str("text-align:end;justify-content:end;"),
        }
    }
    if slot.name == "category"
        && let (Some(surface), Some(text)) = (&slot.surface, &slot.text)
    {
        let _ = write!(
            css,
            "{}line-height:{}px;padding-inline:{}px;width:auto;",
            box_style(surface),
            round(slot.area.height() - edge(surface) * 2.0),
            round(text.size * 0.66)
        );
    }
    css.push('}');
}

/// The position of a part. A part that does not affect the height of its row takes no space there.
fn place(part: &PartLayout, card: &CardLayout) -> String {
    let mut css = format!("grid-area:{}/1;margin-block:{}px 0;", part.row, round(part.top));
    let gain = |side: Anchoring, name: &str, distance: f64| {
        let gains =
            part.follows_picture && card.picture_space.is_some_and(|(gained, _)| gained == side);
        if gains {
            format!("calc({}px - var(--gain-{name},0px))", round(distance))
        } else {
            format!("{}px", round(distance))
        }
    };
    let (start, end) =
        (gain(Anchoring::Start, "start", part.start), gain(Anchoring::End, "end", part.end));
    let _ = match part.anchoring {
        Anchoring::Both => write!(css, "margin-inline:{start} {end};"),
        Anchoring::Start => write!(
            css,
            "justify-self:start;margin-inline:{start} 0;max-width:{}px;",
            round(part.area.width())
        ),
        Anchoring::End => write!(css, "justify-self:end;margin-inline:8px {end};"),
    };
    css
}

fn lettering(text: &TextStyle) -> String {
    let mut css =
        format!("font-size:{}px;line-height:{}px;", round(text.size), round(text.line_height));
    for (property, value) in [("font-weight", &text.weight), ("font-style", &text.style)] {
        // Keywords and numbers only; a longer value is neither.
        if let Some(value) = value.as_deref().filter(|value| {
            value.len() <= 12 && value.bytes().all(|byte| byte.is_ascii_alphanumeric())
        }) {
            let _ = write!(css, "{property}:{value};");
        }
    }
    if let Some(family) = text.family.as_deref().and_then(families) {
        let _ = write!(css, "font-family:{family};");
    }
    if let Some(spacing) = text.letter_spacing {
        let _ = write!(css, "letter-spacing:{}px;", round(spacing));
    }
    if let Some(colour) = color_value((text.light, text.dark)) {
        let _ = write!(css, "color:{colour};");
    }
    css
}

/// Font names, quoted except for generic families, followed by the widget's own.
fn families(value: &str) -> Option<String> {
    const GENERIC: [&str; 7] =
        ["serif", "sans-serif", "monospace", "cursive", "system-ui", "ui-monospace", "ui-serif"];
    let mut list = String::new();
    for name in value.split(',').map(|name| name.trim().trim_matches(['"', '\'']).trim()) {
        let is_name = !name.is_empty()
            && name.len() <= 60
            && name.chars().all(|character| {
                character.is_alphanumeric() || matches!(character, ' ' | '-' | '_')
            });
        if GENERIC.contains(&name) {
            let _ = write!(list, "{name},");
        } else if is_name {
            let _ = write!(list, "\"{name}\",");
        }
    }
    (!list.is_empty()).then(|| list + "var(--belfry-font)")
}

/// One colour, or `light-dark()` of two.
fn color_value((light, dark): (Paint, Paint)) -> Option<String> {
    let one = |paint| match paint {
        Paint::Solid(colour) => Some(colour::css(colour)),
        Paint::None => Some("transparent".to_owned()),
        Paint::Current | Paint::Other => None,
    };
    match (one(light), one(dark)) {
        (Some(light), Some(dark)) if light != dark => Some(format!("light-dark({light},{dark})")),
        (light, dark) => light.or(dark),
    }
}

/// The border width of a box.
fn edge(surface: &BoxStyle) -> f64 {
    if surface.stroke == (Paint::None, Paint::None) { 0.0 } else { surface.stroke_width }
}

fn box_style(surface: &BoxStyle) -> String {
    let background = color_value(surface.fill).unwrap_or_else(|| {
        if surface.fill.0 == Paint::Current { "currentColor" } else { "none" }.to_owned()
    });
    let mut css = format!("background:{background};border-radius:{}px;", round(surface.radius));
    let edge = edge(surface);
    if edge > 0.0 {
        let _ = write!(
            css,
            "border:{}px solid {};",
            round(edge),
            color_value(surface.stroke).unwrap_or_else(|| "currentColor".to_owned())
        );
    } else {
        css.push_str("border:0;");
    }
    css
}

fn picture(css: &mut String, part: Option<&PartLayout>, slot: Option<&Slot>, card: &CardLayout) {
    let (Some(part), Some(slot)) = (part, slot) else {
        css.push_str(".picture{display:none}");
        return;
    };
    let (width, height) = (part.area.width(), part.area.height());
    let radius = slot.surface.as_ref().map_or(0.0, |surface| surface.radius);
    let _ = write!(
        css,
        ".picture{{{}width:{};height:{}px;max-width:none;border-radius:{}px;",
        place(part, card),
        across(part, width),
        round(height),
        round(radius)
    );
    if !part.affects_row_height {
        let _ = write!(css, "margin-block-end:{}px;", round(-part.top - height));
    }
    css.push('}');
}

/// The inline size of a part, stretched with the card or fixed.
fn across(part: &PartLayout, width: f64) -> String {
    if part.anchoring == Anchoring::Both {
        format!("calc(100% - {}px)", round(part.start + part.end))
    } else {
        format!("{}px", round(width))
    }
}

fn actions(css: &mut String, part: Option<&PartLayout>, slots: &[Slot], card: &CardLayout) {
    let Some(part) = part else {
        let last = card
            .parts
            .iter()
            .filter(|part| part.affects_row_height)
            .map(|part| part.row)
            .max()
            .unwrap_or(1);
        let beside = card
            .parts
            .iter()
            .find(|part| part.name == "body")
            .or_else(|| card.parts.iter().find(|part| part.name == "title"));
        let (start, end) = beside.map_or((16.0, 16.0), |part| (part.start, part.end));
        let _ = write!(
            css,
            ".actions{{grid-area:{}/1;margin:8px 0 0;margin-inline:{}px {}px}}",
            last + 1,
            round(start),
            round(end)
        );
        return;
    };
    let drawn: Vec<&Slot> = ["action-1", "action-2", "action-3"]
        .iter()
        .filter_map(|name| slots.iter().find(|slot| slot.name == *name))
        .collect();
    let (first, second) = (drawn.first(), drawn.get(1));
    let mut direction = "row wrap";
    let mut gap = 8.0;
    if let (Some(first), Some(second)) = (first, second) {
        if second.area.y0 >= first.area.y1 - 0.5 {
            direction = "column";
            gap = second.area.y0 - first.area.y1;
        } else {
            gap = (second.area.x0 - first.area.x1).max(first.area.x0 - second.area.x1);
        }
    }
    let align = if part.anchoring == Anchoring::End { "end" } else { "start" };
    let _ = write!(
        css,
        ".actions{{{}display:flex;flex-flow:{direction};align-items:{};justify-content:{align};gap:{}px}}",
        place(part, card).replace("max-width", "min-width"),
        if direction == "column" { align } else { "center" },
        round(gap.clamp(0.0, 48.0))
    );
    for (index, slot) in drawn.iter().enumerate() {
        let selector = if index == 0 {
            ".action".to_owned()
        } else {
            format!(".action:nth-child({})", index + 1)
        };
        let _ = write!(
            css,
            "{selector}{{display:inline-flex;align-items:center;box-sizing:border-box;min-height:{}px;",
            round(slot.area.height())
        );
        if let Some(text) = &slot.text {
            css.push_str(&lettering(text));
        }
        match &slot.surface {
            Some(surface) => {
                let _ = write!(
                    css,
                    "{}padding:0 {}px;",
                    box_style(surface),
                    round((slot.area.height() * 0.42).clamp(8.0, 18.0))
                );
            }
            None => css.push_str("background:none;border:0;padding:0;"),
        }
        css.push('}');
    }
}

fn archive(css: &mut String, part: Option<&PartLayout>, slot: Option<&Slot>, card: &CardLayout) {
    let (Some(part), Some(slot)) = (part, slot) else { return };
    let box_of = slot.surface.as_ref().map_or_else(|| "background:none;".to_owned(), box_style);
    let colour = slot
        .surface
        .as_ref()
        .and_then(|surface| color_value(surface.stroke))
        .map_or_else(String::new, |colour| format!("color:{colour};"));
    let (side, distance) =
        if part.anchoring == Anchoring::Start { ("start", part.start) } else { ("end", part.end) };
    // Parts above the growing area are placed from the top, those below it from the bottom.
    let (edge, down) = if part.area.y1 <= card.vertical_band.to {
        ("start", part.area.y0)
    } else {
        ("end", card.height - part.area.y1)
    };
    let put_away = ".tool:is([value=archive],[value=restore])";
    let _ = write!(
        css,
        ".tools,.item:is(:hover,:focus-visible,:has(:focus-visible)) .tools{{position:static;display:contents;opacity:1}}\
         .item .tool{{position:absolute;inset-block-end:4px;inset-inline-end:8px;opacity:0;background:var(--belfry-surface)}}\
         .item .tool:is([value=read],[value=unread]){{inset-inline-end:42px}}\
         .item:is(:hover,:focus-visible,:has(:focus-visible)) .tool{{opacity:1}}\
         @media (hover:none){{.item .tool{{opacity:1}}}}\
         .item {put_away}{{opacity:1;inset:auto;inset-block-{edge}:{}px;inset-inline-{side}:{}px;width:{}px;min-width:0;height:{}px;{box_of}{colour}padding:0}}",
        round(down),
        round(distance),
        round(part.area.width()),
        round(part.area.height())
    );
}

/// Rounds to hundredths of a pixel, so that numeric noise of a drawing is not printed.
fn round(number: f64) -> f64 {
    let rounded = (number * 100.0).round() / 100.0;
    if rounded == 0.0 { 0.0 } else { rounded }
}
