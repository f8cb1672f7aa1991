//! Parses the fields of a contact from a request.

use crate::application::params::Params;
use belfry_domain::{
    EmailAddress, ExternalId, PhoneNumber, ValidationError, channel::ContactFields,
};
use belfry_locales::phrases::errors;

/// Reads the fields that are present; a blank value clears the field.
pub(super) fn read(params: &Params) -> Result<ContactFields, ValidationError> {
    let text =
        |name: &str| params.text(name).map(|text| text.filter(|text| !text.trim().is_empty()));
    Ok(ContactFields {
        name: text("name"),
        identifier: text("identifier")
            .map(|text| text.map(|text| identifier(&text)).transpose())
            .transpose()?,
        email: text("email").map(|text| text.map(|text| email(&text)).transpose()).transpose()?,
        phone_number: text("phone_number")
            .map(|text| text.map(|text| phone_number(&text)).transpose())
            .transpose()?,
        avatar_url: text("avatar_url"),
        blocked: params.boolean("blocked"),
        additional_attributes: params.object("additional_attributes").unwrap_or_default(),
        custom_attributes: params.object("custom_attributes").unwrap_or_default(),
    })
}

fn identifier(text: &str) -> Result<ExternalId, ValidationError> {
    ExternalId::parse(text).map_err(|invalid| ValidationError::new("identifier", invalid.reason))
}

fn email(text: &str) -> Result<EmailAddress, ValidationError> {
    EmailAddress::parse(text).map_err(|_| ValidationError::new("email", errors::INVALID))
}

/// E.164 only: `+` and digits. Existing clients of this API expect other notations to be rejected.
fn phone_number(text: &str) -> Result<PhoneNumber, ValidationError> {
    let is_plain = text.strip_prefix('+').is_some_and(|digits| {
        !digits.starts_with('0') && digits.bytes().all(|byte| byte.is_ascii_digit())
    });
    let refuse = || ValidationError::new("phone_number", errors::PHONE_E164);
    if is_plain { PhoneNumber::parse(text).map_err(|_| refuse()) } else { Err(refuse()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn said(value: serde_json::Value) -> Result<ContactFields, ValidationError> {
        read(&Params::from_value(value))
    }

    #[test]
    fn absent_fields_stay_and_blank_ones_are_cleared() {
        let fields = said(json!({"name": "Ann", "email": "", "identifier": null, "blocked": "true", "custom_attributes": {"plan": "pro"}})).unwrap();
        assert_eq!(fields.name, Some(Some("Ann".to_owned())));
        assert_eq!(
            (fields.email, fields.identifier, fields.phone_number),
            (Some(None), Some(None), None)
        );
        assert_eq!((fields.blocked, fields.custom_attributes.len()), (Some(true), 1));
        assert_eq!(
            said(json!({"identifier": 42})).unwrap().identifier.unwrap().unwrap().as_str(),
            "42"
        );
    }

    #[test]
    fn malformed_values_are_rejected_by_field() {
        for (field, value) in [
            ("email", "nobody"),
            ("phone_number", "0671234567"),
            ("phone_number", "15550001111"),
            ("phone_number", "+1 555"),
            ("identifier", "a\nb"),
        ] {
            assert_eq!(said(json!({field: value})).unwrap_err().field, field, "{value}");
        }
        assert!(said(json!({"phone_number": "+15550001111", "email": "Ann@Example.com"})).is_ok());
    }
}
