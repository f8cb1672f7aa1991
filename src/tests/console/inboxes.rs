//! Inboxes: create, configure and delete.

mod connection;

use crate::support::TestApp;
use belfry_domain::{
    Role,
    channel::InboxSettings,
    sdk::{AddressKind, InitiateSettings},
};

async fn create_inbox(
    app: &TestApp,
    site: belfry_domain::SiteId,
    name: &str,
) -> belfry_domain::channel::ChannelInbox {
    let settings = InboxSettings { name: name.to_owned(), ..InboxSettings::default() };
    app.app.create_inbox(site, settings).await.unwrap().inbox
}

#[tokio::test]
async fn inbox_is_created_changed_and_deleted_by_name() {
    let app = TestApp::new().await;
    let site = app.create_site().await.site.id;
    let mut owner = app.console().sign_in_operator().await;
    let inboxes = format!("/console/sites/{site}/inboxes");
    let empty = owner.get(&inboxes).await;
    assert!(
        empty.text().contains("No inboxes yet") && empty.text().contains(&format!("{inboxes}/new")),
        "{}",
        empty.text()
    );

    let new = format!("{inboxes}/new");
    for (fields, field) in [
        ([("name", "  "), ("webhook_url", "https://93.184.216.34/hook")], "name"),
        ([("name", "<b>Shop"), ("webhook_url", "shop.example")], "webhook_url"),
        ([("name", "<b>Shop"), ("webhook_url", "https://127.0.0.1/hook")], "webhook_url"),
    ] {
        let response = owner.post_form(&new, &fields).await;
        assert!(
            response.status == 422 && response.text().contains(&format!("id=\"{field}-error\"")),
            "{fields:?} {}",
            response.text()
        );
        let kept = fields.iter().all(|(_, value)| {
            response
                .text()
                .contains(&format!("value=\"{}\"", value.replace('<', "&lt;").replace('>', "&gt;")))
        });
        assert!(kept && !response.text().contains("<b>Shop"), "{}", response.text());
    }
    let created = owner
        .post_form(&new, &[("name", " Shop "), ("webhook_url", "https://93.184.216.34/hook")])
        .await;
    let inbox = app.app.inboxes_of_site(site).await.unwrap().remove(0);
    let own = format!("{inboxes}/{}", inbox.id);
    assert_eq!(
        (created.status.as_u16(), created.header("location")),
        (303, Some(own.as_str())),
        "{}",
        created.text()
    );
    assert_eq!(inbox.settings.name, "Shop");
    assert!(owner.get(&inboxes).await.text().contains(&own));

    let typed = [
        ("name", "Support"),
        ("webhook_url", ""),
        ("hmac_mandatory", "on"),
        ("greeting_enabled", "on"),
        ("greeting_message", "Hello!\nHow are you?"),
    ];
    assert_eq!(owner.post_form(&own, &typed).await.header("location"), Some(own.as_str()));
    let settings = app.app.inbox_of_site(site, inbox.id).await.unwrap().settings;
    assert_eq!(
        (settings.name.as_str(), settings.callback_url, settings.hmac_mandatory),
        ("Support", None, true)
    );
    assert_eq!(
        (settings.greeting_enabled, settings.greeting_message.as_deref()),
        (true, Some("Hello!\nHow are you?"))
    );
    // Settings missing in the form stay unchanged.
    assert!(
        settings.enable_auto_assignment
            && settings.allow_messages_after_resolved
            && !settings.lock_to_single_conversation
    );
    let long = "x".repeat(10_001);
    let response = owner
        .post_form(
            &own,
            &[
                ("name", "Other"),
                ("greeting_message", &long),
                ("lock_to_single_conversation", "on"),
            ],
        )
        .await;
    assert!(
        response.status == 422
            && response.text().contains("greeting_message-error")
            && response.text().contains(&long),
        "{}",
        response.status
    );
    assert!(
        response.text().contains("value=\"Other\"")
            && response
                .text()
                .contains("name=\"lock_to_single_conversation\" value=\"on\" checked")
    );

    let delete = format!("{own}/delete");
    let wrong = owner.post_form(&delete, &[("name", "Shop")]).await;
    assert!(wrong.status == 422 && wrong.text().contains("id=\"name-error\""), "{}", wrong.text());
    assert_eq!(
        owner.post_form(&delete, &[("name", "Support")]).await.header("location"),
        Some(inboxes.as_str())
    );
    assert_eq!(owner.get(&own).await.status, 404);
    let acts: Vec<_> = app
        .app
        .audit(Some(site), None, 9)
        .await
        .unwrap()
        .into_iter()
        .map(|of| (of.entry.action, of.entry.subject))
        .collect();
    let expected =
        [("inbox.deleted", "Support"), ("inbox.updated", "Shop"), ("inbox.created", "1")];
    assert_eq!(
        acts[..3],
        expected.map(|(action, subject)| (action.to_owned(), subject.to_owned()))
    );
}

