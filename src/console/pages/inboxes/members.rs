//! Who answers in an inbox. Administrators see every inbox, so there is nothing to choose for them.

use super::{named, own, show};
use crate::web::html::{IntoMarkup, Markup};
use crate::{
    app::channel::ChannelError,
    console::{
        Console,
        error::ConsoleError,
        form::Form,
        pages::path_params::PathId,
        phrases::{SAVED, words},
        request_context::{Member, redirect},
        view::{Button, csrf_field},
    },
    domain::{
        Role, ValidationError,
        channel::{Agent, AgentId, AgentRole, MembersChange, Rejection},
    },
};
use axum::{extract::State, response::Response};
use leptos::prelude::*;

words! {
    TITLE: "Agents", "Агенти";
    TEXT: "Agents see the conversations of this inbox and answer them. Owners of the site see every inbox.", "Агенти бачать розмови цієї скриньки й відповідають у них. Власники сайту бачать усі скриньки.";
    NOBODY: "Only owners so far. Invite people with the role agent or editor under Members, then choose them here.", "Поки що лише власники. Запросіть людей із роллю агента чи редактора в розділі «Учасники», а тоді виберіть їх тут.";
    MEMBERS: "Go to members", "До учасників";
    ALWAYS: "always", "завжди";
    SAVE: "Save agents", "Зберегти агентів";
    GONE: "includes someone who is no longer an agent of this site; choose again", "містить людину, яка вже не агент цього сайту; виберіть знову";
}

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

/// The part of an inbox's page that says who answers. What was chosen and could not be saved comes
/// in a form.
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
            let always = (agent.role == AgentRole::Administrator).then(|| ALWAYS.t(lang));
            person(agent, always.is_some() || chosen(agent), always)
        })
        .collect();
    let error = form
        .and_then(|form| form.error("agents"))
        .map(|error| view! { <p class="wrong" role="alert">{error}</p> });
    let invite = member.path("members");
    let body = if agents.iter().all(|agent| agent.role == AgentRole::Administrator) {
        view! {
            <p class="lead">{NOBODY.t(lang)}</p>
            <Button href=invite>{MEMBERS.t(lang)}</Button>
        }
        .into_markup()
    } else if owner {
        view! {
            <form method="post" action=action>
                {csrf_field(member)}
                {error}
                <fieldset aria-label=TITLE.t(lang)>{list}</fieldset>
                <Button>{SAVE.t(lang)}</Button>
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
            <h2>{TITLE.t(lang)}</h2>
            <p class="lead">{TEXT.t(lang)}</p>
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
    member.may(Role::Owner)?;
    let inbox = named(&console, &member, id).await?;
    let chosen: Vec<AgentId> =
        form.all("agents").filter_map(|number| number.parse().ok()).map(AgentId).collect();
    let change = MembersChange::Replace(chosen);
    let saving = console.inbox.change_inbox_members(member.site.id, inbox.id, &change);
    match member.acting(&console, "inbox.members", &inbox.settings.name, saving).await {
        Ok(_) => {
            member.done(SAVED.t(member.lang)).await?;
            Ok(redirect(&format!("{}#agents", own(&member, inbox.id))))
        }
        Err(ChannelError::Rejected(Rejection::NotFound("agent"))) => {
            let form = form.refused(ValidationError::new("agents", GONE.t(member.lang)));
            show::with_agents(&console, &member, &inbox, &form).await
        }
        Err(other) => Err(other.into()),
    }
}
