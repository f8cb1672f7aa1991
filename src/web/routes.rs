//! The list of all HTTP routes, grouped by who calls them: for each route the credential or scope
//! that it needs, what it writes to the audit log, and how it treats an `Idempotency-Key`.
//!
//! Must not depend on handlers. The surfaces look their routes up here (scopes, audit actions and
//! roles are enforced from these rows), and a test of each surface compares its router with the
//! list in both directions. The tests of all surfaces walk [`ALL`].
//!
//! To add a route: a row in the module of its group, and the handler in the surface.

mod appinbox_api;
mod application_api;
mod cable;
mod console;
mod inbox_sdk;
mod operator;
mod public_api;
mod site_api;
mod widget;

pub use appinbox_api::APP_INBOX_API;
pub use application_api::APPLICATION_API;
pub use cable::CABLE;
pub use console::CONSOLE;
pub use inbox_sdk::INBOX_SDK;
pub use operator::{DOCUMENTATION, OPERATOR};
pub use public_api::PUBLIC_API;
pub use site_api::SITE_API;
pub use widget::WIDGET;

use axum::http::Method;
use belfry_domain::Scope;
use std::{collections::HashMap, fmt, sync::OnceLock};
use utoipa::openapi::{OpenApi, PathItem};

/// All groups.
pub static ALL: [&RouteGroup; 10] = [
    &SITE_API,
    &APP_INBOX_API,
    &WIDGET,
    &PUBLIC_API,
    &APPLICATION_API,
    &CABLE,
    &INBOX_SDK,
    &CONSOLE,
    &OPERATOR,
    &DOCUMENTATION,
];

/// The method of a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum RouteMethod {
    /// `GET`, and `HEAD`.
    Get,
    /// `POST`.
    Post,
    /// `PUT`.
    Put,
    /// `PATCH`.
    Patch,
    /// `DELETE`.
    Delete,
    /// Any method: a WebSocket.
    Any,
}

impl RouteMethod {
    /// The name of the method, in upper case.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
            Self::Any => "ANY",
        }
    }

    fn answers(self, method: &Method) -> bool {
        match self {
            Self::Any => true,
            Self::Get => method == Method::GET || method == Method::HEAD,
            other => other.as_str() == method.as_str(),
        }
    }
}

impl fmt::Display for RouteMethod {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

/// What a caller must have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Nothing.
    Public,
    /// An API key with this scope.
    ApiKey(Scope),
    /// A contact token.
    ContactToken,
    /// The id of a device that is bound to a contact.
    Device,
    /// A session of the widget.
    ReaderSession,
    /// The secret of a preview link.
    PreviewLink,
    /// The API access token of an agent.
    AgentToken,
    /// An unguessable part of the path: a session's `source_id`, an attachment's key.
    SecretPath,
    /// A token in the query, the body or the first messages of a connection.
    ConnectionToken,
    /// A console account.
    Account,
    /// A console account whose role on the site sees all of its pages.
    SiteRole,
    /// A console account whose role on the site answers conversations.
    ConversationRole,
}

/// What a route writes to the audit log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audit {
    /// The route changes nothing.
    ReadOnly,
    /// One action.
    Action(&'static str, AuditTarget),
    /// Several actions; the request selects which. The handler names the object.
    Actions(&'static [&'static str]),
    /// The route changes something that is not audited, for this reason.
    NotAudited(&'static str),
}

/// What names the object in an audit entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuditTarget {
    /// The site itself, or an object that the log must not identify.
    Unnamed,
    /// The path parameter of this name.
    PathParam(&'static str),
    /// The handler: it returns the target, or passes it to the use case.
    Handler,
}

/// How a route treats an `Idempotency-Key`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IdempotencyKey {
    /// The header is ignored.
    Ignored,
    /// The response is stored and repeated.
    StoredResponse,
    /// The handler has a record of its own, written together with the change.
    OwnRecord,
}

/// A route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Route {
    /// The method.
    pub method: RouteMethod,
    /// The path template, as in axum.
    pub path: &'static str,
    /// What a caller must have.
    pub access: Access,
    /// What the route writes to the audit log.
    pub audit: Audit,
    /// How the route treats an `Idempotency-Key`.
    pub idempotency: IdempotencyKey,
}

impl Route {
    /// A route that changes nothing.
    const fn get(path: &'static str, access: Access) -> Self {
        Self::new(RouteMethod::Get, path, access, Audit::ReadOnly)
    }

    /// A `POST` that changes something.
    const fn post(path: &'static str, access: Access, audit: Audit) -> Self {
        Self::new(RouteMethod::Post, path, access, audit)
    }

    const fn new(method: RouteMethod, path: &'static str, access: Access, audit: Audit) -> Self {
        Self { method, path, access, audit, idempotency: IdempotencyKey::Ignored }
    }

    const fn with_idempotency(self, idempotency: IdempotencyKey) -> Self {
        Self { idempotency, ..self }
    }

