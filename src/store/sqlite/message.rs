//! Messages: stored once whatever the audience, looked up, edited, recalled.

use super::{
    columns::{Columns, to_json},
    fan_out::{self, Urgency},
    outbox,
    schedule::{move_to, number, show, take_away},
    segment,
    work::Work,
};
use crate::{
    domain::{
        Audience, Change, ContactId, ContactLookup, Idempotency, Message, MessageEdit, MessageId, Reach, SegmentId, SegmentTarget, SiteId, Timestamp,
    },
    store::{Cancelled, Published, Result, StoreError},
};
use sqlx::SqliteConnection;
use std::{sync::Arc, time::Duration};

/// Where a message is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    Waiting = 0,
    Shown = 1,
    Over = 2,
    Recalled = 3,
}

impl State {
    pub(super) fn of(stored: i64) -> Result<Self> {
        match stored {
            0 => Ok(Self::Waiting),
            1 => Ok(Self::Shown),
            2 => Ok(Self::Over),
            3 => Ok(Self::Recalled),
            other => Err(StoreError::Inconsistent(format!("a message in state {other}"))),
        }
    }
}

/// A message that is to be changed.
pub(super) struct Stored {
    /// With its whole audience, unless `is_many`.
    pub(super) message: Message,
    pub(super) state: State,
    /// Whether it goes to more contacts by name than one command may concern, or does not have all of them yet, or each has it at a position of
    /// its own: then what happens to it is brought to them by [`fan_out`].
    pub(super) is_many: bool,
}

/// The first of those who have a message, with their positions.
pub(super) const FIRST_PLACED: &str = "SELECT contact_id, position FROM placement INDEXED BY placement_message WHERE site_id = ?1 AND message_id = ?2
     ORDER BY contact_id LIMIT ?3 + 0";

/// What a placement repeats of its message. Its index is named: see [`super::schedule::MOVE`].
pub(super) const ADJUST: &str = "UPDATE placement INDEXED BY placement_message SET pinned = ?5, expires_at = ?6, category = ?7
     WHERE site_id = ?1 AND message_id = ?2 AND contact_id BETWEEN ?3 AND ?4 AND (pinned <> ?5 OR expires_at IS NOT ?6 OR category IS NOT ?7)";

/// Takes a message from its audience.
pub(super) const UNPLACE: &str =
    "DELETE FROM placement INDEXED BY placement_message WHERE site_id = ?1 AND message_id = ?2 AND contact_id BETWEEN ?3 AND ?4";

/// The number of a change, with each contact that it concerns.
pub(super) const NOTE: &str = "UPDATE contact SET version = ?3
     WHERE site_id = ?1 AND id IN (SELECT contact_id FROM placement WHERE site_id = ?1 AND message_id = ?2)";

/// The same where the message is placed for them.
pub(super) const NOTE_PLACED: &str = "UPDATE contact SET version = ?3, placed = placed + 1
     WHERE site_id = ?1 AND id IN (SELECT contact_id FROM placement WHERE site_id = ?1 AND message_id = ?2)";

/// The columns that [`message_of`] reads, of a table called `m`.
macro_rules! message_columns {
    () => {
        "m.id, m.everyone, m.content, m.category, m.data, m.pinned, m.created_at, m.publish_at, m.expires_at, m.edited_at, m.recalled_at, m.position, m.name, m.test"
    };
}
pub(super) use message_columns;

/// A message from [`message_columns`], with the contacts that the caller may know of when it is not for everyone.
pub(super) fn message_of(columns: &mut Columns<'_>, site: SiteId, contacts: &[ContactId]) -> Result<Message> {
    let id = columns.message()?;
    let everyone: bool = columns.value()?;
    Ok(Message {
        id,
        site,
        contacts: (!everyone).then(|| contacts.to_vec()),
        content: columns.json()?,
        category: columns.value()?,
        data: columns.maybe_json()?,
        pinned: columns.value()?,
        created_at: columns.time()?,
        publish_at: columns.time()?,
        expires_at: columns.maybe_time()?,
        edited_at: columns.maybe_time()?,
        recalled_at: columns.maybe_time()?,
        position: columns.value()?,
        name: columns.value()?,
        test: columns.value()?,
    })
}

