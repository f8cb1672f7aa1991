//! The guide's example requests in several programming languages. Each is complete: it runs as
//! pasted, with a token.

use belfry_domain::{Origin, channel::ChannelInbox};

/// The examples in one programming language.
pub(super) struct Example {
    /// Its value in the query string.
    pub(super) slug: &'static str,
    /// The name of the language.
    pub(super) name: &'static str,
    /// Requests of a backend, with an agent's token.
    pub(super) backend: &'static str,
    /// Requests of a customer's browser or app.
    pub(super) client: &'static str,
}

pub(super) static EXAMPLES: [Example; 3] = [
    Example {
        slug: "curl",
        name: "curl",
        backend: r#"API=HOST/api/v1/accounts/ACCOUNT
auth="api_access_token: $BELFRY_AGENT"
json='Content-Type: application/json'

# 1. A contact, with a session in the inbox: the answer has its id
curl $API/contacts -H "$auth" -H "$json" \
  -d '{"inbox_id":NUMBER,"identifier":"42","name":"Anna"}'
CONTACT=7

# 2. A conversation: the answer has its id
curl $API/conversations -H "$auth" -H "$json" \
  -d "{\"inbox_id\":NUMBER,\"contact_id\":$CONTACT}"
CONVERSATION=1

# 3. What the customer wrote
curl $API/conversations/$CONVERSATION/messages -H "$auth" -H "$json" \
  -d '{"content":"Where is my order?","message_type":"incoming"}'

# 4. What an agent answers
curl $API/conversations/$CONVERSATION/messages -H "$auth" -H "$json" \
  -d '{"content":"It leaves today."}'"#,
        client: r#"INBOX_URL=HOST/public/api/v1/inboxes/IDENTIFIER
json='Content-Type: application/json'

# A contact: the answer has the source_id. With identifier_hash, the HMAC-SHA256 of the identifier, it is proved
curl $INBOX_URL/contacts -H "$json" -d '{"identifier":"42","name":"Anna"}'
SOURCE=0b0e8d0e-2f5e-4b17-8a4d-3f4cf2f0a001

# A conversation: the answer has its id
curl $INBOX_URL/contacts/$SOURCE/conversations -H "$json" -d '{}'
CONVERSATION=1

# A message, and all of them
curl $INBOX_URL/contacts/$SOURCE/conversations/$CONVERSATION/messages -H "$json" \
  -d '{"content":"Where is my order?"}'
curl $INBOX_URL/contacts/$SOURCE/conversations/$CONVERSATION/messages"#,
    },
    Example {
        slug: "javascript",
        name: "JavaScript",
        backend: r"// Node.js, without a package
const api = 'HOST/api/v1/accounts/ACCOUNT'
const call = async (path, body) => {
  const answer = await fetch(api + path, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', api_access_token: process.env.BELFRY_AGENT },
    body: JSON.stringify(body),
  })
  if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`)
  return answer.json()
}

// 1. A contact, with a session in the inbox
const { id: contact } = await call('/contacts', { inbox_id: NUMBER, identifier: '42', name: 'Anna' })
// 2. A conversation
const { id: conversation } = await call('/conversations', { inbox_id: NUMBER, contact_id: contact })
// 3. What the customer wrote
await call(`/conversations/${conversation}/messages`, { content: 'Where is my order?', message_type: 'incoming' })
// 4. What an agent answers
await call(`/conversations/${conversation}/messages`, { content: 'It leaves today.' })",
        client: r"const inbox = 'HOST/public/api/v1/inboxes/IDENTIFIER'
const call = async (path, body) => {
  const answer = await fetch(inbox + path, body && { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) })
  if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`)
  return answer.json()
}

// With identifier_hash, which your backend makes with the HMAC token, the contact is proved
const contact = await call('/contacts', { identifier: '42', name: 'Anna' })
const conversation = await call(`/contacts/${contact.source_id}/conversations`, {})
const place = `/contacts/${contact.source_id}/conversations/${conversation.id}`
await call(`${place}/messages`, { content: 'Where is my order?', echo_id: crypto.randomUUID() })
const messages = await call(`${place}/messages`)

