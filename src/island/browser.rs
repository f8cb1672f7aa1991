//! The browser's half of the islands: what a click does, and what arrives by itself.
//!
//! [`net`] is the only module that talks to the network. The document's state is the DOM and one [`Ledger`] of counts.

mod actions;
mod arrivals;
mod dom;
mod list;
mod live;
mod net;
mod outbox;
mod pages;
mod renewal;
mod texts;
mod undo;

use super::{Opening, ledger::Ledger};
use leptos::prelude::{ArcRwSignal, Set};
use std::cell::RefCell;
use wasm_bindgen::JsValue;

struct State {
    ledger: Ledger,
    shown: ArcRwSignal<Opening>,
}

impl State {
    fn new() -> Self {
        let whole = |name| i32::try_from(dom::number(name)).unwrap_or_default();
        let ledger = Ledger::new(dom::number("version"), whole("unread"), whole("unseen"));
        let shown = ArcRwSignal::new(opening(ledger.shown()));
        Self { ledger, shown }
    }
}

thread_local! {
    static STATE: RefCell<State> = RefCell::new(State::new());
}

fn opening((unread, unseen): (u32, u32)) -> Opening {
    Opening::new(unread, unseen, texts::bell_name(unread))
}

/// What the bell shows.
pub(super) fn shown() -> ArcRwSignal<Opening> {
    STATE.with_borrow(|state| state.shown.clone())
}

/// Begins to listen, once for a document.
pub(super) fn start() {
    actions::listen();
    arrivals::listen();
    pages::listen();
    renewal::listen();
    live::start();
    // The panel opens without us, and may have before we woke.
    if actions::is_open() {
        actions::seen();
    }
    dom::set_attribute("awake", "");
}

/// The counts that are shown: unread, and of these unseen.
fn shown_counts() -> (u32, u32) {
    STATE.with_borrow(|state| state.ledger.shown())
}

/// Changes the counts, and shows and tells what they are now.
fn count<T>(change: impl FnOnce(&mut Ledger) -> T) -> T {
    let (result, before, after, shown) = STATE.with_borrow_mut(|state| {
        let before = state.ledger.shown();
        let result = change(&mut state.ledger);
        (result, before, state.ledger.shown(), state.shown.clone())
    });
    if before != after {
        tell(after, &shown);
    }
    result
}

fn tell((unread, unseen): (u32, u32), shown: &ArcRwSignal<Opening>) {
    shown.set(opening((unread, unseen)));
    dom::set_attribute("unread", &unread.to_string());
    dom::set_attribute("unseen", &unseen.to_string());
    list::allow_all_read(unread > 0);
    dom::say("unread", &[("unread", JsValue::from(unread)), ("unseen", JsValue::from(unseen))]);
}

/// Takes the counts of an answer.
fn take(answer: &JsValue) {
    take_after(answer, |_| {});
}

/// Takes the counts of an answer that changes the ledger otherwise, too: nothing is shown in between.
fn take_after(answer: &JsValue, change: impl FnOnce(&mut Ledger)) {
    count(|ledger| {
        change(ledger);
        if let Some((version, unread, unseen)) = net::counts(answer) {
            ledger.take(version, unread, unseen);
        }
    });
}
