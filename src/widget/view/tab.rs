//! The tab "Messages": a reader's conversations with the site's agents, one of them, or the start
//! of a new one. Must not depend on how they are stored or who requests them.

mod thread;

use super::{
    Appearance, RenderContext,
    document::{Attributes, DocumentKind, document},
    icon,
    preferences::hidden,
};
use crate::{
    app::{Reader, channel::RepliedTo},
    client::{Bell, BellState},
    content::{
        text::clean_line,
        time,
        widget_texts::{WidgetTexts, format_count},
    },
    domain::{
        ReaderFilter, Site, Timestamp, UnreadCounts,
        channel::{
            Conversation, ConversationMessage, ConversationStatus, MessageKind, MessageStatus,
            Sender, SessionConversation,
        },
    },
    web::document::Document,
    widget::{ClientAssets, conversations::MAX_TEXT_CHARS, theme::ActiveTheme},
};
use leptos::prelude::*;
use thread::thread;

/// Maximum characters of the last message shown in the list.
const MAX_EXCERPT_CHARS: usize = 140;

/// The content of the tab.
pub(in crate::widget) enum TabContent {
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
pub(in crate::widget) struct TabView<'a> {
    pub(in crate::widget) site: &'a Site,
    pub(in crate::widget) reader: &'a Reader,
    /// Language and colour scheme.
    pub(in crate::widget) look: &'a Appearance,
    /// The current time.
    pub(in crate::widget) now: Timestamp,
    /// The counts of notifications.
    pub(in crate::widget) tally: UnreadCounts,
    /// Unread agent messages.
    pub(in crate::widget) unread: u32,
    pub(in crate::widget) content: &'a TabContent,
    /// Whether the inbox is a page of its own.
    pub(in crate::widget) alone: bool,
    /// The session's bearer secret, if it authenticated the form that led here.
    pub(in crate::widget) bearer: Option<&'a str>,
    pub(in crate::widget) assets: ClientAssets,
    /// The theme, if the site has one.
    pub(in crate::widget) dress: Option<&'a ActiveTheme>,
}

/// Whether a message is an agent's and unread.
pub(in crate::widget) fn is_unread(
    conversation: &Conversation,
    message: &ConversationMessage,
) -> bool {
    message.kind == MessageKind::Outgoing
        && matches!(message.status, MessageStatus::Sent | MessageStatus::Delivered)
        && conversation.contact_last_seen_at.is_none_or(|seen| message.created_at >= seen)
}

/// The button that opens the tab, with its count.
pub(super) fn button(texts: &'static WidgetTexts, unread: u32) -> impl IntoView {
    view! {
        <button name="do" value="show">
            {texts.messages} {count(texts, unread)}
        </button>
    }
}

fn count(texts: &'static WidgetTexts, unread: u32) -> impl IntoView {
    let spoken = if unread == 0 { String::new() } else { texts.unread_answers(unread) };
    view! {
        <span id="answers-count" class="count" hidden=unread == 0>
            <span aria-hidden="true" translate="no">{format_count(unread)}</span>
            <span class="hidden-text">{spoken}</span>
        </span>
    }
}

/// The tab as a page.
pub(in crate::widget) fn tab_page(view: &TabView<'_>) -> Document {
    let texts = WidgetTexts::of(&view.look.language);
    let tally = view.tally;
    let name = texts.bell_name(tally.unread) + &texts.answers_name(view.unread);
    let part = panel_content(view);
    let alone = view.alone;
    let body = move || {
        provide_context(BellState::new(tally.unread, tally.unseen, name));
        let bell = (!alone).then(|| view! { <Bell /> });
        let role = if alone { "region" } else { "dialog" };
        view! {
            {bell}
            <section id="panel" class="panel" role=role aria-labelledby="messages-title" tabindex="-1" hidden=!alone>{part}</section>
        }
    };
    let attributes = Attributes {
        tally,
        reader: view.reader.tag(),
        alone: view.alone,
        dress: view.dress,
        unread_answers: Some(view.unread),
        ..Attributes::bare(Some(view.site), Some(view.look), DocumentKind::Messages)
    };
    document(attributes, texts, view.assets, body)
}

/// Only the content of the panel.
pub(in crate::widget) fn tab_part(view: &TabView<'_>) -> String {
    panel_content(view).to_html()
}

/// The action and the common hidden inputs of the tab's forms.
struct Forms<'a> {
    action: String,
    context: String,
    bearer: Option<&'a str>,
}

impl Forms<'_> {
    fn fields(&self) -> impl IntoView + use<> {
        let context = self.context.clone();
        view! { <span hidden=true inner_html=context></span> {self.bearer.map(|bearer| hidden("bearer", bearer.to_owned()))} }
    }
}

fn panel_content(view: &TabView<'_>) -> impl IntoView + use<> {
    let reading = RenderContext::new(view.site, &view.look.language, view.now);
    let reading =
        reading.for_page(&view.reader.tag(), view.look.scheme, ReaderFilter::All, view.alone);
    let language =
        view! { <input type="hidden" name="language" value=view.look.language.to_string() /> }
            .to_html();
    let context = reading.context.clone().unwrap_or_default() + &language;
    let forms = Forms {
        action: format!("/embed/{}/conversations", view.site.id),
        context,
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
        {head(view, reading.texts, &forms)}
        {shown}
    }
}

