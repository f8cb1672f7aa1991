//! Routes of operators, and of everybody who opens the instance.

use super::{Access, Route, RouteGroup};

/// The routes of operators: health, and what pages of this server embed.
pub static OPERATOR: RouteGroup = RouteGroup::new(
    "operators",
    &[
        Route::get("/", Access::Public),
        Route::get("/healthz", Access::Public),
        Route::get("/readyz", Access::Public),
        Route::get("/pkg/{name}", Access::Public),
    ],
);

/// The routes of the API description.
pub static DOCUMENTATION: RouteGroup = RouteGroup::new(
    "readers of the documentation",
    &[
        Route::get("/openapi.json", Access::Public),
        Route::get("/docs", Access::Public),
        Route::get("/docs/style.css", Access::Public),
    ],
);
