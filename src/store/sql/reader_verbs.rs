//! What readers see and do, with the segments that they are in.
//!
//! A site without segments in use costs no evaluation: a statement is tried without them first, and
//! tells whether they are needed. Called by the traits that the store implements.

use super::{
    SqlStore,
    feeds::Feeds,
    outbox,
    read_pool::ReadConnection,
    reader,
    reader_action::{self, ActionAttempt, FeedLookup},
    segment::{self, EvaluationVersion},
};
use crate::{Result, StoreError};
use belfry_domain::{
    ActionOutcome, ContactId, Position, ReaderAction, ReaderKey, ReaderPage, ReaderPageRequest,
    SiteId, Timestamp, UnreadCounts,
};
use futures_util::FutureExt as _;
use std::collections::BTreeMap;

/// How often the feeds of a reader action are evaluated before the last result is used even if what
/// it depends on has changed again.
const MAX_ACTION_ATTEMPTS: u32 = 3;

impl SqlStore {
    /// The feeds of the segments that a contact is in. Evaluated on a read connection, since rules
    /// may be long.
    pub(super) async fn feeds_of(
        &self,
        reader: ReaderKey,
        now: Timestamp,
    ) -> Result<(Feeds, EvaluationVersion)> {
        segment::feeds_of(
            &mut *self.read_connection_for(reader.site).await?,
            &self.segment_cache,
            reader,
            now,
        )
        .await
    }

    /// A read connection, and the feeds of the segments that a contact is in.
    pub(super) async fn reader_scope(
        &self,
        reader: ReaderKey,
        now: Timestamp,
    ) -> Result<(ReadConnection, Feeds)> {
        let mut connection = self.read_connection_for(reader.site).await?;
        let (feeds, _) =
            segment::feeds_of(&mut connection, &self.segment_cache, reader, now).await?;
        Ok((connection, feeds))
    }

    /// A page of a list.
    pub(super) async fn reader_page(
        &self,
        reader: ReaderKey,
        request: ReaderPageRequest,
        now: Timestamp,
    ) -> Result<ReaderPage> {
        let ReaderKey { site, .. } = reader;
        let mut connection = self.read_connection_for(site).await?;
        if !self.segment_cache.has_segments(site) {
            let (page, segments) = reader::page(
                &mut connection,
                &self.message_cache,
                reader,
                &Feeds::default(),
                request,
                now,
            )
            .await?;
            if !segments {
                return Ok(page);
            }
        }
        let (feeds, _) =
            segment::feeds_of(&mut connection, &self.segment_cache, reader, now).await?;
        Ok(reader::page(&mut connection, &self.message_cache, reader, &feeds, request, now)
            .await?
            .0)
    }

    /// The unread counts.
    pub(super) async fn reader_counts(
        &self,
        reader: ReaderKey,
        now: Timestamp,
    ) -> Result<UnreadCounts> {
        let ReaderKey { site, .. } = reader;
        let mut connection = self.read_connection_for(site).await?;
        if !self.segment_cache.has_segments(site) {
            let (unread_counts, segments) =
                reader::counts(&mut connection, reader, &Feeds::default(), now).await?;
            if !segments {
                return Ok(unread_counts);
            }
        }
        let (feeds, _) =
            segment::feeds_of(&mut connection, &self.segment_cache, reader, now).await?;
        Ok(reader::counts(&mut connection, reader, &feeds, now).await?.0)
    }

    /// Applies an action. The feeds are evaluated before, and again if they have changed meanwhile.
    pub(super) async fn act(
        &self,
        reader: ReaderKey,
        action: &ReaderAction,
        now: Timestamp,
    ) -> Result<Option<ActionOutcome>> {
        let ReaderKey { site, .. } = reader;
        for attempt in 0..=MAX_ACTION_ATTEMPTS {
            let found = if attempt > 0 || self.segment_cache.has_segments(site) {
                let (feeds, version) = self.feeds_of(reader, now).await?;
                if attempt == MAX_ACTION_ATTEMPTS {
                    FeedLookup::Final(feeds)
                } else {
                    FeedLookup::Versioned(version, feeds)
                }
            } else {
                FeedLookup::None
            };
            let mark = action.clone();
            match self
                .writer
                .for_site(site)
                .run(move |tx| reader_action::apply(tx, found, reader, mark, now).boxed())
                .await?
            {
                ActionAttempt::Done(marked) => return Ok(marked),
                ActionAttempt::Outdated => {}
            }
        }
        Err(StoreError::Unavailable("the reader's segments change too often".to_owned()))
    }

    /// Records up to where lists were delivered.
    pub(super) async fn note_delivered(
        &self,
        site: SiteId,
        reached: &[(ContactId, Position)],
        now: Timestamp,
    ) -> Result<()> {
        let mut feeds = BTreeMap::new();
        // Feeds are needed only where each reader's delivery is an event of its own.
        if self.segment_cache.has_segments(site)
            && outbox::has_delivery_listeners(&mut *self.read_connection_for(site).await?, site)
                .await?
        {
            for (contact, _) in reached {
                let reader = ReaderKey { site, contact: *contact };
                feeds.insert(*contact, self.feeds_of(reader, now).await?.0);
            }
        }
        let reached = reached.to_vec();
        let turn = self.writer.background(move |tx| {
            reader_action::record_delivered(tx, site, reached.clone(), feeds.clone(), now).boxed()
        });
        turn.await.map(|_| ())
    }
}
