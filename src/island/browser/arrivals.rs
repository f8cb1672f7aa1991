//! What arrives above what is being read: it waits behind a button that says how much there is, so that the text does not
//! jump, and comes in when the reader asks for it or is at the top. And it is said to those who listen, without chatter.

use super::{actions, dom, list, texts};
use std::cell::{Cell, RefCell};
use web_sys::Element;

/// After something was said nothing more is for so many milliseconds; what came meanwhile is said together.
const SILENCE: i32 = 4_000;
/// As far down as this, in pixels, the reader is still at the top.
const TOP: i32 = 8;

thread_local! {
    static HELD: RefCell<Vec<Element>> = const { RefCell::new(Vec::new()) };
    static SILENT: Cell<bool> = const { Cell::new(false) };
    /// How many came that were not spoken of, and the title of the last.
    static UNSAID: RefCell<(u32, String)> = const { RefCell::new((0, String::new())) };
}

/// Begins to listen.
pub(super) fn listen() {
    if let Some(button) = dom::by_id("arrived") {
        dom::listen(&button, "click", |_| {
            scroll_to_top();
            admit();
        });
    }
}

/// Takes a message that was not in the list; gives whether it is new to this document.
pub(super) fn receive(item: Element) -> bool {
    let id = list::id(&item);
    if list::item(&id).is_some() || held(&id).is_some() {
        return false;
    }
    announce(&item);
    if actions::is_open() && !at_top() {
        HELD.with_borrow_mut(|held| held.push(item));
        show();
    } else {
        list::place(&item);
    }
    true
}

/// The message that waits, where it does.
pub(super) fn held(id: &str) -> Option<Element> {
    HELD.with_borrow(|held| held.iter().find(|item| list::id(item) == id).cloned())
}

/// A message that waits was edited; gives whether it is one that waits.
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

/// Marks all that waits as read.
pub(super) fn read_all() {
    HELD.with_borrow(|held| list::set_all_unread(held, false));
}

/// Forgets a message that waits.
pub(super) fn drop(id: &str) {
    HELD.with_borrow_mut(|held| held.retain(|item| list::id(item) != id));
    show();
}

/// Forgets all that waits: the list is fetched anew.
pub(super) fn clear() {
    HELD.take();
    show();
}

/// Lets in what waits.
pub(super) fn admit() {
    for item in HELD.take() {
        list::place(&item);
    }
    show();
}

/// Whether the reader is where new messages come in.
pub(super) fn at_top() -> bool {
    scroll().is_none_or(|scroll| scroll.scroll_top() <= TOP)
}

pub(super) fn scroll() -> Option<Element> {
    dom::find(&dom::by_id("panel")?, ".scroll")
}

fn scroll_to_top() {
    if let Some(scroll) = scroll() {
        scroll.set_scroll_top(0);
    }
}

fn show() {
    let count = HELD.with_borrow(Vec::len);
    if count > 0 {
        dom::write("arrived", "", &texts::counted("new-messages", u32::try_from(count).unwrap_or(u32::MAX)));
    }
    dom::show("arrived", count > 0);
}

fn announce(item: &Element) {
    let title = dom::find(item, ".title").and_then(|title| title.last_child()).and_then(|node| node.text_content()).unwrap_or_default();
    UNSAID.with_borrow_mut(|unsaid| *unsaid = (unsaid.0 + 1, title));
    speak();
}

fn speak() {
    if SILENT.get() {
        return;
    }
    let (count, title) = UNSAID.take();
    let text = match count {
        0 => return,
        1 => texts::fill(&texts::text("arrived"), "{title}", title.trim()),
        _ => texts::counted("new-messages", count),
    };
    SILENT.set(true);
    dom::write("announcement", "", &text);
    dom::later(SILENCE, || {
        SILENT.set(false);
        speak();
    });
}
