//! Files of messages: untrusted uploads, and how they are served.

use super::PublicFixture;
use crate::support::{Answer, TestApp};
use axum::http::Method;
use belfry_domain::channel::{
    ConversationAccess, ConversationMessageId, ConversationNumber, Performer,
};
use belfry_store::ConversationMessageStore as _;
use bytes::Bytes;
use serde_json::{Value, json};

/// Parts of a form: name, file name and claimed type, content.
type Part<'a> = (&'a str, Option<(&'a str, &'a str)>, &'a [u8]);

fn form(parts: &[Part<'_>]) -> Bytes {
    let mut body = Vec::new();
    for (name, file, content) in parts {
        let file = file
            .map(|(name, kind)| format!("; filename=\"{name}\"\r\nContent-Type: {kind}"))
            .unwrap_or_default();
        body.extend_from_slice(
            format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\n\r\n")
                .as_bytes(),
        );
        body.extend_from_slice(content);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(b"--b--\r\n");
    body.into()
}

fn picture(width: u32, height: u32, format: image::ImageFormat) -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    image::DynamicImage::ImageRgb8(image::RgbImage::new(width, height))
        .write_to(&mut bytes, format)
        .unwrap();
    bytes.into_inner()
}

/// A conversation that receives files.
struct AttachmentFixture<'a> {
    shop: PublicFixture<'a>,
    path: String,
    number: i64,
}

impl<'a> AttachmentFixture<'a> {
    async fn new(app: &'a TestApp) -> Self {
        let fixture = PublicFixture::new(app).await;
        let source_id = fixture.session().await;
        let number = fixture.conversation(&source_id).await;
        Self {
            shop: fixture,
            path: format!("/contacts/{source_id}/conversations/{number}/messages"),
            number,
        }
    }

