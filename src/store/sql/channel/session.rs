//! Sessions of contacts in inboxes (`contact_inbox`).

use super::{
    CommandResult,
    contact::{channel_contact_columns, channel_contact_in},
    inbox,
};
use crate::{
    MAX_SESSIONS_OF_CONTACT, Result, StoreError,
    db::{Columns, Connection, Row, query, query_as, query_scalar, to_json},
    sql::{secret_locations::session_pubsub, write_tx::WriteTx},
    vault::Vault,
};
use belfry_domain::{
    ContactId, Digest, InboxEvent, SiteId, Timestamp, ValidationError,
    channel::{
        ChannelAccess, ChannelToken, ContactInboxId, ContactSession, InboxId, NewContactSession,
        PubsubOwner, Rejection, SessionClaim, SessionView, SiteNumber, SourceId,
    },
};
use belfry_locales::phrases::errors;

macro_rules! session_columns {
    () => {
        "s.id, s.inbox_id, s.contact_id, s.source_id, s.hmac_verified, s.claim, s.created_at, s.updated_at, s.pubsub_token"
    };
}
pub(super) use session_columns;

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT ",
            session_columns!(),
            ", ",
            channel_contact_columns!(),
            ", s.site_id, n.number
             FROM contact_inbox AS s CROSS JOIN inbox AS i ON i.id = s.inbox_id AND i.deleted = 0
             CROSS JOIN contact AS c ON c.site_id = s.site_id AND c.id = s.contact_id
             CROSS JOIN site_counter AS n ON n.site_id = s.site_id
             LEFT JOIN channel_contact AS x ON x.site_id = s.site_id AND x.contact_id = s.contact_id ",
            $rest
        )
    };
}

pub(in crate::sql) const BY_SOURCE: &str =
    select!("WHERE s.site_id = ?1 AND s.source_id = ?3 AND s.inbox_id = ?2");
pub(in crate::sql) const BY_ID: &str = select!("WHERE s.id = ?2 AND s.site_id = ?1");
pub(in crate::sql) const BY_PUBSUB: &str = select!("WHERE s.pubsub_digest = ?1");

/// A session. Its pubsub token is included if a vault is given.
pub(super) fn session_in(
    columns: &mut Columns<'_>,
    site: SiteId,
    vault: Option<&Vault>,
) -> Result<ContactSession> {
    let mut session = ContactSession {
        id: ContactInboxId(columns.value()?),
        inbox: InboxId(columns.value()?),
        contact: columns.contact()?,
        source_id: SourceId::from_stored(columns.value()?),
        hmac_verified: columns.value()?,
        claim: columns.value::<Option<&str>>()?.map(claim_from_json).transpose()?,
        pubsub_token: None,
        created_at: columns.time()?,
        updated_at: columns.time()?,
    };
    let sealed: String = columns.value()?;
    if let Some(vault) = vault {
        session.pubsub_token = Some(ChannelToken::from_text(
            vault.decrypt_text(&session_pubsub(site, session.id.0), &sealed)?,
        ));
    }
    Ok(session)
}

fn claim_from_json(text: &str) -> Result<SessionClaim> {
    serde_json::from_str(text)
        .map_err(|error| StoreError::Inconsistent(format!("invalid claim of a session: {error}")))
}

fn view_of(row: &Row, site: SiteId, vault: Option<&Vault>) -> Result<SessionView> {
    let mut columns = Columns::new(row);
    Ok(SessionView {
        session: session_in(&mut columns, site, vault)?,
        contact: channel_contact_in(&mut columns)?,
        created: false,
    })
}

pub(super) async fn by_source(
    connection: &mut Connection,
    vault: Option<&Vault>,
    site: SiteId,
    inbox: InboxId,
    source_id: &SourceId,
) -> Result<Option<SessionView>> {
    let row = query(BY_SOURCE)
        .bind(site.as_bytes())
        .bind(inbox.0)
        .bind(source_id.as_str())
        .fetch_optional(connection)
        .await?;
    row.map(|row| view_of(&row, site, vault)).transpose()
}

pub(super) async fn by_id(
    connection: &mut Connection,
    vault: Option<&Vault>,
    site: SiteId,
    session: ContactInboxId,
) -> Result<Option<SessionView>> {
    let row = query(BY_ID).bind(site.as_bytes()).bind(session.0).fetch_optional(connection).await?;
    row.map(|row| view_of(&row, site, vault)).transpose()
}

