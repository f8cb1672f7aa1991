//! Routes of readers: the loader, the iframe's document and its requests, images and theme files.

use super::{Access, Audit, Route, RouteGroup, RouteMethod::Post};

const NOT_AUDITED: Audit = Audit::NotAudited("readers do not administer");

/// The routes of the widget.
pub static WIDGET: RouteGroup = RouteGroup::new(
    "the widget",
    &[
        Route::get("/scripts/{file}", Access::Public),
        Route::get("/embed/{site}", Access::Public),
        Route::post("/embed/{site}", Access::ContactToken, NOT_AUDITED),
        Route::get("/embed/{site}/page", Access::ReaderSession),
        Route::get("/embed/{site}/messages", Access::ReaderSession),
        Route::get("/embed/{site}/counts", Access::ReaderSession),
        Route::post("/embed/{site}/marks", Access::ReaderSession, NOT_AUDITED),
        Route::get("/embed/{site}/preferences", Access::ReaderSession),
        Route::post("/embed/{site}/preferences", Access::ReaderSession, NOT_AUDITED),
        Route::get("/embed/{site}/conversations", Access::ReaderSession),
        Route::post("/embed/{site}/conversations", Access::ReaderSession, NOT_AUDITED),
        Route::post("/embed/{site}/session", Access::ReaderSession, NOT_AUDITED),
        Route::post("/embed/{site}/leave", Access::ReaderSession, NOT_AUDITED),
        Route::new(Post, "/embed/{site}/ticket", Access::ReaderSession, Audit::ReadOnly),
        Route::get("/embed/{site}/preview", Access::PreviewLink),
        Route::get("/embed/{site}/preview/widget", Access::PreviewLink),
        Route::new(Post, "/embed/{site}/preview/messages", Access::PreviewLink, Audit::ReadOnly),
        Route::get("/embed/{site}/preview/pictures/{name}", Access::PreviewLink),
        Route::get("/m/{site}/{name}", Access::Public),
        Route::get("/t/{site}/{name}", Access::Public),
        Route::get("/embed/{site}/events", Access::ReaderSession),
    ],
);
