//! The Inbox SDK's signing keys of a site or an inbox: the view and the actions of both pages.

use crate::{
    Console,
    error::ConsoleError,
    form::Form,
    phrases::NAME,
    request_context::{Member, redirect},
    view::{
        Button, CodeBlock, Confirm, CopyField, Errors, Field, Page, Table, Tone, csrf_field, page,
        relative_time,
    },
};
use axum::response::Response;
use belfry_app::channel::ChannelError;
use belfry_domain::{
    ValidationError,
    channel::Rejection,
    sdk::{MAX_KEY_LABEL_CHARS, SdkKey, SdkKeyId, SdkScope, SigningKey},
};
use belfry_locales::phrases::console_sdk_keys as phrases;
use belfry_locales::phrases::errors;
use belfry_store::StoreError;
use belfry_web::html::{IntoMarkup, Markup};
use leptos::prelude::*;

/// The page that shows the keys of one scope.
pub(super) struct SdkKeyPlace {
    /// The scope of the keys.
    pub scope: SdkScope,
    /// The UUID in the JWT.
    pub uuid: String,
    /// The path of the list.
    pub path: String,
    /// The console page that contains the list.
    pub page: Page,
}

impl SdkKeyPlace {
    /// The name of the claim that names the scope.
    fn claim(&self) -> &'static str {
        if self.scope.inbox().is_some() { "bot_id" } else { "environment_id" }
    }

    fn claims(&self) -> String {
        format!(
            "{{\n  \"iss\": \"my-application\",\n  \"iat\": 1764036664,\n  \"exp\": 1764036864,\n  \"id\": \"my-application/a32346d1\",\n  \"name\": \"Ada\",\n  \"email\": \"ada@example.com\",\n  \"{}\": \"{}\"\n}}",
            self.claim(),
            self.uuid
        )
    }
}

fn row(who: &Member, place: &SdkKeyPlace, key: &SdkKey) -> Markup {
    let lang = who.lang;
    let used = key
        .last_used_at
        .map_or_else(|| phrases::NEVER.t(lang).into_markup(), |at| relative_time(who, at));
    view! {
        <tr>
            <td class="main">{key.label.clone()}</td>
            <td class="quiet">{relative_time(who, key.created_at)}</td>
            <td class="quiet">{used}</td>
            <td class="number"><a class="quiet" href=format!("{}/{}/revoke", place.path, key.id)>{phrases::REVOKE.t(lang)}</a></td>
        </tr>
    }
    .into_markup()
}

/// The list of keys with a form for a new one.
pub(super) async fn part(
    console: &Console,
    who: &Member,
    place: &SdkKeyPlace,
    form: Form,
) -> Result<Markup, ConsoleError> {
    let lang = who.lang;
    let keys = keys(console, who, place).await?;
    let text = if place.scope.inbox().is_some() { phrases::TEXT_INBOX } else { phrases::TEXT_SITE };
    let list = if keys.is_empty() {
        view! { <p class="quiet">{phrases::NONE.t(lang)}</p> }.into_markup()
    } else {
        let rows: Vec<Markup> = keys.iter().map(|key| row(who, place, key)).collect();
        let columns = vec![NAME.t(lang), phrases::MADE.t(lang), phrases::USED.t(lang), ""];
        view! { <Table caption=phrases::KEYS.t(lang) columns=columns>{rows}</Table> }.into_markup()
    };
    Ok(view! {
        <section>
            <p class="lead">{text.t(lang)}</p>
            {list}
        </section>
        <section class="narrow">
            <h2>{phrases::NEW.t(lang)}</h2>
            <form method="post" action=place.path.clone()>
                {csrf_field(who)}
                <Errors form=form.clone() fields=&["label"]/>
                <Field form=form.clone() name="label" label=NAME.t(lang) hint=phrases::LABEL_HINT.t(lang) required=true/>
                <Button tone=Tone::Accent>{phrases::CREATE.t(lang)}</Button>
            </form>
        </section>
        <section class="narrow">
            <CodeBlock lang=lang name="claims" label=phrases::CLAIMS.t(lang) value=place.claims()/>
        </section>
    }
    .into_markup())
}

