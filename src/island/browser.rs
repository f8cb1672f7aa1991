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
mod times;

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
        let ledger = Ledger { version: dom::number("version"), unread: whole(dom::number("unread")), unseen: whole(dom::number("unseen")) };
        Self { ledger, shown: ArcRwSignal::new(opening(ledger)) }
    }
}

thread_local! {
    static STATE: RefCell<State> = RefCell::new(State::new());
}

fn opening(ledger: Ledger) -> Opening {
    Opening::new(ledger.unread, ledger.unseen, texts::bell_name(ledger.unread))
}

fn whole(number: i64) -> u32 {
    u32::try_from(number).unwrap_or_default()
}

/// What the bell shows.
pub(super) fn shown() -> ArcRwSignal<Opening> {
    STATE.with_borrow(|state| state.shown.clone())
}

/// Begins to listen, once for a document.
pub(super) fn start() {
    actions::listen();
    renewal::listen();
    live::start();
    times::start();
    // The panel opens without us, and may have before we woke.
    if actions::is_open() {
        actions::seen();
    }
    dom::set_attribute("awake", "");
}

fn ledger() -> Ledger {
    STATE.with_borrow(|state| state.ledger)
}

/// Changes the counts, and shows and tells what they are now.
fn count(change: &dyn Fn(&mut Ledger)) {
    let (before, after, shown) = STATE.with_borrow_mut(|state| {
        let before = state.ledger;
        change(&mut state.ledger);
        (before, state.ledger, state.shown.clone())
    });
    if (before.unread, before.unseen) != (after.unread, after.unseen) {
        shown.set(opening(after));
        dom::set_attribute("unread", &after.unread.to_string());
        dom::set_attribute("unseen", &after.unseen.to_string());
        list::allow_all_read(after.unread > 0);
        dom::say("unread", &[("unread", JsValue::from(after.unread)), ("unseen", JsValue::from(after.unseen))]);
    }
}

/// Takes the counts of an answer.
fn take(answer: &JsValue) {
    if let Some((version, unread, unseen)) = net::counts(answer) {
        count(&|ledger| ledger.take(version, unread, unseen));
    }
}
