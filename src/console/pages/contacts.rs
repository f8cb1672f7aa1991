//! The contacts of a site: the searchable list, and the routes of its subpages.

mod edit;
mod erase;
mod import;
mod mapping;
mod pending_imports;
mod profile;
mod progress;

pub(crate) use pending_imports::PendingImports;

use crate::{
    Console,
    error::ConsoleError,
    form::Form,
    phrases::UiLanguage,
    request_context::Member,
    view::{Badge, Button, EmptyState, Field, Page, Pager, Table, Tone, page, relative_time_at},
};
use axum::{
    extract::{DefaultBodyLimit, Query, State},
    response::Response,
};
use belfry_domain::{Contact, ContactFilter, ContactId, Role};
use belfry_locales::phrases::console_contacts as phrases;
use belfry_web::html::{IntoMarkup, Markup};
use belfry_web::router::{Routes, get};
use leptos::prelude::*;
use serde::Deserialize;

/// Rows per page.
const CONTACTS_PER_PAGE: u32 = 50;
/// Longest search text, in characters.
const MAX_SEARCH_CHARS: usize = 200;

pub(super) fn routes() -> Routes<Console> {
    let import = get(import::ask)
        .post(import::take)
        .map(|methods| methods.layer(DefaultBodyLimit::max(import::MAX_UPLOAD_BYTES)));
    Routes::new()
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
    let contact_page =
        console.app.list_contacts(member.site.id, &filter, cursor, CONTACTS_PER_PAGE).await?;
    let writes = member.role >= Role::Editor;
    let actions = writes.then(|| {
        view! {
            <Button href=member.path("contacts/import")>{phrases::IMPORT.t(lang)}</Button>
            <Button tone=Tone::Accent href=member.path("contacts/new")>{phrases::ADD.t(lang)}</Button>
        }
    });
    let about = Page::new(phrases::TITLE.t(lang)).for_site(&member, "contacts").actions(actions);
    if contact_page.contacts.is_empty() && q.is_empty() && cursor.is_none() {
        return Ok(page(&member, about, teaching(&console, &member)));
    }
    let count = if contact_page.is_capped { phrases::COUNT_CAPPED } else { phrases::COUNT }
        .with(lang, &[("count", &contact_page.count)]);
    let search = view! {
        <form method="get" role="search" class="search">
            <Field form=Form::new([("q", q.clone())]) name="q" kind="search" label=phrases::SEARCH.t(lang) placeholder=phrases::SEARCH_HINT.t(lang)/>
            <button class="button">{phrases::FIND.t(lang)}</button>
            <p class="quiet count">{count}</p>
        </form>
    }
    .into_markup();
    let body = if contact_page.contacts.is_empty() {
        let everybody = member.path("contacts");
        view! {
            <EmptyState title=phrases::NONE_FIT.t(lang) text=phrases::NONE_FIT_TEXT.with(lang, &[("text", &q)])>
                <Button href=everybody>{phrases::ALL.t(lang)}</Button>
            </EmptyState>
        }
        .into_markup()
    } else {
        let now = console.app.now();
        let rows = contact_page
            .contacts
            .into_iter()
            .map(|contact| row(lang, &member, now, contact))
            .collect_view()
            .into_markup();
        let columns = vec![
            phrases::NAME_OF_PERSON.t(lang),
            phrases::REACH.t(lang),
            phrases::OWN_ID.t(lang),
            phrases::SPEAKS.t(lang),
            phrases::SEEN.t(lang),
        ];
        view! { <Table caption=phrases::TITLE.t(lang) columns=columns>{rows}</Table> }.into_markup()
    };
    let first = cursor.is_some().then(|| address(&member, &q, None));
    let next = contact_page.next.map(|next| address(&member, &q, Some(next)));
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
    now: belfry_domain::Timestamp,
    contact: Contact,
) -> Markup {
    let name = display_name(&contact);
    let recipients = [&contact.email, &contact.phone]
        .into_iter()
        .flatten()
        .filter(|text| **text != name)
        .map(|text| view! { <span>{text.clone()}</span> }.into_markup());
    let recipients: Vec<Markup> = recipients.collect();
    let seen = match contact.last_seen_at {
        Some(at) => relative_time_at(member, now, at),
        None => phrases::NEVER.t(lang).into_markup(),
    };
    view! {
        <tr>
            <td><a class="main" href=member.path(&format!("contacts/{}", contact.id))>{name}</a></td>
            <td class="quiet stacked">{recipients}</td>
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
    let import = writes.then(|| view! { <Button tone=Tone::Accent href=member.path("contacts/import")>{phrases::IMPORT.t(lang)}</Button> });
    let call = format!(
        "curl {}/v1/contact \\\n  -u belfry:$BELFRY_KEY \\\n  -H 'content-type: application/json' \\\n  -d '{{\"externalCustomerId\": \"42\", \"email\": \"ann@shop.example\", \"firstName\": \"Ann\", \"language\": \"{}\"}}'",
        console.public_url, member.site.language
    );
    view! {
        <EmptyState title=phrases::EMPTY.t(lang) text=phrases::EMPTY_TEXT.t(lang)>{import}</EmptyState>
        <section>
            <h2>{phrases::EMPTY_CALL.t(lang)}</h2>
            <p class="lead">{phrases::EMPTY_CALL_TEXT.t(lang)}</p>
            <pre class="listing" tabindex="0"><code>{call}</code></pre>
        </section>
    }
    .into_markup()
}
