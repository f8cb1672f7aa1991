//! Handlers of the message editor: preview, count, test, review, send. A stored message is changed
//! in [`stored`].

pub(super) mod stored;

use super::{
    audience, draft,
    draft::{WrittenMessage, at},
    editor::{self, EditorContext, EditorMode, EditorState},
    phrases,
    preview::{self, PreviewAs},
    review,
};
use crate::{
    Console,
    error::ConsoleError,
    form::Form,
    request_context::{Member, redirect},
};
use axum::{
    Json,
    extract::{Path, Query, State},
    response::{IntoResponse, Response},
};
use belfry_app::AppError;
use belfry_domain::{
    ContactId, Digest, IdempotentRequest, Language, Message, MessageDraft, MessageId, Role,
    SiteSettings, ValidationError,
};
use belfry_locales::phrases::errors;
use serde_json::json;
use std::time::Duration;

/// The undo window: how long a message sent now can still be cancelled.
pub(super) const UNDO_WINDOW: Duration = Duration::from_secs(10);

/// The message ID of the path.
pub(super) fn named(text: &str) -> Result<MessageId, ConsoleError> {
    text.parse().map_err(|_| ConsoleError::NotFound)
}

/// Query parameters that preselect.
#[derive(serde::Deserialize)]
pub(super) struct ComposeParams {
    segment: Option<String>,
}

pub(super) async fn new(
    State(console): State<Console>,
    member: Member,
    Query(asked): Query<ComposeParams>,
) -> Result<Response, ConsoleError> {
    let settings = console.app.settings(member.site.id).await?;
    let editor = EditorContext {
        console: &console,
        member: &member,
        settings: &settings,
        mode: EditorMode::Write,
        stored: None,
    };
    let form = Form::from_fields(Vec::new()).with("test", member.account.email.as_str());
    let form = match asked.segment {
        Some(segment) => form.with("audience", "segment").with("segment", segment),
        None => form.with("audience", "everyone"),
    };
    editor::show(&editor, form, EditorState::default()).await
}

pub(super) async fn duplicate(
    State(console): State<Console>,
    member: Member,
    Path((_, id)): Path<(String, String)>,
) -> Result<Response, ConsoleError> {
    member.require_role(Role::Editor)?;
    let message = console.app.message(member.site.id, named(&id)?).await?;
    let settings = console.app.settings(member.site.id).await?;
    let editor = EditorContext {
        console: &console,
        member: &member,
        settings: &settings,
        mode: EditorMode::Copy,
        stored: Some(&message),
    };
    let found = EditorState {
        preview_secret: Some(shown(&console, &member, preview::again(&message), None).await?),
        ..EditorState::default()
    };
    let form = draft::form_of(&message, None).with("test", member.account.email.as_str());
    editor::show(&editor, form, found).await
}

/// Stores a draft for the preview and returns its secret.
async fn shown(
    console: &Console,
    member: &Member,
    draft: MessageDraft,
    reader: Option<ContactId>,
) -> Result<String, ConsoleError> {
    let secret = console.app.preview_draft(member.site.id, draft, reader).await?;
    Ok(secret.reveal().to_owned())
}

/// Stores uploaded pictures and fills in their URLs.
async fn keep_pictures(
    console: &Console,
    member: &Member,
    mut form: Form,
) -> Result<Form, ConsoleError> {
    let chosen: Vec<_> =
        form.uploads().map(|(name, file)| (name.to_owned(), file.bytes.clone())).collect();
    for (name, bytes) in chosen {
        let Some(language) = name
            .strip_prefix("content.")
            .and_then(|rest| rest.strip_suffix(".file")?.parse::<Language>().ok())
        else {
            continue;
        };
        match console.app.store_picture(member.site.id, bytes.to_vec()).await {
            Ok(path) => {
                form = form.with(&at(&language, "image"), format!("{}{path}", console.public_url));
            }
            Err(AppError::ValidationError(invalid)) => {
                form.reject(ValidationError::new(at(&language, "file"), invalid.reason));
            }
            Err(other) => return Err(other.into()),
        }
    }
    Ok(form)
}

