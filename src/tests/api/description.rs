//! The `OpenAPI` document: public, complete and consistent.

use crate::support::TestApp;
use belfry_api::description;
use serde_json::Value;

fn documented() -> Value {
    serde_json::to_value(description()).unwrap()
}

/// The document as it is served.
fn served_document() -> Value {
    let mut whole = description();
    for other in belfry_channels::descriptions() {
        whole.merge(other);
    }
    serde_json::to_value(whole).unwrap()
}

fn references<'a>(value: &'a Value, matches: &mut Vec<&'a str>) {
    match value {
        Value::Object(members) => {
            matches.extend(members.get("$ref").and_then(Value::as_str));
            members.values().for_each(|member| references(member, matches));
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, matches)),
        _ => {}
    }
}

#[tokio::test]
async fn description_is_served_without_a_key_and_revalidated() {
    let app = TestApp::new().await;
    let answer = app.get("/openapi.json").send().await;
    assert_eq!(answer.expect(200), served_document());
    assert_eq!(answer.header("cache-control"), Some("public, max-age=300, no-transform"));
    let tag = answer.header("etag").unwrap();
    assert_eq!(app.get("/openapi.json").header("if-none-match", tag).send().await.status, 304);
}

#[test]
fn description_is_openapi_3_1_with_only_this_apis_paths() {
    let json = documented();
    assert_eq!(json["openapi"], "3.1.0");
    let paths = json["paths"].as_object().unwrap();
    assert!(
        paths.contains_key("/v1/messages/{id}")
            && paths.keys().all(|path| path.starts_with("/v1/")),
        "{:?}",
        paths.keys()
    );
}

#[test]
fn every_reference_resolves() {
    let json = served_document();
    let mut found = Vec::new();
    references(&json, &mut found);
    for reference in found {
        let pointer = reference.strip_prefix('#').unwrap();
        assert!(json.pointer(pointer).is_some(), "{reference}");
    }
}

#[test]
fn every_operation_is_documented_with_shared_errors() {
    let json = documented();
    let mut names = std::collections::HashSet::new();
    for (path, item) in json["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let what = format!("{method} {path}");
            assert!(names.insert(operation["operationId"].as_str().unwrap().to_owned()), "{what}");
            assert_eq!(operation["tags"].as_array().map(Vec::len), Some(1), "{what}");
            assert!(
                operation["summary"].as_str().is_some_and(|summary| !summary.is_empty()),
                "{what}"
            );
            for status in ["401", "403", "429", "500", "503"] {
                let error = &operation["responses"][status]["content"]["application/json"]["schema"]
                    ["$ref"];
                assert_eq!(error, "#/components/schemas/Error", "{what} {status}");
            }
            for name in path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
            {
                let parameters = operation["parameters"].as_array().unwrap();
                assert!(
                    parameters
                        .iter()
                        .any(|parameter| parameter["in"] == "path" && parameter["name"] == name),
                    "{what} {name}"
                );
            }
        }
    }
}
