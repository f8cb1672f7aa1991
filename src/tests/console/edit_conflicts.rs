//! Edit conflicts: two people have the same form open. The second to save gets a notice, keeps the
//! input, sees the stored values, and may save again.

use super::browser::Browser;
use crate::support::{Answer, TestApp, TestSite};
use belfry_domain::channel::InboxSettings;
use serde_json::json;

/// A page with a form, and the input of two people.
struct Case {
    page: String,
    first: Vec<(&'static str, &'static str)>,
    second: Vec<(&'static str, &'static str)>,
    /// Stored values of the first that the second is shown.
    noted: &'static [&'static str],
    /// Input of the second that the page keeps.
    typed: &'static [&'static str],
}

type Fields = &'static [(&'static str, &'static str)];

/// A form in which both fill in `common` alike, and `one` differently.
fn case(
    page: String,
    common: Fields,
    one: [(&'static str, &'static str); 2],
    noted: &'static [&'static str],
    typed: &'static [&'static str],
) -> Case {
    let filled = |own| common.iter().copied().chain([own]).collect();
    Case { page, first: filled(one[0]), second: filled(one[1]), noted, typed }
}

async fn cases(app: &TestApp, site: &TestSite) -> Vec<Case> {
    let of = format!("/console/sites/{}", site.site.id);
    let response = async |path: &str, body| {
        app.post(&format!("/v1{path}")).key(&site.key).json(&body).send().await.id()
    };
    let segment =
        response("/segments", json!({"name": "Pro", "condition": {"attributes": {"plan": "pro"}}}))
            .await;
    let webhook = response(
        "/webhooks",
        json!({"url": "https://93.184.216.34/hook", "events": ["message.read"]}),
    )
    .await;
    let message = response(
        "/messages",
        json!({"audience": "everyone", "content": {"en": {"title": "Hello"}}}),
    )
    .await;
    for name in ["Shop API", "Returns"] {
        app.app
            .create_inbox(
                site.site.id,
                InboxSettings { name: name.to_owned(), ..InboxSettings::default() },
            )
            .await
            .unwrap();
    }
    vec![
        case(
            format!("{of}/themes/edit"),
            &[],
            [("css", ".title { color: teal }"), ("css", ".title { color: navy }")],
            &["Currently saved CSS of the draft", "<code>.title { color: teal }</code>"],
            &["\n.title { color: navy }</textarea>"],
        ),
        case(
            format!("{of}/settings"),
            &[("origin", "https://shop.example"), ("language", "en"), ("languages", "")],
            [("name", "Shop of one"), ("name", "Shop of two")],
            &["currently saved: “Shop of one”"],
            &["value=\"Shop of two\""],
        ),
        case(
            format!("{of}/settings"),
            &[("name", "Shop of two"), ("origin", "https://shop.example"), ("language", "en")],
            [("languages", "uk"), ("languages", "de pl")],
            &["currently saved: “uk”"],
            &["value=\"de pl\""],
        ),
        case(
            format!("{of}/settings/placement"),
            &[("position", "beforeend")],
            [("selector", "#one"), ("selector", "#two")],
            &["currently saved: “#one”"],
            &["value=\"#two\""],
        ),
        case(
            format!("{of}/settings/categories"),
            &[],
            [("name-0", "news"), ("name-0", "offers")],
            &["currently saved: “news”"],
            &["value=\"offers\""],
        ),
        case(
            format!("{of}/settings/retention"),
            &[("history", "read")],
            [("retentionDays", "90"), ("retentionDays", "30")],
            &["currently saved: “90”"],
            &["value=\"30\""],
        ),
        case(
            format!("{of}/settings/messages"),
            &[],
            [("messagesInbox", "1"), ("messagesInbox", "2")],
            &["currently saved: “Shop API”"],
            &["<option value=\"2\" selected"],
        ),
        case(
            format!("{of}/segments/{segment}"),
            &[
                ("name", "Pro"),
                ("match", "all"),
                ("rows", "1"),
                ("row0.path", "plan"),
                ("row0.operator", "equals"),
                ("do", "save"),
            ],
            [("row0.value", "gold"), ("row0.value", "silver")],
            &["currently saved: “plan = gold”"],
            &["value=\"silver\""],
        ),
        case(
            format!("{of}/webhooks/{webhook}/edit"),
            &[("url", "https://93.184.216.34/hook"), ("description", "")],
            [("events", "message.seen"), ("events", "message.clicked")],
            &["currently saved: “message.seen”"],
            &["value=\"message.clicked\" checked"],
        ),
        case(
            format!("{of}/messages/{message}/edit"),
            &[("do", "save")],
            [("content.en.title", "Hello from one"), ("content.en.title", "Hello from two")],
            &["currently saved: “Hello from one”"],
            &["value=\"Hello from two\""],
        ),
    ]
}

