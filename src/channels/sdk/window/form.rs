//! Parses and authenticates the window's forms. Files are read only after the token, which precedes
//! them, was verified.

use super::{WindowState, error::WindowError};
use crate::params::Params;
use axum::{
    extract::{ConnectInfo, Request},
    http::{HeaderMap, HeaderValue, Uri, request},
};
use belfry_app::rate_limit::ClientPrefix;
use belfry_domain::{
    Language, Site, SiteId,
    channel::{ConversationId, ConversationNumber, ConversationView},
    sdk::SdkSession,
};
use belfry_locales::UiLanguage;
use std::net::SocketAddr;

/// The field of the window's token.
pub(super) const TOKEN_FIELD: &str = "k";
/// Maximum length of `lang`.
const MAX_TAG_CHARS: usize = 35;

/// An authenticated window session, with its conversation.
pub(super) struct OpenWindow {
    pub session: SdkSession,
    pub view: ConversationView,
    pub token: String,
}

impl OpenWindow {
    pub(super) fn number(&self) -> ConversationNumber {
        self.view.conversation.number
    }

    pub(super) fn failure(&self, error: WindowError) -> Failure {
        Failure { error, site: Some(self.session.caller.site), opened: None }
    }
}

/// The window's language, and the requested one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct WindowLanguage {
    pub lang: UiLanguage,
    pub is_right_to_left: bool,
    /// The requested tag; empty if it isn't a tag.
    pub requested: String,
    /// The tag that links keep in their query.
    pub tag: String,
}

impl WindowLanguage {
    /// Parses the `lang` parameter of a URI.
    pub(super) fn from_uri(uri: &Uri) -> Self {
        let pairs = url::form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes());
        let asked = pairs
            .take(20)
            .find(|(name, _)| name == "lang")
            .map(|(_, value)| value.into_owned())
            .unwrap_or_default();
        Self::by_tag(&asked)
    }

    fn by_tag(asked: &str) -> Self {
        let is_tag = asked.len() <= MAX_TAG_CHARS
            && asked
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
        let asked = if is_tag { asked } else { "" };
        let language = asked.replace('_', "-").parse::<Language>().ok();
        Self {
            lang: UiLanguage::from_tag(asked),
            is_right_to_left: language.is_some_and(|language| language.is_right_to_left()),
            requested: asked.to_owned(),
            tag: asked.to_owned(),
        }
    }

    /// Falls back to the site's language if none was requested.
    pub(super) fn or_site_language(self, site: Option<&Site>) -> Self {
        match site {
            Some(site) if self.requested.is_empty() => {
                Self { requested: String::new(), ..Self::by_tag(site.language.as_str()) }
            }
            _ => self,
        }
    }
}

/// The client's address prefix, for rate limits.
pub(super) fn client(parts: &request::Parts) -> ClientPrefix {
    ClientPrefix::of(
        parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| peer.ip()),
    )
}

/// Rejects a form posted by a page of another site, if the browser reports it. An attacker can't
/// make an agent use a window that somebody else opened.
pub(super) fn check_same_origin(headers: &HeaderMap) -> Result<(), WindowError> {
    let source = headers.get("sec-fetch-site").map(HeaderValue::as_bytes);
    if matches!(source, None | Some(b"same-origin")) {
        Ok(())
    } else {
        Err(WindowError::CrossOrigin)
    }
}

/// Why a form was rejected, and the authenticated site, if any: only its pages may frame the
/// response, whatever the path names.
pub(super) struct Failure {
    pub error: WindowError,
    pub site: Option<SiteId>,
    /// The window, if its own form couldn't be parsed.
    pub opened: Option<Box<OpenWindow>>,
}

impl From<WindowError> for Failure {
    fn from(error: WindowError) -> Self {
        Self { error, site: None, opened: None }
    }
}

/// Removes the query: secrets are not accepted from a URI, because logs may contain it.
pub(super) fn without_query(mut request: Request) -> Request {
    let path = request.uri().path().parse().unwrap_or_default();
    *request.uri_mut() = path;
    request
}

