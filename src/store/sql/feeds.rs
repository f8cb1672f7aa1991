//! Builds the statements of a reader who is in segments. Each feed that the plain statement reads
//! for the contact's own messages is repeated for each segment, with the same index and limit. The
//! statements are derived from the plain ones, so that they can't diverge. Must not depend on how
//! segment membership is computed.

use crate::db::{Query, Row, query};
use belfry_domain::{ContactId, MessageAudience, SegmentId, SiteId};
use sqlx::AssertSqlSafe;
use std::{borrow::Cow, fmt::Write as _, sync::Arc};

/// How a plain statement names the reader's own feed.
const OWN_FEED: &str = "p.contact_id = ?2";
/// How a lookup of one message names the feeds it may be in.
const ANY_FEED: &str = "IN (0, ?2";

// Keeps messages of muted categories out of a feed. ?1 site, ?2 contact. A message without category
// costs no lookup; one with a category costs a lookup by the whole key.
macro_rules! not_muted {
    () => {
        " AND (p.category IS NULL OR NOT EXISTS
            (SELECT 1 FROM mute WHERE mute.site_id = ?1 AND mute.contact_id = ?2 AND mute.category = p.category))"
    };
}
pub(super) use not_muted;

/// A statement, and the parts of it that read the reader's own feed.
pub(super) struct FeedStatement {
    pub(super) base: &'static str,
    /// Each of these is followed by a copy for each segment, joined with `joiner`.
    pub(super) per_segment: &'static [&'static str],
    pub(super) joiner: &'static str,
    /// The number of parameters of the plain statement.
    pub(super) parameters: usize,
}

/// A feed as the column `contact_id` names it: a contact's number, 0 for everyone, or the negative
/// number of a segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct FeedId(pub(super) i64);

impl FeedId {
    /// The feed of messages to everyone.
    pub(super) const EVERYONE: Self = Self(0);

    /// The feed of messages to a segment.
    pub(super) const fn of_segment(segment: SegmentId) -> Self {
        Self(segment.0.saturating_neg())
    }

    /// The feed of an open audience: that of everyone, unless it is a segment.
    pub(super) fn of_open(audience: &MessageAudience) -> Self {
        audience.segment().map_or(Self::EVERYONE, Self::of_segment)
    }

    /// The segment, if the feed is one's.
    pub(super) fn segment(self) -> Option<SegmentId> {
        (self.0 < 0).then(|| SegmentId(self.0.saturating_neg()))
    }
}

/// The feeds of the segments that a reader is in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Feeds(Arc<[FeedId]>);

impl Feeds {
    pub(super) fn of(segments: impl Iterator<Item = SegmentId>) -> Self {
        Self(segments.map(FeedId::of_segment).collect())
    }

    /// Binds the feeds, in the order in which [`FeedStatement::with_feeds`] numbers them.
    pub(super) fn bind(&self, query: Query<Row>) -> Query<Row> {
        self.0.iter().fold(query, |query, feed| query.bind(feed.0))
    }

    /// The query of a statement for these feeds. The caller binds the plain statement's parameters
    /// first.
    pub(super) fn query(&self, statement: &FeedStatement) -> Query<Row> {
        match statement.with_feeds(self.0.len()) {
            Cow::Borrowed(plain) => query(plain),
            // Safe: built from constants and parameter numbers only.
            Cow::Owned(made) => query(AssertSqlSafe(made)),
        }
    }
}

/// A reader with their feeds, as the statements of their actions need it.
pub(super) struct ReaderScope {
    pub(super) site: SiteId,
    pub(super) contact: ContactId,
    pub(super) feeds: Feeds,
}

impl FeedStatement {
    /// The statement for a reader with `feeds` segment feeds.
    pub(super) fn with_feeds(&self, feeds: usize) -> Cow<'static, str> {
        if feeds == 0 {
            return Cow::Borrowed(self.base);
        }
        let numbers = || (0..feeds).map(|feed| self.parameters + 1 + feed);
        let mut made = self.base.to_owned();
        for own in self.per_segment {
            let mut all = (*own).to_owned();
            for number in numbers() {
                all.push_str(self.joiner);
                // A receipt belongs to the reader, whichever feed its message is in.
                all.push_str(&own.replacen(OWN_FEED, &format!("p.contact_id = ?{number}"), 1));
            }
            made = made.replace(own, &all);
        }
        let any = numbers().fold(ANY_FEED.to_owned(), |mut any, number| {
            let _ = write!(any, ", ?{number}");
            any
        });
        Cow::Owned(made.replace(ANY_FEED, &any))
    }
}
