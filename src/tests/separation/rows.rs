//! What is asked of each route: for a thing of another, and for one that is nobody's.

use super::{
    routes::{Door, Route},
    world::World,
};

/// Two requests that differ in whose thing they name.
pub struct Row {
    pub door: Door,
    pub method: String,
    /// Path and body.
    pub foreign: (String, String),
    /// The same of a thing that is nobody's; none where nothing is named.
    pub missing: Option<(String, String)>,
    /// Whether it ends the session that it is asked with, so that it is asked without any.
    pub ends: bool,
}

const ENDING: &[(&str, &str)] =
    &[("POST", "/embed/{site}/leave"), ("POST", "/console/sign-out"), ("POST", "/console/account/sessions"), ("POST", "/console/account/password")];

/// What a request of a route says beside its path: method, route, and what is added to the path or sent. `@name` stands for a thing.
const SAID: &[(&str, &str, &str, &str)] = &[
    // What takes things by names that are not in the path.
    ("POST", "/v1/auth/contact/token", "", r#"{"externalCustomerId":"@external"}"#),
    ("POST", "/v1/auth/contact/token", "", r#"{"email":"@email"}"#),
    ("POST", "/v1/auth/contact/token", "", r#"{"externalCustomerId":"@external","email":"@email","phone":"@phone"}"#),
    ("GET", "/v1/contact", "?externalCustomerId=@external", ""),
    ("DELETE", "/v1/contact", "?externalCustomerId=@external&erase=true", ""),
    ("GET", "/v1/contacts", "?email=@email", ""),
    ("GET", "/v1/contacts/search", "?q=@external", ""),
    ("POST", "/v1/messages", "", r#"{"audience":{"contact":{"id":@contact}},"content":{"en":{"title":"Hello"}}}"#),
    ("POST", "/v1/messages", "", r#"{"audience":{"contacts":[{"externalCustomerId":"@external"}]},"content":{"en":{"title":"Hello"}}}"#),
    ("POST", "/v1/messages", "", r#"{"audience":{"segment":@segment},"content":{"en":{"title":"Hello"}}}"#),
    ("POST", "/v1/messages/preview", "", r#"{"audience":{"contact":{"id":@contact}},"content":{"en":{"title":"Hello"}}}"#),
    ("GET", "/v1/messages", "?cursor=@cursor", ""),
    ("GET", "/v1/messages", "?q=@external", ""),
    ("GET", "/v1/audit", "?before=@number", ""),
    ("GET", "/v1/imports", "", ""),
    ("POST", "/v1/segments", "", r#"{"name":"listed","condition":{"contacts":[{"id":@contact}]}}"#),
    ("POST", "/v1/segments/count", "", r#"{"condition":{"contacts":[{"externalCustomerId":"@external"}]}}"#),
    // What says something of the thing in its path.
    ("PATCH", "/v1/messages/{id}", "", r#"{"pinned":true}"#),
    ("PUT", "/v1/contact/{id}", "", r#"{"externalCustomerId":"stolen"}"#),
    ("PUT", "/v1/contact/{id}/mutes", "", r#"{"muted":[]}"#),
    ("POST", "/v1/contact/{id}/devices", "", r#"{"deviceId":"0b8f6a3e-6a51-4c39-9f0e-2a1f57b2c9d4"}"#),
    ("PUT", "/v1/segments/{id}", "", r#"{"name":"pro","condition":{"attributes":{"plan":"pro"}}}"#),
    ("PATCH", "/v1/webhooks/{id}", "", r#"{"enabled":false}"#),
    ("POST", "/v1/webhooks/{id}/replay", "", r#"{"since":"2026-12-01T00:00:00Z"}"#),
    ("DELETE", "/v1/contact/{id}", "?erase=true", ""),
    ("GET", "/v1/messages/{id}/stats", "?by=segment", ""),
    ("POST", "/embed/{site}/marks", "", r#"{"read":["@message"]}"#),
    ("POST", "/embed/{site}/marks", "", r#"{"unread":["@message"]}"#),
    ("POST", "/embed/{site}/marks", "", r#"{"archive":["@message"]}"#),
    ("POST", "/embed/{site}/marks", "", r#"{"delete":["@message"]}"#),
    ("POST", "/embed/{site}/marks", "", r#"{"clicked":"@message"}"#),
    ("GET", "/embed/{site}/messages", "?before=@number", ""),
    ("GET", "/embed/{site}/events", "?ticket=@ticket", ""),
    ("POST", "/embed/{site}/session", "", r#"{"token":"@token"}"#),
    ("GET", "/embed/{site}/preview", "?link=@preview", ""),
    ("GET", "/embed/{site}/preview/widget", "?link=@preview", ""),
    ("POST", "/appinbox/v1/messages/status", "", r#"{"status":"OPENED","ids":["@message"]}"#),
    ("POST", "/api/v1/appinbox/messages/status", "", r#"{"status":"OPENED","ids":["@message"]}"#),
    // Of the stranger's own account, and of the other's.
    ("GET", "/api/v1/accounts/{account_id}/contacts", "?page=1", ""),
    ("GET", "/api/v1/accounts/{account_id}/contacts/search", "?q=@external", ""),
    ("GET", "/api/v1/accounts/{account_id}/conversations", "?status=all&q=zanzibar", ""),
    ("GET", "/api/v1/accounts/{account_id}/conversations", "?status=all&inbox_id=@channel-inbox", ""),
    ("GET", "/api/v1/accounts/{account_id}/conversations/meta", "?status=all&inbox_id=@channel-inbox", ""),
    ("GET", "/api/v1/accounts/{account_id}/conversations/{conversation_id}/messages", "?after=@number", ""),
    ("POST", "/api/v1/accounts/{account_id}/inboxes", "", r#"{"name":"Mine","channel":{"type":"api"}}"#),
    ("PATCH", "/api/v1/accounts/{account_id}/inboxes/{inbox_id}", "", r#"{"name":"Mine"}"#),
    ("POST", "/api/v1/accounts/{account_id}/inbox_members", "", r#"{"inbox_id":@channel-inbox,"user_ids":[]}"#),
    ("POST", "/api/v1/accounts/{account_id}/inbox_members", "", r#"{"inbox_id":@own-channel-inbox,"user_ids":[@agent]}"#),
    ("PATCH", "/api/v1/accounts/{account_id}/inbox_members", "", r#"{"inbox_id":@own-channel-inbox,"user_ids":[@agent]}"#),
    ("DELETE", "/api/v1/accounts/{account_id}/inbox_members", "", r#"{"inbox_id":@channel-inbox,"user_ids":[@agent]}"#),
    ("POST", "/api/v1/accounts/{account_id}/contacts", "", r#"{"name":"Mine","inbox_id":@channel-inbox}"#),
    ("PATCH", "/api/v1/accounts/{account_id}/contacts/{contact_id}", "", r#"{"name":"Mine"}"#),
    ("PUT", "/api/v1/accounts/{account_id}/contacts/{contact_id}", "", r#"{"name":"Mine"}"#),
    ("POST", "/api/v1/accounts/{account_id}/contacts/{contact_id}/contact_inboxes", "", r#"{"inbox_id":@own-channel-inbox}"#),
    ("POST", "/api/v1/accounts/{account_id}/conversations", "", r#"{"inbox_id":@channel-inbox,"contact_id":@contact}"#),
    ("POST", "/api/v1/accounts/{account_id}/conversations", "", r#"{"inbox_id":@own-channel-inbox,"contact_id":@contact}"#),
    ("POST", "/api/v1/accounts/{account_id}/conversations", "", r#"{"source_id":"@source"}"#),
    ("PATCH", "/api/v1/accounts/{account_id}/conversations/{conversation_id}", "", r#"{"priority":"high","status":"resolved"}"#),
    ("POST", "/api/v1/accounts/{account_id}/conversations/{conversation_id}/toggle_typing_status", "", r#"{"typing_status":"on"}"#),
    ("POST", "/api/v1/accounts/{account_id}/conversations/{conversation_id}/assignments", "", r#"{"assignee_id":@agent}"#),
    ("POST", "/api/v1/accounts/{account_id}/conversations/{conversation_id}/labels", "", r#"{"labels":["mine"]}"#),
    ("POST", "/api/v1/accounts/{account_id}/conversations/{conversation_id}/custom_attributes", "", r#"{"custom_attributes":{"mine":1}}"#),
    ("POST", "/api/v1/accounts/{account_id}/conversations/{conversation_id}/messages", "", r#"{"content":"mine"}"#),
    ("PATCH", "/api/v1/accounts/{account_id}/conversations/{conversation_id}/messages/{message_id}", "", r#"{"status":"failed"}"#),
    ("GET", "/api/v1/accounts/{account_id}/canned_responses", "?search=zanzibar", ""),
    ("POST", "/api/v1/accounts/{account_id}/canned_responses", "", r#"{"short_code":"mine","content":"mine"}"#),
    ("PATCH", "/api/v1/accounts/{account_id}/canned_responses/{canned_response_id}", "", r#"{"content":"mine"}"#),
    ("PUT", "/api/v1/accounts/{account_id}/canned_responses/{canned_response_id}", "", r#"{"short_code":"mine"}"#),
    ("POST", "/api/v1/accounts/{account_id}/webhooks", "", r#"{"url":"https://93.184.216.34/mine"}"#),
    ("PATCH", "/api/v1/accounts/{account_id}/webhooks/{webhook_id}", "", r#"{"name":"mine"}"#),
    // Of sessions, by whoever has another one.
    (
        "POST",
        "/public/api/v1/inboxes/{inbox_identifier}/contacts",
        "",
        r#"{"identifier":"@external","identifier_hash":"0000000000000000000000000000000000000000000000000000000000000000"}"#,
    ),
    ("PATCH", "/public/api/v1/inboxes/{inbox_identifier}/contacts/{source_id}", "", r#"{"name":"Mine"}"#),
    ("POST", "/public/api/v1/inboxes/{inbox_identifier}/contacts/{source_id}/conversations/{conversation_id}/messages", "", r#"{"content":"mine"}"#),
    (
        "POST",
        "/public/api/v1/inboxes/{inbox_identifier}/contacts/{source_id}/conversations/{conversation_id}/toggle_typing",
        "",
        r#"{"typing_status":"on"}"#,
    ),
    (
        "PATCH",
        "/public/api/v1/inboxes/{inbox_identifier}/contacts/{source_id}/conversations/{conversation_id}/messages/{message_id}",
        "",
        r#"{"submitted_values":[{"name":"mine","value":"mine"}]}"#,
    ),
    ("POST", "/console/sites/{site}/messages/new", "", "audience=contacts&contacts=@external&title-en=Hello"),
    ("POST", "/console/sites/{site}/messages/{id}/edit", "", "audience=everyone&title-en=Mine"),
    ("POST", "/console/sites/{site}/members/{account}/role", "", "role=owner"),
    ("POST", "/console/sites/{site}/segments/{id}", "", "name=mine"),
    ("POST", "/console/sites/{site}/contacts/{contact}/edit", "", "firstName=Mine"),
    ("POST", "/console/sites/{site}/conversations/{conversation}/messages", "", "content=mine&kind=reply"),
    ("POST", "/console/sites/{site}/conversations/{conversation}/insert", "", "content=mine&insert=@canned-response"),
    ("GET", "/console/sites/{site}/conversations/{conversation}/canned", "?q=zan", ""),
    ("POST", "/console/sites/{site}/conversations/canned-responses/{response}", "", "short_code=mine&text=mine"),
    ("POST", "/console/sites/{site}/conversations/{conversation}/status", "", "status=resolved"),
    ("POST", "/console/sites/{site}/conversations/{conversation}/details", "", "priority=low&labels=mine"),
    ("POST", "/console/sites/{site}/webhooks/{webhook}/switch", "", "do=disable"),
    ("POST", "/console/sites/{site}/inboxes/{inbox}", "", "name=Mine"),
    ("POST", "/console/sites/{site}/inboxes/{inbox}/delete", "", "name=zanzibar"),
    ("GET", "/console/sites/{site}/inboxes/{inbox}", "?show=secrets", ""),
];

/// Routes that name nothing of anybody: they are about the site of the proof alone, or of nothing but the caller.
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
    ("GET", "/console/"),
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
    SAID.iter().map(|(method, path, ..)| (*method, *path)).chain(OF_THE_CALLER.iter().copied())
}

/// What the parameter of a path stands for.
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

/// What is asked of a route. For a route with the site in its path: of the stranger's own site with things of the other, and, where sites are
/// somebody's and not everybody's, of the other's site.
pub fn of(route: &Route, world: &World) -> Vec<Row> {
    let key = (route.method.as_str(), route.path.as_str());
    let mut said: Vec<_> = SAID.iter().filter(|(method, path, ..)| (*method, *path) == key).map(|(_, _, query, body)| (*query, *body)).collect();
    let parameters: Vec<&str> = route.path.split('{').skip(1).map(|part| part.split('}').next().unwrap()).collect();
    if said.is_empty() {
        if parameters.is_empty() {
            if !OF_THE_CALLER.contains(&key) {
                return Vec::new();
            }
            // Nothing to compare: what the caller gets is theirs. That it tells nothing of another is looked at all the same.
            let body = if route.method == "GET" || route.door == Door::Console { "" } else { "{}" };
            return vec![Row { missing: None, ..row(route, world, ("", body), &[]) }];
        }
        said.push(("", ""));
    }
    let mut rows = Vec::new();
    if route.door == Door::Public {
        for said in said {
            rows.extend(of_session(&parameters).iter().map(|names| row(route, world, said, names)));
        }
        return rows;
    }
    for said in said {
        let own_site: Vec<_> = parameters.iter().map(|name| (*name, if *name == "site" { "own-site" } else { thing(route, name) })).collect();
        // A stream of one's own site has no end.
        if !route.path.ends_with("/conversations/events") {
            rows.push(row(route, world, said, &own_site));
        }
        if parameters.contains(&"account_id") {
            let all: Vec<_> =
                parameters.iter().map(|name| (*name, if *name == "account_id" { "channel-account" } else { thing(route, name) })).collect();
            rows.push(row(route, world, said, &all));
        }
        // That a site is there is no secret of the widget: its script is in the site's pages.
        if parameters.contains(&"site") && route.door == Door::Console {
            let all: Vec<_> = parameters.iter().map(|name| (*name, thing(route, name))).collect();
            rows.push(row(route, world, said, &all));
        }
    }
    rows
}

/// What the parameters of a route of sessions stand for, time after time: at first the stranger's own, and from one of them on what is another's.
/// The inbox of the other is everybody's to name, with a session that is of the stranger's own.
fn of_session<'a>(parameters: &[&'a str]) -> Vec<Vec<(&'a str, &'static str)>> {
    const OWN: [&str; 3] = ["own-inbox-identifier", "own-source", "own-conversation"];
    const FOREIGN: [&str; 4] = ["owners-inbox-identifier", "source", "conversation", "channel-message"];
    let named = |names: &[&'static str]| parameters.iter().copied().zip(names.iter().copied()).collect::<Vec<_>>();
    let mut all: Vec<_> = (1..parameters.len().max(2)).map(|own| named(&[&OWN[..own], &FOREIGN[own..]].concat())).collect();
    if parameters.len() > 1 {
        all.push(named(&[&["owners-inbox-identifier", "strangers-source"], &FOREIGN[2..]].concat()));
    }
    all
}

fn row(route: &Route, world: &World, (query, body): (&str, &str), parameters: &[(&str, &str)]) -> Row {
    let with = |foreign: bool| {
        let filled =
            parameters.iter().fold(route.path.clone(), |path, (name, thing)| path.replace(&format!("{{{name}}}"), &world.name(thing, foreign)));
        (world.fill(&format!("{filled}{query}"), foreign), world.fill(body, foreign))
    };
    let ends = ENDING.contains(&(route.method.as_str(), route.path.as_str()));
    Row { door: route.door, method: route.method.clone(), foreign: with(true), missing: Some(with(false)), ends }
}
