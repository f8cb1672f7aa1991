//! A request that may come twice, and the answer that is kept for the second time. Must not know what was asked.

use super::Digest;
use serde_json::Value;

/// A request with a key of its sender's making.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// The sender's key.
    pub key: String,
    /// Digest of what is asked.
    pub fingerprint: Digest,
    /// The run of the process that works on it: what an ended run left unfinished is known by it.
    pub run: [u8; 16],
}

/// An answer that is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptAnswer {
    /// Its HTTP status.
    pub status: u16,
    /// What its body is.
    pub content_type: Option<String>,
    /// What it says.
    pub says: KeptBody,
}

/// What is kept of an answer's body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeptBody {
    /// All of it.
    Whole(Vec<u8>),
    /// Nothing, since a secret was in it, it was too long, or too much is kept already; only the id of what it was about, which may be empty.
    Sealed(String),
}

/// What became of the wish to begin with a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Begun {
    /// It is the first of its key, and reserved for the caller.
    New,
    /// It was answered before.
    Answered(KeptAnswer),
    /// It is being worked on in this moment.
    UnderWay,
    /// A former run of the process began with it and never came to its end; whether it took effect is not known.
    Interrupted,
    /// The key was used before for something else.
    KeyReused,
}

/// The id of what an answer in JSON is about; empty where it does not say.
pub fn answer_subject(json: &[u8]) -> String {
    let Ok(Value::Object(said)) = serde_json::from_slice(json) else { return String::new() };
    match said.get("id").or_else(|| said.get("version")) {
        Some(Value::String(id)) => id.clone(),
        Some(Value::Number(id)) => id.to_string(),
        _ => String::new(),
    }
}
