//! The form of an inbox's settings: its fields, initial values and parser.

use super::{hours, outbound_conversations};
use crate::{
    error::ConsoleError,
    form::Form,
    phrases::{NAME, UiLanguage},
    view::{Checkbox, Field, TextArea},
};
use belfry_app::channel::ChannelError;
use belfry_domain::{
    ValidationError,
    channel::{InboxSettings, Rejection},
};
use belfry_locales::phrases::console_inboxes as phrases;
use belfry_locales::phrases::errors;
use belfry_store::StoreError;
use belfry_web::html::{IntoMarkup, Markup};
use leptos::prelude::*;

/// Fields that show their own errors.
pub(super) const FIELDS: &[&str] = &[
    "name",
    "webhook_url",
    "greeting_message",
    "out_of_office_message",
    "timezone",
    "initiate_kind",
    "initiate_region",
    "open_0",
    "open_1",
    "open_2",
    "open_3",
    "open_4",
    "open_5",
    "open_6",
    "close_0",
    "close_1",
    "close_2",
    "close_3",
    "close_4",
    "close_5",
    "close_6",
];

/// The initial values of an inbox's form.
pub(super) fn of(settings: &InboxSettings) -> Form {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let fields = [
        ("name", settings.name.clone()),
        ("webhook_url", text(&settings.callback_url)),
        ("greeting_message", text(&settings.greeting_message)),
    ];
    let boxes = [
        ("upstream_headers", settings.upstream_headers),
        ("hmac_mandatory", settings.hmac_mandatory),
        ("lock_to_single_conversation", settings.lock_to_single_conversation),
        ("greeting_enabled", settings.greeting_enabled),
    ];
    let ticked = boxes.into_iter().filter(|(_, on)| *on).map(|(name, _)| (name, "on".to_owned()));
    let own = fields.into_iter().chain(ticked).map(|(name, value)| (name.to_owned(), value));
    Form::from_fields(
        own.chain(outbound_conversations::of(settings)).chain(hours::of(settings)).collect(),
    )
}

/// Applies the form to the settings.
pub(super) fn read(form: &Form, settings: &InboxSettings) -> InboxSettings {
    let settings = InboxSettings {
        name: form.get("name").to_owned(),
        callback_url: form.trimmed("webhook_url").map(str::to_owned),
        upstream_headers: form.contains("upstream_headers"),
        hmac_mandatory: form.contains("hmac_mandatory"),
        lock_to_single_conversation: form.contains("lock_to_single_conversation"),
        greeting_enabled: form.contains("greeting_enabled"),
        greeting_message: form.trimmed("greeting_message").map(str::to_owned),
        ..settings.clone()
    };
    hours::read(form, outbound_conversations::read(form, settings))
}

/// Checked in the form only: an enabled greeting requires a text.
pub(super) fn incomplete(form: &Form) -> Option<ValidationError> {
    let is_empty = form.contains("greeting_enabled") && form.trimmed("greeting_message").is_none();
    is_empty.then(|| ValidationError::new("greeting_message", errors::REQUIRED))
}

/// The validation error of an error, if it is one.
pub(super) fn wrong(error: ChannelError) -> Result<ValidationError, ConsoleError> {
    match error {
        ChannelError::Rejected(Rejection::Invalid(invalid))
        | ChannelError::Store(StoreError::Limit(invalid)) => {
            Ok(hours::at_field(outbound_conversations::at_field(invalid)))
        }
        other => Err(other.into()),
    }
}

/// Name and callback URL, the fields for a new inbox.
pub(super) fn first_fields(lang: UiLanguage, form: &Form) -> Markup {
    view! {
        <Field form=form.clone() name="name" label=NAME.t(lang) hint=phrases::NAME_HINT.t(lang) required=true/>
        <Field form=form.clone() name="webhook_url" label=phrases::CALLBACK.t(lang) kind="url" hint=phrases::CALLBACK_HINT.t(lang) placeholder="https://shop.example/hooks/belfry"/>
    }
    .into_markup()
}

/// All fields.
pub(super) fn fields(lang: UiLanguage, form: &Form) -> Markup {
    let tick = |name: &'static str, label: &'static str, hint: &'static str| view! { <Checkbox form=form.clone() name=name label=label hint=hint/> };
    view! {
        {first_fields(lang, form)}
        {tick("upstream_headers", phrases::UPSTREAM.t(lang), phrases::UPSTREAM_HINT.t(lang))}
        <fieldset class="group">
            <legend>{phrases::VISITORS.t(lang)}</legend>
            {tick("hmac_mandatory", phrases::FORM_PROOF.t(lang), phrases::PROOF_HINT.t(lang))}
            {tick("lock_to_single_conversation", phrases::LOCK.t(lang), phrases::LOCK_HINT.t(lang))}
        </fieldset>
        <fieldset class="group">
            <legend>{phrases::AUTOMATIC.t(lang)}</legend>
            <Checkbox form=form.clone() name="greeting_enabled" label=phrases::GREETING.t(lang)/>
            <TextArea form=form.clone() name="greeting_message" label=phrases::GREETING_TEXT.t(lang) rows=3 hint=phrases::GREETING_HINT.t(lang)/>
        </fieldset>
        {outbound_conversations::fields(lang, form)}
        {hours::fields(lang, form)}
    }
    .into_markup()
}
