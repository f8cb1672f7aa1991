//! Validation errors are shown in the account's language: forms with every kind of invalid input.

use super::browser::{Browser, PASSWORD};
use crate::support::{Answer, TestApp};
use serde_json::json;

/// The error texts of a page.
fn error_texts(page: &Answer) -> Vec<String> {
    let starts = ["class=\"wrong\"", "class=\"notice failed\""];
    let mut found = Vec::new();
    for start in starts {
        for part in page.text().split(start).skip(1) {
            let end = if start.contains("notice") { "</div>" } else { "</p>" };
            let inside = part.split_once('>').unwrap().1.split(end).next().unwrap();
            let text: String = inside
                .split('<')
                .map(|piece| piece.split_once('>').map_or(piece, |(_, text)| text))
                .collect::<Vec<_>>()
                .join(" ");
            found.push(html_escape::decode_html_entities(&text).trim().to_owned());
        }
    }
    found
}

/// Whether the text is Ukrainian. Field names and examples may be in English; three plain English
/// words in a row may not.
fn is_ukrainian(text: &str) -> bool {
    let mut run = 0;
    let english = text.split_whitespace().any(|word| {
        run = if word.chars().all(|letter| letter.is_ascii_lowercase()) { run + 1 } else { 0 };
        run == 3
    });
    !english && text.chars().any(|letter| ('а'..='я').contains(&letter))
}

#[test]
fn english_is_distinguished_from_ukrainian() {
    assert!(
        !is_ukrainian("is required")
            && !is_ukrainian("рядок 2: must be in the future")
            && is_ukrainian("має бути read або send")
    );
}

/// A browser that sends invalid forms, and the errors that were missing or in another language.
struct ErrorCheck<'a> {
    browser: Browser<'a>,
    errors: Vec<String>,
}

impl<'a> ErrorCheck<'a> {
    /// Starts with a browser whose account uses Ukrainian.
    async fn begin(app: &'a TestApp) -> Self {
        let mut browser = app.console().sign_in_operator().await;
        assert_eq!(
            browser
                .post_form("/console/account", &[("name", "Olha"), ("language", "uk")])
                .await
                .status,
            303
        );
        Self { browser, errors: Vec::new() }
    }

    async fn expect_errors(&mut self, page: &str, path: &str, fields: &[(&str, &str)]) {
        let answer = self.browser.post_form_from(page, path, fields).await;
        let short = |text: &str| text.chars().take(60).collect::<String>();
        let what = format!(
            "{} {:?}",
            path.rsplit('/').next().unwrap(),
            fields.iter().map(|(name, value)| (*name, short(value))).collect::<Vec<_>>()
        );
        let error_texts = error_texts(&answer);
        if answer.status != 422 || error_texts.is_empty() {
            self.errors.push(format!("{what}: {} and {error_texts:?}", answer.status));
        }
        self.errors.extend(
            error_texts
                .iter()
                .filter(|text| !is_ukrainian(text))
                .map(|text| format!("{what}: {text}")),
        );
    }

    fn finish(&self) {
        assert!(self.errors.is_empty(), "{}", self.errors.join("\n"));
    }
}

