//! The page that reads the code from the fragment, and the exchange of the code for the window.

use super::{
    WindowState, actions,
    error::WindowError,
    form::{self, Failure, OpenWindow, WindowLanguage},
    security_headers,
    view::{self, ComposerDraft, Frame},
};
use crate::params::{BodyLimits, Params};
use axum::{
    extract::{Path, Request, State},
    http::StatusCode,
    response::Response,
};
use belfry_domain::{Site, channel::ConversationId};

/// Maximum size of a form with a code.
const MAX_CODE_BYTES: usize = 4 * 1_024;

/// The site whose pages may frame the conversation's window. Looked up without authentication,
/// because a page that can't be framed couldn't report that its code has expired. It discloses only
/// the origins of the conversation's site.
pub(super) async fn site_of(
    window: &WindowState,
    conversation: &str,
) -> Result<Option<Site>, WindowError> {
    let Ok(id) = conversation.parse::<ConversationId>() else { return Ok(None) };
    Ok(window.app.site_of_conversation(id).await?)
}

/// `GET`: a page without secrets.
pub(super) async fn shell(
    State(window): State<WindowState>,
    Path(conversation): Path<String>,
    request: Request,
) -> Response {
    let spoken = WindowLanguage::from_uri(request.uri());
    let site = match site_of(&window, &conversation).await {
        Ok(site) => site,
        Err(error) => return error_page(&window, &conversation, spoken, error).await,
    };
    if conversation.parse::<ConversationId>().is_err() {
        return error_page(&window, &conversation, spoken, WindowError::NotFound).await;
    }
    // For an unknown conversation it is the same page, which can't be framed.
    let language = spoken.or_site_language(site.as_ref());
    let frame = Frame {
        window: &window,
        site: site.as_ref(),
        conversation: &conversation,
        language: &language,
    };
    security_headers::document(
        &window.public_url,
        site.as_ref(),
        StatusCode::OK,
        view::shell(&frame),
    )
}

/// `POST` with a code: the whole window.
pub(super) async fn exchange(
    State(window): State<WindowState>,
    Path(conversation): Path<String>,
    request: Request,
) -> Response {
    let spoken = WindowLanguage::from_uri(request.uri());
    match authenticate(&window, &conversation, request).await {
        Ok(opened) => {
            actions::whole_window(
                &window,
                &conversation,
                spoken,
                &opened,
                None,
                ComposerDraft::default(),
                StatusCode::OK,
            )
            .await
        }
        Err(error) => error_page(&window, &conversation, spoken, error).await,
    }
}

async fn authenticate(
    window: &WindowState,
    conversation: &str,
    request: Request,
) -> Result<OpenWindow, WindowError> {
    let (parts, body) = form::without_query(request).into_parts();
    form::check_same_origin(&parts.headers)?;
    window
        .codes
        .check(&form::client(&parts))
        .map_err(|rate_limit| WindowError::TooMany(rate_limit.reset))?;
    let params =
        Params::read(Request::from_parts(parts, body), BodyLimits::new(MAX_CODE_BYTES, 0, 0))
            .await?;
    let code = params.text("t").filter(|code| !code.is_empty()).ok_or(WindowError::Ended)?;
    // No conversation has such an id, so no code for it is valid.
    let id: ConversationId = conversation.parse().map_err(|_| WindowError::Ended)?;
    let (session, token) = window.app.exchange_window_code(id, code.trim()).await?;
    let view = form::conversation_of(window, &session, conversation).await?;
    Ok(OpenWindow { session, view, token: token.reveal().to_owned() })
}

/// An error page.
pub(super) async fn error_page(
    window: &WindowState,
    conversation: &str,
    spoken: WindowLanguage,
    failure: impl Into<Failure>,
) -> Response {
    let Failure { error, site, .. } = failure.into();
    let site = match site {
        Some(site) => window.app.site(site).await.ok(),
        None => site_of(window, conversation).await.ok().flatten(),
    };
    let language = spoken.or_site_language(site.as_ref());
    error.into_document(&Frame { window, site: site.as_ref(), conversation, language: &language })
}
