//! Segments: made, changed, counted, and found for a message that goes to one.

use super::{Inbox, InboxError, draft};
use crate::{
    domain::{ContactId, Digest, Invalid, Rule, RuleDraft, Segment, SegmentDraft, SegmentId, SegmentTarget, SiteId},
    store::{Act, Call, DeletedSegment, StoreError},
};
use std::time::Duration;

/// Contacts that are looked at for a count, at most.
const LOOKED_AT: u64 = 200_000;
/// Contacts that are read at a time.
const STEP: u32 = 1_000;
/// How long counting may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// How many contacts a condition is true of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SegmentCount {
    /// Of those that were looked at.
    pub count: u64,
    /// Whether all were; otherwise there may be more.
    pub complete: bool,
}

impl Inbox {
    /// Makes a segment.
    pub async fn create_segment(&self, site: SiteId, name: String, rule: RuleDraft) -> Result<Segment, InboxError> {
        let draft = self.segment_draft(site, Some(name), rule, "condition").await?;
        named(self.store.add_segment(site, &draft, self.now()).await)
    }

    /// Replaces name and condition. What was sent to the segment before is seen at once by whoever matches the new condition, and by
    /// nobody else. With `former`, only while it has this [revision](Segment::revision) still.
    pub async fn update_segment(
        &self,
        site: SiteId,
        segment: SegmentId,
        name: String,
        rule: RuleDraft,
        former: Option<&str>,
    ) -> Result<Segment, InboxError> {
        let draft = self.segment_draft(site, Some(name), rule, "condition").await?;
        named(self.store.update_segment(site, segment, &draft, former, self.now()).await)?.ok_or(InboxError::NotFound)
    }

    /// Deletes a segment to which no message goes.
    pub async fn delete_segment(&self, site: SiteId, segment: SegmentId) -> Result<(), InboxError> {
        match self.store.delete_segment(site, segment).await? {
            DeletedSegment::Done => Ok(()),
            DeletedSegment::InUse => Err(InboxError::SegmentInUse),
            DeletedSegment::Unknown => Err(InboxError::NotFound),
        }
    }

    /// One segment, whether it has a name or was described on the spot.
    pub async fn segment(&self, site: SiteId, segment: SegmentId) -> Result<Segment, InboxError> {
        self.store.segment(site, segment).await?.ok_or(InboxError::NotFound)
    }

    /// The named segments with a number below `before`, newest first.
    pub async fn segments(&self, site: SiteId, before: Option<SegmentId>, limit: u32) -> Result<Vec<Segment>, InboxError> {
        Ok(self.store.segments(site, before, limit).await?)
    }

    /// How many contacts a condition is true of at this moment. Reads the site's contacts in steps, beside the readers and the writer,
    /// and gives up after a while.
    pub async fn segment_count(&self, site: SiteId, rule: RuleDraft) -> Result<SegmentCount, InboxError> {
        let rule = self.rule(site, rule, "condition").await?;
        let begun = self.now();
        let (mut count, mut seen, mut after) = (0, 0, ContactId(0));
        loop {
            let now = self.now();
            let contacts = self.store.contacts_after(site, after, STEP).await?;
            let Some(last) = contacts.last() else { return Ok(SegmentCount { count, complete: true }) };
            after = last.id;
            seen += contacts.len() as u64;
            count += contacts.iter().filter(|contact| rule.matches(contact, now)).count() as u64;
            if contacts.len() < STEP as usize {
                return Ok(SegmentCount { count, complete: true });
            }
            if seen >= LOOKED_AT || begun.until(now) > PATIENCE {
                return Ok(SegmentCount { count, complete: self.store.contacts_after(site, after, 1).await?.is_empty() });
            }
        }
    }

    /// The segment that a message is to go to.
    pub(super) async fn target(&self, site: SiteId, target: SegmentTarget) -> Result<SegmentId, InboxError> {
        const FIELD: &str = "audience.segment";
        let found = match target {
            SegmentTarget::Rule(rule) => {
                let draft = self.segment_draft(site, None, rule, FIELD).await?;
                // Not what is asked for: without the message it is forgotten again.
                return Ok(Call::apart(Act::apart(self.store.add_segment(site, &draft, self.now()))).await?.id);
            }
            SegmentTarget::Number(segment) => self.store.segment(site, segment).await?,
            SegmentTarget::Named(name) => match (self.store.segment_named(site, &name).await?, name.parse()) {
                (None, Ok(number)) => self.store.segment(site, number).await?,
                (found, _) => found,
            },
        };
        let known = found.map(|segment| segment.id);
        Ok(known.ok_or_else(|| Invalid::new(FIELD, "no segment of this site has this name or id; create it first with POST /v1/segments"))?)
    }

    async fn segment_draft(&self, site: SiteId, name: Option<String>, rule: RuleDraft, at: &str) -> Result<SegmentDraft, InboxError> {
        let rule = self.rule(site, rule, at).await?;
        let hash = Digest::of(&draft::canonical_rule(&rule));
        Ok(SegmentDraft { name, rule, hash })
    }

    /// Looks the contacts of a rule up.
    async fn rule(&self, site: SiteId, rule: RuleDraft, at: &str) -> Result<Rule, InboxError> {
        let mut lists = Vec::with_capacity(rule.lists.len());
        for named in &rule.lists {
            let found = self.store.contact_ids(site, named).await?;
            let unknown = |index: usize| Invalid::new(at, format!("names a contact in a list (number {}) that this site does not have", index + 1));
            let list = found.into_iter().enumerate().map(|(index, contact)| contact.ok_or_else(|| unknown(index)));
            lists.push(list.collect::<Result<Vec<_>, _>>()?);
        }
        Ok(Rule::new(rule.condition, lists).map_err(|invalid| invalid.under(at))?)
    }
}

fn named<T>(result: Result<T, StoreError>) -> Result<T, InboxError> {
    match result {
        Err(StoreError::Conflict(_)) => Err(InboxError::SegmentExists),
        other => Ok(other?),
    }
}