/// Parses and authenticates a form of this conversation's window.
pub(super) async fn read(
    window: &WindowState,
    conversation: &str,
    request: Request,
) -> Result<(OpenWindow, Params), Failure> {
    let (parts, body) = without_query(request).into_parts();
    check_same_origin(&parts.headers)?;
    let client = client(&parts);
    let mut proven = None;
    let prove = async |params: &Params| {
        let result = session(window, params).await;
        let is_proven = result.is_ok();
        proven = Some(result);
        is_proven
    };
    let read =
        Params::read_verified(Request::from_parts(parts, body), window.body_limits(), prove).await;
    let proven = match (proven, &read) {
        (Some(proven), _) => proven,
        (None, Ok(params)) => session(window, params).await,
        (None, Err(error)) => return Err(WindowError::from(*error).into()),
    };
    let (session, token) = proven.map_err(|error| match error {
        WindowError::Ended => window
            .rejections
            .check(&client)
            .map_or_else(|rate_limit| WindowError::TooMany(rate_limit.reset), |_| error),
        _ => error,
    })?;
    let site = session.caller.site;
    let failed = |error| Failure { error, site: Some(site), opened: None };
    window
        .requests
        .check(&(site, session.caller.agent.id))
        .map_err(|rate_limit| failed(WindowError::TooMany(rate_limit.reset)))?;
    let view = conversation_of(window, &session, conversation).await.map_err(failed)?;
    let opened = OpenWindow { session, view, token };
    match read {
        Ok(params) => Ok((opened, params)),
        Err(error) => {
            Err(Failure { error: error.into(), site: Some(site), opened: Some(Box::new(opened)) })
        }
    }
}

async fn session(
    window: &WindowState,
    params: &Params,
) -> Result<(SdkSession, String), WindowError> {
    let token =
        params.text(TOKEN_FIELD).filter(|token| !token.is_empty()).ok_or(WindowError::Ended)?;
    Ok((window.app.sdk_session(&token).await?, token))
}

/// The session's conversation, if it has this name.
pub(super) async fn conversation_of(
    window: &WindowState,
    session: &SdkSession,
    name: &str,
) -> Result<ConversationView, WindowError> {
    let number = session.window.ok_or(WindowError::NotFound)?;
    let id: ConversationId = name.parse().map_err(|_| WindowError::NotFound)?;
    let view = window.app.conversation(&session.caller, number).await?;
    if view.conversation.uuid == id { Ok(view) } else { Err(WindowError::NotFound) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spoken(uri: &str) -> (UiLanguage, bool, String) {
        let spoken = WindowLanguage::from_uri(&uri.parse().unwrap());
        (spoken.lang, spoken.is_right_to_left, spoken.requested)
    }

    #[test]
    fn language_comes_from_the_query() {
        assert_eq!(spoken("/a?lang=uk-UA"), (UiLanguage::from_tag("uk"), false, "uk-UA".into()));
        assert_eq!(spoken("/a?x=1&lang=ar"), (UiLanguage::ENGLISH, true, "ar".into()));
        assert_eq!(spoken("/a?lang=he_IL"), (UiLanguage::ENGLISH, true, "he_IL".into()));
        for none in [
            "/a",
            "/a?lang=",
            "/a?lang=%22%3E%3Cscript%3E",
            "/a?lang=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        ] {
            assert_eq!(spoken(none), (UiLanguage::ENGLISH, false, String::new()), "{none}");
        }
    }

    #[test]
    fn cross_site_form_is_rejected() {
        let from = |site: Option<&'static str>| {
            let headers = site.map(|site| {
                (
                    axum::http::HeaderName::from_static("sec-fetch-site"),
                    HeaderValue::from_static(site),
                )
            });
            check_same_origin(&headers.into_iter().collect()).is_ok()
        };
        assert!(from(None) && from(Some("same-origin")));
        assert!(!from(Some("cross-site")) && !from(Some("same-site")) && !from(Some("none")));
    }
}
