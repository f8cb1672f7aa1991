//! Small charts, drawn on the server, with the numbers as text for who can't see them.

use leptos::prelude::*;
use std::fmt::Write as _;

/// Values in a row, each with its name (a day, say).
#[component]
#[expect(clippy::cast_precision_loss, reason = "pixels need no more than a float has")]
pub(in crate::console) fn Chart(#[prop(into)] label: String, values: Vec<(String, u64)>) -> impl IntoView {
    const WIDE: f64 = 640.0;
    const HIGH: f64 = 120.0;
    let greatest = values.iter().map(|(_, value)| *value).max().unwrap_or(0).max(1) as f64;
    let step = WIDE / values.len().max(1) as f64;
    let mut path = String::new();
    for (index, (_, value)) in values.iter().enumerate() {
        let height = *value as f64 / greatest * (HIGH - 4.0);
        let (left, top) = (index as f64 * step, HIGH - height);
        if *value > 0 {
            let _ = write!(path, "M{:.1} {HIGH:.0}V{top:.1}h{:.1}V{HIGH:.0}z", left + step * 0.15, step * 0.7);
        }
    }
    let ends = values.first().zip(values.last()).map(|(first, last)| (first.0.clone(), last.0.clone()));
    view! {
        <figure class="chart">
            <figcaption>{label.clone()}</figcaption>
            <svg viewBox="0 0 640 121" preserveAspectRatio="none" role="img" aria-label=label>
                <path class="ground" d="M0 120.500H640"></path>
                <path class="bars" d=path></path>
            </svg>
            {ends.map(|(first, last)| view! { <p class="ends" aria-hidden="true"><span>{first}</span><span>{last}</span></p> })}
            <ul class="unseen">
                {values.into_iter().map(|(name, value)| view! { <li>{format!("{name}: {value}")}</li> }).collect_view()}
            </ul>
        </figure>
    }
}
