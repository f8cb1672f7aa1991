//! JSON views of a webhook and its deliveries. They must not contain a secret.

use belfry_content::webhook_body;
use belfry_domain::{
    ContactId, Delivery, Endpoint, EndpointId, EndpointKind, EventType, Timestamp,
};
use serde::Serialize;
use serde_json::{Value, json};

/// A webhook.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = Webhook)]
#[serde(rename_all = "camelCase")]
pub struct View {
    #[schema(value_type = String)]
    id: EndpointId,
    /// `standard` or `message`.
    kind: &'static str,
    url: String,
    description: String,
    /// The event types that it receives; a message webhook receives messages only.
    events: Vec<&'static str>,
    enabled: bool,
    /// Why Belfry disabled it; absent if Belfry did not.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// Credentials that a message webhook sends, without the password.
    #[serde(skip_serializing_if = "Option::is_none")]
    auth: Option<Value>,
    created_at: Option<String>,
    /// Since when every attempt has failed.
    failing_since: Option<String>,
    /// Number of deliveries that are still to be sent.
    pending: u32,
}

impl From<Endpoint> for View {
    fn from(endpoint: Endpoint) -> Self {
        let auth = (endpoint.kind == EndpointKind::Message).then(|| match &endpoint.username {
            Some(username) => json!({"type": "basic", "username": username}),
            None => json!({"type": "none"}),
        });
        Self {
            id: endpoint.id,
            kind: endpoint.kind.as_str(),
            url: endpoint.url,
            description: endpoint.description,
            events: endpoint.events.into_iter().map(EventType::as_str).collect(),
            enabled: endpoint.enabled,
            reason: endpoint.reason,
            auth,
            created_at: endpoint.created_at.rfc3339(),
            failing_since: endpoint.failing_since.and_then(Timestamp::rfc3339),
            pending: endpoint.pending,
        }
    }
}

/// A delivery. `request` and `answer` are present only when a single delivery is requested.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = WebhookDelivery)]
#[serde(rename_all = "camelCase")]
pub struct DeliveryView {
    /// The delivery's number. Deliveries of one contact are sent in this order.
    id: i64,
    /// Value of the `webhook-id` header, the same for every attempt.
    event_id: String,
    /// Event type; `message` for a message webhook.
    r#type: String,
    #[schema(value_type = Option<i64>)]
    contact: Option<ContactId>,
    /// `pending`, `done` or `dead`.
    state: &'static str,
    attempts: u32,
    created_at: Option<String>,
    /// Time of the next attempt. Absent while an earlier delivery of the same contact is pending.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_at: Option<String>,
    attempted_at: Option<String>,
    finished_at: Option<String>,
    /// HTTP status of the last response.
    status: Option<u16>,
    /// Why the last attempt failed.
    error: Option<String>,
    duration_ms: Option<u32>,
    /// The request: `headers` without signature and password, and `body`, byte for byte.
    #[serde(skip_serializing_if = "Option::is_none")]
    request: Option<Value>,
    /// The beginning of the last response.
    #[serde(skip_serializing_if = "Option::is_none")]
    answer: Option<String>,
}

impl DeliveryView {
    /// Without request and response, for lists.
    pub fn brief(delivery: Delivery) -> Self {
        Self { request: None, answer: None, ..Self::whole(delivery) }
    }

    /// With request and response.
    pub fn whole(delivery: Delivery) -> Self {
        let mut headers = json!({"content-type": "application/json", "webhook-id": delivery.event});
        if delivery.kind != "message"
            && let (Some(at), Some(headers)) = (delivery.attempted_at, headers.as_object_mut())
        {
            headers.insert(
                "webhook-timestamp".to_owned(),
                at.millis().div_euclid(1_000).to_string().into(),
            );
        }
        Self {
            id: delivery.number,
            event_id: delivery.event,
            r#type: delivery.kind,
            contact: delivery.contact,
            state: delivery.state.as_str(),
            attempts: delivery.attempts,
            created_at: delivery.created_at.rfc3339(),
            next_at: delivery.next_at.and_then(Timestamp::rfc3339),
            attempted_at: delivery.attempted_at.and_then(Timestamp::rfc3339),
            finished_at: delivery.finished_at.and_then(Timestamp::rfc3339),
            status: delivery.last_attempt.status,
            error: delivery.last_attempt.error,
            duration_ms: delivery.last_attempt.duration_millis,
            request: Some(
                json!({"headers": headers, "body": webhook_body::render(&delivery.payload)}),
            ),
            answer: delivery.last_attempt.response_excerpt,
        }
    }
}
