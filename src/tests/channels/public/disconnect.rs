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
    let shop = PublicFixture::new(&app).await;
    let mut watched = AtomicityChecker::new(&app).await;
    let conversation = async || {
        let source_id = shop.session().await;
        let number = shop.conversation(&source_id).await;
        format!("/contacts/{source_id}/conversations/{number}")
    };
    let contact = async |number: usize| {
        shop.post(
            "/contacts",
            json!({ "identifier": format!("c-{number}"), "avatar_url": "https://a.example/a.png" }),
        )
    };
    watched.leaves_nothing_half_done("a contact", Retry::Never, contact).await.unwrap();
    let verified = async |number: usize| -> Call {
        let id = format!("v-{number}");
        let source_id = shop.contact(json!({ "identifier": id })).await["source_id"]
            .as_str()
            .unwrap()
            .to_owned();
        shop.get(&format!(
            "/contacts/{source_id}?identifier={id}&identifier_hash={}",
            shop.hash(&id)
        ))
    };
    watched.leaves_nothing_half_done("a verified session", Retry::Never, verified).await.unwrap();
    let begun = async |_| {
        let source_id = shop.session().await;
        shop.post(
            &format!("/contacts/{source_id}/conversations"),
            json!({ "custom_attributes": { "a": 1 } }),
        )
    };
    watched.leaves_nothing_half_done("a conversation", Retry::Never, begun).await.unwrap();
    // Each file has different bytes: identical bytes are stored once per site.
    let said = async |number: usize| {
        let part = "Content-Disposition: form-data; name=\"attachments[]\"; filename=\"a.txt\"";
        let form = format!("--b\r\n{part}\r\n\r\nfile {number}\r\n--b--\r\n");
        let call = app.post(&shop.path(&format!("{}/messages", conversation().await)));
        call.header("content-type", "multipart/form-data; boundary=b").body(form)
    };
    watched.leaves_nothing_half_done("a message with a file", Retry::Never, said).await.unwrap();
    let resolved =
        async |_| shop.post(&format!("{}/toggle_status", conversation().await), json!({}));
    watched
        .leaves_nothing_half_done("a resolved conversation", Retry::Never, resolved)
        .await
        .unwrap();
}
