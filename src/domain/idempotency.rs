//! Idempotent requests: the key of a request, its reservation, and the stored response for
//! repetitions.
//!
//! Doesn't know what is requested. Used by the API's idempotency layer, by whatever publishes
//! messages, and by the store.

use super::Digest;
use serde_json::Value;

/// A request with an idempotency key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotentRequest {
    /// The client's key: 1 to 255 visible ASCII characters.
    pub key: String,
    /// Digest of the request.
    pub fingerprint: Digest,
}

/// Identifies a server process, so that a request that an earlier process left unfinished is
/// recognized.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ServerRun(pub [u8; 16]);

/// A stored response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredResponse {
    /// HTTP status.
    pub status: u16,
    /// Content type of the body.
    pub content_type: Option<String>,
    /// The body.
    pub body: StoredBody,
}

/// The stored body of a response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoredBody {
    /// The whole body.
    Full(Vec<u8>),
    /// Redacted: the body contains a secret, is too long, or the storage quota is used up. Contains
    /// only the id of the created object, which may be empty.
    Redacted(String),
}

/// The result of reserving an idempotency key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IdempotencyReservation {
    /// The key is new and reserved for the caller.
    New,
    /// The request was already answered.
    Completed(StoredResponse),
    /// The request is in progress, as far as is known: the caller's process has reserved its key.
    InProgress,
    /// The request is in progress in another process, which is alive.
    InProgressElsewhere,
    /// An earlier process started the request and didn't finish; whether it took effect is unknown.
    Interrupted,
    /// The key was used for a different request.
    KeyReused,
}

/// The id (or version) in a JSON response; empty if there is none.
pub fn response_subject(json: &[u8]) -> String {
    let Ok(Value::Object(object)) = serde_json::from_slice(json) else { return String::new() };
    match object.get("id").or_else(|| object.get("version")) {
        Some(Value::String(id)) => id.clone(),
        Some(Value::Number(id)) => id.to_string(),
        _ => String::new(),
    }
}
