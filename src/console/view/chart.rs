//! Bar charts over time, rendered on the server: an axis with values, the first and last step
//! named, a value on hover and focus, and the same numbers as a table. The arrow keys move between
//! bars by `console.js`.

use super::components::Table;
use crate::phrases::{Phrase, UiLanguage};
use belfry_locales::{Counted, phrases::console_layout as phrases};
use belfry_web::html::{IntoMarkup, Markup};
use leptos::prelude::*;

/// One step of the time axis.
pub(crate) struct ChartPoint {
    /// In full: "12 November 2026".
    pub(crate) name: String,
    /// Under the axis: "12 Nov".
    pub(crate) short: String,
    pub(crate) value: u64,
}

/// Most lines of the value axis above zero.
const MAX_TICKS: u64 = 4;

/// The values of the axis from zero to the first round one that is not below `greatest`: 0, 5, 10,
/// 15.
fn ticks(greatest: u64) -> Vec<u64> {
    let greatest = greatest.max(1);
    let mut unit = 1_u64;
    let step = loop {
        let fits = [1, 2, 5]
            .map(|factor| unit.saturating_mul(factor))
            .into_iter()
            .find(|step| greatest.div_ceil(*step) <= MAX_TICKS);
        match fits {
            Some(step) => break step,
            None => unit = unit.saturating_mul(10),
        }
    };
    (0..=greatest.div_ceil(step)).map(|count| count.saturating_mul(step)).collect()
}

/// The height of a bar in thousandths of the axis; what is not zero can be seen.
fn height(value: u64, top: u64) -> u64 {
    let thousandths = u128::from(value) * 1_000 / u128::from(top.max(1));
    u64::try_from(thousandths).unwrap_or(1_000).clamp(if value > 0 { 8 } else { 0 }, 1_000)
}

/// Values in a row. `unit` is the name of a step: day or hour.
#[component]
pub(crate) fn Chart(
    lang: UiLanguage,
    #[prop(into)] label: String,
    unit: Phrase,
    points: Vec<ChartPoint>,
) -> impl IntoView {
    let ticks = ticks(points.iter().map(|point| point.value).max().unwrap_or(0));
    let top = ticks.last().copied().unwrap_or(1);
    let count = ticks.len().saturating_sub(1).max(1);
    let lines: Vec<_> =
        (0..=count).map(|line| format!("M0 {}H100", line * 1_000 / count)).collect();
    let lines = lines.concat();
    let scale = ticks
        .iter()
        .rev()
        .map(|tick| view! { <span>{grouped(*tick)}</span> }.into_markup())
        .collect::<Vec<_>>();
    let ends = points.first().zip(points.last()).map(|(first, last)| {
        view! { <p class="ends" aria-hidden="true"><span>{first.short.clone()}</span><span>{last.short.clone()}</span></p> }.into_markup()
    });
    let rows =
        points.iter().map(|point| view! { <tr><td>{point.name.clone()}</td><td class="number">{grouped(point.value)}</td></tr> }.into_markup());
    let rows = rows.collect::<Vec<_>>();
    let bars = points
        .iter()
        .enumerate()
        .map(|(index, point)| bar(point, top, index, points.len()))
        .collect::<Vec<_>>();
    view! {
        <figure class="chart">
            <figcaption>{label.clone()}</figcaption>
            <div class="plot">
                <div class="scale" aria-hidden="true">{scale}</div>
                <div class="area">
                    <svg class="grid" viewBox="0 0 100 1000" preserveAspectRatio="none" aria-hidden="true"><path d=lines></path></svg>
                    <ol class="bars" aria-label=label.clone() data-bars="1">{bars}</ol>
                </div>
                {ends}
            </div>
            <details class="as-table">
                <summary>{phrases::AS_TABLE.t(lang)}</summary>
                <Table caption=label columns=vec![unit.t(lang), phrases::COUNT.t(lang)]>{rows}</Table>
            </details>
        </figure>
    }
}

fn bar(point: &ChartPoint, top: u64, index: usize, count: usize) -> Markup {
    let value = grouped(point.value);
    let text = format!("{}: {value}", point.name);
    // Its text is shown towards the middle.
    let late = (index * 2 >= count).then_some("late");
    let tab = if index == 0 { "0" } else { "-1" };
    view! {
        <li class=late tabindex=tab aria-label=text>
            <svg viewBox="0 0 10 1000" preserveAspectRatio="none" aria-hidden="true">
                <path d=format!("M1.500 1000v-{}h7V1000z", height(point.value, top))></path>
            </svg>
            <span class="tip" aria-hidden="true"><b>{value}</b> " " {point.name.clone()}</span>
        </li>
    }
    .into_markup()
}

/// A number as [`grouped`], for phrases with plural forms.
pub(crate) fn grouped_count(number: u64) -> Counted {
    Counted::new(number, grouped(number))
}

/// A number with narrow spaces that do not break between its thousands.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + 4);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) && digits.len() > 4 {
            out.push('\u{202f}');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn axis_has_few_round_values_up_to_the_greatest() {
        for (greatest, expected) in [
            (0, vec![0, 1]),
            (1, vec![0, 1]),
            (4, vec![0, 1, 2, 3, 4]),
            (5, vec![0, 2, 4, 6]),
            (17, vec![0, 5, 10, 15, 20]),
            (1_000, vec![0, 500, 1_000]),
            (12_345, vec![0, 5_000, 10_000, 15_000]),
        ] {
            assert_eq!(ticks(greatest), expected, "{greatest}");
        }
        assert!(ticks(u64::MAX).len() <= 5);
    }

    #[test]
    fn bars_are_as_high_as_their_values() {
        assert_eq!(
            [height(0, 20), height(10, 20), height(20, 20), height(1, 1_000_000), height(0, 0)],
            [0, 500, 1_000, 8, 0]
        );
    }

    #[test]
    fn numbers_are_read_as_a_table_and_on_each_bar() {
        let point =
            |name: &str, value| ChartPoint { name: name.to_owned(), short: name.to_owned(), value };
        let (label, unit) = ("Messages per day", belfry_locales::phrases::console_messages::DAY);
        let points = vec![point("12 November 2026", 3), point("<b>", 12_000)];
        let html =
            view! { <Chart lang=UiLanguage::from_tag("uk") label=label unit=unit points=points/> }
                .into_markup()
                .to_html();
        for part in [
            "aria-label=\"12 November 2026: 3\"",
            "12\u{202f}000</td>",
            "День",
            "Показати таблицею",
            "<span>15\u{202f}000</span>",
            "&lt;b&gt;",
        ] {
            assert!(html.contains(part), "{part} in {html}");
        }
        assert_eq!(html.matches("tabindex=\"-1\"").count(), 1, "{html}");
    }
}
