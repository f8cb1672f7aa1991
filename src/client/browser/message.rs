//! The messages between the parts of the islands. The part in which something happens sends a
//! message with [`super::state::send`], and [`super`] dispatches it, so that parts need not know
//! each other. Must not depend on any part.

use wasm_bindgen::JsValue;

/// What happened.
pub(super) enum Message {
    /// The reader opened the panel.
    PanelOpened,
    /// The reader closed the panel.
    PanelClosed,
    /// The reader scrolled the list to its top.
    ScrolledToTop,
    /// The reader changed which categories to see.
    CategoriesChanged,
    /// The document went to the background or returned from it.
    VisibilityChanged,
    /// The network or a suspended page returned.
    Resumed,
    /// The loader passed on a token of the site's page.
    TokenReceived(String),
    /// The script that holds the event stream reported something.
    Stream(StreamEvent),
    /// The server answered.
    ServerReachable,
    /// Events arrive again.
    Reconnected,
    /// All actions have been sent.
    ActionsSent,
    /// The server reported a change of the inbox, with its data.
    InboxChanged(Change, JsValue),
    /// The list lacks a change and must be fetched again.
    ListOutdated,
    /// Items may have become visible.
    ItemsDisplayed,
    /// An item was removed from the list by a change.
    ItemRemoved,
}

/// What the script that holds the event stream reports.
pub(super) enum StreamEvent {
    /// This tab holds the stream from now on.
    Lead,
    /// Another tab holds the stream.
    Follow,
    /// The stream was lost.
    Lost,
    /// The tab that holds the stream does not reach the server.
    Down,
    /// The page was suspended for a while.
    Woke,
    /// The server ended the stream.
    Ended,
    /// An event of the server, with its data.
    Event(Change, JsValue),
}

/// What an event of the server is about.
#[derive(Clone, Copy)]
pub(super) enum Change {
    /// A message was sent to the reader.
    MessageAdded,
    /// A message was edited.
    MessageEdited,
    /// A message was removed.
    MessageRemoved,
    /// The reader acted on messages, here or on another device.
    ReaderActed,
    /// Nothing but the current version.
    Version,
    /// What other scripts handle.
    Other,
}
