//! Themes over HTTP: upload, publication, rollback, and every validation error.

use crate::support::{Answer, Call, PUBLIC_URL, TestApp, TestSite};
use axum::http::Method;
use serde_json::{Value, json};
use std::time::Duration;

const BELL: &str = r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><path d="M4 4h16v16H4z" fill="currentColor"/></svg>"#;
const CSS: &str = ".title { color: teal }";
const MAX_FORM_BYTES: usize = 640 * 1_024;

/// Encodes a form with these parts.
fn form(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, bytes) in parts {
        let head = format!(
            "--b0undary\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"../x\"\r\nContent-Type: text/plain\r\n\r\n"
        );
        body.extend([head.as_bytes(), *bytes, b"\r\n"].concat());
    }
    [body, b"--b0undary--\r\n".to_vec()].concat()
}

fn put(app: &TestApp, site: &TestSite, parts: &[(&str, &[u8])]) -> Call {
    draft(app, site)
        .header("content-type", "multipart/form-data; boundary=b0undary")
        .body(form(parts))
}

fn draft(app: &TestApp, site: &TestSite) -> Call {
    app.call(Method::PUT, "/v1/themes/draft").key(&site.key)
}

async fn upload(app: &TestApp, site: &TestSite, css: &str) -> Value {
    put(app, site, &[("css", css.as_bytes())]).send().await.expect(200)
}

async fn get(app: &TestApp, site: &TestSite, path: &str) -> Answer {
    app.get(&format!("/v1/themes{path}")).key(&site.key).send().await
}

async fn post(app: &TestApp, site: &TestSite, path: &str) -> Answer {
    app.post(&format!("/v1/themes/{path}")).key(&site.key).send().await
}

async fn states(app: &TestApp, site: &TestSite) -> Value {
    let list = get(app, site, "").await.expect(200);
    let themes = list["themes"].as_array().unwrap();
    let states: Vec<_> = themes
        .iter()
        .map(|theme| format!("{} {}", theme["version"], theme["state"].as_str().unwrap()))
        .collect();
    json!([states, list["inForce"], list["draft"]])
}

#[tokio::test]
async fn upload_creates_a_draft_and_identical_files_reuse_it() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    assert_eq!(states(&app, &site).await, json!([[], 0, null]));
    let parts: [(&str, &[u8]); 3] =
        [("bell", BELL.as_bytes()), ("card", b""), ("css", CSS.as_bytes())];
    let view = put(&app, &site, &parts).send().await.expect(200);
    let sheet = view["stylesheet"].as_str().unwrap();
    let expected = json!({
        "version": 1, "state": "draft", "files": ["bell.svg", "theme.css"], "createdAt": "2026-12-01T08:00:00Z", "warnings": [],
        "stylesheet": sheet,
    });
    assert_eq!(view, expected);
    let name = sheet
        .strip_prefix(&format!("/t/{}/", site.site.id))
        .and_then(|name| name.strip_suffix(".css"))
        .unwrap();
    assert!(name.len() >= 16 && name.bytes().all(|byte| byte.is_ascii_hexdigit()), "{sheet}");
    let served = app.get(sheet).send().await;
    assert!(served.status == 200 && served.text().contains("@layer theme{"), "{}", served.text());
    app.clock.advance(Duration::from_mins(1));
    // With the longer part names, another order, and the other prefix.
    let again = [("theme.css", CSS.as_bytes()), ("bell.svg", BELL.as_bytes())];
    let call = app.call(Method::PUT, "/api/v1/themes/draft").key(&site.key);
    let again = call
        .header("content-type", "multipart/form-data; boundary=b0undary")
        .body(form(&again))
        .send()
        .await;
    assert_eq!(again.expect(200), expected);
    assert_eq!(get(&app, &site, "/1").await.expect(200), expected);
    assert_eq!(upload(&app, &site, ".title { color: navy }").await["version"], 2);
    assert_eq!(states(&app, &site).await, json!([["2 draft"], 0, 2]));
}

