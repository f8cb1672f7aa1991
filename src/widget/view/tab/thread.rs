//! One conversation in the tab: its messages, and the form for the next one. Must not depend on how
//! it is stored.

use super::super::{RenderContext, preferences::hidden};
use super::{Forms, agent_name, initial, quoted, relative_time, write};
use belfry_content::{
    markdown::{open_links_in_new_tabs, plain_to_html, to_html},
    text::clean_line,
    wire::attachment_path,
};
use belfry_domain::channel::{
    Attachment, ContentType, ConversationMessage, ConversationMessageId, ConversationStatus,
    MessageKind, Sender, SessionConversation,
};
use belfry_locales::phrases::widget as phrases;
use leptos::prelude::*;
use std::time::Duration;

/// Maximum characters shown of one message.
const MAX_SHOWN_CHARS: usize = 20_000;
/// Messages of one person within this time are grouped.
const GROUPING_WINDOW: Duration = Duration::from_mins(5);
/// Maximum displayed width and height of a picture, in pixels.
const MAX_PICTURE_PX: (u32, u32) = (220, 180);

pub(super) fn thread(
    context: &RenderContext<'_>,
    forms: &Forms<'_>,
    conversation: &SessionConversation,
    is_past: bool,
    has_older: bool,
) -> impl IntoView + use<> {
    let lang = context.lang;
    let of = &conversation.view.conversation;
    let number = of.number.to_string();
    let turn = |before: Option<ConversationMessageId>, words: &'static str| {
        view! {
            <form class="turn" method="post" action=forms.action.clone()>
                {forms.fields()}
                {hidden("conversation", number.clone())}
                {before.map(|before| hidden("before", before.to_string()))}
                <button class="action" name="do" value="show">{words}</button>
            </form>
        }
    };
    let older = conversation
        .messages
        .first()
        .filter(|_| has_older)
        .map(|first| turn(Some(first.id), phrases::SHOW_OLDER.t(lang)));
    let newest = is_past.then(|| turn(None, phrases::SHOW_NEWEST.t(lang)));
    let last_own = conversation
        .messages
        .iter()
        .rev()
        .find(|message| message.kind == MessageKind::Incoming)
        .map(|message| message.id);
    let mut items = Vec::with_capacity(conversation.messages.len());
    let mut previous: Option<&ConversationMessage> = None;
    for message in &conversation.messages {
        let together = previous.is_some_and(|previous| is_grouped(previous, message));
        let standing = (Some(message.id) == last_own && !is_past).then(|| {
            let seen = of.agent_last_seen_at.is_some_and(|seen| seen >= message.created_at);
            if seen { phrases::SEEN.t(lang) } else { phrases::SENT.t(lang) }
        });
        items.push(item(context, message, together, standing));
        previous = Some(message);
    }
    let closed = (of.status == ConversationStatus::Resolved)
        .then(|| view! { <p class="line">{phrases::CLOSED_SENTENCE.t(lang)}</p> });
    view! {
        <div class="scroll talk" id="talk" tabindex="0" role="region" aria-label=phrases::MESSAGES.t(lang) data-conversation=number.clone() data-past=is_past.then_some("")>
            <div>
                {older}
                <ol class="said" role="list">{items}</ol>
                {closed}
                {newest}
                <p class="line typing" role="status" data-text=phrases::TYPING.for_browser(lang)></p>
            </div>
        </div>
        {write(context, forms, Some(number.clone()), None)}
    }
}

fn is_grouped(previous: &ConversationMessage, message: &ConversationMessage) -> bool {
    let same = match (&previous.sender, &message.sender) {
        (Some(Sender::Agent(one)), Some(Sender::Agent(other))) => one.id == other.id,
        (Some(Sender::Contact), Some(Sender::Contact)) | (None, None) => true,
        _ => false,
    };
    same && previous.kind == message.kind
        && message.created_at < previous.created_at.plus(GROUPING_WINDOW)
}

/// One message of a thread.
fn item(
    context: &RenderContext<'_>,
    message: &ConversationMessage,
    together: bool,
    standing: Option<&'static str>,
) -> impl IntoView + use<> {
    let lang = context.lang;
    let is_own = message.kind == MessageKind::Incoming;
    let name = agent_name(message);
    let who = match (&name, is_own) {
        (_, true) => phrases::YOU.t(lang).to_owned(),
        (Some(name), _) => name.clone(),
        (None, _) if message.is_automatic() => phrases::AUTOMATIC.t(lang).to_owned(),
        (None, _) => clean_line(&context.site.name),
    };
    let face = (!is_own).then(|| initial(name.as_deref().unwrap_or(&context.site.name)));
    let about = message.replied_to().map(|title| quoted(lang, title));
    let text = message.content.as_deref().filter(|text| !text.trim().is_empty()).map(|text| {
        let shown: String = text.chars().take(MAX_SHOWN_CHARS).collect();
        // A reader's message is plain text; agents and the site's own programs write Markdown.
        let html =
            open_links_in_new_tabs(&if is_own { plain_to_html(&shown) } else { to_html(&shown) });
        view! { <div class="content body" dir="auto" inner_html=html></div> }
    });
    let other = (message.content_type != ContentType::Text && text.is_none())
        .then(|| view! { <p class="line">{phrases::NOT_SHOWN.t(lang)}</p> });
    let files = (!message.attachments.is_empty()).then(|| {
        let files: Vec<_> = message.attachments.iter().map(file).collect();
        view! { <ul class="files" role="list">{files}</ul> }
    });
    view! {
        <li class="message" class:own=is_own class:together=together data-id=message.id.to_string()>
            {face}
            <p class="by" class:hidden-text=together><bdi>{who}</bdi> " " {relative_time(context, message.created_at)}</p>
            <div class="bubble">{about} {text} {other} {files}</div>
            {standing.map(|standing| view! { <p class="standing">{standing}</p> })}
        </li>
    }
}

fn file(file: &Attachment) -> impl IntoView + use<> {
    let name = clean_line(file.fallback_title.as_deref().unwrap_or(&file.filename));
    let href = attachment_path(&file.key, &file.filename, false);
    let inside = if file.has_thumbnail {
        let (width, height) = shown_size(
            file.width.unwrap_or(MAX_PICTURE_PX.0),
            file.height.unwrap_or(MAX_PICTURE_PX.1),
        );
        let thumbnail = attachment_path(&file.key, &file.filename, true);
        view! { <img src=thumbnail width=width height=height alt=name loading="lazy" decoding="async" /> }.into_any()
    } else {
        view! { <bdi>{name}</bdi> }.into_any()
    };
    view! { <li><a href=href target="_blank" rel="noopener noreferrer">{inside}</a></li> }
}

/// The display size of a picture, so that the layout does not move when it loads.
fn shown_size(width: u32, height: u32) -> (String, String) {
    let (wide, high) = (f64::from(width.max(1)), f64::from(height.max(1)));
    let scale =
        (f64::from(MAX_PICTURE_PX.0) / wide).min(f64::from(MAX_PICTURE_PX.1) / high).min(1.0);
    ((wide * scale).round().max(1.0).to_string(), (high * scale).round().max(1.0).to_string())
}
