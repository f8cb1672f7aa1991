//! The page of a contact: profile, attributes, message history, and a preview of their inbox.

use super::display_name;
use crate::{
    Console,
    error::ConsoleError,
    pages::path_params::PathId,
    phrases::{EMAIL, UiLanguage},
    request_context::Member,
    view::{Badge, Button, Page, Pager, Tone, date, page, relative_time_at},
};
use axum::{
    extract::{Query, State},
    response::Response,
};
use belfry_domain::{
    Contact, ContactId, ContactLookup, ContactReceipt, Language, Role, Timestamp, negotiate,
};
use belfry_locales::phrases::console_contacts as phrases;
use belfry_web::html::{IntoMarkup, Markup};
use leptos::prelude::*;
use serde::Deserialize;

/// Messages per page of the history.
const PART: u32 = 20;

#[derive(Deserialize)]
pub(super) struct ProfileParams {
    before: Option<String>,
}

pub(super) async fn show(
    State(console): State<Console>,
    member: Member,
    PathId(id): PathId<i64>,
    Query(asked): Query<ProfileParams>,
) -> Result<Response, ConsoleError> {
    let (lang, site) = (member.lang, member.site.id);
    let contact = console.app.contact(site, &ContactLookup::Id(ContactId(id))).await?;
    let before = asked.before.and_then(|text| text.parse().ok());
    let (receipts, next) = console.app.contact_receipts(site, contact.id, before, PART).await?;
    let own = member.path(&format!("contacts/{}", contact.id));
    let now = console.app.now();
    let secret = console.app.preview_contact(site, contact.id).await?;
    let writes = member.role >= Role::Editor;
    let actions = view! {
        <Button href=format!("{own}/export")>{phrases::EXPORT.t(lang)}</Button>
        {writes.then(|| view! {
            <Button tone=Tone::Danger href=format!("{own}/erase")>{phrases::PROFILE_ERASE.t(lang)}</Button>
            <Button tone=Tone::Accent href=format!("{own}/edit")>{phrases::EDIT.t(lang)}</Button>
        })}
    };
    let language = contact.language.clone().unwrap_or_else(|| member.site.language.clone());
    let history = if receipts.is_empty() {
        view! { <p class="quiet">{phrases::NO_HISTORY.t(lang)}</p> }.into_markup()
    } else {
        let entries: Vec<Markup> = receipts
            .into_iter()
            .map(|receipt| entry(lang, &member, &language, now, receipt))
            .collect();
        view! { <ol class="timeline">{entries}</ol> }.into_markup()
    };
    let first = before.is_some().then(|| own.clone());
    let next = next.map(|next| format!("{own}?before={next}"));
    let content = view! {
        <div class="beside">
            <div class="beside-main">
                {profile(&member, now, &contact)}
                {attributes(lang, &contact)}
                <section>
                    <h2>{phrases::HISTORY.t(lang)}</h2>
                    {history}
                    <Pager lang=lang first=first next=next/>
                </section>
            </div>
            <section class="beside-frame">
                <h2>{phrases::INBOX.t(lang)}</h2>
                <p class="quiet">{phrases::INBOX_TEXT.t(lang)}</p>
                <form method="post" action=format!("/embed/{site}/preview/messages") target="inbox" data-show="">
                    <input type="hidden" name="secret" value=secret.reveal().to_owned() autocomplete="off"/>
                    <input type="hidden" name="language" value=language.to_string() autocomplete="off"/>
                    <button class="button">{phrases::SEE.t(lang)}</button>
                </form>
                <iframe class="phone" name="inbox" title=phrases::INBOX.t(lang)></iframe>
            </section>
        </div>
    };
    Ok(page(
        &member,
        Page::new(display_name(&contact)).for_site(&member, "contacts").actions(actions),
        content,
    ))
}

fn fact(name: &'static str, value: impl IntoView + 'static) -> Markup {
    view! {
        <div>
            <dt>{name}</dt>
            <dd>{value}</dd>
        </div>
    }
    .into_markup()
}

