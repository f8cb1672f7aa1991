//! The event stream: handles its events, and reconnects when it is lost.
//!
//! The stream itself belongs to a script (`event-stream.js`), because the tabs of one browser share
//! it. This module decides when to open it and with which proof, and applies its events. Where
//! streams are blocked, it polls the server instead.

use super::{action_queue, actions, arrivals, count, dom, http, list, paging, shown_counts, take};
use crate::client::optimistic_counts::Verb;
use js_sys::{Array, Reflect};
use std::cell::Cell;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::spawn_local;
use web_sys::CustomEvent;

/// First and longest wait before another attempt, in milliseconds; each is extended by random
/// jitter.
const FIRST_WAIT: i32 = 500;
const LONGEST_WAIT: i32 = 30_000;
/// Poll interval where streams are blocked, in milliseconds.
const POLL: i32 = 8_000;
/// Streams are taken to be blocked after this many in a row that delivered nothing.
const BLOCKED: u32 = 2;
/// While polling, a stream is tried again after this many polls.
const HOPE: u32 = 20;

thread_local! {
    /// Whether this tab holds the stream.
    static LEADING: Cell<bool> = const { Cell::new(false) };
    static CONNECTED: Cell<bool> = const { Cell::new(false) };
    /// Whether this document has not opened the stream yet.
    static FRESH: Cell<bool> = const { Cell::new(true) };
    static WAIT: Cell<i32> = const { Cell::new(FIRST_WAIT) };
    /// Number of the current wait; earlier ones end without effect.
    static TURN: Cell<u32> = const { Cell::new(0) };
    /// Streams in a row that delivered nothing although the server was reachable.
    static MUTE: Cell<u32> = const { Cell::new(0) };
    /// Whether a request for the counts is running.
    static COUNTING: Cell<bool> = const { Cell::new(false) };
    /// The last change that the list contains. The counts may be ahead of it, because the response
    /// to an action can overtake the stream.
    static CURSOR: Cell<i64> = Cell::new(dom::number("version"));
}

/// Opens the stream, and again at once when the network or the reader returns.
pub(super) fn start() {
    let (Some(window), Some(document)) = (dom::window(), dom::document()) else { return };
    dom::listen(&window, "online", |_| wake());
    dom::listen(&document, "visibilitychange", |_| wake());
    dom::listen(&document, "belfry:line", |event| {
        if let Some(event) = event.dyn_ref::<CustomEvent>() {
            let detail = event.detail();
            let data = Reflect::get(&detail, &"data".into()).unwrap_or_default();
            hear(&http::string(&detail, "kind"), &data);
        }
    });
    dom::tell("belfry:awake", &JsValue::UNDEFINED);
}

/// The last change that the list contains.
pub(super) fn cursor() -> i64 {
    CURSOR.get()
}

/// Records that the list contains everything up to this change.
pub(super) fn reached(version: i64) {
    CURSOR.set(version);
    dom::set_attribute("cursor", &version.to_string());
}

/// Records an action that the server confirmed. If the list already contained everything before it,
/// it contains the action as well, so that a stream opened afterwards need not start with a resync.
pub(super) fn marked(since: i64, version: i64) {
    if since <= CURSOR.get() && version > CURSOR.get() {
        reached(version);
    }
}

/// Advances the cursor and returns the event's version. The list applies every event in stream
/// order; the counts only those newer than their own version.
fn step(data: &JsValue) -> i64 {
    let version = http::version(data);
    reached(CURSOR.get().max(version));
    version
}

