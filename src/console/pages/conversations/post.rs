//! The composer: a reply or private note, with files.

use super::{
    agent::AgentMember,
    canned,
    filter::{Filter, Params},
    phrases, show,
    thread::Thread,
};
use crate::{
    Console,
    error::ConsoleError,
    form::Form,
    pages::path_params::PathId,
    request_context::redirect,
    view::{Errors, csrf_field},
};
use axum::{
    extract::{Query, State},
    http::StatusCode,
    response::Response,
};
use belfry_app::channel::{ChannelError, FileUpload, MAX_CONFIGURABLE_ATTACHMENT_BYTES};
use belfry_domain::{
    ValidationError,
    channel::{
        ConversationNumber, MAX_ATTACHMENTS, MAX_CONTENT_CHARS, MessageKind, NewMessage, Rejection,
    },
};
use belfry_web::html::{IntoMarkup, Markup};
use leptos::prelude::*;

/// Maximum form in bytes: the largest possible attachment setting, and the text. The setting itself
/// is checked by the use case.
pub(super) const MAX_POST_BYTES: usize = MAX_CONFIGURABLE_ATTACHMENT_BYTES + 1_024 * 1_024;

/// The composer, with a rejected draft.
pub(super) fn composer(member: &AgentMember, thread: &Thread<'_>, name: &str) -> Markup {
    let (lang, form) = (member.lang, &thread.form);
    let can_reply = thread.messages_page.view.can_reply(thread.now);
    let is_note = !can_reply || form.get("kind") == "note";
    let inside = format!("\n{}", html_escape::encode_text(form.get("content")));
    let megabytes = thread.file_bytes / (1_024 * 1_024);
    let files_hint =
        phrases::FILES_HINT.with(lang, &[("count", &MAX_ATTACHMENTS), ("size", &megabytes)]);
    let (to, to_note) =
        (phrases::REPLY_TO.with(lang, &[("name", &name)]), phrases::NOTE_TO.t(lang));
    let placeholder = if is_note { to_note.to_owned() } else { to.clone() };
    let closed =
        (!can_reply).then(|| view! { <p class="hint">{phrases::CANNOT_REPLY.t(lang)}</p> });
    view! {
        <form method="post" action=thread.action_path(member, "messages") enctype="multipart/form-data" class="composer" id="talk-composer" data-quick data-drop
            data-failed=phrases::NOT_SENT.t(lang) data-sending=phrases::SENDING.t(lang)>
            {csrf_field(member)}
            // Enter presses the first button.
            <button hidden></button>
            <Errors form=form.clone()/>
            {closed}
            <fieldset class="kinds">
                <legend class="unseen">{phrases::KIND.t(lang)}</legend>
                <label>
                    <input type="radio" name="kind" value="reply" checked=!is_note disabled=!can_reply data-placeholder=to aria-keyshortcuts="r"/>
                    <span>{phrases::REPLY.t(lang)}</span>
                </label>
                <label>
                    <input type="radio" name="kind" value="note" checked=is_note data-placeholder=to_note aria-keyshortcuts="n"/>
                    <span>{phrases::NOTE.t(lang)}</span>
                </label>
            </fieldset>
            {canned::listbox(member, thread)}
            <textarea id="talk-content" name="content" rows="3" maxlength=MAX_CONTENT_CHARS.to_string() aria-label=phrases::REPLY_LABEL.t(lang)
                placeholder=placeholder dir="auto" inner_html=inside></textarea>
            <ul class="chosen" id="talk-files" aria-label=phrases::FILES.t(lang) hidden></ul>
            <div class="composer-foot">
                {canned::popup(member, thread)}
                <label class="attach" title=files_hint>
                    <svg viewBox="0 0 24 24" width="16" height="16" fill="none" stroke="currentColor" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">
                        <path d="M20 11l-8.500 8.500a5 5 0 0 1-7-7L13 4a3.300 3.300 0 0 1 4.700 4.700L9.500 17a1.700 1.700 0 0 1-2.400-2.400L14.500 7"></path>
                    </svg>
                    <span>{phrases::FILES.t(lang)}</span>
                    <input type="file" name="attachments" multiple data-remove=phrases::REMOVE_FILE.for_browser(lang)/>
                </label>
                <p class="wrong" role="alert" data-problem hidden></p>
                <kbd data-needs-script hidden>{phrases::SEND_KEYS.t(lang)}</kbd>
                <button class="button accent small" aria-keyshortcuts="Control+Enter">{phrases::SEND.t(lang)}</button>
            </div>
        </form>
    }
    .into_markup()
}

async fn read(
    console: &Console,
    member: &AgentMember,
    form: &Form,
) -> Result<NewMessage, ChannelError> {
    let uploads = form.uploads().filter(|(name, _)| *name == "attachments");
    let uploads: Vec<_> = uploads
        .map(|(_, file)| FileUpload {
            filename: file.name.clone(),
            claimed_type: String::new(),
            bytes: file.bytes.clone(),
        })
        .collect();
    let content = form.get("content").replace("\r\n", "\n");
    let content = Some(content.trim_end().to_owned()).filter(|text| !text.trim().is_empty());
    if content.is_none() && uploads.is_empty() {
        return Err(ValidationError::new("", phrases::NOTHING_TO_SEND.into()).into());
    }
    let attachments = console.app.prepare_attachments(member.site.id, uploads).await?;
    Ok(NewMessage {
        content,
        private: form.get("kind") == "note",
        attachments,
        ..NewMessage::text(MessageKind::Outgoing, "")
    })
}

/// Posts the message.
pub(super) async fn send(
    State(console): State<Console>,
    member: AgentMember,
    PathId(number): PathId<ConversationNumber>,
    Query(params): Query<Params>,
    form: Form,
) -> Result<Response, ConsoleError> {
    let sent = match read(&console, &member, &form).await {
        Ok(message) => console.app.post_message(&member.agent, number, &message).await,
        Err(error) => Err(error),
    };
    match sent {
        Ok(_) => Ok(redirect(&Filter::from_params(&params).thread_path(&member, number))),
        Err(ChannelError::Rejected(Rejection::Invalid(mut invalid))) => {
            // The form has no fields by these names.
            invalid.field.clear();
            let mut form = form;
            let had_files = form.uploads().next().is_some();
            form.reject(invalid);
            if had_files {
                form.reject(ValidationError::new("", phrases::FILES_AGAIN.into()));
            }
            show::with_form(
                StatusCode::UNPROCESSABLE_ENTITY,
                &console,
                &member,
                number,
                &params,
                form,
            )
            .await
        }
        Err(error) => Err(error.into()),
    }
}
