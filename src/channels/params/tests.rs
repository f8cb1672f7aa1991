use super::*;
use axum::http::Method;
use serde_json::json;
use std::fmt::Write as _;

const BOUNDS: BodyLimits = BodyLimits::new(1_000, 100, 2);

async fn read(kind: &str, body: impl Into<Body>) -> Result<Params, ParamsError> {
    let request = Request::builder()
        .method(Method::POST)
        .uri("/?q=1&private=x")
        .header(header::CONTENT_TYPE, kind)
        .body(body.into())
        .unwrap();
    Params::read(request, BOUNDS).await
}

/// Encodes parts: name, file name, content.
fn form(parts: &[(&str, Option<&str>, &str)]) -> String {
    let mut body = String::new();
    for (name, file, content) in parts {
        let file = file
            .map(|file| format!("; filename=\"{file}\"\r\nContent-Type: text/html"))
            .unwrap_or_default();
        let _ = write!(
            body,
            "--b\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\n\r\n{content}\r\n"
        );
    }
    body + "--b--\r\n"
}

const MULTIPART: &str = "multipart/form-data; boundary=b";

#[tokio::test]
async fn every_body_format_yields_the_same_members() {
    let attributes = r#"{"in_reply_to":5}"#;
    for (kind, body) in [
        ("application/json", json!({ "content": "hi", "private": false, "content_attributes": { "in_reply_to": 5 } }).to_string()),
        ("application/JSON; charset=utf-8", json!({ "content": "hi", "private": "false", "content_attributes": attributes }).to_string()),
        ("", json!({ "content": "hi", "private": false, "content_attributes": attributes }).to_string()),
        ("application/x-www-form-urlencoded", "content=hi&private=0&content_attributes=%7B%22in_reply_to%22%3A5%7D".to_owned()),
        (MULTIPART, form(&[("content", None, "hi"), ("private", None, "false"), ("content_attributes", None, attributes)])),
    ] {
        let params = read(kind, body).await.unwrap();
        assert_eq!(params.text("content").as_deref(), Some("hi"), "{kind}");
        assert_eq!(params.object("content_attributes").unwrap()["in_reply_to"], 5, "{kind}");
        assert_eq!(params.integer("q"), Some(1), "the query");
    }
}

