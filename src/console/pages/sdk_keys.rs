//! The signing keys of the Inbox SDK, of a site or of one of its inboxes: what both pages show and
//! do.

use crate::web::html::{IntoMarkup, Markup};
use crate::{
    app::channel::ChannelError,
    console::{
        Console,
        error::ConsoleError,
        form::Form,
        phrases::{NAME, words},
        request_context::{Member, redirect},
        view::{
            Button, CodeBlock, Confirm, CopyField, Errors, Field, Page, Table, Tone, csrf_field,
            page, relative_time,
        },
    },
    domain::{
        ValidationError,
        channel::Rejection,
        sdk::{MAX_KEY_LABEL_CHARS, SdkKey, SdkKeyId, SdkScope, SigningKey},
    },
    store::StoreError,
};
use axum::response::Response;
use leptos::prelude::*;

words! {
    TITLE: "Inbox SDK", "Inbox SDK";
    TEXT_SITE: "Your back office shows the inbox of your agents with the Inbox SDK. Its backend signs a JWT for each agent with one of these keys; agents with a key of the site see all of its inboxes.", "Ваш бек-офіс показує скриньку агентів за допомогою Inbox SDK. Його сервер підписує JWT для кожного агента одним із цих ключів; агенти з ключем сайту бачать усі його скриньки.";
    TEXT_INBOX: "Your back office shows the inbox of your agents with the Inbox SDK. Its backend signs a JWT for each agent with one of these keys; agents with a key of this inbox see no other.", "Ваш бек-офіс показує скриньку агентів за допомогою Inbox SDK. Його сервер підписує JWT для кожного агента одним із цих ключів; агенти з ключем цієї скриньки не бачать інших.";
    KEYS: "Signing keys", "Ключі підпису";
    NONE: "No signing keys yet.", "Ще немає ключів підпису.";
    MADE: "Created", "Створено";
    USED: "Last used", "Востаннє";
    NEVER: "never", "ніколи";
    NEW: "New signing key", "Новий ключ підпису";
    LABEL_HINT: "Where it is used, such as “back office”.", "Де його використовують, наприклад «бек-офіс».";
    CREATE: "Create signing key", "Створити ключ підпису";
    CLAIMS: "Claims of a JWT, signed with HS256", "Дані JWT, підписаного за HS256";
    READY: "The signing key is ready", "Ключ підпису готовий";
    ONCE: "Copy it now: it won’t be shown again. Store it like a password, on your server and never in a page.", "Скопіюйте його зараз: більше його не буде показано. Зберігайте його як пароль, на сервері й ніколи на сторінці.";
    KEY: "Signing key", "Ключ підпису";
    BACK: "Back to the signing keys", "До ключів підпису";
    REVOKE: "Revoke", "Відкликати";
    REVOKE_TITLE: "Revoke {name}?", "Відкликати {name}?";
    REVOKE_TEXT: "JWTs signed with this key are rejected from now on, and agents signed in with one are signed out within a second. This can’t be undone.", "JWT, підписані цим ключем, відтепер буде відхилено, а агенти, які з ними увійшли, за секунду вийдуть. Цього не можна скасувати.";
    REVOKED: "Signing key revoked.", "Ключ підпису відкликано.";
}

