//! What one reader sees: lists, counts and single messages. Each result is one statement, so it is
//! a consistent snapshot without an open transaction.
//!
//! A list merges two feeds, the reader's own and that of everyone, and one more for each segment
//! that the reader is in ([`super::feeds`]). Unread lists have a further feed: messages marked as
//! unread below the watermark. Each feed is read by index from its newest end, for no more rows
//! than the page has, so the cost depends neither on how much was ever published nor on the number
//! of contacts. It grows with the reader's actions: messages archived or deleted at the top of the
//! list are skipped each time, and so are, when pinned ones are looked for, messages marked as
//! unread below the watermark and messages of muted categories.

mod statements;

use super::{
    feeds::Feeds,
    message_cache::MessageCache,
    message_rows::{MESSAGES, message_of},
};
use crate::{
    ChooseLanguage, ListEntry, Result, StoreError,
    db::{Columns, Connection, query, to_json},
};
use belfry_domain::{
    Cursor, Language, Message, MessageId, Position, ReaderFilter, ReaderKey, ReaderMessage,
    ReaderPage, ReaderPageRequest, Timestamp, UnreadCounts,
};
use serde::Deserialize;
use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

pub(super) use statements::{
    ARCHIVED_PAGE, COUNTS, ENTRIES, IN_LANGUAGE, ITEM, LANGUAGES, PAGE, UNREAD_ENTRIES, UNREAD_PAGE,
};

fn counts_of(columns: &mut Columns<'_>) -> Result<UnreadCounts> {
    let version = columns.version()?;
    let mut count = || Ok::<_, StoreError>(columns.value::<u32>()?.min(UnreadCounts::CAP));
    Ok(UnreadCounts { version, unread: count()?, unseen: count()? })
}

/// The counts, and whether the site has segments in use (`EVALUATION_VERSION`).
/// If so, they are correct only with the reader's feeds.
pub(super) async fn counts(
    connection: &mut Connection,
    ReaderKey { site, contact }: ReaderKey,
    feeds: &Feeds,
    now: Timestamp,
) -> Result<(UnreadCounts, bool)> {
    let query = feeds
        .query(&COUNTS)
        .bind(site.as_bytes().to_vec())
        .bind(contact.0)
        .bind(now.millis())
        .bind(UnreadCounts::CAP);
    let row = feeds.bind(query).fetch_optional(connection).await?;
    let Some(row) = row else { return Ok((UnreadCounts::default(), false)) };
    let mut columns = Columns::new(&row);
    let segments: i64 = columns.value()?;
    Ok((counts_of(&mut columns)?, segments > 0))
}

/// The start of a page: the upper bounds of pinned and of other messages. A negative cursor is
/// within the pinned ones, so that a list with more pinned messages than fit on a page loses none.
fn page_bounds(before: Option<Cursor>) -> (i64, i64) {
    match before {
        None => (i64::MAX, i64::MAX),
        Some(cursor) if cursor.is_pinned() => (cursor.position().0, i64::MAX),
        Some(cursor) => (0, cursor.0),
    }
}

/// A message in a list: its id, whether it is read and archived (0 or 1), when it was last edited,
/// and its cursor.
#[derive(Deserialize)]
struct ListRow(String, i64, i64, Option<i64>, Cursor);

/// Pinned ones first, then the newest.
fn order(cursor: Cursor) -> Reverse<(bool, Position)> {
    Reverse((cursor.is_pinned(), cursor.position()))
}

/// The messages of a list with their content. Content that is not cached is loaded with one more
/// query. Messages deleted in between, and expired ones whose `recipient` rows are not updated yet,
/// are left out.
async fn items(
    connection: &mut Connection,
    cache: &MessageCache,
    ReaderKey { site, contact }: ReaderKey,
    listed: Vec<ListRow>,
    now: Timestamp,
) -> Result<Vec<(Cursor, ReaderMessage)>> {
    let (mut items, mut others) = (Vec::with_capacity(listed.len()), BTreeMap::new());
    for ListRow(id, read, archived, edited_at, cursor) in listed {
        let id: MessageId = id
            .parse()
            .map_err(|_| StoreError::Inconsistent(format!("{id} is not a message id")))?;
        let (is_read, archived) = (read != 0, archived != 0);
        match cache.get(site, id, edited_at.map(Timestamp::from_millis)) {
            Some(message) => {
                items.push((cursor, ReaderMessage { message, is_read, is_archived: archived }));
            }
            None => {
                others.insert(id, (is_read, archived, cursor));
            }
        }
    }
    if others.is_empty() {
        return Ok(items);
    }
    let ids = to_json(&others.keys().collect::<Vec<_>>())?;
    for row in query(MESSAGES).bind(site.as_bytes()).bind(ids).fetch_all(connection).await? {
        let mut message = message_of(&mut Columns::new(&row), site, &[contact])?;
        let Some((is_read, is_archived, cursor)) = others.get(&message.id).copied() else {
            continue;
        };
        if message.recalled_at.is_some() || message.expires_at.is_some_and(|end| end <= now) {
            continue;
        }
        message.position = cursor.position();
        let message = Arc::new(message);
        cache.insert(&message);
        items.push((cursor, ReaderMessage { message, is_read, is_archived }));
    }
    Ok(items)
}

