//! Rate limits for clients without a key: requests per address, session and inbox, and creation of
//! sessions, conversations and messages.
//!
//! Must not depend on the format of error responses. The public client API and the Inbox SDK use
//! it, each with its own state.

use belfry_app::rate_limit::{ClientPrefix, RateLimit, RateLimiter};
use belfry_domain::channel::{ContactInboxId, InboxId};
use std::{hash::Hash, time::Duration};

/// Too many requests: retry after this number of seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct RetryAfter(pub u64);

/// The rate limits of a surface for customers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Requests of one address. High, because a site's own server may call for all of its visitors.
    pub address: RateLimit,
    /// Requests of one session.
    pub session: RateLimit,
    /// Requests to one inbox.
    pub inbox: RateLimit,
    /// New sessions of one address.
    pub sessions_of_address: RateLimit,
    /// New sessions, and so contacts, in one inbox.
    pub sessions_of_inbox: RateLimit,
    /// New conversations of one session.
    pub conversations_of_session: RateLimit,
    /// New conversations in one inbox.
    pub conversations_of_inbox: RateLimit,
    /// Messages of one session.
    pub messages: RateLimit,
    /// Messages with files of one address: each holds memory while it is read.
    pub uploads: RateLimit,
    /// Requests of one session that list all of its conversations.
    pub lists: RateLimit,
}

impl Limits {
    /// Limits that no client reaches; for tests and benchmarks.
    pub const fn unlimited() -> Self {
        let plenty = RateLimit::PLENTY;
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
            address: RateLimit::new(600, Duration::from_millis(20)),
            session: RateLimit::new(120, Duration::from_millis(200)),
            inbox: RateLimit::new(20_000, Duration::from_micros(500)),
            sessions_of_address: RateLimit::new(120, Duration::from_secs(5)),
            // 3,600 an hour, with a burst of 2,000.
            sessions_of_inbox: RateLimit::new(2_000, Duration::from_secs(1)),
            conversations_of_session: RateLimit::new(20, Duration::from_mins(3)),
            conversations_of_inbox: RateLimit::new(2_000, Duration::from_secs(1)),
            messages: RateLimit::new(60, Duration::from_secs(1)),
            uploads: RateLimit::new(30, Duration::from_secs(2)),
            // 100 in a minute, with a burst of 100.
            lists: RateLimit::new(100, Duration::from_millis(600)),
        }
    }
}

/// The state of all rate limits.
pub(super) struct Limiter {
    addresses: RateLimiter<ClientPrefix>,
    sessions: RateLimiter<ContactInboxId>,
    inboxes: RateLimiter<InboxId>,
    sessions_of_address: RateLimiter<ClientPrefix>,
    sessions_of_inbox: RateLimiter<InboxId>,
    conversations_of_session: RateLimiter<ContactInboxId>,
    conversations_of_inbox: RateLimiter<InboxId>,
    messages: RateLimiter<ContactInboxId>,
    uploads: RateLimiter<ClientPrefix>,
    lists: RateLimiter<ContactInboxId>,
}

impl Limiter {
    pub(super) fn new(limits: Limits) -> Self {
        Self {
            addresses: RateLimiter::new("address", limits.address),
            sessions: RateLimiter::new("session", limits.session),
            inboxes: RateLimiter::new("inbox", limits.inbox),
            sessions_of_address: RateLimiter::new(
                "new sessions of an address",
                limits.sessions_of_address,
            ),
            sessions_of_inbox: RateLimiter::new(
                "new sessions of an inbox",
                limits.sessions_of_inbox,
            ),
            conversations_of_session: RateLimiter::new(
                "new conversations of a session",
                limits.conversations_of_session,
            ),
            conversations_of_inbox: RateLimiter::new(
                "new conversations of an inbox",
                limits.conversations_of_inbox,
            ),
            messages: RateLimiter::new("messages", limits.messages),
            uploads: RateLimiter::new("uploads", limits.uploads),
            lists: RateLimiter::new("lists", limits.lists),
        }
    }

    /// Counts a request of an address, before any lookup.
    pub(super) fn check_address(&self, address: ClientPrefix) -> Result<(), RetryAfter> {
        check(&self.addresses, &address)
    }

    /// Counts a request to an existing inbox.
    pub(super) fn check_inbox(&self, inbox: InboxId) -> Result<(), RetryAfter> {
        check(&self.inboxes, &inbox)
    }

    /// Counts a request of an existing session.
    pub(super) fn check_session(&self, session: ContactInboxId) -> Result<(), RetryAfter> {
        check(&self.sessions, &session)
    }

    /// Counts a new session. An address beyond its own limit doesn't count against the inbox.
    pub(super) fn check_new_session(
        &self,
        address: ClientPrefix,
        inbox: InboxId,
    ) -> Result<(), RetryAfter> {
        check(&self.sessions_of_address, &address)?;
        check(&self.sessions_of_inbox, &inbox)
    }

    /// Counts a new conversation.
    pub(super) fn check_new_conversation(
        &self,
        session: ContactInboxId,
        inbox: InboxId,
    ) -> Result<(), RetryAfter> {
        check(&self.conversations_of_session, &session)?;
        check(&self.conversations_of_inbox, &inbox)
    }

    /// Counts a new message.
    pub(super) fn check_message(&self, session: ContactInboxId) -> Result<(), RetryAfter> {
        check(&self.messages, &session)
    }

    /// Counts a body with files, before it is read.
    pub(super) fn check_upload(&self, address: ClientPrefix) -> Result<(), RetryAfter> {
        check(&self.uploads, &address)
    }

    /// Counts a request that lists all conversations of a session.
    pub(super) fn check_list(&self, session: ContactInboxId) -> Result<(), RetryAfter> {
        check(&self.lists, &session)
    }
}

fn check<K: Hash + Eq + Clone>(gate: &RateLimiter<K>, caller: &K) -> Result<(), RetryAfter> {
    gate.check(caller).map(|_| ()).map_err(|rate_limit| RetryAfter(rate_limit.reset))
}
