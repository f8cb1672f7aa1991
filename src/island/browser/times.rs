//! How long ago a message came. The server wrote it; from then on it is kept true here, once in a minute for the first week.
//! After that it is a date and stays so.

use super::{dom, texts};
use js_sys::Date;
use wasm_bindgen::JsCast;
use web_sys::Element;

const MINUTE: i32 = 60;
const HOUR: i32 = 60 * MINUTE;
const DAY: i32 = 24 * HOUR;

/// Begins to count. The reader's clock may be wrong, so that only its difference from the server's is used.
pub(super) fn start() {
    #[expect(clippy::cast_precision_loss, reason = "milliseconds stay below 2^53")]
    turn(Date::now() - dom::number("now") as f64);
}

fn turn(ahead: f64) {
    dom::later(MINUTE * 1_000, move || {
        refresh(Date::now() - ahead);
        turn(ahead);
    });
}

fn refresh(now: f64) {
    let Some(times) = dom::by_id("list").and_then(|list| list.query_selector_all("time").ok()) else { return };
    for index in 0..times.length() {
        let Some(time) = times.get(index).and_then(|node| node.dyn_into::<Element>().ok()) else { continue };
        let then = Date::parse(&time.get_attribute("datetime").unwrap_or_default());
        #[expect(clippy::cast_possible_truncation, reason = "a difference that is too large becomes the largest, which is a date and stays")]
        if let Some(text) = relative(((now - then) / 1_000.) as i32) {
            time.set_text_content(Some(&text));
        }
    }
}

/// The server's words, for as long as they name a distance.
fn relative(seconds: i32) -> Option<String> {
    let count = |key: &str, number: i32| texts::fill(&texts::text(key), "{count}", &number.to_string());
    Some(match seconds {
        ..MINUTE => texts::text("just_now"),
        MINUTE..HOUR => count("minutes", seconds / MINUTE),
        HOUR..DAY => count("hours", seconds / HOUR),
        _ if seconds < 2 * DAY => texts::text("yesterday"),
        _ if seconds < 7 * DAY => count("days", seconds / DAY),
        _ => return None,
    })
}
