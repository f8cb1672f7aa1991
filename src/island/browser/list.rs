//! The list in the DOM. Its items are the server's HTML; here they are only put in, taken out and marked.

use super::dom;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlButtonElement, HtmlTemplateElement};

fn list() -> Option<Element> {
    dom::by_id("list")
}

/// The item of a message, where it is shown.
pub(super) fn item(id: &str) -> Option<Element> {
    // Ids come from our own server and hold nothing but hexadecimal digits and hyphens.
    list()?.query_selector(&["[data-id=\"", id, "\"]"].concat()).ok()?
}

/// The message's id of an item.
pub(super) fn id(item: &Element) -> Option<String> {
    item.get_attribute("data-id")
}

/// Whether an item is unread.
pub(super) fn is_unread(item: &Element) -> bool {
    item.class_list().contains("unread")
}

/// Whether an item stands above the others.
pub(super) fn is_pinned(item: &Element) -> bool {
    item.class_list().contains("pinned")
}

/// Marks an item.
pub(super) fn set_unread(item: &Element, unread: bool) {
    let _ = item.class_list().toggle_with_force("unread", unread);
}

/// Marks every item read; gives those that were not.
pub(super) fn read_all() -> Vec<Element> {
    let mut changed = Vec::new();
    let Some(found) = list().and_then(|list| list.query_selector_all(".unread").ok()) else { return changed };
    for index in 0..found.length() {
        if let Some(item) = found.get(index).and_then(|node| node.dyn_into::<Element>().ok()) {
            set_unread(&item, false);
            changed.push(item);
        }
    }
    changed
}

/// Puts a new message in its place: pinned ones first, then the newest. One that is there already stays as it is; gives whether it was new.
pub(super) fn put(id: &str, html: &str, pinned: bool) -> bool {
    let (Some(list), Some(new), None) = (list(), build(html), item(id)) else { return false };
    let before = if pinned { list.first_element_child() } else { list.query_selector(".item:not(.pinned)").ok().flatten() };
    let _ = list.insert_before(&new, before.as_deref());
    show_emptiness();
    true
}

/// Replaces a message that is shown; whether it was read stays.
pub(super) fn replace(id: &str, html: &str) {
    if let (Some(old), Some(new)) = (item(id), build(html)) {
        set_unread(&new, is_unread(&old));
        let _ = old.replace_with_with_node_1(&new);
    }
}

/// Takes a message out.
pub(super) fn remove(id: &str) {
    if let Some(item) = item(id) {
        item.remove();
    }
    show_emptiness();
}

/// Shows the first part of the list in place of all that is shown.
pub(super) fn reset(html: &str, next: Option<f64>) {
    if let Some(list) = list() {
        list.set_inner_html(html);
    }
    set_next(next);
    show_emptiness();
}

/// Adds an older part of the list at its end.
pub(super) fn extend(html: &str, next: Option<f64>) {
    if let Some(list) = list() {
        let _ = list.insert_adjacent_html("beforeend", html);
    }
    set_next(next);
}

/// Where the next older part begins.
pub(super) fn next() -> Option<String> {
    dom::by_id("older").filter(|older| !older.has_attribute("hidden"))?.get_attribute("data-next")
}

fn set_next(next: Option<f64>) {
    let Some(older) = dom::by_id("older") else { return };
    if let Some(next) = next {
        // Positions are whole numbers below 2^53.
        let _ = older.set_attribute("data-next", &js_sys::Number::from(next).to_string_with_radix(10).map(String::from).unwrap_or_default());
    }
    dom::show("older", next.is_some());
}

/// Whether there is anything to mark.
pub(super) fn allow_all_read(allowed: bool) {
    let button = dom::by_id("panel").and_then(|panel| panel.query_selector("[data-all] button").ok().flatten());
    if let Some(button) = button.and_then(|button| button.dyn_into::<HtmlButtonElement>().ok()) {
        button.set_disabled(!allowed);
    }
}

fn show_emptiness() {
    let filled = list().is_some_and(|list| list.first_element_child().is_some());
    dom::show("empty", !filled && next().is_none());
}

fn build(html: &str) -> Option<Element> {
    let template: HtmlTemplateElement = dom::document()?.create_element("template").ok()?.unchecked_into();
    template.set_inner_html(html);
    template.content().first_element_child()
}
