//! Middleware of every `/v1` route: authentication, rate limit, scope; then the stored response of
//! a repeated request, or the handler; then the audit log. Must not depend on any particular route.

use super::{ApiError, ApiState, audited::AuditedId, auth, idempotency, rate_limits};
use axum::{
    extract::{FromRequestParts as _, MatchedPath, RawPathParams, Request, State},
    http::{Method, Uri, request::Parts},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use belfry_app::{AuthenticatedKey, rate_limit::RateLimitStatus};
use belfry_domain::{Actor, Scopes};
use belfry_web::routes::{Access, Audit, AuditTarget, IdempotencyKey, Route, SITE_API};

/// Maximum length of an object's name in the audit log.
const MAX_SUBJECT_CHARS: usize = 100;

/// Method and address of a request, and what the list declares about its route.
pub(super) struct RequestTarget {
    pub(super) method: Method,
    pub(super) uri: Uri,
    route: &'static Route,
    /// The object that the path names.
    subject: String,
}

impl RequestTarget {
    async fn of(parts: &mut Parts, api: &ApiState) -> Option<Self> {
        let matched = parts.extensions.get::<MatchedPath>()?.as_str();
        let path = matched.strip_prefix("/api").unwrap_or(matched);
        let route = SITE_API.find(&parts.method, path)?;
        let subject = match route.audit {
            Audit::Action(_, AuditTarget::PathParam(name)) => {
                let params = RawPathParams::from_request_parts(parts, api).await;
                let value = |params: &RawPathParams| {
                    let named = params.iter().find(|(other, _)| *other == name);
                    named.map(|(_, value)| value.chars().take(MAX_SUBJECT_CHARS).collect())
                };
                params.as_ref().ok().and_then(value).unwrap_or_default()
            }
            _ => String::new(),
        };
        Some(Self { method: parts.method.clone(), uri: parts.uri.clone(), route, subject })
    }
}

pub(super) async fn authorize(
    State(api): State<ApiState>,
    request: Request,
    next: Next,
) -> Response {
    let (mut parts, body) = request.into_parts();
    let (holder, allowance) = match auth::authenticate(&parts, &api).await {
        Ok(admitted) => admitted,
        Err(rejection) => return rejection.into_response(),
    };
    parts.extensions.insert(holder.clone());
    let response = match RequestTarget::of(&mut parts, &api).await {
        Some(target) => {
            run_authenticated(api, holder, target, Request::from_parts(parts, body), next).await
        }
        None => Err(ApiError::method_not_allowed()),
    };
    with_rate_limit(response.unwrap_or_else(ApiError::into_response), allowance)
}

fn with_rate_limit(mut response: Response, rate_limit: RateLimitStatus) -> Response {
    rate_limits::write_headers(rate_limit, response.headers_mut());
    response
}

async fn run_authenticated(
    api: ApiState,
    holder: AuthenticatedKey,
    target: RequestTarget,
    request: Request,
    next: Next,
) -> Result<Response, ApiError> {
    let Access::ApiKey(scope) = target.route.access else { return Err(ApiError::not_found()) };
    if let Some(missing) = holder.scopes.lacks(Scopes::from_iter([scope])) {
        return Err(ApiError::out_of_scope(missing));
    }
    if target.route.idempotency != IdempotencyKey::StoredResponse {
        return Ok(next.run(request).await);
    }
    let key = idempotency::idempotency_key(request.headers())?;
    let app = api.app.clone();
    let work = async move {
        match key {
            Some(key) => idempotency::run_once(api, holder, target, key, request, next).await,
            None => Ok(run_audited(&api, &holder, &target, next.run(request)).await),
        }
    };
    app.run_detached(work).await.unwrap_or_else(|| Err(ApiError::internal()))
}

/// Runs a handler and writes its audit entry. Usually the store writes the entry in the transaction
/// of the change; a successful request that changed nothing, such as storing equal settings, is
/// logged here.
pub(super) async fn run_audited(
    api: &ApiState,
    holder: &AuthenticatedKey,
    target: &RequestTarget,
    handler: impl Future<Output = Response>,
) -> Response {
    let Audit::Action(action, _) = target.route.audit else { return handler.await };
    let (actor, site) = (Actor::Key(holder.key.clone()), Some(holder.site));
    let act = api.app.start_audited(actor.clone(), site, action, &target.subject, None);
    let response = act.scope(handler).await;
    if act.is_recorded() || !response.status().is_success() {
        return response;
    }
    let returned = response.extensions().get::<AuditedId>();
    let subject = returned.map_or(target.subject.as_str(), |AuditedId(id)| id);
    api.app.record(actor, site, action, subject, None).await;
    response
}
