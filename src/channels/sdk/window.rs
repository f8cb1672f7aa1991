//! The window of a conversation, which another tool shows in an iframe: `/inbox/embed/{conversation}`.
//!
//! `GET` answers a page without a secret in it. Its script takes the one-time code out of the fragment and posts it; the answer is the whole window,
//! with the window's token in its one form. There are no cookies. Each act posts that form and is answered with the whole window, in which what was
//! typed stands again where it was refused; to the script, which says `quick`, with the parts that it puts in place. A window's session sees its
//! conversation alone: every other one is not there. The script hears by the socket that something changed.
//!
//! Must not know of SQL, nor of sockets. The server merges its routes.

mod act;
mod composer;
mod enter;
mod error;
mod form;
mod head;
mod policy;
mod send;
mod view;
mod words;

use crate::{
    allowance::{Gate, Rate, Subscriber as ClientPrefix},
    channels::params::{Bounds, MAX_BODY_BYTES},
    domain::{
        Origin, SiteId,
        channel::{AgentId, MAX_ATTACHMENTS},
    },
    inbox::Inbox,
    web::document,
};
use axum::{
    Router,
    middleware::map_response,
    routing::{get, post},
};
use std::{ops::Deref, sync::Arc, time::Duration};

/// Codes, and tokens that are nobody's, of one client address: an office's agents behind one address open their windows at once.
const CODES: Rate = Rate::new(200, Duration::from_millis(200));
const REJECTIONS: Rate = Rate::new(50, Duration::from_secs(1));
/// Requests of one agent: parts are fetched with each change, and seen and typing are told.
const REQUESTS: Rate = Rate::new(200, Duration::from_millis(50));

/// Where the window's files lie.
#[derive(Debug, Clone, Copy, Default)]
pub struct Assets {
    /// The style sheet.
    pub style: &'static str,
    /// The script.
    pub script: &'static str,
}

/// What the window stands on.
pub struct Settings {
    /// The use cases.
    pub inbox: Inbox,
    /// Where browsers reach Belfry.
    pub public_url: Origin,
    /// Style and script.
    pub assets: Assets,
}

struct Inner {
    inbox: Inbox,
    public_url: Origin,
    assets: Assets,
    codes: Gate<ClientPrefix>,
    rejections: Gate<ClientPrefix>,
    requests: Gate<(SiteId, AgentId)>,
}

/// What every handler stands on.
#[derive(Clone)]
struct Window(Arc<Inner>);

impl Deref for Window {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl Window {
    /// How much of a form is read.
    fn bounds(&self) -> Bounds {
        Bounds::new(MAX_BODY_BYTES, self.inbox.attachment_bytes(), MAX_ATTACHMENTS)
    }
}

/// The routes of the window.
pub fn routes(settings: Settings) -> Router {
    let Settings { inbox, public_url, assets } = settings;
    let window = Window(Arc::new(Inner {
        inbox,
        public_url,
        assets,
        codes: Gate::new("codes", CODES),
        rejections: Gate::new("rejections", REJECTIONS),
        requests: Gate::new("requests", REQUESTS),
    }));
    Router::new()
        .route("/inbox/embed/{conversation}", get(enter::shell).post(enter::exchange))
        .route("/inbox/embed/{conversation}/view", post(act::view))
        .route("/inbox/embed/{conversation}/part", post(act::part))
        .route("/inbox/embed/{conversation}/act", post(act::act))
        .route("/inbox/embed/{conversation}/messages", post(send::send))
        .route("/inbox/embed/{conversation}/whole", post(act::whole))
        .layer(map_response(document::rendered))
        .with_state(window)
}
