//! The window's header: the contact, the status, the assignee, and the actions.

use super::{phrases, view::WindowView};
use belfry_content::text::clean_line;
use belfry_domain::channel::ConversationStatus;
use belfry_web::{
    conversation::{avatar, display_name},
    html::{IntoMarkup, Markup},
};
use leptos::prelude::*;

/// The contact's display name.
pub(super) fn name(window: &WindowView<'_>) -> String {
    display_name(window.frame.language.lang, &window.view().contact)
}

/// The whole header.
pub(super) fn head(window: &WindowView<'_>) -> Markup {
    let (lang, view, name) = (window.frame.language.lang, window.view(), name(window));
    let status = view.conversation.status;
    let tone = match status {
        ConversationStatus::Open => "badge accent",
        ConversationStatus::Resolved => "badge good",
        ConversationStatus::Pending | ConversationStatus::Snoozed => "badge warning",
    };
    let is_mine = view.conversation.assignee == Some(window.me());
    let assignee = view.assignee.as_ref().map(|agent| {
        let text = if is_mine {
            phrases::ASSIGNED_TO_YOU.t(lang).to_owned()
        } else {
            phrases::ASSIGNED_TO.with(lang, &[("name", &clean_line(&agent.name))])
        };
        view! { <bdi>{text}</bdi> }
    });
    let resolve = if status == ConversationStatus::Resolved {
        window.action_button("reopen".to_owned(), "button", phrases::REOPEN.t(lang))
    } else {
        window.action_button("resolve".to_owned(), "button accent", phrases::RESOLVE.t(lang))
    };
    view! {
        <header id="head">
            {avatar(&name, view.contact.id())}
            <div class="name">
                <h1><bdi>{name}</bdi></h1>
                <p class="sub">
                    <span class=tone>{phrases::status(status).t(lang)}</span>
                    <span><bdi>{clean_line(&view.inbox_name)}</bdi> " #" {view.conversation.number.to_string()}</span>
                    {assignee}
                </p>
            </div>
            {resolve}
            {menu(window, is_mine)}
        </header>
    }
    .into_markup()
}

fn menu(window: &WindowView<'_>, is_mine: bool) -> Markup {
    let (lang, view) = (window.frame.language.lang, window.view());
    let take = if is_mine {
        window.action_button("leave".to_owned(), "choice", phrases::LEAVE.t(lang))
    } else {
        window.action_button("take".to_owned(), "choice", phrases::TAKE.t(lang))
    };
    let watch = if view.conversation.watchers.contains(&window.me()) {
        window.action_button("unwatch".to_owned(), "choice", phrases::UNWATCH.t(lang))
    } else {
        window.action_button("watch".to_owned(), "choice", phrases::WATCH.t(lang))
    };
    let person = &view.contact.contact;
    let facts = [&person.email, &person.phone, &person.external_id]
        .into_iter()
        .flatten()
        .map(|fact| clean_line(fact));
    let facts = facts
        .filter(|fact| !fact.is_empty())
        .map(|fact| view! { <li><bdi>{fact}</bdi></li> }.into_markup())
        .collect::<Vec<_>>();
    let facts = (!facts.is_empty()).then(|| view! { <ul class="facts">{facts}</ul> });
    view! {
        <details class="menu">
            <summary class="button" aria-label=phrases::MORE.t(lang) title=phrases::MORE.t(lang)>
                <svg viewBox="0 0 16 16" width="16" height="16" fill="currentColor" aria-hidden="true">
                    <circle cx="3" cy="8" r="1.500"></circle>
                    <circle cx="8" cy="8" r="1.500"></circle>
                    <circle cx="13" cy="8" r="1.500"></circle>
                </svg>
            </summary>
            <div class="popup">{take} {watch} {facts}</div>
        </details>
    }
    .into_markup()
}
