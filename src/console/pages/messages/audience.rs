//! The audience of a message: as text, as form fields, and its size.

use super::{fields::text_area, phrases};
use crate::{
    Console,
    error::ConsoleError,
    form::Form,
    request_context::Member,
    view::{grouped, grouped_count},
};
use belfry_app::{
    AppError,
    body::{AudienceBody, ContactNamed, SegmentTargetBody},
};
use belfry_content::text::truncate_graphemes;
use belfry_domain::{
    ContactId, ContactLookup, Message, MessageAudience, MessageId, MessageSummary, RuleDraft,
    Segment, SegmentId, SiteId, ValidationError,
};
use belfry_web::html::{IntoMarkup, Markup};
use leptos::prelude::*;

/// Characters of a rejected line repeated in its error.
const MAX_LISTED_CONTACTS: usize = 100;
/// Maximum number of segments in the selection.
const MAX_SEGMENT_OPTIONS: u32 = 200;

/// The audience in the list.
pub(super) async fn name_listed(
    console: &Console,
    member: &Member,
    summary: &MessageSummary,
) -> Result<String, ConsoleError> {
    match summary.message.audience.segment() {
        Some(segment) => named_segment(console, member, segment).await,
        None => Ok(counted(member, summary.recipients)),
    }
}

/// The audience on the message's page.
pub(super) async fn name(
    console: &Console,
    member: &Member,
    message: &Message,
) -> Result<String, ConsoleError> {
    match &message.audience {
        MessageAudience::Segment(segment) => named_segment(console, member, *segment).await,
        MessageAudience::Everyone => Ok(counted(member, None)),
        MessageAudience::Contacts(contacts) => Ok(counted(member, Some(contacts.len() as u64))),
    }
}

fn counted(member: &Member, number: Option<u64>) -> String {
    let lang = member.lang;
    number.map_or_else(
        || phrases::EVERYONE.t(lang).to_owned(),
        |number| phrases::CONTACTS_COUNT.with(lang, &[("count", &grouped(number))]),
    )
}

async fn named_segment(
    console: &Console,
    member: &Member,
    segment: SegmentId,
) -> Result<String, ConsoleError> {
    match console.app.segment(member.site.id, segment).await {
        Ok(segment) => Ok(segment_name(member, &segment)),
        Err(AppError::NotFound) => Ok(phrases::A_SEGMENT.t(member.lang).to_owned()),
        Err(other) => Err(other.into()),
    }
}

fn segment_name(member: &Member, segment: &Segment) -> String {
    let name = segment.name.clone().unwrap_or_else(|| format!("№ {}", segment.id));
    phrases::SEGMENT_NAMED.with(member.lang, &[("name", &name)])
}

/// The lines of the contacts field.
pub(super) fn lines(form: &Form) -> Vec<&str> {
    form.get("contacts").lines().map(str::trim).filter(|line| !line.is_empty()).collect()
}

/// A contact: by its e-mail address if the text has an `@`, else by the customer ID.
pub(in crate::pages) fn contact(text: &str) -> ContactNamed {
    if text.contains('@') {
        ContactNamed { email: Some(text.into()), ..ContactNamed::default() }
    } else {
        ContactNamed { external_customer_id: Some(text.into()), ..ContactNamed::default() }
    }
}

/// The audience of the form; `former` is the message whose contacts are kept.
pub(super) fn body(form: &Form, former: Option<&Message>) -> AudienceBody {
    match form.get("audience") {
        "segment" => AudienceBody::Segment(SegmentTargetBody::Id(
            form.get("segment").parse::<i64>().unwrap_or_default().into(),
        )),
        "contacts" => AudienceBody::Contacts(lines(form).into_iter().map(contact).collect()),
        "keep" => {
            let kept = former.and_then(|message| message.audience.contacts()).into_iter().flatten();
            let named =
                |id: &ContactId| ContactNamed { id: Some(id.0.into()), ..ContactNamed::default() };
            AudienceBody::Contacts(kept.map(named).collect())
        }
        _ => AudienceBody::Everyone,
    }
}

