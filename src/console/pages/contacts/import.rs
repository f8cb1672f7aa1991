//! Import, step 1: choose or paste a CSV table.

use super::{TITLE, pending_imports::PendingImport, progress};
use crate::web::html::{IntoMarkup, Markup};
use crate::{
    app::{AppError, CsvTable},
    blocking::LARGE_INPUTS,
    console::{
        Console,
        error::ConsoleError,
        form::Form,
        phrases::{UiLanguage, words},
        request_context::{Member, redirect},
        view::{Button, Errors, Page, TextArea, Tone, csrf_field, page_with},
    },
    domain::{Role, ValidationError},
};
use axum::{extract::State, http::StatusCode, response::Response};
use leptos::prelude::*;
use std::{fmt::Write as _, sync::Arc};

words! {
    IMPORT: "Import contacts", "Імпорт контактів";
    STEPS: "Steps", "Кроки";
    STEP_TABLE: "Table", "Таблиця";
    STEP_COLUMNS: "Columns", "Стовпці";
    STEP_CHECK: "Check", "Перевірка";
    STEP_RESULT: "Import", "Імпорт";
    LEAD: "Choose a CSV file with column headings. Nothing is saved until you have checked the result.", "Виберіть файл CSV із заголовками стовпців. Нічого не буде збережено, доки ви не перевірите результат.";
    FILE: "CSV file", "Файл CSV";
    FILE_HINT: "UTF-8, separated by commas, semicolons or tabs; up to 10 MB and 100,000 rows. In a spreadsheet: “Save as”, “CSV UTF-8”.", "UTF-8, клітинки розділено комами, крапками з комою чи табуляцією; до 10 МБ і 100 000 рядків. У табличному редакторі: «Зберегти як», «CSV UTF-8».";
    DROP: "or drop it here", "або перетягніть сюди";
    PASTE: "Or paste the rows", "Або вставте рядки";
    PASTE_HINT: "Copied from a spreadsheet, headings included.", "Скопійовані з таблиці, разом із заголовками.";
    PASTED: "pasted rows", "вставлені рядки";
    GO_ON: "Continue", "Далі";
    NEEDED: "choose a file or paste rows first", "спершу виберіть файл або вставте рядки";
    NO_ROWS: "has headings but no rows", "має заголовки, але не має рядків";
}

/// Maximum upload in bytes, as the API's.
pub(super) const MAX_UPLOAD_BYTES: usize = 10 * 1_024 * 1_024;

/// The steps of an import, the current one marked.
pub(super) fn steps(lang: UiLanguage, here: usize) -> Markup {
    let steps: Vec<Markup> = [STEP_TABLE, STEP_COLUMNS, STEP_CHECK, STEP_RESULT]
        .into_iter()
        .enumerate()
        .map(|(index, word)| {
            let current = (index == here).then_some("step");
            view! { <li aria-current=current class:done=index < here>{word.t(lang)}</li> }
                .into_markup()
        })
        .collect();
    view! { <ol class="steps-bar" aria-label=STEPS.t(lang)>{steps}</ol> }.into_markup()
}

fn form_page(status: StatusCode, member: &Member, form: &Form) -> Response {
    let lang = member.lang;
    let wrong = form.error("file");
    let content = view! {
        {steps(lang, 0)}
        <p class="lead">{LEAD.t(lang)}</p>
        <form method="post" enctype="multipart/form-data">
            {csrf_field(member)}
            <Errors form=form.clone() fields=&["file", "rows"]/>
            <div class="field">
                <label for="file">{FILE.t(lang)}</label>
                <div class="drop" data-drop="">
                    <input id="file" name="file" type="file" accept=".csv,.tsv,.txt,text/csv" aria-describedby="file-hint"/>
                    <span class="quiet" data-drop-hint="" hidden>{DROP.t(lang)}</span>
                </div>
                {wrong.map(|wrong| view! { <p class="wrong" role="alert">{wrong}</p> })}
                <p class="hint" id="file-hint">{FILE_HINT.t(lang)}</p>
            </div>
            <TextArea form=form.clone() name="rows" label=PASTE.t(lang) hint=PASTE_HINT.t(lang) rows=6 code=true/>
            <Button tone=Tone::Accent>{GO_ON.t(lang)}</Button>
        </form>
    };
    let past =
        view! { <Button href=member.path("contacts/imports")>{progress::PAST.t(lang)}</Button> };
    page_with(
        status,
        member,
        Page::new(IMPORT.t(lang))
            .of(member, "contacts")
            .crumb(member.path("contacts"), TITLE.t(lang))
            .narrow()
            .actions(past),
        content,
    )
}

pub(super) async fn ask(member: Member) -> Result<Response, ConsoleError> {
    member.may(Role::Editor)?;
    Ok(form_page(StatusCode::OK, &member, &Form::default()))
}

pub(super) async fn take(
    State(console): State<Console>,
    member: Member,
    form: Form,
) -> Result<Response, ConsoleError> {
    member.may(Role::Editor)?;
    let lang = member.lang;
    let chosen = form.file("file").cloned();
    let Some(name) = chosen
        .as_ref()
        .map(|file| file.name.clone())
        .or_else(|| form.maybe("rows").map(|_| PASTED.t(lang).to_owned()))
    else {
        return Ok(form_page(
            StatusCode::UNPROCESSABLE_ENTITY,
            &member,
            &form.refused(ValidationError::new("file", NEEDED.t(lang))),
        ));
    };
    let sent = form.clone();
    let read = LARGE_INPUTS.run_for(member.site.id, move || {
        CsvTable::read(chosen.as_ref().map_or(sent.get("rows").as_bytes(), |file| &file.bytes))
    });
    let sheet = match read.await.map_err(AppError::from)? {
        Ok(sheet) if sheet.is_empty() => Err(ValidationError::new("file", NO_ROWS.t(lang))),
        read => read,
    };
    let sheet = match sheet {
        Ok(sheet) => Arc::new(sheet),
        Err(invalid) => {
            return Ok(form_page(
                StatusCode::UNPROCESSABLE_ENTITY,
                &member,
                &form.refused(invalid),
            ));
        }
    };
    let mut random = [0; 16];
    console.inbox.entropy().fill(&mut random);
    let key = random.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    });
    let size = u32::try_from(sheet.bytes()).unwrap_or(u32::MAX);
    console.sheets.keep(
        (member.site.id, member.account.id, key.clone()),
        PendingImport { name, bytes: size, sheet, choice: None },
    );
    Ok(redirect(&member.path(&format!("contacts/import/{key}"))))
}
