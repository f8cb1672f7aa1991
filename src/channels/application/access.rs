//! Authentication of agents by the `api_access_token` header. Other credentials in the request are
//! ignored.

use super::{ApplicationState, error::ApplicationError};
use axum::{
    extract::{ConnectInfo, FromRequestParts, MatchedPath, RawPathParams, Request, State},
    http::{HeaderMap, request::Parts},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use belfry_app::{
    channel::ChannelError,
    rate_limit::{ClientPrefix, RateLimitStatus},
};
use belfry_domain::{
    Actor,
    channel::{AgentRole, ChannelToken, SignedInAgent},
};
use belfry_runtime::fair_scheduler;
use belfry_web::routes::{APPLICATION_API, Route};
use std::{net::SocketAddr, ops::Deref, sync::Arc};

/// The header with the token. Some proxies drop header names with underscores by default.
pub(super) const TOKEN_HEADER: &str = "api_access_token";

/// An authenticated agent of the site that the path names.
#[derive(Clone)]
pub(super) struct Caller {
    agent: Arc<SignedInAgent>,
    token: ChannelToken,
    route: &'static Route,
}

impl Caller {
    pub(super) fn token(&self) -> &ChannelToken {
        &self.token
    }

    /// Runs a use case and writes an audit entry for this agent, with the action of the route, if it
    /// changed something. An empty `subject` stands for the id of the created object.
    pub(super) async fn with_audit<F: Future>(
        &self,
        application: &ApplicationState,
        subject: &str,
        does: F,
    ) -> F::Output {
        let (actor, action) = (Actor::Agent(self.agent.agent.id), self.route.action());
        application.app.with_audit(actor, Some(self.site), action, subject, None, does).await
    }

    pub(super) fn is_administrator(&self) -> bool {
        self.agent.agent.role == AgentRole::Administrator
    }
}

impl Deref for Caller {
    type Target = SignedInAgent;

    fn deref(&self) -> &SignedInAgent {
        &self.agent
    }
}

impl FromRequestParts<ApplicationState> for Caller {
    type Rejection = ApplicationError;

    async fn from_request_parts(
        parts: &mut Parts,
        _: &ApplicationState,
    ) -> Result<Self, ApplicationError> {
        parts.extensions.get().cloned().ok_or_else(ApplicationError::no_token)
    }
}

/// A caller who is an administrator of the site.
pub(super) struct Administrator(pub(super) Caller);

impl FromRequestParts<ApplicationState> for Administrator {
    type Rejection = ApplicationError;

    async fn from_request_parts(
        parts: &mut Parts,
        application: &ApplicationState,
    ) -> Result<Self, ApplicationError> {
        let caller = Caller::from_request_parts(parts, application).await?;
        if caller.is_administrator() {
            Ok(Self(caller))
        } else {
            Err(ApplicationError::not_allowed())
        }
    }
}

/// Middleware of every route: checks the token, its rate limit, and the account in the path.
pub(super) async fn authenticate(
    State(application): State<ApplicationState>,
    request: Request,
    next: Next,
) -> Response {
    let (mut parts, body) = request.into_parts();
    match check_access(&mut parts, &application).await {
        Ok(rate_limit) => {
            let mut response = next.run(Request::from_parts(parts, body)).await;
            super::limits::write(rate_limit, response.headers_mut());
            response
        }
        Err(error) => error.into_response(),
    }
}

async fn check_access(
    parts: &mut Parts,
    application: &ApplicationState,
) -> Result<RateLimitStatus, ApplicationError> {
    let matched = parts.extensions.get::<MatchedPath>().map(MatchedPath::as_str);
    let route = matched
        .and_then(|path| APPLICATION_API.find(&parts.method, path.trim_end_matches('/')))
        .ok_or_else(ApplicationError::not_found)?;
    let authenticated = match presented_token(&parts.headers) {
        None => Err(ApplicationError::no_token()),
        Some(token) => match application.app.authenticate_agent(&token).await {
            Ok(agent) => Ok(Caller { agent: Arc::new(agent), token, route }),
            Err(ChannelError::Unauthenticated) => Err(ApplicationError::unknown_token()),
            Err(other) => return Err(other.into()),
        },
    };
    let caller = match authenticated {
        Ok(caller) => caller,
        // Counted after the lookup, so an agent with a valid token isn't blocked by failures of
        // others behind the same address.
        Err(error) => {
            let address = parts
                .extensions
                .get::<ConnectInfo<SocketAddr>>()
                .map(|ConnectInfo(peer)| peer.ip());
            let rate_limit = application.limiter.failure(ClientPrefix::of(address))?;
            return Err(error.with_rate_limit(rate_limit));
        }
    };
    fair_scheduler::set_current_site(caller.site);
    let rate_limit = application.limiter.request(caller.agent.agent.id)?;
    let params = RawPathParams::from_request_parts(parts, application).await;
    let named = params.as_ref().ok().and_then(|params| {
        params.iter().find(|(name, _)| *name == "account_id").map(|(_, value)| value.to_owned())
    });
    if named.is_some_and(|account| account.parse() != Ok(caller.account)) {
        return Err(ApplicationError::other_account().with_rate_limit(rate_limit));
    }
    parts.extensions.insert(caller);
    Ok(rate_limit)
}

/// The token, if the request has exactly one.
fn presented_token(headers: &HeaderMap) -> Option<ChannelToken> {
    let mut values = headers.get_all(TOKEN_HEADER).iter();
    match (values.next(), values.next()) {
        (Some(value), None) => {
            let text = value.to_str().ok().map(str::trim).filter(|text| !text.is_empty())?;
            Some(ChannelToken::from_text(text.to_owned()))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn only_a_single_token_is_accepted() {
        let token = |values: &[&'static str]| {
            let headers: HeaderMap = values
                .iter()
                .map(|value| (TOKEN_HEADER.parse().unwrap(), HeaderValue::from_static(value)))
                .collect();
            presented_token(&headers).map(|token| token.reveal().to_owned())
        };
        assert_eq!(token(&[" abc "]).as_deref(), Some("abc"));
        assert_eq!(token(&[""]), None);
        assert_eq!(token(&[]), None);
        let mut two = HeaderMap::new();
        two.append(TOKEN_HEADER, HeaderValue::from_static("a"));
        two.append(TOKEN_HEADER, HeaderValue::from_static("a"));
        assert_eq!(presented_token(&two), None);
    }
}
