//! Import, step 1: choose or paste a CSV table.

use super::pending_imports::PendingImport;
use crate::{
    Console,
    error::ConsoleError,
    form::Form,
    phrases::UiLanguage,
    request_context::{Member, redirect},
    view::{Button, Errors, Page, TextArea, Tone, csrf_field, page_with},
};
use axum::{extract::State, http::StatusCode, response::Response};
use belfry_app::{AppError, CsvTable};
use belfry_domain::{Role, ValidationError};
use belfry_locales::phrases::console_contacts as phrases;
use belfry_runtime::blocking::LARGE_INPUTS;
use belfry_web::html::{IntoMarkup, Markup};
use leptos::prelude::*;
use std::{fmt::Write as _, sync::Arc};

/// Maximum upload in bytes, as the API's.
pub(super) const MAX_UPLOAD_BYTES: usize = 10 * 1_024 * 1_024;

/// The steps of an import, the current one marked.
pub(super) fn steps(lang: UiLanguage, here: usize) -> Markup {
    let steps: Vec<Markup> =
        [phrases::STEP_TABLE, phrases::STEP_COLUMNS, phrases::STEP_CHECK, phrases::STEP_RESULT]
            .into_iter()
            .enumerate()
            .map(|(index, word)| {
                let current = (index == here).then_some("step");
                view! { <li aria-current=current class:done=index < here>{word.t(lang)}</li> }
                    .into_markup()
            })
            .collect();
    view! { <ol class="steps-bar" aria-label=phrases::STEPS.t(lang)>{steps}</ol> }.into_markup()
}

fn form_page(status: StatusCode, member: &Member, form: &Form) -> Response {
    let lang = member.lang;
    let wrong = form.error("file");
    let content = view! {
        {steps(lang, 0)}
        <p class="lead">{phrases::LEAD.t(lang)}</p>
        <form method="post" enctype="multipart/form-data">
            {csrf_field(member)}
            <Errors form=form.clone() fields=&["file", "rows"]/>
            <div class="field">
                <label for="file">{phrases::FILE.t(lang)}</label>
                <div class="drop" data-drop="">
                    <input id="file" name="file" type="file" accept=".csv,.tsv,.txt,text/csv" aria-describedby="file-hint"/>
                    <span class="quiet" data-drop-hint="" hidden>{phrases::DROP.t(lang)}</span>
                </div>
                {wrong.map(|wrong| view! { <p class="wrong" role="alert">{wrong}</p> })}
                <p class="hint" id="file-hint">{phrases::FILE_HINT.t(lang)}</p>
            </div>
            <TextArea form=form.clone() name="rows" label=phrases::PASTE.t(lang) hint=phrases::PASTE_HINT.t(lang) rows=6 code=true/>
            <Button tone=Tone::Accent>{phrases::GO_ON.t(lang)}</Button>
        </form>
    };
    let past =
        view! { <Button href=member.path("contacts/imports")>{phrases::PAST.t(lang)}</Button> };
    page_with(
        status,
        member,
        Page::new(phrases::IMPORT_CONTACTS.t(lang))
            .for_site(member, "contacts")
            .crumb(member.path("contacts"), phrases::TITLE.t(lang))
            .narrow()
            .actions(past),
        content,
    )
}

pub(super) async fn ask(member: Member) -> Result<Response, ConsoleError> {
    member.require_role(Role::Editor)?;
    Ok(form_page(StatusCode::OK, &member, &Form::default()))
}

pub(super) async fn take(
    State(console): State<Console>,
    member: Member,
    form: Form,
) -> Result<Response, ConsoleError> {
    member.require_role(Role::Editor)?;
    let lang = member.lang;
    let chosen = form.file("file").cloned();
    let Some(name) = chosen
        .as_ref()
        .map(|file| file.name.clone())
        .or_else(|| form.trimmed("rows").map(|_| phrases::PASTED.t(lang).to_owned()))
    else {
        return Ok(form_page(
            StatusCode::UNPROCESSABLE_ENTITY,
            &member,
            &form.rejected(ValidationError::new("file", phrases::NEEDED.into())),
        ));
    };
    let sent = form.clone();
    let read = LARGE_INPUTS.run_for(member.site.id, move || {
        CsvTable::parse(chosen.as_ref().map_or(sent.get("rows").as_bytes(), |file| &file.bytes))
    });
    let sheet = match read.await.map_err(AppError::from)? {
        Ok(sheet) if sheet.is_empty() => Err(ValidationError::new("file", phrases::NO_ROWS.into())),
        read => read,
    };
    let table = match sheet {
        Ok(sheet) => Arc::new(sheet),
        Err(invalid) => {
            return Ok(form_page(
                StatusCode::UNPROCESSABLE_ENTITY,
                &member,
                &form.rejected(invalid),
            ));
        }
    };
    let mut random = [0; 16];
    console.app.rng().fill(&mut random);
    let key = random.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    });
    let size = u32::try_from(table.bytes()).unwrap_or(u32::MAX);
    console.pending_imports.insert(
        (member.site.id, member.account.id, key.clone()),
        PendingImport { name, bytes: size, table, mapping: None },
    );
    Ok(redirect(&member.path(&format!("contacts/import/{key}"))))
}
