//! `DELETE /v1/contact/{id}` and `DELETE /v1/contact?externalCustomerId=…`: deletes a contact; its tokens and open sessions end.
//!
//! With `erase=true` the contact goes with all that is only theirs, deleted before or not. Without it the contact is put away: found
//! by nothing, and brought back when it is told of again by `POST contact`, or by an import with `restoreDeleted`. The answer is a
//! short text, as clients of the existing API expect.

use super::{erasing, sought};
use crate::{
    api::{Api, ApiError, path::Named},
    domain::{ContactId, ContactLookup},
    inbox::KeyHolder,
};
use axum::extract::{RawQuery, State};

pub(in crate::api) async fn erase(
    State(api): State<Api>,
    holder: KeyHolder,
    Named(id): Named<i64>,
    query: RawQuery,
) -> Result<&'static str, ApiError> {
    let wholly = erasing(&query)?;
    by_lookup(api, holder, ContactLookup::Id(ContactId(id)), wholly).await
}

pub(in crate::api) async fn erase_found(State(api): State<Api>, holder: KeyHolder, query: RawQuery) -> Result<&'static str, ApiError> {
    let wholly = erasing(&query)?;
    let lookup = sought(query)?;
    by_lookup(api, holder, lookup, wholly).await
}

async fn by_lookup(api: Api, holder: KeyHolder, lookup: ContactLookup, wholly: bool) -> Result<&'static str, ApiError> {
    if wholly {
        api.inbox.delete_contact(holder.site, &lookup).await?;
        Ok("The contact was erased.")
    } else {
        api.inbox.put_away_contact(holder.site, &lookup).await?;
        Ok("The contact was deleted.")
    }
}
