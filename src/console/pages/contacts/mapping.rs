//! Import, steps 2 and 3: map columns to fields, and check the result without importing.

use super::{
    TITLE, edit,
    import::{IMPORT, steps},
    pending_imports::{ImportMapping, PendingImport},
};
use crate::web::html::{IntoMarkup, Markup};
use crate::{
    app::{AppError, Column, CsvTable, MappedCsvTable},
    console::{
        Console,
        error::ConsoleError,
        error_translations,
        form::Form,
        pages::path_params::PathId,
        phrases::{EMAIL, Phrase, UiLanguage, words},
        request_context::{Member, redirect},
        view::{
            Badge, Button, Checkbox, Errors, Field, Page, Select, Stat, Table, Tone, csrf_field,
            page_with,
        },
    },
    domain::{
        AccountId, Actor, DedupeOn, ImportOptions, ImportProblem, Role, SiteId, ValidationError,
    },
};
use axum::{extract::State, http::StatusCode, response::Response};
use leptos::prelude::*;
use serde_json::json;
use std::{collections::HashSet, sync::Arc};

words! {
    COLUMNS: "Match columns to fields", "Зіставте стовпці з полями";
    FOUND: "{name}: {rows} rows, {columns} columns.", "{name}: рядків — {rows}, стовпців — {columns}.";
    HEADING: "Column", "Стовпець";
    SAMPLES: "First rows", "Перші рядки";
    MEANS: "Import as", "Імпортувати як";
    IGNORED: "Don’t import", "Не імпортувати";
    ATTRIBUTE: "Attribute “{name}”", "Атрибут «{name}»";
    DEDUPE: "Match existing contacts by", "Шукати наявні контакти за";
    DEDUPE_HINT: "A customer ID always takes precedence, where a row has one.", "ID клієнта завжди має перевагу, якщо він у рядку є.";
    EITHER: "E-mail or phone", "Поштою або телефоном";
    BY_ID: "Customer ID only", "Лише ID клієнта";
    GROUPS: "Add to groups", "Додати до груп";
    GROUPS_HINT: "Names, separated by commas. They are stored in the attribute “groups”, which segments can use.", "Назви через кому. Вони зберігаються в атрибуті «groups», за яким можна будувати сегменти.";
    RESTORE: "Restore deleted contacts", "Повернути видалені контакти";
    TRY: "Check without importing", "Перевірити без імпорту";
    CHECKED: "Result of the check", "Результат перевірки";
    NEW: "New", "Нові";
    UPDATED: "Updated", "Оновлені";
    SKIPPED: "Skipped", "Пропущені";
    SKIPPED_NOTE: "deleted before", "видалені раніше";
    FAILED: "Can’t be imported", "Не вдасться";
    ROW: "Row", "Рядок";
    FIELD: "Field", "Поле";
    REASON: "Reason", "Причина";
    OUTCOME: "What happens", "Що станеться";
    GOES_IN: "imported without it", "імпортується без цього";
    STAYS_OUT: "not imported", "не імпортується";
    FIRST: "Showing the first {shown} of {count} problems. All other rows are imported.", "Показано перші {shown} із {count} проблем. Решта рядків імпортується.";
    NO_PROBLEMS: "Every row can be imported.", "Кожен рядок можна імпортувати.";
    START: "Import {count} rows", "Імпортувати рядків: {count}";
    BUSY: "This site already has 20 unfinished imports, which is the maximum. Nothing was imported. Start this one when another has finished.", "Сайт уже має 20 незавершених імпортів, це найбільше. Нічого не імпортовано. Запустіть цей, коли якийсь із них завершиться.";
    CHANGE: "Change the columns", "Змінити стовпці";
}

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
        let known = Some(guess(heading)).filter(|column| *column != Column::Ignored);
        let column = known.or_else(|| attribute(heading)).unwrap_or(Column::Ignored);
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
    let fields = [("dedupe", word.to_owned()), ("groups", options.groups.join(", "))].into_iter();
    let restore = options.restore_deleted.then(|| ("restore", "on".to_owned()));
    Form::of(
        fields.chain(restore).chain(columns.iter().map(|column| ("column", column.to_string()))),
    )
}

