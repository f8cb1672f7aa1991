//! Extractors: the inbox that the path names, and the session.

use super::{PublicState, error::PublicError};
use axum::{
    extract::{ConnectInfo, FromRequestParts, RawPathParams},
    http::request::Parts,
};
use belfry_app::rate_limit::ClientPrefix;
use belfry_content::wire::Renderer;
use belfry_domain::channel::{
    ConversationMessageId, ConversationNumber, InboxWithSecrets, SessionView,
};
use belfry_runtime::fair_scheduler;
use std::{net::SocketAddr, str::FromStr};

/// The decoded parameters of a path.
#[derive(Debug, Clone, Default)]
pub(super) struct PathParams(Vec<(String, String)>);

impl PathParams {
    pub(super) fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(other, _)| other == name).map_or("", |(_, value)| value)
    }

    fn number<T: FromStr>(&self, name: &str) -> Result<T, PublicError> {
        self.get(name).parse().map_err(|_| PublicError::not_found())
    }

    pub(super) fn conversation(&self) -> Result<ConversationNumber, PublicError> {
        self.number("conversation_id")
    }

    pub(super) fn message(&self) -> Result<ConversationMessageId, PublicError> {
        self.number("message_id")
    }
}

/// A request to an existing inbox.
pub(super) struct InboxRequest {
    pub(super) inbox: InboxWithSecrets,
    pub(super) address: ClientPrefix,
    pub(super) path: PathParams,
}

/// A request in an existing session.
pub(super) struct SessionRequest {
    pub(super) inbox: InboxRequest,
    pub(super) session: SessionView,
}

impl InboxRequest {
    pub(super) fn renderer<'a>(&self, public: &'a PublicState) -> Renderer<'a> {
        Renderer {
            public_url: &public.origin,
            site: self.inbox.inbox.site,
            now: public.app.now(),
            presence: &*public.presence,
        }
    }
}

impl FromRequestParts<PublicState> for InboxRequest {
    type Rejection = PublicError;

    async fn from_request_parts(
        parts: &mut Parts,
        public: &PublicState,
    ) -> Result<Self, PublicError> {
        let address = ClientPrefix::of(
            parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| peer.ip()),
        );
        public.limiter.check_address(address)?;
        let params = RawPathParams::from_request_parts(parts, public)
            .await
            .map_err(|_| PublicError::not_found())?;
        let path = PathParams(
            params.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
        );
        let inbox = public.app.open_channel_inbox(path.get("inbox_identifier")).await?;
        fair_scheduler::set_current_site(inbox.inbox.site);
        public.limiter.check_inbox(inbox.inbox.id)?;
        Ok(Self { inbox, address, path })
    }
}

impl FromRequestParts<PublicState> for SessionRequest {
    type Rejection = PublicError;

    async fn from_request_parts(
        parts: &mut Parts,
        public: &PublicState,
    ) -> Result<Self, PublicError> {
        let inbox = InboxRequest::from_request_parts(parts, public).await?;
        let session = public.app.contact_session(&inbox.inbox, inbox.path.get("source_id")).await?;
        public.limiter.check_session(session.session.id)?;
        Ok(Self { inbox, session })
    }
}
