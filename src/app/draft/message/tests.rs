//! Tests of the bodies of messages.

use super::*;
use belfry_domain::{Audience, ContactId, ContactLookup};
use serde_json::json;
use time::macros::datetime;

fn now() -> Timestamp {
    Timestamp::from_millis(datetime!(2026-11-20 12:00 UTC).unix_timestamp() * 1_000)
}

fn read(value: &Value) -> Result<MessageDraft, ValidationError> {
    parse_message(value.to_string().as_bytes(), now())
}

/// The smallest message with one change.
fn with(pointer: &str, value: Value) -> Value {
    let mut message = json!({"audience": "everyone", "content": {"en": {"title": "Hi", "actions": [{"label": "Go", "link": "https://a.example/"}]}}});
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    let parent = message.pointer_mut(parent).unwrap();
    match parent {
        Value::Array(items) => items[name.parse::<usize>().unwrap()] = value,
        _ => parent[name] = value,
    }
    message
}

fn without(name: &str) -> Value {
    with(&format!("/{name}"), Value::Null)
}

#[track_caller]
fn refused(message: &Value, field: &str, reason: &str) {
    let invalid =
        read(message).expect_err(&message.to_string().chars().take(200).collect::<String>());
    assert_eq!(invalid.field, field, "{invalid}");
    assert!(invalid.reason.to_string().contains(reason), "{invalid}");
}

#[test]
fn minimal_message_is_parsed() {
    let message = read(&json!({"audience": {"contact": {"externalCustomerId": "42"}}, "content": {"en": {"title": "Order shipped", "body": "It is *on its way*."}}})).unwrap();
    let Audience::Contact(contact) = &message.audience else { panic!("one contact") };
    assert!(
        matches!(contact, ContactLookup::Identifiers(one) if one.external_id.as_ref().is_some_and(|id| id.as_str() == "42"))
    );
    let content = message.content.values().next().unwrap();
    assert_eq!(
        (content.title.as_str(), content.body.as_str()),
        ("Order shipped", "It is *on its way*.")
    );
    assert_eq!(
        (message.category, message.data, message.pinned, message.publish_at, message.expires_at),
        (None, None, false, None, None)
    );
}

#[test]
fn full_message_is_parsed() {
    let message = read(&json!({
            "audience": {"contacts": [{"id": 7}, {"email": "A@b.example"}, {"phone": "+380 67 123 45 67"}, {"extid": 9}]},
            "content": {
                "en": {"title": "Hi\n\u{202e}there", "body": "a\r\nb\u{202e}", "link": "https://Shop.example/x", "image": "https://a.example/a.png", "actions": [{"label": " Track ", "link": "https://shop.example/t"}]},
                "pt_BR": {"title": "Oi", "body": null, "link": null, "actions": null}
            },
            "category": "orders", "data": {"order": 7}, "pinned": true, "publishAt": "2026-12-01T08:00:00.5Z", "expiresAt": "2026-12-08T10:00:00+02:00"
        }))
        .unwrap();
    let Audience::Contacts(contacts) = &message.audience else { panic!("contacts") };
    assert_eq!(contacts.len(), 4);
    assert_eq!(contacts[0], ContactLookup::Id(ContactId(7)));
    assert_eq!(
        message.content.keys().map(belfry_domain::Language::as_str).collect::<Vec<_>>(),
        ["en", "pt-br"]
    );
    let english = message.content.values().next().unwrap();
    assert_eq!((english.title.as_str(), english.body.as_str()), ("Hi there", "a\nb"));
    assert_eq!(english.link.as_ref().unwrap().as_str(), "https://shop.example/x");
    assert_eq!(english.actions[0].label, "Track");
    assert_eq!(message.data, Some(json!({"order": 7})));
    assert!(message.pinned);
    assert_eq!(
        message.publish_at.unwrap().millis(),
        datetime!(2026-12-01 08:00 UTC).unix_timestamp() * 1_000 + 500
    );
    assert_eq!(
        message.expires_at.unwrap().millis(),
        datetime!(2026-12-08 08:00 UTC).unix_timestamp() * 1_000
    );
    assert_eq!(read(&with("/category", json!("x"))).unwrap().audience, Audience::Everyone);
}