/// A message with its whole audience. It may be thousands of contacts, so the writer never asks this: it has [`to_change`].
pub(super) async fn load(connection: &mut SqliteConnection, site: SiteId, message: MessageId) -> Result<Option<Message>> {
    let Some((mut message, ..)) = without_audience(connection, site, message).await? else { return Ok(None) };
    if let Some(contacts) = &mut message.contacts {
        *contacts = fan_out::audience(connection, site, message.id).await?;
    }
    Ok(Some(message))
}

/// A message that is to be changed: its whole audience where that is small.
pub(super) async fn to_change(connection: &mut SqliteConnection, site: SiteId, message: MessageId) -> Result<Option<Stored>> {
    let Some((mut message, state, mut is_many)) = without_audience(connection, site, message).await? else { return Ok(None) };
    let Some(contacts) = &mut message.contacts else { return Ok(Some(Stored { message, state, is_many: false })) };
    let limit = i64::try_from(fan_out::PART + 1).unwrap_or(i64::MAX);
    let query = sqlx::query_as(FIRST_PLACED).bind(site.as_bytes()).bind(message.id.as_bytes()).bind(limit);
    let placed: Vec<(i64, i64)> = query.fetch_all(connection).await?;
    // A message to a segment may have placements of a former audience for a moment.
    let segment = placed.first().filter(|(lane, _)| *lane < 0);
    *contacts = segment.map_or_else(|| placed.iter().map(|(contact, _)| ContactId(*contact)).collect(), |(lane, _)| vec![ContactId(*lane)]);
    let is_apart = |position: &i64| position.abs() > 1 && position.abs() != message.position;
    is_many |= placed.len() > fan_out::PART || placed.iter().any(|(_, position)| is_apart(position));
    Ok(Some(Stored { is_many: is_many && segment.is_none(), message, state }))
}

/// A message, its state, and whether something is left to be brought to its contacts.
async fn without_audience(connection: &mut SqliteConnection, site: SiteId, message: MessageId) -> Result<Option<(Message, State, bool)>> {
    let row = sqlx::query(concat!(
        "SELECT m.state, EXISTS (SELECT 1 FROM fan_out AS f WHERE f.site_id = ?1 AND f.message_id = ?2), ",
        message_columns!(),
        " FROM message AS m WHERE m.site_id = ?1 AND m.id = ?2"
    ))
    .bind(site.as_bytes())
    .bind(message.as_bytes())
    .fetch_optional(connection)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let mut columns = Columns::of(&row);
    let (state, fans_out) = (State::of(columns.value()?)?, columns.value()?);
    Ok(Some((message_of(&mut columns, site, &[])?, state, fans_out)))
}

/// The contacts of a message's placements, or the numbers that stand for those of an open one: first and last.
pub(super) fn range(message: &Message) -> (i64, i64) {
    if message.is_open() { (i64::MIN, 0) } else { (1, i64::MAX) }
}

/// Whom a message concerns.
pub(super) async fn reach(work: &mut Work, message: &Message) -> Result<Reach> {
    match (message.segment(), &message.contacts) {
        (Some(segment), _) => {
            let segment = segment::load(&mut work.connection, message.site, segment).await?;
            // One that is gone has nobody in it.
            Ok(segment.map_or(Reach::Contacts(Vec::new()), |segment| Reach::Segment(Arc::new(segment))))
        }
        (None, Some(contacts)) => Ok(Reach::Contacts(contacts.clone())),
        (None, None) => Ok(Reach::Everyone),
    }
}