/// Where the keys of one scope are shown.
pub(super) struct SdkKeyPlace {
    /// Which keys.
    pub scope: SdkScope,
    /// The UUID that JWTs name.
    pub uuid: String,
    /// The address of the list.
    pub path: String,
    /// The page of the console that it belongs to.
    pub about: Page,
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
    let used =
        key.last_used_at.map_or_else(|| NEVER.t(lang).into_markup(), |at| relative_time(who, at));
    view! {
        <tr>
            <td class="main">{key.label.clone()}</td>
            <td class="quiet">{relative_time(who, key.created_at)}</td>
            <td class="quiet">{used}</td>
            <td class="number"><a class="quiet" href=format!("{}/{}/revoke", place.path, key.id)>{REVOKE.t(lang)}</a></td>
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
    let text = if place.scope.inbox().is_some() { TEXT_INBOX } else { TEXT_SITE };
    let list = if keys.is_empty() {
        view! { <p class="quiet">{NONE.t(lang)}</p> }.into_markup()
    } else {
        let rows: Vec<Markup> = keys.iter().map(|key| row(who, place, key)).collect();
        let columns = vec![NAME.t(lang), MADE.t(lang), USED.t(lang), ""];
        view! { <Table caption=KEYS.t(lang) columns=columns>{rows}</Table> }.into_markup()
    };
    Ok(view! {
        <section>
            <p class="lead">{text.t(lang)}</p>
            {list}
        </section>
        <section class="narrow">
            <h2>{NEW.t(lang)}</h2>
            <form method="post" action=place.path.clone()>
                {csrf_field(who)}
                <Errors form=form.clone() fields=&["label"]/>
                <Field form=form.clone() name="label" label=NAME.t(lang) hint=LABEL_HINT.t(lang) required=true/>
                <Button tone=Tone::Accent>{CREATE.t(lang)}</Button>
            </form>
        </section>
        <section class="narrow">
            <CodeBlock lang=lang name="claims" label=CLAIMS.t(lang) value=place.claims()/>
        </section>
    }
    .into_markup())
}

/// The keys of a place, oldest first.
async fn keys(
    console: &Console,
    who: &Member,
    place: &SdkKeyPlace,
) -> Result<Vec<SdkKey>, ConsoleError> {
    let keys = console.inbox.sdk_keys(who.site.id).await?;
    Ok(keys.into_iter().filter(|key| key.scope == place.scope).collect())
}

/// What a form asks for: the page with the new key, or the form with what is wrong.
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
        let reason = format!("must have 1 to {MAX_KEY_LABEL_CHARS} printable characters");
        return Ok(Err((place, form.refused(ValidationError::new("label", reason)))));
    }
    let making = console.inbox.create_sdk_key(who.site.id, place.scope.inbox(), &label);
    match who.acting(console, "sdk-key.created", &label, making).await {
        Ok(created) => Ok(Ok(made(who, place, &created.secret))),
        Err(
            ChannelError::Store(StoreError::Limit(invalid))
            | ChannelError::Rejected(Rejection::Invalid(invalid)),
        ) => Ok(Err((place, form.refused(ValidationError::new("label", invalid.reason))))),
        Err(other) => Err(other.into()),
    }
}

/// Shown in the answer itself rather than after a redirect: the key is sealed where it is kept.
fn made(who: &Member, place: SdkKeyPlace, secret: &SigningKey) -> Response {
    let lang = who.lang;
    let content = view! {
        <p class="lead">{ONCE.t(lang)}</p>
        <CopyField lang=lang name="uuid" label=place.claim() value=place.uuid.clone()/>
        <CopyField lang=lang name="signing-key" label=KEY.t(lang) value=secret.reveal().to_owned()/>
        <Button href=place.path.clone()>{BACK.t(lang)}</Button>
    };
    page(who, place.about.titled(READY.t(lang)).narrow(), content)
}

/// A key of this place that an address names.
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

/// Whether a key is really to be revoked.
pub(super) async fn ask(
    console: &Console,
    who: &Member,
    place: SdkKeyPlace,
    id: SdkKeyId,
) -> Result<Response, ConsoleError> {
    let (lang, key) = (who.lang, named(console, who, &place, id).await?);
    let content = view! { <Confirm visit=who.visit.clone() text=REVOKE_TEXT.t(lang) action=REVOKE.t(lang) back=place.path.clone()/> };
    let title = REVOKE_TITLE.with(lang, &[("name", &key.label)]);
    Ok(page(who, place.about.titled(title).crumb(place.path, TITLE.t(lang)).narrow(), content))
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
        .acting(
            console,
            "sdk-key.revoked",
            &key.label,
            console.inbox.revoke_sdk_key(who.site.id, key.id),
        )
        .await?;
    if !is_revoked {
        return Err(ConsoleError::NotFound);
    }
    who.done(REVOKED.t(who.lang)).await?;
    Ok(redirect(&place.path))
}
