//! Messages that arrive while the reader has scrolled down. They wait behind a button with their
//! number, so that the text does not move, and are inserted when the reader presses it or scrolls
//! to the top. New messages are also announced to screen readers, at limited frequency. Must not
//! depend on the parts through which messages arrive.

use super::{dom, list, state::state, texts};
use std::cell::RefMut;
use web_sys::Element;

/// Pause after an announcement, in milliseconds. Messages that arrive in it are announced together.
const ANNOUNCE_INTERVAL_MS: i32 = 4_000;

/// Registers the listeners.
pub(super) fn listen() {
    if let Some(button) = dom::by_id("arrived") {
        dom::listen(&button, "click", |_| {
            scroll_to_top();
            insert_waiting();
        });
    }
}

fn waiting() -> RefMut<'static, Vec<Element>> {
    state().arrivals.waiting.borrow_mut()
}

/// Inserts or holds back a message that was not in the list. A message that is already in this
/// document is ignored.
pub(super) fn receive(item: Element) {
    let id = list::id(&item);
    if list::item(&id).is_some() || waiting_item(&id).is_some() {
        return;
    }
    announce_later(&item);
    if list::is_visible() && !list::is_at_top() {
        waiting().push(item);
        update_button();
    } else {
        list::insert(&item);
    }
}

/// The waiting item of a message.
pub(super) fn waiting_item(id: &str) -> Option<Element> {
    waiting().iter().find(|item| list::id(item) == id).cloned()
}

/// Replaces a waiting item after an edit. Returns whether there was one.
pub(super) fn replace(id: &str, html: &str) -> bool {
    let mut waiting = waiting();
    let Some(old) = waiting.iter_mut().find(|item| list::id(item) == id) else { return false };
    if let Some(new) = list::build(html) {
        list::set_unread(&new, list::is_unread(old));
        *old = new;
    }
    true
}

/// Marks all waiting messages as read.
pub(super) fn read_all() {
    list::set_all_unread(&waiting(), false);
}

/// Drops one waiting message.
pub(super) fn discard(id: &str) {
    waiting().retain(|item| list::id(item) != id);
    update_button();
}

/// Drops all waiting messages, because the list is fetched again.
pub(super) fn clear() {
    waiting().clear();
    update_button();
}

/// Inserts all waiting messages.
pub(super) fn insert_waiting() {
    let items = std::mem::take(&mut *waiting());
    for item in items {
        list::insert(&item);
    }
    update_button();
}

fn scroll_to_top() {
    if let Some(scroll) = list::scroll_container() {
        scroll.set_scroll_top(0);
    }
}

fn update_button() {
    let count = waiting().len();
    if count > 0 {
        dom::set_text(
            "arrived",
            "",
            &texts::plural("new-messages", u32::try_from(count).unwrap_or(u32::MAX)),
        );
    }
    dom::set_visible("arrived", count > 0);
}

fn announce_later(item: &Element) {
    let title = dom::find(item, ".title")
        .and_then(|title| title.last_child())
        .and_then(|node| node.text_content())
        .unwrap_or_default();
    let (count, _) = state().arrivals.unannounced.take();
    state().arrivals.unannounced.set((count + 1, title));
    announce_now();
}

fn announce_now() {
    let arrivals = &state().arrivals;
    if arrivals.is_silent.get() {
        return;
    }
    let (count, title) = arrivals.unannounced.take();
    let text = match count {
        0 => return,
        1 => texts::fill(&texts::text("arrived"), "{title}", title.trim()),
        _ => texts::plural("new-messages", count),
    };
    arrivals.is_silent.set(true);
    dom::set_text("announcement", "", &text);
    dom::set_timeout(ANNOUNCE_INTERVAL_MS, || {
        state().arrivals.is_silent.set(false);
        announce_now();
    });
}
