//! The `OpenAPI` 3.1 document: the parts that are common to all routes. Called by [`super`] for
//! `/openapi.json` and `/docs`.
//!
//! A handler's `#[utoipa::path]` describes what is specific to its route, and `routes!` registers
//! handler and description together, so neither can be missing. The responses and headers added
//! here need not be written at a handler: 401, 403, 429, 500 and 503 on every route; 400, 409, 422,
//! 507 and the `Idempotency-Key` on writes; 413 and 415 where a body is read; 404 where the path
//! has a parameter. A handler's own description of a status takes precedence.

use super::schema::{Error, Id, ThemeProblem};
use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, header},
    response::Response,
};
use belfry_app::body::{ContentBody, Name};
use belfry_web::{
    etag,
    routes::{Access, IdempotencyKey, SITE_API},
};
use bytes::Bytes;
use utoipa::{
    Modify, OpenApi,
    openapi::{
        Content, Header, HttpMethod, ObjectBuilder, PathItem, Ref, RefOr, Required,
        ResponseBuilder,
        path::{Operation, Parameter, ParameterBuilder, ParameterIn},
        schema::Type,
        security::{Http, HttpAuthScheme, SecurityRequirement, SecurityScheme},
    },
};

/// Path of the document.
pub(super) const OPENAPI_PATH: &str = "/openapi.json";

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Belfry",
        description = "The API for a site's backend: contacts, messages, segments, themes, webhooks and settings.\n\nEvery path that begins with `/v1` is also available under `/api/v1`, for clients of existing products.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0"),
    ),
    tags(
        (name = "Tokens", description = "Contact tokens, with which a reader's browser authenticates."),
        (name = "Contacts", description = "The customers of a site."),
        (name = "Messages", description = "Publishing messages to readers."),
        (name = "Themes", description = "The design of the inbox."),
        (name = "Segments", description = "Groups of contacts that match a condition."),
        (name = "Webhooks", description = "Notifications of events, sent to the site."),
        (name = "Keys", description = "API keys."),
        (name = "Site", description = "Settings and audit log of a site."),
    ),
    components(schemas(ContentBody, Error, Id, Name, ThemeProblem)),
    security(("basic" = []), ("bearer" = [])),
    modifiers(&SecuritySchemes),
)]
pub(super) struct ApiDoc;

struct SecuritySchemes;

impl Modify for SecuritySchemes {
    fn modify(&self, description: &mut utoipa::openapi::OpenApi) {
        let components = description.components.get_or_insert_default();
        let scheme = |scheme, words: &str| {
            let mut http = Http::new(scheme);
            http.description = Some(words.to_owned());
            SecurityScheme::Http(http)
        };
        components.add_security_scheme(
            "basic",
            scheme(
                HttpAuthScheme::Basic,
                "The API key is the password; the user name may be anything.",
            ),
        );
        components.add_security_scheme(
            "bearer",
            scheme(HttpAuthScheme::Bearer, "The API key as a bearer token."),
        );
    }
}

/// Adds the common responses, headers and security to every operation, based on its path and
/// method.
pub(super) fn add_common_responses(description: &mut utoipa::openapi::OpenApi) {
    for (path, item) in &mut description.paths.paths {
        for (method, operation) in operations(item) {
            add_common_responses_to(path, &method, operation);
        }
    }
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = (HttpMethod, &mut Operation)> {
    [
        (HttpMethod::Get, item.get.as_mut()),
        (HttpMethod::Put, item.put.as_mut()),
        (HttpMethod::Post, item.post.as_mut()),
        (HttpMethod::Patch, item.patch.as_mut()),
        (HttpMethod::Delete, item.delete.as_mut()),
    ]
    .into_iter()
    .filter_map(|(method, operation)| Some((method, operation?)))
}

fn method_name(method: &HttpMethod) -> &'static str {
    match method {
        HttpMethod::Get => "GET",
        HttpMethod::Put => "PUT",
        HttpMethod::Post => "POST",
        HttpMethod::Patch => "PATCH",
        HttpMethod::Delete => "DELETE",
        _ => "OPTIONS",
    }
}

