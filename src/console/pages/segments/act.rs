//! The pages of one segment and the actions of their forms.

use super::{condition, editor, phrases, summary::summary};
use crate::{
    Console,
    edit_conflict::{REVISION_FIELD, form_status, stored_value, with_conflict},
    error::ConsoleError,
    form::Form,
    pages::messages::{grouped_count, message_title, rule_draft},
    phrases::{DELETE, SAVED},
    request_context::{Member, redirect},
    view::{Button, Confirm, Page, Tone, ZONE_FIELD, page, page_with, zone_of},
};
use axum::{
    Json,
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use belfry_app::{
    AppError,
    body::{ConditionBody, SegmentRequest},
    write_rule,
};
use belfry_domain::{MessageQuery, Role, RuleDraft, Segment, SegmentId, TimeZone, ValidationError};
use belfry_web::html::IntoMarkup;
use leptos::prelude::*;
use serde_json::json;

/// Number of messages searched for those addressed to a segment.
const MAX_USAGE_MESSAGES: u32 = 100;

type OfSite = Path<(String, String)>;

fn named(text: &str) -> Result<SegmentId, ConsoleError> {
    text.parse().map_err(|_| ConsoleError::NotFound)
}

/// The named segment; inline segments belong to their message.
async fn load(
    console: &Console,
    member: &Member,
    id: &str,
) -> Result<(Segment, String), ConsoleError> {
    let segment = console.app.segment(member.site.id, named(id)?).await?;
    let name = segment.name.clone().ok_or(ConsoleError::NotFound)?;
    Ok((segment, name))
}

pub(super) async fn new(member: Member) -> Result<Response, ConsoleError> {
    member.require_role(Role::Editor)?;
    Ok(new_page(&member, &Form::default(), ""))
}

fn new_page(member: &Member, form: &Form, count: &str) -> Response {
    let content = editor::view(member, form, count, true);
    page_with(
        form_status(form),
        member,
        Page::new(phrases::NEW.t(member.lang)).for_site(member, "segments"),
        content,
    )
}

/// The condition of the form.
fn written(member: &Member, form: &Form) -> Result<condition::ParsedCondition, ValidationError> {
    condition::parse(&zone_of(form, member), form)
}

/// The number of matching contacts as text.
async fn count_of(
    console: &Console,
    member: &Member,
    form: &Form,
) -> Result<Result<String, ValidationError>, ConsoleError> {
    let written = match written(member, form) {
        Ok(written) => written,
        Err(invalid) => return Ok(Err(invalid)),
    };
    let rule = match written.body.clone().validate("condition") {
        Ok(rule) => rule,
        Err(invalid) => return Ok(Err(written.locate_error(invalid))),
    };
    match console.app.segment_count(member.site.id, rule).await {
        Ok(count) => {
            let word = if count.complete { phrases::MATCHES } else { phrases::MATCHES_MORE };
            Ok(Ok(word.with(member.lang, &[("count", &grouped_count(count.count))])))
        }
        Err(AppError::ValidationError(invalid)) => Ok(Err(written.locate_error(invalid))),
        Err(other) => Err(other.into()),
    }
}

/// The actions of both forms other than saving: count, and add a row. Returns the form to show,
/// with the count.
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
            Err(invalid) => (form.rejected(invalid), String::new()),
        })),
        _ => Ok(Err(form)),
    }
}

/// Saves by `save`, or returns the form with its errors.
fn refusal(
    written: &condition::ParsedCondition,
    error: AppError,
) -> Result<ValidationError, ConsoleError> {
    match error {
        AppError::ValidationError(invalid) => Ok(written.locate_error(invalid)),
        AppError::SegmentExists => Ok(ValidationError::new("name", phrases::EXISTS_ALREADY.into())),
        other => Err(other.into()),
    }
}

/// Validates the segment of the form.
fn validate(
    form: &Form,
    written: &condition::ParsedCondition,
) -> Result<(String, RuleDraft), ValidationError> {
    let (name, condition) = (Some(form.get("name").to_owned()), Some(written.body.clone()));
    SegmentRequest { name, condition }.validate()
}

pub(super) async fn create(
    State(console): State<Console>,
    member: Member,
    form: Form,
) -> Result<Response, ConsoleError> {
    member.require_role(Role::Editor)?;
    let form = match other_button(&console, &member, form).await? {
        Ok((form, count)) => return Ok(new_page(&member, &form, &count)),
        Err(form) => form,
    };
    let written = match written(&member, &form) {
        Ok(written) => written,
        Err(invalid) => return Ok(new_page(&member, &form.rejected(invalid), "")),
    };
    let made = match validate(&form, &written) {
        Ok((name, rule)) => {
            let creation = console.app.create_segment(member.site.id, name, rule);
            member.with_audit(&console, "", creation).await
        }
        Err(invalid) => Err(invalid.into()),
    };
    match made {
        Ok(segment) => {
            member.flash_success(phrases::CREATED_DONE.t(member.lang)).await?;
            Ok(redirect(&member.path(&format!("segments/{}", segment.id))))
        }
        Err(error) => {
            let invalid = refusal(&written, error)?;
            Ok(new_page(&member, &form.rejected(invalid), ""))
        }
    }
}

