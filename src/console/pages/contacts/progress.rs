//! Import, step 4: progress, result, the error file, and past imports.

use super::{
    TITLE,
    import::{IMPORT, steps},
    mapping::{FAILED, NEW, SKIPPED, UPDATED, problems},
};
use crate::web::html::{IntoMarkup, Markup};
use crate::{
    app::{App, AppError},
    blocking::LARGE_INPUTS,
    console::{
        Console,
        error::ConsoleError,
        pages::path_params::PathId,
        phrases::{UiLanguage, words},
        request_context::Member,
        view::{Badge, Button, EmptyState, Page, Pager, Stat, Table, Tone, page, relative_time_at},
    },
    domain::{Import, ImportId, ImportProblem, ImportState, Role, SiteId},
};
use axum::{
    extract::{Query, State},
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use leptos::prelude::*;
use serde::Deserialize;

words! {
    PAST: "Past imports", "Попередні імпорти";
    RUNNING: "Importing contacts", "Імпортуємо контакти";
    OVER: "Import finished", "Імпорт завершено";
    GIVEN_UP: "Import failed", "Імпорт не вдався";
    GIVEN_UP_TEXT: "The stored rows could not be read. Rows already imported stay; import the table again.", "Збережені рядки не вдалося прочитати. Уже імпортоване залишається; імпортуйте таблицю ще раз.";
    DONE_OF: "{done} of {total} rows", "Рядків: {done} з {total}";
    LEAVE: "You can leave this page; the import continues in the background.", "Цю сторінку можна залишити: імпорт триває у фоні.";
    PROBLEMS: "Problems", "Проблеми";
    DOWNLOAD: "Download as CSV", "Завантажити CSV";
    FIRST: "Showing the first {count}; the file has up to 1,000.", "Показано перші {count}; у файлі — до 1000.";
    CONTACTS: "Go to the contacts", "До контактів";
    AGAIN: "Import another table", "Імпортувати ще одну таблицю";
    WHEN: "Started", "Розпочато";
    STATE: "State", "Стан";
    ROWS: "Rows", "Рядки";
    STATE_WAITING: "waiting", "чекає";
    STATE_RUNNING: "running", "триває";
    STATE_DONE: "finished", "завершено";
    STATE_ERROR: "failed", "не вдався";
    EMPTY: "No imports yet", "Ще немає імпортів";
    EMPTY_TEXT: "Imports are listed here with their results.", "Тут буде перелік імпортів з їхніми результатами.";
}

/// Imports per page.
const PART: u32 = 30;
/// Most problems shown.
const SHOWN: u32 = 50;

fn is_over(state: ImportState) -> bool {
    matches!(state, ImportState::Finished | ImportState::Error)
}

fn state(lang: UiLanguage, state: ImportState) -> Markup {
    let (tone, word) = match state {
        ImportState::Started => (Tone::Plain, STATE_WAITING),
        ImportState::Importing => (Tone::Accent, STATE_RUNNING),
        ImportState::Finished => (Tone::Good, STATE_DONE),
        ImportState::Error => (Tone::Danger, STATE_ERROR),
    };
    view! { <Badge tone=tone>{word.t(lang)}</Badge> }.into_markup()
}

pub(super) async fn show(
    State(console): State<Console>,
    member: Member,
    PathId(id): PathId<ImportId>,
) -> Result<Response, ConsoleError> {
    let lang = member.lang;
    let import = console.inbox.import(member.site.id, id).await?;
    let over = is_over(import.state);
    let title = match import.state {
        ImportState::Finished => OVER,
        ImportState::Error => GIVEN_UP,
        ImportState::Started | ImportState::Importing => RUNNING,
    };
    let failures = if over {
        console.inbox.import_failures(member.site.id, id, 0, SHOWN).await?.0
    } else {
        Vec::new()
    };
    let told = (!failures.is_empty()).then(|| failure_list(lang, &member, &import, &failures));
    let counted = DONE_OF.with(lang, &[("done", &import.done), ("total", &import.total)]);
    let below = match import.state {
        ImportState::Finished => view! {
            <div class="actions">
                <Button tone=Tone::Accent href=member.path("contacts")>{CONTACTS.t(lang)}</Button>
                {(member.role >= Role::Editor).then(|| view! { <Button href=member.path("contacts/import")>{AGAIN.t(lang)}</Button> })}
            </div>
        }
        .into_markup(),
        ImportState::Error => view! { <p class="notice failed">{GIVEN_UP_TEXT.t(lang)}</p> }.into_markup(),
        ImportState::Started | ImportState::Importing => view! { <p class="quiet">{LEAVE.t(lang)}</p> }.into_markup(),
    };
    let content = view! {
        {steps(lang, if over { 4 } else { 3 })}
        <div class="progress">
            <progress max=import.total.max(1).to_string() value=import.done.to_string() aria-label=title.t(lang)></progress>
            <p class="quiet">{counted}</p>
        </div>
        <dl class="stats">
            <Stat label=NEW.t(lang) value=import.created.to_string()/>
            <Stat label=UPDATED.t(lang) value=import.updated.to_string()/>
            <Stat label=SKIPPED.t(lang) value=import.skipped.to_string()/>
            <Stat label=FAILED.t(lang) value=import.failed.to_string()/>
        </dl>
        {below}
        {told}
    };
    let about = Page::new(title.t(lang))
        .of(&member, "contacts")
        .crumb(member.path("contacts"), TITLE.t(lang))
        .crumb(member.path("contacts/imports"), PAST.t(lang));
    let mut response = page(&member, about, content);
    if !over {
        // Without JavaScript the page reloads by itself until the import is finished.
        response.headers_mut().insert(header::REFRESH, HeaderValue::from_static("2"));
    }
    Ok(response)
}

fn failure_list(
    lang: UiLanguage,
    member: &Member,
    import: &Import,
    failures: &[ImportProblem],
) -> Markup {
    let file = member.path(&format!("contacts/imports/{}/errors.csv", import.id));
    let more = (failures.len() >= SHOWN as usize)
        .then(|| view! { <p class="quiet">{FIRST.with(lang, &[("count", &SHOWN)])}</p> });
    view! {
        <section>
            <div class="head">
                <h2>{PROBLEMS.t(lang)}</h2>
                <Button href=file>{DOWNLOAD.t(lang)}</Button>
            </div>
            {problems(lang, failures)}
            {more}
        </section>
    }
    .into_markup()
}

async fn all_failures(
    inbox: &App,
    site: SiteId,
    id: ImportId,
) -> Result<Vec<ImportProblem>, ConsoleError> {
    let (mut all, mut after) = (Vec::new(), 0);
    loop {
        let (part, next) = inbox.import_failures(site, id, after, 500).await?;
        all.extend(part);
        match next {
            Some(next) => after = next,
            None => return Ok(all),
        }
    }
}

pub(super) async fn errors(
    State(console): State<Console>,
    member: Member,
    PathId(id): PathId<ImportId>,
) -> Result<Response, ConsoleError> {
    let problems = all_failures(&console.inbox, member.site.id, id).await?;
    // Without the cells once the table has been evicted from memory.
    let sheet = console.sheets.of(member.site.id, id).unwrap_or_default();
    let text = LARGE_INPUTS
        .run_for(member.site.id, move || sheet.problems(&problems))
        .await
        .map_err(AppError::from)?;
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8")),
        (
            header::CONTENT_DISPOSITION,
            HeaderValue::from_static("attachment; filename=\"import-errors.csv\""),
        ),
    ];
    // Without a byte order mark spreadsheets assume a legacy encoding.
    Ok((headers, format!("\u{feff}{text}")).into_response())
}