#[tokio::test]
async fn hours_are_set_day_by_day() {
    let app = TestApp::new().await;
    let site = app.create_site().await.site.id;
    let inbox = create_inbox(&app, site, "Shop").await;
    let own = format!("/console/sites/{site}/inboxes/{}", inbox.id);
    let mut owner = app.console().sign_in_operator().await;
    let page = owner.get(&own).await;
    let days: Vec<_> = [1, 2, 3, 4, 5, 6, 0]
        .iter()
        .map(|day| page.text().find(&format!("name=\"day_{day}\"")).unwrap())
        .collect();
    assert!(
        days.is_sorted()
            && page.text().contains("name=\"open_1\" value=\"09:00\"")
            && page.text().contains("name=\"close_6\" value=\"\"")
    );

    let form = [
        ("name", "Shop"),
        ("working_hours_enabled", "on"),
        ("timezone", "Europe/Kyiv"),
        ("out_of_office_message", "Tomorrow"),
        ("day_1", "open"),
        ("open_1", "08:30"),
        ("close_1", "16:45"),
        ("day_2", "closed"),
        ("open_2", "09:00"),
        ("close_2", "17:00"),
        ("day_0", "all_day"),
        ("open_0", ""),
        ("close_0", ""),
    ];
    assert_eq!(owner.post_form(&own, &form).await.header("location"), Some(own.as_str()));
    let settings = app.app.inbox_of_site(site, inbox.id).await.unwrap().settings;
    assert_eq!(
        (settings.timezone.as_str(), settings.out_of_office_message.as_deref()),
        ("Europe/Kyiv", Some("Tomorrow"))
    );
    let [sunday, monday, tuesday, wednesday, ..] = *settings.working_hours.days();
    assert!(
        settings.working_hours_enabled
            && sunday.open_all_day
            && tuesday.closed_all_day
            && !wednesday.closed_all_day
    );
    assert_eq!(
        [monday.open_hour, monday.open_minutes, monday.close_hour, monday.close_minutes],
        [8, 30, 16, 45].map(Some)
    );
    assert_eq!(
        (tuesday.open_hour, tuesday.close_hour),
        (Some(9), Some(17)),
        "for the time when it reopens"
    );

    for (name, value, field) in [
        ("close_1", "08:30", "close_1"),
        ("open_1", "half past", "open_1"),
        ("timezone", "Mars/Olympus", "timezone"),
        ("greeting_enabled", "on", "greeting_message"),
    ] {
        let mut odd = form.to_vec();
        odd.retain(|(named, _)| *named != name && *named != "out_of_office_message");
        odd.extend([(name, value), ("out_of_office_message", "<Never>")]);
        let response = owner.post_form(&own, &odd).await;
        let text = response.text();
        assert!(
            response.status == 422 && text.contains(&format!("id=\"{field}-error\"")),
            "{name} {text}"
        );
        assert!(
            text.contains("&lt;Never&gt;")
                && (name == "close_1" || text.contains("value=\"16:45\"")),
            "{text}"
        );
        assert!(
            name == "greeting_enabled" || text.contains(&format!("value=\"{value}\"")),
            "{text}"
        );
    }
    assert_eq!(app.app.inbox_of_site(site, inbox.id).await.unwrap().settings, settings);
}

