//! Parses a new message from a request.

use crate::application::{conversations::timestamp, params::Params};
use belfry_domain::{
    ValidationError,
    channel::{ContentType, MessageKind, NewMessage},
};
use belfry_locales::phrases::errors;
use serde_json::{Map, Value};
use std::str::FromStr;

const MAX_ECHO_CHARS: usize = 255;

/// Parses a message without its files. The default direction is outgoing.
pub(in crate::application) fn draft(params: &Params) -> Result<NewMessage, ValidationError> {
    if params.list("attachments").is_some_and(|attachments| !attachments.is_empty()) {
        return Err(ValidationError::new("attachments", errors::ATTACHMENTS_NO_FILES));
    }
    Ok(NewMessage {
        kind: word(params, "message_type")?.unwrap_or(MessageKind::Outgoing),
        content: params.text("content").flatten(),
        content_type: word(params, "content_type")?.unwrap_or(ContentType::Text),
        content_attributes: params.object("content_attributes").unwrap_or_default(),
        additional_attributes: additional_attributes(params),
        private: params.boolean("private").unwrap_or_default(),
        source_id: params.present("source_id"),
        echo_id: params.present("echo_id").map(|text| text.chars().take(MAX_ECHO_CHARS).collect()),
        attachments: Vec::new(),
        external_created_at: params
            .present("external_created_at")
            .map(|text| timestamp("external_created_at", &text))
            .transpose()?,
    })
}

/// Parses a value of an enumeration; blank counts as absent.
fn word<T: FromStr<Err = ValidationError>>(
    params: &Params,
    name: &str,
) -> Result<Option<T>, ValidationError> {
    params.present(name).map(|text| text.trim().parse()).transpose()
}

/// Attributes that clients store with a message.
fn additional_attributes(params: &Params) -> Map<String, Value> {
    let mut attributes = params.object("additional_attributes").unwrap_or_default();
    if let Some(template) = params.object("template_params") {
        attributes.insert("template_params".to_owned(), template.into());
    }
    if let Some(campaign) = params.integer("campaign_id") {
        attributes.insert("campaign_id".to_owned(), campaign.into());
    }
    attributes
}
