//! The cookie of a session: one per site, partitioned by the page that frames the widget. Must not
//! depend on how a session is authenticated.

use axum::http::{HeaderMap, HeaderValue};
use belfry_app::SESSION_TTL;
use belfry_domain::{Secret, SiteId};
use belfry_web::cookies;
use cookie::{Cookie, SameSite, time::Duration};

fn name(site: SiteId) -> String {
    // The site is part of the name, because one page may contain widgets of two sites.
    format!("__Host-belfry-{site}")
}

/// The `Set-Cookie` value of a session.
pub(super) fn set(site: SiteId, secret: &Secret) -> Option<HeaderValue> {
    let cookie = Cookie::build((name(site), secret.reveal()))
        .path("/")
        .secure(true)
        .http_only(true)
        .same_site(SameSite::None)
        .partitioned(true)
        .max_age(Duration::try_from(SESSION_TTL).unwrap_or(Duration::DAY));
    HeaderValue::try_from(cookie.to_string()).ok()
}

/// The `Set-Cookie` value that deletes the session cookie.
pub(super) fn clear(site: SiteId) -> Option<HeaderValue> {
    let cookie = Cookie::build((name(site), ""))
        .path("/")
        .secure(true)
        .http_only(true)
        .same_site(SameSite::None)
        .partitioned(true);
    HeaderValue::try_from(cookie.max_age(Duration::ZERO).to_string()).ok()
}

/// The session secret of this site's cookie.
pub(super) fn secret(headers: &HeaderMap, site: SiteId) -> Option<String> {
    cookies::value(headers, &name(site)).map(str::to_owned)
}
