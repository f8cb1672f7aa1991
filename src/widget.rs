//! Door 1, readers: the loader for the site's page, the iframe's document, and what the iframe asks for afterwards.
//!
//! Everything a reader gets is server-rendered by Leptos and complete before any WebAssembly arrives. This door must not
//! know of SQL or API keys, and it has no rules of its own: it proves who the reader is, and calls [`crate::inbox`].

mod answer;
mod assets;
mod audience;
mod compression;
mod conversations;
mod delivered;
mod document;
mod error;
mod events;
mod form;
mod guard;
mod limits;
mod loader;
mod marks;
mod memory;
mod messages;
mod picture;
mod policy;
mod preferences;
mod preview;
mod session;
mod texts;
mod theme;
mod view;

pub use assets::ClientAssets;
pub use limits::Limits;
pub use texts::{TextFile, files as text_files};
pub use view::card;

use crate::cache::{Bounds, Cache};
use crate::{
    content::template,
    domain::{Contact, ContactLookup, Digest, Origin, Page, Shares, Site, SiteId, SiteSettings, Timestamp},
    inbox::{Inbox, InboxError, Reader},
    live::{Hub, Stamp},
};
use axum::{
    Router,
    extract::DefaultBodyLimit,
    middleware::from_fn,
    routing::{get, post},
};
use error::WidgetError;
use std::{sync::Arc, time::Duration};

/// What this door stands on.
pub struct Settings {
    /// The rules.
    pub inbox: Inbox,
    /// Who is listening.
    pub hub: Arc<Hub>,
    /// Where browsers reach Belfry.
    pub public_url: Origin,
    /// The browser build, where there is one.
    pub assets: ClientAssets,
    /// How much readers may write.
    pub limits: Limits,
}

/// The routes of this door. The event stream is apart, because it must have neither a time-out nor compression.
pub struct Routes {
    /// Everything that answers and is done.
    pub plain: Router,
    /// `GET /embed/{site}/events`.
    pub streams: Router,
}

/// How long a site's settings are remembered: the longest that a change of its origins takes to be in force.
const SITE_MEMORY: Duration = Duration::from_secs(2);

#[derive(Clone)]
struct Door(Arc<Parts>);

struct Parts {
    inbox: Inbox,
    hub: Arc<Hub>,
    public_url: Origin,
    assets: ClientAssets,
    sites: Cache<SiteId, (Stamp, Arc<Site>)>,
    settings: Cache<SiteId, (Stamp, Arc<SiteSettings>)>,
    tickets: Shares<Digest, (Digest, Timestamp)>,
    loaders: Cache<SiteId, Arc<loader::Script>>,
    memory: memory::Memory,
    limiter: limits::Limiter,
    delivered: delivered::Delivered,
    listeners: audience::Listeners,
    cards: view::Cards,
    pictures: picture::Pictures,
    wardrobe: theme::Wardrobe,
}

/// The door's routes.
pub fn routes(settings: Settings) -> Routes {
    let Settings { inbox, hub, public_url, assets, limits } = settings;
    let door = Door(Arc::new(Parts {
        inbox,
        hub,
        public_url,
        assets,
        sites: Cache::bounded(Bounds::entries(1_000).for_at_most(SITE_MEMORY)),
        settings: Cache::bounded(Bounds::entries(1_000).for_at_most(SITE_MEMORY)),
        tickets: Shares::new(events::MAX_TICKETS),
        loaders: Cache::bounded(Bounds::entries(1_000)),
        memory: memory::Memory::new(),
        limiter: limits::Limiter::new(limits),
        delivered: delivered::Delivered::new(),
        listeners: audience::Listeners::new(),
        cards: view::Cards::new(),
        pictures: picture::Pictures::new(),
        wardrobe: theme::Wardrobe::new(),
    }));
    let plain = Router::new()
        .route("/scripts/{file}", get(loader::show))
        .route("/embed/{site}", get(document::shell).post(document::exchange))
        .route("/embed/{site}/page", get(document::page))
        .route("/embed/{site}/messages", get(messages::list))
        .route("/embed/{site}/counts", get(messages::counts))
        .route("/embed/{site}/marks", post(marks::mark))
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
        .layer(DefaultBodyLimit::max(form::MAX_BODY_BYTES))
        .layer(from_fn(compression::compress_documents))
        .with_state(door.clone());
    let streams = Router::new().route("/embed/{site}/events", get(events::stream)).with_state(door);
    Routes { plain, streams }
}

impl Door {
    /// Who reads, where some message of the page says something else to each reader.
    async fn personal(&self, reader: &Reader, page: &Page) -> Result<Option<Contact>, InboxError> {
        if !page.items.iter().any(|item| template::is_personal(&item.message.content)) {
            return Ok(None);
        }
        self.0.inbox.contact(reader.site, &ContactLookup::Id(reader.contact)).await.map(Some)
    }

    /// Counts a writing request of a reader.
    fn count_write(&self, reader: &Reader) -> Result<(), WidgetError> {
        self.0.limiter.check(reader.site, reader.contact)
    }

    /// Counts a conversation that a reader begins.
    fn count_conversation(&self, reader: &Reader) -> Result<(), WidgetError> {
        self.0.limiter.check_conversation(reader.site, reader.contact)
    }

    /// Messages of agents that a reader has not seen; `None` where the site has no tab for them.
    async fn unread_answers(&self, site: &Site, reader: &Reader) -> Result<Option<u32>, InboxError> {
        let Some(inbox) = site.messages else { return Ok(None) };
        self.0.inbox.unread_answers(reader, inbox).await.map(Some)
    }

    /// What an owner set of a site.
    async fn settings(&self, id: SiteId) -> Result<Arc<SiteSettings>, InboxError> {
        let stamp = self.0.hub.site_stamp(id);
        if let Some((_, settings)) = self.0.settings.get(&id).filter(|(known, _)| *known == stamp) {
            return Ok(settings);
        }
        let settings = Arc::new(self.0.inbox.settings(id).await?);
        self.0.settings.insert(id, (stamp, Arc::clone(&settings)));
        Ok(settings)
    }

    /// The same, where the caller should hear that it is the site that is not there.
    async fn known_site(&self, id: SiteId) -> Result<Arc<Site>, WidgetError> {
        self.site(id).await.map_err(|error| match error {
            InboxError::NotFound => WidgetError::UnknownSite,
            other => other.into(),
        })
    }

    async fn site(&self, id: SiteId) -> Result<Arc<Site>, InboxError> {
        let stamp = self.0.hub.site_stamp(id);
        if let Some((_, site)) = self.0.sites.get(&id).filter(|(known, _)| *known == stamp) {
            return Ok(site);
        }
        let site = Arc::new(self.0.inbox.site(id).await?);
        self.0.sites.insert(id, (stamp, Arc::clone(&site)));
        Ok(site)
    }
}
