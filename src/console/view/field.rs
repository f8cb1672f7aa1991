//! Form fields. Values and errors come from the [`Form`].

use crate::{form::Form, request_context::RequestContext};
use belfry_web::html::{IntoMarkup, Markup};
use leptos::prelude::*;

/// The CSRF token; the first field of every posted form.
pub(crate) fn csrf_field(context: &RequestContext) -> impl IntoView + use<> {
    view! { <input type="hidden" name="token" value=context.token.clone() autocomplete="off"/> }
}

fn described_by(name: &str, hint: bool, error: bool) -> Option<String> {
    let hint = hint.then(|| format!("{name}-hint"));
    let error = error.then(|| format!("{name}-error"));
    let ids: Vec<String> = [error, hint].into_iter().flatten().collect();
    (!ids.is_empty()).then(|| ids.join(" "))
}

fn wrapper(
    name: &'static str,
    label: String,
    hint: Option<String>,
    error: Option<String>,
    control: Markup,
) -> Markup {
    view! {
        <div class="field">
            <label for=name>{label}</label>
            {control}
            {error.map(|error| view! { <p class="wrong" id=format!("{name}-error")>{error}</p> })}
            {hint.map(|hint| view! { <p class="hint" id=format!("{name}-hint")>{hint}</p> })}
        </div>
    }
    .into_markup()
}

/// A single-line input.
#[component]
pub(crate) fn Field(
    #[prop(optional)] form: Form,
    name: &'static str,
    #[prop(into)] label: String,
    /// The input type.
    #[prop(default = "text")]
    kind: &'static str,
    #[prop(optional, into)] hint: Option<String>,
    #[prop(optional, into)] placeholder: Option<String>,
    #[prop(default = "off")] autocomplete: &'static str,
    #[prop(optional)] required: bool,
    #[prop(optional)] focus: bool,
    /// The value is never rendered again.
    #[prop(optional)]
    secret: bool,
) -> impl IntoView {
    let error = form.error(name);
    let value =
        (!secret && kind != "password" && kind != "file").then(|| form.get(name).to_owned());
    let describe = described_by(name, hint.is_some(), error.is_some());
    let invalid = error.is_some().then_some("true");
    let control = view! {
        <input
            id=name
            name=name
            type=kind
            value=value
            placeholder=placeholder
            autocomplete=autocomplete
            required=required
            autofocus=focus
            aria-invalid=invalid
            aria-describedby=describe
        />
    };
    wrapper(name, label, hint, error, control.into_markup())
}

/// A text area. Leptos does not escape its content, so this does; and browsers drop the first line
/// break, so there is one to drop.
#[component]
pub(crate) fn TextArea(
    #[prop(optional)] form: Form,
    name: &'static str,
    #[prop(into)] label: String,
    #[prop(default = 5)] rows: u32,
    #[prop(optional, into)] hint: Option<String>,
    #[prop(optional)] code: bool,
    #[prop(optional)] required: bool,
) -> impl IntoView {
    let error = form.error(name);
    let describe = described_by(name, hint.is_some(), error.is_some());
    let invalid = error.is_some().then_some("true");
    let inside = format!("\n{}", html_escape::encode_text(form.get(name)));
    let control = view! {
        <textarea
            id=name
            name=name
            rows=rows.to_string()
            class:code=code
            required=required
            aria-invalid=invalid
            aria-describedby=describe
            inner_html=inside
        ></textarea>
    };
    wrapper(name, label, hint, error, control.into_markup())
}

/// A select; `options` are values with labels.
#[component]
pub(crate) fn Select(
    #[prop(optional)] form: Form,
    name: &'static str,
    #[prop(into)] label: String,
    options: Vec<(String, String)>,
    #[prop(optional, into)] hint: Option<String>,
) -> impl IntoView {
    let error = form.error(name);
    let describe = described_by(name, hint.is_some(), error.is_some());
    let chosen = form.get(name).to_owned();
    let control = view! {
        <select id=name name=name aria-describedby=describe>
            {options
                .into_iter()
                .map(|(value, label)| {
                    let selected = value == chosen;
                    view! { <option value=value selected=selected>{label}</option> }
                })
                .collect_view()}
        </select>
    };
    wrapper(name, label, hint, error, control.into_markup())
}

/// A checkbox.
#[component]
pub(crate) fn Checkbox(
    #[prop(optional)] form: Form,
    name: &'static str,
    #[prop(into)] label: String,
    #[prop(default = "on")] value: &'static str,
    #[prop(optional, into)] hint: Option<String>,
) -> impl IntoView {
    let checked = form.all(name).any(|ticked| ticked == value);
    let describe = described_by(name, hint.is_some(), false);
    view! {
        <div class="field tick">
            <label>
                <input type="checkbox" name=name value=value checked=checked aria-describedby=describe/>
                <span>{label}</span>
            </label>
            {hint.map(|hint| view! { <p class="hint" id=format!("{name}-hint")>{hint}</p> })}
        </div>
    }
}

/// The errors at fields that are not among `fields`.
#[component]
pub(crate) fn Errors(
    form: Form,
    #[prop(optional)] fields: &'static [&'static str],
) -> impl IntoView {
    let errors = form.other_errors(fields);
    (!errors.is_empty()).then(|| {
        view! { <div class="notice failed" role="alert">{errors.into_iter().map(|error| view! { <p>{error}</p> }).collect_view()}</div> }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use belfry_locales::phrases::errors;

    #[test]
    fn what_was_typed_stays_text_in_every_field() {
        let typed = "</textarea><script>alert(1)</script>\"'&";
        let form = Form::new([("text", typed)]).rejected(belfry_domain::ValidationError::new(
            "text",
            errors::verbatim(typed.to_owned()),
        ));
        let owner = Owner::new();
        let html = owner.with(|| {
            view! {
                <TextArea form=form.clone() name="text" label="Text"/>
                <Field form=form.clone() name="text" label=typed/>
                <Errors form=form.clone()/>
            }
            .to_html()
        });
        assert!(!html.contains("<script") && html.matches("</textarea>").count() == 1, "{html}");
        assert!(
            html.contains("aria-describedby=\"text-error\"")
                && html.contains("\n&lt;/textarea&gt;"),
            "{html}"
        );
    }
}
