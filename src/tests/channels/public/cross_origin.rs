//! CORS: pages of every origin may call, without cookies.

use super::PublicFixture;
use crate::support::TestApp;
use axum::http::Method;
use serde_json::json;

#[tokio::test]
async fn every_response_allows_every_origin() {
    let app = TestApp::new().await;
    let fixture = PublicFixture::new(&app).await;
    let source_id = fixture.session().await;
    for call in [
        fixture.get(""),
        fixture.get(&format!("/contacts/{source_id}")),
        fixture.get("/contacts/nothing"),
        fixture.post("/contacts", json!({ "email": "nobody" })),
        app.get("/public/api/v1/nothing"),
        app.delete(&fixture.path("")),
    ] {
        let answer = call.header("origin", "https://any.example").send().await;
        assert_eq!(answer.header("access-control-allow-origin"), Some("*"), "{}", answer.status);
        assert_eq!(answer.header("access-control-allow-credentials"), None);
        assert_eq!(
            (answer.header("cache-control"), answer.header("x-content-type-options")),
            (Some("no-store"), Some("nosniff"))
        );
    }
}

#[tokio::test]
async fn preflight_allows_every_method_and_header() {
    let app = TestApp::new().await;
    let fixture = PublicFixture::new(&app).await;
    for path in [
        fixture.path(""),
        fixture.path("/contacts/x/conversations/1/messages/2"),
        "/public/api/v1/nothing".to_owned(),
    ] {
        let preflight = || {
            app.call(Method::OPTIONS, &path)
                .header("origin", "null")
                .header("access-control-request-method", "PATCH")
        };
        let answer = preflight()
            .header("access-control-request-headers", "authorization, x-own")
            .send()
            .await;
        assert_eq!((answer.status.as_u16(), answer.text()), (204, ""));
        assert_eq!(answer.header("access-control-allow-headers"), Some("authorization, x-own"));
        assert!(
            ["GET", "POST", "PUT", "PATCH", "DELETE"].iter().all(|method| answer
                .header("access-control-allow-methods")
                .unwrap()
                .contains(method))
        );
        assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
        assert_eq!(answer.header("access-control-allow-credentials"), None);
        let odd = preflight().header("access-control-request-headers", "a: b; c").send().await;
        assert_eq!(odd.header("access-control-allow-headers"), Some("*"));
    }
}
