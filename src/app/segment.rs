//! Segments: creating, changing, counting, and resolving the segment of a message.

use super::{App, AppError, draft};
use belfry_domain::{
    ContactId, Digest, Rule, RuleDraft, Segment, SegmentDraft, SegmentId, SegmentTarget, SiteId,
    ValidationError,
};
use belfry_locales::phrases::errors;
use belfry_store::{AuditScope, Conflict, DeleteSegmentOutcome, RequestCancellation, StoreError};
use std::time::Duration;

/// Contacts that are scanned for a count.
const MAX_SCANNED_CONTACTS: u64 = 200_000;
/// Contacts that are read at a time.
const SCAN_BATCH_CONTACTS: u32 = 1_000;
/// Time limit of a count.
const COUNT_TIMEOUT: Duration = Duration::from_secs(5);

/// Number of contacts that match a condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SegmentCount {
    /// Matches among the scanned contacts.
    pub count: u64,
    /// Whether all contacts were scanned; otherwise there may be more.
    pub complete: bool,
}

impl App {
    /// Creates a segment.
    pub async fn create_segment(
        &self,
        site: SiteId,
        name: String,
        rule: RuleDraft,
    ) -> Result<Segment, AppError> {
        let draft = self.segment_draft(site, Some(name), rule, "condition").await?;
        map_name_conflict(self.store.add_segment(site, &draft, self.now()).await)
    }

    /// Replaces name and rule. Messages sent to the segment before become visible to exactly the
    /// contacts that match the new rule. With `expected_revision`, only if the segment still has
    /// this [revision](Segment::revision).
    pub async fn update_segment(
        &self,
        site: SiteId,
        segment: SegmentId,
        name: String,
        rule: RuleDraft,
        expected_revision: Option<&str>,
    ) -> Result<Segment, AppError> {
        let draft = self.segment_draft(site, Some(name), rule, "condition").await?;
        map_name_conflict(
            self.store.update_segment(site, segment, &draft, expected_revision, self.now()).await,
        )?
        .ok_or(AppError::NotFound)
    }

    /// Deletes a segment without messages.
    pub async fn delete_segment(&self, site: SiteId, segment: SegmentId) -> Result<(), AppError> {
        match self.store.delete_segment(site, segment).await? {
            DeleteSegmentOutcome::Done => Ok(()),
            DeleteSegmentOutcome::InUse => Err(AppError::SegmentInUse),
            DeleteSegmentOutcome::Unknown => Err(AppError::NotFound),
        }
    }

    /// One segment, named or defined in a message.
    pub async fn segment(&self, site: SiteId, segment: SegmentId) -> Result<Segment, AppError> {
        self.store.segment(site, segment).await?.ok_or(AppError::NotFound)
    }

    /// The named segments with an id below `before`, newest first.
    pub async fn segments(
        &self,
        site: SiteId,
        before: Option<SegmentId>,
        limit: u32,
    ) -> Result<Vec<Segment>, AppError> {
        Ok(self.store.segments(site, before, limit).await?)
    }

    /// Counts the matching contacts. Reads the site's contacts in batches on read connections,
    /// within a time limit.
    pub async fn segment_count(
        &self,
        site: SiteId,
        rule: RuleDraft,
    ) -> Result<SegmentCount, AppError> {
        let rule = self.rule(site, rule, "condition").await?;
        let started = self.now();
        let (mut count, mut scanned, mut after) = (0, 0, ContactId(0));
        loop {
            let now = self.now();
            let contacts = self.store.contacts_after(site, after, SCAN_BATCH_CONTACTS).await?;
            let Some(last) = contacts.last() else {
                return Ok(SegmentCount { count, complete: true });
            };
            after = last.id;
            scanned += contacts.len() as u64;
            count += contacts.iter().filter(|contact| rule.matches(contact, now)).count() as u64;
            if contacts.len() < SCAN_BATCH_CONTACTS as usize {
                return Ok(SegmentCount { count, complete: true });
            }
            if scanned >= MAX_SCANNED_CONTACTS || started.until(now) > COUNT_TIMEOUT {
                return Ok(SegmentCount {
                    count,
                    complete: self.store.contacts_after(site, after, 1).await?.is_empty(),
                });
            }
        }
    }

    /// The segment that a message is addressed to.
    pub(super) async fn target(
        &self,
        site: SiteId,
        target: SegmentTarget,
    ) -> Result<SegmentId, AppError> {
        const FIELD: &str = "audience.segment";
        let stored = match target {
            SegmentTarget::Rule(rule) => {
                let draft = self.segment_draft(site, None, rule, FIELD).await?;
                // Not the requested change: without the message the segment is deleted again.
                return Ok(RequestCancellation::unscoped(AuditScope::unscoped(
                    self.store.add_segment(site, &draft, self.now()),
                ))
                .await?
                .id);
            }
            SegmentTarget::Number(segment) => self.store.segment(site, segment).await?,
            SegmentTarget::Named(name) => {
                match (self.store.segment_by_name(site, &name).await?, name.parse()) {
                    (None, Ok(number)) => self.store.segment(site, number).await?,
                    (stored, _) => stored,
                }
            }
        };
        let id = stored.map(|segment| segment.id);
        Ok(id.ok_or_else(|| ValidationError::new(FIELD, errors::UNKNOWN_SEGMENT))?)
    }

    async fn segment_draft(
        &self,
        site: SiteId,
        name: Option<String>,
        rule: RuleDraft,
        at: &str,
    ) -> Result<SegmentDraft, AppError> {
        let rule = self.rule(site, rule, at).await?;
        let hash = Digest::of(&draft::canonical_rule(&rule));
        Ok(SegmentDraft { name, rule, hash })
    }

    /// Resolves the contacts of a rule.
    async fn rule(&self, site: SiteId, rule: RuleDraft, at: &str) -> Result<Rule, AppError> {
        let mut lists = Vec::with_capacity(rule.lists.len());
        for named in &rule.lists {
            let contact_ids = self.store.contact_ids(site, named).await?;
            let unknown =
                |index: usize| ValidationError::new(at, errors::unknown_listed_contact(index + 1));
            let list = contact_ids
                .into_iter()
                .enumerate()
                .map(|(index, contact)| contact.ok_or_else(|| unknown(index)));
            lists.push(list.collect::<Result<Vec<_>, _>>()?);
        }
        Ok(Rule::new(rule.condition, lists).map_err(|invalid| invalid.with_parent(at))?)
    }
}

fn map_name_conflict<T>(result: Result<T, StoreError>) -> Result<T, AppError> {
    match result {
        Err(StoreError::Conflict(Conflict::AlreadyExists(_))) => Err(AppError::SegmentExists),
        other => Ok(other?),
    }
}
