//! A router that remembers its routes, so that a test can compare them with [`super::routes`].
//!
//! Must not depend on what the routes do. Used by the surfaces that no `OpenAPI` document
//! describes; those that have one compare [`super::routes::described`].

use super::routes::{RegisteredRoute, RouteMethod};
use axum::{
    Router,
    handler::Handler,
    routing::{self, MethodRouter},
};

/// What axum requires of a router's state.
pub trait State: Clone + Send + Sync + 'static {}

impl<S: Clone + Send + Sync + 'static> State for S {}

/// The routes of a surface, or of a part of one.
pub struct Routes<S> {
    router: Router<S>,
    registered: Vec<RegisteredRoute>,
}

impl<S: State> Default for Routes<S> {
    fn default() -> Self {
        Self { router: Router::new(), registered: Vec::new() }
    }
}

impl<S: State> Routes<S> {
    /// No routes.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the handlers of a path.
    #[must_use]
    pub fn route(mut self, path: &str, methods: Methods<S>) -> Self {
        self.registered.extend(methods.names.iter().map(|method| (*method, path.to_owned())));
        Self { router: self.router.route(path, methods.router), registered: self.registered }
    }

    /// Adds the handlers of a path with and without a slash at its end. The list has it without.
    #[must_use]
    pub fn route_with_slash(mut self, path: &str, methods: Methods<S>) -> Self {
        self.router = self.router.route(&format!("{path}/"), methods.router.clone());
        self.route(path, methods)
    }

    /// Adds the routes of another part.
    #[must_use]
    pub fn merge(mut self, other: Self) -> Self {
        self.registered.extend(other.registered);
        Self { router: self.router.merge(other.router), registered: self.registered }
    }

    /// Wraps all routes, for example in a layer.
    #[must_use]
    pub fn map(self, wrap: impl FnOnce(Router<S>) -> Router<S>) -> Self {
        Self { router: wrap(self.router), registered: self.registered }
    }

    /// The routes without their names.
    pub fn into_router(self) -> Router<S> {
        self.router
    }

    /// The names of all routes, below `prefix`.
    pub fn registered(&self, prefix: &str) -> Vec<RegisteredRoute> {
        let below = |path: &str| match path {
            "/" if !prefix.is_empty() => prefix.to_owned(),
            path => format!("{prefix}{path}"),
        };
        self.registered.iter().map(|(method, path)| (*method, below(path))).collect()
    }
}

/// The handlers of a path.
pub struct Methods<S> {
    router: MethodRouter<S>,
    names: Vec<RouteMethod>,
}

impl<S: State> Methods<S> {
    fn one(name: RouteMethod, router: MethodRouter<S>) -> Self {
        Self { router, names: vec![name] }
    }

    /// Adds a handler for `POST`.
    #[must_use]
    pub fn post<H: Handler<T, S>, T: 'static>(mut self, handler: H) -> Self {
        self.names.push(RouteMethod::Post);
        Self { router: self.router.post(handler), names: self.names }
    }

    /// Wraps the handlers, for example in a layer.
    #[must_use]
    pub fn map(self, wrap: impl FnOnce(MethodRouter<S>) -> MethodRouter<S>) -> Self {
        Self { router: wrap(self.router), names: self.names }
    }
}

/// A handler for `GET` and `HEAD`.
pub fn get<H: Handler<T, S>, T: 'static, S: State>(handler: H) -> Methods<S> {
    Methods::one(RouteMethod::Get, routing::get(handler))
}

/// A handler for `POST`.
pub fn post<H: Handler<T, S>, T: 'static, S: State>(handler: H) -> Methods<S> {
    Methods::one(RouteMethod::Post, routing::post(handler))
}

/// A handler for `PUT`.
pub fn put<H: Handler<T, S>, T: 'static, S: State>(handler: H) -> Methods<S> {
    Methods::one(RouteMethod::Put, routing::put(handler))
}

/// A handler for any method.
pub fn any<H: Handler<T, S>, T: 'static, S: State>(handler: H) -> Methods<S> {
    Methods::one(RouteMethod::Any, routing::any(handler))
}
