//! The `belfry:` events that the islands and the scripts of the document exchange: the only module
//! that knows their names. Incoming events become messages. Must not depend on any part; parts call
//! it to reach the scripts.

use super::{
    dom, json,
    message::{Change, Message, StreamEvent},
    state::send,
};
use js_sys::{Object, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{CustomEvent, CustomEventInit, Element, Event};

/// Turns events of the document and its window into messages.
pub(super) fn listen() {
    let (Some(window), Some(document)) = (dom::window(), dom::document()) else { return };
    dom::listen(&document, "belfry:opened", |_| send(Message::PanelOpened));
    dom::listen(&document, "belfry:closed", |_| send(Message::PanelClosed));
    dom::listen(&document, "belfry:chosen", |_| send(Message::CategoriesChanged));
    dom::listen(&document, "belfry:token", |event| {
        if let Some(token) = detail(event).as_string() {
            send(Message::TokenReceived(token));
        }
    });
    dom::listen(&document, "belfry:line", |event| {
        let detail = detail(event);
        let data = json::value(&detail, "data");
        send(Message::Stream(stream_event(&json::string(&detail, "kind"), data)));
    });
    dom::listen(&document, "visibilitychange", |_| send(Message::VisibilityChanged));
    dom::listen(&window, "online", |_| send(Message::Resumed));
}

fn detail(event: &Event) -> JsValue {
    event.dyn_ref::<CustomEvent>().map(CustomEvent::detail).unwrap_or_default()
}

fn stream_event(kind: &str, data: JsValue) -> StreamEvent {
    let change = match kind {
        "lead" => return StreamEvent::Lead,
        "follow" => return StreamEvent::Follow,
        "lost" => return StreamEvent::Lost,
        "down" => return StreamEvent::Down,
        "woke" => return StreamEvent::Woke,
        "ended" => return StreamEvent::Ended,
        "message" => Change::MessageAdded,
        "edited" => Change::MessageEdited,
        "removed" => Change::MessageRemoved,
        "counts" => Change::ReaderActed,
        "resync" | "beat" => Change::Version,
        _ => Change::Other,
    };
    StreamEvent::Event(change, data)
}

/// Reports that the islands receive events from now on.
pub(super) fn report_awake() {
    dispatch("belfry:awake", &JsValue::UNDEFINED);
}

/// Opens the event stream at this address.
pub(super) fn connect(address: &str) {
    dispatch("belfry:connect", &address.into());
}

/// Shares the response to a poll with the other tabs; undefined if there was none.
pub(super) fn share_poll(answer: &JsValue) {
    dispatch("belfry:asked", answer);
}

/// Reports that an item was put back into the list.
pub(super) fn report_returned(item: &Element) {
    dispatch("belfry:returned", item);
}

/// Asks the frame script to post a message to the loader on the site's page.
pub(super) fn post_to_host(kind: &str, fields: &[(&str, JsValue)]) {
    let message = Object::new();
    let _ = Reflect::set(&message, &"belfry".into(), &kind.into());
    for (name, value) in fields {
        let _ = Reflect::set(&message, &(*name).into(), value);
    }
    dispatch("belfry:say", &message);
}

fn dispatch(name: &str, detail: &JsValue) {
    let init = CustomEventInit::new();
    init.set_detail(detail);
    if let (Some(document), Ok(event)) =
        (dom::document(), CustomEvent::new_with_event_init_dict(name, &init))
    {
        let _ = document.dispatch_event(&event);
    }
}
