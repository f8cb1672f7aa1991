//! `GET /v1/contact/{id}/export`: all that is held of a contact, as one answer, for a person who asks what that is.

use super::{View, receipts::Entry};
use crate::{
    api::{Api, ApiError, path::Named, time::rfc3339},
    domain::ContactId,
    inbox::KeyHolder,
};
use axum::{Json, extract::State};
use serde::Serialize;
use utoipa::ToSchema;

/// All that is held.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ContactExport)]
pub(in crate::api) struct Export {
    contact: View,
    messages: Vec<Entry>,
    /// Until when the contact's tokens prove who they are.
    tokens: Vec<Proof>,
    /// Until when the contact's widgets stay signed in.
    sessions: Vec<Proof>,
    exported_at: Option<String>,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ContactProof)]
struct Proof {
    expires_at: Option<String>,
}

/// All that is held of a contact.
#[utoipa::path(
    get, operation_id = "exportContact",
    path = "/contact/{id}/export",
    tag = "Contacts",
    params(("id" = i64, Path, description = "Number of the contact")),
    responses((status = 200, description = "All that is held", body = Export), (status = 404, description = "There is no such contact"))
)]
pub(in crate::api) async fn export(State(api): State<Api>, holder: KeyHolder, Named(id): Named<i64>) -> Result<Json<Export>, ApiError> {
    let now = api.inbox.now();
    let export = api.inbox.export_contact(holder.site, ContactId(id)).await?;
    let (sessions, tokens): (Vec<_>, Vec<_>) = export.credentials.into_iter().partition(|proof| proof.session);
    let proofs =
        |proofs: Vec<crate::domain::ContactCredential>| proofs.into_iter().map(|proof| Proof { expires_at: rfc3339(proof.expires_at) }).collect();
    Ok(Json(Export {
        contact: export.contact.into(),
        messages: export.receipts.into_iter().map(|receipt| Entry::of(receipt, now)).collect(),
        tokens: proofs(tokens),
        sessions: proofs(sessions),
        exported_at: rfc3339(now),
    }))
}
