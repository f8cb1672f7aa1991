//! The cookie that marks a browser in which an account signed in before. It grants no access; a
//! known browser has sign-in rate limits of its own (see `throttle`).

use super::{Console, error::ConsoleError, middleware::Peer};
use crate::{
    app::KNOWN_BROWSER_LIFE,
    domain::{Account, Digest, Secret, SecretKind},
    rate_limit::Subscriber,
};
use axum::{
    extract::{FromRequestParts, Request},
    http::{HeaderMap, HeaderValue, header, request::Parts},
    middleware::Next,
    response::Response,
};
use std::convert::Infallible;

/// Not a prefix of the session cookie's name, nor the other way round.
const COOKIE: &str = "__Host-belfry-known";

/// The browser of a request: its cookie and its IP address.
pub(super) struct Origin {
    cookie: Option<Secret>,
    address: String,
}

impl FromRequestParts<Console> for Origin {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, console: &Console) -> Result<Self, Infallible> {
        let Peer(peer) = Peer::from_request_parts(parts, console).await?;
        Ok(Self { cookie: sent(&parts.headers), address: format!("{:?}", Subscriber::of(peer)) })
    }
}

/// The cookie's secret. Other cookies in the header may hold any bytes.
fn sent(headers: &HeaderMap) -> Option<Secret> {
    let pairs = headers.get_all(header::COOKIE).iter().flat_map(|line| line.as_bytes().split(|byte| *byte == b';'));
    let mut values = pairs.filter_map(|pair| std::str::from_utf8(pair).ok()?.trim().strip_prefix(COOKIE)?.strip_prefix('='));
    values.find_map(|value| Secret::returned(SecretKind::KnownBrowser, value))
}

impl Origin {
    /// The digest by which this browser is known for the account with this e-mail address.
    pub(super) async fn known(&self, console: &Console, email: &str) -> Result<Option<Digest>, ConsoleError> {
        Ok(console.inbox.known_browser(email, self.cookie.as_ref(), &self.address).await?)
    }

    /// Marks the browser as known; the response sets the cookie.
    pub(super) async fn remember(self, console: &Console, account: &Account, mut response: Response) -> Result<Response, ConsoleError> {
        let secret = console.inbox.remember_browser(account, self.cookie, &self.address).await?;
        response.extensions_mut().insert(Remembered(secret));
        Ok(response)
    }
}

/// A cookie for [`set`] to append.
#[derive(Clone)]
struct Remembered(Secret);

/// Appends the cookie after the session cookie, which comes first in the response.
pub(super) async fn set(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    if let Some(Remembered(secret)) = response.extensions_mut().remove::<Remembered>() {
        let cookie = cookie::Cookie::build((COOKIE, secret.reveal().to_owned()))
            .path("/")
            .secure(true)
            .http_only(true)
            .same_site(cookie::SameSite::Strict)
            .max_age(time::Duration::try_from(KNOWN_BROWSER_LIFE).unwrap_or(time::Duration::MAX))
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
    use crate::domain::SystemEntropy;

    #[test]
    fn the_cookie_is_found_among_those_of_others() {
        let ours = Secret::generate(SecretKind::KnownBrowser, &SystemEntropy);
        let line = |text: &str| HeaderMap::from_iter([(header::COOKIE, HeaderValue::from_bytes(text.as_bytes()).unwrap())]);
        let ours = ours.reveal();
        assert!(sent(&line(&format!("city=Київ; {COOKIE}={ours}; a=b"))).is_some());
        assert!(sent(&line(&format!("{COOKIE}=nonsense; {COOKIE}={ours}"))).is_some());
        for other in [format!("{COOKIE}={ours}x"), format!("{COOKIE}2={ours}"), format!("x{COOKIE}={ours}"), String::new(), COOKIE.to_owned()] {
            assert!(sent(&line(&other)).is_none(), "{other}");
        }
    }
}
