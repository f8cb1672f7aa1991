//! Contact tokens and widget sessions: issued, exchanged, looked up, ended and swept.

use super::{
    contact_admin::LAST_SEEN_INTERVAL,
    idempotency::{self, IDEMPOTENCY_TTL},
    shared_state,
    write_tx::WriteTx,
};
use crate::{
    Conflict, Result,
    db::{Columns, Connection, query, query_scalar},
};
use belfry_domain::{
    ContactId, ContactLookup, ContactToken, Digest, EmailAddress, ExternalId, Identifiers,
    InboxEvent, NewContactToken, NewWidgetSession, PhoneNumber, RevokedSessions, SiteId, Timestamp,
    TokenFamily, WidgetSession,
};

/// The most rows that one sweep step deletes.
const SWEEP_ROWS_PER_STEP: i64 = 32;

/// One statement: the contact is looked up in the transaction that writes, and the key may have
/// been revoked since it was checked. The matching rules are those of `contact::BY_IDENTIFIERS`.
pub(super) const ISSUE: &str = "INSERT INTO contact_token (site_id, digest, contact_id, family, key_id, expires_at)
     SELECT ?1, ?2, c.id, ?3, ?4, ?5 FROM api_key AS k CROSS JOIN contact AS c
     WHERE k.site_id = ?1 AND k.id = ?4 AND k.revoked_at IS NULL AND c.site_id = ?1 AND c.deleted_at IS NULL AND c.id = coalesce(?6,
        (SELECT id FROM contact WHERE site_id = ?1 AND external_id = ?7),
        (SELECT id FROM contact WHERE site_id = ?1 AND email = ?8),
        (SELECT id FROM contact WHERE site_id = ?1 AND phone = ?9))
        AND (?7 IS NULL OR c.external_id IS NULL OR c.external_id = ?7)
     RETURNING contact_id";

const IS_KEY_ACTIVE: &str =
    "SELECT EXISTS (SELECT 1 FROM api_key WHERE site_id = ?1 AND id = ?2 AND revoked_at IS NULL)";

pub(super) async fn issue(
    tx: &mut WriteTx,
    lookup: ContactLookup,
    token: NewContactToken,
) -> Result<Option<ContactId>> {
    let (id, identifiers) = match lookup {
        ContactLookup::Id(contact) => (Some(contact.0), Identifiers::default()),
        ContactLookup::Identifiers(identifiers) => (None, identifiers),
    };
    let contact: Option<i64> = query_scalar(ISSUE)
        .bind(token.site.as_bytes())
        .bind(token.digest.0.as_slice())
        .bind(token.family.0.as_slice())
        .bind(&token.key.0)
        .bind(token.expires_at.millis())
        .bind(id)
        .bind(identifiers.external_id.as_ref().map(ExternalId::as_str))
        .bind(identifiers.email.as_ref().map(EmailAddress::as_str))
        .bind(identifiers.phone.as_ref().map(PhoneNumber::as_str))
        // `fetch_all` runs the statement to its end: where it is its own transaction, that is the
        // commit.
        .fetch_all(&mut tx.connection)
        .await?
        .pop();
    if contact.is_none()
        && !query_scalar::<bool>(IS_KEY_ACTIVE)
            .bind(token.site.as_bytes())
            .bind(&token.key.0)
            .fetch_one(&mut tx.connection)
            .await?
    {
        return Err(Conflict::KeyRevoked.into());
    }
    Ok(contact.map(ContactId))
}

pub(super) const TOKEN: &str = "SELECT site_id, contact_id, digest, family, key_id, expires_at FROM contact_token WHERE site_id = ?1 AND digest = ?2 AND expires_at > ?3";

