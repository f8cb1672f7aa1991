//! The composer for replies and private notes, and the join form while the conversation is
//! unassigned.

use super::{phrases, view::WindowView};
use belfry_domain::channel::{MAX_ATTACHMENTS, MAX_CONTENT_CHARS};
use belfry_web::html::{IntoMarkup, Markup};
use leptos::prelude::*;

/// The form to join an unassigned conversation.
pub(super) fn join(window: &WindowView<'_>) -> Markup {
    let lang = window.frame.language.lang;
    view! {
        <div class="join" id="join" hidden=window.has_composer()>
            <p>{phrases::JOIN_TEXT.t(lang)}</p>
            {window.action_button("join".to_owned(), "button accent", phrases::JOIN.t(lang))}
        </div>
    }
    .into_markup()
}

/// The composer. It contains rejected input again.
pub(super) fn composer(window: &WindowView<'_>, name: &str) -> Markup {
    let (lang, typed) = (window.frame.language.lang, &window.draft);
    let can_reply = window.view().can_reply(window.now);
    let is_note = !can_reply || typed.is_note;
    let inside = format!("\n{}", html_escape::encode_text(&typed.content));
    let megabytes = window.file_bytes / (1_024 * 1_024);
    let files_hint =
        phrases::FILES_HINT.with(lang, &[("count", &MAX_ATTACHMENTS), ("size", &megabytes)]);
    let (to, to_note) =
        (phrases::REPLY_TO.with(lang, &[("name", &name)]), phrases::NOTE_TO.t(lang));
    let placeholder = if is_note { to_note.to_owned() } else { to.clone() };
    let closed =
        (!can_reply).then(|| view! { <p class="hint">{phrases::CANNOT_REPLY.t(lang)}</p> });
    view! {
        <div class="composer" id="composer" hidden=!window.has_composer()>
            {closed}
            <fieldset class="kinds">
                <legend class="unseen">{phrases::KIND.t(lang)}</legend>
                <label>
                    <input type="radio" name="kind" value="reply" checked=!is_note disabled=!can_reply data-placeholder=to/>
                    <span>{phrases::REPLY.t(lang)}</span>
                </label>
                <label>
                    <input type="radio" name="kind" value="note" checked=is_note data-placeholder=to_note/>
                    <span>{phrases::NOTE.t(lang)}</span>
                </label>
            </fieldset>
            <textarea id="content" name="content" rows="2" maxlength=MAX_CONTENT_CHARS.to_string() aria-label=phrases::REPLY_LABEL.t(lang)
                placeholder=placeholder dir="auto" inner_html=inside></textarea>
            <ul class="chosen" id="files" aria-label=phrases::FILES.t(lang) hidden></ul>
            <div class="foot">
                <label class="attach" title=files_hint>
                    <svg viewBox="0 0 24 24" width="16" height="16" fill="none" stroke="currentColor" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">
                        <path d="M20 11l-8.500 8.500a5 5 0 0 1-7-7L13 4a3.300 3.300 0 0 1 4.700 4.700L9.500 17a1.700 1.700 0 0 1-2.400-2.400L14.500 7"></path>
                    </svg>
                    <span>{phrases::FILES.t(lang)}</span>
                    <input type="file" name="attachments" multiple data-remove=phrases::REMOVE_FILE.for_browser(lang)/>
                </label>
                <kbd id="keys" hidden>{phrases::SEND_KEYS.t(lang)}</kbd>
                <button class="button accent" id="send" aria-keyshortcuts="Control+Enter">{phrases::SEND.t(lang)}</button>
            </div>
        </div>
    }
    .into_markup()
}
