//! Data from programs and spreadsheets: JSON and CSV.

use super::{Case, Work, numbered};
use belfry_app::{
    Column, CsvTable, MappedCsvTable, fingerprint, import_rows, parse_condition, parse_contact,
    parse_contacts, parse_domain, parse_edit, parse_key, parse_message, parse_mutes, parse_resend,
    parse_segment, parse_settings, parse_subscription, parse_webhook,
};
use belfry_domain::Timestamp;
use std::{hint::black_box, sync::Arc};

pub fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for (name, before, again, after) in TABLES {
        cases.push(Case::new(format!("table/{name}"), Work::Call(table), 80, move |count| {
            format!("{before}{}{after}", again.repeat(count))
        }));
    }
    cases.push(Case::new("table/headings-that-differ", Work::Call(table), 20, |count| {
        numbered("id", ",h#", "\n1\n", count)
    }));
    cases.push(Case::new("table/wide-rows", Work::Call(table), 10, |count| {
        numbered("id", ",h#", "\n", 40) + &format!("1{}\n", ",x".repeat(40)).repeat(count)
    }));
    for (name, before, again, after) in JSON {
        cases.push(Case::new(format!("json/{name}"), Work::Call(json), 30, move |count| {
            let items: Vec<String> =
                (0..count).map(|number| again.replace('#', &number.to_string())).collect();
            format!("{before}{}{after}", items.join(","))
        }));
    }
    for (name, before, again, after) in NOT_JSON {
        cases.push(Case::new(format!("json/{name}"), Work::Call(json), 300, move |count| {
            format!("{before}{}{after}", again.repeat(count))
        }));
    }
    cases
}

/// A table as an import reads it, with guessed columns and the others as attributes.
fn table(text: &str) {
    let Ok(sheet) = CsvTable::parse(text.as_bytes()) else { return };
    let mut columns = sheet.guess_columns();
    for (number, column) in columns.iter_mut().enumerate() {
        if *column == Column::Ignored {
            *column = Column::Attribute(format!("column {number}"));
        }
    }
    if let Ok(table) = MappedCsvTable::new(Arc::new(sheet), columns) {
        let _ = black_box(import_rows(table.rows()));
    }
}

/// Every parser of JSON.
fn json(text: &str) {
    let (json, now) = (text.as_bytes(), Timestamp::from_millis(1_796_112_000_000));
    let _ = black_box((parse_message(json, now), parse_edit(json, now), parse_resend(json, now)));
    let _ = black_box((
        parse_contact(json),
        parse_contacts(json),
        parse_subscription(json),
        parse_mutes(json),
    ));
    let _ = black_box((
        parse_segment(json),
        parse_condition(json),
        parse_settings(json),
        parse_domain(json),
        parse_key(json),
    ));
    let _ = black_box((parse_webhook(json), fingerprint(json)));
}

const TABLES: [(&str, &str, &str, &str); 16] = [
    ("rows", "id,email,name,plan\n", "1,a@b.example,Ann,pro\n", ""),
    ("empty-rows", "id,name\n", "\n", "1,2"),
    ("rows-of-commas", "id,name\n", ",,,\n", ""),
    ("commas", "id,name\n1", ",", ""),
    ("headings", "id", ",a", "\n1"),
    ("empty-headings", "id", ",", "\n1"),
    ("open-quotes", "id,name\n", "\"", ""),
    ("quotes-in-quotes", "id,name\n1,\"", "\"\"", "\""),
    ("a-row-in-quotes", "id,name\n1,\"", "a\n", "\""),
    ("quotes-behind-letters", "id,name\n", "a\"b,\"c\"d\n", ""),
    ("semicolons-and-tabs", "id;name\n", ";\t,", ""),
    ("one-long-cell", "id,name\n1,", "x", ""),
    ("spaces", "id,name\n1,", " ", "x"),
    ("returns", "id,name\n", "\r", ""),
    ("blank-lines-first", "", " \n", "id,name\n1,2"),
    ("long-numbers", "id,phone\n1,+", "3", ""),
];

