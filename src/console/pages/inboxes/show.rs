//! One inbox: how it is set, who answers, its names and secrets, and what was sent to its callback
//! URL.

use super::{
    CALLBACK, NO_CALLBACK, PROOF, PROOF_NEEDED, PROOF_OPTIONAL, TITLE, deliveries,
    form::{FIELDS, fields, incomplete, of, read, wrong},
    members, named, own,
};
use crate::web::html::{IntoMarkup, Markup};
use crate::{
    console::{
        Console,
        error::ConsoleError,
        form::Form,
        pages::{path_params::PathId, sdk_keys::TITLE as SDK},
        phrases::{DELETE, SAVE, SAVED, words},
        request_context::{Member, redirect},
        view::{Button, CopyField, Errors, Page, Tone, csrf_field, page_with},
    },
    domain::{
        Role,
        channel::{ChannelInbox, InboxSecrets},
    },
};
use axum::{
    extract::{Query, State},
    http::StatusCode,
    response::Response,
};
use leptos::prelude::*;
use serde::Deserialize;

words! {
    SETTINGS: "Settings", "Налаштування";
    CONNECT: "Connect", "Під’єднати";
    NAMES: "Identifiers and secrets", "Ідентифікатори та секрети";
    IDENTIFIER: "inbox_identifier (public: identifies the inbox in the URLs of the client API)", "inbox_identifier (публічний: визначає скриньку в адресах клієнтського API)";
    SECRETS_TEXT: "The HMAC token proves a visitor’s identity; the callback secret signs requests to the callback URL. Keep both on your server.", "Токен HMAC підтверджує особу відвідувача; секрет підпису засвідчує надіслане на URL зворотного виклику. Тримайте обидва на своєму сервері.";
    HMAC: "HMAC token", "Токен HMAC";
    SECRET: "Callback secret", "Секрет підпису";
    SHOW: "Show the secrets", "Показати секрети";
    HIDE: "Hide the secrets", "Сховати секрети";
}

#[derive(Deserialize)]
pub(super) struct ShowParams {
    show: Option<String>,
}

/// What of a page is not as it is stored: a form that came back, or secrets that were asked for.
#[derive(Default)]
struct FormState<'a> {
    settings: Option<&'a Form>,
    agents: Option<&'a Form>,
    secrets: Option<InboxSecrets>,
}

fn settings(member: &Member, inbox: &ChannelInbox, form: Option<&Form>) -> Markup {
    let (lang, form) = (member.lang, form.cloned().unwrap_or_else(|| of(&inbox.settings)));
    view! {
        <section class="narrow">
            <h2>{SETTINGS.t(lang)}</h2>
            <form method="post" action=own(member, inbox.id)>
                {csrf_field(member)}
                <Errors form=form.clone() fields=FIELDS/>
                {fields(lang, &form)}
                <Button tone=Tone::Accent>{SAVE.t(lang)}</Button>
            </form>
        </section>
    }
    .into_markup()
}

/// The same for those who may only look.
fn facts(member: &Member, inbox: &ChannelInbox) -> Markup {
    let (lang, settings) = (member.lang, &inbox.settings);
    let proof = if settings.hmac_mandatory { PROOF_NEEDED } else { PROOF_OPTIONAL };
    view! {
        <dl class="facts">
            <div>
                <dt>{CALLBACK.t(lang)}</dt>
                <dd>{settings.callback_url.clone().unwrap_or_else(|| NO_CALLBACK.t(lang).to_owned())}</dd>
            </div>
            <div>
                <dt>{PROOF.t(lang)}</dt>
                <dd>{proof.t(lang)}</dd>
            </div>
        </dl>
    }
    .into_markup()
}

fn names(member: &Member, inbox: &ChannelInbox, secrets: Option<InboxSecrets>) -> Markup {
    let (lang, own) = (member.lang, own(member, inbox.id));
    let owner = member.role >= Role::Owner;
    let secrets = match secrets {
        Some(secrets) => view! {
            <CopyField lang=lang name="hmac-token" label=HMAC.t(lang) value=secrets.hmac_token.reveal().to_owned()/>
            <CopyField lang=lang name="callback-secret" label=SECRET.t(lang) value=secrets.callback_secret.reveal().to_owned()/>
            <Button href=format!("{own}#names")>{HIDE.t(lang)}</Button>
        }
        .into_markup(),
        None => view! { <Button href=format!("{own}?show=secrets#names")>{SHOW.t(lang)}</Button> }.into_markup(),
    };
    let secrets = owner.then(|| {
        view! {
            <p class="lead">{SECRETS_TEXT.t(lang)}</p>
            {secrets}
        }
    });
    view! {
        <section id="names" class="narrow">
            <h2>{NAMES.t(lang)}</h2>
            <CopyField lang=lang name="inbox-identifier" label=IDENTIFIER.t(lang) value=inbox.identifier.as_str().to_owned()/>
            {secrets}
        </section>
    }
    .into_markup()
}

