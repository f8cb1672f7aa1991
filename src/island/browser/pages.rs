//! Parts of the inbox that are fetched: older messages, another filter, and all of it anew.

use super::{actions, arrivals, dom, list, live, net, outbox, take, texts, undo};
use std::cell::Cell;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;
use web_sys::Element;

/// Older messages are fetched when the reader is this near to the end, in pixels.
const NEAR_END: i32 = 320;
/// First and longest wait before the list is asked for again, in milliseconds.
const FIRST_WAIT: i32 = 1_000;
const LONGEST_WAIT: i32 = 30_000;
/// After as long a wait, in milliseconds, an answer that is older than what is known is taken all the same.
const PATIENCE: i32 = 8_000;

thread_local! {
    static LOADING: Cell<bool> = const { Cell::new(false) };
    /// Whether scrolling asks for nothing for the moment.
    static PAUSED: Cell<bool> = const { Cell::new(false) };
    /// Whether the list is being fetched anew.
    static SYNCING: Cell<bool> = const { Cell::new(false) };
    /// Which list is wanted: the answer for a former one comes too late.
    static WANTED: Cell<u32> = const { Cell::new(0) };
}

/// Begins to listen.
pub(super) fn listen() {
    if let Some(scroll) = arrivals::scroll() {
        dom::listen(&scroll.clone(), "scroll", move |_| {
            if scroll.scroll_height() - scroll.scroll_top() - scroll.client_height() < NEAR_END && !PAUSED.get() {
                older();
            }
            if arrivals::at_top() {
                arrivals::admit();
            }
        });
    }
}

async fn fetch(before: &str) -> Result<JsValue, net::Failure> {
    let before = if before.is_empty() { String::new() } else { ["&before=", before].concat() };
    net::get(&["/messages?language=", &dom::attribute("language").unwrap_or_default(), "&filter=", &list::filter(), &before].concat()).await
}

/// Fetches the next older part of the list.
pub(super) fn older() {
    let next = list::next();
    if next.is_empty() || LOADING.replace(true) {
        return;
    }
    dom::show("loading", true);
    let wanted = WANTED.get();
    spawn_local(async move {
        match fetch(&next).await {
            // The list may have been fetched anew meanwhile; then this part is of another one.
            Ok(_) if WANTED.get() != wanted || list::next() != next => {}
            Ok(answer) => {
                list::extend(&answer);
                dom::notice("");
            }
            Err(_) => {
                dom::notice(&texts::text("unavailable"));
                // The next turn of the wheel would ask again at once; the link may.
                PAUSED.set(true);
                dom::later(FIRST_WAIT, || PAUSED.set(false));
            }
        }
        dom::show("loading", SYNCING.get());
        LOADING.set(false);
    });
}

/// Fetches more when all that was shown has been put away.
pub(super) fn fill() {
    if list::is_exhausted() {
        older();
    }
}

/// Shows another part of the inbox.
pub(super) fn choose(link: &Element) {
    for other in dom::all(".filters [aria-current]") {
        let _ = other.remove_attribute("aria-current");
    }
    let _ = link.set_attribute("aria-current", "true");
    dom::set_attribute("filter", &link.get_attribute("data-filter").unwrap_or_default());
    undo::end();
    arrivals::clear();
    list::reset(&JsValue::UNDEFINED);
    dom::show("empty", false);
    dom::show("loading", true);
    SYNCING.set(true);
    again();
}

/// Something was missed: the first part of the list is fetched anew, again and again until it comes.
pub(super) fn resync() {
    if !SYNCING.replace(true) {
        again();
    }
}

/// The server can be reached again: what waits to be fetched waits no longer.
pub(super) fn retry() {
    if SYNCING.get() {
        again();
    }
}

fn again() {
    WANTED.set(WANTED.get() + 1);
    spawn_local(look(WANTED.get(), 0));
}

async fn look(wanted: u32, wait: i32) {
    let answer = fetch("").await;
    if WANTED.get() != wanted {
        return;
    }
    let wait = match answer {
        // The stream has overtaken this answer, or marks have not reached the server yet: taking it would lose what they changed.
        // (A version that stays lower is that of a database put back from a copy: then so be it.)
        Ok(answer) if net::version(&answer) < live::cursor() && wait < PATIENCE || outbox::is_busy() => wait,
        Ok(answer) => {
            SYNCING.set(false);
            dom::show("loading", false);
            dom::notice("");
            live::reached(net::version(&answer));
            take(&answer);
            show(&answer);
            return;
        }
        Err(_) => wait,
    };
    dom::later(dom::stretched(wait), move || spawn_local(look(wanted, (wait * 2).clamp(FIRST_WAIT, LONGEST_WAIT))));
}

/// Where the reader has read on, what is above stays behind the button, and what is below stays; otherwise all is new.
fn show(answer: &JsValue) {
    let reading = actions::is_open() && !arrivals::at_top() && !dom::all("#list .item").is_empty();
    if reading {
        let top = arrivals::scroll().map(|scroll| scroll.scroll_top());
        let newest = dom::all("#list .item:not(.pinned)").first().map(list::position).unwrap_or_default();
        let template = list::build(&["<ul>", &net::string(answer, "html"), "</ul>"].concat());
        // Without more to come the answer is all there is, and what it does not hold is gone.
        let all = net::whole(answer, "next").is_empty();
        let (mut last, mut ids) = (if all { i64::MIN } else { i64::MAX }, Vec::new());
        while let Some(item) = template.as_ref().and_then(Element::first_element_child) {
            item.remove();
            ids.push(list::id(&item));
            if !all && !list::is_pinned(&item) {
                last = list::position(&item);
            }
            if let Some(old) = list::item(&list::id(&item)) {
                let _ = old.replace_with_with_node_1(&item);
            } else if list::position(&item) > newest {
                arrivals::receive(item);
            } else {
                list::place(&item);
            }
        }
        for old in dom::all("#list .item") {
            if (list::is_pinned(&old) || list::position(&old) >= last) && !ids.contains(&list::id(&old)) {
                list::remove(&old);
            }
        }
        if let (Some(scroll), Some(top)) = (arrivals::scroll(), top) {
            scroll.set_scroll_top(top);
        }
    } else {
        arrivals::clear();
        list::reset(answer);
    }
    actions::know_list();
    if actions::is_open() {
        actions::seen();
    }
}
