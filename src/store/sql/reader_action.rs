//! Reader actions on single messages: each writes a receipt. Actions on all messages are in
//! [`super::watermark`].
//!
//! Invariants of receipts written here: a message that was read has no `unread_epoch`; a message
//! that was archived or deleted while unread has the epoch in which it was unread, so the watermark
//! may pass it and it is still unread when it is restored.

use super::{
    feeds::{FeedStatement, Feeds, ReaderScope, not_muted},
    outbox,
    reader::counts,
    segment::EvaluationVersion,
    watermark::{self, bump, next_version, oldest_unread, raise},
    write_tx::WriteTx,
};
use crate::{
    Result,
    db::{Columns, query_as, to_json},
};
use belfry_domain::{
    ActionOutcome, ContactId, InboxEvent, MessageId, Position, ReaderAction, ReaderActionKind,
    ReaderKey, SiteId, Timestamp, UnreadCounts, Version,
};
use std::collections::{BTreeMap, BTreeSet};

macro_rules! unread {
    () => {
        "(r.unread_epoch IS contact.read_epoch OR (r.read_at IS NULL AND p.position > contact.read_position))"
    };
}

// The epoch in which the message is unread. What only the last "all read" marked as read is unread
// again when that is undone.
macro_rules! unread_epoch {
    () => {
        concat!(
            "CASE WHEN ",
            unread!(),
            " THEN contact.read_epoch
             WHEN r.unread_epoch IS NULL AND r.read_at IS NULL AND p.position > contact.previous_read_position THEN contact.previous_read_epoch
             ELSE r.unread_epoch END"
        )
    };
}

// Writes receipts, at time ?3, for those of the messages ?4 that the reader can see and that match.
// If there are any, raises the watermark and numbers the change. One round trip to the connection;
// it returns the messages and, last, the version.
macro_rules! receipts {
    (read_at: $read_at:expr, clicked_at: $clicked_at:expr, archived_at: $archived_at:expr, deleted_at: $deleted_at:expr, unread_epoch: $unread_epoch:expr; $matching:expr) => {
        concat!(
            "INSERT INTO receipt (site_id, contact_id, message_id, position, read_at, clicked_at, archived_at, deleted_at, unread_epoch)
             SELECT ?1, contact.id, p.message_id, p.position, ",
            $read_at,
            ", ",
            $clicked_at,
            ", ",
            $archived_at,
            ", ",
            $deleted_at,
            ", ",
            $unread_epoch,
            " FROM json_each(?4) AS input CROSS JOIN contact CROSS JOIN recipient AS p INDEXED BY recipient_message
             LEFT JOIN receipt AS r ON r.site_id = ?1 AND r.contact_id = ?2 AND r.message_id = p.message_id
             WHERE contact.site_id = ?1 AND contact.id = ?2
             AND p.site_id = ?1 AND p.message_id = unhex(input.value) AND p.contact_id IN (0, ?2)
             AND p.position > contact.hidden_until AND (p.expires_at IS NULL OR p.expires_at > ?3) AND ",
            $matching,
            not_muted!(),
            " ON CONFLICT (site_id, contact_id, message_id) DO UPDATE SET read_at = excluded.read_at, clicked_at = excluded.clicked_at, archived_at = excluded.archived_at,
             deleted_at = excluded.deleted_at, unread_epoch = excluded.unread_epoch RETURNING message_id; ",
            raise!(),
            "; ",
            bump!()
        )
    };
}

const fn one_by_one(base: &'static str) -> FeedStatement {
    FeedStatement { base, per_segment: &[oldest_unread!("?2")], joiner: ", ", parameters: 4 }
}

pub(super) const READ: FeedStatement = one_by_one(receipts!(
    read_at: "?3", clicked_at: "r.clicked_at", archived_at: "r.archived_at", deleted_at: "NULL", unread_epoch: "NULL";
    concat!("r.deleted_at IS NULL AND ", unread!())
));

pub(super) const UNREAD: FeedStatement = one_by_one(receipts!(
    read_at: "NULL", clicked_at: "r.clicked_at", archived_at: "r.archived_at", deleted_at: "NULL", unread_epoch: "contact.read_epoch";
    concat!("r.deleted_at IS NULL AND NOT ", unread!())
));

