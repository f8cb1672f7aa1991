//! Creates and updates contacts of conversations. Identifiers stay unique: a value that another
//! contact has is rejected.

use super::super::{CommandResult, attempt, event, merge_attributes, search_index, session};
use super::{one, profile};
use crate::{
    Result, StoreError,
    db::{Columns, Connection, query, to_json},
    sql::{contact_changes, write_tx::WriteTx},
    vault::Vault,
};
use belfry_domain::{
    Contact, ContactDraft, ContactId, EmailAddress, ExternalId, Identifiers, PhoneNumber, SiteId,
    Timestamp,
    channel::{
        ChangedAttribute, ChannelContact, ContactFields, ConversationEventKind, CreatedContact,
        InboxId, NewContactSession, Performer, Rejection, split_name,
    },
};
use belfry_locales::phrases::errors;
use serde_json::{Value, json};

/// Contacts that have one of these identifiers: which identifier, and whether the contact is
/// deleted.
const OWNERS: &str = "SELECT 'identifier', id, deleted_at IS NOT NULL FROM contact WHERE site_id = ?1 AND external_id = ?2
     UNION ALL SELECT 'email', id, deleted_at IS NOT NULL FROM contact WHERE site_id = ?1 AND email = ?3
     UNION ALL SELECT 'phone_number', id, deleted_at IS NOT NULL FROM contact WHERE site_id = ?1 AND phone = ?4";