pub(super) async fn token(
    connection: &mut Connection,
    site: SiteId,
    digest: &Digest,
    now: Timestamp,
) -> Result<Option<ContactToken>> {
    let query = query(TOKEN).bind(site.as_bytes()).bind(digest.0.as_slice()).bind(now.millis());
    let Some(row) = query.fetch_optional(connection).await? else { return Ok(None) };
    let mut columns = Columns::new(&row);
    Ok(Some(ContactToken {
        site: columns.site()?,
        contact: columns.contact()?,
        digest: columns.digest()?,
        family: columns.family()?,
        key: columns.key()?,
        expires_at: columns.time()?,
    }))
}

macro_rules! begin_sessions {
    () => {
        "INSERT INTO widget_session (site_id, contact_id, family, key_id, digest, expires_at, sequence)
     SELECT t.site_id, t.contact_id, t.family, t.key_id, session.column1, session.column2,
        1 + coalesce((SELECT max(sequence) FROM widget_session INDEXED BY widget_session_contact WHERE site_id = ?1 AND contact_id = ?2), 0)
     FROM contact_token AS t CROSS JOIN (VALUES (?6, ?7), (?8, ?9)) AS session
     WHERE t.site_id = ?1 AND t.digest = ?5 AND session.column1 IS NOT NULL RETURNING digest"
    };
}

macro_rules! note_visit {
    () => {
        "UPDATE contact SET last_seen_at = ?3, profile_version = profile_version + 1
     WHERE changes() > 0 AND site_id = ?1 AND id = ?2 AND deleted_at IS NULL AND coalesce(last_seen_at, 0) <= ?4"
    };
}

// Deletes several at once, so that most exchanges delete none.
macro_rules! end_oldest_sessions {
    () => {
        "DELETE FROM widget_session WHERE site_id = ?1 AND digest IN (
        SELECT digest FROM widget_session INDEXED BY widget_session_contact WHERE site_id = ?1 AND contact_id = ?2
        ORDER BY sequence DESC LIMIT 64 OFFSET 42)
     AND (SELECT count(*) FROM (
        SELECT 1 FROM widget_session INDEXED BY widget_session_contact WHERE site_id = ?1 AND contact_id = ?2 LIMIT 51)) > 50 RETURNING digest"
    };
}

#[cfg(test)]
pub(super) const EXCHANGE_STEPS: [&str; 3] =
    [begin_sessions!(), note_visit!(), end_oldest_sessions!()];

/// Inserts up to two sessions and updates the last-seen time, in one round trip to the connection.
/// Writes nothing if the token has ended since it was looked up. Above
/// [`crate::MAX_SESSIONS`], the oldest sessions end. Where each statement is its own
/// transaction, the last-seen time may be lost while the sessions are not; it is only informative.
const EXCHANGE: &str =
    concat!(begin_sessions!(), "; ", note_visit!(), "; ", end_oldest_sessions!());

/// Returns the sessions that ended for these; `None` when the token no longer exists.
pub(super) async fn exchange(
    tx: &mut WriteTx,
    token: ContactToken,
    sessions: [Option<NewWidgetSession>; 2],
    now: Timestamp,
) -> Result<Option<Vec<Digest>>> {
    let mut query = query(EXCHANGE)
        .bind(token.site.as_bytes().to_vec())
        .bind(token.contact.0)
        .bind(now.millis());
    query = query.bind(now.minus(LAST_SEEN_INTERVAL).millis()).bind(token.digest.0.to_vec());
    for session in sessions {
        query = query
            .bind(session.map(|session| session.digest.0.to_vec()))
            .bind(session.map(|session| session.expires_at.millis()));
    }
    let rows = query.fetch_all(&mut tx.connection).await?;
    let digests = rows.iter().map(|row| Columns::new(row).digest()).collect::<Result<Vec<_>>>()?;
    let new = |digest: &Digest| sessions.iter().flatten().any(|session| session.digest == *digest);
    let (begun, ended): (Vec<_>, Vec<_>) = digests.into_iter().partition(new);
    Ok((begun.len() == sessions.iter().flatten().count()).then_some(ended))
}

