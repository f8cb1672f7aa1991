//! Frames of the V2 serializer, `[join_ref, ref, topic, event, payload]`, and the outbox of one
//! client.
//!
//! A payload may be shared by many sockets: it is serialized once, and each frame wraps it. Must
//! not depend on the meaning of events.

use bytes::Bytes;
use serde::Serialize;
use serde_json::Value;

/// Maximum length of a client's reference.
const MAX_REF_BYTES: usize = 64;
/// Maximum length of a topic's or an event's name.
const MAX_NAME_BYTES: usize = 255;

/// A frame from a client. References are echoed as they were sent.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Frame {
    pub join_ref: Value,
    pub reference: Value,
    pub topic: String,
    pub event: String,
    pub payload: Value,
}

impl Frame {
    /// Parses a frame. `None` means that it can't be answered.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (join_ref, reference, topic, event, payload): (Value, Value, String, String, Value) =
            serde_json::from_str(text).ok()?;
        let fits = |reference: &Value| match reference {
            Value::Null | Value::Number(_) => true,
            Value::String(text) => text.len() <= MAX_REF_BYTES,
            _ => false,
        };
        let is_valid = fits(&join_ref)
            && fits(&reference)
            && topic.len() <= MAX_NAME_BYTES
            && event.len() <= MAX_NAME_BYTES;
        is_valid.then_some(Self { join_ref, reference, topic, event, payload })
    }
}

/// The payload of a frame to a client: JSON text whose middle may be shared.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::sdk) struct Payload {
    before: String,
    shared: Bytes,
    after: String,
}

impl Payload {
    /// An empty object.
    pub fn empty() -> Self {
        Self { before: "{}".to_owned(), ..Self::default() }
    }

    /// Serializes a value.
    pub fn json(value: &impl Serialize) -> Self {
        Self {
            before: serde_json::to_string(value).unwrap_or_else(|_| "{}".to_owned()),
            ..Self::default()
        }
    }

    /// Wraps serialized JSON between two texts.
    pub fn wrapping(before: String, shared: Bytes, after: impl Into<String>) -> Self {
        Self { before, shared, after: after.into() }
    }

    fn wrap(mut self, before: &str, after: &str) -> Self {
        self.before.insert_str(0, before);
        self.after.push_str(after);
        self
    }
}

impl From<Value> for Payload {
    fn from(value: Value) -> Self {
        Self::json(&value)
    }
}

/// A frame to a client: three parts of one text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct OutgoingFrame {
    pub before: String,
    pub shared: Bytes,
    pub after: String,
}

impl OutgoingFrame {
    fn new(head: &str, payload: Payload) -> Self {
        let Payload { before, shared, after } = payload.wrap(head, "]");
        Self { before, shared, after }
    }

    pub(super) fn into_text(self) -> String {
        let mut text = self.before;
        text += &String::from_utf8_lossy(&self.shared);
        text + &self.after
    }
}

/// Frames that are waiting to be sent to one client.
#[derive(Debug, Default)]
pub(in crate::sdk) struct Outbox(Vec<OutgoingFrame>);

impl Outbox {
    /// Queues an event of a topic.
    pub(in crate::sdk) fn push(
        &mut self,
        join_ref: &Value,
        topic: &str,
        event: &str,
        payload: Payload,
    ) {
        self.0.push(OutgoingFrame::new(&head(join_ref, &Value::Null, topic, event), payload));
    }

    /// Queues the reply to a frame, before the events that were pushed since the outbox had `mark`
    /// frames.
    pub(super) fn reply(
        &mut self,
        mark: usize,
        (join_ref, reference): (&Value, &Value),
        topic: &str,
        answer: Result<Payload, Value>,
    ) {
        let (status, response) = match answer {
            Ok(response) => ("ok", response),
            Err(response) => ("error", response.into()),
        };
        let response = response.wrap(&format!(r#"{{"status":"{status}","response":"#), "}");
        let outgoing = OutgoingFrame::new(&head(join_ref, reference, topic, "phx_reply"), response);
        self.0.insert(mark.min(self.0.len()), outgoing);
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// Takes all queued frames.
    pub(super) fn take(&mut self) -> Vec<OutgoingFrame> {
        std::mem::take(&mut self.0)
    }
}

fn head(join_ref: &Value, reference: &Value, topic: &str, event: &str) -> String {
    format!("[{join_ref},{reference},{},{},", Value::from(topic), Value::from(event))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn sent(outbox: &mut Outbox) -> Vec<Value> {
        outbox
            .take()
            .into_iter()
            .map(|message| serde_json::from_str(&message.into_text()).unwrap())
            .collect()
    }

    #[test]
    fn frames_of_real_clients_are_parsed() {
        let frame = Frame::parse(r#"["3","4","room:1","some_event",{"a":1}]"#).unwrap();
        assert_eq!((frame.join_ref, frame.reference), (json!("3"), json!("4")));
        assert_eq!(
            (frame.topic.as_str(), frame.event.as_str(), frame.payload),
            ("room:1", "some_event", json!({ "a": 1 }))
        );
        assert_eq!(
            Frame::parse(r#"[null,12,"phoenix","heartbeat",{}]"#).unwrap().reference,
            json!(12)
        );
    }

    #[test]
    fn invalid_frames_are_not_parsed() {
        let (long, name) = ("x".repeat(MAX_REF_BYTES + 1), "x".repeat(MAX_NAME_BYTES + 1));
        for text in [
            String::new(),
            "null".into(),
            "{}".into(),
            "[]".into(),
            r#"["1","1","a","b"]"#.into(),
            r#"["1","1","a","b",{},{}]"#.into(),
            r#"["1","1",7,"b",{}]"#.into(),
            r#"[{},"1","a","b",{}]"#.into(),
            format!(r#"["{long}","1","a","b",{{}}]"#),
            format!(r#"["1","1","{name}","b",{{}}]"#),
        ] {
            assert_eq!(Frame::parse(&text), None, "{text}");
        }
    }

    #[test]
    fn reply_precedes_events_pushed_meanwhile() {
        let (mut outbox, join_ref) = (Outbox::default(), json!("3"));
        outbox.push(&join_ref, "odd\"topic", "first", json!({ "n": 1 }).into());
        let mark = outbox.len();
        outbox.push(
            &join_ref,
            "a",
            "second",
            Payload::wrapping(r#"{"x":"#.into(), Bytes::from_static(b"[1]"), "}"),
        );
        outbox.reply(
            mark,
            (&join_ref, &json!("4")),
            "a",
            Ok(Payload::wrapping(r#"{"y":"#.into(), Bytes::from_static(b"2"), "}")),
        );
        outbox.reply(
            outbox.len(),
            (&Value::Null, &json!("5")),
            "a",
            Err(json!({ "reason": "failed" })),
        );
        assert_eq!(
            sent(&mut outbox),
            [
                json!(["3", null, "odd\"topic", "first", { "n": 1 }]),
                json!(["3", "4", "a", "phx_reply", { "status": "ok", "response": { "y": 2 } }]),
                json!(["3", null, "a", "second", { "x": [1] }]),
                json!([null, "5", "a", "phx_reply", { "status": "error", "response": { "reason": "failed" } }]),
            ]
        );
        assert_eq!(outbox.len(), 0);
    }
}
