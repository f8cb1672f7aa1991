//! The agents of the back office, and the JWT with which its backend proves their identity to
//! Belfry.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::json;
use sha2::Sha256;

/// Lifetime of a JWT in seconds: enough to exchange it for a session.
const JWT_SECONDS: i64 = 200;

/// An agent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BackOfficeAgent {
    /// The path segment.
    pub id: &'static str,
    /// The name.
    pub name: &'static str,
    /// E-mail address.
    pub email: &'static str,
    /// Job title.
    pub role: &'static str,
}

/// All agents who can sign in.
pub const AGENTS: [BackOfficeAgent; 2] = [
    BackOfficeAgent { id: "ada", name: "Ada", email: "ada@acme.example", role: "orders" },
    BackOfficeAgent { id: "ben", name: "Ben", email: "ben@acme.example", role: "workshop" },
];

impl BackOfficeAgent {
    /// Finds an agent by id.
    pub fn find(id: &str) -> Option<&'static Self> {
        AGENTS.iter().find(|agent| agent.id == id)
    }
}

/// A signing key of the site.
#[derive(Clone)]
pub struct SigningKey {
    /// UUID of the site.
    pub environment: String,
    /// The key. It must not leave the backend.
    pub secret: String,
}

impl SigningKey {
    /// Signs a JWT for an agent; `now` is in Unix seconds.
    pub fn sign(&self, agent: &BackOfficeAgent, now: i64) -> String {
        let claims = json!({
            "iss": "acme-back-office",
            "iat": now,
            "exp": now.saturating_add(JWT_SECONDS),
            "environment_id": self.environment,
            "id": format!("acme/{}", agent.id),
            "name": agent.name,
            "email": agent.email,
        });
        let signed = [json!({ "alg": "HS256", "typ": "JWT" }), claims]
            .map(|part| URL_SAFE_NO_PAD.encode(part.to_string()))
            .join(".");
        // HMAC accepts keys of any length.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(self.secret.as_bytes()) else {
            return String::new();
        };
        mac.update(signed.as_bytes());
        let signature = URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes());
        format!("{signed}.{signature}")
    }
}