pub(super) async fn publish(work: &mut Work, mut message: Message, idempotency: Option<Idempotency>, now: Timestamp) -> Result<Published> {
    if let Some(idempotency) = &idempotency
        && let Some(before) = remember(work, &message, idempotency, now).await?
    {
        return Ok(before);
    }
    message.position = 0;
    let id = message.id;
    work.names(id);
    let is_shown = message.publish_at <= now && message.expires_at.is_none_or(|end| end > now);
    let endpoints = if is_shown { fan_out::collectors(work, &message).await? } else { Vec::new() };
    if fan_out::is_needed(&message, endpoints.len()) {
        insert_many(work, message, is_shown, now).await?;
    } else if is_shown {
        insert_shown(work, message, &endpoints, now).await?;
    } else {
        insert(work, &message, State::Waiting).await?;
        place(work, &message).await?;
    }
    Ok(Published::New(id))
}

/// Stores a message whose contacts get it later, in parts.
async fn insert_many(work: &mut Work, mut message: Message, is_shown: bool, now: Timestamp) -> Result<()> {
    if is_shown {
        number(work, &mut message, now).await?;
    }
    insert(work, &message, if is_shown { State::Shown } else { State::Waiting }).await?;
    fan_out::begin(work, &message).await
}

// The numbers that the later statements use come first: of those that a statement leaves out, sqlx takes each for one more argument.
macro_rules! insert_shown {
    () => {
        "INSERT INTO message (site_id, id, position, pinned, expires_at, category, state, everyone, content, data, created_at, publish_at, edited_at, name, test)
         VALUES (?1, ?2, ?5, ?6, ?7, ?8, 1, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16); "
    };
}

/// To everyone or to a segment: ?3 is the feed.
const INSERT_OPEN: &str = concat!(
    insert_shown!(),
    "INSERT INTO placement (site_id, message_id, contact_id, position, pinned, expires_at, category) VALUES (?1, ?2, ?3, ?5, ?6, ?7, ?8)"
);

/// To the contacts ?3, whose last change is ?4. By way of the contact table: a number that the site does not have makes no row.
const INSERT_NAMED: &str = concat!(
    insert_shown!(),
    "INSERT INTO placement (site_id, message_id, contact_id, position, pinned, expires_at, category)
     SELECT ?1, ?2, contact.id, ?5, ?6, ?7, ?8 FROM json_each(?3) AS asked CROSS JOIN contact
     WHERE contact.site_id = ?1 AND contact.id = asked.value;
     UPDATE contact SET version = ?4, placed = placed + 1 WHERE site_id = ?1 AND id IN (SELECT value FROM json_each(?3))"
);

/// Stores a message that is shown at once, with its audience: one round trip to the connection.
async fn insert_shown(work: &mut Work, mut message: Message, endpoints: &[i64], now: Timestamp) -> Result<()> {
    if let Some(segment) = message.segment() {
        segment::engage(work, message.site, segment).await?;
    }
    let version = number(work, &mut message, now).await?;
    let named = message.contacts.as_ref().filter(|_| message.segment().is_none());
    let query = sqlx::query(if named.is_some() { INSERT_NAMED } else { INSERT_OPEN }).bind(message.site.as_bytes()).bind(message.id.as_bytes());
    let query = match named {
        Some(contacts) => query.bind(to_json(contacts)?),
        None => query.bind(message.segment().map_or(0, |segment| segment.lane().0)),
    };
    let query = query
        .bind(version)
        .bind(message.position)
        .bind(message.pinned)
        .bind(message.expires_at.map(Timestamp::millis))
        .bind(&message.category)
        .bind(message.contacts.is_none())
        .bind(to_json(&message.content)?)
        .bind(message.data.as_ref().map(to_json).transpose()?)
        .bind(message.created_at.millis())
        .bind(message.publish_at.millis())
        .bind(message.edited_at.map(Timestamp::millis))
        .bind(&message.name)
        .bind(message.test);
    let rows = query.execute(&mut work.connection).await?.rows_affected();
    if named.is_some_and(|contacts| rows != 1 + 2 * contacts.len() as u64) {
        return Err(unknown_contact());
    }
    if !message.is_open() {
        outbox::placed(work, &message, endpoints, now).await?;
    }
    let reach = reach(work, &message).await?;
    work.announce(Change::Placed { message: Arc::new(message), reach, version });
    Ok(())
}

pub(super) fn unknown_contact() -> StoreError {
    StoreError::Conflict("the audience names a contact that the site does not have".to_owned())
}

