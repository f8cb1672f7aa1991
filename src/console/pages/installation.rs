//! How the bell gets into a site's pages: the snippet, the call for a token, and what was seen of
//! both at work.

mod calls;
mod install_events;

use crate::{
    console::{
        Console,
        error::ConsoleError,
        form::Form,
        phrases::words,
        request_context::{Member, redirect},
        view::{CodeBlock, Page, Tabs, page},
    },
    content::snippet,
    domain::{Origin, Role},
};
use axum::{
    Router,
    extract::{Query, State},
    response::Response,
    routing::{get, post},
};
use leptos::prelude::*;
use serde::Deserialize;

words! {
    TITLE: "Installation", "Встановлення";
    PASTE: "1. Paste this into your pages", "1. Вставте це на свої сторінки";
    PASTE_TEXT: "Add both lines before the end of the body on every page that should show the bell. Replace yourImplementationOfAuthCallback with your own function: it asks your backend for a token of the signed-in user.", "Додайте обидва рядки перед кінцем body на кожній сторінці, що має показувати дзвіночок. Замість yourImplementationOfAuthCallback поставте свою функцію: вона запитує у вашого сервера токен того, хто ввійшов.";
    SNIPPET: "Snippet", "Код для вставлення";
    ASK: "2. Request a token from your backend", "2. Запитайте токен на своєму сервері";
    ASK_TEXT: "The call identifies the signed-in user and returns a token for their browser. The key stays on your server.", "Виклик визначає, хто ввійшов, і повертає токен для його браузера. Ключ лишається на сервері.";
    LANGUAGES: "Language of the example", "Мова прикладу";
    CALL: "Call in {language}", "Виклик мовою {language}";
    WORKING: "3. Check that it works", "3. Перевірте, чи працює";
    ALLOWED: "{origin} can show the bell now.", "{origin} тепер може показувати дзвіночок.";
}

pub(super) fn routes() -> Router<Console> {
    Router::new()
        .route("/sites/{site}/snippet", get(show))
        .route("/sites/{site}/snippet/again", get(again))
        .route("/sites/{site}/snippet/allow", post(allow))
}

#[derive(Deserialize)]
struct InstallParams {
    #[serde(rename = "in")]
    language: Option<String>,
}

async fn show(
    State(console): State<Console>,
    who: Member,
    Query(asked): Query<InstallParams>,
) -> Result<Response, ConsoleError> {
    let lang = who.lang;
    let call = calls::Call::named(asked.language.as_deref());
    let tabs = calls::CALLS
        .iter()
        .map(|of| {
            (
                format!("{}?in={}#call-part", who.path("snippet"), of.word),
                of.name.to_owned(),
                of.word == call.word,
            )
        })
        .collect();
    let seen = install_events::part(&who, &console.inbox.sightings(who.site.id).await?);
    let content = view! {
        <section>
            <h2>{PASTE.t(lang)}</h2>
            <p class="lead">{PASTE_TEXT.t(lang)}</p>
            <CodeBlock lang=lang name="snippet" label=SNIPPET.t(lang) value=snippet::with_options(who.site.id, &console.public_url)/>
        </section>
        <section id="call-part">
            <h2>{ASK.t(lang)}</h2>
            <p class="lead">{ASK_TEXT.t(lang)}</p>
            <Tabs label=LANGUAGES.t(lang) tabs=tabs/>
            <CodeBlock lang=lang name="call" label=CALL.with(lang, &[("language", &call.name)]) value=call.text(&console.public_url)/>
        </section>
        <section id="working">
            <h2>{WORKING.t(lang)}</h2>
            {seen}
        </section>
    };
    Ok(page(&who, Page::new(TITLE.t(lang)).of(&who, "snippet"), content))
}

/// Leads back to what was seen. A link from the page to a part of itself would load nothing anew.
async fn again(who: Member) -> Response {
    redirect(&format!("{}#working", who.path("snippet")))
}

/// Adds an origin to those that may show the bell.
async fn allow(
    State(console): State<Console>,
    who: Member,
    form: Form,
) -> Result<Response, ConsoleError> {
    who.may(Role::Owner)?;
    let origin: Origin = form.get("origin").parse()?;
    who.acting(
        &console,
        "origin.allowed",
        origin.as_str(),
        console.inbox.allow_origin(who.site.id, origin.clone()),
    )
    .await?;
    who.done(ALLOWED.with(who.lang, &[("origin", &origin)])).await?;
    Ok(redirect(&who.path("snippet")))
}