/// The message that the form copies or edits.
async fn stored_message(
    console: &Console,
    member: &Member,
    form: &Form,
) -> Result<Option<Message>, ConsoleError> {
    let Ok(id) = form.get("from").parse::<MessageId>() else { return Ok(None) };
    match console.app.message(member.site.id, id).await {
        Ok(message) => Ok(Some(message)),
        Err(AppError::NotFound) => Ok(None),
        Err(other) => Err(other.into()),
    }
}

/// Parses and validates the form, including against the store.
async fn read(
    console: &Console,
    member: &Member,
    settings: &SiteSettings,
    form: &Form,
    former: Option<&Message>,
) -> Result<Result<(MessageDraft, Digest), ValidationError>, ConsoleError> {
    let languages = draft::languages(member, settings, form);
    let written = match WrittenMessage::read(form, member, &languages, former) {
        Ok(written) => written,
        Err(invalid) => return Ok(Err(invalid)),
    };
    let fingerprint = written.fingerprint();
    let message = match written.validate(form, console.app.now()) {
        Ok(message) => message,
        Err(invalid) => return Ok(Err(invalid)),
    };
    let looked_up = console.app.preview_message(member.site.id, Ok(message.clone())).await?;
    Ok(match looked_up.problems.into_iter().next() {
        Some(invalid) => Err(draft::at_form_field(form, invalid)),
        None => Ok((message, fingerprint)),
    })
}

pub(super) async fn write(
    State(console): State<Console>,
    member: Member,
    form: Form,
) -> Result<Response, ConsoleError> {
    member.require_role(Role::Editor)?;
    let settings = console.app.settings(member.site.id).await?;
    let form = keep_pictures(&console, &member, form).await?;
    let former = stored_message(&console, &member, &form).await?;
    let mode = if former.is_some() { EditorMode::Copy } else { EditorMode::Write };
    let editor = EditorContext {
        console: &console,
        member: &member,
        settings: &settings,
        mode,
        stored: former.as_ref(),
    };
    if form.has_errors() {
        return editor::show(&editor, form, EditorState::default()).await;
    }
    let to_do = form.get("do").to_owned();
    if to_do == "count" {
        let audience_summary =
            audience::reach(&console, member.site.id, &form, former.as_ref()).await?;
        let found = EditorState {
            audience_summary: audience::reach_text(&member, audience_summary),
            ..EditorState::default()
        };
        return editor::show(&editor, form, found).await;
    }
    let read = read(&console, &member, &settings, &form, former.as_ref()).await?;
    let (message, fingerprint) = match (read, to_do.as_str()) {
        (Ok(read), _) => read,
        // Going back to the editor shows no errors.
        (Err(_), "edit") => return editor::show(&editor, form, EditorState::default()).await,
        (Err(invalid), _) => {
            return editor::show(&editor, form.rejected(invalid), EditorState::default()).await;
        }
    };
    match to_do.as_str() {
        "review" => review::show(&editor, &form, &message).await,
        "send" => send(&editor, form, message, fingerprint).await,
        "test" => test(&editor, form, message).await,
        _ => {
            let eyes = PreviewAs::parse(&console, &member, &form).await?;
            let found = EditorState {
                preview_secret: Some(shown(&console, &member, message, eyes.contact).await?),
                preview_note: eyes.note,
                ..EditorState::default()
            };
            editor::show(&editor, form, found).await
        }
    }
}

