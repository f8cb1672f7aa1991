//! Text that is taken away whole: a few lines of code with a button that copies them.

use crate::console::words::{COPY, Lang};
use leptos::prelude::*;

/// Lines of code, read-only. It is a text area, so that it can be selected by hand where no script runs.
#[component]
pub(in crate::console) fn CodeBlock(lang: Lang, name: &'static str, #[prop(into)] label: String, #[prop(into)] value: String) -> impl IntoView {
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
