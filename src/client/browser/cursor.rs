//! How far this document has received the inbox: the version that its list contains, and the newest
//! position. Must not depend on the parts that fetch or apply changes.

use super::{dom, json, list, state::state};
use wasm_bindgen::JsValue;

/// The last change that the list contains.
pub(super) fn version() -> i64 {
    state().cursor.version.get()
}

/// Records that the list contains everything up to this change.
pub(super) fn set_version(version: i64) {
    state().cursor.version.set(version);
    dom::set_attribute("cursor", &version.to_string());
}

/// Records an action that the server confirmed. If the list already contained everything before it,
/// it contains the action as well, so that a stream opened afterwards need not start with a resync.
pub(super) fn on_action_confirmed(since: i64, confirmed: i64) {
    if since <= version() && confirmed > version() {
        set_version(confirmed);
    }
}

/// Advances the cursor and returns the event's version. The list applies every event in stream
/// order; the counts only those newer than their own version.
pub(super) fn advance(data: &JsValue) -> i64 {
    let reported = json::version(data);
    set_version(version().max(reported));
    reported
}

/// The newest position that this document has received; 0 if there is none.
pub(super) fn newest_position() -> i64 {
    state().cursor.newest.get()
}

/// Records that this document has the message at this position.
pub(super) fn note_position(position: i64) {
    state().cursor.newest.set(newest_position().max(position));
}

/// Records all positions in the list, if the list begins with the newest message.
pub(super) fn note_list_positions() {
    if list::is_archive() || !dom::all("#panel .newest").is_empty() {
        return;
    }
    for item in dom::all("#list .item") {
        note_position(list::position(&item));
    }
}

/// Whether this document had a message at this position before.
pub(super) fn is_noted(position: i64) -> bool {
    position <= newest_position()
}
