//! How a site connects to an inbox: the guide's example requests with this inbox's values, and an
//! access token for them.

use super::{
    examples::{EXAMPLES, Example, Values},
    named, own,
};
use crate::{
    Console,
    error::ConsoleError,
    form::Form,
    pages::path_params::PathId,
    request_context::Member,
    view::{Button, CodeBlock, CopyField, Page, Tabs, Tone, csrf_field, page},
};
use axum::{
    extract::{Query, State},
    response::Response,
};
use belfry_domain::channel::ChannelInbox;
use belfry_locales::phrases::console_inboxes as phrases;
use belfry_web::html::{IntoMarkup, Markup};
use leptos::prelude::*;
use serde::Deserialize;

#[derive(Deserialize)]
pub(super) struct ConnectParams {
    #[serde(rename = "in")]
    language: Option<String>,
}

fn about(member: &Member, inbox: &ChannelInbox, title: &str) -> Page {
    let about = Page::new(title)
        .for_site(member, "inboxes")
        .crumb(member.path("inboxes"), phrases::TITLE.t(member.lang));
    about.crumb(own(member, inbox.id), &inbox.settings.name)
}

fn token_part(member: &Member, path: &str) -> Markup {
    let lang = member.lang;
    let make = if member.role.answers_conversations() {
        view! {
            <form method="post" action=format!("{path}/token")>
                {csrf_field(member)}
                <p class="hint">{phrases::TOKEN_FORMER.t(lang)}</p>
                <Button tone=Tone::Accent>{phrases::TOKEN_MAKE.t(lang)}</Button>
            </form>
        }
        .into_markup()
    } else {
        view! { <p class="quiet">{phrases::TOKEN_VIEWER.t(lang)}</p> }.into_markup()
    };
    view! {
        <section>
            <h2>{phrases::TOKEN_TITLE.t(lang)}</h2>
            <p class="lead">{phrases::TOKEN_TEXT.t(lang)}</p>
            {make}
        </section>
    }
    .into_markup()
}

pub(super) async fn show(
    State(console): State<Console>,
    member: Member,
    id: PathId<i64>,
    Query(asked): Query<ConnectParams>,
) -> Result<Response, ConsoleError> {
    let lang = member.lang;
    let inbox = named(&console, &member, id).await?;
    let path = format!("{}/connect", own(&member, inbox.id));
    let example = Example::find(asked.language.as_deref());
    let values = Values { public_url: &console.public_url, inbox: &inbox };
    let tabs = EXAMPLES
        .iter()
        .map(|of| {
            (format!("{path}?in={}#calls", of.slug), of.name.to_owned(), of.slug == example.slug)
        })
        .collect();
    let label = phrases::CALLS.with(lang, &[("language", &example.name)]);
    let content = view! {
        {token_part(&member, &path)}
        <section id="calls">
            <h2>{phrases::BACKEND.t(lang)}</h2>
            <p class="lead">{phrases::BACKEND_TEXT.t(lang)}</p>
            <Tabs label=phrases::LANGUAGES.t(lang) tabs=tabs/>
            <CodeBlock lang=lang name="backend" label=label.clone() value=values.fill(example.backend)/>
        </section>
        <section>
            <h2>{phrases::CLIENT.t(lang)}</h2>
            <p class="lead">{phrases::CLIENT_TEXT.t(lang)}</p>
            <CodeBlock lang=lang name="client" label=label value=values.fill(example.client)/>
        </section>
    };
    Ok(page(&member, about(&member, &inbox, phrases::CONNECT.t(lang)), content))
}

pub(super) async fn create_token(
    State(console): State<Console>,
    member: Member,
    id: PathId<i64>,
    _form: Form,
) -> Result<Response, ConsoleError> {
    let (lang, site) = (member.lang, member.site.id);
    let inbox = named(&console, &member, id).await?;
    // Creates the member's agent if there is none, without an audit entry.
    let agent = console
        .app
        .agent_of_account(site, member.account.id)
        .await?
        .ok_or(ConsoleError::Forbidden)?
        .agent;
    let creation = console.app.create_access_token(site, agent.id);
    let secret = member.with_audit(&console, &member.account.name, creation).await?;
    // Shown in the response rather than after a redirect, because the plaintext token is not
    // stored.
    let content = view! {
        <p class="lead">{phrases::ONCE.t(lang)}</p>
        <CopyField lang=lang name="access-token" label=phrases::TOKEN.t(lang) value=secret.reveal().to_owned()/>
        <Button href=format!("{}/connect", own(&member, inbox.id))>{phrases::BACK.t(lang)}</Button>
    };
    Ok(page(&member, about(&member, &inbox, phrases::TOKEN_READY.t(lang)).narrow(), content))
}
