//! A contact, in the format of existing clients (contract, section 6) and in our shorter one.
//!
//! Must not depend on the stored contacts. Unknown members are ignored: existing clients send many.

use super::{
    audience::{OptionalIdentifiers, identifier},
    member::{index_path, member_path, reject_nul},
    reader,
};
use crate::body::{ChannelBody, ContactBody, FieldBody, Name};
use belfry_content::text::clean_line;
use belfry_domain::{Contact, ContactDraft, EmailAddress, Language, PhoneNumber, ValidationError};
use belfry_locales::phrases::errors;
use serde_json::{Map, Value};
use std::collections::HashSet;

const MAX_NAME_CHARS: usize = 200;
const MAX_ATTRIBUTE_NAME_CHARS: usize = 100;

/// Parses and validates the body of `POST /v1/contact`.
pub fn parse_contact(json: &[u8]) -> Result<ContactDraft, ValidationError> {
    reader::parse::<ContactBody>(json)?.validate("")
}

impl ContactBody {
    /// Validates a contact; `at` is its path. `email`, `phone`, `language` and `attributes` take
    /// precedence over `channels`, `languageCode`, `fields`, `address` and `groups`, their
    /// equivalents in the format of existing clients: a field is the attribute named by its `id`,
    /// the address is the attribute `address`, and the group names are the attribute `groups`.
    pub fn validate(self, at: &str) -> Result<ContactDraft, ValidationError> {
        let mut names = OptionalIdentifiers::validate(
            at,
            [self.external_customer_id, self.extid, self.email, self.phone],
        )?;
        let (email, phone) =
            channels(self.channels.unwrap_or_default(), &member_path(at, "channels"))?;
        names.email = names.email.or(email);
        names.phone = names.phone.or(phone);
        let mut attributes = Map::new();
        if let Some(address) = self.address {
            attributes.insert("address".to_owned(), Value::Object(address));
        }
        if let Some(groups) = self.groups.as_ref().and_then(Value::as_array) {
            attributes.insert("groups".to_owned(), group_names(groups).into());
        }
        add_fields(self.fields.unwrap_or_default(), &member_path(at, "fields"), &mut attributes)?;
        let at_attributes = member_path(at, "attributes");
        for (name, value) in self.attributes.unwrap_or_default() {
            reject_nul(&value, &member_path(&at_attributes, &name))?;
            attributes.insert(attribute_name(name, &at_attributes)?, value);
        }
        if Value::from(attributes.clone()).to_string().len() > Contact::MAX_ATTRIBUTES_BYTES {
            return Err(ValidationError::new(at_attributes, errors::ATTRIBUTES_TOO_LARGE));
        }
        let own_language = language(self.language, &member_path(at, "language"))?;
        let alias = language(self.language_code, &member_path(at, "languageCode"))?;
        Ok(ContactDraft {
            identifiers: names.require(at)?,
            first_name: person_name(self.first_name, &member_path(at, "firstName"))?,
            last_name: person_name(self.last_name, &member_path(at, "lastName"))?,
            language: own_language.or(alias),
            attributes,
        })
    }
}

/// The first e-mail address and the first phone number among the channels.
fn channels(
    channels: Vec<ChannelBody>,
    list: &str,
) -> Result<(Option<EmailAddress>, Option<PhoneNumber>), ValidationError> {
    let (mut email, mut phone) = (None, None);
    for (index, channel) in channels.into_iter().enumerate() {
        let at = index_path(list, index);
        let name = || -> Result<Option<Name>, ValidationError> {
            reader::from_value(channel.value.unwrap_or_default(), &member_path(&at, "value"))
        };
        match channel.r#type.unwrap_or_default().trim().to_lowercase().as_str() {
            "email" if email.is_none() => {
                email = identifier(name()?, &at, "value", EmailAddress::parse)?;
            }
            "sms" | "phone" if phone.is_none() => {
                phone = identifier(name()?, &at, "value", PhoneNumber::parse)?;
            }
            _ => {}
        }
    }
    Ok((email, phone))
}