#[tokio::test]
async fn agents_start_conversations_where_an_owner_allows_it() {
    let app = TestApp::new().await;
    let site = app.create_site().await.site.id;
    let inbox = create_inbox(&app, site, "Shop").await;
    let own = format!("/console/sites/{site}/inboxes/{}", inbox.id);
    let mut owner = app.console().sign_in_operator().await;
    let form = |fields: &[(&'static str, &'static str)]| [&[("name", "Shop")], fields].concat();
    let on = ("initiate_enabled", "on");
    for (fields, field) in [
        (form(&[on]), "initiate_kind"),
        (form(&[on, ("initiate_kind", "What’s that?")]), "initiate_kind"),
        (
            form(&[
                on,
                ("initiate_kind", "sms"),
                ("initiate_address", "phone"),
                ("initiate_region", "Netherlands"),
            ]),
            "initiate_region",
        ),
    ] {
        let response = owner.post_form(&own, &fields).await;
        assert!(
            response.status == 422 && response.text().contains(&format!("id=\"{field}-error\"")),
            "{fields:?} {}",
            response.text()
        );
        assert!(
            response.text().contains("name=\"initiate_enabled\" value=\"on\" checked"),
            "{fields:?}"
        );
    }
    let set = async || app.app.inbox_of_site(site, inbox.id).await.unwrap().settings.initiate;
    assert_eq!(set().await, None);

    let phone = form(&[
        on,
        ("initiate_kind", " WhatsApp"),
        ("initiate_address", "phone"),
        ("initiate_region", "nl"),
    ]);
    assert_eq!(owner.post_form(&own, &phone).await.status, 303);
    let expected = InitiateSettings {
        kind: "whatsapp".into(),
        address: AddressKind::Phone,
        region: Some("NL".into()),
    };
    assert_eq!(set().await, Some(expected));
    let page = owner.get(&own).await;
    for shown in [
        "name=\"initiate_enabled\" value=\"on\" checked",
        "value=\"whatsapp\"",
        "value=\"NL\"",
        "<option value=\"phone\" selected",
    ] {
        assert!(page.text().contains(shown), "{shown} {}", page.text());
    }
    let email = form(&[on, ("initiate_kind", "email"), ("initiate_address", "email")]);
    assert_eq!(owner.post_form(&own, &email).await.status, 303);
    assert_eq!(
        set().await,
        Some(InitiateSettings { kind: "email".into(), address: AddressKind::Email, region: None })
    );
    assert_eq!(owner.post_form(&own, &form(&[("initiate_kind", "email")])).await.status, 303);
    assert_eq!(set().await, None, "the checkbox is not checked");
}

#[tokio::test]
async fn only_owners_write_and_viewers_read() {
    let app = TestApp::new().await;
    let (site, other) = (app.create_site().await.site.id, app.create_site().await.site.id);
    let inbox = create_inbox(&app, site, "Shop").await;
    let inboxes = format!("/console/sites/{site}/inboxes");
    let own = format!("{inboxes}/{}", inbox.id);
    for (email, role) in
        [("editor@example.com", Role::Editor), ("viewer@example.com", Role::Viewer)]
    {
        app.console().member(email, site, role).await;
        let mut browser = app.console().sign_in(email).await;
        for page in [&inboxes, &own, &format!("{own}/connect")] {
            assert_eq!(browser.get(page).await.status, 200, "{page}");
        }
        for page in [format!("{inboxes}/new"), format!("{own}/delete")] {
            assert_eq!(browser.get(&page).await.status, 403, "{page}");
        }
        for form in [
            format!("{inboxes}/new"),
            own.clone(),
            format!("{own}/members"),
            format!("{own}/test"),
            format!("{own}/delete"),
        ] {
            assert_eq!(
                browser.post_form_from("/console/account", &form, &[("name", "Shop")]).await.status,
                403,
                "{form}"
            );
        }
        assert!(!browser.get(&own).await.text().contains("name=\"webhook_url\""));
    }
    let mut operator = app.console().sign_in_operator().await;
    assert_eq!(
        operator.get(&format!("/console/sites/{other}/inboxes/{}", inbox.id)).await.status,
        404
    );
    assert_eq!(app.app.inbox_of_site(site, inbox.id).await.unwrap(), inbox);
}

#[tokio::test]
async fn members_are_chosen_among_the_agents() {
    let app = TestApp::new().await;
    let site = app.create_site().await.site.id;
    let inbox = create_inbox(&app, site, "Shop").await;
    let own = format!("/console/sites/{site}/inboxes/{}", inbox.id);
    let mut owner = app.console().sign_in_operator().await;
    assert!(owner.get(&own).await.text().contains("Only owners so far"));
    for (email, role) in [
        ("agent@example.com", Role::Agent),
        ("editor@example.com", Role::Editor),
        ("viewer@example.com", Role::Viewer),
    ] {
        app.console().member(email, site, role).await;
    }
    let page = owner.get(&own).await;
    assert!(
        page.text().contains("agent@example.com") && page.text().contains("editor@example.com"),
        "{}",
        page.text()
    );
    assert!(!page.text().contains("viewer@example.com"), "{}", page.text());
    let agents = app.app.agents(site).await.unwrap();
    let agent = agents.iter().find(|agent| agent.email == "agent@example.com").unwrap();
    let members = format!("{own}/members");
    let number = agent.id.to_string();
    assert_eq!(owner.post_form_from(&own, &members, &[("agents", &number)]).await.status, 303);
    assert_eq!(
        app.app.members_of_inbox(site, inbox.id).await.unwrap(),
        std::slice::from_ref(agent)
    );
    let gone =
        owner.post_form_from(&own, &members, &[("agents", &number), ("agents", "999")]).await;
    assert!(
        gone.status == 422 && gone.text().contains("no longer an agent of this site"),
        "{}",
        gone.text()
    );
    assert_eq!(owner.post_form_from(&own, &members, &[]).await.status, 303);
    assert_eq!(app.app.members_of_inbox(site, inbox.id).await.unwrap(), []);
}
