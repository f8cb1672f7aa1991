//! Sends a message or a private note, with its files.

use super::{WindowState, actions, error::WindowError, form::OpenWindow};
use crate::params::Params;
use axum::{
    extract::{Path, Request, State},
    response::Response,
};
use belfry_app::channel::{ChannelError, FileUpload};
use belfry_domain::{
    ValidationError,
    channel::{MessageKind, NewMessage},
};

/// Sends the message, and returns the window with an empty composer.
pub(super) async fn send(
    State(window): State<WindowState>,
    Path(conversation): Path<String>,
    request: Request,
) -> Response {
    actions::answer(&window, &conversation, request, async |window, opened, params| {
        let files = params.take_files();
        let had_files = !files.is_empty();
        let sent = match read(window, opened, params, files).await {
            Ok(message) => window
                .app
                .post_message(&opened.session.caller, opened.number(), &message)
                .await
                .map_err(WindowError::from),
            Err(error) => Err(error),
        };
        sent.map_err(|error| match error {
            // The field names mean nothing to a user. Browsers don't keep chosen files after a
            // response.
            WindowError::Invalid(invalid) if had_files => {
                WindowError::WithFiles(ValidationError::new("", invalid.reason))
            }
            WindowError::Invalid(invalid) => ValidationError::new("", invalid.reason).into(),
            other => other,
        })?;
        params.remove("content");
        Ok(None)
    })
    .await
}

async fn read(
    window: &WindowState,
    opened: &OpenWindow,
    params: &Params,
    files: Vec<FileUpload>,
) -> Result<NewMessage, WindowError> {
    let content = params.text("content").unwrap_or_default().replace("\r\n", "\n");
    let content = Some(content.trim_end().to_owned()).filter(|text| !text.trim().is_empty());
    if content.is_none() && files.is_empty() {
        return Err(WindowError::NothingToSend);
    }
    let attachments = window
        .app
        .prepare_attachments(opened.session.caller.site, files)
        .await
        .map_err(ChannelError::from)?;
    let private = params.text("kind").as_deref() == Some("note");
    Ok(NewMessage { content, private, attachments, ..NewMessage::text(MessageKind::Outgoing, "") })
}