/// Keeps the idempotency record, or says what became of the request that had this key before.
async fn remember(work: &mut Work, message: &Message, idempotency: &Idempotency, now: Timestamp) -> Result<Option<Published>> {
    let added =
        sqlx::query("INSERT INTO idempotency (site_id, key, fingerprint, message_id, created_at) VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING")
            .bind(message.site.as_bytes())
            .bind(&idempotency.key)
            .bind(idempotency.fingerprint.0.as_slice())
            .bind(message.id.as_bytes())
            .bind(now.millis())
            .execute(&mut work.connection)
            .await?
            .rows_affected();
    if added == 1 {
        return Ok(None);
    }
    earlier(&mut work.connection, message.site, idempotency).await
}

pub(super) async fn earlier(connection: &mut SqliteConnection, site: SiteId, idempotency: &Idempotency) -> Result<Option<Published>> {
    let row = sqlx::query("SELECT fingerprint, message_id FROM idempotency WHERE site_id = ?1 AND key = ?2")
        .bind(site.as_bytes())
        .bind(&idempotency.key)
        .fetch_optional(connection)
        .await?;
    let Some(row) = row else { return Ok(None) };
    let mut columns = Columns::of(&row);
    let (fingerprint, before) = (columns.digest()?, columns.message()?);
    Ok(Some(if fingerprint == idempotency.fingerprint { Published::Repeated(before) } else { Published::KeyReused }))
}

/// Stores a message without its audience.
async fn insert(work: &mut Work, message: &Message, state: State) -> Result<()> {
    sqlx::query(
        "INSERT INTO message (site_id, id, everyone, state, content, category, data, pinned, created_at, publish_at, expires_at, edited_at, name, test,
            position)
         VALUES (?1, ?2, ?3, ?14, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?15)",
    )
    .bind(message.site.as_bytes())
    .bind(message.id.as_bytes())
    .bind(message.contacts.is_none())
    .bind(to_json(&message.content)?)
    .bind(&message.category)
    .bind(message.data.as_ref().map(to_json).transpose()?)
    .bind(message.pinned)
    .bind(message.created_at.millis())
    .bind(message.publish_at.millis())
    .bind(message.expires_at.map(Timestamp::millis))
    .bind(message.edited_at.map(Timestamp::millis))
    .bind(&message.name)
    .bind(message.test)
    .bind(state as i64)
    .bind(message.position)
    .execute(&mut work.connection)
    .await?;
    Ok(())
}

/// Gives a message its audience, not shown yet.
pub(super) async fn place(work: &mut Work, message: &Message) -> Result<()> {
    let open = match (&message.contacts, message.segment()) {
        (None, _) => Some(ContactId(0)),
        (Some(_), segment) => segment.map(SegmentId::lane),
    };
    if let Some(segment) = message.segment() {
        segment::engage(work, message.site, segment).await?;
    }
    let (None, Some(contacts)) = (open, &message.contacts) else {
        sqlx::query(
            "INSERT INTO placement (site_id, contact_id, position, message_id, pinned, expires_at, category) VALUES (?1, ?5, 0, ?2, ?3, ?4, ?6)",
        )
        .bind(message.site.as_bytes())
        .bind(message.id.as_bytes())
        .bind(message.pinned)
        .bind(message.expires_at.map(Timestamp::millis))
        .bind(open.unwrap_or(ContactId(0)).0)
        .bind(&message.category)
        .execute(&mut work.connection)
        .await?;
        return Ok(());
    };
    // By way of the contact table: a number that the site does not have makes no row, and that is noticed.
    let placed = sqlx::query(
        "INSERT INTO placement (site_id, contact_id, position, message_id, pinned, expires_at, category)
         SELECT ?1, contact.id, 0, ?2, ?3, ?4, ?6 FROM json_each(?5) AS asked CROSS JOIN contact
         WHERE contact.site_id = ?1 AND contact.id = asked.value",
    )
    .bind(message.site.as_bytes())
    .bind(message.id.as_bytes())
    .bind(message.pinned)
    .bind(message.expires_at.map(Timestamp::millis))
    .bind(to_json(contacts)?)
    .bind(&message.category)
    .execute(&mut work.connection)
    .await?
    .rows_affected();
    if placed == contacts.len() as u64 { Ok(()) } else { Err(unknown_contact()) }
}

