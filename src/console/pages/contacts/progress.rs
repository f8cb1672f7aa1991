//! Import, step 4: progress, result, the error file, and past imports.

use super::{import::steps, mapping::problems};
use crate::{
    Console,
    error::ConsoleError,
    pages::path_params::PathId,
    phrases::UiLanguage,
    request_context::Member,
    view::{Badge, Button, EmptyState, Page, Pager, Stat, Table, Tone, page, relative_time_at},
};
use axum::{
    extract::{Query, State},
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use belfry_app::{App, AppError};
use belfry_domain::{Import, ImportId, ImportProblem, ImportState, Role, SiteId};
use belfry_locales::phrases::console_contacts as phrases;
use belfry_runtime::blocking::LARGE_INPUTS;
use belfry_web::html::{IntoMarkup, Markup};
use leptos::prelude::*;
use serde::Deserialize;

/// Imports per page.
const PART: u32 = 30;
/// Most problems shown.
const SHOWN: u32 = 50;

fn is_over(state: ImportState) -> bool {
    matches!(state, ImportState::Finished | ImportState::Error)
}

fn state(lang: UiLanguage, state: ImportState) -> Markup {
    let (tone, word) = match state {
        ImportState::Started => (Tone::Plain, phrases::STATE_WAITING),
        ImportState::Importing => (Tone::Accent, phrases::STATE_RUNNING),
        ImportState::Finished => (Tone::Good, phrases::STATE_DONE),
        ImportState::Error => (Tone::Danger, phrases::STATE_ERROR),
    };
    view! { <Badge tone=tone>{word.t(lang)}</Badge> }.into_markup()
}

pub(super) async fn show(
    State(console): State<Console>,
    member: Member,
    PathId(id): PathId<ImportId>,
) -> Result<Response, ConsoleError> {
    let lang = member.lang;
    let import = console.app.import(member.site.id, id).await?;
    let over = is_over(import.state);
    let title = match import.state {
        ImportState::Finished => phrases::OVER,
        ImportState::Error => phrases::GIVEN_UP,
        ImportState::Started | ImportState::Importing => phrases::RUNNING,
    };
    let failures = if over {
        console.app.import_failures(member.site.id, id, 0, SHOWN).await?.0
    } else {
        Vec::new()
    };
    let failure_rows =
        (!failures.is_empty()).then(|| failure_list(lang, &member, &import, &failures));
    let counted =
        phrases::DONE_OF.with(lang, &[("done", &import.processed), ("total", &import.total)]);
    let below = match import.state {
        ImportState::Finished => view! {
            <div class="actions">
                <Button tone=Tone::Accent href=member.path("contacts")>{phrases::CONTACTS.t(lang)}</Button>
                {(member.role >= Role::Editor).then(|| view! { <Button href=member.path("contacts/import")>{phrases::AGAIN.t(lang)}</Button> })}
            </div>
        }
        .into_markup(),
        ImportState::Error => view! { <p class="notice failed">{phrases::GIVEN_UP_TEXT.t(lang)}</p> }.into_markup(),
        ImportState::Started | ImportState::Importing => view! { <p class="quiet">{phrases::LEAVE.t(lang)}</p> }.into_markup(),
    };
    let content = view! {
        {steps(lang, if over { 4 } else { 3 })}
        <div class="progress">
            <progress max=import.total.max(1).to_string() value=import.processed.to_string() aria-label=title.t(lang)></progress>
            <p class="quiet">{counted}</p>
        </div>
        <dl class="stats">
            <Stat label=phrases::MAPPING_NEW.t(lang) value=import.created.to_string()/>
            <Stat label=phrases::UPDATED.t(lang) value=import.updated.to_string()/>
            <Stat label=phrases::SKIPPED.t(lang) value=import.skipped.to_string()/>
            <Stat label=phrases::FAILED.t(lang) value=import.failed.to_string()/>
        </dl>
        {below}
        {failure_rows}
    };
    let about = Page::new(title.t(lang))
        .for_site(&member, "contacts")
        .crumb(member.path("contacts"), phrases::TITLE.t(lang))
        .crumb(member.path("contacts/imports"), phrases::PAST.t(lang));
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
        .then(|| view! { <p class="quiet">{phrases::PROGRESS_FIRST.with(lang, &[("count", &SHOWN)])}</p> });
    view! {
        <section>
            <div class="head">
                <h2>{phrases::PROBLEMS.t(lang)}</h2>
                <Button href=file>{phrases::DOWNLOAD.t(lang)}</Button>
            </div>
            {problems(lang, failures)}
            {more}
        </section>
    }
    .into_markup()
}

async fn all_failures(
    app: &App,
    site: SiteId,
    id: ImportId,
) -> Result<Vec<ImportProblem>, ConsoleError> {
    let (mut all, mut after) = (Vec::new(), 0);
    loop {
        let (part, next) = app.import_failures(site, id, after, 500).await?;
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
    let problems = all_failures(&console.app, member.site.id, id).await?;
    // Without the cells once the table has been evicted from memory.
    let sheet = console.pending_imports.of(member.site.id, id).unwrap_or_default();
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
    let (lang, now) = (member.lang, console.app.now());
    let before = asked.cursor.and_then(|text| text.parse().ok());
    let (imports, next) = console.app.imports(member.site.id, before, PART).await?;
    let new =
        (member.role >= Role::Editor).then(|| view! { <Button tone=Tone::Accent href=member.path("contacts/import")>{phrases::IMPORT_CONTACTS.t(lang)}</Button> });
    let about = Page::new(phrases::PAST.t(lang))
        .for_site(&member, "contacts")
        .crumb(member.path("contacts"), phrases::TITLE.t(lang))
        .actions(new);
    if imports.is_empty() {
        return Ok(page(
            &member,
            about,
            view! { <EmptyState title=phrases::PROGRESS_EMPTY.t(lang) text=phrases::PROGRESS_EMPTY_TEXT.t(lang)/> },
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
        phrases::WHEN.t(lang),
        phrases::STATE.t(lang),
        phrases::ROWS.t(lang),
        phrases::MAPPING_NEW.t(lang),
        phrases::UPDATED.t(lang),
        phrases::FAILED.t(lang),
    ];
    let first = before.is_some().then(|| member.path("contacts/imports"));
    let next = next.map(|next| format!("{}?cursor={next}", member.path("contacts/imports")));
    let content = view! {
        <Table caption=phrases::PAST.t(lang) columns=columns>{rows}</Table>
        <Pager lang=lang first=first next=next/>
    };
    Ok(page(&member, about, content))
}
