//! The form that creates or edits a webhook.

use crate::{
    Console,
    edit_conflict::{REVISION_FIELD, RevisionField, save_label, stored_value, with_conflict},
    error::ConsoleError,
    form::Form,
    pages::path_params::PathId,
    phrases::{CANCEL, PASSWORD, Phrase, SAVE, SAVED, UiLanguage},
    request_context::{Member, redirect},
    view::{Button, Checkbox, CopyField, Errors, Field, Page, Tone, csrf_field, page, page_with},
};
use axum::{extract::State, http::StatusCode, response::Response};
use belfry_app::{
    AppError,
    body::{AuthBody, WebhookBody, WebhookChangeBody},
};
use belfry_domain::{
    Endpoint, EndpointChange, EndpointId, EndpointKind, EndpointUrl, EventType, Role,
    ValidationError,
};
use belfry_locales::phrases::console_webhooks as phrases;
use belfry_web::html::{IntoMarkup, Markup};
use leptos::prelude::*;
use std::collections::BTreeSet;

const FIELDS: &[&str] = &["url", "description", "events", "auth.username", "auth.password", "kind"];

/// The description of an event type.
pub(super) fn meaning(event: EventType) -> Option<Phrase> {
    Some(match event {
        EventType::MessageDelivered => phrases::DELIVERED,
        EventType::MessageSeen => phrases::SEEN,
        EventType::MessageRead => phrases::READ,
        EventType::MessageClicked => phrases::CLICKED,
        EventType::MessageArchived => phrases::ARCHIVED,
        EventType::ContactCreated => phrases::CREATED,
        EventType::ContactDeleted => phrases::ERASED,
        EventType::WebhookTest => return None,
    })
}

fn kinds(lang: UiLanguage, form: &Form) -> Markup {
    let chosen = form.get("kind").to_owned();
    let radio = |value: &'static str, label: Phrase, hint: Phrase| {
        let checked = chosen == value;
        view! {
            <label class="choice">
                <input type="radio" name="kind" value=value checked=checked/>
                <span>{label.t(lang)} <small>{hint.t(lang)}</small></span>
            </label>
        }
        .into_markup()
    };
    view! {
        <fieldset>
            <legend>{phrases::KIND.t(lang)}</legend>
            {radio("standard", phrases::STANDARD, phrases::STANDARD_HINT)}
            {radio("message", phrases::WHOLE, phrases::WHOLE_HINT)}
        </fieldset>
    }
    .into_markup()
}

fn events(lang: UiLanguage, form: &Form, hint: bool) -> Markup {
    let boxes: Vec<Markup> = EventType::EACH
        .into_iter()
        .filter_map(|event| Some((event, meaning(event)?)))
        .map(|(event, word)| {
            let label = word.t(lang);
            view! { <Checkbox form=form.clone() name="events" value=event.as_str() label=label/> <code class="beneath">{event.as_str()}</code> }
                .into_markup()
        })
        .collect();
    let wrong =
        form.error("events").map(|wrong| view! { <p class="wrong" role="alert">{wrong}</p> });
    view! {
        <fieldset class="events">
            <legend>{phrases::HEARS.t(lang)}</legend>
            {hint.then(|| view! { <p class="hint">{phrases::EVENTS_HINT.t(lang)}</p> })}
            {wrong}
            {boxes}
        </fieldset>
    }
    .into_markup()
}

fn access(lang: UiLanguage, form: &Form, kept: bool) -> Markup {
    let hint = if kept { phrases::ACCESS_KEPT } else { phrases::ACCESS_HINT };
    view! {
        <fieldset>
            <legend>{phrases::ACCESS.t(lang)}</legend>
            <p class="hint">{hint.t(lang)}</p>
            <div class="row">
                <Field form=form.clone() name="auth.username" label=phrases::USERNAME.t(lang)/>
                <Field form=form.clone() name="auth.password" label=PASSWORD.t(lang) kind="password" autocomplete="new-password"/>
            </div>
        </fieldset>
    }
    .into_markup()
}

