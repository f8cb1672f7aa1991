//! The event stream: handles its events, and reconnects when it is lost.
//!
//! The stream itself belongs to a script (`event-stream.js`), because the tabs of one browser share
//! it. This module decides when to open it and with which proof, and applies its events. Where
//! streams are blocked, it polls the server instead.

use super::{
    action_queue, actions, arrivals, displayed_counts, dom, http, list, paging, take_counts,
    update_counts,
};
use crate::optimistic_counts::ActionKind;
use js_sys::{Array, Reflect};
use std::cell::Cell;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::spawn_local;
use web_sys::CustomEvent;

/// First and longest wait before another attempt, in milliseconds; each is extended by random
/// jitter.
const FIRST_RETRY_MS: i32 = 500;
const MAX_RETRY_MS: i32 = 30_000;
/// Poll interval where streams are blocked, in milliseconds.
const POLL_INTERVAL_MS: i32 = 8_000;
/// Streams are taken to be blocked after this many in a row that delivered nothing.
const MAX_SILENT_STREAMS: u32 = 2;
/// While polling, a stream is tried again after this many polls.
const POLLS_PER_STREAM_RETRY: u32 = 20;

thread_local! {
    /// Whether this tab holds the stream.
    static LEADING: Cell<bool> = const { Cell::new(false) };
    static CONNECTED: Cell<bool> = const { Cell::new(false) };
    /// Whether this document has not opened the stream yet.
    static FRESH: Cell<bool> = const { Cell::new(true) };
    static WAIT: Cell<i32> = const { Cell::new(FIRST_RETRY_MS) };
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
    dom::listen(&window, "online", |_| on_wake());
    dom::listen(&document, "visibilitychange", |_| on_wake());
    dom::listen(&document, "belfry:line", |event| {
        if let Some(event) = event.dyn_ref::<CustomEvent>() {
            let detail = event.detail();
            let data = Reflect::get(&detail, &"data".into()).unwrap_or_default();
            on_stream_state(&http::string(&detail, "kind"), &data);
        }
    });
    dom::dispatch("belfry:awake", &JsValue::UNDEFINED);
}

/// The last change that the list contains.
pub(super) fn cursor() -> i64 {
    CURSOR.get()
}

/// Records that the list contains everything up to this change.
pub(super) fn set_cursor(version: i64) {
    CURSOR.set(version);
    dom::set_attribute("cursor", &version.to_string());
}

/// Records an action that the server confirmed. If the list already contained everything before it,
/// it contains the action as well, so that a stream opened afterwards need not start with a resync.
pub(super) fn on_action_confirmed(since: i64, version: i64) {
    if since <= CURSOR.get() && version > CURSOR.get() {
        set_cursor(version);
    }
}

/// Advances the cursor and returns the event's version. The list applies every event in stream
/// order; the counts only those newer than their own version.
fn advance_cursor(data: &JsValue) -> i64 {
    let version = http::version(data);
    set_cursor(CURSOR.get().max(version));
    version
}

fn on_stream_state(kind: &str, data: &JsValue) {
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
        "lost" => on_disconnect(),
        "down" => on_unreachable(),
        "woke" => {
            show_disconnected();
            on_wake();
        }
        "ended" => {
            // All streams of a site may end at the same moment, so readers reconnect with jitter.
            WAIT.set(0);
            MUTE.set(0);
            on_disconnect();
        }
        _ => {
            WAIT.set(FIRST_RETRY_MS);
            MUTE.set(0);
            on_connected();
            action_queue::flush();
            on_event(kind, data);
        }
    }
}

fn on_event(kind: &str, data: &JsValue) {
    match kind {
        "message" => on_message_added(data),
        "edited" => on_message_edited(data),
        "removed" => on_message_removed(data),
        "counts" => on_reader_action(data),
        // Another tab may hold the stream. If it is ahead of this one, this one missed something.
        "resync" | "beat" if http::version(data) > CURSOR.get() => paging::resync(),
        _ => {}
    }
}

fn on_connected() {
    if !CONNECTED.replace(true) {
        paging::retry();
    }
    dom::set_visible("offline", false);
    dom::set_attribute("stream", "open");
}

fn show_disconnected() {
    CONNECTED.set(false);
    dom::set_attribute("stream", "lost");
}

/// The server is unreachable for this tab or for the one that holds the stream.
fn on_unreachable() {
    show_disconnected();
    dom::set_visible("offline", true);
}

fn on_wake() {
    action_queue::flush();
    if LEADING.get() && (!CONNECTED.get() || MUTE.get() >= MAX_SILENT_STREAMS) {
        WAIT.set(FIRST_RETRY_MS);
        // It may be another network, which blocks no streams.
        MUTE.set(MUTE.get().min(MAX_SILENT_STREAMS - 1));
        recover();
    }
}

/// A stream that is lost and reopened at once is not shown to the reader: the notice appears only
/// when the server does not answer.
fn on_disconnect() {
    MUTE.set(MUTE.get() + 1);
    show_disconnected();
    if LEADING.get() {
        retry_later();
    }
}

fn retry_later() {
    let wait = WAIT.get();
    WAIT.set((wait * 2).clamp(FIRST_RETRY_MS, MAX_RETRY_MS));
    retry_after(wait);
}