fn hear(kind: &str, data: &JsValue) {
    match kind {
        "lead" => {
            LEADING.set(true);
            MUTE.set(0);
            // The document is the latest proof of the session. A stream that cannot be opened with
            // it is requested again with another proof.
            if FRESH.replace(false) && http::is_cookie_proven() {
                spawn_local(connect());
            } else {
                recover();
            }
        }
        "follow" => LEADING.set(false),
        "lost" => lost(),
        "down" => down(),
        "woke" => {
            out_of_touch();
            wake();
        }
        "ended" => {
            // All streams of a site may end at the same moment, so readers reconnect with jitter.
            WAIT.set(0);
            MUTE.set(0);
            lost();
        }
        _ => {
            WAIT.set(FIRST_WAIT);
            MUTE.set(0);
            in_touch();
            action_queue::flush();
            event(kind, data);
        }
    }
}

fn event(kind: &str, data: &JsValue) {
    match kind {
        "message" => arrived(data),
        "edited" => edited(data),
        "removed" => removed(data),
        "counts" => counted(data),
        // Another tab may hold the stream. If it is ahead of this one, this one missed something.
        "resync" | "beat" if http::version(data) > CURSOR.get() => paging::resync(),
        _ => {}
    }
}

fn in_touch() {
    if !CONNECTED.replace(true) {
        paging::retry();
    }
    dom::show("offline", false);
    dom::set_attribute("stream", "open");
}

fn out_of_touch() {
    CONNECTED.set(false);
    dom::set_attribute("stream", "lost");
}

/// The server is unreachable for this tab or for the one that holds the stream.
fn down() {
    out_of_touch();
    dom::show("offline", true);
}

fn wake() {
    action_queue::flush();
    if LEADING.get() && (!CONNECTED.get() || MUTE.get() >= BLOCKED) {
        WAIT.set(FIRST_WAIT);
        // It may be another network, which blocks no streams.
        MUTE.set(MUTE.get().min(BLOCKED - 1));
        recover();
    }
}

/// A stream that is lost and reopened at once is not shown to the reader: the notice appears only
/// when the server does not answer.
fn lost() {
    MUTE.set(MUTE.get() + 1);
    out_of_touch();
    if LEADING.get() {
        retry_later();
    }
}

fn retry_later() {
    let wait = WAIT.get();
    WAIT.set((wait * 2).clamp(FIRST_WAIT, LONGEST_WAIT));
    after(wait);
}

fn after(wait: i32) {
    let turn = TURN.get() + 1;
    TURN.set(turn);
    dom::later(dom::stretched(wait), move || {
        if TURN.get() == turn {
            recover();
        }
    });
}

/// Renews the session if needed and opens the stream again.
fn recover() {
    TURN.set(TURN.get() + 1);
    spawn_local(async {
        match http::get("/counts").await {
            Ok(answer) => {
                dom::show("offline", false);
                action_queue::flush();
                let mute = MUTE.get();
                if mute < BLOCKED || mute.is_multiple_of(HOPE) {
                    return connect().await;
                }
                MUTE.set(mute + 1);
                in_touch();
                dom::tell("belfry:asked", &answer);
                event("beat", &answer);
                after(POLL);
            }
            Err(http::Failure::Refused(409)) => {}
            Err(_) => {
                // The expired session explains why the stream delivered nothing.
                MUTE.set(0);
                dom::tell("belfry:asked", &JsValue::UNDEFINED);
                down();
                retry_later();
            }
        }
    });
}

async fn connect() {
    let mut address = [
        &dom::attribute("base").unwrap_or_default(),
        "/events?reader=",
        &dom::attribute("reader").unwrap_or_default(),
        "&language=",
        &dom::attribute("language").unwrap_or_default(),
        "&since=",
        &CURSOR.get().to_string(),
    ]
    .concat();
    if http::without_cookie() {
        match http::post("/ticket", "{}").await {
            Ok(answer) => address = [&address, "&ticket=", &http::string(&answer, "ticket")].concat(),
            Err(_) => return retry_later(),
        }
    }
    dom::tell("belfry:connect", &address.into());
}

