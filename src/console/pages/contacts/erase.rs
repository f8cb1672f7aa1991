//! Data export and erasure of a contact.

use super::display_name;
use crate::{
    Console,
    error::ConsoleError,
    form::Form,
    pages::path_params::PathId,
    request_context::{Member, redirect},
    view::{Confirm, Page, page},
};
use axum::{
    body::Body,
    extract::State,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use belfry_domain::{Contact, ContactId, ContactLookup, ContactReceipt, Role, Timestamp};
use belfry_locales::phrases::console_contacts as phrases;
use futures_util::{StreamExt as _, TryStreamExt as _, future::ready, stream::once};
use leptos::prelude::*;
use serde_json::{Value, json};

fn written(at: Option<Timestamp>) -> Value {
    json!(at.and_then(Timestamp::rfc3339))
}

fn person(contact: &Contact) -> Value {
    json!({
        "id": contact.id, "externalCustomerId": contact.external_id, "email": contact.email, "phone": contact.phone,
        "firstName": contact.first_name, "lastName": contact.last_name, "language": contact.language.as_ref().map(ToString::to_string),
        "attributes": contact.attributes, "createdAt": written(Some(contact.created_at)), "updatedAt": written(Some(contact.updated_at)),
        "lastSeenAt": written(contact.last_seen_at),
    })
}

fn message(receipt: &ContactReceipt) -> Value {
    let message = &receipt.message;
    json!({
        "id": message.id.to_string(), "content": message.content, "category": message.category, "publishAt": written(Some(message.publish_at)),
        "expiresAt": written(message.expires_at), "recalledAt": written(message.recalled_at), "toEveryone": message.audience.is_everyone(),
        "deliveredAt": written(receipt.delivered_at), "seenAt": written(receipt.seen_at), "read": receipt.read, "readAt": written(receipt.read_at),
        "readWithAll": receipt.read_with_all, "clickedAt": written(receipt.clicked_at), "archivedAt": written(receipt.archived_at),
        "deletedAt": written(receipt.deleted_at),
    })
}

pub(super) async fn export(
    State(console): State<Console>,
    member: Member,
    PathId(id): PathId<i64>,
) -> Result<Response, ConsoleError> {
    let held = console.app.export_contact(member.site.id, ContactId(id)).await?;
    let proofs = |sessions: bool| -> Vec<Value> {
        held.credentials
            .iter()
            .filter(|proof| proof.is_session == sessions)
            .map(|proof| json!({"expiresAt": written(Some(proof.expires_at))}))
            .collect()
    };
    let pretty = |part: Value| serde_json::to_string_pretty(&part).unwrap_or_default();
    let beginning = format!("{{\"contact\": {},\n\"messages\": [", pretty(person(&held.contact)));
    let tail = format!(
        "],\n\"tokens\": {},\n\"sessions\": {},\n\"exportedAt\": {}}}\n",
        pretty(proofs(false).into()),
        pretty(proofs(true).into()),
        pretty(written(Some(console.app.now())))
    );
    // Streamed in parts: there may be many messages of many kilobytes each.
    let mut comma = "";
    let messages = console.app.export_receipts(member.site.id, ContactId(id)).map_ok(move |part| {
        let mut text = String::new();
        for receipt in &part {
            text.push_str(std::mem::replace(&mut comma, ",\n"));
            text.push_str(&pretty(message(receipt)));
        }
        text
    });
    let body = once(ready(Ok(beginning))).chain(messages).chain(once(ready(Ok(tail))));
    member.record(&console, &id.to_string()).await;
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/json")),
        (
            header::CONTENT_DISPOSITION,
            HeaderValue::try_from(format!("attachment; filename=\"contact-{id}.json\""))
                .unwrap_or(HeaderValue::from_static("attachment")),
        ),
    ];
    Ok((headers, Body::from_stream(body)).into_response())
}

pub(super) async fn ask(
    State(console): State<Console>,
    member: Member,
    PathId(id): PathId<i64>,
) -> Result<Response, ConsoleError> {
    member.require_role(Role::Editor)?;
    let lang = member.lang;
    let contact = console.app.contact(member.site.id, &ContactLookup::Id(ContactId(id))).await?;
    let (name, own) = (display_name(&contact), member.path(&format!("contacts/{id}")));
    let content = view! { <Confirm visit=member.context.clone() text=phrases::ERASE_TEXT.t(lang) action=phrases::ERASE_VERB.t(lang) back=own.clone()/> };
    let about = Page::new(phrases::ERASE.with(lang, &[("name", &name)]))
        .for_site(&member, "contacts")
        .crumb(member.path("contacts"), phrases::TITLE.t(lang))
        .crumb(own, name);
    Ok(page(&member, about.narrow(), content))
}

pub(super) async fn erase(
    State(console): State<Console>,
    member: Member,
    PathId(id): PathId<i64>,
    _form: Form,
) -> Result<Response, ConsoleError> {
    member.require_role(Role::Editor)?;
    let lookup = ContactLookup::Id(ContactId(id));
    member
        .with_audit(&console, &id.to_string(), console.app.delete_contact(member.site.id, &lookup))
        .await?;
    member.flash_success(phrases::ERASED.t(member.lang)).await?;
    Ok(redirect(&member.path("contacts")))
}
