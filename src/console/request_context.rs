//! Extractors of a request's context: the session ([`RequestContext`]), the signed-in account
//! ([`SignedIn`]), the account's role on the site of the path ([`Member`]). Every handler takes one
//! of them first.

use super::{
    Console,
    error::ConsoleError,
    middleware::Peer,
    phrases::{UiLanguage, preferred_language},
    session,
};
use axum::{
    extract::{FromRequestParts, MatchedPath, RawPathParams},
    http::{HeaderMap, Method, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use belfry_app::AppError;
use belfry_domain::{
    Account, AccountId, Actor, Digest, Role, Secret, SecretKind, Site, SiteId, TimeZone,
};
use belfry_runtime::fair_scheduler;
use belfry_web::{
    address::{AddressProblem, check},
    cookies,
    routes::{Access, CONSOLE, Route},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
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
    password_checked_at: i64,
    /// Fingerprint of that password; changing the password voids the session.
    password_fingerprint: String,
}

/// A message shown once, at the top of the next page.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Flash {
    pub(super) is_error: bool,
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
            Some(id) => match console.app.account(AccountId(id)).await {
                Ok(account) => Some(account),
                Err(AppError::NotFound) => None,
                Err(other) => return Err(other.into()),
            },
            None => None,
        };
        let lang = account.as_ref().map_or_else(
            || preferred_language(headers),
            |account| UiLanguage::from_tag(account.language.as_str()),
        );
        let browser_zone = cookies::value(headers, ZONE_COOKIE).and_then(TimeZone::from_name);
        let own = account.as_ref().and_then(|account| account.time_zone.clone());
        let zone = own.or_else(|| browser_zone.clone()).unwrap_or(TimeZone::UTC);
        let token = match session.get::<String>(CSRF_TOKEN_KEY).await? {
            Some(token) => token,
            // A posted form without a session is rejected anyway.
            None if !look => String::new(),
            None => {
                let token =
                    Secret::generate(SecretKind::Form, console.app.rng()).reveal().to_owned();
                session.insert(CSRF_TOKEN_KEY, &token).await?;
                token
            }
        };
        // What a script fetches is not the next page shown.
        let shows_page = look && headers.get("sec-fetch-dest").is_none_or(|dest| dest != "empty");
        let flash = if shows_page && session.get_value(FLASH_KEY).await?.is_some() {
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
    pub(super) async fn sign_in(&self, account: AccountId) -> Result<(), ConsoleError> {
        self.session.cycle_id().await?;
        self.session.remove_value(session::PENDING_SIGN_IN_KEY).await?;
        self.session.remove_value(CSRF_TOKEN_KEY).await?;
        self.session.insert(session::ACCOUNT_KEY, account.0).await?;
        Ok(())
    }

    /// Stores that the second factor is missing, under a new session id.
    pub(super) async fn begin_second_factor(&self, account: &Account) -> Result<(), ConsoleError> {
        self.session.cycle_id().await?;
        let pending = PendingSignIn {
            account: account.id.0,
            password_checked_at: self.console.app.now().millis(),
            password_fingerprint: password_fingerprint(account),
        };
        self.session.insert(session::PENDING_SIGN_IN_KEY, pending).await?;
        Ok(())
    }

    /// The account whose second factor is missing, within ten minutes of the password.
    pub(super) async fn pending_account(&self) -> Result<Account, ConsoleError> {
        let pending = self
            .session
            .get_value(session::PENDING_SIGN_IN_KEY)
            .await?
            .and_then(|kept| serde_json::from_value::<PendingSignIn>(kept).ok());
        let pending = pending.ok_or(ConsoleError::SignIn)?;
        if self.console.app.now().millis() - pending.password_checked_at > 600_000 {
            return Err(ConsoleError::SignIn);
        }
        let account = self.console.app.account(AccountId(pending.account)).await?;
        if password_fingerprint(&account) == pending.password_fingerprint {
            Ok(account)
        } else {
            Err(ConsoleError::SignIn)
        }
    }

    /// Ends the session.
    pub(super) async fn sign_out(&self) -> Result<(), ConsoleError> {
        Ok(self.session.flush().await?)
    }

    /// The session's digest in the store, to keep it when the account's other sessions end.
    pub(super) fn digest(&self) -> Option<Digest> {
        self.session.id().map(|id| session::digest(&id))
    }

    /// Shows a success message on the next page.
    pub(super) async fn flash_success(&self, text: impl Into<String>) -> Result<(), ConsoleError> {
        Ok(self.session.insert(FLASH_KEY, Flash { is_error: false, text: text.into() }).await?)
    }

    /// Shows an error message on the next page.
    pub(super) async fn flash_error(&self, text: impl Into<String>) -> Result<(), ConsoleError> {
        Ok(self.session.insert(FLASH_KEY, Flash { is_error: true, text: text.into() }).await?)
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
            .ok_or(ConsoleError::Internal(StatusCode::INTERNAL_SERVER_ERROR))?;
        let look = matches!(parts.method, Method::GET | Method::HEAD);
        if look && session.get_value(CSRF_TOKEN_KEY).await?.is_none() {
            let Ok(Peer(peer)) = Peer::from_request_parts(parts, console).await;
            console.sign_in_limits.check_new_session(peer)?;
        }
        Self::load(console, &session, &parts.headers, look).await
    }
}

/// A signed-in account.
#[derive(Clone)]
pub(super) struct SignedIn {
    pub(super) account: Account,
    pub(super) context: RequestContext,
}

impl Deref for SignedIn {
    type Target = RequestContext;

    fn deref(&self) -> &RequestContext {
        &self.context
    }
}

impl SignedIn {
    /// An error unless the account is an operator of the instance.
    pub(super) fn require_operator(&self) -> Result<(), ConsoleError> {
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
            .ok_or(ConsoleError::Internal(StatusCode::INTERNAL_SERVER_ERROR))?;
        if session.get_value(session::ACCOUNT_KEY).await?.is_none() {
            return Err(ConsoleError::SignIn);
        }
        let context = RequestContext::from_request_parts(parts, console).await?;
        let account = context.account.clone().ok_or(ConsoleError::SignIn)?;
        Ok(Self { account, context })
    }
}

/// A signed-in account on a site that it is a member of.
#[derive(Clone)]
pub(super) struct Member {
    pub(super) account: Account,
    pub(super) site: Site,
    pub(super) role: Role,
    pub(super) context: RequestContext,
    /// What the list of routes declares about this one.
    route: &'static Route,
}

impl Deref for Member {
    type Target = RequestContext;

    fn deref(&self) -> &RequestContext {
        &self.context
    }
}

impl Member {
    /// An error unless the role is at least this one.
    pub(super) fn require_role(&self, role: Role) -> Result<(), ConsoleError> {
        if self.role >= role { Ok(()) } else { Err(ConsoleError::Forbidden) }
    }

    /// Runs a change that is audited as the member's, with the action of the route, if it changes
    /// something. With an empty `subject` the entry has the id of what is created.
    pub(super) async fn with_audit<F: Future>(
        &self,
        console: &Console,
        subject: &str,
        does: F,
    ) -> F::Output {
        self.with_audit_detail(console, subject, None, does).await
    }

    /// Like [`Self::with_audit`], with further details.
    pub(super) async fn with_audit_detail<F: Future>(
        &self,
        console: &Console,
        subject: &str,
        detail: Option<Value>,
        does: F,
    ) -> F::Output {
        let action = self.route.action();
        console
            .app
            .with_audit(self.actor(), Some(self.site.id), action, subject, detail, does)
            .await
    }

    /// Like [`Self::with_audit`], for a route with several actions.
    pub(super) async fn with_audit_as<F: Future>(
        &self,
        console: &Console,
        action: &str,
        subject: &str,
        does: F,
    ) -> F::Output {
        debug_assert!(self.route.actions().contains(&action), "{action}: {}", self.route.path);
        console.app.with_audit(self.actor(), Some(self.site.id), action, subject, None, does).await
    }

    /// Writes the action of the route to the audit log, although nothing changes.
    pub(super) async fn record(&self, console: &Console, subject: &str) {
        let action = self.route.action();
        console.app.record(self.actor(), Some(self.site.id), action, subject, None).await;
    }

    fn actor(&self) -> Actor {
        Actor::Account(self.account.id)
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
        let SignedIn { account, context } = SignedIn::from_request_parts(parts, console).await?;
        let named = RawPathParams::from_request_parts(parts, console)
            .await
            .map_err(|_| ConsoleError::NotFound)?;
        let site = named
            .iter()
            .find_map(|(name, value)| (name == "site").then(|| value.parse::<SiteId>()));
        let site = site.and_then(Result::ok).ok_or(ConsoleError::NotFound)?;
        let of = console.app.role_on(&account, site).await?;
        let page = parts.extensions.get::<MatchedPath>().map(MatchedPath::as_str);
        let route = page.and_then(|page| CONSOLE.find(&parts.method, page));
        let route = route
            .filter(|route| is_allowed_for_role(of.role, route.access))
            .ok_or(ConsoleError::Forbidden)?;
        fair_scheduler::set_current_site(site);
        Ok(Self { account, site: of.site, role: of.role, context, route })
    }
}

/// Whether a role may open a route of a site. Checked in the extractor, before any handler.
fn is_allowed_for_role(role: Role, access: Access) -> bool {
    match access {
        Access::ConversationRole => role.answers_conversations(),
        Access::SiteRole => role.sees_site(),
        _ => false,
    }
}

/// Redirects with 303 after a form.
pub(super) fn redirect(path: &str) -> Response {
    (StatusCode::SEE_OTHER, [(header::LOCATION, path.to_owned())]).into_response()
}
