//! Renders one message of a thread: sender, time, text, files and delivery status.

use super::{ThreadContext, display_name, phrases};
use crate::html::{IntoMarkup, Markup};
use belfry_content::{
    markdown::{open_links_in_new_tabs, plain_to_html, to_html},
    text::clean_line,
    wire::attachment_path,
};
use belfry_domain::channel::{
    Attachment, ContentType, ConversationMessage, MessageKind, MessageStatus, Sender,
};
use belfry_locales::{StoredText, UiLanguage};
use leptos::prelude::*;

/// Maximum characters shown in a thread; the rest is behind a link.
const MAX_SHOWN_CHARS: usize = 8_000;

/// Maximum width and height of an image in a thread, in CSS pixels.
const MAX_IMAGE_PIXELS: (u32, u32) = (240, 200);

/// The text of an activity message in the agent's language.
fn activity(lang: UiLanguage, message: &ConversationMessage) -> String {
    let text = message.activity.clone().and_then(StoredText::restore);
    match text {
        Some(text) => clean_line(&text.t(lang)),
        None => clean_line(message.content.as_deref().unwrap_or_default()),
    }
}

/// A message as a list item.
pub(super) fn item(thread: &ThreadContext<'_>, message: &ConversationMessage) -> Markup {
    let id = format!("message-{}", message.id);
    if message.kind == MessageKind::Activity {
        let text = activity(thread.lang, message);
        return view! {
            <li class="activity" id=id data-key=message.id.to_string()><p><bdi>{text}</bdi> {thread.clock(message.created_at)}</p></li>
        }
        .into_markup();
    }
    let side = match message.kind {
        _ if message.private => "message note",
        MessageKind::Incoming => "message theirs",
        _ if message.is_automatic() => "message ours automatic",
        _ => "message ours",
    };
    let from = match &message.sender {
        Some(Sender::Agent(agent)) => agent.id.to_string(),
        Some(Sender::Contact) => "contact".to_owned(),
        None => String::new(),
    };
    let note = message.private.then(|| {
        view! { <span class="note-mark" title=phrases::ONLY_AGENTS.t(thread.lang)>{phrases::PRIVATE_NOTE.t(thread.lang)}</span> }
    });
    view! {
        <li class=side id=id data-key=message.id.to_string() data-from=from>
            <p class="by"><bdi class="who">{sender(thread, message)}</bdi> {note} {thread.clock(message.created_at)}</p>
            {replied_to(thread, message)}
            {content(thread, message)}
            {files(thread, &message.attachments)}
            {delivery_status(thread, message)}
        </li>
    }
    .into_markup()
}

fn sender(thread: &ThreadContext<'_>, message: &ConversationMessage) -> String {
    match &message.sender {
        Some(Sender::Agent(agent)) if agent.id == thread.me => {
            phrases::YOU.t(thread.lang).to_owned()
        }
        Some(Sender::Agent(agent)) => clean_line(&agent.name),
        Some(Sender::Contact) => display_name(thread.lang, thread.contact),
        None if message.is_automatic() => phrases::AUTOMATIC.t(thread.lang).to_owned(),
        None => "Belfry".to_owned(),
    }
}

/// The App Inbox message that this one replies to.
fn replied_to(thread: &ThreadContext<'_>, message: &ConversationMessage) -> Option<Markup> {
    let title = clean_line(message.replied_to()?);
    Some(view! { <p class="quoted"><span>{phrases::REPLIES_TO.t(thread.lang)}</span> " " <bdi>{title}</bdi></p> }.into_markup())
}

fn content(thread: &ThreadContext<'_>, message: &ConversationMessage) -> Option<Markup> {
    let text = message.content.as_deref().filter(|text| !text.trim().is_empty());
    let is_long = text.is_some_and(|text| {
        text.len() > MAX_SHOWN_CHARS && text.chars().nth(MAX_SHOWN_CHARS).is_some()
    });
    let html = text.map(|text| {
        let shown: std::borrow::Cow<'_, str> = if is_long {
            text.chars().take(MAX_SHOWN_CHARS).chain(['…']).collect()
        } else {
            text.into()
        };
        // A contact's text is plain; agents and the site's programs write Markdown.
        open_links_in_new_tabs(&if message.kind == MessageKind::Incoming {
            plain_to_html(&shown)
        } else {
            to_html(&shown)
        })
    });
    let rest = is_long
        .then(|| view! { <p>{thread.actions.full_text_link(message.id, phrases::WHOLE.t(thread.lang))}</p> });
    let kind = (message.content_type != ContentType::Text).then(|| {
        let notice =
            phrases::UNSUPPORTED.with(thread.lang, &[("kind", &message.content_type.as_str())]);
        view! { <p class="quiet">{notice}</p> }
    });
    (html.is_some() || kind.is_some()).then(|| {
        view! {
            <div class="said">
                {html.map(|html| view! { <div dir="auto" class="content" inner_html=html></div> })}
                {kind}
                {rest}
            </div>
        }
        .into_markup()
    })
}

