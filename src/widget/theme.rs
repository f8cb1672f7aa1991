//! The active theme of a site, and `GET /t/{site}/{name}`: the files of themes.
//!
//! Names contain a content hash, so browsers cache the files without expiry, and a document always
//! gets the files it was rendered with.

use super::{WidgetState, error::WidgetError};
use crate::cache::{Bounds, Cache};
use crate::{
    app::AppError,
    domain::{Site, SiteId, Theme, ThemeFile, ThemeFileType, ThemeVersion},
    web::etag,
};
use axum::{
    body::Body,
    extract::{Path, State},
    http::{HeaderMap, HeaderName, HeaderValue, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use std::{str::FromStr, sync::Arc, time::Duration};

/// Capacity for theme files, in bytes.
const CAPACITY_BYTES: u64 = 16 * 1024 * 1024;
/// How long a file is cached, and so how long a deleted one may still be served.
const FILE_TTL: Duration = Duration::from_secs(3);
/// A picture runs nothing and loads nothing even if it is opened as a page (ASVS 5.0, 3.2.1).
pub(super) const PICTURE_CSP: &str =
    "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'none'";

/// The theme of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ActiveTheme {
    /// The inline style of the first response; safe inside a `<style>` element.
    pub(super) first: String,
    /// Address of the style sheet.
    pub(super) sheet: String,
    /// Whether it is shown by a preview link rather than published.
    pub(super) draft: bool,
}

impl ActiveTheme {
    /// From a theme version.
    pub(super) fn of(theme: &Theme, draft: bool) -> Self {
        Self { first: theme.first.clone(), sheet: address(theme.site, &theme.sheet), draft }
    }
}

/// The public path of a theme's file.
pub(super) fn address(site: SiteId, name: &str) -> String {
    format!("/t/{site}/{name}")
}

/// Cached themes. Versions and files never change.
pub(super) struct ThemeCache {
    dresses: Cache<(SiteId, ThemeVersion), Arc<ActiveTheme>>,
    files: Cache<(SiteId, String), ThemeFile>,
}

impl ThemeCache {
    pub(super) fn new() -> Self {
        Self {
            dresses: Cache::bounded(Bounds::entries(1_000)),
            files: Cache::bounded(
                Bounds::bytes(CAPACITY_BYTES, |_, file: &ThemeFile| file.body.len() as u64 + 256)
                    .for_at_most(FILE_TTL),
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
    pub(super) async fn dress(&self, site: &Site) -> Result<Option<Arc<ActiveTheme>>, AppError> {
        let Some(version) = site.theme else { return Ok(None) };
        let key = (site.id, version);
        if let Some(dress) = self.0.wardrobe.dresses.get(&key) {
            return Ok(Some(dress));
        }
        let dress = match self.0.inbox.theme(site.id, version).await {
            Ok(theme) => Arc::new(ActiveTheme::of(&theme, false)),
            // Deleted since the site was looked up.
            Err(AppError::NotFound) => return Ok(None),
            Err(other) => return Err(other),
        };
        self.0.wardrobe.dresses.insert(key, Arc::clone(&dress));
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
    let file = if let Some(file) = state.0.wardrobe.files.get(&key) {
        file
    } else {
        let file = state.0.inbox.theme_file(site, &key.1).await?;
        state.0.wardrobe.files.insert(key, file.clone());
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
