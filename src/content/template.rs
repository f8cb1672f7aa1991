//! Variables in what a sender wrote: `{{firstName}}`, `{{attributes.plan|basic}}`. Must not know how a message is stored or sent.
//!
//! What is put in is what a site was told by its customers, so it is taken for hostile: in a title it is plain text, in a body it can't
//! become markup, and in an address it is one part of a path or query.

mod body;

pub use body::body;

use super::text::clean_line;
use crate::domain::{Action, Contact, Content, Invalid, WebUrl};
use body::Body;
use serde_json::Value;
use std::{borrow::Cow, collections::BTreeMap, fmt::Write as _};

const OPEN: &str = "{{";
const CLOSE: &str = "}}";
/// How the two look in an address, which the URL standard has made of them.
const OPEN_IN_URL: &str = "%7B%7B";
const CLOSE_IN_URL: &str = "%7D%7D";
/// Characters of a value that are put in.
const VALUE: usize = 200;
const NAMES: [&str; 7] = ["name", "firstName", "lastName", "email", "phone", "externalCustomerId", "language"];

/// Where a text stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Plain text.
    Line,
    /// Markdown.
    Body,
    /// An address.
    Url,
}

/// A text taken apart.
enum Piece<'t> {
    Text(&'t str),
    Variable { name: Cow<'t, str>, default: Cow<'t, str> },
}

impl Place {
    const fn signs(self) -> (&'static str, &'static str) {
        match self {
            Self::Url => (OPEN_IN_URL, CLOSE_IN_URL),
            Self::Line | Self::Body => (OPEN, CLOSE),
        }
    }
}

/// The pieces of a text. Braces that are not closed are text.
fn pieces(text: &str, place: Place) -> Vec<Piece<'_>> {
    let (open, close) = place.signs();
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = split(rest, open, place) {
        let Some((inside, behind)) = split(after, close, place) else { break };
        let decoded = if place == Place::Url { decoded(inside) } else { Cow::Borrowed(inside) };
        let (name, default) = match decoded.split_once('|') {
            Some((name, default)) => (name.trim().to_owned(), default.trim().to_owned()),
            None => (decoded.trim().to_owned(), String::new()),
        };
        pieces.push(Piece::Text(before));
        pieces.push(Piece::Variable { name: name.into(), default: default.into() });
        rest = behind;
    }
    pieces.push(Piece::Text(rest));
    pieces
}

/// What an address says with its escapes resolved.
fn decoded(text: &str) -> Cow<'_, str> {
    if !text.contains('%') {
        return Cow::Borrowed(text);
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let escaped = after.get(..2).filter(|_| *first == b'%').and_then(|digits| std::str::from_utf8(digits).ok());
        if let Some(byte) = escaped.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            bytes.push(byte);
            rest = after.get(2..).unwrap_or_default();
        } else {
            bytes.push(*first);
            rest = after;
        }
    }
    Cow::Owned(String::from_utf8_lossy(&bytes).into_owned())
}

/// The URL standard leaves braces of a query as they are and encodes those of a path.
fn split<'t>(text: &'t str, sign: &str, place: Place) -> Option<(&'t str, &'t str)> {
    let encoded = text.find(sign).map(|at| (at, sign.len()));
    let plain = match place {
        Place::Url => text.find(if sign == OPEN_IN_URL { OPEN } else { CLOSE }).map(|at| (at, 2)),
        Place::Line | Place::Body => None,
    };
    let (at, length) = encoded.into_iter().chain(plain).min()?;
    Some((text.get(..at)?, text.get(at + length..)?))
}

/// Every text of a content with where it stands and what it is called.
fn texts(content: &Content) -> impl Iterator<Item = (String, &str, Place)> {
    let own = [
        Some(("title".to_owned(), content.title.as_str(), Place::Line)),
        Some(("body".to_owned(), content.body.as_str(), Place::Body)),
        content.link.as_ref().map(|link| ("link".to_owned(), link.as_str(), Place::Url)),
    ];
    let actions = content.actions.iter().enumerate().flat_map(|(index, action)| {
        [
            (format!("actions[{index}].label"), action.label.as_str(), Place::Line),
            (format!("actions[{index}].link"), action.link.as_str(), Place::Url),
        ]
    });
    own.into_iter().flatten().chain(actions)
}

fn has_sign(text: &str, place: Place) -> bool {
    text.contains(OPEN) || (place == Place::Url && text.contains(OPEN_IN_URL))
}

/// Whether a message says something else to each reader.
pub fn is_personal<L>(content: &BTreeMap<L, Content>) -> bool {
    content.values().any(|content| texts(content).any(|(_, text, place)| has_sign(text, place)))
}

