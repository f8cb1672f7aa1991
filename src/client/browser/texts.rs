//! The few texts that are assembled in the browser, in the document's language. Must not depend on the parts
//! that show them.

use super::{dom, json, state::state};
use js_sys::{Array, Intl::PluralRules, Object};

/// A text by its key; empty if it is missing.
pub(super) fn text(key: &str) -> String {
    json::string(&state().texts, key)
}

/// Fills in the template's one placeholder.
pub(super) fn fill(template: &str, place: &str, value: &str) -> String {
    js_sys::JsString::from(template).replace(place, value).into()
}

/// A text with a count, in the plural form of the language.
pub(super) fn plural(key: &str, count: u32) -> String {
    // The language of the texts, which differs from the reader's if there is no catalogue for that.
    let category = PluralRules::new(&Array::of1(&text("tag").into()), &Object::new())
        .select(f64::from(count))
        .as_string();
    let template = text(&[key, ".", category.as_deref().unwrap_or("other")].concat());
    fill(&template, "{count}", &crate::bell_props::badge(count))
}

/// The bell's accessible name for an unread count.
pub(super) fn bell_name(unread: u32) -> String {
    let name = if unread == 0 { text("bell") } else { plural("bell", unread) };
    // Set if the site has the tab "Messages": its unread messages.
    name + &dom::attribute("answers-name").unwrap_or_default()
}
