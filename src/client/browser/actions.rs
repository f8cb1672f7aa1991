//! The reader's actions. Each takes effect in the list at once, is sent to the server, and is
//! reverted with a notice when the server rejects it. Must not depend on the event stream.

use super::{action_queue, arrivals, counts, cursor, dom, json, list, paging, undo};
use crate::optimistic_counts::ActionKind;
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, SubmitEvent};

/// Registers the handlers for events that bubble up to the panel.
pub(super) fn listen() {
    let Some(panel) = dom::by_id("panel") else { return };
    dom::listen(&panel, "click", on_click);
    // The middle button opens a link in another tab, which browsers do not report as a click.
    dom::listen(&panel, "auxclick", |event| {
        if json::number(event, "button") == 1
            && dom::closest(event, "a[href]").is_some()
            && let Some(item) = dom::closest(event, ".item")
        {
            apply_action(ActionKind::Clicked, &item);
        }
    });
    dom::listen(&panel, "submit", on_submit);
}

/// The bound of "mark all as read": the newest position that this document knows. Messages that
/// arrive while the request is on its way stay unread.
fn mark_until() -> String {
    match cursor::newest_position() {
        0 => "true".to_owned(),
        position => position.to_string(),
    }
}

/// Marks everything displayed as seen, if the list is visible.
pub(super) fn mark_seen() {
    if list::is_visible() && counts::displayed().1 > 0 && !dom::is_hidden() {
        action_queue::send(ActionKind::Seen, "", mark_until(), 0, || {});
    }
}

fn on_click(event: &Event) {
    if let Some(filter) = dom::closest(event, ".filters a") {
        event.prevent_default();
        undo::dismiss();
        paging::select_filter(&filter);
    } else if dom::closest(event, "#older").is_some() {
        event.prevent_default();
        paging::load_older();
    } else if let Some(item) = dom::closest(event, ".item") {
        if dom::closest(event, "a[href]").is_some() {
            apply_action(ActionKind::Clicked, &item);
        } else if dom::closest(event, "form").is_none() {
            // A form's button is handled when the form is submitted.
            apply_action(ActionKind::Read, &item);
        }
    }
}

fn on_submit(event: &Event) {
    if dom::closest(event, "#undo, .item, [data-all]").is_none() {
        return;
    }
    event.prevent_default();
    let button = event.dyn_ref::<SubmitEvent>().and_then(SubmitEvent::submitter);
    let verb = button
        .and_then(|button| button.get_attribute("value"))
        .and_then(|word| ActionKind::of(&word));
    if dom::closest(event, "#undo").is_some() {
        undo::undo_last();
    } else if let (Some(verb), Some(item)) = (verb, dom::closest(event, ".item")) {
        apply_action(verb, &item);
    } else if dom::closest(event, "[data-all]").is_some() {
        mark_all_read();
    }
}

/// Applies an action to one message.
fn apply_action(verb: ActionKind, item: &Element) {
    let id = list::id(item);
    let unread = list::is_unread(item);
    let item = item.clone();
    match verb {
        ActionKind::Read | ActionKind::Clicked | ActionKind::Unread => {
            let becomes = verb == ActionKind::Unread;
            if unread == becomes && verb != ActionKind::Clicked {
                return;
            }
            list::set_unread(&item, becomes);
            let about = if verb == ActionKind::Clicked {
                action_queue::id_body(&id)
            } else {
                action_queue::ids_body(&id)
            };
            // Archived messages are not part of the counts.
            let change =
                if list::is_archive() { 0 } else { i32::from(becomes) - i32::from(unread) };
            action_queue::send(verb, &id, about, change, move || list::set_unread(&item, unread));
        }
        ActionKind::Archive | ActionKind::Delete | ActionKind::Restore => {
            let filter = list::filter();
            list::remove(&item);
            paging::load_if_exhausted();
            let change = match verb {
                ActionKind::Restore => i32::from(unread),
                _ if list::is_archive() => 0,
                _ => -i32::from(unread),
            };
            if verb != ActionKind::Restore {
                undo::offer(verb, vec![item.clone()], -change);
            }
            action_queue::send(verb, &id, action_queue::ids_body(&id), change, move || {
                undo::dismiss();
                if list::filter() == filter {
                    list::insert(&item);
                }
            });
        }
        ActionKind::Seen | ActionKind::Undelete | ActionKind::AllRead | ActionKind::UndoAllRead => {
        }
    }
}

fn mark_all_read() {
    arrivals::insert_waiting();
    let items = list::mark_all_read();
    undo::offer(ActionKind::AllRead, items.clone(), counts::displayed().0.cast_signed());
    action_queue::send(ActionKind::AllRead, "", mark_until(), 0, move || {
        undo::dismiss();
        list::set_all_unread(&items, true);
    });
}
