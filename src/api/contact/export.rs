//! `GET /v1/contact/{id}/export`: all stored data of a contact, for data subject access requests.

use super::{View, receipts::ReceiptView};
use crate::{ApiError, ApiState, path::PathParam};
use axum::{
    body::Body,
    extract::State,
    http::header,
    response::{IntoResponse as _, Response},
};
use belfry_app::AuthenticatedKey;
use belfry_domain::{ContactCredential, ContactId};
use futures_util::{StreamExt as _, TryStreamExt as _, future::ready, stream::once};
use serde::Serialize;
use utoipa::ToSchema;

/// All stored data of a contact. It is serialized in parts, so that only some messages are in
/// memory at a time.
#[derive(ToSchema)]
#[schema(as = ContactExport, rename_all = "camelCase")]
#[expect(dead_code, reason = "the description of an answer that is written in parts")]
pub(crate) struct Export {
    contact: View,
    messages: Vec<ReceiptView>,
    /// Expiry times of the contact's tokens.
    tokens: Vec<CredentialExpiry>,
    /// Expiry times of the contact's widget sessions.
    sessions: Vec<CredentialExpiry>,
    exported_at: Option<String>,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ContactProof)]
struct CredentialExpiry {
    expires_at: Option<String>,
}

/// Exports all stored data of a contact.
#[utoipa::path(
    get, operation_id = "exportContact",
    path = "/contact/{id}/export",
    tag = "Contacts",
    params(("id" = i64, Path, description = "The contact's id")),
    responses((status = 200, description = "All stored data", body = Export), (status = 404, description = "The contact does not exist"))
)]
pub(crate) async fn export(
    State(api): State<ApiState>,
    holder: AuthenticatedKey,
    PathParam(id): PathParam<i64>,
) -> Result<Response, ApiError> {
    let (now, contact) = (api.app.now(), ContactId(id));
    let export = api.app.export_contact(holder.site, contact).await?;
    let (sessions, tokens): (Vec<_>, Vec<_>) =
        export.credentials.into_iter().partition(|proof| proof.is_session);
    let proofs = |proofs: Vec<ContactCredential>| -> Vec<CredentialExpiry> {
        proofs
            .into_iter()
            .map(|proof| CredentialExpiry { expires_at: proof.expires_at.rfc3339() })
            .collect()
    };
    let head = format!("{{\"contact\":{},\"messages\":[", to_json(&View::from(export.contact)));
    let tail = format!(
        "],\"tokens\":{},\"sessions\":{},\"exportedAt\":{}}}",
        to_json(&proofs(tokens)),
        to_json(&proofs(sessions)),
        to_json(&now.rfc3339())
    );
    let mut comma = "";
    let messages = api.app.export_receipts(holder.site, contact).map_ok(move |part| {
        let mut text = String::new();
        for receipt in part {
            text.push_str(std::mem::replace(&mut comma, ","));
            text.push_str(&to_json(&ReceiptView::of(receipt, now)));
        }
        text
    });
    let body = once(ready(Ok(head))).chain(messages).chain(once(ready(Ok(tail))));
    Ok(([(header::CONTENT_TYPE, "application/json")], Body::from_stream(body)).into_response())
}

fn to_json(part: &impl Serialize) -> String {
    serde_json::to_string(part).unwrap_or_else(|_| "null".to_owned())
}