pub(super) const CLICKED: FeedStatement = one_by_one(receipts!(
    read_at: "coalesce(r.read_at, ?3)", clicked_at: "coalesce(r.clicked_at, ?3)", archived_at: "r.archived_at", deleted_at: "NULL", unread_epoch: "NULL";
    "r.deleted_at IS NULL AND (r.clicked_at IS NULL OR r.read_at IS NULL)"
));

pub(super) const ARCHIVE: FeedStatement = one_by_one(receipts!(
    read_at: "r.read_at", clicked_at: "r.clicked_at", archived_at: "?3", deleted_at: "NULL", unread_epoch: unread_epoch!();
    "r.hidden IS NOT 1"
));

pub(super) const DELETE: FeedStatement = one_by_one(receipts!(
    read_at: "r.read_at", clicked_at: "r.clicked_at", archived_at: "r.archived_at", deleted_at: "?3", unread_epoch: unread_epoch!();
    "r.deleted_at IS NULL"
));

pub(super) const RESTORE: FeedStatement = one_by_one(receipts!(
    read_at: "r.read_at", clicked_at: "r.clicked_at", archived_at: "NULL", deleted_at: "NULL", unread_epoch: "r.unread_epoch";
    "r.archived_at IS NOT NULL AND r.deleted_at IS NULL"
));

/// The version of the segment evaluation, the version of the last change that concerned the reader,
/// and whether the site has an enabled webhook.
pub(super) const CONTEXT: &str = "SELECT site.segment_generation, contact.profile_version, max(site.broadcast_version, contact.version), EXISTS (
        SELECT 1 FROM webhook_endpoint INDEXED BY webhook_endpoint_events WHERE webhook_endpoint.site_id = ?1 AND webhook_endpoint.enabled = 1)
     FROM contact CROSS JOIN site WHERE contact.site_id = ?1 AND contact.id = ?2 AND site.id = ?1";

pub(super) const UNDELETE: FeedStatement = one_by_one(receipts!(
    read_at: "r.read_at", clicked_at: "r.clicked_at", archived_at: "r.archived_at", deleted_at: "NULL", unread_epoch: "r.unread_epoch";
    "r.deleted_at IS NOT NULL"
));

/// The action and the changed messages, if any.
type Changed = Option<(ReaderActionKind, Vec<MessageId>)>;

/// The reader's feeds, evaluated on a read connection since rules may be slow.
pub(super) enum FeedLookup {
    /// The site has no segments in use.
    None,
    /// Valid if the evaluation version is unchanged.
    Versioned(EvaluationVersion, Feeds),
    /// Used even if it is outdated: the version has changed too often.
    Final(Feeds),
}

/// The result of one attempt to apply an action.
pub(super) enum ActionAttempt {
    Done(Option<ActionOutcome>),
    /// The feeds are outdated; nothing was written, and they must be evaluated again.
    Outdated,
}

