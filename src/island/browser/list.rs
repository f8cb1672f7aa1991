//! The list in the DOM. Its items are the server's HTML; here they are only put in, taken out and marked.

use super::{dom, net};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, HtmlButtonElement, HtmlTemplateElement};

/// Which part of the inbox is shown.
pub(super) fn filter() -> String {
    dom::attribute("filter").unwrap_or_default()
}

/// Whether the list shows what the reader has put away.
pub(super) fn is_archive() -> bool {
    filter() == "archived"
}

fn list() -> Option<Element> {
    dom::by_id("list")
}

/// The item of a message, where it is shown.
pub(super) fn item(id: &str) -> Option<Element> {
    // Ids come from our own server and hold nothing but hexadecimal digits and hyphens.
    dom::find(&list()?, &["[data-id=\"", id, "\"]"].concat())
}

/// The message's id of an item.
pub(super) fn id(item: &Element) -> String {
    item.get_attribute("data-id").unwrap_or_default()
}

/// Whether an item is unread.
pub(super) fn is_unread(item: &Element) -> bool {
    item.class_list().contains("unread")
}

/// Whether an item stands above the others.
pub(super) fn is_pinned(item: &Element) -> bool {
    item.class_list().contains("pinned")
}

/// Where an item stands in the order of all that was ever shown.
pub(super) fn position(item: &Element) -> i64 {
    item.get_attribute("data-position").and_then(|text| text.parse().ok()).unwrap_or_default()
}

/// Marks an item.
pub(super) fn set_unread(item: &Element, unread: bool) {
    let _ = item.class_list().toggle_with_force("unread", unread);
}

/// Marks every item read; gives those that were not.
pub(super) fn read_all() -> Vec<Element> {
    let changed = dom::all("#list .unread");
    set_all_unread(&changed, false);
    changed
}

/// Marks these items.
pub(super) fn set_all_unread(items: &[Element], unread: bool) {
    for item in items {
        set_unread(item, unread);
    }
}

/// Puts an item where it belongs: pinned ones first, then the newest.
pub(super) fn place(item: &Element) {
    let Some(list) = list() else { return };
    // It may have come back by itself.
    if let Some(same) = self::item(&id(item)).filter(|same| same != item) {
        same.remove();
    }
    let rank = |item: &Element| (is_pinned(item) && !is_archive(), position(item));
    let own = rank(item);
    let mut next = list.first_element_child();
    while let Some(other) = next.as_ref().filter(|other| rank(other) > own) {
        next = other.next_element_sibling();
    }
    let _ = list.insert_before(item, next.as_deref());
    show_emptiness();
}

/// Replaces a message that is shown; whether it was read stays.
pub(super) fn replace(id: &str, html: &str) {
    if let (Some(old), Some(new)) = (item(id), build(html)) {
        set_unread(&new, is_unread(&old));
        let _ = old.replace_with_with_node_1(&new);
    }
}

/// Takes an item out.
pub(super) fn remove(item: &Element) {
    item.remove();
    show_emptiness();
}

/// Shows a first part of the list in place of all that is shown.
pub(super) fn reset(answer: &JsValue) {
    if let Some(list) = list() {
        list.set_inner_html(&net::string(answer, "html"));
    }
    set_next(answer);
    show_emptiness();
}

/// Adds an older part of the list at its end.
pub(super) fn extend(answer: &JsValue) {
    if let Some(list) = list() {
        let _ = list.insert_adjacent_html("beforeend", &net::string(answer, "html"));
    }
    set_next(answer);
}

/// Where the next older part begins; empty where this is all.
pub(super) fn next() -> String {
    dom::by_id("older").filter(|older| !older.has_attribute("hidden")).and_then(|older| older.get_attribute("data-next")).unwrap_or_default()
}

fn set_next(answer: &JsValue) {
    let next = net::whole(answer, "next");
    if let Some(older) = dom::by_id("older") {
        let _ = older.set_attribute("data-next", &next);
    }
    dom::show("older", !next.is_empty());
}

/// Whether there is anything to mark.
pub(super) fn allow_all_read(allowed: bool) {
    if let Some(button) = dom::all("[data-all] button").pop().and_then(|button| button.dyn_into::<HtmlButtonElement>().ok()) {
        if !allowed {
            dom::release_focus(&button);
        }
        button.set_disabled(!allowed);
    }
}

/// Whether nothing is shown although there is more.
pub(super) fn is_exhausted() -> bool {
    dom::all("#list .item").is_empty() && !next().is_empty()
}

fn show_emptiness() {
    let filled = list().is_some_and(|list| list.first_element_child().is_some());
    dom::show("empty", !filled && next().is_empty());
}

/// The item that some HTML makes.
pub(super) fn build(html: &str) -> Option<Element> {
    let template: HtmlTemplateElement = dom::document()?.create_element("template").ok()?.unchecked_into();
    template.set_inner_html(html);
    template.content().first_element_child()
}