#[tokio::test]
async fn values_of_the_wrong_type_count_as_absent() {
    let params = read(
        "application/json",
        json!({ "a": {}, "b": [], "n": 7, "t": true, "z": null }).to_string(),
    )
    .await
    .unwrap();
    for name in ["a", "b", "z", "missing"] {
        assert_eq!((params.text(name), params.integer(name)), (None, None), "{name}");
    }
    assert_eq!(
        (params.text("n").as_deref(), params.text("t").as_deref()),
        (Some("7"), Some("true"))
    );
    for empty in ["", "  "] {
        assert_eq!(
            read("application/json", empty).await.unwrap().get("content"),
            None,
            "{empty:?}"
        );
    }
    assert_eq!(
        read("application/json", " null ").await.unwrap().integer("q"),
        Some(1),
        "null counts as an empty body"
    );
    let deep = format!("{}{}", r#"{"a":"#.repeat(140), "}".repeat(140));
    for odd in ["[]", "7", "[null]", "\"x\"", &deep] {
        assert_eq!(
            read("application/json", odd.to_owned()).await.unwrap_err(),
            ParamsError::Malformed,
            "{odd:?}"
        );
    }
    assert_eq!(read("text/plain", "content=hi").await.unwrap().text("content"), None);
}

#[tokio::test]
async fn bracketed_names_are_nested() {
    let form = "a[b]=1&a[c][d]=2&l[]=x&l[]=y&s[][name]=n1&s[][value]=v1&s[][name]=n2&b[=1&=2&a=3&[]=4&a[z]=5&x[1][2][3][4][5][6][7]=8";
    let params = read("application/x-www-form-urlencoded", form).await.unwrap();
    assert_eq!(params.get("l"), Some(&json!(["x", "y"])));
    assert_eq!(params.get("s"), Some(&json!([{ "name": "n1", "value": "v1" }, { "name": "n2" }])));
    assert_eq!(params.get("a"), Some(&json!("3")), "the last one wins");
    assert_eq!(params.get("x"), None);
    let params = read("application/x-www-form-urlencoded", "a[b]=1&a[c][d]=2").await.unwrap();
    assert_eq!(params.get("a"), Some(&json!({ "b": "1", "c": { "d": "2" } })));
}

#[tokio::test]
async fn parts_with_a_file_name_are_files() {
    let parts = [
        ("attachments[]", Some("a.txt"), "one"),
        ("attachments[]", Some(""), ""),
        ("avatar", Some("b"), "two"),
        ("attachments", None, "id"),
    ];
    let mut params = read(MULTIPART, form(&parts)).await.unwrap();
    assert_eq!(params.text("attachments").as_deref(), Some("id"));
    let files = params.take_files();
    assert_eq!(
        files,
        [FileUpload {
            filename: "a.txt".into(),
            claimed_type: "text/html".into(),
            bytes: Bytes::from_static(b"one")
        }]
    );
    assert!(params.take_files().is_empty());
}

#[tokio::test]
async fn body_limits_apply_while_reading() {
    let refused = async |kind: &str, body: String| {
        let announced = read(kind, body.clone()).await.unwrap_err();
        // A stream has no Content-Length, as with chunked encoding.
        let stream = futures_util::stream::iter(
            body.into_bytes()
                .into_iter()
                .map(|byte| Ok::<_, std::io::Error>(Bytes::from(vec![byte]))),
        );
        assert_eq!(read(kind, Body::from_stream(stream)).await.unwrap_err(), announced);
        announced
    };
    assert_eq!(
        refused("application/json", json!({ "content": "x".repeat(1_200) }).to_string()).await,
        ParamsError::TooLarge
    );
    assert_eq!(
        refused("application/x-www-form-urlencoded", format!("content={}", "x".repeat(1_200)))
            .await,
        ParamsError::TooLarge
    );
    assert_eq!(
        refused(MULTIPART, form(&[("attachments[]", Some("a"), &"x".repeat(101))])).await,
        ParamsError::FilesTooLarge(100)
    );
    assert_eq!(
        refused(MULTIPART, form(&[("other", Some("a"), &"x".repeat(101))])).await,
        ParamsError::FilesTooLarge(100)
    );
    let three = [("attachments[]", Some("a"), "x"); 3];
    let request = Request::builder()
        .header(header::CONTENT_TYPE, MULTIPART)
        .body(Body::from(form(&three)))
        .unwrap();
    assert_eq!(Params::read(request, BOUNDS).await.unwrap_err(), ParamsError::TooManyFiles(2));
}

/// Bytes are counted until the last part of them is dropped.
#[tokio::test]
async fn upload_memory_is_limited_across_requests() {
    static MEMORY: UploadMemory = UploadMemory::new(150);
    let upload = async |bytes: usize| {
        let body = form(&[("attachments[]", Some("a"), &"x".repeat(bytes))]);
        let request = Request::builder()
            .header(header::CONTENT_TYPE, MULTIPART)
            .body(Body::from(body))
            .unwrap();
        Params::read(request, BodyLimits { memory: &MEMORY, ..BOUNDS }).await
    };
    let mut first = upload(100).await.unwrap();
    assert_eq!(upload(51).await.unwrap_err(), ParamsError::Busy);
    let second = upload(50).await.unwrap();
    assert_eq!(upload(1).await.unwrap_err(), ParamsError::Busy);
    drop(second);
    // A rejected upload releases its reservation.
    drop(upload(50).await.unwrap());
    let stored = first.take_files().remove(0).bytes;
    drop(first);
    assert_eq!(upload(51).await.unwrap_err(), ParamsError::Busy);
    assert_eq!(stored.len(), 100);
    drop(stored);
    assert!(upload(100).await.is_ok());
}

#[tokio::test]
async fn invalid_bodies_are_malformed() {
    for (kind, body) in [
        ("application/json", "{\"content\":"),
        ("application/json", "{\"content\":\"\u{0}"),
        (MULTIPART, "--b\r\nContent-Disposition: form-data; name=\"content\"\r\n\r\nhi"),
        ("multipart/form-data", "--b--"),
    ] {
        assert_eq!(read(kind, body).await.unwrap_err(), ParamsError::Malformed, "{kind} {body:?}");
    }
    let deep = format!("{{\"a\":{}", "[".repeat(180));
    assert_eq!(read("application/json", deep).await.unwrap_err(), ParamsError::Malformed);
    let request =
        Request::builder().header(header::CONTENT_ENCODING, "gzip").body(Body::empty()).unwrap();
    assert_eq!(Params::read(request, BOUNDS).await.unwrap_err(), ParamsError::Compressed);
}

#[tokio::test]
async fn form_of_ten_thousand_members_is_rejected() {
    let parts = vec![("a[]", None, "x"); 10_000];
    let request = |kind: &str, body: String| {
        let request = Request::builder()
            .method(Method::POST)
            .uri("/")
            .header(header::CONTENT_TYPE, kind)
            .body(Body::from(body))
            .unwrap();
        Params::read(request, BodyLimits::new(MAX_BODY_BYTES, MAX_BODY_BYTES, 2))
    };
    assert_eq!(request(MULTIPART, form(&parts)).await.unwrap_err(), ParamsError::TooLarge);
    let files = vec![("other", Some("a.txt"), "x"); 10_000];
    assert_eq!(
        request(MULTIPART, form(&files)).await.unwrap_err(),
        ParamsError::TooLarge,
        "even if no file is kept"
    );
    assert_eq!(
        request("application/x-www-form-urlencoded", "a=1&".repeat(10_000)).await.unwrap_err(),
        ParamsError::TooLarge
    );
}