/// The form; `kind` is `None` for a new endpoint.
fn form_page(
    status: StatusCode,
    member: &Member,
    about: Page,
    form: &Form,
    kind: Option<EndpointKind>,
    back: String,
) -> Response {
    let lang = member.lang;
    let label = save_label(lang, form, SAVE);
    let content = view! {
        <form method="post">
            {csrf_field(member)}
            <RevisionField form=form.clone()/>
            <Errors form=form.clone() fields=FIELDS/>
            {kind.is_none().then(|| kinds(lang, form))}
            <Field form=form.clone() name="url" label=phrases::ADDRESS.t(lang) kind="url" hint=phrases::ADDRESS_HINT.t(lang) placeholder="https://shop.example/belfry" required=true/>
            <Field form=form.clone() name="description" label=phrases::DESCRIPTION.t(lang) hint=phrases::DESCRIPTION_HINT.t(lang)/>
            {(kind != Some(EndpointKind::Message)).then(|| events(lang, form, kind.is_none()))}
            {(kind != Some(EndpointKind::Standard)).then(|| access(lang, form, kind.is_some()))}
            <div class="actions">
                <Button tone=Tone::Accent>{label}</Button>
                <Button href=back>{CANCEL.t(lang)}</Button>
            </div>
        </form>
    };
    page_with(status, member, about.narrow(), content)
}

/// The form as changes to an endpoint of this kind.
fn change(form: &Form, kind: EndpointKind) -> WebhookChangeBody {
    let (mut events, mut auth) = (None, None);
    match kind {
        EndpointKind::Standard => events = Some(form.all("events").map(str::to_owned).collect()),
        EndpointKind::Message | EndpointKind::Callback | EndpointKind::Account => {
            if let (Some(username), password) =
                (form.trimmed("auth.username"), form.get("auth.password"))
                && !password.is_empty()
            {
                auth = Some(AuthBody {
                    r#type: Some("basic".to_owned()),
                    username: Some(username.to_owned()),
                    password: Some(password.to_owned()),
                });
            }
        }
    }
    WebhookChangeBody {
        url: Some(form.get("url").trim().to_owned()),
        description: Some(form.get("description").to_owned()),
        events,
        enabled: None,
        auth,
    }
}

fn new_page(status: StatusCode, member: &Member, form: &Form) -> Response {
    let about = Page::new(phrases::ADD.t(member.lang))
        .for_site(member, "webhooks")
        .crumb(member.path("webhooks"), phrases::TITLE.t(member.lang));
    form_page(status, member, about, form, None, member.path("webhooks"))
}

pub(super) async fn blank(member: Member) -> Result<Response, ConsoleError> {
    member.require_role(Role::Owner)?;
    let form = Form::new([
        ("kind", "standard"),
        ("events", EventType::MessageRead.as_str()),
        ("events", EventType::MessageClicked.as_str()),
    ]);
    Ok(new_page(StatusCode::OK, &member, &form))
}

pub(super) async fn create(
    State(console): State<Console>,
    member: Member,
    form: Form,
) -> Result<Response, ConsoleError> {
    member.require_role(Role::Owner)?;
    let lang = member.lang;
    let kind =
        if form.get("kind") == "message" { EndpointKind::Message } else { EndpointKind::Standard };
    let WebhookChangeBody { url, description, events, enabled, auth } = change(&form, kind);
    let body = WebhookBody {
        kind: Some(kind.as_str().to_owned()),
        url,
        description,
        events,
        enabled,
        auth,
    };
    let made = match body.validate() {
        Ok(draft) => {
            member.with_audit(&console, "", console.app.create_webhook(member.site.id, draft)).await
        }
        Err(invalid) => Err(invalid.into()),
    };
    let (endpoint, secret) = match made {
        Ok(made) => made,
        Err(AppError::ValidationError(invalid)) => {
            return Ok(new_page(
                StatusCode::UNPROCESSABLE_ENTITY,
                &member,
                &form.rejected(invalid),
            ));
        }
        Err(AppError::Conflict(reason)) => {
            return Ok(new_page(
                StatusCode::UNPROCESSABLE_ENTITY,
                &member,
                &form.rejected(ValidationError::new("", reason)),
            ));
        }
        Err(other) => return Err(other.into()),
    };
    let own = member.path(&format!("webhooks/{}", endpoint.id));
    if let Some(secret) = secret {
        return Ok(secret_page(&member, phrases::READY.t(lang), secret.reveal(), own, None));
    }
    member.flash_success(phrases::READY.t(lang)).await?;
    Ok(redirect(&own))
}

