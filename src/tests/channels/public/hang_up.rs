//! Clients that go away at any moment: what they asked for is done as a whole or not at all.

use super::Shop;
use crate::{
    hang_up::{Again, Watched},
    support::{Call, TestApp},
};
use serde_json::json;

#[tokio::test]
async fn what_is_done_is_done_as_a_whole() {
    let app = TestApp::new().await;
    let shop = Shop::new(&app).await;
    let mut watched = Watched::new(&app).await;
    let conversation = async || {
        let source_id = shop.session().await;
        let number = shop.conversation(&source_id).await;
        format!("/contacts/{source_id}/conversations/{number}")
    };
    let contact =
        async |number: usize| shop.post("/contacts", json!({ "identifier": format!("c-{number}"), "avatar_url": "https://a.example/a.png" }));
    watched.leaves_nothing_half_done("a contact", Again::Never, contact).await;
    let verified = async |number: usize| -> Call {
        let id = format!("v-{number}");
        let source_id = shop.contact(json!({ "identifier": id })).await["source_id"].as_str().unwrap().to_owned();
        shop.get(&format!("/contacts/{source_id}?identifier={id}&identifier_hash={}", shop.hash(&id)))
    };
    watched.leaves_nothing_half_done("a verified session", Again::Never, verified).await;
    let begun = async |_| {
        let source_id = shop.session().await;
        shop.post(&format!("/contacts/{source_id}/conversations"), json!({ "custom_attributes": { "a": 1 } }))
    };
    watched.leaves_nothing_half_done("a conversation", Again::Never, begun).await;
    let form = "--b\r\nContent-Disposition: form-data; name=\"attachments[]\"; filename=\"a.txt\"\r\n\r\nx\r\n--b--\r\n";
    let said = async |_| {
        app.post(&shop.path(&format!("{}/messages", conversation().await))).header("content-type", "multipart/form-data; boundary=b").body(form)
    };
    watched.leaves_nothing_half_done("a message with a file", Again::Never, said).await;
    let resolved = async |_| shop.post(&format!("{}/toggle_status", conversation().await), json!({}));
    watched.leaves_nothing_half_done("a resolved conversation", Again::Never, resolved).await;
}
