//! Handlers of the window's actions other than sending, and the window's responses.

use super::{
    WindowState,
    error::WindowError,
    exchange,
    form::{self, Failure, OpenWindow, WindowLanguage},
    security_headers,
    view::{ComposerDraft, Frame, WindowView},
};
use crate::params::Params;
use axum::{
    extract::{Path, Request, State},
    http::{HeaderValue, StatusCode, header},
    response::{Html, IntoResponse, Response},
};
use belfry_domain::channel::{
    ConversationChange, ConversationMessageId, ConversationStatus, MessageWindow, StatusChange,
};
use belfry_locales::phrases::errors;

/// Returns the present window, or an older page of its thread.
pub(super) async fn view(
    State(window): State<WindowState>,
    Path(conversation): Path<String>,
    request: Request,
) -> Response {
    answer(&window, &conversation, request, async |_, _, _| Ok(None)).await
}

/// Returns the parts that the script replaces.
pub(super) async fn part(
    State(window): State<WindowState>,
    Path(conversation): Path<String>,
    request: Request,
) -> Response {
    let spoken = WindowLanguage::from_uri(request.uri());
    match form::read(&window, &conversation, request).await {
        Ok((opened, params)) => {
            parts(&window, &conversation, &spoken, &opened, before(&params)).await
        }
        Err(failure) => failure.error.into_text(spoken.lang),
    }
}

/// Performs an action, and returns the window after it.
pub(super) async fn act(
    State(window): State<WindowState>,
    Path(conversation): Path<String>,
    request: Request,
) -> Response {
    answer(&window, &conversation, request, async |window, opened, params| {
        let command = params.text("do").unwrap_or_default();
        let (act, of) = command.split_once(' ').unwrap_or((&command, ""));
        perform(window, opened, params, act, of).await
    })
    .await
}

