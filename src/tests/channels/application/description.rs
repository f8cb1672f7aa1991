//! The `OpenAPI` document of the application API.

use crate::support::TestApp;
use serde_json::Value;

fn described() -> Value {
    serde_json::to_value(belfry_channels::application::description()).unwrap()
}

#[tokio::test]
async fn description_is_part_of_the_served_document() {
    let app = TestApp::new().await;
    let served = app.get("/openapi.json").send().await.expect(200);
    for (path, item) in described()["paths"].as_object().unwrap() {
        assert_eq!(&served["paths"][path], item, "{path}");
    }
    for (name, schema) in described()["components"]["schemas"].as_object().unwrap() {
        assert_eq!(
            &served["components"]["schemas"][name], schema,
            "{name} is another thing elsewhere"
        );
    }
    assert_eq!(served["components"]["securitySchemes"]["api_access_token"]["in"], "header");
    let page = app.get("/docs").send().await;
    assert!(page.text().contains("/api/v1/accounts/{account_id}/conversations"));
}

#[test]
fn every_operation_is_documented() {
    let description = described();
    let mut names = std::collections::HashSet::new();
    for (path, item) in description["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let what = format!("{method} {path}");
            assert!(names.insert(operation["operationId"].as_str().unwrap().to_owned()), "{what}");
            assert!(
                operation["summary"].as_str().is_some_and(|summary| !summary.is_empty()),
                "{what}"
            );
            assert_eq!(
                operation["security"],
                serde_json::json!([{"api_access_token": []}]),
                "{what}"
            );
            for status in ["200", "401", "429", "500", "503"] {
                assert!(operation["responses"][status].is_object(), "{what} {status}");
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
    let other = serde_json::to_value(belfry_api::description()).unwrap();
    for (_, operation) in
        other["paths"].as_object().unwrap().values().flat_map(|item| item.as_object().unwrap())
    {
        assert!(
            !names.contains(operation["operationId"].as_str().unwrap()),
            "{}",
            operation["operationId"]
        );
    }
}
