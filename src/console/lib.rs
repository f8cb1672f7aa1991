//! The console: the web interface for people who run sites and answer conversations, at `/console`.
//!
//! Pages are rendered on the server and work with links and forms alone; scripts only add comfort.
//! Must not use SQL, readers' sessions or API keys. Mounted by the server.
//!
//! # To add a page
//!
//! 1. **Module**: `pages/things.rs` with `pub(super) fn routes() -> Routes<Console>`, merged in
//!    `pages.rs`, and its rows in `web::routes::CONSOLE`, with the role they need and what they
//!    write to the audit log. Paths are relative to `/console`; the site is always the parameter
//!    `{site}`: `.route("/sites/{site}/things", get(list).post(create))`.
//! 2. **Navigation**: a line in `SECTIONS` of `view/page.rs`.
//! 3. **Phrases** in `console-things.ftl` of each language in `src/locales`: `title = Things`, used
//!    as `phrases::TITLE.t(lang)` with `use belfry_locales::phrases::console_things as phrases`; with
//!    placeholders `phrases::FOUND.with(lang, &[("count", &count)])`.
//! 4. **Handler**: takes an extractor first: [`request_context::RequestContext`] (anyone),
//!    [`request_context::SignedIn`] (an account) or [`request_context::Member`] (an account and the
//!    site of the path; others get a 404). Writes begin with `member.may(Role::Editor)?`. Returns
//!    `Result<Response, ConsoleError>`; `?` turns an `AppError` into the right page.
//! 5. **Page**: `page(&member.context, Page::new(TITLE).for_site(&member, "things"), view! { … })`.
//! 6. **Form**: `<form method="post">{csrf_field(&context)}<Field …/><Button>…</Button></form>`. Its
//!    handler takes [`form::Form`] last, which has checked the token. On a `ValidationError`, call
//!    `form.reject(invalid)` (its sentence is in `locales`) and render the page again with
//!    `page_with(StatusCode::UNPROCESSABLE_ENTITY, …)`. On success, `context.flash_success(…)` and
//!    `redirect(…)`. Password fields have `secret=true`, so that their values are not rendered
//!    again.
//! 7. **Components**: `view/components.rs`, `view/chart.rs`. Helpers return `Markup`, since deeply
//!    nested view types take minutes to compile.
//! 8. **Times**: shown by `relative_time(&context, at)` or `date(&context, at)`, entered with `zoned` in the
//!    label, `zone_field` in the form and `field_moment` in its handler (`view/timestamp.rs`).
//! 9. **What can't be undone** has a confirmation page: [`view::Confirm`].
//! 10. **Audit log**: each write runs within `member.with_audit(&console, &subject, …)`.
//!     A form's handler runs in its own task and completes when the browser disconnects, except for
//!     what comes before its first write.
//! 11. **Script**: a file in `script/pages/`, joined to the console's; the page must work without
//!     it.
//! 12. **Test** in `src/tests/console/`: `app.console().sign_in(…)`, then `browser.get(path)` and
//!     `browser.post_form(path, &[…])`. Every form needs a request in `disconnect/` there.
//! 13. **Concurrent edits** are detected inside the store's command, not by the handler: the
//!     command gets what was shown (a revision, version or secret) and reports a difference. Forms
//!     carry it as `edit_conflict::RevisionField` and are rendered again by
//!     `edit_conflict::edit_conflict`.

mod edit_conflict;
mod error;
mod form;
mod middleware;
mod pages;
mod phrases;
mod request_context;
mod session;
mod throttle;
mod trusted_browser;
mod view;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    middleware::{from_fn, from_fn_with_state, map_request, map_response},
    routing::get,
};
use belfry_app::{
    App,
    events::{ConversationHub, ReaderHub},
};
use belfry_domain::Origin;
use belfry_web::{cookies, document};
use error::ConsoleError;
use std::sync::Arc;
use tower_sessions::{Expiry, SessionManagerLayer, cookie::SameSite};

/// The URLs of the stylesheet and the script.
#[derive(Debug, Clone, Copy, Default)]
pub struct ConsoleAssets {
    /// URL of the stylesheet.
    pub style: &'static str,
    /// URL of the script.
    pub script: &'static str,
}

/// What the console needs.
pub struct Settings {
    /// The use cases.
    pub app: App,
    /// Open event streams of readers, for the overview's count.
    pub hub: Arc<ReaderHub>,
    /// Event streams of conversations.
    pub conversations: Arc<ConversationHub>,
    /// The origin at which browsers reach Belfry.
    pub public_url: Origin,
    /// URLs of the stylesheet and the script.
    pub assets: ConsoleAssets,
}

/// The state of every handler.
#[derive(Clone)]
struct Console(Arc<Inner>);

struct Inner {
    app: App,
    hub: Arc<ReaderHub>,
    conversations: Arc<ConversationHub>,
    public_url: Origin,
    assets: ConsoleAssets,
    sign_in_limits: throttle::SignInRateLimits,
    pending_imports: pages::PendingImports,
}

impl std::ops::Deref for Console {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

/// The session cookie. With the `__Host-` prefix browsers reject one that another host or an
/// insecure page has set. They treat loopback as secure, so it also works on `http://127.0.0.1`.
const SESSION_COOKIE: &str = "__Host-belfry-console";

/// Maximum size of a form in bytes; pages with file fields set their own.
const MAX_FORM_BYTES: usize = 2 * 1_024 * 1_024;

/// All routes of the console.
pub fn router(settings: Settings) -> Router {
    let Settings { app, hub, conversations, public_url, assets } = settings;
    let sessions = SessionManagerLayer::new(session::Sessions::new(app.clone()))
        .with_name(SESSION_COOKIE)
        .with_secure(true)
        .with_http_only(true)
        .with_same_site(SameSite::Strict)
        .with_path("/")
        .with_expiry(Expiry::OnSessionEnd);
    let (sign_in_limits, pending_imports) =
        (throttle::SignInRateLimits::new(), pages::PendingImports::new());
    let console = Console(Arc::new(Inner {
        app,
        hub,
        conversations,
        public_url,
        assets,
        sign_in_limits,
        pending_imports,
    }));
    let pages = pages::routes()
        .into_router()
        .fallback(async || ConsoleError::NotFound)
        .method_not_allowed_fallback(async || ConsoleError::NotFound)
        .layer(DefaultBodyLimit::max(MAX_FORM_BYTES))
        .layer(from_fn_with_state(console.clone(), middleware::guard))
        .layer(sessions)
        .layer(from_fn(trusted_browser::set_cookie))
        // The session layer rejects the whole header when one cookie is unreadable.
        .layer(map_request(async |request| cookies::drop_unreadable(request)))
        .layer(map_response(document::rendered))
        .with_state(console);
    Router::new()
        .nest("/console", pages)
        .route("/console/", get(async || request_context::redirect("/console")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use belfry_web::routes::CONSOLE;

    #[test]
    fn routes_are_those_of_the_list() {
        assert_eq!(CONSOLE.differences(&pages::routes().registered("/console")), [""; 0]);
    }
}
