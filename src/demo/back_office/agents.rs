//! The people of the back office, and the JWT by which its backend proves to Belfry who is there.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::json;
use sha2::Sha256;

/// How long a JWT is good for: as long as it takes to bring it to Belfry, which then gives a session.
const JWT_SECONDS: i64 = 200;

/// Somebody who answers customers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BackOfficeAgent {
    /// Their word in addresses.
    pub id: &'static str,
    /// Their name.
    pub name: &'static str,
    /// Their e-mail address.
    pub email: &'static str,
    /// What they do.
    pub role: &'static str,
}

/// Everyone who can sign in.
pub const AGENTS: [BackOfficeAgent; 2] = [
    BackOfficeAgent { id: "ada", name: "Ada", email: "ada@acme.example", role: "orders" },
    BackOfficeAgent { id: "ben", name: "Ben", email: "ben@acme.example", role: "workshop" },
];

impl BackOfficeAgent {
    /// The agent with this id.
    pub fn find(id: &str) -> Option<&'static Self> {
        AGENTS.iter().find(|agent| agent.id == id)
    }
}

/// A signing key of the site, as it is shown once.
#[derive(Clone)]
pub struct SigningKey {
    /// The UUID of the site.
    pub environment: String,
    /// The key. It never leaves the backend.
    pub secret: String,
}

impl SigningKey {
    /// A JWT for an agent at this moment, in Unix seconds.
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
        let signed = [json!({ "alg": "HS256", "typ": "JWT" }), claims].map(|part| URL_SAFE_NO_PAD.encode(part.to_string())).join(".");
        // A key may have any length.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(self.secret.as_bytes()) else { return String::new() };
        mac.update(signed.as_bytes());
        let signature = URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes());
        format!("{signed}.{signature}")
    }
}
