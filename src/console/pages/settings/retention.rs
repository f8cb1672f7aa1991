//! How long messages are kept, and how new contacts find those from before them.

use super::{Change, Outcome, change_settings, outcome, tab};
use crate::web::html::IntoMarkup;
use crate::{
    console::{
        Console,
        error::ConsoleError,
        form::Form,
        view::{Button, Errors, Field, Select, Tone, token},
        visit::Member,
        words::{Lang, SAVE, words},
    },
    domain::{History, Invalid, Role},
    inbox::InboxError,
};
use axum::{Router, extract::State, http::StatusCode, response::Response, routing::get};
use leptos::prelude::*;

words! {
    TEXT: "Messages older than this are forgotten with everything known of who read them. That can’t be undone.", "Старіші повідомлення стираються разом з усім, що відомо про їх читання. Цього не скасувати.";
    NEWEST: "Whatever is set here, a person keeps the newest 1,000 messages that name them, and as many that went to everyone and to each segment.", "За будь-якого значення людина зберігає 1000 найновіших повідомлень, адресованих саме їй, і стільки ж надісланих усім та кожному сегменту.";
    DAYS: "Days", "Днів";
    HISTORY: "Messages from before a contact was there", "Повідомлення, давніші за контакт";
    HISTORY_HINT: "Those to everyone and to segments. Contacts who are there already keep what they have.", "Надіслані всім і сегментам. Наявні контакти зберігають те, що мають.";
    HISTORY_READ: "Shown as read", "Показувати прочитаними";
    HISTORY_UNREAD: "Shown as unread", "Показувати непрочитаними";
    HISTORY_HIDDEN: "Not shown", "Не показувати";
    DAYS_HINT: "1 to 3,650; empty to keep messages for good.", "Від 1 до 3650; порожньо — зберігати назавжди.";
}

const HERE: &str = "settings/retention";

pub(super) fn routes() -> Router<Console> {
    Router::new().route("/sites/{site}/settings/retention", get(show).post(save))
}

async fn show(State(console): State<Console>, who: Member) -> Result<Response, ConsoleError> {
    who.may(Role::Owner)?;
    let settings = console.inbox.settings(who.site.id).await?;
    let days = settings.retention_days().map(|days| days.to_string()).unwrap_or_default();
    Ok(retention_page(StatusCode::OK, &who, Form::of([("retentionDays", days), ("history", settings.history().as_str().to_owned())])))
}

fn retention_page(status: StatusCode, who: &Member, form: Form) -> Response {
    let lang = who.lang;
    let content = view! {
        <section class="narrow">
            <p class="lead">{TEXT.t(lang)}</p>
            <p>{NEWEST.t(lang)}</p>
            <form method="post" action=who.path(HERE)>
                {token(who)}
                <Errors form=form.clone() fields=&["retentionDays", "history"]/>
                <Field form=form.clone() name="retentionDays" kind="number" label=DAYS.t(lang) hint=DAYS_HINT.t(lang)/>
                <Select form=form name="history" label=HISTORY.t(lang) options=histories(lang) hint=HISTORY_HINT.t(lang)/>
                <Button tone=Tone::Accent>{SAVE.t(lang)}</Button>
            </form>
        </section>
    };
    tab(status, who, HERE, content.into_markup())
}

fn histories(lang: Lang) -> Vec<(String, String)> {
    let label = |history| match history {
        History::Read => HISTORY_READ,
        History::Unread => HISTORY_UNREAD,
        History::Hidden => HISTORY_HIDDEN,
    };
    History::ALL.into_iter().map(|history| (history.as_str().to_owned(), label(history).t(lang).to_owned())).collect()
}

async fn keep(console: &Console, who: &Member, form: &Form) -> Result<(), InboxError> {
    let refuse = |_| Invalid::new("retentionDays", "must be 1 to 3,650 days, or nothing to keep messages for good");
    let days = form.maybe("retentionDays").map(str::parse).transpose().map_err(refuse)?;
    let history = form.maybe("history").map(str::parse).transpose()?;
    change_settings(console, who, "retention", Change { retention_days: Some(days), history, ..Change::default() }).await
}

async fn save(State(console): State<Console>, who: Member, form: Form) -> Result<Response, ConsoleError> {
    who.may(Role::Owner)?;
    let done = keep(&console, &who, &form).await;
    match outcome(&who, HERE, form, done).await? {
        Outcome::Done(response) => Ok(response),
        Outcome::Refused(form) => Ok(retention_page(StatusCode::UNPROCESSABLE_ENTITY, &who, form)),
    }
}