fn retry_after(wait: i32) {
    let turn = TURN.get() + 1;
    TURN.set(turn);
    dom::set_timeout(dom::with_jitter(wait), move || {
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
                dom::set_visible("offline", false);
                action_queue::flush();
                let mute = MUTE.get();
                if mute < MAX_SILENT_STREAMS || mute.is_multiple_of(POLLS_PER_STREAM_RETRY) {
                    return connect().await;
                }
                MUTE.set(mute + 1);
                on_connected();
                dom::dispatch("belfry:asked", &answer);
                on_event("beat", &answer);
                retry_after(POLL_INTERVAL_MS);
            }
            Err(http::Failure::Refused(409)) => {}
            Err(_) => {
                // The expired session explains why the stream delivered nothing.
                MUTE.set(0);
                dom::dispatch("belfry:asked", &JsValue::UNDEFINED);
                on_unreachable();
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
            Ok(answer) => {
                address = [&address, "&ticket=", &http::string(&answer, "ticket")].concat();
            }
            Err(_) => return retry_later(),
        }
    }
    dom::dispatch("belfry:connect", &address.into());
}

fn on_message_added(data: &JsValue) {
    let Some(item) = list::build(&http::string(data, "html")) else { return };
    let version = advance_cursor(data);
    if actions::is_noted(list::position(&item)) {
        // The message had expired and was extended. Its read state is known only to the server.
        update_counts(|ledger| ledger.removed(version));
        recount_soon();
        return paging::resync();
    }
    actions::note_position(list::position(&item));
    update_counts(|ledger| ledger.arrived(version));
    if !list::is_archive() {
        arrivals::receive(item);
    }
    // A message that arrives while the list is visible counts as seen.
    if actions::is_open() && displayed_counts().1 > 0 {
        actions::mark_seen();
    }
}

fn on_message_edited(data: &JsValue) {
    advance_cursor(data);
    let (id, html, pinned) =
        (http::string(data, "id"), http::string(data, "html"), http::flag(data, "pinned"));
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

fn on_message_removed(data: &JsValue) {
    let version = advance_cursor(data);
    remove_item(&http::string(data, "id"));
    // For a message below the displayed part, the read state is unknown here.
    update_counts(|ledger| ledger.removed(version));
    recount_soon();
}

fn remove_item(id: &str) {
    arrivals::discard(id);
    if let Some(item) = list::item(id) {
        list::remove(&item);
        paging::load_if_exhausted();
    }
}

/// Requests the counts until they cover all removals; one request serves several messages.
fn recount_soon() {
    if !COUNTING.replace(true) {
        dom::set_timeout(dom::with_jitter(0), || spawn_local(recount(FIRST_RETRY_MS)));
    }
}

async fn recount(wait: i32) {
    if let Ok(answer) = http::get("/counts").await {
        take_counts(&answer);
    }
    if update_counts(|ledger| ledger.is_owed()) {
        dom::set_timeout(dom::with_jitter(wait), move || {
            spawn_local(recount((wait * 2).min(MAX_RETRY_MS)));
        });
    } else {
        COUNTING.set(false);
    }
}

/// The reader acted on messages, here or on another device.
fn on_reader_action(data: &JsValue) {
    advance_cursor(data);
    let Some(verb) = ActionKind::of(&http::string(data, "mark")) else { return };
    let ids: Array =
        Reflect::get(data, &"ids".into()).unwrap_or_default().dyn_into().unwrap_or_default();
    let ids: Vec<String> = ids.iter().filter_map(|id| id.as_string()).collect();
    update_counts(|ledger| ledger.echo(verb, ids.first().map_or("", String::as_str)));
    take_counts(data);
    match verb {
        // Only the server knows the messages concerned. The tab that sent the action displays them
        // already.
        ActionKind::AllRead | ActionKind::UndoAllRead => {
            if verb == ActionKind::AllRead {
                list::mark_all_read();
                arrivals::read_all();
            }
            if dom::all("#list .unread").len() < displayed_counts().0 as usize {
                paging::resync();
            }
        }
        _ => ids
            .iter()
            .filter(|id| !update_counts(|ledger| ledger.is_overtaken(verb, id)))
            .for_each(|id| apply_remote_action(verb, id)),
    }
}

fn apply_remote_action(verb: ActionKind, id: &str) {
    let item = list::item(id).or_else(|| arrivals::waiting_item(id));
    match (verb, item) {
        (ActionKind::Read | ActionKind::Clicked, Some(item)) => list::set_unread(&item, false),
        (ActionKind::Unread, Some(item)) => list::set_unread(&item, true),
        (ActionKind::Delete, Some(_)) => remove_item(id),
        // It leaves one list and belongs to the other.
        (ActionKind::Archive, Some(_)) if !list::is_archive() => remove_item(id),
        (ActionKind::Archive, None) if list::is_archive() => paging::resync(),
        (ActionKind::Restore, Some(_)) if list::is_archive() => remove_item(id),
        (ActionKind::Restore, None) if !list::is_archive() => paging::resync(),
        // It returns to the list that it was deleted from, which is unknown here.
        (ActionKind::Undelete, None) => paging::resync(),
        (ActionKind::Unread, None) if list::filter() == "unread" => paging::resync(),
        _ => {}
    }
}
