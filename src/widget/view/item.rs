//! One message in the list.

use super::{Scheme, icon::Icon, render};
use crate::{
    content::{self, catalogue::Texts, markdown, time},
    domain::{Content, Filter, Language, Message, Site, Timestamp},
};
use leptos::prelude::*;

/// For whom and when messages are rendered: the same for every reader of a site in one language.
pub(in crate::widget) struct Reading<'a> {
    pub(super) site: &'a Site,
    pub(super) language: &'a Language,
    pub(super) texts: &'static Texts,
    pub(super) now: Timestamp,
    /// Inputs for every form: whose page it stands on and what the page shows.
    pub(super) context: Option<String>,
}

impl<'a> Reading<'a> {
    /// Messages of this site in this language, as of now.
    pub(in crate::widget) fn new(site: &'a Site, language: &'a Language, now: Timestamp) -> Self {
        Self { site, language, texts: Texts::of(language), now, context: None }
    }

    /// For a page of one reader's: its forms then say whose page they stand on, and lead back to what it shows.
    #[must_use]
    pub(in crate::widget) fn for_page(self, reader: &str, scheme: Scheme, filter: Filter, alone: bool) -> Self {
        let input = |name: &str, value: &str| format!("<input type=\"hidden\" name=\"{name}\" value=\"{value}\">");
        let mut context = input("reader", reader) + &input("scheme", scheme.word());
        if filter != Filter::All {
            context += &input("filter", filter.as_str());
        }
        if alone {
            context += &input("view", "page");
        }
        Self { context: Some(context), ..self }
    }
}

/// One message as a list item that came so long ago.
pub(super) fn card(reading: &Reading<'_>, message: &Message, state: State, when: &str) -> String {
    render(|| card_view(reading, message, state, when.to_owned()))
}

/// What the reader did to a message, as far as it shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct State {
    pub(super) read: bool,
    pub(super) archived: bool,
}

fn card_view(reading: &Reading<'_>, message: &Message, state: State, when: String) -> Option<impl IntoView + use<>> {
    let (language, content) = content::choose(&message.content, reading.language, &reading.site.language)?;
    let texts = reading.texts;
    let direction = if language.is_right_to_left() { "rtl" } else { "ltr" };
    let id = message.id.to_string();
    let label = format!("title-{id}");
    let body = (!content.body.is_empty()).then(|| markdown::to_html(&content.body));
    let exact = time::exact(message.publish_at, reading.language);
    let spoken = format!(", {}", exact.title);
    Some(view! {
        <li
            class="item"
            class:unread=!state.read
            class:pinned=message.pinned
            data-id=id.clone()
            data-position=message.position.to_string()
            aria-labelledby=label.clone()
        >
            <span class="dot" aria-hidden="true"></span>
            {picture(content)}
            <div class="text" lang=language.to_string() dir=direction>
                <h3 class="title" id=label.clone()>
                    <span class="state hidden-text">{texts.unread} " "</span>
                    {title(content)}
                </h3>
                {body.map(|html| view! { <div class="body" inner_html=html></div> })}
                {actions(content)}
            </div>
            <p class="meta">
                {message.pinned.then(|| view! { <span class="pin">{Icon::Pin.draw()} {texts.pinned}</span> })}
                <time dir="auto" datetime=exact.datetime title=exact.title>{when}<span class="hidden-text">{spoken}</span></time>
            </p>
            {tools(reading, &id, state)}
        </li>
    })
}

fn title(content: &Content) -> AnyView {
    let title = content.title.clone();
    match &content.link {
        Some(link) => view! { <a href=link.to_string() target=target(content.new_tab) rel="noopener">{title}</a> }.into_any(),
        None => title.into_any(),
    }
}

/// The page's own tab, or another one.
fn target(new_tab: bool) -> &'static str {
    if new_tab { "_blank" } else { "_top" }
}

fn picture(content: &Content) -> Option<impl IntoView + use<>> {
    let address = content.image.as_ref()?.to_string();
    // The title says what the message is; the picture adds nothing that a description could carry.
    Some(view! { <img class="picture" src=address alt="" width="56" height="56" loading="lazy" decoding="async" referrerpolicy="no-referrer" /> })
}

fn actions(content: &Content) -> Option<impl IntoView + use<>> {
    let actions = content.actions.clone();
    (!actions.is_empty()).then(|| {
        let links = actions
            .into_iter()
            .map(|action| view! { <a class="action" href=action.link.to_string() target=target(action.new_tab) rel="noopener">{action.label}</a> })
            .collect_view();
        view! { <div class="actions">{links}</div> }
    })
}

/// The form with all that can be done to one message. Its buttons are the same on every card, and which of the first two is
/// shown is a matter of style, so that marking changes nothing but a class.
fn tools(reading: &Reading<'_>, id: &str, state: State) -> impl IntoView + use<> {
    let texts = reading.texts;
    let action = format!("/embed/{}/marks", reading.site.id);
    let put_away = if state.archived { tool(Icon::Restore, "restore", texts.restore) } else { tool(Icon::Archive, "archive", texts.archive) };
    view! {
        <form class="tools" method="post" action=action>
            <input type="hidden" name="of" value=id.to_owned() />
            <input type="hidden" name="language" value=reading.language.to_string() />
            {tool(Icon::Read, "read", texts.mark_read)}
            {tool(Icon::Unread, "unread", texts.mark_unread)}
            {put_away}
            {tool(Icon::Delete, "delete", texts.delete)}
        </form>
    }
}

fn tool(icon: Icon, verb: &'static str, name: &'static str) -> impl IntoView + use<> {
    view! {
        <button class="tool" name="do" value=verb title=name aria-label=name>
            {icon.draw()}
        </button>
    }
}
