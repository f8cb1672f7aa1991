//! Settings of a site, one tab each.

mod categories;
mod general;
mod keys;
mod placement;
mod reader_messages;
mod retention;
mod sdk;

use crate::{
    Console,
    edit_conflict::{check_revision, is_conflict},
    error::ConsoleError,
    form::Form,
    phrases::{Phrase, SAVED},
    request_context::{Member, redirect},
    view::{Page, Tabs, page_with},
};
use axum::{http::StatusCode, response::Response};
use belfry_app::AppError;
use belfry_domain::{
    Category, HistoryPolicy, Language, SiteSettings, ValidationError, channel::InboxId,
};
use belfry_locales::phrases::console_settings as phrases;
use belfry_locales::phrases::errors;
use belfry_web::html::Markup;
use belfry_web::router::Routes;
use leptos::prelude::*;

const TABS: [(&str, Phrase); 7] = [
    ("settings", phrases::GENERAL),
    ("settings/placement", phrases::PLACEMENT),
    ("settings/categories", phrases::CATEGORIES),
    ("settings/retention", phrases::RETENTION),
    ("settings/messages", phrases::MESSAGES),
    ("settings/keys", phrases::KEYS),
    ("settings/sdk", phrases::SDK),
];

pub(super) fn routes() -> Routes<Console> {
    let first = Routes::new()
        .merge(general::routes())
        .merge(placement::routes())
        .merge(categories::routes());
    let second = first.merge(retention::routes()).merge(reader_messages::routes());
    second.merge(keys::routes()).merge(sdk::routes())
}

/// A tab with its content.
fn tab(status: StatusCode, who: &Member, here: &str, content: Markup) -> Response {
    let lang = who.lang;
    let tabs = TABS
        .iter()
        .map(|(path, word)| (who.path(path), word.t(lang).to_owned(), *path == here))
        .collect();
    let content = view! {
        <Tabs label=phrases::TITLE.t(lang) tabs=tabs/>
        {content}
    };
    page_with(status, who, Page::new(phrases::TITLE.t(lang)).for_site(who, "settings"), content)
}

/// The result of a settings form.
enum Outcome {
    Done(Response),
    Rejected(Form),
    /// Another member changed the setting concurrently.
    Conflict(Form),
}

/// Redirects to the tab with a success message, or returns the form with its errors.
async fn outcome(
    who: &Member,
    here: &str,
    form: Form,
    done: Result<(), AppError>,
) -> Result<Outcome, ConsoleError> {
    match done {
        Ok(()) => {
            who.flash_success(SAVED.t(who.lang)).await?;
            Ok(Outcome::Done(redirect(&who.path(here))))
        }
        Err(error) if is_conflict(&error) => Ok(Outcome::Conflict(form)),
        Err(AppError::ValidationError(invalid)) => Ok(Outcome::Rejected(form.rejected(invalid))),
        Err(other) => Err(other.into()),
    }
}

/// Computes the revision of the settings that a page shows.
type Revision = fn(&SiteSettings) -> String;

/// The changed settings; `None` leaves a setting unchanged.
#[derive(Default)]
struct SettingsChange {
    /// The revision of the settings that the page showed, and the function that computes it.
    base: Option<(String, Revision)>,
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
        if let Some((shown, revision)) = &self.base {
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
    who.with_audit(console, what, console.app.change_settings(who.site.id, change)).await?;
    Ok(())
}

/// Language tags, separated by spaces or commas.
fn languages(text: &str) -> Result<Vec<Language>, ValidationError> {
    split_words(text)
        .map(|tag| {
            tag.parse().map_err(|_| ValidationError::new("languages", errors::LANGUAGE_TAGS))
        })
        .collect()
}

/// The items of a list separated by spaces or commas.
fn split_words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|character: char| character == ',' || character.is_whitespace())
        .filter(|word| !word.is_empty())
}