pub(super) async fn apply(
    tx: &mut WriteTx,
    found: FeedLookup,
    ReaderKey { site, contact }: ReaderKey,
    mark: ReaderAction,
    now: Timestamp,
) -> Result<ActionAttempt> {
    let context: Option<(i64, i64, i64, bool)> = query_as(CONTEXT)
        .bind(site.as_bytes())
        .bind(contact.0)
        .fetch_optional(&mut tx.connection)
        .await?;
    let (segments, profile, since, webhooks) = context.unwrap_or_default();
    let feeds = match found {
        _ if segments <= 0 => Feeds::default(),
        FeedLookup::Versioned(version, feeds)
            if version == (EvaluationVersion { segments, profile }) =>
        {
            feeds
        }
        FeedLookup::Final(feeds) => feeds,
        FeedLookup::None | FeedLookup::Versioned(..) => return Ok(ActionAttempt::Outdated),
    };
    let scope = ReaderScope { site, contact, feeds };
    if let ReaderAction::Delivered(until) = mark {
        if let Some(new) = watermark::mark_delivered(tx, &scope, until, now).await? {
            outbox::queue_delivered_events(tx, &scope, new, now).await?;
        }
        return Ok(ActionAttempt::Done(Some(ActionOutcome {
            counts: UnreadCounts::default(),
            since: Version::default(),
            undo: None,
        })));
    }
    let mut undo = None;
    let clicked = matches!(mark, ReaderAction::Clicked(_));
    let changed: Changed = match mark {
        ReaderAction::Seen(until) => watermark::mark_seen(tx, &scope, until, now)
            .await?
            .then(|| (ReaderActionKind::Seen, Vec::new())),
        ReaderAction::AllRead(until) => {
            undo = watermark::mark_all_read(tx, &scope, until, now).await?;
            // Messages that were read one by one may still have to be marked as seen.
            let seen = undo.is_none() && watermark::mark_seen(tx, &scope, until, now).await?;
            undo.map(|_| (ReaderActionKind::AllRead, Vec::new()))
                .or_else(|| seen.then(|| (ReaderActionKind::Seen, Vec::new())))
        }
        ReaderAction::UndoAllRead(number)
            if watermark::undo_all_read(tx, &scope, number).await? =>
        {
            tx.next_version(site, false).await?;
            Some((ReaderActionKind::UndoAllRead, Vec::new()))
        }
        ReaderAction::UndoAllRead(_) => return Ok(ActionAttempt::Done(None)),
        ReaderAction::Read(messages) => {
            receipts(tx, &READ, ReaderActionKind::Read, &scope, &messages, now).await?
        }
        ReaderAction::Unread(messages) => {
            receipts(tx, &UNREAD, ReaderActionKind::Unread, &scope, &messages, now).await?
        }
        ReaderAction::Archive(messages) => {
            receipts(tx, &ARCHIVE, ReaderActionKind::Archive, &scope, &messages, now).await?
        }
        ReaderAction::Delete(messages) => {
            receipts(tx, &DELETE, ReaderActionKind::Delete, &scope, &messages, now).await?
        }
        ReaderAction::Undelete(messages) => {
            receipts(tx, &UNDELETE, ReaderActionKind::Undelete, &scope, &messages, now).await?
        }
        ReaderAction::Restore(messages) => {
            receipts(tx, &RESTORE, ReaderActionKind::Restore, &scope, &messages, now).await?
        }
        ReaderAction::Clicked(message) => {
            receipts(tx, &CLICKED, ReaderActionKind::Read, &scope, &[message], now).await?
        }
        ReaderAction::Delivered(_) => None,
    };
    let (counts, _) =
        counts(&mut tx.connection, ReaderKey { site, contact }, &scope.feeds, now).await?;
    if let Some((action, messages)) = changed {
        if webhooks {
            outbox::queue_reader_action(
                tx,
                ReaderKey { site, contact },
                (action, clicked),
                &messages,
                now,
            )
            .await?;
        }
        tx.publish(InboxEvent::ReaderActed { site, contact, action, messages, counts });
    }
    Ok(ActionAttempt::Done(Some(ActionOutcome { counts, since: Version(since), undo })))
}

async fn receipts(
    tx: &mut WriteTx,
    statement: &FeedStatement,
    action: ReaderActionKind,
    scope: &ReaderScope,
    messages: &[MessageId],
    now: Timestamp,
) -> Result<Changed> {
    let asked: BTreeSet<String> =
        messages.iter().map(|message| hex::encode(message.as_bytes())).collect();
    let query =
        scope.feeds.query(statement).bind(scope.site.as_bytes().to_vec()).bind(scope.contact.0);
    let query = query.bind(now.millis()).bind(to_json(&asked)?);
    let rows = scope.feeds.bind(query).fetch_all(&mut tx.connection).await?;
    let Some((version, changed)) = rows.split_last() else { return Ok(None) };
    tx.record_version(scope.site, Some(version.try_get(0)?))?;
    let mut changed =
        changed.iter().map(|row| Columns::new(row).message()).collect::<Result<Vec<_>>>()?;
    changed.sort();
    Ok(Some((action, changed)))
}

/// Records what was delivered to readers of a site, with their feeds if the site has segments.
/// Where a webhook is subscribed, each reader is a change of its own.
pub(super) async fn record_delivered(
    tx: &mut WriteTx,
    site: SiteId,
    reached: Vec<(ContactId, Position)>,
    feeds: BTreeMap<ContactId, Feeds>,
    now: Timestamp,
) -> Result<u64> {
    if outbox::has_delivery_listeners(&mut tx.connection, site).await? {
        for (contact, until) in reached {
            let feeds = feeds.get(&contact).cloned().unwrap_or_default();
            apply(
                tx,
                FeedLookup::Final(feeds),
                ReaderKey { site, contact },
                ReaderAction::Delivered(until),
                now,
            )
            .await?;
        }
    } else {
        watermark::record_delivered(tx, site, &reached, now).await?;
    }
    Ok(0)
}
