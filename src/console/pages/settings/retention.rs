//! How long messages are kept.

use super::{Change, Outcome, change_settings, outcome, tab};
use crate::{
    console::{
        Console,
        error::ConsoleError,
        form::Form,
        view::{Button, Errors, Field, Tone, token},
        visit::Member,
        words::{SAVE, words},
    },
    domain::{Invalid, Role},
    inbox::InboxError,
};
use axum::{Router, extract::State, http::StatusCode, response::Response, routing::get};
use leptos::prelude::*;

words! {
    TEXT: "Messages older than this are forgotten with everything known of who read them. That can’t be undone.", "Старіші повідомлення стираються разом з усім, що відомо про їх читання. Цього не скасувати.";
    NEWEST: "Whatever is set here, a person keeps the newest 1,000 messages that name them, and as many that went to everyone and to each segment.", "За будь-якого значення людина зберігає 1000 найновіших повідомлень, адресованих саме їй, і стільки ж надісланих усім та кожному сегменту.";
    DAYS: "Days", "Днів";
    DAYS_HINT: "1 to 3,650; empty to keep messages for good.", "Від 1 до 3650; порожньо — зберігати назавжди.";
}

const HERE: &str = "settings/retention";

pub(super) fn routes() -> Router<Console> {
    Router::new().route("/sites/{site}/settings/retention", get(show).post(save))
}

async fn show(State(console): State<Console>, who: Member) -> Result<Response, ConsoleError> {
    who.may(Role::Owner)?;
    let days = console.inbox.settings(who.site.id).await?.retention_days();
    Ok(retention_page(StatusCode::OK, &who, Form::of([("retentionDays", days.map(|days| days.to_string()).unwrap_or_default())])))
}

fn retention_page(status: StatusCode, who: &Member, form: Form) -> Response {
    let lang = who.lang;
    let content = view! {
        <section class="narrow">
            <p class="lead">{TEXT.t(lang)}</p>
            <p>{NEWEST.t(lang)}</p>
            <form method="post" action=who.path(HERE)>
                {token(who)}
                <Errors form=form.clone() fields=&["retentionDays"]/>
                <Field form=form name="retentionDays" kind="number" label=DAYS.t(lang) hint=DAYS_HINT.t(lang)/>
                <Button tone=Tone::Accent>{SAVE.t(lang)}</Button>
            </form>
        </section>
    };
    tab(status, who, HERE, content.into_any())
}

async fn keep(console: &Console, who: &Member, form: &Form) -> Result<(), InboxError> {
    let refuse = |_| Invalid::new("retentionDays", "must be 1 to 3,650 days, or nothing to keep messages for good");
    let days = form.maybe("retentionDays").map(str::parse).transpose().map_err(refuse)?;
    change_settings(console, who, "retention", Change { retention_days: Some(days), ..Change::default() }).await
}

async fn save(State(console): State<Console>, who: Member, form: Form) -> Result<Response, ConsoleError> {
    who.may(Role::Owner)?;
    let done = keep(&console, &who, &form).await;
    match outcome(&who, HERE, form, done).await? {
        Outcome::Done(response) => Ok(response),
        Outcome::Refused(form) => Ok(retention_page(StatusCode::UNPROCESSABLE_ENTITY, &who, form)),
    }
}