#[derive(Deserialize)]
pub(super) struct ImportParams {
    cursor: Option<String>,
}

pub(super) async fn list(
    State(console): State<Console>,
    member: Member,
    Query(asked): Query<ImportParams>,
) -> Result<Response, ConsoleError> {
    let (lang, now) = (member.lang, console.inbox.now());
    let before = asked.cursor.and_then(|text| text.parse().ok());
    let (imports, next) = console.inbox.imports(member.site.id, before, PART).await?;
    let new =
        (member.role >= Role::Editor).then(|| view! { <Button tone=Tone::Accent href=member.path("contacts/import")>{IMPORT.t(lang)}</Button> });
    let about = Page::new(PAST.t(lang))
        .of(&member, "contacts")
        .crumb(member.path("contacts"), TITLE.t(lang))
        .actions(new);
    if imports.is_empty() {
        return Ok(page(
            &member,
            about,
            view! { <EmptyState title=EMPTY.t(lang) text=EMPTY_TEXT.t(lang)/> },
        ));
    }
    let rows: Vec<Markup> = imports
        .into_iter()
        .map(|import| {
            let href = member.path(&format!("contacts/imports/{}", import.id));
            view! {
                <tr>
                    <td><a class="main" href=href>{relative_time_at(&member, now, import.created_at)}</a></td>
                    <td>{state(lang, import.state)}</td>
                    <td class="number">{import.total}</td>
                    <td class="number">{import.created}</td>
                    <td class="number">{import.updated}</td>
                    <td class="number">{import.failed}</td>
                </tr>
            }
            .into_markup()
        })
        .collect();
    let columns = vec![
        WHEN.t(lang),
        STATE.t(lang),
        ROWS.t(lang),
        NEW.t(lang),
        UPDATED.t(lang),
        FAILED.t(lang),
    ];
    let first = before.is_some().then(|| member.path("contacts/imports"));
    let next = next.map(|next| format!("{}?cursor={next}", member.path("contacts/imports")));
    let content = view! {
        <Table caption=PAST.t(lang) columns=columns>{rows}</Table>
        <Pager lang=lang first=first next=next/>
    };
    Ok(page(&member, about, content))
}
