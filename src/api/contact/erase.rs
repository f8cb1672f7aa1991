//! `DELETE /v1/contact/{id}` and `DELETE /v1/contact?externalCustomerId=…`: erases a contact and all that is only theirs.
//!
//! Their tokens and open sessions end with it. The answer is a short text, as clients of the existing API expect.

use super::sought;
use crate::{
    api::{Api, ApiError, path::Named},
    domain::{ContactId, ContactLookup},
    inbox::KeyHolder,
};
use axum::extract::{RawQuery, State};

/// Erases a contact and all that is only theirs.
#[utoipa::path(delete, path = "/contact/{id}", operation_id = "eraseContact", tag = "Contacts", params(("id" = i64, Path, description = "The contact's number.")), responses((status = 200, description = "It was erased.", body = String, content_type = "text/plain")))]
pub(in crate::api) async fn erase(State(api): State<Api>, holder: KeyHolder, Named(id): Named<i64>) -> Result<&'static str, ApiError> {
    by_lookup(api, holder, ContactLookup::Id(ContactId(id))).await
}

/// Erases the contact that the site knows by its own id.
#[utoipa::path(delete, path = "/contact", operation_id = "eraseContactFound", tag = "Contacts", params(("externalCustomerId" = String, Query, description = "The site's own id of the contact.")), responses((status = 200, description = "It was erased.", body = String, content_type = "text/plain"), (status = 404, description = "The site has no such contact.", body = crate::api::schema::Error)))]
pub(in crate::api) async fn erase_found(State(api): State<Api>, holder: KeyHolder, query: RawQuery) -> Result<&'static str, ApiError> {
    let lookup = sought(query)?;
    by_lookup(api, holder, lookup).await
}

async fn by_lookup(api: Api, holder: KeyHolder, lookup: ContactLookup) -> Result<&'static str, ApiError> {
    api.inbox.delete_contact(holder.site, &lookup).await?;
    Ok("The contact was erased.")
}
