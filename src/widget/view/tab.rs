//! The tab "Messages": a reader's conversations with the site's agents, one of them, or the start
//! of a new one. Must not depend on how they are stored or who requests them.

mod thread;

use super::{
    Appearance, RenderContext,
    document::{Attributes, DocumentKind, document},
    icon,
    preferences::hidden,
};
use crate::{ClientAssets, active_theme::ActiveTheme};
use belfry_app::{Reader, channel::RepliedTo};
use belfry_client::{Bell, BellState};
use belfry_content::{
    text::clean_line,
    time,
    widget_texts::{self, format_count},
};
use belfry_domain::{
    ReaderFilter, Site, Timestamp, UnreadCounts,
    channel::{
        Conversation, ConversationMessage, ConversationStatus, MessageKind, MessageStatus, Sender,
        SessionConversation,
    },
};
use belfry_locales::{UiLanguage, phrases::widget as phrases};
use belfry_web::document::Document;
use leptos::prelude::*;
use thread::thread;

/// Maximum characters of a reader's message: they fit into a form whatever their encoding.
pub(crate) const MAX_TEXT_CHARS: usize = 5_000;
/// Maximum characters of the last message shown in the list.
const MAX_EXCERPT_CHARS: usize = 140;

/// The content of the tab.
pub(crate) enum TabContent {
    /// All conversations, newest first.
    List(Vec<SessionConversation>),
    /// One conversation.
    Thread {
        /// The conversation with some of its messages.
        conversation: Box<SessionConversation>,
        /// Whether newer messages exist than those shown.
        is_past: bool,
        /// Whether there may be older messages.
        has_older: bool,
    },
    /// A new conversation.
    New {
        /// The App Inbox message that it is about.
        about: Option<RepliedTo>,
        /// Whether the reader has no conversation yet.
        is_first: bool,
    },
}

/// Data of the tab.
pub(crate) struct TabView<'a> {
    pub(crate) site: &'a Site,
    pub(crate) reader: &'a Reader,
    /// Language and colour scheme.
    pub(crate) appearance: &'a Appearance,
    /// The current time.
    pub(crate) now: Timestamp,
    /// The counts of notifications.
    pub(crate) counts: UnreadCounts,
    /// Unread agent messages.
    pub(crate) unread: u32,
    pub(crate) content: &'a TabContent,
    /// Whether the inbox is a page of its own.
    pub(crate) is_standalone: bool,
    /// The session's bearer secret, if it authenticated the form that led here.
    pub(crate) bearer: Option<&'a str>,
    pub(crate) assets: ClientAssets,
    /// The theme, if the site has one.
    pub(crate) theme: Option<&'a ActiveTheme>,
}

/// Whether a message is an agent's and unread.
pub(crate) fn is_unread(conversation: &Conversation, message: &ConversationMessage) -> bool {
    message.kind == MessageKind::Outgoing
        && matches!(message.status, MessageStatus::Sent | MessageStatus::Delivered)
        && conversation.contact_last_seen_at.is_none_or(|seen| message.created_at >= seen)
}

/// The button that opens the tab, with its count.
pub(super) fn button(lang: UiLanguage, unread: u32) -> impl IntoView {
    view! {
        <button name="do" value="show">
            {phrases::MESSAGES.t(lang)} {count(lang, unread)}
        </button>
    }
}

fn count(lang: UiLanguage, unread: u32) -> impl IntoView {
    let spoken =
        if unread == 0 { String::new() } else { widget_texts::unread_answers(lang, unread) };
    view! {
        <span id="answers-count" class="count" hidden=unread == 0>
            <span aria-hidden="true" translate="no">{format_count(unread)}</span>
            <span class="hidden-text">{spoken}</span>
        </span>
    }
}

/// The tab as a page.
pub(crate) fn tab_page(view: &TabView<'_>) -> Document {
    let lang = widget_texts::language(&view.appearance.language);
    let counts = view.counts;
    let name = widget_texts::bell_name(lang, counts.unread)
        + &widget_texts::answers_name(lang, view.unread);
    let part = panel_content(view);
    let alone = view.is_standalone;
    let body = move || {
        provide_context(BellState::new(counts.unread, counts.unseen, name));
        let bell = (!alone).then(|| view! { <Bell /> });
        let role = if alone { "region" } else { "dialog" };
        view! {
            {bell}
            <section id="panel" class="panel" role=role aria-labelledby="messages-title" tabindex="-1" hidden=!alone>{part}</section>
        }
    };
    let attributes = Attributes {
        counts,
        reader: view.reader.tag(),
        is_standalone: view.is_standalone,
        theme: view.theme,
        unread_replies: Some(view.unread),
        ..Attributes::without_reader(Some(view.site), Some(view.appearance), DocumentKind::Messages)
    };
    document(attributes, lang, view.assets, body)
}

