//! What an owner sets of a site, a tab each.

mod categories;
mod general;
mod keys;
mod placement;
mod reader_messages;
mod retention;
mod sdk;

use crate::web::html::Markup;
use crate::{
    app::AppError,
    console::{
        Console,
        edit_conflict::{check_revision, is_conflict},
        error::ConsoleError,
        form::Form,
        phrases::{Phrase, SAVED, words},
        request_context::{Member, redirect},
        view::{Page, Tabs, page_with},
    },
    domain::{Category, HistoryPolicy, Language, SiteSettings, ValidationError, channel::InboxId},
};
use axum::{Router, http::StatusCode, response::Response};
use leptos::prelude::*;

words! {
    TITLE: "Settings", "Налаштування";
    GENERAL: "General", "Загальні";
    PLACEMENT: "Placement", "Розташування";
    CATEGORIES: "Categories", "Категорії";
    RETENTION: "Retention", "Зберігання";
    MESSAGES: "Messages", "Повідомлення";
    KEYS: "API keys", "Ключі API";
    SDK: "Inbox SDK", "Inbox SDK";
}

const TABS: [(&str, Phrase); 7] = [
    ("settings", GENERAL),
    ("settings/placement", PLACEMENT),
    ("settings/categories", CATEGORIES),
    ("settings/retention", RETENTION),
    ("settings/messages", MESSAGES),
    ("settings/keys", KEYS),
    ("settings/sdk", SDK),
];

pub(super) fn routes() -> Router<Console> {
    let first = Router::new()
        .merge(general::routes())
        .merge(placement::routes())
        .merge(categories::routes());
    let second = first.merge(retention::routes()).merge(reader_messages::routes());
    second.merge(keys::routes()).merge(sdk::routes())
}

/// One tab with its content.
fn tab(status: StatusCode, who: &Member, here: &str, content: Markup) -> Response {
    let lang = who.lang;
    let tabs = TABS
        .iter()
        .map(|(path, word)| (who.path(path), word.t(lang).to_owned(), *path == here))
        .collect();
    let content = view! {
        <Tabs label=TITLE.t(lang) tabs=tabs/>
        {content}
    };
    page_with(status, who, Page::new(TITLE.t(lang)).of(who, "settings"), content)
}

/// What becomes of a form that was taken or refused.
enum Outcome {
    Done(Response),
    Refused(Form),
    /// Somebody else changed it meanwhile.
    Overtaken(Form),
}

/// Says that it is saved and goes back to the tab, or gives the form back with what is wrong.
async fn outcome(
    who: &Member,
    here: &str,
    form: Form,
    done: Result<(), AppError>,
) -> Result<Outcome, ConsoleError> {
    match done {
        Ok(()) => {
            who.done(SAVED.t(who.lang)).await?;
            Ok(Outcome::Done(redirect(&who.path(here))))
        }
        Err(error) if is_conflict(&error) => Ok(Outcome::Overtaken(form)),
        Err(AppError::ValidationError(invalid)) => Ok(Outcome::Refused(form.refused(invalid))),
        Err(other) => Err(other.into()),
    }
}

/// How the revision of what a page shows of the settings is had.
type Revision = fn(&SiteSettings) -> String;

/// What changes of the settings; the rest stays.
#[derive(Default)]
struct SettingsChange {
    /// The revision of what the page showed, and how it is had.
    former: Option<(String, Revision)>,
    languages: Option<Vec<Language>>,
    #[expect(
        clippy::option_option,
        reason = "a change, and what it changes to, which may be nothing"
    )]
    retention_days: Option<Option<u32>>,
    categories: Option<Vec<Category>>,
    history: Option<HistoryPolicy>,
    link_schemes: Option<Vec<String>>,
    #[expect(
        clippy::option_option,
        reason = "a change, and what it changes to, which may be nothing"
    )]
    messages_inbox: Option<Option<InboxId>>,
}

impl SettingsChange {
    fn apply_to(self, former: &SiteSettings) -> Result<SiteSettings, ValidationError> {
        if let Some((shown, revision)) = &self.former {
            check_revision(Some(shown), &revision(former))?;
        }
        let settings = SiteSettings::new(
            self.languages.unwrap_or_else(|| former.languages().to_vec()),
            self.retention_days.unwrap_or_else(|| former.retention_days()),
            self.categories.unwrap_or_else(|| former.categories().to_vec()),
        )?
        .with_history(self.history.unwrap_or_else(|| former.history()))
        .with_link_schemes(&self.link_schemes.unwrap_or_else(|| former.link_schemes().to_vec()))?;
        Ok(settings
            .with_messages_inbox(self.messages_inbox.unwrap_or_else(|| former.messages_inbox())))
    }
}

async fn change_settings(
    console: &Console,
    who: &Member,
    what: &str,
    change: SettingsChange,
) -> Result<(), AppError> {
    let change = move |former: &SiteSettings| change.apply_to(former);
    who.acting(
        console,
        "settings.updated",
        what,
        console.inbox.change_settings(who.site.id, change),
    )
    .await?;
    Ok(())
}

/// Language tags as they are typed: between spaces or commas.
fn languages(text: &str) -> Result<Vec<Language>, ValidationError> {
    split_words(text)
        .map(|tag| {
            tag.parse().map_err(|_| {
                ValidationError::new(
                    "languages",
                    "must be language tags such as `en` or `pt-BR`, between spaces",
                )
            })
        })
        .collect()
}

/// What stands between spaces or commas.
fn split_words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|character: char| character == ',' || character.is_whitespace())
        .filter(|word| !word.is_empty())
}
