//! Fetches parts of the list: older pages, another filter, or the list from the start.

use super::{
    action_queue, actions, arrivals, dom, event_stream, http, list, take_counts, texts, undo,
};
use std::cell::Cell;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;
use web_sys::Element;

/// Distance from the end, in pixels, at which the next older page is fetched.
const LOAD_MORE_DISTANCE_PX: i32 = 320;
/// First and longest wait before the list is requested again, in milliseconds.
const FIRST_RETRY_MS: i32 = 1_000;
const MAX_RETRY_MS: i32 = 30_000;
/// After a wait of this length, in milliseconds, a response older than the cursor is accepted.
const STALE_ANSWER_TIMEOUT_MS: i32 = 8_000;

thread_local! {
    static LOADING: Cell<bool> = const { Cell::new(false) };
    /// Whether scrolling triggers no request for the moment.
    static PAUSED: Cell<bool> = const { Cell::new(false) };
    /// Whether the list is being fetched from the start.
    static SYNCING: Cell<bool> = const { Cell::new(false) };
    /// Number of the current list; a response for an earlier one is discarded.
    static WANTED: Cell<u32> = const { Cell::new(0) };
}

/// Registers the listeners.
pub(super) fn listen() {
    if let Some(scroll) = arrivals::scroll_container() {
        dom::listen(&scroll.clone(), "scroll", move |_| {
            if scroll.scroll_height() - scroll.scroll_top() - scroll.client_height()
                < LOAD_MORE_DISTANCE_PX
                && !PAUSED.get()
            {
                load_older();
            }
            if arrivals::at_top() {
                arrivals::insert_waiting();
            }
        });
    }
}

async fn fetch(before: &str) -> Result<JsValue, http::Failure> {
    let before = if before.is_empty() { String::new() } else { ["&before=", before].concat() };
    http::get(
        &[
            "/messages?language=",
            &dom::attribute("language").unwrap_or_default(),
            "&filter=",
            &list::filter(),
            &before,
        ]
        .concat(),
    )
    .await
}

/// Fetches the next older page.
pub(super) fn load_older() {
    let next = list::next();
    if next.is_empty() || LOADING.replace(true) {
        return;
    }
    dom::set_visible("loading", true);
    let wanted = WANTED.get();
    spawn_local(async move {
        match fetch(&next).await {
            // The list was fetched again in the meantime, so this page belongs to an earlier one.
            Ok(_) if WANTED.get() != wanted || list::next() != next => {}
            Ok(answer) => {
                list::extend(&answer);
                dom::show_notice("");
            }
            Err(_) => {
                dom::show_notice(&texts::text("unavailable"));
                // The next wheel event would request it again at once; the link still can.
                PAUSED.set(true);
                dom::set_timeout(FIRST_RETRY_MS, || PAUSED.set(false));
            }
        }
        dom::set_visible("loading", SYNCING.get());
        LOADING.set(false);
    });
}

/// Fetches more when every displayed item has been removed.
pub(super) fn load_if_exhausted() {
    if list::is_exhausted() {
        load_older();
    }
}

/// Shows another filter.
pub(super) fn select_filter(link: &Element) {
    for other in dom::all(".filters [aria-current]") {
        let _ = other.remove_attribute("aria-current");
    }
    let _ = link.set_attribute("aria-current", "true");
    dom::set_attribute("filter", &link.get_attribute("data-filter").unwrap_or_default());
    undo::dismiss();
    arrivals::clear();
    list::reset(&JsValue::UNDEFINED);
    dom::set_visible("empty", false);
    dom::set_visible("loading", true);
    SYNCING.set(true);
    fetch_list_again();
}

/// Fetches the first page again, with retries until it arrives, because events were missed.
pub(super) fn resync() {
    if !SYNCING.replace(true) {
        fetch_list_again();
    }
}

/// The server is reachable again: pending requests are retried at once.
pub(super) fn retry() {
    if SYNCING.get() {
        fetch_list_again();
    }
}

fn fetch_list_again() {
    WANTED.set(WANTED.get() + 1);
    spawn_local(fetch_list(WANTED.get(), 0));
}

async fn fetch_list(wanted: u32, wait: i32) {
    let answer = fetch("").await;
    if WANTED.get() != wanted {
        return;
    }
    let wait = match answer {
        // The stream is ahead of this response, or actions have not reached the server: accepting
        // it would lose their changes. (A version that stays lower is that of a database restored
        // from a backup, and is accepted in the end.)
        Ok(answer)
            if http::version(&answer) < event_stream::cursor()
                && wait < STALE_ANSWER_TIMEOUT_MS
                || action_queue::has_unsent() =>
        {
            wait
        }
        Ok(answer) => {
            SYNCING.set(false);
            dom::set_visible("loading", false);
            dom::show_notice("");
            event_stream::set_cursor(http::version(&answer));
            take_counts(&answer);
            show(&answer);
            return;
        }
        Err(_) => wait,
    };
    dom::set_timeout(dom::with_jitter(wait), move || {
        spawn_local(fetch_list(wanted, (wait * 2).clamp(FIRST_RETRY_MS, MAX_RETRY_MS)));
    });
}

/// Where the reader has scrolled down, new items wait behind the button and the displayed ones
/// stay; otherwise the list is replaced.
fn show(answer: &JsValue) {
    let reading = actions::is_open() && !arrivals::at_top() && !dom::all("#list .item").is_empty();
    if reading {
        let top = arrivals::scroll_container().map(|scroll| scroll.scroll_top());
        let newest =
            dom::all("#list .item:not(.pinned)").first().map(list::position).unwrap_or_default();
        let template = list::build(&["<ul>", &http::string(answer, "html"), "</ul>"].concat());
        // Without a next page the response is the whole list, and items missing from it were
        // removed.
        let all = http::integer_text(answer, "next").is_empty();
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
                list::insert(&item);
            }
        }
        for old in dom::all("#list .item") {
            if (list::is_pinned(&old) || list::position(&old) >= last)
                && !ids.contains(&list::id(&old))
            {
                list::remove(&old);
            }
        }
        if let (Some(scroll), Some(top)) = (arrivals::scroll_container(), top) {
            scroll.set_scroll_top(top);
        }
    } else {
        arrivals::clear();
        list::reset(answer);
    }
    actions::note_list_positions();
    if actions::is_open() {
        actions::mark_seen();
    }
}
