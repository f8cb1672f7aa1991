//! The message categories that readers can mute. One form holds all of them and an empty row for a
//! new one; a row without a name is deleted.

use super::{Outcome, SettingsChange, change_settings, outcome, tab};
use crate::{
    Console,
    edit_conflict::{REVISION_FIELD, RevisionField, save_label, stored_value, with_conflict},
    error::ConsoleError,
    form::Form,
    phrases::{NAME, SAVE},
    request_context::Member,
    view::{Button, Errors, Table, Tone, csrf_field},
};
use axum::{extract::State, http::StatusCode, response::Response};
use belfry_app::AppError;
use belfry_content::text::clean_line;
use belfry_domain::{Category, Language, Role, SiteSettings, ValidationError, revision};
use belfry_locales::phrases::console_settings as phrases;
use belfry_web::html::{IntoMarkup, Markup};
use belfry_web::router::{Routes, get};
use leptos::prelude::*;

const HERE: &str = "settings/categories";

pub(super) fn routes() -> Routes<Console> {
    Routes::new().route("/sites/{site}/settings/categories", get(show).post(save))
}

/// A submitted row.
#[derive(Clone, Default)]
struct Row {
    name: String,
    mutable: bool,
    labels: Vec<(Language, String)>,
}

/// The site's own language first.
async fn languages(console: &Console, who: &Member) -> Result<Vec<Language>, ConsoleError> {
    let settings = console.app.settings(who.site.id).await?;
    let others =
        settings.languages().iter().filter(|language| **language != who.site.language).cloned();
    Ok(std::iter::once(who.site.language.clone()).chain(others).collect())
}

async fn show(State(console): State<Console>, who: Member) -> Result<Response, ConsoleError> {
    who.require_role(Role::Owner)?;
    let languages = languages(&console, &who).await?;
    let settings = console.app.settings(who.site.id).await?;
    let form = Form::new([(REVISION_FIELD, shown(&settings))]);
    Ok(categories_page(StatusCode::OK, &who, &form, rows_of(&settings, &languages), &languages))
}

fn shown(settings: &SiteSettings) -> String {
    revision(&settings.categories())
}

fn rows_of(settings: &SiteSettings, languages: &[Language]) -> Vec<Row> {
    let label = |category: &Category, language: &Language| {
        (language.clone(), category.labels.get(language).cloned().unwrap_or_default())
    };
    let rows = settings.categories().iter().map(|category| Row {
        name: category.name.clone(),
        mutable: category.mutable,
        labels: languages.iter().map(|language| label(category, language)).collect(),
    });
    rows.collect()
}

/// All rows as one line, to show a concurrent change.
fn said(who: &Member, rows: &[Row]) -> String {
    let row = |row: &Row| {
        let labels = row
            .labels
            .iter()
            .filter(|(_, label)| !label.is_empty())
            .map(|(language, label)| format!("{language}: {label}"));
        let parts: Vec<String> = labels
            .chain(row.mutable.then(|| phrases::MUTABLE.t(who.lang).to_lowercase()))
            .collect();
        if parts.is_empty() {
            row.name.clone()
        } else {
            format!("{} ({})", row.name, parts.join(", "))
        }
    };
    rows.iter().map(row).collect::<Vec<_>>().join("; ")
}

fn row_view(who: &Member, index: usize, row: Row) -> Markup {
    let lang = who.lang;
    let labels = row.labels.into_iter().map(|(language, label)| {
        let label_name = phrases::LABEL_IN.with(lang, &[("language", &language)]);
        view! {
            <div class="with-tag">
                <span class="tag" aria-hidden="true">{language.to_string()}</span>
                <input name=format!("label-{index}-{language}") value=label aria-label=label_name autocomplete="off"/>
            </div>
        }
        .into_markup()
    });
    view! {
        <tr>
            <td><input name=format!("name-{index}") value=row.name aria-label=NAME.t(lang) class="code" autocomplete="off" spellcheck="false"/></td>
            <td>{labels.collect_view()}</td>
            <td><input type="checkbox" name=format!("mutable-{index}") checked=row.mutable aria-label=phrases::MUTABLE.t(lang)/></td>
        </tr>
    }
    .into_markup()
}

