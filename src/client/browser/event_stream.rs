//! The event stream: opens it, and reconnects when it is lost. Must not depend on the parts that
//! apply its events.
//!
//! The stream itself belongs to a script (`event-stream.js`), because the tabs of one browser share
//! it. This module decides when to open it and with which proof, and passes its events on. Where
//! streams are blocked, it polls the server instead.

use super::{
    cursor, dom,
    http::{self, Failure},
    json,
    message::{Change, Message, StreamEvent},
    script_events, session,
    state::{send, state},
};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;

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

/// Asks the script for the stream.
pub(super) fn start() {
    state().stream.wait.set(FIRST_RETRY_MS);
    script_events::report_awake();
}

/// Handles a report of the script that holds the stream.
pub(super) fn on_event(event: StreamEvent) {
    let stream = &state().stream;
    match event {
        StreamEvent::Lead => {
            stream.is_leading.set(true);
            stream.silent_streams.set(0);
            // The document is the latest proof of the session. A stream that cannot be opened with
            // it is requested again with another proof.
            if !stream.was_opened.replace(true) && http::is_cookie_proven() {
                spawn_local(connect());
            } else {
                recover();
            }
        }
        StreamEvent::Follow => stream.is_leading.set(false),
        StreamEvent::Lost => on_disconnect(),
        StreamEvent::Down => on_unreachable(),
        StreamEvent::Woke => {
            show_disconnected();
            send(Message::Resumed);
        }
        StreamEvent::Ended => {
            // All streams of a site may end at the same moment, so readers reconnect with jitter.
            stream.wait.set(0);
            stream.silent_streams.set(0);
            on_disconnect();
        }
        StreamEvent::Event(change, data) => {
            stream.wait.set(FIRST_RETRY_MS);
            stream.silent_streams.set(0);
            on_connected();
            send(Message::ServerReachable);
            send(Message::InboxChanged(change, data));
        }
    }
}

fn on_connected() {
    if !state().stream.is_connected.replace(true) {
        send(Message::Reconnected);
    }
    dom::set_visible("offline", false);
    dom::set_attribute("stream", "open");
}

fn show_disconnected() {
    state().stream.is_connected.set(false);
    dom::set_attribute("stream", "lost");
}

/// The server is unreachable for this tab or for the one that holds the stream.
fn on_unreachable() {
    show_disconnected();
    dom::set_visible("offline", true);
}

/// Opens a lost stream at once, because the network or the reader has returned.
pub(super) fn resume() {
    let stream = &state().stream;
    let silent_streams = stream.silent_streams.get();
    if stream.is_leading.get()
        && (!stream.is_connected.get() || silent_streams >= MAX_SILENT_STREAMS)
    {
        stream.wait.set(FIRST_RETRY_MS);
        // It may be another network, which blocks no streams.
        stream.silent_streams.set(silent_streams.min(MAX_SILENT_STREAMS - 1));
        recover();
    }
}

/// A stream that is lost and reopened at once is not shown to the reader: the notice appears only
/// when the server does not answer.
fn on_disconnect() {
    let stream = &state().stream;
    stream.silent_streams.set(stream.silent_streams.get() + 1);
    show_disconnected();
    if stream.is_leading.get() {
        retry_later();
    }
}

fn retry_later() {
    let wait = state().stream.wait.get();
    state().stream.wait.set((wait * 2).clamp(FIRST_RETRY_MS, MAX_RETRY_MS));
    retry_after(wait);
}

fn retry_after(wait: i32) {
    let turn = next_turn();
    dom::set_timeout(dom::with_jitter(wait), move || {
        if state().stream.turn.get() == turn {
            recover();
        }
    });
}

fn next_turn() -> u32 {
    let turn = state().stream.turn.get() + 1;
    state().stream.turn.set(turn);
    turn
}

/// Renews the session if needed and opens the stream again.
fn recover() {
    next_turn();
    spawn_local(async {
        let stream = &state().stream;
        match session::get("/counts").await {
            Ok(answer) => {
                dom::set_visible("offline", false);
                send(Message::ServerReachable);
                let silent = stream.silent_streams.get();
                if silent < MAX_SILENT_STREAMS || silent.is_multiple_of(POLLS_PER_STREAM_RETRY) {
                    return connect().await;
                }
                stream.silent_streams.set(silent + 1);
                on_connected();
                script_events::share_poll(&answer);
                send(Message::InboxChanged(Change::Version, answer));
                retry_after(POLL_INTERVAL_MS);
            }
            Err(Failure::Refused(409)) => {}
            Err(_) => {
                // The expired session explains why the stream delivered nothing.
                stream.silent_streams.set(0);
                script_events::share_poll(&JsValue::UNDEFINED);
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
        &cursor::version().to_string(),
    ]
    .concat();
    if http::without_cookie() {
        match session::post("/ticket", "{}").await {
            Ok(answer) => {
                address = [&address, "&ticket=", &json::string(&answer, "ticket")].concat();
            }
            Err(_) => return retry_later(),
        }
    }
    script_events::connect(&address);
}
