//! Who is signed in at the shop: random cookies and a map in memory. It ends with the process.

use crate::{demo::visitor::Visitor, domain::Entropy, web::cookies};
use axum::http::HeaderMap;
use std::{
    collections::HashMap,
    fmt::Write as _,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// The shop's cookie. Cookies ignore ports, so the name should not meet another program's on `localhost`.
const COOKIE_NAME: &str = "acme_shop";
/// More sessions than a demo has; beyond it all start anew.
const MOST: usize = 1_000;

/// One signed-in visitor.
#[derive(Debug, Clone)]
pub struct Session {
    /// Who.
    pub visitor: &'static Visitor,
    /// How many surprises were sent: chooses the next one, and makes a form that is sent twice recognisable.
    pub turn: u32,
    /// A name of this session that may be shown, unlike its cookie.
    pub label: String,
    /// Something to say on the next page.
    pub notice: Option<Notice>,
}

/// Something to tell the visitor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// Whether it went wrong.
    pub failed: bool,
    /// The sentence.
    pub text: String,
}

/// All sessions.
#[derive(Default)]
pub struct Sessions(Mutex<HashMap<String, Session>>);

impl Sessions {
    /// Begins a session and gives the `Set-Cookie` value. It is always a new one: a cookie planted before signing in is worth nothing.
    pub fn begin(&self, visitor: &'static Visitor, entropy: &dyn Entropy) -> String {
        let (secret, label) = (random(entropy), random(entropy));
        let mut sessions = self.lock();
        if sessions.len() >= MOST {
            sessions.clear();
        }
        sessions.insert(secret.clone(), Session { visitor, turn: 0, label, notice: None });
        format!("{COOKIE_NAME}={secret}; Path=/; HttpOnly; SameSite=Lax")
    }

    /// Ends the session of a request and gives the `Set-Cookie` value that forgets it.
    pub fn end(&self, headers: &HeaderMap) -> String {
        if let Some(secret) = cookie(headers) {
            self.lock().remove(&secret);
        }
        format!("{COOKIE_NAME}=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax")
    }

    /// The session of a request.
    pub fn of(&self, headers: &HeaderMap) -> Option<Session> {
        self.lock().get(&cookie(headers)?).cloned()
    }

    /// The session of a request, and its notice, which is told once.
    pub fn visit(&self, headers: &HeaderMap) -> Option<Session> {
        let mut sessions = self.lock();
        let session = sessions.get_mut(&cookie(headers)?)?;
        let visit = session.clone();
        session.notice = None;
        Some(visit)
    }

    /// Notes that surprise `turn` was sent, and gives the next one's number.
    pub fn advance(&self, headers: &HeaderMap, turn: u32) -> u32 {
        let mut sessions = self.lock();
        let Some(session) = cookie(headers).and_then(|secret| sessions.get_mut(&secret)) else { return 0 };
        session.turn = session.turn.max(turn.saturating_add(1));
        session.turn
    }

    /// Keeps something to say on the next page.
    pub fn tell(&self, headers: &HeaderMap, notice: Notice) {
        if let Some(secret) = cookie(headers)
            && let Some(session) = self.lock().get_mut(&secret)
        {
            session.notice = Some(notice);
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Session>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn cookie(headers: &HeaderMap) -> Option<String> {
    cookies::value(headers, COOKIE_NAME).map(str::to_owned)
}

/// 128 random bits as text; also good for a nonce.
pub fn random(entropy: &dyn Entropy) -> String {
    let mut bytes = [0; 16];
    entropy.fill(&mut bytes);
    bytes.iter().fold(String::with_capacity(32), |mut text, byte| {
        // Writing to a String can't fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
