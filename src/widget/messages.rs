//! `GET /embed/{site}/messages` and `GET /embed/{site}/counts`: pages of the list as HTML, and the
//! counts, for the iframe's script.

use super::{
    WidgetState, answer::CountsResponse, auth::SignedIn, error::WidgetError,
    response_cache::ListKey, security_headers, view,
};
use axum::{
    Json,
    extract::{Query, State},
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use belfry_domain::{Cursor, ReaderFilter, ReaderPageRequest, ValidationError};
use serde::Deserialize;

/// Query parameters: filter, cursor and language.
#[derive(Deserialize)]
pub(super) struct ListParams {
    filter: Option<String>,
    before: Option<Cursor>,
    language: Option<String>,
}

/// A page of the list.
pub(super) async fn list(
    State(state): State<WidgetState>,
    SignedIn(reader, _): SignedIn,
    Query(params): Query<ListParams>,
) -> Result<Response, WidgetError> {
    let site = state.site(reader.site).await?;
    let language = view::language(params.language.as_deref(), &site.language);
    let filter = filter(params.filter.as_deref())?;
    let make = async || {
        let page = state
            .0
            .app
            .page(
                &reader,
                ReaderPageRequest { filter, before: params.before, limit: ReaderPageRequest::SIZE },
            )
            .await?;
        let contact = state.personal_contact(&reader, &page).await?;
        let reading = view::RenderContext::new(&site, &language, state.0.app.now())
            .for_contact(contact.as_ref());
        let html = state.0.card_cache.items(&reading, &page.items).await;
        state.record_page(reader.site, reader.contact, filter, &page);
        Ok::<_, WidgetError>((
            CountsResponse::new(page.counts).with_items(html, page.next).to_json(),
            page,
        ))
    };
    let json = if params.before.is_none() {
        let key = ListKey {
            site: reader.site,
            contact: reader.contact,
            filter,
            language: language.clone(),
            site_language: site.language.clone(),
            has_reply_buttons: site.messages.is_some(),
        };
        state.list(key, make).await?
    } else {
        make().await?.0
    };
    Ok((
        security_headers::private_headers(),
        [(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))],
        json,
    )
        .into_response())
}

pub(super) async fn counts(
    State(state): State<WidgetState>,
    SignedIn(reader, _): SignedIn,
) -> Result<Response, WidgetError> {
    let unread_counts = state.0.app.unread_counts(&reader).await?;
    Ok((security_headers::private_headers(), Json(CountsResponse::new(unread_counts)))
        .into_response())
}

/// The requested filter; all messages by default.
pub(super) fn filter(requested: Option<&str>) -> Result<ReaderFilter, WidgetError> {
    requested.map_or(Ok(ReaderFilter::All), |text| {
        text.parse().map_err(|invalid: ValidationError| WidgetError::Invalid(invalid.to_string()))
    })
}