/// Both tabs, and the way back to the list.
fn head(
    view: &TabView<'_>,
    texts: &'static WidgetTexts,
    forms: &Forms<'_>,
) -> impl IntoView + use<> {
    let look = view.look;
    let alone = if view.alone { "&view=page" } else { "" };
    let (site, reader) = (view.site.id, view.reader.tag());
    let inbox = format!(
        "/embed/{site}/page?reader={reader}&language={}&scheme={}{alone}",
        look.language,
        look.scheme.word()
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
                <button class="tool" name="do" value="show" title=texts.all_conversations>
                    {icon::back()} <span class="hidden-text">{texts.all_conversations}</span>
                </button>
            </form>
        }
    });
    let unread = view.tally.unread;
    let others = (unread > 0).then(|| view! { " " <span class="count"><span translate="no">{format_count(unread)}</span></span> });
    view! {
        <div class="head talk-head" data-unread=view.unread.to_string()>
            {back}
            <a class="tab" href=inbox data-back="">{texts.title} {others}</a>
            <h2 id="messages-title">{texts.messages}</h2>
            <button class="tool" type="button" data-close="" title=texts.close>
                {icon::close()} <span class="hidden-text">{texts.close}</span>
            </button>
        </div>
    }
}

fn list(
    reading: &RenderContext<'_>,
    forms: &Forms<'_>,
    conversations: &[SessionConversation],
) -> impl IntoView + use<> {
    let texts = reading.texts;
    let rows: Vec<_> =
        conversations.iter().map(|conversation| row(reading, conversation)).collect();
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
            <button class="action main" name="do" value="show">{texts.new_conversation}</button>
        </form>
    }
}

/// One conversation in the list.
fn row(reading: &RenderContext<'_>, conversation: &SessionConversation) -> impl IntoView + use<> {
    let texts = reading.texts;
    let of = &conversation.view.conversation;
    let unread = conversation.messages.iter().filter(|message| is_unread(of, message)).count();
    let last = conversation.messages.last();
    let agent = conversation.messages.iter().rev().find_map(agent_name);
    let about =
        conversation.messages.iter().find_map(|message| message.replied_to()).map(clean_line);
    let title = about.or_else(|| agent.clone()).unwrap_or_else(|| clean_line(&reading.site.name));
    let line = last.map(|message| {
        let text = message.content.as_deref().unwrap_or_default();
        let text: String = clean_line(text).chars().take(MAX_EXCERPT_CHARS).collect();
        let text = if text.is_empty() {
            message.attachments.first().map(|file| clean_line(&file.filename)).unwrap_or_default()
        } else {
            text
        };
        if message.kind == MessageKind::Incoming { format!("{}: {text}", texts.you) } else { text }
    });
    let closed = (of.status == ConversationStatus::Resolved)
        .then(|| view! { <span class="closed">{texts.closed}</span> });
    let face = agent.as_deref().unwrap_or(&title).to_owned();
    let unread = u32::try_from(unread).unwrap_or(u32::MAX);
    let mark = (unread > 0).then(|| {
        view! { <span class="count"><span aria-hidden="true">{format_count(unread)}</span> <span class="hidden-text">{texts.unread_answers(unread)}</span></span> }
    });
    view! {
        <li>
            <button class="row" class:unread=unread != 0 name="conversation" value=of.number.to_string()>
                {initial(&face)}
                <span class="row-text">
                    <bdi class="row-title">{title}</bdi>
                    <span class="row-line" dir="auto">{line}</span>
                </span>
                <span class="row-end">{relative_time(reading, of.last_activity_at)} {closed} {mark}</span>
            </button>
        </li>
    }
}

fn new(
    reading: &RenderContext<'_>,
    forms: &Forms<'_>,
    about: Option<&RepliedTo>,
    is_first: bool,
) -> impl IntoView + use<> {
    let texts = reading.texts;
    let (headline, sentence) = match about {
        Some(_) => (texts.reply_headline, texts.write_sentence),
        None if is_first => (texts.write_headline, texts.write_sentence),
        None => (texts.new_conversation, texts.write_sentence),
    };
    view! {
        <div class="scroll talk" id="talk">
            <div class="empty">
                {icon::bubbles()}
                <p class="empty-title">{headline}</p>
                <p>{sentence}</p>
            </div>
        </div>
        {write(reading, forms, None, about)}
    }
}

/// The form to write a message.
fn write(
    reading: &RenderContext<'_>,
    forms: &Forms<'_>,
    conversation: Option<String>,
    about: Option<&RepliedTo>,
) -> impl IntoView + use<> {
    let texts = reading.texts;
    let quote = about.map(|about| {
        view! {
            {hidden("of", about.id.to_string())}
            {quoted(texts, &about.title)}
        }
    });
    view! {
        <form class="write" method="post" action=forms.action.clone() data-failed=texts.not_sent>
            {forms.fields()}
            {conversation.map(|number| hidden("conversation", number))}
            {quote}
            <p class="wrong" role="alert" hidden=true></p>
            <div class="box">
                <label class="hidden-text" for="write">{texts.write_label}</label>
                <textarea id="write" name="content" rows="1" required=true maxlength=MAX_TEXT_CHARS.to_string() placeholder=texts.write_label dir="auto"></textarea>
                <button class="send" name="do" value="send" title=texts.send>
                    {icon::send()} <span class="hidden-text">{texts.send}</span>
                </button>
            </div>
        </form>
    }
}

fn quoted(texts: &'static WidgetTexts, title: &str) -> impl IntoView + use<> {
    let title = clean_line(title);
    view! { <blockquote class="about"><span>{texts.about}</span> <bdi>{title}</bdi></blockquote> }
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

fn relative_time(reading: &RenderContext<'_>, at: Timestamp) -> impl IntoView + use<> {
    let exact = time::exact(at, reading.language);
    let words = time::relative(reading.now, at, reading.texts);
    let title = exact.title.clone();
    view! { <time dir="auto" datetime=exact.datetime title=exact.title>{words}<span class="hidden-text">", " {title}</span></time> }
}
