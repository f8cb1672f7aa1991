//! Idempotency: the `Idempotency-Key` header on all writes, so that a repeated request is executed
//! once. Called by [`super::middleware`].
//!
//! For 48 hours the same key with the same request returns the stored response with
//! `Idempotent-Replayed: true`, and with a different request 422; while the first request is in
//! progress, 409 with `Retry-After`. Requests are equal if method, path, query and body are; JSON
//! is compared by value, a form without its boundary. Error responses are stored too, except 429
//! and 5xx, so that those can be retried.
//!
//! If the process ended during a request, its outcome is unknown. `PUT`, `PATCH` and `DELETE` are
//! idempotent and are executed again; for `POST` the response is 409 without `Retry-After`: the
//! client must check, and use a new key.
//!
//! A response with a secret (a top-level member `secret`, or [`Redacted`]) is never stored, only
//! the id of the created object: its repetition is 409 with that `id`. The record of
//! `POST /messages` and `…/resend` is written in one transaction with the message, so they are not
//! handled here; their keys are separate.

use super::{
    ApiError, ApiState,
    audited::AuditedId,
    body::{MAX_BODY_BYTES, MAX_BULK_BYTES},
    middleware,
    middleware::RequestTarget,
};
use axum::{
    body::Body,
    extract::Request,
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use belfry_app::{AppError, AuthenticatedKey, fingerprint};
use belfry_domain::{
    Digest, IdempotencyReservation, IdempotentRequest, StoredBody, StoredResponse, ValidationError,
};
use belfry_locales::phrases::errors;
use belfry_runtime::blocking::LARGE_INPUTS;
use futures_util::FutureExt as _;
use http_body_util::{BodyExt as _, Limited};
use std::panic::AssertUnwindSafe;

/// Marks a response as replayed.
pub(super) const REPLAYED_HEADER: HeaderName = HeaderName::from_static("idempotent-replayed");

/// Maximum body that is read for the request digest: that of an import. Each route has its own
/// limit besides.
const MAX_FINGERPRINTED_BYTES: usize = MAX_BULK_BYTES;
/// Maximum multipart boundary (RFC 2046) that is excluded from the digest; searching for a longer
/// one would be slow.
const MAX_BOUNDARY_CHARS: usize = 70;
/// Maximum response body that is stored.
const MAX_STORED_RESPONSE_BYTES: usize = 256 * 1_024;

/// Response extension: the response contains a secret. Holds the id of the created object.
#[derive(Clone)]
pub(super) struct Redacted(pub(super) String);

/// The key of a request.
pub(super) fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>, ValidationError> {
    const NAME: &str = "Idempotency-Key";
    let mut values = headers.get_all(NAME).iter();
    let Some(value) = values.next() else { return Ok(None) };
    let key = value.to_str().ok().filter(|key| {
        (1..=255).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic())
    });
    match (key, values.next()) {
        (Some(key), None) => Ok(Some(key.to_owned())),
        _ => Err(ValidationError::new(NAME, errors::IDEMPOTENCY_HEADER)),
    }
}

/// Executes a request, or returns the outcome of an earlier one. All of it runs in one task, so
/// that a client that disconnects leaves nothing half done: reservation, change, audit entry and
/// stored response.
pub(super) async fn run_once(
    api: ApiState,
    holder: AuthenticatedKey,
    target: RequestTarget,
    key: String,
    request: Request,
    next: Next,
) -> Result<Response, ApiError> {
    let (parts, body) = request.into_parts();
    let body = Limited::new(body, MAX_FINGERPRINTED_BYTES)
        .collect()
        .await
        .map_err(|_| ApiError::too_large(MAX_FINGERPRINTED_BYTES))?
        .to_bytes();
    let fingerprint = if body.len() > MAX_BODY_BYTES {
        let (headers, body) = (parts.headers.clone(), body.clone());
        let (asked_method, asked_uri) = (target.method.clone(), target.uri.clone());
        LARGE_INPUTS
            .run_for(holder.site, move || {
                request_digest(&asked_method, &asked_uri, &headers, &body)
            })
            .await
            .map_err(AppError::from)?
    } else {
        request_digest(&target.method, &target.uri, &parts.headers, &body)
    };
    let attempt = IdempotentRequest { key, fingerprint };
    let is_idempotent = target.method != Method::POST;
    let reserved = match api
        .app
        .reserve_idempotency_key(holder.site, &attempt, api.process_id, is_idempotent)
        .await?
    {
        Ok(reserved) => reserved,
        Err(IdempotencyReservation::Completed(answer)) => return replay(answer),
        Err(
            IdempotencyReservation::New
            | IdempotencyReservation::InProgress
            | IdempotencyReservation::InProgressElsewhere,
        ) => {
            return Err(ApiError::in_progress());
        }
        Err(IdempotencyReservation::Interrupted) => return Err(ApiError::interrupted()),
        Err(IdempotencyReservation::KeyReused) => return Err(AppError::KeyReused.into()),
    };
    let request = Request::from_parts(parts, Body::from(body));
    let work = async {
        split_response(middleware::run_audited(&api, &holder, &target, next.run(request)).await)
            .await
    };
    match AssertUnwindSafe(work).catch_unwind().await {
        Ok((response, answer)) => {
            api.app.store_response(reserved, answer).await;
            Ok(response)
        }
        Err(_panicked) => {
            api.app.store_response(reserved, None).await;
            Err(ApiError::internal())
        }
    }
}

