//! Installation of the widget: the snippet, the token request, and the recorded install events.

mod calls;
mod install_events;

use crate::{
    Console,
    error::ConsoleError,
    form::Form,
    request_context::{Member, redirect},
    view::{CodeBlock, Page, Tabs, page},
};
use axum::{
    extract::{Query, State},
    response::Response,
};
use belfry_content::snippet;
use belfry_domain::{Origin, Role};
use belfry_locales::phrases::console_installation as phrases;
use belfry_web::router::{Routes, get, post};
use leptos::prelude::*;
use serde::Deserialize;

pub(super) fn routes() -> Routes<Console> {
    Routes::new()
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
    let call = calls::Call::find(asked.language.as_deref());
    let tabs = calls::CALLS
        .iter()
        .map(|of| {
            (
                format!("{}?in={}#call-part", who.path("snippet"), of.slug),
                of.name.to_owned(),
                of.slug == call.slug,
            )
        })
        .collect();
    let seen = install_events::part(&who, &console.app.install_events(who.site.id).await?);
    let content = view! {
        <section>
            <h2>{phrases::PASTE.t(lang)}</h2>
            <p class="lead">{phrases::PASTE_TEXT.t(lang)}</p>
            <CodeBlock lang=lang name="snippet" label=phrases::SNIPPET.t(lang) value=snippet::with_options(who.site.id, &console.public_url)/>
        </section>
        <section id="call-part">
            <h2>{phrases::ASK.t(lang)}</h2>
            <p class="lead">{phrases::ASK_TEXT.t(lang)}</p>
            <Tabs label=phrases::LANGUAGES.t(lang) tabs=tabs/>
            <CodeBlock lang=lang name="call" label=phrases::CALL.with(lang, &[("language", &call.name)]) value=call.text(&console.public_url)/>
        </section>
        <section id="working">
            <h2>{phrases::WORKING.t(lang)}</h2>
            {seen}
        </section>
    };
    Ok(page(&who, Page::new(phrases::TITLE.t(lang)).for_site(&who, "snippet"), content))
}

/// Redirects to the install events. A link to a fragment of the same page would not reload it.
async fn again(who: Member) -> Response {
    redirect(&format!("{}#working", who.path("snippet")))
}

/// Adds an allowed origin.
async fn allow(
    State(console): State<Console>,
    who: Member,
    form: Form,
) -> Result<Response, ConsoleError> {
    who.require_role(Role::Owner)?;
    let origin: Origin = form.get("origin").parse()?;
    who.with_audit(
        &console,
        origin.as_str(),
        console.app.allow_origin(who.site.id, origin.clone()),
    )
    .await?;
    who.flash_success(phrases::ALLOWED.with(who.lang, &[("origin", &origin)])).await?;
    Ok(redirect(&who.path("snippet")))
}
