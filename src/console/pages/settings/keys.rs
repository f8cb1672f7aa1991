//! The keys of a site's backends.

use super::tab;
use crate::web::html::{IntoMarkup, Markup};
use crate::{
    console::{
        Console,
        error::ConsoleError,
        form::Form,
        phrases::{NAME, Phrase, words},
        request_context::{Member, redirect},
        view::{
            Badge, Button, Checkbox, Confirm, CopyField, Errors, Field, Page, Table, Tone,
            csrf_field, page, relative_time,
        },
    },
    domain::{ApiKey, Role, Scope, Scopes, ValidationError},
};
use axum::{
    Router,
    extract::{Path, State},
    http::StatusCode,
    response::Response,
    routing::get,
};
use leptos::prelude::*;

words! {
    TITLE: "API keys", "Ключі API";
    TEXT: "Your backend sends a key with each call. Keep it on your server, never in a page.", "Ваш сервер надсилає ключ із кожним викликом. Тримайте його на сервері, ніколи на сторінці.";
    KEY: "Key", "Ключ";
    MADE: "Created", "Створено";
    USED: "Last used", "Востаннє";
    NEVER: "never", "ніколи";
    OVER: "Revoked", "Відкликано";
    NEW: "New key", "Новий ключ";
    NAME_HINT: "Where it is used, such as “shop backend”.", "Де його використовують, наприклад «сервер магазину».";
    FOR: "Allowed for", "Дозволено";
    ALL: "everything", "усе";
    READ: "Reading data", "Читання даних";
    SEND: "Sending messages", "Надсилання повідомлень";
    CONTACTS: "Contacts, segments and reader tokens", "Контакти, сегменти й токени читачів";
    THEMES: "Themes", "Теми";
    WEBHOOKS: "Webhooks", "Вебхуки";
    ADMIN: "Keys, settings and the audit log", "Ключі, налаштування й журнал дій";
    NO_SCOPE: "choose at least one", "виберіть хоча б одне";
    CREATE: "Create key", "Створити ключ";
    READY: "The key is ready", "Ключ готовий";
    ONCE: "Copy it now: it won’t be shown again. Store it like a password.", "Скопіюйте його зараз: більше його не буде показано. Зберігайте його як пароль.";
    BACK: "Back to the keys", "До ключів";
    REVOKE: "Revoke", "Відкликати";
    REVOKE_TITLE: "Revoke {name}?", "Відкликати {name}?";
    REVOKE_TEXT: "Everything that uses this key stops working immediately, and readers who got their token with it are signed out until the page requests a new one. This can’t be undone.", "Усе, що використовує цей ключ, одразу перестане працювати, а читачі, які отримали ним токен, вийдуть, доки сторінка не запитає новий. Цього не можна скасувати.";
    REVOKED: "Key revoked.", "Ключ відкликано.";
}

const HERE: &str = "settings/keys";

pub(super) fn routes() -> Router<Console> {
    Router::new()
        .route("/sites/{site}/settings/keys", get(show).post(create))
        .route("/sites/{site}/settings/keys/{key}/revoke", get(ask).post(revoke))
}

async fn show(State(console): State<Console>, who: Member) -> Result<Response, ConsoleError> {
    who.may(Role::Owner)?;
    keys_page(StatusCode::OK, &console, &who, untouched()).await
}

const SCOPES: [(Scope, Phrase); 6] = [
    (Scope::Read, READ),
    (Scope::Send, SEND),
    (Scope::Contacts, CONTACTS),
    (Scope::Themes, THEMES),
    (Scope::Webhooks, WEBHOOKS),
    (Scope::Admin, ADMIN),
];

/// What a new key is good for unless one ticks otherwise: all that a backend does, and nothing that
/// an owner does.
fn untouched() -> Form {
    Form::of([("scope", "read"), ("scope", "send"), ("scope", "contacts")])
}

fn scopes_field(who: &Member, form: &Form) -> Markup {
    let lang = who.lang;
    let boxes =
        SCOPES.map(|(scope, word)| view! { <Checkbox form=form.clone() name="scope" value=scope.as_str() label=word.t(lang)/> }.into_markup());
    let error = form.error("scopes");
    view! {
        <fieldset class="field">
            <legend>{FOR.t(lang)}</legend>
            {boxes.into_iter().collect_view()}
            {error.map(|error| view! { <p class="wrong">{error}</p> })}
        </fieldset>
    }
    .into_markup()
}

