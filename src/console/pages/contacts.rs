//! The contacts of a site: the searchable list, and the routes of its subpages.

mod edit;
mod erase;
mod import;
mod mapping;
mod pending_imports;
mod profile;
mod progress;

pub(in crate::console) use pending_imports::PendingImports;

use crate::web::html::{IntoMarkup, Markup};
use crate::{
    console::{
        Console,
        error::ConsoleError,
        form::Form,
        phrases::{UiLanguage, words},
        request_context::Member,
        view::{
            Badge, Button, EmptyState, Field, Page, Pager, Table, Tone, page, relative_time_at,
        },
    },
    domain::{Contact, ContactFilter, ContactId, Role},
};
use axum::{
    Router,
    extract::{DefaultBodyLimit, Query, State},
    response::Response,
    routing::get,
};
use leptos::prelude::*;
use serde::Deserialize;

words! {
    TITLE: "Contacts", "Контакти";
    NAME_OF_PERSON: "Person", "Особа";
    SEARCH: "Search contacts", "Пошук контактів";
    SEARCH_HINT: "Name, e-mail, phone or customer ID", "Ім’я, пошта, телефон або ID клієнта";
    FIND: "Search", "Шукати";
    REACH: "E-mail and phone", "Пошта й телефон";
    OWN_ID: "Customer ID", "ID клієнта";
    SPEAKS: "Language", "Мова";
    SEEN: "Last seen", "Востаннє";
    NEVER: "never", "ніколи";
    IMPORT: "Import", "Імпорт";
    ADD: "Add contact", "Додати контакт";
    COUNT: "{count} contacts", "Контактів: {count}";
    COUNT_CAPPED: "more than {count} contacts", "понад {count} контактів";
    NONE_FIT: "No contacts found", "Контактів не знайдено";
    NONE_FIT_TEXT: "No contact has “{text}” in the name, e-mail, phone or customer ID.", "У жодного контакту немає «{text}» в імені, пошті, телефоні чи ID клієнта.";
    ALL: "Show all", "Показати всі";
    EMPTY: "No contacts yet", "Ще немає контактів";
    EMPTY_TEXT: "Contacts are the people who can read your messages. Your backend adds them when they sign in, or you can import a table here.", "Контакти — це люди, які можуть читати ваші повідомлення. Їх додає ваш сервер, коли вони входять, або імпортуйте таблицю тут.";
    EMPTY_CALL: "From your backend", "З вашого сервера";
    EMPTY_CALL_TEXT: "One call adds a contact, or updates the one with the same ID, e-mail or phone. Use an API key of this site.", "Один виклик додає контакт або оновлює наявний із тим самим ID, поштою чи телефоном. Візьміть ключ API цього сайту.";
}

/// Rows per page.
const CONTACTS_PER_PAGE: u32 = 50;
/// Longest search text, in characters.
const MAX_SEARCH_CHARS: usize = 200;

pub(super) fn routes() -> Router<Console> {
    let import =
        get(import::ask).post(import::take).layer(DefaultBodyLimit::max(import::MAX_UPLOAD_BYTES));
    Router::new()
        .route("/sites/{site}/contacts", get(list))
        .route("/sites/{site}/contacts/new", get(edit::blank).post(edit::create))
        .route("/sites/{site}/contacts/import", import)
        .route("/sites/{site}/contacts/import/{sheet}", get(mapping::show).post(mapping::keep))
        .route(
            "/sites/{site}/contacts/import/{sheet}/check",
            get(mapping::check).post(mapping::start),
        )
        .route("/sites/{site}/contacts/imports", get(progress::list))
        .route("/sites/{site}/contacts/imports/{import}", get(progress::show))
        .route("/sites/{site}/contacts/imports/{import}/errors.csv", get(progress::errors))
        .route("/sites/{site}/contacts/{contact}", get(profile::show))
        .route("/sites/{site}/contacts/{contact}/edit", get(edit::show).post(edit::save))
        .route("/sites/{site}/contacts/{contact}/export", get(erase::export))
        .route("/sites/{site}/contacts/{contact}/erase", get(erase::ask).post(erase::erase))
}

/// A contact's display name, or the best identifier.
fn display_name(contact: &Contact) -> String {
    let name: Vec<&str> = [&contact.first_name, &contact.last_name]
        .into_iter()
        .flatten()
        .map(String::as_str)
        .collect();
    if !name.is_empty() {
        return name.join(" ");
    }
    [&contact.email, &contact.phone, &contact.external_id]
        .into_iter()
        .flatten()
        .next()
        .cloned()
        .unwrap_or_else(|| format!("#{}", contact.id))
}

#[derive(Deserialize)]
struct ListParams {
    q: Option<String>,
    cursor: Option<String>,
}

fn address(member: &Member, q: &str, cursor: Option<ContactId>) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    if !q.is_empty() {
        query.append_pair("q", q);
    }
    if let Some(cursor) = cursor {
        query.append_pair("cursor", &cursor.to_string());
    }
    let query = query.finish();
    let path = member.path("contacts");
    if query.is_empty() { path } else { format!("{path}?{query}") }
}