fn profile(member: &Member, now: Timestamp, contact: &Contact) -> Markup {
    let lang = member.lang;
    let text_or_dash = |text: &Option<String>| text.clone().unwrap_or_else(|| "—".to_owned());
    let tongue = contact.language.as_ref().map_or_else(|| "—".to_owned(), ToString::to_string);
    let seen = contact
        .last_seen_at
        .map_or_else(|| "—".into_markup(), |at| relative_time_at(member, now, at));
    view! {
        <section>
            <h2>{phrases::PROFILE.t(lang)}</h2>
            <dl class="facts">
                {fact(EMAIL.t(lang), text_or_dash(&contact.email))}
                {fact(phrases::PHONE.t(lang), text_or_dash(&contact.phone))}
                {fact(phrases::OWN_ID.t(lang), text_or_dash(&contact.external_id))}
                {fact(phrases::SPEAKS.t(lang), tongue)}
                {fact(phrases::SEEN.t(lang), seen)}
                {fact(phrases::SINCE.t(lang), date(member, contact.created_at))}
                {fact(phrases::CHANGED.t(lang), relative_time_at(member, now, contact.updated_at))}
            </dl>
        </section>
    }
    .into_markup()
}

fn attributes(lang: UiLanguage, contact: &Contact) -> Markup {
    let rows: Vec<Markup> = contact
        .attributes
        .iter()
        .map(|(name, value)| {
            let value = value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned);
            view! {
                <div>
                    <dt>{name.clone()}</dt>
                    <dd>{value}</dd>
                </div>
            }
            .into_markup()
        })
        .collect();
    let body = if rows.is_empty() {
        view! { <p class="quiet">{phrases::NO_ATTRIBUTES.t(lang)}</p> }.into_markup()
    } else {
        view! { <dl class="facts">{rows}</dl> }.into_markup()
    };
    view! {
        <section>
            <h2>{phrases::PROFILE_ATTRIBUTES.t(lang)}</h2>
            {body}
        </section>
    }
    .into_markup()
}

/// A message of the history, with what the contact did with it in order of time.
fn entry(
    lang: UiLanguage,
    member: &Member,
    language: &Language,
    now: Timestamp,
    receipt: ContactReceipt,
) -> Markup {
    let message = &receipt.message;
    let title = negotiate(&message.content, language, &member.site.language)
        .map(|(_, content)| content.title.clone())
        .unwrap_or_default();
    let mut steps = vec![
        (phrases::SENT, Some(message.publish_at)),
        (phrases::DELIVERED, receipt.delivered_at),
        (phrases::SAW, receipt.seen_at),
        (if receipt.read_with_all { phrases::READ_ALL } else { phrases::READ }, receipt.read_at),
        (phrases::CLICKED, receipt.clicked_at),
        (phrases::ARCHIVED, receipt.archived_at),
        (phrases::DELETED, receipt.deleted_at),
        (phrases::RECALLED, message.recalled_at),
    ];
    steps.retain(|(_, at)| at.is_some());
    steps.sort_by_key(|(_, at)| *at);
    let steps: Vec<Markup> = steps
        .into_iter()
        .filter_map(|(word, at)| Some(view! { <li><span>{word.t(lang)}</span> " " {relative_time_at(member, now, at?)}</li> }.into_markup()))
        .collect();
    // Receipts of early versions have no times.
    let state = match (receipt.read, receipt.read_with_all && receipt.read_at.is_none()) {
        (true, true) => Some(view! { <Badge>{phrases::READ_ALL.t(lang)}</Badge> }.into_markup()),
        (false, _) => {
            Some(view! { <Badge tone=Tone::Accent>{phrases::UNREAD.t(lang)}</Badge> }.into_markup())
        }
        (true, false) => None,
    };
    let everyone = message
        .audience
        .is_everyone()
        .then(|| view! { <Badge>{phrases::EVERYONE.t(lang)}</Badge> });
    let href = member.path(&format!("messages/{}", message.id));
    view! {
        <li>
            <p class="entry"><a class="main" href=href>{title}</a> {everyone} {state}</p>
            <ul class="trace">{steps}</ul>
        </li>
    }
    .into_markup()
}
