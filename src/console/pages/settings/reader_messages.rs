//! Whether readers can write to the site's agents in the widget, and in which inbox they do.

use super::{Outcome, SettingsChange, change_settings, outcome, tab};
use crate::{
    Console,
    edit_conflict::{REVISION_FIELD, RevisionField, save_label, with_conflict},
    error::ConsoleError,
    form::Form,
    phrases::SAVE,
    request_context::Member,
    view::{Button, Errors, Select, Tone, csrf_field},
};
use axum::{extract::State, http::StatusCode, response::Response};
use belfry_app::AppError;
use belfry_content::text::clean_line;
use belfry_domain::{Role, SiteSettings, ValidationError, channel::InboxId, revision};
use belfry_locales::phrases::console_settings as phrases;
use belfry_locales::phrases::errors;
use belfry_web::html::IntoMarkup;
use belfry_web::router::{Routes, get};
use leptos::prelude::*;

const HERE: &str = "settings/messages";
const FIELDS: &[&str] = &["messagesInbox"];

pub(super) fn routes() -> Routes<Console> {
    Routes::new().route("/sites/{site}/settings/messages", get(show).post(save))
}

async fn show(State(console): State<Console>, who: Member) -> Result<Response, ConsoleError> {
    who.require_role(Role::Owner)?;
    let form = stored(&console, &who).await?;
    messages_page(&console, StatusCode::OK, &who, form).await
}

fn shown(settings: &SiteSettings) -> String {
    revision(&settings.messages_inbox())
}

async fn stored(console: &Console, who: &Member) -> Result<Form, ConsoleError> {
    let settings = console.app.settings(who.site.id).await?;
    let inbox = settings.messages_inbox().map(|inbox| inbox.to_string()).unwrap_or_default();
    Ok(Form::new([("messagesInbox", inbox), (REVISION_FIELD, shown(&settings))]))
}

/// The stored value as a sentence, with the name of the inbox.
async fn by_name(console: &Console, who: &Member) -> Result<Form, ConsoleError> {
    let settings = console.app.settings(who.site.id).await?;
    let inboxes = console.app.inboxes_of_site(who.site.id).await?;
    let inbox = inboxes.iter().find(|inbox| Some(inbox.id) == settings.messages_inbox());
    let name = inbox.map_or_else(
        || phrases::NONE.t(who.lang).to_owned(),
        |inbox| clean_line(&inbox.settings.name),
    );
    Ok(Form::new([("messagesInbox", name), (REVISION_FIELD, shown(&settings))]))
}

async fn messages_page(
    console: &Console,
    status: StatusCode,
    who: &Member,
    form: Form,
) -> Result<Response, ConsoleError> {
    let lang = who.lang;
    let inboxes = console.app.inboxes_of_site(who.site.id).await?;
    let none = inboxes.is_empty().then(|| {
        view! { <p>{phrases::NO_INBOXES.t(lang)} " " <a href=who.path("inboxes/new")>{phrases::ADD.t(lang)}</a></p> }
    });
    let options =
        inboxes.iter().map(|inbox| (inbox.id.to_string(), clean_line(&inbox.settings.name)));
    let options =
        std::iter::once((String::new(), phrases::NONE.t(lang).to_owned())).chain(options).collect();
    let label = save_label(lang, &form, SAVE);
    let content = view! {
        <section class="narrow">
            <p class="lead">{phrases::READER_MESSAGES_TEXT.t(lang)}</p>
            {none}
            <form method="post" action=who.path(HERE)>
                {csrf_field(who)}
                <RevisionField form=form.clone()/>
                <Errors form=form.clone() fields=FIELDS/>
                <Select form=form.clone() name="messagesInbox" label=phrases::INBOX.t(lang) options=options hint=phrases::INBOX_HINT.t(lang)/>
                <Button tone=Tone::Accent>{label}</Button>
            </form>
        </section>
    };
    Ok(tab(status, who, HERE, content.into_markup()))
}

async fn keep(console: &Console, who: &Member, form: &Form) -> Result<(), AppError> {
    let refuse = |_| ValidationError::new("messagesInbox", errors::UNKNOWN_INBOX);
    let inbox =
        form.trimmed("messagesInbox").map(str::parse::<InboxId>).transpose().map_err(refuse)?;
    console.app.check_messages_inbox(who.site.id, inbox).await?;
    let base = form.trimmed(REVISION_FIELD).map(|former| (former.to_owned(), shown as _));
    change_settings(
        console,
        who,
        "messages",
        SettingsChange { base, messages_inbox: Some(inbox), ..SettingsChange::default() },
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
        Outcome::Rejected(form) => {
            messages_page(&console, StatusCode::UNPROCESSABLE_ENTITY, &who, form).await
        }
        Outcome::Conflict(form) => {
            let form = with_conflict(
                who.lang,
                &form,
                &by_name(&console, &who).await?,
                FIELDS.iter().copied(),
            );
            messages_page(&console, StatusCode::CONFLICT, &who, form).await
        }
    }
}
