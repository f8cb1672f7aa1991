//! `belfry sdk-key …`.

use super::{Common, Failure, database::with_app, output, site::id};
use belfry_domain::{
    Actor, SiteId, Timestamp, ValidationError,
    channel::InboxId,
    sdk::{SdkKey, SdkKeyId},
};
use clap::Subcommand;
use serde_json::{Map, Value, json};

const CREATE_EXAMPLES: &str = "\
Examples:
  belfry sdk-key create SITE --inbox 1 --label 'Back office'
  belfry sdk-key create SITE

Prints {\"bot_id\":\"UUID\",\"key\":\"…\"} for an inbox and {\"environment_id\":\"UUID\",\"key\":\"…\"} for the whole site: the claim of the
JWT, and the key that signs it (HS256). The key is shown only once: keep it in your backend, not in a page.";

/// Signing keys of the Inbox SDK.
#[derive(Subcommand)]
pub(super) enum Key {
    /// Create a signing key for an inbox, or for the whole site; it is shown only once
    #[command(after_help = CREATE_EXAMPLES)]
    Create {
        /// The site's id
        #[arg(value_name = "SITE", value_parser = id)]
        site: SiteId,
        /// The inbox's number; agents of its JWTs see only this inbox
        #[arg(long, value_parser = inbox)]
        inbox: Option<InboxId>,
        /// A name for the key, for your own reference
        #[arg(long, value_name = "TEXT", default_value = "key")]
        label: String,
    },
    /// List the signing keys of a site and of its inboxes
    List {
        /// The site's id
        #[arg(value_name = "SITE", value_parser = id)]
        site: SiteId,
    },
    /// Revoke a signing key, with the agent sessions issued by it
    Revoke {
        /// The site's id
        #[arg(value_name = "SITE", value_parser = id)]
        site: SiteId,
        /// The key's number, as `sdk-key list` shows it
        #[arg(value_name = "KEY_ID", value_parser = key_id)]
        key: SdkKeyId,
    },
}

fn inbox(text: &str) -> Result<InboxId, String> {
    text.parse().map_err(|invalid: ValidationError| invalid.reason.to_string())
}

fn key_id(text: &str) -> Result<SdkKeyId, String> {
    text.parse().map_err(|invalid: ValidationError| invalid.reason.to_string())
}

pub(super) async fn run(common: &Common, command: Key) -> Result<(), Failure> {
    match command {
        Key::Create { site, inbox, label } => {
            let created = with_app(common, async |rules| {
                let making = rules.create_sdk_key(site, inbox, &label);
                Ok(rules
                    .with_audit(
                        Actor::Operator,
                        Some(site),
                        "sdk-key.created",
                        label.trim(),
                        None,
                        making,
                    )
                    .await?)
            })
            .await?;
            // The name of the JWT claim.
            let claim =
                if created.key.scope.inbox().is_some() { "bot_id" } else { "environment_id" };
            let answer: Map<String, Value> =
                [(claim, created.uuid), ("key", created.secret.reveal().to_owned())]
                    .into_iter()
                    .map(|(name, value)| (name.to_owned(), Value::String(value)))
                    .collect();
            output::print_json(&answer)
        }
        Key::List { site } => {
            let keys = with_app(common, async |rules| {
                rules.site(site).await.map_err(Failure::not_found("site"))?;
                Ok(rules.sdk_keys(site).await?)
            })
            .await?;
            output::print_json(&keys.iter().map(view).collect::<Vec<_>>())
        }
        Key::Revoke { site, key } => {
            let revoked = with_app(common, async |rules| {
                let listed = rules.sdk_keys(site).await?;
                let subject = listed
                    .into_iter()
                    .find(|listed| listed.id == key)
                    .map(|listed| listed.label)
                    .unwrap_or_default();
                Ok(rules
                    .with_audit(
                        Actor::Operator,
                        Some(site),
                        "sdk-key.revoked",
                        &subject,
                        None,
                        rules.revoke_sdk_key(site, key),
                    )
                    .await?)
            })
            .await?;
            if !revoked {
                return Err(Failure::failed("there is no such key, or it is already revoked"));
            }
            output::print_json(&json!({ "key_id": key, "revoked": true }))
        }
    }
}

fn view(key: &SdkKey) -> Value {
    json!({
        "key_id": key.id, "inbox": key.scope.inbox(), "label": key.label, "created_at": key.created_at.rfc3339(),
        "last_used_at": key.last_used_at.and_then(Timestamp::rfc3339),
    })
}
