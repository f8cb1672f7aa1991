//! Identifies the contact of a public client API session, and updates the contact from what the
//! client sends.

use super::super::{CommandResult, attempt, session};
use super::{
    one,
    write::{change, contact_missing, draft_of, identifiers_of, insert, other_owner},
};
use crate::{
    Result,
    db::to_json,
    sql::{contact, contact_changes, write_tx::WriteTx},
    vault::Vault,
};
use belfry_domain::{
    Contact, ContactId, Identifiers, SiteId, Timestamp,
    channel::{
        ContactFields, ContactInboxId, Identification, InboxId, NewContactSession, Performer,
        Rejection, SessionClaim, SessionView,
    },
};
use belfry_locales::phrases::errors;

/// The existing contact that a new session of the public client API belongs to.
async fn match_contact(
    tx: &mut WriteTx,
    site: SiteId,
    fields: &ContactFields,
    now: Timestamp,
) -> CommandResult<Option<ContactId>> {
    let identifiers = identifiers_of(fields);
    let by = [
        Identifiers { external_id: identifiers.external_id.clone(), ..Identifiers::default() },
        Identifiers { email: identifiers.email.clone(), ..Identifiers::default() },
        Identifiers { phone: identifiers.phone.clone(), ..Identifiers::default() },
    ];
    for identifiers in by {
        let Some((_, owner, deleted)) =
            other_owner(&mut tx.connection, site, &identifiers, None).await?
        else {
            continue;
        };
        if deleted {
            // Restores a deleted contact, as an upsert does.
            let lookup = belfry_domain::ContactLookup::Id(owner);
            if let Some(found) = contact::find(&mut tx.connection, site, &lookup, true).await? {
                contact_changes::update(tx, site, found, draft_of(&ContactFields::default()), now)
                    .await?;
            }
        }
        return Ok(Ok(Some(owner)));
    }
    Ok(Ok(None))
}

/// Finds the contact that these fields identify, or creates one. For agents only: nobody else may
/// be given a contact by its address.
pub(in crate::sql::channel) async fn find_or_create(
    tx: &mut WriteTx,
    site: SiteId,
    fields: ContactFields,
    performer: Performer,
    now: Timestamp,
) -> CommandResult<ContactId> {
    let fields = attempt!(fields.validate());
    match attempt!(match_contact(tx, site, &fields, now).await?) {
        Some(contact) => Ok(Ok(contact)),
        None => insert(tx, site, &fields, performer, now).await,
    }
}

pub(super) async fn identify(
    tx: &mut WriteTx,
    vault: &Vault,
    site: SiteId,
    inbox: InboxId,
    request: Identification,
    now: Timestamp,
) -> CommandResult<SessionView> {
    let Identification { source_id, fields, verified, session } = request;
    if let Some(source_id) = &source_id
        && let Some(found) =
            session::by_source(&mut tx.connection, Some(vault), site, inbox, source_id).await?
    {
        return Ok(Ok(found));
    }
    let mut fields = attempt!(fields.validate());
    let mut claim = SessionClaim::default();
    claim.merge(&fields);
    if to_json(&claim.custom_attributes)?.len() > Contact::MAX_ATTRIBUTES_BYTES {
        return Ok(Err(belfry_domain::ValidationError::new(
            "custom_attributes",
            errors::at_most_kilobytes_json(16),
        )
        .into()));
    }
    // Only the identifier is proven. An e-mail address next to it must not give access to another
    // contact.
    let by_identifier =
        ContactFields { identifier: fields.identifier.clone(), ..ContactFields::default() };
    let found = attempt!(
        match_contact(tx, site, if verified { &by_identifier } else { &fields }, now).await?
    );
    let contact = if let Some(contact) = found {
        contact
    } else {
        claim.is_creator = true;
        if verified {
            remove_taken_identifiers(tx, site, &mut fields).await?;
        }
        attempt!(insert(tx, site, &fields, Performer::Contact, now).await?)
    };
    let new = NewContactSession {
        source_id: source_id.unwrap_or(session.source_id),
        pubsub_token: session.pubsub_token,
    };
    let added = attempt!(
        session::add(tx, vault, (site, inbox, contact), &new, (verified, Some(claim)), now).await?
    );
    let contact = one(&mut tx.connection, site, contact).await?.ok_or_else(contact_missing)?;
    Ok(Ok(SessionView { session: added, contact, created: true }))
}

/// Removes an e-mail address and a phone number that another contact has.
async fn remove_taken_identifiers(
    tx: &mut WriteTx,
    site: SiteId,
    fields: &mut ContactFields,
) -> Result<()> {
    while let Some((attribute, ..)) =
        other_owner(&mut tx.connection, site, &identifiers_of(fields), None).await?
    {
        match attribute {
            "email" => fields.email = None,
            "phone_number" => fields.phone_number = None,
            _ => break,
        }
    }
    Ok(())
}

pub(super) async fn update_of_session(
    tx: &mut WriteTx,
    vault: &Vault,
    site: SiteId,
    id: ContactInboxId,
    mut fields: ContactFields,
    verified: bool,
    now: Timestamp,
) -> CommandResult<SessionView> {
    let Some(mut found) = session::by_id(&mut tx.connection, Some(vault), site, id).await? else {
        return Ok(Err(Rejection::NotFound("session")));
    };
    // A client can't change its own identifier.
    fields.identifier = None;
    let fields = attempt!(fields.validate());
    if verified && !found.session.hmac_verified {
        session::verify(tx, site, id, now).await?;
        found.session.hmac_verified = true;
    }
    if let Some(mut claim) = found.session.claim.take() {
        claim.merge(&fields);
        if to_json(&claim.custom_attributes)?.len() > Contact::MAX_ATTRIBUTES_BYTES {
            return Ok(Err(belfry_domain::ValidationError::new(
                "custom_attributes",
                errors::at_most_kilobytes_json(16),
            )
            .into()));
        }
        session::set_claim(tx, id, &claim, now).await?;
        found.session.claim = Some(claim);
    }
    if found.session.may_change_contact() {
        // The e-mail address is not proven, so this contact is not merged with the one that has it:
        // they may be two people.
        found.contact = attempt!(
            change(tx, site, found.session.contact, fields, Performer::Contact, now).await?
        );
    }
    Ok(Ok(found))
}
