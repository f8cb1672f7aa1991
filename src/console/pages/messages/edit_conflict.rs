//! An edit of a message that somebody else edited since: what is stored by now, beside what was
//! typed.

use super::{draft, phrases};
use crate::{
    console::{
        edit_conflict::{self, stored_value},
        form::Form,
        request_context::Member,
        view::{zone_name, zone_of},
    },
    domain::{Language, Message, MessageEdit, Timestamp, ValidationError},
};
use std::collections::BTreeSet;

/// The form as it was typed, about the message as it is by now, with what differs noted. `edit` is
/// what the form says. `goes_to` says to whom the message goes.
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
    let local = |at| format!("{} ({})", zone.local_minute(at).replace('T', " "), zone_name(&zone));
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
        noted.refuse(ValidationError::new(
            "",
            format!("{language}: {}", stored_value(lang, &content.title)),
        ));
    }
    for (name, label) in [("pinned", phrases::PINNED), ("literal", phrases::LITERAL)] {
        if stored.has(name) != form.has(name) {
            noted.refuse(ValidationError::new(
                "",
                format!(
                    "{}: {}",
                    label.t(lang),
                    stored_value(lang, if stored.has(name) { "✓" } else { "" })
                ),
            ));
        }
    }
    // To the minute, as they are typed.
    let minute = |at: Timestamp| at.millis() / 60_000;
    if edit.publish_at.is_some_and(|at| minute(at) != minute(message.publish_at)) {
        noted.refuse(ValidationError::new(
            "publishAt",
            stored_value(lang, &local(message.publish_at)),
        ));
    }
    if edit.expires_at.is_some_and(|at| at.map(minute) != message.expires_at.map(minute)) {
        noted.refuse(ValidationError::new(
            "expiresAt",
            stored_value(lang, &message.expires_at.map(local).unwrap_or_default()),
        ));
    }
    if edit.audience.is_some()
        && ["audience", "segment"].iter().any(|name| stored.get(name) != form.get(name))
    {
        noted.refuse(ValidationError::new("audience", stored_value(lang, goes_to)));
    }
    noted
}

fn is_text(field: &str) -> bool {
    field.starts_with("content.") && ![".file", ".newTab"].iter().any(|part| field.ends_with(part))
}