/// The owner of a session's pubsub token.
pub(super) async fn subscriber(
    connection: &mut Connection,
    vault: &Vault,
    pubsub: &Digest,
) -> Result<Option<PubsubOwner>> {
    let Some(row) = query(BY_PUBSUB).bind(pubsub.0.to_vec()).fetch_optional(connection).await?
    else {
        return Ok(None);
    };
    let mut columns = Columns::new(&row);
    let mut session = session_in(&mut columns, SiteId::from_bytes([0; 16]), None)?;
    let contact = channel_contact_in(&mut columns)?;
    let (site, account) = (columns.site()?, SiteNumber(columns.value()?));
    let sealed: String = row.try_get_named("pubsub_token")?;
    session.pubsub_token = Some(ChannelToken::from_text(
        vault.decrypt_text(&session_pubsub(site, session.id.0), &sealed)?,
    ));
    Ok(Some(PubsubOwner::Session {
        site,
        account,
        session: Box::new(session),
        contact: Box::new(contact),
    }))
}

pub(super) async fn newest(
    connection: &mut Connection,
    site: SiteId,
    inbox: InboxId,
    contact: ContactId,
) -> Result<Option<ContactInboxId>> {
    let id: Option<i64> = query_scalar(
        "SELECT id FROM contact_inbox INDEXED BY contact_inbox_contact WHERE site_id = ?1 AND contact_id = ?2 AND inbox_id = ?3
         ORDER BY id DESC LIMIT 1",
    )
    .bind(site.as_bytes())
    .bind(contact.0)
    .bind(inbox.0)
    .fetch_optional(connection)
    .await?;
    Ok(id.map(ContactInboxId))
}

/// Sessions with this source id, with their inboxes. The caller uses the first one that it has
/// access to.
pub(super) async fn with_source(
    connection: &mut Connection,
    site: SiteId,
    source_id: &SourceId,
) -> Result<Vec<(ContactInboxId, InboxId)>> {
    let rows: Vec<(i64, i64)> =
        query_as("SELECT id, inbox_id FROM contact_inbox WHERE site_id = ?1 AND source_id = ?2 ORDER BY inbox_id LIMIT 100")
            .bind(site.as_bytes())
            .bind(source_id.as_str())
            .fetch_all(connection)
            .await?;
    Ok(rows.into_iter().map(|(id, inbox)| (ContactInboxId(id), InboxId(inbox))).collect())
}

/// The number of a contact's sessions in an inbox, and the oldest one without a message.
const SESSION_USAGE: &str = "SELECT (SELECT count(*) FROM contact_inbox INDEXED BY contact_inbox_contact
            WHERE site_id = ?1 AND contact_id = ?2 AND inbox_id = ?3),
        (SELECT s.id FROM contact_inbox AS s INDEXED BY contact_inbox_contact WHERE s.site_id = ?1 AND s.contact_id = ?2 AND s.inbox_id = ?3
            AND NOT EXISTS (SELECT 1 FROM conversation AS v WHERE v.site_id = ?1 AND v.contact_inbox_id = s.id) ORDER BY s.id LIMIT 1)";

/// Adds a session, or returns the contact's existing one with this source id. Above the limit, the
/// oldest session without messages is deleted.
pub(super) async fn add(
    tx: &mut WriteTx,
    vault: &Vault,
    (site, inbox, contact): (SiteId, InboxId, ContactId),
    new: &NewContactSession,
    (verified, claim): (bool, Option<SessionClaim>),
    now: Timestamp,
) -> CommandResult<ContactSession> {
    if inbox::one(&mut tx.connection, site, inbox).await?.is_none() {
        return Ok(Err(Rejection::NotFound("inbox")));
    }
    if let Some(found) =
        by_source(&mut tx.connection, Some(vault), site, inbox, &new.source_id).await?
    {
        return Ok(if found.session.contact == contact {
            Ok(found.session)
        } else {
            Err(Rejection::SourceIdTaken)
        });
    }
    let (count, unused): (u32, Option<i64>) = query_as(SESSION_USAGE)
        .bind(site.as_bytes())
        .bind(contact.0)
        .bind(inbox.0)
        .fetch_one(&mut tx.connection)
        .await?;
    if count >= MAX_SESSIONS_OF_CONTACT {
        let Some(unused) = unused else {
            let reason = errors::too_many_sessions(MAX_SESSIONS_OF_CONTACT);
            return Err(StoreError::Limit(ValidationError::new("source_id", reason)));
        };
        query("DELETE FROM contact_inbox WHERE id = ?1")
            .bind(unused)
            .execute(&mut tx.connection)
            .await?;
        tx.publish(InboxEvent::ChannelAccessChanged {
            site,
            access: ChannelAccess::Session(ContactInboxId(unused)),
        });
    }
    let id: i64 = query_scalar(
        "INSERT INTO contact_inbox (site_id, inbox_id, contact_id, source_id, pubsub_token, pubsub_digest, hmac_verified, claim, created_at, updated_at)
         VALUES (?1, ?2, ?3, ?4, '', ?5, ?6, ?8, ?7, ?7) RETURNING id",
    )
    .bind(site.as_bytes())
    .bind(inbox.0)
    .bind(contact.0)
    .bind(new.source_id.as_str())
    .bind(new.pubsub_token.digest().0.to_vec())
    .bind(verified)
    .bind(now.millis())
    .bind(claim.as_ref().map(to_json).transpose()?)
    .fetch_one(&mut tx.connection)
    .await?;
    query("UPDATE contact_inbox SET pubsub_token = ?2 WHERE id = ?1")
        .bind(id)
        .bind(vault.encrypt(&session_pubsub(site, id), new.pubsub_token.reveal().as_bytes())?)
        .execute(&mut tx.connection)
        .await?;
    if verified {
        revoke_editing_of_others(tx, site, contact, ContactInboxId(id)).await?;
    }
    Ok(Ok(ContactSession {
        id: ContactInboxId(id),
        inbox,
        contact,
        source_id: new.source_id.clone(),
        hmac_verified: verified,
        claim,
        pubsub_token: Some(new.pubsub_token.clone()),
        created_at: now,
        updated_at: now,
    }))
}

