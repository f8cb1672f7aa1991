//! Routes of the Inbox SDK: its scripts, its sockets, the requests of customers beside a socket, and
//! the window of agents.

use super::{
    Access, Audit, Route, RouteGroup,
    RouteMethod::{Any, Post, Put},
};

const NOT_AUDITED: Audit = Audit::NotAudited("conversing is not administration");

/// The routes of the Inbox SDK.
pub static INBOX_SDK: RouteGroup = RouteGroup::new(
    "Inbox SDK",
    &[
        Route::get("/assets/sdk.js", Access::Public),
        Route::get("/assets/sdk.mjs", Access::Public),
        Route::get("/assets/sdk.d.ts", Access::Public),
        Route::new(Any, "/socket/websocket", Access::ConnectionToken, NOT_AUDITED),
        Route::get("/socket/longpoll", Access::ConnectionToken),
        Route::post("/socket/longpoll", Access::ConnectionToken, NOT_AUDITED),
        Route::get("/api/bot/{bot_id}", Access::Public),
        Route::post("/api/bot/{bot_id}/leave-message", Access::Public, NOT_AUDITED),
        Route::post("/api/bot/{bot_id}/push_subscribe", Access::ConnectionToken, NOT_AUDITED),
        Route::get("/api/bot/{bot_id}/user/{user_id}", Access::ConnectionToken),
        Route::new(Put, "/api/bot/{bot_id}/upload/{key}", Access::SecretPath, NOT_AUDITED),
        Route::get("/inbox/embed/{conversation}", Access::Public),
        Route::post("/inbox/embed/{conversation}", Access::ConnectionToken, NOT_AUDITED),
        Route::new(
            Post,
            "/inbox/embed/{conversation}/view",
            Access::ConnectionToken,
            Audit::ReadOnly,
        ),
        Route::new(
            Post,
            "/inbox/embed/{conversation}/part",
            Access::ConnectionToken,
            Audit::ReadOnly,
        ),
        Route::post("/inbox/embed/{conversation}/act", Access::ConnectionToken, NOT_AUDITED),
        Route::post("/inbox/embed/{conversation}/messages", Access::ConnectionToken, NOT_AUDITED),
        Route::new(
            Post,
            "/inbox/embed/{conversation}/whole",
            Access::ConnectionToken,
            Audit::ReadOnly,
        ),
    ],
);
