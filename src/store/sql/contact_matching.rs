//! Matches a row of an import to a contact (contract, section 6), and merges it.
//!
//! The external id comes first, then the import's de-duplication key. If two contacts match, the
//! most recently updated one is used. A contact with another external id is another person: the row
//! creates a new contact without that person's identifiers.

use super::{contact, contact_changes, write_tx::WriteTx};
use crate::{
    Result, StoreError,
    db::{Columns, Connection, query},
};
use belfry_domain::{
    Contact, ContactDraft, ContactId, ContactLookup, DedupeOn, EmailAddress, ExternalId,
    Identifiers, ImportOptions, ImportOutcome, PhoneNumber, RowResult, SiteId, Timestamp,
    ValidationError,
};
use belfry_locales::phrases::errors;
use serde_json::Value;

pub(super) const OWNERS: &str = "SELECT 0, id, external_id, deleted_at IS NOT NULL, updated_at FROM contact WHERE site_id = ?1 AND external_id = ?2
     UNION ALL SELECT 1, id, external_id, deleted_at IS NOT NULL, updated_at FROM contact WHERE site_id = ?1 AND email = ?3
     UNION ALL SELECT 2, id, external_id, deleted_at IS NOT NULL, updated_at FROM contact WHERE site_id = ?1 AND phone = ?4";

/// The attribute that contains the names of a contact's groups.
const GROUPS: &str = "groups";

#[derive(Clone)]
struct Owner {
    id: ContactId,
    external_id: Option<String>,
    deleted: bool,
    updated_at: Timestamp,
}

#[derive(Default)]
struct Owners {
    external_id: Option<Owner>,
    email: Option<Owner>,
    phone: Option<Owner>,
}

/// What to do with a row.
enum Decision {
    Create { dropped: Vec<ValidationError> },
    Update(Owner),
    Skip(ContactId),
    Reject(ValidationError),
}

async fn owners(
    connection: &mut Connection,
    site: SiteId,
    identifiers: &Identifiers,
) -> Result<Owners> {
    let rows = query(OWNERS)
        .bind(site.as_bytes())
        .bind(identifiers.external_id.as_ref().map(ExternalId::as_str))
        .bind(identifiers.email.as_ref().map(EmailAddress::as_str))
        .bind(identifiers.phone.as_ref().map(PhoneNumber::as_str))
        .fetch_all(connection)
        .await?;
    let mut owners = Owners::default();
    for row in &rows {
        let mut columns = Columns::new(row);
        let by: i64 = columns.value()?;
        let owner = Owner {
            id: columns.contact()?,
            external_id: columns.value()?,
            deleted: columns.value()?,
            updated_at: columns.time()?,
        };
        match by {
            0 => owners.external_id = Some(owner),
            1 => owners.email = Some(owner),
            _ => owners.phone = Some(owner),
        }
    }
    Ok(owners)
}

fn decide(draft: &ContactDraft, options: &ImportOptions, owners: &Owners) -> Decision {
    let identifiers = &draft.identifiers;
    let has_external_id = identifiers.external_id.is_some();
    let other_person = |owner: &Owner| has_external_id && owner.external_id.is_some();
    let (email, phone) = (owners.email.as_ref(), owners.phone.as_ref());
    let fits = |owner: Option<&Owner>| owner.filter(|owner| !other_person(owner)).cloned();
    let found = owners.external_id.clone().or_else(|| match options.dedupe_on {
        DedupeOn::Email if identifiers.email.is_some() => fits(email),
        DedupeOn::Phone if identifiers.phone.is_some() => fits(phone),
        DedupeOn::ExternalId if has_external_id => None,
        DedupeOn::Either | DedupeOn::Email | DedupeOn::Phone | DedupeOn::ExternalId => {
            // If both were updated at the same time, the one with the e-mail address.
            [fits(phone), fits(email)]
                .into_iter()
                .flatten()
                .max_by_key(|owner| (!owner.deleted, owner.updated_at))
        }
    });
    if let Some(owner) = &found
        && owner.deleted
        && !options.restore_deleted
    {
        return Decision::Skip(owner.id);
    }
    let mut dropped = Vec::new();
    for (field, owner) in [("email", email), ("phone", phone)] {
        let Some(owner) =
            owner.filter(|owner| found.as_ref().is_none_or(|found| found.id != owner.id))
        else {
            continue;
        };
        if found.is_none() && other_person(owner) {
            dropped.push(ValidationError::new(field, errors::CREATED_WITHOUT));
        } else {
            return Decision::Reject(ValidationError::new(field, errors::OF_ANOTHER_CONTACT));
        }
    }
    found.map_or(Decision::Create { dropped }, Decision::Update)
}