#[test]
fn message_needs_a_valid_audience() {
    refused(&without("audience"), "audience", "is required");
    for odd in [
        json!("all"),
        json!(1),
        json!([]),
        json!({}),
        json!({"contact": {"id": 1}, "contacts": [{"id": 1}]}),
    ] {
        refused(&with("/audience", odd), "audience", "must be {\"contact\":{…}}");
    }
    refused(&with("/audience", json!({"segment": {}})), "audience.segment", "must have one of");
    refused(
        &with("/audience", json!({"segment": {"plan": "pro"}})),
        "audience.segment.plan",
        "expected one of all, any",
    );
    refused(
        &with("/audience", json!({"segment": "pro", "contact": {"id": 1}})),
        "audience",
        "must be {\"contact\":{…}}",
    );
    refused(
        &with("/audience", json!({"everyone": true})),
        "audience.everyone",
        "expected one of contact, contacts, segment",
    );
    refused(
        &with("/audience", json!({"contact": "42"})),
        "audience.contact",
        "must be an object, not a string",
    );
    refused(
        &with("/audience", json!({"contact": {}})),
        "audience.contact",
        "one of externalCustomerId, email and phone is required",
    );
    refused(
        &with("/audience", json!({"contact": {"name": "x"}})),
        "audience.contact.name",
        "expected one of externalCustomerId",
    );
    refused(&with("/audience", json!({"contact": {"id": 0}})), "audience.contact.id", "above 0");
    refused(
        &with("/audience", json!({"contact": {"id": "7"}})),
        "audience.contact.id",
        "must be a number, not a string",
    );
    refused(
        &with("/audience", json!({"contact": {"id": 7, "email": "a@b.example"}})),
        "audience.contact.id",
        "can't be combined",
    );
    refused(&with("/audience", json!({"contacts": []})), "audience.contacts", "1 to 5,000");
    refused(
        &with("/audience", json!({"contacts": vec![json!({"id": 1}); 5_001]})),
        "audience.contacts",
        "this has 5001",
    );
    refused(
        &with("/audience", json!({"contacts": [{"id": 1}, {"id": 2}, {"id": 3}, {"email": "x"}]})),
        "audience.contacts[3].email",
        "e-mail address",
    );
    assert!(read(&with("/audience", json!({"contacts": vec![json!({"id": 1}); 5_000]}))).is_ok());
}

