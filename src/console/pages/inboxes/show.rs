//! An inbox's page: settings, members, identifiers and secrets, and callback deliveries.

use super::{
    deliveries,
    form::{FIELDS, fields, incomplete, of, read, wrong},
    members, named, own,
};
use crate::{
    Console,
    error::ConsoleError,
    form::Form,
    pages::path_params::PathId,
    phrases::{DELETE, SAVE, SAVED},
    request_context::{Member, redirect},
    view::{Button, CopyField, Errors, Page, Tone, csrf_field, page_with},
};
use axum::{
    extract::{Query, State},
    http::StatusCode,
    response::Response,
};
use belfry_domain::{
    Role,
    channel::{ChannelInbox, InboxSecrets},
};
use belfry_locales::phrases::{console_inboxes as phrases, console_sdk_keys};
use belfry_web::html::{IntoMarkup, Markup};
use leptos::prelude::*;
use serde::Deserialize;

#[derive(Deserialize)]
pub(super) struct ShowParams {
    show: Option<String>,
}

/// The parts of a page that differ from the stored state: rejected forms and requested secrets.
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
            <h2>{phrases::SETTINGS.t(lang)}</h2>
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

/// The read-only page.
fn facts(member: &Member, inbox: &ChannelInbox) -> Markup {
    let (lang, settings) = (member.lang, &inbox.settings);
    let proof =
        if settings.hmac_mandatory { phrases::PROOF_NEEDED } else { phrases::PROOF_OPTIONAL };
    view! {
        <dl class="facts">
            <div>
                <dt>{phrases::CALLBACK.t(lang)}</dt>
                <dd>{settings.callback_url.clone().unwrap_or_else(|| phrases::NO_CALLBACK.t(lang).to_owned())}</dd>
            </div>
            <div>
                <dt>{phrases::PROOF.t(lang)}</dt>
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
            <CopyField lang=lang name="hmac-token" label=phrases::HMAC.t(lang) value=secrets.hmac_token.reveal().to_owned()/>
            <CopyField lang=lang name="callback-secret" label=phrases::SECRET.t(lang) value=secrets.callback_secret.reveal().to_owned()/>
            <Button href=format!("{own}#names")>{phrases::HIDE.t(lang)}</Button>
        }
        .into_markup(),
        None => view! { <Button href=format!("{own}?show=secrets#names")>{phrases::SHOW.t(lang)}</Button> }.into_markup(),
    };
    let secrets = owner.then(|| {
        view! {
            <p class="lead">{phrases::SECRETS_TEXT.t(lang)}</p>
            {secrets}
        }
    });
    view! {
        <section id="names" class="narrow">
            <h2>{phrases::NAMES.t(lang)}</h2>
            <CopyField lang=lang name="inbox-identifier" label=phrases::IDENTIFIER.t(lang) value=inbox.identifier.as_str().to_owned()/>
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
    // Missing agents of members are only created for owners, who select among them.
    let mut agents = if owner {
        console.app.assignable_agents(site).await?
    } else {
        console.app.agents(site).await?
    };
    // An Inbox SDK agent's access depends on the signing key, not on membership.
    agents.retain(|agent| agent.sdk_scope.is_none());
    let of_inbox = console.app.members_of_inbox(site, inbox.id).await?;
    let sent = console.app.callback_deliveries(site, inbox.id, deliveries::MAX_DELIVERIES).await?;
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
        {owner.then(|| view! { <Button href=format!("{own}/sdk")>{console_sdk_keys::TITLE.t(lang)}</Button> })}
        <Button tone=Tone::Accent href=format!("{own}/connect")>{phrases::SHOW_CONNECT.t(lang)}</Button>
    };
    let about = Page::new(&inbox.settings.name)
        .for_site(member, "inboxes")
        .crumb(member.path("inboxes"), phrases::TITLE.t(lang));
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
        Some(console.app.inbox_secrets(member.site.id, inbox.id).await?)
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

/// The page after a rejected change of members.
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
    member.require_role(Role::Owner)?;
    let inbox = named(&console, &member, id).await?;
    let again = async |form: &Form| {
        let changed = FormState { settings: Some(form), ..FormState::default() };
        inbox_page(StatusCode::UNPROCESSABLE_ENTITY, &console, &member, &inbox, changed).await
    };
    if let Some(invalid) = incomplete(&form) {
        return again(&form.rejected(invalid)).await;
    }
    let submitted = form.clone();
    let update = console
        .app
        .update_inbox(member.site.id, inbox.id, move |settings| read(&submitted, settings));
    match member.with_audit(&console, &inbox.settings.name, update).await {
        Ok(_) => {
            member.flash_success(SAVED.t(member.lang)).await?;
            Ok(redirect(&own(&member, inbox.id)))
        }
        Err(error) => again(&form.rejected(wrong(error)?)).await,
    }
}
