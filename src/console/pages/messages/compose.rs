//! Handlers of the message editor: preview, count, test, review, send, save.

use super::{
    audience, draft,
    draft::at,
    edit_conflict,
    editor::{self, EditorContext, EditorMode, EditorState},
    phrases,
    preview::{self, PreviewAs},
    review,
};
use crate::{
    app::AppError,
    console::{
        Console,
        edit_conflict::REVISION_FIELD,
        error::ConsoleError,
        error_translations,
        form::Form,
        request_context::{Member, redirect},
    },
    domain::{
        ContactId, Digest, Idempotency, Language, Message, MessageDraft, MessageId, MessageState,
        Role, SiteSettings, ValidationError,
    },
};
use axum::{
    Json,
    extract::{Path, Query, State},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};
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
    let settings = console.inbox.settings(member.site.id).await?;
    let desk = EditorContext {
        console: &console,
        member: &member,
        settings: &settings,
        task: EditorMode::Write,
        former: None,
    };
    let form = Form::filled(Vec::new()).with("test", member.account.email.as_str());
    let form = match asked.segment {
        Some(segment) => form.with("audience", "segment").with("segment", segment),
        None => form.with("audience", "everyone"),
    };
    editor::show(&desk, form, EditorState::default()).await
}

pub(super) async fn duplicate(
    State(console): State<Console>,
    member: Member,
    Path((_, id)): Path<(String, String)>,
) -> Result<Response, ConsoleError> {
    member.may(Role::Editor)?;
    let message = console.inbox.message(member.site.id, named(&id)?).await?;
    let settings = console.inbox.settings(member.site.id).await?;
    let desk = EditorContext {
        console: &console,
        member: &member,
        settings: &settings,
        task: EditorMode::Copy,
        former: Some(&message),
    };
    let found = EditorState {
        secret: Some(shown(&console, &member, preview::again(&message), None)),
        ..EditorState::default()
    };
    let form = draft::form_of(&message, None).with("test", member.account.email.as_str());
    editor::show(&desk, form, found).await
}

/// How a stored message can be edited, by its state.
fn task_of(message: &Message, console: &Console) -> Option<EditorMode> {
    match MessageState::of(message, console.inbox.now()) {
        MessageState::Scheduled => Some(EditorMode::Reschedule),
        MessageState::Live | MessageState::Expired => Some(EditorMode::Correct),
        MessageState::Recalled => None,
    }
}

pub(super) async fn edit(
    State(console): State<Console>,
    member: Member,
    Path((_, id)): Path<(String, String)>,
) -> Result<Response, ConsoleError> {
    member.may(Role::Editor)?;
    let message = console.inbox.message(member.site.id, named(&id)?).await?;
    let Some(task) = task_of(&message, &console) else {
        member.failed(phrases::NOT_EDITABLE.t(member.lang)).await?;
        return Ok(redirect(&member.path(&format!("messages/{id}"))));
    };
    let settings = console.inbox.settings(member.site.id).await?;
    let desk = EditorContext {
        console: &console,
        member: &member,
        settings: &settings,
        task,
        former: Some(&message),
    };
    let found = EditorState {
        secret: Some(shown(&console, &member, preview::again(&message), None)),
        ..EditorState::default()
    };
    editor::show(&desk, draft::form_of(&message, Some(&member.zone)), found).await
}