pub(super) async fn verify(
    tx: &mut WriteTx,
    site: SiteId,
    session: ContactInboxId,
    now: Timestamp,
) -> Result<bool> {
    let verified = query("UPDATE contact_inbox SET hmac_verified = 1, updated_at = ?3 WHERE id = ?2 AND site_id = ?1 AND hmac_verified = 0")
        .bind(site.as_bytes())
        .bind(session.0)
        .bind(now.millis())
        .execute(&mut tx.connection)
        .await?;
    if verified > 0 {
        let contact: i64 = query_scalar("SELECT contact_id FROM contact_inbox WHERE id = ?1")
            .bind(session.0)
            .fetch_one(&mut tx.connection)
            .await?;
        revoke_editing_of_others(tx, site, ContactId(contact), session).await?;
        tx.publish(InboxEvent::ChannelAccessChanged {
            site,
            access: ChannelAccess::Session(session),
        });
    }
    Ok(verified > 0)
}

/// What other sessions of a contact claim that are not verified.
pub(in crate::sql) const OTHER_CLAIMS: &str = "SELECT id, claim FROM contact_inbox INDEXED BY contact_inbox_contact
     WHERE site_id = ?1 AND contact_id = ?2 AND id <> ?3 AND hmac_verified = 0 AND claim IS NOT NULL";

/// After a verified login, other sessions may no longer edit the contact: they were created
/// without proof and may belong to another person.
async fn revoke_editing_of_others(
    tx: &mut WriteTx,
    site: SiteId,
    contact: ContactId,
    but: ContactInboxId,
) -> Result<()> {
    let others: Vec<(i64, String)> = query_as(OTHER_CLAIMS)
        .bind(site.as_bytes())
        .bind(contact.0)
        .bind(but.0)
        .fetch_all(&mut tx.connection)
        .await?;
    for (session, claim) in others {
        let claim = claim_from_json(&claim)?;
        if claim.is_creator {
            query("UPDATE contact_inbox SET claim = ?2 WHERE id = ?1")
                .bind(session)
                .bind(to_json(&SessionClaim { is_creator: false, ..claim })?)
                .execute(&mut tx.connection)
                .await?;
        }
    }
    Ok(())
}

/// Stores what a session claims about its contact.
pub(super) async fn set_claim(
    tx: &mut WriteTx,
    session: ContactInboxId,
    claim: &SessionClaim,
    now: Timestamp,
) -> Result<()> {
    query("UPDATE contact_inbox SET claim = ?2, updated_at = ?3 WHERE id = ?1")
        .bind(session.0)
        .bind(to_json(claim)?)
        .bind(now.millis())
        .execute(&mut tx.connection)
        .await?;
    Ok(())
}

/// The pubsub token of a session, which callback deliveries contain.
pub(in crate::sql) async fn pubsub_of(
    connection: &mut Connection,
    vault: &Vault,
    site: SiteId,
    session: ContactInboxId,
) -> Result<Option<ChannelToken>> {
    let sealed: Option<String> =
        query_scalar("SELECT pubsub_token FROM contact_inbox WHERE id = ?2 AND site_id = ?1")
            .bind(site.as_bytes())
            .bind(session.0)
            .fetch_optional(connection)
            .await?;
    sealed
        .map(|sealed| {
            Ok(ChannelToken::from_text(
                vault.decrypt_text(&session_pubsub(site, session.0), &sealed)?,
            ))
        })
        .transpose()
}