/// Only the content of the panel.
pub(crate) fn tab_part(view: &TabView<'_>) -> String {
    panel_content(view).to_html()
}

/// The action and the common hidden inputs of the tab's forms.
struct Forms<'a> {
    action: String,
    hidden_inputs: String,
    bearer: Option<&'a str>,
}

impl Forms<'_> {
    fn fields(&self) -> impl IntoView + use<> {
        let context = self.hidden_inputs.clone();
        view! { <span hidden=true inner_html=context></span> {self.bearer.map(|bearer| hidden("bearer", bearer.to_owned()))} }
    }
}

fn panel_content(view: &TabView<'_>) -> impl IntoView + use<> {
    let context = RenderContext::new(view.site, &view.appearance.language, view.now);
    let reading = context.for_page(
        &view.reader.tag(),
        view.appearance.scheme,
        ReaderFilter::All,
        view.is_standalone,
    );
    let language =
        view! { <input type="hidden" name="language" value=view.appearance.language.to_string() /> }
            .to_html();
    let hidden_inputs = reading.form_inputs.clone().unwrap_or_default() + &language;
    let forms = Forms {
        action: format!("/embed/{}/conversations", view.site.id),
        hidden_inputs,
        bearer: view.bearer,
    };
    let shown = match view.content {
        TabContent::List(conversations) => list(&reading, &forms, conversations).into_any(),
        TabContent::Thread { conversation, is_past, has_older } => {
            thread(&reading, &forms, conversation, *is_past, *has_older).into_any()
        }
        TabContent::New { about, is_first } => {
            new(&reading, &forms, about.as_ref(), *is_first).into_any()
        }
    };
    view! {
        {head(view, reading.lang, &forms)}
        {shown}
    }
}

/// Both tabs, and the way back to the list.
fn head(view: &TabView<'_>, lang: UiLanguage, forms: &Forms<'_>) -> impl IntoView + use<> {
    let appearance = view.appearance;
    let alone = if view.is_standalone { "&view=page" } else { "" };
    let (site, reader) = (view.site.id, view.reader.tag());
    let inbox = format!(
        "/embed/{site}/page?reader={reader}&language={}&scheme={}{alone}",
        appearance.language,
        appearance.scheme.as_str()
    );
    let has_back = match view.content {
        TabContent::List(_) => false,
        TabContent::Thread { .. } => true,
        TabContent::New { is_first, .. } => !is_first,
    };
    let back = has_back.then(|| {
        view! {
            <form method="post" action=forms.action.clone()>
                {forms.fields()}
                {hidden("show", "list".to_owned())}
                <button class="tool" name="do" value="show" title=phrases::ALL_CONVERSATIONS.t(lang)>
                    {icon::back()} <span class="hidden-text">{phrases::ALL_CONVERSATIONS.t(lang)}</span>
                </button>
            </form>
        }
    });
    let unread = view.counts.unread;
    let others = (unread > 0).then(|| view! { " " <span class="count"><span translate="no">{format_count(unread)}</span></span> });
    view! {
        <div class="head talk-head" data-unread=view.unread.to_string()>
            {back}
            <a class="tab" href=inbox data-back="">{phrases::TITLE.t(lang)} {others}</a>
            <h2 id="messages-title">{phrases::MESSAGES.t(lang)}</h2>
            <button class="tool" type="button" data-close="" title=phrases::CLOSE.t(lang)>
                {icon::close()} <span class="hidden-text">{phrases::CLOSE.t(lang)}</span>
            </button>
        </div>
    }
}

fn list(
    context: &RenderContext<'_>,
    forms: &Forms<'_>,
    conversations: &[SessionConversation],
) -> impl IntoView + use<> {
    let lang = context.lang;
    let rows: Vec<_> =
        conversations.iter().map(|conversation| row(context, conversation)).collect();
    view! {
        <div class="scroll talks" id="talk" tabindex="-1">
            <form method="post" action=forms.action.clone()>
                {forms.fields()}
                {hidden("do", "show".to_owned())}
                <ul role="list">{rows}</ul>
            </form>
        </div>
        <form class="begin" method="post" action=forms.action.clone()>
            {forms.fields()}
            {hidden("show", "new".to_owned())}
            <button class="action main" name="do" value="show">{phrases::NEW_CONVERSATION.t(lang)}</button>
        </form>
    }
}