/// The revision in a page's form.
fn version_token(page: &Answer) -> String {
    let (_, rest) = page
        .text()
        .split_once("name=\"former\" value=\"")
        .unwrap_or_else(|| panic!("{} {}", page.status, page.text()));
    rest.split('"').next().unwrap().to_owned()
}

async fn save(
    browser: &mut Browser<'_>,
    case: &Case,
    fields: &[(&str, &str)],
    former: &str,
) -> Answer {
    browser.post_form(&case.page, &[fields, &[("former", former)]].concat()).await
}

#[tokio::test]
async fn second_save_reports_the_conflict_and_can_be_forced() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    let (mut one, mut two) =
        (app.console().sign_in_operator().await, app.console().sign_in_operator().await);
    for case in cases(&app, &site).await {
        // A theme has a draft from the start; otherwise there would be nothing to overwrite.
        if case.page.ends_with("themes/edit") {
            assert_eq!(
                one.post_form(&case.page, &[("css", ".title { color: red }")]).await.status,
                303
            );
        }
        let page = case.page.as_str();
        let (seen_by_one, seen_by_two) =
            (version_token(&one.get(page).await), version_token(&two.get(page).await));
        let saved = save(&mut one, &case, &case.first, &seen_by_one).await;
        assert_eq!(saved.status, 303, "{page}: {}", saved.text());
        let stored = version_token(&one.get(page).await);
        let acts = app.app.audit(Some(site.site.id), None, 50).await.unwrap().len();

        let response = save(&mut two, &case, &case.second, &seen_by_two).await;
        let text = html_escape::decode_html_entities(response.text()).into_owned();
        assert_eq!(response.status, 409, "{page}: {text}");
        for part in [
            &["Someone else saved changes while you were editing", "Save anyway"],
            case.noted,
            case.typed,
        ]
        .concat()
        {
            assert!(text.contains(part), "{page}: no {part} in {text}");
        }
        assert_eq!(
            version_token(&one.get(page).await),
            stored,
            "{page}: it was saved all the same"
        );
        assert_eq!(
            app.app.audit(Some(site.site.id), None, 50).await.unwrap().len(),
            acts,
            "{page}"
        );

        let saved = save(&mut two, &case, &case.second, &version_token(&response)).await;
        assert_eq!(saved.status, 303, "{page}: {}", saved.text());
        assert_ne!(version_token(&one.get(page).await), stored, "{page}: it was not saved");
    }
}

#[tokio::test]
async fn one_of_two_concurrent_saves_reports_a_conflict() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    let mut browser = app.console().sign_in_operator().await;
    for case in cases(&app, &site).await {
        if case.page.ends_with("themes/edit") {
            assert_eq!(
                browser.post_form(&case.page, &[("css", ".title { color: red }")]).await.status,
                303
            );
        }
        let seen = version_token(&browser.get(&case.page).await);
        let mut calls = Vec::new();
        for fields in [&case.first, &case.second] {
            let fields = [fields.as_slice(), &[("former", seen.as_str())]].concat();
            calls.push(browser.form_of(&case.page, &case.page, &fields, &[]).await.send());
        }
        let answers = futures_util::future::join_all(calls).await;
        let mut statuses: Vec<u16> = answers.iter().map(|answer| answer.status.as_u16()).collect();
        statuses.sort_unstable();
        assert_eq!(statuses, [303, 409], "{}", case.page);
    }
}

