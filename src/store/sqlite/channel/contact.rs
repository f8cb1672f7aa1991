//! Contacts as conversations have them.
//!
//! Their rows are those of the site's contacts, written by [`crate::store::sqlite::contact`]; a row of `channel_contact` stands beside one once
//! there is something in it.

use super::{Attempt, attempt, event, merge_attributes, session, text, trash, undo_if_rejected};
use crate::{
    domain::{
        Change, Contact, ContactDraft, ContactId, EmailAddress, ExternalId, Identifiers, PhoneNumber, SiteId, Timestamp,
        channel::{
            ChangedAttribute, ChannelAccess, ChannelContact, ContactFields, ContactInboxId, ContactListPage, ContactListQuery, ContactProfile,
            ContactSession, ContactSort, ConversationEventKind, CreatedContact, Identification, InboxId, InboxIdentifier, MAX_COUNT,
            NewContactSession, Performer, Rejection, SessionClaim, SessionInbox, SessionView, SourceId, split_name,
        },
    },
    store::{
        ChannelContactStore, ChannelResult, Result, StoreError,
        sqlite::{
            SqliteStore,
            columns::{Columns, to_json},
            contact::{self as base, contact_in},
            work::Work,
        },
        vault::Vault,
    },
};
use async_trait::async_trait;
use futures_util::FutureExt as _;
use serde_json::{Value, json};
use sqlx::SqliteConnection;

/// The columns that [`channel_contact_in`] reads, of a contact `c` with its `channel_contact` `x`.
macro_rules! channel_contact_columns {
    () => {
        concat!(
            crate::store::sqlite::contact::contact_columns!("c."),
            ", coalesce(x.additional_attributes, '{}'), coalesce(x.blocked, 0), x.avatar_url, x.last_activity_at"
        )
    };
}
pub(super) use channel_contact_columns;

macro_rules! select {
    ($from:literal, $rest:literal) => {
        concat!(
            "SELECT ",
            channel_contact_columns!(),
            " FROM ",
            $from,
            " LEFT JOIN channel_contact AS x ON x.site_id = c.site_id AND x.contact_id = c.id ",
            $rest
        )
    };
}

pub(in crate::store::sqlite) const ONE: &str = select!("contact AS c", "WHERE c.site_id = ?1 AND c.id = ?2 AND c.deleted_at IS NULL");
pub(in crate::store::sqlite) const NEWEST: &str =
    select!("contact AS c", "WHERE c.site_id = ?1 AND c.deleted_at IS NULL ORDER BY c.id DESC LIMIT ?2 + 0 OFFSET ?3 + 0");
pub(in crate::store::sqlite) const OLDEST: &str =
    select!("contact AS c", "WHERE c.site_id = ?1 AND c.deleted_at IS NULL ORDER BY c.id LIMIT ?2 + 0 OFFSET ?3 + 0");
pub(in crate::store::sqlite) const NEWEST_WITH_TEXT: &str = select!(
    "contact AS c",
    "WHERE c.site_id = ?1 AND c.id IN (SELECT id FROM contact INDEXED BY contact_search WHERE site_id = ?1 AND deleted_at IS NULL
        AND instr(search_key, ?4) > 0 ORDER BY id DESC LIMIT ?2 + 0 OFFSET ?3 + 0) ORDER BY c.id DESC"
);
pub(in crate::store::sqlite) const OLDEST_WITH_TEXT: &str = select!(
    "contact AS c",
    "WHERE c.site_id = ?1 AND c.id IN (SELECT id FROM contact INDEXED BY contact_search WHERE site_id = ?1 AND deleted_at IS NULL
        AND instr(search_key, ?4) > 0 ORDER BY id LIMIT ?2 + 0 OFFSET ?3 + 0) ORDER BY c.id"
);
pub(in crate::store::sqlite) const COUNT: &str =
    "SELECT count(*) FROM (SELECT 1 FROM contact WHERE site_id = ?1 AND deleted_at IS NULL LIMIT ?2 + 0)";
