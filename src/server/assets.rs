//! Static files of the browser build, embedded in the binary and served under content-hashed names.
//!
//! Must not depend on what the files are for. They are compressed at build time, so serving one is
//! a copy.

use axum::{
    body::Bytes,
    extract::Path,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use belfry_assets::{ASSETS, Asset};
use belfry_channels::sdk::window;
use belfry_web::{
    encoding::{AcceptedEncodings, Encoding},
    etag,
    router::{Routes, get},
};
use belfry_widget::{ClientAssets, TextFile, text_files};
use brotli::{BrotliCompress, enc::BrotliEncoderParams};
use std::sync::LazyLock;

/// Scripts that are compressed on first use. They are few and small, so they are kept until the
/// process ends.
static SCRIPTS: LazyLock<Vec<Asset>> = LazyLock::new(|| {
    let make = |file: &'static TextFile| {
        let mut brotli = Vec::new();
        let written = BrotliCompress(
            &mut file.script.as_bytes(),
            &mut brotli,
            &BrotliEncoderParams::default(),
        );
        Asset {
            name: file.path.rsplit('/').next().unwrap_or_default(),
            path: &file.path,
            content_type: "text/javascript; charset=utf-8",
            identity: file.script.as_bytes(),
            brotli: if written.is_ok() { brotli.leak() } else { &[] },
            gzip: &[],
        }
    };
    text_files().iter().map(make).collect()
});

/// Paths of the files that the widget document loads, relative to the public URL.
pub fn client_assets() -> ClientAssets {
    let path_of = |start: &str, end: &str| {
        ASSETS
            .iter()
            .map(|asset| asset.path)
            .find(|path| path.starts_with(start) && path.ends_with(end))
    };
    ClientAssets {
        panel: path_of("/pkg/panel-", ".js").unwrap_or_default(),
        style: path_of("/pkg/panel-", ".css").unwrap_or_default(),
        script: path_of("/pkg/belfry-", ".js"),
        wasm: path_of("/pkg/belfry-", ".wasm"),
        frame: path_of("/pkg/frame-", ".js").unwrap_or_default(),
        critical_style: path_of("/pkg/widget-", ".css").unwrap_or_default(),
        messages: path_of("/pkg/messages-", ".js").unwrap_or_default(),
        messages_style: path_of("/pkg/messages-", ".css").unwrap_or_default(),
        page: path_of("/pkg/page-", ".js"),
    }
}

/// The same for the console.
pub(super) fn console_assets() -> belfry_console::ConsoleAssets {
    let path_of = |end: &str| {
        ASSETS
            .iter()
            .map(|asset| asset.path)
            .find(|path| path.starts_with("/pkg/console-") && path.ends_with(end))
    };
    belfry_console::ConsoleAssets {
        style: path_of(".css").unwrap_or_default(),
        script: path_of(".js").unwrap_or_default(),
    }
}

/// The same for the window of the Inbox SDK.
pub(super) fn window_assets() -> window::Assets {
    let path_of = |end: &str| {
        ASSETS
            .iter()
            .map(|asset| asset.path)
            .find(|path| path.starts_with("/pkg/window-") && path.ends_with(end))
    };
    window::Assets {
        style: path_of(".css").unwrap_or_default(),
        script: path_of(".js").unwrap_or_default(),
    }
}

/// `GET /pkg/{name}`.
pub(super) fn routes() -> Routes<()> {
    Routes::new().route("/pkg/{name}", get(serve))
}

async fn serve(Path(name): Path<String>, headers: HeaderMap) -> Response {
    let Some(asset) = ASSETS.iter().chain(SCRIPTS.iter()).find(|asset| asset.name == name) else {
        return super::error_response::error_response(
            StatusCode::NOT_FOUND,
            "there is no such file",
        );
    };
    let (bytes, encoding) = match AcceptedEncodings::parse(&headers).smallest() {
        Some(Encoding::Brotli) if !asset.brotli.is_empty() => (asset.brotli, Encoding::Brotli),
        Some(Encoding::Gzip) if !asset.gzip.is_empty() => (asset.gzip, Encoding::Gzip),
        _ => (asset.identity, Encoding::Identity),
    };
    let mut response = Bytes::from_static(bytes).into_response();
    let out = response.headers_mut();
    out.insert(header::CONTENT_TYPE, HeaderValue::from_static(asset.content_type));
    out.insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static("public, max-age=31536000, immutable, no-transform"),
    );
    out.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    out.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    out.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"),
    );
    out.insert("cross-origin-resource-policy", HeaderValue::from_static("same-origin"));
    if let Some(encoding) = encoding.header() {
        out.insert(header::CONTENT_ENCODING, encoding);
    }
    let assets = client_assets();
    if assets.page == Some(asset.path) {
        // The file is a module of the site's page, which has another origin.
        out.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
        out.insert("cross-origin-resource-policy", HeaderValue::from_static("cross-origin"));
    }
    if let Some(cookie) = assets.cached_cookie(asset.path) {
        out.insert(header::SET_COOKIE, cookie);
    }
    // The name contains a hash of the content.
    etag::with_etag(&headers, etag::etag(asset.name), response)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn unknown_asset_is_404_and_known_asset_is_immutable() {
        assert_eq!(
            serve(Path("belfry-0000000000000000.js".to_owned()), HeaderMap::new()).await.status(),
            StatusCode::NOT_FOUND
        );
        for asset in ASSETS.iter().chain(SCRIPTS.iter()) {
            let response = serve(Path(asset.name.to_owned()), HeaderMap::new()).await;
            assert_eq!(response.status(), StatusCode::OK);
            assert_eq!(
                response.headers()[header::CACHE_CONTROL],
                "public, max-age=31536000, immutable, no-transform"
            );
            let request = HeaderMap::from_iter([(
                header::IF_NONE_MATCH,
                response.headers()[header::ETAG].clone(),
            )]);
            assert_eq!(
                serve(Path(asset.name.to_owned()), request).await.status(),
                StatusCode::NOT_MODIFIED
            );
        }
    }
}