#[tokio::test]
async fn version_is_published_replaced_and_rolled_back() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    assert_eq!(post(&app, &site, "publish").await.expect_error(409), "");
    upload(&app, &site, CSS).await;
    post(&app, &site, "1/rollback").await.expect_error(409);
    let published = post(&app, &site, "publish").await.expect(200);
    assert_eq!(
        (&published["state"], &published["publishedAt"]),
        (&json!("inForce"), &json!("2026-12-01T08:00:00Z"))
    );
    upload(&app, &site, ".title { color: navy }").await;
    assert_eq!(states(&app, &site).await, json!([["2 draft", "1 inForce"], 1, 2]));
    post(&app, &site, "publish").await.expect(200);
    post(&app, &site, "publish").await.expect_error(409);
    assert_eq!(states(&app, &site).await, json!([["2 inForce", "1 former"], 2, null]));

    for _ in 0..2 {
        assert_eq!(post(&app, &site, "1/rollback").await.expect(200)["state"], "inForce");
    }
    assert_eq!(states(&app, &site).await, json!([["2 former", "1 inForce"], 1, null]));
    assert_eq!(app.delete("/v1/themes/1").key(&site.key).send().await.expect_error(409), "");
    for _ in 0..2 {
        assert_eq!(
            post(&app, &site, "0/rollback").await.expect(200),
            json!({"version": 0, "state": "inForce"})
        );
    }
    assert_eq!(states(&app, &site).await, json!([["2 former", "1 former"], 0, null]));
    let deleted = app.delete("/v1/themes/2").key(&site.key).send().await;
    assert_eq!((deleted.status.as_u16(), deleted.text()), (204, ""));
    assert_eq!(states(&app, &site).await, json!([["1 former"], 0, null]));
}

#[tokio::test]
async fn unknown_version_is_404_on_every_route() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    upload(&app, &site, CSS).await;
    for version in ["7", "0", "01", "-1", "x", "%ff", "4294967297"] {
        get(&app, &site, &format!("/{version}")).await.expect_error(404);
        app.delete(&format!("/v1/themes/{version}")).key(&site.key).send().await.expect_error(404);
        post(&app, &site, &format!("{version}/preview")).await.expect_error(404);
        get(&app, &site, &format!("/{version}/files/theme.css")).await.expect_error(404);
        if version != "0" {
            post(&app, &site, &format!("{version}/rollback")).await.expect_error(404);
        }
    }
    for name in ["bell.svg", "card.svg", "theme", "THEME.CSS", "..", "%2e%2e%2ftheme.css", "%ff"] {
        get(&app, &site, &format!("/1/files/{name}")).await.expect_error(404);
    }
}

#[tokio::test]
async fn rejected_upload_reports_position_and_reason() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    upload(&app, &site, CSS).await;
    let hostile = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 24 24\">\n  <script>alert(1)</script>\n</svg>";
    let answer =
        put(&app, &site, &[("bell", hostile.as_bytes()), ("css", CSS.as_bytes())]).send().await;
    assert_eq!(answer.expect_error(422), "bell.svg");
    let json = answer.json();
    let problem = &json["problems"][0];
    assert_eq!(
        (&problem["file"], &problem["line"], &problem["column"]),
        (&json!("bell.svg"), &json!(2), &json!(3))
    );
    assert_eq!((&problem["what"], &problem["code"]), (&json!("<script>"), &json!("script")));
    let message = format!("bell.svg:2:3: `<script>` {}", problem["reason"].as_str().unwrap());
    assert_eq!(json["message"], message);
    assert!(json["warnings"].is_array());
    assert_eq!(states(&app, &site).await, json!([["1 draft"], 0, 1]));
    // No files, and empty files.
    for parts in [&[][..], &[("bell", &b""[..]), ("css", b"")]] {
        let answer = put(&app, &site, parts).send().await;
        assert_eq!(answer.expect_error(422), "theme.css");
        assert!(answer.json()["message"].as_str().unwrap().contains("has no file"));
    }
    for (name, bytes) in
        [("css", &b"\xff\xfe"[..]), ("bell", b"\0"), ("card", b"<svg"), ("bell", b"\x1f\x8b\x08")]
    {
        put(&app, &site, &[(name, bytes)]).send().await.expect_error(422);
    }
}

