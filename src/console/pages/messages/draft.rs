//! A form as a message, by the rules of the API: the form is written down as the JSON that a
//! backend would send, and read as such.

use super::audience;
use crate::{
    app::{parse_edit, parse_message},
    console::{
        edit_conflict::REVISION_FIELD,
        form::Form,
        request_context::{Member, RequestContext},
        view::{ZONE_FIELD, field_moment, zone_of},
    },
    domain::{
        Language, Message, MessageActionKind, MessageContent, MessageDraft, MessageEdit,
        SiteSettings, TimeZone, Timestamp, ValidationError,
    },
};
use serde_json::{Map, Value, json};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

/// Buttons of a message.
pub(super) const ACTION_ROWS: usize = 3;

/// The languages that a message can be written in here: the site's own first, and any that it has
/// already.
pub(super) fn languages(member: &Member, settings: &SiteSettings, form: &Form) -> Vec<Language> {
    let mut languages = vec![member.site.language.clone()];
    let written = form.fields().filter_map(|(name, _)| {
        name.strip_prefix("content.")?.strip_suffix(".title")?.parse::<Language>().ok()
    });
    for language in settings.languages().iter().cloned().chain(written) {
        if !languages.contains(&language) {
            languages.push(language);
        }
    }
    languages
}

/// A field of one language.
pub(super) fn at(language: &Language, part: &str) -> String {
    format!("content.{language}.{part}")
}

fn typed<'f>(form: &'f Form, name: &str) -> Option<&'f str> {
    form.maybe(name)
}

/// What was written in one language, and from which rows its buttons came; nothing where nothing
/// was written.
fn content(form: &Form, language: &Language) -> Option<(Value, Vec<usize>)> {
    let text = |part: &str| typed(form, &at(language, part));
    let (mut rows, mut actions) = (Vec::new(), Vec::new());
    for row in 0..ACTION_ROWS {
        let part = |name: &str| typed(form, &at(language, &format!("actions[{row}].{name}")));
        let (label, link) = (part("label"), part("link"));
        let has = |name: &str| form.has(&at(language, &format!("actions[{row}].{name}")));
        if label.is_some() || link.is_some() || has("reply") {
            rows.push(row);
            // Fields that a reply must not have are rejected by the API's rules.
            let new_tab = has("newTab").then_some(true);
            actions.push(if has("reply") {
                json!({ "type": MessageActionKind::REPLY, "label": label, "link": link, "newTab": new_tab })
            } else {
                json!({ "label": label, "link": link, "newTab": new_tab })
            });
        }
    }
    let parts = ["title", "body", "link", "image"].map(text);
    if parts.iter().all(Option::is_none) && actions.is_empty() {
        return None;
    }
    let [title, body, link, image] = parts;
    let body = body.map(|body| body.replace("\r\n", "\n")).unwrap_or_default();
    let new_tab = form.has(&at(language, "newTab"));
    let content = json!({ "title": title, "body": body, "link": link, "image": image, "newTab": new_tab, "actions": actions });
    Some((content, rows))
}

/// A field of the kind `datetime-local` as RFC 3339, read in the zone of the form. `shown` is the
/// stored time that the field showed: left as it is, it keeps its seconds, and its hour where
/// clocks show that one twice.
fn moment(
    form: &Form,
    visit: &RequestContext,
    name: &str,
    shown: Option<Timestamp>,
) -> Result<Option<String>, ValidationError> {
    let Some(text) = form.maybe(name) else { return Ok(None) };
    let zone = zone_of(form, visit);
    let kept = shown.filter(|at| zone.local_minute(*at) == text);
    let at = match kept {
        Some(at) => Some(at),
        None => field_moment(visit.lang, name, text, &zone)?,
    };
    // The rules reject what is no moment.
    Ok(Some(at.map_or_else(|| text.to_owned(), rfc3339)))
}

fn rfc3339(at: Timestamp) -> String {
    let written = OffsetDateTime::from_unix_timestamp_nanos(i128::from(at.millis()) * 1_000_000)
        .ok()
        .and_then(|at| at.format(&Rfc3339).ok());
    written.unwrap_or_default()
}

struct ParsedForm {
    json: Map<String, Value>,
    rows: Vec<(Language, Vec<usize>)>,
}

fn write(
    form: &Form,
    visit: &RequestContext,
    languages: &[Language],
    expires_at: Option<Timestamp>,
) -> Result<ParsedForm, ValidationError> {
    let (mut contents, mut rows) = (Map::new(), Vec::new());
    for language in languages {
        if let Some((content, from)) = content(form, language) {
            contents.insert(language.to_string(), content);
            rows.push((language.clone(), from));
        }
    }
    // Where nothing was written, the title of the first language is what is missing.
    if let (true, Some(first)) = (contents.is_empty(), languages.first()) {
        contents.insert(first.to_string(), json!({}));
    }
    let json = json!({
        "name": form.maybe("name"),
        "content": contents,
        "category": form.maybe("category"),
        "pinned": form.has("pinned"),
        "variables": !form.has("literal"),
        "expiresAt": moment(form, visit, "expiresAt", expires_at)?,
    });
    let Value::Object(json) = json else { return Ok(ParsedForm { json: Map::new(), rows }) };
    Ok(ParsedForm { json, rows })
}

