//! The audit log: what people and programs changed on a site, apart from ordinary reading and
//! sending.
//!
//! To add an action: its name in [`AUDIT_ACTIONS`], and its label in the console's audit page.

use super::{AccountId, KeyId, SiteId, Timestamp, channel::AgentId};
use serde_json::Value;

/// Every action that is recorded. The console has a label for each.
pub const AUDIT_ACTIONS: &[&str] = &[
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

/// Who performed an action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// A console account.
    Account(AccountId),
    /// A site backend, by API key.
    Key(KeyId),
    /// An agent, by API access token.
    Agent(AgentId),
    /// The operator, by the command line.
    Operator,
    /// Belfry itself, for example on a schedule.
    System,
}

/// An audit log entry. Never contains secrets.
#[derive(Debug, Clone, PartialEq)]
pub struct AuditEntry {
    /// The site; `None` for actions on accounts alone.
    pub site: Option<SiteId>,
    /// Who performed it.
    pub actor: Actor,
    /// The action as `noun.verb`: `key.created`, `theme.published`.
    pub action: String,
    /// Id or name of the object; empty for the site itself.
    pub subject: String,
    /// Further details, a small JSON object.
    pub detail: Option<Value>,
    /// Time of the action.
    pub at: Timestamp,
}

/// An audit log entry as stored.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredAuditEntry {
    /// Sequence number; always increases.
    pub number: i64,
    /// The entry.
    pub entry: AuditEntry,
}
