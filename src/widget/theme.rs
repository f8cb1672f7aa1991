//! The themes of sites, and `GET /t/{site}/{name}`: the files of themes.
//!
//! Names contain a content hash, so browsers cache the files without expiry, and a document always
//! gets the files it was rendered with.

use super::{WidgetState, active_theme::ActiveTheme, error::WidgetError};
use axum::{
    body::Body,
    extract::{Path, State},
    http::{HeaderMap, HeaderName, HeaderValue, header},
    response::{IntoResponse, Response},
};
use belfry_app::AppError;
use belfry_domain::{Site, SiteId, ThemeFile, ThemeFileType, ThemeVersion};
use belfry_runtime::cache::{Bounds, Cache};
use belfry_web::etag;
use bytes::Bytes;
use std::{str::FromStr, sync::Arc, time::Duration};

/// Capacity for theme files, in bytes.
const CAPACITY_BYTES: u64 = 16 * 1024 * 1024;
/// How long a file is cached, and so how long a deleted one may still be served.
const FILE_TTL: Duration = Duration::from_secs(3);
/// A picture runs nothing and loads nothing even if it is opened as a page (ASVS 5.0, 3.2.1).
pub(super) const PICTURE_CSP: &str =
    "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'none'";

/// Cached themes. Versions and files never change.
pub(super) struct ThemeCache {
    themes: Cache<(SiteId, ThemeVersion), Arc<ActiveTheme>>,
    files: Cache<(SiteId, String), ThemeFile>,
}

impl ThemeCache {
    pub(super) fn new() -> Self {
        Self {
            themes: Cache::new(Bounds::entries(1_000)),
            files: Cache::new(
                Bounds::bytes(CAPACITY_BYTES, |_, file: &ThemeFile| file.body.len() as u64 + 256)
                    .with_ttl(FILE_TTL),
            ),
        }
    }
}

/// A cached text, shared by the responses that send it.
struct SharedText(Arc<str>);

impl AsRef<[u8]> for SharedText {
    fn as_ref(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl WidgetState {
    /// The active theme of a site; `None` for the default one.
    pub(super) async fn active_theme(
        &self,
        site: &Site,
    ) -> Result<Option<Arc<ActiveTheme>>, AppError> {
        let Some(version) = site.theme else { return Ok(None) };
        let key = (site.id, version);
        if let Some(dress) = self.0.theme_cache.themes.get(&key) {
            return Ok(Some(dress));
        }
        let dress = match self.0.app.theme(site.id, version).await {
            Ok(theme) => Arc::new(ActiveTheme::of(&theme, false)),
            // Deleted since the site was looked up.
            Err(AppError::NotFound) => return Ok(None),
            Err(other) => return Err(other),
        };
        self.0.theme_cache.themes.insert(key, Arc::clone(&dress));
        Ok(Some(dress))
    }
}

/// `GET /t/{site}/{name}`: a file of a theme.
pub(super) async fn file(
    State(state): State<WidgetState>,
    Path((site, name)): Path<(String, String)>,
    request: HeaderMap,
) -> Result<Response, WidgetError> {
    let site = SiteId::from_str(&site).map_err(|_| WidgetError::NotFound)?;
    let key = (site, name);
    let file = if let Some(file) = state.0.theme_cache.files.get(&key) {
        file
    } else {
        let file = state.0.app.theme_file(site, &key.1).await?;
        state.0.theme_cache.files.insert(key, file.clone());
        file
    };
    let policy = match file.content_type {
        ThemeFileType::Css => "default-src 'none'; frame-ancestors 'none'",
        ThemeFileType::Svg => PICTURE_CSP,
    };
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(file.content_type.mime())),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy)),
        (
            header::CACHE_CONTROL,
            HeaderValue::from_static("public, max-age=31536000, immutable, no-transform"),
        ),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
        (
            HeaderName::from_static("cross-origin-resource-policy"),
            HeaderValue::from_static("same-origin"),
        ),
    ];
    let tag = etag::etag(&file.name);
    let response = (headers, Body::from(Bytes::from_owner(SharedText(file.body)))).into_response();
    Ok(etag::with_etag(&request, tag, response))
}