#[tokio::test]
async fn site_and_member_errors_are_in_ukrainian() {
    let app = TestApp::new().await;
    let site = app.create_site().await.site.id;
    let mut trial = ErrorCheck::begin(&app).await;
    let long = "x".repeat(3_000);
    let shop = [
        ("name", "Shop"),
        ("origin", "https://shop.example"),
        ("language", "en"),
        ("languages", ""),
    ];
    let settings = format!("/console/sites/{site}/settings");
    for (field, value) in [
        (0, ""),
        (0, long.as_str()),
        (1, ""),
        (1, "shop"),
        (1, "ftp://shop.example"),
        (1, "https://shop.example/a"),
        (1, "https://*.shop.example"),
        (1, "https://a;b.example"),
        (2, "?"),
        (3, "klingon!"),
    ] {
        let mut fields = shop;
        fields[field].1 = value;
        trial.expect_errors(&settings, &settings, &fields).await;
        if field < 3 {
            trial.expect_errors("/console/sites/new", "/console/sites/new", &fields).await;
        }
    }
    let many = (0..60)
        .map(|number| {
            format!("a{}{}", char::from(b'a' + number / 26), char::from(b'a' + number % 26))
        })
        .collect::<Vec<_>>()
        .join(" ");
    trial
        .expect_errors(&settings, &settings, &[shop[0], shop[1], shop[2], ("languages", &many)])
        .await;
    let placement = format!("{settings}/placement");
    for selector in ["", "a >>> >>> b", long.as_str()] {
        trial
            .expect_errors(
                &placement,
                &placement,
                &[("selector", selector), ("position", "afterend")],
            )
            .await;
    }
    trial.expect_errors(&placement, &placement, &[("selector", "#a"), ("position", "under")]).await;
    for address in ["", "shop", "https://127.0.0.1/"] {
        trial
            .expect_errors(&placement, &format!("{placement}/fetch"), &[("address", address)])
            .await;
    }
    let categories = format!("{settings}/categories");
    trial.expect_errors(&categories, &categories, &[("name-0", "news"), ("name-1", "news")]).await;
    trial.expect_errors(&categories, &categories, &[("name-0", &long)]).await;
    trial
        .expect_errors(&categories, &categories, &[("name-0", "news"), ("label-0-en", &long)])
        .await;
    for days in ["0", "soon"] {
        trial
            .expect_errors(
                &format!("{settings}/retention"),
                &format!("{settings}/retention"),
                &[("retentionDays", days)],
            )
            .await;
    }
    for inbox in ["9", "first"] {
        trial
            .expect_errors(
                &format!("{settings}/messages"),
                &format!("{settings}/messages"),
                &[("messagesInbox", inbox)],
            )
            .await;
    }
    let keys = format!("{settings}/keys");
    for fields in [
        &[("name", ""), ("scope", "read")][..],
        &[("name", "x")],
        &[("name", "x"), ("scope", "everything")],
    ] {
        trial.expect_errors(&keys, &keys, fields).await;
    }
    let members = format!("/console/sites/{site}/members");
    trial.expect_errors(&members, &members, &[("role", "king"), ("email", "")]).await;
    trial.expect_errors(&members, &members, &[("role", "editor"), ("email", "nobody")]).await;
    trial
        .expect_errors("/console/account", "/console/account", &[("name", ""), ("language", "uk")])
        .await;
    for (present, password) in [
        ("wrong", "another battery horse"),
        (PASSWORD, "short"),
        (PASSWORD, &long),
        (PASSWORD, "operator@example.com"),
    ] {
        trial
            .expect_errors(
                "/console/account",
                "/console/account/password",
                &[("present", present), ("password", password)],
            )
            .await;
    }
    trial.expect_errors("/console/invitation", "/console/invitation", &[("code", "x")]).await;
    trial.finish();
}

