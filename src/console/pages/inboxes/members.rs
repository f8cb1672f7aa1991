//! The members of an inbox. Administrators see every inbox and are not listed.

use super::{named, own, show};
use crate::{
    Console,
    error::ConsoleError,
    form::Form,
    pages::path_params::PathId,
    phrases::SAVED,
    request_context::{Member, redirect},
    view::{Button, csrf_field},
};
use axum::{extract::State, response::Response};
use belfry_app::channel::ChannelError;
use belfry_domain::{
    Role, ValidationError,
    channel::{Agent, AgentId, AgentRole, MembersChange, Rejection},
};
use belfry_locales::phrases::console_inboxes as phrases;
use belfry_web::html::{IntoMarkup, Markup};
use leptos::prelude::*;

fn person(agent: &Agent, chosen: bool, always: Option<&'static str>) -> Markup {
    let number = agent.id.to_string();
    let always = always.map(|always| format!(" ({always})"));
    view! {
        <div class="field tick">
            <label>
                <input type="checkbox" name="agents" value=number checked=chosen disabled=always.is_some()/>
                <span>{agent.name.clone()} " " <span class="quiet">{agent.email.clone()} {always}</span></span>
            </label>
        </div>
    }
    .into_markup()
}

/// The section of an inbox's page with its members. After a rejected change, `form` contains the
/// selection.
pub(super) fn part(
    member: &Member,
    action: String,
    agents: &[Agent],
    members: &[Agent],
    form: Option<&Form>,
) -> Markup {
    let lang = member.lang;
    let owner = member.role >= Role::Owner;
    let chosen = |agent: &Agent| match form {
        Some(form) => form.all("agents").any(|number| number == agent.id.to_string()),
        None => members.iter().any(|of| of.id == agent.id),
    };
    let list: Vec<Markup> = agents
        .iter()
        .map(|agent| {
            let always = (agent.role == AgentRole::Administrator).then(|| phrases::ALWAYS.t(lang));
            person(agent, always.is_some() || chosen(agent), always)
        })
        .collect();
    let error = form
        .and_then(|form| form.error("agents"))
        .map(|error| view! { <p class="wrong" role="alert">{error}</p> });
    let invite = member.path("members");
    let body = if agents.iter().all(|agent| agent.role == AgentRole::Administrator) {
        view! {
            <p class="lead">{phrases::NOBODY.t(lang)}</p>
            <Button href=invite>{phrases::MEMBERS.t(lang)}</Button>
        }
        .into_markup()
    } else if owner {
        view! {
            <form method="post" action=action>
                {csrf_field(member)}
                {error}
                <fieldset aria-label=phrases::MEMBERS_TITLE.t(lang)>{list}</fieldset>
                <Button>{phrases::SAVE.t(lang)}</Button>
            </form>
        }
        .into_markup()
    } else {
        let names =
            members.iter().map(|agent| view! { <li>{agent.name.clone()}</li> }).collect_view();
        view! { <ul class="plain">{names}</ul> }.into_markup()
    };
    view! {
        <section id="agents">
            <h2>{phrases::MEMBERS_TITLE.t(lang)}</h2>
            <p class="lead">{phrases::MEMBERS_TEXT.t(lang)}</p>
            {body}
        </section>
    }
    .into_markup()
}

pub(super) async fn save(
    State(console): State<Console>,
    member: Member,
    id: PathId<i64>,
    form: Form,
) -> Result<Response, ConsoleError> {
    member.require_role(Role::Owner)?;
    let inbox = named(&console, &member, id).await?;
    let chosen: Vec<AgentId> =
        form.all("agents").filter_map(|number| number.parse().ok()).map(AgentId).collect();
    let change = MembersChange::Replace(chosen);
    let saving = console.app.change_inbox_members(member.site.id, inbox.id, &change);
    match member.with_audit(&console, &inbox.settings.name, saving).await {
        Ok(_) => {
            member.flash_success(SAVED.t(member.lang)).await?;
            Ok(redirect(&format!("{}#agents", own(&member, inbox.id))))
        }
        Err(ChannelError::Rejected(Rejection::NotFound("agent"))) => {
            let form = form.rejected(ValidationError::new("agents", phrases::GONE.into()));
            show::with_agents(&console, &member, &inbox, &form).await
        }
        Err(other) => Err(other.into()),
    }
}