/// Refuses variables that nobody can fill, by the field in which they stand.
pub fn check(content: &Content) -> Result<(), Invalid> {
    for (field, text, place) in texts(content).filter(|(_, text, place)| has_sign(text, *place)) {
        for piece in pieces(text, place) {
            let Piece::Variable { name, .. } = piece else { continue };
            let known = NAMES.contains(&&*name) || name.strip_prefix("attributes.").is_some_and(|path| !path.is_empty());
            if !known {
                let known = NAMES.join(", ");
                return Err(Invalid::new(field, format!("has a variable that is not known; known are {known} and attributes.… of the contact")));
            }
        }
        if place == Place::Body && Body::of(text).has_variable_in_address() {
            return Err(Invalid::new(field, "can have no variable in an address; give the message a link or an action"));
        }
        // Scheme and host are the sender's and nobody else's.
        if place == Place::Url && has_sign(text.split(['/', '?', '#']).nth(2).unwrap_or(text), Place::Url) {
            return Err(Invalid::new(field, "can have variables only after the name of the host"));
        }
    }
    Ok(())
}

/// What a content says to one contact, apart from its body, which is for [`body`]; unchanged where it has no variables.
pub fn fill<'c>(content: &'c Content, contact: &Contact) -> Cow<'c, Content> {
    if !texts(content).any(|(_, text, place)| has_sign(text, place)) {
        return Cow::Borrowed(content);
    }
    let line = |text: &str| filled(text, Place::Line, contact);
    // An address that came out wrong leads nowhere rather than elsewhere.
    let url = |link: &WebUrl| WebUrl::parse(&filled(link.as_str(), Place::Url, contact)).ok();
    Cow::Owned(Content {
        title: line(&content.title),
        body: content.body.clone(),
        link: content.link.as_ref().and_then(url),
        new_tab: content.new_tab,
        image: content.image.clone(),
        actions: content
            .actions
            .iter()
            .filter_map(|action| Some(Action { label: line(&action.label), link: url(&action.link)?, new_tab: action.new_tab }))
            .collect(),
    })
}

fn filled(text: &str, place: Place, contact: &Contact) -> String {
    let mut out = String::with_capacity(text.len() + 32);
    for piece in pieces(text, place) {
        match piece {
            Piece::Text(text) => out.push_str(text),
            Piece::Variable { name, default } => {
                let value = said(&name, &default, contact);
                if place == Place::Url { encode(&mut out, &value) } else { out.push_str(&value) }
            }
        }
    }
    out
}

/// The value of a variable as one line, or its default.
fn said(name: &str, default: &str, contact: &Contact) -> String {
    let value = value(name, contact).map(|value| clean_line(&value).chars().take(VALUE).collect::<String>());
    value.filter(|value| !value.is_empty()).unwrap_or_else(|| default.to_owned())
}

/// One part of an address. Dots alone would be a step up in its path, however they are written.
fn encode(out: &mut String, value: &str) {
    if value.chars().all(|character| character == '.') {
        return;
    }
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
}