fn categories_page(
    status: StatusCode,
    who: &Member,
    form: &Form,
    mut rows: Vec<Row>,
    languages: &[Language],
) -> Response {
    let lang = who.lang;
    if rows.len() < SiteSettings::CATEGORIES {
        rows.push(Row {
            mutable: true,
            labels: languages.iter().map(|language| (language.clone(), String::new())).collect(),
            ..Row::default()
        });
    }
    let rows =
        rows.into_iter().enumerate().map(|(index, row)| row_view(who, index, row)).collect_view();
    let label = save_label(lang, form, SAVE);
    let content = view! {
        <section>
            <p class="lead">{phrases::CATEGORIES_TEXT.t(lang)}</p>
            <form method="post" action=who.path(HERE)>
                {csrf_field(who)}
                <RevisionField form=form.clone()/>
                <Errors form=form.clone()/>
                <Table caption=phrases::CATEGORIES_TITLE.t(lang) columns=vec![NAME.t(lang), phrases::LABELS.t(lang), phrases::MUTABLE.t(lang)]>{rows}</Table>
                <Button tone=Tone::Accent>{label}</Button>
            </form>
        </section>
    };
    tab(status, who, HERE, content.into_markup())
}

fn typed(form: &Form, languages: &[Language]) -> Vec<Row> {
    let row = |index: usize| Row {
        name: clean_line(form.get(&format!("name-{index}"))),
        mutable: form.contains(&format!("mutable-{index}")),
        labels: languages
            .iter()
            .map(|language| {
                (language.clone(), clean_line(form.get(&format!("label-{index}-{language}"))))
            })
            .collect(),
    };
    (0..=SiteSettings::CATEGORIES).map(row).filter(|row| !row.name.is_empty()).collect()
}

async fn keep(console: &Console, who: &Member, form: &Form, rows: &[Row]) -> Result<(), AppError> {
    let former = console.app.settings(who.site.id).await?;
    let category = |row: &Row| {
        // Labels in languages that were removed from the site are kept.
        let mut labels = former
            .categories()
            .iter()
            .find(|category| category.name == row.name)
            .map(|category| category.labels.clone())
            .unwrap_or_default();
        for (language, label) in &row.labels {
            if label.is_empty() {
                labels.remove(language);
            } else {
                labels.insert(language.clone(), label.clone());
            }
        }
        Category { name: row.name.clone(), labels, mutable: row.mutable }
    };
    let shown = form.trimmed(REVISION_FIELD).map(|former| (former.to_owned(), shown as _));
    let change = SettingsChange {
        base: shown,
        categories: Some(rows.iter().map(category).collect()),
        ..SettingsChange::default()
    };
    change_settings(console, who, "categories", change).await
}

/// Names the row in an error: `categories[2].name` is the third row.
fn by_row(invalid: ValidationError) -> ValidationError {
    let index = invalid
        .field
        .strip_prefix("categories[")
        .and_then(|rest| rest.split_once(']'))
        .and_then(|(index, _)| index.parse::<usize>().ok());
    match index {
        Some(index) => {
            let row = [("number", (index + 1).into()), ("reason", invalid.reason.into())];
            ValidationError::new("", phrases::ROW.text(row))
        }
        None => invalid,
    }
}

async fn save(
    State(console): State<Console>,
    who: Member,
    form: Form,
) -> Result<Response, ConsoleError> {
    who.require_role(Role::Owner)?;
    let languages = languages(&console, &who).await?;
    let rows = typed(&form, &languages);
    let done = keep(&console, &who, &form, &rows).await.map_err(|error| match error {
        AppError::ValidationError(invalid) => by_row(invalid).into(),
        other => other,
    });
    match outcome(&who, HERE, form, done).await? {
        Outcome::Done(response) => Ok(response),
        Outcome::Rejected(form) => {
            Ok(categories_page(StatusCode::UNPROCESSABLE_ENTITY, &who, &form, rows, &languages))
        }
        Outcome::Conflict(form) => {
            let settings = console.app.settings(who.site.id).await?;
            let now = stored_value(&said(&who, &rows_of(&settings, &languages)));
            let form = with_conflict(
                who.lang,
                &form,
                &Form::new([(REVISION_FIELD, shown(&settings))]),
                [],
            )
            .rejected(ValidationError::new("", now));
            Ok(categories_page(StatusCode::CONFLICT, &who, &form, rows, &languages))
        }
    }
}
