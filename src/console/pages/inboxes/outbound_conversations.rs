//! The fields of an inbox's form that allow agents to start conversations.
//!
//! Must not depend on how conversations are started. [`super::form`] includes these fields.

use crate::{
    form::Form,
    phrases::UiLanguage,
    view::{Checkbox, Field, Select},
};
use belfry_domain::{
    ValidationError,
    channel::InboxSettings,
    sdk::{AddressKind, InitiateSettings},
};
use belfry_locales::phrases::console_inboxes as phrases;
use belfry_web::html::{IntoMarkup, Markup};
use leptos::prelude::*;

/// The initial values of the form.
pub(super) fn of(settings: &InboxSettings) -> Vec<(String, String)> {
    let Some(initiate) = &settings.initiate else { return Vec::new() };
    let fields = [
        ("initiate_enabled", "on".to_owned()),
        ("initiate_kind", initiate.kind.clone()),
        ("initiate_address", initiate.address.as_str().to_owned()),
        ("initiate_region", initiate.region.clone().unwrap_or_default()),
    ];
    fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// Applies the form to the settings.
pub(super) fn read(form: &Form, settings: InboxSettings) -> InboxSettings {
    let initiate = form.contains("initiate_enabled").then(|| InitiateSettings {
        kind: form.get("initiate_kind").to_owned(),
        address: form.get("initiate_address").parse().unwrap_or(AddressKind::Phone),
        region: form.trimmed("initiate_region").map(str::to_owned),
    });
    InboxSettings { initiate, ..settings }
}

/// Moves an error to its form field.
pub(super) fn at_field(invalid: ValidationError) -> ValidationError {
    let field = match &*invalid.field {
        "initiate.kind" => "initiate_kind",
        "initiate.region" => "initiate_region",
        _ => return invalid,
    };
    ValidationError::new(field, invalid.reason)
}

pub(super) fn fields(lang: UiLanguage, form: &Form) -> Markup {
    let kinds = [(AddressKind::Phone, phrases::PHONE), (AddressKind::Email, phrases::EMAIL)]
        .map(|(kind, word)| (kind.as_str().to_owned(), word.t(lang).to_owned()));
    view! {
        <fieldset class="group">
            <legend>{phrases::INITIATE.t(lang)}</legend>
            <Checkbox form=form.clone() name="initiate_enabled" label=phrases::OUTBOUND_CONVERSATIONS_ENABLED.t(lang) hint=phrases::ENABLED_HINT.t(lang)/>
            <Field form=form.clone() name="initiate_kind" label=phrases::KIND.t(lang) hint=phrases::KIND_HINT.t(lang) placeholder="whatsapp"/>
            <Select form=form.clone() name="initiate_address" label=phrases::ADDRESS.t(lang) options=kinds.to_vec()/>
            <Field form=form.clone() name="initiate_region" label=phrases::REGION.t(lang) hint=phrases::REGION_HINT.t(lang) placeholder="NL"/>
        </fieldset>
    }
    .into_markup()
}
