//! One message in the list.

use super::{icon, render};
use crate::{
    content::{self, catalogue::Texts, markdown, time},
    domain::{Content, Language, Message, Site, Timestamp},
};
use leptos::prelude::*;

/// For whom and when messages are rendered: the same for every reader of a site in one language.
pub(in crate::widget) struct Reading<'a> {
    pub(super) site: &'a Site,
    pub(super) language: &'a Language,
    pub(super) texts: &'static Texts,
    pub(super) now: Timestamp,
    pub(super) reader: Option<String>,
}

impl<'a> Reading<'a> {
    /// Messages of this site in this language, as of now.
    pub(in crate::widget) fn new(site: &'a Site, language: &'a Language, now: Timestamp) -> Self {
        Self { site, language, texts: Texts::of(language), now, reader: None }
    }

    /// For one reader: forms then say whose page they stand on.
    #[must_use]
    pub(in crate::widget) fn for_reader(self, tag: String) -> Self {
        Self { reader: Some(tag), ..self }
    }
}

/// One message as a list item that came so long ago.
pub(super) fn card(reading: &Reading<'_>, message: &Message, read: bool, when: &str) -> String {
    render(|| card_view(reading, message, read, when.to_owned()))
}

fn card_view(reading: &Reading<'_>, message: &Message, read: bool, when: String) -> Option<impl IntoView + use<>> {
    let (language, content) = content::choose(&message.content, reading.language, &reading.site.language)?;
    let texts = reading.texts;
    let direction = if language.is_right_to_left() { "rtl" } else { "ltr" };
    let id = message.id.to_string();
    let label = format!("title-{id}");
    let body = (!content.body.is_empty()).then(|| markdown::to_html(&content.body));
    let exact = time::exact(message.publish_at, reading.language);
    Some(view! {
        <li
            class="item"
            class:unread=!read
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
                {message.pinned.then(|| view! { <span class="pin">{icon::pin()} {texts.pinned}</span> })}
                <time dir="auto" datetime=exact.datetime title=exact.title>{when}</time>
            </p>
            {mark_read(reading, &id)}
        </li>
    })
}

fn title(content: &Content) -> AnyView {
    let title = content.title.clone();
    match &content.link {
        Some(link) => view! { <a href=link.to_string() target="_top" rel="noopener">{title}</a> }.into_any(),
        None => title.into_any(),
    }
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
            .map(|action| view! { <a class="action" href=action.link.to_string() target="_top" rel="noopener">{action.label}</a> })
            .collect_view();
        view! { <div class="actions">{links}</div> }
    })
}

fn mark_read(reading: &Reading<'_>, id: &str) -> impl IntoView + use<> {
    let texts = reading.texts;
    let action = format!("/embed/{}/marks", reading.site.id);
    view! {
        <form class="mark" method="post" action=action>
            <input type="hidden" name="language" value=reading.language.to_string() />
            <button class="tool" name="read" value=id.to_owned() title=texts.mark_read>
                {icon::check()} <span class="hidden-text">{texts.mark_read}</span>
            </button>
        </form>
    }
}
