//! What holds for every route of this surface: the shapes in which it refuses. `path` and body of each operation decide.

use serde_json::json;
use utoipa::openapi::{Content, Header, ObjectBuilder, OpenApi, RefOr, ResponseBuilder, Schema, path::Operation, schema::Type};

/// Adds the refusals, and says that there is no key.
pub(super) fn complete(mut description: OpenApi) -> OpenApi {
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
            let mut response = ResponseBuilder::new().description(words).content("application/json", content);
            if matches!(code, "429" | "503") {
                response = response.header("Retry-After", Header::new(ObjectBuilder::new().schema_type(Type::String).build()));
            }
            operation.responses.responses.insert(code.to_owned(), response.build().into());
        }
    }
}

fn text() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String)
}

fn status() -> Schema {
    let integer = ObjectBuilder::new().schema_type(Type::Integer);
    let shape = ObjectBuilder::new().property("status", integer).property("error", text()).required("status").required("error");
    shape.examples([json!({ "status": 404, "error": "Not Found" })]).build().into()
}

fn error() -> Schema {
    ObjectBuilder::new().property("error", text()).required("error").build().into()
}

/// A survey that is over is `{"error":"…"}`, everything else names its attributes.
fn unprocessable() -> Schema {
    let attributes = utoipa::openapi::ArrayBuilder::new().items(text());
    ObjectBuilder::new().property("message", text()).property("attributes", attributes).property("error", text()).build().into()
}
