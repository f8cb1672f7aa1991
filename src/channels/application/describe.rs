//! The parts of the `OpenAPI` 3.1 document that all operations share: authentication, path
//! parameters and error responses.

use super::{access, schema::ApplicationFailure};
use utoipa::{
    Modify, OpenApi, PartialSchema as _, ToSchema as _,
    openapi::{
        Content, Header, ObjectBuilder, PathItem, Ref, RefOr, Required, Response, ResponseBuilder,
        path::{Operation, Parameter, ParameterBuilder, ParameterIn},
        schema::{KnownFormat, Schema, SchemaFormat, Type},
        security::{ApiKey, ApiKeyValue, SecurityRequirement, SecurityScheme},
    },
};

const SCHEME: &str = "api_access_token";

#[derive(OpenApi)]
#[openapi(
    tags(
        (name = "Agents of conversations", description = "The people who answer conversations. Everything below `/api/v1/profile` and `/api/v1/accounts` is the application API: it takes an agent's `api_access_token`, and not the API key of a site. Values are read leniently: numbers and booleans may be text, bodies may be JSON or forms, and what is not known is passed over. Paths may end with a slash."),
        (name = "Inboxes", description = "What visitors write to, and who answers there."),
        (name = "Contacts of conversations", description = "The site's contacts as conversations have them. An `identifier` is the `externalCustomerId` of the other API, `custom_attributes` are its `attributes`."),
        (name = "Conversations", description = "What is said between contacts and agents."),
        (name = "Canned responses", description = "Prepared answers that agents insert into a reply by a short code."),
        (name = "Account webhooks", description = "URLs that receive the events of all inboxes of a site."),
    ),
    modifiers(&Token),
)]
struct Surface;

struct Token;

impl Modify for Token {
    fn modify(&self, description: &mut utoipa::openapi::OpenApi) {
        let components = description.components.get_or_insert_default();
        let value = ApiKeyValue::with_description(
            access::TOKEN_HEADER,
            "The access token of an agent. The header's name has underscores; a proxy may have to be told to let it through.",
        );
        components.add_security_scheme(SCHEME, SecurityScheme::ApiKey(ApiKey::Header(value)));
        components
            .schemas
            .insert(ApplicationFailure::name().into_owned(), ApplicationFailure::schema());
    }
}

/// Completes the document of these routes.
pub(super) fn complete(routes: utoipa::openapi::OpenApi) -> utoipa::openapi::OpenApi {
    let mut description = Surface::openapi();
    description.merge(routes);
    for (path, item) in &mut description.paths.paths {
        for (method, operation) in operations(item) {
            complete_one(path, method, operation);
        }
    }
    description
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = (&'static str, &mut Operation)> {
    [
        ("get", item.get.as_mut()),
        ("put", item.put.as_mut()),
        ("post", item.post.as_mut()),
        ("patch", item.patch.as_mut()),
        ("delete", item.delete.as_mut()),
    ]
    .into_iter()
    .filter_map(|(method, operation)| Some((method, operation?)))
}

fn complete_one(path: &str, method: &str, operation: &mut Operation) {
    operation.security = Some(vec![SecurityRequirement::new(SCHEME, [""; 0])]);
    let parameters: Vec<&str> =
        path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')).collect();
    for name in &parameters {
        operation.parameters.get_or_insert_default().push(path_parameter(name));
    }
    // A missing member is named in the error response, and a change without members is valid, so no
    // body is required.
    if let Some(RefOr::T(body)) = &mut operation.request_body {
        body.required = Some(Required::False);
    }
    let (writes, has_body) = (method != "get", operation.request_body.is_some());
    let has_query = operation.parameters.iter().flatten().any(is_query);
    let searches = path.ends_with("/search");
    let lists = operation
        .operation_id
        .as_deref()
        .is_some_and(|id| matches!(id, "listConversations" | "countConversations"));
    for (status, applies, words) in [
        (
            "400",
            has_body || has_query,
            "The body is not what its `Content-Type` says, or it is not an object.",
        ),
        (
            "401",
            true,
            "No token, one that is nobody's, an account of another, or an agent who may not do this.",
        ),
        (
            "404",
            parameters.len() > 1 || has_body || lists,
            "There is nothing of this number, or it is another site's.",
        ),
        ("413", has_body, "The body is too long."),
        ("415", has_body, "The body is of a type that is not read here."),
        ("422", has_body || searches || lists || writes, "A value is missing, wrong, or taken."),
        ("429", true, "Too many requests; try again after the time in `Retry-After`."),
        ("500", true, "Something went wrong on our side."),
        ("503", true, "The database is busy; try again after the time in `Retry-After`."),
        ("507", writes, "Nothing can be stored at the moment; what is stored can still be read."),
    ] {
        if applies && !operation.responses.responses.contains_key(status) {
            operation.responses.responses.insert(status.to_owned(), error_response(words).into());
        }
    }
    for (status, response) in &mut operation.responses.responses {
        let RefOr::T(response) = response else { continue };
        if status.starts_with('4') && response.content.is_empty() {
            response.content.insert("application/json".to_owned(), error_content().into());
        }
        if matches!(status.as_str(), "429" | "503") {
            response.headers.insert(
                "Retry-After".to_owned(),
                text_header("Seconds after which it is worth trying again.").into(),
            );
        }
        response.headers.insert(
            "RateLimit-Policy".to_owned(),
            text_header("The rate limits that count this request.").into(),
        );
        response
            .headers
            .insert("RateLimit".to_owned(), text_header("What is left of them.").into());
    }
}

fn is_query(parameter: &RefOr<Parameter>) -> bool {
    matches!(parameter, RefOr::T(parameter) if parameter.parameter_in == ParameterIn::Query)
}

fn path_parameter(name: &str) -> RefOr<Parameter> {
    let words = match name {
        "account_id" => "The number of the site.",
        "inbox_id" => "The number of the inbox.",
        "contact_id" => "The number of the contact.",
        "conversation_id" => "The number of the conversation within the site.",
        "message_id" => "The number of the message.",
        "canned_response_id" => "The number of the canned response.",
        _ => "The number of the webhook.",
    };
    let number = ObjectBuilder::new()
        .schema_type(Type::Integer)
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::Int64)))
        .minimum(Some(1))
        .build();
    let parameter =
        ParameterBuilder::new().name(name).parameter_in(ParameterIn::Path).required(Required::True);
    parameter.description(Some(words)).schema(Some(number)).build().into()
}

fn error_response(words: &str) -> Response {
    ResponseBuilder::new().description(words).content("application/json", error_content()).build()
}

fn error_content() -> Content {
    Content::new(Some(RefOr::<Schema>::Ref(Ref::from_schema_name(ApplicationFailure::name()))))
}

fn text_header(words: &str) -> Header {
    let mut header = Header::new(ObjectBuilder::new().schema_type(Type::String).build());
    header.description = Some(words.to_owned());
    header
}
