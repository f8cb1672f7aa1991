//! Validation of request bodies: from the structs of [`crate::body`] to types that can only be built
//! valid; and strict reading of JSON into these structs.
//!
//! Must not depend on HTTP or on the store. Each validation error names the field as the sender
//! wrote it and says what to do. Called by the HTTP surfaces: the API parses JSON, the console
//! validates the structs that it built from a form.

mod audience;
mod bulk;
mod contact;
mod content;
mod csv_table;
mod domain;
mod json;
mod key;
mod member;
mod message;
mod mutes;
mod reader;
mod segment;
mod settings;
mod webhook;

pub use bulk::{parse_contacts, parse_subscription};
pub use contact::parse_contact;
pub use domain::parse_domain;
pub use key::parse_key;
pub use mutes::parse_mutes;
pub use settings::parse_settings;
pub(super) use webhook::check_kind;

pub use csv_table::{Column, CsvTable, MappedCsvTable};
pub use message::{parse_edit, parse_message, parse_resend};
pub use segment::{parse_condition, parse_segment, write_rule};
pub use webhook::{parse_replay, parse_webhook, parse_webhook_change};

use belfry_domain::{Digest, Rule};

/// Digest of a request body: the same for equal JSON, whatever its whitespace and member order. A
/// body that is not JSON has the digest of its bytes.
pub fn fingerprint(json: &[u8]) -> Digest {
    match serde_json::from_slice(json) {
        Ok(value) => Digest::of(&json::canonical(&value)),
        Err(_) => Digest::of(&format!("not JSON {}", String::from_utf8_lossy(json))),
    }
}

/// The canonical form of a rule; equal for equal rules.
pub(super) fn canonical_rule(rule: &Rule) -> String {
    json::canonical(&write_rule(rule))
}

#[cfg(test)]
mod tests {
    use super::*;
    use belfry_domain::Timestamp;
    use proptest::prelude::*;

    #[test]
    fn fingerprint_ignores_whitespace_and_member_order() {
        let first = fingerprint(br#"{"a":1,"b":{"c":[1,2],"d":"\u00e9"}}"#);
        assert_eq!(
            first,
            fingerprint("{ \"b\" : { \"d\":\"é\", \"c\":[1, 2] },\n \"a\" : 1 }".as_bytes())
        );
        for other in [
            "{}",
            r#"{"a":2,"b":{"c":[1,2],"d":"é"}}"#,
            r#"{"a":1,"b":{"c":[2,1],"d":"é"}}"#,
            r#"{"a":"1","b":{"c":[1,2],"d":"é"}}"#,
            "{",
            "[",
            "",
        ] {
            assert_ne!(first, fingerprint(other.as_bytes()), "{other}");
        }
        assert_ne!(fingerprint(b"{"), fingerprint(b"["));
    }

    fn any_json() -> impl Strategy<Value = String> {
        let key = prop::sample::select(vec![
            "audience",
            "contact",
            "contacts",
            "externalCustomerId",
            "extid",
            "email",
            "phone",
            "id",
            "content",
            "en",
            "uk",
            "pt_BR",
            "title",
            "body",
            "link",
            "image",
            "actions",
            "label",
            "category",
            "data",
            "pinned",
            "publishAt",
            "expiresAt",
            "channels",
            "type",
            "value",
            "fields",
            "address",
            "attributes",
            "language",
            "firstName",
            "segment",
            "x\u{202e}",
            "",
        ]);
        let leaf = prop_oneof![
            Just("null".to_owned()),
            Just("true".to_owned()),
            Just("1e999".to_owned()),
            any::<i64>().prop_map(|number| number.to_string()),
            any::<f64>().prop_map(|number| number.to_string()),
            any::<String>().prop_map(|text| serde_json::to_string(&text).unwrap()),
            prop::sample::select(vec![
                "\"everyone\"",
                "\"2026-12-01T08:00:00Z\"",
                "\"2026-12-01T08:00:60+23:59\"",
                "\"https://a.example\"",
                "\"a@b.example\"",
                "\"+380671234567\"",
                "\"\\u0000\"",
                "\"\\ud800\"",
                "\"en\"",
                "\"sms\"",
                "[]",
                "{}",
                "\"",
            ])
            .prop_map(str::to_owned),
        ];
        leaf.prop_recursive(5, 40, 6, move |inner| {
            prop_oneof![
                1 => prop::collection::vec(inner.clone(), 0..4).prop_map(|items| format!("[{}]", items.join(","))),
                4 => prop::collection::vec((key.clone(), inner), 0..6)
                    .prop_map(|members| format!("{{{}}}", members.iter().map(|(key, value)| format!("{key:?}:{value}")).collect::<Vec<_>>().join(","))),
            ]
        })
    }

    fn read_all(json: &[u8]) {
        let now = Timestamp::from_millis(1_795_000_000_000);
        if let Ok(message) = parse_message(json, now) {
            assert!(!message.content.is_empty());
            assert!(
                message
                    .content
                    .values()
                    .all(|content| !content.title.is_empty() && content.actions.len() <= 3)
            );
            assert!(message.expires_at.is_none_or(|end| end > now));
        }
        let _ = (
            parse_resend(json, now),
            parse_edit(json, now),
            parse_contact(json),
            parse_contacts(json),
            parse_subscription(json),
            fingerprint(json),
        );
        let _ = (parse_segment(json), parse_condition(json));
    }

    proptest! {
        #![proptest_config(belfry_testing::config(1_000))]
        #[test]
        fn no_bytes_make_a_panic(json in prop::collection::vec(any::<u8>(), 0..200)) {
            read_all(&json);
        }

        #[test]
        fn no_json_makes_a_panic(json in any_json()) {
            read_all(json.as_bytes());
        }

        #[test]
        fn no_json_in_a_whole_message_makes_a_panic(part in any_json(), place in 0_usize..6) {
            let mut parts = ["{\"en\":{\"title\":\"Hi\"}}".to_owned(), "\"everyone\"".to_owned(), "null".to_owned(), "null".to_owned(), "null".to_owned(), "null".to_owned()];
            parts[place] = part;
            read_all(
                format!(r#"{{"content":{},"audience":{},"data":{},"category":{},"publishAt":{},"expiresAt":{}}}"#, parts[0], parts[1], parts[2], parts[3], parts[4], parts[5])
                    .as_bytes(),
            );
        }
    }
}
