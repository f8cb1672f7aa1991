//! The list of messages.

use super::{format, phrases};
use crate::{
    Console,
    error::ConsoleError,
    request_context::Member,
    view::{Badge, Button, EmptyState, Page, Pager, Table, Tabs, Tone, page},
};
use axum::{
    extract::{Query, State},
    response::Response,
};
use belfry_domain::{Category, Message, MessageQuery, MessageState, MessageSummary, Role, Site};
use belfry_web::html::{IntoMarkup, Markup};
use leptos::prelude::*;
use serde::Deserialize;

const MESSAGES_PER_PAGE: u32 = 25;
/// Maximum length of a search text, in characters.
const MAX_SEARCH_CHARS: usize = 200;

/// Query parameters; invalid ones are ignored.
#[derive(Debug, Clone, Deserialize, Default)]
pub(super) struct ListParams {
    state: Option<String>,
    q: Option<String>,
    category: Option<String>,
    cursor: Option<String>,
}

impl ListParams {
    fn state(&self) -> Option<MessageState> {
        self.state.as_deref().and_then(|state| state.parse().ok())
    }

    fn text(&self) -> Option<&str> {
        self.q
            .as_deref()
            .map(str::trim)
            .filter(|text| !text.is_empty() && text.chars().count() <= MAX_SEARCH_CHARS)
    }

    fn category(&self) -> Option<&str> {
        self.category.as_deref().filter(|category| !category.is_empty())
    }

    fn is_filtered(&self) -> bool {
        self.state().is_some() || self.text().is_some() || self.category().is_some()
    }

    /// The path of this list with another state or cursor.
    fn path(&self, base: &str, state: Option<MessageState>, cursor: Option<&str>) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        let parts = [
            ("state", state.map(MessageState::as_str)),
            ("q", self.text()),
            ("category", self.category()),
            ("cursor", cursor),
        ];
        query.extend_pairs(parts.into_iter().filter_map(|(name, value)| Some((name, value?))));
        let query = query.finish();
        if query.is_empty() { base.to_owned() } else { format!("{base}?{query}") }
    }
}

pub(super) async fn list(
    State(console): State<Console>,
    member: Member,
    Query(asked): Query<ListParams>,
) -> Result<Response, ConsoleError> {
    let (lang, site) = (member.lang, member.site.id);
    let query = MessageQuery {
        state: asked.state(),
        text: asked.text().map(ToOwned::to_owned),
        category: asked.category().map(ToOwned::to_owned),
        before: asked.cursor.as_deref().and_then(|cursor| cursor.parse().ok()),
        ..MessageQuery::newest(MESSAGES_PER_PAGE)
    };
    let messages = console.app.messages(site, &query).await?;
    let writes = member.role >= Role::Editor;
    let base = member.path("messages");
    let first = query.before.is_some().then(|| asked.path(&base, query.state, None));
    let next = messages.next.map(|next| asked.path(&base, query.state, Some(&next.to_string())));
    let new = writes.then(|| {
        let href = member.path("messages/new");
        view! { <Button tone=Tone::Accent href=href>{phrases::NEW.t(lang)}</Button> }.into_markup()
    });
    if messages.items.is_empty() && next.is_none() && first.is_none() && !asked.is_filtered() {
        let content = view! { <EmptyState title=phrases::EMPTY.t(lang) text=phrases::EMPTY_TEXT.t(lang)>{new}</EmptyState> };
        return Ok(page(
            &member,
            Page::new(phrases::TITLE.t(lang)).for_site(&member, "messages"),
            content,
        ));
    }
    let categories = console.app.settings(site).await?.categories().to_vec();
    let states = std::iter::once(None).chain(
        [
            MessageState::Live,
            MessageState::Scheduled,
            MessageState::Expired,
            MessageState::Recalled,
        ]
        .map(Some),
    );
    let tabs = states
        .map(|state| {
            let word = state.map_or(phrases::ALL, phrases::states);
            (asked.path(&base, state, None), word.t(lang).to_owned(), state == query.state)
        })
        .collect();
    let found_some = !messages.items.is_empty();
    let mut rows = Vec::with_capacity(messages.items.len());
    for summary in messages.items {
        let to = super::audience::name_listed(&console, &member, &summary).await?;
        rows.push(row(&member, &console, &summary, to));
    }
    let columns = vec![
        phrases::MESSAGE.t(lang),
        phrases::STATE.t(lang),
        phrases::TO.t(lang),
        phrases::WHEN.t(lang),
    ];
    let body = if found_some {
        view! { <Table caption=phrases::TITLE.t(lang) columns=columns>{rows}</Table> }.into_markup()
    } else if next.is_some() {
        view! { <p class="lead">{phrases::LOOK_ON.t(lang)}</p> }.into_markup()
    } else {
        let clear = base.clone();
        view! {
            <EmptyState title=phrases::NONE_FOUND.t(lang) text=phrases::NONE_FOUND_TEXT.t(lang)>
                <Button href=clear>{phrases::CLEAR.t(lang)}</Button>
            </EmptyState>
        }
        .into_markup()
    };
    let content = view! {
        <Tabs label=phrases::STATES.t(lang) tabs=tabs/>
        {search(&member, &asked, &categories)}
        {body}
        <Pager lang=lang first=first next=next/>
    };
    Ok(page(
        &member,
        Page::new(phrases::TITLE.t(lang)).for_site(&member, "messages").actions(new),
        content,
    ))
}