/// The form's values may be stored in two places, and are saved together.
#[tokio::test]
async fn reported_conflict_changes_nothing() {
    let app = TestApp::new().await;
    let site = app.create_site().await.site.id;
    let mut browser = app.console().sign_in_operator().await;
    let page = format!("/console/sites/{site}/settings");
    let seen = version_token(&browser.get(&page).await);
    let mut calls = Vec::new();
    for (name, languages) in [("Shop of one", ""), ("Shop of two", "uk")] {
        let fields = [
            ("name", name),
            ("origin", "https://shop.example"),
            ("language", "en"),
            ("languages", languages),
            ("former", seen.as_str()),
        ];
        calls.push(browser.form_of(&page, &page, &fields, &[]).await.send());
    }
    let statuses: Vec<u16> = futures_util::future::join_all(calls)
        .await
        .iter()
        .map(|answer| answer.status.as_u16())
        .collect();
    let languages = app.app.settings(site).await.unwrap().languages().len();
    let stored = (app.app.site(site).await.unwrap().name, languages);
    let expected = if statuses == [303, 409] {
        ("Shop of one".to_owned(), 0)
    } else {
        ("Shop of two".to_owned(), 1)
    };
    assert_eq!(stored, expected, "{statuses:?}");
    assert_eq!(
        app.app
            .audit(Some(site), None, 50)
            .await
            .unwrap()
            .iter()
            .filter(|act| act.entry.action.ends_with(".updated"))
            .count(),
        1
    );
}

/// A themes page that was loaded before another account changed the draft.
#[tokio::test]
async fn unseen_draft_is_not_replaced() {
    let app = TestApp::new().await;
    let site = app.create_site().await.site.id;
    let (mut one, mut two) =
        (app.console().sign_in_operator().await, app.console().sign_in_operator().await);
    let themes = format!("/console/sites/{site}/themes");
    let (edit, upload, shipped) =
        (format!("{themes}/edit"), format!("{themes}/upload"), format!("{themes}/shipped"));
    let draft = async || {
        let draft = app.app.themes(site).await.unwrap().remove(0);
        (draft.version, app.app.theme_sources(site, draft.version).await.unwrap())
    };
    let rules = [
        ".title { color: red }",
        ".title { color: teal }",
        ".title { color: navy }",
        ".title { color: plum }",
    ];
    for (round, [theirs, mine]) in
        [[rules[0], rules[1]], [rules[2], rules[3]]].into_iter().enumerate()
    {
        // In the first round there was no draft, in the second a different one.
        let seen = version_token(&two.get(&themes).await);
        assert_eq!(one.post_form(&edit, &[("css", theirs)]).await.status, 303);
        let before = draft().await;
        for keep in [&[][..], &[("keep", "on")]] {
            let fields = [keep, &[("former", seen.as_str())]].concat();
            let response =
                two.form_of(&themes, &upload, &fields, &[("css", mine)]).await.send().await;
            assert_eq!(response.status, 409, "{round}: {}", response.text());
            for part in ["Someone saved another draft", "Save anyway"] {
                assert!(response.text().contains(part), "{part}: {}", response.text());
            }
            assert_eq!(draft().await, before);
        }
        let response = two
            .form_of(&themes, &shipped, &[("theme", "quiet"), ("former", seen.as_str())], &[])
            .await
            .send()
            .await;
        assert_eq!(response.status, 409, "{}", response.text());
        assert_eq!(draft().await, before);
        // Uploading the stored content overwrites nothing.
        assert_eq!(
            two.form_of(&themes, &upload, &[("former", seen.as_str())], &[("css", theirs)])
                .await
                .send()
                .await
                .status,
            303
        );
        let seen = version_token(&response);
        if round == 0 {
            let saved = two
                .form_of(&themes, &upload, &[("former", seen.as_str())], &[("css", mine)])
                .await
                .send()
                .await;
            assert_eq!(saved.status, 303, "{}", saved.text());
            assert_eq!(draft().await.1.css.as_deref(), Some(mine));
        } else {
            let saved = two
                .form_of(&themes, &shipped, &[("theme", "quiet"), ("former", seen.as_str())], &[])
                .await
                .send()
                .await;
            assert_eq!(saved.status, 303, "{}", saved.text());
            assert!(draft().await.1.bell.is_some());
        }
    }
}

