//! Undo for the last action that removed messages from the list: a line with a button, shown for a
//! few seconds. Must not depend on the parts that offer it.

use super::{
    action_queue, dom, list, script_events,
    state::{UndoOffer, state},
    texts,
};
use crate::optimistic_counts::ActionKind;
use web_sys::Element;

/// How long the offer is shown, in milliseconds; longer while the reader points at it or has
/// focused it.
const OFFER_MS: i32 = 8_000;

/// Offers to undo an action on these items, which removed `unread` messages from the count.
pub(super) fn offer(verb: ActionKind, items: Vec<Element>, unread: i32) {
    let number = state().undo.number.get() + 1;
    state().undo.number.set(number);
    state().undo.offer.set(Some(UndoOffer { verb, items, unread }));
    dom::set_text("undo", ".said", &texts::text(verb.word()));
    dom::set_visible("undo", true);
    expire_later(number);
}

fn expire_later(number: u32) {
    dom::set_timeout(OFFER_MS, move || {
        if state().undo.number.get() != number {
        } else if dom::all("#undo:hover, #undo:focus-within").is_empty() {
            dismiss();
        } else {
            expire_later(number);
        }
    });
}

/// Hides the offer.
pub(super) fn dismiss() {
    state().undo.offer.take();
    dom::set_visible("undo", false);
}

/// Undoes the offered action.
pub(super) fn undo_last() {
    let Some(UndoOffer { verb, items, unread }) = state().undo.offer.take() else { return };
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
        script_events::report_returned(&item);
        action_queue::send(
            if verb == ActionKind::Delete { ActionKind::Undelete } else { ActionKind::Restore },
            &id,
            action_queue::ids_body(&id),
            unread,
            move || list::remove(&item),
        );
    }
}