fn add_common_responses_to(path: &str, method: &HttpMethod, operation: &mut Operation) {
    let route = axum::http::Method::from_bytes(method_name(method).as_bytes())
        .ok()
        .and_then(|method| SITE_API.find(&method, path));
    if let Some(Access::ApiKey(scope)) = route.map(|route| route.access) {
        operation.security = Some(
            ["basic", "bearer"]
                .map(|scheme| SecurityRequirement::new(scheme, [scope.as_str()]))
                .into(),
        );
    }
    let writes = route.is_some_and(|route| route.idempotency != IdempotencyKey::Ignored);
    let has_parameters =
        operation.parameters.as_ref().is_some_and(|parameters| !parameters.is_empty());
    let has_path_parameter = path.contains('{');
    let body = operation.request_body.is_some();
    if writes {
        operation.parameters.get_or_insert_default().push(idempotency_key());
    }
    let refusals = [
        (
            "400",
            has_parameters || writes || body,
            "The request is invalid; `field` names the invalid part.",
        ),
        ("401", true, "The API key is missing or invalid."),
        ("403", true, "The API key lacks the required scope."),
        ("404", has_path_parameter, "Not found, or it belongs to another site."),
        (
            "409",
            writes,
            "Conflict with the current state, or a request with the same `Idempotency-Key` is in progress.",
        ),
        ("413", body, "The body is too large."),
        ("415", body, "Unsupported content type or content encoding."),
        ("422", writes, "The `Idempotency-Key` was used before with a different request."),
        ("429", true, "Too many requests; try again after the time in `Retry-After`."),
        ("500", true, "Internal server error."),
        (
            "503",
            true,
            "The database is busy; try again after the time in `Retry-After`. Or the request timed out: `message` says whether it may have been executed, and with an `Idempotency-Key` it can be retried safely in both cases.",
        ),
        ("507", writes, "The database can't be written at the moment; reading still works."),
    ];
    for (status, applies, words) in refusals {
        if applies && !operation.responses.responses.contains_key(status) {
            let content = Content::new(Some(RefOr::<utoipa::openapi::Schema>::Ref(
                Ref::from_schema_name("Error"),
            )));
            let response = ResponseBuilder::new()
                .description(words)
                .content("application/json", content)
                .build();
            operation.responses.responses.insert(status.to_owned(), response.into());
        }
    }
    for (status, response) in &mut operation.responses.responses {
        if let RefOr::T(response) = response {
            if status.starts_with(['4', '5']) && response.content.is_empty() {
                let content = Content::new(Some(RefOr::<utoipa::openapi::Schema>::Ref(
                    Ref::from_schema_name("Error"),
                )));
                response.content.insert("application/json".to_owned(), content.into());
            }
            let text = |words: &str| {
                let mut header =
                    Header::new(ObjectBuilder::new().schema_type(Type::String).build());
                header.description = Some(words.to_owned());
                header
            };
            if matches!(status.as_str(), "429" | "503") {
                response
                    .headers
                    .insert("Retry-After".to_owned(), text("Seconds after which to retry.").into());
            }
            response.headers.insert(
                "RateLimit-Policy".to_owned(),
                text("The rate limits that apply to this request.").into(),
            );
            response
                .headers
                .insert("RateLimit".to_owned(), text("Remaining requests and reset time.").into());
            if writes && status.starts_with('2') {
                response.headers.insert(
                    "Idempotent-Replayed".to_owned(),
                    text("`true` if this is the stored response of an earlier request.").into(),
                );
            }
        }
    }
}

fn idempotency_key() -> RefOr<Parameter> {
    let text = ObjectBuilder::new()
        .schema_type(Type::String)
        .min_length(Some(1))
        .max_length(Some(255))
        .pattern(Some("^[!-~]+$"))
        .build();
    ParameterBuilder::new()
        .name("Idempotency-Key")
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some("Makes the request safe to retry: for two days the same key and request get the same response."))
        .schema(Some(text))
        .build()
        .into()
}

/// A document that is built once and served with an `ETag`.
#[derive(Clone)]
pub(super) struct StaticDocument {
    text: Bytes,
    kind: &'static str,
    policy: &'static str,
    etag: Option<HeaderValue>,
}

impl StaticDocument {
    pub(super) fn new(text: String, kind: &'static str, policy: &'static str) -> Self {
        let etag = etag::etag(&belfry_domain::Digest::of(&text).short());
        Self { text: text.into(), kind, policy, etag }
    }

    pub(super) fn response(&self, headers: &HeaderMap) -> Response {
        let mut response = Response::new(Body::from(self.text.clone()));
        let kept = [
            (header::CONTENT_TYPE, HeaderValue::from_static(self.kind)),
            (header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=300, no-transform")),
            (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
            (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(self.policy)),
        ];
        response.headers_mut().extend(kept);
        etag::with_etag(headers, self.etag.clone(), response)
    }
}