/// Shows the secret in the response itself; it is stored nowhere in between.
pub(super) fn secret_page(
    member: &Member,
    title: &str,
    secret: &str,
    own: String,
    note: Option<Markup>,
) -> Response {
    let lang = member.lang;
    let content = view! {
        <p class="lead">{phrases::SECRET_ONCE.t(lang)}</p>
        {note}
        <CopyField lang=lang name="secret" label=phrases::SECRET.t(lang) value=secret.to_owned()/>
        <Button tone=Tone::Accent href=own>{phrases::GO_ON.t(lang)}</Button>
    };
    page(
        member,
        Page::new(title)
            .for_site(member, "webhooks")
            .crumb(member.path("webhooks"), phrases::TITLE.t(lang))
            .narrow(),
        content,
    )
}

fn edit_page(status: StatusCode, member: &Member, endpoint: &Endpoint, form: &Form) -> Response {
    let own = member.path(&format!("webhooks/{}", endpoint.id));
    let about = Page::new(phrases::EDIT.t(member.lang))
        .for_site(member, "webhooks")
        .crumb(member.path("webhooks"), phrases::TITLE.t(member.lang));
    form_page(
        status,
        member,
        about.crumb(own.clone(), endpoint.url.clone()),
        form,
        Some(endpoint.kind),
        own,
    )
}

pub(super) async fn show(
    State(console): State<Console>,
    member: Member,
    PathId(id): PathId<EndpointId>,
) -> Result<Response, ConsoleError> {
    member.require_role(Role::Owner)?;
    let endpoint = console.app.webhook(member.site.id, id).await?;
    Ok(edit_page(StatusCode::OK, &member, &endpoint, &filled(&endpoint)))
}

fn filled(endpoint: &Endpoint) -> Form {
    let fields = [
        ("url", endpoint.url.clone()),
        ("description", endpoint.description.clone()),
        ("auth.username", endpoint.username.clone().unwrap_or_default()),
        (REVISION_FIELD, endpoint.revision()),
    ];
    let events = endpoint.events.iter().map(|event| ("events", event.as_str().to_owned()));
    Form::new(fields.into_iter().chain(events))
}

/// After a concurrent edit: the form as typed, with the stored values noted.
fn overtaken_by(lang: UiLanguage, form: &Form, endpoint: &Endpoint) -> Form {
    let now = filled(endpoint);
    let mut noted = with_conflict(lang, form, &now, ["url", "description", "auth.username"]);
    let events = |form: &Form| form.all("events").map(str::to_owned).collect::<BTreeSet<_>>();
    if events(&now) != events(form) {
        noted.reject(ValidationError::new(
            "events",
            stored_value(&Vec::from_iter(events(&now)).join(", ")),
        ));
    }
    noted
}

pub(super) async fn save(
    State(console): State<Console>,
    member: Member,
    PathId(id): PathId<EndpointId>,
    form: Form,
) -> Result<Response, ConsoleError> {
    member.require_role(Role::Owner)?;
    let endpoint = console.app.webhook(member.site.id, id).await?;
    let moves = EndpointUrl::parse(form.get("url").trim())
        .is_ok_and(|url| !url.shares_origin_with(&endpoint.url));
    let unproved = moves && endpoint.username.is_some() && form.get("auth.password").is_empty();
    if unproved && form.trimmed("auth.username").is_some() {
        let form = form.rejected(ValidationError::new("auth.password", phrases::ANEW.into()));
        return Ok(edit_page(StatusCode::UNPROCESSABLE_ENTITY, &member, &endpoint, &form));
    }
    let saved = match change(&form, endpoint.kind).validate() {
        Ok(change) => {
            let change = EndpointChange {
                expected_revision: form.trimmed(REVISION_FIELD).map(str::to_owned),
                ..change
            };
            let update = console.app.update_webhook(member.site.id, id, &change);
            member.with_audit(&console, &id.to_string(), update).await
        }
        Err(invalid) => Err(invalid.into()),
    };
    match saved {
        Ok(_) => {}
        Err(AppError::Changed) => {
            let now = console.app.webhook(member.site.id, id).await?;
            return Ok(edit_page(
                StatusCode::CONFLICT,
                &member,
                &now,
                &overtaken_by(member.lang, &form, &now),
            ));
        }
        Err(AppError::ValidationError(invalid)) => {
            return Ok(edit_page(
                StatusCode::UNPROCESSABLE_ENTITY,
                &member,
                &endpoint,
                &form.rejected(invalid),
            ));
        }
        Err(other) => return Err(other.into()),
    }
    member.flash_success(if unproved { phrases::DROPPED } else { SAVED }.t(member.lang)).await?;
    Ok(redirect(&member.path(&format!("webhooks/{id}"))))
}
