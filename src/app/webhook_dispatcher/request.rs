//! Requests to standard endpoints: the body with signature headers (Standard Webhooks
//! specification).

use base64::{Engine as _, engine::general_purpose::STANDARD};
use belfry_content::webhook_body;
use belfry_domain::{
    DueDelivery, EndpointAuth, EndpointUrl, HttpRequest, SigningSecret, Timestamp,
};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

pub(super) const USER_AGENT: &str = concat!("Belfry/", env!("CARGO_PKG_VERSION"), " (webhooks)");

/// The request of an attempt at this time.
pub(super) fn request(delivery: &DueDelivery, url: EndpointUrl, at: Timestamp) -> HttpRequest {
    let body = webhook_body::render(&delivery.payload).into_owned();
    let mut headers = vec![
        ("content-type", "application/json".to_owned()),
        ("user-agent", USER_AGENT.to_owned()),
        ("webhook-id", delivery.event.clone()),
    ];
    match &delivery.auth {
        EndpointAuth::Signed { secret, previous } => {
            let timestamp = at.millis().div_euclid(1_000);
            let former =
                previous.as_ref().filter(|(_, until)| at < *until).map(|(secret, _)| secret);
            let signatures: Vec<String> = std::iter::once(secret)
                .chain(former)
                .map(|secret| signature(secret, &delivery.event, timestamp, &body))
                .collect();
            headers.push(("webhook-timestamp", timestamp.to_string()));
            headers.push(("webhook-signature", signatures.join(" ")));
        }
        EndpointAuth::Basic { username, password } => {
            headers.push((
                "authorization",
                format!("Basic {}", STANDARD.encode(format!("{username}:{password}"))),
            ));
        }
        EndpointAuth::None => {}
    }
    HttpRequest { url, headers, body }
}

fn signature(secret: &SigningSecret, id: &str, timestamp: i64, body: &str) -> String {
    // HMAC accepts a key of any length.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&secret.key()) else { return String::new() };
    mac.update(format!("{id}.{timestamp}.").as_bytes());
    mac.update(body.as_bytes());
    format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use standardwebhooks::Webhook;

    /// The example of the specification.
    #[test]
    fn signature_matches_the_specification() {
        let secret =
            SigningSecret::from_stored("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".to_owned());
        let (id, timestamp, body) =
            ("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, r#"{"test": 2432232314}"#);
        let signed = signature(&secret, id, timestamp, body);
        assert_eq!(signed, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
        let reference = Webhook::new(secret.reveal()).unwrap();
        assert_eq!(reference.sign(id, timestamp, body.as_bytes()).unwrap(), signed);
    }
}
