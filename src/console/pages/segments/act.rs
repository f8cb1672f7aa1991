//! The list of segments, and what each form and button does.

use super::{condition, editor, phrases};
use crate::web::html::IntoMarkup;
use crate::{
    app::{AppError, SegmentCount, parse_condition, parse_segment, write_rule},
    console::{
        Console,
        edit_conflict::{REVISION_FIELD, form_status, stored_value, with_conflict},
        error::ConsoleError,
        form::Form,
        pages::messages::{brief, grouped, message_title, rule_draft},
        phrases::{DELETE, NAME, SAVED},
        request_context::{Member, redirect},
        view::{
            Button, Confirm, EmptyState, Page, Pager, Table, Tone, ZONE_FIELD, page, page_with,
            zone_of,
        },
    },
    domain::{MessageQuery, Role, Segment, SegmentId, TimeZone, ValidationError},
};
use axum::{
    Json,
    extract::{Path, Query, State},
    response::{IntoResponse, Response},
};
use leptos::prelude::*;
use serde::Deserialize;
use serde_json::{Value, json};

const SEGMENTS_PER_PAGE: u32 = 25;
/// A list counts its segments where a site has no more contacts than this: each count reads them
/// all.
const MAX_COUNTED_CONTACTS: u64 = 5_000;
/// Messages that are looked through for those that go to a segment.
const MAX_USAGE_MESSAGES: u32 = 100;

#[derive(Deserialize)]
pub(super) struct ListParams {
    cursor: Option<String>,
}

type OfSite = Path<(String, String)>;

fn named(text: &str) -> Result<SegmentId, ConsoleError> {
    text.parse().map_err(|_| ConsoleError::NotFound)
}

/// A segment with a name; one that was described on the spot belongs to its message.
async fn load(
    console: &Console,
    member: &Member,
    id: &str,
) -> Result<(Segment, String), ConsoleError> {
    let segment = console.inbox.segment(member.site.id, named(id)?).await?;
    let name = segment.name.clone().ok_or(ConsoleError::NotFound)?;
    Ok((segment, name))
}

fn counted(count: SegmentCount) -> String {
    format!("{}{}", grouped(count.count), if count.complete { "" } else { "+" })
}

pub(super) async fn list(
    State(console): State<Console>,
    member: Member,
    Query(asked): Query<ListParams>,
) -> Result<Response, ConsoleError> {
    let (lang, site) = (member.lang, member.site.id);
    let before = asked.cursor.as_deref().and_then(|cursor| cursor.parse().ok());
    let mut segments = console.inbox.segments(site, before, SEGMENTS_PER_PAGE + 1).await?;
    let more = segments.len() > SEGMENTS_PER_PAGE as usize;
    segments.truncate(SEGMENTS_PER_PAGE as usize);
    let base = member.path("segments");
    let next = segments.last().filter(|_| more).map(|last| format!("{base}?cursor={}", last.id));
    let first = before.map(|_| base.clone());
    let writes = member.role >= Role::Editor;
    let new = writes.then(|| {
        let href = member.path("segments/new");
        view! { <Button tone=Tone::Accent href=href>{phrases::NEW.t(lang)}</Button> }.into_markup()
    });
    if segments.is_empty() && first.is_none() {
        let content = view! { <EmptyState title=phrases::EMPTY.t(lang) text=phrases::EMPTY_TEXT.t(lang)>{new}</EmptyState> };
        return Ok(page(
            &member,
            Page::new(phrases::TITLE.t(lang)).of(&member, "segments"),
            content,
        ));
    }
    let now = console.inbox.now();
    let small = console.inbox.site_stats(site, now).await?.contacts <= MAX_COUNTED_CONTACTS;
    let mut rows = Vec::with_capacity(segments.len());
    for segment in segments {
        let count = if small {
            counted(console.inbox.segment_count(site, rule_draft(&segment)).await?)
        } else {
            phrases::COUNTED_LATER.t(lang).to_owned()
        };
        let said = condition::summary(&member.zone, &write_rule(&segment.rule));
        let href = member.path(&format!("segments/{}", segment.id));
        let row = view! {
            <tr>
                <td><a class="main" href=href>{segment.name.unwrap_or_default()}</a></td>
                <td class="quiet wide"><code>{said}</code></td>
                <td>{count}</td>
                <td class="quiet nowrap">{brief(&member, now, segment.updated_at)}</td>
            </tr>
        };
        rows.push(row.into_markup());
    }
    let columns = vec![
        NAME.t(lang),
        phrases::WHO.t(lang),
        phrases::CONTACTS_NOW.t(lang),
        phrases::CHANGED.t(lang),
    ];
    let content = view! {
        <Table caption=phrases::TITLE.t(lang) columns=columns>{rows}</Table>
        <Pager lang=lang first=first next=next/>
    };
    Ok(page(
        &member,
        Page::new(phrases::TITLE.t(lang)).of(&member, "segments").actions(new),
        content,
    ))
}

