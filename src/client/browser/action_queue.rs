//! The queue of actions on their way to the server. They are sent one at a time in the order in
//! which they were made, except that of a followed link, which is sent at once. While the server is
//! unreachable they wait. An action names its messages, so sending it twice changes nothing. Must not
//! depend on the parts in which the reader acts.

use super::{
    counts, cursor, dom,
    http::Failure,
    json,
    message::Message,
    session,
    state::{self, QueuedAction, state},
    texts,
};
use crate::optimistic_counts::ActionKind;
use std::{cell::RefMut, collections::VecDeque};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;

/// First and longest wait before another attempt, in milliseconds. Waking up, the network and the
/// stream trigger one earlier.
const FIRST_RETRY_MS: i32 = 2_000;
const MAX_RETRY_MS: i32 = 30_000;

/// Counts an action at once and queues it. `put_back` is called when the server rejects it.
pub(super) fn send(
    verb: ActionKind,
    id: &str,
    about: String,
    unread: i32,
    put_back: impl FnOnce() + 'static,
) {
    enqueue(verb, id, about, unread, Box::new(put_back));
}

fn enqueue(verb: ActionKind, id: &str, about: String, unread: i32, put_back: Box<dyn FnOnce()>) {
    // Of several "seen" in a row only the last needs to be sent.
    let former = actions().pop_back_if(|last| verb == ActionKind::Seen && last.verb == verb);
    let number = counts::update(|ledger| {
        if let Some(former) = former {
            ledger.settle(former.number);
        }
        ledger.mark(verb, id, unread)
    });
    let mark = QueuedAction { verb, number, about, put_back };
    if verb == ActionKind::Clicked {
        // The page may be unloaded in a moment, and the order does not matter for this action.
        spawn_local(async { _ = deliver(mark).await });
    } else {
        actions().push_back(mark);
        if verb == ActionKind::Seen {
            // A broadcast reaches many open panels at the same moment; their requests are spread
            // over a short time.
            dom::set_timeout(dom::with_jitter(0), flush);
        } else {
            flush();
        }
    }
}

/// Sends the queue now, because the server is likely to be reachable.
pub(super) fn flush() {
    let queue = &state().queue;
    if queue.is_sending.get() {
        return;
    }
    let next = actions().pop_front();
    if let Some(mark) = next {
        queue.is_sending.set(true);
        spawn_local(async {
            let delivered = deliver(mark).await;
            queue.is_sending.set(false);
            if delivered {
                flush();
            }
            if !has_unsent() {
                state::send(Message::ActionsSent);
            }
        });
    }
}

fn actions() -> RefMut<'static, VecDeque<QueuedAction>> {
    state().queue.actions.borrow_mut()
}

/// Whether there are actions that the server may not have.
pub(super) fn has_unsent() -> bool {
    let queue = &state().queue;
    queue.is_sending.get() || !actions().is_empty()
}

/// Returns whether the action is finished; otherwise it stays queued.
async fn deliver(mark: QueuedAction) -> bool {
    let queue = &state().queue;
    let about = if mark.verb == ActionKind::UndoAllRead {
        {
            let undo = queue.all_read.take();
            queue.all_read.set(undo.clone());
            undo
        }
    } else {
        mark.about.clone()
    };
    let answer = if about.is_empty() {
        // "All read" changed nothing, so there is nothing to undo.
        Ok(JsValue::UNDEFINED)
    } else {
        session::post("/marks", &["{\"", mark.verb.word(), "\":", &about, "}"].concat()).await
    };
    match answer {
        Ok(answer) => {
            if mark.verb == ActionKind::AllRead {
                queue.all_read.set(json::integer_text(&answer, "undo"));
            }
            counts::take(&answer);
            counts::update(|ledger| ledger.settle(mark.number));
            cursor::on_action_confirmed(
                json::number(&answer, "since"),
                json::number(&answer, "version"),
            );
            queue.wait.set(FIRST_RETRY_MS);
            dom::show_notice("");
        }
        Err(Failure::Unreachable | Failure::Refused(429 | 502..=504)) => {
            actions().push_front(mark);
            let wait = queue.wait.get().max(FIRST_RETRY_MS);
            queue.wait.set((wait * 2).min(MAX_RETRY_MS));
            dom::set_timeout(dom::with_jitter(wait), flush);
            return false;
        }
        Err(_) => {
            counts::update(|ledger| ledger.settle(mark.number));
            if mark.verb == ActionKind::AllRead {
                queue.all_read.take();
            }
            (mark.put_back)();
            // The reader did not request "seen", so no notice is shown when it fails.
            if mark.verb != ActionKind::Seen {
                dom::show_notice(&texts::text("failed"));
            }
        }
    }
    true
}

/// The JSON body for a list of messages.
pub(super) fn ids_body(id: &str) -> String {
    ["[\"", id, "\"]"].concat()
}

/// The JSON body for one message.
pub(super) fn id_body(id: &str) -> String {
    ["\"", id, "\""].concat()
}
