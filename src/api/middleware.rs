//! Middleware of every `/v1` route: authentication, rate limit, scope; then the stored response of
//! a repeated request, or the handler; then the audit log. Must not depend on any particular route.

use super::{ApiError, ApiState, auth, idempotency, rate_limits, scopes};
use crate::{
    app::AuthenticatedKey,
    domain::{Actor, Scopes},
    rate_limit::RateLimitStatus,
};
use axum::{
    body::Body,
    extract::{MatchedPath, Request, State},
    http::{Method, Uri, header},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use http_body_util::BodyExt as _;

/// Method and address of a request.
pub(super) struct RequestTarget {
    pub(super) method: Method,
    pub(super) uri: Uri,
    /// The route template without `/v1`, as in the `OpenAPI` document.
    pub(super) route: String,
}

pub(super) async fn authorize(
    State(api): State<ApiState>,
    request: Request,
    next: Next,
) -> Response {
    let (mut parts, body) = request.into_parts();
    let matched =
        parts.extensions.get::<MatchedPath>().map(MatchedPath::as_str).unwrap_or_default();
    let route = matched
        .strip_prefix("/api")
        .unwrap_or(matched)
        .strip_prefix("/v1")
        .unwrap_or(matched)
        .to_owned();
    let asked = RequestTarget { method: parts.method.clone(), uri: parts.uri.clone(), route };
    let (holder, allowance) = match auth::authenticate(&parts, &api).await {
        Ok(admitted) => admitted,
        Err(refusal) => return refusal.into_response(),
    };
    parts.extensions.insert(holder.clone());
    let response = run_authenticated(api, holder, asked, Request::from_parts(parts, body), next)
        .await
        .unwrap_or_else(ApiError::into_response);
    with_rate_limit(response, allowance)
}

fn with_rate_limit(mut response: Response, allowance: RateLimitStatus) -> Response {
    rate_limits::write_headers(allowance, response.headers_mut());
    response
}

async fn run_authenticated(
    api: ApiState,
    holder: AuthenticatedKey,
    asked: RequestTarget,
    request: Request,
    next: Next,
) -> Result<Response, ApiError> {
    let scope = scopes::required_scope(&asked.method, &asked.route);
    if let Some(missing) = holder.scopes.lacks(Scopes::from_iter([scope])) {
        return Err(ApiError::out_of_scope(missing));
    }
    // Issuing a token and publishing a message are single store commands; a message has its own
    // idempotency record.
    let has_own_record = matches!(
        (asked.method.as_str(), asked.route.as_str()),
        ("POST", scopes::TOKEN_ROUTE | scopes::PUBLISH_ROUTE | scopes::RESEND_ROUTE)
    );
    if has_own_record
        || scopes::is_safe_method(&asked.method)
        || scopes::is_read_only_path(&asked.route)
    {
        return Ok(next.run(request).await);
    }
    let key = idempotency::idempotency_key(request.headers())?;
    let inbox = api.inbox.clone();
    let work = async move {
        match key {
            Some(key) => idempotency::run_once(api, holder, asked, key, request, next).await,
            None => Ok(run_audited(&api, &holder, &asked, next.run(request)).await),
        }
    };
    inbox.carry(work).await.unwrap_or_else(|| Err(ApiError::ours()))
}

/// Runs a handler and writes its audit entry. Usually the store writes the entry in the transaction
/// of the change; a successful request that changed nothing, such as storing equal settings, is
/// logged here.
pub(super) async fn run_audited(
    api: &ApiState,
    holder: &AuthenticatedKey,
    asked: &RequestTarget,
    handler: impl Future<Output = Response>,
) -> Response {
    let Some(action) = scopes::audit_action(&asked.method, &asked.route) else {
        return handler.await;
    };
    let (actor, site, named) = (
        Actor::Key(holder.key.clone()),
        Some(holder.site),
        extract_path_subject(&asked.route, asked.uri.path()),
    );
    let act =
        api.inbox.act(actor.clone(), site, &action, named.as_deref().unwrap_or_default(), None);
    let response = act.scope(handler).await;
    if act.is_recorded() || !response.status().is_success() {
        return response;
    }
    let (subject, response) = match named {
        Some(subject) => (subject, response),
        None => extract_subject(response).await,
    };
    api.inbox.record(actor, site, &action, &subject, None).await;
    response
}

/// The id in the path.
fn extract_path_subject(route: &str, path: &str) -> Option<String> {
    let pairs = route.rsplit('/').zip(path.rsplit('/'));
    pairs
        .into_iter()
        .find(|(part, _)| part.starts_with('{'))
        .map(|(_, name)| name.chars().take(100).collect())
}

/// The id in a response body.
async fn extract_subject(response: Response) -> (String, Response) {
    let json =
        response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind == "application/json");
    if !json {
        return (String::new(), response);
    }
    let (parts, body) = response.into_parts();
    // An in-memory response of this server: it is short and reading it can't fail.
    let bytes = body.collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
    (subject(&bytes), Response::from_parts(parts, Body::from(bytes)))
}

/// The id of the object that a response describes.
pub(super) use crate::domain::response_subject as subject;
