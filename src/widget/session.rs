//! The end of a session, and its renewal without reloading the document. Called by forms and by the
//! iframe's script.

use super::{
    WidgetState, answer::CountsResponse, auth, auth::SignedIn, error::WidgetError, request,
    security_headers, session_cookie, site_document,
};
use axum::{
    Json,
    extract::{FromRequestParts, Path, Request, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Deserialize;

/// `POST /embed/{site}/leave`: ends the session of a top-level inbox, which no containing page
/// could end. Redirects by 303 to the page for readers who are not signed in.
pub(super) async fn leave(
    State(state): State<WidgetState>,
    Path(site): Path<String>,
    request: Request,
) -> Response {
    site_document::respond(&state, &site, None, async |site| {
        let (mut parts, _) = request.into_parts();
        match SignedIn::from_request_parts(&mut parts, &state).await {
            Ok(SignedIn(reader, _)) => state.0.app.sign_out(&reader).await?,
            Err(WidgetError::Unauthenticated) => {}
            Err(error) => return Err(error),
        }
        let location = format!("/embed/{}?view=page", site.id);
        let mut response = (
            StatusCode::SEE_OTHER,
            security_headers::private_headers(),
            [(header::LOCATION, location)],
        )
            .into_response();
        if let Some(cookie) = session_cookie::clear(site.id) {
            response.headers_mut().insert(header::SET_COOKIE, cookie);
        }
        Ok(response)
    })
    .await
}

/// The request body: a new token from the site's page, after the session has expired.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Renewal {
    token: String,
}

/// `POST /embed/{site}/session`: exchanges a new token without reloading the document. 200 with the
/// counts and a new bearer, 409 if the token belongs to another reader (the document must then be
/// reloaded), 401 if it is invalid.
pub(super) async fn renew(
    State(state): State<WidgetState>,
    request: Request,
) -> Result<Response, WidgetError> {
    let (mut parts, body) = request.into_parts();
    let site = auth::site_id(&mut parts, &state).await?;
    auth::require_own_document(&parts.headers, &state.0.public_url)?;
    let Json(renewal) = request::json::<Renewal>(parts.clone(), body).await?;
    let granted = state.exchange(site, &renewal.token).await?;
    auth::require_same_reader(&parts.headers, &granted.reader)?;
    let counts = state.0.app.unread_counts(&granted.reader).await?;
    let answer = CountsResponse::new(counts).with_bearer(granted.bearer.reveal());
    let mut response = (security_headers::private_headers(), Json(answer)).into_response();
    if let Some(cookie) = session_cookie::set(site, &granted.cookie) {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    Ok(response)
}
