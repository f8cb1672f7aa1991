//! Import, steps 2 and 3: map columns to fields, and check the result without importing.

use super::{
    import::steps,
    pending_imports::{ImportMapping, PendingImport},
};
use crate::{
    Console,
    error::ConsoleError,
    form::Form,
    pages::path_params::PathId,
    phrases::{EMAIL, Phrase, UiLanguage},
    request_context::{Member, redirect},
    view::{
        Badge, Button, Checkbox, Errors, Field, Page, Select, Stat, Table, Tone, csrf_field,
        page_with,
    },
};
use axum::{extract::State, http::StatusCode, response::Response};
use belfry_app::{AppError, Column, CsvTable, MappedCsvTable};
use belfry_domain::{
    AccountId, DedupeOn, ImportOptions, ImportProblem, Role, SiteId, ValidationError,
};
use belfry_locales::phrases::console_contacts as phrases;
use belfry_web::html::{IntoMarkup, Markup};
use leptos::prelude::*;
use serde_json::json;
use std::{collections::HashSet, sync::Arc};

/// Most problems shown.
const MAX_SHOWN_PROBLEMS: usize = 100;
/// Sample rows per column.
const SAMPLE_ROWS: usize = 3;
/// Characters shown of a cell.
const MAX_CELL_CHARS: usize = 60;

type Place = (SiteId, AccountId, String);

fn place(member: &Member, key: String) -> Place {
    (member.site.id, member.account.id, key)
}

/// Ukrainian column headings; the English ones are known to the use cases.
fn guess(heading: &str) -> Column {
    match heading.to_lowercase().replace(['\'', '’', '-', ' '], "").as_str() {
        "пошта" | "електроннапошта" | "емейл" | "імейл" => {
            Column::Email
        }
        "телефон" | "номертелефону" | "мобільний" => Column::Phone,
        "імя" => Column::FirstName,
        "прізвище" => Column::LastName,
        "мова" => Column::Language,
        _ => Column::guess(heading),
    }
}

/// Guesses the field of each column from its heading; an unknown one is an attribute of that name.
fn guesses(sheet: &CsvTable) -> Vec<Column> {
    let mut seen = HashSet::new();
    let guess = |heading: &String| {
        let guessed = Some(guess(heading)).filter(|column| *column != Column::Ignored);
        let column = guessed.or_else(|| attribute(heading)).unwrap_or(Column::Ignored);
        if seen.insert(column.clone()) { column } else { Column::Ignored }
    };
    sheet.headings().iter().map(guess).collect()
}

fn attribute(heading: &str) -> Option<Column> {
    let fits = !heading.is_empty()
        && heading.chars().count() <= 100
        && !heading.chars().any(char::is_control);
    fits.then(|| Column::Attribute(heading.to_owned()))
}

fn dedupe(word: &str) -> DedupeOn {
    match word {
        "email" => DedupeOn::Email,
        "phone" => DedupeOn::Phone,
        "id" => DedupeOn::ExternalId,
        _ => DedupeOn::Either,
    }
}

fn filled(sheet: &CsvTable, choice: Option<&ImportMapping>) -> Form {
    let columns = choice.map_or_else(|| guesses(sheet), |choice| choice.table.columns().to_vec());
    let options = choice.map(|choice| choice.options.clone()).unwrap_or_default();
    let word = match options.dedupe_on {
        DedupeOn::Either => "either",
        DedupeOn::Email => "email",
        DedupeOn::Phone => "phone",
        DedupeOn::ExternalId => "id",
    };
    let fields =
        [("dedupe", word.to_owned()), ("groups", options.groups_to_add.join(", "))].into_iter();
    let restore = options.restore_deleted.then(|| ("restore", "on".to_owned()));
    Form::new(
        fields.chain(restore).chain(columns.iter().map(|column| ("column", column.to_string()))),
    )
}

/// The posted mapping and options.
fn choice(
    form: &Form,
    sheet: &Arc<CsvTable>,
) -> Result<(MappedCsvTable, ImportOptions), ValidationError> {
    let columns = form.all("column").map(str::parse).collect::<Result<Vec<Column>, _>>()?;
    let groups_to_add = form
        .get("groups")
        .split(',')
        .map(str::trim)
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
        .collect();
    let options = ImportOptions {
        dedupe_on: dedupe(form.get("dedupe")),
        restore_deleted: form.contains("restore"),
        groups_to_add,
        groups_to_remove: Vec::new(),
    };
    Ok((MappedCsvTable::new(Arc::clone(sheet), columns)?, options))
}

