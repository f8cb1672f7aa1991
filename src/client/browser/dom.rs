//! Helpers for the DOM. Must not depend on any other module of the islands.

use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{Document, Element, Event, EventTarget, HtmlElement, Window};

pub(super) fn window() -> Option<Window> {
    web_sys::window()
}

pub(super) fn document() -> Option<Document> {
    window()?.document()
}

/// The root element, whose attributes the server and the scripts share.
fn root() -> Option<HtmlElement> {
    document()?.document_element()?.dyn_into().ok()
}

/// A `data-*` attribute of the root.
pub(super) fn attribute(name: &str) -> Option<String> {
    root()?.get_attribute(&["data-", name].concat())
}

/// An integer in a `data-*` attribute of the root; 0 if it is absent.
pub(super) fn number(name: &str) -> i64 {
    attribute(name).and_then(|text| text.parse().ok()).unwrap_or_default()
}

/// Sets a `data-*` attribute of the root.
pub(super) fn set_attribute(name: &str, value: &str) {
    if let Some(root) = root() {
        let _ = root.set_attribute(&["data-", name].concat(), value);
    }
}

/// Removes a `data-*` attribute of the root and returns its value.
pub(super) fn take_attribute(name: &str) -> Option<String> {
    let value = attribute(name)?;
    let _ = root()?.remove_attribute(&["data-", name].concat());
    (!value.is_empty()).then_some(value)
}

/// Whether the document is in the background.
pub(super) fn is_hidden() -> bool {
    document().is_some_and(|document| document.hidden())
}

pub(super) fn by_id(id: &str) -> Option<Element> {
    document()?.get_element_by_id(id)
}

/// The first matching descendant.
pub(super) fn find(around: &Element, selector: &str) -> Option<Element> {
    around.query_selector(selector).ok()?
}

/// All matching elements of the document, as a snapshot.
pub(super) fn all(selector: &str) -> Vec<Element> {
    let Some(found) = document().and_then(|document| document.query_selector_all(selector).ok())
    else {
        return Vec::new();
    };
    (0..found.length()).filter_map(|index| found.get(index)?.dyn_into().ok()).collect()
}

/// Moves the focus to the panel when the element that has it is about to be removed or hidden.
pub(super) fn release_focus(element: &Element) {
    if element.matches(":focus-within").unwrap_or_default()
        && let Some(panel) = by_id("panel").and_then(|panel| panel.dyn_into::<HtmlElement>().ok())
    {
        let _ = panel.focus();
    }
}

/// Shows or hides an element.
pub(super) fn set_visible(id: &str, visible: bool) {
    if let Some(element) = by_id(id) {
        if !visible {
            release_focus(&element);
        }
        let _ = if visible {
            element.remove_attribute("hidden")
        } else {
            element.set_attribute("hidden", "")
        };
    }
}

/// Sets the text of the element with this id, or of its first matching descendant.
pub(super) fn set_text(id: &str, selector: &str, text: &str) {
    let place = by_id(id)
        .and_then(|place| if selector.is_empty() { Some(place) } else { find(&place, selector) });
    if let Some(place) = place {
        place.set_text_content(Some(text));
    }
}

/// The closest ancestor of the event's target that matches.
pub(super) fn closest(event: &Event, selector: &str) -> Option<Element> {
    event.target()?.dyn_into::<Element>().ok()?.closest(selector).ok()?
}

/// Adds a listener that is never removed. A function rather than any closure: each type of closure
/// passed to the browser costs bytes of WebAssembly.
pub(super) fn listen(target: &EventTarget, event: &str, handler: fn(&Event)) {
    let closure = Closure::<dyn FnMut(Event)>::new(move |event: Event| handler(&event));
    let _ = target.add_event_listener_with_callback(event, closure.as_ref().unchecked_ref());
    closure.forget();
}

/// Calls the handler once after a delay.
pub(super) fn set_timeout(milliseconds: i32, handler: impl FnOnce() + 'static) {
    set_boxed_timeout(milliseconds, Box::new(handler));
}

// One function for all handlers, for the same reason.
fn set_boxed_timeout(milliseconds: i32, handler: Box<dyn FnOnce()>) {
    if let Some(window) = window() {
        let _ = window.set_timeout_with_callback_and_timeout_and_arguments_0(
            &Closure::once_into_js(handler).unchecked_into(),
            milliseconds,
        );
    }
}

/// Adds random jitter: up to 100% of the wait, and at least up to 1.5 seconds, so that many clients
/// do not reconnect at the same moment.
#[expect(clippy::cast_possible_truncation, reason = "at most a minute of milliseconds")]
pub(super) fn with_jitter(wait: i32) -> i32 {
    const SPREAD: i32 = 1_500;
    wait + (f64::from(wait.max(SPREAD)) * js_sys::Math::random()) as i32
}

/// Shows a notice until the next one; an empty text hides it.
pub(super) fn show_notice(text: &str) {
    set_text("notice", "", text);
    set_visible("notice", !text.is_empty());
}
