//! The part of an inbox's form that says whether agents begin conversations on it, and with whom.
//!
//! Must not know what follows from it. [`super::form`] puts it between its other fields.

use crate::web::html::{IntoMarkup, Markup};
use crate::{
    console::{
        form::Form,
        phrases::{UiLanguage, words},
        view::{Checkbox, Field, Select},
    },
    domain::{
        ValidationError,
        channel::InboxSettings,
        sdk::{AddressKind, InitiateSettings},
    },
};
use leptos::prelude::*;

words! {
    INITIATE: "Conversations started by agents", "Розмови, які починають агенти";
    ENABLED: "Agents can start conversations here", "Агенти можуть починати тут розмови";
    ENABLED_HINT: "In the Inbox SDK. The first message is sent to the callback URL like any other, and your program delivers it.", "В Inbox SDK. Перше повідомлення, як і решта, надходить на адресу зворотного виклику, а доставляє його ваша програма.";
    KIND: "Channel", "Канал";
    KIND_HINT: "Its name for programs: whatsapp, sms, email or another word.", "Її назва для програм: whatsapp, sms, email чи інше слово.";
    ADDRESS: "Contacts are reached by", "Зв’язок із контактами за";
    PHONE: "Phone number", "Номером телефону";
    EMAIL: "E-mail address", "Адресою електронної пошти";
    REGION: "Country", "Країна";
    REGION_HINT: "Two letters, such as NL: phone numbers of this country need no country code. Leave empty to require it for all numbers.", "Дві літери, як-от UA: номери цієї країни пишуть без її коду. Залиште порожнім, щоб вимагати код завжди.";
}

/// What the form begins with.
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

/// The settings with what the form says of it.
pub(super) fn read(form: &Form, settings: InboxSettings) -> InboxSettings {
    let initiate = form.has("initiate_enabled").then(|| InitiateSettings {
        kind: form.get("initiate_kind").to_owned(),
        address: form.get("initiate_address").parse().unwrap_or(AddressKind::Phone),
        region: form.maybe("initiate_region").map(str::to_owned),
    });
    InboxSettings { initiate, ..settings }
}

/// What is wrong with it, at the field of the form that says it.
pub(super) fn at_field(invalid: ValidationError) -> ValidationError {
    let field = match &*invalid.field {
        "initiate.kind" => "initiate_kind",
        "initiate.region" => "initiate_region",
        _ => return invalid,
    };
    ValidationError::new(field, invalid.reason)
}

pub(super) fn fields(lang: UiLanguage, form: &Form) -> Markup {
    let kinds = [(AddressKind::Phone, PHONE), (AddressKind::Email, EMAIL)]
        .map(|(kind, word)| (kind.as_str().to_owned(), word.t(lang).to_owned()));
    view! {
        <fieldset class="group">
            <legend>{INITIATE.t(lang)}</legend>
            <Checkbox form=form.clone() name="initiate_enabled" label=ENABLED.t(lang) hint=ENABLED_HINT.t(lang)/>
            <Field form=form.clone() name="initiate_kind" label=KIND.t(lang) hint=KIND_HINT.t(lang) placeholder="whatsapp"/>
            <Select form=form.clone() name="initiate_address" label=ADDRESS.t(lang) options=kinds.to_vec()/>
            <Field form=form.clone() name="initiate_region" label=REGION.t(lang) hint=REGION_HINT.t(lang) placeholder="NL"/>
        </fieldset>
    }
    .into_markup()
}
