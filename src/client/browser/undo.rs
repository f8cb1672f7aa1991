//! Undo for the last action that removed messages from the list: a line with a button, shown for a
//! few seconds.

use super::{action_queue, dom, list, texts};
use crate::client::optimistic_counts::Verb;
use std::cell::{Cell, RefCell};
use web_sys::Element;

/// How long the offer is shown, in milliseconds; longer while the reader points at it or has
/// focused it.
const LASTS: i32 = 8_000;

struct Offer {
    verb: Verb,
    items: Vec<Element>,
    /// How many unread messages the action removed from the count.
    unread: i32,
}

thread_local! {
    static OFFER: RefCell<Option<Offer>> = const { RefCell::new(None) };
    /// Number of the current offer, so that the timer of an earlier one does not end this one.
    static NUMBER: Cell<u32> = const { Cell::new(0) };
}

/// Offers to undo an action on these items, which removed `unread` messages from the count.
pub(super) fn offer(verb: Verb, items: Vec<Element>, unread: i32) {
    OFFER.set(Some(Offer { verb, items, unread }));
    NUMBER.set(NUMBER.get() + 1);
    dom::write("undo", ".said", &texts::text(verb.word()));
    dom::show("undo", true);
    end_later(NUMBER.get());
}

fn end_later(number: u32) {
    dom::later(LASTS, move || {
        if NUMBER.get() != number {
        } else if dom::all("#undo:hover, #undo:focus-within").is_empty() {
            end();
        } else {
            end_later(number);
        }
    });
}

/// Hides the offer.
pub(super) fn end() {
    OFFER.set(None);
    dom::show("undo", false);
}

/// Undoes the offered action.
pub(super) fn run() {
    let Some(Offer { verb, items, unread }) = OFFER.take() else { return };
    end();
    if verb == Verb::AllRead {
        list::set_all_unread(&items, true);
        action_queue::send(Verb::UndoAllRead, "", String::new(), unread, move || list::set_all_unread(&items, false));
        return;
    }
    for item in items {
        let id = list::id(&item);
        list::place(&item);
        dom::tell("belfry:returned", &item);
        action_queue::send(if verb == Verb::Delete { Verb::Undelete } else { Verb::Restore }, &id, action_queue::ids(&id), unread, move || {
            list::remove(&item)
        });
    }
}