pub(in crate::store::sqlite) const COUNT_WITH_TEXT: &str = "SELECT count(*) FROM (SELECT 1 FROM contact INDEXED BY contact_search
    WHERE site_id = ?1 AND deleted_at IS NULL AND instr(search_key, ?3) > 0 LIMIT ?2 + 0)";
/// Sessions of some contacts, up to a hundred of each.
pub(in crate::store::sqlite) const SESSIONS: &str = "SELECT s.contact_id, s.source_id, i.id, i.name, i.identifier
     FROM json_each(?2) AS wanted CROSS JOIN contact_inbox AS s ON s.id IN (
        SELECT id FROM contact_inbox INDEXED BY contact_inbox_contact WHERE site_id = ?1 AND contact_id = wanted.value
        ORDER BY inbox_id DESC, id DESC LIMIT 100)
     CROSS JOIN channel_inbox AS i ON i.id = s.inbox_id AND i.deleted = 0 ORDER BY wanted.key, s.id DESC";
/// Contacts that have one of these, with which, and whether they are deleted.
const OWNERS: &str = "SELECT 'identifier', id, deleted_at IS NOT NULL FROM contact WHERE site_id = ?1 AND external_id = ?2
     UNION ALL SELECT 'email', id, deleted_at IS NOT NULL FROM contact WHERE site_id = ?1 AND email = ?3
     UNION ALL SELECT 'phone_number', id, deleted_at IS NOT NULL FROM contact WHERE site_id = ?1 AND phone = ?4";

pub(super) fn channel_contact_in(columns: &mut Columns<'_>) -> Result<ChannelContact> {
    Ok(ChannelContact {
        contact: contact_in(columns)?,
        additional_attributes: columns.json()?,
        blocked: columns.value()?,
        avatar_url: columns.value()?,
        last_activity_at: columns.maybe_time()?,
    })
}

/// A contact that is there.
pub(super) async fn one(connection: &mut SqliteConnection, site: SiteId, contact: ContactId) -> Result<Option<ChannelContact>> {
    let row = sqlx::query(ONE).bind(site.as_bytes()).bind(contact.0).fetch_optional(connection).await?;
    row.map(|row| channel_contact_in(&mut Columns::of(&row))).transpose()
}

async fn profiles(connection: &mut SqliteConnection, site: SiteId, contacts: Vec<ChannelContact>) -> Result<Vec<ContactProfile>> {
    let ids: Vec<i64> = contacts.iter().map(|contact| contact.id().0).collect();
    let rows = sqlx::query(SESSIONS).bind(site.as_bytes()).bind(to_json(&ids)?).fetch_all(connection).await?;
    let mut profiles: Vec<ContactProfile> = contacts.into_iter().map(|contact| ContactProfile { contact, sessions: Vec::new() }).collect();
    for row in &rows {
        let mut columns = Columns::of(row);
        let contact = columns.contact()?;
        let session = SessionInbox {
            source_id: SourceId::kept(columns.value()?),
            inbox: InboxId(columns.value()?),
            inbox_name: columns.value()?,
            inbox_identifier: InboxIdentifier::kept(columns.value()?),
        };
        if let Some(profile) = profiles.iter_mut().find(|profile| profile.contact.id() == contact) {
            profile.sessions.push(session);
        }
    }
    Ok(profiles)
}

async fn profile(connection: &mut SqliteConnection, site: SiteId, contact: ContactId) -> Result<Option<ContactProfile>> {
    let Some(found) = one(connection, site, contact).await? else { return Ok(None) };
    Ok(profiles(connection, site, vec![found]).await?.pop())
}