/// Moves an error of the audience to its form field.
pub(super) fn place(form: &Form, invalid: ValidationError) -> ValidationError {
    match form.get("audience") {
        "segment" => ValidationError::new("segment", phrases::NO_SEGMENT.into()),
        "contacts" => {
            let lines = lines(form);
            let index = invalid
                .field
                .strip_prefix("audience.contacts[")
                .and_then(|rest| rest.split_once(']'));
            let found =
                index.and_then(|(digits, rest)| Some((digits.parse::<usize>().ok()?, rest)));
            match found.and_then(|(index, rest)| Some((index, rest, lines.get(index)?))) {
                Some((index, rest, text)) => {
                    let text = truncate_graphemes(text, MAX_LISTED_CONTACTS);
                    let reason =
                        if rest.is_empty() { phrases::NOBODY.into() } else { invalid.reason };
                    ValidationError::new(
                        "contacts",
                        phrases::LINE.text([
                            ("number", (index + 1).into()),
                            ("text", text.to_string().into()),
                            ("reason", reason.into()),
                        ]),
                    )
                }
                None if lines.is_empty() => {
                    ValidationError::new("contacts", phrases::NO_CONTACTS.into())
                }
                None => ValidationError::new("contacts", invalid.reason),
            }
        }
        _ => ValidationError::new("audience", invalid.reason),
    }
}

/// The stored rule as a draft, to be counted.
pub(in crate::pages) fn rule_draft(segment: &Segment) -> RuleDraft {
    let lists = segment
        .rule
        .lists()
        .iter()
        .map(|list| list.iter().copied().map(ContactLookup::Id).collect())
        .collect();
    RuleDraft { condition: segment.rule.condition().clone(), lists }
}

/// How many contacts match now, and whether there may be more.
pub(super) async fn reach(
    console: &Console,
    site: SiteId,
    form: &Form,
    former: Option<&Message>,
) -> Result<Option<(u64, bool)>, ConsoleError> {
    Ok(match form.get("audience") {
        "segment" => {
            let Ok(id) = form.get("segment").parse::<SegmentId>() else { return Ok(None) };
            let segment = match console.app.segment(site, id).await {
                Ok(segment) => segment,
                Err(AppError::NotFound) => return Ok(None),
                Err(other) => return Err(other.into()),
            };
            let counted = console.app.segment_count(site, rule_draft(&segment)).await?;
            Some((counted.count, counted.complete))
        }
        "contacts" => {
            let named: std::collections::HashSet<&str> = lines(form).into_iter().collect();
            Some((named.len() as u64, true))
        }
        "keep" => former
            .and_then(|message| message.audience.contacts())
            .map(|contacts| (contacts.len() as u64, true)),
        _ => {
            let stats = console.app.site_stats(site, console.app.now()).await?;
            Some((stats.contacts, true))
        }
    })
}

/// The size as text.
pub(super) fn reach_text(member: &Member, recipients: Option<(u64, bool)>) -> String {
    let said = |(count, complete): (u64, bool)| {
        let word = if complete { phrases::REACHES } else { phrases::REACHES_MORE };
        word.with(member.lang, &[("count", &grouped_count(count))])
    };
    recipients.map(said).unwrap_or_default()
}

/// The audience fields of a stored message.
pub(super) fn fields(message: &Message, id: MessageId) -> Vec<(String, String)> {
    let pair = |name: &str, value: String| (name.to_owned(), value);
    match &message.audience {
        MessageAudience::Segment(segment) => {
            vec![pair("audience", "segment".to_owned()), pair("segment", segment.to_string())]
        }
        MessageAudience::Contacts(_) => {
            vec![pair("audience", "keep".to_owned()), pair("from", id.to_string())]
        }
        MessageAudience::Everyone => vec![pair("audience", "everyone".to_owned())],
    }
}

/// The options of the form.
pub(super) struct AudienceOptions {
    segments: Vec<(SegmentId, String)>,
    /// How many contacts the stored message names.
    stored_contacts: Option<usize>,
}