/// Digest of what a request asks for.
fn request_digest(method: &Method, uri: &Uri, headers: &HeaderMap, body: &[u8]) -> Digest {
    let kind =
        headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let is_form = kind
        .split(';')
        .next()
        .is_some_and(|kind| kind.trim().eq_ignore_ascii_case("multipart/form-data"));
    let boundary = kind.split_once("boundary=").filter(|_| is_form);
    let boundary = boundary
        .map(|(_, boundary)| boundary.split(';').next().unwrap_or_default().trim_matches('"'));
    let body = match boundary.filter(|boundary| (1..=MAX_BOUNDARY_CHARS).contains(&boundary.len()))
    {
        Some(boundary) => digest_without(body, boundary.as_bytes()),
        None if serde_json::from_slice::<serde::de::IgnoredAny>(body).is_ok() => fingerprint(body),
        None => digest_without(body, &[]),
    };
    let target =
        uri.path_and_query().map(axum::http::uri::PathAndQuery::as_str).unwrap_or_default();
    Digest::of(&format!("{} {target}\n{:02x?}", method, body.0))
}

/// Digest of `body` without the occurrences of `left_out`.
fn digest_without(mut body: &[u8], left_out: &[u8]) -> Digest {
    use sha2::Digest as _;
    let mut digest = sha2::Sha256::new();
    while !left_out.is_empty() {
        let Some(at) = body.windows(left_out.len()).position(|window| window == left_out) else {
            break;
        };
        let (before, rest) = body.split_at(at);
        digest.update(before);
        body = rest.split_at(left_out.len()).1;
    }
    digest.update(body);
    Digest(digest.finalize().into())
}

/// Splits a response into the one to send and the one to store.
async fn split_response(response: Response) -> (Response, Option<StoredResponse>) {
    if response.status().is_server_error() || response.status() == StatusCode::TOO_MANY_REQUESTS {
        return (response, None);
    }
    let (parts, body) = response.into_parts();
    let bytes = body.collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
    let answer = StoredResponse {
        status: parts.status.as_u16(),
        content_type: parts
            .headers
            .get(header::CONTENT_TYPE)
            .and_then(|kind| kind.to_str().ok())
            .map(str::to_owned),
        body: match parts.extensions.get::<Redacted>() {
            Some(Redacted(subject)) => StoredBody::Redacted(subject.clone()),
            None if bytes.len() > MAX_STORED_RESPONSE_BYTES => {
                let target = parts.extensions.get::<AuditedId>();
                StoredBody::Redacted(target.map(|AuditedId(id)| id.clone()).unwrap_or_default())
            }
            None => StoredBody::Full(bytes.to_vec()),
        },
    };
    (Response::from_parts(parts, Body::from(bytes)), Some(answer))
}

fn replay(answer: StoredResponse) -> Result<Response, ApiError> {
    let body = match answer.body {
        StoredBody::Full(body) => body,
        StoredBody::Redacted(subject) => return Err(ApiError::not_replayable(subject)),
    };
    let mut response =
        (StatusCode::from_u16(answer.status).unwrap_or_default(), body).into_response();
    response.headers_mut().remove(header::CONTENT_TYPE);
    if let Some(kind) = answer.content_type.and_then(|kind| HeaderValue::try_from(kind).ok()) {
        response.headers_mut().insert(header::CONTENT_TYPE, kind);
    }
    response.headers_mut().insert(REPLAYED_HEADER, HeaderValue::from_static("true"));
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn boundary_is_excluded_only_from_forms() {
        let digest = |kind: &'static str, body: &str| {
            let headers =
                HeaderMap::from_iter([(header::CONTENT_TYPE, HeaderValue::from_static(kind))]);
            request_digest(&Method::POST, &Uri::from_static("/v1/x"), &headers, body.as_bytes())
        };
        let json = "application/json; boundary=5";
        assert_ne!(digest(json, r#"{"n":5}"#), digest(json, r#"{"n":55}"#));
        assert_eq!(digest(json, r#"{"n":5}"#), digest(json, r#"{ "n": 5 }"#));
        assert_ne!(
            digest("text/multipart/form-data; boundary=5", "5"),
            digest("text/multipart/form-data; boundary=5", "55")
        );
        assert_eq!(
            digest("Multipart/Form-Data; boundary=\"one\"", "--one a"),
            digest("multipart/form-data; boundary=two", "--two a")
        );
    }
}