    /// The actions that this route may write to the audit log.
    pub fn actions(&self) -> Vec<&'static str> {
        match self.audit {
            Audit::Action(action, _) => vec![action],
            Audit::Actions(actions) => actions.to_vec(),
            Audit::ReadOnly | Audit::NotAudited(_) => Vec::new(),
        }
    }

    /// The only action of this route. Called by handlers of routes that declare one.
    pub fn action(&self) -> &'static str {
        debug_assert!(matches!(self.audit, Audit::Action(..)), "{} {}", self.method, self.path);
        match self.audit {
            Audit::Action(action, _) => action,
            Audit::Actions(_) | Audit::ReadOnly | Audit::NotAudited(_) => "",
        }
    }

    /// Whether the route changes nothing.
    pub fn is_read_only(&self) -> bool {
        self.audit == Audit::ReadOnly
    }
}

/// The routes of one kind of caller.
#[derive(Debug)]
pub struct RouteGroup {
    /// Who calls these routes.
    pub caller: &'static str,
    /// The routes.
    pub routes: &'static [Route],
    by_path: OnceLock<HashMap<&'static str, Vec<&'static Route>>>,
}

impl RouteGroup {
    const fn new(caller: &'static str, routes: &'static [Route]) -> Self {
        Self { caller, routes, by_path: OnceLock::new() }
    }

    /// The route with this method and path template.
    pub fn find(&self, method: &Method, path: &str) -> Option<&'static Route> {
        let by_path = self.by_path.get_or_init(|| {
            let mut by_path: HashMap<_, Vec<_>> = HashMap::new();
            for route in self.routes {
                by_path.entry(route.path).or_default().push(route);
            }
            by_path
        });
        let of_path = by_path.get(path)?;
        of_path.iter().find(|route| route.method.answers(method)).copied()
    }

    /// Differences between this list and the routes of a router: one sentence each.
    pub fn differences(&self, registered: &[RegisteredRoute]) -> Vec<String> {
        let listed: Vec<RegisteredRoute> =
            self.routes.iter().map(|route| (route.method, route.path.to_owned())).collect();
        let missing = |from: &[RegisteredRoute], of: &[RegisteredRoute], text: &str| {
            of.iter()
                .filter(|route| from.iter().filter(|other| other == route).count() != 1)
                .map(|(method, path)| format!("{method} {path} {text}"))
                .collect::<Vec<_>>()
        };
        let mut differences = missing(&listed, registered, "is not once on the list");
        differences.extend(missing(registered, &listed, "is not once in the router"));
        differences
    }
}

/// Method and path template of a route of a router.
pub type RegisteredRoute = (RouteMethod, String);

/// The routes that an `OpenAPI` document describes.
pub fn described(description: &OpenApi) -> Vec<RegisteredRoute> {
    let of_item = |(path, item): (&String, &PathItem)| {
        [
            (RouteMethod::Get, &item.get),
            (RouteMethod::Post, &item.post),
            (RouteMethod::Put, &item.put),
            (RouteMethod::Patch, &item.patch),
            (RouteMethod::Delete, &item.delete),
        ]
        .into_iter()
        .filter(|(_, operation)| operation.is_some())
        .map(|(method, _)| (method, path.clone()))
        .collect::<Vec<_>>()
    };
    description.paths.paths.iter().flat_map(of_item).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use belfry_domain::AUDIT_ACTIONS;
    use std::collections::HashSet;

    fn routes() -> impl Iterator<Item = &'static Route> {
        ALL.into_iter().flat_map(|group| group.routes)
    }

    #[test]
    fn every_route_is_listed_once() {
        let mut seen = HashSet::new();
        for route in routes() {
            assert!(seen.insert((route.method, route.path)), "{} {}", route.method, route.path);
            assert!(route.path.starts_with('/'), "{}", route.path);
        }
        assert!(seen.len() > 250, "{}", seen.len());
    }

    #[test]
    fn every_write_is_audited_or_gives_a_reason() {
        for route in routes() {
            let name = format!("{} {}", route.method, route.path);
            match route.audit {
                Audit::ReadOnly => {
                    assert_eq!(route.idempotency, IdempotencyKey::Ignored, "{name}");
                }
                Audit::NotAudited(reason) => assert!(reason.len() > 10, "{name}"),
                Audit::Action(_, AuditTarget::PathParam(param)) => {
                    assert!(route.path.contains(&format!("{{{param}}}")), "{name}");
                }
                Audit::Action(..) => {}
                Audit::Actions(actions) => assert!(actions.len() > 1, "{name}"),
            }
            for action in route.actions() {
                assert!(AUDIT_ACTIONS.contains(&action), "{action} of {name}");
            }
            let is_key = matches!(route.access, Access::ApiKey(_));
            assert_eq!(is_key, route.path.starts_with("/v1/"), "{name}");
            assert!(!is_key || !matches!(route.audit, Audit::Actions(_)), "{name}");
        }
    }

    #[test]
    fn routes_are_found_by_method_and_path() {
        let find = |method, path| SITE_API.find(&method, path).map(|route| route.method);
        assert_eq!(find(Method::HEAD, "/v1/keys"), Some(RouteMethod::Get));
        assert_eq!(find(Method::POST, "/v1/keys"), Some(RouteMethod::Post));
        assert_eq!(find(Method::PUT, "/v1/keys"), None);
        assert_eq!(find(Method::GET, "/v1/key"), None);
    }
}
