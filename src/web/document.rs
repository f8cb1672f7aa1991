//! Documents rendered on the server by `leptos_axum`, each as one response.
//!
//! Must not know of routes, sites or readers. The widget renders at once with [`render`]. Pages of
//! the console and of the agents' window are made by functions that do not wait: they return
//! [`deferred`], and the layer [`rendered`] around their routes renders it.

use super::html::Markup;
use axum::{
    body::Body,
    extract::Request,
    http::{HeaderName, HeaderValue, StatusCode},
    response::{IntoResponse, Response},
};
use futures_util::stream::{self, Stream};
use http_body_util::BodyExt as _;
use leptos::{nonce::use_nonce, prelude::*, reactive::owner::Owner};
use leptos_axum::ResponseOptions;
use std::{
    future,
    pin::Pin,
    sync::{Arc, Mutex, Once},
};

/// Builds and writes a document. It is called once, inside the response's reactive owner.
pub type Document = Box<dyn FnOnce() -> Markup + Send>;

type Chunks = Pin<Box<dyn Stream<Item = String> + Send>>;

/// A document that [`rendered`] takes out of its response. Extensions have to be `Clone` and
/// `Sync`.
#[derive(Clone)]
struct Deferred(Arc<Mutex<Option<Document>>>);

/// Renders a document.
///
/// Only what is inside an island carries the marks by which the browser hydrates it. There are no
/// resources, so the scripts that would hand them to the browser are left out.
pub async fn render(status: StatusCode, document: Document) -> Response {
    static EXECUTOR: Once = Once::new();
    // Leptos yields to the executor once before the first bytes. A process has one executor;
    // whichever is set serves.
    EXECUTOR.call_once(|| drop(any_spawner::Executor::init_tokio()));
    let mut response = leptos_axum::handle_response_inner(
        hydrate_islands_only,
        document,
        Request::new(Body::empty()),
        write,
    )
    .await;
    *response.status_mut() = status;
    whole(response).await
}

/// The response with its body in one piece, so that it has a length and is written at once.
async fn whole(response: Response) -> Response {
    let (parts, body) = response.into_parts();
    match body.collect().await {
        Ok(body) => Response::from_parts(parts, Body::from(body.to_bytes())),
        Err(error) => {
            tracing::error!(%error, "a document could not be rendered");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// A response whose document the layer [`rendered`] renders.
pub fn deferred(status: StatusCode, document: Document) -> Response {
    let mut response = status.into_response();
    response.extensions_mut().insert(Deferred(Arc::new(Mutex::new(Some(document)))));
    response
}

/// The layer around routes that return [`deferred`] documents. Headers that were set meanwhile
/// stay.
pub async fn rendered(mut response: Response) -> Response {
    let deferred = response.extensions_mut().remove::<Deferred>();
    let Some(document) = deferred.and_then(|Deferred(document)| document.lock().ok()?.take())
    else {
        return response;
    };
    let mut document = render(response.status(), document).await;
    document.headers_mut().extend(std::mem::take(response.headers_mut()));
    *document.extensions_mut() = std::mem::take(response.extensions_mut());
    document
}

/// The nonce of the document that is being rendered; empty outside of one.
pub fn nonce() -> String {
    use_nonce().map(|nonce| nonce.to_string()).unwrap_or_default()
}

/// Sets a header of the document that is being rendered: one that depends on its [`nonce`].
pub fn set_header(name: HeaderName, value: &str) {
    if let Some(options) = use_context::<ResponseOptions>()
        && let Ok(value) = HeaderValue::try_from(value)
    {
        options.insert_header(name, value);
    }
}

fn hydrate_islands_only() {
    if let Some(context) = Owner::current_shared_context() {
        context.set_is_hydrating(false);
    }
}

/// The whole document as one chunk.
fn write(
    view: Markup,
    _: Box<dyn FnOnce() -> Chunks + Send>,
    _: bool,
) -> Pin<Box<dyn Future<Output = Chunks> + Send>> {
    let html = view.to_html();
    Box::pin(future::ready(Box::pin(stream::once(future::ready(html))) as Chunks))
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::header;

    fn page() -> Document {
        Box::new(|| {
            set_header(header::CONTENT_SECURITY_POLICY, &format!("style-src 'nonce-{}'", nonce()));
            crate::html::IntoMarkup::into_markup(view! { <style nonce=nonce()>"a{}"</style> })
        })
    }

    async fn text(response: Response) -> String {
        String::from_utf8(response.into_body().collect().await.unwrap().to_bytes().to_vec())
            .unwrap()
    }

    #[tokio::test]
    async fn each_document_has_a_nonce_of_its_own() {
        let mut nonces = Vec::new();
        for _ in 0..2 {
            let response = render(StatusCode::NOT_FOUND, page()).await;
            assert_eq!(response.status(), StatusCode::NOT_FOUND);
            assert_eq!(response.headers()[header::CONTENT_TYPE], "text/html; charset=utf-8");
            let policy =
                response.headers()[header::CONTENT_SECURITY_POLICY].to_str().unwrap().to_owned();
            let nonce =
                policy.trim_start_matches("style-src 'nonce-").trim_end_matches('\'').to_owned();
            assert!(nonce.len() >= 20, "{policy}");
            assert_eq!(text(response).await, format!("<style nonce=\"{nonce}\">a{{}}</style>"));
            nonces.push(nonce);
        }
        assert_ne!(nonces.first(), nonces.last());
    }

    #[tokio::test]
    async fn a_deferred_document_keeps_status_and_headers() {
        let mut response = deferred(StatusCode::UNPROCESSABLE_ENTITY, page());
        response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        let response = rendered(response).await;
        assert_eq!(response.status(), StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(response.headers()[header::CACHE_CONTROL], "no-store");
        assert!(response.headers().contains_key(header::CONTENT_SECURITY_POLICY));
        assert!(text(response).await.starts_with("<style"));
        assert_eq!(text(rendered("plain".into_response()).await).await, "plain");
    }
}