fn arrived(data: &JsValue) {
    let Some(item) = list::build(&http::string(data, "html")) else { return };
    let version = step(data);
    if actions::is_known(list::position(&item)) {
        // The message had expired and was extended. Its read state is known only to the server.
        count(|ledger| ledger.removed(version));
        recount_soon();
        return paging::resync();
    }
    actions::know(list::position(&item));
    count(|ledger| ledger.arrived(version));
    if !list::is_archive() {
        arrivals::receive(item);
    }
    // A message that arrives while the list is visible counts as seen.
    if actions::is_open() && shown_counts().1 > 0 {
        actions::seen();
    }
}

fn edited(data: &JsValue) {
    step(data);
    let (id, html, pinned) = (http::string(data, "id"), http::string(data, "html"), http::flag(data, "pinned"));
    if arrivals::replace(&id, &html) {
        return;
    }
    match list::item(&id).map(|item| list::is_pinned(&item)) {
        Some(shown) if shown == pinned => list::replace(&id, &html),
        None if !pinned => {}
        // Its position has changed as well.
        _ => paging::resync(),
    }
}

fn removed(data: &JsValue) {
    let version = step(data);
    take_out(&http::string(data, "id"));
    // For a message below the displayed part, the read state is unknown here.
    count(|ledger| ledger.removed(version));
    recount_soon();
}

fn take_out(id: &str) {
    arrivals::drop(id);
    if let Some(item) = list::item(id) {
        list::remove(&item);
        paging::fill();
    }
}

/// Requests the counts until they cover all removals; one request serves several messages.
fn recount_soon() {
    if !COUNTING.replace(true) {
        dom::later(dom::stretched(0), || spawn_local(recount(FIRST_WAIT)));
    }
}

async fn recount(wait: i32) {
    if let Ok(answer) = http::get("/counts").await {
        take(&answer);
    }
    if count(|ledger| ledger.is_owed()) {
        dom::later(dom::stretched(wait), move || spawn_local(recount((wait * 2).min(LONGEST_WAIT))));
    } else {
        COUNTING.set(false);
    }
}

/// The reader acted on messages, here or on another device.
fn counted(data: &JsValue) {
    step(data);
    let Some(verb) = Verb::of(&http::string(data, "mark")) else { return };
    let ids: Array = Reflect::get(data, &"ids".into()).unwrap_or_default().dyn_into().unwrap_or_default();
    let ids: Vec<String> = ids.iter().filter_map(|id| id.as_string()).collect();
    count(|ledger| ledger.echo(verb, ids.first().map_or("", String::as_str)));
    take(data);
    match verb {
        // Only the server knows the messages concerned. The tab that sent the action displays them
        // already.
        Verb::AllRead | Verb::UndoAllRead => {
            if verb == Verb::AllRead {
                list::read_all();
                arrivals::read_all();
            }
            if dom::all("#list .unread").len() < shown_counts().0 as usize {
                paging::resync();
            }
        }
        _ => ids.iter().filter(|id| !count(|ledger| ledger.is_overtaken(verb, id))).for_each(|id| marked_one(verb, id)),
    }
}

fn marked_one(verb: Verb, id: &str) {
    let item = list::item(id).or_else(|| arrivals::held(id));
    match (verb, item) {
        (Verb::Read | Verb::Clicked, Some(item)) => list::set_unread(&item, false),
        (Verb::Unread, Some(item)) => list::set_unread(&item, true),
        (Verb::Delete, Some(_)) => take_out(id),
        // It leaves one list and belongs to the other.
        (Verb::Archive, Some(_)) if !list::is_archive() => take_out(id),
        (Verb::Archive, None) if list::is_archive() => paging::resync(),
        (Verb::Restore, Some(_)) if list::is_archive() => take_out(id),
        (Verb::Restore, None) if !list::is_archive() => paging::resync(),
        // It returns to the list that it was deleted from, which is unknown here.
        (Verb::Undelete, None) => paging::resync(),
        (Verb::Unread, None) if list::filter() == "unread" => paging::resync(),
        _ => {}
    }
}
