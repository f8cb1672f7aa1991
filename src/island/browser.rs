//! The browser's half of the islands: what a click does, and what arrives by itself.
//!
//! [`net`] is the only module that talks to the network. The document's state is the DOM and one [`Ledger`] of counts.

mod actions;
mod dom;
mod list;
mod live;
mod net;
mod renewal;
mod texts;

use super::{Opening, bell::Shown, ledger::Ledger};
use leptos::prelude::{Set, Update};
use std::cell::RefCell;
use wasm_bindgen::JsValue;

struct State {
    ledger: Ledger,
    shown: Shown,
}

impl State {
    fn new() -> Self {
        let number = |name: &str| dom::attribute(name).and_then(|text| text.parse().ok()).unwrap_or_default();
        let ledger = Ledger {
            version: dom::attribute("version").and_then(|text| text.parse().ok()).unwrap_or_default(),
            unread: number("unread"),
            unseen: number("unseen"),
        };
        let opening = Opening::new(ledger.unread, ledger.unseen, texts::bell_name(ledger.unread));
        Self { ledger, shown: Shown::new(opening) }
    }
}

thread_local! {
    static STATE: RefCell<State> = RefCell::new(State::new());
}

/// The signals of the bell.
pub(super) fn shown() -> Shown {
    STATE.with_borrow(|state| state.shown.clone())
}

/// Begins to listen, once for a document.
pub(super) fn start() {
    actions::listen();
    renewal::listen();
    live::start();
    dom::set_attribute("awake", "");
}

fn ledger() -> Ledger {
    STATE.with_borrow(|state| state.ledger)
}

/// Changes the counts, and shows and tells what they are now.
fn count<Outcome>(change: impl FnOnce(&mut Ledger) -> Outcome) -> Outcome {
    let (outcome, before, after, shown) = STATE.with_borrow_mut(|state| {
        let before = state.ledger;
        let outcome = change(&mut state.ledger);
        (outcome, before, state.ledger, state.shown.clone())
    });
    if (before.unread, before.unseen) != (after.unread, after.unseen) {
        shown.unseen.set(after.unseen);
        shown.name.update(|name| *name = texts::bell_name(after.unread));
        dom::set_attribute("unread", &after.unread.to_string());
        dom::set_attribute("unseen", &after.unseen.to_string());
        list::allow_all_read(after.unread > 0);
        dom::say("unread", &[("unread", JsValue::from(after.unread)), ("unseen", JsValue::from(after.unseen))]);
    }
    outcome
}
