//! Door 3: people who run sites, signed in, at `/console`.
//!
//! Pages are rendered on the server and work by links and forms alone; one small script makes them pleasanter. Must not know of SQL,
//! readers' sessions or API keys in use.
//!
//! # How to add a page
//!
//! 1. **A module** `pages/things.rs` with `pub(super) fn routes() -> Router<Console>`, merged in `pages.rs`. Paths are relative to
//!    `/console`: `.route("/sites/{site}/things", get(list).post(create))`. The site is always the parameter `{site}`.
//! 2. **A way there**: one line in `SECTIONS` of `view/page.rs`.
//! 3. **Words** beside the page, in both languages: `words! { TITLE: "Things", "Речі"; FOUND: "{count} found", "Знайдено: {count}"; }`, then
//!    `TITLE.t(lang)` or `FOUND.with(lang, &[("count", &count)])`.
//! 4. **A handler** takes an extractor first: [`visit::Visit`] (anyone), [`visit::SignedIn`] (an account) or [`visit::Member`] (an account
//!    and the site of the path; a stranger gets the 404 of a site that is not there). Writes begin with `member.may(Role::Editor)?`.
//!    It gives `Result<Response, ConsoleError>`; any `InboxError` turns into the right page by `?`.
//! 5. **A page** is `page(&member.visit, Page::new(TITLE).of(&member, "things"), view! { … })`.
//! 6. **A form**: `<form method="post">{token(&visit)}<Field form=form.clone() name="title" label=TITLE.t(lang)/><Button>…</Button></form>`.
//!    Its handler takes [`form::Form`] last, which has checked the token. What is wrong goes back: on `InboxError::Invalid`,
//!    `form.refuse(invalid)` (its Ukrainian stands in `content/refusals.rs`) and show the page again by `page_with(StatusCode::UNPROCESSABLE_ENTITY, …)`; what was typed is in the form still.
//!    What is done: `visit.done(WORD.t(lang)).await?` then `go("/console/…")`. Passwords are never given back: `secret=true` on the field.
//! 7. **Parts**: tables, tabs, badges, empty states, charts and pagers are in `view/parts.rs` and `view/chart.rs`; a past moment is
//!    `moment(&visit, at)`; one line to take away is `CopyField`, several are `CodeBlock`. Helpers give `AnyView` (`.into_any()`), so that
//!    no view becomes a type that takes minutes to compile.
//! 8. **What can't be undone** has a page of its own: [`view::Confirm`].
//! 9. **The record**: each write is done within `member.acting(&console, "thing.verb", &subject, inbox.change_thing(…))`. A form's handler runs in a
//!    task of its own and is carried through when the browser leaves, but for what is done before its first write.
//! 10. **A script** of a page's own lies in `script/pages/` and is joined to the console's; the page must work without it.
//! 11. **A test** in `src/tests/console/`: `app.console().sign_in("marta@example.com").await`, then `browser.get(path)`,
//!     `browser.post_form(path, &[("title", "…")])`, which takes the token from the page first. A form has a request in `hang_up.rs` there, in
//!     which browsers leave at every moment; one without fails by its name.
//! 12. **What was changed meanwhile** is decided inside the store's command, never by what the handler has read: the command gets what was shown
//!     (a revision, a version, a secret) and says when it is another one by now. A form that writes a whole of something brings it as
//!     `overtaken::Former`, and is given back by `overtaken::overtaken` then.

mod error;
mod form;
mod guard;
mod known;
mod overtaken;
mod pages;
mod session;
mod throttle;
mod view;
mod visit;
mod words;

use crate::{
    content::refusals,
    domain::Origin,
    inbox::Inbox,
    live::{ConversationHub, Hub},
    web::{cookies, document},
};
use axum::{
    Router,
    extract::DefaultBodyLimit,
    middleware::{from_fn, from_fn_with_state, map_request, map_response},
    routing::get,
};
use error::ConsoleError;
use std::sync::Arc;
use tower_sessions::{Expiry, SessionManagerLayer, cookie::SameSite};

/// Where a page's style and script lie.
#[derive(Debug, Clone, Copy, Default)]
pub struct Assets {
    /// The style sheet.
    pub style: &'static str,
    /// The script.
    pub script: &'static str,
}

/// What the door stands on.
pub struct Settings {
    /// The rules.
    pub inbox: Inbox,
    /// Who is listening.
    pub hub: Arc<Hub>,
    /// Who is listening to conversations.
    pub conversations: Arc<ConversationHub>,
    /// Where browsers reach Belfry.
    pub public_url: Origin,
    /// Style and script.
    pub assets: Assets,
}

/// What every handler of this door stands on.
#[derive(Clone)]
struct Console(Arc<Inner>);

struct Inner {
    inbox: Inbox,
    hub: Arc<Hub>,
    conversations: Arc<ConversationHub>,
    public_url: Origin,
    assets: Assets,
    throttle: throttle::Throttle,
    sheets: pages::Sheets,
}

impl std::ops::Deref for Console {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

/// The cookie's name. Its prefix makes browsers refuse one that another host or an insecure page has set; they take a machine's
/// own address for secure, so it is kept on `http://127.0.0.1`, too.
const COOKIE: &str = "__Host-belfry-console";

/// Largest form; a page that takes files sets its own.
const LIMIT: usize = 2 * 1_024 * 1_024;

/// All routes of this door.
pub fn router(settings: Settings) -> Router {
    let Settings { inbox, hub, conversations, public_url, assets } = settings;
    let sessions = SessionManagerLayer::new(session::Sessions::new(inbox.clone()))
        .with_name(COOKIE)
        .with_secure(true)
        .with_http_only(true)
        .with_same_site(SameSite::Strict)
        .with_path("/")
        .with_expiry(Expiry::OnSessionEnd);
    let (throttle, sheets) = (throttle::Throttle::new(), pages::Sheets::new());
    let console = Console(Arc::new(Inner { inbox, hub, conversations, public_url, assets, throttle, sheets }));
    let pages = pages::routes()
        .fallback(async || ConsoleError::NotFound)
        .method_not_allowed_fallback(async || ConsoleError::NotFound)
        .layer(DefaultBodyLimit::max(LIMIT))
        .layer(from_fn_with_state(console.clone(), guard::guard))
        .layer(sessions)
        .layer(from_fn(known::set))
        // The session layer gives up on a whole line.
        .layer(map_request(async |request| cookies::keep_readable(request)))
        .layer(map_response(document::rendered))
        .with_state(console);
    Router::new().nest("/console", pages).route("/console/", get(async || visit::go("/console")))
}
