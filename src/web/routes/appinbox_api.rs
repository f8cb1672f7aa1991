//! Routes of the App Inbox compatibility API, for scripts and apps that read for one reader.

use super::{Access, Audit, Route, RouteGroup};

const NOT_AUDITED: Audit = Audit::NotAudited("readers do not administer");

/// The routes of App Inbox clients.
pub static APP_INBOX_API: RouteGroup = RouteGroup::new(
    "App Inbox clients",
    &[
        Route::get("/appinbox/v1/messages/count", Access::ContactToken),
        Route::get("/api/v1/appinbox/messages/count", Access::Device),
        Route::get("/appinbox/v1/messages", Access::ContactToken),
        Route::get("/api/v1/appinbox/messages", Access::Device),
        Route::post("/appinbox/v1/messages/status", Access::ContactToken, NOT_AUDITED),
        Route::post("/api/v1/appinbox/messages/status", Access::Device, NOT_AUDITED),
    ],
);
