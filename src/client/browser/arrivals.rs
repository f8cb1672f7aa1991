//! Messages that arrive while the reader has scrolled down. They wait behind a button with their
//! number, so that the text does not move, and are inserted when the reader presses it or scrolls
//! to the top. New messages are also announced to screen readers, at limited frequency.

use super::{actions, dom, list, texts};
use std::cell::{Cell, RefCell};
use web_sys::Element;

/// Pause after an announcement, in milliseconds. Messages that arrive in it are announced together.
const ANNOUNCE_INTERVAL_MS: i32 = 4_000;
/// Scroll offset, in pixels, up to which the list counts as scrolled to the top.
const TOP_TOLERANCE_PX: i32 = 8;

thread_local! {
    static HELD: RefCell<Vec<Element>> = const { RefCell::new(Vec::new()) };
    static SILENT: Cell<bool> = const { Cell::new(false) };
    /// Number of messages not announced yet, and the title of the last one.
    static UNSAID: RefCell<(u32, String)> = const { RefCell::new((0, String::new())) };
}

/// Registers the listeners.
pub(super) fn listen() {
    if let Some(button) = dom::by_id("arrived") {
        dom::listen(&button, "click", |_| {
            scroll_to_top();
            insert_waiting();
        });
    }
}

/// Inserts or holds back a message that was not in the list. Returns whether it is new to this
/// document.
pub(super) fn receive(item: Element) -> bool {
    let id = list::id(&item);
    if list::item(&id).is_some() || waiting_item(&id).is_some() {
        return false;
    }
    announce_later(&item);
    if actions::is_open() && !at_top() {
        HELD.with_borrow_mut(|held| held.push(item));
        update_button();
    } else {
        list::insert(&item);
    }
    true
}

/// The waiting item of a message.
pub(super) fn waiting_item(id: &str) -> Option<Element> {
    HELD.with_borrow(|held| held.iter().find(|item| list::id(item) == id).cloned())
}

/// Replaces a waiting item after an edit. Returns whether there was one.
pub(super) fn replace(id: &str, html: &str) -> bool {
    HELD.with_borrow_mut(|held| {
        let Some(old) = held.iter_mut().find(|item| list::id(item) == id) else { return false };
        if let Some(new) = list::build(html) {
            list::set_unread(&new, list::is_unread(old));
            *old = new;
        }
        true
    })
}

/// Marks all waiting messages as read.
pub(super) fn read_all() {
    HELD.with_borrow(|held| list::set_all_unread(held, false));
}

/// Drops one waiting message.
pub(super) fn discard(id: &str) {
    HELD.with_borrow_mut(|held| held.retain(|item| list::id(item) != id));
    update_button();
}

/// Drops all waiting messages, because the list is fetched again.
pub(super) fn clear() {
    HELD.take();
    update_button();
}

/// Inserts all waiting messages.
pub(super) fn insert_waiting() {
    for item in HELD.take() {
        list::insert(&item);
    }
    update_button();
}

/// Whether the list is scrolled to the top.
pub(super) fn at_top() -> bool {
    scroll_container().is_none_or(|scroll| scroll.scroll_top() <= TOP_TOLERANCE_PX)
}

pub(super) fn scroll_container() -> Option<Element> {
    dom::find(&dom::by_id("panel")?, ".scroll")
}

fn scroll_to_top() {
    if let Some(scroll) = scroll_container() {
        scroll.set_scroll_top(0);
    }
}

fn update_button() {
    let count = HELD.with_borrow(Vec::len);
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
    UNSAID.with_borrow_mut(|unsaid| *unsaid = (unsaid.0 + 1, title));
    announce_now();
}

fn announce_now() {
    if SILENT.get() {
        return;
    }
    let (count, title) = UNSAID.take();
    let text = match count {
        0 => return,
        1 => texts::fill(&texts::text("arrived"), "{title}", title.trim()),
        _ => texts::plural("new-messages", count),
    };
    SILENT.set(true);
    dom::set_text("announcement", "", &text);
    dom::set_timeout(ANNOUNCE_INTERVAL_MS, || {
        SILENT.set(false);
        announce_now();
    });
}