/// Stores a draft for the preview and returns its secret.
fn shown(
    console: &Console,
    member: &Member,
    draft: MessageDraft,
    reader: Option<ContactId>,
) -> String {
    console.inbox.show_draft(member.site.id, draft, reader).reveal().to_owned()
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
        match console.inbox.keep_picture(member.site.id, bytes.to_vec()).await {
            Ok(path) => {
                form = form.with(&at(&language, "image"), format!("{}{path}", console.public_url));
            }
            Err(AppError::ValidationError(invalid)) => {
                form.refuse(ValidationError::new(at(&language, "file"), invalid.reason));
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
    match console.inbox.message(member.site.id, id).await {
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
) -> Result<Result<(MessageDraft, Value), ValidationError>, ConsoleError> {
    let languages = draft::languages(member, settings, form);
    let (message, json) =
        match draft::message(form, member, &languages, former, console.inbox.now()) {
            Ok(read) => read,
            Err(invalid) => return Ok(Err(invalid)),
        };
    let looked_up = console.inbox.preview_message(member.site.id, Ok(message.clone())).await?;
    Ok(match looked_up.problems.into_iter().next() {
        Some(invalid) => Err(draft::at_form_field(form, member, invalid)),
        None => Ok((message, json)),
    })
}

pub(super) async fn write(
    State(console): State<Console>,
    member: Member,
    form: Form,
) -> Result<Response, ConsoleError> {
    member.may(Role::Editor)?;
    let settings = console.inbox.settings(member.site.id).await?;
    let form = keep_pictures(&console, &member, form).await?;
    let former = stored_message(&console, &member, &form).await?;
    let task = if former.is_some() { EditorMode::Copy } else { EditorMode::Write };
    let desk = EditorContext {
        console: &console,
        member: &member,
        settings: &settings,
        task,
        former: former.as_ref(),
    };
    if form.is_refused() {
        return editor::show(&desk, form, EditorState::default()).await;
    }
    let to_do = form.get("do").to_owned();
    if to_do == "count" {
        let reach = audience::reach(&console, member.site.id, &form, former.as_ref()).await?;
        let found =
            EditorState { reach: audience::reach_text(&member, reach), ..EditorState::default() };
        return editor::show(&desk, form, found).await;
    }
    let read = read(&console, &member, &settings, &form, former.as_ref()).await?;
    let (message, json) = match (read, to_do.as_str()) {
        (Ok(read), _) => read,
        // Going back to the editor shows no errors.
        (Err(_), "edit") => return editor::show(&desk, form, EditorState::default()).await,
        (Err(invalid), _) => {
            return editor::show(&desk, form.refused(invalid), EditorState::default()).await;
        }
    };
    match to_do.as_str() {
        "review" => review::show(&desk, &form, &message).await,
        "send" => send(&desk, form, message, &json).await,
        "test" => test(&desk, form, message).await,
        _ => {
            let eyes = PreviewAs::of(&console, &member, &form).await?;
            let found = EditorState {
                secret: Some(shown(&console, &member, message, eyes.contact)),
                note: eyes.note,
                ..EditorState::default()
            };
            editor::show(&desk, form, found).await
        }
    }
}

async fn send(
    desk: &EditorContext<'_>,
    form: Form,
    mut message: MessageDraft,
    json: &Value,
) -> Result<Response, ConsoleError> {
    let EditorContext { console, member, .. } = *desk;
    let site = member.site.id;
    // Idempotent: the key is in the page, so that pressing twice sends once.
    let once = form.maybe("once").map(|key| Idempotency {
        key: format!("console-{key}"),
        fingerprint: Digest::of(&json.to_string()),
    });
    let soon = console.inbox.now().plus(UNDO_WINDOW);
    let at_once = message.publish_at.is_none_or(|at| at < soon);
    if at_once {
        message.publish_at = Some(soon);
    }
    let act = if at_once { "message.published" } else { "message.scheduled" };
    let earlier = match &once {
        Some(once) => console.inbox.earlier_publish(site, once).await?,
        None => None,
    };
    let receipt = match earlier {
        Some(receipt) => receipt,
        None => match member
            .acting(console, act, "", console.inbox.publish(site, message, once.as_ref()))
            .await
        {
            Ok(receipt) => receipt,
            Err(AppError::ValidationError(invalid)) => {
                let invalid = draft::at_form_field(&form, member, invalid);
                return editor::show(desk, form.refused(invalid), EditorState::default()).await;
            }
            Err(AppError::TooManySegments) => {
                let invalid =
                    ValidationError::new("audience", AppError::TooManySegments.to_string());
                return editor::show(desk, form.refused(invalid), EditorState::default()).await;
            }
            Err(other) => return Err(other.into()),
        },
    };
    if !at_once {
        member.done(phrases::SCHEDULED_DONE.t(member.lang)).await?;
    }
    Ok(redirect(&member.path(&format!("messages/{}", receipt.id))))
}

async fn test(
    desk: &EditorContext<'_>,
    form: Form,
    message: MessageDraft,
) -> Result<Response, ConsoleError> {
    let EditorContext { console, member, .. } = *desk;
    let (lang, site) = (member.lang, member.site.id);
    let typed = form.get("test").trim().to_owned();
    let PreviewAs { contact, note } = PreviewAs::of(console, member, &form).await?;
    let secret = Some(shown(console, member, message.clone(), contact));
    match preview::named(console, site, &typed).await {
        Ok(contact) => {
            member
                .acting(
                    console,
                    "message.tested",
                    "",
                    console.inbox.send_test(site, message, contact.id),
                )
                .await?;
            let told = Some(phrases::TRIED.with(lang, &[("name", &typed)]));
            editor::show(desk, form, EditorState { secret, told, note, ..EditorState::default() })
                .await
        }
        Err(AppError::NotFound | AppError::ValidationError(_)) => {
            let form = form.refused(ValidationError::new("test", phrases::NOBODY.t(lang)));
            editor::show(desk, form, EditorState { secret, note, ..EditorState::default() }).await
        }
        Err(other) => Err(other.into()),
    }
}

pub(super) async fn rewrite(
    State(console): State<Console>,
    member: Member,
    Path((_, id)): Path<(String, String)>,
    form: Form,
) -> Result<Response, ConsoleError> {
    member.may(Role::Editor)?;
    let site = member.site.id;
    let message = console.inbox.message(site, named(&id)?).await?;
    let Some(task) = task_of(&message, &console) else { return Err(ConsoleError::NotFound) };
    let settings = console.inbox.settings(site).await?;
    let form = keep_pictures(&console, &member, form).await?;
    let desk = EditorContext {
        console: &console,
        member: &member,
        settings: &settings,
        task,
        former: Some(&message),
    };
    if form.is_refused() {
        return editor::show(&desk, form, EditorState::default()).await;
    }
    if form.get("do") == "count" {
        let reach = audience::reach(&console, site, &form, Some(&message)).await?;
        let found =
            EditorState { reach: audience::reach_text(&member, reach), ..EditorState::default() };
        return editor::show(&desk, form, found).await;
    }
    let languages = draft::languages(&member, &settings, &form);
    let edit = match draft::edit(
        &form,
        &member,
        &languages,
        &message,
        task == EditorMode::Reschedule,
        console.inbox.now(),
    ) {
        Ok(edit) => edit,
        Err(invalid) => {
            return editor::show(&desk, form.refused(invalid), EditorState::default()).await;
        }
    };
    if form.get("do") != "save" {
        let draft =
            MessageDraft { content: edit.content.unwrap_or_default(), ..preview::again(&message) };
        let eyes = PreviewAs::of(&console, &member, &form).await?;
        let found = EditorState {
            secret: Some(shown(&console, &member, draft, eyes.contact)),
            note: eyes.note,
            ..EditorState::default()
        };
        return editor::show(&desk, form, found).await;
    }
    match member
        .acting(
            &console,
            "message.edited",
            &id,
            console.inbox.edit(site, message.id, &edit, form.maybe(REVISION_FIELD)),
        )
        .await
    {
        Ok(_) => {
            member.done(phrases::EDITED.t(member.lang)).await?;
            Ok(redirect(&member.path(&format!("messages/{id}"))))
        }
        Err(AppError::Changed) => {
            let now = console.inbox.message(site, message.id).await?;
            let goes_to = audience::name(&console, &member, &now).await?;
            let form = edit_conflict::overtaken(&member, &form, &edit, &now, &languages, &goes_to);
            editor::show(
                &EditorContext { former: Some(&now), ..desk },
                form,
                EditorState::default(),
            )
            .await
        }
        Err(AppError::ValidationError(invalid)) => {
            let invalid = draft::at_form_field(&form, &member, invalid);
            editor::show(&desk, form.refused(invalid), EditorState::default()).await
        }
        // It was published during the edit.
        Err(AppError::NotScheduled) => {
            let invalid = ValidationError::new("publishAt", phrases::TOO_LATE.t(member.lang));
            editor::show(&desk, form.refused(invalid), EditorState::default()).await
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
    member.may(Role::Editor)?;
    let settings = console.inbox.settings(member.site.id).await?;
    let former = stored_message(&console, &member, &form).await?;
    // The preview needs neither audience nor times.
    let alone =
        form.clone().with("audience", "everyone").with("publishAt", "").with("expiresAt", "");
    let languages = draft::languages(&member, &settings, &form);
    let read = draft::message(&alone, &member, &languages, None, console.inbox.now());
    let reach = if form.has("count") {
        let reach = audience::reach(&console, member.site.id, &form, former.as_ref()).await?;
        Some(audience::reach_text(&member, reach))
    } else {
        None
    };
    let eyes = PreviewAs::of(&console, &member, &form).await?;
    let (secret, problem) = match read {
        Ok((draft, _)) => (Some(shown(&console, &member, draft, eyes.contact)), None),
        Err(invalid) => (
            None,
            Some(
                json!({ "field": invalid.field, "reason": error_translations::translate(member.lang, &invalid.reason) }),
            ),
        ),
    };
    Ok(Json(json!({ "secret": secret, "reach": reach, "problem": problem, "note": eyes.note }))
        .into_response())
}
