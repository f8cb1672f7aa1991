//! The two pages of the back office, rendered on the server, and the content security policy that
//! an embedded inbox requires.

use super::{
    BackOffice, BackOfficeAgent,
    agents::AGENTS,
    words::{LANGUAGES, Phrases},
};
use crate::demo::shop::socket;
use axum::{
    extract::{Path, Query, State},
    http::{HeaderMap, StatusCode, header},
    response::{Html, IntoResponse as _, Redirect, Response},
};
use belfry_domain::Origin;
use belfry_web::html::{IntoMarkup as _, Markup};
use leptos::prelude::*;
use serde::Deserialize;
use std::sync::Arc;

#[derive(Deserialize)]
pub struct LanguageQuery {
    #[serde(default)]
    lang: String,
}

/// `GET /`.
pub async fn welcome(
    State(office): State<Arc<BackOffice>>,
    Query(LanguageQuery { lang }): Query<LanguageQuery>,
) -> Response {
    let words = Phrases::for_language(&lang);
    let page = view! {
        <main class="welcome">
            <p class="logo">{mark()}"Acme"</p>
            <h1>{words.get("title")}</h1>
            <p class="lead">{words.get("lead")}</p>
            <div class="people">
                {AGENTS
                    .map(|agent| {
                        view! {
                            <form method="post" action="/sign-in">
                                <input type="hidden" name="agent" value=agent.id/>
                                <input type="hidden" name="lang" value=words.language/>
                                <button class="person">
                                    <span class="face" aria-hidden="true">{agent.name.chars().next().map(String::from)}</span>
                                    <span class="aside">{format!("{} ", words.get("sign_in_as"))}</span>
                                    <span class="person-name">{agent.name}</span>
                                    <span class="muted">{words.get(agent.role)}</span>
                                </button>
                            </form>
                        }
                    })}
            </div>
            <p class="muted">{words.get("hint")}</p>
            {languages(words, "/")}
        </main>
    };
    answer(&office.belfry, StatusCode::OK, &document(words, None, page.into_markup()))
}

/// `GET /{agent}`.
pub async fn office(
    State(fixture): State<Arc<BackOffice>>,
    Path(agent): Path<String>,
    Query(LanguageQuery { lang }): Query<LanguageQuery>,
    headers: HeaderMap,
) -> Response {
    let words = Phrases::for_language(&lang);
    let Some(agent) =
        BackOfficeAgent::find(&agent).filter(|agent| fixture.sessions.holds(&headers, agent))
    else {
        return Redirect::to("/").into_response();
    };
    answer(
        &fixture.belfry,
        StatusCode::OK,
        &document(
            words,
            Some(&fixture.belfry),
            agent_page(words, agent, &fixture.shop).into_markup(),
        ),
    )
}

fn answer(belfry: &Origin, status: StatusCode, page: &str) -> Response {
    (status, [(header::CONTENT_SECURITY_POLICY, policy(belfry))], Html(page.to_owned()))
        .into_response()
}

/// What the SDK needs from Belfry: its script, its socket (and requests, if no socket can be
/// opened), and its window in a frame.
fn policy(belfry: &Origin) -> String {
    format!(
        "default-src 'none'; script-src 'self' {belfry}; connect-src 'self' {belfry} {}; frame-src {belfry}; style-src 'self'; img-src 'self'; \
         form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
        socket(belfry)
    )
}

fn document(words: Phrases, belfry: Option<&Origin>, content: Markup) -> String {
    let scripts = belfry.map(|belfry| {
        view! {
            <script src=format!("{belfry}/assets/sdk.js") defer></script>
            <script src="/back-office.js" defer></script>
        }
    });
    view! {
        <!DOCTYPE html>
        <html lang=words.language dir=words.direction()>
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="color-scheme" content="light dark"/>
                <title>{format!("{} · Acme", words.get("title"))}</title>
                <link rel="icon" href="/mark.svg"/>
                <link rel="stylesheet" href="/back-office.css"/>
                {scripts}
            </head>
            <body>{content}</body>
        </html>
    }
    .to_html()
}

