//! The requests of each route: for a foreign object, and for an unknown one.

mod request_bodies;

use super::{
    fixture::IsolationFixture,
    routes::{Route, Surface},
};
use request_bodies::REQUEST_BODIES;

/// Two requests that differ in the object's id.
pub struct Row {
    pub surface: Surface,
    pub method: String,
    /// Path and body.
    pub foreign_status: (String, String),
    /// The same for an unknown object; `None` if the request names no object.
    pub missing_status: Option<(String, String)>,
    /// Whether the request ends its session, so that it is sent without one.
    pub revokes: bool,
}

const ENDING_ROUTES: &[(&str, &str)] = &[
    ("POST", "/embed/{site}/leave"),
    ("POST", "/console/sign-out"),
    ("POST", "/console/account/sessions"),
    ("POST", "/console/account/password"),
];

/// Routes that name no object: they are about the credential's own site, or about the caller.
const OF_THE_CALLER: &[(&str, &str)] = &[
    ("POST", "/v1/contact"),
    ("POST", "/v1/contact/subscribe"),
    ("POST", "/v1/contacts"),
    ("POST", "/v1/imports"),
    ("POST", "/v1/images"),
    ("GET", "/api/v1/profile"),
    ("GET", "/v1/segments"),
    ("GET", "/v1/webhooks"),
    ("POST", "/v1/webhooks"),
    ("GET", "/v1/account/info"),
    ("GET", "/v1/version"),
    ("POST", "/v1/site/domains"),
    ("GET", "/v1/site/script"),
    ("GET", "/v1/site/settings"),
    ("PUT", "/v1/site/settings"),
    ("GET", "/v1/themes"),
    ("PUT", "/v1/themes/draft"),
    ("POST", "/v1/themes/publish"),
    ("GET", "/v1/keys"),
    ("POST", "/v1/keys"),
    ("GET", "/appinbox/v1/messages/count"),
    ("GET", "/appinbox/v1/messages"),
    ("GET", "/api/v1/appinbox/messages/count"),
    ("GET", "/api/v1/appinbox/messages"),
    ("GET", "/console"),
    ("GET", "/console/sites/new"),
    ("POST", "/console/sites/new"),
    ("GET", "/console/sign-in"),
    ("POST", "/console/sign-in"),
    ("GET", "/console/sign-in/code"),
    ("POST", "/console/sign-in/code"),
    ("POST", "/console/sign-out"),
    ("GET", "/console/setup"),
    ("POST", "/console/setup"),
    ("GET", "/console/invitation"),
    ("POST", "/console/invitation"),
    ("GET", "/console/account"),
    ("POST", "/console/account"),
    ("POST", "/console/account/password"),
    ("POST", "/console/account/second-factor"),
    ("POST", "/console/account/sessions"),
];

pub fn named() -> impl Iterator<Item = (&'static str, &'static str)> {
    REQUEST_BODIES
        .iter()
        .map(|(method, path, ..)| (*method, *path))
        .chain(OF_THE_CALLER.iter().copied())
}

/// The kind of object that a path parameter stands for.
fn thing(route: &Route, parameter: &str) -> &'static str {
    let after = |noun: &str| route.path.contains(&format!("/{noun}/{{{parameter}}}"));
    match parameter {
        "site" => "site",
        "account_id" => "own-account",
        "message" if after("messages") => "channel-message",
        "conversation" | "conversation_id" => "conversation",
        "message_id" => "channel-message",
        "webhook_id" => "account-webhook",
        "canned_response_id" | "response" => "canned-response",
        "contact" | "contact_id" => "contact",
        "fingerprint" => "fingerprint",
        "delivery" => "delivery",
        "version" => "version",
        "webhook" => "webhook",
        "account" => "account",
        "inbox" | "inbox_id" => "channel-inbox",
        "invitation" => "invitation",
        "sheet" => "sheet",
        "import" => "import",
        "key" => "key",
        "file" => "script",
        "id" if after("contact") => "contact",
        "id" if after("messages") => "message",
        "id" if after("segments") => "segment",
        "id" if after("webhooks") => "webhook",
        "id" if after("imports") || after("importstatus") => "import",
        "id" if after("keys") => "key",
        "name" if route.path.starts_with("/t/") => "sheet-file",
        "name" if after("pictures") || route.path.starts_with("/m/") => "picture",
        "name" => "file",
        _ => panic!("{} {}: nobody knows what {{{parameter}}} is", route.method, route.path),
    }
}

