//! Undo for the last action that removed messages from the list: a line with a button, shown for a
//! few seconds.

use super::{action_queue, dom, list, texts};
use crate::optimistic_counts::ActionKind;
use std::cell::{Cell, RefCell};
use web_sys::Element;

/// How long the offer is shown, in milliseconds; longer while the reader points at it or has
/// focused it.
const OFFER_MS: i32 = 8_000;

struct Offer {
    verb: ActionKind,
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
pub(super) fn offer(verb: ActionKind, items: Vec<Element>, unread: i32) {
    OFFER.set(Some(Offer { verb, items, unread }));
    NUMBER.set(NUMBER.get() + 1);
    dom::set_text("undo", ".said", &texts::text(verb.word()));
    dom::set_visible("undo", true);
    expire_later(NUMBER.get());
}

fn expire_later(number: u32) {
    dom::set_timeout(OFFER_MS, move || {
        if NUMBER.get() != number {
        } else if dom::all("#undo:hover, #undo:focus-within").is_empty() {
            dismiss();
        } else {
            expire_later(number);
        }
    });
}

/// Hides the offer.
pub(super) fn dismiss() {
    OFFER.set(None);
    dom::set_visible("undo", false);
}

/// Undoes the offered action.
pub(super) fn undo_last() {
    let Some(Offer { verb, items, unread }) = OFFER.take() else { return };
    dismiss();
    if verb == ActionKind::AllRead {
        list::set_all_unread(&items, true);
        action_queue::send(ActionKind::UndoAllRead, "", String::new(), unread, move || {
            list::set_all_unread(&items, false);
        });
        return;
    }
    for item in items {
        let id = list::id(&item);
        list::insert(&item);
        dom::dispatch("belfry:returned", &item);
        action_queue::send(
            if verb == ActionKind::Delete { ActionKind::Undelete } else { ActionKind::Restore },
            &id,
            action_queue::ids_body(&id),
            unread,
            move || list::remove(&item),
        );
    }
}
