//! Serves the Inbox SDK for browsers: the plain script, the module, and its types, for pages of any
//! origin.
//!
//! Must not depend on the contents of the scripts, which the build script compresses.

use axum::{
    Router,
    body::{Body, Bytes},
    http::{HeaderMap, HeaderValue, header},
    response::Response,
};
use belfry_domain::Digest;
use belfry_web::{
    encoding::{AcceptedEncodings, Encoding},
    etag,
    router::{Routes, get},
};
use std::sync::LazyLock;

/// A file of the SDK. An empty `brotli` means that it has no compressed form.
struct File {
    content_type: &'static str,
    plain: &'static str,
    brotli: &'static [u8],
    etag: LazyLock<Option<HeaderValue>>,
}

const JAVASCRIPT: &str = "text/javascript; charset=utf-8";

static SCRIPT: File = File {
    content_type: JAVASCRIPT,
    plain: belfry_assets::SDK_SCRIPT,
    brotli: belfry_assets::SDK_SCRIPT_BROTLI,
    etag: LazyLock::new(|| etag(SCRIPT.plain)),
};

static MODULE: File = File {
    content_type: JAVASCRIPT,
    plain: belfry_assets::SDK_MODULE,
    brotli: belfry_assets::SDK_MODULE_BROTLI,
    etag: LazyLock::new(|| etag(MODULE.plain)),
};

static TYPES: File = File {
    content_type: "text/plain; charset=utf-8",
    plain: include_str!("../../../public/sdk/index.d.ts"),
    brotli: &[],
    etag: LazyLock::new(|| etag(TYPES.plain)),
};

fn etag(text: &str) -> Option<HeaderValue> {
    etag::etag(&Digest::of(text).short())
}

/// `/assets/sdk.js`, `/assets/sdk.mjs` and `/assets/sdk.d.ts`.
pub fn routes() -> Router {
    registered_routes().into_router()
}

pub(super) fn registered_routes() -> Routes<()> {
    Routes::new()
        .route("/assets/sdk.js", get(async |headers: HeaderMap| serve(&SCRIPT, &headers)))
        .route("/assets/sdk.mjs", get(async |headers: HeaderMap| serve(&MODULE, &headers)))
        .route("/assets/sdk.d.ts", get(async |headers: HeaderMap| serve(&TYPES, &headers)))
}

fn serve(file: &'static File, headers: &HeaderMap) -> Response {
    let brotli =
        AcceptedEncodings::parse(headers).accepts(Encoding::Brotli) && !file.brotli.is_empty();
    let (bytes, encoding) = if brotli {
        (file.brotli, Encoding::Brotli)
    } else {
        (file.plain.as_bytes(), Encoding::Identity)
    };
    let mut response = Response::new(Body::from(Bytes::from_static(bytes)));
    let out = response.headers_mut();
    out.insert(header::CONTENT_TYPE, HeaderValue::from_static(file.content_type));
    // The address doesn't change when Belfry is upgraded, so browsers cache it for five minutes
    // only.
    out.insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static("public, max-age=300, stale-while-revalidate=86400, no-transform"),
    );
    out.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    // Any page may load the script; what it can reach depends on its credential.
    out.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    out.insert("cross-origin-resource-policy", HeaderValue::from_static("cross-origin"));
    if let Some(encoding) = encoding.header() {
        out.insert(header::CONTENT_ENCODING, encoding);
    }
    etag::with_etag(headers, file.etag.clone(), response)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::{Request, StatusCode};
    use http_body_util::BodyExt as _;
    use tower::ServiceExt as _;

    async fn fetch(path: &str, more: &[(header::HeaderName, HeaderValue)]) -> (Response, Bytes) {
        let mut request = Request::get(path).body(Body::empty()).unwrap();
        request.headers_mut().extend(more.iter().cloned());
        let (parts, body) = routes().oneshot(request).await.unwrap().into_parts();
        (Response::from_parts(parts, Body::empty()), body.collect().await.unwrap().to_bytes())
    }

    #[tokio::test]
    async fn scripts_are_served_to_any_origin_and_cacheable() {
        for (path, start, holds) in [
            ("/assets/sdk.js", "text/javascript", "InboxSDK"),
            ("/assets/sdk.mjs", "text/javascript", "export"),
            ("/assets/sdk.d.ts", "text/plain", "InboxSDKStatic"),
        ] {
            let (response, body) = fetch(path, &[]).await;
            assert_eq!(response.status(), StatusCode::OK, "{path}");
            let headers = response.headers();
            assert!(headers[header::CONTENT_TYPE].to_str().unwrap().starts_with(start), "{path}");
            assert_eq!(
                (
                    headers[header::ACCESS_CONTROL_ALLOW_ORIGIN].as_bytes(),
                    headers["cross-origin-resource-policy"].as_bytes()
                ),
                (&b"*"[..], &b"cross-origin"[..])
            );
            assert!(std::str::from_utf8(&body).unwrap().contains(holds), "{path}");
            let (again, nothing) =
                fetch(path, &[(header::IF_NONE_MATCH, headers[header::ETAG].clone())]).await;
            assert_eq!((again.status(), nothing.len()), (StatusCode::NOT_MODIFIED, 0), "{path}");
        }
    }

    #[tokio::test]
    async fn compressed_script_equals_the_plain_one() {
        for file in [&SCRIPT, &MODULE] {
            let mut text = Vec::new();
            brotli::BrotliDecompress(&mut &*file.brotli, &mut text).unwrap();
            assert_eq!(text, file.plain.as_bytes());
        }
        let (response, body) = fetch(
            "/assets/sdk.js",
            &[(header::ACCEPT_ENCODING, HeaderValue::from_static("gzip, br"))],
        )
        .await;
        assert_eq!(
            (response.headers()[header::CONTENT_ENCODING].as_bytes(), body.as_ref()),
            (&b"br"[..], SCRIPT.brotli)
        );
    }

    #[test]
    fn script_sets_a_global_and_module_exports_it() {
        assert!(
            SCRIPT.plain.contains("window.InboxSDK")
                && !SCRIPT.plain.contains("import.meta")
                && !SCRIPT.plain.contains("export{")
        );
        assert!(
            MODULE.plain.contains("import.meta.url") && !MODULE.plain.contains("window.InboxSDK")
        );
    }

    /// Under a strict Content-Security-Policy a page evaluates no text as script and accepts no
    /// markup from one.
    #[test]
    fn script_works_under_a_strict_csp() {
        for word in [
            "innerHTML",
            "outerHTML",
            "insertAdjacentHTML",
            "document.write",
            "eval(",
            "Function(",
            "setAttribute(\"style\"",
            "javascript:",
        ] {
            assert!(!SCRIPT.plain.contains(word), "{word}");
        }
    }
}