pub(super) async fn session(
    connection: &mut Connection,
    site: SiteId,
    digest: &Digest,
    now: Timestamp,
) -> Result<Option<WidgetSession>> {
    let row = query(
        "SELECT site_id, contact_id, digest, family, key_id, expires_at FROM widget_session WHERE site_id = ?1 AND digest = ?2 AND expires_at > ?3",
    )
    .bind(site.as_bytes())
    .bind(digest.0.as_slice())
    .bind(now.millis())
    .fetch_optional(connection)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let mut columns = Columns::new(&row);
    Ok(Some(WidgetSession {
        site: columns.site()?,
        contact: columns.contact()?,
        digest: columns.digest()?,
        family: columns.family()?,
        key: columns.key()?,
        expires_at: columns.time()?,
    }))
}

pub(super) async fn end_family(tx: &mut WriteTx, site: SiteId, family: TokenFamily) -> Result<()> {
    let mut ended = 0;
    for statement in [
        "DELETE FROM contact_token WHERE site_id = ?1 AND family = ?2",
        "DELETE FROM widget_session WHERE site_id = ?1 AND family = ?2",
        "DELETE FROM token_family WHERE site_id = ?1 AND family = ?2",
    ] {
        ended += query(statement)
            .bind(site.as_bytes())
            .bind(family.0.as_slice())
            .execute(&mut tx.connection)
            .await?;
    }
    if ended > 0 {
        tx.next_version(site, false).await?;
        tx.publish(InboxEvent::SessionsRevoked { site, revoked: RevokedSessions::Family(family) });
    }
    Ok(())
}

/// One bounded sweep step. Returns 0 when nothing is left.
pub(super) async fn sweep(tx: &mut WriteTx, now: Timestamp) -> Result<u64> {
    for (statement, until) in [
        (
            "DELETE FROM contact_token WHERE (site_id, digest) IN
             (SELECT site_id, digest FROM contact_token WHERE expires_at <= ?1 ORDER BY expires_at LIMIT ?2 + 0)",
            now,
        ),
        (
            "DELETE FROM widget_session WHERE (site_id, digest) IN
             (SELECT site_id, digest FROM widget_session WHERE expires_at <= ?1 ORDER BY expires_at LIMIT ?2 + 0)",
            now,
        ),
        (
            "DELETE FROM token_family WHERE (site_id, family) IN
             (SELECT site_id, family FROM token_family WHERE expires_at <= ?1 ORDER BY expires_at LIMIT ?2 + 0)",
            now,
        ),
        (
            "DELETE FROM preview_link WHERE (site_id, digest) IN
             (SELECT site_id, digest FROM preview_link WHERE expires_at <= ?1 ORDER BY expires_at LIMIT ?2 + 0)",
            now,
        ),
        (
            "DELETE FROM console_session WHERE digest IN (SELECT digest FROM console_session WHERE expires_at <= ?1 ORDER BY expires_at LIMIT ?2 + 0)",
            now,
        ),
        (
            "DELETE FROM trusted_browser WHERE (account_id, digest) IN
             (SELECT account_id, digest FROM trusted_browser WHERE expires_at <= ?1 ORDER BY expires_at LIMIT ?2 + 0)",
            now,
        ),
        ("DELETE FROM sdk_token WHERE digest IN (SELECT digest FROM sdk_token WHERE expires_at <= ?1 ORDER BY expires_at LIMIT ?2 + 0)", now),
        ("DELETE FROM invitation WHERE digest IN (SELECT digest FROM invitation WHERE expires_at <= ?1 ORDER BY expires_at LIMIT ?2 + 0)", now),
        (idempotency::SWEEP, now.minus(IDEMPOTENCY_TTL)),
        (shared_state::SWEEP_VALUES, now),
        (shared_state::SWEEP_ATTEMPTS, now),
    ] {
        let removed = query(statement).bind(until.millis()).bind(SWEEP_ROWS_PER_STEP).execute(&mut tx.connection).await?;
        if removed > 0 {
            return Ok(removed);
        }
    }
    Ok(0)
}
