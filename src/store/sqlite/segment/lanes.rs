//! In which segments a contact is at a moment, and who is in one: what is read and remembered of it. Must not know how segments are changed.

use super::{load, segment_of};
use crate::{
    cache::{Bounds, Cache},
    domain::{ContactId, ContactLookup, MessageId, Segment, SegmentId, SiteId, Timestamp},
    store::{
        Result,
        sqlite::{contact, lane::Lanes},
    },
};
use sqlx::SqliteConnection;
use std::sync::Arc;

/// Whether a site has segments in use at all, and under which number they are kept; and the version of what is asked of a contact.
pub(in crate::store::sqlite) const STAMP: &str = "SELECT site.segments, contact.profile FROM site LEFT JOIN contact
     ON contact.site_id = ?1 AND contact.id = ?2 AND contact.deleted_at IS NULL WHERE site.id = ?1";
/// Those of a site that are in use.
pub(in crate::store::sqlite) const IN_USE: &str = select!("INDEXED BY segment_in_use WHERE site_id = ?1 AND in_use = 1 ORDER BY number");
/// Contacts of whom is remembered in which segments they are.
const MAX_MEMBERS: u64 = 100_000;

/// What an evaluation rests on: the number of the site's last change of its segments in use, and of the contact's last change of what is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::store::sqlite) struct Version {
    pub(in crate::store::sqlite) segments: i64,
    pub(in crate::store::sqlite) profile: i64,
}

/// The lanes of one contact, and for how long they are right where nothing changes but the time.
#[derive(Clone)]
struct Member {
    version: Version,
    since: Timestamp,
    until: Option<Timestamp>,
    lanes: Lanes,
}

impl Member {
    fn holds(&self, version: Version, now: Timestamp) -> bool {
        self.version == version && self.since <= now && self.until.is_none_or(|until| now < until)
    }
}

/// What this process remembers: the segments in use, by the number of their site's last change of them; and who is in them, so that rules are
/// asked once for each version of a contact, however often they look or mark.
#[derive(Clone)]
pub(in crate::store::sqlite) struct Known {
    segments: Cache<SiteId, (i64, Arc<Vec<Segment>>)>,
    members: Cache<(SiteId, ContactId), Member>,
}

impl Default for Known {
    fn default() -> Self {
        Self { segments: Cache::bounded(Bounds::entries(1_000)), members: Cache::bounded(Bounds::entries(MAX_MEMBERS)) }
    }
}

impl Known {
    /// Whether the site had segments in use when it was last looked at. If not, a reader's statement is tried without them first and says so
    /// when they are needed.
    pub(in crate::store::sqlite) fn has_segments(&self, site: SiteId) -> bool {
        self.segments.contains_key(&site)
    }
}

/// The lanes of the segments that a contact is in at this moment, and what that rests on. Must not be asked in a transaction that writes: what is
/// read there may never come to be.
pub(in crate::store::sqlite) async fn lanes(
    connection: &mut SqliteConnection,
    known: &Known,
    (site, contact): (SiteId, ContactId),
    now: Timestamp,
) -> Result<(Lanes, Version)> {
    let stamp: Option<(i64, Option<i64>)> = sqlx::query_as(STAMP).bind(site.as_bytes()).bind(contact.0).fetch_optional(&mut *connection).await?;
    let (stamp, profile) = stamp.unwrap_or_default();
    let version = Version { segments: stamp, profile: profile.unwrap_or_default() };
    if stamp <= 0 || profile.is_none() {
        return Ok((Lanes::default(), version));
    }
    if let Some(member) = known.members.get(&(site, contact)).filter(|member| member.holds(version, now)) {
        return Ok((member.lanes, version));
    }
    // The version was read first: what is read now may be newer than it says, never older.
    let segments = if let Some((_, segments)) = known.segments.get(&site).filter(|(of, _)| *of == stamp) {
        segments
    } else {
        let segments = Arc::new(in_use(connection, site).await?);
        known.segments.insert(site, (stamp, Arc::clone(&segments)));
        segments
    };
    let Some(found) = contact::find(connection, site, &ContactLookup::Id(contact), false).await? else { return Ok((Lanes::default(), version)) };
    let lanes = Lanes::of(segments.iter().filter(|segment| segment.rule.matches(&found, now)).map(|segment| segment.id));
    let until = segments.iter().filter_map(|segment| segment.rule.next_change(&found, now)).min();
    known.members.insert((site, contact), Member { version, since: now, until, lanes: lanes.clone() });
    Ok((lanes, version))
}

async fn in_use(connection: &mut SqliteConnection, site: SiteId) -> Result<Vec<Segment>> {
    let rows = sqlx::query(IN_USE).bind(site.as_bytes()).fetch_all(&mut *connection).await?;
    let mut segments = Vec::with_capacity(rows.len());
    for row in &rows {
        segments.push(segment_of(connection, site, row).await?);
    }
    Ok(segments)
}

/// The lane of a message that goes to a segment.
const LANE: &str = "SELECT contact_id FROM placement INDEXED BY placement_message WHERE site_id = ?1 AND message_id = ?2 AND contact_id < 0 LIMIT 1";

/// Who is in the segment that a message goes to, as far as `most`; `None` when it goes to none. For a sender's question: it goes through
/// the site's contacts.
pub(in crate::store::sqlite) async fn members_of(
    connection: &mut SqliteConnection,
    site: SiteId,
    message: MessageId,
    now: Timestamp,
    most: u64,
) -> Result<Option<Vec<ContactId>>> {
    let lane: Option<i64> = sqlx::query_scalar(LANE).bind(site.as_bytes()).bind(message.as_bytes()).fetch_optional(&mut *connection).await?;
    let Some(lane) = lane else { return Ok(None) };
    let Some(segment) = SegmentId::of_lane(ContactId(lane)) else { return Ok(None) };
    let Some(segment) = load(connection, site, segment).await? else { return Ok(Some(Vec::new())) };
    let (mut members, mut after) = (Vec::new(), ContactId(0));
    loop {
        let contacts = contact::after(connection, site, after, 1_000).await?;
        let Some(last) = contacts.last() else { return Ok(Some(members)) };
        after = last.id;
        members.extend(contacts.iter().filter(|contact| segment.rule.matches(contact, now)).map(|contact| contact.id));
        if members.len() as u64 >= most {
            return Ok(Some(members));
        }
    }
}
