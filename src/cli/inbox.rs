//! `belfry inbox …`.

use super::{Common, Failure, database::with_app, output, site::id};
use crate::server::{OutboundOptions, http_client};
use belfry_domain::{
    SiteId,
    channel::{InboxId, InboxIdentifier, InboxSettings, SiteNumber},
};
use clap::Subcommand;
use serde::Serialize;

const CREATE_EXAMPLES: &str = "\
Example:
  belfry inbox create SITE --name Support --callback-url https://shop.example/hook

Prints {\"account_id\":1,\"inbox_id\":1,\"inbox_identifier\":\"…\",\"hmac_token\":\"…\",\"bot_id\":\"UUID\"}. The identifier is public: clients of visitors
use /public/api/v1/inboxes/IDENTIFIER. The HMAC token proves a visitor's identity: keep it in your backend.";

/// Inboxes.
#[derive(Subcommand)]
pub(super) enum Inbox {
    /// Add an inbox to a site
    #[command(after_help = CREATE_EXAMPLES)]
    Create {
        /// The site's id
        #[arg(value_name = "SITE", value_parser = id)]
        site: SiteId,
        /// The inbox's name
        #[arg(long)]
        name: String,
        /// URL to which each event of the inbox's conversations is posted
        #[arg(long, value_name = "URL")]
        callback_url: Option<String>,
        /// Allow a callback URL with a private or local address; the server needs the same flag to
        /// call it
        #[arg(long)]
        webhooks_allow_private: bool,
    },
}

/// Output of `create`.
#[derive(Serialize)]
struct Created<'a> {
    account_id: SiteNumber,
    inbox_id: InboxId,
    inbox_identifier: &'a InboxIdentifier,
    hmac_token: &'a str,
    bot_id: String,
}

pub(super) async fn run(common: &Common, command: Inbox) -> Result<(), Failure> {
    match command {
        Inbox::Create { site, name, callback_url, webhooks_allow_private } => {
            let settings = InboxSettings { name, callback_url, ..InboxSettings::default() };
            let options = OutboundOptions {
                allow_private: webhooks_allow_private,
                ..OutboundOptions::default()
            };
            let created = with_app(common, async |inbox| {
                Ok(inbox
                    .with_http_client(http_client(options))
                    .create_inbox(site, settings)
                    .await?)
            })
            .await?;
            output::print_json(&Created {
                account_id: created.inbox.account,
                inbox_id: created.inbox.id,
                inbox_identifier: &created.inbox.identifier,
                hmac_token: created.secrets.hmac_token.reveal(),
                bot_id: created.inbox.uuid.to_string(),
            })
        }
    }
}
