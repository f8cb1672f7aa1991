//! Whether readers can write to the site's agents in the widget, and in which inbox they do.

use super::{Outcome, SettingsChange, change_settings, outcome, tab};
use crate::web::html::IntoMarkup;
use crate::{
    app::AppError,
    console::{
        Console,
        edit_conflict::{REVISION_FIELD, RevisionField, save_label, with_conflict},
        error::ConsoleError,
        form::Form,
        phrases::{SAVE, words},
        request_context::Member,
        view::{Button, Errors, Select, Tone, csrf_field},
    },
    content::text::clean_line,
    domain::{Role, SiteSettings, ValidationError, channel::InboxId, revision},
};
use axum::{Router, extract::State, http::StatusCode, response::Response, routing::get};
use leptos::prelude::*;

words! {
    TEXT: "Choose an inbox to add a second tab, “Messages”, to the widget. Signed-in readers write to your agents there and read the answers, and your messages can have a reply button.", "Виберіть скриньку, щоб додати до віджета другу вкладку «Повідомлення». Читачі, що ввійшли, пишуть у ній вашим агентам і читають відповіді, а ваші повідомлення можуть мати кнопку відповіді.";
    INBOX: "Inbox for reader messages", "Скринька повідомлень читачів";
    INBOX_HINT: "Its greeting, working hours and members apply here, too.", "Її вітання, робочий час і учасники діють і тут.";
    NONE: "None (no tab)", "Жодної (без вкладки)";
    NO_INBOXES: "No inboxes yet.", "Скриньок ще немає.";
    ADD: "Add an inbox", "Додати скриньку";
}

const HERE: &str = "settings/messages";
const FIELDS: &[&str] = &["messagesInbox"];

pub(super) fn routes() -> Router<Console> {
    Router::new().route("/sites/{site}/settings/messages", get(show).post(save))
}

async fn show(State(console): State<Console>, who: Member) -> Result<Response, ConsoleError> {
    who.may(Role::Owner)?;
    let form = stored(&console, &who).await?;
    messages_page(&console, StatusCode::OK, &who, form).await
}

fn shown(settings: &SiteSettings) -> String {
    revision(&settings.messages_inbox())
}

async fn stored(console: &Console, who: &Member) -> Result<Form, ConsoleError> {
    let settings = console.inbox.settings(who.site.id).await?;
    let inbox = settings.messages_inbox().map(|inbox| inbox.to_string()).unwrap_or_default();
    Ok(Form::of([("messagesInbox", inbox), (REVISION_FIELD, shown(&settings))]))
}

/// The stored value as a sentence, with the name of the inbox.
async fn by_name(console: &Console, who: &Member) -> Result<Form, ConsoleError> {
    let settings = console.inbox.settings(who.site.id).await?;
    let inboxes = console.inbox.inboxes_of_site(who.site.id).await?;
    let inbox = inboxes.iter().find(|inbox| Some(inbox.id) == settings.messages_inbox());
    let name =
        inbox.map_or_else(|| NONE.t(who.lang).to_owned(), |inbox| clean_line(&inbox.settings.name));
    Ok(Form::of([("messagesInbox", name), (REVISION_FIELD, shown(&settings))]))
}

async fn messages_page(
    console: &Console,
    status: StatusCode,
    who: &Member,
    form: Form,
) -> Result<Response, ConsoleError> {
    let lang = who.lang;
    let inboxes = console.inbox.inboxes_of_site(who.site.id).await?;
    let none = inboxes.is_empty().then(|| {
        view! { <p>{NO_INBOXES.t(lang)} " " <a href=who.path("inboxes/new")>{ADD.t(lang)}</a></p> }
    });
    let options =
        inboxes.iter().map(|inbox| (inbox.id.to_string(), clean_line(&inbox.settings.name)));
    let options =
        std::iter::once((String::new(), NONE.t(lang).to_owned())).chain(options).collect();
    let label = save_label(lang, &form, SAVE);
    let content = view! {
        <section class="narrow">
            <p class="lead">{TEXT.t(lang)}</p>
            {none}
            <form method="post" action=who.path(HERE)>
                {csrf_field(who)}
                <RevisionField form=form.clone()/>
                <Errors form=form.clone() fields=FIELDS/>
                <Select form=form.clone() name="messagesInbox" label=INBOX.t(lang) options=options hint=INBOX_HINT.t(lang)/>
                <Button tone=Tone::Accent>{label}</Button>
            </form>
        </section>
    };
    Ok(tab(status, who, HERE, content.into_markup()))
}

async fn keep(console: &Console, who: &Member, form: &Form) -> Result<(), AppError> {
    let refuse =
        |_| ValidationError::new("messagesInbox", "must be the number of an inbox of this site");
    let inbox =
        form.maybe("messagesInbox").map(str::parse::<InboxId>).transpose().map_err(refuse)?;
    console.inbox.check_messages_inbox(who.site.id, inbox).await?;
    let former = form.maybe(REVISION_FIELD).map(|former| (former.to_owned(), shown as _));
    change_settings(
        console,
        who,
        "messages",
        SettingsChange { former, messages_inbox: Some(inbox), ..SettingsChange::default() },
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
        Outcome::Refused(form) => {
            messages_page(&console, StatusCode::UNPROCESSABLE_ENTITY, &who, form).await
        }
        Outcome::Overtaken(form) => {
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
