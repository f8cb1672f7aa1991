//! `GET /`: what this is, for somebody who opens the address by itself.

use axum::{
    Router,
    http::{HeaderValue, header},
    response::{Html, IntoResponse, Response},
    routing::get,
};

const PAGE: &str = r#"<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta name="robots" content="noindex"><title>Belfry</title></head>
<body>
<h1>Belfry</h1>
<p>This server shows the messages of websites to their signed-in visitors. Nothing of theirs is to be seen here: open the site that you came for.</p>
<p>If you run a site: <a href="/console">the console</a>, <a href="/docs">the API</a>.</p>
</body>
</html>
"#;

pub(super) fn router() -> Router {
    Router::new().route("/", get(show))
}

async fn show() -> Response {
    ([(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=300, no-transform"))], Html(PAGE)).into_response()
}
