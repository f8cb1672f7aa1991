//! The demo's messages: JSON as a site backend would send it, so that seeding uses the same code as
//! `POST /v1/messages`.

use belfry_domain::{Origin, Timestamp};
use serde_json::Value;
use std::time::Duration;

/// Messages of a new demo inbox, oldest first.
const INITIAL_MESSAGES: &str = include_str!("messages/first.json");
/// Messages that "Send me something" sends, in turn. The shop adds the audience.
const SAMPLE_MESSAGES: &str = include_str!("messages/surprises.json");

/// Messages of a new demo, with this shop's URLs and a sale that ends in a few days.
pub fn initial_messages(shop: &Origin, now: Timestamp) -> Result<Vec<Value>, serde_json::Error> {
    let days =
        |count: u64| now.plus(Duration::from_hours(24 * count)).rfc3339().unwrap_or_default();
    let text = with_shop_origin(INITIAL_MESSAGES, shop)
        .replace("{in_3_days}", &days(3))
        .replace("{in_30_days}", &days(30));
    serde_json::from_str(&text)
}

/// Messages of "Send me something", with this shop's URLs.
pub fn sample_messages(shop: &Origin) -> Result<Vec<Value>, serde_json::Error> {
    serde_json::from_str(&with_shop_origin(SAMPLE_MESSAGES, shop))
}

/// An origin is plain ASCII without quotes, so it needs no JSON escaping.
fn with_shop_origin(text: &str, shop: &Origin) -> String {
    text.replace("{shop}", shop.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::shop::has_path;

    fn shop() -> Origin {
        "http://localhost:3001".parse().unwrap()
    }

    fn now() -> Timestamp {
        Timestamp::from_millis(1_795_000_000_000)
    }

    #[test]
    fn messages_have_both_languages_and_shop_links() {
        let mut messages = initial_messages(&shop(), now()).unwrap();
        assert!(messages.len() >= 12);
        messages.extend(sample_messages(&shop()).unwrap());
        for message in &messages {
            let content = message["content"].as_object().unwrap();
            assert!(content.contains_key("en") && content.contains_key("uk"), "{message}");
            for one in content.values() {
                let actions =
                    one["actions"].as_array().into_iter().flatten().map(|action| &action["link"]);
                for address in
                    actions.chain([&one["link"], &one["image"]]).filter_map(Value::as_str)
                {
                    let path = address.strip_prefix(shop().as_str()).unwrap();
                    assert!(has_path(path), "{path} is not in the shop");
                }
            }
            assert!(
                !message.to_string().contains("{shop}") && !message.to_string().contains("_days}")
            );
        }
    }

    #[test]
    fn sale_ends_in_some_days() {
        let messages = initial_messages(&shop(), now()).unwrap();
        let ends: Vec<&str> =
            messages.iter().filter_map(|message| message["expiresAt"].as_str()).collect();
        assert_eq!(ends, ["2026-12-18T11:06:40Z", "2026-11-21T11:06:40Z"]);
    }
}
