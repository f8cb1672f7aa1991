//! Images of messages: stored by their detected type, and served as that type only.

use crate::support::{Answer, TestApp, TestSite};

/// One byte more than the maximum size of an image.
static LONG: [u8; 2 * 1024 * 1024 + 1] = [0; 2 * 1024 * 1024 + 1];

/// A one-pixel image.
const DOT: &[u8] =
    b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01\x00\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;";

async fn upload(app: &TestApp, site: &TestSite, kind: &str, body: &'static [u8]) -> Answer {
    app.post("/v1/images").key(&site.key).header("content-type", kind).body(body).send().await
}

#[tokio::test]
async fn image_has_a_stable_address() {
    let app = TestApp::new().await;
    let (site, other) = (app.create_site().await, app.create_site().await);
    let url =
        upload(&app, &site, "image/png", DOT).await.expect(201)["url"].as_str().unwrap().to_owned();
    assert_eq!(
        upload(&app, &site, "application/octet-stream", DOT).await.expect(201)["url"],
        url.as_str()
    );
    let path = url.strip_prefix("https://belfry.example").unwrap().to_owned();
    let response = app.get(&path).send().await;
    assert_eq!((response.status.as_u16(), &response.body[..]), (200, DOT));
    // The claimed type is ignored.
    assert_eq!(response.header("content-type"), Some("image/gif"));
    assert_eq!(response.header("x-content-type-options"), Some("nosniff"));
    assert!(response.header("content-security-policy").unwrap().contains("sandbox"));
    assert!(response.header("cache-control").unwrap().contains("immutable"));
    let tag = response.header("etag").unwrap();
    assert_eq!(app.get(&path).header("if-none-match", tag).send().await.status, 304);
    let foreign = path.replace(&site.site.id.to_string(), &other.site.id.to_string());
    assert_eq!(app.get(&foreign).send().await.status, 404);
    assert_eq!(app.get("/m/nobody/x.gif").send().await.status, 404);
}

#[tokio::test]
async fn other_files_than_images_are_rejected() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    let svg = b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>";
    assert_eq!(upload(&app, &site, "image/png", svg).await.expect(400)["field"], "image");
    upload(&app, &site, "image/gif", b"").await.expect(400);
    upload(&app, &site, "text/html", DOT).await.expect(415);
    upload(&app, &site, "image/gif", &LONG).await.expect(413);
    app.post("/v1/images").header("content-type", "image/gif").body(DOT).send().await.expect(401);
}
