//! The page of a contact: profile, attributes, message history, and a preview of their inbox.

use super::{OWN_ID, SEEN, SPEAKS, display_name, edit};
use crate::web::html::{IntoMarkup, Markup};
use crate::{
    console::{
        Console,
        error::ConsoleError,
        pages::path_params::PathId,
        phrases::{EMAIL, UiLanguage, words},
        request_context::Member,
        view::{Badge, Button, Page, Pager, Tone, date, page, relative_time_at},
    },
    domain::{
        Contact, ContactId, ContactLookup, ContactReceipt, Language, Role, Timestamp, negotiate,
    },
};
use axum::{
    extract::{Query, State},
    response::Response,
};
use leptos::prelude::*;
use serde::Deserialize;

words! {
    PROFILE: "Profile", "Профіль";
    ATTRIBUTES: "Attributes", "Атрибути";
    NO_ATTRIBUTES: "No attributes.", "Атрибутів немає.";
    SINCE: "Created", "Створено";
    CHANGED: "Last changed", "Востаннє змінено";
    HISTORY: "Messages", "Повідомлення";
    NO_HISTORY: "No message was sent to this person directly, and they opened none that was sent to everyone.", "Особисто цій людині повідомлень не надсилали, і вона не відкривала надісланих усім.";
    INBOX: "Inbox of this person", "Скринька цієї людини";
    INBOX_TEXT: "What they see now, in their language and your theme. Nothing is marked as read.", "Те, що вони бачать зараз, їхньою мовою й у вашій темі. Нічого не буде позначено прочитаним.";
    SEE: "See what this person sees", "Побачити очима цієї людини";
    EXPORT: "Export", "Вивантажити";
    ERASE: "Erase", "Стерти";
    SENT: "Sent", "Надіслано";
    DELIVERED: "Delivered", "Доставлено";
    SAW: "Seen", "Побачено";
    READ: "Read", "Прочитано";
    READ_ALL: "Read by “mark all as read”", "Прочитано через «позначити все»";
    CLICKED: "Clicked", "Перейшли за посиланням";
    ARCHIVED: "Archived", "В архіві";
    DELETED: "Deleted by the reader", "Видалено читачем";
    RECALLED: "Recalled", "Відкликано";
    UNREAD: "Not read yet", "Ще не прочитано";
    EVERYONE: "to everyone", "усім";
}

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
    let contact = console.inbox.contact(site, &ContactLookup::Id(ContactId(id))).await?;
    let before = asked.before.and_then(|text| text.parse().ok());
    let (receipts, next) = console.inbox.contact_receipts(site, contact.id, before, PART).await?;
    let own = member.path(&format!("contacts/{}", contact.id));
    let now = console.inbox.now();
    let secret = console.inbox.show_contact(site, contact.id);
    let writes = member.role >= Role::Editor;
    let actions = view! {
        <Button href=format!("{own}/export")>{EXPORT.t(lang)}</Button>
        {writes.then(|| view! {
            <Button tone=Tone::Danger href=format!("{own}/erase")>{ERASE.t(lang)}</Button>
            <Button tone=Tone::Accent href=format!("{own}/edit")>{edit::EDIT.t(lang)}</Button>
        })}
    };
    let language = contact.language.clone().unwrap_or_else(|| member.site.language.clone());
    let history = if receipts.is_empty() {
        view! { <p class="quiet">{NO_HISTORY.t(lang)}</p> }.into_markup()
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
                    <h2>{HISTORY.t(lang)}</h2>
                    {history}
                    <Pager lang=lang first=first next=next/>
                </section>
            </div>
            <section class="beside-frame">
                <h2>{INBOX.t(lang)}</h2>
                <p class="quiet">{INBOX_TEXT.t(lang)}</p>
                <form method="post" action=format!("/embed/{site}/preview/messages") target="inbox" data-show="">
                    <input type="hidden" name="secret" value=secret.reveal().to_owned() autocomplete="off"/>
                    <input type="hidden" name="language" value=language.to_string() autocomplete="off"/>
                    <button class="button">{SEE.t(lang)}</button>
                </form>
                <iframe class="phone" name="inbox" title=INBOX.t(lang)></iframe>
            </section>
        </div>
    };
    Ok(page(
        &member,
        Page::new(display_name(&contact)).of(&member, "contacts").actions(actions),
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
    let said = |text: &Option<String>| text.clone().unwrap_or_else(|| "—".to_owned());
    let tongue = contact.language.as_ref().map_or_else(|| "—".to_owned(), ToString::to_string);
    let seen = contact
        .last_seen_at
        .map_or_else(|| "—".into_markup(), |at| relative_time_at(member, now, at));
    view! {
        <section>
            <h2>{PROFILE.t(lang)}</h2>
            <dl class="facts">
                {fact(EMAIL.t(lang), said(&contact.email))}
                {fact(edit::PHONE.t(lang), said(&contact.phone))}
                {fact(OWN_ID.t(lang), said(&contact.external_id))}
                {fact(SPEAKS.t(lang), tongue)}
                {fact(SEEN.t(lang), seen)}
                {fact(SINCE.t(lang), date(member, contact.created_at))}
                {fact(CHANGED.t(lang), relative_time_at(member, now, contact.updated_at))}
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
        view! { <p class="quiet">{NO_ATTRIBUTES.t(lang)}</p> }.into_markup()
    } else {
        view! { <dl class="facts">{rows}</dl> }.into_markup()
    };
    view! {
        <section>
            <h2>{ATTRIBUTES.t(lang)}</h2>
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
        (SENT, Some(message.publish_at)),
        (DELIVERED, receipt.delivered_at),
        (SAW, receipt.seen_at),
        (if receipt.read_with_all { READ_ALL } else { READ }, receipt.read_at),
        (CLICKED, receipt.clicked_at),
        (ARCHIVED, receipt.archived_at),
        (DELETED, receipt.deleted_at),
        (RECALLED, message.recalled_at),
    ];
    steps.retain(|(_, at)| at.is_some());
    steps.sort_by_key(|(_, at)| *at);
    let steps: Vec<Markup> = steps
        .into_iter()
        .filter_map(|(word, at)| Some(view! { <li><span>{word.t(lang)}</span> " " {relative_time_at(member, now, at?)}</li> }.into_markup()))
        .collect();
    // Receipts of early versions have no times.
    let state = match (receipt.read, receipt.read_with_all && receipt.read_at.is_none()) {
        (true, true) => Some(view! { <Badge>{READ_ALL.t(lang)}</Badge> }.into_markup()),
        (false, _) => {
            Some(view! { <Badge tone=Tone::Accent>{UNREAD.t(lang)}</Badge> }.into_markup())
        }
        (true, false) => None,
    };
    let everyone = message.contacts.is_none().then(|| view! { <Badge>{EVERYONE.t(lang)}</Badge> });
    let href = member.path(&format!("messages/{}", message.id));
    view! {
        <li>
            <p class="entry"><a class="main" href=href>{title}</a> {everyone} {state}</p>
            <ul class="trace">{steps}</ul>
        </li>
    }
    .into_markup()
}