impl AudienceOptions {
    pub(super) async fn load(
        console: &Console,
        member: &Member,
        form: &Form,
        former: Option<&Message>,
    ) -> Result<Self, ConsoleError> {
        let site = member.site.id;
        let found = console.app.segments(site, None, MAX_SEGMENT_OPTIONS).await?;
        let mut segments: Vec<_> = found
            .into_iter()
            .map(|segment| {
                (segment.id, segment.name.clone().unwrap_or_else(|| format!("№ {}", segment.id)))
            })
            .collect();
        segments.sort_by_key(|segment| segment.1.to_lowercase());
        // The chosen segment stays an option, also when unnamed or not among the newest.
        if let Ok(chosen) = form.get("segment").parse::<SegmentId>()
            && !segments.iter().any(|(id, _)| *id == chosen)
            && let Ok(segment) = console.app.segment(site, chosen).await
        {
            segments.push((chosen, segment.name.unwrap_or_else(|| format!("№ {chosen}"))));
        }
        let stored_contacts =
            former.and_then(|message| message.audience.contacts()).map(<[_]>::len);
        Ok(Self { segments, stored_contacts })
    }
}

/// The audience fields.
pub(super) fn view(
    member: &Member,
    form: &Form,
    choice: AudienceOptions,
    recipients: &str,
) -> Markup {
    let lang = member.lang;
    let chosen = match form.get("audience") {
        "" => "everyone".to_owned(),
        other => other.to_owned(),
    };
    let radio = |value: &'static str, label: String, hint: Option<&'static str>| {
        let checked = chosen == value;
        view! {
            <label class="choice">
                <input type="radio" name="audience" value=value checked=checked/>
                <span>{label} {hint.map(|hint| view! { <small>{hint}</small> })}</span>
            </label>
        }
        .into_markup()
    };
    let wanted = form.get("segment").to_owned();
    let error = form
        .error("segment")
        .map(|error| view! { <p class="wrong" id="segment-error">{error}</p> });
    let segments = if choice.segments.is_empty() {
        view! { <p class="hint">{phrases::NO_SEGMENTS.t(lang)} " " <a href=member.path("segments/new")>{phrases::A_SEGMENT.t(lang)} " +"</a></p> }
            .into_markup()
    } else {
        let options = choice
            .segments
            .into_iter()
            .map(|(id, name)| {
                let selected = id.to_string() == wanted;
                view! { <option value=id.to_string() selected=selected>{name}</option> }
            })
            .collect_view();
        view! { <select name="segment" aria-label=phrases::A_SEGMENT.t(lang)><option value=""></option>{options}</select> }.into_markup()
    };
    let other = form.error("audience").map(|error| view! { <p class="wrong">{error}</p> });
    let kept = choice
        .stored_contacts
        .map(|count| radio("keep", phrases::KEEP.with(lang, &[("count", &count)]), None));
    view! {
        <fieldset>
            <legend>{phrases::AUDIENCE.t(lang)}</legend>
            {other}
            {kept}
            {radio("everyone", phrases::EVERYONE.t(lang).to_owned(), Some(phrases::EVERYONE_HINT.t(lang)))}
            {radio("segment", phrases::A_SEGMENT.t(lang).to_owned(), Some(phrases::SEGMENT_HINT.t(lang)))}
            <div class="under" data-for-audience="segment">{segments} {error}</div>
            {radio("contacts", phrases::CONTACTS.t(lang).to_owned(), None)}
            <div class="under" data-for-audience="contacts">
                {text_area(form, "contacts", 4, phrases::CONTACTS.t(lang), Some(phrases::CONTACTS_HINT.t(lang)), false)}
            </div>
            <p class="reach">
                <output data-reach="1">{recipients.to_owned()}</output>
                <button class="button small" name="do" value="count" data-count="1">{phrases::COUNT.t(lang)}</button>
            </p>
        </fieldset>
    }
    .into_markup()
}
