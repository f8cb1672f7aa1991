//! The displayed counts: on the bell, in the attributes of the document, and on the site's page.
//! Must not depend on the parts that change them.

use super::{dom, json, list, script_events, state::state, texts};
use crate::{BellState, optimistic_counts::OptimisticCounts};
use leptos::prelude::{ArcRwSignal, Set};
use std::cell::RefMut;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;

/// The values that the bell displays.
pub(super) fn bell() -> ArcRwSignal<BellState> {
    let counts = &state().counts;
    counts.bell.get_or_init(|| ArcRwSignal::new(bell_state(counts.published.get()))).clone()
}

fn bell_state((unread, unseen): (u32, u32)) -> BellState {
    BellState::new(unread, unseen, texts::bell_name(unread))
}

/// The displayed counts: unread, and of these unseen.
pub(super) fn displayed() -> (u32, u32) {
    ledger().shown()
}

fn ledger() -> RefMut<'static, OptimisticCounts> {
    state().counts.ledger.borrow_mut()
}

/// Changes the counts. They are displayed and published once per task, after all changes of that
/// task.
pub(super) fn update<T>(change: impl FnOnce(&mut OptimisticCounts) -> T) -> T {
    publish_soon();
    change(&mut ledger())
}

/// Stores the counts of a response, if it has any.
pub(super) fn take(answer: &JsValue) {
    let count = |name| json::count(answer, name);
    if let (Some(unread), Some(unseen)) = (count("unread"), count("unseen")) {
        update(|ledger| ledger.take(json::version(answer), unread, unseen));
    }
}

fn publish_soon() {
    spawn_local(async { publish() });
}

fn publish() {
    let counts = displayed();
    if state().counts.published.replace(counts) == counts {
        return;
    }
    if let Some(bell) = state().counts.bell.get() {
        bell.set(bell_state(counts));
    }
    let (unread, unseen) = counts;
    dom::set_attribute("unread", &unread.to_string());
    dom::set_attribute("unseen", &unseen.to_string());
    list::set_all_read_enabled(unread > 0);
    script_events::post_to_host(
        "unread",
        &[("unread", JsValue::from(unread)), ("unseen", JsValue::from(unseen))],
    );
}