pub(super) async fn new(member: Member) -> Result<Response, ConsoleError> {
    member.may(Role::Editor)?;
    Ok(new_page(&member, &Form::default(), ""))
}

fn new_page(member: &Member, form: &Form, count: &str) -> Response {
    let content = editor::view(member, form, count, true);
    page_with(
        form_status(form),
        member,
        Page::new(phrases::NEW.t(member.lang)).of(member, "segments"),
        content,
    )
}

/// What a form says, as the API takes it.
fn written(member: &Member, form: &Form) -> Result<condition::ParsedCondition, ValidationError> {
    condition::write(member.lang, &zone_of(form, member), form)
}

/// How many match, in words.
async fn count_of(
    console: &Console,
    member: &Member,
    form: &Form,
) -> Result<Result<String, ValidationError>, ConsoleError> {
    let written = match written(member, form) {
        Ok(written) => written,
        Err(invalid) => return Ok(Err(invalid)),
    };
    let rule = match parse_condition(json!({ "condition": written.json }).to_string().as_bytes()) {
        Ok(rule) => rule,
        Err(invalid) => return Ok(Err(written.place(invalid))),
    };
    match console.inbox.segment_count(member.site.id, rule).await {
        Ok(count) => {
            let word = if count.complete { phrases::MATCHES } else { phrases::MATCHES_MORE };
            Ok(Ok(word.with(member.lang, &[("count", &grouped(count.count))])))
        }
        Err(AppError::ValidationError(invalid)) => Ok(Err(written.place(invalid))),
        Err(other) => Err(other.into()),
    }
}

/// What both forms do beside saving: count, or give one more row. Gives the form as it is to be
/// shown, with what was counted.
async fn other_button(
    console: &Console,
    member: &Member,
    form: Form,
) -> Result<Result<(Form, String), Form>, ConsoleError> {
    match form.get("do") {
        "add" => {
            let rows = condition::rows(&form) + 1;
            Ok(Ok((form.with("rows", rows.to_string()), String::new())))
        }
        "count" => Ok(Ok(match count_of(console, member, &form).await? {
            Ok(count) => (form, count),
            Err(invalid) => (form.refused(invalid), String::new()),
        })),
        _ => Ok(Err(form)),
    }
}

/// Saves by `save`; gives what is wrong with the form where it can't.
fn refusal(
    member: &Member,
    written: &condition::ParsedCondition,
    error: AppError,
) -> Result<ValidationError, ConsoleError> {
    match error {
        AppError::ValidationError(invalid) => Ok(written.place(invalid)),
        AppError::SegmentExists => {
            Ok(ValidationError::new("name", phrases::EXISTS_ALREADY.t(member.lang)))
        }
        other => Err(other.into()),
    }
}

fn body(form: &Form, written: &condition::ParsedCondition) -> Value {
    json!({ "name": form.get("name"), "condition": written.json })
}

