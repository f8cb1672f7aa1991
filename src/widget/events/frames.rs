//! The events of a stream as text (server-sent events, HTML standard section 9.2). Must not depend
//! on streams or readers.

use belfry_content::text::clean_line;
use belfry_domain::{
    Version,
    channel::{ConversationEvent, ConversationEventKind, MessageKind, Performer},
};
use serde_json::{Value, json};

/// Event data of the site's theme: the address of its style sheet, or `null`.
pub(super) fn theme(sheet: Option<&str>) -> String {
    frame("themed", None, &json!({ "sheet": sheet }))
}

/// Number of unread agent messages, for the tab "Messages".
pub(super) fn unread_replies(unread: u32) -> String {
    frame("conversation", None, &json!({ "unread": unread }))
}

/// The list must be fetched again, because the reader missed changes up to this version.
pub(super) fn resync(version: Version) -> String {
    frame("resync", None, &json!({ "version": version }))
}

/// The stream ends, and the reader must prove the session again.
pub(super) fn ended() -> String {
    frame("ended", None, &json!({}))
}

/// A heartbeat with the stream's current version, so that clients detect a stream that is dead or
/// held back by a proxy.
pub(super) fn heartbeat(version: Version) -> String {
    frame("beat", None, &json!({ "version": version }))
}

/// A change of a conversation, for the tab "Messages". The script requests the rest if the tab is
/// open.
pub(super) fn conversation(event: &ConversationEvent) -> String {
    let number = event.conversation.as_ref().map(|view| view.conversation.number);
    let data = match (event.kind, &event.performer) {
        (ConversationEventKind::TypingOn, Performer::Agent(agent)) => {
            json!({ "conversation": number, "typing": clean_line(&agent.name) })
        }
        (ConversationEventKind::TypingOff, _) => json!({ "conversation": number, "typing": "" }),
        // Only agents' messages are counted, when they arrive and when they are read.
        _ => {
            let counts =
                event.message.as_ref().is_some_and(|message| message.kind == MessageKind::Outgoing);
            json!({ "conversation": number, "counts": counts })
        }
    };
    frame("conversation", None, &data)
}

/// Encodes one event. JSON contains no raw line breaks, so no text of a sender can end the event or
/// begin another.
pub(super) fn frame(event: &str, id: Option<Version>, data: &Value) -> String {
    let id = id.map_or_else(String::new, |id| format!("id: {id}\n"));
    format!("event: {event}\n{id}data: {data}\n\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_breaks_in_a_message_cannot_forge_events() {
        let text = frame(
            "message",
            Some(Version(7)),
            &json!({ "html": "a\r\n\r\nevent: ended\ndata: {}\n\n\u{2028}b" }),
        );
        assert_eq!(text.matches('\n').count(), 4);
        assert_eq!(text.lines().filter(|line| line.starts_with("event:")).count(), 1);
        assert!(!text.contains('\r'));
    }
}
