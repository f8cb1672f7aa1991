//! Inboxes: the places that a site's visitors write to. Owners make and change them; others look.
//!
//! Must not know how conversations are answered, which has its own pages.

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

use crate::web::html::{IntoMarkup, Markup};
use crate::{
    console::{
        Console,
        error::ConsoleError,
        pages::path_params::PathId,
        phrases::{NAME, words},
        request_context::Member,
        view::{Badge, Button, EmptyState, Page, Table, Tone, page, relative_time},
    },
    domain::{
        Role,
        channel::{ChannelInbox, InboxId},
    },
};
use axum::{
    Router,
    extract::State,
    response::Response,
    routing::{get, post},
};
use leptos::prelude::*;

words! {
    TITLE: "Inboxes", "Скриньки";
    ADD: "New inbox", "Нова скринька";
    EMPTY: "No inboxes yet", "Ще немає скриньок";
    EMPTY_TEXT: "An inbox receives what visitors write to you from your site, your app, or anything that can make HTTP calls. Create one, connect it with four calls, and answer under Conversations.", "Скринька приймає те, що відвідувачі пишуть вам із сайту, застосунку чи будь-чого, що вміє робити HTTP-виклики. Створіть її, під’єднайте чотирма викликами й відповідайте в розмовах.";
    EMPTY_OTHERS: "An owner of the site can create one.", "Створити її може власник сайту.";
    CALLBACK: "Callback URL", "URL зворотного виклику";
    NO_CALLBACK: "none", "немає";
    PROOF: "Identity", "Підтвердження особи";
    PROOF_NEEDED: "HMAC required", "Потрібен HMAC";
    PROOF_OPTIONAL: "HMAC optional", "HMAC за бажанням";
    MADE: "Created", "Створено";
}

pub(super) fn routes() -> Router<Console> {
    Router::new()
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

/// The inbox that the path of a page names.
async fn named(
    console: &Console,
    member: &Member,
    id: PathId<i64>,
) -> Result<ChannelInbox, ConsoleError> {
    let PathId(id) = id;
    Ok(console.inbox.inbox_of_site(member.site.id, InboxId(id)).await?)
}

/// The address of an inbox's own page.
fn own(member: &Member, inbox: InboxId) -> String {
    member.path(&format!("inboxes/{inbox}"))
}

fn row(member: &Member, inbox: &ChannelInbox) -> Markup {
    let (lang, settings) = (member.lang, &inbox.settings);
    let callback = settings.callback_url.clone().unwrap_or_else(|| NO_CALLBACK.t(lang).to_owned());
    let (tone, proof) = if settings.hmac_mandatory {
        (Tone::Good, PROOF_NEEDED)
    } else {
        (Tone::Plain, PROOF_OPTIONAL)
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
    let inboxes = console.inbox.inboxes_of_site(member.site.id).await?;
    let new = member.path("inboxes/new");
    let add = move |href: String| {
        owner.then(|| view! { <Button tone=Tone::Accent href=href>{ADD.t(lang)}</Button> })
    };
    let about = Page::new(TITLE.t(lang)).of(&member, "inboxes");
    if inboxes.is_empty() {
        let note = (!owner).then(|| view! { <p class="quiet">{EMPTY_OTHERS.t(lang)}</p> });
        let content = view! { <EmptyState title=EMPTY.t(lang) text=EMPTY_TEXT.t(lang)>{add(new)} {note}</EmptyState> };
        return Ok(page(&member, about, content));
    }
    let rows: Vec<Markup> = inboxes.iter().map(|inbox| row(&member, inbox)).collect();
    let columns = vec![NAME.t(lang), CALLBACK.t(lang), PROOF.t(lang), MADE.t(lang)];
    let content = view! { <Table caption=TITLE.t(lang) columns=columns>{rows}</Table> };
    Ok(page(&member, about.actions(add(new)), content))
}