pub(super) async fn show(
    State(console): State<Console>,
    member: Member,
    Path((_, id)): OfSite,
) -> Result<Response, ConsoleError> {
    let (segment, name) = load(&console, &member, &id).await?;
    let count = console.app.segment_count(member.site.id, rule_draft(&segment)).await?;
    let word = if count.complete { phrases::MATCHES } else { phrases::MATCHES_MORE };
    let said = word.with(member.lang, &[("count", &grouped_count(count.count))]);
    segment_page(&console, &member, &segment, &filled(&segment, name, &member.zone), &said).await
}

fn filled(segment: &Segment, name: String, zone: &TimeZone) -> Form {
    let mut fields = condition::fields(zone, &write_rule(&segment.rule));
    fields.push((ZONE_FIELD.to_owned(), zone.name().to_owned()));
    fields.push(("name".to_owned(), name));
    fields.push((REVISION_FIELD.to_owned(), segment.revision()));
    Form::from_fields(fields)
}

/// The submitted form for the segment as stored now, with the differences noted.
fn overtaken_by(
    member: &Member,
    form: &Form,
    typed: &ConditionBody,
    segment: &Segment,
    name: String,
) -> Form {
    let noted =
        with_conflict(member.lang, form, &filled(segment, name, &zone_of(form, member)), ["name"]);
    let now = write_rule(&segment.rule);
    if serde_json::to_value(typed).is_ok_and(|typed| typed == now) {
        noted
    } else {
        noted.rejected(ValidationError::new("", stored_value(&summary(&member.zone, &now))))
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
        console.app.messages(member.site.id, &MessageQuery::newest(MAX_USAGE_MESSAGES)).await?;
    let mut uses = Vec::new();
    for summary in newest.items.iter().filter(|summary| summary.message.recalled_at.is_none()) {
        if summary.message.audience.segment() != Some(segment.id) {
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
        let said = summary(&member.zone, &write_rule(&segment.rule));
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
        Page::new(title).for_site(member, "segments").actions(actions),
        content,
    ))
}

pub(super) async fn update(
    State(console): State<Console>,
    member: Member,
    Path((_, id)): OfSite,
    form: Form,
) -> Result<Response, ConsoleError> {
    member.require_role(Role::Editor)?;
    let (segment, _) = load(&console, &member, &id).await?;
    let form = match other_button(&console, &member, form).await? {
        Ok((form, count)) => return segment_page(&console, &member, &segment, &form, &count).await,
        Err(form) => form,
    };
    let written = match written(&member, &form) {
        Ok(written) => written,
        Err(invalid) => {
            return segment_page(&console, &member, &segment, &form.rejected(invalid), "").await;
        }
    };
    let saved = match validate(&form, &written) {
        Ok((name, rule)) => {
            let change = console.app.update_segment(
                member.site.id,
                segment.id,
                name,
                rule,
                form.trimmed(REVISION_FIELD),
            );
            member.with_audit(&console, &id, change).await
        }
        Err(invalid) => Err(invalid.into()),
    };
    match saved {
        Ok(_) => {
            member.flash_success(SAVED.t(member.lang)).await?;
            Ok(redirect(&member.path(&format!("segments/{id}"))))
        }
        Err(AppError::Changed) => {
            let (now, name) = load(&console, &member, &id).await?;
            segment_page(
                &console,
                &member,
                &now,
                &overtaken_by(&member, &form, &written.body, &now, name),
                "",
            )
            .await
        }
        Err(error) => {
            let invalid = refusal(&written, error)?;
            segment_page(&console, &member, &segment, &form.rejected(invalid), "").await
        }
    }
}

pub(super) async fn ask_delete(
    State(console): State<Console>,
    member: Member,
    Path((_, id)): OfSite,
) -> Result<Response, ConsoleError> {
    member.require_role(Role::Editor)?;
    let lang = member.lang;
    let (_, name) = load(&console, &member, &id).await?;
    let back = member.path(&format!("segments/{id}"));
    let text = phrases::DELETE_TEXT.with(lang, &[("name", &name)]);
    let content = view! { <Confirm visit=member.context.clone() text=text action=DELETE.t(lang) back=back.clone()/> };
    Ok(page(
        &member,
        Page::new(phrases::DELETE_TITLE.t(lang))
            .for_site(&member, "segments")
            .crumb(back, name)
            .narrow(),
        content,
    ))
}

pub(super) async fn delete(
    State(console): State<Console>,
    member: Member,
    Path((_, id)): OfSite,
    _form: Form,
) -> Result<Response, ConsoleError> {
    member.require_role(Role::Editor)?;
    let (segment, _) = load(&console, &member, &id).await?;
    match member
        .with_audit(&console, &id, console.app.delete_segment(member.site.id, segment.id))
        .await
    {
        Ok(()) => {
            member.flash_success(phrases::DELETED.t(member.lang)).await?;
            Ok(redirect(&member.path("segments")))
        }
        Err(AppError::SegmentInUse) => {
            member.flash_error(phrases::IN_USE.t(member.lang)).await?;
            Ok(redirect(&member.path(&format!("segments/{id}"))))
        }
        Err(other) => Err(other.into()),
    }
}

/// Counts for the script while the form is edited.
pub(super) async fn count(
    State(console): State<Console>,
    member: Member,
    form: Form,
) -> Result<Response, ConsoleError> {
    member.require_role(Role::Editor)?;
    let recipients = count_of(&console, &member, &form).await?.unwrap_or_default();
    Ok(Json(json!({ "reach": recipients })).into_response())
}