pub(super) async fn create(
    State(console): State<Console>,
    member: Member,
    form: Form,
) -> Result<Response, ConsoleError> {
    member.may(Role::Editor)?;
    let form = match other_button(&console, &member, form).await? {
        Ok((form, count)) => return Ok(new_page(&member, &form, &count)),
        Err(form) => form,
    };
    let written = match written(&member, &form) {
        Ok(written) => written,
        Err(invalid) => return Ok(new_page(&member, &form.refused(invalid), "")),
    };
    let made = match parse_segment(body(&form, &written).to_string().as_bytes()) {
        Ok((name, rule)) => {
            let creation = console.inbox.create_segment(member.site.id, name, rule);
            member.acting(&console, "segment.created", "", creation).await
        }
        Err(invalid) => Err(invalid.into()),
    };
    match made {
        Ok(segment) => {
            member.done(phrases::CREATED_DONE.t(member.lang)).await?;
            Ok(redirect(&member.path(&format!("segments/{}", segment.id))))
        }
        Err(error) => {
            let invalid = refusal(&member, &written, error)?;
            Ok(new_page(&member, &form.refused(invalid), ""))
        }
    }
}

pub(super) async fn show(
    State(console): State<Console>,
    member: Member,
    Path((_, id)): OfSite,
) -> Result<Response, ConsoleError> {
    let (segment, name) = load(&console, &member, &id).await?;
    let count = console.inbox.segment_count(member.site.id, rule_draft(&segment)).await?;
    let word = if count.complete { phrases::MATCHES } else { phrases::MATCHES_MORE };
    let said = word.with(member.lang, &[("count", &grouped(count.count))]);
    segment_page(&console, &member, &segment, &filled(&segment, name, &member.zone), &said).await
}

fn filled(segment: &Segment, name: String, zone: &TimeZone) -> Form {
    let mut fields = condition::fields(zone, &write_rule(&segment.rule));
    fields.push((ZONE_FIELD.to_owned(), zone.name().to_owned()));
    fields.push(("name".to_owned(), name));
    fields.push((REVISION_FIELD.to_owned(), segment.revision()));
    Form::filled(fields)
}

/// The form as it was typed, about the segment as it is by now, with what differs noted.
fn overtaken_by(
    member: &Member,
    form: &Form,
    typed: &Value,
    segment: &Segment,
    name: String,
) -> Form {
    let noted =
        with_conflict(member.lang, form, &filled(segment, name, &zone_of(form, member)), ["name"]);
    let now = write_rule(&segment.rule);
    if now == *typed {
        noted
    } else {
        noted.refused(ValidationError::new(
            "",
            stored_value(member.lang, &condition::summary(&member.zone, &now)),
        ))
    }
}

async fn segment_page(
    console: &Console,
    member: &Member,
    segment: &Segment,
    form: &Form,
    count: &str,
) -> Result<Response, ConsoleError> {
    let lang = member.lang;
    let newest =
        console.inbox.messages(member.site.id, &MessageQuery::newest(MAX_USAGE_MESSAGES)).await?;
    let mut uses = Vec::new();
    for summary in newest.items.iter().filter(|summary| summary.message.recalled_at.is_none()) {
        if summary.message.segment() != Some(segment.id) {
            continue;
        }
        let href = member.path(&format!("messages/{}", summary.message.id));
        uses.push(
            view! { <li><a href=href>{message_title(&summary.message, &member.site)}</a></li> }
                .into_markup(),
        );
    }
    let usage = if uses.is_empty() {
        view! { <p class="quiet">{phrases::NOT_USED.t(lang)}</p> }.into_markup()
    } else {
        view! { <p>{phrases::USED_TEXT.t(lang)}</p><ul class="plain">{uses}</ul> }.into_markup()
    };
    let writes = member.role >= Role::Editor;
    let main = if writes {
        editor::view(member, form, count, false)
    } else {
        let said = condition::summary(&member.zone, &write_rule(&segment.rule));
        view! { <p><code>{said}</code></p><p class="reach">{count.to_owned()}</p> }.into_markup()
    };
    let delete = member.path(&format!("segments/{}/delete", segment.id));
    let write = member.path(&format!("messages/new?segment={}", segment.id));
    let actions = writes.then(|| {
        view! {
            <Button href=write>{phrases::WRITE_TO.t(lang)}</Button>
            <Button tone=Tone::Danger href=delete>{DELETE.t(lang)}</Button>
        }
    });
    let content = view! {
        {main}
        <section>
            <h2>{phrases::USED.t(lang)}</h2>
            {usage}
        </section>
    };
    let title = segment.name.clone().unwrap_or_default();
    Ok(page_with(
        form_status(form),
        member,
        Page::new(title).of(member, "segments").actions(actions),
        content,
    ))
}