#[tokio::test]
async fn contact_and_segment_errors_are_in_ukrainian() {
    let app = TestApp::new().await;
    let shop = app.create_site().await;
    app.contact(&shop, json!({"externalCustomerId": "1", "email": "anna@shop.example"})).await;
    let mut trial = ErrorCheck::begin(&app).await;
    let long = "x".repeat(20_000);
    let base = format!("/console/sites/{}", shop.site.id);
    let new = format!("{base}/contacts/new");
    for (field, value) in [
        ("externalCustomerId", ""),
        ("externalCustomerId", long.as_str()),
        ("email", "nobody"),
        ("email", "anna@shop.example"),
        ("phone", "1"),
        ("firstName", &long),
        ("lastName", &long),
        ("language", "klingon!"),
    ] {
        let mut fields = vec![("externalCustomerId", "9"), (field, value)];
        if field == "externalCustomerId" {
            fields.remove(0);
        }
        trial.expect_errors(&new, &new, &fields).await;
    }
    trial
        .expect_errors(
            &new,
            &new,
            &[("externalCustomerId", "9"), ("attribute", "a"), ("value", &long)],
        )
        .await;
    trial
        .expect_errors(
            &new,
            &new,
            &[("externalCustomerId", "9"), ("attribute", &long), ("value", "1")],
        )
        .await;
    let import = format!("{base}/contacts/import");
    let wide = format!("{}\nx\n", "a,".repeat(300));
    for rows in ["", "Id,E-mail\n", wide.as_str()] {
        trial.expect_errors(&import, &import, &[("rows", rows)]).await;
    }
    let columns = trial
        .browser
        .post_form(&import, &[("rows", "Id,E-mail\n1,nobody\n")])
        .await
        .header("location")
        .unwrap()
        .to_owned();
    for chosen in [["email", "email"], ["", ""], ["firstName", "lastName"]] {
        trial.expect_errors(&columns, &columns, &chosen.map(|column| ("column", column))).await;
    }
    let check = trial
        .browser
        .post_form(&columns, &[("column", "externalCustomerId"), ("column", "email")])
        .await
        .header("location")
        .unwrap()
        .to_owned();
    let dry_run = trial.browser.get(&check).await;
    assert!(dry_run.text().contains("<td>має бути електронною адресою</td>"), "{}", dry_run.text());

    let segments = format!("{base}/segments/new");
    let row = |kind, operator, path, value| {
        [
            ("row0.kind", kind),
            ("row0.operator", operator),
            ("row0.path", path),
            ("row0.value", value),
        ]
    };
    for fields in [
        row("attribute", "equals", "", "x"),
        row("attribute", "equals", "plan", &long),
        row("attribute", "greaterThan", "plan", "x"),
        row("lastSeenAt", "withinDays", "", "soon"),
        row("lastSeenAt", "before", "", "soon"),
        row("language", "in", "", "klingon!"),
    ] {
        trial
            .expect_errors(
                &segments,
                &segments,
                &[&[("name", "One"), ("do", "save")][..], &fields].concat(),
            )
            .await;
    }
    trial.expect_errors(&segments, &segments, &[("name", "One"), ("do", "save")]).await;
    for name in ["", long.as_str()] {
        let fields = row("attribute", "equals", "plan", "pro");
        trial
            .expect_errors(
                &segments,
                &segments,
                &[&[("name", name), ("do", "save")][..], &fields].concat(),
            )
            .await;
    }
    for condition in [
        "no JSON",
        "{}",
        "{\"all\":[]}",
        "{\"attribute\":\"a\"}",
        "{\"attributes\":{}}",
        "{\"segment\":\"none\"}",
        "{\"contacts\":[]}",
        "{\"language\":{\"in\":[]}}",
        "{\"createdAt\":{}}",
        "{\"attribute\":\"a\",\"in\":[]}",
        "{\"equals\":1}",
        "{\"who\":1}",
        "{\"contacts\":[{\"externalCustomerId\":\"nobody\"}]}",
    ] {
        trial
            .expect_errors(
                &segments,
                &segments,
                &[("name", "One"), ("json", condition), ("do", "save")],
            )
            .await;
    }
    let deep =
        format!("{}{{\"attribute\":\"a\",\"equals\":1}}{}", "{\"not\":".repeat(12), "}".repeat(12));
    trial
        .expect_errors(&segments, &segments, &[("name", "One"), ("json", &deep), ("do", "save")])
        .await;
    trial.finish();
}

