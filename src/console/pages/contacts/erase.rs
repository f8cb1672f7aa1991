//! Data export and erasure of a contact.

use super::{TITLE, display_name};
use crate::{
    console::{
        Console,
        error::ConsoleError,
        form::Form,
        pages::path_params::PathId,
        phrases::words,
        request_context::{Member, redirect},
        view::{Confirm, Page, page},
    },
    domain::{Actor, Contact, ContactId, ContactLookup, ContactReceipt, Role, Timestamp},
};
use axum::{
    body::Body,
    extract::State,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use futures_util::{StreamExt as _, TryStreamExt as _, future::ready, stream::once};
use leptos::prelude::*;
use serde_json::{Value, json};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

words! {
    ERASE: "Erase {name}?", "Стерти {name}?";
    ERASE_TEXT: "The contact, their message history, their sessions, and the messages sent only to them are deleted permanently. This can’t be undone.", "Контакт, його історію повідомлень, сеанси та повідомлення, надіслані лише йому, буде видалено назавжди. Цього не можна скасувати.";
    ERASE_VERB: "Erase permanently", "Стерти назавжди";
    ERASED: "Contact erased.", "Контакт стерто.";
}

fn written(at: Option<Timestamp>) -> Value {
    let moment = |at: Timestamp| {
        OffsetDateTime::from_unix_timestamp_nanos(i128::from(at.millis()) * 1_000_000)
            .ok()?
            .format(&Rfc3339)
            .ok()
    };
    json!(at.and_then(moment))
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
    let said = &receipt.message;
    json!({
        "id": said.id.to_string(), "content": said.content, "category": said.category, "publishAt": written(Some(said.publish_at)),
        "expiresAt": written(said.expires_at), "recalledAt": written(said.recalled_at), "toEveryone": said.contacts.is_none(),
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
    let held = console.inbox.export_contact(member.site.id, ContactId(id)).await?;
    let proofs = |sessions: bool| -> Vec<Value> {
        held.credentials
            .iter()
            .filter(|proof| proof.session == sessions)
            .map(|proof| json!({"expiresAt": written(Some(proof.expires_at))}))
            .collect()
    };
    let pretty = |part: Value| serde_json::to_string_pretty(&part).unwrap_or_default();
    let beginning = format!("{{\"contact\": {},\n\"messages\": [", pretty(person(&held.contact)));
    let tail = format!(
        "],\n\"tokens\": {},\n\"sessions\": {},\n\"exportedAt\": {}}}\n",
        pretty(proofs(false).into()),
        pretty(proofs(true).into()),
        pretty(written(Some(console.inbox.now())))
    );
    // Streamed in parts: there may be many messages of many kilobytes each.
    let mut comma = "";
    let messages =
        console.inbox.exported_receipts(member.site.id, ContactId(id)).map_ok(move |part| {
            let mut text = String::new();
            for receipt in &part {
                text.push_str(std::mem::replace(&mut comma, ",\n"));
                text.push_str(&pretty(message(receipt)));
            }
            text
        });
    let body = once(ready(Ok(beginning))).chain(messages).chain(once(ready(Ok(tail))));
    console
        .inbox
        .record(
            Actor::Account(member.account.id),
            Some(member.site.id),
            "contact.exported",
            &id.to_string(),
            None,
        )
        .await;
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
    member.may(Role::Editor)?;
    let lang = member.lang;
    let contact = console.inbox.contact(member.site.id, &ContactLookup::Id(ContactId(id))).await?;
    let (name, own) = (display_name(&contact), member.path(&format!("contacts/{id}")));
    let content = view! { <Confirm visit=member.visit.clone() text=ERASE_TEXT.t(lang) action=ERASE_VERB.t(lang) back=own.clone()/> };
    let about = Page::new(ERASE.with(lang, &[("name", &name)]))
        .of(&member, "contacts")
        .crumb(member.path("contacts"), TITLE.t(lang))
        .crumb(own, name);
    Ok(page(&member, about.narrow(), content))
}

pub(super) async fn erase(
    State(console): State<Console>,
    member: Member,
    PathId(id): PathId<i64>,
    _form: Form,
) -> Result<Response, ConsoleError> {
    member.may(Role::Editor)?;
    let lookup = ContactLookup::Id(ContactId(id));
    member
        .acting(
            &console,
            "contact.erased",
            &id.to_string(),
            console.inbox.delete_contact(member.site.id, &lookup),
        )
        .await?;
    member.done(ERASED.t(member.lang)).await?;
    Ok(redirect(&member.path("contacts")))
}
