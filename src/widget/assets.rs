//! Where the files lie that a reader's browser fetches after the document; the server fills this in, since it serves them.
//!
//! A browser's first document carries its style and script inside it, and the browser then caches both as files. A cookie says that it
//! has: later documents only name the files. A browser that has lost them meanwhile fetches them before it draws.

use crate::web::cookies;
use axum::http::{HeaderMap, HeaderValue};
use cookie::{Cookie, SameSite, time::Duration};

/// Says which style sheet the browser has cached. `HttpOnly`, since no script needs it.
const CACHED_COOKIE: &str = "__Host-belfry-cached";
/// Browsers keep a cookie for 400 days at most.
const CACHED_COOKIE_TTL: Duration = Duration::days(400);

/// Public paths, hashed by content. Those of the browser build are `None` in a build without one: the widget then works by links
/// and forms.
#[derive(Debug, Clone, Copy, Default)]
pub struct ClientAssets {
    /// What the panel's script does without WebAssembly: keyboard, times, the line to the server.
    pub panel: &'static str,
    /// How the panel looks while one does something in it.
    pub style: &'static str,
    /// The JavaScript that loads the WebAssembly.
    pub script: Option<&'static str>,
    /// The WebAssembly.
    pub wasm: Option<&'static str>,
    /// The document's own script, as a file.
    pub frame: &'static str,
    /// The document's own style, as a file.
    pub first_style: &'static str,
    /// What the tab "Messages" does, fetched when it is opened.
    pub messages: &'static str,
    /// How it looks.
    pub messages_style: &'static str,
    /// What the loader needs once its bell stands: it completes the bell until the frame has drawn its own, and opens the panel.
    pub page: Option<&'static str>,
}

impl ClientAssets {
    /// The style alone, for what only stands there.
    pub(super) fn without_scripts(self) -> Self {
        Self { panel: "", script: None, wasm: None, ..self }
    }

    /// The `Set-Cookie` value of the answer to the style sheet that stands in first documents; `None` for other files.
    #[must_use]
    pub fn cached_cookie(self, path: &str) -> Option<HeaderValue> {
        if path != self.first_style {
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

    /// Whether the browser says that it has cached these files.
    pub(super) fn are_cached(self, headers: &HeaderMap) -> bool {
        !self.first_style.is_empty() && cookies::pairs(headers).any(|pair| pair == (CACHED_COOKIE, version(self.first_style)))
    }
}

/// The hash in a file's name.
fn version(path: &str) -> &str {
    path.rsplit(['-', '.']).nth(1).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cached_cookie_counts_for_its_own_version_only() {
        let assets = ClientAssets { first_style: "/pkg/widget-0a1b.css", frame: "/pkg/frame-2c3d.js", ..ClientAssets::default() };
        assert_eq!(assets.cached_cookie("/pkg/frame-2c3d.js"), None);
        let cookie = assets.cached_cookie("/pkg/widget-0a1b.css").unwrap();
        let cookie = cookie.to_str().unwrap();
        assert_eq!(cookie, "__Host-belfry-cached=0a1b; HttpOnly; SameSite=None; Partitioned; Secure; Path=/; Max-Age=34560000");
        let with = |value: &'static str| HeaderMap::from_iter([(axum::http::header::COOKIE, HeaderValue::from_static(value))]);
        assert!(assets.are_cached(&with("a=b; __Host-belfry-cached=0a1b")));
        assert!(!assets.are_cached(&with("__Host-belfry-cached=ffff")));
        assert!(!assets.are_cached(&HeaderMap::new()));
        assert!(!ClientAssets::default().are_cached(&with("__Host-belfry-cached=")));
    }
}