// Live
const socket = new WebSocket('SOCKET/cable')
const identifier = JSON.stringify({ channel: 'RoomChannel', pubsub_token: contact.pubsub_token })
socket.onopen = () => socket.send(JSON.stringify({ command: 'subscribe', identifier }))
socket.onmessage = ({ data }) => {
  const { message } = JSON.parse(data)
  if (message?.event === 'message.created') console.log(message.data.content)
}",
    },
    Example {
        slug: "python",
        name: "Python",
        backend: r#"# Without a package
import json, os, urllib.request

API = "HOST/api/v1/accounts/ACCOUNT"

def call(path, body):
    headers = {"Content-Type": "application/json", "api_access_token": os.environ["BELFRY_AGENT"]}
    request = urllib.request.Request(API + path, json.dumps(body).encode(), headers)
    return json.load(urllib.request.urlopen(request, timeout=5))

# 1. A contact, with a session in the inbox
contact = call("/contacts", {"inbox_id": NUMBER, "identifier": "42", "name": "Anna"})["id"]
# 2. A conversation
conversation = call("/conversations", {"inbox_id": NUMBER, "contact_id": contact})["id"]
# 3. What the customer wrote
call(f"/conversations/{conversation}/messages", {"content": "Where is my order?", "message_type": "incoming"})
# 4. What an agent answers
call(f"/conversations/{conversation}/messages", {"content": "It leaves today."})"#,
        client: r#"# Without a package
import json, urllib.request

INBOX_URL = "HOST/public/api/v1/inboxes/IDENTIFIER"

def call(path, body=None):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(INBOX_URL + path, data, {"Content-Type": "application/json"})
    return json.load(urllib.request.urlopen(request, timeout=5))

# With "identifier_hash", which your backend makes with the HMAC token, the contact is proved
contact = call("/contacts", {"identifier": "42", "name": "Anna"})
conversation = call(f"/contacts/{contact['source_id']}/conversations", {})
place = f"/contacts/{contact['source_id']}/conversations/{conversation['id']}"
call(f"{place}/messages", {"content": "Where is my order?"})
messages = call(f"{place}/messages")"#,
    },
];

impl Example {
    /// The requested language, else the first.
    pub(super) fn find(word: Option<&str>) -> &'static Self {
        let [first, ..] = &EXAMPLES;
        EXAMPLES.iter().find(|example| Some(example.slug) == word).unwrap_or(first)
    }
}

/// The values that are filled in for an inbox.
pub(super) struct Values<'a> {
    pub(super) public_url: &'a Origin,
    pub(super) inbox: &'a ChannelInbox,
}

impl Values<'_> {
    /// Fills the values into an example.
    pub(super) fn fill(&self, text: &str) -> String {
        let (account, inbox) = (self.inbox.account.to_string(), self.inbox.id.to_string());
        let socket = self.public_url.as_str().replacen("http", "ws", 1);
        text.replace("HOST", self.public_url.as_str())
            .replace("SOCKET", &socket)
            .replace("ACCOUNT", &account)
            .replace("IDENTIFIER", self.inbox.identifier.as_str())
            .replace("NUMBER", &inbox)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use belfry_domain::{
        SiteId, Timestamp,
        channel::{InboxId, InboxIdentifier, InboxSettings, InboxUuid, SiteNumber},
    };

    #[test]
    fn no_example_leaves_a_value_to_be_guessed() {
        let inbox = ChannelInbox {
            id: InboxId(12),
            uuid: InboxUuid::from_bytes([1; 16]),
            site: SiteId::from_bytes([1; 16]),
            account: SiteNumber(34),
            identifier: InboxIdentifier::from_stored("abcdefghijkLMNOPQRSTUVWX".to_owned()),
            settings: InboxSettings::default(),
            created_at: Timestamp::from_millis(0),
            updated_at: Timestamp::from_millis(0),
        };
        let public_url: Origin = "https://belfry.example".parse().unwrap();
        let values = Values { public_url: &public_url, inbox: &inbox };
        for example in &EXAMPLES {
            let (backend, client) = (values.fill(example.backend), values.fill(example.client));
            assert!(backend.contains("https://belfry.example/api/v1/accounts/34"), "{backend}");
            assert_eq!(backend.matches("12").count(), 2, "{backend}");
            assert!(
                client.contains(
                    "https://belfry.example/public/api/v1/inboxes/abcdefghijkLMNOPQRSTUVWX"
                ),
                "{client}"
            );
            for left in ["HOST", "ACCOUNT", "IDENTIFIER", "SOCKET", "NUMBER"] {
                assert!(
                    !backend.contains(left) && !client.contains(left),
                    "{left}: {backend}\n{client}"
                );
            }
        }
        assert!(values.fill(EXAMPLES[1].client).contains("'wss://belfry.example/cable'"));
    }
}