/// A page of a list, and whether the site has segments in use, as with [`counts`].
pub(super) async fn page(
    connection: &mut Connection,
    cache: &MessageCache,
    ReaderKey { site, contact }: ReaderKey,
    feeds: &Feeds,
    request: ReaderPageRequest,
    now: Timestamp,
) -> Result<(ReaderPage, bool)> {
    let (pinned_before, others_before) = page_bounds(request.before);
    let statement = match request.filter {
        ReaderFilter::All => PAGE,
        ReaderFilter::Unread => UNREAD_PAGE,
        ReaderFilter::Archived => ARCHIVED_PAGE,
    };
    let limit = usize::try_from(request.limit).unwrap_or(usize::MAX);
    let query = feeds
        .query(&statement)
        .bind(site.as_bytes().to_vec())
        .bind(contact.0)
        .bind(now.millis())
        .bind(UnreadCounts::CAP)
        .bind(i64::from(request.limit) + 1)
        .bind(pinned_before)
        .bind(others_before);
    let Some(row) = feeds.bind(query).fetch_optional(&mut *connection).await? else {
        return Ok((ReaderPage::default(), false));
    };
    let mut columns = Columns::new(&row);
    let segments: i64 = columns.value()?;
    let counts = counts_of(&mut columns)?;
    let listed = columns.json::<Vec<ListRow>>()?;
    // SQL does not guarantee the inner order of a subquery.
    let mut cursors: Vec<Cursor> = listed.iter().map(|ListRow(.., cursor)| *cursor).collect();
    cursors.sort_by_key(|cursor| order(*cursor));
    let next = cursors.get(limit).and_then(|_| cursors.get(limit.checked_sub(1)?)).copied();
    let mut items = items(connection, cache, ReaderKey { site, contact }, listed, now).await?;
    items.sort_by_key(|(cursor, _)| order(*cursor));
    items.retain(|(cursor, _)| next.is_none_or(|next| order(*cursor) <= order(next)));
    items.truncate(limit);
    let page =
        ReaderPage { items: items.into_iter().map(|(_, item)| item).collect(), next, counts };
    Ok((page, segments > 0))
}

/// The positions of the newest messages of a list, pinned ones first, without content.
pub(super) async fn entries(
    connection: &mut Connection,
    ReaderKey { site, contact }: ReaderKey,
    feeds: &Feeds,
    (unread, limit): (bool, u32),
    now: Timestamp,
) -> Result<Vec<ListEntry>> {
    let statement = if unread { UNREAD_ENTRIES } else { ENTRIES };
    let (pinned_before, others_before) = page_bounds(None);
    let query = feeds
        .query(&statement)
        .bind(site.as_bytes().to_vec())
        .bind(contact.0)
        .bind(now.millis())
        .bind(UnreadCounts::CAP);
    let query = query.bind(limit).bind(pinned_before).bind(others_before);
    let row = feeds.bind(query).fetch_one(connection).await?;
    let listed = Columns::new(&row).json::<Vec<(String, i64, i64, Position)>>()?;
    let mut entries = Vec::with_capacity(listed.len());
    for (id, read, pinned, position) in listed {
        let message = id
            .parse()
            .map_err(|_| StoreError::Inconsistent(format!("{id} is not a message id")))?;
        entries.push(ListEntry { message, is_read: read != 0, is_pinned: pinned != 0, position });
    }
    // SQL does not guarantee the inner order of a subquery.
    entries.sort_by_key(|entry| Reverse((entry.is_pinned, entry.position)));
    Ok(entries)
}

/// The content of messages, each in the one language that is chosen for the reader.
pub(super) async fn in_language(
    connection: &mut Connection,
    ReaderKey { site, contact }: ReaderKey,
    messages: &[MessageId],
    choose: ChooseLanguage<'_>,
) -> Result<Vec<Message>> {
    let mut asked = Vec::with_capacity(messages.len());
    for row in query(LANGUAGES)
        .bind(site.as_bytes())
        .bind(to_json(messages)?)
        .fetch_all(&mut *connection)
        .await?
    {
        let mut columns = Columns::new(&row);
        let (id, languages) = (columns.message()?, columns.json::<BTreeSet<Language>>()?);
        let languages = languages.into_iter().map(|language| (language, ())).collect();
        asked.extend(choose(&languages).map(|language| (id, language)));
    }
    let rows = query(IN_LANGUAGE)
        .bind(site.as_bytes())
        .bind(to_json(&asked)?)
        .fetch_all(connection)
        .await?;
    rows.iter().map(|row| message_of(&mut Columns::new(row), site, &[contact])).collect()
}

pub(super) async fn item(
    connection: &mut Connection,
    ReaderKey { site, contact }: ReaderKey,
    feeds: &Feeds,
    message: MessageId,
    now: Timestamp,
) -> Result<Option<ReaderMessage>> {
    let query = feeds
        .query(&ITEM)
        .bind(site.as_bytes().to_vec())
        .bind(contact.0)
        .bind(now.millis())
        .bind(message.as_bytes().to_vec());
    let row = feeds.bind(query).fetch_optional(connection).await?;
    let Some(row) = row else { return Ok(None) };
    let mut columns = Columns::new(&row);
    let (is_read, archived, position) = (columns.value()?, columns.value()?, columns.position()?);
    let message = Message { position, ..message_of(&mut columns, site, &[contact])? };
    Ok(Some(ReaderMessage { is_read, is_archived: archived, message: Arc::new(message) }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn negative_cursors_are_within_pinned_messages() {
        assert_eq!(page_bounds(None), (i64::MAX, i64::MAX));
        assert_eq!(page_bounds(Some(Cursor(-7))), (7, i64::MAX));
        assert_eq!(page_bounds(Some(Cursor(7))), (0, 7));
        assert_eq!(page_bounds(Some(Cursor(i64::MIN))), (i64::MAX, i64::MAX));
    }
}