async fn list(
    State(console): State<Console>,
    member: Member,
    Query(asked): Query<ListParams>,
) -> Result<Response, ConsoleError> {
    let lang = member.lang;
    let q: String = asked.q.unwrap_or_default().trim().chars().take(MAX_SEARCH_CHARS).collect();
    let cursor = asked.cursor.and_then(|text| text.parse().ok()).map(ContactId);
    let filter =
        ContactFilter { text: (!q.is_empty()).then(|| q.clone()), ..ContactFilter::default() };
    let found =
        console.inbox.list_contacts(member.site.id, &filter, cursor, CONTACTS_PER_PAGE).await?;
    let writes = member.role >= Role::Editor;
    let actions = writes.then(|| {
        view! {
            <Button href=member.path("contacts/import")>{IMPORT.t(lang)}</Button>
            <Button tone=Tone::Accent href=member.path("contacts/new")>{ADD.t(lang)}</Button>
        }
    });
    let about = Page::new(TITLE.t(lang)).of(&member, "contacts").actions(actions);
    if found.contacts.is_empty() && q.is_empty() && cursor.is_none() {
        return Ok(page(&member, about, teaching(&console, &member)));
    }
    let count =
        if found.capped { COUNT_CAPPED } else { COUNT }.with(lang, &[("count", &found.count)]);
    let search = view! {
        <form method="get" role="search" class="search">
            <Field form=Form::of([("q", q.clone())]) name="q" kind="search" label=SEARCH.t(lang) placeholder=SEARCH_HINT.t(lang)/>
            <button class="button">{FIND.t(lang)}</button>
            <p class="quiet count">{count}</p>
        </form>
    }
    .into_markup();
    let body = if found.contacts.is_empty() {
        let everybody = member.path("contacts");
        view! {
            <EmptyState title=NONE_FIT.t(lang) text=NONE_FIT_TEXT.with(lang, &[("text", &q)])>
                <Button href=everybody>{ALL.t(lang)}</Button>
            </EmptyState>
        }
        .into_markup()
    } else {
        let now = console.inbox.now();
        let rows = found
            .contacts
            .into_iter()
            .map(|contact| row(lang, &member, now, contact))
            .collect_view()
            .into_markup();
        let columns = vec![
            NAME_OF_PERSON.t(lang),
            REACH.t(lang),
            OWN_ID.t(lang),
            SPEAKS.t(lang),
            SEEN.t(lang),
        ];
        view! { <Table caption=TITLE.t(lang) columns=columns>{rows}</Table> }.into_markup()
    };
    let first = cursor.is_some().then(|| address(&member, &q, None));
    let next = found.next.map(|next| address(&member, &q, Some(next)));
    let content = view! {
        {search}
        {body}
        <Pager lang=lang first=first next=next/>
    };
    Ok(page(&member, about, content))
}

fn row(
    lang: UiLanguage,
    member: &Member,
    now: crate::domain::Timestamp,
    contact: Contact,
) -> Markup {
    let name = display_name(&contact);
    let reach = [&contact.email, &contact.phone]
        .into_iter()
        .flatten()
        .filter(|text| **text != name)
        .map(|text| view! { <span>{text.clone()}</span> }.into_markup());
    let reach: Vec<Markup> = reach.collect();
    let seen = match contact.last_seen_at {
        Some(at) => relative_time_at(member, now, at),
        None => NEVER.t(lang).into_markup(),
    };
    view! {
        <tr>
            <td><a class="main" href=member.path(&format!("contacts/{}", contact.id))>{name}</a></td>
            <td class="quiet stacked">{reach}</td>
            <td class="quiet">{contact.external_id}</td>
            <td>{contact.language.map(|language| view! { <Badge>{language.to_string()}</Badge> })}</td>
            <td class="quiet">{seen}</td>
        </tr>
    }
    .into_markup()
}

/// The empty state, which explains how contacts are added.
fn teaching(console: &Console, member: &Member) -> Markup {
    let lang = member.lang;
    let writes = member.role >= Role::Editor;
    let import = writes.then(|| view! { <Button tone=Tone::Accent href=member.path("contacts/import")>{IMPORT.t(lang)}</Button> });
    let call = format!(
        "curl {}/v1/contact \\\n  -u belfry:$BELFRY_KEY \\\n  -H 'content-type: application/json' \\\n  -d '{{\"externalCustomerId\": \"42\", \"email\": \"ann@shop.example\", \"firstName\": \"Ann\", \"language\": \"{}\"}}'",
        console.public_url, member.site.language
    );
    view! {
        <EmptyState title=EMPTY.t(lang) text=EMPTY_TEXT.t(lang)>{import}</EmptyState>
        <section>
            <h2>{EMPTY_CALL.t(lang)}</h2>
            <p class="lead">{EMPTY_CALL_TEXT.t(lang)}</p>
            <pre class="listing" tabindex="0"><code>{call}</code></pre>
        </section>
    }
    .into_markup()
}
