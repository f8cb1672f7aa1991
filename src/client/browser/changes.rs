//! Applies the changes that the server reports to the list and the counts: new, edited and removed
//! messages, and actions of the reader on other devices. Must not depend on how changes arrive.

use super::{
    arrivals, counts, cursor, dom, json, list,
    message::{Change, Message},
    session,
    state::{send, state},
};
use crate::optimistic_counts::ActionKind;
use js_sys::Array;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::spawn_local;

/// First and longest wait before the counts are requested again, in milliseconds; each is extended
/// by random jitter.
const FIRST_RETRY_MS: i32 = 500;
const MAX_RETRY_MS: i32 = 30_000;

/// Applies a change.
pub(super) fn apply(change: Change, data: &JsValue) {
    match change {
        Change::MessageAdded => on_message_added(data),
        Change::MessageEdited => on_message_edited(data),
        Change::MessageRemoved => on_message_removed(data),
        Change::ReaderActed => on_reader_action(data),
        // Another tab may hold the stream. If it is ahead of this one, this one missed something.
        Change::Version if json::version(data) > cursor::version() => send(Message::ListOutdated),
        Change::Version | Change::Other => {}
    }
}

fn on_message_added(data: &JsValue) {
    let Some(item) = list::build(&json::string(data, "html")) else { return };
    let version = cursor::advance(data);
    if cursor::is_noted(list::position(&item)) {
        // The message had expired and was extended. Its read state is known only to the server.
        counts::update(|ledger| ledger.removed(version));
        recount_soon();
        return send(Message::ListOutdated);
    }
    cursor::note_position(list::position(&item));
    counts::update(|ledger| ledger.arrived(version));
    if !list::is_archive() {
        arrivals::receive(item);
    }
    // A message that arrives while the list is visible counts as seen.
    send(Message::ItemsDisplayed);
}

fn on_message_edited(data: &JsValue) {
    cursor::advance(data);
    let (id, html, pinned) =
        (json::string(data, "id"), json::string(data, "html"), json::flag(data, "pinned"));
    if arrivals::replace(&id, &html) {
        return;
    }
    match list::item(&id).map(|item| list::is_pinned(&item)) {
        Some(shown) if shown == pinned => list::replace(&id, &html),
        None if !pinned => {}
        // Its position has changed as well.
        _ => send(Message::ListOutdated),
    }
}

fn on_message_removed(data: &JsValue) {
    let version = cursor::advance(data);
    remove_item(&json::string(data, "id"));
    // For a message below the displayed part, the read state is unknown here.
    counts::update(|ledger| ledger.removed(version));
    recount_soon();
}

fn remove_item(id: &str) {
    arrivals::discard(id);
    if let Some(item) = list::item(id) {
        list::remove(&item);
        send(Message::ItemRemoved);
    }
}

/// Requests the counts until they cover all removals; one request serves several messages.
fn recount_soon() {
    if !state().is_counting.replace(true) {
        dom::set_timeout(dom::with_jitter(0), || spawn_local(recount(FIRST_RETRY_MS)));
    }
}

async fn recount(wait: i32) {
    if let Ok(answer) = session::get("/counts").await {
        counts::take(&answer);
    }
    if counts::update(|ledger| ledger.is_owed()) {
        dom::set_timeout(dom::with_jitter(wait), move || {
            spawn_local(recount((wait * 2).min(MAX_RETRY_MS)));
        });
    } else {
        state().is_counting.set(false);
    }
}

/// The reader acted on messages, here or on another device.
fn on_reader_action(data: &JsValue) {
    cursor::advance(data);
    let Some(verb) = ActionKind::of(&json::string(data, "mark")) else { return };
    let ids: Array = json::value(data, "ids").dyn_into().unwrap_or_default();
    let ids: Vec<String> = ids.iter().filter_map(|id| id.as_string()).collect();
    counts::update(|ledger| ledger.echo(verb, ids.first().map_or("", String::as_str)));
    counts::take(data);
    match verb {
        // Only the server knows the messages concerned. The tab that sent the action displays them
        // already.
        ActionKind::AllRead | ActionKind::UndoAllRead => {
            if verb == ActionKind::AllRead {
                list::mark_all_read();
                arrivals::read_all();
            }
            if dom::all("#list .unread").len() < counts::displayed().0 as usize {
                send(Message::ListOutdated);
            }
        }
        _ => ids
            .iter()
            .filter(|id| !counts::update(|ledger| ledger.is_overtaken(verb, id)))
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
        (ActionKind::Archive, None) if list::is_archive() => send(Message::ListOutdated),
        (ActionKind::Restore, Some(_)) if list::is_archive() => remove_item(id),
        (ActionKind::Restore, None) if !list::is_archive() => send(Message::ListOutdated),
        // It returns to the list that it was deleted from, which is unknown here.
        (ActionKind::Undelete, None) => send(Message::ListOutdated),
        (ActionKind::Unread, None) if list::filter() == "unread" => send(Message::ListOutdated),
        _ => {}
    }
}