fn row(who: &Member, key: &ApiKey) -> Markup {
    let lang = who.lang;
    let used =
        key.last_used_at.map_or_else(|| NEVER.t(lang).into_markup(), |at| relative_time(who, at));
    let everything = key.scopes == Scopes::all();
    let scopes = if everything {
        ALL.t(lang).to_owned()
    } else {
        key.scopes.iter().map(Scope::as_str).collect::<Vec<_>>().join(", ")
    };
    let end = if key.revoked_at.is_some() {
        view! { <Badge>{OVER.t(lang)}</Badge> }.into_markup()
    } else {
        view! { <a class="quiet" href=who.path(&format!("{HERE}/{}/revoke", key.id))>{REVOKE.t(lang)}</a> }.into_markup()
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
    let mut keys = console.inbox.keys(who.site.id).await?;
    keys.sort_by_key(|key| key.revoked_at.is_some());
    let rows = keys.iter().map(|key| row(who, key)).collect_view();
    let content = view! {
        <section>
            <p class="lead">{TEXT.t(lang)}</p>
            <Table caption=TITLE.t(lang) columns=vec![NAME.t(lang), KEY.t(lang), FOR.t(lang), MADE.t(lang), USED.t(lang), ""]>{rows}</Table>
        </section>
        <section class="narrow">
            <h2>{NEW.t(lang)}</h2>
            <form method="post" action=who.path(HERE)>
                {csrf_field(who)}
                <Errors form=form.clone() fields=&["name", "scopes"]/>
                <Field form=form.clone() name="name" label=NAME.t(lang) hint=NAME_HINT.t(lang) required=true/>
                {scopes_field(who, &form)}
                <Button tone=Tone::Accent>{CREATE.t(lang)}</Button>
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
    who.may(Role::Owner)?;
    let lang = who.lang;
    let name = form.get("name").trim();
    if name.is_empty() || name.chars().count() > 100 || name.chars().any(char::is_control) {
        let form = form
            .clone()
            .refused(ValidationError::new("name", "must have 1 to 100 printable characters"));
        return keys_page(StatusCode::UNPROCESSABLE_ENTITY, &console, &who, form).await;
    }
    let scopes: Scopes = SCOPES
        .into_iter()
        .map(|(scope, _)| scope)
        .filter(|scope| form.all("scope").any(|ticked| ticked == scope.as_str()))
        .collect();
    if scopes == Scopes::default() {
        let form = form.clone().refused(ValidationError::new("scopes", NO_SCOPE.t(lang)));
        return keys_page(StatusCode::UNPROCESSABLE_ENTITY, &console, &who, form).await;
    }
    let (_, secret) = who
        .acting(
            &console,
            "key.created",
            "",
            console.inbox.create_scoped_key(who.site.id, name, scopes),
        )
        .await?;
    let content = view! {
        <p class="lead">{ONCE.t(lang)}</p>
        <CopyField lang=lang name="key" label=KEY.t(lang) value=secret.reveal()/>
        <Button href=who.path(HERE)>{BACK.t(lang)}</Button>
    };
    Ok(page(&who, Page::new(READY.t(lang)).of(&who, "settings").narrow(), content))
}

/// A key in use that an address names.
async fn named(console: &Console, who: &Member, key: &str) -> Result<ApiKey, ConsoleError> {
    let keys = console.inbox.keys(who.site.id).await?;
    keys.into_iter()
        .find(|of| of.id.0 == key && of.revoked_at.is_none())
        .ok_or(ConsoleError::NotFound)
}

async fn ask(
    State(console): State<Console>,
    who: Member,
    Path((_, key)): Path<(String, String)>,
) -> Result<Response, ConsoleError> {
    who.may(Role::Owner)?;
    let (lang, key) = (who.lang, named(&console, &who, &key).await?);
    let content = view! { <Confirm visit=who.visit.clone() text=REVOKE_TEXT.t(lang) action=REVOKE.t(lang) back=who.path(HERE)/> };
    let title = REVOKE_TITLE.with(lang, &[("name", &key.name)]);
    Ok(page(
        &who,
        Page::new(title).of(&who, "settings").crumb(who.path(HERE), TITLE.t(lang)).narrow(),
        content,
    ))
}

async fn revoke(
    State(console): State<Console>,
    who: Member,
    Path((_, key)): Path<(String, String)>,
    _form: Form,
) -> Result<Response, ConsoleError> {
    who.may(Role::Owner)?;
    let key = named(&console, &who, &key).await?;
    who.acting(&console, "key.revoked", &key.id.0, console.inbox.revoke_key(who.site.id, &key.id))
        .await?;
    who.done(REVOKED.t(who.lang)).await?;
    Ok(redirect(&who.path(HERE)))
}
