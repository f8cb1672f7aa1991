//! Other body formats: forms, multipart with files, and unreadable bodies.

use super::ApplicationFixture;
use crate::support::{Answer, TestApp};
use serde_json::{Value, json};

const DOT: &[u8] =
    b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01\x00\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;";

/// Encodes parts: name, file name, bytes.
fn parts(parts: &[(&str, Option<&str>, &[u8])]) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, filename, bytes) in parts {
        let filename =
            filename.map_or_else(String::new, |filename| format!("; filename=\"{filename}\""));
        body.extend_from_slice(
            format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"{filename}\r\n\r\n")
                .as_bytes(),
        );
        body.extend_from_slice(bytes);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(b"--b--\r\n");
    body
}

async fn send(fixture: &ApplicationFixture<'_>, path: &str, body: Vec<u8>) -> Answer {
    fixture
        .call("POST", path)
        .header("content-type", "multipart/form-data; boundary=b")
        .body(body)
        .send()
        .await
}

#[tokio::test]
async fn multipart_message_without_a_file() {
    let app = TestApp::new().await;
    let fixture = ApplicationFixture::new(&app).await;
    let path = format!("/conversations/{}/messages", fixture.conversation().await);
    let body = parts(&[
        ("content", None, b"Hello"),
        ("message_type", None, b"incoming"),
        ("private", None, b"false"),
        ("content_attributes", None, br#"{"a":1}"#),
        ("echo_id", None, b"e-1"),
    ]);
    let said = send(&fixture, &path, body).await.expect(200);
    assert_eq!(
        (&said["content"], &said["message_type"], &said["private"]),
        (&json!("Hello"), &json!(0), &json!(false))
    );
    assert_eq!(
        (&said["content_attributes"], &said["echo_id"], said.get("attachments")),
        (&json!({"a": 1}), &json!("e-1"), None)
    );
}

#[tokio::test]
async fn multipart_message_with_only_a_file() {
    let app = TestApp::new().await;
    let fixture = ApplicationFixture::new(&app).await;
    let number = fixture.conversation().await;
    let path = format!("/conversations/{number}/messages");
    let said = send(
        &fixture,
        &path,
        parts(&[
            ("attachments[]", Some("dot.gif"), DOT),
            ("attachments[]", Some("a.txt"), b"text"),
        ]),
    )
    .await
    .expect(200);
    assert_eq!(said["content"], Value::Null);
    let (picture, text) = (&said["attachments"][0], &said["attachments"][1]);
    assert_eq!(
        (&picture["file_type"], &picture["message_id"], &picture["account_id"]),
        (&json!("image"), &said["id"], &json!(fixture.account))
    );
    assert_eq!(
        (&picture["width"], &picture["file_size"], &text["file_type"]),
        (&json!(1), &json!(DOT.len()), &json!("file"))
    );
    for attachment in [picture, text] {
        assert!(
            attachment["data_url"].as_str().unwrap().starts_with("https://belfry.example/"),
            "{attachment}"
        );
    }
    let deleted =
        fixture.call("DELETE", &format!("{path}/{}", said["id"])).send().await.expect(200);
    assert_eq!(deleted.get("attachments"), None);
}

#[tokio::test]
async fn files_are_limited() {
    let app = TestApp::new().await;
    let fixture = ApplicationFixture::new(&app).await;
    let path = format!("/conversations/{}/messages", fixture.conversation().await);
    let many: Vec<(&str, Option<&str>, &[u8])> =
        vec![("attachments[]", Some("a.txt"), b"text"); 16];
    let said = send(&fixture, &path, parts(&many)).await.expect(422);
    assert!(said["error"].as_str().unwrap().contains("15"), "{said}");
    let large = vec![b'x'; 5 * 1_024 * 1_024 + 1];
    let said =
        send(&fixture, &path, parts(&[("attachments[]", Some("a.txt"), &large)])).await.expect(422);
    assert!(said["error"].is_string(), "{said}");
    assert_eq!(fixture.get(&path).await["payload"], json!([]));
}

#[tokio::test]
async fn form_names_may_have_brackets() {
    let app = TestApp::new().await;
    let fixture = ApplicationFixture::new(&app).await;
    let form = async |method: &str, path: &str, body: String| {
        fixture
            .call(method, path)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body)
            .send()
            .await
    };
    let inbox = form(
        "POST",
        "/inboxes",
        "name=Second+inbox&channel[type]=api&greeting_enabled=true".to_owned(),
    )
    .await
    .expect(200);
    assert_eq!(
        (&inbox["name"], &inbox["greeting_enabled"]),
        (&json!("Second inbox"), &json!(true))
    );
    let members = format!(
        "inbox_id={}&user_ids[]={}&user_ids[]={}",
        inbox["id"], fixture.member.agent.id, fixture.outsider.agent.id
    );
    assert_eq!(
        form("POST", "/inbox_members", members).await.expect(200)["payload"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
    let contact = form("POST", "/contacts", "name=Zoe&custom_attributes[plan]=pro".to_owned())
        .await
        .expect(200);
    assert_eq!(contact["payload"]["contact"]["custom_attributes"], json!({"plan": "pro"}));
}

#[tokio::test]
async fn query_parameters_are_read_without_a_body() {
    let app = TestApp::new().await;
    let fixture = ApplicationFixture::new(&app).await;
    let path = format!(
        "/inbox_members?inbox_id={}&user_ids[]={}",
        fixture.inbox_id(),
        fixture.member.agent.id
    );
    let removed = fixture.call("DELETE", &path).send().await;
    assert_eq!((removed.status.as_u16(), removed.body.len()), (200, 0));
    assert_eq!(
        fixture.get(&format!("/inbox_members/{}", fixture.inbox_id())).await,
        json!({"payload": []})
    );
}

#[tokio::test]
async fn unreadable_bodies_are_rejected() {
    let app = TestApp::new().await;
    let fixture = ApplicationFixture::new(&app).await;
    let post = |kind: &str, body: &'static str| {
        fixture.call("POST", "/contacts").header("content-type", kind).body(body).send()
    };
    for (kind, body) in [
        ("application/json", "{"),
        ("application/json", "[]"),
        ("application/json", "7"),
        ("multipart/form-data", "x"),
        ("multipart/form-data; boundary=b", "--b\r\n"),
    ] {
        let answer = post(kind, body).await;
        assert!(answer.expect(400)["error"].is_string(), "{kind} {body}");
    }
    let compressed = fixture
        .call("POST", "/contacts")
        .header("content-type", "application/json")
        .header("content-encoding", "gzip")
        .body("x")
        .send()
        .await;
    assert!(compressed.expect(415)["error"].is_string());
    let large = fixture
        .call("POST", "/contacts")
        .header("content-type", "application/json")
        .body(format!("{{\"name\":\"{}\"}}", "x".repeat(2 * 1_024 * 1_024)));
    assert!(large.send().await.expect(413)["error"].is_string());
    // Some clients send a JSON content type without a body.
    assert_eq!(
        fixture
            .call("GET", "/contacts")
            .header("content-type", "application/json")
            .send()
            .await
            .status,
        200
    );
    assert_eq!(
        fixture
            .call("POST", "/contacts")
            .header("content-type", "application/json")
            .send()
            .await
            .status,
        200
    );
    assert_eq!(
        fixture.call("POST", "/contacts").body("{\"name\":\"Zoe\"}").send().await.expect(200)["name"],
        "Zoe"
    );
}