/// Members and items, separated by commas; `#` is replaced by a number.
const JSON: [(&str, &str, &str, &str); 22] = [
    ("members-that-differ", "{", "\"m#\":1", "}"),
    (
        "members-inside-that-differ",
        "{\"attributes\":{",
        "\"m#\":1",
        "},\"externalCustomerId\":\"1\"}",
    ),
    ("groups", "{\"externalCustomerId\":\"1\",\"groups\":[", "\"g#\"", "]}"),
    ("groups-that-are-equal", "{\"externalCustomerId\":\"1\",\"groups\":[", "\"g\"", "]}"),
    ("groups-of-an-import", "{\"contacts\":[{}],\"groupNames\":[", "\"g#\"", "]}"),
    (
        "groups-of-a-subscription",
        "{\"contact\":{\"email\":\"a@b.example\"},\"groups\":[",
        "\"g#\"",
        "]}",
    ),
    (
        "channels",
        "{\"externalCustomerId\":\"1\",\"channels\":[",
        "{\"type\":\"viber\",\"value\":\"#\"}",
        "]}",
    ),
    (
        "fields",
        "{\"externalCustomerId\":\"1\",\"fields\":[",
        "{\"id\":\"f#\",\"value\":\"v\"}",
        "]}",
    ),
    ("contacts", "{\"contacts\":[", "{\"externalCustomerId\":\"#\"}", "]}"),
    ("contacts-of-nothing", "{\"contacts\":[", "{}", "]}"),
    ("languages", "{\"audience\":\"everyone\",\"content\":{", "\"x#\":{\"title\":\"t\"}", "}}"),
    (
        "actions",
        "{\"audience\":\"everyone\",\"content\":{\"en\":{\"title\":\"t\",\"actions\":[",
        "{\"label\":\"l#\",\"link\":\"https://a.example\"}",
        "]}}}",
    ),
    (
        "audience",
        "{\"content\":{\"en\":{\"title\":\"t\"}},\"audience\":{\"contacts\":[",
        "{\"externalCustomerId\":\"#\"}",
        "]}}",
    ),
    (
        "data",
        "{\"audience\":\"everyone\",\"content\":{\"en\":{\"title\":\"t\"}},\"data\":{",
        "\"d#\":[[]]",
        "}}",
    ),
    (
        "conditions",
        "{\"name\":\"s\",\"condition\":{\"any\":[",
        "{\"attribute\":\"a#\",\"is\":\"x\"}",
        "]}}",
    ),
    (
        "conditions-in-conditions",
        "{\"name\":\"s\",\"condition\":{\"all\":[",
        "{\"not\":{\"attribute\":\"a\",\"contains\":\"#\"}}",
        "]}}",
    ),
    (
        "values-of-a-condition",
        "{\"name\":\"s\",\"condition\":{\"attribute\":\"a\",\"in\":[",
        "\"v#\"",
        "]}}",
    ),
    ("categories", "{\"categories\":[", "{\"name\":\"c#\"}", "]}"),
    ("mutes", "{\"muted\":[", "\"m#\"", "]}"),
    ("events", "{\"url\":\"https://a.example\",\"events\":[", "\"message.read\"", "]}"),
    ("scopes", "{\"name\":\"k\",\"scopes\":[", "\"send\"", "]}"),
    ("lists-in-lists", "{\"a\":[", "[[[[[[[[]]]]]]]]", "]}"),
];

const NOT_JSON: [(&str, &str, &str, &str); 12] = [
    ("open-lists", "", "[", ""),
    ("open-objects", "", "{\"a\":", ""),
    ("a-long-number", "{\"a\":", "1", "}"),
    ("a-long-fraction", "{\"a\":0.", "1", "}"),
    ("a-long-exponent", "{\"a\":1e", "9", "}"),
    ("escapes", "{\"a\":\"", "\\u0041", "\"}"),
    ("half-surrogates", "{\"a\":\"", "\\ud83d\\ude00", "\"}"),
    ("backslashes", "{\"a\":\"", "\\\\", "\"}"),
    ("an-open-string", "{\"a\":\"", "a", ""),
    ("a-long-name", "{\"", "a", "\":1}"),
    ("a-long-name-of-marks", "{\"", "a\u{301}", "\":{\"b\":1,\"b\":2}}"),
    ("white-space", "{", " ", "}"),
];
