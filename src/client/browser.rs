//! The browser's half of the islands: user actions, the event stream and the counts.
//!
//! The document's state is the DOM and one [`state::State`]. Modules depend only on those below
//! them, as in the list of modules, lowest first; what concerns a module above is sent as a
//! [`Message`], which [`dispatch`] hands on. [`http`] is the only module that sends requests, and
//! [`script_events`] the only one that exchanges `belfry:` events with the document's scripts.

mod dom;
mod json;
mod message;

mod state;

mod http;
mod list;
mod script_events;
mod texts;

mod arrivals;
mod counts;
mod cursor;

mod session;

mod action_queue;
mod event_stream;

mod changes;
mod paging;
mod undo;

mod actions;

use super::BellState;
use leptos::prelude::ArcRwSignal;
use message::Message;

/// The values that the bell displays.
pub(super) fn displayed_bell() -> ArcRwSignal<BellState> {
    counts::bell()
}

/// Registers all listeners. Called once for a document.
pub(super) fn start() {
    state::dispatch_with(dispatch);
    cursor::note_list_positions();
    script_events::listen();
    actions::listen();
    arrivals::listen();
    paging::listen();
    event_stream::start();
    // The panel opens without the islands and may be open already.
    actions::mark_seen();
    dom::set_attribute("awake", "");
}

/// Hands a message on to the modules that it concerns.
fn dispatch(message: Message) {
    match message {
        Message::PanelOpened => {
            actions::mark_seen();
            action_queue::flush();
        }
        Message::PanelClosed | Message::ScrolledToTop => arrivals::insert_waiting(),
        Message::VisibilityChanged => {
            actions::mark_seen();
            dispatch(Message::Resumed);
        }
        Message::Resumed => {
            action_queue::flush();
            event_stream::resume();
        }
        Message::TokenReceived(token) => session::exchange_token(&token),
        Message::Stream(event) => event_stream::on_event(event),
        Message::ServerReachable => action_queue::flush(),
        Message::Reconnected | Message::ActionsSent => paging::retry(),
        Message::InboxChanged(change, data) => changes::apply(change, &data),
        Message::CategoriesChanged | Message::ListOutdated => paging::resync(),
        Message::ItemsDisplayed => actions::mark_seen(),
        Message::ItemRemoved => paging::load_if_exhausted(),
    }
}