/// The posted mapping and options.
fn choice(
    form: &Form,
    sheet: &Arc<CsvTable>,
) -> Result<(MappedCsvTable, ImportOptions), ValidationError> {
    let columns = form.all("column").map(str::parse).collect::<Result<Vec<Column>, _>>()?;
    let groups = form
        .get("groups")
        .split(',')
        .map(str::trim)
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
        .collect();
    let options = ImportOptions {
        dedupe_on: dedupe(form.get("dedupe")),
        restore_deleted: form.has("restore"),
        groups,
        groups_without: Vec::new(),
    };
    Ok((MappedCsvTable::new(Arc::clone(sheet), columns)?, options))
}

fn column_row(lang: UiLanguage, heading: &str, samples: &[String], chosen: &str) -> Markup {
    let own = attribute(heading);
    let known = [
        (Column::Ignored, IGNORED.t(lang)),
        (Column::ExternalId, super::OWN_ID.t(lang)),
        (Column::Email, EMAIL.t(lang)),
        (Column::Phone, edit::PHONE.t(lang)),
        (Column::FirstName, edit::FIRST_NAME.t(lang)),
        (Column::LastName, edit::LAST_NAME.t(lang)),
        (Column::Language, edit::LANGUAGE.t(lang)),
    ];
    let own = own.map(|column| (column.to_string(), ATTRIBUTE.with(lang, &[("name", &heading)])));
    let options: Vec<Markup> = known
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
    let (lang, sheet) = (member.lang, &waiting.sheet);
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
    let found = FOUND.with(
        lang,
        &[("name", &waiting.name), ("rows", &sheet.len()), ("columns", &sheet.headings().len())],
    );
    let dedupe = [("either", EITHER), ("email", EMAIL), ("phone", edit::PHONE), ("id", BY_ID)];
    let dedupe = dedupe.map(|(value, word)| (value.to_owned(), word.t(lang).to_owned())).to_vec();
    let content = view! {
        {steps(lang, 1)}
        <p class="lead">{found}</p>
        <form method="post">
            {csrf_field(member)}
            <Errors form=form.clone()/>
            <Table caption=COLUMNS.t(lang) columns=vec![HEADING.t(lang), SAMPLES.t(lang), MEANS.t(lang)]>{rows}</Table>
            <div class="narrow-fields">
                <Select form=form.clone() name="dedupe" label=DEDUPE.t(lang) hint=DEDUPE_HINT.t(lang) options=dedupe/>
                <Field form=form.clone() name="groups" label=GROUPS.t(lang) hint=GROUPS_HINT.t(lang)/>
                <Checkbox form=form.clone() name="restore" label=RESTORE.t(lang)/>
            </div>
            <Button tone=Tone::Accent>{TRY.t(lang)}</Button>
        </form>
    };
    page_with(status, member, about(member, COLUMNS.t(lang)), content)
}

fn about(member: &Member, title: &str) -> Page {
    let lang = member.lang;
    Page::new(title)
        .of(member, "contacts")
        .crumb(member.path("contacts"), TITLE.t(lang))
        .crumb(member.path("contacts/import"), IMPORT.t(lang))
}

pub(super) async fn show(
    State(console): State<Console>,
    member: Member,
    PathId(key): PathId<String>,
) -> Result<Response, ConsoleError> {
    member.may(Role::Editor)?;
    let waiting = console.sheets.get(&place(&member, key)).ok_or(ConsoleError::NotFound)?;
    Ok(columns_page(
        StatusCode::OK,
        &member,
        &waiting,
        &filled(&waiting.sheet, waiting.choice.as_deref()),
    ))
}

