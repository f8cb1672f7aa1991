//! `GET`, `POST /embed/{site}/preferences`: which categories of messages a reader sees, as a page
//! with a form.
//!
//! The page needs no script. The button in the panel that opens it is a form as well, so that the
//! document's bearer is sent where cookies are refused; a link could not carry it. A bearer in a
//! form is accepted from our own document only, like a cookie. With WebAssembly the panel's script
//! (`preferences.js`) fetches the same page and shows the form in the panel.

use super::{
    WidgetState,
    auth::{self, SignedIn},
    error::WidgetError,
    form::{self, FormFields},
    security_headers, site_document,
    view::{self, Appearance, PreferencesView},
};
use axum::{
    extract::{FromRequestParts, Path, Query, Request, State},
    http::StatusCode,
    response::Response,
};
use belfry_domain::Site;
use serde::Deserialize;

/// Query parameters of the page; form fields have the same names.
#[derive(Deserialize)]
pub(super) struct PreferencesParams {
    language: Option<String>,
    scheme: Option<String>,
    reader: Option<String>,
    view: Option<String>,
}

impl PreferencesParams {
    fn of(filled: &FormFields) -> Self {
        let one = |name| filled.first(name).map(str::to_owned);
        Self {
            language: one("language"),
            scheme: one("scheme"),
            reader: one("reader"),
            view: one("view"),
        }
    }
}

/// Shows the page, authenticated by the session cookie.
pub(super) async fn show(
    State(state): State<WidgetState>,
    Path(site): Path<String>,
    Query(params): Query<PreferencesParams>,
    request: Request,
) -> Response {
    site_document::respond(&state, &site, params.language.as_deref(), async |site| {
        let (mut parts, _) = request.into_parts();
        let signed_in = SignedIn::from_request_parts(&mut parts, &state).await?;
        render(&state, site, &signed_in, &params, None).await
    })
    .await
}

/// Handles the button in the panel, which shows the page, and the form's own button, which stores
/// the choice and returns to the inbox.
pub(super) async fn submit(
    State(state): State<WidgetState>,
    Path(site): Path<String>,
    request: Request,
) -> Response {
    site_document::respond(&state, &site, None, async |site| {
        let (signed_in, filled) = form::signed_in(&state, request).await?;
        let bearer = filled.bearer();
        match filled.first("do") {
            // A page that results from a POST cannot be returned to: the browser shows an error
            // instead.
            Some("show") if bearer.is_none() => Ok(filled.redirect(site, "preferences", &[])),
            Some("show") => {
                render(&state, site, &signed_in, &PreferencesParams::of(&filled), bearer).await
            }
            Some("save") => save(&state, site, &signed_in, &filled).await,
            _ => Err(WidgetError::Invalid("do: must be show or save".into())),
        }
    })
    .await
}

async fn render(
    state: &WidgetState,
    site: &Site,
    SignedIn(reader, _): &SignedIn,
    params: &PreferencesParams,
    bearer: Option<&str>,
) -> Result<Response, WidgetError> {
    auth::require_same_tag(params.reader.as_deref(), reader)?;
    let inbox = &state.0.app;
    let look = Appearance::of(site, params.language.as_deref(), params.scheme.as_deref());
    let (categories, muted) = (inbox.mutable(site.id).await?, inbox.muted(reader).await?);
    let theme = state.active_theme(site).await?;
    let view = view::preferences(&PreferencesView {
        site,
        reader,
        appearance: &look,
        counts: inbox.unread_counts(reader).await?,
        categories: &categories,
        muted_categories: &muted,
        is_standalone: params.view.as_deref() == Some("page"),
        bearer,
        assets: state.0.assets,
        theme: theme.as_deref(),
    });
    Ok(security_headers::document(Some(site), StatusCode::OK, view).await)
}

/// Categories in the form (`of`) that are not checked (`show`) are muted. Categories that the site
/// added since keep their state.
async fn save(
    state: &WidgetState,
    site: &Site,
    SignedIn(reader, _): &SignedIn,
    filled: &FormFields,
) -> Result<Response, WidgetError> {
    auth::require_same_tag(filled.first("reader"), reader)?;
    state.count_write(reader)?;
    let mutes = |name: &str| {
        filled.all("of").any(|of| of == name).then(|| !filled.all("show").any(|show| show == name))
    };
    state.0.app.change_mutes(reader, mutes).await?;
    Ok(filled.redirect(site, "page", &[]))
}
