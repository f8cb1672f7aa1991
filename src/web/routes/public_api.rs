//! Routes of the public client API of conversations, for a site's visitors and apps, and the files
//! that are attached to messages.

use super::{
    Access, Audit, Route, RouteGroup,
    RouteMethod::{Patch, Post},
};

const NOT_AUDITED: Audit = Audit::NotAudited("visitors do not administer");

/// The routes of visitors in conversations.
pub static PUBLIC_API: RouteGroup = RouteGroup::new(
    "visitors in conversations",
    &[
        Route::get("/public/api/v1/inboxes/{inbox_identifier}", Access::Public),
        Route::new(
            Post,
            "/public/api/v1/inboxes/{inbox_identifier}/contacts",
            Access::Public,
            NOT_AUDITED,
        ),
        Route::get(
            "/public/api/v1/inboxes/{inbox_identifier}/contacts/{source_id}",
            Access::SecretPath,
        ),
        Route::new(
            Patch,
            "/public/api/v1/inboxes/{inbox_identifier}/contacts/{source_id}",
            Access::SecretPath,
            NOT_AUDITED,
        ),
        Route::get(
            "/public/api/v1/inboxes/{inbox_identifier}/contacts/{source_id}/conversations",
            Access::SecretPath,
        ),
        Route::new(
            Post,
            "/public/api/v1/inboxes/{inbox_identifier}/contacts/{source_id}/conversations",
            Access::SecretPath,
            NOT_AUDITED,
        ),
        Route::get(
            "/public/api/v1/inboxes/{inbox_identifier}/contacts/{source_id}/conversations/{conversation_id}",
            Access::SecretPath,
        ),
        Route::get(
            "/public/api/v1/inboxes/{inbox_identifier}/contacts/{source_id}/conversations/{conversation_id}/messages",
            Access::SecretPath,
        ),
        Route::new(
            Post,
            "/public/api/v1/inboxes/{inbox_identifier}/contacts/{source_id}/conversations/{conversation_id}/messages",
            Access::SecretPath,
            NOT_AUDITED,
        ),
        Route::new(
            Post,
            "/public/api/v1/inboxes/{inbox_identifier}/contacts/{source_id}/conversations/{conversation_id}/toggle_status",
            Access::SecretPath,
            NOT_AUDITED,
        ),
        Route::new(
            Post,
            "/public/api/v1/inboxes/{inbox_identifier}/contacts/{source_id}/conversations/{conversation_id}/toggle_typing",
            Access::SecretPath,
            Audit::ReadOnly,
        ),
        Route::new(
            Post,
            "/public/api/v1/inboxes/{inbox_identifier}/contacts/{source_id}/conversations/{conversation_id}/update_last_seen",
            Access::SecretPath,
            NOT_AUDITED,
        ),
        Route::new(
            Patch,
            "/public/api/v1/inboxes/{inbox_identifier}/contacts/{source_id}/conversations/{conversation_id}/messages/{message_id}",
            Access::SecretPath,
            NOT_AUDITED,
        ),
        Route::get("/attachments/{key}/{name}", Access::SecretPath),
        Route::get("/attachments/{key}/thumbnail/{name}", Access::SecretPath),
    ],
);