/// What [`merge`] would do with a draft.
pub(super) async fn forecast(
    connection: &mut Connection,
    site: SiteId,
    draft: &ContactDraft,
    options: &ImportOptions,
) -> Result<RowResult> {
    Ok(match decide(draft, options, &owners(connection, site, &draft.identifiers).await?) {
        Decision::Create { dropped } => {
            RowResult { outcome: ImportOutcome::Created, contact: None, problems: dropped }
        }
        Decision::Update(owner) => RowResult {
            outcome: ImportOutcome::Updated,
            contact: Some(owner.id),
            problems: Vec::new(),
        },
        Decision::Skip(contact) => skipped(contact),
        Decision::Reject(invalid) => failed(invalid),
    })
}

fn skipped(contact: ContactId) -> RowResult {
    let why = ValidationError::new("", errors::CONTACT_DELETED);
    RowResult { outcome: ImportOutcome::Skipped, contact: Some(contact), problems: vec![why] }
}

fn failed(invalid: ValidationError) -> RowResult {
    RowResult { outcome: ImportOutcome::Failed, contact: None, problems: vec![invalid] }
}

pub(super) async fn merge(
    tx: &mut WriteTx,
    site: SiteId,
    mut draft: ContactDraft,
    options: &ImportOptions,
    at: Timestamp,
) -> Result<RowResult> {
    let owners = owners(&mut tx.connection, site, &draft.identifiers).await?;
    match decide(&draft, options, &owners) {
        Decision::Create { dropped } => {
            for left in &dropped {
                match left.field.as_str() {
                    "email" => draft.identifiers.email = None,
                    _ => draft.identifiers.phone = None,
                }
            }
            merge_groups(&mut draft, None, options);
            let contact = contact_changes::insert(tx, site, draft, at).await?;
            Ok(RowResult {
                outcome: ImportOutcome::Created,
                contact: Some(contact),
                problems: dropped,
            })
        }
        Decision::Update(owner) => {
            let found = contact::find(
                &mut tx.connection,
                site,
                &ContactLookup::Id(owner.id),
                owner.deleted,
            )
            .await?;
            let found = found
                .ok_or_else(|| StoreError::Inconsistent(format!("contact {} is gone", owner.id)))?;
            merge_groups(&mut draft, Some(&found), options);
            let contact = contact_changes::update(tx, site, found, draft, at).await?;
            Ok(RowResult {
                outcome: ImportOutcome::Updated,
                contact: Some(contact),
                problems: Vec::new(),
            })
        }
        Decision::Skip(contact) => Ok(skipped(contact)),
        Decision::Reject(invalid) => Ok(failed(invalid)),
    }
}

/// Adds the groups of the whole import to those of the row or, if the row has none, to those of the
/// contact.
fn merge_groups(draft: &mut ContactDraft, contact: Option<&Contact>, options: &ImportOptions) {
    let before = draft.attributes.get(GROUPS).or_else(|| contact?.attributes.get(GROUPS));
    let before: Vec<String> = before
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(|name| name.as_str().map(str::to_owned))
        .collect();
    if let Some(after) = options.updated_groups(&before) {
        draft.attributes.insert(GROUPS.to_owned(), after.into());
    }
}
