//! The baseline: an axum handler that returns a prepared response, with Belfry's headers and body.

use super::{Outcome, client::Answer};
use axum::{
    Router,
    body::Bytes,
    http::{HeaderMap, HeaderName, HeaderValue},
    response::IntoResponse as _,
};
use serde::{Deserialize, Serialize};
use std::path::Path;

pub const ROLE: &str = "as-bare-server";

#[derive(Serialize, Deserialize)]
struct PreparedAnswer {
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

/// Stores a response for the baseline server, without the headers that hyper adds.
pub fn prepare(file: &Path, answer: &Answer) -> Outcome<()> {
    let headers = answer.headers.iter().filter(|(name, _)| {
        !matches!(name.as_str(), "date" | "content-length" | "transfer-encoding")
    });
    let headers = headers
        .map(|(name, value)| Ok((name.to_string(), value.to_str()?.to_owned())))
        .collect::<Outcome<_>>()?;
    let prepared = PreparedAnswer { headers, body: answer.body.to_vec() };
    Ok(std::fs::write(file, serde_json::to_vec(&prepared)?)?)
}

/// Serves the prepared response to every request.
pub async fn play(file: &str) -> Outcome<()> {
    let PreparedAnswer { headers, body } = serde_json::from_slice(&std::fs::read(file)?)?;
    let headers = headers
        .into_iter()
        .map(|(name, value)| Ok((HeaderName::try_from(name)?, HeaderValue::try_from(value)?)))
        .collect::<Outcome<HeaderMap>>()?;
    let body = Bytes::from(body);
    // Extracting the body makes axum read it, as a real handler does.
    let router = Router::new()
        .fallback(async move |_asked: Bytes| (headers.clone(), body.clone()).into_response());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    println!("{{\"listening\":\"{}\"}}", listener.local_addr()?);
    Ok(axum::serve(listener, router).await?)
}
