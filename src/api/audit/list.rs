//! `GET /v1/audit`: the audit log of the site, newest first.

use crate::{ApiError, ApiState, query::Query};
use axum::{
    Json,
    extract::{RawQuery, State},
};
use belfry_app::AuthenticatedKey;
use belfry_domain::{Actor, StoredAuditEntry, paginate};
use serde::Serialize;
use serde_json::Value;

/// A page of the audit log.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = AuditPage)]
pub(crate) struct AuditPage {
    items: Vec<AuditEntry>,
    /// Cursor of the next page; `null` on the last page.
    next: Option<String>,
}

/// An entry of the audit log.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = AuditEntry)]
struct AuditEntry {
    #[schema(format = DateTime)]
    at: Option<String>,
    actor: AuditActor,
    /// The action, as `noun.verb`.
    #[schema(example = "theme.published")]
    action: String,
    /// Id of the object; empty if it is the site itself.
    subject: String,
    /// Additional details.
    #[schema(value_type = Option<Object>)]
    detail: Option<Value>,
}

/// The actor.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = AuditActor)]
struct AuditActor {
    /// `account`, `key`, `agent` (through the application API of conversations), `operator` or
    /// `system`.
    #[schema(example = "key")]
    kind: &'static str,
    /// Id of the account, key or agent.
    id: Option<String>,
}

impl From<Actor> for AuditActor {
    fn from(actor: Actor) -> Self {
        let (kind, id) = match actor {
            Actor::Account(account) => ("account", Some(account.0.to_string())),
            Actor::Key(key) => ("key", Some(key.0)),
            Actor::Agent(agent) => ("agent", Some(agent.to_string())),
            Actor::Operator => ("operator", None),
            Actor::System => ("system", None),
        };
        Self { kind, id }
    }
}

impl From<StoredAuditEntry> for AuditEntry {
    fn from(StoredAuditEntry { entry, .. }: StoredAuditEntry) -> Self {
        Self {
            at: entry.at.rfc3339(),
            actor: entry.actor.into(),
            action: entry.action,
            subject: entry.subject,
            detail: entry.detail,
        }
    }
}

/// Lists the audit log, newest first.
///
/// Publishing messages, upserting contacts and issuing tokens are not logged.
#[utoipa::path(
    get,
    path = "/audit",
    operation_id = "listAudit",
    tag = "Site",
    params(
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 100, description = "Page size, by default 20."),
        ("cursor" = Option<String>, Query, description = "The `next` value of the previous page.")
    ),
    responses((status = 200, description = "A page of the audit log.", body = AuditPage))
)]
pub(crate) async fn list(
    State(api): State<ApiState>,
    holder: AuthenticatedKey,
    RawQuery(query): RawQuery,
) -> Result<Json<AuditPage>, ApiError> {
    let query = Query::parse_known(query.as_deref(), &["limit", "cursor"])?;
    let limit = query.limit()?;
    let entries = api.app.audit(Some(holder.site), query.cursor()?, limit + 1).await?;
    let (entries, next) = paginate(entries, limit, |last| last.number.to_string());
    Ok(Json(AuditPage { items: entries.into_iter().map(AuditEntry::from).collect(), next }))
}
