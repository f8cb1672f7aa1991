//! Inboxes, to which a site's visitors write. Owners create and change them; other members have
//! read access.
//!
//! Must not depend on the pages of conversations.

mod connect;
mod create;
mod delete;
mod deliveries;
mod examples;
mod form;
mod hours;
mod members;
mod outbound_conversations;
mod sdk;
mod show;
mod test_delivery;

use crate::{
    Console,
    error::ConsoleError,
    pages::path_params::PathId,
    phrases::NAME,
    request_context::Member,
    view::{Badge, Button, EmptyState, Page, Table, Tone, page, relative_time},
};
use axum::{extract::State, response::Response};
use belfry_domain::{
    Role,
    channel::{ChannelInbox, InboxId},
};
use belfry_locales::phrases::console_inboxes as phrases;
use belfry_web::html::{IntoMarkup, Markup};
use belfry_web::router::{Routes, get, post};
use leptos::prelude::*;

pub(super) fn routes() -> Routes<Console> {
    Routes::new()
        .route("/sites/{site}/inboxes", get(list))
        .route("/sites/{site}/inboxes/new", get(create::blank).post(create::create))
        .route("/sites/{site}/inboxes/{inbox}", get(show::show).post(show::save))
        .route("/sites/{site}/inboxes/{inbox}/members", post(members::save))
        .route("/sites/{site}/inboxes/{inbox}/test", post(test_delivery::test))
        .route("/sites/{site}/inboxes/{inbox}/delete", get(delete::ask).post(delete::delete))
        .route("/sites/{site}/inboxes/{inbox}/connect", get(connect::show))
        .route("/sites/{site}/inboxes/{inbox}/connect/token", post(connect::create_token))
        .route("/sites/{site}/inboxes/{inbox}/sdk", get(sdk::show).post(sdk::create))
        .route("/sites/{site}/inboxes/{inbox}/sdk/{key}/revoke", get(sdk::ask).post(sdk::revoke))
}

/// The inbox in the path of the request.
async fn named(
    console: &Console,
    member: &Member,
    id: PathId<i64>,
) -> Result<ChannelInbox, ConsoleError> {
    let PathId(id) = id;
    Ok(console.app.inbox_of_site(member.site.id, InboxId(id)).await?)
}

/// The path of an inbox's page.
fn own(member: &Member, inbox: InboxId) -> String {
    member.path(&format!("inboxes/{inbox}"))
}

fn row(member: &Member, inbox: &ChannelInbox) -> Markup {
    let (lang, settings) = (member.lang, &inbox.settings);
    let callback =
        settings.callback_url.clone().unwrap_or_else(|| phrases::NO_CALLBACK.t(lang).to_owned());
    let (tone, proof) = if settings.hmac_mandatory {
        (Tone::Good, phrases::PROOF_NEEDED)
    } else {
        (Tone::Plain, phrases::PROOF_OPTIONAL)
    };
    view! {
        <tr>
            <td><a class="main" href=own(member, inbox.id)>{settings.name.clone()}</a></td>
            <td class="quiet">{callback}</td>
            <td><Badge tone=tone>{proof.t(lang)}</Badge></td>
            <td class="quiet">{relative_time(member, inbox.created_at)}</td>
        </tr>
    }
    .into_markup()
}

async fn list(State(console): State<Console>, member: Member) -> Result<Response, ConsoleError> {
    let lang = member.lang;
    let owner = member.role >= Role::Owner;
    let inboxes = console.app.inboxes_of_site(member.site.id).await?;
    let new = member.path("inboxes/new");
    let add = move |href: String| {
        owner.then(|| view! { <Button tone=Tone::Accent href=href>{phrases::ADD.t(lang)}</Button> })
    };
    let about = Page::new(phrases::TITLE.t(lang)).for_site(&member, "inboxes");
    if inboxes.is_empty() {
        let note = (!owner).then(|| view! { <p class="quiet">{phrases::EMPTY_OTHERS.t(lang)}</p> });
        let content = view! { <EmptyState title=phrases::EMPTY.t(lang) text=phrases::EMPTY_TEXT.t(lang)>{add(new)} {note}</EmptyState> };
        return Ok(page(&member, about, content));
    }
    let rows: Vec<Markup> = inboxes.iter().map(|inbox| row(&member, inbox)).collect();
    let columns = vec![
        NAME.t(lang),
        phrases::CALLBACK.t(lang),
        phrases::PROOF.t(lang),
        phrases::MADE.t(lang),
    ];
    let content = view! { <Table caption=phrases::TITLE.t(lang) columns=columns>{rows}</Table> };
    Ok(page(&member, about.actions(add(new)), content))
}
