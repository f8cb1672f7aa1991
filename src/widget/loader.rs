//! `GET /scripts/{site}.js`: the loader script with the site's settings in it.

use super::{WidgetState, auth, error::WidgetError};
use axum::{
    body::Body,
    extract::{Path, State},
    http::{HeaderMap, HeaderValue, header},
    response::Response,
};
use belfry_app::AppError;
use belfry_assets::LOADER;
use belfry_domain::{Digest, Origin, Site, SiteId};
use belfry_runtime::blocking::BlockingPool;
use belfry_web::{
    encoding::{AcceptedEncodings, Encoding},
    etag,
};
use bytes::Bytes;
use serde_json::json;
use std::{str::FromStr, sync::Arc};

/// The highest quality: each site's script is compressed once and served many times.
const BROTLI_QUALITY: i32 = 11;

/// One at a time: each compression occupies a core for some milliseconds.
static COMPRESSING: BlockingPool = BlockingPool::new(1);

pub(super) struct SiteScript {
    site: Site,
    etag: Option<HeaderValue>,
    plain: Bytes,
    brotli: Bytes,
}

impl SiteScript {
    fn new(site: &Site, public_url: &Origin, page: Option<&str>) -> Self {
        let settings = json!({
            "site": site.id,
            "origin": public_url.as_str(),
            "selector": site.selector,
            "position": site.placement.as_str(),
            "language": site.language.as_str(),
            "page": page.map(|path| format!("{public_url}{path}")),
            // A theme may draw another bell, which is drawn only in the iframe, where it is
            // isolated.
            "bell": site.theme.is_none(),
        });
        // `<` cannot end a script element here, but a site may inline the file.
        let settings = settings
            .to_string()
            .replace('<', "\\u003c")
            .replace('\u{2028}', "\\u2028")
            .replace('\u{2029}', "\\u2029");
        let source = LOADER.replacen("CONFIG", &settings, 1);
        let etag = etag::etag(&Digest::of(&source).short());
        let mut brotli = Vec::new();
        let parameters =
            brotli::enc::BrotliEncoderParams { quality: BROTLI_QUALITY, ..Default::default() };
        let compressed =
            brotli::BrotliCompress(&mut source.as_bytes(), &mut brotli, &parameters).is_ok();
        Self {
            site: site.clone(),
            etag,
            brotli: if compressed { brotli.into() } else { Bytes::new() },
            plain: source.into(),
        }
    }
}

/// The script of a site, unless another request built it in the meantime.
fn site_script(state: &WidgetState, site: &Site) -> Arc<SiteScript> {
    if let Some(script) = state.0.loaders.get(&site.id).filter(|script| script.site == *site) {
        return script;
    }
    let script = Arc::new(SiteScript::new(site, &state.0.public_url, state.0.assets.page));
    state.0.loaders.insert(site.id, Arc::clone(&script));
    script
}

/// Serves the script. Browsers cache it for five minutes, so that changed settings take effect
/// soon.
pub(super) async fn show(
    State(state): State<WidgetState>,
    Path(file): Path<String>,
    headers: HeaderMap,
) -> Result<Response, WidgetError> {
    let id = file
        .strip_suffix(".js")
        .and_then(|text| SiteId::from_str(text).ok())
        .ok_or(WidgetError::UnknownSite)?;
    let site = state.known_site(id).await?;
    if let Some(page) = auth::page_origin(&headers) {
        state.0.app.script_loaded(id, page);
    }
    let script = match state.0.loaders.get(&id) {
        Some(script) if script.site == *site => script,
        _ => {
            let (state, site) = (state.clone(), Arc::clone(&site));
            COMPRESSING.run(move || site_script(&state, &site)).await.map_err(AppError::from)?
        }
    };
    let brotli =
        AcceptedEncodings::parse(&headers).accepts(Encoding::Brotli) && !script.brotli.is_empty();
    let (body, encoding) = if brotli {
        (&script.brotli, Encoding::Brotli)
    } else {
        (&script.plain, Encoding::Identity)
    };
    let mut response = Response::new(Body::from(body.clone()));
    let answer = response.headers_mut();
    answer.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/javascript; charset=utf-8"));
    answer.insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static("public, max-age=300, stale-while-revalidate=86400, no-transform"),
    );
    answer.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    answer.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    // Any page may load the script; the document's `frame-ancestors` decides which page may show
    // the widget.
    answer.insert("cross-origin-resource-policy", HeaderValue::from_static("cross-origin"));
    if let Some(encoding) = encoding.header() {
        answer.insert(header::CONTENT_ENCODING, encoding);
    }
    Ok(etag::with_etag(&headers, script.etag.clone(), response))
}

#[cfg(test)]
mod tests {
    use belfry_locales::{UiLanguage, phrases::widget as phrases};

    #[test]
    fn loader_bell_is_named_in_every_language() {
        let source = include_str!("script/page/bell.js");
        for lang in UiLanguage::all() {
            assert!(
                source.contains(&format!("{}: '{}'", lang.tag(), phrases::TITLE.t(lang))),
                "{}",
                lang.tag()
            );
        }
    }
}
