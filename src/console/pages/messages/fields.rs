//! Fields whose names are built at run time: one for each language and button. Values are always
//! escaped.

use crate::form::Form;
use belfry_web::html::{IntoMarkup, Markup};
use leptos::prelude::*;

fn wrapper(
    name: &str,
    label: String,
    hint: Option<String>,
    error: Option<String>,
    control: Markup,
) -> Markup {
    let (error_id, hint_id) = (format!("{name}-error"), format!("{name}-hint"));
    view! {
        <div class="field">
            <label for=name.to_owned()>{label}</label>
            {control}
            {error.map(|error| view! { <p class="wrong" id=error_id>{error}</p> })}
            {hint.map(|hint| view! { <p class="hint" id=hint_id>{hint}</p> })}
        </div>
    }
    .into_markup()
}

fn described(name: &str, hint: bool, error: bool) -> Option<String> {
    match (hint, error) {
        (false, false) => None,
        (true, false) => Some(format!("{name}-hint")),
        (false, true) => Some(format!("{name}-error")),
        (true, true) => Some(format!("{name}-error {name}-hint")),
    }
}

/// A single-line text field.
pub(in crate::pages) fn text_input(
    form: &Form,
    name: &str,
    kind: &'static str,
    label: impl Into<String>,
    hint: Option<&str>,
) -> Markup {
    let error = form.error(name);
    let list = (name == "category").then_some("categories");
    let control = view! {
        <input
            id=name.to_owned()
            name=name.to_owned()
            type=kind
            value=(kind != "file").then(|| form.get(name).to_owned())
            accept=(kind == "file").then_some("image/png,image/jpeg,image/gif,image/webp")
            list=list
            autocomplete="off"
            aria-invalid=error.is_some().then_some("true")
            aria-describedby=described(name, hint.is_some(), error.is_some())
        />
    };
    wrapper(name, label.into(), hint.map(ToOwned::to_owned), error, control.into_markup())
}

/// A multi-line text field. As in [`crate::view::TextArea`], the content is escaped here,
/// after a line break that browsers drop.
pub(in crate::pages) fn text_area(
    form: &Form,
    name: &str,
    rows: u32,
    label: impl Into<String>,
    hint: Option<&str>,
    markdown: bool,
) -> Markup {
    let error = form.error(name);
    let inside = format!("\n{}", html_escape::encode_text(form.get(name)));
    let control = view! {
        <textarea
            id=name.to_owned()
            name=name.to_owned()
            rows=rows.to_string()
            class:code=!markdown
            data-markdown=markdown.then_some("1")
            aria-invalid=error.is_some().then_some("true")
            aria-describedby=described(name, hint.is_some(), error.is_some())
            inner_html=inside
        ></textarea>
    };
    wrapper(name, label.into(), hint.map(ToOwned::to_owned), error, control.into_markup())
}

/// A checkbox.
pub(super) fn checkbox(form: &Form, name: &str, label: &'static str) -> Markup {
    let checked = form.contains(name);
    view! {
        <div class="field tick">
            <label><input type="checkbox" name=name.to_owned() checked=checked/><span>{label}</span></label>
        </div>
    }
    .into_markup()
}