/// One conversation in the list.
fn row(context: &RenderContext<'_>, conversation: &SessionConversation) -> impl IntoView + use<> {
    let lang = context.lang;
    let of = &conversation.view.conversation;
    let unread = conversation.messages.iter().filter(|message| is_unread(of, message)).count();
    let last = conversation.messages.last();
    let agent = conversation.messages.iter().rev().find_map(agent_name);
    let about =
        conversation.messages.iter().find_map(|message| message.replied_to()).map(clean_line);
    let title = about.or_else(|| agent.clone()).unwrap_or_else(|| clean_line(&context.site.name));
    let line = last.map(|message| {
        let text = message.content.as_deref().unwrap_or_default();
        let text: String = clean_line(text).chars().take(MAX_EXCERPT_CHARS).collect();
        let text = if text.is_empty() {
            message.attachments.first().map(|file| clean_line(&file.filename)).unwrap_or_default()
        } else {
            text
        };
        if message.kind == MessageKind::Incoming {
            format!("{}: {text}", phrases::YOU.t(lang))
        } else {
            text
        }
    });
    let closed = (of.status == ConversationStatus::Resolved)
        .then(|| view! { <span class="closed">{phrases::CLOSED.t(lang)}</span> });
    let face = agent.as_deref().unwrap_or(&title).to_owned();
    let unread = u32::try_from(unread).unwrap_or(u32::MAX);
    let mark = (unread > 0).then(|| {
        view! { <span class="count"><span aria-hidden="true">{format_count(unread)}</span> <span class="hidden-text">{widget_texts::unread_answers(lang, unread)}</span></span> }
    });
    view! {
        <li>
            <button class="row" class:unread=unread != 0 name="conversation" value=of.number.to_string()>
                {initial(&face)}
                <span class="row-text">
                    <bdi class="row-title">{title}</bdi>
                    <span class="row-line" dir="auto">{line}</span>
                </span>
                <span class="row-end">{relative_time(context, of.last_activity_at)} {closed} {mark}</span>
            </button>
        </li>
    }
}

fn new(
    context: &RenderContext<'_>,
    forms: &Forms<'_>,
    about: Option<&RepliedTo>,
    is_first: bool,
) -> impl IntoView + use<> {
    let lang = context.lang;
    let (headline, sentence) = match about {
        Some(_) => (phrases::REPLY_HEADLINE.t(lang), phrases::WRITE_SENTENCE.t(lang)),
        None if is_first => (phrases::WRITE_HEADLINE.t(lang), phrases::WRITE_SENTENCE.t(lang)),
        None => (phrases::NEW_CONVERSATION.t(lang), phrases::WRITE_SENTENCE.t(lang)),
    };
    view! {
        <div class="scroll talk" id="talk">
            <div class="empty">
                {icon::bubbles()}
                <p class="empty-title">{headline}</p>
                <p>{sentence}</p>
            </div>
        </div>
        {write(context, forms, None, about)}
    }
}

/// The form to write a message.
fn write(
    context: &RenderContext<'_>,
    forms: &Forms<'_>,
    conversation: Option<String>,
    about: Option<&RepliedTo>,
) -> impl IntoView + use<> {
    let lang = context.lang;
    let quote = about.map(|about| {
        view! {
            {hidden("of", about.id.to_string())}
            {quoted(lang, &about.title)}
        }
    });
    view! {
        <form class="write" method="post" action=forms.action.clone() data-failed=phrases::NOT_SENT.t(lang)>
            {forms.fields()}
            {conversation.map(|number| hidden("conversation", number))}
            {quote}
            <p class="wrong" role="alert" hidden=true></p>
            <div class="box">
                <label class="hidden-text" for="write">{phrases::WRITE_LABEL.t(lang)}</label>
                <textarea id="write" name="content" rows="1" required=true maxlength=MAX_TEXT_CHARS.to_string() placeholder=phrases::WRITE_LABEL.t(lang) dir="auto"></textarea>
                <button class="send" name="do" value="send" title=phrases::SEND.t(lang)>
                    {icon::send()} <span class="hidden-text">{phrases::SEND.t(lang)}</span>
                </button>
            </div>
        </form>
    }
}

fn quoted(lang: UiLanguage, title: &str) -> impl IntoView + use<> {
    let title = clean_line(title);
    view! { <blockquote class="about"><span>{phrases::ABOUT.t(lang)}</span> <bdi>{title}</bdi></blockquote> }
}

fn agent_name(message: &ConversationMessage) -> Option<String> {
    match &message.sender {
        Some(Sender::Agent(agent)) => Some(clean_line(&agent.name)),
        _ => None,
    }
}

/// A circle with the first letter of a name.
fn initial(name: &str) -> impl IntoView + use<> {
    let letter: String = name
        .trim()
        .chars()
        .next()
        .map(|letter| letter.to_uppercase().collect())
        .unwrap_or_default();
    view! { <span class="face" aria-hidden="true" translate="no">{letter}</span> }
}

fn relative_time(context: &RenderContext<'_>, at: Timestamp) -> impl IntoView + use<> {
    let exact = time::exact(at, context.language);
    let words = time::relative(context.now, at, context.lang);
    let title = exact.title.clone();
    view! { <time dir="auto" datetime=exact.datetime title=exact.title>{words}<span class="hidden-text">", " {title}</span></time> }
}
