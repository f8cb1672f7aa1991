//! The cookie that marks a browser in which an account signed in before. It grants no access; a
//! trusted browser has sign-in rate limits of its own (see `throttle`).

use super::{Console, error::ConsoleError, middleware::Peer};
use axum::{
    extract::{FromRequestParts, Request},
    http::{HeaderMap, HeaderValue, header, request::Parts},
    middleware::Next,
    response::Response,
};
use belfry_app::{TRUSTED_BROWSER_TTL, rate_limit::ClientPrefix};
use belfry_domain::{Account, Digest, Secret, SecretKind};
use std::convert::Infallible;

/// Not a prefix of the session cookie's name, nor the other way round.
const TRUSTED_BROWSER_COOKIE: &str = "__Host-belfry-known";

/// The browser of a request: its cookie and its IP address.
pub(super) struct BrowserOrigin {
    cookie: Option<Secret>,
    address: String,
}

impl FromRequestParts<Console> for BrowserOrigin {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, console: &Console) -> Result<Self, Infallible> {
        let Peer(peer) = Peer::from_request_parts(parts, console).await?;
        Ok(Self {
            cookie: cookie_secret(&parts.headers),
            address: format!("{:?}", ClientPrefix::of(peer)),
        })
    }
}

/// The cookie's secret. Other cookies in the header may hold any bytes.
fn cookie_secret(headers: &HeaderMap) -> Option<Secret> {
    let pairs = headers
        .get_all(header::COOKIE)
        .iter()
        .flat_map(|line| line.as_bytes().split(|byte| *byte == b';'));
    let mut values = pairs.filter_map(|pair| {
        std::str::from_utf8(pair)
            .ok()?
            .trim()
            .strip_prefix(TRUSTED_BROWSER_COOKIE)?
            .strip_prefix('=')
    });
    values.find_map(|value| Secret::parse(SecretKind::TrustedBrowser, value))
}

impl BrowserOrigin {
    /// The digest by which this browser is known for the account with this e-mail address.
    pub(super) async fn known_digest(
        &self,
        console: &Console,
        email: &str,
    ) -> Result<Option<Digest>, ConsoleError> {
        Ok(console.app.trusted_browser(email, self.cookie.as_ref(), &self.address).await?)
    }

    /// Marks the browser as known; the response sets the cookie.
    pub(super) async fn remember(
        self,
        console: &Console,
        account: &Account,
        mut response: Response,
    ) -> Result<Response, ConsoleError> {
        let secret = console.app.remember_browser(account, self.cookie, &self.address).await?;
        response.extensions_mut().insert(RememberedBrowser(secret));
        Ok(response)
    }
}

/// A cookie for [`set_cookie`] to append.
#[derive(Clone)]
struct RememberedBrowser(Secret);

/// Appends the cookie after the session cookie, which comes first in the response.
pub(super) async fn set_cookie(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    if let Some(RememberedBrowser(secret)) = response.extensions_mut().remove::<RememberedBrowser>()
    {
        let cookie = cookie::Cookie::build((TRUSTED_BROWSER_COOKIE, secret.reveal().to_owned()))
            .path("/")
            .secure(true)
            .http_only(true)
            .same_site(cookie::SameSite::Strict)
            .max_age(time::Duration::try_from(TRUSTED_BROWSER_TTL).unwrap_or(time::Duration::MAX))
            .build();
        if let Ok(value) = HeaderValue::try_from(cookie.to_string()) {
            response.headers_mut().append(header::SET_COOKIE, value);
        }
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use belfry_domain::SystemRng;

    #[test]
    fn the_cookie_is_found_among_those_of_others() {
        let ours = Secret::generate(SecretKind::TrustedBrowser, &SystemRng);
        let line = |text: &str| {
            HeaderMap::from_iter([(
                header::COOKIE,
                HeaderValue::from_bytes(text.as_bytes()).unwrap(),
            )])
        };
        let ours = ours.reveal();
        assert!(
            cookie_secret(&line(&format!("city=Київ; {TRUSTED_BROWSER_COOKIE}={ours}; a=b")))
                .is_some()
        );
        assert!(
            cookie_secret(&line(&format!(
                "{TRUSTED_BROWSER_COOKIE}=nonsense; {TRUSTED_BROWSER_COOKIE}={ours}"
            )))
            .is_some()
        );
        for other in [
            format!("{TRUSTED_BROWSER_COOKIE}={ours}x"),
            format!("{TRUSTED_BROWSER_COOKIE}2={ours}"),
            format!("x{TRUSTED_BROWSER_COOKIE}={ours}"),
            String::new(),
            TRUSTED_BROWSER_COOKIE.to_owned(),
        ] {
            assert!(cookie_secret(&line(&other)).is_none(), "{other}");
        }
    }
}
