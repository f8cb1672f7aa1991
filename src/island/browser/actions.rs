//! What the reader does: each shows at once, is sent, and is put back with a line when it is refused.

use super::{arrivals, dom, list, net, outbox, pages, undo};
use crate::island::ledger::Verb;
use std::cell::Cell;
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, SubmitEvent};

thread_local! {
    /// Up to which message this document has shown or held everything.
    static NEWEST: Cell<i64> = const { Cell::new(0) };
}

/// Listens to what bubbles up to the panel.
pub(super) fn listen() {
    let (Some(document), Some(panel)) = (dom::document(), dom::by_id("panel")) else { return };
    know_list();
    dom::listen(&document, "belfry:opened", |_| {
        seen();
        outbox::flush();
    });
    dom::listen(&document, "visibilitychange", |_| seen());
    // The reader has chosen anew which messages to see.
    dom::listen(&document, "belfry:chosen", |_| pages::resync());
    dom::listen(&document, "belfry:closed", |_| arrivals::admit());
    dom::listen(&panel, "click", |event| clicked(&event));
    // The middle button follows a link into another tab; that is no click to the browser.
    dom::listen(&panel, "auxclick", |event| {
        if net::number(&event, "button") == 1
            && dom::around(&event, "a[href]").is_some()
            && let Some(item) = dom::around(&event, ".item")
        {
            mark(Verb::Clicked, &item);
        }
    });
    dom::listen(&panel, "submit", |event| submitted(&event));
}

/// Whether the reader looks at the list: the panel is open, and no other tab stands in its place.
pub(super) fn is_open() -> bool {
    dom::attribute("open").is_some() && dom::attribute("tab").is_none()
}

/// Notes that a message of this place is here.
pub(super) fn know(position: i64) {
    NEWEST.set(NEWEST.get().max(position));
}

/// The same for all in the list, where that begins with the newest.
pub(super) fn know_list() {
    if list::is_archive() || !dom::all("#panel .newest").is_empty() {
        return;
    }
    for item in dom::all("#list .item") {
        know(list::position(&item));
    }
}

/// Up to where "all" goes: what this document knows of, and not what comes while the mark is on its way.
fn until() -> String {
    match NEWEST.get() {
        0 => "true".to_owned(),
        position => position.to_string(),
    }
}

/// Whether a message of this place was known before it came.
pub(super) fn is_known(position: i64) -> bool {
    position <= NEWEST.get()
}

/// All that is shown has been seen, if anyone looks.
pub(super) fn seen() {
    if is_open() && super::shown_counts().1 > 0 && !dom::is_hidden() {
        outbox::send(Verb::Seen, "", until(), 0, || {});
    }
}

fn clicked(event: &Event) {
    if let Some(filter) = dom::around(event, ".filters a") {
        event.prevent_default();
        pages::choose(&filter);
    } else if dom::around(event, "#older").is_some() {
        event.prevent_default();
        pages::older();
    } else if let Some(item) = dom::around(event, ".item") {
        if dom::around(event, "a[href]").is_some() {
            mark(Verb::Clicked, &item);
        } else if dom::around(event, "form").is_none() {
            // The button of a form is answered when the form is submitted.
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

/// Does something to one message.
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
            let about = if verb == Verb::Clicked { outbox::one(&id) } else { outbox::ids(&id) };
            // What was put away does not count.
            let change = if list::is_archive() { 0 } else { i32::from(becomes) - i32::from(unread) };
            outbox::send(verb, &id, about, change, move || list::set_unread(&item, unread));
        }
        Verb::Archive | Verb::Delete | Verb::Restore => {
            let filter = list::filter();
            list::remove(&item);
            pages::fill();
            let change = match verb {
                Verb::Restore => i32::from(unread),
                _ if list::is_archive() => 0,
                _ => -i32::from(unread),
            };
            if verb != Verb::Restore {
                undo::offer(verb, vec![item.clone()], -change);
            }
            outbox::send(verb, &id, outbox::ids(&id), change, move || {
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
    outbox::send(Verb::AllRead, "", until(), 0, move || {
        undo::end();
        list::set_all_unread(&items, true);
    });
}
