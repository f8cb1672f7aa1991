//! The form that creates or edits a contact.

use super::display_name;
use crate::{
    Console,
    edit_conflict::{REVISION_FIELD, RevisionField, save_label, stored_value, with_conflict},
    error::ConsoleError,
    form::Form,
    pages::path_params::PathId,
    phrases::{CANCEL, EMAIL, SAVE, SAVED, UiLanguage},
    request_context::{Member, redirect},
    view::{Button, Errors, Field, Page, Tone, csrf_field, page_with},
};
use axum::{extract::State, http::StatusCode, response::Response};
use belfry_app::{
    AppError,
    body::{ContactBody, Name},
};
use belfry_domain::{Contact, ContactId, ContactLookup, Role, ValidationError};
use belfry_locales::phrases::console_contacts as phrases;
use belfry_store::StoreError;
use belfry_web::html::{IntoMarkup, Markup};
use leptos::prelude::*;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

const FIELDS: &[&str] =
    &["firstName", "lastName", "email", "phone", "externalCustomerId", "language", "attributes"];
/// Empty attribute rows at the end.
const EMPTY_ATTRIBUTE_ROWS: usize = 3;

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned)
}

fn filled(contact: &Contact) -> Form {
    let text_or_empty = |text: &Option<String>| text.clone().unwrap_or_default();
    let fields = [
        (REVISION_FIELD, contact.revision()),
        ("firstName", text_or_empty(&contact.first_name)),
        ("lastName", text_or_empty(&contact.last_name)),
        ("email", text_or_empty(&contact.email)),
        ("phone", text_or_empty(&contact.phone)),
        ("externalCustomerId", text_or_empty(&contact.external_id)),
        ("language", contact.language.as_ref().map(ToString::to_string).unwrap_or_default()),
    ];
    let attributes = contact
        .attributes
        .iter()
        .flat_map(|(name, value)| [("attribute", name.clone()), ("value", text(value))]);
    Form::new(fields.into_iter().chain(attributes))
}

/// The form as a contact that is not validated yet. An attribute whose stored value is not text
/// keeps its type where the new text can be read as JSON.
fn body(form: &Form, before: &Map<String, Value>) -> ContactBody {
    let text = |name: &str| form.trimmed(name).map(str::to_owned);
    let mut attributes = Map::new();
    for (name, value) in form.all("attribute").zip(form.all("value")) {
        let (name, value) = (name.trim(), value.trim());
        if name.is_empty() || value.is_empty() {
            continue;
        }
        let typed = before
            .get(name)
            .filter(|before| !before.is_string())
            .and_then(|_| serde_json::from_str(value).ok());
        attributes.insert(name.to_owned(), typed.unwrap_or_else(|| value.into()));
    }
    ContactBody {
        first_name: text("firstName"),
        last_name: text("lastName"),
        email: text("email").map(Name::Text),
        phone: text("phone").map(Name::Text),
        external_customer_id: text("externalCustomerId").map(Name::Text),
        language: text("language"),
        attributes: Some(attributes),
        ..ContactBody::default()
    }
}

/// After a concurrent edit: the form as typed, with the stored values noted.
fn overtaken_by(lang: UiLanguage, form: &Form, contact: &Contact) -> Form {
    let now = filled(contact);
    let mut noted = with_conflict(
        lang,
        form,
        &now,
        FIELDS.iter().filter(|name| **name != "attributes").copied(),
    );
    let typed = |form: &Form| -> BTreeMap<String, String> {
        let pairs = form
            .all("attribute")
            .zip(form.all("value"))
            .map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned()));
        pairs.filter(|(name, value)| !name.is_empty() && !value.is_empty()).collect()
    };
    let there = typed(&now);
    if there != typed(form) {
        let all = there
            .iter()
            .map(|(name, value)| format!("{name}: {value}"))
            .collect::<Vec<_>>()
            .join("; ");
        noted.reject(ValidationError::new("attributes", stored_value(&all)));
    }
    noted
}

fn pairs(lang: UiLanguage, form: &Form) -> Markup {
    let there: Vec<(String, String)> = form
        .all("attribute")
        .zip(form.all("value"))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let rows = there
        .into_iter()
        .filter(|(name, _)| !name.is_empty())
        .chain(std::iter::repeat_n((String::new(), String::new()), EMPTY_ATTRIBUTE_ROWS));
    let rows = rows.map(|(name, value)| {
        view! {
            <div class="pair">
                <input name="attribute" value=name aria-label=phrases::EDIT_ATTRIBUTE.t(lang) placeholder=phrases::EDIT_ATTRIBUTE.t(lang) autocomplete="off"/>
                <input name="value" value=value aria-label=phrases::VALUE.t(lang) placeholder=phrases::VALUE.t(lang) autocomplete="off"/>
            </div>
        }
        .into_markup()
    });
    let rows: Vec<Markup> = rows.collect();
    let wrong = form.error("attributes").map(|error| view! { <p class="wrong">{error}</p> });
    view! {
        <fieldset class="pairs">
            <legend>{phrases::EDIT_ATTRIBUTES.t(lang)}</legend>
            <p class="hint">{phrases::ATTRIBUTES_HINT.t(lang)}</p>
            {wrong}
            {rows}
        </fieldset>
    }
    .into_markup()
}

