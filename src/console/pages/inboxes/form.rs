//! The form of an inbox's settings: what stands in it, and what it says.

use super::{CALLBACK, hours, outbound_conversations};
use crate::web::html::{IntoMarkup, Markup};
use crate::{
    app::channel::ChannelError,
    console::{
        error::ConsoleError,
        form::Form,
        phrases::{NAME, UiLanguage, words},
        view::{Checkbox, Field, TextArea},
    },
    domain::{
        ValidationError,
        channel::{InboxSettings, Rejection},
    },
    store::StoreError,
};
use leptos::prelude::*;

words! {
    NAME_HINT: "What your team sees, such as “Shop” or “Support”.", "Що бачить ваша команда, наприклад «Магазин» чи «Підтримка».";
    CALLBACK_HINT: "Belfry sends each message and each change of a conversation there, signed. Leave empty to send nothing.", "Сюди Belfry надсилає кожне повідомлення й кожну зміну розмови, з підписом. Залиште порожнім, щоб не надсилати.";
    UPSTREAM: "Also send the X-Chatwoot-… headers", "Надсилати також заголовки X-Chatwoot-…";
    UPSTREAM_HINT: "For receivers that expect them. The values are those of the X-Belfry-… headers.", "Для отримувачів, які їх очікують. Значення ті самі, що в заголовках X-Belfry-….";
    VISITORS: "Visitors", "Відвідувачі";
    PROOF: "Require identity verification (HMAC)", "Вимагати підтвердження особи (HMAC)";
    PROOF_HINT: "Each contact then needs an identifier and the hash that your backend computes from it with the HMAC token.", "Тоді кожному контакту потрібен ідентифікатор і хеш, який ваш сервер обчислює з нього токеном HMAC.";
    LOCK: "One conversation per visitor", "Одна розмова для кожного відвідувача";
    LOCK_HINT: "When a visitor writes again, their previous conversation continues.", "Коли відвідувач пише знову, триває його попередня розмова.";
    AUTOMATIC: "Greeting", "Вітання";
    GREETING: "Greet contacts on their first message", "Вітати тих, хто пише вперше";
    GREETING_TEXT: "Greeting text", "Текст вітання";
    GREETING_HINT: "Sent automatically after the first message of a conversation.", "Надсилається автоматично після першого повідомлення розмови.";
}

/// The fields that show what is wrong with them.
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

/// What the form of an inbox begins with.
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
    Form::filled(
        own.chain(outbound_conversations::of(settings)).chain(hours::of(settings)).collect(),
    )
}

/// The settings with what the form says of them.
pub(super) fn read(form: &Form, settings: &InboxSettings) -> InboxSettings {
    let settings = InboxSettings {
        name: form.get("name").to_owned(),
        callback_url: form.maybe("webhook_url").map(str::to_owned),
        upstream_headers: form.has("upstream_headers"),
        hmac_mandatory: form.has("hmac_mandatory"),
        lock_to_single_conversation: form.has("lock_to_single_conversation"),
        greeting_enabled: form.has("greeting_enabled"),
        greeting_message: form.maybe("greeting_message").map(str::to_owned),
        ..settings.clone()
    };
    hours::read(form, outbound_conversations::read(form, settings))
}

/// Required in the form only: a greeting that is switched on needs its text.
pub(super) fn incomplete(form: &Form) -> Option<ValidationError> {
    let is_empty = form.has("greeting_enabled") && form.maybe("greeting_message").is_none();
    is_empty.then(|| ValidationError::new("greeting_message", "is required"))
}

/// What is wrong with a form, where that is why nothing was done.
pub(super) fn wrong(error: ChannelError) -> Result<ValidationError, ConsoleError> {
    match error {
        ChannelError::Rejected(Rejection::Invalid(invalid))
        | ChannelError::Store(StoreError::Limit(invalid)) => {
            Ok(hours::at_field(outbound_conversations::at_field(invalid)))
        }
        other => Err(other.into()),
    }
}

/// Name and callback URL, which a new inbox is asked for.
pub(super) fn first_fields(lang: UiLanguage, form: &Form) -> Markup {
    view! {
        <Field form=form.clone() name="name" label=NAME.t(lang) hint=NAME_HINT.t(lang) required=true/>
        <Field form=form.clone() name="webhook_url" label=CALLBACK.t(lang) kind="url" hint=CALLBACK_HINT.t(lang) placeholder="https://shop.example/hooks/belfry"/>
    }
    .into_markup()
}

/// All fields.
pub(super) fn fields(lang: UiLanguage, form: &Form) -> Markup {
    let tick = |name: &'static str, label: &'static str, hint: &'static str| view! { <Checkbox form=form.clone() name=name label=label hint=hint/> };
    view! {
        {first_fields(lang, form)}
        {tick("upstream_headers", UPSTREAM.t(lang), UPSTREAM_HINT.t(lang))}
        <fieldset class="group">
            <legend>{VISITORS.t(lang)}</legend>
            {tick("hmac_mandatory", PROOF.t(lang), PROOF_HINT.t(lang))}
            {tick("lock_to_single_conversation", LOCK.t(lang), LOCK_HINT.t(lang))}
        </fieldset>
        <fieldset class="group">
            <legend>{AUTOMATIC.t(lang)}</legend>
            <Checkbox form=form.clone() name="greeting_enabled" label=GREETING.t(lang)/>
            <TextArea form=form.clone() name="greeting_message" label=GREETING_TEXT.t(lang) rows=3 hint=GREETING_HINT.t(lang)/>
        </fieldset>
        {outbound_conversations::fields(lang, form)}
        {hours::fields(lang, form)}
    }
    .into_markup()
}
