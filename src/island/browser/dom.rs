//! Small words for the DOM.

use js_sys::{Object, Reflect};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::{CustomEvent, CustomEventInit, Document, Element, Event, EventTarget, HtmlElement, Window};

pub(super) fn window() -> Option<Window> {
    web_sys::window()
}

pub(super) fn document() -> Option<Document> {
    window()?.document()
}

/// The root element, which carries what the server and the scripts tell each other.
fn root() -> Option<HtmlElement> {
    document()?.document_element()?.dyn_into().ok()
}

/// A `data-*` attribute of the root.
pub(super) fn attribute(name: &str) -> Option<String> {
    root()?.get_attribute(&["data-", name].concat())
}

/// A whole number in a `data-*` attribute of the root; 0 where there is none.
pub(super) fn number(name: &str) -> i64 {
    attribute(name).and_then(|text| text.parse().ok()).unwrap_or_default()
}

/// Sets a `data-*` attribute of the root.
pub(super) fn set_attribute(name: &str, value: &str) {
    if let Some(root) = root() {
        let _ = root.set_attribute(&["data-", name].concat(), value);
    }
}

/// Takes a `data-*` attribute off the root and gives what it held.
pub(super) fn take_attribute(name: &str) -> Option<String> {
    let value = attribute(name)?;
    let _ = root()?.remove_attribute(&["data-", name].concat());
    (!value.is_empty()).then_some(value)
}

pub(super) fn by_id(id: &str) -> Option<Element> {
    document()?.get_element_by_id(id)
}

/// Shows or hides an element.
pub(super) fn show(id: &str, visible: bool) {
    if let Some(element) = by_id(id).and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
        element.set_hidden(!visible);
    }
}

/// Gives an element the focus, though one can't get to it by keyboard.
pub(super) fn focus(element: &Element) {
    let _ = element.set_attribute("tabindex", "-1");
    if let Some(element) = element.dyn_ref::<HtmlElement>() {
        let _ = element.focus();
    }
}

/// The nearest element around the event's target that matches.
pub(super) fn around(event: &Event, selector: &str) -> Option<Element> {
    event.target()?.dyn_into::<Element>().ok()?.closest(selector).ok()?
}

/// Listens for the life of the document.
pub(super) fn listen(target: &EventTarget, event: &str, handler: impl FnMut(Event) + 'static) {
    let closure = Closure::<dyn FnMut(Event)>::new(handler);
    let _ = target.add_event_listener_with_callback(event, closure.as_ref().unchecked_ref());
    closure.forget();
}

/// Calls back once after so many milliseconds.
pub(super) fn later(milliseconds: i32, handler: impl FnOnce() + 'static) {
    if let Some(window) = window() {
        let _ = window.set_timeout_with_callback_and_timeout_and_arguments_0(&Closure::once_into_js(handler).unchecked_into(), milliseconds);
    }
}

/// Asks the frame script to pass a message to the loader on the site's page.
pub(super) fn say(kind: &str, fields: &[(&str, JsValue)]) {
    let message = Object::new();
    let _ = Reflect::set(&message, &"belfry".into(), &kind.into());
    for (name, value) in fields {
        let _ = Reflect::set(&message, &(*name).into(), value);
    }
    let init = CustomEventInit::new();
    init.set_detail(&message);
    if let (Some(document), Ok(event)) = (document(), CustomEvent::new_with_event_init_dict("belfry:say", &init)) {
        let _ = document.dispatch_event(&event);
    }
}

/// A line for the reader, until the next one; an empty one takes it away.
pub(super) fn notice(text: &str) {
    if let Some(notice) = by_id("notice") {
        notice.set_text_content(Some(text));
    }
    show("notice", !text.is_empty());
}
