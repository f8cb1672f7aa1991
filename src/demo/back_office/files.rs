//! The back office's static files, embedded in the binary.

use axum::{
    http::header,
    response::{IntoResponse as _, Response},
};

/// `GET /back-office.css`.
pub async fn stylesheet() -> Response {
    file("text/css; charset=utf-8", include_str!("back-office.css"))
}

/// `GET /back-office.js`.
pub async fn script() -> Response {
    file("text/javascript; charset=utf-8", include_str!("back-office.js"))
}

/// `GET /mark.svg`, and `GET /favicon.ico`, which browsers request by themselves.
pub async fn mark() -> Response {
    file("image/svg+xml", include_str!("../shop/pictures/favicon.svg"))
}

fn file(kind: &'static str, text: &'static str) -> Response {
    ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "no-cache")], text).into_response()
}
