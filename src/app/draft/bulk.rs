//! Several contacts in one request, and group subscriptions, in the format of existing clients
//! (contract, section 6).
//!
//! An invalid contact does not affect the others: it is a failed row.

use super::{contact::group_names, member::index_path, reader};
use crate::body::{ContactBody, ContactsBody, SubscriptionBody};
use belfry_domain::{ContactDraft, DedupeOn, ImportOptions, ImportRow, ValidationError};
use belfry_locales::phrases::errors;
use serde_json::Value;

const MAX_CONTACTS: usize = 3_000;
const MAX_GROUPS: usize = 100;

/// Parses and validates the body of `POST /v1/contacts`. The first contact is row 1.
pub fn parse_contacts(json: &[u8]) -> Result<(Vec<ImportRow>, ImportOptions), ValidationError> {
    let request: ContactsBody = reader::parse(json)?;
    let options = ImportOptions {
        dedupe_on: dedupe_on(request.dedupe_on)?,
        restore_deleted: request.restore_deleted.unwrap_or_default(),
        groups_to_add: groups(request.group_names, "groupNames")?,
        groups_to_remove: groups(request.group_names_exclude, "groupNamesExclude")?,
    };
    let Some(contacts) = request.contacts else {
        return Err(ValidationError::new("contacts", errors::CONTACTS_REQUIRED));
    };
    if contacts.is_empty() || contacts.len() > MAX_CONTACTS {
        return Err(ValidationError::new("contacts", errors::contact_count(contacts.len())));
    }
    let rows = contacts.into_iter().zip(1..).enumerate().map(|(index, (value, number))| {
        let at = index_path("contacts", index);
        let draft = reader::from_value(value, &at)
            .and_then(|contact: ContactBody| contact.validate(&at))
            .map_err(|invalid| without_index(invalid, &at));
        ImportRow { number, draft }
    });
    Ok((rows.collect(), options))
}

/// The row has its own number besides the field.
fn without_index(invalid: ValidationError, at: &str) -> ValidationError {
    let field = invalid
        .field
        .strip_prefix(at)
        .map_or(invalid.field.as_str(), |rest| rest.trim_start_matches('.'));
    ValidationError::new(field, invalid.reason)
}

/// Parses and validates the body of `POST /v1/contact/subscribe`.
pub fn parse_subscription(json: &[u8]) -> Result<(ContactDraft, Vec<String>), ValidationError> {
    let request: SubscriptionBody = reader::parse(json)?;
    let groups = groups(request.groups, "groups")?;
    let Some(subscriber) = request.contact else {
        return Err(ValidationError::new("contact", errors::REQUIRED));
    };
    Ok((subscriber.validate("contact")?, groups))
}

fn dedupe_on(word: Option<String>) -> Result<DedupeOn, ValidationError> {
    Ok(match word.unwrap_or_default().trim().to_lowercase().as_str() {
        // A custom field of the sender cannot identify a contact.
        "" | "email_or_sms" | "fieldid" => DedupeOn::Either,
        "email" => DedupeOn::Email,
        "sms" | "phone" => DedupeOn::Phone,
        "externalcustomerid" => DedupeOn::ExternalId,
        _ => {
            return Err(ValidationError::new("dedupeOn", errors::DEDUPE_FIELDS));
        }
    })
}

fn groups(groups: Option<Vec<Value>>, name: &str) -> Result<Vec<String>, ValidationError> {
    let groups = groups.unwrap_or_default();
    if groups.len() > MAX_GROUPS {
        return Err(ValidationError::new(name, errors::at_most_names(MAX_GROUPS)));
    }
    Ok(group_names(&groups))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn refused(value: Value) -> String {
        parse_contacts(value.to_string().as_bytes()).unwrap_err().field
    }

    #[test]
    fn invalid_contact_is_a_failed_row() {
        let (rows, options) = parse_contacts(
            json!({"contacts": [{"email": "a@b.example"}, {"channels": [{"type": "email", "value": "nobody"}]}, 7, {}],
                "dedupeOn": "email", "fieldId": 5, "contactFields": ["email"], "restoreDeleted": true, "groupNames": ["vip", "vip", " "]})
            .to_string()
            .as_bytes(),
        )
        .unwrap();
        assert_eq!(
            (options.dedupe_on, options.restore_deleted, options.groups_to_add),
            (DedupeOn::Email, true, vec!["vip".to_owned()])
        );
        assert!(rows[0].draft.is_ok());
        let fields: Vec<_> = rows
            .iter()
            .skip(1)
            .map(|row| (row.number, row.draft.clone().unwrap_err().field))
            .collect();
        assert_eq!(
            fields,
            [(2, "channels[0].value".to_owned()), (3, String::new()), (4, String::new())]
        );
    }

    #[test]
    fn invalid_request_is_rejected_by_field() {
        assert_eq!(refused(json!({})), "contacts");
        assert_eq!(refused(json!({"contacts": []})), "contacts");
        assert_eq!(refused(json!({"contacts": vec![json!({}); 3_001]})), "contacts");
        assert_eq!(refused(json!({"contacts": [{}], "dedupeOn": "name"})), "dedupeOn");
        assert_eq!(refused(json!({"contacts": [{}], "restoreDeleted": "yes"})), "restoreDeleted");
        assert_eq!(refused(json!({"contacts": [{}], "groupNames": "vip"})), "groupNames");
    }

    #[test]
    fn subscription_has_a_contact_and_groups() {
        let json = json!({"contact": {"email": "a@b.example"}, "groups": ["news", {"name": "vip"}], "formType": "footer"});
        let (draft, groups) = parse_subscription(json.to_string().as_bytes()).unwrap();
        assert_eq!(draft.identifiers.email.unwrap().as_str(), "a@b.example");
        assert_eq!(groups, ["news", "vip"]);
        assert_eq!(parse_subscription(br#"{"contact": {}}"#).unwrap_err().field, "contact");
        assert_eq!(parse_subscription(b"{}").unwrap_err().field, "contact");
    }
}
