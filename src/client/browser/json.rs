//! Reads fields of JSON values: responses, event data, and the few DOM events that are read alike.

use js_sys::Reflect;
use wasm_bindgen::JsValue;

/// A field; undefined if absent.
pub(super) fn value(answer: &JsValue, name: &str) -> JsValue {
    Reflect::get(answer, &name.into()).unwrap_or_default()
}

/// A string; empty if absent.
pub(super) fn string(answer: &JsValue, name: &str) -> String {
    value(answer, name).as_string().unwrap_or_default()
}

/// An integer as text; empty if absent.
pub(super) fn integer_text(answer: &JsValue, name: &str) -> String {
    // Positions and versions are integers below 2^53.
    value(answer, name)
        .as_f64()
        .map(|number| String::from(js_sys::Number::from(number).to_js_string()))
        .unwrap_or_default()
}

/// A boolean; false if absent.
pub(super) fn flag(answer: &JsValue, name: &str) -> bool {
    value(answer, name).is_truthy()
}

/// An integer; 0 if absent.
#[expect(clippy::cast_possible_truncation, reason = "versions stay below 2^53")]
pub(super) fn number(answer: &JsValue, name: &str) -> i64 {
    value(answer, name).as_f64().unwrap_or_default() as i64
}

/// The version of a response or event.
pub(super) fn version(answer: &JsValue) -> i64 {
    number(answer, "version")
}

/// A count, if there is one.
#[expect(clippy::cast_possible_truncation, reason = "counts stay below 101")]
pub(super) fn count(answer: &JsValue, name: &str) -> Option<i32> {
    value(answer, name).as_f64().map(|number| number as i32)
}