fn form_page(
    status: StatusCode,
    member: &Member,
    about: Page,
    form: &Form,
    back: String,
) -> Response {
    let lang = member.lang;
    let label = save_label(lang, form, SAVE);
    let content = view! {
        <form method="post">
            {csrf_field(member)}
            <RevisionField form=form.clone()/>
            <Errors form=form.clone() fields=FIELDS/>
            <div class="row">
                <Field form=form.clone() name="firstName" label=phrases::FIRST_NAME.t(lang)/>
                <Field form=form.clone() name="lastName" label=phrases::LAST_NAME.t(lang)/>
            </div>
            <Field form=form.clone() name="email" label=EMAIL.t(lang) kind="email"/>
            <Field form=form.clone() name="phone" label=phrases::PHONE.t(lang) hint=phrases::PHONE_HINT.t(lang)/>
            <Field form=form.clone() name="externalCustomerId" label=phrases::OWN_ID.t(lang) hint=phrases::OWN_ID_HINT.t(lang)/>
            <Field form=form.clone() name="language" label=phrases::LANGUAGE.t(lang) hint=phrases::LANGUAGE_HINT.t(lang)/>
            {pairs(lang, form)}
            <div class="actions">
                <Button tone=Tone::Accent>{label}</Button>
                <Button href=back>{CANCEL.t(lang)}</Button>
            </div>
        </form>
    };
    page_with(status, member, about.narrow(), content)
}

/// The validation error of a store error, if it is one.
fn refusal(error: AppError) -> Result<ValidationError, ConsoleError> {
    match error {
        AppError::ValidationError(invalid) => Ok(invalid),
        AppError::Store(StoreError::Conflict(_)) => {
            Ok(ValidationError::new("", phrases::TAKEN.into()))
        }
        other => Err(other.into()),
    }
}

pub(super) async fn blank(member: Member) -> Result<Response, ConsoleError> {
    member.require_role(Role::Editor)?;
    Ok(new_page(StatusCode::OK, &member, &Form::default()))
}

fn new_page(status: StatusCode, member: &Member, form: &Form) -> Response {
    form_page(
        status,
        member,
        Page::new(phrases::EDIT_NEW.t(member.lang)).for_site(member, "contacts"),
        form,
        member.path("contacts"),
    )
}

pub(super) async fn create(
    State(console): State<Console>,
    member: Member,
    form: Form,
) -> Result<Response, ConsoleError> {
    member.require_role(Role::Editor)?;
    let made = match body(&form, &Map::new()).validate("") {
        Ok(draft) => {
            member
                .with_audit(&console, "", console.app.upsert_contact(member.site.id, &draft))
                .await
        }
        Err(invalid) => Err(invalid.into()),
    };
    match made {
        Ok(contact) => {
            member.flash_success(phrases::ADDED.t(member.lang)).await?;
            Ok(redirect(&member.path(&format!("contacts/{contact}"))))
        }
        Err(error) => {
            Ok(new_page(StatusCode::UNPROCESSABLE_ENTITY, &member, &form.rejected(refusal(error)?)))
        }
    }
}

fn edit_page(status: StatusCode, member: &Member, contact: &Contact, form: &Form) -> Response {
    let own = member.path(&format!("contacts/{}", contact.id));
    let about = Page::new(phrases::EDIT.t(member.lang))
        .for_site(member, "contacts")
        .crumb(member.path("contacts"), phrases::TITLE.t(member.lang))
        .crumb(own.clone(), display_name(contact));
    form_page(status, member, about, form, own)
}

pub(super) async fn show(
    State(console): State<Console>,
    member: Member,
    PathId(id): PathId<i64>,
) -> Result<Response, ConsoleError> {
    member.require_role(Role::Editor)?;
    let contact = console.app.contact(member.site.id, &ContactLookup::Id(ContactId(id))).await?;
    Ok(edit_page(StatusCode::OK, &member, &contact, &filled(&contact)))
}

pub(super) async fn save(
    State(console): State<Console>,
    member: Member,
    PathId(id): PathId<i64>,
    form: Form,
) -> Result<Response, ConsoleError> {
    member.require_role(Role::Editor)?;
    let contact = console.app.contact(member.site.id, &ContactLookup::Id(ContactId(id))).await?;
    let saved = match body(&form, &contact.attributes).validate("") {
        Ok(draft) => {
            let change = console.app.replace_contact(
                member.site.id,
                contact.id,
                &draft,
                form.trimmed(REVISION_FIELD),
            );
            member.with_audit(&console, &contact.id.to_string(), change).await
        }
        Err(invalid) => Err(invalid.into()),
    };
    match saved {
        Ok(()) => {}
        Err(AppError::Changed) => {
            let now = console.app.contact(member.site.id, &ContactLookup::Id(contact.id)).await?;
            return Ok(edit_page(
                StatusCode::CONFLICT,
                &member,
                &now,
                &overtaken_by(member.lang, &form, &now),
            ));
        }
        Err(error) => {
            return Ok(edit_page(
                StatusCode::UNPROCESSABLE_ENTITY,
                &member,
                &contact,
                &form.rejected(refusal(error)?),
            ));
        }
    }
    member.flash_success(SAVED.t(member.lang)).await?;
    Ok(redirect(&member.path(&format!("contacts/{}", contact.id))))
}
