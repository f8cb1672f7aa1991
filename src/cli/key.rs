//! `belfry key …`.

use super::{Common, Failure, database::with_app, output, site::id};
use belfry_domain::{ApiKey, KeyId, SiteId, Timestamp};
use clap::Subcommand;
use serde::Serialize;
use serde_json::{Value, json};

/// API keys.
#[derive(Subcommand)]
pub(super) enum Key {
    /// Create a key; it is shown only once
    Create {
        /// The site's id
        #[arg(value_name = "SITE", value_parser = id)]
        site: SiteId,
        /// A name for the key, for your own reference
        #[arg(long, default_value = "key", value_parser = name)]
        name: String,
    },
    /// List the keys of a site, including revoked ones
    List {
        /// The site's id
        #[arg(value_name = "SITE", value_parser = id)]
        site: SiteId,
    },
    /// Revoke a key, with the tokens and sessions issued by it
    Revoke {
        /// The site's id
        #[arg(value_name = "SITE", value_parser = id)]
        site: SiteId,
        /// The key's id, as `key list` shows it
        key: String,
    },
}

/// Output of `create`; the key is in plaintext only here.
#[derive(Serialize)]
struct Created<'a> {
    key_id: KeyId,
    api_key: &'a str,
}

fn name(text: &str) -> Result<String, String> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > 200 || text.chars().any(char::is_control) {
        return Err("must have 1 to 200 printable characters".to_owned());
    }
    Ok(text.to_owned())
}

pub(super) async fn run(common: &Common, command: Key) -> Result<(), Failure> {
    match command {
        Key::Create { site, name } => {
            let (id, secret) = with_app(common, async |inbox| {
                inbox.create_key(site, &name).await.map_err(Failure::not_found("site"))
            })
            .await?;
            output::print_json(&Created { key_id: id, api_key: secret.reveal() })
        }
        Key::List { site } => {
            let keys = with_app(common, async |inbox| {
                inbox.site(site).await.map_err(Failure::not_found("site"))?;
                Ok(inbox.keys(site).await?)
            })
            .await?;
            output::print_json(&keys.iter().map(view).collect::<Vec<_>>())
        }
        Key::Revoke { site, key } => {
            let key = KeyId(key);
            with_app(common, async |inbox| {
                inbox
                    .revoke_key(site, &key)
                    .await
                    .map_err(Failure::not_found("key, or it is already revoked"))
            })
            .await?;
            output::print_json(&json!({ "key_id": key, "revoked": true }))
        }
    }
}

fn view(key: &ApiKey) -> Value {
    json!({
        "key_id": key.id, "name": key.name, "created_at": key.created_at.rfc3339(), "last_used_at": key.last_used_at.and_then(Timestamp::rfc3339),
        "revoked_at": key.revoked_at.and_then(Timestamp::rfc3339),
    })
}
