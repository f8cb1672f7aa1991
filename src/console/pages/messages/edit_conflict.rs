//! A conflicting edit of a message: the stored content next to the submitted one.

use super::{draft, phrases};
use crate::{
    edit_conflict::{self, stored_value},
    form::Form,
    request_context::Member,
    view::{zone_name, zone_of},
};
use belfry_domain::{Language, Message, MessageEdit, Timestamp, ValidationError};
use belfry_locales::{LocalizedText, phrases::errors};
use std::collections::BTreeSet;

/// The submitted form for the message as stored now, with the differences noted. `edit` is the
/// parsed form, `goes_to` the audience as text.
pub(super) fn overtaken(
    member: &Member,
    form: &Form,
    edit: &MessageEdit,
    message: &Message,
    languages: &[Language],
    goes_to: &str,
) -> Form {
    let lang = member.lang;
    let zone = zone_of(form, member);
    let local = |at| format!("{} ({})", zone.format_local(at).replace('T', " "), zone_name(&zone));
    let stored = draft::form_of(message, Some(&zone));
    let mut names: BTreeSet<&str> = stored
        .fields()
        .chain(form.fields())
        .map(|(name, _)| name)
        .filter(|name| is_text(name))
        .collect();
    names.extend(["name", "category"]);
    let mut noted = edit_conflict::with_conflict(lang, form, &stored, names);
    for (language, content) in
        message.content.iter().filter(|(language, _)| !languages.contains(language))
    {
        noted.reject(ValidationError::new(
            "",
            errors::at_field(language.to_string(), stored_value(&content.title)),
        ));
    }
    for (name, label) in [("pinned", phrases::PINNED), ("literal", phrases::LITERAL)] {
        if stored.contains(name) != form.contains(name) {
            noted.reject(ValidationError::new(
                "",
                errors::at_field(
                    LocalizedText::from(label),
                    stored_value(if stored.contains(name) { "✓" } else { "" }),
                ),
            ));
        }
    }
    // Compared to the minute, like the fields.
    let minute = |at: Timestamp| at.millis() / 60_000;
    if edit.publish_at.is_some_and(|at| minute(at) != minute(message.publish_at)) {
        noted.reject(ValidationError::new("publishAt", stored_value(&local(message.publish_at))));
    }
    if edit.expires_at.is_some_and(|at| at.map(minute) != message.expires_at.map(minute)) {
        noted.reject(ValidationError::new(
            "expiresAt",
            stored_value(&message.expires_at.map(local).unwrap_or_default()),
        ));
    }
    if edit.audience.is_some()
        && ["audience", "segment"].iter().any(|name| stored.get(name) != form.get(name))
    {
        noted.reject(ValidationError::new("audience", stored_value(goes_to)));
    }
    noted
}

fn is_text(field: &str) -> bool {
    field.starts_with("content.") && ![".file", ".newTab"].iter().any(|part| field.ends_with(part))
}
