//! Sign-in sessions of the back office. Each agent's cookie has its own path, so that one browser
//! can show both agents in two tabs.

use super::{BackOffice, BackOfficeAgent, words::Phrases};
use crate::demo::shop::random;
use axum::{
    Form,
    extract::{Path, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse as _, Redirect, Response},
};
use belfry_web::cookies;
use serde::Deserialize;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

/// Cookies are shared between ports, so the name must differ from other programs' on `localhost`.
const COOKIE_NAME: &str = "acme_back_office";
/// Maximum number of sessions; beyond it all sessions are dropped.
const MAX_SESSIONS: usize = 1_000;

/// Agent ids by random cookie, lost when the process ends.
#[derive(Default)]
pub struct Sessions(Mutex<HashMap<String, &'static str>>);

impl Sessions {
    fn begin(&self, agent: &BackOfficeAgent, secret: String) {
        let mut sessions = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if sessions.len() >= MAX_SESSIONS {
            sessions.clear();
        }
        sessions.insert(secret, agent.id);
    }

    /// Whether the request has a session of this agent.
    pub fn holds(&self, headers: &HeaderMap, agent: &BackOfficeAgent) -> bool {
        let sessions = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        cookies::value(headers, COOKIE_NAME)
            .and_then(|secret| sessions.get(secret))
            .is_some_and(|id| *id == agent.id)
    }

    fn end(&self, headers: &HeaderMap) {
        if let Some(secret) = cookies::value(headers, COOKIE_NAME) {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(secret);
        }
    }
}

#[derive(Deserialize)]
pub struct SignIn {
    agent: String,
    #[serde(default)]
    lang: String,
}

/// `POST /sign-in`. It takes a name without a password, since this is a demo.
pub async fn sign_in(State(office): State<Arc<BackOffice>>, Form(form): Form<SignIn>) -> Response {
    let Some(agent) = BackOfficeAgent::find(&form.agent) else {
        return Redirect::to("/").into_response();
    };
    let secret = random(&*office.rng);
    let cookie = format!("{COOKIE_NAME}={secret}; Path=/{}; HttpOnly; SameSite=Strict", agent.id);
    office.sessions.begin(agent, secret);
    (
        [(header::SET_COOKIE, cookie)],
        Redirect::to(&Phrases::for_language(&form.lang).agent_path(agent.id)),
    )
        .into_response()
}

/// `POST /{agent}/sign-out`.
pub async fn sign_out(
    State(office): State<Arc<BackOffice>>,
    Path(agent): Path<String>,
    headers: HeaderMap,
) -> Response {
    let Some(agent) = BackOfficeAgent::find(&agent) else {
        return Redirect::to("/").into_response();
    };
    office.sessions.end(&headers);
    let cookie =
        format!("{COOKIE_NAME}=; Path=/{}; Max-Age=0; HttpOnly; SameSite=Strict", agent.id);
    ([(header::SET_COOKIE, cookie)], Redirect::to("/")).into_response()
}

/// `GET /{agent}/token`: a JWT for the signed-in agent.
pub async fn token(
    State(fixture): State<Arc<BackOffice>>,
    Path(agent): Path<String>,
    headers: HeaderMap,
) -> Response {
    match BackOfficeAgent::find(&agent).filter(|agent| fixture.sessions.holds(&headers, agent)) {
        Some(agent) => {
            fixture.key.sign(agent, fixture.clock.now().millis().div_euclid(1_000)).into_response()
        }
        None => StatusCode::UNAUTHORIZED.into_response(),
    }
}
