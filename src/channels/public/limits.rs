//! How much clients without a key may do: requests of an address, a session and an inbox, and what strangers may have stored.

use super::error::PublicError;
use crate::{
    allowance::{Gate, Rate, Subscriber as ClientPrefix},
    domain::channel::{ContactInboxId, InboxId},
};
use std::{hash::Hash, net::IpAddr, time::Duration};

/// The rate limits of this surface.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Requests of one address: a site's own server may call for all of its visitors.
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
}

impl Limits {
    /// Nobody reaches them.
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
            // 3,600 an hour, and 2,000 at once.
            sessions_of_inbox: Rate::new(2_000, Duration::from_secs(1)),
            conversations_of_session: Rate::new(20, Duration::from_mins(3)),
            conversations_of_inbox: Rate::new(2_000, Duration::from_secs(1)),
            messages: Rate::new(60, Duration::from_secs(1)),
            uploads: Rate::new(30, Duration::from_secs(2)),
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
        }
    }

    /// A request of an address, before anything is looked up.
    pub(super) fn request(&self, address: Option<IpAddr>) -> Result<(), PublicError> {
        pass(&self.addresses, &ClientPrefix::of(address))
    }

    /// A request to an inbox that is there.
    pub(super) fn inbox(&self, inbox: InboxId) -> Result<(), PublicError> {
        pass(&self.inboxes, &inbox)
    }

    /// A request of a session that is there.
    pub(super) fn session(&self, session: ContactInboxId) -> Result<(), PublicError> {
        pass(&self.sessions, &session)
    }

    /// A session is to be made. One address uses up nothing of the inbox's when it has used up its own.
    pub(super) fn new_session(&self, address: Option<IpAddr>, inbox: InboxId) -> Result<(), PublicError> {
        pass(&self.sessions_of_address, &ClientPrefix::of(address))?;
        pass(&self.sessions_of_inbox, &inbox)
    }

    /// A conversation is to begin.
    pub(super) fn new_conversation(&self, session: ContactInboxId, inbox: InboxId) -> Result<(), PublicError> {
        pass(&self.conversations_of_session, &session)?;
        pass(&self.conversations_of_inbox, &inbox)
    }

    /// A message is to be added.
    pub(super) fn message(&self, session: ContactInboxId) -> Result<(), PublicError> {
        pass(&self.messages, &session)
    }

    /// A body with files is to be read.
    pub(super) fn upload(&self, address: Option<IpAddr>) -> Result<(), PublicError> {
        pass(&self.uploads, &ClientPrefix::of(address))
    }
}

fn pass<K: Hash + Eq + Clone>(gate: &Gate<K>, caller: &K) -> Result<(), PublicError> {
    gate.pass(caller).map(|_| ()).map_err(|allowance| PublicError::too_many(allowance.reset))
}
