//! `GET /`: a short page for people who open the server's address.

use axum::{
    http::{HeaderValue, header},
    response::{Html, IntoResponse, Response},
};
use belfry_web::router::{Routes, get};

const PAGE: &str = r#"<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark"><meta name="robots" content="noindex"><title>Belfry</title><link rel="icon" href="data:,"><link rel="stylesheet" href="/docs/style.css"></head>
<body>
<main>
<header><h1>Belfry</h1>
<p class="lead">This server shows the messages of websites to their signed-in visitors. Nothing of theirs is to be seen here: open the site that you came for.</p></header>
<p>If you run a site: <a href="/console">the console</a>, <a href="/docs">the API</a>.</p>
</main>
</body>
</html>
"#;

pub(super) fn routes() -> Routes<()> {
    Routes::new().route("/", get(index))
}

const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; style-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

async fn index() -> Response {
    let headers = [
        (header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=300, no-transform")),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(CONTENT_SECURITY_POLICY)),
    ];
    (headers, Html(PAGE)).into_response()
}
