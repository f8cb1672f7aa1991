//! The API keys of a site.

use super::tab;
use crate::{
    Console,
    error::ConsoleError,
    form::Form,
    phrases::{NAME, Phrase},
    request_context::{Member, redirect},
    view::{
        Badge, Button, Checkbox, Confirm, CopyField, Errors, Field, Page, Table, Tone, csrf_field,
        page, relative_time,
    },
};
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use belfry_domain::{ApiKey, Role, Scope, Scopes, ValidationError};
use belfry_locales::phrases::console_settings as phrases;
use belfry_locales::phrases::errors;
use belfry_web::html::{IntoMarkup, Markup};
use belfry_web::router::{Routes, get};
use leptos::prelude::*;

const HERE: &str = "settings/keys";

pub(super) fn routes() -> Routes<Console> {
    Routes::new()
        .route("/sites/{site}/settings/keys", get(show).post(create))
        .route("/sites/{site}/settings/keys/{key}/revoke", get(ask).post(revoke))
}

async fn show(State(console): State<Console>, who: Member) -> Result<Response, ConsoleError> {
    who.require_role(Role::Owner)?;
    keys_page(StatusCode::OK, &console, &who, untouched()).await
}

const SCOPES: [(Scope, Phrase); 6] = [
    (Scope::Read, phrases::READ),
    (Scope::Send, phrases::SEND),
    (Scope::Contacts, phrases::CONTACTS),
    (Scope::Themes, phrases::THEMES),
    (Scope::Webhooks, phrases::WEBHOOKS),
    (Scope::Admin, phrases::ADMIN),
];

/// The default scopes of a new key: everything a backend needs, nothing reserved to owners.
fn untouched() -> Form {
    Form::new([("scope", "read"), ("scope", "send"), ("scope", "contacts")])
}

fn scopes_field(who: &Member, form: &Form) -> Markup {
    let lang = who.lang;
    let boxes =
        SCOPES.map(|(scope, word)| view! { <Checkbox form=form.clone() name="scope" value=scope.as_str() label=word.t(lang)/> }.into_markup());
    let error = form.error("scopes");
    view! {
        <fieldset class="field">
            <legend>{phrases::FOR.t(lang)}</legend>
            {boxes.into_iter().collect_view()}
            {error.map(|error| view! { <p class="wrong">{error}</p> })}
        </fieldset>
    }
    .into_markup()
}

fn row(who: &Member, key: &ApiKey) -> Markup {
    let lang = who.lang;
    let used = key
        .last_used_at
        .map_or_else(|| phrases::NEVER.t(lang).into_markup(), |at| relative_time(who, at));
    let everything = key.scopes == Scopes::all();
    let scopes = if everything {
        phrases::ALL.t(lang).to_owned()
    } else {
        key.scopes.iter().map(Scope::as_str).collect::<Vec<_>>().join(", ")
    };
    let end = if key.revoked_at.is_some() {
        view! { <Badge>{phrases::OVER.t(lang)}</Badge> }.into_markup()
    } else {
        view! { <a class="quiet" href=who.path(&format!("{HERE}/{}/revoke", key.id))>{phrases::REVOKE.t(lang)}</a> }.into_markup()
    };
    view! {
        <tr class:over=key.revoked_at.is_some()>
            <td class="main">{key.name.clone()}</td>
            <td><code>{format!("bfk_{}_…", key.id)}</code></td>
            <td class="quiet">{scopes}</td>
            <td class="quiet">{relative_time(who, key.created_at)}</td>
            <td class="quiet">{used}</td>
            <td class="number">{end}</td>
        </tr>
    }
    .into_markup()
}

