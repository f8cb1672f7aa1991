//! The widget's texts in the browser: the few that are made here, in the language of the document.

use super::dom;
use js_sys::{Array, Intl::PluralRules, JSON, Object, Reflect};
use wasm_bindgen::JsValue;

thread_local! {
    static TEXTS: JsValue = dom::attribute("texts").and_then(|text| JSON::parse(&text).ok()).unwrap_or(JsValue::UNDEFINED);
}

/// A text by its key; empty where it is missing.
pub(super) fn text(key: &str) -> String {
    TEXTS.with(|texts| Reflect::get(texts, &key.into()).ok()).and_then(|value| value.as_string()).unwrap_or_default()
}

/// A template with its one place filled in.
pub(super) fn fill(template: &str, place: &str, value: &str) -> String {
    js_sys::JsString::from(template).replace(place, value).into()
}

/// A counted text, in the form that the language's plural rules ask for.
pub(super) fn counted(key: &str, count: u32) -> String {
    // The texts' language, which is not the reader's where there is no catalogue for that.
    let category = PluralRules::new(&Array::of1(&text("tag").into()), &Object::new()).select(f64::from(count)).as_string();
    let template = text(&[key, ".", category.as_deref().unwrap_or("other")].concat());
    fill(&template, "{count}", &crate::island::opening::badge(count))
}

/// The bell's accessible name for a count.
pub(super) fn bell_name(unread: u32) -> String {
    let name = if unread == 0 { text("bell") } else { counted("bell", unread) };
    // What a script says of the tab "Messages", where the site has it.
    name + &dom::attribute("answers-name").unwrap_or_default()
}
