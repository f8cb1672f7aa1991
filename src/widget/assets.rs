//! Public paths of the files that a reader's browser fetches after the document. The server fills
//! them in, because it serves them.
//!
//! The first document contains its style and script inline, and the browser then caches both as
//! files. A cookie records that; later documents only reference the files. A browser that has lost
//! them fetches them before the first paint.

use axum::http::{HeaderMap, HeaderValue};
use belfry_web::cookies;
use cookie::{Cookie, SameSite, time::Duration};

/// Names the version of the style sheet that the browser has cached. `HttpOnly`, because no script
/// needs it.
const CACHED_COOKIE: &str = "__Host-belfry-cached";
/// Browsers limit a cookie's lifetime to 400 days.
const CACHED_COOKIE_TTL: Duration = Duration::days(400);

/// Public paths with content hashes. Those of the browser build are `None` in a build without one:
/// the widget then works by links and forms.
#[derive(Debug, Clone, Copy, Default)]
pub struct ClientAssets {
    /// The panel's script, which needs no WebAssembly: keyboard, times, event stream.
    pub panel: &'static str,
    /// The panel's styles for interactions.
    pub style: &'static str,
    /// The JavaScript that loads the WebAssembly.
    pub script: Option<&'static str>,
    /// The WebAssembly module.
    pub wasm: Option<&'static str>,
    /// The frame script as a file.
    pub frame: &'static str,
    /// The document's first style as a file.
    pub critical_style: &'static str,
    /// The script of the tab "Messages", fetched when it is opened.
    pub messages: &'static str,
    /// The styles of that tab.
    pub messages_style: &'static str,
    /// The second part of the loader: it completes the loader's bell until the frame has drawn its
    /// own, and opens the panel.
    pub page: Option<&'static str>,
}

impl ClientAssets {
    /// Without scripts, for documents that are only displayed.
    pub(super) fn without_scripts(self) -> Self {
        Self { panel: "", script: None, wasm: None, ..self }
    }

    /// The `Set-Cookie` value for the response to [`Self::critical_style`]; `None` for other files.
    #[must_use]
    pub fn cached_cookie(self, path: &str) -> Option<HeaderValue> {
        if path != self.critical_style {
            return None;
        }
        let cookie = Cookie::build((CACHED_COOKIE, version(path)))
            .path("/")
            .secure(true)
            .http_only(true)
            .same_site(SameSite::None)
            .partitioned(true)
            .max_age(CACHED_COOKIE_TTL);
        HeaderValue::try_from(cookie.to_string()).ok()
    }

    /// Whether the cookie says that the browser has these files.
    pub(super) fn has_cached_files(self, headers: &HeaderMap) -> bool {
        !self.critical_style.is_empty()
            && cookies::pairs(headers)
                .any(|pair| pair == (CACHED_COOKIE, version(self.critical_style)))
    }
}

/// The content hash in a file name.
fn version(path: &str) -> &str {
    path.rsplit(['-', '.']).nth(1).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cached_cookie_is_valid_for_its_version_only() {
        let assets = ClientAssets {
            critical_style: "/pkg/widget-0a1b.css",
            frame: "/pkg/frame-2c3d.js",
            ..ClientAssets::default()
        };
        assert_eq!(assets.cached_cookie("/pkg/frame-2c3d.js"), None);
        let cookie = assets.cached_cookie("/pkg/widget-0a1b.css").unwrap();
        let cookie = cookie.to_str().unwrap();
        assert_eq!(
            cookie,
            "__Host-belfry-cached=0a1b; HttpOnly; SameSite=None; Partitioned; Secure; Path=/; Max-Age=34560000"
        );
        let with = |value: &'static str| {
            HeaderMap::from_iter([(axum::http::header::COOKIE, HeaderValue::from_static(value))])
        };
        assert!(assets.has_cached_files(&with("a=b; __Host-belfry-cached=0a1b")));
        assert!(!assets.has_cached_files(&with("__Host-belfry-cached=ffff")));
        assert!(!assets.has_cached_files(&HeaderMap::new()));
        assert!(!ClientAssets::default().has_cached_files(&with("__Host-belfry-cached=")));
    }
}
