//! The form that creates or edits a canned response.

use super::{TEXT_FIELD, all, form_of, own, wrong};
use crate::{
    Console,
    edit_conflict::{self, REVISION_FIELD, RevisionField, save_label, with_conflict},
    error::ConsoleError,
    form::Form,
    pages::{
        conversations::{agent::AgentMember, phrases as talk},
        path_params::PathId,
    },
    phrases::{CANCEL, DELETE, SAVE, SAVED, UiLanguage},
    request_context::redirect,
    view::{Button, Errors, Field, Page, TextArea, Tone, csrf_field, page_with},
};
use axum::{extract::State, response::Response};
use belfry_content::{canned::VARIABLES, text::clean_line};
use belfry_domain::{
    ValidationError,
    channel::{CannedResponse, CannedResponseDraft, CannedResponseId},
};
use belfry_locales::phrases::console_conversations as phrases;
use belfry_web::html::{IntoMarkup, Markup};
use leptos::prelude::*;

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
    let text = phrases::VARIABLES_TEXT.with(lang, &[("example", &"{{contact.first_name|there}}")]);
    let more = phrases::VARIABLES_MORE.with(
        lang,
        &[
            ("contact", &"{{contact.custom_attribute.…}}"),
            ("conversation", &"{{conversation.custom_attribute.…}}"),
        ],
    );
    view! {
        <details class="canned-variables">
            <summary>{phrases::VARIABLES_TITLE.t(lang)}</summary>
            <p>{text}</p>
            <ul>{Vec::from(names)}</ul>
            <p>{more}</p>
        </details>
    }
    .into_markup()
}

fn form_page(member: &AgentMember, stored: Option<&CannedResponse>, form: &Form) -> Response {
    let lang = member.lang;
    let title = stored
        .map_or_else(|| phrases::ADD.t(lang).to_owned(), |stored| clean_line(&stored.short_code));
    let former = stored.map(|_| view! { <RevisionField form=form.clone()/> }.into_markup());
    let (save, back) = (save_label(lang, form, SAVE), all(member));
    let content = view! {
        <form method="post">
            {csrf_field(member)}
            {former}
            <Errors form=form.clone() fields=FIELDS/>
            <Field form=form.clone() name="short_code" label=phrases::SHORT_CODE.t(lang) hint=phrases::SHORT_CODE_HINT.t(lang) required=true focus=stored.is_none()/>
            <TextArea form=form.clone() name=TEXT_FIELD label=phrases::CONTENT.t(lang) rows=8 hint=phrases::CONTENT_HINT.t(lang) required=true/>
            {variables(lang)}
            <div class="actions">
                <Button tone=Tone::Accent>{save}</Button>
                <Button href=back>{CANCEL.t(lang)}</Button>
            </div>
        </form>
    };
    let about = Page::new(title)
        .for_site(member, "conversations")
        .crumb(member.path("conversations"), talk::TITLE.t(lang))
        .crumb(all(member), phrases::CANNED_TITLE.t(lang));
    let delete = stored.map(|stored| view! { <Button tone=Tone::Danger href=format!("{}/delete", own(member, stored.id))>{DELETE.t(lang)}</Button> });
    page_with(
        edit_conflict::form_status(form),
        member,
        about.actions(delete.into_markup()).narrow(),
        content,
    )
}

pub(super) async fn blank(member: AgentMember) -> Response {
    form_page(&member, None, &Form::default())
}

pub(super) async fn create(
    State(console): State<Console>,
    member: AgentMember,
    form: Form,
) -> Result<Response, ConsoleError> {
    let made = match read(&form) {
        Ok(draft) => {
            member
                .with_audit(
                    &console,
                    "",
                    console.app.create_canned_response(member.site.id, &draft),
                )
                .await
        }
        Err(invalid) => Err(invalid.into()),
    };
    match made {
        Ok(_) => {
            member.flash_success(phrases::DONE.t(member.lang)).await?;
            Ok(redirect(&all(&member)))
        }
        Err(error) => Ok(form_page(&member, None, &form.rejected(wrong(error)?))),
    }
}

pub(super) async fn show(
    State(console): State<Console>,
    member: AgentMember,
    id: PathId<CannedResponseId>,
) -> Result<Response, ConsoleError> {
    let stored = console.app.canned_response(member.site.id, id.0).await?;
    Ok(form_page(&member, Some(&stored), &form_of(&stored)))
}

pub(super) async fn save(
    State(console): State<Console>,
    member: AgentMember,
    id: PathId<CannedResponseId>,
    form: Form,
) -> Result<Response, ConsoleError> {
    let stored = console.app.canned_response(member.site.id, id.0).await?;
    let saved = match read(&form) {
        Ok(draft) => {
            let former = form.trimmed(REVISION_FIELD).map(str::to_owned);
            let change = move |present: &CannedResponseDraft| {
                edit_conflict::check_revision(former.as_deref(), &present.revision())
                    .map(|()| draft)
            };
            member
                .with_audit(
                    &console,
                    &stored.short_code,
                    console.app.update_canned_response(member.site.id, id.0, change),
                )
                .await
        }
        Err(invalid) => Err(invalid.into()),
    };
    let Err(error) = saved else {
        member.flash_success(SAVED.t(member.lang)).await?;
        return Ok(redirect(&all(&member)));
    };
    let invalid = wrong(error)?;
    if invalid.field == REVISION_FIELD {
        let now = console.app.canned_response(member.site.id, id.0).await?;
        return Ok(form_page(
            &member,
            Some(&now),
            &with_conflict(member.lang, &form, &form_of(&now), FIELDS.iter().copied()),
        ));
    }
    Ok(form_page(&member, Some(&stored), &form.rejected(invalid)))
}
