//! Routes of site backends: `/v1`, and the same under `/api/v1`.

use super::{
    Access, Audit,
    AuditTarget::{self, Handler, PathParam, Unnamed},
    IdempotencyKey, Route, RouteGroup,
    RouteMethod::{self, Delete, Patch, Post, Put},
};
use belfry_domain::Scope::{self, Admin, Contacts, Read, Send, Themes, Webhooks};

/// The routes of site backends.
pub static SITE_API: RouteGroup = RouteGroup::new(
    "site backends",
    &[
        // Tokens.
        unaudited("/v1/auth/contact/token", Contacts, "a token is issued with each page view")
            .with_idempotency(IdempotencyKey::Ignored),
        // Contacts.
        unaudited("/v1/contact", Contacts, "contacts are synchronized with each change in a shop"),
        get("/v1/contact", Read),
        audited(Delete, "/v1/contact", Contacts, "contact.erased", Unnamed),
        get("/v1/contact/{id}", Read),
        audited(Put, "/v1/contact/{id}", Contacts, "contact.changed", PathParam("id")),
        audited(Delete, "/v1/contact/{id}", Contacts, "contact.erased", PathParam("id")),
        get("/v1/contact/{id}/receipts", Read),
        get("/v1/contact/{id}/mutes", Read),
        audited(Put, "/v1/contact/{id}/mutes", Contacts, "contact.changed", PathParam("id")),
        get("/v1/contact/{id}/export", Read),
        get("/v1/contact/{id}/devices", Read),
        audited(Post, "/v1/contact/{id}/devices", Contacts, "contact.devices", PathParam("id")),
        audited(
            Delete,
            "/v1/contact/{id}/devices/{fingerprint}",
            Contacts,
            "contact.deleted",
            PathParam("fingerprint"),
        ),
        audited(Post, "/v1/contact/subscribe", Contacts, "contact.subscribe", Handler),
        get("/v1/contacts", Read),
        audited(Post, "/v1/contacts", Contacts, "contact.created", Handler),
        get("/v1/contacts/search", Read),
        get("/v1/imports", Read),
        audited(Post, "/v1/imports", Contacts, "import.created", Handler),
        get("/v1/imports/{id}", Read),
        get("/v1/imports/{id}/failures", Read),
        get("/v1/importstatus/{id}", Read),
        // Messages.
        get("/v1/messages", Read),
        unaudited("/v1/messages", Send, "the list of messages shows what was sent")
            .with_idempotency(IdempotencyKey::OwnRecord),
        read_only_post("/v1/messages/preview"),
        get("/v1/messages/{id}", Read),
        audited(Patch, "/v1/messages/{id}", Send, "message.changed", PathParam("id")),
        audited(Delete, "/v1/messages/{id}", Send, "message.recalled", PathParam("id")),
        get("/v1/messages/{id}/stats", Read),
        audited(Post, "/v1/messages/{id}/cancel", Send, "message.cancel", PathParam("id")),
        unaudited("/v1/messages/{id}/resend", Send, "the list of messages shows what was sent")
            .with_idempotency(IdempotencyKey::OwnRecord),
        audited(Post, "/v1/images", Send, "image.created", Unnamed),
        // Segments.
        get("/v1/segments", Read),
        audited(Post, "/v1/segments", Contacts, "segment.created", Handler),
        read_only_post("/v1/segments/count"),
        get("/v1/segments/{id}", Read),
        audited(Put, "/v1/segments/{id}", Contacts, "segment.changed", PathParam("id")),
        audited(Delete, "/v1/segments/{id}", Contacts, "segment.deleted", PathParam("id")),
        // Webhooks.
        get("/v1/webhooks", Webhooks),
        audited(Post, "/v1/webhooks", Webhooks, "webhook.created", Handler),
        get("/v1/webhooks/{id}", Webhooks),
        audited(Patch, "/v1/webhooks/{id}", Webhooks, "webhook.changed", PathParam("id")),
        audited(Delete, "/v1/webhooks/{id}", Webhooks, "webhook.deleted", PathParam("id")),
        audited(Post, "/v1/webhooks/{id}/secret", Webhooks, "webhook.secret", PathParam("id")),
        audited(Post, "/v1/webhooks/{id}/test", Webhooks, "webhook.test", PathParam("id")),
        audited(Post, "/v1/webhooks/{id}/replay", Webhooks, "webhook.replay", PathParam("id")),
        get("/v1/webhooks/{id}/deliveries", Webhooks),
        get("/v1/webhooks/{id}/deliveries/{delivery}", Webhooks),
        audited(
            Post,
            "/v1/webhooks/{id}/deliveries/{delivery}/replay",
            Webhooks,
            "webhook.replay",
            PathParam("delivery"),
        ),
        // Themes.
        get("/v1/themes", Read),
        audited(Put, "/v1/themes/draft", Themes, "theme.uploaded", Handler),
        audited(Post, "/v1/themes/publish", Themes, "theme.published", Handler),
        get("/v1/themes/{version}", Read),
        audited(Delete, "/v1/themes/{version}", Themes, "theme.deleted", PathParam("version")),
        audited(
            Post,
            "/v1/themes/{version}/rollback",
            Themes,
            "theme.rolled_back",
            PathParam("version"),
        ),
        audited(Post, "/v1/themes/{version}/preview", Themes, "theme.shown", PathParam("version")),
        get("/v1/themes/{version}/files/{name}", Read),
        // Keys and the site.
        get("/v1/keys", Admin),
        audited(Post, "/v1/keys", Admin, "key.created", Handler),
        audited(Delete, "/v1/keys/{id}", Admin, "key.revoked", PathParam("id")),
        get("/v1/site/settings", Read),
        audited(Put, "/v1/site/settings", Admin, "site.changed", Unnamed),
        audited(Post, "/v1/site/domains", Admin, "site.domains", Unnamed),
        get("/v1/site/script", Read),
        get("/v1/account/info", Read),
        get("/v1/version", Read),
        get("/v1/audit", Admin),
    ],
);

const fn get(path: &'static str, scope: Scope) -> Route {
    Route::get(path, Access::ApiKey(scope))
}

/// A `POST` whose body is a question.
const fn read_only_post(path: &'static str) -> Route {
    Route::new(Post, path, Access::ApiKey(Read), Audit::ReadOnly)
}

const fn unaudited(path: &'static str, scope: Scope, reason: &'static str) -> Route {
    write(Post, path, scope, Audit::NotAudited(reason))
}

const fn audited(
    method: RouteMethod,
    path: &'static str,
    scope: Scope,
    action: &'static str,
    target: AuditTarget,
) -> Route {
    write(method, path, scope, Audit::Action(action, target))
}

const fn write(method: RouteMethod, path: &'static str, scope: Scope, audit: Audit) -> Route {
    Route::new(method, path, Access::ApiKey(scope), audit)
        .with_idempotency(IdempotencyKey::StoredResponse)
}
