//! How long messages are kept, and how new contacts find those from before them.

use super::{Outcome, SettingsChange, change_settings, outcome, tab};
use crate::web::html::IntoMarkup;
use crate::{
    app::AppError,
    console::{
        Console,
        edit_conflict::{REVISION_FIELD, RevisionField, save_label, with_conflict},
        error::ConsoleError,
        form::Form,
        phrases::{SAVE, UiLanguage, words},
        request_context::Member,
        view::{Button, Errors, Field, Select, Tone, csrf_field},
    },
    domain::{HistoryPolicy, Role, SiteSettings, ValidationError, revision},
};
use axum::{Router, extract::State, http::StatusCode, response::Response, routing::get};
use leptos::prelude::*;

words! {
    TEXT: "Messages older than this are deleted, together with who read them. This can’t be undone.", "Старіші повідомлення видаляються разом із даними про їх читання. Цього не можна скасувати.";
    NEWEST: "In any case, a person keeps only the newest 1,000 messages sent to them directly, and the newest 1,000 sent to everyone and to each segment.", "За будь-якого значення людина зберігає лише 1000 найновіших повідомлень, надісланих особисто їй, і по 1000 надісланих усім та кожному сегменту.";
    DAYS: "Days", "Днів";
    HISTORY: "Messages older than the contact", "Повідомлення, давніші за контакт";
    HISTORY_HINT: "Those sent to everyone and to segments. Existing contacts are not affected.", "Надіслані всім і сегментам. Наявних контактів це не стосується.";
    HISTORY_READ: "Shown as read", "Показувати прочитаними";
    HISTORY_UNREAD: "Shown as unread", "Показувати непрочитаними";
    HISTORY_HIDDEN: "Not shown", "Не показувати";
    DAYS_HINT: "1 to 3,650; leave empty to keep messages forever.", "Від 1 до 3650; залиште порожнім, щоб зберігати завжди.";
}

const HERE: &str = "settings/retention";

pub(super) fn routes() -> Router<Console> {
    Router::new().route("/sites/{site}/settings/retention", get(show).post(save))
}

const FIELDS: &[&str] = &["retentionDays", "history"];

async fn show(State(console): State<Console>, who: Member) -> Result<Response, ConsoleError> {
    who.may(Role::Owner)?;
    Ok(retention_page(StatusCode::OK, &who, stored(&console, &who).await?))
}

fn shown(settings: &SiteSettings) -> String {
    revision(&(settings.retention_days(), settings.history()))
}

async fn stored(console: &Console, who: &Member) -> Result<Form, ConsoleError> {
    let settings = console.inbox.settings(who.site.id).await?;
    let days = settings.retention_days().map(|days| days.to_string()).unwrap_or_default();
    Ok(Form::of([
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
            <p class="lead">{TEXT.t(lang)}</p>
            <p>{NEWEST.t(lang)}</p>
            <form method="post" action=who.path(HERE)>
                {csrf_field(who)}
                <RevisionField form=form.clone()/>
                <Errors form=form.clone() fields=FIELDS/>
                <Field form=form.clone() name="retentionDays" kind="number" label=DAYS.t(lang) hint=DAYS_HINT.t(lang)/>
                <Select form=form.clone() name="history" label=HISTORY.t(lang) options=histories(lang) hint=HISTORY_HINT.t(lang)/>
                <Button tone=Tone::Accent>{label}</Button>
            </form>
        </section>
    };
    tab(status, who, HERE, content.into_markup())
}

fn histories(lang: UiLanguage) -> Vec<(String, String)> {
    let label = |history| match history {
        HistoryPolicy::Read => HISTORY_READ,
        HistoryPolicy::Unread => HISTORY_UNREAD,
        HistoryPolicy::Hidden => HISTORY_HIDDEN,
    };
    HistoryPolicy::ALL
        .into_iter()
        .map(|history| (history.as_str().to_owned(), label(history).t(lang).to_owned()))
        .collect()
}

async fn keep(console: &Console, who: &Member, form: &Form) -> Result<(), AppError> {
    let refuse = |_| {
        ValidationError::new(
            "retentionDays",
            "must be 1 to 3,650 days, or not set to keep messages indefinitely",
        )
    };
    let days = form.maybe("retentionDays").map(str::parse).transpose().map_err(refuse)?;
    let history = form.maybe("history").map(str::parse).transpose()?;
    let former = form.maybe(REVISION_FIELD).map(|former| (former.to_owned(), shown as _));
    change_settings(
        console,
        who,
        "retention",
        SettingsChange { former, retention_days: Some(days), history, ..SettingsChange::default() },
    )
    .await
}

async fn save(
    State(console): State<Console>,
    who: Member,
    form: Form,
) -> Result<Response, ConsoleError> {
    who.may(Role::Owner)?;
    let done = keep(&console, &who, &form).await;
    match outcome(&who, HERE, form, done).await? {
        Outcome::Done(response) => Ok(response),
        Outcome::Refused(form) => Ok(retention_page(StatusCode::UNPROCESSABLE_ENTITY, &who, form)),
        Outcome::Overtaken(form) => {
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
