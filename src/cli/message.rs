//! `belfry message …`, with the same JSON as the HTTP API.

use super::{Common, Failure, database::with_app, input::JsonSource, output, site::id};
use belfry_api::MessageView;
use belfry_app::{fingerprint, parse_edit, parse_message};
use belfry_domain::{IdempotentRequest, MessageId, SiteId};
use clap::{Args, Subcommand};
use serde_json::json;

const PUBLISH_EXAMPLES: &str = "\
Examples:
  echo '{\"audience\":{\"contact\":{\"externalCustomerId\":\"42\"}},\"content\":{\"en\":{\"title\":\"Order shipped\",\"body\":\"It is *on its way*.\"}}}' \\
    | belfry message publish SITE
  belfry message publish SITE --file sale.json --idempotency-key sale-2026-12

Prints {\"id\":\"UUID\"}. Repeating it with the same key and message prints the same id and publishes nothing again.";

/// Messages.
#[derive(Subcommand)]
pub(super) enum Message {
    /// Publish a message
    #[command(after_help = PUBLISH_EXAMPLES)]
    Publish {
        /// The site's id
        #[arg(value_name = "SITE", value_parser = id)]
        site: SiteId,
        #[command(flatten)]
        source: JsonSource,
        /// `IdempotentRequest` key: repeating the command with the same key publishes only once
        #[arg(long, value_name = "KEY", value_parser = idempotency_key)]
        idempotency_key: Option<String>,
    },
    /// Show a stored message
    Get(MessageSelector),
    /// Change the members given in the JSON; readers who have the message open see the change
    Edit {
        #[command(flatten)]
        named: MessageSelector,
        #[command(flatten)]
        source: JsonSource,
    },
    /// Recall a message: it disappears for every reader
    Recall(MessageSelector),
}

/// Selects a message.
#[derive(Args)]
pub(super) struct MessageSelector {
    /// The site's id
    #[arg(value_name = "SITE", value_parser = id)]
    site: SiteId,
    /// The message's id
    #[arg(value_name = "MESSAGE", value_parser = message_id)]
    message: MessageId,
}

fn message_id(text: &str) -> Result<MessageId, String> {
    text.parse().map_err(|invalid: belfry_domain::ValidationError| invalid.reason.to_string())
}

fn idempotency_key(text: &str) -> Result<String, String> {
    let plain = (1..=255).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
    if plain {
        Ok(text.to_owned())
    } else {
        Err("must have 1 to 255 visible ASCII characters".to_owned())
    }
}

pub(super) async fn run(common: &Common, command: Message) -> Result<(), Failure> {
    match command {
        Message::Publish { site, source, idempotency_key } => {
            let json = source.read()?;
            let idempotency = idempotency_key
                .map(|key| IdempotentRequest { key, fingerprint: fingerprint(&json) });
            let receipt = with_app(common, async |inbox| {
                inbox.site(site).await.map_err(Failure::not_found("site"))?;
                let draft = parse_message(&json, inbox.now())?;
                Ok(inbox.publish(site, draft, idempotency.as_ref()).await?)
            })
            .await?;
            output::print_json(&json!({ "id": receipt.id }))
        }
        Message::Get(MessageSelector { site, message }) => {
            let view = with_app(common, async |inbox| {
                let stored =
                    inbox.message(site, message).await.map_err(Failure::not_found("message"))?;
                Ok(MessageView::of(stored, inbox.now()))
            })
            .await?;
            output::print_json(&view)
        }
        Message::Edit { named: MessageSelector { site, message }, source } => {
            let json = source.read()?;
            let view = with_app(common, async |inbox| {
                let edit = parse_edit(&json, inbox.now())?;
                let edited = inbox
                    .edit(site, message, &edit, None)
                    .await
                    .map_err(Failure::not_found("message, or it was recalled"))?;
                Ok(MessageView::of(edited, inbox.now()))
            })
            .await?;
            output::print_json(&view)
        }
        Message::Recall(MessageSelector { site, message }) => {
            with_app(common, async |inbox| {
                inbox
                    .recall(site, message)
                    .await
                    .map_err(Failure::not_found("message, or it was recalled before"))
            })
            .await?;
            output::print_json(&json!({ "id": message, "recalled": true }))
        }
    }
}
