//! Routes of real-time events of conversations.

use super::{Access, Audit, Route, RouteGroup, RouteMethod::Any};

/// The routes of Action Cable clients.
pub static CABLE: RouteGroup = RouteGroup::new(
    "Action Cable clients",
    &[Route::new(Any, "/cable", Access::ConnectionToken, Audit::ReadOnly)],
);