#[test]
fn content_errors_name_their_field() {
    refused(&without("content"), "content", "is required");
    refused(&with("/content", json!("Hi")), "content", "must be an object, not a string");
    refused(&with("/content", json!({})), "content", "1 to 20 languages");
    let many: serde_json::Map<_, _> = (0..21)
        .map(|number| (format!("a{}", char::from(b'a' + number)), json!({"title": "x"})))
        .collect();
    refused(&with("/content", many.into()), "content", "this has 21");
    refused(&with("/content/english", json!({"title": "x"})), "content.english", "language tag");
    refused(
        &with("/content", json!({"pt-BR": {"title": "x"}, "pt_br": {"title": "y"}})),
        "content.pt_br",
        "is the same language as pt-BR",
    );
    refused(&with("/content/en", json!("Hi")), "content.en", "must be an object");
    refused(
        &with("/content/en/titel", json!("x")),
        "content.en.titel",
        "unknown field; expected one of title, body, link, newTab, image, actions",
    );
    refused(&with("/content/en/title", Value::Null), "content.en.title", "is required");
    refused(
        &with("/content/en/title", json!(7)),
        "content.en.title",
        "must be a string, not a number",
    );
    refused(
        &with("/content/en/title", json!(" \u{200b}\u{202e}")),
        "content.en.title",
        "visible character",
    );
    refused(
        &with("/content/en/title", json!("x".repeat(201))),
        "content.en.title",
        "at most 200 characters; this has 201",
    );
    assert!(read(&with("/content/en/title", json!(format!(" {}\n", "ї".repeat(200))))).is_ok());
    refused(
        &with("/content/en/body", json!(["x"])),
        "content.en.body",
        "must be a string, not an array",
    );
    refused(&with("/content/en/body", json!("x".repeat(10_001))), "content.en.body", "10,000");
    assert!(read(&with("/content/en/body", json!("ї".repeat(10_000)))).is_ok());
    for nothing in
        ["![](https://a.example/x.png)", "[a]: https://a.example", "\u{200b}", "&#x200b;", "> \n>"]
    {
        refused(&with("/content/en/body", json!(nothing)), "content.en.body", "shows nothing");
    }
    for something in ["", " \n", "---", "![a](x.png)", "{{firstName}}", "`x`"] {
        assert!(read(&with("/content/en/body", json!(something))).is_ok(), "{something}");
    }
    refused(&with("/content/en/link", json!("javascript:alert(1)")), "content.en.link", "https://");
    refused(&with("/content/en/image", json!("/a.png")), "content.en.image", "full address");
    refused(&with("/content/en/actions", json!({})), "content.en.actions", "must be an array");
    refused(
        &with("/content/en/actions", json!([{}, {}, {}, {}])),
        "content.en.actions",
        "at most 3; this has 4",
    );
    refused(
        &with("/content/en/actions/0/label", Value::Null),
        "content.en.actions[0].label",
        "is required",
    );
    refused(
        &with("/content/en/actions/0/label", json!("x".repeat(41))),
        "content.en.actions[0].label",
        "at most 40",
    );
    refused(
        &with("/content/en/actions/0/link", Value::Null),
        "content.en.actions[0].link",
        "is required",
    );
    refused(
        &with("/content/en/actions/0/link", json!("data:x")),
        "content.en.actions[0].link",
        "https://",
    );
    refused(
        &with("/content/en/actions/0/url", json!("x")),
        "content.en.actions[0].url",
        "expected one of type, label, link, newTab",
    );
    refused(
        &with("/content/en/actions/0/type", json!("call")),
        "content.en.actions[0].type",
        "must be \"link\" or \"reply\"",
    );
    refused(
        &with("/content/en/actions/0/type", json!("reply")),
        "content.en.actions[0].link",
        "is not allowed for an action of the type",
    );
}

#[test]
fn other_errors_name_their_field() {
    refused(&json!([]), "", "must be a JSON object, not an array");
    refused(
        &with("/expires", json!(1)),
        "expires",
        "expected one of audience, content, category, data, pinned, publishAt, expiresAt, name, variables",
    );
    refused(&with("/category", json!("")), "category", "visible character");
    refused(&with("/category", json!("x".repeat(65))), "category", "at most 64");
    refused(&with("/pinned", json!("yes")), "pinned", "must be a boolean, not a string");
    refused(&with("/data", json!("x".repeat(8_191))), "data", "8 kB");
    assert!(read(&with("/data", json!("x".repeat(8_190)))).is_ok());
    for odd in ["tomorrow", "2026-12-01", "2026-12-01T08:00:00", "1700000000"] {
        refused(&with("/publishAt", json!(odd)), "publishAt", "RFC 3339");
    }
    refused(
        &with("/publishAt", json!(1_700_000_000)),
        "publishAt",
        "must be a string, not a number",
    );
    refused(&with("/publishAt", json!("1969-12-31T23:59:59Z")), "publishAt", "1970 and 2100");
    refused(&with("/expiresAt", json!("2101-01-01T00:00:00Z")), "expiresAt", "1970 and 2100");
    assert!(read(&with("/expiresAt", json!("2100-12-31T23:59:59Z"))).is_ok());
    refused(&with("/publishAt", json!("2027-11-22T00:00:00Z")), "publishAt", "one year ahead");
    assert!(read(&with("/publishAt", json!("2027-11-20T12:00:00Z"))).is_ok());
    assert!(
        read(&with("/publishAt", json!("2020-01-01T00:00:00Z"))).is_ok(),
        "a time in the past means now"
    );
    refused(&with("/expiresAt", json!("2026-11-20T12:00:00Z")), "expiresAt", "in the future");
    let mut backwards = with("/publishAt", json!("2026-12-01T08:00:00Z"));
    backwards["expiresAt"] = json!("2026-12-01T08:00:00Z");
    refused(&backwards, "expiresAt", "after publishAt");
}

