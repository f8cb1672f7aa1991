//! `DELETE /v1/contact/{id}` and `DELETE /v1/contact?externalCustomerId=…`: deletes a contact and
//! ends its tokens and sessions.
//!
//! With `erase=true` the contact and all of its data are removed permanently, even if it was
//! deleted before. Otherwise it is archived: no lookup finds it, and `POST contact` or an import
//! with `restoreDeleted` restores it. The response is a short text, as clients of the existing API
//! expect.

use super::{parse_erase, parse_lookup};
use crate::{ApiError, ApiState, path::PathParam};
use axum::extract::{RawQuery, State};
use belfry_app::AuthenticatedKey;
use belfry_domain::{ContactId, ContactLookup};

/// Deletes a contact; with `erase=true`, removes it and all of its data permanently.
#[utoipa::path(delete, path = "/contact/{id}", operation_id = "eraseContact", tag = "Contacts", params(("id" = i64, Path, description = "The contact's id."), ("erase" = Option<bool>, Query, description = "Whether to remove the contact and all of its data permanently; otherwise it can be restored.")), responses((status = 200, description = "Deleted.", body = String, content_type = "text/plain")))]
pub(crate) async fn erase(
    State(api): State<ApiState>,
    holder: AuthenticatedKey,
    PathParam(id): PathParam<i64>,
    query: RawQuery,
) -> Result<&'static str, ApiError> {
    let permanently = parse_erase(&query)?;
    by_lookup(api, holder, ContactLookup::Id(ContactId(id)), permanently).await
}

/// Deletes the contact with an external id.
#[utoipa::path(delete, path = "/contact", operation_id = "eraseContactFound", tag = "Contacts", params(("externalCustomerId" = String, Query, description = "The site's own id of the contact."), ("erase" = Option<bool>, Query, description = "Whether to remove the contact and all of its data permanently.")), responses((status = 200, description = "Deleted.", body = String, content_type = "text/plain"), (status = 404, description = "The contact does not exist.", body = crate::schema::Error)))]
pub(crate) async fn erase_by_external_id(
    State(api): State<ApiState>,
    holder: AuthenticatedKey,
    query: RawQuery,
) -> Result<&'static str, ApiError> {
    let permanently = parse_erase(&query)?;
    let lookup = parse_lookup(query)?;
    by_lookup(api, holder, lookup, permanently).await
}

async fn by_lookup(
    api: ApiState,
    holder: AuthenticatedKey,
    lookup: ContactLookup,
    permanently: bool,
) -> Result<&'static str, ApiError> {
    if permanently {
        api.app.delete_contact(holder.site, &lookup).await?;
        Ok("The contact was erased.")
    } else {
        api.app.archive_contact(holder.site, &lookup).await?;
        Ok("The contact was deleted.")
    }
}