#[tokio::test]
async fn ignored_parts_are_reported_with_position_and_code() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    let css = "@charset \"utf-8\";\n.sidebar { color: red }\n[dir=\"rtl\"] .item { color: teal }";
    let font = |length: usize| {
        let font = format!(
            "@font-face{{font-family:A;src:url(\"data:font/woff2;base64,{}\")}}",
            "A".repeat(length)
        );
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 24 24\">\n<style>{font}</style><path d=\"M4 4h9v9z\"/></svg>"
        )
    };
    let answer = put(&app, &site, &[("bell", font(300_000).as_bytes()), ("css", css.as_bytes())])
        .send()
        .await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let told: Vec<_> = answer.json()["warnings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| json!([one["file"], one["line"], one["column"], one["code"]]))
        .collect();
    assert_eq!(
        told,
        [
            json!(["bell.svg", 2, 8, "font"]),
            json!(["theme.css", 1, 1, "at_rule"]),
            json!(["theme.css", 2, 1, "part"])
        ]
    );
    let answer = put(&app, &site, &[("bell", font(560_000).as_bytes())]).send().await;
    assert_eq!(answer.expect_error(413), "bell.svg");
    assert!(
        answer.json()["message"].as_str().unwrap().contains("its embedded fonts are the reason"),
        "{}",
        answer.text()
    );
}

#[tokio::test]
async fn form_accepts_only_its_known_parts() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    for (parts, field) in [
        (&[("css", CSS.as_bytes()), ("font", b"x")][..], "font"),
        (&[("CSS", CSS.as_bytes())], "CSS"),
        (&[("", CSS.as_bytes())], ""),
        (&[("css", CSS.as_bytes()), ("theme.css", CSS.as_bytes())], "theme.css"),
        (&[("bell", b""), ("bell", BELL.as_bytes())], "bell.svg"),
    ] {
        assert_eq!(put(&app, &site, parts).send().await.expect_error(400), field);
    }
    let whole = form(&[("css", CSS.as_bytes())]);
    let call = draft(&app, &site).header("content-type", "multipart/form-data; boundary=b0undary");
    for odd in [
        &b""[..],
        b"{}",
        &whole[..whole.len() - 20],
        b"--b0undary\r\n\r\n",
        b"--b0undary\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b0undary--",
    ] {
        call.clone().body(odd.to_vec()).send().await.expect_error(400);
    }
    for kind in [
        "application/json",
        "multipart/mixed; boundary=b0undary",
        "multipart/form-data",
        "text/css",
        "é",
    ] {
        draft(&app, &site)
            .header("content-type", kind)
            .body(whole.clone())
            .send()
            .await
            .expect_error(415);
    }
    draft(&app, &site).body(whole.clone()).send().await.expect_error(415);
    call.clone().header("content-encoding", "gzip").body(whole).send().await.expect_error(415);
    assert_eq!(states(&app, &site).await, json!([[], 0, null]));
}