/// Scales an image to the maximum size, so that the layout does not shift when it loads.
fn shown_size(width: u32, height: u32) -> (String, String) {
    let (wide, high) = (u64::from(width.max(1)), u64::from(height.max(1)));
    let (most_wide, most_high) = (u64::from(MAX_IMAGE_PIXELS.0), u64::from(MAX_IMAGE_PIXELS.1));
    let (wide, high) =
        if wide > most_wide { (most_wide, (high * most_wide / wide).max(1)) } else { (wide, high) };
    let (wide, high) =
        if high > most_high { ((wide * most_high / high).max(1), most_high) } else { (wide, high) };
    (wide.to_string(), high.to_string())
}

fn size(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{} kB", bytes.div_ceil(1_000)),
        _ => format!("{}.{} MB", bytes / 1_000_000, bytes % 1_000_000 / 100_000),
    }
}

fn files(thread: &ThreadContext<'_>, attachments: &[Attachment]) -> Option<Markup> {
    let file = |file: &Attachment| {
        let name = clean_line(file.fallback_title.as_deref().unwrap_or(&file.filename));
        let name = if name.is_empty() { file.file_type.as_str().to_owned() } else { name };
        if let Some(place) = file.coordinates {
            return view! { <li><span class="file">{name} " " {format!("{}, {}", place.latitude, place.longitude)}</span></li> }.into_markup();
        }
        let href = attachment_path(&file.key, &file.filename, false);
        let (inside, class, label) = if file.has_thumbnail {
            let thumbnail = attachment_path(&file.key, &file.filename, true);
            let (width, height) = shown_size(
                file.width.unwrap_or(MAX_IMAGE_PIXELS.0),
                file.height.unwrap_or(MAX_IMAGE_PIXELS.1),
            );
            let label = phrases::DOWNLOAD.with(thread.lang, &[("name", &name)]);
            (view! { <img src=thumbnail width=width height=height alt="" loading="lazy" decoding="async"/> }.into_markup(), "picture", Some(label))
        } else {
            (
                view! { <bdi class="file-name">{name}</bdi> <small>{size(file.size)}</small> }
                    .into_markup(),
                "file",
                None,
            )
        };
        view! { <li><a class=class href=href target="_blank" rel="noopener noreferrer" aria-label=label>{inside}</a></li> }.into_markup()
    };
    (!attachments.is_empty()).then(|| {
        view! { <ul class="files">{attachments.iter().map(file).collect_view()}</ul> }.into_markup()
    })
}

/// The delivery status, with a retry action after a failure.
fn delivery_status(thread: &ThreadContext<'_>, message: &ConversationMessage) -> Option<Markup> {
    if message.kind == MessageKind::Incoming || message.private {
        return None;
    }
    let lang = thread.lang;
    let word = match message.status {
        MessageStatus::Sent => phrases::SENT,
        MessageStatus::Delivered => phrases::DELIVERED,
        MessageStatus::Read => phrases::READ,
        MessageStatus::Failed => {
            let reason = message
                .content_attributes
                .get("external_error")
                .and_then(serde_json::Value::as_str)
                .map(clean_line);
            let text = reason.map_or_else(
                || phrases::FAILED.t(lang).to_owned(),
                |reason| phrases::FAILED_WITH.with(lang, &[("reason", &reason)]),
            );
            return Some(thread.actions.retry_line(message.id, text, phrases::RETRY.t(lang)));
        }
    };
    Some(view! { <p class="standing-line">{word.t(lang)}</p> }.into_markup())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_keep_their_aspect_ratio() {
        let of = |width, height| {
            let (width, height) = shown_size(width, height);
            format!("{width}x{height}")
        };
        assert_eq!(
            [of(10, 10), of(480, 200), of(100, 400), of(65_535, 1), of(0, 0)],
            ["10x10", "240x100", "50x200", "240x1", "1x1"]
        );
    }

    #[test]
    fn sizes_are_short() {
        assert_eq!(
            ["0 B", "999 B", "1 kB", "2 kB", "1.5 MB"],
            [0, 999, 1_000, 1_001, 1_500_000].map(size).each_ref().map(String::as_str)
        );
    }
}
