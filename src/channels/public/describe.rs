//! The parts of the `OpenAPI` document that all operations share: lenient bodies, and the error
//! responses. They depend on the path and the body of each operation.

use serde_json::json;
use utoipa::{
    OpenApi as _,
    openapi::{
        Content, Header, ObjectBuilder, OpenApi, RefOr, Required, ResponseBuilder, Schema,
        path::Operation,
        schema::{SchemaType, Type},
    },
};

#[derive(utoipa::OpenApi)]
#[openapi(tags((name = "Public client API", description = "For a site's visitors and apps: called from any page, without a key. The id of a session is its credential. Values are parsed leniently: bodies may be JSON, forms, or forms with files; numbers may be strings; a value of another type is ignored. Paths may end with a slash.")))]
struct Surface;

/// Adds the error responses, and declares that no key is needed.
pub(super) fn complete(routes: OpenApi) -> OpenApi {
    let mut description = Surface::openapi();
    description.merge(routes);
    for (path, item) in &mut description.paths.paths {
        let operations = [&mut item.get, &mut item.post, &mut item.patch];
        for operation in operations.into_iter().filter_map(Option::as_mut) {
            complete_one(path, operation);
        }
    }
    description
}

fn complete_one(path: &str, operation: &mut Operation) {
    operation.security = Some(Vec::new());
    if let Some(RefOr::T(body)) = &mut operation.request_body {
        body.required = Some(Required::False);
        for content in body.content.values_mut() {
            if let RefOr::T(Content { schema: Some(RefOr::T(Schema::Object(body))), .. }) = content
            {
                body.schema_type = SchemaType::AnyValue;
                body.properties.values_mut().for_each(any_type);
            }
        }
    }
    let body = operation.request_body.is_some();
    let contact = path.ends_with("/contacts") || path.ends_with("/contacts/{source_id}");
    let refusals = [
        ("400", true, "The request can't be read.", status as fn() -> Schema),
        ("401", contact, "The hash of the identifier is missing or wrong.", error),
        ("404", true, "There is no such inbox, session, conversation or message.", status),
        ("413", body, "The body is too large.", status),
        ("415", body, "The body is compressed.", status),
        ("422", body, "Something in the request is not accepted.", unprocessable),
        ("429", true, "Too many requests; try again after the time in `Retry-After`.", status),
        ("500", true, "Something went wrong on our side.", status),
        ("503", true, "The database is busy; try again after the time in `Retry-After`.", status),
        ("507", body, "Nothing can be stored at the moment.", status),
    ];
    for (code, applies, words, shape) in refusals {
        if applies && !operation.responses.responses.contains_key(code) {
            let content = Content::new(Some(RefOr::T(shape())));
            let mut response =
                ResponseBuilder::new().description(words).content("application/json", content);
            if matches!(code, "429" | "503") {
                response = response.header(
                    "Retry-After",
                    Header::new(ObjectBuilder::new().schema_type(Type::String).build()),
                );
            }
            operation.responses.responses.insert(code.to_owned(), response.build().into());
        }
    }
}

/// A value of the wrong type is no error, so the schema allows any type.
fn any_type(member: &mut RefOr<Schema>) {
    if let RefOr::T(Schema::Object(member)) = member {
        member.schema_type = SchemaType::AnyValue;
        member.format = None;
    }
}

fn text() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String)
}

fn status() -> Schema {
    let integer = ObjectBuilder::new().schema_type(Type::Integer);
    let shape = ObjectBuilder::new()
        .property("status", integer)
        .property("error", text())
        .required("status")
        .required("error");
    shape.examples([json!({ "status": 404, "error": "Not Found" })]).build().into()
}

fn error() -> Schema {
    ObjectBuilder::new().property("error", text()).required("error").build().into()
}

/// An expired survey is `{"error":"…"}`; every other error names its attributes.
fn unprocessable() -> Schema {
    let attributes = utoipa::openapi::ArrayBuilder::new().items(text());
    ObjectBuilder::new()
        .property("message", text())
        .property("attributes", attributes)
        .property("error", text())
        .build()
        .into()
}