/// Names the row in which a button was typed, rather than its number among those that were.
fn in_its_row(invalid: ValidationError, rows: &[(Language, Vec<usize>)]) -> ValidationError {
    let moved = rows.iter().find_map(|(language, rows)| {
        let (digits, rest) =
            invalid.field.strip_prefix(&format!("content.{language}.actions["))?.split_once(']')?;
        let row = rows.get(digits.parse::<usize>().ok()?)?;
        Some(format!("content.{language}.actions[{row}]{rest}"))
    });
    match moved {
        Some(field) => ValidationError { field, ..invalid },
        None => invalid,
    }
}

/// Moves an error to the form field that it is about.
pub(super) fn at_form_field(
    form: &Form,
    member: &Member,
    invalid: ValidationError,
) -> ValidationError {
    if invalid.field.starts_with("audience") {
        audience::place(form, member, invalid)
    } else {
        invalid
    }
}

/// The form as a message, with the JSON that it was read from.
pub(super) fn message(
    form: &Form,
    member: &Member,
    languages: &[Language],
    former: Option<&Message>,
    now: Timestamp,
) -> Result<(MessageDraft, Value), ValidationError> {
    let ParsedForm { mut json, rows } = write(form, member, languages, None)?;
    json.insert("audience".to_owned(), audience::json(form, former));
    json.insert("publishAt".to_owned(), moment(form, member, "publishAt", None)?.into());
    let json = Value::Object(json);
    let read = parse_message(json.to_string().as_bytes(), now);
    read.map(|draft| (draft, json))
        .map_err(|invalid| at_form_field(form, member, in_its_row(invalid, &rows)))
}

/// The form as a change of the stored message. Its beginning and audience can change only while
/// nobody has seen it.
pub(super) fn edit(
    form: &Form,
    member: &Member,
    languages: &[Language],
    stored: &Message,
    waits: bool,
    now: Timestamp,
) -> Result<MessageEdit, ValidationError> {
    let ParsedForm { mut json, rows } = write(form, member, languages, stored.expires_at)?;
    if waits {
        if let Some(at) = moment(form, member, "publishAt", Some(stored.publish_at))? {
            json.insert("publishAt".to_owned(), at.into());
        }
        if form.get("audience") != "keep" {
            json.insert("audience".to_owned(), audience::json(form, None));
        }
    }
    let read = parse_edit(Value::Object(json).to_string().as_bytes(), now);
    read.map_err(|invalid| at_form_field(form, member, in_its_row(invalid, &rows)))
}

/// A message as a form, with its times in a zone; a copy of it has no times.
pub(super) fn form_of(message: &Message, zone: Option<&TimeZone>) -> Form {
    let mut fields = audience::fields(message, message.id);
    let mut put = |name: String, value: String| fields.push((name, value));
    put("name".to_owned(), message.name.clone().unwrap_or_default());
    put("category".to_owned(), message.category.clone().unwrap_or_default());
    if message.pinned {
        put("pinned".to_owned(), "on".to_owned());
    }
    if !message.has_variables_on() {
        put("literal".to_owned(), "on".to_owned());
    }
    if let Some(zone) = zone {
        put(ZONE_FIELD.to_owned(), zone.name().to_owned());
        put(REVISION_FIELD.to_owned(), message.revision());
        put("publishAt".to_owned(), zone.local_minute(message.publish_at));
        put(
            "expiresAt".to_owned(),
            message.expires_at.map(|at| zone.local_minute(at)).unwrap_or_default(),
        );
    }
    for (language, content) in &message.content {
        fields.extend(content_fields(language, content));
    }
    Form::filled(fields)
}

fn content_fields(language: &Language, content: &MessageContent) -> Vec<(String, String)> {
    let mut fields = vec![
        (at(language, "title"), content.title.clone()),
        (at(language, "body"), content.body.clone()),
    ];
    let mut put = |part: &str, value: String| fields.push((at(language, part), value));
    if let Some(link) = &content.link {
        put("link", readable(link.as_str()));
    }
    if let Some(image) = &content.image {
        put("image", image.to_string());
    }
    if content.new_tab {
        put("newTab", "on".to_owned());
    }
    for (row, action) in content.actions.iter().enumerate() {
        put(&format!("actions[{row}].label"), action.label.clone());
        match &action.kind {
            MessageActionKind::Link { link, new_tab } => {
                put(&format!("actions[{row}].link"), readable(link.as_str()));
                if *new_tab {
                    put(&format!("actions[{row}].newTab"), "on".to_owned());
                }
            }
            MessageActionKind::Reply => put(&format!("actions[{row}].reply"), "on".to_owned()),
        }
    }
    fields
}

/// An address with its variables as they were typed.
fn readable(link: &str) -> String {
    link.replace("%7B%7B", "{{").replace("%7D%7D", "}}")
}