fn person_name(text: Option<String>, at: &str) -> Result<Option<String>, ValidationError> {
    let text = clean_line(&text.unwrap_or_default());
    if text.chars().count() > MAX_NAME_CHARS {
        return Err(ValidationError::new(at, errors::at_most_characters(MAX_NAME_CHARS)));
    }
    Ok(Some(text).filter(|text| !text.is_empty()))
}

fn language(tag: Option<String>, at: &str) -> Result<Option<Language>, ValidationError> {
    let named = |invalid: ValidationError| ValidationError::new(at, invalid.reason);
    let tag = tag.filter(|tag| !tag.trim().is_empty());
    tag.map(|tag| tag.parse().map_err(named)).transpose()
}

fn add_fields(
    fields: Vec<FieldBody>,
    list: &str,
    attributes: &mut Map<String, Value>,
) -> Result<(), ValidationError> {
    for (index, field) in fields.into_iter().enumerate() {
        let at = member_path(&index_path(list, index), "id");
        let Some(id) = field.id.and_then(Name::into_text) else {
            return Err(ValidationError::new(at, errors::REQUIRED));
        };
        // An absent value changes nothing; `null` removes the attribute.
        if let Some(value) = field.value {
            attributes.insert(attribute_name(id, &at)?, value);
        }
    }
    Ok(())
}

/// Group names, as strings or as objects with a `name`; others are ignored.
pub(super) fn group_names(groups: &[Value]) -> Vec<String> {
    let (mut names, mut seen) = (Vec::new(), HashSet::new());
    for group in groups {
        let name = group
            .as_str()
            .or_else(|| group.get("name")?.as_str())
            .map(clean_line)
            .unwrap_or_default();
        if !name.is_empty() && name.chars().count() <= MAX_NAME_CHARS && seen.insert(name.clone()) {
            names.push(name);
        }
    }
    names
}

