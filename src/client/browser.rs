//! The browser's half of the islands: user actions, the event stream and the counts.
//!
//! [`http`] is the only module that sends requests. The document's state is the DOM and one
//! [`OptimisticCounts`] of counts.

mod action_queue;
mod actions;
mod arrivals;
mod dom;
mod event_stream;
mod http;
mod list;
mod paging;
mod session_renewal;
mod texts;
mod undo;

use super::{BellState, optimistic_counts::OptimisticCounts};
use leptos::prelude::{ArcRwSignal, Set};
use std::cell::RefCell;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;

struct State {
    ledger: OptimisticCounts,
    shown: ArcRwSignal<BellState>,
    /// The counts published last (unread, unseen).
    told: (u32, u32),
}

impl State {
    fn new() -> Self {
        let whole = |name| i32::try_from(dom::number(name)).unwrap_or_default();
        let ledger =
            OptimisticCounts::new(dom::number("version"), whole("unread"), whole("unseen"));
        let told = ledger.shown();
        Self { ledger, shown: ArcRwSignal::new(bell_props(told)), told }
    }
}

thread_local! {
    static STATE: RefCell<State> = RefCell::new(State::new());
}

fn bell_props((unread, unseen): (u32, u32)) -> BellState {
    BellState::new(unread, unseen, texts::bell_name(unread))
}

/// The values that the bell displays.
pub(super) fn displayed_bell() -> ArcRwSignal<BellState> {
    STATE.with_borrow(|state| state.shown.clone())
}

/// Registers all listeners. Called once for a document.
pub(super) fn start() {
    actions::listen();
    arrivals::listen();
    paging::listen();
    session_renewal::listen();
    event_stream::start();
    // The panel opens without the islands and may be open already.
    if actions::is_open() {
        actions::mark_seen();
    }
    dom::set_attribute("awake", "");
}

/// The displayed counts: unread, and of these unseen.
fn displayed_counts() -> (u32, u32) {
    STATE.with_borrow(|state| state.ledger.shown())
}

/// Changes the counts. They are displayed and published once per task, after all changes of that
/// task.
fn update_counts<T>(change: impl FnOnce(&mut OptimisticCounts) -> T) -> T {
    publish_counts_soon();
    STATE.with_borrow_mut(|state| change(&mut state.ledger))
}

fn publish_counts_soon() {
    spawn_local(async { publish_counts() });
}

fn publish_counts() {
    let news = STATE.with_borrow_mut(|state| {
        let counts = state.ledger.shown();
        (std::mem::replace(&mut state.told, counts) != counts)
            .then(|| (counts, state.shown.clone()))
    });
    let Some(((unread, unseen), shown)) = news else { return };
    shown.set(bell_props((unread, unseen)));
    dom::set_attribute("unread", &unread.to_string());
    dom::set_attribute("unseen", &unseen.to_string());
    list::set_all_read_enabled(unread > 0);
    dom::post_to_host(
        "unread",
        &[("unread", JsValue::from(unread)), ("unseen", JsValue::from(unseen))],
    );
}

/// Stores the counts of a response, if it has any.
fn take_counts(answer: &JsValue) {
    if let Some((version, unread, unseen)) = http::counts(answer) {
        update_counts(|ledger| ledger.take(version, unread, unseen));
    }
}