fn value(name: &str, contact: &Contact) -> Option<String> {
    match name {
        "firstName" => contact.first_name.clone(),
        "lastName" => contact.last_name.clone(),
        "name" => {
            let names: Vec<_> = [&contact.first_name, &contact.last_name].into_iter().flatten().map(String::as_str).collect();
            Some(names.join(" "))
        }
        "email" => contact.email.clone(),
        "phone" => contact.phone.clone(),
        "externalCustomerId" => contact.external_id.clone(),
        "language" => contact.language.as_ref().map(ToString::to_string),
        _ => match contact.attribute(name.strip_prefix("attributes.")?)? {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            Value::Bool(truth) => Some(truth.to_string()),
            Value::Null | Value::Array(_) | Value::Object(_) => None,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{ContactId, Timestamp};
    use serde_json::json;

    fn contact(first_name: Option<&str>, plan: Value) -> Contact {
        Contact {
            id: ContactId(1),
            external_id: Some("42".to_owned()),
            email: Some("anna@shop.example".to_owned()),
            phone: None,
            first_name: first_name.map(str::to_owned),
            last_name: Some("Kovalenko".to_owned()),
            language: None,
            attributes: json!({"plan": plan, "address": {"city": "Lviv"}}).as_object().unwrap().clone(),
            created_at: Timestamp::from_millis(0),
            updated_at: Timestamp::from_millis(0),
            last_seen_at: None,
            hidden_until: 0,
        }
    }

    fn content(title: &str, body: &str, link: Option<&str>) -> Content {
        let link = link.map(|link| WebUrl::parse(link).unwrap());
        let actions = link.iter().map(|link| Action { label: title.to_owned(), link: link.clone(), new_tab: false }).collect();
        Content { title: title.to_owned(), body: body.to_owned(), link, new_tab: false, image: None, actions }
    }

    #[test]
    fn variables_are_filled_where_they_stand() {
        let anna = contact(Some("Anna"), json!("pro"));
        let written = content(
            "Hi {{ firstName }}",
            "You, {{name}}, have *{{attributes.plan}}*.",
            Some("https://shop.example/u/{{externalCustomerId}}?c={{attributes.address.city}}"),
        );
        check(&written).unwrap();
        let said = fill(&written, &anna);
        assert_eq!(said.title, "Hi Anna");
        assert_eq!(body(&written.body, &anna), "<p>You, Anna Kovalenko, have <em>pro</em>.</p>");
        assert_eq!(
            body("`{{attributes.plan}}` & variablex0z", &contact(None, json!("SAVE_10_<b>"))),
            "<p><code>SAVE_10_&lt;b&gt;</code> &amp; variablex0z</p>"
        );
        assert_eq!(said.link.as_ref().unwrap().as_str(), "https://shop.example/u/42?c=Lviv");
        assert_eq!((said.actions[0].label.as_str(), said.actions[0].link.as_str()), ("Hi Anna", "https://shop.example/u/42?c=Lviv"));
    }

    #[test]
    fn what_is_not_there_is_its_default_or_nothing() {
        let nobody = contact(None, Value::Null);
        let said = |title: &str| fill(&content(title, "", None), &nobody).title.clone();
        assert_eq!(said("Hi {{firstName|there}}!"), "Hi there!");
        assert_eq!(said("Hi {{firstName}}!"), "Hi !");
        assert_eq!(said("{{attributes.address|somewhere}} {{phone | -}}"), "somewhere -");
        assert_eq!(said("{{ not closed"), "{{ not closed");
        let plain = content("Hi", "there {single}", Some("https://shop.example/a"));
        assert!(matches!(fill(&plain, &nobody), Cow::Borrowed(_)));
        assert!(!is_personal(&BTreeMap::from([((), plain)])));
        assert!(is_personal(&BTreeMap::from([((), content("Hi", "", Some("https://shop.example/{{name}}")))])));
    }

    #[test]
    fn what_nobody_can_fill_is_refused_by_its_field() {
        for (content, field) in [
            (content("Hi {{surname}}", "", None), "title"),
            (content("Hi", "{{}}", None), "body"),
            (content("Hi", "{{attributes.}}", None), "body"),
            (content("Hi", "[go](https://shop.example/{{name}})", None), "body"),
            (content("Hi", "[go][a]\n\n[a]: https://{{name}}.example", None), "body"),
            (content("Hi", "<https://shop.example/{{name}}>", None), "body"),
            (content("Hi", "", Some("https://shop.example/{{other}}")), "link"),
        ] {
            let refusal = check(&content).unwrap_err();
            assert_eq!(refusal.field, field, "{refusal}");
        }
        // The URL standard allows no brace in a host, so none gets as far as here.
        for odd in ["{{attributes.home}}/x", "https://{{name}}.example/", "https://shop.example{{name}}", "https://shop.example:{{name}}/"] {
            assert!(WebUrl::parse(odd).is_err() || check(&content("Hi", "", Some(odd))).is_err(), "{odd}");
        }
    }

    #[test]
    fn a_hostile_value_stays_text() {
        for hostile in [
            "<script>alert(1)</script>",
            "](javascript:alert(1))",
            "[x](https://evil.example)",
            "**bold** _em_ `code`",
            "https://evil.example www.evil.example a@evil.example",
            "# heading\n\n- list\n> quote",
            "<https://evil.example>",
            "![x](https://evil.example/p.png)",
            "&lt;b&gt; &#60;",
            "{{email}}",
            "\u{202e}evil",
        ] {
            let them = contact(Some(hostile), json!(hostile));
            let said = fill(&content("{{firstName}}", "", Some("https://shop.example/u/{{firstName}}")), &them).into_owned();
            let html = body("{{firstName}} and [go](https://shop.example/) {{attributes.plan}}", &them);
            assert_eq!(html.matches("<a ").count(), 1, "{html}");
            assert_eq!(html.matches('<').count(), 4, "one paragraph and one link: {html}");
            assert!(!said.title.contains('\n') && !said.title.contains('\u{202e}') && !html.contains("anna@"), "{said:?} {html}");
            let link = said.link.as_ref().unwrap().as_str();
            assert!(link.starts_with("https://shop.example/u/") && !link.contains(['<', '(']) && link.matches('/').count() == 4, "{link}");
        }
        let up = fill(&content("x", "", Some("https://shop.example/u/{{firstName}}/x")), &contact(Some(".."), json!(1))).into_owned();
        assert_eq!(up.link.unwrap().as_str(), "https://shop.example/u//x");
        // A value can't lead out of its part of a path.
        let said =
            fill(&content("x", "", Some("https://shop.example/u/{{firstName}}/x?a=1")), &contact(Some("../../admin?b=2#c"), json!(1))).into_owned();
        assert_eq!(said.link.unwrap().as_str(), "https://shop.example/u/%2E%2E%2F%2E%2E%2Fadmin%3Fb%3D2%23c/x?a=1");
    }
}