fn column_row(lang: UiLanguage, heading: &str, samples: &[String], chosen: &str) -> Markup {
    let own = attribute(heading);
    let fixed_columns = [
        (Column::Ignored, phrases::IGNORED.t(lang)),
        (Column::ExternalId, phrases::OWN_ID.t(lang)),
        (Column::Email, EMAIL.t(lang)),
        (Column::Phone, phrases::PHONE.t(lang)),
        (Column::FirstName, phrases::FIRST_NAME.t(lang)),
        (Column::LastName, phrases::LAST_NAME.t(lang)),
        (Column::Language, phrases::LANGUAGE.t(lang)),
    ];
    let own = own.map(|column| {
        (column.to_string(), phrases::MAPPING_ATTRIBUTE.with(lang, &[("name", &heading)]))
    });
    let options: Vec<Markup> = fixed_columns
        .into_iter()
        .map(|(column, label)| (column.to_string(), label.to_owned()))
        .chain(own)
        .map(|(value, label)| {
            let selected = value == chosen;
            view! { <option value=value selected=selected>{label}</option> }.into_markup()
        })
        .collect();
    let samples: Vec<Markup> =
        samples.iter().map(|cell| view! { <span>{cell.clone()}</span> }.into_markup()).collect();
    view! {
        <tr>
            <td class="main">{heading.to_owned()}</td>
            <td class="quiet stacked">{samples}</td>
            <td><select name="column" aria-label=heading.to_owned()>{options}</select></td>
        </tr>
    }
    .into_markup()
}

fn columns_page(
    status: StatusCode,
    member: &Member,
    waiting: &PendingImport,
    form: &Form,
) -> Response {
    let (lang, sheet) = (member.lang, &waiting.table);
    let sample = sheet.sample(SAMPLE_ROWS);
    let chosen: Vec<&str> = form.all("column").collect();
    let rows: Vec<Markup> = sheet
        .headings()
        .iter()
        .enumerate()
        .map(|(index, heading)| {
            let cells: Vec<String> = sample
                .iter()
                .filter_map(|row| row.get(index))
                .map(|cell: &String| cell.chars().take(MAX_CELL_CHARS).collect())
                .collect();
            column_row(lang, heading, &cells, chosen.get(index).copied().unwrap_or_default())
        })
        .collect();
    let summary = phrases::FOUND.with(
        lang,
        &[("name", &waiting.name), ("rows", &sheet.len()), ("columns", &sheet.headings().len())],
    );
    let dedupe = [
        ("either", phrases::EITHER),
        ("email", EMAIL),
        ("phone", phrases::PHONE),
        ("id", phrases::BY_ID),
    ];
    let dedupe = dedupe.map(|(value, word)| (value.to_owned(), word.t(lang).to_owned())).to_vec();
    let content = view! {
        {steps(lang, 1)}
        <p class="lead">{summary}</p>
        <form method="post">
            {csrf_field(member)}
            <Errors form=form.clone()/>
            <Table caption=phrases::COLUMNS.t(lang) columns=vec![phrases::HEADING.t(lang), phrases::SAMPLES.t(lang), phrases::MEANS.t(lang)]>{rows}</Table>
            <div class="narrow-fields">
                <Select form=form.clone() name="dedupe" label=phrases::DEDUPE.t(lang) hint=phrases::DEDUPE_HINT.t(lang) options=dedupe/>
                <Field form=form.clone() name="groups" label=phrases::GROUPS.t(lang) hint=phrases::GROUPS_HINT.t(lang)/>
                <Checkbox form=form.clone() name="restore" label=phrases::RESTORE.t(lang)/>
            </div>
            <Button tone=Tone::Accent>{phrases::TRY.t(lang)}</Button>
        </form>
    };
    page_with(status, member, about(member, phrases::COLUMNS.t(lang)), content)
}

fn about(member: &Member, title: &str) -> Page {
    let lang = member.lang;
    Page::new(title)
        .for_site(member, "contacts")
        .crumb(member.path("contacts"), phrases::TITLE.t(lang))
        .crumb(member.path("contacts/import"), phrases::IMPORT_CONTACTS.t(lang))
}

pub(super) async fn show(
    State(console): State<Console>,
    member: Member,
    PathId(key): PathId<String>,
) -> Result<Response, ConsoleError> {
    member.require_role(Role::Editor)?;
    let waiting =
        console.pending_imports.get(&place(&member, key)).ok_or(ConsoleError::NotFound)?;
    Ok(columns_page(
        StatusCode::OK,
        &member,
        &waiting,
        &filled(&waiting.table, waiting.mapping.as_deref()),
    ))
}

pub(super) async fn keep(
    State(console): State<Console>,
    member: Member,
    PathId(key): PathId<String>,
    form: Form,
) -> Result<Response, ConsoleError> {
    member.require_role(Role::Editor)?;
    let place = place(&member, key.clone());
    let waiting = console.pending_imports.get(&place).ok_or(ConsoleError::NotFound)?;
    let refused = |invalid| {
        Ok(columns_page(
            StatusCode::UNPROCESSABLE_ENTITY,
            &member,
            &waiting,
            &form.clone().rejected(invalid),
        ))
    };
    let (table, options) = match choice(&form, &waiting.table) {
        Ok(chosen) => chosen,
        Err(invalid) => return refused(invalid),
    };
    // Computed here once, since the result page can be loaded any number of times.
    let dry_run = match console.app.dry_run_import(member.site.id, &table, &options).await {
        Err(AppError::ValidationError(invalid)) => return refused(invalid),
        forecast => forecast?,
    };
    console.pending_imports.insert(
        place,
        PendingImport {
            mapping: Some(Arc::new(ImportMapping { table, options, dry_run })),
            ..waiting
        },
    );
    Ok(redirect(&member.path(&format!("contacts/import/{key}/check"))))
}