async fn inbox_page(
    status: StatusCode,
    console: &Console,
    member: &Member,
    inbox: &ChannelInbox,
    changed: FormState<'_>,
) -> Result<Response, ConsoleError> {
    let (lang, site, own) = (member.lang, member.site.id, own(member, inbox.id));
    let owner = member.role >= Role::Owner;
    // Only an owner's look makes agents of members, as only an owner chooses among them.
    let mut agents = if owner {
        console.inbox.agents_to_choose(site).await?
    } else {
        console.inbox.agents(site).await?
    };
    // What an agent of the Inbox SDK sees is a matter of their key, not of a membership.
    agents.retain(|agent| agent.sdk_scope.is_none());
    let of_inbox = console.inbox.members_of_inbox(site, inbox.id).await?;
    let sent =
        console.inbox.callback_deliveries(site, inbox.id, deliveries::MAX_DELIVERIES).await?;
    let first =
        if owner { settings(member, inbox, changed.settings) } else { facts(member, inbox) };
    let content = view! {
        {first}
        {members::part(member, format!("{own}/members"), &agents, &of_inbox, changed.agents)}
        {names(member, inbox, changed.secrets)}
        {deliveries::part(member, inbox.id, sent)}
    };
    let actions = view! {
        {owner.then(|| view! { <Button tone=Tone::Danger href=format!("{own}/delete")>{DELETE.t(lang)}</Button> })}
        {owner.then(|| view! { <Button href=format!("{own}/sdk")>{SDK.t(lang)}</Button> })}
        <Button tone=Tone::Accent href=format!("{own}/connect")>{CONNECT.t(lang)}</Button>
    };
    let about = Page::new(&inbox.settings.name)
        .of(member, "inboxes")
        .crumb(member.path("inboxes"), TITLE.t(lang));
    Ok(page_with(status, member, about.actions(actions), content))
}

pub(super) async fn show(
    State(console): State<Console>,
    member: Member,
    id: PathId<i64>,
    Query(asked): Query<ShowParams>,
) -> Result<Response, ConsoleError> {
    let inbox = named(&console, &member, id).await?;
    let wanted = member.role >= Role::Owner && asked.show.as_deref() == Some("secrets");
    let secrets = if wanted {
        Some(console.inbox.inbox_secrets(member.site.id, inbox.id).await?)
    } else {
        None
    };
    inbox_page(
        StatusCode::OK,
        &console,
        &member,
        &inbox,
        FormState { secrets, ..FormState::default() },
    )
    .await
}

/// The page again, with agents that could not be saved as they were chosen.
pub(super) async fn with_agents(
    console: &Console,
    member: &Member,
    inbox: &ChannelInbox,
    form: &Form,
) -> Result<Response, ConsoleError> {
    let changed = FormState { agents: Some(form), ..FormState::default() };
    inbox_page(StatusCode::UNPROCESSABLE_ENTITY, console, member, inbox, changed).await
}

pub(super) async fn save(
    State(console): State<Console>,
    member: Member,
    id: PathId<i64>,
    form: Form,
) -> Result<Response, ConsoleError> {
    member.may(Role::Owner)?;
    let inbox = named(&console, &member, id).await?;
    let again = async |form: &Form| {
        let changed = FormState { settings: Some(form), ..FormState::default() };
        inbox_page(StatusCode::UNPROCESSABLE_ENTITY, &console, &member, &inbox, changed).await
    };
    if let Some(invalid) = incomplete(&form) {
        return again(&form.refused(invalid)).await;
    }
    let said = form.clone();
    let update =
        console.inbox.update_inbox(member.site.id, inbox.id, move |settings| read(&said, settings));
    match member.acting(&console, "inbox.updated", &inbox.settings.name, update).await {
        Ok(_) => {
            member.done(SAVED.t(member.lang)).await?;
            Ok(redirect(&own(&member, inbox.id)))
        }
        Err(error) => again(&form.refused(wrong(error)?)).await,
    }
}
