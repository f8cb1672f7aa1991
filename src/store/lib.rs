//! The database interface: everything that is stored, as verbs named by intent.
//!
//! The verbs are in `sql`, what belongs to one database is in a folder of its own (`sqlite`); callers
//! cannot tell which one runs. The contract suite in `contract` defines the behaviour that callers
//! may rely on.
//!
//! Guarantees of every backend:
//! - A verb that changes something is atomic, and durable (against `kill -9` and power loss) before
//!   it returns `Ok`.
//! - Its [`InboxEvent`](belfry_domain::InboxEvent)s are published once, after the commit, in commit
//!   order, before the verb returns.
//! - Every query is bounded by site, and by contact where there is one.
//! - Versions and positions of a site only grow.
//!
//! Must not depend on HTTP, HTML or the language of a reader, and stores no plaintext secret.
//! Called by `app` and the server's background jobs.
//!
//! To add a verb: the method on the trait of its capability here, its implementation in each
//! backend, and a test in the contract suite (listed in the `contract!` macro). A new capability
//! also needs its trait among the supertraits of [`Store`].

mod accounts;
mod audit;
mod bus;
mod channel;
mod contacts;
#[cfg(test)]
mod contract;
mod copy;
mod db;
mod devices;
mod error;
mod fan_out;
mod idempotency;
mod imports;
mod install_events;
mod mutes;
mod nats;
mod options;
mod origins;
mod pictures;
mod postgres;
mod reader_list;
mod reports;
mod request_scope;
mod sdk;
mod segments;
mod settings;
mod shared_state;
mod sql;
mod sqlite;
mod store;
mod token_rotation;
mod vault;
mod webhooks;

pub use accounts::{AccountStore, MAX_OPEN_INVITATIONS, MemberChangeOutcome};
pub use audit::AuditStore;
pub use channel::{
    AccountWebhookStore, AgentListStore, AgentStore, AttachmentStore, CannedResponseStore,
    ChannelContactStore, ChannelResult, ChannelStore, ConversationMessageStore, ConversationStore,
    InboxStore, MAX_ACCOUNT_WEBHOOKS, MAX_AGENTS, MAX_CANNED_BYTES, MAX_CANNED_RESPONSES,
    MAX_CONVERSATIONS_OF_CONTACT, MAX_INBOXES, MAX_READ_AT_ONCE, MAX_SESSIONS_OF_CONTACT,
    MAX_SHOWN_MESSAGES, MAX_UNREAD_AGENT_MESSAGES, ReaderConversationStore,
};
pub use contacts::{ContactStore, ReplaceContactOutcome};
pub use copy::{CopyError, CopyProgress, CopyReport, TableReport, copy_database};
pub use devices::DeviceStore;
pub use error::{Conflict, StoreError};
pub use fan_out::{FanOutStore, MAX_FAN_OUTS};
pub use idempotency::{IdempotencyStore, MAX_IDEMPOTENCY_BYTES};
pub use imports::{ImportRows, ImportStore, MAX_PROBLEMS, MAX_UNFINISHED_IMPORTS};
pub use install_events::InstallEventStore;
pub use mutes::{MAX_MUTES, MuteStore};
pub use nats::NatsOptions;
pub use options::DatabaseOptions;
pub use origins::OriginStore;
pub use pictures::PictureStore;
pub use postgres::PostgresOptions;
pub use reader_list::{ChooseLanguage, ListEntry, ReaderListStore};
pub use reports::{CancelOutcome, RETENTION_CAP_MESSAGES, ReportStore};
pub use request_scope::{AuditScope, CancelOnDrop, RequestCancellation};
pub use sdk::{MAX_SDK_AGENTS, MAX_SDK_KEYS, MAX_SDK_SESSIONS, SdkLogin, SdkStore};
pub use segments::{DeleteSegmentOutcome, SegmentStore};
pub use settings::SettingsStore;
pub use shared_state::{AttemptLimit, SharedStateStore, SharedValue, SharedValueKind};
pub use sql::SqlStore;
pub use sqlite::SqliteOptions;
pub use store::{
    DeleteThemeOutcome, MAX_KEYS, MAX_PREVIEW_LINKS, MAX_SESSIONS, MAX_THEME_VERSIONS,
    PublishOutcome, RollbackOutcome, Store,
};
pub use token_rotation::TokenRotationStore;
pub use webhooks::{
    Concurrency, DueBatch, MAX_ENDPOINTS, MAX_PENDING_DELIVERIES,
    MAX_PENDING_DELIVERIES_OF_CONTACT, MAX_STORED_ENDPOINTS, WebhookStore,
};

use belfry_domain::ValidationError;

/// Computes the new value from the stored one, inside the writer's transaction. Must take well
/// below a millisecond.
pub type UpdateFn<T> = Box<dyn FnOnce(&T) -> std::result::Result<T, ValidationError> + Send>;

/// The stored value afterwards, or why the new one is invalid. `None` when the object does not
/// exist.
pub type UpdateResult<T> = Option<std::result::Result<T, ValidationError>>;

/// Result of a verb.
pub type Result<T> = std::result::Result<T, StoreError>;
