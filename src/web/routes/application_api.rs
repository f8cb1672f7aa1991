//! Routes of the application API of conversations, for agents and their programs.

use super::{
    Access, Audit, AuditTarget, Route, RouteGroup,
    RouteMethod::{self, Delete, Patch, Post, Put},
};

/// The routes of agents and their programs.
pub static APPLICATION_API: RouteGroup = RouteGroup::new(
    "agents and their programs",
    &[
        // Agents.
        get("/api/v1/profile"),
        get("/api/v1/accounts/{account_id}/agents"),
        // Inboxes.
        get("/api/v1/accounts/{account_id}/inboxes"),
        audited(Post, "/api/v1/accounts/{account_id}/inboxes", "inbox.created"),
        get("/api/v1/accounts/{account_id}/inboxes/{inbox_id}"),
        audited(Patch, "/api/v1/accounts/{account_id}/inboxes/{inbox_id}", "inbox.updated"),
        audited(Delete, "/api/v1/accounts/{account_id}/inboxes/{inbox_id}", "inbox.deleted"),
        audited(Post, "/api/v1/accounts/{account_id}/inbox_members", "inbox.members"),
        audited(Patch, "/api/v1/accounts/{account_id}/inbox_members", "inbox.members"),
        audited(Delete, "/api/v1/accounts/{account_id}/inbox_members", "inbox.members"),
        get("/api/v1/accounts/{account_id}/inbox_members/{inbox_id}"),
        // Contacts.
        get("/api/v1/accounts/{account_id}/contacts"),
        unaudited(Post, "/api/v1/accounts/{account_id}/contacts"),
        get("/api/v1/accounts/{account_id}/contacts/search"),
        get("/api/v1/accounts/{account_id}/contacts/{contact_id}"),
        unaudited(Patch, "/api/v1/accounts/{account_id}/contacts/{contact_id}"),
        unaudited(Put, "/api/v1/accounts/{account_id}/contacts/{contact_id}"),
        audited(Delete, "/api/v1/accounts/{account_id}/contacts/{contact_id}", "contact.erased"),
        unaudited(Post, "/api/v1/accounts/{account_id}/contacts/{contact_id}/contact_inboxes"),
        get("/api/v1/accounts/{account_id}/contacts/{contact_id}/contactable_inboxes"),
        get("/api/v1/accounts/{account_id}/contacts/{contact_id}/conversations"),
        // Conversations and messages.
        get("/api/v1/accounts/{account_id}/conversations"),
        unaudited(Post, "/api/v1/accounts/{account_id}/conversations"),
        get("/api/v1/accounts/{account_id}/conversations/meta"),
        get("/api/v1/accounts/{account_id}/conversations/{conversation_id}"),
        unaudited(Patch, "/api/v1/accounts/{account_id}/conversations/{conversation_id}"),
        unaudited(
            Post,
            "/api/v1/accounts/{account_id}/conversations/{conversation_id}/assignments",
        ),
        unaudited(
            Post,
            "/api/v1/accounts/{account_id}/conversations/{conversation_id}/custom_attributes",
        ),
        get("/api/v1/accounts/{account_id}/conversations/{conversation_id}/labels"),
        unaudited(Post, "/api/v1/accounts/{account_id}/conversations/{conversation_id}/labels"),
        get("/api/v1/accounts/{account_id}/conversations/{conversation_id}/messages"),
        unaudited(Post, "/api/v1/accounts/{account_id}/conversations/{conversation_id}/messages"),
        unaudited(
            Patch,
            "/api/v1/accounts/{account_id}/conversations/{conversation_id}/messages/{message_id}",
        ),
        unaudited(
            Delete,
            "/api/v1/accounts/{account_id}/conversations/{conversation_id}/messages/{message_id}",
        ),
        unaudited(
            Post,
            "/api/v1/accounts/{account_id}/conversations/{conversation_id}/messages/{message_id}/retry",
        ),
        unaudited(
            Post,
            "/api/v1/accounts/{account_id}/conversations/{conversation_id}/toggle_status",
        ),
        read_only(
            Post,
            "/api/v1/accounts/{account_id}/conversations/{conversation_id}/toggle_typing_status",
        ),
        unaudited(
            Post,
            "/api/v1/accounts/{account_id}/conversations/{conversation_id}/update_last_seen",
        ),
        // Canned responses and webhooks.
        get("/api/v1/accounts/{account_id}/canned_responses"),
        audited(Post, "/api/v1/accounts/{account_id}/canned_responses", "canned-response.created"),
        audited(
            Patch,
            "/api/v1/accounts/{account_id}/canned_responses/{canned_response_id}",
            "canned-response.updated",
        ),
        audited(
            Put,
            "/api/v1/accounts/{account_id}/canned_responses/{canned_response_id}",
            "canned-response.updated",
        ),
        audited(
            Delete,
            "/api/v1/accounts/{account_id}/canned_responses/{canned_response_id}",
            "canned-response.deleted",
        ),
        get("/api/v1/accounts/{account_id}/webhooks"),
        audited(Post, "/api/v1/accounts/{account_id}/webhooks", "webhook.created"),
        audited(Patch, "/api/v1/accounts/{account_id}/webhooks/{webhook_id}", "webhook.updated"),
        audited(Delete, "/api/v1/accounts/{account_id}/webhooks/{webhook_id}", "webhook.deleted"),
    ],
);

const fn get(path: &'static str) -> Route {
    Route::get(path, Access::AgentToken)
}

/// A `POST` that is only passed on to the other participants.
const fn read_only(method: RouteMethod, path: &'static str) -> Route {
    Route::new(method, path, Access::AgentToken, Audit::ReadOnly)
}

const fn audited(method: RouteMethod, path: &'static str, action: &'static str) -> Route {
    let audit = Audit::Action(action, AuditTarget::Handler);
    Route::new(method, path, Access::AgentToken, audit)
}

const fn unaudited(method: RouteMethod, path: &'static str) -> Route {
    let audit = Audit::NotAudited("conversing is not administration");
    Route::new(method, path, Access::AgentToken, audit)
}