    async fn send(&self, parts: &[Part<'_>]) -> Answer {
        let call = self
            .shop
            .app
            .post(&self.shop.path(&self.path))
            .header("content-type", "multipart/form-data; boundary=b");
        call.body(form(parts)).send().await
    }

    /// Sends one file; returns the message and its attachment.
    async fn attach(&self, name: &str, kind: &str, content: &[u8]) -> (Value, Value) {
        let message =
            self.send(&[("attachments[]", Some((name, kind)), content)]).await.expect(200);
        let attachment = message["attachments"][0].clone();
        (message, attachment)
    }

    async fn fetch(&self, url: &Value) -> Answer {
        self.call(Method::GET, url).await
    }

    async fn call(&self, method: Method, url: &Value) -> Answer {
        let path = url.as_str().unwrap().strip_prefix("https://belfry.example").unwrap();
        self.shop.app.call(method, path).send().await
    }
}

#[tokio::test]
async fn image_is_served_inline_with_a_thumbnail() {
    let app = TestApp::new().await;
    let chat = AttachmentFixture::new(&app).await;
    let png = picture(640, 320, image::ImageFormat::Png);
    let (message, attachment) = chat.attach("my photo.PNG", "application/x-evil", &png).await;
    assert_eq!(
        (&message["content"], &message["message_type"]),
        (&Value::Null, &json!(0)),
        "a message with files only"
    );
    let expected = [
        ("account_id", json!(chat.shop.inbox.account.0)),
        ("extension", json!("png")),
        ("file_size", json!(png.len())),
        ("file_type", json!("image")),
        ("height", json!(320)),
        ("message_id", message["id"].clone()),
        ("width", json!(640)),
    ];
    for (name, value) in expected {
        assert_eq!(attachment[name], value, "{name} of {attachment}");
    }
    let answer = chat.fetch(&attachment["data_url"]).await;
    assert_eq!((answer.status.as_u16(), &answer.body[..]), (200, &png[..]));
    for (name, value) in [
        ("content-type", "image/png"),
        (
            "content-disposition",
            "inline; filename=\"my_photo.png\"; filename*=UTF-8''my%20photo.png",
        ),
        ("x-content-type-options", "nosniff"),
        ("content-security-policy", "sandbox; default-src 'none'; frame-ancestors 'none'"),
        ("cross-origin-resource-policy", "cross-origin"),
        ("cache-control", "private, max-age=31536000, immutable, no-transform"),
    ] {
        assert_eq!(answer.header(name), Some(value), "{name}");
    }
    let thumbnail = chat.fetch(&attachment["thumb_url"]).await;
    let small = image::load_from_memory(&thumbnail.body).unwrap();
    assert_eq!(
        (small.width(), small.height(), thumbnail.header("content-type")),
        (320, 160, Some("image/jpeg"))
    );
    let head = chat.call(Method::HEAD, &attachment["data_url"]).await;
    assert_eq!(
        (head.status.as_u16(), head.body.len(), head.header("content-type")),
        (200, 0, Some("image/png"))
    );
    let tag = answer.header("etag").unwrap();
    let path =
        attachment["data_url"].as_str().unwrap().strip_prefix("https://belfry.example").unwrap();
    assert_eq!(app.get(path).header("if-none-match", tag).send().await.status, 304);
    assert_eq!(chat.call(Method::POST, &attachment["data_url"]).await.status, 405);
}

#[tokio::test]
async fn active_content_is_served_as_a_download() {
    let app = TestApp::new().await;
    let chat = AttachmentFixture::new(&app).await;
    let svg = b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>";
    let lying = [b"\x89PNG\r\n\x1a\n".as_slice(), b"<script>alert(1)</script>"].concat();
    for (name, kind, content, stored) in [
        ("x.svg", "image/svg+xml", &svg[..], "x.svg"),
        ("x.png", "image/png", svg, "x.png"),
        ("x.html", "text/html", b"<!doctype html><script>alert(1)</script>", "x.html"),
        ("x.jpg", "image/jpeg", b"<html><script>alert(1)</script>", "x.jpg"),
        ("x.png", "image/png", &lying, "x.png"),
        ("x.xml", "application/xml", b"<?xml version='1.0'?><a/>", "x.xml"),
        ("x.pdf", "application/pdf", b"%PDF-1.7\n", "x.pdf"),
        ("x.zip", "image/gif", b"PK\x03\x04\x14\x00\x00\x00\x08\x00", "x.zip"),
        ("../../a\\b.js", "text/javascript", b"alert(1)", "b.js"),
        ("", "image/png", b"x", "file"),
    ] {
        let (_, attachment) = chat.attach(name, kind, content).await;
        assert_eq!(
            (&attachment["file_type"], &attachment["width"]),
            (&json!("file"), &Value::Null),
            "{name}"
        );
        assert_eq!(attachment["thumb_url"], "", "{name}");
        let answer = chat.fetch(&attachment["data_url"]).await;
        assert_eq!((answer.status.as_u16(), &answer.body[..]), (200, content), "{name}");
        let disposition = answer.header("content-disposition").unwrap();
        assert!(
            disposition.starts_with("attachment;")
                && disposition.contains(&format!("\"{stored}\"")),
            "{name}: {disposition}"
        );
        let served = answer.header("content-type").unwrap();
        assert!(
            ["application/octet-stream", "application/pdf", "application/zip"].contains(&served),
            "{name} as {served}"
        );
        assert!(answer.header("content-security-policy").unwrap().starts_with("sandbox;"));
    }
}

#[tokio::test]
async fn audio_is_served_inline_with_a_matching_name() {
    let app = TestApp::new().await;
    let chat = AttachmentFixture::new(&app).await;
    let (_, attachment) =
        chat.attach("voice.html", "text/html", b"OggS\x00\x02\x00\x00\x00\x00").await;
    assert_eq!(
        (&attachment["file_type"], &attachment["transcribed_text"]),
        (&json!("audio"), &json!(""))
    );
    let answer = chat.fetch(&attachment["data_url"]).await;
    assert_eq!(answer.header("content-type"), Some("audio/ogg"));
    assert!(
        answer
            .header("content-disposition")
            .unwrap()
            .starts_with("inline; filename=\"voice.html.ogg\"")
    );
}

/// A media player requests the first bytes, then seeks; an interrupted download is resumed.
#[tokio::test]
async fn file_is_served_in_ranges() {
    let app = TestApp::new().await;
    let chat = AttachmentFixture::new(&app).await;
    let sound = [b"OggS\x00\x02".as_slice(), &[b'x'; 1_000], b"the end"].concat();
    let (_, attachment) = chat.attach("voice.ogg", "audio/ogg", &sound).await;
    let path =
        attachment["data_url"].as_str().unwrap().strip_prefix("https://belfry.example").unwrap();
    let whole = app.get(path).header("accept-encoding", "gzip, br").send().await;
    assert_eq!(
        (whole.status.as_u16(), whole.header("accept-ranges"), &whole.body[..]),
        (200, Some("bytes"), &sound[..])
    );
    assert_eq!(whole.header("content-encoding"), None, "ranges apply to the uncompressed bytes");
    let tag = whole.header("etag").unwrap().to_owned();
    let part = async |range: &str, headers: &[(&'static str, &str)]| {
        let call = app.get(path).header("accept-encoding", "gzip").header("range", range);
        headers.iter().fold(call, |call, (name, value)| call.header(name, value)).send().await
    };
    for (range, content_range, content) in
        [("bytes=0-3", "bytes 0-3/1013", "OggS"), ("bytes=-7", "bytes 1006-1012/1013", "the end")]
    {
        let answer = part(range, &[]).await;
        assert_eq!(
            (answer.status.as_u16(), answer.header("content-range"), answer.text()),
            (206, Some(content_range), content)
        );
        assert_eq!(
            (answer.header("content-type"), answer.header("etag")),
            (Some("audio/ogg"), Some(tag.as_str()))
        );
        assert!(answer.header("content-security-policy").unwrap().starts_with("sandbox;"));
    }
    assert_eq!(part("bytes=1006-", &[("if-range", &tag)]).await.text(), "the end");
    assert_eq!(part("bytes=1006-", &[("if-range", "\"other\"")]).await.body.len(), sound.len());
    assert_eq!(part("bytes=0-1", &[("if-none-match", &tag)]).await.status, 304);
    let beyond = part("bytes=1013-", &[]).await;
    assert_eq!(
        (beyond.status.as_u16(), beyond.header("content-range"), beyond.body.len()),
        (416, Some("bytes */1013"), 0)
    );
    let head = app.call(Method::HEAD, path).header("range", "bytes=0-1").send().await;
    assert_eq!(
        (head.status.as_u16(), head.header("accept-ranges"), head.header("content-length")),
        (200, Some("bytes"), Some("1013"))
    );
}

/// Their headers declare the size, so nothing is decoded.
#[tokio::test]
async fn gigapixel_image_gets_no_thumbnail() {
    let app = TestApp::new().await;
    let chat = AttachmentFixture::new(&app).await;
    for side in [65_500_u32, u32::MAX] {
        let mut head =
            [b"IHDR".as_slice(), &side.to_be_bytes(), &side.to_be_bytes(), &[8, 6, 0, 0, 0]]
                .concat();
        head.extend_from_slice(&crc32fast::hash(&head).to_be_bytes());
        let bomb = [b"\x89PNG\r\n\x1a\n\x00\x00\x00\x0d".as_slice(), &head].concat();
        let (_, attachment) = chat.attach("bomb.png", "image/png", &bomb).await;
        assert_eq!(
            (&attachment["file_type"], &attachment["thumb_url"]),
            (&json!("file"), &json!(""))
        );
    }
}

/// A PNG that declares a small size, but whose body inflates to much more.
#[tokio::test]
async fn decompression_bomb_is_stored_without_full_inflation() {
    use std::io::Write as _;
    let app = TestApp::new().await;
    let chat = AttachmentFixture::new(&app).await;
    let mut packed = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    for _ in 0..256 {
        packed.write_all(&vec![0; 1024 * 1024]).unwrap();
    }
    let packed = packed.finish().unwrap();
    let chunk = |name: &[u8; 4], content: &[u8]| {
        let named = [name.as_slice(), content].concat();
        [
            &u32::try_from(content.len()).unwrap().to_be_bytes()[..],
            &named,
            &crc32fast::hash(&named).to_be_bytes()[..],
        ]
        .concat()
    };
    let header = [&64_u32.to_be_bytes()[..], &64_u32.to_be_bytes()[..], &[8, 2, 0, 0, 0]].concat();
    let bomb = [
        b"\x89PNG\r\n\x1a\n".to_vec(),
        chunk(b"IHDR", &header),
        chunk(b"iCCP", &[b"x\0\0".as_slice(), &packed].concat()),
        chunk(b"IDAT", &packed),
        chunk(b"IEND", b""),
    ]
    .concat();
    let answer = chat.send(&[("attachments[]", Some(("bomb.png", "image/png")), &bomb)]).await;
    assert_eq!(answer.expect(200)["attachments"][0]["file_size"], bomb.len());
}

#[tokio::test]
async fn files_are_limited_in_number_and_size() {
    let app = TestApp::new().await;
    let chat = AttachmentFixture::new(&app).await;
    let part: Part<'_> = ("attachments[]", Some(("a.txt", "text/plain")), b"x");
    assert_eq!(
        chat.send(&[part; 15]).await.expect(200)["attachments"].as_array().unwrap().len(),
        15
    );
    let response = chat.send(&[part; 16]).await.expect(422);
    assert_eq!(
        response,
        json!({ "message": "Attachments exceeded maximum allowed: 15", "attributes": ["attachments"] })
    );
    let half = vec![0; 3 * 1_024 * 1_024];
    let large: Part<'_> = ("attachments[]", Some(("a.bin", "application/octet-stream")), &half);
    assert_eq!(chat.send(&[large]).await.expect(200)["attachments"][0]["file_size"], half.len());
    assert_eq!(chat.send(&[large, large]).await.expect(422)["attributes"], json!(["attachments"]));
    let messages = chat.shop.get(&chat.path).send().await.expect(200);
    assert_eq!(messages.as_array().unwrap().len(), 2, "rejected data is not stored");
}

#[tokio::test]
async fn form_of_existing_sdks_is_accepted() {
    let app = TestApp::new().await;
    let chat = AttachmentFixture::new(&app).await;
    let parts: [Part<'_>; 4] = [
        ("content", None, "grüß dich".as_bytes()),
        ("private", None, b"true"),
        ("content_attributes", None, b"{}"),
        ("echo_id", None, b"e"),
    ];
    let message = chat.send(&parts).await.expect(200);
    assert_eq!((&message["content"], &message["message_type"]), (&json!("grüß dich"), &json!(0)));
    assert_eq!(message.get("attachments"), None);
    assert_eq!(chat.send(&[("content", None, b"\xff\xfe")]).await.expect(400)["status"], 400);
}

#[tokio::test]
async fn file_of_a_deleted_message_is_404() {
    let app = TestApp::new().await;
    let chat = AttachmentFixture::new(&app).await;
    let (message, attachment) =
        chat.attach("a.png", "image/png", &picture(400, 400, image::ImageFormat::Png)).await;
    for url in ["data_url", "thumb_url"] {
        assert_eq!(chat.fetch(&attachment[url]).await.status, 200);
    }
    let place =
        (ConversationNumber(chat.number), ConversationMessageId(message["id"].as_i64().unwrap()));
    let (site, now) = (chat.shop.site.site.id, app.app.now());
    app.store
        .delete_message(site, ConversationAccess::Site, place, &Performer::System, now)
        .await
        .unwrap()
        .unwrap();
    for url in ["data_url", "thumb_url"] {
        assert_eq!(chat.fetch(&attachment[url]).await.status, 404);
    }
    for path in [
        "/attachments/nothing/a.png",
        "/attachments/nothing/thumbnail/a.png",
        "/attachments/nothing",
    ] {
        assert_eq!(app.get(path).send().await.status, 404, "{path}");
    }
}
