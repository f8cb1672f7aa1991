//! Evaluates and caches which segments a contact is in, and who is in a segment. Must not depend on
//! how segments are changed.

use super::{load, segment_of};
use crate::{
    Result,
    db::{Connection, query, query_as, query_scalar},
    sql::{
        contact,
        feeds::{FeedId, Feeds},
    },
};
use belfry_domain::{ContactId, ContactLookup, MessageId, ReaderKey, Segment, SiteId, Timestamp};
use belfry_runtime::cache::{Bounds, Cache};
use std::sync::Arc;

/// The version of the site's segments in use (not positive: none is in use), and the version of the
/// contact's evaluated fields.
pub(in crate::sql) const EVALUATION_VERSION: &str =
    "SELECT site.segment_generation, contact.profile_version FROM site LEFT JOIN contact
     ON contact.site_id = ?1 AND contact.id = ?2 AND contact.deleted_at IS NULL WHERE site.id = ?1";
/// The segments of a site that are in use.
pub(in crate::sql) const IN_USE: &str =
    select!("INDEXED BY segment_in_use WHERE site_id = ?1 AND in_use = 1 ORDER BY number");
/// The number of contacts whose segments are cached.
const MAX_CACHED_CONTACTS: u64 = 100_000;

/// What an evaluation depends on: the version of the site's segments in use, and that of the
/// contact's evaluated fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::sql) struct EvaluationVersion {
    pub(in crate::sql) segments: i64,
    pub(in crate::sql) profile: i64,
}

/// The feeds of one contact, and how long they are valid if only time passes.
#[derive(Clone)]
struct CachedFeeds {
    version: EvaluationVersion,
    valid_from: Timestamp,
    valid_until: Option<Timestamp>,
    feeds: Feeds,
}

impl CachedFeeds {
    fn is_valid(&self, version: EvaluationVersion, now: Timestamp) -> bool {
        self.version == version
            && self.valid_from <= now
            && self.valid_until.is_none_or(|until| now < until)
    }
}

/// The caches of this process: the segments in use, by version; and the segments of each contact,
/// so that rules are evaluated once per version of a contact, however often they read or act.
#[derive(Clone)]
pub(in crate::sql) struct SegmentCache {
    segments: Cache<SiteId, (i64, Arc<Vec<Segment>>)>,
    members: Cache<ReaderKey, CachedFeeds>,
}

impl Default for SegmentCache {
    fn default() -> Self {
        Self {
            segments: Cache::new(Bounds::entries(1_000)),
            members: Cache::new(Bounds::entries(MAX_CACHED_CONTACTS)),
        }
    }
}

impl SegmentCache {
    /// Whether the site had segments in use when last checked. If not, a reader's statement is
    /// tried without them first, and its result tells when they are needed.
    pub(in crate::sql) fn has_segments(&self, site: SiteId) -> bool {
        self.segments.contains_key(&site)
    }
}

/// The feeds of the segments that a contact is in now, and the version of that result. Must not be
/// called in a transaction that writes: what it reads may be rolled back.
pub(in crate::sql) async fn feeds_of(
    connection: &mut Connection,
    known: &SegmentCache,
    ReaderKey { site, contact }: ReaderKey,
    now: Timestamp,
) -> Result<(Feeds, EvaluationVersion)> {
    let site_version: Option<(i64, Option<i64>)> = query_as(EVALUATION_VERSION)
        .bind(site.as_bytes())
        .bind(contact.0)
        .fetch_optional(&mut *connection)
        .await?;
    let (site_version, profile) = site_version.unwrap_or_default();
    let version =
        EvaluationVersion { segments: site_version, profile: profile.unwrap_or_default() };
    if site_version <= 0 || profile.is_none() {
        return Ok((Feeds::default(), version));
    }
    if let Some(member) = known
        .members
        .get(&ReaderKey { site, contact })
        .filter(|member| member.is_valid(version, now))
    {
        return Ok((member.feeds, version));
    }
    // The version was read first: the segments may be newer than it, never older.
    let segments = if let Some((_, segments)) =
        known.segments.get(&site).filter(|(of, _)| *of == site_version)
    {
        segments
    } else {
        let segments = Arc::new(in_use(connection, site).await?);
        known.segments.insert(site, (site_version, Arc::clone(&segments)));
        segments
    };
    let Some(found) = contact::find(connection, site, &ContactLookup::Id(contact), false).await?
    else {
        return Ok((Feeds::default(), version));
    };
    let feeds = Feeds::of(
        segments
            .iter()
            .filter(|segment| segment.rule.matches(&found, now))
            .map(|segment| segment.id),
    );
    let valid_until =
        segments.iter().filter_map(|segment| segment.rule.next_change(&found, now)).min();
    known.members.insert(
        ReaderKey { site, contact },
        CachedFeeds { version, valid_from: now, valid_until, feeds: feeds.clone() },
    );
    Ok((feeds, version))
}

async fn in_use(connection: &mut Connection, site: SiteId) -> Result<Vec<Segment>> {
    let rows = query(IN_USE).bind(site.as_bytes()).fetch_all(&mut *connection).await?;
    let mut segments = Vec::with_capacity(rows.len());
    for row in &rows {
        segments.push(segment_of(connection, site, row).await?);
    }
    Ok(segments)
}

/// The feed of a message that is addressed to a segment.
const FEED_OF_MESSAGE: &str = "SELECT contact_id FROM recipient INDEXED BY recipient_message WHERE site_id = ?1 AND message_id = ?2 AND contact_id < 0 ORDER BY contact_id LIMIT 1";

/// The members of the segment that a message is addressed to, at most `max`; `None` if it is
/// addressed to none. For reports only: it scans the site's contacts.
pub(in crate::sql) async fn members_of(
    connection: &mut Connection,
    site: SiteId,
    message: MessageId,
    now: Timestamp,
    max: u64,
) -> Result<Option<Vec<ContactId>>> {
    let feed: Option<i64> = query_scalar(FEED_OF_MESSAGE)
        .bind(site.as_bytes())
        .bind(message.as_bytes())
        .fetch_optional(&mut *connection)
        .await?;
    let Some(feed) = feed else { return Ok(None) };
    let Some(segment) = FeedId(feed).segment() else { return Ok(None) };
    let Some(segment) = load(connection, site, segment).await? else { return Ok(Some(Vec::new())) };
    let (mut members, mut after) = (Vec::new(), ContactId(0));
    loop {
        let contacts = contact::after(connection, site, after, 1_000).await?;
        let Some(last) = contacts.last() else { return Ok(Some(members)) };
        after = last.id;
        members.extend(
            contacts
                .iter()
                .filter(|contact| segment.rule.matches(contact, now))
                .map(|contact| contact.id),
        );
        if members.len() as u64 >= max {
            return Ok(Some(members));
        }
    }
}