pub(super) async fn update(
    State(console): State<Console>,
    member: Member,
    Path((_, id)): OfSite,
    form: Form,
) -> Result<Response, ConsoleError> {
    member.may(Role::Editor)?;
    let (segment, _) = load(&console, &member, &id).await?;
    let form = match other_button(&console, &member, form).await? {
        Ok((form, count)) => return segment_page(&console, &member, &segment, &form, &count).await,
        Err(form) => form,
    };
    let written = match written(&member, &form) {
        Ok(written) => written,
        Err(invalid) => {
            return segment_page(&console, &member, &segment, &form.refused(invalid), "").await;
        }
    };
    let saved = match parse_segment(body(&form, &written).to_string().as_bytes()) {
        Ok((name, rule)) => {
            let change = console.inbox.update_segment(
                member.site.id,
                segment.id,
                name,
                rule,
                form.maybe(REVISION_FIELD),
            );
            member.acting(&console, "segment.updated", &id, change).await
        }
        Err(invalid) => Err(invalid.into()),
    };
    match saved {
        Ok(_) => {
            member.done(SAVED.t(member.lang)).await?;
            Ok(redirect(&member.path(&format!("segments/{id}"))))
        }
        Err(AppError::Changed) => {
            let (now, name) = load(&console, &member, &id).await?;
            segment_page(
                &console,
                &member,
                &now,
                &overtaken_by(&member, &form, &written.json, &now, name),
                "",
            )
            .await
        }
        Err(error) => {
            let invalid = refusal(&member, &written, error)?;
            segment_page(&console, &member, &segment, &form.refused(invalid), "").await
        }
    }
}

pub(super) async fn ask_delete(
    State(console): State<Console>,
    member: Member,
    Path((_, id)): OfSite,
) -> Result<Response, ConsoleError> {
    member.may(Role::Editor)?;
    let lang = member.lang;
    let (_, name) = load(&console, &member, &id).await?;
    let back = member.path(&format!("segments/{id}"));
    let text = phrases::DELETE_TEXT.with(lang, &[("name", &name)]);
    let content = view! { <Confirm visit=member.visit.clone() text=text action=DELETE.t(lang) back=back.clone()/> };
    Ok(page(
        &member,
        Page::new(phrases::DELETE_TITLE.t(lang)).of(&member, "segments").crumb(back, name).narrow(),
        content,
    ))
}

pub(super) async fn delete(
    State(console): State<Console>,
    member: Member,
    Path((_, id)): OfSite,
    _form: Form,
) -> Result<Response, ConsoleError> {
    member.may(Role::Editor)?;
    let (segment, _) = load(&console, &member, &id).await?;
    match member
        .acting(
            &console,
            "segment.deleted",
            &id,
            console.inbox.delete_segment(member.site.id, segment.id),
        )
        .await
    {
        Ok(()) => {
            member.done(phrases::DELETED.t(member.lang)).await?;
            Ok(redirect(&member.path("segments")))
        }
        Err(AppError::SegmentInUse) => {
            member.failed(phrases::IN_USE.t(member.lang)).await?;
            Ok(redirect(&member.path(&format!("segments/{id}"))))
        }
        Err(other) => Err(other.into()),
    }
}

/// What a script asks while somebody types.
pub(super) async fn count(
    State(console): State<Console>,
    member: Member,
    form: Form,
) -> Result<Response, ConsoleError> {
    member.may(Role::Editor)?;
    let reach = count_of(&console, &member, &form).await?.unwrap_or_default();
    Ok(Json(json!({ "reach": reach })).into_response())
}
