//! Extractors of a request's context: the session ([`RequestContext`]), the signed-in account
//! ([`SignedIn`]), the account's role on the site of the path ([`Member`]). Every handler takes one
//! of them first.

use super::{Console, error::ConsoleError, middleware::Peer, phrases::UiLanguage, session};
use crate::{
    app::AppError,
    domain::{Account, AccountId, Actor, Digest, Role, Secret, SecretKind, Site, SiteId, TimeZone},
    fair_scheduler,
    web::{
        address::{AddressProblem, check},
        cookies,
    },
};
use axum::{
    extract::{FromRequestParts, MatchedPath, RawPathParams},
    http::{HeaderMap, Method, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use std::ops::Deref;
use tower_sessions::Session;

const CSRF_TOKEN_KEY: &str = "form";
const FLASH_KEY: &str = "flash";
/// Set by `console.js` to the IANA name of the browser's time zone.
const ZONE_COOKIE: &str = "belfry-time-zone";

/// A session in which the password was right and the second factor is missing.
#[derive(Serialize, Deserialize)]
struct PendingSignIn {
    account: i64,
    /// When the password was checked, in milliseconds.
    at: i64,
    /// Fingerprint of that password; changing the password voids the session.
    password: String,
}

/// A message shown once, at the top of the next page.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Flash {
    pub(super) failed: bool,
    pub(super) text: String,
}

/// The context of a request, signed in or not.
#[derive(Clone)]
pub(super) struct RequestContext {
    pub(super) console: Console,
    pub(super) session: Session,
    pub(super) account: Option<Account>,
    pub(super) lang: UiLanguage,
    /// The zone of all times: the account's, else the browser's, else UTC.
    pub(super) zone: TimeZone,
    /// The browser's zone, from the cookie.
    pub(super) browser_zone: Option<TimeZone>,
    /// The CSRF token of the session.
    pub(super) token: String,
    pub(super) flash: Option<Flash>,
    /// Why nobody can sign in at the address in use.
    pub(super) address: Option<AddressProblem>,
}

impl RequestContext {
    /// Loads the context. Only requests that show a page (`look`) consume the flash message.
    pub(super) async fn load(
        console: &Console,
        session: &Session,
        headers: &HeaderMap,
        look: bool,
    ) -> Result<Self, ConsoleError> {
        let account = match session.get::<i64>(session::ACCOUNT_KEY).await? {
            Some(id) => match console.inbox.account(AccountId(id)).await {
                Ok(account) => Some(account),
                Err(AppError::NotFound) => None,
                Err(other) => return Err(other.into()),
            },
            None => None,
        };
        let lang = account.as_ref().map_or_else(
            || UiLanguage::asked(headers),
            |account| UiLanguage::of(account.language.as_str()),
        );
        let browser_zone = cookies::value(headers, ZONE_COOKIE).and_then(TimeZone::named);
        let own = account.as_ref().and_then(|account| account.time_zone.clone());
        let zone = own.or_else(|| browser_zone.clone()).unwrap_or(TimeZone::UTC);
        let token = match session.get::<String>(CSRF_TOKEN_KEY).await? {
            Some(token) => token,
            // A posted form without a session is rejected anyway.
            None if !look => String::new(),
            None => {
                let token =
                    Secret::generate(SecretKind::Form, console.inbox.entropy()).reveal().to_owned();
                session.insert(CSRF_TOKEN_KEY, &token).await?;
                token
            }
        };
        // What a script fetches is not the next page shown.
        let shown = look && headers.get("sec-fetch-dest").is_none_or(|dest| dest != "empty");
        let flash = if shown && session.get_value(FLASH_KEY).await?.is_some() {
            session.remove(FLASH_KEY).await?
        } else {
            None
        };
        Ok(Self {
            console: console.clone(),
            session: session.clone(),
            account,
            lang,
            zone,
            browser_zone,
            token,
            flash,
            address: check(headers, &console.public_url),
        })
    }

    /// Whether the zone is the account's or the browser's, and not UTC for lack of either.
    pub(super) fn is_zone_known(&self) -> bool {
        self.browser_zone.is_some()
            || self.account.as_ref().is_some_and(|account| account.time_zone.is_some())
    }

    /// Signs the account in, under a new session id.
    pub(super) async fn enter(&self, account: AccountId) -> Result<(), ConsoleError> {
        self.session.cycle_id().await?;
        self.session.remove_value(session::PENDING_SIGN_IN_KEY).await?;
        self.session.remove_value(CSRF_TOKEN_KEY).await?;
        self.session.insert(session::ACCOUNT_KEY, account.0).await?;
        Ok(())
    }

    /// Stores that the second factor is missing, under a new session id.
    pub(super) async fn await_second_factor(&self, account: &Account) -> Result<(), ConsoleError> {
        self.session.cycle_id().await?;
        let pending = PendingSignIn {
            account: account.id.0,
            at: self.console.inbox.now().millis(),
            password: password_fingerprint(account),
        };
        self.session.insert(session::PENDING_SIGN_IN_KEY, pending).await?;
        Ok(())
    }

    /// The account whose second factor is missing, within ten minutes of the password.
    pub(super) async fn pending(&self) -> Result<Account, ConsoleError> {
        let pending = self
            .session
            .get_value(session::PENDING_SIGN_IN_KEY)
            .await?
            .and_then(|kept| serde_json::from_value::<PendingSignIn>(kept).ok());
        let pending = pending.ok_or(ConsoleError::SignIn)?;
        if self.console.inbox.now().millis() - pending.at > 600_000 {
            return Err(ConsoleError::SignIn);
        }
        let account = self.console.inbox.account(AccountId(pending.account)).await?;
        if password_fingerprint(&account) == pending.password {
            Ok(account)
        } else {
            Err(ConsoleError::SignIn)
        }
    }

    /// Ends the session.
    pub(super) async fn leave(&self) -> Result<(), ConsoleError> {
        Ok(self.session.flush().await?)
    }

    /// The session's digest in the store, to keep it when the account's other sessions end.
    pub(super) fn digest(&self) -> Option<Digest> {
        self.session.id().map(|id| session::digest(&id))
    }

    /// Shows a success message on the next page.
    pub(super) async fn done(&self, text: impl Into<String>) -> Result<(), ConsoleError> {
        Ok(self.session.insert(FLASH_KEY, Flash { failed: false, text: text.into() }).await?)
    }

    /// Shows an error message on the next page.
    pub(super) async fn failed(&self, text: impl Into<String>) -> Result<(), ConsoleError> {
        Ok(self.session.insert(FLASH_KEY, Flash { failed: true, text: text.into() }).await?)
    }
}

/// Identifies a password without revealing it.
fn password_fingerprint(account: &Account) -> String {
    Digest::of(&account.password.0).short()
}

impl FromRequestParts<Console> for RequestContext {
    type Rejection = ConsoleError;

    async fn from_request_parts(
        parts: &mut Parts,
        console: &Console,
    ) -> Result<Self, ConsoleError> {
        let session = parts
            .extensions
            .get::<Session>()
            .cloned()
            .ok_or(ConsoleError::Broken(StatusCode::INTERNAL_SERVER_ERROR))?;
        let look = matches!(parts.method, Method::GET | Method::HEAD);
        if look && session.get_value(CSRF_TOKEN_KEY).await?.is_none() {
            let Ok(Peer(peer)) = Peer::from_request_parts(parts, console).await;
            console.throttle.begin(peer)?;
        }
        Self::load(console, &session, &parts.headers, look).await
    }
}

/// A signed-in account.
#[derive(Clone)]
pub(super) struct SignedIn {
    pub(super) account: Account,
    pub(super) visit: RequestContext,
}

impl Deref for SignedIn {
    type Target = RequestContext;

    fn deref(&self) -> &RequestContext {
        &self.visit
    }
}

impl SignedIn {
    /// An error unless the account is an operator of the instance.
    pub(super) fn operates(&self) -> Result<(), ConsoleError> {
        if self.account.is_operator { Ok(()) } else { Err(ConsoleError::Forbidden) }
    }
}

impl FromRequestParts<Console> for SignedIn {
    type Rejection = ConsoleError;

    async fn from_request_parts(
        parts: &mut Parts,
        console: &Console,
    ) -> Result<Self, ConsoleError> {
        // Checked first, so that visitors who are sent to sign in get no session.
        let session = parts
            .extensions
            .get::<Session>()
            .cloned()
            .ok_or(ConsoleError::Broken(StatusCode::INTERNAL_SERVER_ERROR))?;
        if session.get_value(session::ACCOUNT_KEY).await?.is_none() {
            return Err(ConsoleError::SignIn);
        }
        let visit = RequestContext::from_request_parts(parts, console).await?;
        let account = visit.account.clone().ok_or(ConsoleError::SignIn)?;
        Ok(Self { account, visit })
    }
}

/// A signed-in account on a site that it is a member of.
#[derive(Clone)]
pub(super) struct Member {
    pub(super) account: Account,
    pub(super) site: Site,
    pub(super) role: Role,
    pub(super) visit: RequestContext,
}

impl Deref for Member {
    type Target = RequestContext;

    fn deref(&self) -> &RequestContext {
        &self.visit
    }
}

impl Member {
    /// An error unless the role is at least this one.
    pub(super) fn may(&self, role: Role) -> Result<(), ConsoleError> {
        if self.role >= role { Ok(()) } else { Err(ConsoleError::Forbidden) }
    }

    /// Runs a change that is audited as the member's if it changes something. With an empty
    /// `subject` the entry has the id of what is created.
    pub(super) async fn acting<F: Future>(
        &self,
        console: &Console,
        action: &str,
        subject: &str,
        does: F,
    ) -> F::Output {
        console
            .inbox
            .acting(
                Actor::Account(self.account.id),
                Some(self.site.id),
                action,
                subject,
                None,
                does,
            )
            .await
    }

    /// The start page of a role on a site: conversations for agents.
    pub(super) fn home(site: SiteId, role: Role) -> String {
        let rest = if role.sees_site() { "" } else { "/conversations" };
        format!("/console/sites/{site}{rest}")
    }

    /// The path of a page of this site: `path("messages")`.
    pub(super) fn path(&self, rest: &str) -> String {
        let site = self.site.id;
        if rest.is_empty() {
            format!("/console/sites/{site}")
        } else {
            format!("/console/sites/{site}/{rest}")
        }
    }
}

impl FromRequestParts<Console> for Member {
    type Rejection = ConsoleError;

    async fn from_request_parts(
        parts: &mut Parts,
        console: &Console,
    ) -> Result<Self, ConsoleError> {
        let SignedIn { account, visit } = SignedIn::from_request_parts(parts, console).await?;
        let named = RawPathParams::from_request_parts(parts, console)
            .await
            .map_err(|_| ConsoleError::NotFound)?;
        let site = named
            .iter()
            .find_map(|(name, value)| (name == "site").then(|| value.parse::<SiteId>()));
        let site = site.and_then(Result::ok).ok_or(ConsoleError::NotFound)?;
        let of = console.inbox.role_on(&account, site).await?;
        let page =
            parts.extensions.get::<MatchedPath>().map(MatchedPath::as_str).unwrap_or_default();
        if !is_allowed_for_role(of.role, page) {
            return Err(ConsoleError::Forbidden);
        }
        fair_scheduler::set_current_site(site);
        Ok(Self { account, site: of.site, role: of.role, visit })
    }
}

/// Whether a role may open a route of a site: conversations need a role that answers them, all
/// other pages one that sees the site. Checked in the extractor, before any handler.
fn is_allowed_for_role(role: Role, route: &str) -> bool {
    let page = route.split_once("/sites/{site}/").map_or("", |(_, rest)| rest);
    if page.split('/').next() == Some("conversations") {
        role.answers_conversations()
    } else {
        role.sees_site()
    }
}

/// Redirects with 303 after a form.
pub(super) fn redirect(path: &str) -> Response {
    (StatusCode::SEE_OTHER, [(header::LOCATION, path.to_owned())]).into_response()
}