#[test]
fn long_field_names_are_truncated_in_errors() {
    let invalid = read(&with("/a\u{202e}\n", json!(1))).unwrap_err();
    assert_eq!(invalid.field, "a");
    let invalid = read(&with(&format!("/{}", "x".repeat(5_000)), json!(1))).unwrap_err();
    assert!(invalid.field.chars().count() <= 40);
}

fn edit(value: &Value) -> Result<MessageEdit, ValidationError> {
    parse_edit(value.to_string().as_bytes(), now())
}

#[test]
fn edit_changes_only_given_members() {
    let unpin = edit(&json!({"pinned": false})).unwrap();
    assert_eq!(unpin, MessageEdit { pinned: Some(false), ..MessageEdit::default() });
    let clear = edit(&json!({"category": null, "data": null, "expiresAt": null})).unwrap();
    assert_eq!(
        clear,
        MessageEdit {
            category: Some(None),
            data: Some(None),
            expires_at: Some(None),
            ..MessageEdit::default()
        }
    );
    let full = edit(&json!({"content": {"uk": {"title": "Привіт"}}, "category": "x", "data": [1], "expiresAt": "2026-12-01T08:00:00Z"})).unwrap();
    assert_eq!(full.content.unwrap().len(), 1);
    assert_eq!(
        (full.category, full.data, full.pinned),
        (Some(Some("x".to_owned())), Some(Some(json!([1]))), None)
    );
    assert_eq!(
        full.expires_at.flatten().unwrap().millis(),
        datetime!(2026-12-01 08:00 UTC).unix_timestamp() * 1_000
    );
}

#[test]
fn resend_may_change_times_and_audience() {
    let again = |json: &str| parse_resend(json.as_bytes(), now());
    assert_eq!(again("").unwrap(), Resend::default());
    assert_eq!(again("{}").unwrap(), Resend::default());
    let other = again(
        r#"{"audience": "everyone", "publishAt": "2026-12-01T08:00:00Z", "expiresAt": null}"#,
    )
    .unwrap();
    assert_eq!(
        (other.audience, other.publish_at.is_some(), other.expires_at),
        (Some(Audience::Everyone), true, Some(None))
    );
    for (json, field) in [
        ("x", ""),
        (r#"{"content": {}}"#, "content"),
        (r#"{"audience": "all"}"#, "audience"),
        (r#"{"expiresAt": "2026-11-20T11:00:00Z"}"#, "expiresAt"),
        (
            r#"{"publishAt": "2026-12-01T08:00:00Z", "expiresAt": "2026-12-01T08:00:00Z"}"#,
            "expiresAt",
        ),
    ] {
        assert_eq!(again(json).unwrap_err().field, field, "{json}");
    }
}

#[test]
fn edit_follows_the_same_rules() {
    for (change, field, reason) in [
        (json!({}), "", "nothing to change"),
        (json!({"audience": "all"}), "audience", "must be {\"contact\""),
        (json!({"publishAt": null}), "publishAt", "must be a string"),
        (json!({"publishAt": "2028-01-01T00:00:00Z"}), "publishAt", "one year ahead"),
        (json!({"name": "x".repeat(201)}), "name", "at most 200"),
        (json!({"title": "x"}), "title", "expected one of content, category"),
        (json!({"content": null}), "content", "must be an object, not null"),
        (json!({"content": {"en": {}}}), "content.en.title", "is required"),
        (json!({"pinned": null}), "pinned", "must be a boolean"),
        (json!({"category": " "}), "category", "visible character"),
        (json!({"data": "x".repeat(9_000)}), "data", "8 kB"),
        (json!({"expiresAt": "2026-11-20T11:59:59Z"}), "expiresAt", "in the future"),
    ] {
        let invalid = edit(&change).unwrap_err();
        assert_eq!(invalid.field, field, "{invalid}");
        assert!(invalid.reason.to_string().contains(reason), "{invalid}");
    }
}
