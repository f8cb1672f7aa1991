//! Frames of Action Cable (`actioncable-v1-json`): commands of clients, and the messages of the
//! server.
//!
//! Must not depend on sockets, nor on the contents of events, which arrive as serialized JSON.
//! [`super::connection`] calls it.

use serde::Deserialize;
use serde_json::{Value, json};

/// The subprotocol's name in the handshake.
pub(super) const SUBPROTOCOL: &str = "actioncable-v1-json";
pub(super) const MAX_IDENTIFIER_BYTES: usize = 1_024;
/// Sent once when a connection is open.
pub(super) const WELCOME: &str = r#"{"type":"welcome"}"#;

/// A command of a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Command {
    Subscribe { identifier: String },
    Unsubscribe { identifier: String },
    Perform { identifier: String, action: Action },
}

/// An action of a subscriber.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Action {
    UpdatePresence,
    /// The subscriber starts or stops typing in a conversation.
    Typing {
        conversation: i64,
        is_on: bool,
        is_private: bool,
    },
}

/// Why a frame is ignored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum ProtocolError {
    #[error("the frame is not a JSON object with a command and an identifier")]
    Frame,
    #[error("the command is unknown")]
    Command,
    #[error("the action is unknown")]
    Action,
}

#[derive(Deserialize)]
struct Frame {
    command: String,
    identifier: String,
    #[serde(default)]
    data: Value,
}

impl Command {
    /// Parses a frame of a client.
    pub(super) fn parse(text: &str) -> Result<Self, ProtocolError> {
        let Frame { command, identifier, data } =
            serde_json::from_str(text).map_err(|_| ProtocolError::Frame)?;
        match command.as_str() {
            "subscribe" => Ok(Self::Subscribe { identifier }),
            "unsubscribe" => Ok(Self::Unsubscribe { identifier }),
            "message" => Action::parse(&data)
                .map(|action| Self::Perform { identifier, action })
                .ok_or(ProtocolError::Action),
            _ => Err(ProtocolError::Command),
        }
    }
}

impl Action {
    /// The data are JSON inside a string; some clients send the object itself.
    fn parse(data: &Value) -> Option<Self> {
        let inner;
        let data = match data {
            Value::String(text) => {
                inner = serde_json::from_str::<Value>(text).ok()?;
                &inner
            }
            data => data,
        };
        let typing = |is_on| {
            let is_private =
                data.get("is_private").is_some_and(|value| *value == Value::Bool(true));
            Some(Self::Typing {
                conversation: integer(data.get("conversation_id")?)?,
                is_on,
                is_private,
            })
        };
        match data.get("action")?.as_str()? {
            "update_presence" => Some(Self::UpdatePresence),
            "typing_on" => typing(true),
            "typing_off" => typing(false),
            "toggle_typing" => typing(data.get("typing_status")?.as_str()? == "on"),
            _ => None,
        }
    }
}

/// The credentials in a subscription's identifier. `Debug` hides the token.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Identity {
    pub token: String,
    /// The agent's id; absent for a contact.
    pub user: Option<i64>,
    pub account: Option<i64>,
}

impl Identity {
    /// Parses an identifier. `None` means that the subscription is rejected.
    pub(super) fn parse(identifier: &str) -> Option<Self> {
        if identifier.len() > MAX_IDENTIFIER_BYTES {
            return None;
        }
        let json: Value = serde_json::from_str(identifier).ok()?;
        if json.get("channel")?.as_str()? != "RoomChannel" {
            return None;
        }
        let token =
            json.get("pubsub_token")?.as_str().filter(|token| !token.is_empty())?.to_owned();
        Some(Self {
            token,
            user: number(json.get("user_id"))?,
            account: number(json.get("account_id"))?,
        })
    }
}

impl std::fmt::Debug for Identity {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Identity")
            .field("user", &self.user)
            .field("account", &self.account)
            .finish_non_exhaustive()
    }
}

/// An optional number. The outer `None` means that the value is no number.
#[expect(clippy::option_option, reason = "there, absent and wrong are three things")]
fn number(value: Option<&Value>) -> Option<Option<i64>> {
    match value {
        None | Some(Value::Null) => Some(None),
        Some(Value::String(text)) if text.trim().is_empty() => Some(None),
        Some(value) => integer(value).map(Some),
    }
}

/// Clients that build identifiers by hand send numbers as text.
fn integer(value: &Value) -> Option<i64> {
    match value {
        Value::String(text) => text.trim().parse().ok(),
        value => value.as_i64(),
    }
}

