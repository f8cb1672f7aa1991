//! What the reader does: each shows at once, is sent, and is put back with a line when it is refused.

use super::{count, dom, ledger, list, net, take, texts};
use crate::island::ledger::Ledger;
use std::cell::Cell;
use wasm_bindgen_futures::spawn_local;
use web_sys::{Element, Event};

/// Older messages are fetched when the reader is this near to the end, in pixels.
const NEAR_END: i32 = 320;

thread_local! {
    static LOADING: Cell<bool> = const { Cell::new(false) };
}

/// Listens to what bubbles up to the panel.
pub(super) fn listen() {
    let (Some(document), Some(panel)) = (dom::document(), dom::by_id("panel")) else { return };
    dom::listen(&document, "belfry:opened", |_| seen());
    dom::listen(&panel, "click", |event| clicked(&event));
    dom::listen(&panel, "submit", |event| submitted(&event));
    if let Ok(Some(scroll)) = panel.query_selector(".scroll") {
        dom::listen(&scroll.clone(), "scroll", move |_| {
            if scroll.scroll_height() - scroll.scroll_top() - scroll.client_height() < NEAR_END {
                older();
            }
        });
    }
}

/// Whether the reader looks at the panel.
pub(super) fn is_open() -> bool {
    dom::attribute("open").is_some()
}

/// All that is shown has been seen.
pub(super) fn seen() {
    if ledger().unseen > 0 {
        count_as_seen(&Ledger::seen);
    }
}

/// A message arrived by a change of this version. Before the reader's eyes it never shows as unseen, not even for a moment.
pub(super) fn arrived(version: i64) {
    let known = ledger();
    if is_open() && (version > known.version || known.unseen > 0) {
        count_as_seen(&|ledger| {
            ledger.arrived(version);
            ledger.seen();
        });
    } else {
        count(&|ledger| ledger.arrived(version));
    }
}

/// The reader did not ask for this, so they are not told when it fails.
fn count_as_seen(change: &dyn Fn(&mut Ledger)) {
    let before = ledger();
    count(change);
    let after = ledger();
    spawn_local(async move {
        match net::post("/marks", "{\"seen\":true}").await {
            Ok(answer) => take(&answer),
            Err(_) => count(&|ledger| ledger.put_back(before, after)),
        }
    });
}

fn clicked(event: &Event) {
    if dom::around(event, "#older").is_some() {
        event.prevent_default();
        older();
        return;
    }
    // The button of a form is answered when the form is submitted.
    if dom::around(event, "form").is_some() {
        return;
    }
    let Some(item) = dom::around(event, ".item") else { return };
    if dom::around(event, "a[href]").is_some() {
        follow(&item);
    } else {
        read(&item);
    }
}

fn submitted(event: &Event) {
    event.prevent_default();
    if dom::around(event, "[data-all]").is_some() {
        all_read();
    } else if let Some(item) = dom::around(event, ".item") {
        read(&item);
        // The button goes now; the focus stays with the message rather than nowhere.
        dom::focus(&item);
    }
}

fn read(item: &Element) {
    let Some(id) = list::id(item).filter(|_| list::is_unread(item)) else { return };
    list::set_unread(item, false);
    mark(&["{\"read\":[\"", &id, "\"]}"].concat(), &|ledger| ledger.read(1), vec![item.clone()]);
}

fn follow(item: &Element) {
    let Some(id) = list::id(item) else { return };
    let unread = list::is_unread(item);
    list::set_unread(item, false);
    let items = if unread { vec![item.clone()] } else { Vec::new() };
    mark(&["{\"clicked\":\"", &id, "\"}"].concat(), &|ledger| ledger.read(u32::from(unread)), items);
}

fn all_read() {
    mark("{\"allRead\":true}", &Ledger::all_read, list::read_all());
}

/// Counts a mark and sends it; puts it back when it is refused.
fn mark(body: &str, change: &dyn Fn(&mut Ledger), items: Vec<Element>) {
    let before = ledger();
    count(change);
    let after = ledger();
    let body = body.to_owned();
    spawn_local(async move {
        if let Ok(answer) = net::post("/marks", &body).await {
            take(&answer);
            dom::notice("");
        } else {
            count(&|ledger| ledger.put_back(before, after));
            for item in items {
                list::set_unread(&item, true);
            }
            dom::notice(&texts::text("failed"));
        }
    });
}

/// Fetches the next older part of the list.
fn older() {
    let Some(next) = list::next().filter(|_| !LOADING.get()) else { return };
    LOADING.set(true);
    dom::show("loading", true);
    spawn_local(async move {
        let path = ["/messages?before=", &next, "&language=", &dom::attribute("language").unwrap_or_default()].concat();
        match net::get(&path).await {
            // The list may have been fetched anew meanwhile; then this part is of another one.
            Ok(_) if list::next().as_deref() != Some(&next) => {}
            Ok(answer) => {
                list::extend(&net::string(&answer, "html").unwrap_or_default(), net::number(&answer, "next"));
                dom::notice("");
            }
            Err(_) => dom::notice(&texts::text("unavailable")),
        }
        dom::show("loading", false);
        LOADING.set(false);
    });
}

/// The title of a message that arrived, said once.
pub(super) fn announce(id: &str) {
    let title = list::item(id).and_then(|item| item.query_selector(".title").ok().flatten());
    let title = title.and_then(|title| title.last_child()).and_then(|node| node.text_content()).unwrap_or_default();
    if let Some(region) = dom::by_id("announcement") {
        region.set_text_content(Some(&texts::fill(&texts::text("arrived"), "{title}", title.trim())));
    }
}
