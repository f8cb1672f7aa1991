//! The extractor of a signed-in agent.

use crate::{Console, error::ConsoleError, request_context::Member};
use axum::{extract::FromRequestParts, http::request::Parts};
use belfry_domain::channel::SignedInAgent;
use std::ops::Deref;

/// A member with their agent. Viewers have none.
#[derive(Clone)]
pub(super) struct AgentMember {
    pub(super) member: Member,
    pub(super) agent: SignedInAgent,
}

impl Deref for AgentMember {
    type Target = Member;

    fn deref(&self) -> &Member {
        &self.member
    }
}

impl FromRequestParts<Console> for AgentMember {
    type Rejection = ConsoleError;

    async fn from_request_parts(
        parts: &mut Parts,
        console: &Console,
    ) -> Result<Self, ConsoleError> {
        let member = Member::from_request_parts(parts, console).await?;
        let agent = console
            .app
            .agent_of_account(member.site.id, member.account.id)
            .await?
            .ok_or(ConsoleError::Forbidden)?;
        Ok(Self { member, agent })
    }
}
