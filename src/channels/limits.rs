//! Rate limits for clients without a key: requests per address, session and inbox, and creation of
//! sessions, conversations and messages.
//!
//! Must not depend on the format of error responses. The public client API and the Inbox SDK use
//! it, each with its own state.

use crate::{
    domain::channel::{ContactInboxId, InboxId},
    rate_limit::{Gate, Rate, Subscriber as ClientPrefix},
};
use std::{hash::Hash, time::Duration};

/// Too many requests: retry after this number of seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct RetryAfter(pub u64);

/// The rate limits of a surface for customers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Requests of one address. High, because a site's own server may call for all of its visitors.
    pub address: Rate,
    /// Requests of one session.
    pub session: Rate,
    /// Requests to one inbox.
    pub inbox: Rate,
    /// New sessions of one address.
    pub sessions_of_address: Rate,
    /// New sessions, and so contacts, in one inbox.
    pub sessions_of_inbox: Rate,
    /// New conversations of one session.
    pub conversations_of_session: Rate,
    /// New conversations in one inbox.
    pub conversations_of_inbox: Rate,
    /// Messages of one session.
    pub messages: Rate,
    /// Messages with files of one address: each holds memory while it is read.
    pub uploads: Rate,
    /// Requests of one session that list all of its conversations.
    pub lists: Rate,
}

impl Limits {
    /// Limits that no client reaches; for tests and benchmarks.
    pub const fn plenty() -> Self {
        let plenty = Rate::PLENTY;
        Self {
            address: plenty,
            session: plenty,
            inbox: plenty,
            sessions_of_address: plenty,
            sessions_of_inbox: plenty,
            conversations_of_session: plenty,
            conversations_of_inbox: plenty,
            messages: plenty,
            uploads: plenty,
            lists: plenty,
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            address: Rate::new(600, Duration::from_millis(20)),
            session: Rate::new(120, Duration::from_millis(200)),
            inbox: Rate::new(20_000, Duration::from_micros(500)),
            sessions_of_address: Rate::new(120, Duration::from_secs(5)),
            // 3,600 an hour, with a burst of 2,000.
            sessions_of_inbox: Rate::new(2_000, Duration::from_secs(1)),
            conversations_of_session: Rate::new(20, Duration::from_mins(3)),
            conversations_of_inbox: Rate::new(2_000, Duration::from_secs(1)),
            messages: Rate::new(60, Duration::from_secs(1)),
            uploads: Rate::new(30, Duration::from_secs(2)),
            // 100 in a minute, with a burst of 100.
            lists: Rate::new(100, Duration::from_millis(600)),
        }
    }
}

/// The state of all rate limits.
pub(super) struct Limiter {
    addresses: Gate<ClientPrefix>,
    sessions: Gate<ContactInboxId>,
    inboxes: Gate<InboxId>,
    sessions_of_address: Gate<ClientPrefix>,
    sessions_of_inbox: Gate<InboxId>,
    conversations_of_session: Gate<ContactInboxId>,
    conversations_of_inbox: Gate<InboxId>,
    messages: Gate<ContactInboxId>,
    uploads: Gate<ClientPrefix>,
    lists: Gate<ContactInboxId>,
}

impl Limiter {
    pub(super) fn new(limits: Limits) -> Self {
        Self {
            addresses: Gate::new("address", limits.address),
            sessions: Gate::new("session", limits.session),
            inboxes: Gate::new("inbox", limits.inbox),
            sessions_of_address: Gate::new("new sessions of an address", limits.sessions_of_address),
            sessions_of_inbox: Gate::new("new sessions of an inbox", limits.sessions_of_inbox),
            conversations_of_session: Gate::new("new conversations of a session", limits.conversations_of_session),
            conversations_of_inbox: Gate::new("new conversations of an inbox", limits.conversations_of_inbox),
            messages: Gate::new("messages", limits.messages),
            uploads: Gate::new("uploads", limits.uploads),
            lists: Gate::new("lists", limits.lists),
        }
    }

    /// Counts a request of an address, before any lookup.
    pub(super) fn request(&self, address: ClientPrefix) -> Result<(), RetryAfter> {
        pass(&self.addresses, &address)
    }

    /// Counts a request to an existing inbox.
    pub(super) fn inbox(&self, inbox: InboxId) -> Result<(), RetryAfter> {
        pass(&self.inboxes, &inbox)
    }

    /// Counts a request of an existing session.
    pub(super) fn session(&self, session: ContactInboxId) -> Result<(), RetryAfter> {
        pass(&self.sessions, &session)
    }

    /// Counts a new session. An address beyond its own limit doesn't count against the inbox.
    pub(super) fn new_session(&self, address: ClientPrefix, inbox: InboxId) -> Result<(), RetryAfter> {
        pass(&self.sessions_of_address, &address)?;
        pass(&self.sessions_of_inbox, &inbox)
    }

    /// Counts a new conversation.
    pub(super) fn new_conversation(&self, session: ContactInboxId, inbox: InboxId) -> Result<(), RetryAfter> {
        pass(&self.conversations_of_session, &session)?;
        pass(&self.conversations_of_inbox, &inbox)
    }

    /// Counts a new message.
    pub(super) fn message(&self, session: ContactInboxId) -> Result<(), RetryAfter> {
        pass(&self.messages, &session)
    }

    /// Counts a body with files, before it is read.
    pub(super) fn upload(&self, address: ClientPrefix) -> Result<(), RetryAfter> {
        pass(&self.uploads, &address)
    }

    /// Counts a request that lists all conversations of a session.
    pub(super) fn list(&self, session: ContactInboxId) -> Result<(), RetryAfter> {
        pass(&self.lists, &session)
    }
}

fn pass<K: Hash + Eq + Clone>(gate: &Gate<K>, caller: &K) -> Result<(), RetryAfter> {
    gate.pass(caller).map(|_| ()).map_err(|allowance| RetryAfter(allowance.reset))
}
