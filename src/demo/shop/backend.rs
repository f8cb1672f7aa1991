//! The shop's backend as a client of Belfry: two HTTP requests with an API key, as any site would
//! send them.

use axum::http::{HeaderValue, Request, StatusCode, header};
use base64::Engine as _;
use belfry_domain::{Origin, Secret};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use serde::Deserialize;
use serde_json::{Value, json};
use std::time::Duration;

const REQUEST_TIMEOUT: Duration = Duration::from_secs(5);
const MAX_RESPONSE_BYTES: usize = 64 * 1024;

/// Why a request failed. The messages are for the demo's visitor, who is likely a developer.
#[derive(Debug, thiserror::Error)]
pub enum BackendError {
    /// No response.
    #[error("Belfry does not respond at {0}. Is it running?")]
    Unreachable(Origin),
    /// An error response.
    #[error("Belfry answered {status}: {message}")]
    ErrorResponse {
        /// The HTTP status.
        status: u16,
        /// Belfry's error message.
        message: String,
    },
    /// A response with an unexpected body.
    #[error("Belfry's response could not be parsed")]
    UnexpectedBody,
}

/// The client of Belfry's API.
pub struct Backend {
    client: Client<HttpConnector, Full<Bytes>>,
    belfry: Origin,
    authorization: HeaderValue,
}

#[derive(Deserialize)]
struct TokenResponse {
    token: String,
}

#[derive(Deserialize)]
struct ErrorBody {
    message: String,
}

impl Backend {
    /// A client for `belfry` with this key.
    #[expect(
        clippy::disallowed_methods,
        reason = "the demo shop's backend is the one place that calls out, and it makes its client once, here"
    )]
    pub fn new(belfry: Origin, key: &Secret) -> Self {
        let client = Client::builder(TokioExecutor::new()).build(HttpConnector::new());
        // The user name is arbitrary, the password is the key.
        let credentials =
            base64::engine::general_purpose::STANDARD.encode(format!("acme-shop:{}", key.reveal()));
        let mut authorization = HeaderValue::from_str(&format!("Basic {credentials}"))
            .unwrap_or_else(|_| HeaderValue::from_static(""));
        authorization.set_sensitive(true);
        Self { client, belfry, authorization }
    }

    /// Requests a contact token for a customer. Empty if Belfry has no such contact: then there is
    /// no bell.
    pub async fn token(&self, visitor: &str) -> Result<String, BackendError> {
        let answer = self
            .post(
                "/v1/auth/contact/token",
                &json!({ "externalCustomerId": visitor, "count": true }),
                None,
            )
            .await?;
        let TokenResponse { token } =
            serde_json::from_slice(&answer).map_err(|_| BackendError::UnexpectedBody)?;
        Ok(token)
    }

    /// Publishes a message. The same idempotency key publishes it once.
    pub async fn publish(
        &self,
        message: &Value,
        idempotency_key: &str,
    ) -> Result<(), BackendError> {
        self.post("/v1/messages", message, Some(idempotency_key)).await.map(drop)
    }

    async fn post(
        &self,
        path: &str,
        body: &Value,
        idempotency_key: Option<&str>,
    ) -> Result<Bytes, BackendError> {
        let mut request = Request::post(format!("{}{path}", self.belfry))
            .header(header::AUTHORIZATION, self.authorization.clone())
            .header(header::CONTENT_TYPE, "application/json");
        if let Some(key) = idempotency_key {
            request = request.header("idempotency-key", key);
        }
        let request =
            request.body(Full::from(body.to_string())).map_err(|_| BackendError::UnexpectedBody)?;
        tokio::time::timeout(REQUEST_TIMEOUT, self.send(request))
            .await
            .unwrap_or_else(|_| Err(BackendError::Unreachable(self.belfry.clone())))
    }

    async fn send(&self, request: Request<Full<Bytes>>) -> Result<Bytes, BackendError> {
        let response = self.client.request(request).await.map_err(|error| {
            tracing::warn!(%error, "the demo shop could not reach Belfry");
            BackendError::Unreachable(self.belfry.clone())
        })?;
        let status = response.status();
        let body = Limited::new(response.into_body(), MAX_RESPONSE_BYTES)
            .collect()
            .await
            .map_err(|_| BackendError::UnexpectedBody)?
            .to_bytes();
        if matches!(status, StatusCode::OK | StatusCode::CREATED) {
            return Ok(body);
        }
        let message = serde_json::from_slice(&body)
            .map_or_else(|_| "no reason given".to_owned(), |ErrorBody { message }| message);
        Err(BackendError::ErrorResponse { status: status.as_u16(), message })
    }
}
