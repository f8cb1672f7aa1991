//! The form that creates or edits a canned response.

use super::{ADD, CONTENT, SHORT_CODE, TEXT_FIELD, TITLE, all, form_of, own, wrong};
use crate::web::html::{IntoMarkup, Markup};
use crate::{
    console::{
        Console,
        edit_conflict::{self, REVISION_FIELD, RevisionField, save_label, with_conflict},
        error::ConsoleError,
        form::Form,
        pages::{
            conversations::{agent::AgentMember, phrases as talk},
            path_params::PathId,
        },
        phrases::{CANCEL, DELETE, SAVE, SAVED, UiLanguage, words},
        request_context::redirect,
        view::{Button, Errors, Field, Page, TextArea, Tone, csrf_field, page_with},
    },
    content::{canned::VARIABLES, text::clean_line},
    domain::{
        ValidationError,
        channel::{CannedResponse, CannedResponseDraft, CannedResponseId},
    },
};
use axum::{extract::State, response::Response};
use leptos::prelude::*;

words! {
    SHORT_CODE_HINT: "What agents type after /, such as order-late. Keep it short and without spaces.", "Те, що агенти вводять після /, наприклад order-late. Найкраще — коротко й без пробілів.";
    CONTENT_HINT: "Inserted into the reply, where it can still be edited. **Bold**, *italic*, lists and links are Markdown.", "Вставляється у відповідь, де її ще можна змінити. **Жирний**, *курсив*, списки й посилання — Markdown.";
    VARIABLES_TITLE: "Variables", "Змінні";
    VARIABLES_TEXT: "Each is replaced when the response is inserted. The text after | is used when there is no value: {example}.", "Кожна замінюється, коли відповідь вставляють. Текст після | — на випадок, коли значення немає: {example}.";
    VARIABLES_MORE: "For attributes, use {contact} and {conversation}.", "Для атрибутів: {contact} і {conversation}.";
    DONE: "Canned response saved. Type / and its short code in a reply.", "Готову відповідь збережено. Введіть у відповіді / та її короткий код.";
}

const FIELDS: &[&str] = &["short_code", TEXT_FIELD];

/// Reads the form. A leading `/` of the short code is dropped: it only opens the list.
fn read(form: &Form) -> Result<CannedResponseDraft, ValidationError> {
    let short_code = form.get("short_code").trim();
    CannedResponseDraft::new(
        short_code.strip_prefix('/').unwrap_or(short_code),
        form.get(TEXT_FIELD).replace("\r\n", "\n").trim_end(),
    )
}

fn variables(lang: UiLanguage) -> Markup {
    let names = VARIABLES
        .map(|name| view! { <li><code>{format!("{{{{{name}}}}}")}</code></li> }.into_markup());
    let text = VARIABLES_TEXT.with(lang, &[("example", &"{{contact.first_name|there}}")]);
    let more = VARIABLES_MORE.with(
        lang,
        &[
            ("contact", &"{{contact.custom_attribute.…}}"),
            ("conversation", &"{{conversation.custom_attribute.…}}"),
        ],
    );
    view! {
        <details class="canned-variables">
            <summary>{VARIABLES_TITLE.t(lang)}</summary>
            <p>{text}</p>
            <ul>{Vec::from(names)}</ul>
            <p>{more}</p>
        </details>
    }
    .into_markup()
}

fn form_page(who: &AgentMember, stored: Option<&CannedResponse>, form: &Form) -> Response {
    let lang = who.lang;
    let title =
        stored.map_or_else(|| ADD.t(lang).to_owned(), |stored| clean_line(&stored.short_code));
    let former = stored.map(|_| view! { <RevisionField form=form.clone()/> }.into_markup());
    let (save, back) = (save_label(lang, form, SAVE), all(who));
    let content = view! {
        <form method="post">
            {csrf_field(who)}
            {former}
            <Errors form=form.clone() fields=FIELDS/>
            <Field form=form.clone() name="short_code" label=SHORT_CODE.t(lang) hint=SHORT_CODE_HINT.t(lang) required=true focus=stored.is_none()/>
            <TextArea form=form.clone() name=TEXT_FIELD label=CONTENT.t(lang) rows=8 hint=CONTENT_HINT.t(lang) required=true/>
            {variables(lang)}
            <div class="actions">
                <Button tone=Tone::Accent>{save}</Button>
                <Button href=back>{CANCEL.t(lang)}</Button>
            </div>
        </form>
    };
    let about = Page::new(title)
        .of(who, "conversations")
        .crumb(who.path("conversations"), talk::TITLE.t(lang))
        .crumb(all(who), TITLE.t(lang));
    let delete = stored.map(|stored| view! { <Button tone=Tone::Danger href=format!("{}/delete", own(who, stored.id))>{DELETE.t(lang)}</Button> });
    page_with(
        edit_conflict::form_status(form),
        who,
        about.actions(delete.into_markup()).narrow(),
        content,
    )
}

pub(super) async fn blank(who: AgentMember) -> Response {
    form_page(&who, None, &Form::default())
}

pub(super) async fn create(
    State(console): State<Console>,
    who: AgentMember,
    form: Form,
) -> Result<Response, ConsoleError> {
    let made = match read(&form) {
        Ok(draft) => {
            who.acting(
                &console,
                "canned-response.created",
                "",
                console.inbox.create_canned_response(who.site.id, &draft),
            )
            .await
        }
        Err(invalid) => Err(invalid.into()),
    };
    match made {
        Ok(_) => {
            who.done(DONE.t(who.lang)).await?;
            Ok(redirect(&all(&who)))
        }
        Err(error) => Ok(form_page(&who, None, &form.refused(wrong(error)?))),
    }
}

pub(super) async fn show(
    State(console): State<Console>,
    who: AgentMember,
    id: PathId<CannedResponseId>,
) -> Result<Response, ConsoleError> {
    let stored = console.inbox.canned_response(who.site.id, id.0).await?;
    Ok(form_page(&who, Some(&stored), &form_of(&stored)))
}

pub(super) async fn save(
    State(console): State<Console>,
    who: AgentMember,
    id: PathId<CannedResponseId>,
    form: Form,
) -> Result<Response, ConsoleError> {
    let stored = console.inbox.canned_response(who.site.id, id.0).await?;
    let saved = match read(&form) {
        Ok(draft) => {
            let former = form.maybe(REVISION_FIELD).map(str::to_owned);
            let change = move |present: &CannedResponseDraft| {
                edit_conflict::check_revision(former.as_deref(), &present.revision())
                    .map(|()| draft)
            };
            who.acting(
                &console,
                "canned-response.updated",
                &stored.short_code,
                console.inbox.update_canned_response(who.site.id, id.0, change),
            )
            .await
        }
        Err(invalid) => Err(invalid.into()),
    };
    let Err(error) = saved else {
        who.done(SAVED.t(who.lang)).await?;
        return Ok(redirect(&all(&who)));
    };
    let invalid = wrong(error)?;
    if invalid.field == REVISION_FIELD {
        let now = console.inbox.canned_response(who.site.id, id.0).await?;
        return Ok(form_page(
            &who,
            Some(&now),
            &with_conflict(who.lang, &form, &form_of(&now), FIELDS.iter().copied()),
        ));
    }
    Ok(form_page(&who, Some(&stored), &form.refused(invalid)))
}
