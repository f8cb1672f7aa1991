//! A read-only block of code with a copy button.

use crate::phrases::{COPY, UiLanguage};
use leptos::prelude::*;

/// A read-only block of code. A text area, so that it can be selected by hand without JavaScript.
#[component]
pub(crate) fn CodeBlock(
    lang: UiLanguage,
    name: &'static str,
    #[prop(into)] label: String,
    #[prop(into)] value: String,
) -> impl IntoView {
    let rows = value.lines().count().clamp(2, 24).to_string();
    let inside = format!("\n{}", html_escape::encode_text(&value));
    view! {
        <div class="field copy">
            <div class="code-head">
                <label for=name>{label}</label>
                <button type="button" class="button small" data-copy=name hidden>{COPY.t(lang)}</button>
            </div>
            <textarea id=name class="code lines" rows=rows readonly autocomplete="off" spellcheck="false" wrap="off" inner_html=inside></textarea>
        </div>
    }
}
