//! The browser's half of the islands: user actions, the event stream and the counts.
//!
//! [`net`] is the only module that sends requests. The document's state is the DOM and one
//! [`Ledger`] of counts.

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

use super::{Opening, optimistic_counts::Ledger};
use leptos::prelude::{ArcRwSignal, Set};
use std::cell::RefCell;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;

struct State {
    ledger: Ledger,
    shown: ArcRwSignal<Opening>,
    /// The counts published last (unread, unseen).
    told: (u32, u32),
}

impl State {
    fn new() -> Self {
        let whole = |name| i32::try_from(dom::number(name)).unwrap_or_default();
        let ledger = Ledger::new(dom::number("version"), whole("unread"), whole("unseen"));
        let told = ledger.shown();
        Self { ledger, shown: ArcRwSignal::new(opening(told)), told }
    }
}

thread_local! {
    static STATE: RefCell<State> = RefCell::new(State::new());
}

fn opening((unread, unseen): (u32, u32)) -> Opening {
    Opening::new(unread, unseen, texts::bell_name(unread))
}

/// The values that the bell displays.
pub(super) fn shown() -> ArcRwSignal<Opening> {
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
        actions::seen();
    }
    dom::set_attribute("awake", "");
}

/// The displayed counts: unread, and of these unseen.
fn shown_counts() -> (u32, u32) {
    STATE.with_borrow(|state| state.ledger.shown())
}

/// Changes the counts. They are displayed and published once per task, after all changes of that
/// task.
fn count<T>(change: impl FnOnce(&mut Ledger) -> T) -> T {
    tell_soon();
    STATE.with_borrow_mut(|state| change(&mut state.ledger))
}

fn tell_soon() {
    spawn_local(async { tell() });
}

fn tell() {
    let news = STATE.with_borrow_mut(|state| {
        let counts = state.ledger.shown();
        (std::mem::replace(&mut state.told, counts) != counts).then(|| (counts, state.shown.clone()))
    });
    let Some(((unread, unseen), shown)) = news else { return };
    shown.set(opening((unread, unseen)));
    dom::set_attribute("unread", &unread.to_string());
    dom::set_attribute("unseen", &unseen.to_string());
    list::allow_all_read(unread > 0);
    dom::say("unread", &[("unread", JsValue::from(unread)), ("unseen", JsValue::from(unseen))]);
}

/// Stores the counts of a response, if it has any.
fn take(answer: &JsValue) {
    if let Some((version, unread, unseen)) = http::counts(answer) {
        count(|ledger| ledger.take(version, unread, unseen));
    }
}