async fn list(connection: &mut SqliteConnection, site: SiteId, query: &ContactListQuery) -> Result<ContactListPage> {
    let offset = i64::from(query.page.saturating_sub(1)) * i64::from(ContactListPage::SIZE);
    let text = query.text.as_deref().map(str::trim).filter(|text| !text.is_empty()).map(str::to_lowercase);
    let statement = match (query.sort, text.is_some()) {
        (ContactSort::NewestFirst, false) => NEWEST,
        (ContactSort::OldestFirst, false) => OLDEST,
        (ContactSort::NewestFirst, true) => NEWEST_WITH_TEXT,
        (ContactSort::OldestFirst, true) => OLDEST_WITH_TEXT,
    };
    let page = sqlx::query(statement).bind(site.as_bytes()).bind(ContactListPage::SIZE).bind(offset);
    let count = sqlx::query_scalar(if text.is_some() { COUNT_WITH_TEXT } else { COUNT }).bind(site.as_bytes()).bind(MAX_COUNT);
    let (page, count) = match &text {
        Some(text) => (page.bind(text), count.bind(text)),
        None => (page, count),
    };
    let rows = page.fetch_all(&mut *connection).await?;
    let count: u32 = count.fetch_one(&mut *connection).await?;
    let contacts = rows.iter().map(|row| channel_contact_in(&mut Columns::of(row))).collect::<Result<Vec<_>>>()?;
    Ok(ContactListPage { count, contacts: profiles(connection, site, contacts).await? })
}

/// Another contact with the same identifier, e-mail address or phone number: which, and whether it is deleted.
async fn other_owner(
    connection: &mut SqliteConnection,
    site: SiteId,
    identifiers: &Identifiers,
    own: Option<ContactId>,
) -> Result<Option<(&'static str, ContactId, bool)>> {
    let rows = sqlx::query(OWNERS)
        .bind(site.as_bytes())
        .bind(identifiers.external_id.as_ref().map(ExternalId::as_str))
        .bind(identifiers.email.as_ref().map(EmailAddress::as_str))
        .bind(identifiers.phone.as_ref().map(PhoneNumber::as_str))
        .fetch_all(connection)
        .await?;
    for row in &rows {
        let mut columns = Columns::of(row);
        let attribute = match columns.value::<&str>()? {
            "identifier" => "identifier",
            "email" => "email",
            _ => "phone_number",
        };
        let (owner, deleted) = (columns.contact()?, columns.value()?);
        if Some(owner) != own {
            return Ok(Some((attribute, owner, deleted)));
        }
    }
    Ok(None)
}

fn identifiers_of(fields: &ContactFields) -> Identifiers {
    Identifiers {
        external_id: fields.identifier.clone().flatten(),
        email: fields.email.clone().flatten(),
        phone: fields.phone_number.clone().flatten(),
    }
}

/// What the fields say to the site's contact.
fn draft_of(fields: &ContactFields) -> ContactDraft {
    let (first_name, last_name) = fields.name.as_ref().and_then(Option::as_ref).map(|name| split_name(name)).unwrap_or_default();
    ContactDraft { identifiers: identifiers_of(fields), first_name, last_name, language: None, attributes: fields.custom_attributes.clone() }
}

/// A contact without what is taken from it. Whoever gets another name loses both parts of the one before.
fn without(contact: Contact, fields: &ContactFields) -> Contact {
    let keep = |value: Option<String>, gone: bool| value.filter(|_| !gone);
    let renamed = fields.name.is_some();
    Contact {
        external_id: keep(contact.external_id.clone(), fields.identifier == Some(None)),
        email: keep(contact.email.clone(), fields.email == Some(None)),
        phone: keep(contact.phone.clone(), fields.phone_number == Some(None)),
        first_name: keep(contact.first_name.clone(), renamed),
        last_name: keep(contact.last_name.clone(), renamed),
        ..contact
    }
}