#[tokio::test]
async fn each_file_and_the_form_have_size_limits() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    let padded = |text: &str, length: usize| {
        [text.as_bytes().to_vec(), vec![b' '; length]].concat()[..length].to_vec()
    };
    for (name, file, text, limit) in [
        ("bell", "bell.svg", BELL, 256 * 1_024),
        ("card", "card.svg", BELL, 256 * 1_024),
        ("css", "theme.css", CSS, 64 * 1_024),
    ] {
        assert_eq!(
            put(&app, &site, &[(name, &padded(text, limit + 1))]).send().await.expect_error(413),
            file
        );
        // The status depends on the content, not on its length.
        let status = put(&app, &site, &[(name, &padded(text, limit))]).send().await.status;
        assert!(status == 200 || (file == "card.svg" && status == 422), "{file}: {status}");
    }
    let call = draft(&app, &site).header("content-type", "multipart/form-data; boundary=b0undary");
    // The same form with a preamble before its first part, which must be ignored.
    let form = form(&[("css", CSS.as_bytes())]);
    let long = |length: usize| {
        [vec![b'x'; length - form.len() - 2], b"\r\n".to_vec(), form.clone()].concat()
    };
    call.clone().body(long(MAX_FORM_BYTES)).send().await.expect(200);
    call.clone().body(long(MAX_FORM_BYTES + 1)).send().await.expect_error(413);
    // A large Content-Length is rejected before the body is read.
    call.header("content-length", "99999999999").body("").send().await.expect_error(413);
}

#[tokio::test]
async fn original_file_is_served_unchanged_as_a_download() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    let bell = format!("<!-- drawn in November -->\n{BELL}\n");
    put(&app, &site, &[("bell", bell.as_bytes()), ("css", CSS.as_bytes())])
        .send()
        .await
        .expect(200);
    for (name, kind, text) in [
        ("bell.svg", "image/svg+xml", bell.as_str()),
        ("theme.css", "text/css; charset=utf-8", CSS),
    ] {
        let answer = get(&app, &site, &format!("/1/files/{name}")).await;
        assert_eq!((answer.status.as_u16(), answer.text()), (200, text));
        for (header, value) in [
            ("content-type", kind),
            ("content-disposition", &format!("attachment; filename=\"{name}\"")),
            (
                "content-security-policy",
                "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'none'",
            ),
            ("x-content-type-options", "nosniff"),
            ("cache-control", "no-store"),
        ] {
            assert_eq!(answer.header(header), Some(value), "{name}");
            assert_eq!(answer.headers.get_all(header).iter().count(), 1, "{name}");
        }
    }
    assert_eq!(
        get(&app, &site, "/1").await.header("content-security-policy"),
        Some("default-src 'none'; frame-ancestors 'none'")
    );
}

#[tokio::test]
async fn preview_link_works_for_a_week_on_the_whole_site() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    upload(&app, &site, CSS).await;
    let link = post(&app, &site, "1/preview").await.expect(201);
    let url = link["url"].as_str().unwrap();
    let secret =
        url.strip_prefix(&format!("{PUBLIC_URL}/embed/{}/preview?link=", site.site.id)).unwrap();
    assert!(secret.starts_with("bfp_"), "{secret}");
    let sites = json!([format!("https://shop.example/#belfry-preview={secret}")]);
    assert_eq!(link, json!({"url": url, "sites": sites, "expiresAt": "2026-12-08T08:00:00Z"}));
    assert_ne!(
        post(&app, &site, "1/preview").await.expect(201)["url"],
        url,
        "each request gets its own link"
    );
    let path = url.strip_prefix(PUBLIC_URL).unwrap();
    assert_eq!(app.get(path).send().await.status, 200);
    app.clock.advance(Duration::from_hours(7 * 24));
    assert_ne!(app.get(path).send().await.status, 200);
}

#[tokio::test]
async fn routes_answer_only_their_methods() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    for (path, allowed) in [
        ("", "GET,HEAD"),
        ("/draft", "PUT"),
        ("/publish", "POST"),
        ("/1", "DELETE,GET,HEAD"),
        ("/1/rollback", "POST"),
        ("/1/preview", "POST"),
        ("/1/files/bell.svg", "GET,HEAD"),
    ] {
        let answer = app.patch(&format!("/v1/themes{path}")).key(&site.key).send().await;
        answer.expect_error(405);
        let mut names: Vec<_> = answer.header("allow").unwrap().split(',').collect();
        names.sort_unstable();
        assert_eq!(names.join(","), allowed, "{path}");
    }
}