fn search(member: &Member, params: &ListParams, categories: &[Category]) -> Markup {
    let lang = member.lang;
    let state = params
        .state()
        .map(|state| view! { <input type="hidden" name="state" value=state.as_str()/> });
    let chosen = params.category().unwrap_or_default().to_owned();
    let mut names: Vec<String> = categories.iter().map(|category| category.name.clone()).collect();
    if !chosen.is_empty() && !names.contains(&chosen) {
        names.push(chosen.clone());
    }
    let select = (!names.is_empty()).then(|| {
        let options = names
            .into_iter()
            .map(|name| {
                let selected = name == chosen;
                view! { <option value=name.clone() selected=selected>{name.clone()}</option> }
            })
            .collect_view();
        view! {
            <select name="category" aria-label=phrases::CATEGORY.t(lang)>
                <option value="">{phrases::ANY_CATEGORY.t(lang)}</option>
                {options}
            </select>
        }
    });
    view! {
        <form method="get" role="search" class="search">
            {state}
            <input type="search" name="q" value=params.text().map(ToOwned::to_owned) placeholder=phrases::SEARCH.t(lang) aria-label=phrases::SEARCH.t(lang) maxlength="200"/>
            {select}
            <button class="button">{phrases::FIND.t(lang)}</button>
        </form>
    }
    .into_markup()
}

/// A short name of a message.
pub(in crate::pages) fn title(message: &Message, site: &Site) -> String {
    let content = message.content.get(&site.language).or_else(|| message.content.values().next());
    let title = content.map(|content| content.title.clone()).unwrap_or_default();
    message.name.clone().unwrap_or(title)
}

fn row(member: &Member, console: &Console, summary: &MessageSummary, to: String) -> Markup {
    let (lang, message) = (member.lang, &summary.message);
    let now = console.app.now();
    let (word, tone) = phrases::state(summary.state);
    let languages = message.content.keys().map(ToString::to_string).collect::<Vec<_>>().join(" · ");
    let at = message.recalled_at.unwrap_or(message.publish_at);
    view! {
        <tr>
            <td class="wide">
                <a class="main" href=member.path(&format!("messages/{}", message.id))>{title(message, &member.site)}</a>
                <p class="sub">
                    {message.pinned.then(|| view! { <span>{phrases::PINNED_MARK.t(lang)}</span> })}
                    {message.category.clone().map(|category| view! { <span>{category}</span> })}
                    <span>{languages}</span>
                </p>
            </td>
            <td><Badge tone=tone>{word.t(lang)}</Badge></td>
            <td class="quiet">{to}</td>
            <td class="quiet nowrap">{format::brief(member, now, at)}</td>
        </tr>
    }
    .into_markup()
}
