//! `GET …/messages`: the list, paginated by page number.
//!
//! `page` counts from 0; `pageSize` is 1 to 100, by default 100, since existing clients without it
//! expect as many messages as possible; `status` is `OPENED` or `UNOPENED`. Other parameters are
//! ignored.

use super::{
    ApiState, AppInboxError,
    auth::ReaderContext,
    error::Refusal,
    language,
    view::{List, MobileList, RenderContext},
};
use axum::{
    Extension, Json,
    extract::{RawQuery, State},
    http::HeaderMap,
};
use belfry_app::{ListPage, Opened};
use belfry_domain::{Language, ValidationError};
use belfry_locales::phrases::errors;
use std::collections::HashMap;

/// Maximum page size, and the default.
const MAX_PAGE_SIZE: u32 = 100;

/// Returns one page of messages, pinned ones first, then the newest.
#[utoipa::path(
    get, path = "/appinbox/v1/messages", tag = "reader", operation_id = "readerMessages",
    params(
        ("ES-TOKEN" = String, Header, description = "The reader's latest token"),
        ("page" = Option<u32>, Query, description = "Page number, from 0"),
        ("pageSize" = Option<u32>, Query, minimum = 1, maximum = 100, description = "Page size, by default 100"),
        ("status" = Option<String>, Query, description = "OPENED or UNOPENED; by default both"),
    ),
    responses(
        (status = 200, body = List, headers(("ES-TOKEN" = String, description = "The token for the next request"))),
        (status = 400, body = Refusal), (status = 401, body = Refusal), (status = 429, body = Refusal), (status = 503, body = Refusal), (status = 507, body = Refusal),
    )
)]
pub(super) async fn web(
    State(state): State<ApiState>,
    Extension(visit): Extension<ReaderContext>,
    headers: HeaderMap,
    query: RawQuery,
) -> Result<Json<List>, AppInboxError> {
    let contact = state.app.contact_of(&visit.reader).await?;
    let language = language::negotiate(&contact, &visit, &headers);
    let listing = listing(&state, &visit, query, &language).await?;
    Ok(Json(
        RenderContext { contact: &contact, language: &language, site: &visit.site }
            .list(&listing)
            .await,
    ))
}

/// Returns one page of messages, for apps.
#[utoipa::path(
    get, path = "/api/v1/appinbox/messages", tag = "reader", operation_id = "mobileMessages",
    params(
        ("X-Reteno-Access-Key" = String, Header, description = "The site's id"),
        ("X-Reteno-Device-ID" = String, Header, description = "The id of a device that is bound to a contact"),
        ("X-Reteno-SDK-Version" = Option<String>, Header, description = "Ignored"),
        ("page" = Option<u32>, Query, description = "Page number, from 0"),
        ("pageSize" = Option<u32>, Query, minimum = 1, maximum = 100, description = "Page size, by default 100"),
        ("status" = Option<String>, Query, description = "OPENED or UNOPENED; by default both"),
    ),
    responses(
        (status = 200, body = MobileList),
        (status = 400, body = Refusal), (status = 401, body = Refusal), (status = 429, body = Refusal), (status = 503, body = Refusal),
    )
)]
pub(super) async fn mobile(
    State(state): State<ApiState>,
    Extension(visit): Extension<ReaderContext>,
    headers: HeaderMap,
    query: RawQuery,
) -> Result<Json<MobileList>, AppInboxError> {
    let contact = state.app.contact_of(&visit.reader).await?;
    let language = language::negotiate(&contact, &visit, &headers);
    let listing = listing(&state, &visit, query, &language).await?;
    Ok(Json(
        RenderContext { contact: &contact, language: &language, site: &visit.site }
            .mobile_list(&listing)
            .await,
    ))
}

async fn listing(
    state: &ApiState,
    context: &ReaderContext,
    RawQuery(query): RawQuery,
    language: &Language,
) -> Result<ListPage, AppInboxError> {
    let (opened, page, size) = parse_query(&query.unwrap_or_default())?;
    Ok(state
        .app
        .listing(&context.reader, opened, (page, size), (language, &context.site.language))
        .await?)
}

fn parse_query(query: &str) -> Result<(Opened, u32, u32), ValidationError> {
    let mut values = HashMap::new();
    for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
        if let Some(name) = ["page", "pageSize", "status"].into_iter().find(|known| *known == name)
            && values.insert(name, value).is_some()
        {
            return Err(ValidationError::new(name, errors::GIVEN_ONCE));
        }
    }
    let page = match values.get("page") {
        None => 0,
        Some(text) => parse_digits(text)
            .ok_or_else(|| ValidationError::new("page", errors::whole_number_from(0)))?,
    };
    let size = match values.get("pageSize") {
        None => MAX_PAGE_SIZE,
        Some(text) => {
            parse_digits(text).filter(|size| (1..=MAX_PAGE_SIZE).contains(size)).ok_or_else(
                || ValidationError::new("pageSize", errors::whole_number_between(1, MAX_PAGE_SIZE)),
            )?
        }
    };
    let opened = match values.get("status").map(AsRef::as_ref) {
        None => Opened::Any,
        Some("OPENED") => Opened::Read,
        Some("UNOPENED") => Opened::Unread,
        Some(_) => return Err(ValidationError::new("status", errors::OPENED_OR_UNOPENED)),
    };
    Ok((opened, page, size))
}

/// Parses decimal digits; `parse` would also accept a sign.
fn parse_digits(text: &str) -> Option<u32> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_cover_all_messages() {
        assert_eq!(parse_query(""), Ok((Opened::Any, 0, 100)));
        assert_eq!(
            parse_query("page=3&pageSize=7&status=UNOPENED&other=x&other=y"),
            Ok((Opened::Unread, 3, 7))
        );
    }

    #[test]
    fn invalid_parameter_is_rejected_by_name() {
        for (query, field) in [
            ("page=-1", "page"),
            ("page=+1", "page"),
            ("page=", "page"),
            ("page=1.5", "page"),
            ("page=99999999999", "page"),
            ("page=1&page=1", "page"),
            ("pageSize=0", "pageSize"),
            ("pageSize=101", "pageSize"),
            ("pageSize=x", "pageSize"),
            ("status=foo", "status"),
            ("status=opened", "status"),
            ("status=", "status"),
        ] {
            assert_eq!(parse_query(query).unwrap_err().field, field, "{query}");
        }
    }
}
