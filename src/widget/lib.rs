//! HTTP surface for readers: the loader for the site's page, the iframe's document, and the
//! requests of the iframe.
//!
//! Everything is rendered by Leptos on the server and complete before any WebAssembly arrives. Must
//! not depend on SQL or API keys, and contains no rules of its own: it authenticates the reader and
//! calls [`belfry_app`]. Mounted by the server's router.
//!
//! To add an endpoint: write its handler in a module here, and add its route in [`plain_routes`] and
//! in [`belfry_web::routes::WIDGET`].

mod actions;
mod active_theme;
mod answer;
mod assets;
mod auth;
mod compression;
mod conversations;
mod delivery_tracker;
mod document;
mod error;
mod events;
mod form;
mod limits;
mod loader;
mod messages;
mod picture;
mod preferences;
mod preview;
mod preview_params;
mod request;
mod response_cache;
mod security_headers;
mod session;
mod session_cookie;
mod site_document;
mod stream_contacts;
mod texts;
mod theme;
mod view;

pub use assets::ClientAssets;
pub use limits::Limits;
pub use texts::{TextFile, files as text_files};
pub use view::card;

use axum::{Router, extract::DefaultBodyLimit, middleware::from_fn};
use belfry_app::{
    App, AppError, Reader,
    events::{Generation, ReaderHub},
};
use belfry_content::template;
use belfry_domain::{Contact, ContactLookup, Origin, ReaderPage, Site, SiteId, SiteSettings};
use belfry_runtime::cache::{Bounds, Cache};
use belfry_web::router::{self, get, post};
use error::WidgetError;
use std::{sync::Arc, time::Duration};

/// What the widget's routes depend on.
pub struct Settings {
    /// The use cases.
    pub app: App,
    /// The event hub.
    pub hub: Arc<ReaderHub>,
    /// The public address of Belfry.
    pub public_url: Origin,
    /// The browser build, if there is one.
    pub assets: ClientAssets,
    /// Rate limits of readers' writing requests.
    pub limits: Limits,
}

/// The widget's routes. The event stream is separate, because it must have neither a timeout nor
/// compression.
pub struct Routes {
    /// Endpoints with a finite response.
    pub plain: Router,
    /// `GET /embed/{site}/events`.
    pub streams: Router,
}

/// How long a site's settings are cached: the longest delay until changed origins take effect.
const SITE_SETTINGS_TTL: Duration = Duration::from_secs(2);

#[derive(Clone)]
struct WidgetState(Arc<WidgetInner>);

struct WidgetInner {
    app: App,
    hub: Arc<ReaderHub>,
    public_url: Origin,
    assets: ClientAssets,
    sites: Cache<SiteId, (Generation, Arc<Site>)>,
    settings: Cache<SiteId, (Generation, Arc<SiteSettings>)>,
    loaders: Cache<SiteId, Arc<loader::SiteScript>>,
    response_cache: response_cache::ResponseCache,
    limiter: limits::WidgetLimiter,
    delivery_tracker: delivery_tracker::DeliveryTracker,
    stream_contacts: stream_contacts::StreamContacts,
    card_cache: view::CardCache,
    picture_cache: picture::PictureCache,
    theme_cache: theme::ThemeCache,
}

/// Builds the widget's routes.
pub fn routes(settings: Settings) -> Routes {
    let Settings { app, hub, public_url, assets, limits } = settings;
    let state = WidgetState(Arc::new(WidgetInner {
        app,
        hub,
        public_url,
        assets,
        sites: Cache::new(Bounds::entries(1_000).with_ttl(SITE_SETTINGS_TTL)),
        settings: Cache::new(Bounds::entries(1_000).with_ttl(SITE_SETTINGS_TTL)),
        loaders: Cache::new(Bounds::entries(1_000)),
        response_cache: response_cache::ResponseCache::new(),
        limiter: limits::WidgetLimiter::new(limits),
        delivery_tracker: delivery_tracker::DeliveryTracker::new(),
        stream_contacts: stream_contacts::StreamContacts::new(),
        card_cache: view::CardCache::new(),
        picture_cache: picture::PictureCache::new(),
        theme_cache: theme::ThemeCache::new(),
    }));
    let plain = plain_routes()
        .into_router()
        .layer(DefaultBodyLimit::max(form::MAX_BODY_BYTES))
        .layer(from_fn(compression::compress_documents))
        .with_state(state.clone());
    Routes { plain, streams: stream_routes().into_router().with_state(state) }
}