/// Writes what only conversations keep.
async fn put_own(work: &mut Work, site: SiteId, contact: ContactId, before: Option<&ChannelContact>, fields: &ContactFields) -> Attempt<()> {
    let mut additional = before.map(|before| before.additional_attributes.clone()).unwrap_or_default();
    merge_attributes(&mut additional, &fields.additional_attributes);
    let additional = to_json(&additional)?;
    if additional.len() > Contact::MAX_ATTRIBUTES_BYTES {
        return Ok(Err(crate::domain::Invalid::new("additional_attributes", "must have at most 16 kB as JSON").into()));
    }
    let blocked = fields.blocked.unwrap_or_else(|| before.is_some_and(|before| before.blocked));
    let avatar = fields.avatar_url.clone().unwrap_or_else(|| before.and_then(|before| before.avatar_url.clone()));
    sqlx::query(
        "INSERT INTO channel_contact (site_id, contact_id, additional_attributes, blocked, avatar_url) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (site_id, contact_id) DO UPDATE SET additional_attributes = excluded.additional_attributes, blocked = excluded.blocked,
            avatar_url = excluded.avatar_url",
    )
    .bind(site.as_bytes())
    .bind(contact.0)
    .bind(additional)
    .bind(blocked)
    .bind(avatar)
    .execute(&mut work.connection)
    .await?;
    Ok(Ok(()))
}

fn has_own(fields: &ContactFields) -> bool {
    fields.blocked.is_some() || fields.avatar_url.is_some() || !fields.additional_attributes.is_empty()
}

/// A new contact. Whatever is unique was looked at before.
async fn insert(work: &mut Work, site: SiteId, fields: &ContactFields, performer: Performer, now: Timestamp) -> Attempt<ContactId> {
    let draft = draft_of(fields);
    if to_json(&draft.attributes)?.len() > Contact::MAX_ATTRIBUTES_BYTES {
        return Ok(Err(crate::domain::Invalid::new("custom_attributes", "must have at most 16 kB as JSON").into()));
    }
    let id = base::insert(work, site, draft, now).await?;
    if has_own(fields) {
        attempt!(put_own(work, site, id, None, fields).await?);
    }
    work.names(id);
    let contact = one(&mut work.connection, site, id).await?.ok_or_else(gone)?;
    event::of_contact(work, site, contact, ConversationEventKind::ContactCreated, Vec::new(), performer, now).await?;
    Ok(Ok(id))
}

fn gone() -> StoreError {
    StoreError::Inconsistent("a contact that was written is gone".to_owned())
}

async fn create(
    work: &mut Work,
    vault: &Vault,
    site: SiteId,
    fields: ContactFields,
    session: Option<(InboxId, NewContactSession)>,
    now: Timestamp,
) -> Attempt<CreatedContact> {
    let fields = attempt!(fields.checked());
    if let Some((attribute, ..)) = other_owner(&mut work.connection, site, &identifiers_of(&fields), None).await? {
        return Ok(Err(Rejection::Taken(attribute)));
    }
    let contact = attempt!(insert(work, site, &fields, Performer::System, now).await?);
    let session = match session {
        Some((inbox, new)) => Some(attempt!(session::add(work, vault, (site, inbox, contact), &new, (false, None), now).await?)),
        None => None,
    };
    let profile = profile(&mut work.connection, site, contact).await?.ok_or_else(gone)?;
    Ok(Ok(CreatedContact { profile, session }))
}

