//! Converts the form to the message that a backend would send, which is then validated by the same
//! rules.

use super::audience;
use crate::{
    edit_conflict::REVISION_FIELD,
    form::Form,
    request_context::{Member, RequestContext},
    view::{ZONE_FIELD, field_moment, zone_of},
};
use belfry_app::body::{ActionBody, ContentBody, MessageBody, MessageEditBody};
use belfry_domain::{
    Digest, Language, Message, MessageActionKind, MessageContent, MessageDraft, MessageEdit,
    SiteSettings, TimeZone, Timestamp, ValidationError,
};
use std::collections::BTreeMap;

/// Maximum number of buttons of a message.
pub(super) const ACTION_ROWS: usize = 3;

/// The languages of the editor: the site's default first, and those that the message already has.
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

/// The content in one language, with the row of each button; `None` if it is empty.
fn content(form: &Form, language: &Language) -> Option<(ContentBody, Vec<usize>)> {
    let text = |part: &str| form.trimmed(&at(language, part)).map(str::to_owned);
    let (mut rows, mut actions) = (Vec::new(), Vec::new());
    for row in 0..ACTION_ROWS {
        let part = |name: &str| text(&format!("actions[{row}].{name}"));
        let (label, link) = (part("label"), part("link"));
        let has = |name: &str| form.contains(&at(language, &format!("actions[{row}].{name}")));
        if label.is_some() || link.is_some() || has("reply") {
            rows.push(row);
            // Fields that a reply must not have are rejected by validation.
            let kind = has("reply").then(|| MessageActionKind::REPLY.to_owned());
            actions.push(ActionBody { kind, label, link, new_tab: has("newTab").then_some(true) });
        }
    }
    let content = ContentBody {
        title: text("title"),
        body: text("body").map(|body| body.replace("\r\n", "\n")),
        link: text("link"),
        image: text("image"),
        ..ContentBody::default()
    };
    if content == ContentBody::default() && actions.is_empty() {
        return None;
    }
    let new_tab = Some(form.contains(&at(language, "newTab")));
    Some((ContentBody { new_tab, actions: Some(actions), ..content }, rows))
}

/// A `datetime-local` field as RFC 3339, in the form's zone. `shown` is the stored time that the
/// field showed: if unchanged, it keeps its seconds and, in a repeated hour, its offset.
fn moment(
    form: &Form,
    context: &RequestContext,
    name: &str,
    shown: Option<Timestamp>,
) -> Result<Option<String>, ValidationError> {
    let Some(text) = form.trimmed(name) else { return Ok(None) };
    let zone = zone_of(form, context);
    let kept = shown.filter(|at| zone.format_local(*at) == text);
    let at = match kept {
        Some(at) => Some(at),
        None => field_moment(name, text, &zone)?,
    };
    // Validation rejects an invalid time.
    Ok(Some(at.map_or_else(|| text.to_owned(), |at| at.rfc3339().unwrap_or_default())))
}

/// The contents by language tag, and the rows of their buttons.
#[derive(Default)]
struct Contents {
    by_language: BTreeMap<String, ContentBody>,
    rows: Vec<(Language, Vec<usize>)>,
}

fn contents(form: &Form, languages: &[Language]) -> Contents {
    let mut contents = Contents::default();
    for language in languages {
        if let Some((content, rows)) = content(form, language) {
            contents.by_language.insert(language.to_string(), content);
            contents.rows.push((language.clone(), rows));
        }
    }
    // In an empty form, the title of the first language is missing.
    if let (true, Some(first)) = (contents.by_language.is_empty(), languages.first()) {
        contents.by_language.insert(first.to_string(), ContentBody::default());
    }
    contents
}

/// Moves an error to the button's row, since empty rows are left out of the message.
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
pub(super) fn at_form_field(form: &Form, invalid: ValidationError) -> ValidationError {
    if invalid.field.starts_with("audience") { audience::place(form, invalid) } else { invalid }
}