/// The heartbeat, with the Unix time in seconds.
pub(super) fn ping(seconds: i64) -> String {
    format!(r#"{{"type":"ping","message":{seconds}}}"#)
}

/// Confirms a subscription.
pub(super) fn confirmed(identifier: &str) -> String {
    json!({ "identifier": identifier, "type": "confirm_subscription" }).to_string()
}

/// Rejects a subscription.
pub(super) fn rejected(identifier: &str) -> String {
    json!({ "identifier": identifier, "type": "reject_subscription" }).to_string()
}

/// Sent before the server closes a connection.
pub(super) fn disconnect(reason: &str, reconnect: bool) -> String {
    json!({ "type": "disconnect", "reason": reason, "reconnect": reconnect }).to_string()
}

/// The start of an event's frame for this subscription; [`MESSAGE_SUFFIX`] is its end.
pub(super) fn message_prefix(identifier: &str) -> String {
    format!(r#"{{"identifier":{},"message":"#, Value::from(identifier))
}

/// The end of an event's frame.
pub(super) const MESSAGE_SUFFIX: &str = "}";

#[cfg(test)]
mod tests {
    use super::*;

    const IDENTIFIER: &str = r#"{"channel":"RoomChannel","pubsub_token":"TOKEN"}"#;

    fn frame(command: &str, data: &Value) -> Result<Command, ProtocolError> {
        Command::parse(
            &json!({ "command": command, "identifier": IDENTIFIER, "data": data }).to_string(),
        )
    }

    fn action(data: &Value) -> Result<Action, ProtocolError> {
        frame("message", data).map(|command| match command {
            Command::Perform { action, .. } => action,
            other => panic!("{other:?}"),
        })
    }

    #[test]
    fn commands_of_real_clients_are_parsed() {
        let identifier = IDENTIFIER.to_owned();
        let subscribe = r#"{"command":"subscribe","identifier":"{\"channel\":\"RoomChannel\",\"pubsub_token\":\"TOKEN\"}"}"#;
        assert_eq!(
            Command::parse(subscribe),
            Ok(Command::Subscribe { identifier: identifier.clone() })
        );
        assert_eq!(
            frame("unsubscribe", &Value::Null),
            Ok(Command::Unsubscribe { identifier: identifier.clone() })
        );
        let presence =
            r#"{"command":"message","identifier":"x","data":"{\"action\":\"update_presence\"}"}"#;
        assert_eq!(
            Command::parse(presence),
            Ok(Command::Perform { identifier: "x".into(), action: Action::UpdatePresence })
        );
        assert_eq!(
            action(&json!({ "action": "update_presence" })),
            Ok(Action::UpdatePresence),
            "as an object"
        );
        let typing = |is_on| Ok(Action::Typing { conversation: 7, is_on, is_private: false });
        assert_eq!(action(&json!({ "action": "typing_on", "conversation_id": 7 })), typing(true));
        assert_eq!(
            action(&json!(
                r#"{"action":"toggle_typing","typing_status":"off","conversation_id":"7"}"#
            )),
            typing(false)
        );
    }

    #[test]
    fn other_frames_are_malformed() {
        for text in [
            "",
            "x",
            "null",
            "[]",
            "{}",
            "7",
            r#"{"command":"subscribe"}"#,
            r#"{"command":7,"identifier":"x"}"#,
            r#"{"identifier":"x"}"#,
        ] {
            assert_eq!(Command::parse(text), Err(ProtocolError::Frame), "{text}");
        }
        assert_eq!(frame("publish", &Value::Null), Err(ProtocolError::Command));
        for data in [
            json!(null),
            json!("x"),
            json!({}),
            json!({ "action": 1 }),
            json!({ "action": "typing_on" }),
            json!(r#"{"action":"delete"}"#),
        ] {
            assert_eq!(action(&data), Err(ProtocolError::Action), "{data}");
        }
    }

    #[test]
    fn identifier_holds_the_credentials() {
        let parsed = |json: &Value| Identity::parse(&json.to_string());
        let with = |user: Value, account: Value| {
            parsed(
                &json!({ "channel": "RoomChannel", "pubsub_token": "t", "user_id": user, "account_id": account }),
            )
        };
        assert_eq!(
            Identity::parse(IDENTIFIER),
            Some(Identity { token: "TOKEN".into(), user: None, account: None })
        );
        let agent = Some(Identity { token: "t".into(), user: Some(1), account: Some(2) });
        assert_eq!(with(json!(1), json!(2)), agent);
        assert_eq!(with(json!("1"), json!(" 2 ")), agent, "numbers as text");
        assert_eq!(
            with(json!(""), json!(null)),
            Some(Identity { token: "t".into(), user: None, account: None })
        );
        assert_eq!(with(json!("Ann"), json!(2)), None, "an invalid user id is not a contact");
        assert_eq!(with(json!({}), json!(2)), None);
        for odd in [
            json!({}),
            json!([]),
            json!({ "channel": "RoomChannel" }),
            json!({ "channel": "Other", "pubsub_token": "t" }),
        ] {
            assert_eq!(parsed(&odd), None, "{odd}");
        }
        assert_eq!(parsed(&json!({ "channel": "RoomChannel", "pubsub_token": "" })), None);
        assert_eq!(Identity::parse("RoomChannel"), None);
        assert_eq!(
            parsed(
                &json!({ "channel": "RoomChannel", "pubsub_token": "t".repeat(MAX_IDENTIFIER_BYTES) })
            ),
            None
        );
    }

    #[test]
    fn responses_echo_the_identifier_byte_for_byte() {
        let odd = r#"{ "pubsub_token":"ä\"\u0000", "channel" : "RoomChannel"}"#;
        let event = format!(
            "{}{}{MESSAGE_SUFFIX}",
            message_prefix(odd),
            r#"{"event":"message.created","data":{}}"#
        );
        for text in [confirmed(odd), rejected(odd), event] {
            let frame: Value = serde_json::from_str(&text).unwrap();
            assert_eq!(frame["identifier"], odd, "{text}");
        }
        assert_eq!(ping(1_764_000_000), r#"{"type":"ping","message":1764000000}"#);
        let last: Value = serde_json::from_str(&disconnect("server_restart", true)).unwrap();
        assert_eq!(
            last,
            json!({ "type": "disconnect", "reason": "server_restart", "reconnect": true })
        );
    }
}
