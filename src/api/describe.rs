//! The `OpenAPI` 3.1 document: the parts that are common to all routes. Called by [`super`] for
//! `/openapi.json` and `/docs`.
//!
//! A handler's `#[utoipa::path]` describes what is specific to its route, and `routes!` registers
//! handler and description together, so neither can be missing. The responses and headers added
//! here need not be written at a handler: 401, 403, 429, 500 and 503 on every route; 400, 409, 422,
//! 507 and the `Idempotency-Key` on writes; 413 and 415 where a body is read; 404 where the path
//! has a parameter. A handler's own description of a status takes precedence.

use super::rights;
use super::schema::{ContentBody, Error, Id, Name, ThemeProblem};
use crate::web::validator;
use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, header},
    response::Response,
};
use bytes::Bytes;
use utoipa::{
    Modify, OpenApi,
    openapi::{
        Content, Header, HttpMethod, ObjectBuilder, PathItem, Ref, RefOr, Required, ResponseBuilder,
        path::{Operation, Parameter, ParameterBuilder, ParameterIn},
        schema::Type,
        security::{Http, HttpAuthScheme, SecurityRequirement, SecurityScheme},
    },
};

/// Path of the document.
pub(super) const PATH: &str = "/openapi.json";

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Belfry",
        description = "What a site's backend says to Belfry: who its readers are, what they are told, and how their inbox looks.\n\nEvery path that begins with `/v1` is there under `/api/v1` too, for clients of existing products.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0"),
    ),
    tags(
        (name = "Tokens", description = "Proof of who a reader is, for the reader's browser."),
        (name = "Contacts", description = "The people that a site knows by name."),
        (name = "Messages", description = "What a site tells its readers."),
        (name = "Themes", description = "How the inbox looks."),
        (name = "Segments", description = "Whom a site means by a description of them."),
        (name = "Webhooks", description = "What a site hears of by itself."),
        (name = "Keys", description = "What opens this API."),
        (name = "Site", description = "What an owner sets of a site, and the record of what was done."),
    ),
    components(schemas(ContentBody, Error, Id, Name, ThemeProblem)),
    security(("basic" = []), ("bearer" = [])),
    modifiers(&Keys),
)]
pub(super) struct Door;

struct Keys;

impl Modify for Keys {
    fn modify(&self, description: &mut utoipa::openapi::OpenApi) {
        let components = description.components.get_or_insert_default();
        let scheme = |scheme, words: &str| {
            let mut http = Http::new(scheme);
            http.description = Some(words.to_owned());
            SecurityScheme::Http(http)
        };
        components.add_security_scheme("basic", scheme(HttpAuthScheme::Basic, "The API key is the password; the user name may be anything."));
        components.add_security_scheme("bearer", scheme(HttpAuthScheme::Bearer, "The API key as a bearer."));
    }
}

