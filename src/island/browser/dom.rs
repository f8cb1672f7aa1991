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

/// Whether nobody can see this document.
pub(super) fn is_hidden() -> bool {
    document().is_some_and(|document| document.hidden())
}

pub(super) fn by_id(id: &str) -> Option<Element> {
    document()?.get_element_by_id(id)
}

/// The first element inside another that matches.
pub(super) fn find(around: &Element, selector: &str) -> Option<Element> {
    around.query_selector(selector).ok()?
}

/// All elements of the document that match, as they are now.
pub(super) fn all(selector: &str) -> Vec<Element> {
    let Some(found) = document().and_then(|document| document.query_selector_all(selector).ok()) else { return Vec::new() };
    (0..found.length()).filter_map(|index| found.get(index)?.dyn_into().ok()).collect()
}

/// Takes the focus out of an element that will not hold it: the panel has it then, rather than nothing.
pub(super) fn release_focus(element: &Element) {
    if element.matches(":focus-within").unwrap_or_default()
        && let Some(panel) = by_id("panel").and_then(|panel| panel.dyn_into::<HtmlElement>().ok())
    {
        let _ = panel.focus();
    }
}

/// Shows or hides an element.
pub(super) fn show(id: &str, visible: bool) {
    if let Some(element) = by_id(id) {
        if !visible {
            release_focus(&element);
        }
        let _ = if visible { element.remove_attribute("hidden") } else { element.set_attribute("hidden", "") };
    }
}

/// Writes a text into the element of this id, or into the one inside it that matches.
pub(super) fn write(id: &str, selector: &str, text: &str) {
    let place = by_id(id).and_then(|place| if selector.is_empty() { Some(place) } else { find(&place, selector) });
    if let Some(place) = place {
        place.set_text_content(Some(text));
    }
}

/// The nearest element around the event's target that matches.
pub(super) fn around(event: &Event, selector: &str) -> Option<Element> {
    event.target()?.dyn_into::<Element>().ok()?.closest(selector).ok()?
}

/// Listens for the life of the document.
pub(super) fn listen(target: &EventTarget, event: &str, handler: impl FnMut(Event) + 'static) {
    attach(target, event, Closure::new(handler));
}

fn attach(target: &EventTarget, event: &str, closure: Closure<dyn FnMut(Event)>) {
    let _ = target.add_event_listener_with_callback(event, closure.as_ref().unchecked_ref());
    closure.forget();
}

/// Calls back once after so many milliseconds.
pub(super) fn later(milliseconds: i32, handler: impl FnOnce() + 'static) {
    call_later(milliseconds, Box::new(handler));
}

// One function for all handlers: each kind of closure that is handed to the browser costs bytes.
fn call_later(milliseconds: i32, handler: Box<dyn FnOnce()>) {
    if let Some(window) = window() {
        let _ = window.set_timeout_with_callback_and_timeout_and_arguments_0(&Closure::once_into_js(handler).unchecked_into(), milliseconds);
    }
}

/// A wait stretched at random by up to as much again, at least by a little, so that many do not come back at one moment.
#[expect(clippy::cast_possible_truncation, reason = "at most a minute of milliseconds")]
pub(super) fn stretched(wait: i32) -> i32 {
    const SPREAD: i32 = 1_500;
    wait + (f64::from(wait.max(SPREAD)) * js_sys::Math::random()) as i32
}

/// Tells the other scripts of this document something.
pub(super) fn tell(name: &str, detail: &JsValue) {
    let init = CustomEventInit::new();
    init.set_detail(detail);
    if let (Some(document), Ok(event)) = (document(), CustomEvent::new_with_event_init_dict(name, &init)) {
        let _ = document.dispatch_event(&event);
    }
}

/// Asks the frame script to pass a message to the loader on the site's page.
pub(super) fn say(kind: &str, fields: &[(&str, JsValue)]) {
    let message = Object::new();
    let _ = Reflect::set(&message, &"belfry".into(), &kind.into());
    for (name, value) in fields {
        let _ = Reflect::set(&message, &(*name).into(), value);
    }
    tell("belfry:say", &message);
}

/// A line for the reader, until the next one; an empty one takes it away.
pub(super) fn notice(text: &str) {
    write("notice", "", text);
    show("notice", !text.is_empty());
}