/// Changes a message, if it still is as it was formerly, and gives it with its audience unless that is large.
pub(super) async fn edit(
    work: &mut Work,
    (site, id): (SiteId, MessageId),
    former: Option<String>,
    edit: MessageEdit,
    now: Timestamp,
) -> Result<Option<Stored>> {
    let Some(Stored { mut message, state, mut is_many }) = to_change(&mut work.connection, site, id).await? else { return Ok(None) };
    if former.is_some_and(|former| message.revision() != former) {
        return Err(StoreError::Changed);
    }
    if state == State::Recalled {
        return Ok(None);
    }
    let MessageEdit { content, variables, category, data, pinned, expires_at, name, publish_at, audience } = edit;
    if (publish_at.is_some() || audience.is_some()) && state != State::Waiting {
        return Err(StoreError::Conflict("the message is not waiting for its time any more".to_owned()));
    }
    let literal = !variables.unwrap_or(message.has_variables_on());
    message.content = content.unwrap_or(message.content);
    for content in message.content.values_mut() {
        content.literal = literal;
    }
    message.category = category.unwrap_or(message.category);
    message.data = data.unwrap_or(message.data);
    message.pinned = pinned.unwrap_or(message.pinned);
    message.expires_at = expires_at.unwrap_or(message.expires_at);
    message.name = name.unwrap_or(message.name);
    message.publish_at = publish_at.unwrap_or(message.publish_at);
    // Each edit has a time of its own, by which a message that was read before is known to be of before.
    message.edited_at = Some(message.edited_at.map_or(now, |former| now.max(former.plus(Duration::from_millis(1)))));
    if let Some(audience) = audience {
        let left = message.segment();
        let former = range(&message);
        message.contacts = numbers(audience)?;
        if is_many || fan_out::is_needed(&message, 0) {
            is_many = !message.is_open();
            fan_out::replace(work, &message, former).await?;
        } else {
            unplace(work, &message, former).await?;
            place(work, &message).await?;
        }
        if let Some(segment) = left {
            segment::release(work, site, segment).await?;
        }
    }
    store_edit(work, &message, is_many).await?;
    let over = message.expires_at.is_some_and(|end| end <= now);
    match (state, over) {
        (State::Shown, true) => take_away(work, &message, is_many, State::Over).await?,
        (State::Shown, false) if !is_many => {
            let version = number_change(work, &message).await?;
            let reach = reach(work, &message).await?;
            work.announce(Change::Edited { message: Arc::new(message.clone()), reach, version });
        }
        // Its time was over and now it is not: it comes back where it was.
        (State::Over, false) => (message, is_many) = show(work, message, is_many, now).await?,
        (State::Waiting, false) if message.publish_at <= now => (message, is_many) = show(work, message, is_many, now).await?,
        (State::Shown | State::Over | State::Waiting | State::Recalled, _) if is_many => fan_out::restart(work, &message, Urgency::Other).await?,
        (State::Shown | State::Over | State::Waiting | State::Recalled, _) => {}
    }
    Ok(Some(Stored { message, state, is_many }))
}

async fn unplace(work: &mut Work, message: &Message, (first, last): (i64, i64)) -> Result<()> {
    let query = sqlx::query(UNPLACE).bind(message.site.as_bytes()).bind(message.id.as_bytes());
    query.bind(first).bind(last).execute(&mut work.connection).await?;
    Ok(())
}

