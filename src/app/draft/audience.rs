//! Audiences: one contact, several contacts, a segment, everyone. Must not depend on the stored
//! contacts.

use super::member::{index_path, member_path};
use crate::body::{AudienceBody, ContactNamed, Name};
use belfry_domain::{
    Audience, ContactId, ContactLookup, EmailAddress, ExternalId, Identifiers, PhoneNumber,
    ValidationError,
};
use belfry_locales::phrases::errors;
use serde_json::Number;

impl AudienceBody {
    /// Validates the audience.
    pub(super) fn validate(self, at: &str) -> Result<Audience, ValidationError> {
        match self {
            Self::Everyone => Ok(Audience::Everyone),
            Self::Contact(contact) => {
                Ok(Audience::Contact(contact.validate(&format!("{at}.contact"))?))
            }
            Self::Contacts(contacts) => {
                let at = format!("{at}.contacts");
                if contacts.is_empty() || contacts.len() > Audience::MAX_NAMED_CONTACTS {
                    return Err(ValidationError::new(at, errors::audience_count(contacts.len())));
                }
                Ok(Audience::Contacts(lookups(contacts, &at)?))
            }
            Self::Segment(segment) => {
                Ok(Audience::Segment(segment.validate(&format!("{at}.segment"))?))
            }
        }
    }
}

/// Validates a list of contacts.
pub(super) fn lookups(
    contacts: Vec<ContactNamed>,
    at: &str,
) -> Result<Vec<ContactLookup>, ValidationError> {
    let contacts = contacts.into_iter().enumerate();
    contacts.map(|(index, contact)| contact.validate(&index_path(at, index))).collect()
}

impl ContactNamed {
    fn validate(self, at: &str) -> Result<ContactLookup, ValidationError> {
        let id = self.id.map(|id| positive(&id, &format!("{at}.id")).map(ContactId)).transpose()?;
        let names = OptionalIdentifiers::validate(
            at,
            [self.external_customer_id, self.extid, self.email, self.phone],
        )?;
        match (id, names) {
            (None, names) => Ok(ContactLookup::Identifiers(names.require(at)?)),
            (Some(id), names) if names.is_empty() => Ok(ContactLookup::Id(id)),
            (Some(_), _) => {
                Err(ValidationError::new(format!("{at}.id"), errors::OTHER_IDENTIFIERS))
            }
        }
    }
}

/// A number that is an id.
pub(super) fn positive(number: &Number, at: &str) -> Result<i64, ValidationError> {
    number
        .as_i64()
        .filter(|number| *number > 0)
        .ok_or_else(|| ValidationError::new(at, errors::POSITIVE_WHOLE_NUMBER))
}

/// The given identifiers; possibly none.
#[derive(Default)]
pub(super) struct OptionalIdentifiers {
    pub(super) external_id: Option<ExternalId>,
    pub(super) email: Option<EmailAddress>,
    pub(super) phone: Option<PhoneNumber>,
}

impl OptionalIdentifiers {
    /// Validates `externalCustomerId`, `extid`, `email` and `phone`; null, empty and blank ones
    /// count as absent (contract, section 1).
    pub(super) fn validate(at: &str, names: [Option<Name>; 4]) -> Result<Self, ValidationError> {
        let [own, alias, email, phone] = names;
        Ok(Self {
            external_id: external_id(at, own, alias)?,
            email: identifier(email, at, "email", EmailAddress::parse)?,
            phone: identifier(phone, at, "phone", PhoneNumber::parse)?,
        })
    }

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

/// An official client sends `extid` for `externalCustomerId`.
fn external_id(
    at: &str,
    own: Option<Name>,
    alias: Option<Name>,
) -> Result<Option<ExternalId>, ValidationError> {
    let (own, alias) = (
        identifier(own, at, "externalCustomerId", ExternalId::parse)?,
        identifier(alias, at, "extid", ExternalId::parse)?,
    );
    match (own, alias) {
        (Some(own), Some(alias)) if own != alias => {
            Err(ValidationError::new(member_path(at, "extid"), errors::ALIAS_DIFFERS))
        }
        (own, alias) => Ok(own.or(alias)),
    }
}

/// Validates one identifier, the member `member` of the object at `at`.
pub(super) fn identifier<T>(
    name: Option<Name>,
    at: &str,
    member: &str,
    parse: fn(&str) -> Result<T, ValidationError>,
) -> Result<Option<T>, ValidationError> {
    let named =
        |invalid: ValidationError| ValidationError::new(member_path(at, member), invalid.reason);
    name.and_then(Name::into_text).map(|text| parse(&text).map_err(named)).transpose()
}
