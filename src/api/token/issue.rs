//! `POST /v1/auth/contact/token`: a site's backend names the signed-in contact and gets a token for
//! that reader's browser.
//!
//! ```json
//! {"externalCustomerId":"42","email":"ann@shop.example","phone":"+380 67 123-45-67"}
//! ```
//!
//! At least one of the three identifiers is required; `null` and blank values count as absent;
//! other members are ignored; `extid` is an alias of `externalCustomerId`. With `"count":true` the
//! token contains the number of new messages, which the page shows immediately.
//!
//! The first identifier that matches a contact decides, in this order: `externalCustomerId`,
//! e-mail, phone. If no contact has the given `externalCustomerId`, e-mail and phone match only a
//! contact without one: a new customer who shares an address must not see another customer's inbox.
//! An unknown contact is 200 with an empty token, never an error: whether a contact exists is no
//! secret from the holder of the key.
//!
//! A malformed e-mail or phone is ignored if another identifier is usable (shops store phone
//! numbers in many formats, and the reader should not lose the bell for it); otherwise it is 400. A
//! malformed `externalCustomerId` is always 400: it decides who the reader is.

use crate::{ApiError, ApiState, body::JsonBody};
use axum::{Json, extract::State};
use belfry_app::AuthenticatedKey;
use belfry_domain::{
    EmailAddress, ExternalId, Identifiers, InstallIssue, InstallStep, PhoneNumber, ValidationError,
};
use belfry_locales::phrases::errors;
use serde::{Deserialize, Serialize};
use serde_json::Value;

// The values are parsed as any JSON, so that the error of a wrong type names the field; the derive
// rejects duplicates.
/// The signed-in contact. At least one identifier is required; `externalCustomerId` takes
/// precedence over `email`, and `email` over `phone`. If no contact has the `externalCustomerId`,
/// the others match only a contact without one.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TokenRequest {
    /// The site's own id of the contact: at most 255 characters, without leading or trailing white
    /// space.
    #[schema(value_type = Option<String>, example = "42")]
    external_customer_id: Option<Value>,
    /// Alias of `externalCustomerId`.
    #[schema(value_type = Option<String>)]
    extid: Option<Value>,
    /// Ignored if malformed and another identifier is usable.
    #[schema(value_type = Option<String>, example = "ann@shop.example")]
    email: Option<Value>,
    /// In international format; ignored if malformed and another identifier is usable.
    #[schema(value_type = Option<String>, example = "+380671234567")]
    phone: Option<Value>,
    /// Whether the token contains the number of new messages, so that the bell shows it before the
    /// inbox is loaded.
    #[schema(value_type = Option<bool>, default = false)]
    count: Option<Value>,
}

/// A contact token; empty if the site has no such contact.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = Token)]
pub(crate) struct TokenView {
    /// Valid for 15 minutes; empty if the site has no such contact.
    token: String,
}

/// Issues a token for the browser of a signed-in contact.
///
/// The token is empty if the site has no such contact.
#[utoipa::path(post, path = "/auth/contact/token", operation_id = "issueToken", tag = "Tokens", request_body = TokenRequest, responses((status = 200, description = "The token, or an empty string.", body = TokenView)))]
pub(crate) async fn issue(
    State(api): State<ApiState>,
    holder: AuthenticatedKey,
    JsonBody(body): JsonBody,
) -> Result<Json<TokenView>, ApiError> {
    api.limiter.token(&holder.key)?;
    let (identifiers, count) = parse(&body)?;
    let token = if count {
        api.app.issue_token_with_count(&holder, identifiers).await?
    } else {
        api.app.issue_token(&holder, identifiers).await?
    };
    api.app.record_install_event(
        holder.site,
        InstallStep::Token,
        None,
        token.is_none().then_some(InstallIssue::Contact),
    );
    Ok(Json(TokenView { token: token.map(|token| token.reveal().to_owned()).unwrap_or_default() }))
}

/// The identifiers, and whether the token should contain the number of new messages.
fn parse(body: &[u8]) -> Result<(Identifiers, bool), ValidationError> {
    let text =
        std::str::from_utf8(body).map_err(|_| ValidationError::new("", errors::BODY_NO_UTF8))?;
    // Otherwise the derive would accept an array of the values in field order.
    if !text.trim_start().starts_with('{') {
        return Err(ValidationError::new(
            "",
            errors::body_no_object("{\"externalCustomerId\":\"42\"}"),
        ));
    }
    let params: TokenRequest = serde_json::from_str(text)
        .map_err(|error| ValidationError::new("", errors::body_invalid(error.to_string())))?;

    let count = match params.count {
        None | Some(Value::Null) => false,
        Some(Value::Bool(count)) => count,
        Some(_) => return Err(ValidationError::new("count", errors::TRUE_FALSE_OR_NULL)),
    };
    let external_id = non_blank("externalCustomerId", params.external_customer_id)?
        .or(non_blank("extid", params.extid)?);
    let email = non_blank("email", params.email)?.map(|text| EmailAddress::parse(&text));
    let phone = non_blank("phone", params.phone)?.map(|text| PhoneNumber::parse(&text));
    let external_id = external_id.map(|text| ExternalId::parse(&text)).transpose()?;

    if external_id.is_none() && !matches!(email, Some(Ok(_))) && !matches!(phone, Some(Ok(_))) {
        let malformed = email.and_then(Result::err).or(phone.and_then(Result::err));
        return Err(malformed.unwrap_or_else(|| ValidationError::new("", errors::NO_IDENTIFIER)));
    }
    Ok((
        Identifiers {
            external_id,
            email: email.and_then(Result::ok),
            phone: phone.and_then(Result::ok),
        },
        count,
    ))
}

fn non_blank(field: &str, value: Option<Value>) -> Result<Option<String>, ValidationError> {
    match value {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text).filter(|text| !text.trim().is_empty())),
        Some(_) => Err(ValidationError::new(field, errors::STRING_OR_NULL)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn external(body: &str) -> Option<String> {
        parse(body.as_bytes()).unwrap().0.external_id.map(|id| id.as_str().to_owned())
    }

    fn refused(body: &str) -> String {
        parse(body.as_bytes()).unwrap_err().field
    }

    #[test]
    fn extid_is_used_if_external_customer_id_is_absent() {
        assert_eq!(external(r#"{"extid":"7"}"#).as_deref(), Some("7"));
        assert_eq!(external(r#"{"externalCustomerId":"","extid":"7"}"#).as_deref(), Some("7"));
        assert_eq!(external(r#"{"externalCustomerId":"42","extid":"7"}"#).as_deref(), Some("42"));
    }

    #[test]
    fn malformed_identifier_is_ignored_only_beside_a_usable_one() {
        let (both, _) = parse(br#"{"email":"a@b.example","phone":"0671234567"}"#).unwrap();
        assert!(both.phone.is_none() && both.email.is_some());
        assert_eq!(refused(r#"{"phone":"0671234567"}"#), "phone");
        assert_eq!(refused(r#"{"email":"nobody","phone":"0671234567"}"#), "email");
        assert_eq!(
            refused(r#"{"externalCustomerId":"a\u0000b","email":"a@b.example"}"#),
            "externalCustomerId"
        );
    }
}
