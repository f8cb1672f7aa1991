//! The widget's session: one cookie per site, partitioned by the page that frames the widget, and
//! its renewal without reloading.

use super::{
    WidgetState, answer::CountsResponse, auth, auth::SignedIn, document, error::WidgetError,
    security_headers,
};
use axum::{
    Json,
    extract::{FromRequest, FromRequestParts, Path, Request, State, rejection::JsonRejection},
    http::{HeaderMap, HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use belfry_app::SESSION_TTL;
use belfry_domain::{Secret, SiteId};
use belfry_web::cookies;
use cookie::{Cookie, SameSite, time::Duration};
use serde::Deserialize;

fn cookie_name(site: SiteId) -> String {
    // The site is part of the name, because one page may contain widgets of two sites.
    format!("__Host-belfry-{site}")
}

/// The `Set-Cookie` value of a session.
pub(super) fn set_cookie(site: SiteId, secret: &Secret) -> Option<HeaderValue> {
    let cookie = Cookie::build((cookie_name(site), secret.reveal()))
        .path("/")
        .secure(true)
        .http_only(true)
        .same_site(SameSite::None)
        .partitioned(true)
        .max_age(Duration::try_from(SESSION_TTL).unwrap_or(Duration::DAY));
    HeaderValue::try_from(cookie.to_string()).ok()
}

/// The `Set-Cookie` value that deletes the session cookie.
fn clear_cookie(site: SiteId) -> Option<HeaderValue> {
    let cookie = Cookie::build((cookie_name(site), ""))
        .path("/")
        .secure(true)
        .http_only(true)
        .same_site(SameSite::None)
        .partitioned(true);
    HeaderValue::try_from(cookie.max_age(Duration::ZERO).to_string()).ok()
}

/// `POST /embed/{site}/leave`: ends the session of a top-level inbox, which no containing page
/// could end. Redirects by 303 to the page for readers who are not signed in.
pub(super) async fn leave(
    State(state): State<WidgetState>,
    Path(site): Path<String>,
    request: Request,
) -> Response {
    document::respond(&state, &site, None, async |site| {
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
        if let Some(cookie) = clear_cookie(site.id) {
            response.headers_mut().insert(header::SET_COOKIE, cookie);
        }
        Ok(response)
    })
    .await
}

/// The session secret of this site's cookie.
pub(super) fn cookie(headers: &HeaderMap, site: SiteId) -> Option<String> {
    cookies::value(headers, &cookie_name(site)).map(str::to_owned)
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
    let Json(renewal) = json::<Renewal>(parts.clone(), body).await?;
    let granted = state.exchange(site, &renewal.token).await?;
    auth::require_same_reader(&parts.headers, &granted.reader)?;
    let counts = state.0.app.unread_counts(&granted.reader).await?;
    let answer = CountsResponse::new(counts).with_bearer(granted.bearer.reveal());
    let mut response = (security_headers::private_headers(), Json(answer)).into_response();
    if let Some(cookie) = set_cookie(site, &granted.cookie) {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

/// Reads a small JSON body.
pub(super) async fn json<T: serde::de::DeserializeOwned>(
    parts: Parts,
    body: axum::body::Body,
) -> Result<Json<T>, WidgetError> {
    let request = Request::from_parts(parts, body);
    <Json<T> as FromRequest<()>>::from_request(request, &()).await.map_err(|error| match error {
        JsonRejection::MissingJsonContentType(_) => WidgetError::Unsupported,
        other => WidgetError::Invalid(other.body_text()),
    })
}

/// The query parameters, for handlers that take the request apart themselves.
pub(super) async fn query<T: serde::de::DeserializeOwned + Send + 'static>(
    parts: &mut Parts,
) -> Result<T, WidgetError> {
    axum::extract::Query::<T>::from_request_parts(parts, &())
        .await
        .map(|query| query.0)
        .map_err(|error| WidgetError::Invalid(error.body_text()))
}
