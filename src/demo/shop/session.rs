//! Sign-in sessions of the shop: random cookies and a map in memory, lost when the process ends.

use crate::demo::visitor::Visitor;
use axum::http::HeaderMap;
use belfry_domain::Rng;
use belfry_web::cookies;
use std::{
    collections::HashMap,
    fmt::Write as _,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// The shop's cookie. Cookies are shared between ports, so the name must differ from other
/// programs' on `localhost`.
const COOKIE_NAME: &str = "acme_shop";
/// Maximum number of sessions; beyond it all sessions are dropped.
const MAX_SESSIONS: usize = 1_000;

/// A signed-in visitor.
#[derive(Debug, Clone)]
pub struct Session {
    /// The visitor.
    pub visitor: &'static Visitor,
    /// Number of sent demo messages: selects the next one, and makes a form that is sent twice
    /// recognizable.
    pub sent_messages: u32,
    /// Public name of this session, unlike its secret cookie.
    pub label: String,
    /// Message for the next page.
    pub flash: Option<FlashMessage>,
}

/// A message to the visitor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FlashMessage {
    /// Whether it reports a failure.
    pub is_error: bool,
    /// The text.
    pub text: String,
}

/// All sessions.
#[derive(Default)]
pub struct Sessions(Mutex<HashMap<String, Session>>);

impl Sessions {
    /// Starts a session and returns the `Set-Cookie` value. The session id is always new, so a
    /// cookie planted before sign-in has no effect (session fixation).
    pub fn begin(&self, visitor: &'static Visitor, rng: &dyn Rng) -> String {
        let (secret, label) = (random(rng), random(rng));
        let mut sessions = self.lock();
        if sessions.len() >= MAX_SESSIONS {
            sessions.clear();
        }
        sessions.insert(secret.clone(), Session { visitor, sent_messages: 0, label, flash: None });
        format!("{COOKIE_NAME}={secret}; Path=/; HttpOnly; SameSite=Lax")
    }

    /// Ends the session of a request and returns the `Set-Cookie` value that removes the cookie.
    pub fn end(&self, headers: &HeaderMap) -> String {
        if let Some(secret) = cookie(headers) {
            self.lock().remove(&secret);
        }
        format!("{COOKIE_NAME}=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax")
    }

    /// The session of a request.
    pub fn get(&self, headers: &HeaderMap) -> Option<Session> {
        self.lock().get(&cookie(headers)?).cloned()
    }

    /// The session of a request; its notice is removed, so that it is shown once.
    pub fn take_flash(&self, headers: &HeaderMap) -> Option<Session> {
        let mut sessions = self.lock();
        let session = sessions.get_mut(&cookie(headers)?)?;
        let context = session.clone();
        session.flash = None;
        Some(context)
    }

    /// Records that demo message `turn` was sent, and returns the next number.
    pub fn advance(&self, headers: &HeaderMap, turn: u32) -> u32 {
        let mut sessions = self.lock();
        let Some(session) = cookie(headers).and_then(|secret| sessions.get_mut(&secret)) else {
            return 0;
        };
        session.sent_messages = session.sent_messages.max(turn.saturating_add(1));
        session.sent_messages
    }

    /// Stores a message for the next page.
    pub fn set_flash(&self, headers: &HeaderMap, notice: FlashMessage) {
        if let Some(secret) = cookie(headers)
            && let Some(session) = self.lock().get_mut(&secret)
        {
            session.flash = Some(notice);
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Session>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn cookie(headers: &HeaderMap) -> Option<String> {
    cookies::value(headers, COOKIE_NAME).map(str::to_owned)
}

/// 128 random bits as hexadecimal text, also used for nonces.
pub fn random(rng: &dyn Rng) -> String {
    let mut bytes = [0; 16];
    rng.fill(&mut bytes);
    bytes.iter().fold(String::with_capacity(32), |mut text, byte| {
        // Writing to a String can't fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