/// Endpoints with a finite response.
fn plain_routes() -> router::Routes<WidgetState> {
    router::Routes::new()
        .route("/scripts/{file}", get(loader::show))
        .route("/embed/{site}", get(document::shell).post(document::exchange))
        .route("/embed/{site}/page", get(document::page))
        .route("/embed/{site}/messages", get(messages::list))
        .route("/embed/{site}/counts", get(messages::counts))
        .route("/embed/{site}/marks", post(actions::handle))
        .route("/embed/{site}/preferences", get(preferences::show).post(preferences::submit))
        .route("/embed/{site}/conversations", get(conversations::show).post(conversations::submit))
        .route("/embed/{site}/session", post(session::renew))
        .route("/embed/{site}/leave", post(session::leave))
        .route("/embed/{site}/ticket", post(events::ticket))
        .route("/embed/{site}/preview", get(preview::gallery))
        .route("/embed/{site}/preview/widget", get(preview::widget))
        .route("/embed/{site}/preview/messages", post(preview::messages))
        .route("/embed/{site}/preview/pictures/{name}", get(preview::picture))
        .route("/m/{site}/{name}", get(picture::show))
        .route("/t/{site}/{name}", get(theme::file))
}

/// The event stream.
fn stream_routes() -> router::Routes<WidgetState> {
    router::Routes::new().route("/embed/{site}/events", get(events::stream))
}

impl WidgetState {
    /// The reader's contact, if a message of the page contains personal placeholders.
    async fn personal_contact(
        &self,
        reader: &Reader,
        page: &ReaderPage,
    ) -> Result<Option<Contact>, AppError> {
        if !page.items.iter().any(|item| template::is_personal(&item.message.content)) {
            return Ok(None);
        }
        self.0.app.contact(reader.site, &ContactLookup::Id(reader.contact)).await.map(Some)
    }

    /// Checks the rate limit of a writing request.
    fn count_write(&self, reader: &Reader) -> Result<(), WidgetError> {
        self.0.limiter.check(reader.site, reader.contact)
    }

    /// Checks the rate limit of a new conversation.
    fn count_conversation(&self, reader: &Reader) -> Result<(), WidgetError> {
        self.0.limiter.check_conversation(reader.site, reader.contact)
    }

    /// Number of unread agent messages; `None` if the site has no tab for them.
    async fn unread_replies(&self, site: &Site, reader: &Reader) -> Result<Option<u32>, AppError> {
        let Some(inbox) = site.messages else { return Ok(None) };
        self.0.app.unread_replies(reader, inbox).await.map(Some)
    }

    /// The site's settings, cached for [`SITE_SETTINGS_TTL`].
    async fn settings(&self, id: SiteId) -> Result<Arc<SiteSettings>, AppError> {
        let stamp = self.0.hub.site_generation(id);
        if let Some((_, settings)) = self.0.settings.get(&id).filter(|(known, _)| *known == stamp) {
            return Ok(settings);
        }
        let settings = Arc::new(self.0.app.settings(id).await?);
        self.0.settings.insert(id, (stamp, Arc::clone(&settings)));
        Ok(settings)
    }

    /// The site, or [`WidgetError::UnknownSite`].
    async fn known_site(&self, id: SiteId) -> Result<Arc<Site>, WidgetError> {
        self.site(id).await.map_err(|error| match error {
            AppError::NotFound => WidgetError::UnknownSite,
            other => other.into(),
        })
    }

    async fn site(&self, id: SiteId) -> Result<Arc<Site>, AppError> {
        let stamp = self.0.hub.site_generation(id);
        if let Some((_, site)) = self.0.sites.get(&id).filter(|(known, _)| *known == stamp) {
            return Ok(site);
        }
        let site = Arc::new(self.0.app.site(id).await?);
        self.0.sites.insert(id, (stamp, Arc::clone(&site)));
        Ok(site)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use belfry_web::routes::WIDGET;

    #[test]
    fn routes_are_those_of_the_list() {
        let registered = plain_routes().merge(stream_routes()).registered("");
        assert_eq!(WIDGET.differences(&registered), [""; 0]);
    }
}