/// The keys of a scope, oldest first.
async fn keys(
    console: &Console,
    who: &Member,
    place: &SdkKeyPlace,
) -> Result<Vec<SdkKey>, ConsoleError> {
    let keys = console.app.sdk_keys(who.site.id).await?;
    Ok(keys.into_iter().filter(|key| key.scope == place.scope).collect())
}

/// Creates a key: returns the page with the new key, or the form with its errors.
pub(super) async fn create(
    console: &Console,
    who: &Member,
    place: SdkKeyPlace,
    form: Form,
) -> Result<Result<Response, (SdkKeyPlace, Form)>, ConsoleError> {
    let label = form.get("label").trim().to_owned();
    if label.is_empty()
        || label.chars().count() > MAX_KEY_LABEL_CHARS
        || label.chars().any(char::is_control)
    {
        let reason = errors::printable_characters(MAX_KEY_LABEL_CHARS);
        return Ok(Err((place, form.rejected(ValidationError::new("label", reason)))));
    }
    let making = console.app.create_sdk_key(who.site.id, place.scope.inbox(), &label);
    match who.with_audit(console, &label, making).await {
        Ok(created) => Ok(Ok(made(who, place, &created.secret))),
        Err(
            ChannelError::Store(StoreError::Limit(invalid))
            | ChannelError::Rejected(Rejection::Invalid(invalid)),
        ) => Ok(Err((place, form.rejected(ValidationError::new("label", invalid.reason))))),
        Err(other) => Err(other.into()),
    }
}

/// Shown in the response rather than after a redirect, because the stored key is encrypted.
fn made(who: &Member, place: SdkKeyPlace, secret: &SigningKey) -> Response {
    let lang = who.lang;
    let content = view! {
        <p class="lead">{phrases::ONCE.t(lang)}</p>
        <CopyField lang=lang name="uuid" label=place.claim() value=place.uuid.clone()/>
        <CopyField lang=lang name="signing-key" label=phrases::KEY.t(lang) value=secret.reveal().to_owned()/>
        <Button href=place.path.clone()>{phrases::BACK.t(lang)}</Button>
    };
    page(who, place.page.with_title(phrases::READY.t(lang)).narrow(), content)
}

/// The key in the path of the request.
async fn named(
    console: &Console,
    who: &Member,
    place: &SdkKeyPlace,
    id: SdkKeyId,
) -> Result<SdkKey, ConsoleError> {
    keys(console, who, place)
        .await?
        .into_iter()
        .find(|key| key.id == id)
        .ok_or(ConsoleError::NotFound)
}

/// The confirmation page for revoking a key.
pub(super) async fn ask(
    console: &Console,
    who: &Member,
    place: SdkKeyPlace,
    id: SdkKeyId,
) -> Result<Response, ConsoleError> {
    let (lang, key) = (who.lang, named(console, who, &place, id).await?);
    let content = view! { <Confirm visit=who.context.clone() text=phrases::REVOKE_TEXT.t(lang) action=phrases::REVOKE.t(lang) back=place.path.clone()/> };
    let title = phrases::REVOKE_TITLE.with(lang, &[("name", &key.label)]);
    Ok(page(
        who,
        place.page.with_title(title).crumb(place.path, phrases::TITLE.t(lang)).narrow(),
        content,
    ))
}

/// Revokes a key.
pub(super) async fn revoke(
    console: &Console,
    who: &Member,
    place: &SdkKeyPlace,
    id: SdkKeyId,
) -> Result<Response, ConsoleError> {
    let key = named(console, who, place, id).await?;
    let is_revoked = who
        .with_audit(console, &key.label, console.app.revoke_sdk_key(who.site.id, key.id))
        .await?;
    if !is_revoked {
        return Err(ConsoleError::NotFound);
    }
    who.flash_success(phrases::REVOKED.t(who.lang)).await?;
    Ok(redirect(&place.path))
}