#[tokio::test]
async fn message_webhook_and_theme_errors_are_in_ukrainian() {
    let app = TestApp::new().await;
    let site = app.create_site().await.site.id;
    let mut trial = ErrorCheck::begin(&app).await;
    let long = "x".repeat(11_000);
    let base = format!("/console/sites/{site}");
    let new = format!("{base}/messages/new");
    let written = [("do", "review"), ("audience", "everyone"), ("content.en.title", "Sale")];
    for fields in [
        &[("content.en.title", "")][..],
        &[("content.en.title", "\u{200b}")],
        &[("content.en.title", long.as_str())],
        &[("content.en.title", "{{nobody}}")],
        &[("content.en.body", &long)],
        &[("content.en.body", "[a](https://{{name}}.example)")],
        &[("content.en.link", "shop")],
        &[("content.en.link", "ftp://shop.example")],
        &[("content.en.link", "https://a:b@shop.example")],
        &[("content.en.link", "https://{{name}}.example")],
        &[("content.en.image", "shop")],
        &[("content.en.actions[0].label", "Go")],
        &[
            ("content.en.actions[0].label", &long),
            ("content.en.actions[0].link", "https://shop.example"),
        ],
        &[("publishAt", "2030-01-01T00:00")],
        &[("publishAt", "soon")],
        &[("expiresAt", "2020-01-01T00:00")],
        &[("publishAt", "2026-12-05T00:00"), ("expiresAt", "2026-12-04T00:00")],
        &[("name", &long)],
        &[("category", &long)],
        &[("audience", "segment")],
        &[("audience", "contacts"), ("contacts", "")],
        &[("audience", "contacts"), ("contacts", "nobody")],
        &[("audience", "contacts"), ("contacts", "@")],
        &[("do", "test"), ("test", "nobody")],
    ] {
        let kept = written
            .iter()
            .filter(|(name, _)| !fields.iter().any(|(other, _)| name == other))
            .copied();
        trial
            .expect_errors(&new, &new, &kept.chain(fields.iter().copied()).collect::<Vec<_>>())
            .await;
    }

    let canned = format!("{base}/conversations/canned-responses/new");
    let too_long = "x".repeat(20_001);
    for (short_code, content) in [
        ("", "Hello"),
        (long.as_str(), "Hello"),
        ("a\u{7}", "Hello"),
        ("hello", " "),
        ("hello", too_long.as_str()),
    ] {
        trial
            .expect_errors(&canned, &canned, &[("short_code", short_code), ("text", content)])
            .await;
    }
    let hello = [("short_code", "hello"), ("text", "Hello")];
    assert_eq!(trial.browser.post_form(&canned, &hello).await.status, 303);
    trial.expect_errors(&canned, &canned, &hello).await;

    let settings =
        belfry_domain::channel::InboxSettings { name: "Shop".to_owned(), ..Default::default() };
    let inbox = app.app.create_inbox(site, settings).await.unwrap().inbox.id;
    let inbox = format!("{base}/inboxes/{inbox}");
    for (kind, region) in [("", ""), ("two words", ""), ("sms", "Україна"), ("sms", "XX")] {
        let fields = [
            ("name", "Shop"),
            ("initiate_enabled", "on"),
            ("initiate_kind", kind),
            ("initiate_region", region),
        ];
        trial.expect_errors(&inbox, &inbox, &fields).await;
    }

    let webhooks = format!("{base}/webhooks/new");
    for url in [
        "",
        "shop",
        "ftp://shop.example",
        "http://93.184.216.34/",
        "https://a:b@93.184.216.34/",
        "https://93.184.216.34/#a",
        "https://93.184.216.34:25/",
        "https://127.0.0.1/",
        "https://93.184.216.34/a b",
        &format!("https://93.184.216.34/{long}"),
    ] {
        trial
            .expect_errors(
                &webhooks,
                &webhooks,
                &[("kind", "standard"), ("url", url), ("events", "message.read")],
            )
            .await;
    }
    let url = ("url", "https://93.184.216.34/hook");
    for fields in [
        &[("kind", "standard")][..],
        &[("kind", "standard"), ("events", "nothing")],
        &[("kind", "standard"), ("events", "message.read"), ("description", &long)],
        &[("kind", "message"), ("auth.username", "a:b"), ("auth.password", "c")],
        &[("kind", "message"), ("auth.username", &long), ("auth.password", "c")],
        &[("kind", "message"), ("auth.username", "a"), ("auth.password", &long)],
    ] {
        trial.expect_errors(&webhooks, &webhooks, &[&[url][..], fields].concat()).await;
    }
    for _ in 0..10 {
        let response = trial
            .browser
            .post_form(&webhooks, &[("kind", "standard"), url, ("events", "message.read")])
            .await;
        assert_eq!(response.status, 200, "{}", response.text());
    }
    trial
        .expect_errors(
            &webhooks,
            &webhooks,
            &[("kind", "standard"), url, ("events", "message.read")],
        )
        .await;
    let themes = format!("{base}/themes");
    trial.expect_errors(&themes, &format!("{themes}/upload"), &[]).await;
    // An error without a form to return to is shown on the page after the redirect.
    let none = trial.browser.post_form_from(&themes, &format!("{themes}/publish"), &[]).await;
    let back = trial
        .browser
        .get(none.header("location").unwrap_or_else(|| panic!("{}", none.text())))
        .await;
    assert!(error_texts(&back)[0].starts_with("Чернетки для публікації немає."), "{}", back.text());
    trial.finish();
}
