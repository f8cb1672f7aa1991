//! The record of what people and programs did to a site, other than reading and sending to it in the ordinary way.

use super::{AccountId, KeyId, SiteId, Timestamp};
use serde_json::Value;

/// Who did it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// A person with an account.
    Account(AccountId),
    /// A site's backend, with this key.
    Key(KeyId),
    /// Whoever runs the server, at its command line.
    Operator,
    /// Belfry itself, when a time had come.
    System,
}

/// One act, as it happened. Nothing secret is ever in it.
#[derive(Debug, Clone, PartialEq)]
pub struct AuditEntry {
    /// The site it was done to; `None` for what concerns accounts alone.
    pub site: Option<SiteId>,
    /// Who did it.
    pub actor: Actor,
    /// What, as `noun.verb`: `key.created`, `theme.published`.
    pub action: String,
    /// To which thing: an id or a name; empty where the site itself is meant.
    pub subject: String,
    /// What else there is to say, as a small JSON object.
    pub detail: Option<Value>,
    /// When.
    pub at: Timestamp,
}

/// An entry with its number; numbers only grow.
#[derive(Debug, Clone, PartialEq)]
pub struct Audited {
    /// Its number.
    pub number: i64,
    /// What happened.
    pub entry: AuditEntry,
}
