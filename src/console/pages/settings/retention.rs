//! How long messages are kept, and how new contacts find those from before them.

use super::{Outcome, SettingsChange, change_settings, outcome, tab};
use crate::{
    Console,
    edit_conflict::{REVISION_FIELD, RevisionField, save_label, with_conflict},
    error::ConsoleError,
    form::Form,
    phrases::{SAVE, UiLanguage},
    request_context::Member,
    view::{Button, Errors, Field, Select, Tone, csrf_field},
};
use axum::{extract::State, http::StatusCode, response::Response};
use belfry_app::AppError;
use belfry_domain::{HistoryPolicy, Role, SiteSettings, ValidationError, revision};
use belfry_locales::phrases::console_settings as phrases;
use belfry_locales::phrases::errors;
use belfry_web::html::IntoMarkup;
use belfry_web::router::{Routes, get};
use leptos::prelude::*;

const HERE: &str = "settings/retention";

pub(super) fn routes() -> Routes<Console> {
    Routes::new().route("/sites/{site}/settings/retention", get(show).post(save))
}

const FIELDS: &[&str] = &["retentionDays", "history"];

async fn show(State(console): State<Console>, who: Member) -> Result<Response, ConsoleError> {
    who.require_role(Role::Owner)?;
    Ok(retention_page(StatusCode::OK, &who, stored(&console, &who).await?))
}

fn shown(settings: &SiteSettings) -> String {
    revision(&(settings.retention_days(), settings.history()))
}

async fn stored(console: &Console, who: &Member) -> Result<Form, ConsoleError> {
    let settings = console.app.settings(who.site.id).await?;
    let days = settings.retention_days().map(|days| days.to_string()).unwrap_or_default();
    Ok(Form::new([
        ("retentionDays", days),
        ("history", settings.history().as_str().to_owned()),
        (REVISION_FIELD, shown(&settings)),
    ]))
}

fn retention_page(status: StatusCode, who: &Member, form: Form) -> Response {
    let lang = who.lang;
    let label = save_label(lang, &form, SAVE);
    let content = view! {
        <section class="narrow">
            <p class="lead">{phrases::RETENTION_TEXT.t(lang)}</p>
            <p>{phrases::NEWEST.t(lang)}</p>
            <form method="post" action=who.path(HERE)>
                {csrf_field(who)}
                <RevisionField form=form.clone()/>
                <Errors form=form.clone() fields=FIELDS/>
                <Field form=form.clone() name="retentionDays" kind="number" label=phrases::DAYS.t(lang) hint=phrases::DAYS_HINT.t(lang)/>
                <Select form=form.clone() name="history" label=phrases::HISTORY.t(lang) options=histories(lang) hint=phrases::HISTORY_HINT.t(lang)/>
                <Button tone=Tone::Accent>{label}</Button>
            </form>
        </section>
    };
    tab(status, who, HERE, content.into_markup())
}

fn histories(lang: UiLanguage) -> Vec<(String, String)> {
    let label = |history| match history {
        HistoryPolicy::Read => phrases::HISTORY_READ,
        HistoryPolicy::Unread => phrases::HISTORY_UNREAD,
        HistoryPolicy::Hidden => phrases::HISTORY_HIDDEN,
    };
    HistoryPolicy::ALL
        .into_iter()
        .map(|history| (history.as_str().to_owned(), label(history).t(lang).to_owned()))
        .collect()
}

async fn keep(console: &Console, who: &Member, form: &Form) -> Result<(), AppError> {
    let refuse = |_| ValidationError::new("retentionDays", errors::RETENTION_DAYS);
    let days = form.trimmed("retentionDays").map(str::parse).transpose().map_err(refuse)?;
    let history = form.trimmed("history").map(str::parse).transpose()?;
    let base = form.trimmed(REVISION_FIELD).map(|former| (former.to_owned(), shown as _));
    change_settings(
        console,
        who,
        "retention",
        SettingsChange { base, retention_days: Some(days), history, ..SettingsChange::default() },
    )
    .await
}

async fn save(
    State(console): State<Console>,
    who: Member,
    form: Form,
) -> Result<Response, ConsoleError> {
    who.require_role(Role::Owner)?;
    let done = keep(&console, &who, &form).await;
    match outcome(&who, HERE, form, done).await? {
        Outcome::Done(response) => Ok(response),
        Outcome::Rejected(form) => Ok(retention_page(StatusCode::UNPROCESSABLE_ENTITY, &who, form)),
        Outcome::Conflict(form) => {
            let form = with_conflict(
                who.lang,
                &form,
                &stored(&console, &who).await?,
                FIELDS.iter().copied(),
            );
            Ok(retention_page(StatusCode::CONFLICT, &who, form))
        }
    }
}