/// Each file is independent: a change of another file is no conflict, and neither is a draft that
/// was published meanwhile.
#[tokio::test]
async fn file_is_added_to_a_draft_changed_elsewhere() {
    let app = TestApp::new().await;
    let site = app.create_site().await.site.id;
    let mut browser = app.console().sign_in_operator().await;
    let themes = format!("/console/sites/{site}/themes");
    let (edit, upload) = (format!("{themes}/edit"), format!("{themes}/upload"));
    assert_eq!(browser.post_form(&edit, &[("css", ".title { color: red }")]).await.status, 303);
    let seen = version_token(&browser.get(&themes).await);
    assert_eq!(browser.post_form(&edit, &[("css", ".title { color: teal }")]).await.status, 303);
    let bell = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 20 20\"><path d=\"M1 1h9v9z\"/></svg>";
    let added = browser
        .form_of(&themes, &upload, &[("keep", "on"), ("former", seen.as_str())], &[("bell", bell)])
        .await
        .send()
        .await;
    assert_eq!(added.status, 303, "{}", added.text());
    let draft = app.app.themes(site).await.unwrap().remove(0);
    let sources = app.app.theme_sources(site, draft.version).await.unwrap();
    assert_eq!(
        (sources.bell.as_deref(), sources.css.as_deref()),
        (Some(bell), Some(".title { color: teal }"))
    );
    assert_eq!(
        browser.post_form_from(&themes, &format!("{themes}/publish"), &[]).await.status,
        303
    );
    let replaced = browser
        .form_of(&themes, &upload, &[("former", seen.as_str())], &[("bell", bell)])
        .await
        .send()
        .await;
    assert_eq!(replaced.status, 303, "{}", replaced.text());
}

#[tokio::test]
async fn conflicts_are_reported_in_ukrainian() {
    let app = TestApp::new().await;
    let site = app.create_site().await.site.id;
    let mut browser = app.console().sign_in_operator().await;
    assert_eq!(
        browser.post_form("/console/account", &[("name", "Olha"), ("language", "uk")]).await.status,
        303
    );
    let page = format!("/console/sites/{site}/settings/retention");
    let fields = |days| [("retentionDays", days), ("history", "read"), ("former", "another")];
    let response = browser.post_form(&page, &fields("30")).await;
    assert_eq!(response.status, 409);
    for part in
        ["Хтось зберіг зміни, поки ви редагували", "зараз не збережено нічого", "Зберегти все одно"]
    {
        assert!(response.text().contains(part), "{part}: {}", response.text());
    }
}

#[tokio::test]
async fn live_css_checks_cause_no_conflicts() {
    let app = TestApp::new().await;
    let site = app.create_site().await.site.id;
    let page = format!("/console/sites/{site}/themes/edit");
    let (mut one, mut two) =
        (app.console().sign_in_operator().await, app.console().sign_in_operator().await);
    let (mut of_one, of_two) =
        (version_token(&one.get(&page).await), version_token(&two.get(&page).await));
    for css in [".title { color: red }", ".title { color: teal }"] {
        let response =
            one.post_form(&page, &[("css", css), ("live", "1"), ("former", &of_one)]).await;
        assert_eq!(response.status, 200, "{}", response.text());
        of_one = version_token(&response);
    }
    let answer = two
        .post_form(&page, &[("css", ".title { color: navy }"), ("live", "1"), ("former", &of_two)])
        .await;
    assert_eq!(answer.status, 409);
    assert!(answer.text().contains("color: teal"), "{}", answer.text());
    // Input equal to the stored value overwrites nothing, and neither does a draft in place of a
    // published one.
    assert_eq!(
        two.post_form(&page, &[("css", ".title { color: teal }"), ("former", &of_two)])
            .await
            .status,
        303
    );
    assert_eq!(
        one.post_form_from(&page, &format!("/console/sites/{site}/themes/publish"), &[])
            .await
            .status,
        303
    );
    assert_eq!(
        two.post_form(&page, &[("css", ".title { color: navy }"), ("former", &of_two)])
            .await
            .status,
        303
    );
}