/// Another contact with the same identifier, e-mail address or phone number: the field, and whether
/// that contact is deleted.
pub(super) async fn other_owner(
    connection: &mut Connection,
    site: SiteId,
    identifiers: &Identifiers,
    own: Option<ContactId>,
) -> Result<Option<(&'static str, ContactId, bool)>> {
    let rows = query(OWNERS)
        .bind(site.as_bytes())
        .bind(identifiers.external_id.as_ref().map(ExternalId::as_str))
        .bind(identifiers.email.as_ref().map(EmailAddress::as_str))
        .bind(identifiers.phone.as_ref().map(PhoneNumber::as_str))
        .fetch_all(connection)
        .await?;
    for row in &rows {
        let mut columns = Columns::new(row);
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

pub(super) fn identifiers_of(fields: &ContactFields) -> Identifiers {
    Identifiers {
        external_id: fields.identifier.clone().flatten(),
        email: fields.email.clone().flatten(),
        phone: fields.phone_number.clone().flatten(),
    }
}

/// The fields as a draft of the site's contact.
pub(super) fn draft_of(fields: &ContactFields) -> ContactDraft {
    let (first_name, last_name) = fields
        .name
        .as_ref()
        .and_then(Option::as_ref)
        .map(|name| split_name(name))
        .unwrap_or_default();
    ContactDraft {
        identifiers: identifiers_of(fields),
        first_name,
        last_name,
        language: None,
        attributes: fields.custom_attributes.clone(),
    }
}

/// The contact without the fields that the change clears. A new name replaces both first and last
/// name.
fn without_cleared_fields(contact: Contact, fields: &ContactFields) -> Contact {
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

/// Writes the channel-only fields.
async fn write_channel_fields(
    tx: &mut WriteTx,
    site: SiteId,
    contact: ContactId,
    before: Option<&ChannelContact>,
    fields: &ContactFields,
) -> CommandResult<()> {
    let mut additional =
        before.map(|before| before.additional_attributes.clone()).unwrap_or_default();
    merge_attributes(&mut additional, &fields.additional_attributes);
    let additional = to_json(&additional)?;
    if additional.len() > Contact::MAX_ATTRIBUTES_BYTES {
        return Ok(Err(belfry_domain::ValidationError::new(
            "additional_attributes",
            errors::at_most_kilobytes_json(16),
        )
        .into()));
    }
    let blocked = fields.blocked.unwrap_or_else(|| before.is_some_and(|before| before.blocked));
    let avatar = fields
        .avatar_url
        .clone()
        .unwrap_or_else(|| before.and_then(|before| before.avatar_url.clone()));
    query(
        "INSERT INTO channel_contact (site_id, contact_id, additional_attributes, blocked, avatar_url) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (site_id, contact_id) DO UPDATE SET additional_attributes = excluded.additional_attributes, blocked = excluded.blocked,
            avatar_url = excluded.avatar_url",
    )
    .bind(site.as_bytes())
    .bind(contact.0)
    .bind(additional)
    .bind(blocked)
    .bind(avatar)
    .execute(&mut tx.connection)
    .await?;
    Ok(Ok(()))
}

fn has_channel_fields(fields: &ContactFields) -> bool {
    fields.blocked.is_some()
        || fields.avatar_url.is_some()
        || !fields.additional_attributes.is_empty()
}

/// Inserts a new contact. The caller has checked uniqueness.
pub(super) async fn insert(
    tx: &mut WriteTx,
    site: SiteId,
    fields: &ContactFields,
    performer: Performer,
    now: Timestamp,
) -> CommandResult<ContactId> {
    let draft = draft_of(fields);
    if to_json(&draft.attributes)?.len() > Contact::MAX_ATTRIBUTES_BYTES {
        return Ok(Err(belfry_domain::ValidationError::new(
            "custom_attributes",
            errors::at_most_kilobytes_json(16),
        )
        .into()));
    }
    let id = contact_changes::insert(tx, site, draft, now).await?;
    if has_channel_fields(fields) {
        attempt!(write_channel_fields(tx, site, id, None, fields).await?);
    }
    tx.set_subject(id);
    let contact = one(&mut tx.connection, site, id).await?.ok_or_else(contact_missing)?;
    event::of_contact(
        tx,
        site,
        contact,
        ConversationEventKind::ContactCreated,
        Vec::new(),
        performer,
        now,
    )
    .await?;
    Ok(Ok(id))
}

pub(super) fn contact_missing() -> StoreError {
    StoreError::Inconsistent("a contact is missing after it was written".to_owned())
}

pub(super) async fn create(
    tx: &mut WriteTx,
    vault: &Vault,
    site: SiteId,
    fields: ContactFields,
    session: Option<(InboxId, NewContactSession)>,
    now: Timestamp,
) -> CommandResult<CreatedContact> {
    let fields = attempt!(fields.validate());
    if let Some((attribute, ..)) =
        other_owner(&mut tx.connection, site, &identifiers_of(&fields), None).await?
    {
        return Ok(Err(Rejection::Taken(attribute)));
    }
    let contact = attempt!(insert(tx, site, &fields, Performer::System, now).await?);
    let session = match session {
        Some((inbox, new)) => Some(attempt!(
            session::add(tx, vault, (site, inbox, contact), &new, (false, None), now).await?
        )),
        None => None,
    };
    let profile = profile(&mut tx.connection, site, contact).await?.ok_or_else(contact_missing)?;
    Ok(Ok(CreatedContact { profile, session }))
}

/// The attributes that differ, under the names that API clients use.
fn changed_attributes(before: &ChannelContact, after: &ChannelContact) -> Vec<ChangedAttribute> {
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
        .map(|((name, previous), (_, current))| ChangedAttribute {
            name: name.to_owned(),
            previous,
            current,
        })
        .collect()
}

/// Changes a contact, unless another contact has one of the new identifiers.
pub(super) async fn change(
    tx: &mut WriteTx,
    site: SiteId,
    contact: ContactId,
    fields: ContactFields,
    performer: Performer,
    now: Timestamp,
) -> CommandResult<ChannelContact> {
    let fields = attempt!(fields.validate());
    let Some(before) = one(&mut tx.connection, site, contact).await? else {
        return Ok(Err(Rejection::NotFound("contact")));
    };
    if let Some((attribute, ..)) =
        other_owner(&mut tx.connection, site, &identifiers_of(&fields), Some(contact)).await?
    {
        return Ok(Err(Rejection::Taken(attribute)));
    }
    let mut attributes = before.contact.attributes.clone();
    merge_attributes(&mut attributes, &fields.custom_attributes);
    if to_json(&attributes)?.len() > Contact::MAX_ATTRIBUTES_BYTES {
        return Ok(Err(belfry_domain::ValidationError::new(
            "custom_attributes",
            errors::at_most_kilobytes_json(16),
        )
        .into()));
    }
    contact_changes::update(
        tx,
        site,
        without_cleared_fields(before.contact.clone(), &fields),
        draft_of(&fields),
        now,
    )
    .await?;
    if has_channel_fields(&fields) {
        attempt!(write_channel_fields(tx, site, contact, Some(&before), &fields).await?);
    }
    let after = one(&mut tx.connection, site, contact).await?.ok_or_else(contact_missing)?;
    let changed = changed_attributes(&before, &after);
    if !changed.is_empty() {
        search_index::index_contact(tx, site, &after).await?;
        event::of_contact(
            tx,
            site,
            after.clone(),
            ConversationEventKind::ContactUpdated,
            changed,
            performer,
            now,
        )
        .await?;
    }
    Ok(Ok(after))
}
