//! Authentication of readers: a token that is replaced with each request, or a device that is bound
//! to a contact.

use super::{ApiState, AppInboxError, cors};
use axum::{
    extract::{ConnectInfo, Request, State},
    http::{HeaderMap, HeaderValue, Method, request::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
};
use belfry_app::{AppError, Reader};
use belfry_domain::{DeviceId, Secret, Site, SiteId};
use belfry_runtime::fair_scheduler;
use std::net::SocketAddr;

/// The token header of requests and responses.
pub(super) const TOKEN_HEADER: &str = "ES-TOKEN";
const TOKEN_HEADER_LOWERCASE: &str = "es-token";
const ACCESS_KEY_HEADER: &str = "x-reteno-access-key";
const DEVICE_HEADER: &str = "x-reteno-device-id";

/// The authenticated reader and the site.
#[derive(Clone)]
pub(super) struct ReaderContext {
    pub(super) reader: Reader,
    pub(super) site: Site,
}

/// Middleware for browsers.
pub(super) async fn authenticate_token(
    State(state): State<ApiState>,
    request: Request,
    next: Next,
) -> Response {
    let origin = cors::origin(request.headers());
    if request.method() == Method::OPTIONS {
        return cors::preflight(&state, origin.as_ref()).await;
    }
    let (parts, body) = request.into_parts();
    let (reader, token) = match exchange_token(&state, &parts).await {
        Ok(exchanged) => exchanged,
        Err(rejection) => {
            let mut response = rejection.into_response();
            cors::allow(&mut response, cors::allowed_by_any_site(&state, origin.as_ref()).await);
            return response;
        }
    };
    // From here on the previous token is spent, so every response must carry the next one.
    let (mut response, allowed) = match state.app.site(reader.site).await {
        Ok(site) => {
            let allowed = origin.filter(|origin| site.origins.contains(origin));
            (run_authenticated(Request::from_parts(parts, body), next, reader, site).await, allowed)
        }
        Err(error) => (AppInboxError::from(error).into_response(), None),
    };
    if let Ok(value) = HeaderValue::from_str(token.reveal()) {
        response.headers_mut().insert(TOKEN_HEADER_LOWERCASE, value);
    }
    cors::allow(&mut response, allowed.as_ref());
    response
}

/// Middleware for apps.
pub(super) async fn authenticate_device(
    State(state): State<ApiState>,
    request: Request,
    next: Next,
) -> Response {
    let (parts, body) = request.into_parts();
    match find_device(&state, &parts).await {
        Ok((reader, site)) => {
            run_authenticated(Request::from_parts(parts, body), next, reader, site).await
        }
        Err(rejection) => rejection.into_response(),
    }
}

async fn run_authenticated(
    mut request: Request,
    next: Next,
    reader: Reader,
    site: Site,
) -> Response {
    fair_scheduler::set_current_site(site.id);
    request.extensions_mut().insert(ReaderContext { reader, site });
    next.run(request).await
}

async fn exchange_token(
    state: &ApiState,
    request: &Parts,
) -> Result<(Reader, Secret), AppInboxError> {
    let exchange = async {
        let token = single_header(&request.headers, TOKEN_HEADER_LOWERCASE)
            .ok_or(AppInboxError::unauthenticated())?;
        let (site, family) = state.app.token_family(token).await?;
        // Before the token is spent, so that a client over the limit can retry with the same token.
        state.limiter.request(site, family)?;
        Ok(state.app.rotate_token(site, token).await?)
    };
    exchange.await.map_err(|rejection| count_failure(state, request, rejection))
}

async fn find_device(state: &ApiState, request: &Parts) -> Result<(Reader, Site), AppInboxError> {
    let lookup = async {
        let named = single_header(&request.headers, ACCESS_KEY_HEADER)
            .and_then(|text| text.parse::<SiteId>().ok());
        let id = single_header(&request.headers, DEVICE_HEADER)
            .and_then(|text| DeviceId::parse(text).ok());
        let (Some(site), Some(id)) = (named, id) else {
            return Err(AppInboxError::unauthenticated());
        };
        let reader = state.app.device_reader(site, &id).await?;
        state.limiter.request(reader.site, reader.family)?;
        let site = state.app.site(site).await.map_err(|error| match error {
            AppError::NotFound => AppInboxError::unauthenticated(),
            other => other.into(),
        })?;
        Ok((reader, site))
    };
    lookup.await.map_err(|rejection| count_failure(state, request, rejection))
}

/// Counted after the lookup: valid credentials are accepted regardless of failures of others behind
/// the same address.
fn count_failure(state: &ApiState, request: &Parts, rejection: AppInboxError) -> AppInboxError {
    if !rejection.is_unauthenticated() {
        return rejection;
    }
    let address =
        request.extensions.get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| peer.ip());
    state.limiter.failure(address).err().unwrap_or(rejection)
}

/// The value of a header that occurs exactly once.
fn single_header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (Some(value), None) => value.to_str().ok().map(str::trim).filter(|text| !text.is_empty()),
        _ => None,
    }
}
