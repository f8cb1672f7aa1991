//! Audiences: one contact, several contacts, a segment, everyone. Must not depend on the stored
//! contacts.

use super::{
    object::{Object, index_path, type_error},
    segment,
};
use belfry_domain::{
    Audience, ContactId, ContactLookup, EmailAddress, ExternalId, Identifiers, PhoneNumber,
    ValidationError,
};
use belfry_locales::phrases::errors;
use serde_json::Value;

/// Parses the value of `audience`.
pub(super) fn parse(value: Value, at: &str) -> Result<Audience, ValidationError> {
    match value {
        Value::String(word) if word == "everyone" => return Ok(Audience::Everyone),
        Value::Object(_) => {}
        _ => return Err(ValidationError::new(at, errors::AUDIENCE_FORMS)),
    }
    let mut audience = Object::from_value(value, at)?;
    audience.reject_unknown(&["contact", "contacts", "segment"])?;
    if let Some(value) = audience.take("segment") {
        let target = segment::target(value, &audience.path("segment"))?;
        return if audience.is_empty() {
            Ok(Audience::Segment(target))
        } else {
            Err(ValidationError::new(at, errors::AUDIENCE_FORMS))
        };
    }
    match (audience.object("contact")?, audience.list("contacts")?) {
        (Some(contact), None) => Ok(Audience::Contact(lookup(contact)?)),
        (None, Some(contacts)) => {
            let at = audience.path("contacts");
            if contacts.is_empty() || contacts.len() > Audience::MAX_NAMED_CONTACTS {
                return Err(ValidationError::new(at, errors::audience_count(contacts.len())));
            }
            let contacts = contacts.into_iter().enumerate().map(|(index, contact)| {
                lookup(Object::from_value(contact, &index_path(&at, index))?)
            });
            Ok(Audience::Contacts(contacts.collect::<Result<_, _>>()?))
        }
        (Some(_), Some(_)) | (None, None) => Err(ValidationError::new(at, errors::AUDIENCE_FORMS)),
    }
}

pub(super) fn lookup(mut contact: Object) -> Result<ContactLookup, ValidationError> {
    contact.reject_unknown(&["externalCustomerId", "extid", "email", "phone", "id"])?;
    let id = contact.take("id").map(|value| as_id(&value, &contact.path("id"))).transpose()?;
    match (id, take_identifiers(&mut contact)?) {
        (None, names) => Ok(ContactLookup::Identifiers(names.require(contact.prefix())?)),
        (Some(id), names) if names.is_empty() => Ok(ContactLookup::Id(id)),
        (Some(_), _) => Err(ValidationError::new(contact.path("id"), errors::OTHER_IDENTIFIERS)),
    }
}

fn as_id(value: &Value, at: &str) -> Result<ContactId, ValidationError> {
    match value {
        Value::Number(number) => number
            .as_i64()
            .filter(|id| *id > 0)
            .map(ContactId)
            .ok_or_else(|| ValidationError::new(at, errors::POSITIVE_WHOLE_NUMBER)),
        other => Err(type_error(at, errors::KIND_NUMBER, other)),
    }
}

/// The given identifiers; possibly none.
#[derive(Default)]
pub(super) struct OptionalIdentifiers {
    pub(super) external_id: Option<ExternalId>,
    pub(super) email: Option<EmailAddress>,
    pub(super) phone: Option<PhoneNumber>,
}

impl OptionalIdentifiers {
    pub(super) fn is_empty(&self) -> bool {
        self.external_id.is_none() && self.email.is_none() && self.phone.is_none()
    }

    /// Fails when there is no identifier.
    pub(super) fn require(self, at: &str) -> Result<Identifiers, ValidationError> {
        if self.is_empty() {
            return Err(ValidationError::new(at, errors::NO_IDENTIFIER));
        }
        Ok(Identifiers { external_id: self.external_id, email: self.email, phone: self.phone })
    }
}

/// Takes the identifiers out of an object; null, empty and blank ones count as absent (contract,
/// section 1).
pub(super) fn take_identifiers(
    object: &mut Object,
) -> Result<OptionalIdentifiers, ValidationError> {
    Ok(OptionalIdentifiers {
        external_id: external_id(object)?,
        email: identifier(object, "email", EmailAddress::parse)?,
        phone: identifier(object, "phone", PhoneNumber::parse)?,
    })
}

/// An official client sends `extid` for `externalCustomerId`.
fn external_id(object: &mut Object) -> Result<Option<ExternalId>, ValidationError> {
    let (own, alias) = (
        identifier(object, "externalCustomerId", ExternalId::parse)?,
        identifier(object, "extid", ExternalId::parse)?,
    );
    match (own, alias) {
        (Some(own), Some(alias)) if own != alias => {
            Err(ValidationError::new(object.path("extid"), errors::ALIAS_DIFFERS))
        }
        (own, alias) => Ok(own.or(alias)),
    }
}

fn identifier<T>(
    object: &mut Object,
    name: &str,
    parse: fn(&str) -> Result<T, ValidationError>,
) -> Result<Option<T>, ValidationError> {
    object
        .name(name)?
        .map(|text| {
            parse(&text).map_err(|invalid| ValidationError::new(object.path(name), invalid.reason))
        })
        .transpose()
}
