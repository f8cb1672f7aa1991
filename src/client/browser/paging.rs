//! Fetches parts of the list: older pages, another filter, or the list from the start. Must not
//! depend on the parts that find the list outdated.

use super::{
    action_queue, arrivals, counts, cursor, dom,
    http::Failure,
    json, list,
    message::Message,
    session,
    state::{send, state},
    texts,
};
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

/// Registers the listeners.
pub(super) fn listen() {
    if let Some(scroll) = list::scroll_container() {
        dom::listen(&scroll, "scroll", |_| on_scroll());
    }
}

fn on_scroll() {
    let is_near_end = list::scroll_container().is_some_and(|scroll| {
        scroll.scroll_height() - scroll.scroll_top() - scroll.client_height()
            < LOAD_MORE_DISTANCE_PX
    });
    if is_near_end && !state().paging.is_paused.get() {
        load_older();
    }
    if list::is_at_top() {
        send(Message::ScrolledToTop);
    }
}

async fn fetch(before: &str) -> Result<JsValue, Failure> {
    let before = if before.is_empty() { String::new() } else { ["&before=", before].concat() };
    session::get(
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
    let paging = &state().paging;
    let next = list::next();
    if next.is_empty() || paging.is_loading.replace(true) {
        return;
    }
    dom::set_visible("loading", true);
    let wanted = paging.list_number.get();
    spawn_local(async move {
        let answer = fetch(&next).await;
        // The list was fetched again in the meantime, so this page belongs to an earlier one.
        let is_outdated = paging.list_number.get() != wanted || list::next() != next;
        match answer {
            Ok(_) if is_outdated => {}
            Ok(answer) => {
                list::extend(&answer);
                dom::show_notice("");
            }
            Err(_) => {
                dom::show_notice(&texts::text("unavailable"));
                // The next wheel event would request it again at once; the link still can.
                paging.is_paused.set(true);
                dom::set_timeout(FIRST_RETRY_MS, || state().paging.is_paused.set(false));
            }
        }
        dom::set_visible("loading", paging.is_syncing.get());
        paging.is_loading.set(false);
        if is_outdated {
            load_older();
        }
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
    arrivals::clear();
    list::reset(&JsValue::UNDEFINED);
    dom::set_visible("empty", false);
    dom::set_visible("loading", true);
    state().paging.is_syncing.set(true);
    fetch_list_again();
}

/// Fetches the first page again, with retries until it arrives, because events were missed.
pub(super) fn resync() {
    if !state().paging.is_syncing.replace(true) {
        fetch_list_again();
    }
}

/// The server is reachable again: pending requests are retried at once.
pub(super) fn retry() {
    if state().paging.is_syncing.get() {
        fetch_list_again();
    }
}

fn fetch_list_again() {
    let wanted = state().paging.list_number.get() + 1;
    state().paging.list_number.set(wanted);
    spawn_local(fetch_list(wanted, 0));
}

async fn fetch_list(wanted: u32, wait: i32) {
    let answer = fetch("").await;
    if state().paging.list_number.get() != wanted {
        return;
    }
    let wait = match answer {
        // The stream is ahead of this response, or actions have not reached the server: accepting
        // it would lose their changes. (A version that stays lower is that of a database restored
        // from a backup, and is accepted in the end.)
        Ok(answer)
            if json::version(&answer) < cursor::version() && wait < STALE_ANSWER_TIMEOUT_MS
                || action_queue::has_unsent() =>
        {
            wait
        }
        Ok(answer) => {
            state().paging.is_syncing.set(false);
            dom::set_visible("loading", false);
            dom::show_notice("");
            cursor::set_version(json::version(&answer));
            counts::take(&answer);
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
    let reading = list::is_visible() && !list::is_at_top() && !dom::all("#list .item").is_empty();
    if reading {
        let top = list::scroll_container().map(|scroll| scroll.scroll_top());
        let newest =
            dom::all("#list .item:not(.pinned)").first().map(list::position).unwrap_or_default();
        let template = list::build(&["<ul>", &json::string(answer, "html"), "</ul>"].concat());
        // Without a next page the response is the whole list, and items missing from it were
        // removed.
        let all = json::integer_text(answer, "next").is_empty();
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
        if let (Some(scroll), Some(top)) = (list::scroll_container(), top) {
            scroll.set_scroll_top(top);
        }
    } else {
        arrivals::clear();
        list::reset(answer);
    }
    cursor::note_list_positions();
    send(Message::ItemsDisplayed);
}
