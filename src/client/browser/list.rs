//! The list in the DOM. Its items are the server's HTML; this module only inserts, removes and
//! marks them. Must not depend on the parts that change the list.

use super::{dom, json};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, HtmlButtonElement, HtmlTemplateElement};

/// Scroll offset, in pixels, up to which the list counts as scrolled to the top.
const TOP_TOLERANCE_PX: i32 = 8;

/// The filter of the list.
pub(super) fn filter() -> String {
    dom::attribute("filter").unwrap_or_default()
}

/// Whether the list shows the archive.
pub(super) fn is_archive() -> bool {
    filter() == "archived"
}

/// Whether the list is visible: the panel is open, and no other tab covers the list.
pub(super) fn is_visible() -> bool {
    dom::attribute("open").is_some() && dom::attribute("tab").is_none()
}

/// The element that scrolls the list.
pub(super) fn scroll_container() -> Option<Element> {
    dom::find(&dom::by_id("panel")?, ".scroll")
}

/// Whether the list is scrolled to the top.
pub(super) fn is_at_top() -> bool {
    scroll_container().is_none_or(|scroll| scroll.scroll_top() <= TOP_TOLERANCE_PX)
}

fn list() -> Option<Element> {
    dom::by_id("list")
}

/// The item of a message, if it is displayed.
pub(super) fn item(id: &str) -> Option<Element> {
    // Ids come from our server and consist of hexadecimal digits and hyphens, so they need no
    // escaping.
    dom::find(&list()?, &["[data-id=\"", id, "\"]"].concat())
}

/// The message id of an item.
pub(super) fn id(item: &Element) -> String {
    item.get_attribute("data-id").unwrap_or_default()
}

pub(super) fn is_unread(item: &Element) -> bool {
    item.class_list().contains("unread")
}

pub(super) fn is_pinned(item: &Element) -> bool {
    item.class_list().contains("pinned")
}

/// The position of an item's message.
pub(super) fn position(item: &Element) -> i64 {
    item.get_attribute("data-position").and_then(|text| text.parse().ok()).unwrap_or_default()
}

pub(super) fn set_unread(item: &Element, unread: bool) {
    let _ = item.class_list().toggle_with_force("unread", unread);
}

/// Marks every item as read. Returns those that were unread.
pub(super) fn mark_all_read() -> Vec<Element> {
    let changed = dom::all("#list .unread");
    set_all_unread(&changed, false);
    changed
}

pub(super) fn set_all_unread(items: &[Element], unread: bool) {
    for item in items {
        set_unread(item, unread);
    }
}

/// Inserts an item in order: pinned ones first, then the newest.
pub(super) fn insert(item: &Element) {
    let Some(list) = list() else { return };
    // It may have been inserted in the meantime.
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
    update_empty_state();
}

/// Replaces the item of a displayed message and keeps its read state.
pub(super) fn replace(id: &str, html: &str) {
    if let (Some(old), Some(new)) = (item(id), build(html)) {
        set_unread(&new, is_unread(&old));
        let _ = old.replace_with_with_node_1(&new);
    }
}

pub(super) fn remove(item: &Element) {
    item.remove();
    update_empty_state();
}

/// Replaces the whole list by a first page.
pub(super) fn reset(answer: &JsValue) {
    if let Some(list) = list() {
        list.set_inner_html(&json::string(answer, "html"));
    }
    set_next(answer);
    update_empty_state();
}

/// Appends an older page.
pub(super) fn extend(answer: &JsValue) {
    if let Some(list) = list() {
        let _ = list.insert_adjacent_html("beforeend", &json::string(answer, "html"));
    }
    set_next(answer);
}

/// The cursor of the next older page; empty on the last one.
pub(super) fn next() -> String {
    dom::by_id("older")
        .filter(|older| !older.has_attribute("hidden"))
        .and_then(|older| older.get_attribute("data-next"))
        .unwrap_or_default()
}

fn set_next(answer: &JsValue) {
    let next = json::integer_text(answer, "next");
    if let Some(older) = dom::by_id("older") {
        let _ = older.set_attribute("data-next", &next);
    }
    dom::set_visible("older", !next.is_empty());
}

/// Enables or disables the button "mark all as read".
pub(super) fn set_all_read_enabled(allowed: bool) {
    if let Some(button) = dom::all("[data-all] button")
        .pop()
        .and_then(|button| button.dyn_into::<HtmlButtonElement>().ok())
    {
        if !allowed {
            dom::release_focus(&button);
        }
        button.set_disabled(!allowed);
    }
}

/// Whether the list is empty although there are older messages.
pub(super) fn is_exhausted() -> bool {
    dom::all("#list .item").is_empty() && !next().is_empty()
}

fn update_empty_state() {
    let filled = list().is_some_and(|list| list.first_element_child().is_some());
    dom::set_visible("empty", !filled && next().is_empty());
}

/// Parses the HTML of one item.
pub(super) fn build(html: &str) -> Option<Element> {
    let template: HtmlTemplateElement =
        dom::document()?.create_element("template").ok()?.unchecked_into();
    template.set_inner_html(html);
    template.content().first_element_child()
}