async fn keys_page(
    status: StatusCode,
    console: &Console,
    who: &Member,
    form: Form,
) -> Result<Response, ConsoleError> {
    let lang = who.lang;
    let mut keys = console.app.keys(who.site.id).await?;
    keys.sort_by_key(|key| key.revoked_at.is_some());
    let rows = keys.iter().map(|key| row(who, key)).collect_view();
    let content = view! {
        <section>
            <p class="lead">{phrases::KEYS_TEXT.t(lang)}</p>
            <Table caption=phrases::KEYS_TITLE.t(lang) columns=vec![NAME.t(lang), phrases::KEY.t(lang), phrases::FOR.t(lang), phrases::MADE.t(lang), phrases::USED.t(lang), ""]>{rows}</Table>
        </section>
        <section class="narrow">
            <h2>{phrases::NEW.t(lang)}</h2>
            <form method="post" action=who.path(HERE)>
                {csrf_field(who)}
                <Errors form=form.clone() fields=&["name", "scopes"]/>
                <Field form=form.clone() name="name" label=NAME.t(lang) hint=phrases::NAME_HINT.t(lang) required=true/>
                {scopes_field(who, &form)}
                <Button tone=Tone::Accent>{phrases::CREATE.t(lang)}</Button>
            </form>
        </section>
    };
    Ok(tab(status, who, HERE, content.into_markup()))
}

async fn create(
    State(console): State<Console>,
    who: Member,
    form: Form,
) -> Result<Response, ConsoleError> {
    who.require_role(Role::Owner)?;
    let lang = who.lang;
    let name = form.get("name").trim();
    if name.is_empty() || name.chars().count() > 100 || name.chars().any(char::is_control) {
        let form =
            form.clone().rejected(ValidationError::new("name", errors::printable_characters(100)));
        return keys_page(StatusCode::UNPROCESSABLE_ENTITY, &console, &who, form).await;
    }
    let scopes: Scopes = SCOPES
        .into_iter()
        .map(|(scope, _)| scope)
        .filter(|scope| form.all("scope").any(|ticked| ticked == scope.as_str()))
        .collect();
    if scopes == Scopes::default() {
        let form = form.clone().rejected(ValidationError::new("scopes", phrases::NO_SCOPE.into()));
        return keys_page(StatusCode::UNPROCESSABLE_ENTITY, &console, &who, form).await;
    }
    let (_, secret) = who
        .with_audit(&console, "", console.app.create_scoped_key(who.site.id, name, scopes))
        .await?;
    let content = view! {
        <p class="lead">{phrases::ONCE.t(lang)}</p>
        <CopyField lang=lang name="key" label=phrases::KEY.t(lang) value=secret.reveal()/>
        <Button href=who.path(HERE)>{phrases::BACK.t(lang)}</Button>
    };
    Ok(page(&who, Page::new(phrases::READY.t(lang)).for_site(&who, "settings").narrow(), content))
}

/// The active key in the path of the request.
async fn named(console: &Console, who: &Member, key: &str) -> Result<ApiKey, ConsoleError> {
    let keys = console.app.keys(who.site.id).await?;
    keys.into_iter()
        .find(|of| of.id.0 == key && of.revoked_at.is_none())
        .ok_or(ConsoleError::NotFound)
}

async fn ask(
    State(console): State<Console>,
    who: Member,
    Path((_, key)): Path<(String, String)>,
) -> Result<Response, ConsoleError> {
    who.require_role(Role::Owner)?;
    let (lang, key) = (who.lang, named(&console, &who, &key).await?);
    let content = view! { <Confirm visit=who.context.clone() text=phrases::REVOKE_TEXT.t(lang) action=phrases::REVOKE.t(lang) back=who.path(HERE)/> };
    let title = phrases::REVOKE_TITLE.with(lang, &[("name", &key.name)]);
    Ok(page(
        &who,
        Page::new(title)
            .for_site(&who, "settings")
            .crumb(who.path(HERE), phrases::KEYS_TITLE.t(lang))
            .narrow(),
        content,
    ))
}

async fn revoke(
    State(console): State<Console>,
    who: Member,
    Path((_, key)): Path<(String, String)>,
    _form: Form,
) -> Result<Response, ConsoleError> {
    who.require_role(Role::Owner)?;
    let key = named(&console, &who, &key).await?;
    who.with_audit(&console, &key.id.0, console.app.revoke_key(who.site.id, &key.id)).await?;
    who.flash_success(phrases::REVOKED.t(who.lang)).await?;
    Ok(redirect(&who.path(HERE)))
}