fn attribute_name(name: String, at: &str) -> Result<String, ValidationError> {
    let fits = !name.is_empty()
        && name.chars().count() <= MAX_ATTRIBUTE_NAME_CHARS
        && clean_line(&name) == name;
    if fits {
        Ok(name)
    } else {
        Err(ValidationError::new(at, errors::attribute_name(MAX_ATTRIBUTE_NAME_CHARS)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(value: Value) -> Result<ContactDraft, ValidationError> {
        parse_contact(value.to_string().as_bytes())
    }

    fn refusal(value: Value) -> (String, String) {
        let ValidationError { field, reason } = read(value).unwrap_err();
        (field, reason.to_string())
    }

    #[test]
    fn format_of_existing_clients_is_parsed() {
        let contact = read(json!({
            "id": 5, "firstName": "Olena", "lastName": " ", "externalCustomerId": 42, "addressBookId": 1, "groups": [{"name": "vip"}], "languageCode": "uk",
            "channels": [{"type": "viber", "value": {}}, {"type": "email", "value": "Olena@Shop.example"}, {"type": "sms", "value": "+380 67 123-45-67"}, {"type": "email", "value": "second@shop.example"}],
            "fields": [{"id": 20671, "value": "gold"}, {"id": "gone", "value": null}, {"id": "silent"}], "address": {"town": "Львів"}, "contactKey": null
        }))
        .unwrap();
        assert_eq!(contact.identifiers.external_id.unwrap().as_str(), "42");
        assert_eq!(contact.identifiers.email.unwrap().as_str(), "olena@shop.example");
        assert_eq!(contact.identifiers.phone.unwrap().as_str(), "+380671234567");
        assert_eq!((contact.first_name.as_deref(), contact.last_name), (Some("Olena"), None));
        assert_eq!(contact.language.unwrap().as_str(), "uk");
        assert_eq!(
            Value::from(contact.attributes),
            json!({"20671": "gold", "gone": null, "address": {"town": "Львів"}, "groups": ["vip"]})
        );
    }

    #[test]
    fn short_format_takes_precedence() {
        let contact = read(json!({
            "extid": "u-1", "email": "a@b.example", "phone": 380_671_234_567_u64, "language": "pt-BR", "languageCode": "en",
            "channels": [{"type": "email", "value": "other@b.example"}], "fields": [{"id": "plan", "value": "free"}], "attributes": {"plan": "pro", "seats": 3}
        }))
        .unwrap();
        assert_eq!(contact.identifiers.external_id.unwrap().as_str(), "u-1");
        assert_eq!(contact.identifiers.email.unwrap().as_str(), "a@b.example");
        assert_eq!(contact.identifiers.phone.unwrap().as_str(), "+380671234567");
        assert_eq!(contact.language.unwrap().as_str(), "pt-br");
        assert_eq!(Value::from(contact.attributes), json!({"plan": "pro", "seats": 3}));
    }

    #[test]
    fn blank_counts_as_absent() {
        let contact = read(json!({"externalCustomerId": "", "email": null, "phone": "+380671234567", "language": "", "channels": null, "fields": null, "address": null})).unwrap();
        assert_eq!(
            (contact.identifiers.external_id, contact.identifiers.email, contact.language),
            (None, None, None)
        );
        assert_eq!(
            refusal(json!({"firstName": "A", "email": " "})),
            (String::new(), "one of externalCustomerId, email and phone is required".to_owned())
        );
    }

    #[test]
    fn each_error_names_its_field() {
        for (contact, field) in [
            (json!({"email": "a@b@c"}), "email"),
            (json!({"email": ["a@b.example"]}), "email"),
            (json!({"phone": "067 123"}), "phone"),
            (json!({"externalCustomerId": 1.5}), "externalCustomerId"),
            (json!({"externalCustomerId": "1", "extid": "2"}), "extid"),
            (json!({"extid": "x".repeat(256)}), "extid"),
            (json!({"extid": "1", "firstName": 1}), "firstName"),
            (json!({"extid": "1", "lastName": "x".repeat(201)}), "lastName"),
            (json!({"extid": "1", "language": "english"}), "language"),
            (json!({"extid": "1", "languageCode": 3}), "languageCode"),
            (json!({"extid": "1", "channels": {}}), "channels"),
            (json!({"extid": "1", "channels": ["a@b.example"]}), "channels[0]"),
            (
                json!({"extid": "1", "channels": [{"type": "email", "value": "a@b.example"}, {"type": "sms", "value": "x"}]}),
                "channels[1].value",
            ),
            (json!({"extid": "1", "channels": [{"type": 1}]}), "channels[0].type"),
            (json!({"extid": "1", "fields": [{"value": 1}]}), "fields[0].id"),
            (json!({"extid": "1", "fields": [{"id": "a\u{202e}", "value": 1}]}), "fields[0].id"),
            (json!({"extid": "1", "fields": [1]}), "fields[0]"),
            (json!({"extid": "1", "address": "Lviv"}), "address"),
            (json!({"extid": "1", "attributes": []}), "attributes"),
            (json!({"extid": "1", "attributes": {"": 1}}), "attributes"),
            (json!({"extid": "1", "attributes": {"a": "x".repeat(17_000)}}), "attributes"),
            (json!([]), ""),
        ] {
            let short: String = contact.to_string().chars().take(80).collect();
            assert_eq!(refusal(contact).0, field, "{short}");
        }
    }

    /// A form can contain what JSON is checked for.
    #[test]
    fn nul_in_an_attribute_is_rejected() {
        let contact = ContactBody {
            email: Some("a@b.example".into()),
            attributes: Some(Map::from_iter([("plan".to_owned(), json!(["a\0"]))])),
            ..ContactBody::default()
        };
        assert_eq!(contact.validate("").unwrap_err().field, "attributes.plan[0]");
    }
}
