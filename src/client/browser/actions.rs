//! The reader's actions. Each takes effect in the list at once, is sent to the server, and is
//! reverted with a notice when the server refuses it.

use super::{action_queue, arrivals, dom, http, list, paging, undo};
use crate::client::optimistic_counts::Verb;
use std::cell::Cell;
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, SubmitEvent};

thread_local! {
    /// The newest position that this document has displayed or has waiting.
    static NEWEST: Cell<i64> = const { Cell::new(0) };
}

/// Registers the handlers for events that bubble up to the panel.
pub(super) fn listen() {
    let (Some(document), Some(panel)) = (dom::document(), dom::by_id("panel")) else { return };
    know_list();
    dom::listen(&document, "belfry:opened", |_| {
        seen();
        action_queue::flush();
    });
    dom::listen(&document, "visibilitychange", |_| seen());
    // The reader changed which categories to see.
    dom::listen(&document, "belfry:chosen", |_| paging::resync());
    dom::listen(&document, "belfry:closed", |_| arrivals::admit());
    dom::listen(&panel, "click", |event| clicked(&event));
    // The middle button opens a link in another tab, which browsers do not report as a click.
    dom::listen(&panel, "auxclick", |event| {
        if http::number(&event, "button") == 1
            && dom::around(&event, "a[href]").is_some()
            && let Some(item) = dom::around(&event, ".item")
        {
            mark(Verb::Clicked, &item);
        }
    });
    dom::listen(&panel, "submit", |event| submitted(&event));
}

/// Whether the list is visible: the panel is open, and no other tab covers the list.
pub(super) fn is_open() -> bool {
    dom::attribute("open").is_some() && dom::attribute("tab").is_none()
}

/// Records that this document has the message at this position.
pub(super) fn know(position: i64) {
    NEWEST.set(NEWEST.get().max(position));
}

/// Records all positions in the list, if the list begins with the newest message.
pub(super) fn know_list() {
    if list::is_archive() || !dom::all("#panel .newest").is_empty() {
        return;
    }
    for item in dom::all("#list .item") {
        know(list::position(&item));
    }
}

/// The bound of "mark all as read": the newest position that this document knows. Messages that
/// arrive while the request is on its way stay unread.
fn until() -> String {
    match NEWEST.get() {
        0 => "true".to_owned(),
        position => position.to_string(),
    }
}

/// Whether this document had a message at this position before.
pub(super) fn is_known(position: i64) -> bool {
    position <= NEWEST.get()
}

/// Marks everything displayed as seen, if the list is visible.
pub(super) fn seen() {
    if is_open() && super::shown_counts().1 > 0 && !dom::is_hidden() {
        action_queue::send(Verb::Seen, "", until(), 0, || {});
    }
}

fn clicked(event: &Event) {
    if let Some(filter) = dom::around(event, ".filters a") {
        event.prevent_default();
        paging::choose(&filter);
    } else if dom::around(event, "#older").is_some() {
        event.prevent_default();
        paging::older();
    } else if let Some(item) = dom::around(event, ".item") {
        if dom::around(event, "a[href]").is_some() {
            mark(Verb::Clicked, &item);
        } else if dom::around(event, "form").is_none() {
            // A form's button is handled when the form is submitted.
            mark(Verb::Read, &item);
        }
    }
}

fn submitted(event: &Event) {
    if dom::around(event, "#undo, .item, [data-all]").is_none() {
        return;
    }
    event.prevent_default();
    let button = event.dyn_ref::<SubmitEvent>().and_then(SubmitEvent::submitter);
    let verb = button.and_then(|button| button.get_attribute("value")).and_then(|word| Verb::of(&word));
    if dom::around(event, "#undo").is_some() {
        undo::run();
    } else if let (Some(verb), Some(item)) = (verb, dom::around(event, ".item")) {
        mark(verb, &item);
    } else if dom::around(event, "[data-all]").is_some() {
        all_read();
    }
}

/// Applies an action to one message.
fn mark(verb: Verb, item: &Element) {
    let id = list::id(item);
    let unread = list::is_unread(item);
    let item = item.clone();
    match verb {
        Verb::Read | Verb::Clicked | Verb::Unread => {
            let becomes = verb == Verb::Unread;
            if unread == becomes && verb != Verb::Clicked {
                return;
            }
            list::set_unread(&item, becomes);
            let about = if verb == Verb::Clicked { action_queue::one(&id) } else { action_queue::ids(&id) };
            // Archived messages are not part of the counts.
            let change = if list::is_archive() { 0 } else { i32::from(becomes) - i32::from(unread) };
            action_queue::send(verb, &id, about, change, move || list::set_unread(&item, unread));
        }
        Verb::Archive | Verb::Delete | Verb::Restore => {
            let filter = list::filter();
            list::remove(&item);
            paging::fill();
            let change = match verb {
                Verb::Restore => i32::from(unread),
                _ if list::is_archive() => 0,
                _ => -i32::from(unread),
            };
            if verb != Verb::Restore {
                undo::offer(verb, vec![item.clone()], -change);
            }
            action_queue::send(verb, &id, action_queue::ids(&id), change, move || {
                undo::end();
                if list::filter() == filter {
                    list::place(&item);
                }
            });
        }
        Verb::Seen | Verb::Undelete | Verb::AllRead | Verb::UndoAllRead => {}
    }
}

fn all_read() {
    arrivals::admit();
    let items = list::read_all();
    undo::offer(Verb::AllRead, items.clone(), super::shown_counts().0.cast_signed());
    action_queue::send(Verb::AllRead, "", until(), 0, move || {
        undo::end();
        list::set_all_unread(&items, true);
    });
}
