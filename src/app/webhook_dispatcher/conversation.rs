//! Requests to callback URLs and account webhooks: an event of a conversation with signature
//! headers.

use belfry_content::wire::{NobodyOnline, PresenceView, Renderer};
use belfry_domain::{
    DueDelivery, EndpointAuth, EndpointUrl, HttpRequest, Origin, SigningSecret, Timestamp,
    WebhookPayload,
};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};
use std::{sync::Arc, time::Duration};

/// Timeout of one attempt.
pub(super) const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(5);

/// What the encoding of an event needs besides the event.
#[derive(Clone)]
pub(super) struct EncodingContext {
    pub public_url: Option<Origin>,
    pub presence: Arc<dyn PresenceView>,
}

impl Default for EncodingContext {
    fn default() -> Self {
        Self { public_url: None, presence: Arc::new(NobodyOnline) }
    }
}

/// Header names: our own, and those that receivers of the upstream product check.
const HEADERS: [&str; 3] = ["x-belfry-signature", "x-belfry-timestamp", "x-belfry-delivery"];
const UPSTREAM_HEADERS: [&str; 3] =
    ["x-chatwoot-signature", "x-chatwoot-timestamp", "x-chatwoot-delivery"];

/// The request of an attempt at this time. `None` when there is nothing to send.
pub(super) fn request(
    forms: &EncodingContext,
    delivery: &DueDelivery,
    url: EndpointUrl,
    at: Timestamp,
) -> Option<HttpRequest> {
    let body = match &delivery.payload {
        WebhookPayload::Conversation(event) => {
            let public_url = forms.public_url.as_ref()?;
            Renderer { public_url, site: delivery.site, now: event.at, presence: &*forms.presence }
                .webhook(event)?
        }
        WebhookPayload::Raw(body) if !body.is_empty() => body.clone(),
        _ => return None,
    };
    let mut headers = vec![
        ("content-type", "application/json".to_owned()),
        ("accept", "application/json".to_owned()),
        ("user-agent", super::request::USER_AGENT.to_owned()),
    ];
    let timestamp = at.millis().div_euclid(1_000);
    let signature = match &delivery.auth {
        EndpointAuth::Signed { secret, .. } => Some(signature(secret, timestamp, &body)),
        EndpointAuth::Basic { .. } | EndpointAuth::None => None,
    };
    let id = delivery_id(delivery);
    for [signed, sent, named] in
        std::iter::once(HEADERS).chain(delivery.upstream_headers.then_some(UPSTREAM_HEADERS))
    {
        headers.extend(signature.clone().map(|signature| (signed, signature)));
        headers.push((sent, timestamp.to_string()));
        headers.push((named, id.clone()));
    }
    Some(HttpRequest { url, headers, body })
}

/// `sha256=` and the hexadecimal HMAC-SHA256 of `{timestamp}.{body}`, keyed with the secret as
/// displayed.
fn signature(secret: &SigningSecret, timestamp: i64, body: &str) -> String {
    // HMAC accepts a key of any length.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.reveal().as_bytes()) else {
        return String::new();
    };
    mac.update(format!("{timestamp}.").as_bytes());
    mac.update(body.as_bytes());
    format!("sha256={}", hex::encode(mac.finalize().into_bytes()))
}

