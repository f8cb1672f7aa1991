//! Clients that disconnect at any moment: each write is atomic.

use super::PublicFixture;
use crate::{
    disconnect::{AtomicityChecker, Retry},
    support::{Call, TestApp},
};
use serde_json::json;

#[tokio::test]
async fn each_write_is_atomic() {
    let app = TestApp::new().await;
    let fixture = PublicFixture::new(&app).await;
    let mut watched = AtomicityChecker::new(&app).await;
    let conversation = async || {
        let source_id = fixture.session().await;
        let number = fixture.conversation(&source_id).await;
        format!("/contacts/{source_id}/conversations/{number}")
    };
    let contact = async |number: usize| {
        fixture.post(
            "/contacts",
            json!({ "identifier": format!("c-{number}"), "avatar_url": "https://a.example/a.png" }),
        )
    };
    watched.check_atomic("a contact", Retry::Never, contact).await.unwrap();
    let verified = async |number: usize| -> Call {
        let id = format!("v-{number}");
        let source_id = fixture.contact(json!({ "identifier": id })).await["source_id"]
            .as_str()
            .unwrap()
            .to_owned();
        fixture.get(&format!(
            "/contacts/{source_id}?identifier={id}&identifier_hash={}",
            fixture.hash(&id)
        ))
    };
    watched.check_atomic("a verified session", Retry::Never, verified).await.unwrap();
    let begun = async |_| {
        let source_id = fixture.session().await;
        fixture.post(
            &format!("/contacts/{source_id}/conversations"),
            json!({ "custom_attributes": { "a": 1 } }),
        )
    };
    watched.check_atomic("a conversation", Retry::Never, begun).await.unwrap();
    // Each file has different bytes: identical bytes are stored once per site.
    let said = async |number: usize| {
        let part = "Content-Disposition: form-data; name=\"attachments[]\"; filename=\"a.txt\"";
        let form = format!("--b\r\n{part}\r\n\r\nfile {number}\r\n--b--\r\n");
        let call = app.post(&fixture.path(&format!("{}/messages", conversation().await)));
        call.header("content-type", "multipart/form-data; boundary=b").body(form)
    };
    watched.check_atomic("a message with a file", Retry::Never, said).await.unwrap();
    let resolved =
        async |_| fixture.post(&format!("{}/toggle_status", conversation().await), json!({}));
    watched.check_atomic("a resolved conversation", Retry::Never, resolved).await.unwrap();
}