/// The problems by row.
pub(super) fn problems(lang: UiLanguage, problems: &[ImportProblem]) -> Markup {
    let rows: Vec<Markup> = problems
        .iter()
        .map(|problem| {
            let (tone, word) = if problem.imported {
                (Tone::Warning, phrases::GOES_IN)
            } else {
                (Tone::Danger, phrases::STAYS_OUT)
            };
            view! {
                <tr>
                    <td class="number">{problem.row}</td>
<td><code>{problem.error.field.clone()}</code></td> <td>{problem.error.reason.t(lang)}</td>
                    <td><Badge tone=tone>{word.t(lang)}</Badge></td>
                </tr>
            }
            .into_markup()
        })
        .collect();
    view! { <Table caption=phrases::REASON.t(lang) columns=vec![phrases::ROW.t(lang), phrases::FIELD.t(lang), phrases::REASON.t(lang), phrases::OUTCOME.t(lang)]>{rows}</Table> }.into_markup()
}

pub(super) async fn check(
    State(console): State<Console>,
    member: Member,
    PathId(key): PathId<String>,
) -> Result<Response, ConsoleError> {
    member.require_role(Role::Editor)?;
    checked(&console, &member, key, None)
}

/// The result of the check, with the reason if the import could not be started.
fn checked(
    console: &Console,
    member: &Member,
    key: String,
    refused: Option<Phrase>,
) -> Result<Response, ConsoleError> {
    let lang = member.lang;
    let waiting =
        console.pending_imports.get(&place(member, key.clone())).ok_or(ConsoleError::NotFound)?;
    let back = member.path(&format!("contacts/import/{key}"));
    let Some(choice) = waiting.mapping else { return Ok(redirect(&back)) };
    let dry_run = &choice.dry_run;
    let count = usize::try_from(dry_run.problem_count).unwrap_or(usize::MAX);
    let response =
        dry_run.problems.get(..dry_run.problems.len().min(MAX_SHOWN_PROBLEMS)).unwrap_or_default();
    let problem_report = if count == 0 {
        view! { <p class="notice">{phrases::NO_PROBLEMS.t(lang)}</p> }.into_markup()
    } else {
        let more = (count > MAX_SHOWN_PROBLEMS)
            .then(|| view! { <p class="quiet">{phrases::MAPPING_FIRST.with(lang, &[("shown", &MAX_SHOWN_PROBLEMS), ("count", &count)])}</p> });
        view! { {problems(lang, response)} {more} }.into_markup()
    };
    let good = dry_run.created + dry_run.updated;
    let start = (good > 0).then(|| {
        view! { <Button tone=Tone::Accent>{phrases::START.with(lang, &[("count", &good)])}</Button> }
    });
    let content = view! {
        {steps(lang, 2)}
        {refused.map(|refused| view! { <p class="notice failed" role="alert">{refused.t(lang)}</p> })}
        <dl class="stats">
            <Stat label=phrases::MAPPING_NEW.t(lang) value=dry_run.created.to_string()/>
            <Stat label=phrases::UPDATED.t(lang) value=dry_run.updated.to_string()/>
            <Stat label=phrases::SKIPPED.t(lang) value=dry_run.skipped.to_string() note=phrases::SKIPPED_NOTE.t(lang)/>
            <Stat label=phrases::FAILED.t(lang) value=dry_run.failed.to_string()/>
        </dl>
        {problem_report}
        <form method="post">
            {csrf_field(member)}
            <div class="actions">
                {start}
                <Button href=back>{phrases::CHANGE.t(lang)}</Button>
            </div>
        </form>
    };
    let status = if refused.is_some() { StatusCode::CONFLICT } else { StatusCode::OK };
    Ok(page_with(status, member, about(member, phrases::CHECKED.t(lang)), content))
}

pub(super) async fn start(
    State(console): State<Console>,
    member: Member,
    PathId(key): PathId<String>,
    _form: Form,
) -> Result<Response, ConsoleError> {
    member.require_role(Role::Editor)?;
    let place = place(&member, key.clone());
    let waiting = console.pending_imports.get(&place).ok_or(ConsoleError::NotFound)?;
    let choice = waiting.mapping.ok_or(ConsoleError::NotFound)?;
    let detail = Some(json!({"rows": choice.table.len()}));
    let start = console.app.start_table_import(member.site.id, &choice.table, &choice.options);
    let import = match member.with_audit_detail(&console, "", detail, start).await {
        Err(AppError::TooManyImports) => {
            return checked(&console, &member, key, Some(phrases::BUSY));
        }
        started => started?,
    };
    console.pending_imports.start(&place, import);
    Ok(redirect(&member.path(&format!("contacts/imports/{import}"))))
}