/// Adds the common responses, headers and security to every operation, based on its path and
/// method.
pub(super) fn complete(description: &mut utoipa::openapi::OpenApi) {
    for (path, item) in &mut description.paths.paths {
        for (method, operation) in operations(item) {
            complete_one(path, &method, operation);
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

fn complete_one(path: &str, method: &HttpMethod, operation: &mut Operation) {
    let route = path.strip_prefix("/v1").unwrap_or(path);
    let token = route == rights::TOKEN;
    let needed = axum::http::Method::from_bytes(method_name(method).as_bytes()).map(|method| rights::scope(&method, route));
    if let Ok(scope) = needed {
        operation.security = Some(["basic", "bearer"].map(|scheme| SecurityRequirement::new(scheme, [scope.as_str()])).into());
    }
    let writes = *method != HttpMethod::Get && !token && !rights::only_asks(route);
    let has_parameters = operation.parameters.as_ref().is_some_and(|parameters| !parameters.is_empty());
    let named = path.contains('{');
    let body = operation.request_body.is_some();
    if writes {
        operation.parameters.get_or_insert_default().push(idempotency_key());
    }
    let refusals = [
        ("400", has_parameters || writes || body, "Something in the request is wrong; `field` says what."),
        ("401", true, "No valid API key."),
        ("403", true, "The key has not the scope that this needs."),
        ("404", named, "There is nothing of this name, or it is another site's."),
        ("409", writes, "It can't be done as things are, or a request with the same `Idempotency-Key` is under way."),
        ("413", body, "The body is too long."),
        ("415", body, "The body is not of the type that is read here."),
        ("422", writes, "The `Idempotency-Key` was used before with a different request."),
        ("429", true, "Too many requests; try again after the time in `Retry-After`."),
        ("500", true, "Something went wrong on our side."),
        (
            "503",
            true,
            "The database is busy; try again after the time in `Retry-After`. Or the request took too long: `message` says whether nothing was done or whether it may be, and with an `Idempotency-Key` it can be sent again either way.",
        ),
        ("507", writes, "Nothing can be stored at the moment; what is stored can still be read."),
    ];
    for (status, applies, words) in refusals {
        if applies && !operation.responses.responses.contains_key(status) {
            let content = Content::new(Some(RefOr::<utoipa::openapi::Schema>::Ref(Ref::from_schema_name("Error"))));
            let response = ResponseBuilder::new().description(words).content("application/json", content).build();
            operation.responses.responses.insert(status.to_owned(), response.into());
        }
    }
    for (status, response) in &mut operation.responses.responses {
        if let RefOr::T(response) = response {
            if status.starts_with(['4', '5']) && response.content.is_empty() {
                let content = Content::new(Some(RefOr::<utoipa::openapi::Schema>::Ref(Ref::from_schema_name("Error"))));
                response.content.insert("application/json".to_owned(), content.into());
            }
            let text = |words: &str| {
                let mut header = Header::new(ObjectBuilder::new().schema_type(Type::String).build());
                header.description = Some(words.to_owned());
                header
            };
            if matches!(status.as_str(), "429" | "503") {
                response.headers.insert("Retry-After".to_owned(), text("Seconds after which it is worth trying again.").into());
            }
            response.headers.insert("RateLimit-Policy".to_owned(), text("The allowances that count this request.").into());
            response.headers.insert("RateLimit".to_owned(), text("What is left of them.").into());
            if writes && status.starts_with('2') {
                response.headers.insert("Idempotent-Replayed".to_owned(), text("`true` where this is the answer to an earlier request.").into());
            }
        }
    }
}

fn idempotency_key() -> RefOr<Parameter> {
    let text = ObjectBuilder::new().schema_type(Type::String).min_length(Some(1)).max_length(Some(255)).pattern(Some("^[!-~]+$")).build();
    ParameterBuilder::new()
        .name("Idempotency-Key")
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some("Makes it safe to send this again: the same key and request get the same answer for 24 hours."))
        .schema(Some(text))
        .build()
        .into()
}

/// A document that is built once and served with an `ETag`.
#[derive(Clone)]
pub(super) struct Published {
    text: Bytes,
    kind: &'static str,
    policy: &'static str,
    tag: Option<HeaderValue>,
}

impl Published {
    pub(super) fn new(text: String, kind: &'static str, policy: &'static str) -> Self {
        let tag = validator::tag(&crate::domain::Digest::of(&text).short());
        Self { text: text.into(), kind, policy, tag }
    }

    pub(super) fn answer(&self, headers: &HeaderMap) -> Response {
        let mut response = Response::new(Body::from(self.text.clone()));
        let kept = [
            (header::CONTENT_TYPE, HeaderValue::from_static(self.kind)),
            (header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=300, no-transform")),
            (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
            (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(self.policy)),
        ];
        response.headers_mut().extend(kept);
        validator::with_tag(headers, self.tag.clone(), response)
    }
}