/// Returns a long message in full, as text.
pub(super) async fn whole(
    State(window): State<WindowState>,
    Path(conversation): Path<String>,
    request: Request,
) -> Response {
    let spoken = WindowLanguage::from_uri(request.uri());
    let (opened, params) = match form::read(&window, &conversation, request).await {
        Ok(read) => read,
        Err(failure) => return exchange::error_page(&window, &conversation, spoken, failure).await,
    };
    let full_message = async {
        let message = params
            .text("message")
            .unwrap_or_default()
            .parse()
            .map_err(|_| WindowError::NotFound)?;
        Ok(window
            .app
            .conversation_message(&opened.session.caller, (opened.number(), message))
            .await?)
    };
    match full_message.await {
        Ok(full_message) => {
            let text =
                [(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"))];
            security_headers::private(
                (text, full_message.message.content.unwrap_or_default()).into_response(),
            )
        }
        Err(error) => {
            exchange::error_page(&window, &conversation, spoken, opened.failure(error)).await
        }
    }
}

/// The status of actions that have no visible result.
const NO_CONTENT: Option<StatusCode> = Some(StatusCode::NO_CONTENT);

async fn perform(
    window: &WindowState,
    opened: &OpenWindow,
    params: &Params,
    act: &str,
    of: &str,
) -> Result<Option<StatusCode>, WindowError> {
    let (inbox, caller, number) = (&window.app, &opened.session.caller, opened.number());
    let (me, assignee) = (caller.agent.id, opened.view.conversation.assignee);
    let status = |status| ConversationChange {
        status: Some(StatusChange::To(status, None)),
        ..ConversationChange::default()
    };
    match act {
        "join" | "take" if assignee != Some(me) => {
            drop(inbox.assign(caller, number, Some(me)).await?);
        }
        "leave" if assignee == Some(me) => drop(inbox.assign(caller, number, None).await?),
        // The assignment is already as requested.
        "join" | "take" | "leave" => {}
        "watch" => drop(inbox.watch_conversation(caller, number, true).await?),
        "unwatch" => drop(inbox.watch_conversation(caller, number, false).await?),
        "resolve" => drop(
            inbox.update_conversation(caller, number, status(ConversationStatus::Resolved)).await?,
        ),
        "reopen" => {
            drop(
                inbox.update_conversation(caller, number, status(ConversationStatus::Open)).await?,
            );
        }
        "retry" => {
            let message: ConversationMessageId = of.parse().map_err(|_| WindowError::NotFound)?;
            inbox.retry_message(caller, (number, message)).await?;
        }
        "seen" => {
            // Every seen event reaches other clients, and a window may post several.
            if inbox.conversation(caller, number).await?.unread_count > 0 {
                inbox.mark_seen_by_agent(caller, number).await?;
            }
            return Ok(NO_CONTENT);
        }
        "typing" => {
            inbox
                .publish_typing(
                    caller,
                    number,
                    of == "on",
                    params.text("kind").as_deref() == Some("note"),
                )
                .await?;
            return Ok(NO_CONTENT);
        }
        _ => {
            return Err(belfry_domain::ValidationError::new("do", errors::NOT_INCLUDED).into());
        }
    }
    Ok(None)
}

/// Parses the form, runs the action, and responds: to the script with parts or an error text,
/// otherwise with the whole window, which contains rejected input again.
pub(super) async fn answer(
    window: &WindowState,
    conversation: &str,
    request: Request,
    act: impl AsyncFnOnce(
        &WindowState,
        &OpenWindow,
        &mut Params,
    ) -> Result<Option<StatusCode>, WindowError>,
) -> Response {
    let spoken = WindowLanguage::from_uri(request.uri());
    let is_quick = request.headers().contains_key(SCRIPT_HEADER);
    let (opened, mut params) = match form::read(window, conversation, request).await {
        Ok(read) => read,
        Err(failure) if is_quick => return failure.error.into_text(spoken.lang),
        Err(Failure { error, opened: Some(opened), .. }) if error.is_recoverable() => {
            let typed = ComposerDraft {
                problem: Some(error.text(spoken.lang)),
                ..ComposerDraft::default()
            };
            let response =
                seen_window(window, conversation, spoken, &opened, None, typed, error.status())
                    .await;
            return error.with_retry_after(response);
        }
        Err(failure) => return exchange::error_page(window, conversation, spoken, failure).await,
    };
    let outcome = act(window, &opened, &mut params).await;
    let mut typed = ComposerDraft {
        content: params.text("content").unwrap_or_default().replace("\r\n", "\n"),
        is_note: params.text("kind").as_deref() == Some("note"),
        problem: None,
    };
    match outcome {
        Ok(Some(status)) if is_quick => security_headers::private(status.into_response()),
        Ok(_) if is_quick => parts(window, conversation, &spoken, &opened, before(&params)).await,
        Ok(_) => {
            seen_window(
                window,
                conversation,
                spoken,
                &opened,
                before(&params),
                typed,
                StatusCode::OK,
            )
            .await
        }
        Err(error) if is_quick => error.into_text(spoken.lang),
        Err(error) if error.is_recoverable() => {
            typed.problem = Some(error.text(spoken.lang));
            let response =
                seen_window(window, conversation, spoken, &opened, None, typed, error.status())
                    .await;
            error.with_retry_after(response)
        }
        Err(error) => {
            exchange::error_page(window, conversation, spoken, opened.failure(error)).await
        }
    }
}

/// The header by which the script requests parts.
pub(super) const SCRIPT_HEADER: &str = "x-belfry-window";

fn before(params: &Params) -> Option<ConversationMessageId> {
    params.text("before").and_then(|before| before.parse().ok())
}

async fn parts(
    state: &WindowState,
    conversation: &str,
    spoken: &WindowLanguage,
    window: &OpenWindow,
    before: Option<ConversationMessageId>,
) -> Response {
    let messages = MessageWindow { before, ..MessageWindow::default() };
    let found = match state
        .app
        .conversation_messages(&window.session.caller, window.number(), messages)
        .await
    {
        Ok(found) => found,
        Err(error) => return WindowError::from(error).into_text(spoken.lang),
    };
    let frame = Frame { window: state, site: None, conversation, language: spoken };
    let draft = ComposerDraft::default();
    let (now, file_bytes) = (state.app.now(), state.app.max_attachment_bytes());
    let shown = WindowView {
        frame: &frame,
        window,
        messages: &found,
        is_past: before.is_some(),
        draft,
        now,
        file_bytes,
    };
    security_headers::private(Html(shown.partial()).into_response())
}

/// The whole window after a request without a script; such a request also marks the conversation as
/// seen. The script posts that separately.
async fn seen_window(
    state: &WindowState,
    conversation: &str,
    spoken: WindowLanguage,
    opened: &OpenWindow,
    before: Option<ConversationMessageId>,
    typed: ComposerDraft,
    status: StatusCode,
) -> Response {
    let response = whole_window(state, conversation, spoken, opened, before, typed, status).await;
    // The response still marks as new what was new before this request.
    if opened.view.unread_count > 0 && response.status() == status {
        let _ = state.app.mark_seen_by_agent(&opened.session.caller, opened.number()).await;
    }
    response
}

/// The whole window.
pub(super) async fn whole_window(
    state: &WindowState,
    conversation: &str,
    spoken: WindowLanguage,
    window: &OpenWindow,
    before: Option<ConversationMessageId>,
    draft: ComposerDraft,
    status: StatusCode,
) -> Response {
    let (caller, number) = (&window.session.caller, window.number());
    let messages = MessageWindow { before, ..MessageWindow::default() };
    let loaded = async {
        let conversation_messages =
            state.app.conversation_messages(caller, number, messages).await?;
        let site =
            state.app.site(caller.site).await.map_err(belfry_app::channel::ChannelError::from)?;
        Ok::<_, WindowError>((conversation_messages, site))
    };
    let (found, site) = match loaded.await {
        Ok(loaded) => loaded,
        Err(error) => {
            return exchange::error_page(state, conversation, spoken, window.failure(error)).await;
        }
    };
    let language = spoken.or_site_language(Some(&site));
    let frame = Frame { window: state, site: Some(&site), conversation, language: &language };
    let (now, file_bytes) = (state.app.now(), state.app.max_attachment_bytes());
    let shown = WindowView {
        frame: &frame,
        window,
        messages: &found,
        is_past: before.is_some(),
        draft,
        now,
        file_bytes,
    };
    security_headers::document(&state.public_url, Some(&site), status, shown.document())
}
