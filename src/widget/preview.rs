//! `GET /embed/{site}/preview`: a theme before it is published, for holders of a preview link. It
//! shows the real widget with sample messages in every state that a theme must cover, and the
//! default theme for comparison.
//!
//! The gallery is a page of frames. Each frame is the widget's own document, without a reader or
//! session and with forms that send nothing.

mod samples;

use super::{
    WidgetState,
    active_theme::ActiveTheme,
    error::WidgetError,
    preview_params::PreviewParams,
    security_headers,
    site_document::respond,
    theme,
    view::{self, Appearance, GalleryView, PageView, RenderContext, Scheme},
};
use axum::{
    Form,
    extract::{Path, Query, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use belfry_app::{AppError, PreviewInbox, Reader};
use belfry_domain::{
    Contact, ContactId, KeyId, Language, ReaderFilter, ReaderPage, Site, Theme, TokenFamily,
    UnreadCounts, Version,
};
use belfry_web::document::Document;
use serde::Deserialize;

/// `GET /embed/{site}/preview`: the gallery.
pub(super) async fn gallery(
    State(state): State<WidgetState>,
    Path(site): Path<String>,
    Query(params): Query<PreviewParams>,
) -> Response {
    respond(&state, &site, None, async |site| {
        let theme = load_theme(&state, site, &params).await?;
        Ok(security_headers::gallery(view::gallery(&GalleryView {
            site,
            theme: &theme,
            params: &params,
        }))
        .await)
    })
    .await
}

/// `GET /embed/{site}/preview/widget`: one frame of the gallery.
pub(super) async fn widget(
    State(state): State<WidgetState>,
    Path(site): Path<String>,
    Query(params): Query<PreviewParams>,
) -> Response {
    respond(&state, &site, None, async |site| {
        let theme = load_theme(&state, site, &params).await?;
        let dress = ActiveTheme::of(&theme, true);
        let is_plain = PreviewParams::matches(params.look.as_ref(), "standard");
        let view = frame(&state, site, &params, (!is_plain).then_some(&dress));
        Ok(security_headers::own_frame(site, view).await)
    })
    .await
}

/// The form that the console posts into its preview frame.
#[derive(Deserialize)]
pub(super) struct PreviewForm {
    secret: String,
    language: Option<String>,
    scheme: Option<String>,
}

/// `POST /embed/{site}/preview/messages`: messages before they are sent, or as one contact sees
/// them, in the site's theme. A form, so that the secret does not appear in an address.
pub(super) async fn messages(
    State(state): State<WidgetState>,
    Path(site): Path<String>,
    Form(form): Form<PreviewForm>,
) -> Response {
    respond(&state, &site, None, async |site| {
        let shown =
            state.0.app.preview_inbox(site.id, &form.secret).await.map_err(
                |error| match error {
                    AppError::Unauthenticated => WidgetError::LinkExpired,
                    other => other.into(),
                },
            )?;
        let look = Appearance::of(site, form.language.as_deref(), form.scheme.as_deref());
        let theme = state.active_theme(site).await?;
        let view = document(&state, site, &look, &shown, theme.as_deref(), view::Preview::Panel);
        Ok(security_headers::own_frame(site, view).await)
    })
    .await
}

/// `GET /embed/{site}/preview/pictures/{name}`: pictures of the sample messages.
pub(super) async fn picture(
    Path((_, name)): Path<(String, String)>,
) -> Result<Response, WidgetError> {
    let body = match name.as_str() {
        "parcel.svg" => include_str!("preview/parcel.svg"),
        "throw.svg" => include_str!("preview/throw.svg"),
        "cup.svg" => include_str!("preview/cup.svg"),
        _ => return Err(WidgetError::NotFound),
    };
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("image/svg+xml; charset=utf-8")),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(theme::PICTURE_CSP)),
        (header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=3600")),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    ];
    Ok((StatusCode::OK, headers, body).into_response())
}

/// The theme version of the link; 404 without a valid link.
async fn load_theme(
    state: &WidgetState,
    site: &Site,
    params: &PreviewParams,
) -> Result<Theme, WidgetError> {
    state.0.app.preview(site.id, params.secret()).await.map_err(|error| match error {
        AppError::Unauthenticated => WidgetError::LinkExpired,
        other => other.into(),
    })
}

fn frame(
    state: &WidgetState,
    site: &Site,
    params: &PreviewParams,
    theme: Option<&ActiveTheme>,
) -> Document {
    let language =
        if PreviewParams::matches(params.direction.as_ref(), "rtl") { "ar" } else { "en" };
    let language: Language = language.parse().unwrap_or_else(|_| site.language.clone());
    let now = state.0.app.now();
    let made_up = samples::SampleOptions {
        site,
        public_url: &state.0.public_url,
        now,
        is_long: PreviewParams::matches(params.text.as_ref(), "long"),
        has_pictures: !PreviewParams::matches(params.pictures.as_ref(), "none"),
        unread: match params.state.as_deref() {
            Some("read") => 0,
            Some("unread") => usize::MAX,
            _ => 3,
        },
    };
    let only_bell = PreviewParams::matches(params.part.as_ref(), "bell");
    let items =
        if only_bell || params.count() == 0 { Vec::new() } else { samples::items(&made_up) };
    let count = params.count();
    let look = Appearance { language, scheme: Scheme::parse(params.scheme.as_deref()) };
    let page = ReaderPage {
        items,
        next: None,
        counts: UnreadCounts { unread: count, unseen: count, version: Version::default() },
    };
    let part = if only_bell { view::Preview::Bell } else { view::Preview::Panel };
    let shown = PreviewInbox { page, contact: Contact::anonymous() };
    document(state, site, &look, &shown, theme, part)
}

/// The widget's document without a session and without working forms.
fn document(
    state: &WidgetState,
    site: &Site,
    appearance: &Appearance,
    shown: &PreviewInbox,
    theme: Option<&ActiveTheme>,
    part: view::Preview,
) -> Document {
    let page = &shown.page;
    let reader = Reader {
        site: site.id,
        contact: ContactId(0),
        family: TokenFamily([0; 16]),
        key: KeyId(String::new()),
    };
    let context = RenderContext::new(site, &appearance.language, state.0.app.now())
        .for_page("", appearance.scheme, ReaderFilter::All, false)
        .for_contact(Some(&shown.contact));
    let items = state.0.card_cache.short_items(&context, &page.items);
    view::page(&PageView {
        site,
        reader: &reader,
        appearance,
        context,
        page,
        items: &items,
        has_mutable_categories: false,
        filter: ReaderFilter::All,
        is_standalone: false,
        is_top_level: false,
        undo_offer: None,
        is_older_page: false,
        bearer: None,
        assets: state.0.assets.without_scripts(),
        theme,
        has_cached_files: false,
        unread_replies: None,
        preview: Some(part),
    })
}