/// The page of a signed-in agent. The script fills the lists.
fn agent_page(
    words: Phrases,
    agent: &'static BackOfficeAgent,
    shop: &Origin,
) -> impl IntoView + use<> {
    let shop = format!("{shop}/write");
    view! {
        <div id="office" data-agent=agent.id data-language=words.language data-words=words.json()>
            <header class="top">
                <p class="logo">{mark()}<span>"Acme"</span></p>
                <h1 class="top-title">{words.get("title")}</h1>
                <p id="state" class="state" role="status" data-state="connecting">{words.get("connecting")}</p>
                {languages(words, &format!("/{}", agent.id))}
                <form method="post" action=format!("/{}/sign-out", agent.id) id="sign-out" class="whoami">
                    <span class="face" aria-hidden="true">{agent.name.chars().next().map(String::from)}</span>
                    <span class="whoami-name">{agent.name}</span>
                    <button class="quiet">{words.get("sign_out")}</button>
                </form>
            </header>
            <main class="desk">
            <nav class="lists" aria-label=words.get("conversations")>
                <button id="start" class="button wide" type="button" disabled>{plus()}{words.get("start")}</button>
                {["new", "mine", "watched"]
                    .map(|name| {
                        view! {
                            <section class="list" data-list=name aria-labelledby=format!("{name}-title")>
                                <h2 id=format!("{name}-title")>{words.get(name)} <span class="count" data-count="0">"0"</span></h2>
                                <ol class="rows" aria-busy="true"></ol>
                                <p class="empty muted" hidden>{words.get(&format!("{name}_empty"))}</p>
                            </section>
                        }
                    })}
            </nav>
            <div class="thread">
                <header class="bar" hidden>
                    <button id="back" class="icon" type="button" aria-label=words.get("back")>{arrow()}</button>
                    <h1 id="who" tabindex="-1"></h1>
                    <div class="acts">
                        <button class="plain" type="button" data-act="watch"></button>
                        <button class="plain" type="button" data-act="assign"></button>
                        <button class="plain" type="button" data-act="close"></button>
                    </div>
                </header>
                <div id="window" class="window"></div>
                <p id="opening" class="veil muted" hidden>{words.get("opening")}</p>
                <div id="choose" class="veil">
                    {bubbles()}
                    <h2>{words.get("choose")}</h2>
                    <p class="muted">{words.get("choose_lead")} <br/> <a href=shop.clone() target="_blank" rel="noreferrer">{shop.clone()}</a></p>
                </div>
                <div id="trouble" class="veil" role="alert" hidden>
                    <p></p>
                    <button class="button" type="button">{words.get("try_again")}</button>
                </div>
            </div>
            </main>
            <p id="said" class="aside" aria-live="polite"></p>
            <p id="toast" class="toast" role="alert"></p>
            <dialog id="starting" aria-labelledby="starting-title">
                <form method="dialog" class="starting">
                    <h2 id="starting-title">{words.get("start")}</h2>
                    <p class="muted">{words.get("start_lead")}</p>
                    <label for="channel">{words.get("channel")}</label>
                    <select id="channel"></select>
                    <label for="address">{words.get("address")}</label>
                    <input id="address" autocomplete="off" spellcheck="false" aria-describedby="starting-problem" dir="auto"/>
                    <p id="starting-problem" class="problem" role="alert"></p>
                    <div class="choices">
                        <button class="plain" type="button" value="cancel">{words.get("cancel")}</button>
                        <button class="button" value="start">{words.get("begin")}</button>
                    </div>
                </form>
            </dialog>
        </div>
    }
}

fn languages(words: Phrases, path: &str) -> impl IntoView + use<> {
    let path = path.to_owned();
    view! {
        <ul class="languages" aria-label=words.get("language")>
            {LANGUAGES
                .map(|(code, name)| {
                    let current = (code == words.language).then_some("true");
                    view! { <li><a href=format!("{path}?lang={code}") lang=code hreflang=code aria-current=current>{name}</a></li> }
                })}
        </ul>
    }
}

fn mark() -> impl IntoView {
    view! { <img src="/mark.svg" width="28" height="28" alt=""/> }
}

fn plus() -> impl IntoView {
    view! {
        <svg viewBox="0 0 20 20" width="18" height="18" fill="none" stroke="currentColor" stroke-width="1.8" stroke-linecap="round" aria-hidden="true">
            <path d="M10 4v12M4 10h12"></path>
        </svg>
    }
}

fn arrow() -> impl IntoView {
    view! {
        <svg class="turns" viewBox="0 0 20 20" width="20" height="20" fill="none" stroke="currentColor" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">
            <path d="M12 4l-6 6 6 6"></path>
        </svg>
    }
}

fn bubbles() -> impl IntoView {
    view! {
        <svg class="bubbles" viewBox="0 0 120 90" width="120" height="90" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">
            <path class="fill" d="M22 10h52a12 12 0 0 1 12 12v18a12 12 0 0 1-12 12H40L26 63V52h-4a12 12 0 0 1-12-12V22a12 12 0 0 1 12-12z"></path>
            <path d="M26 26h44M26 36h28"></path>
            <path class="over" d="M96 34h2a12 12 0 0 1 12 12v16a12 12 0 0 1-12 12h-2v10L84 74H58a12 12 0 0 1-10.500-6"></path>
        </svg>
    }
}