/// A UUID that is the same for each attempt and different for each endpoint.
fn delivery_id(delivery: &DueDelivery) -> String {
    let digest =
        Sha256::digest(format!("{}/{}/{}", delivery.event, delivery.endpoint, delivery.number));
    let mut bytes = [0; 16];
    bytes.iter_mut().zip(digest.iter()).for_each(|(byte, from)| *byte = *from);
    uuid::Builder::from_custom_bytes(bytes).into_uuid().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use belfry_domain::channel::fixtures::{agent, event, message, view};
    use belfry_domain::{
        EndpointKind, SiteId,
        channel::{ConversationEventKind as Kind, MessageKind, Performer, Sender},
    };

    fn delivery(upstream_headers: bool) -> DueDelivery {
        let message = message(MessageKind::Outgoing, Sender::Agent(agent()));
        DueDelivery {
            number: 1,
            endpoint: 2,
            site: SiteId::from_bytes([1; 16]),
            kind: EndpointKind::Callback,
            url: String::new(),
            auth: EndpointAuth::Signed {
                secret: SigningSecret::from_stored("whsec_c2VjcmV0".to_owned()),
                previous: None,
            },
            event: "event".to_owned(),
            payload: WebhookPayload::Conversation(Box::new(event(
                Kind::MessageCreated,
                view(),
                Some(message),
                Performer::System,
            ))),
            attempts: 0,
            is_failing: false,
            upstream_headers,
        }
    }

    fn sent(delivery: &DueDelivery, seconds: i64) -> Option<HttpRequest> {
        let forms = EncodingContext {
            public_url: Some("https://belfry.example".parse().unwrap()),
            ..EncodingContext::default()
        };
        request(
            &forms,
            delivery,
            EndpointUrl::parse("https://shop.example/hook").unwrap(),
            Timestamp::from_millis(seconds * 1_000),
        )
    }

    fn header<'a>(request: &'a HttpRequest, name: &str) -> Option<&'a str> {
        request.headers.iter().find(|(header, _)| *header == name).map(|(_, value)| value.as_str())
    }

    #[test]
    fn event_is_encoded_and_signed_for_each_attempt() {
        let (first, second) = (
            sent(&delivery(false), 1_764_000_010).unwrap(),
            sent(&delivery(false), 1_764_000_013).unwrap(),
        );
        let body: serde_json::Value = serde_json::from_str(&first.body).unwrap();
        assert_eq!((&body["event"], &body["id"]), (&"message_created".into(), &9.into()));
        assert_eq!(header(&first, "content-type"), Some("application/json"));
        assert_eq!(header(&first, "accept"), Some("application/json"));
        assert_eq!(header(&first, "x-belfry-timestamp"), Some("1764000010"));
        assert_ne!(header(&first, "x-belfry-signature"), header(&second, "x-belfry-signature"));
        assert_eq!(header(&first, "x-belfry-delivery"), header(&second, "x-belfry-delivery"));
        let id = uuid::Uuid::parse_str(header(&first, "x-belfry-delivery").unwrap()).unwrap();
        assert_eq!(id.get_variant(), uuid::Variant::RFC4122);
        assert_ne!(delivery_id(&DueDelivery { endpoint: 3, ..delivery(false) }), id.to_string());
        assert!(first.headers.iter().all(|(name, _)| !name.contains("chatwoot")));
    }

    /// `printf '1764000010.{"a":1}' | openssl dgst -sha256 -hmac whsec_c2VjcmV0`
    #[test]
    fn signature_is_the_hmac_of_time_and_body() {
        let secret = SigningSecret::from_stored("whsec_c2VjcmV0".to_owned());
        let expected = "sha256=54f66430d37784440beb0c5a2fdb37dfab208a685701797574ac4d266048eece";
        assert_eq!(signature(&secret, 1_764_000_010, r#"{"a":1}"#), expected);
    }

    #[test]
    fn upstream_names_have_the_same_values() {
        let request = sent(&delivery(true), 1_764_000_010).unwrap();
        for what in ["signature", "timestamp", "delivery"] {
            let ours = header(&request, &format!("x-belfry-{what}")).map(str::to_owned);
            assert!(
                ours.is_some()
                    && header(&request, &format!("x-chatwoot-{what}")) == ours.as_deref(),
                "{what}"
            );
        }
    }

    #[test]
    fn unreadable_event_is_not_sent() {
        assert!(
            sent(
                &DueDelivery { payload: WebhookPayload::Raw(String::new()), ..delivery(false) },
                0
            )
            .is_none()
        );
        let unsigned =
            sent(&DueDelivery { auth: EndpointAuth::None, ..delivery(true) }, 0).unwrap();
        assert!(unsigned.headers.iter().all(|(name, _)| !name.ends_with("-signature")));
    }
}
