//! The required scope and the audit action of each route, derived by rule, so that a new route has
//! both by default. Paths are those of the `OpenAPI` document, without `/v1`. Must not depend on
//! the caller.
//!
//! To add a resource: add it to [`required_scope`] if the default ([`Scope::Admin`] for writes) is
//! wrong, and its audit actions to `domain::ACTS`.

use crate::domain::Scope;
use axum::http::Method;

/// Issues contact tokens. It writes nothing that would need an idempotency record.
pub(super) const TOKEN_ROUTE: &str = "/auth/contact/token";
/// Publishes a message; its idempotency record is written in the same transaction as the message.
pub(super) const PUBLISH_ROUTE: &str = "/messages";
/// Resends a message; its idempotency record is written in the same transaction as the message.
pub(super) const RESEND_ROUTE: &str = "/messages/{id}/resend";

/// Whether a method is safe (RFC 9110, section 9.2.1).
pub(super) fn is_safe_method(method: &Method) -> bool {
    method == Method::GET || method == Method::HEAD
}

/// Whether a `POST` to this path changes nothing. Its response is not stored for repetition.
pub(super) fn is_read_only_path(path: &str) -> bool {
    matches!(path, "/messages/preview" | "/segments/count")
}

/// The scope that a key must have.
pub(super) fn required_scope(method: &Method, path: &str) -> Scope {
    if is_read_only_path(path) {
        return Scope::Read;
    }
    match (resource(path), is_safe_method(method)) {
        ("webhooks", _) => Scope::Webhooks,
        ("keys" | "audit", _) => Scope::Admin,
        (_, true) => Scope::Read,
        ("messages" | "images", _) => Scope::Send,
        ("auth" | "contact" | "contacts" | "imports" | "segments", _) => Scope::Contacts,
        ("themes", _) => Scope::Themes,
        _ => Scope::Admin,
    }
}

/// The audit action of a successful request; `None` for reads and for high-volume writes.
pub(super) fn audit_action(method: &Method, path: &str) -> Option<String> {
    let put = method == Method::PUT || method == Method::PATCH;
    let verb = match (method.as_str(), path) {
        (
            "POST",
            TOKEN_ROUTE | PUBLISH_ROUTE | RESEND_ROUTE | "/contact" | "/messages/preview"
            | "/segments/count",
        ) => return None,
        ("PUT", "/themes/draft") => "uploaded",
        ("POST", "/themes/publish") => "published",
        ("POST", "/themes/{version}/rollback") => "rolled_back",
        ("POST", "/themes/{version}/preview") => "shown",
        ("DELETE", "/messages/{id}") => "recalled",
        ("DELETE", "/contact" | "/contact/{id}") => "erased",
        ("DELETE", "/keys/{id}") => "revoked",
        ("DELETE", _) => "deleted",
        _ if put => "changed",
        ("POST", _) => path
            .rsplit('/')
            .next()
            .filter(|last| path.matches('/').count() > 1 && !last.starts_with('{'))
            .unwrap_or("created"),
        _ => return None,
    };
    let noun = resource(path);
    Some(format!("{}.{verb}", noun.strip_suffix('s').unwrap_or(noun)))
}

/// The first segment of a path.
fn resource(path: &str) -> &str {
    path.trim_start_matches('/').split('/').next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn audit_actions_of_all_routes_are_declared() {
        let description = serde_json::to_value(crate::api::description()).unwrap();
        let mut acts = 0;
        for (path, operations) in description["paths"].as_object().unwrap() {
            for method in operations.as_object().unwrap().keys() {
                let Ok(method) = Method::from_bytes(method.to_uppercase().as_bytes()) else {
                    continue;
                };
                let Some(act) = audit_action(&method, path.trim_start_matches("/v1")) else {
                    continue;
                };
                assert!(
                    crate::domain::AUDIT_ACTIONS.contains(&act.as_str()),
                    "{act} of {method} {path}"
                );
                acts += 1;
            }
        }
        assert!(acts > 20, "{acts}");
    }

    #[test]
    fn audit_actions_are_derived_from_routes() {
        let named = |method, path| audit_action(&method, path);
        assert_eq!(named(Method::POST, "/messages"), None);
        assert_eq!(named(Method::GET, "/keys"), None);
        assert_eq!(named(Method::POST, "/keys").as_deref(), Some("key.created"));
        assert_eq!(named(Method::DELETE, "/keys/{id}").as_deref(), Some("key.revoked"));
        assert_eq!(named(Method::PUT, "/site/settings").as_deref(), Some("site.changed"));
        assert_eq!(named(Method::POST, "/webhooks/{id}/test").as_deref(), Some("webhook.test"));
        assert_eq!(named(Method::PATCH, "/messages/{id}").as_deref(), Some("message.changed"));
    }
}
