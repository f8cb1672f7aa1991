//! The state of the islands that is not in the DOM: one value for the document. Each group of
//! fields is changed by the module it names. Must not depend on any part; all parts read it.

use super::{dom, message::Message};
use crate::{
    BellState,
    optimistic_counts::{ActionKind, OptimisticCounts},
};
use js_sys::{Function, JSON, Promise};
use leptos::prelude::ArcRwSignal;
use std::{
    cell::{Cell, OnceCell, RefCell},
    collections::VecDeque,
};
use wasm_bindgen::JsValue;
use web_sys::Element;

/// The state of the document.
pub(super) struct State {
    dispatch: Cell<Option<fn(Message)>>,
    /// The texts that are assembled in the browser.
    pub(super) texts: JsValue,
    pub(super) bearer: Bearer,
    /// The running renewal of the session.
    pub(super) renewal: Cell<Option<PendingRenewal>>,
    pub(super) counts: CountsState,
    pub(super) cursor: CursorState,
    pub(super) arrivals: ArrivalsState,
    pub(super) queue: QueueState,
    pub(super) undo: UndoState,
    pub(super) paging: PagingState,
    pub(super) stream: StreamState,
    /// Whether a request for the counts is running.
    pub(super) is_counting: Cell<bool>,
}

/// The session's bearer secret, kept in memory for browsers that refuse the cookie: `http`.
pub(super) struct Bearer {
    pub(super) secret: RefCell<Option<String>>,
    pub(super) is_needed: Cell<bool>,
}

/// The promise that all requests wait for, and its resolvers: `session`.
pub(super) struct PendingRenewal {
    pub(super) promise: Promise,
    pub(super) resolve: Function,
    pub(super) reject: Function,
}

/// `counts`.
pub(super) struct CountsState {
    pub(super) ledger: RefCell<OptimisticCounts>,
    /// The counts published last (unread, unseen).
    pub(super) published: Cell<(u32, u32)>,
    /// The values that the bell displays, once it is hydrated.
    pub(super) bell: OnceCell<ArcRwSignal<BellState>>,
}

/// `cursor`.
pub(super) struct CursorState {
    /// The last change that the list contains. The counts may be ahead of it, because the response
    /// to an action can overtake the stream.
    pub(super) version: Cell<i64>,
    /// The newest position that this document has displayed or has waiting.
    pub(super) newest: Cell<i64>,
}

/// `arrivals`.
#[derive(Default)]
pub(super) struct ArrivalsState {
    /// The items that wait behind the button.
    pub(super) waiting: RefCell<Vec<Element>>,
    /// Whether announcements pause.
    pub(super) is_silent: Cell<bool>,
    /// Number of messages not announced yet, and the title of the last one.
    pub(super) unannounced: Cell<(u32, String)>,
}

/// `action_queue`.
#[derive(Default)]
pub(super) struct QueueState {
    pub(super) actions: RefCell<VecDeque<QueuedAction>>,
    pub(super) is_sending: Cell<bool>,
    /// Wait before the next attempt, in milliseconds; 0 before the first failure.
    pub(super) wait: Cell<i32>,
    /// The undo information of the last "all read", as the server returned it.
    pub(super) all_read: Cell<String>,
}

/// An action on its way to the server.
pub(super) struct QueuedAction {
    pub(super) verb: ActionKind,
    /// Its number in the counts.
    pub(super) number: u32,
    /// The JSON body. For "undo all read" it is filled in from the response to "all read".
    pub(super) about: String,
    /// Called when the server rejects the action.
    pub(super) put_back: Box<dyn FnOnce()>,
}

/// `undo`.
#[derive(Default)]
pub(super) struct UndoState {
    pub(super) offer: Cell<Option<UndoOffer>>,
    /// Number of the current offer, so that the timer of an earlier one does not end this one.
    pub(super) number: Cell<u32>,
}

/// An action that can be undone.
pub(super) struct UndoOffer {
    pub(super) verb: ActionKind,
    pub(super) items: Vec<Element>,
    /// How many unread messages the action removed from the count.
    pub(super) unread: i32,
}

/// `paging`.
#[derive(Default)]
pub(super) struct PagingState {
    /// Whether an older page is being fetched.
    pub(super) is_loading: Cell<bool>,
    /// Whether scrolling triggers no request for the moment.
    pub(super) is_paused: Cell<bool>,
    /// Whether the list is being fetched from the start.
    pub(super) is_syncing: Cell<bool>,
    /// Number of the current list; a response for an earlier one is discarded.
    pub(super) list_number: Cell<u32>,
}

/// `event_stream`.
#[derive(Default)]
pub(super) struct StreamState {
    /// Whether this tab holds the stream.
    pub(super) is_leading: Cell<bool>,
    pub(super) is_connected: Cell<bool>,
    /// Whether this document has opened the stream before.
    pub(super) was_opened: Cell<bool>,
    /// Wait before the next attempt, in milliseconds; 0 for the shortest.
    pub(super) wait: Cell<i32>,
    /// Number of the current wait; earlier ones end without effect.
    pub(super) turn: Cell<u32>,
    /// Streams in a row that delivered nothing although the server was reachable.
    pub(super) silent_streams: Cell<u32>,
}

impl State {
    fn new() -> Self {
        let whole = |name| i32::try_from(dom::number(name)).unwrap_or_default();
        let version = dom::number("version");
        let ledger = OptimisticCounts::new(version, whole("unread"), whole("unseen"));
        Self {
            dispatch: Cell::default(),
            texts: dom::attribute("texts")
                .and_then(|text| JSON::parse(&text).ok())
                .unwrap_or(JsValue::UNDEFINED),
            bearer: Bearer {
                secret: RefCell::new(dom::take_attribute("bearer")),
                is_needed: Cell::default(),
            },
            renewal: Cell::default(),
            counts: CountsState {
                published: Cell::new(ledger.shown()),
                ledger: RefCell::new(ledger),
                bell: OnceCell::new(),
            },
            cursor: CursorState { version: Cell::new(version), newest: Cell::new(0) },
            arrivals: ArrivalsState::default(),
            queue: QueueState::default(),
            undo: UndoState::default(),
            paging: PagingState::default(),
            stream: StreamState::default(),
            is_counting: Cell::default(),
        }
    }
}

thread_local! {
    /// It lives as long as the document.
    static STATE: &'static State = Box::leak(Box::new(State::new()));
}

/// The state of this document.
// A copy at each call would cost bytes of WebAssembly.
#[inline(never)]
pub(super) fn state() -> &'static State {
    STATE.with(|state| *state)
}

/// Names the function that receives all messages. Called once, before any message is sent.
pub(super) fn dispatch_with(dispatch: fn(Message)) {
    state().dispatch.set(Some(dispatch));
}

/// Sends a message to the parts that it concerns. Returns when they have handled it.
pub(super) fn send(message: Message) {
    if let Some(dispatch) = state().dispatch.get() {
        dispatch(message);
    }
}
