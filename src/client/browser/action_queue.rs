//! The queue of actions on their way to the server. They are sent one at a time in the order in
//! which they were made, except that of a followed link, which is sent at once. While the server is
//! unreachable they wait. An action names its messages, so sending it twice changes nothing.

use super::{dom, event_stream, http, http::Failure, paging, take_counts, texts, update_counts};
use crate::optimistic_counts::ActionKind;
use std::{
    cell::{Cell, RefCell},
    collections::VecDeque,
};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;

/// First and longest wait before another attempt, in milliseconds. Waking up, the network and the
/// stream trigger one earlier.
const FIRST_RETRY_MS: i32 = 2_000;
const MAX_RETRY_MS: i32 = 30_000;

struct QueuedAction {
    verb: ActionKind,
    number: u32,
    /// The JSON body. For "undo all read" it is filled in from the response to "all read".
    about: String,
    put_back: Box<dyn FnOnce()>,
}

thread_local! {
    static QUEUE: RefCell<VecDeque<QueuedAction>> = const { RefCell::new(VecDeque::new()) };
    static SENDING: Cell<bool> = const { Cell::new(false) };
    static WAIT: Cell<i32> = const { Cell::new(FIRST_RETRY_MS) };
    /// The undo information of the last "all read", as the server returned it.
    static ALL_READ: RefCell<String> = const { RefCell::new(String::new()) };
}

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
    let former = QUEUE.with_borrow_mut(|queue| {
        queue.pop_back_if(|last| verb == ActionKind::Seen && last.verb == verb)
    });
    let number = update_counts(|ledger| {
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
        QUEUE.with_borrow_mut(|queue| queue.push_back(mark));
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
    if !SENDING.get()
        && let Some(mark) = QUEUE.with_borrow_mut(VecDeque::pop_front)
    {
        SENDING.set(true);
        spawn_local(async {
            let delivered = deliver(mark).await;
            SENDING.set(false);
            if delivered {
                flush();
            }
            if !has_unsent() {
                paging::retry();
            }
        });
    }
}

/// Whether there are actions that the server may not have.
pub(super) fn has_unsent() -> bool {
    SENDING.get() || QUEUE.with_borrow(|queue| !queue.is_empty())
}

/// Returns whether the action is finished; otherwise it stays queued.
async fn deliver(mark: QueuedAction) -> bool {
    let about = if mark.verb == ActionKind::UndoAllRead {
        ALL_READ.with_borrow(Clone::clone)
    } else {
        mark.about.clone()
    };
    let answer = if about.is_empty() {
        // "All read" changed nothing, so there is nothing to undo.
        Ok(JsValue::UNDEFINED)
    } else {
        http::post("/marks", &["{\"", mark.verb.word(), "\":", &about, "}"].concat()).await
    };
    match answer {
        Ok(answer) => {
            if mark.verb == ActionKind::AllRead {
                ALL_READ.set(http::integer_text(&answer, "undo"));
            }
            take_counts(&answer);
            update_counts(|ledger| ledger.settle(mark.number));
            event_stream::on_action_confirmed(
                http::number(&answer, "since"),
                http::number(&answer, "version"),
            );
            WAIT.set(FIRST_RETRY_MS);
            dom::show_notice("");
        }
        Err(Failure::Unreachable | Failure::Refused(429 | 502..=504)) => {
            QUEUE.with_borrow_mut(|queue| queue.push_front(mark));
            let wait = WAIT.get();
            WAIT.set((wait * 2).min(MAX_RETRY_MS));
            dom::set_timeout(dom::with_jitter(wait), flush);
            return false;
        }
        Err(_) => {
            update_counts(|ledger| ledger.settle(mark.number));
            if mark.verb == ActionKind::AllRead {
                ALL_READ.take();
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