/// The requests of a route. For a route with the site in its path: the caller's own site with
/// foreign objects and, where access to a site is restricted, the foreign site.
pub fn of(route: &Route, fixture: &IsolationFixture) -> Vec<Row> {
    let key = (route.method.as_str(), route.path.as_str());
    let mut said: Vec<_> = REQUEST_BODIES
        .iter()
        .filter(|(method, path, ..)| (*method, *path) == key)
        .map(|(_, _, query, body)| (*query, *body))
        .collect();
    let parameters: Vec<&str> =
        route.path.split('{').skip(1).map(|part| part.split('}').next().unwrap()).collect();
    if said.is_empty() {
        if parameters.is_empty() {
            if !OF_THE_CALLER.contains(&key) {
                return Vec::new();
            }
            // There is nothing to compare: the caller gets their own data. The response must still
            // disclose nothing foreign.
            let body =
                if route.method == "GET" || route.surface == Surface::Console { "" } else { "{}" };
            return vec![Row { missing_status: None, ..row(route, fixture, ("", body), &[]) }];
        }
        said.push(("", ""));
    }
    let mut rows = Vec::new();
    if route.surface == Surface::Public {
        for said in said {
            rows.extend(
                of_session(&parameters).iter().map(|names| row(route, fixture, said, names)),
            );
        }
        return rows;
    }
    for said in said {
        let own_site: Vec<_> = parameters
            .iter()
            .map(|name| (*name, if *name == "site" { "own-site" } else { thing(route, name) }))
            .collect();
        // A stream of the caller's own site has no end.
        if !route.path.ends_with("/conversations/events") {
            rows.push(row(route, fixture, said, &own_site));
        }
        if parameters.contains(&"account_id") {
            let all: Vec<_> = parameters
                .iter()
                .map(|name| {
                    (
                        *name,
                        if *name == "account_id" { "channel-account" } else { thing(route, name) },
                    )
                })
                .collect();
            rows.push(row(route, fixture, said, &all));
        }
        // The existence of a site is no secret in the widget: its script is in the site's pages.
        if parameters.contains(&"site") && route.surface == Surface::Console {
            let all: Vec<_> = parameters.iter().map(|name| (*name, thing(route, name))).collect();
            rows.push(row(route, fixture, said, &all));
        }
    }
    rows
}

/// The values of a session route's parameters, case by case: the caller's own first, and foreign
/// ones from one of them on. The foreign inbox is public, and is combined with the caller's own
/// session.
fn of_session<'a>(parameters: &[&'a str]) -> Vec<Vec<(&'a str, &'static str)>> {
    const OWN: [&str; 3] = ["own-inbox-identifier", "own-source", "own-conversation"];
    const FOREIGN: [&str; 4] =
        ["owners-inbox-identifier", "source", "conversation", "channel-message"];
    let named = |names: &[&'static str]| {
        parameters.iter().copied().zip(names.iter().copied()).collect::<Vec<_>>()
    };
    let mut all: Vec<_> = (1..parameters.len().max(2))
        .map(|own| named(&[&OWN[..own], &FOREIGN[own..]].concat()))
        .collect();
    if parameters.len() > 1 {
        all.push(named(
            &[&["owners-inbox-identifier", "strangers-source"], &FOREIGN[2..]].concat(),
        ));
    }
    all
}

fn row(
    route: &Route,
    fixture: &IsolationFixture,
    (query, body): (&str, &str),
    parameters: &[(&str, &str)],
) -> Row {
    let with = |foreign: bool| {
        let filled = parameters.iter().fold(route.path.clone(), |path, (name, thing)| {
            path.replace(&format!("{{{name}}}"), &fixture.name(thing, foreign))
        });
        (fixture.fill(&format!("{filled}{query}"), foreign), fixture.fill(body, foreign))
    };
    let revokes = ENDING_ROUTES.contains(&(route.method.as_str(), route.path.as_str()));
    Row {
        surface: route.surface,
        method: route.method.clone(),
        foreign_status: with(true),
        missing_status: Some(with(false)),
        revokes,
    }
}
