//! Who is here, on which site, and what is to be told to them once.

use super::{Console, error::ConsoleError, guard::Peer, session, words::Lang};
use crate::{
    domain::{Account, AccountId, Actor, Digest, Role, Secret, SecretKind, Site, SiteId},
    inbox::InboxError,
    turns,
    web::address::{AddressProblem, problem},
};
use axum::{
    extract::{FromRequestParts, MatchedPath, RawPathParams},
    http::{HeaderMap, Method, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use std::ops::Deref;
use tower_sessions::Session;

const TOKEN: &str = "form";
const FLASH: &str = "flash";

/// What a session says of one whose second factor is still to come.
#[derive(Serialize, Deserialize)]
struct Pending {
    account: i64,
    /// When the password was right.
    at: i64,
    /// Which password it was: another one since then makes this void.
    password: String,
}

/// What is said once, at the top of the next page.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Flash {
    pub(super) failed: bool,
    pub(super) text: String,
}

/// A request of a browser, signed in or not.
#[derive(Clone)]
pub(super) struct Visit {
    pub(super) console: Console,
    pub(super) session: Session,
    pub(super) account: Option<Account>,
    pub(super) lang: Lang,
    /// What proves that a form is ours.
    pub(super) token: String,
    pub(super) flash: Option<Flash>,
    /// What keeps people from signing in at this address.
    pub(super) address: Option<AddressProblem>,
}

impl Visit {
    /// What a session and the headers say. Only a `look` (a page that is shown) uses up what is to be said once.
    pub(super) async fn load(console: &Console, session: &Session, headers: &HeaderMap, look: bool) -> Result<Self, ConsoleError> {
        let account = match session.get::<i64>(session::ACCOUNT).await? {
            Some(id) => match console.inbox.account(AccountId(id)).await {
                Ok(account) => Some(account),
                Err(InboxError::NotFound) => None,
                Err(other) => return Err(other.into()),
            },
            None => None,
        };
        let lang = account.as_ref().map_or_else(|| Lang::asked(headers), |account| Lang::of(account.language.as_str()));
        let token = match session.get::<String>(TOKEN).await? {
            Some(token) => token,
            // A form that comes without a session is refused anyway.
            None if !look => String::new(),
            None => {
                let token = Secret::generate(SecretKind::Form, console.inbox.entropy()).reveal().to_owned();
                session.insert(TOKEN, &token).await?;
                token
            }
        };
        // What a script fetches beside a page is not what somebody looks at next.
        let shown = look && headers.get("sec-fetch-dest").is_none_or(|dest| dest != "empty");
        let flash = if shown && session.get_value(FLASH).await?.is_some() { session.remove(FLASH).await? } else { None };
        Ok(Self { console: console.clone(), session: session.clone(), account, lang, token, flash, address: problem(headers, &console.public_url) })
    }

    /// Begins the session of one who has proved who they are, under a new id.
    pub(super) async fn enter(&self, account: AccountId) -> Result<(), ConsoleError> {
        self.session.cycle_id().await?;
        self.session.remove_value(session::PENDING).await?;
        self.session.remove_value(TOKEN).await?;
        self.session.insert(session::ACCOUNT, account.0).await?;
        Ok(())
    }

    /// Notes that the password was right and the second factor is to come.
    pub(super) async fn await_second_factor(&self, account: &Account) -> Result<(), ConsoleError> {
        self.session.cycle_id().await?;
        let pending = Pending { account: account.id.0, at: self.console.inbox.now().millis(), password: fingerprint(account) };
        self.session.insert(session::PENDING, pending).await?;
        Ok(())
    }

    /// Whose second factor is to come; for ten minutes.
    pub(super) async fn pending(&self) -> Result<Account, ConsoleError> {
        let pending = self.session.get_value(session::PENDING).await?.and_then(|kept| serde_json::from_value::<Pending>(kept).ok());
        let pending = pending.ok_or(ConsoleError::SignIn)?;
        if self.console.inbox.now().millis() - pending.at > 600_000 {
            return Err(ConsoleError::SignIn);
        }
        let account = self.console.inbox.account(AccountId(pending.account)).await?;
        if fingerprint(&account) == pending.password { Ok(account) } else { Err(ConsoleError::SignIn) }
    }

    /// Ends this browser's session.
    pub(super) async fn leave(&self) -> Result<(), ConsoleError> {
        Ok(self.session.flush().await?)
    }

    /// What the store knows this browser's session by, to keep it when the others end.
    pub(super) fn digest(&self) -> Option<Digest> {
        self.session.id().map(|id| session::digest(&id))
    }

    /// Says on the next page that something is done.
    pub(super) async fn done(&self, text: impl Into<String>) -> Result<(), ConsoleError> {
        Ok(self.session.insert(FLASH, Flash { failed: false, text: text.into() }).await?)
    }

    /// Says on the next page that something could not be done.
    pub(super) async fn failed(&self, text: impl Into<String>) -> Result<(), ConsoleError> {
        Ok(self.session.insert(FLASH, Flash { failed: true, text: text.into() }).await?)
    }
}

/// Tells one password of an account from another.
fn fingerprint(account: &Account) -> String {
    Digest::of(&account.password.0).short()
}

impl FromRequestParts<Console> for Visit {
    type Rejection = ConsoleError;

    async fn from_request_parts(parts: &mut Parts, console: &Console) -> Result<Self, ConsoleError> {
        let session = parts.extensions.get::<Session>().cloned().ok_or(ConsoleError::Broken(StatusCode::INTERNAL_SERVER_ERROR))?;
        let look = matches!(parts.method, Method::GET | Method::HEAD);
        if look && session.get_value(TOKEN).await?.is_none() {
            let Ok(Peer(peer)) = Peer::from_request_parts(parts, console).await;
            console.throttle.begin(peer)?;
        }
        Self::load(console, &session, &parts.headers, look).await
    }
}

/// Someone who is signed in.
#[derive(Clone)]
pub(super) struct SignedIn {
    pub(super) account: Account,
    pub(super) visit: Visit,
}

impl Deref for SignedIn {
    type Target = Visit;

    fn deref(&self) -> &Visit {
        &self.visit
    }
}

impl SignedIn {
    /// Goes on only for whoever owns the instance.
    pub(super) fn operates(&self) -> Result<(), ConsoleError> {
        if self.account.is_operator { Ok(()) } else { Err(ConsoleError::Forbidden) }
    }
}

impl FromRequestParts<Console> for SignedIn {
    type Rejection = ConsoleError;

    async fn from_request_parts(parts: &mut Parts, console: &Console) -> Result<Self, ConsoleError> {
        // Looked at first: a stranger who is sent away leaves no session behind.
        let session = parts.extensions.get::<Session>().cloned().ok_or(ConsoleError::Broken(StatusCode::INTERNAL_SERVER_ERROR))?;
        if session.get_value(session::ACCOUNT).await?.is_none() {
            return Err(ConsoleError::SignIn);
        }
        let visit = Visit::from_request_parts(parts, console).await?;
        let account = visit.account.clone().ok_or(ConsoleError::SignIn)?;
        Ok(Self { account, visit })
    }
}

/// Someone who is signed in, on a site of theirs.
#[derive(Clone)]
pub(super) struct Member {
    pub(super) account: Account,
    pub(super) site: Site,
    pub(super) role: Role,
    pub(super) visit: Visit,
}

impl Deref for Member {
    type Target = Visit;

    fn deref(&self) -> &Visit {
        &self.visit
    }
}

impl Member {
    /// Goes on only when their role goes so far.
    pub(super) fn may(&self, role: Role) -> Result<(), ConsoleError> {
        if self.role >= role { Ok(()) } else { Err(ConsoleError::Forbidden) }
    }

    /// Does something that goes on record as theirs once it changes something; where `subject` is empty, with the id of what is made.
    pub(super) async fn acting<F: Future>(&self, console: &Console, action: &str, subject: &str, does: F) -> F::Output {
        console.inbox.acting(Actor::Account(self.account.id), Some(self.site.id), action, subject, None, does).await
    }

    /// Where they begin on this site: agents at its conversations.
    pub(super) fn home(site: SiteId, role: Role) -> String {
        let rest = if role.sees_site() { "" } else { "/conversations" };
        format!("/console/sites/{site}{rest}")
    }

    /// The address of a page of this site: `path("messages")`.
    pub(super) fn path(&self, rest: &str) -> String {
        let site = self.site.id;
        if rest.is_empty() { format!("/console/sites/{site}") } else { format!("/console/sites/{site}/{rest}") }
    }
}

impl FromRequestParts<Console> for Member {
    type Rejection = ConsoleError;

    async fn from_request_parts(parts: &mut Parts, console: &Console) -> Result<Self, ConsoleError> {
        let SignedIn { account, visit } = SignedIn::from_request_parts(parts, console).await?;
        let named = RawPathParams::from_request_parts(parts, console).await.map_err(|_| ConsoleError::NotFound)?;
        let site = named.iter().find_map(|(name, value)| (name == "site").then(|| value.parse::<SiteId>()));
        let site = site.and_then(Result::ok).ok_or(ConsoleError::NotFound)?;
        let of = console.inbox.role_on(&account, site).await?;
        let page = parts.extensions.get::<MatchedPath>().map(MatchedPath::as_str).unwrap_or_default();
        if !is_for(of.role, page) {
            return Err(ConsoleError::Forbidden);
        }
        turns::of_site(site);
        Ok(Self { account, site: of.site, role: of.role, visit })
    }
}

/// Whether a page of a site, by its route, is for this role: conversations for those who answer them, all others for those who see the site.
/// It is asked before any handler, so that no page can forget it.
fn is_for(role: Role, route: &str) -> bool {
    let page = route.split_once("/sites/{site}/").map_or("", |(_, rest)| rest);
    if page.split('/').next() == Some("conversations") { role.answers_conversations() } else { role.sees_site() }
}

/// Sends the browser on, after a form.
pub(super) fn go(path: &str) -> Response {
    (StatusCode::SEE_OTHER, [(header::LOCATION, path.to_owned())]).into_response()
}
