//! How a site connects to an inbox: the calls of the guide with this inbox's values in them, and a
//! token to make them with.

use super::{
    TITLE,
    examples::{EXAMPLES, Example, Values},
    named, own,
};
use crate::web::html::{IntoMarkup, Markup};
use crate::{
    console::{
        Console,
        error::ConsoleError,
        form::Form,
        pages::path_params::PathId,
        phrases::words,
        request_context::Member,
        view::{Button, CodeBlock, CopyField, Page, Tabs, Tone, csrf_field, page},
    },
    domain::channel::ChannelInbox,
};
use axum::{
    extract::{Query, State},
    response::Response,
};
use leptos::prelude::*;
use serde::Deserialize;

words! {
    CONNECT: "Connect", "Під’єднання";
    TOKEN_TITLE: "1. An access token", "1. Токен доступу";
    TOKEN_TEXT: "Programs send it in the api_access_token header, and act as the agent it belongs to. Keep it on your server, never in a page.", "Програми надсилають його в заголовку api_access_token і діють від імені агента, якому він належить. Тримайте його на сервері, ніколи на сторінці.";
    TOKEN_MAKE: "Create an access token", "Створити токен доступу";
    TOKEN_FORMER: "It is your token on this site. A token you created before stops working.", "Це ваш токен на цьому сайті. Створений раніше перестане діяти.";
    TOKEN_VIEWER: "Viewers can’t answer conversations and have no token. Ask an owner for another role.", "Глядач не відповідає в розмовах і не має токена. Попросіть у власника іншу роль.";
    TOKEN_READY: "Your access token is ready", "Ваш токен доступу готовий";
    TOKEN: "Access token", "Токен доступу";
    ONCE: "Copy it now: it won’t be shown again. Store it like a password.", "Скопіюйте його зараз: більше його не буде показано. Зберігайте його як пароль.";
    BACK: "Back to the calls", "До викликів";
    BACKEND: "2. From your backend", "2. Із вашого сервера";
    BACKEND_TEXT: "A contact, a conversation, the customer’s message, and an answer. Put the token into BELFRY_AGENT.", "Контакт, розмова, повідомлення клієнта й відповідь. Покладіть токен у BELFRY_AGENT.";
    CLIENT: "3. From your customer’s browser or app", "3. Із браузера чи застосунку клієнта";
    CLIENT_TEXT: "No token is needed: the inbox_identifier is public, and the device stores the source_id that the first call returns.", "Токен не потрібен: inbox_identifier публічний, а source_id з першої відповіді зберігає пристрій.";
    LANGUAGES: "Language of the examples", "Мова прикладів";
    CALLS: "Calls in {language}", "Виклики мовою {language}";
}

#[derive(Deserialize)]
pub(super) struct ConnectParams {
    #[serde(rename = "in")]
    language: Option<String>,
}

fn about(member: &Member, inbox: &ChannelInbox, title: &str) -> Page {
    let about =
        Page::new(title).of(member, "inboxes").crumb(member.path("inboxes"), TITLE.t(member.lang));
    about.crumb(own(member, inbox.id), &inbox.settings.name)
}

fn token_part(member: &Member, path: &str) -> Markup {
    let lang = member.lang;
    let make = if member.role.answers_conversations() {
        view! {
            <form method="post" action=format!("{path}/token")>
                {csrf_field(member)}
                <p class="hint">{TOKEN_FORMER.t(lang)}</p>
                <Button tone=Tone::Accent>{TOKEN_MAKE.t(lang)}</Button>
            </form>
        }
        .into_markup()
    } else {
        view! { <p class="quiet">{TOKEN_VIEWER.t(lang)}</p> }.into_markup()
    };
    view! {
        <section>
            <h2>{TOKEN_TITLE.t(lang)}</h2>
            <p class="lead">{TOKEN_TEXT.t(lang)}</p>
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
    let example = Example::named(asked.language.as_deref());
    let values = Values { public_url: &console.public_url, inbox: &inbox };
    let tabs = EXAMPLES
        .iter()
        .map(|of| {
            (format!("{path}?in={}#calls", of.word), of.name.to_owned(), of.word == example.word)
        })
        .collect();
    let label = CALLS.with(lang, &[("language", &example.name)]);
    let content = view! {
        {token_part(&member, &path)}
        <section id="calls">
            <h2>{BACKEND.t(lang)}</h2>
            <p class="lead">{BACKEND_TEXT.t(lang)}</p>
            <Tabs label=LANGUAGES.t(lang) tabs=tabs/>
            <CodeBlock lang=lang name="backend" label=label.clone() value=values.fill(example.backend)/>
        </section>
        <section>
            <h2>{CLIENT.t(lang)}</h2>
            <p class="lead">{CLIENT_TEXT.t(lang)}</p>
            <CodeBlock lang=lang name="client" label=label value=values.fill(example.client)/>
        </section>
    };
    Ok(page(&member, about(&member, &inbox, CONNECT.t(lang)), content))
}

pub(super) async fn create_token(
    State(console): State<Console>,
    member: Member,
    id: PathId<i64>,
    _form: Form,
) -> Result<Response, ConsoleError> {
    let (lang, site) = (member.lang, member.site.id);
    let inbox = named(&console, &member, id).await?;
    // A member who needs a token for the first time becomes an agent here, without an audit entry.
    let agent = console
        .inbox
        .agent_of_account(site, member.account.id)
        .await?
        .ok_or(ConsoleError::Forbidden)?
        .agent;
    let creation = console.inbox.create_access_token(site, agent.id);
    let secret =
        member.acting(&console, "agent.tokenCreated", &member.account.name, creation).await?;
    // Shown in the answer itself rather than after a redirect: the token is kept nowhere, not for a
    // moment.
    let content = view! {
        <p class="lead">{ONCE.t(lang)}</p>
        <CopyField lang=lang name="access-token" label=TOKEN.t(lang) value=secret.reveal().to_owned()/>
        <Button href=format!("{}/connect", own(&member, inbox.id))>{BACK.t(lang)}</Button>
    };
    Ok(page(&member, about(&member, &inbox, TOKEN_READY.t(lang)).narrow(), content))
}
