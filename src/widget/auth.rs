//! Authentication of the widget's requests, and the checks of where they come from.
//!
//! The cookie is `SameSite=None`, so browsers send it with requests of every origin: a change
//! authenticated by it is accepted from our own document only. A bearer is sent only by our own
//! script and needs no such check.

use super::{WidgetState, error::WidgetError, session_cookie};
use axum::{
    extract::{FromRequestParts, Path},
    http::{HeaderMap, HeaderValue, header, request::Parts},
};
use belfry_app::Reader;
use belfry_domain::{Digest, Origin, SiteId};
use belfry_web::origin::{RequestSource, request_source};
use std::str::FromStr;

/// The header in which a document names the reader it was rendered for.
const READER_HEADER: &str = "x-belfry-reader";

/// A reader authenticated for this request, and the digest of the session secret.
pub(super) struct SignedIn(pub(super) Reader, pub(super) Digest);

impl FromRequestParts<WidgetState> for SignedIn {
    type Rejection = WidgetError;

    async fn from_request_parts(
        parts: &mut Parts,
        state: &WidgetState,
    ) -> Result<Self, WidgetError> {
        let site = site_id(parts, state).await?;
        let bearer = bearer(&parts.headers);
        if bearer.is_none() && !parts.method.is_safe() {
            require_own_document(&parts.headers, &state.0.public_url)?;
        }
        let secret = match bearer {
            Some(bearer) => bearer.to_owned(),
            None => {
                session_cookie::secret(&parts.headers, site).ok_or(WidgetError::Unauthenticated)?
            }
        };
        let session = Digest::of(&secret);
        let reader = state.reader(site, session).await?;
        require_same_reader(&parts.headers, &reader)?;
        Ok(Self(reader, session))
    }
}

/// The site id of the request's path; 404 for malformed and unknown ones.
pub(super) async fn site_id(parts: &mut Parts, state: &WidgetState) -> Result<SiteId, WidgetError> {
    let Path(text) = Path::<String>::from_request_parts(parts, state)
        .await
        .map_err(|_| WidgetError::NotFound)?;
    SiteId::from_str(&text).map_err(|_| WidgetError::NotFound)
}

/// Rejects a request that did not come from our own document.
pub(super) fn require_own_document(
    headers: &HeaderMap,
    public_url: &Origin,
) -> Result<(), WidgetError> {
    match request_source(headers, public_url) {
        RequestSource::SameOrigin => Ok(()),
        RequestSource::CrossOrigin => {
            Err(WidgetError::Forbidden("this request must come from the widget itself"))
        }
    }
}

/// Rejects a document that was rendered for another reader than the signed-in one.
pub(super) fn require_same_reader(headers: &HeaderMap, reader: &Reader) -> Result<(), WidgetError> {
    match headers.get(READER_HEADER) {
        Some(tag) if tag.as_bytes() != reader.tag().as_bytes() => Err(WidgetError::OtherReader),
        _ => Ok(()),
    }
}

/// The same for requests that cannot send a header: forms, links, event streams.
pub(super) fn require_same_tag(tag: Option<&str>, reader: &Reader) -> Result<(), WidgetError> {
    if tag.is_none_or(|tag| tag == reader.tag()) { Ok(()) } else { Err(WidgetError::OtherReader) }
}

/// The `Origin` of the request, if the browser sends one.
pub(super) fn page_origin(headers: &HeaderMap) -> Option<Origin> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(origin) = text(header::ORIGIN) {
        return origin.parse().ok();
    }
    url::Url::parse(text(header::REFERER)?).ok()?.origin().ascii_serialization().parse().ok()
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::AUTHORIZATION)?.to_str().ok()?.strip_prefix("Bearer ")
}

/// Where the response will be displayed, by `Sec-Fetch-Dest`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Destination {
    /// A top-level page.
    TopLevel,
    /// An iframe or another embedded resource.
    Embedded,
    /// The browser sends no such header.
    Unknown,
}

impl Destination {
    pub(super) fn from_headers(headers: &HeaderMap) -> Self {
        match headers.get("sec-fetch-dest").map(HeaderValue::as_bytes) {
            Some(b"document") => Self::TopLevel,
            Some(_) => Self::Embedded,
            None => Self::Unknown,
        }
    }
}

/// Whether the response is displayed now rather than prefetched.
pub(super) fn is_visible(headers: &HeaderMap) -> bool {
    !headers.contains_key("sec-purpose")
}

/// Whether the posting page has `Referrer-Policy: no-referrer` or is a sandboxed frame.
pub(super) fn hides_its_origin(headers: &HeaderMap) -> bool {
    headers.get(header::ORIGIN).is_some_and(|origin| origin.as_bytes() == b"null")
}

/// Whether a page of this origin may hand over a token. `null` is sent by pages with
/// `Referrer-Policy: no-referrer`. In an iframe the token proves the reader, and `frame-ancestors`
/// proves the page. Outside an iframe only the origin proves anything.
pub(super) fn may_embed(
    headers: &HeaderMap,
    origins: &[Origin],
    public_url: &Origin,
    inside: bool,
) -> Result<(), WidgetError> {
    let origin = headers.get(header::ORIGIN).map(HeaderValue::as_bytes);
    let origin = match origin {
        None | Some(b"null") if inside => return Ok(()),
        None | Some(b"null") => {
            return Err(WidgetError::Forbidden(
                "the page that opens the inbox must send its origin: it has Referrer-Policy: no-referrer",
            ));
        }
        Some(origin) => origin,
    };
    let known = origin == public_url.as_str().as_bytes()
        || origins.iter().any(|known| origin == known.as_str().as_bytes());
    if known {
        Ok(())
    } else {
        Err(WidgetError::Forbidden("this page is not one of the site's origins"))
    }
}