/// The form as a message that is not validated yet.
pub(super) struct WrittenMessage {
    body: MessageBody,
    rows: Vec<(Language, Vec<usize>)>,
}

impl WrittenMessage {
    /// Reads the form; `former` is the message whose contacts are kept.
    pub(super) fn read(
        form: &Form,
        member: &Member,
        languages: &[Language],
        former: Option<&Message>,
    ) -> Result<Self, ValidationError> {
        let Contents { by_language, rows } = contents(form, languages);
        let text = |name: &str| form.trimmed(name).map(str::to_owned);
        let body = MessageBody {
            audience: Some(audience::body(form, former)),
            content: Some(by_language),
            category: text("category"),
            data: None,
            pinned: Some(form.contains("pinned")),
            publish_at: moment(form, member, "publishAt", None)?,
            expires_at: moment(form, member, "expiresAt", None)?,
            name: text("name"),
            variables: Some(!form.contains("literal")),
        };
        Ok(Self { body, rows })
    }

    /// The digest of the message: the same when the same form is sent again.
    pub(super) fn fingerprint(&self) -> Digest {
        Digest::of(&serde_json::to_string(&self.body).unwrap_or_default())
    }

    /// Validates the message; an error is at its form field.
    pub(super) fn validate(
        self,
        form: &Form,
        now: Timestamp,
    ) -> Result<MessageDraft, ValidationError> {
        let Self { body, rows } = self;
        body.validate(now).map_err(|invalid| at_form_field(form, in_its_row(invalid, &rows)))
    }
}

/// The form as an edit of the stored message. Publication time and audience can only change before
/// publication.
pub(super) fn edit(
    form: &Form,
    member: &Member,
    languages: &[Language],
    stored: &Message,
    waits: bool,
    now: Timestamp,
) -> Result<MessageEdit, ValidationError> {
    let Contents { by_language, rows } = contents(form, languages);
    let text = |name: &str| form.trimmed(name).map(str::to_owned);
    let edit = MessageEditBody {
        content: Some(by_language),
        category: Some(text("category")),
        data: None,
        pinned: Some(form.contains("pinned")),
        expires_at: Some(moment(form, member, "expiresAt", stored.expires_at)?),
        name: Some(text("name")),
        publish_at: if waits {
            moment(form, member, "publishAt", Some(stored.publish_at))?
        } else {
            None
        },
        audience: (waits && form.get("audience") != "keep").then(|| audience::body(form, None)),
        variables: Some(!form.contains("literal")),
    };
    edit.validate(now).map_err(|invalid| at_form_field(form, in_its_row(invalid, &rows)))
}

/// A message as a form, with times in the given zone; a copy has no times.
pub(super) fn form_of(message: &Message, zone: Option<&TimeZone>) -> Form {
    let mut fields = audience::fields(message, message.id);
    let mut put = |name: String, value: String| fields.push((name, value));
    put("name".to_owned(), message.name.clone().unwrap_or_default());
    put("category".to_owned(), message.category.clone().unwrap_or_default());
    if message.pinned {
        put("pinned".to_owned(), "on".to_owned());
    }
    if !message.has_variables() {
        put("literal".to_owned(), "on".to_owned());
    }
    if let Some(zone) = zone {
        put(ZONE_FIELD.to_owned(), zone.name().to_owned());
        put(REVISION_FIELD.to_owned(), message.revision());
        put("publishAt".to_owned(), zone.format_local(message.publish_at));
        put(
            "expiresAt".to_owned(),
            message.expires_at.map(|at| zone.format_local(at)).unwrap_or_default(),
        );
    }
    for (language, content) in &message.content {
        fields.extend(content_fields(language, content));
    }
    Form::from_fields(fields)
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

/// A link with its variables unescaped.
fn readable(link: &str) -> String {
    link.replace("%7B%7B", "{{").replace("%7D%7D", "}}")
}