/// What differs between two states of a contact, by the names that clients have for it.
fn changed(before: &ChannelContact, after: &ChannelContact) -> Vec<ChangedAttribute> {
    let values = |contact: &ChannelContact| -> [(&'static str, Value); 8] {
        [
            ("name", contact.name().into()),
            ("email", json!(contact.contact.email)),
            ("phone_number", json!(contact.contact.phone)),
            ("identifier", json!(contact.contact.external_id)),
            ("custom_attributes", json!(contact.contact.attributes)),
            ("additional_attributes", json!(contact.additional_attributes)),
            ("blocked", contact.blocked.into()),
            ("avatar_url", json!(contact.avatar_url)),
        ]
    };
    let pairs = values(before).into_iter().zip(values(after));
    pairs
        .filter(|((_, previous), (_, current))| previous != current)
        .map(|((name, previous), (_, current))| ChangedAttribute { name: name.to_owned(), previous, current })
        .collect()
}

/// Changes a contact, when nobody else has what it gets.
async fn change(
    work: &mut Work,
    site: SiteId,
    contact: ContactId,
    fields: ContactFields,
    performer: Performer,
    now: Timestamp,
) -> Attempt<ChannelContact> {
    let fields = attempt!(fields.checked());
    let Some(before) = one(&mut work.connection, site, contact).await? else { return Ok(Err(Rejection::NotFound("contact"))) };
    if let Some((attribute, ..)) = other_owner(&mut work.connection, site, &identifiers_of(&fields), Some(contact)).await? {
        return Ok(Err(Rejection::Taken(attribute)));
    }
    let mut attributes = before.contact.attributes.clone();
    merge_attributes(&mut attributes, &fields.custom_attributes);
    if to_json(&attributes)?.len() > Contact::MAX_ATTRIBUTES_BYTES {
        return Ok(Err(crate::domain::Invalid::new("custom_attributes", "must have at most 16 kB as JSON").into()));
    }
    base::update(work, site, without(before.contact.clone(), &fields), draft_of(&fields), now).await?;
    if has_own(&fields) {
        attempt!(put_own(work, site, contact, Some(&before), &fields).await?);
    }
    let after = one(&mut work.connection, site, contact).await?.ok_or_else(gone)?;
    let changed = changed(&before, &after);
    if !changed.is_empty() {
        text::index_contact(work, site, &after).await?;
        event::of_contact(work, site, after.clone(), ConversationEventKind::ContactUpdated, changed, performer, now).await?;
    }
    Ok(Ok(after))
}

/// Whose a new session of the public client API is.
async fn matched(work: &mut Work, site: SiteId, fields: &ContactFields, now: Timestamp) -> Attempt<Option<ContactId>> {
    let identifiers = identifiers_of(fields);
    let by = [
        Identifiers { external_id: identifiers.external_id.clone(), ..Identifiers::default() },
        Identifiers { email: identifiers.email.clone(), ..Identifiers::default() },
        Identifiers { phone: identifiers.phone.clone(), ..Identifiers::default() },
    ];
    for identifiers in by {
        let Some((_, owner, deleted)) = other_owner(&mut work.connection, site, &identifiers, None).await? else { continue };
        if deleted {
            // Brought back, as by an upsert.
            let lookup = crate::domain::ContactLookup::Id(owner);
            if let Some(found) = base::find(&mut work.connection, site, &lookup, true).await? {
                base::update(work, site, found, draft_of(&ContactFields::default()), now).await?;
            }
        }
        return Ok(Ok(Some(owner)));
    }
    Ok(Ok(None))
}

async fn identify(work: &mut Work, vault: &Vault, site: SiteId, inbox: InboxId, request: Identification, now: Timestamp) -> Attempt<SessionView> {
    let Identification { source_id, fields, verified, session } = request;
    if let Some(source_id) = &source_id
        && let Some(found) = session::by_source(&mut work.connection, Some(vault), site, inbox, source_id).await?
    {
        return Ok(Ok(found));
    }
    let mut fields = attempt!(fields.checked());
    let mut claim = SessionClaim::default();
    claim.add(&fields);
    if to_json(&claim.custom_attributes)?.len() > Contact::MAX_ATTRIBUTES_BYTES {
        return Ok(Err(crate::domain::Invalid::new("custom_attributes", "must have at most 16 kB as JSON").into()));
    }
    // Only the identifier is proven: nobody comes to another contact by naming an e-mail address beside it.
    let by_identifier = ContactFields { identifier: fields.identifier.clone(), ..ContactFields::default() };
    let found = attempt!(matched(work, site, if verified { &by_identifier } else { &fields }, now).await?);
    let contact = if let Some(contact) = found {
        contact
    } else {
        claim.is_creator = true;
        if verified {
            leave_out_taken(work, site, &mut fields).await?;
        }
        attempt!(insert(work, site, &fields, Performer::Contact, now).await?)
    };
    let new = NewContactSession { source_id: source_id.unwrap_or(session.source_id), pubsub_token: session.pubsub_token };
    let added = attempt!(session::add(work, vault, (site, inbox, contact), &new, (verified, Some(claim)), now).await?);
    let contact = one(&mut work.connection, site, contact).await?.ok_or_else(gone)?;
    Ok(Ok(SessionView { session: added, contact, created: true }))
}

/// Leaves out an e-mail address and a phone number that another contact has.
async fn leave_out_taken(work: &mut Work, site: SiteId, fields: &mut ContactFields) -> Result<()> {
    while let Some((attribute, ..)) = other_owner(&mut work.connection, site, &identifiers_of(fields), None).await? {
        match attribute {
            "email" => fields.email = None,
            "phone_number" => fields.phone_number = None,
            _ => break,
        }
    }
    Ok(())
}

async fn update_of_session(
    work: &mut Work,
    vault: &Vault,
    site: SiteId,
    id: ContactInboxId,
    mut fields: ContactFields,
    verified: bool,
    now: Timestamp,
) -> Attempt<SessionView> {
    let Some(mut found) = session::by_id(&mut work.connection, Some(vault), site, id).await? else {
        return Ok(Err(Rejection::NotFound("session")));
    };
    // Who somebody is does not change by what they say of themselves.
    fields.identifier = None;
    let fields = attempt!(fields.checked());
    if verified && !found.session.hmac_verified {
        session::verify(work, site, id, now).await?;
        found.session.hmac_verified = true;
    }
    if let Some(mut claim) = found.session.claim.take() {
        claim.add(&fields);
        if to_json(&claim.custom_attributes)?.len() > Contact::MAX_ATTRIBUTES_BYTES {
            return Ok(Err(crate::domain::Invalid::new("custom_attributes", "must have at most 16 kB as JSON").into()));
        }
        session::set_claim(work, id, &claim, now).await?;
        found.session.claim = Some(claim);
    }
    if found.session.may_change_contact() {
        // An e-mail address is not proven by being named, so the contact who has it is not merged with this one: the two may be two people.
        found.contact = attempt!(change(work, site, found.session.contact, fields, Performer::Contact, now).await?);
    }
    Ok(Ok(found))
}

/// Before a contact is erased: its conversations are in no list from now on, and go in the background.
pub(in crate::store::sqlite) async fn forget(work: &mut Work, site: SiteId, contact: ContactId) -> Result<()> {
    // They may be left of conversations whose inbox is gone.
    text::forget_contact(work, site, contact).await?;
    let known: Option<i64> = sqlx::query_scalar("SELECT 1 FROM contact_inbox WHERE site_id = ?1 AND contact_id = ?2 LIMIT 1")
        .bind(site.as_bytes())
        .bind(contact.0)
        .fetch_optional(&mut work.connection)
        .await?;
    if known.is_none() {
        return Ok(());
    }
    trash::hide_conversations(work, site, contact).await?;
    work.announce(Change::ChannelAccess { site, access: ChannelAccess::Contact(contact) });
    Ok(())
}

async fn erase(work: &mut Work, site: SiteId, contact: ContactId, now: Timestamp) -> Result<bool> {
    let Some(found) = one(&mut work.connection, site, contact).await? else { return Ok(false) };
    let erased = base::delete(work, site, contact, now).await?;
    event::of_contact(work, site, found, ConversationEventKind::ContactDeleted, Vec::new(), Performer::System, now).await?;
    Ok(erased)
}

#[async_trait]
impl ChannelContactStore for SqliteStore {
    async fn create_channel_contact(
        &self,
        site: SiteId,
        fields: &ContactFields,
        session: Option<(InboxId, NewContactSession)>,
        now: Timestamp,
    ) -> ChannelResult<CreatedContact> {
        let (fields, vault) = (fields.clone(), self.vault.clone());
        self.writer
            .of(site)
            .run(move |work| {
                undo_if_rejected(work, move |work| async move { create(work, &vault, site, fields, session, now).await }.boxed()).boxed()
            })
            .await
    }

    async fn channel_contact(&self, site: SiteId, contact: ContactId) -> Result<Option<ContactProfile>> {
        profile(&mut *self.reader_of(site).await?, site, contact).await
    }

    async fn channel_contacts(&self, site: SiteId, query: &ContactListQuery) -> Result<ContactListPage> {
        // What may pass over many contacts is done beside those who wait for a short answer.
        if query.text.is_none() && query.page <= NEAR_PAGES {
            list(&mut *self.reader_of(site).await?, site, query).await
        } else {
            list(&mut *self.reports.turn(site).await?, site, query).await
        }
    }

    async fn update_channel_contact(
        &self,
        site: SiteId,
        contact: ContactId,
        fields: &ContactFields,
        performer: &Performer,
        now: Timestamp,
    ) -> ChannelResult<ContactProfile> {
        let (fields, performer) = (fields.clone(), performer.clone());
        self.writer
            .of(site)
            .run(move |work| {
                undo_if_rejected(work, move |work| {
                    async move {
                        attempt!(change(work, site, contact, fields, performer, now).await?);
                        Ok(profile(&mut work.connection, site, contact).await?.ok_or(Rejection::NotFound("contact")))
                    }
                    .boxed()
                })
                .boxed()
            })
            .await
    }

    async fn erase_channel_contact(&self, site: SiteId, contact: ContactId, now: Timestamp) -> Result<bool> {
        self.writer.of(site).run(move |work| erase(work, site, contact, now).boxed()).await
    }

    async fn identify_contact(&self, site: SiteId, inbox: InboxId, request: &Identification, now: Timestamp) -> ChannelResult<SessionView> {
        let (request, vault) = (request.clone(), self.vault.clone());
        self.writer
            .of(site)
            .run(move |work| {
                undo_if_rejected(work, move |work| async move { identify(work, &vault, site, inbox, request, now).await }.boxed()).boxed()
            })
            .await
    }

    async fn contact_session(&self, site: SiteId, inbox: InboxId, source_id: &SourceId) -> Result<Option<SessionView>> {
        session::by_source(&mut *self.reader_of(site).await?, Some(&self.vault), site, inbox, source_id).await
    }

    async fn add_contact_session(
        &self,
        site: SiteId,
        contact: ContactId,
        inbox: InboxId,
        new: &NewContactSession,
        now: Timestamp,
    ) -> ChannelResult<ContactSession> {
        let (new, vault) = (new.clone(), self.vault.clone());
        self.writer
            .of(site)
            .run(move |work| {
                async move {
                    if one(&mut work.connection, site, contact).await?.is_none() {
                        return Ok(Err(Rejection::NotFound("contact")));
                    }
                    session::add(work, &vault, (site, inbox, contact), &new, (false, None), now).await
                }
                .boxed()
            })
            .await
    }

    async fn verify_session(&self, site: SiteId, session: ContactInboxId, now: Timestamp) -> Result<bool> {
        self.writer.of(site).run(move |work| session::verify(work, site, session, now).boxed()).await
    }

    async fn update_session_contact(
        &self,
        site: SiteId,
        session: ContactInboxId,
        fields: &ContactFields,
        verified: bool,
        now: Timestamp,
    ) -> ChannelResult<SessionView> {
        let (fields, vault) = (fields.clone(), self.vault.clone());
        self.writer
            .of(site)
            .run(move |work| {
                undo_if_rejected(work, move |work| async move { update_of_session(work, &vault, site, session, fields, verified, now).await }.boxed())
                    .boxed()
            })
            .await
    }
}

/// Pages that are read among the readers' own questions.
const NEAR_PAGES: u32 = 60;
