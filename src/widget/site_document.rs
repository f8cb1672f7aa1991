//! Responses with a document of a site in every case. Must not depend on what the document shows.
//! Called by the handlers of pages and forms.

use super::{WidgetState, error::WidgetError, view};
use axum::response::Response;
use belfry_content::widget_texts;
use belfry_domain::{Language, Site, SiteId};
use std::{str::FromStr, sync::Arc};

/// Responds with a document of this site in every case: errors are rendered in it, in the requested
/// language.
pub(super) async fn respond(
    state: &WidgetState,
    site: &str,
    language: Option<&str>,
    make: impl AsyncFnOnce(&Site) -> Result<Response, WidgetError>,
) -> Response {
    match find_site(state, site).await {
        Ok(site) => match make(&site).await {
            Ok(response) => response,
            Err(error) => {
                error
                    .into_document(
                        Some(&site),
                        widget_texts::language(&view::language(language, &site.language)),
                    )
                    .await
            }
        },
        Err(error) => error.into_document(None, widget_texts::language(&Language::english())).await,
    }
}

async fn find_site(state: &WidgetState, text: &str) -> Result<Arc<Site>, WidgetError> {
    let id = SiteId::from_str(text).map_err(|_| WidgetError::UnknownSite)?;
    state.known_site(id).await
}