pub(super) async fn keep(
    State(console): State<Console>,
    member: Member,
    PathId(key): PathId<String>,
    form: Form,
) -> Result<Response, ConsoleError> {
    member.may(Role::Editor)?;
    let place = place(&member, key.clone());
    let waiting = console.sheets.get(&place).ok_or(ConsoleError::NotFound)?;
    let refused = |invalid| {
        Ok(columns_page(
            StatusCode::UNPROCESSABLE_ENTITY,
            &member,
            &waiting,
            &form.clone().refused(invalid),
        ))
    };
    let (table, options) = match choice(&form, &waiting.sheet) {
        Ok(chosen) => chosen,
        Err(invalid) => return refused(invalid),
    };
    // Computed here once, since the result page can be loaded any number of times.
    let forecast = match console.inbox.forecast_import(member.site.id, &table, &options).await {
        Err(AppError::ValidationError(invalid)) => return refused(invalid),
        forecast => forecast?,
    };
    console.sheets.keep(
        place,
        PendingImport {
            choice: Some(Arc::new(ImportMapping { table, options, forecast })),
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
            let (tone, word) =
                if problem.imported { (Tone::Warning, GOES_IN) } else { (Tone::Danger, STAYS_OUT) };
            view! {
                <tr>
                    <td class="number">{problem.row}</td>
                    <td><code>{problem.invalid.field.clone()}</code></td>
                    <td>{error_translations::translate(lang, &problem.invalid.reason)}</td>
                    <td><Badge tone=tone>{word.t(lang)}</Badge></td>
                </tr>
            }
            .into_markup()
        })
        .collect();
    view! { <Table caption=REASON.t(lang) columns=vec![ROW.t(lang), FIELD.t(lang), REASON.t(lang), OUTCOME.t(lang)]>{rows}</Table> }.into_markup()
}

pub(super) async fn check(
    State(console): State<Console>,
    member: Member,
    PathId(key): PathId<String>,
) -> Result<Response, ConsoleError> {
    member.may(Role::Editor)?;
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
    let waiting = console.sheets.get(&place(member, key.clone())).ok_or(ConsoleError::NotFound)?;
    let back = member.path(&format!("contacts/import/{key}"));
    let Some(choice) = waiting.choice else { return Ok(redirect(&back)) };
    let forecast = &choice.forecast;
    let count = usize::try_from(forecast.problem_count).unwrap_or(usize::MAX);
    let shown = forecast
        .problems
        .get(..forecast.problems.len().min(MAX_SHOWN_PROBLEMS))
        .unwrap_or_default();
    let told = if count == 0 {
        view! { <p class="notice">{NO_PROBLEMS.t(lang)}</p> }.into_markup()
    } else {
        let more = (count > MAX_SHOWN_PROBLEMS)
            .then(|| view! { <p class="quiet">{FIRST.with(lang, &[("shown", &MAX_SHOWN_PROBLEMS), ("count", &count)])}</p> });
        view! { {problems(lang, shown)} {more} }.into_markup()
    };
    let good = forecast.created + forecast.updated;
    let start = (good > 0).then(|| {
        view! { <Button tone=Tone::Accent>{START.with(lang, &[("count", &good)])}</Button> }
    });
    let content = view! {
        {steps(lang, 2)}
        {refused.map(|refused| view! { <p class="notice failed" role="alert">{refused.t(lang)}</p> })}
        <dl class="stats">
            <Stat label=NEW.t(lang) value=forecast.created.to_string()/>
            <Stat label=UPDATED.t(lang) value=forecast.updated.to_string()/>
            <Stat label=SKIPPED.t(lang) value=forecast.skipped.to_string() note=SKIPPED_NOTE.t(lang)/>
            <Stat label=FAILED.t(lang) value=forecast.failed.to_string()/>
        </dl>
        {told}
        <form method="post">
            {csrf_field(member)}
            <div class="actions">
                {start}
                <Button href=back>{CHANGE.t(lang)}</Button>
            </div>
        </form>
    };
    let status = if refused.is_some() { StatusCode::CONFLICT } else { StatusCode::OK };
    Ok(page_with(status, member, about(member, CHECKED.t(lang)), content))
}

pub(super) async fn start(
    State(console): State<Console>,
    member: Member,
    PathId(key): PathId<String>,
    _form: Form,
) -> Result<Response, ConsoleError> {
    member.may(Role::Editor)?;
    let place = place(&member, key.clone());
    let waiting = console.sheets.get(&place).ok_or(ConsoleError::NotFound)?;
    let choice = waiting.choice.ok_or(ConsoleError::NotFound)?;
    let (actor, detail) =
        (Actor::Account(member.account.id), Some(json!({"rows": choice.table.len()})));
    let start = console.inbox.start_sheet_import(member.site.id, &choice.table, &choice.options);
    let import = match console
        .inbox
        .acting(actor, Some(member.site.id), "contacts.imported", "", detail, start)
        .await
    {
        Err(AppError::TooManyImports) => return checked(&console, &member, key, Some(BUSY)),
        started => started?,
    };
    console.sheets.begin(&place, import);
    Ok(redirect(&member.path(&format!("contacts/imports/{import}"))))
}
