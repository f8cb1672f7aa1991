//! `belfry agent …`.

use super::{Common, Failure, database::with_app, output, site::id};
use belfry_domain::{
    SiteId, ValidationError,
    channel::{AgentDraft, AgentId, AgentRole},
};
use clap::Subcommand;
use serde::Serialize;

const CREATE_EXAMPLES: &str = "\
Example:
  belfry agent create SITE --name Ann --email ann@shop.example --role agent

Prints {\"user_id\":1,\"api_access_token\":\"…\",\"pubsub_token\":\"…\"}. The access token is shown only once: send it in the
api_access_token header of the application API. An agent sees the inboxes to which an administrator adds them.";

/// Agents.
#[derive(Subcommand)]
pub(super) enum Agent {
    /// Add an agent without a console account
    #[command(after_help = CREATE_EXAMPLES)]
    Create {
        /// The site's id
        #[arg(value_name = "SITE", value_parser = id)]
        site: SiteId,
        /// The agent's name
        #[arg(long)]
        name: String,
        /// The agent's e-mail address, unique within the site
        #[arg(long)]
        email: String,
        /// `agent`, or `administrator`, who can see and change all inboxes
        #[arg(long, value_parser = role)]
        role: AgentRole,
    },
    /// Revoke an agent's tokens: requests with them are rejected, and their real-time updates end
    Revoke {
        /// The site's id
        #[arg(value_name = "SITE", value_parser = id)]
        site: SiteId,
        /// The agent's number, `user_id` in the output of `create`
        #[arg(value_name = "USER_ID")]
        agent: i64,
    },
}

/// Output of `create`; the tokens are in plaintext only here.
#[derive(Serialize)]
struct Created<'a> {
    user_id: AgentId,
    api_access_token: &'a str,
    pubsub_token: &'a str,
}

/// Output of `revoke`.
#[derive(Serialize)]
struct Revoked {
    revoked: i64,
}

fn role(text: &str) -> Result<AgentRole, String> {
    text.parse().map_err(|invalid: ValidationError| invalid.reason.to_string())
}

pub(super) async fn run(common: &Common, command: Agent) -> Result<(), Failure> {
    match command {
        Agent::Create { site, name, email, role } => {
            let draft = AgentDraft::new(&name, &email, role).map_err(Failure::invalid_flag)?;
            let created =
                with_app(common, async |inbox| Ok(inbox.create_agent(site, &draft).await?)).await?;
            output::print_json(&Created {
                user_id: created.agent.id,
                api_access_token: created.access_token.reveal(),
                pubsub_token: created.pubsub_token.reveal(),
            })
        }
        Agent::Revoke { site, agent } => {
            with_app(common, async |inbox| Ok(inbox.revoke_tokens(site, AgentId(agent)).await?))
                .await?;
            output::print_json(&Revoked { revoked: agent })
        }
    }
}