async fn send(
    editor: &EditorContext<'_>,
    form: Form,
    mut message: MessageDraft,
    fingerprint: Digest,
) -> Result<Response, ConsoleError> {
    let EditorContext { console, member, .. } = *editor;
    let site = member.site.id;
    // Idempotent: the key is in the page, so that pressing twice sends once.
    let once = form
        .trimmed("once")
        .map(|key| IdempotentRequest { key: format!("console-{key}"), fingerprint });
    let soon = console.app.now().plus(UNDO_WINDOW);
    let at_once = message.publish_at.is_none_or(|at| at < soon);
    if at_once {
        message.publish_at = Some(soon);
    }
    let act = if at_once { "message.published" } else { "message.scheduled" };
    let earlier = match &once {
        Some(once) => console.app.earlier_publish(site, once).await?,
        None => None,
    };
    let receipt = match earlier {
        Some(receipt) => receipt,
        None => match member
            .with_audit_as(console, act, "", console.app.publish(site, message, once.as_ref()))
            .await
        {
            Ok(receipt) => receipt,
            Err(AppError::ValidationError(invalid)) => {
                let invalid = draft::at_form_field(&form, invalid);
                return editor::show(editor, form.rejected(invalid), EditorState::default()).await;
            }
            Err(AppError::TooManySegments) => {
                let invalid = ValidationError::new("audience", errors::TOO_MANY_SEGMENTS_IN_USE);
                return editor::show(editor, form.rejected(invalid), EditorState::default()).await;
            }
            Err(other) => return Err(other.into()),
        },
    };
    if !at_once {
        member.flash_success(phrases::SCHEDULED_DONE.t(member.lang)).await?;
    }
    Ok(redirect(&member.path(&format!("messages/{}", receipt.id))))
}

async fn test(
    editor: &EditorContext<'_>,
    form: Form,
    message: MessageDraft,
) -> Result<Response, ConsoleError> {
    let EditorContext { console, member, .. } = *editor;
    let (lang, site) = (member.lang, member.site.id);
    let typed = form.get("test").trim().to_owned();
    let PreviewAs { contact, note: preview_note } =
        PreviewAs::parse(console, member, &form).await?;
    let preview_secret = Some(shown(console, member, message.clone(), contact).await?);
    match preview::named(console, site, &typed).await {
        Ok(contact) => {
            member
                .with_audit_as(
                    console,
                    "message.tested",
                    "",
                    console.app.send_test(site, message, contact.id),
                )
                .await?;
            let notice = Some(phrases::TRIED.with(lang, &[("name", &typed)]));
            editor::show(
                editor,
                form,
                EditorState { preview_secret, notice, preview_note, ..EditorState::default() },
            )
            .await
        }
        Err(AppError::NotFound | AppError::ValidationError(_)) => {
            let form = form.rejected(ValidationError::new("test", phrases::NOBODY.into()));
            editor::show(
                editor,
                form,
                EditorState { preview_secret, preview_note, ..EditorState::default() },
            )
            .await
        }
        Err(other) => Err(other.into()),
    }
}

/// For the script: the audience's size, the preview's secret and persona, and the first error.
pub(super) async fn check(
    State(console): State<Console>,
    member: Member,
    form: Form,
) -> Result<Response, ConsoleError> {
    member.require_role(Role::Editor)?;
    let settings = console.app.settings(member.site.id).await?;
    let former = stored_message(&console, &member, &form).await?;
    // The preview needs neither audience nor times.
    let alone =
        form.clone().with("audience", "everyone").with("publishAt", "").with("expiresAt", "");
    let languages = draft::languages(&member, &settings, &form);
    let read = WrittenMessage::read(&alone, &member, &languages, None)
        .and_then(|written| written.validate(&alone, console.app.now()));
    let recipients = if form.contains("count") {
        let audience_summary =
            audience::reach(&console, member.site.id, &form, former.as_ref()).await?;
        Some(audience::reach_text(&member, audience_summary))
    } else {
        None
    };
    let eyes = PreviewAs::parse(&console, &member, &form).await?;
    let (secret, problem) = match read {
        Ok(draft) => (Some(shown(&console, &member, draft, eyes.contact).await?), None),
        Err(invalid) => {
            (None, Some(json!({ "field": invalid.field, "reason": invalid.reason.t(member.lang) })))
        }
    };
    Ok(Json(
        json!({ "secret": secret, "reach": recipients, "problem": problem, "note": eyes.note }),
    )
    .into_response())
}
