//! The record of what people and programs did to a site, other than reading and sending to it in the ordinary way.

use super::{AccountId, KeyId, SiteId, Timestamp, channel::AgentId};
use serde_json::Value;

/// Every act that goes on record: whoever shows them has words for each of these.
pub const ACTS: &[&str] = &[
    "account.created",
    "agent.tokenCreated",
    "canned-response.created",
    "canned-response.deleted",
    "canned-response.updated",
    "contact.changed",
    "contact.created",
    "contact.deleted",
    "contact.devices",
    "contact.erased",
    "contact.exported",
    "contact.subscribe",
    "contact.updated",
    "contacts.imported",
    "delivery.replayed",
    "image.created",
    "import.created",
    "inbox.created",
    "inbox.deleted",
    "inbox.members",
    "inbox.tested",
    "inbox.updated",
    "invitation.accepted",
    "invitation.created",
    "invitation.revoked",
    "key.created",
    "key.revoked",
    "member.changed",
    "member.removed",
    "message.cancel",
    "message.cancelled",
    "message.changed",
    "message.edited",
    "message.published",
    "message.recalled",
    "message.resent",
    "message.scheduled",
    "message.tested",
    "origin.allowed",
    "password.changed",
    "sdk-key.created",
    "sdk-key.revoked",
    "second-factor.enabled",
    "second-factor.failed",
    "second-factor.removed",
    "segment.changed",
    "segment.created",
    "segment.deleted",
    "segment.updated",
    "sessions.ended",
    "settings.updated",
    "site.changed",
    "site.created",
    "site.domains",
    "site.updated",
    "theme.deleted",
    "theme.published",
    "theme.rolledBack",
    "theme.rolled_back",
    "theme.shown",
    "theme.uploaded",
    "webhook.changed",
    "webhook.created",
    "webhook.deleted",
    "webhook.disabled",
    "webhook.enabled",
    "webhook.replay",
    "webhook.replayed",
    "webhook.secret",
    "webhook.secretRotated",
    "webhook.test",
    "webhook.tested",
    "webhook.updated",
];

/// Who did it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// A person with an account.
    Account(AccountId),
    /// A site's backend, with this key.
    Key(KeyId),
    /// An agent's program, with the agent's access token.
    Agent(AgentId),
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