/// The numbers of an audience whose contacts are named by them; `None` is everyone.
pub(super) fn numbers(audience: Audience) -> Result<Option<Vec<ContactId>>> {
    let lookups = match audience {
        Audience::Everyone => return Ok(None),
        Audience::Contact(lookup) => vec![lookup],
        Audience::Contacts(lookups) => lookups,
        Audience::Segment(SegmentTarget::Number(segment)) => return Ok(Some(vec![segment.lane()])),
        Audience::Segment(_) => return Err(StoreError::Inconsistent("a segment that was not looked up".to_owned())),
    };
    let number = |lookup| match lookup {
        ContactLookup::Id(id) => Ok(id),
        ContactLookup::Identifiers(_) => Err(StoreError::Inconsistent("an audience that was not looked up".to_owned())),
    };
    let mut contacts: Vec<_> = lookups.into_iter().map(number).collect::<Result<_>>()?;
    contacts.sort();
    contacts.dedup();
    Ok(Some(contacts))
}

async fn store_edit(work: &mut Work, message: &Message, is_many: bool) -> Result<()> {
    sqlx::query(
        "UPDATE message SET content = ?3, category = ?4, data = ?5, pinned = ?6, expires_at = ?7, edited_at = ?8, name = ?9,
         everyone = ?10, publish_at = ?11 WHERE site_id = ?1 AND id = ?2",
    )
    .bind(message.site.as_bytes())
    .bind(message.id.as_bytes())
    .bind(to_json(&message.content)?)
    .bind(&message.category)
    .bind(message.data.as_ref().map(to_json).transpose()?)
    .bind(message.pinned)
    .bind(message.expires_at.map(Timestamp::millis))
    .bind(message.edited_at.map(Timestamp::millis))
    .bind(&message.name)
    .bind(message.contacts.is_none())
    .bind(message.publish_at.millis())
    .execute(&mut work.connection)
    .await?;
    if is_many {
        return Ok(());
    }
    let (first, last) = range(message);
    sqlx::query(ADJUST)
        .bind(message.site.as_bytes())
        .bind(message.id.as_bytes())
        .bind(first)
        .bind(last)
        .bind(message.pinned)
        .bind(message.expires_at.map(Timestamp::millis))
        .bind(&message.category)
        .execute(&mut work.connection)
        .await?;
    Ok(())
}

/// Recalls a message that nobody has seen yet, so that nobody ever will.
pub(super) async fn cancel(work: &mut Work, site: SiteId, id: MessageId, now: Timestamp) -> Result<Cancelled> {
    match to_change(&mut work.connection, site, id).await? {
        None => Ok(Cancelled::Unknown),
        Some(Stored { state: State::Waiting, .. }) => recall(work, site, id, now).await.map(|_| Cancelled::Done),
        Some(_) => Ok(Cancelled::TooLate),
    }
}

pub(super) async fn recall(work: &mut Work, site: SiteId, id: MessageId, now: Timestamp) -> Result<bool> {
    let Some(Stored { message, state, is_many }) = to_change(&mut work.connection, site, id).await? else { return Ok(false) };
    if state == State::Recalled {
        return Ok(false);
    }
    sqlx::query("UPDATE message SET recalled_at = ?3, state = 3 WHERE site_id = ?1 AND id = ?2")
        .bind(site.as_bytes())
        .bind(id.as_bytes())
        .bind(now.millis())
        .execute(&mut work.connection)
        .await?;
    if state == State::Shown {
        take_away(work, &message, is_many, State::Recalled).await?;
    } else {
        if state == State::Waiting && !is_many {
            // Away from where waiting messages are: whether a segment is in use is asked of these.
            move_to(work, &message, -1).await?;
        }
        if let Some(segment) = message.segment() {
            segment::release(work, site, segment).await?;
        }
    }
    Ok(true)
}

/// Numbers a change of a message and notes it with everyone whom it concerns.
pub(super) async fn number_change(work: &mut Work, message: &Message) -> Result<i64> {
    let version = work.next_version(message.site, message.is_open()).await?;
    note_with_contacts(work, message, NOTE, version).await?;
    Ok(version)
}

pub(super) async fn note_with_contacts(work: &mut Work, message: &Message, statement: &'static str, version: i64) -> Result<()> {
    if !message.is_open() {
        sqlx::query(statement).bind(message.site.as_bytes()).bind(message.id.as_bytes()).bind(version).execute(&mut work.connection).await?;
    }
    Ok(())
}
