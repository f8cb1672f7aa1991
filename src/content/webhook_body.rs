//! Renders the body of a message webhook in the format of the existing products (contract, section
//! 4). Called by the webhook dispatcher.

use super::template;
use belfry_domain::{MessageSnapshot, WebhookPayload};
use serde_json::{Value, json};
use std::borrow::Cow;

/// The request body of a delivery.
pub fn render(payload: &WebhookPayload) -> Cow<'_, str> {
    match payload {
        WebhookPayload::Raw(body) => Cow::Borrowed(body),
        WebhookPayload::Message(parcel) => Cow::Owned(render_message(parcel)),
        // The format of conversation events depends on the recipient (`content::wire`); App Inbox
        // endpoints get none.
        WebhookPayload::Conversation(_) => Cow::Borrowed(""),
    }
}

fn render_message(snapshot: &MessageSnapshot) -> String {
    let content = template::fill(&snapshot.content, Some(&snapshot.contact));
    json!({
        "externalCustomerId": snapshot.contact.external_id,
        "id": snapshot.message,
        "createdDate": snapshot.created_at.millis(),
        "title": content.title,
        "content": template::render_body(&content, Some(&snapshot.contact), None),
        "image": content.image,
        "link": content.link,
        "category": snapshot.category,
        "customData": snapshot.data.as_ref().map(Value::to_string),
    })
    .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use belfry_domain::{Contact, ContactId, Link, MessageContent, MessageId, Position, Timestamp};

    #[test]
    fn stored_message_renders_for_its_contact() {
        let snapshot = MessageSnapshot {
            contact: Contact {
                id: ContactId(1),
                external_id: Some("42".to_owned()),
                email: None,
                phone: None,
                first_name: Some("<b>Ann</b>".to_owned()),
                last_name: None,
                language: Some("pt-BR".parse().unwrap()),
                attributes: json!({"plan": "pro"}).as_object().unwrap().clone(),
                created_at: Timestamp::from_millis(1),
                updated_at: Timestamp::from_millis(2),
                last_seen_at: None,
                hidden_until: Position::default(),
            },
            message: MessageId::from_bytes([7; 16]),
            created_at: Timestamp::from_millis(1_764_000_000_000),
            content: MessageContent {
                title: "Hi {{firstName}}".to_owned(),
                body: "*{{attributes.plan}}* {{firstName}}".to_owned(),
                link: Some(Link::parse("https://shop.example/u/{{externalCustomerId}}").unwrap()),
                new_tab: false,
                image: None,
                actions: Vec::new(),
                is_literal: false,
            },
            category: None,
            data: Some(json!({"k": 1})),
        };
        let kept = WebhookPayload::decode(snapshot.encode().unwrap());
        assert_eq!(kept, WebhookPayload::Message(Box::new(snapshot)));
        let body: Value = serde_json::from_str(&render(&kept)).unwrap();
        assert_eq!(
            body,
            json!({
                "externalCustomerId": "42",
                "id": "07070707-0707-0707-0707-070707070707",
                "createdDate": 1_764_000_000_000_i64,
                "title": "Hi <b>Ann</b>",
                "content": "<p><em>pro</em> &lt;b&gt;Ann&lt;/b&gt;</p>",
                "image": null,
                "link": "https://shop.example/u/42",
                "category": null,
                "customData": "{\"k\":1}",
            })
        );
    }

    #[test]
    fn other_payload_is_sent_unchanged() {
        for body in [
            r#"{"type":"message.read","timestamp":null,"data":{}}"#,
            r#"{"externalCustomerId":"test"}"#,
            "x",
        ] {
            assert_eq!(render(&WebhookPayload::decode(body.to_owned())), body);
        }
        assert_eq!(
            render(&WebhookPayload::decode(
                "parcel {\"contact\":{\"email\":\"ann@shop.example\"}}".to_owned()
            )),
            ""
        );
    }
}
