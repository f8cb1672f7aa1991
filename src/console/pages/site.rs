//! A site at a glance.

use crate::{
    console::{
        Console,
        error::ConsoleError,
        view::{CopyField, Page, Stat, page},
        visit::Member,
        words::{self, LANGUAGE, words},
    },
    domain::Origin,
};
use axum::{Router, extract::State, response::Response, routing::get};
use leptos::prelude::*;

words! {
    TITLE: "Overview", "Огляд";
    KEYS: "Keys in use", "Чинні ключі";
    PEOPLE: "Members", "Учасники";
    ROLE: "Your role", "Ваша роль";
    WHERE: "Where the bell may hang", "Де може висіти дзвіночок";
    SITE_ID: "Site id", "Ідентифікатор сайту";
}

pub(super) fn routes() -> Router<Console> {
    Router::new().route("/sites/{site}", get(show))
}

async fn show(State(console): State<Console>, member: Member) -> Result<Response, ConsoleError> {
    let lang = member.lang;
    let keys = console.inbox.keys(member.site.id).await?.into_iter().filter(|key| key.revoked_at.is_none()).count();
    let members = console.inbox.members(member.site.id).await?.len();
    let origins = member.site.origins.iter().map(Origin::as_str).map(|origin| view! { <li><code>{origin.to_owned()}</code></li> }).collect_view();
    let content = view! {
        <dl class="stats">
            <Stat label=KEYS.t(lang) value=keys.to_string()/>
            <Stat label=PEOPLE.t(lang) value=members.to_string()/>
            <Stat label=LANGUAGE.t(lang) value=member.site.language.to_string()/>
            <Stat label=ROLE.t(lang) value=words::role(member.role).t(lang)/>
        </dl>
        <section>
            <h2>{WHERE.t(lang)}</h2>
            <ul class="plain">{origins}</ul>
        </section>
        <section class="narrow">
            <CopyField lang=lang name="site" label=SITE_ID.t(lang) value=member.site.id.to_string()/>
        </section>
    };
    Ok(page(&member, Page::new(TITLE.t(lang)).of(&member, ""), content))
}
