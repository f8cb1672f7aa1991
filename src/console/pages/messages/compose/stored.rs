//! Handlers of the editor on a stored message: a scheduled one is changed, a published one is
//! corrected. Called by the routes of messages. Must not depend on how a new message is sent.

use super::{
    super::{
        audience, draft, edit_conflict,
        editor::{self, EditorContext, EditorMode, EditorState},
        phrases,
        preview::{self, PreviewAs},
    },
    keep_pictures, named, shown,
};
use crate::{
    Console,
    edit_conflict::REVISION_FIELD,
    error::ConsoleError,
    form::Form,
    request_context::{Member, redirect},
};
use axum::{
    extract::{Path, State},
    response::Response,
};
use belfry_app::AppError;
use belfry_domain::{Message, MessageDraft, MessageState, Role, ValidationError};

/// How a stored message can be edited, by its state.
fn task_of(message: &Message, console: &Console) -> Option<EditorMode> {
    match MessageState::of(message, console.app.now()) {
        MessageState::Scheduled => Some(EditorMode::Reschedule),
        MessageState::Live | MessageState::Expired => Some(EditorMode::Correct),
        MessageState::Recalled => None,
    }
}

pub(in crate::pages::messages) async fn edit(
    State(console): State<Console>,
    member: Member,
    Path((_, id)): Path<(String, String)>,
) -> Result<Response, ConsoleError> {
    member.require_role(Role::Editor)?;
    let message = console.app.message(member.site.id, named(&id)?).await?;
    let Some(mode) = task_of(&message, &console) else {
        member.flash_error(phrases::NOT_EDITABLE.t(member.lang)).await?;
        return Ok(redirect(&member.path(&format!("messages/{id}"))));
    };
    let settings = console.app.settings(member.site.id).await?;
    let editor = EditorContext {
        console: &console,
        member: &member,
        settings: &settings,
        mode,
        stored: Some(&message),
    };
    let found = EditorState {
        preview_secret: Some(shown(&console, &member, preview::again(&message), None).await?),
        ..EditorState::default()
    };
    editor::show(&editor, draft::form_of(&message, Some(&member.zone)), found).await
}

pub(in crate::pages::messages) async fn rewrite(
    State(console): State<Console>,
    member: Member,
    Path((_, id)): Path<(String, String)>,
    form: Form,
) -> Result<Response, ConsoleError> {
    member.require_role(Role::Editor)?;
    let site = member.site.id;
    let message = console.app.message(site, named(&id)?).await?;
    let Some(mode) = task_of(&message, &console) else { return Err(ConsoleError::NotFound) };
    let settings = console.app.settings(site).await?;
    let form = keep_pictures(&console, &member, form).await?;
    let editor = EditorContext {
        console: &console,
        member: &member,
        settings: &settings,
        mode,
        stored: Some(&message),
    };
    if form.has_errors() {
        return editor::show(&editor, form, EditorState::default()).await;
    }
    if form.get("do") == "count" {
        let audience_summary = audience::reach(&console, site, &form, Some(&message)).await?;
        let found = EditorState {
            audience_summary: audience::reach_text(&member, audience_summary),
            ..EditorState::default()
        };
        return editor::show(&editor, form, found).await;
    }
    let languages = draft::languages(&member, &settings, &form);
    let edit = match draft::edit(
        &form,
        &member,
        &languages,
        &message,
        mode == EditorMode::Reschedule,
        console.app.now(),
    ) {
        Ok(edit) => edit,
        Err(invalid) => {
            return editor::show(&editor, form.rejected(invalid), EditorState::default()).await;
        }
    };
    if form.get("do") != "save" {
        let draft =
            MessageDraft { content: edit.content.unwrap_or_default(), ..preview::again(&message) };
        let eyes = PreviewAs::parse(&console, &member, &form).await?;
        let found = EditorState {
            preview_secret: Some(shown(&console, &member, draft, eyes.contact).await?),
            preview_note: eyes.note,
            ..EditorState::default()
        };
        return editor::show(&editor, form, found).await;
    }
    match member
        .with_audit(
            &console,
            &id,
            console.app.edit(site, message.id, &edit, form.trimmed(REVISION_FIELD)),
        )
        .await
    {
        Ok(_) => {
            member.flash_success(phrases::EDITED.t(member.lang)).await?;
            Ok(redirect(&member.path(&format!("messages/{id}"))))
        }
        Err(AppError::Changed) => {
            let now = console.app.message(site, message.id).await?;
            let goes_to = audience::name(&console, &member, &now).await?;
            let form = edit_conflict::overtaken(&member, &form, &edit, &now, &languages, &goes_to);
            editor::show(
                &EditorContext { stored: Some(&now), ..editor },
                form,
                EditorState::default(),
            )
            .await
        }
        Err(AppError::ValidationError(invalid)) => {
            let invalid = draft::at_form_field(&form, invalid);
            editor::show(&editor, form.rejected(invalid), EditorState::default()).await
        }
        // It was published during the edit.
        Err(AppError::NotScheduled) => {
            let invalid = ValidationError::new("publishAt", phrases::TOO_LATE.into());
            editor::show(&editor, form.rejected(invalid), EditorState::default()).await
        }
        Err(other) => Err(other.into()),
    }
}
