//! How a program is connected to an inbox: secrets, access tokens, examples and the callback URL.

use super::create_inbox;
use crate::support::TestApp;
use belfry_domain::{
    Role,
    channel::{AgentRole, ChannelToken},
};

#[tokio::test]
async fn secrets_are_shown_to_owners_on_request() {
    let app = TestApp::new().await;
    let site = app.create_site().await.site.id;
    let inbox = create_inbox(&app, site, "Shop").await;
    let secrets = app.app.inbox_secrets(site, inbox.id).await.unwrap();
    let own = format!("/console/sites/{site}/inboxes/{}", inbox.id);
    app.console().member("editor@example.com", site, Role::Editor).await;
    let (mut owner, mut editor) =
        (app.console().sign_in_operator().await, app.console().sign_in("editor@example.com").await);
    let has = |text: &str| {
        [secrets.hmac_token.reveal(), secrets.callback_secret.reveal()]
            .map(|secret| text.contains(secret))
    };
    let asked = format!("{own}?show=secrets");
    assert_eq!(has(owner.get(&own).await.text()), [false; 2]);
    assert_eq!(has(owner.get(&asked).await.text()), [true; 2]);
    assert_eq!(has(editor.get(&asked).await.text()), [false; 2]);
    assert!(editor.get(&own).await.text().contains(inbox.identifier.as_str()));
}

#[tokio::test]
async fn access_token_is_shown_once_and_replaces_the_old_one() {
    let app = TestApp::new().await;
    let site = app.create_site().await.site.id;
    let inbox = create_inbox(&app, site, "Shop").await;
    let connect = format!("/console/sites/{site}/inboxes/{}/connect", inbox.id);
    app.console().member("editor@example.com", site, Role::Editor).await;
    app.console().member("viewer@example.com", site, Role::Viewer).await;
    let (mut owner, mut editor) =
        (app.console().sign_in_operator().await, app.console().sign_in("editor@example.com").await);
    let token = |text: &str| {
        let (_, rest) = text
            .split_once("id=\"access-token\" value=\"")
            .unwrap_or_else(|| panic!("no token: {text}"));
        ChannelToken::from_text(rest.split('"').next().unwrap().to_owned())
    };
    let create = format!("{connect}/token");
    for (browser, role) in [(&mut owner, AgentRole::Administrator), (&mut editor, AgentRole::Agent)]
    {
        let first = token(browser.post_form_from(&connect, &create, &[]).await.text());
        assert_eq!(app.app.authenticate_agent(&first).await.unwrap().agent.role, role);
        assert!(!browser.get(&connect).await.text().contains(first.reveal()));
        let second = token(browser.post_form_from(&connect, &create, &[]).await.text());
        assert!(app.app.authenticate_agent(&first).await.is_err());
        assert_eq!(app.app.authenticate_agent(&second).await.unwrap().site, site);
    }
    let mut viewer = app.console().sign_in("viewer@example.com").await;
    assert!(!viewer.get(&connect).await.text().contains("/connect/token"));
    assert_eq!(viewer.post_form_from("/console/account", &create, &[]).await.status, 403);
    assert_eq!(
        app.app.audit(Some(site), None, 1).await.unwrap()[0].entry.action,
        "agent.tokenCreated"
    );
}

#[tokio::test]
async fn copyable_examples_have_the_inboxs_values() {
    let app = TestApp::new().await;
    let site = app.create_site().await.site.id;
    let inbox = create_inbox(&app, site, "Shop").await;
    let mut owner = app.console().sign_in_operator().await;
    let connect = format!("/console/sites/{site}/inboxes/{}/connect", inbox.id);
    for language in ["curl", "javascript", "python", "cobol"] {
        let page = owner.get(&format!("{connect}?in={language}")).await;
        assert!(page.text().contains(&format!("/api/v1/accounts/{}", inbox.account)), "{language}");
        assert!(
            page.text().contains(&format!("/public/api/v1/inboxes/{}", inbox.identifier.as_str())),
            "{language}"
        );
    }
}

#[tokio::test]
async fn callback_url_shows_requests_and_responses() {
    let app = TestApp::new().await;
    let site = app.create_site().await.site.id;
    let inbox = create_inbox(&app, site, "Shop").await;
    let own = format!("/console/sites/{site}/inboxes/{}", inbox.id);
    let mut owner = app.console().sign_in_operator().await;
    assert!(owner.get(&own).await.text().contains("This inbox has no callback URL"));
    assert_eq!(
        owner
            .post_form(&own, &[("name", "Shop"), ("webhook_url", "https://93.184.216.34/hook")])
            .await
            .status,
        303
    );
    assert!(owner.get(&own).await.text().contains("Nothing sent yet"));
    let mut database = app.database().await;
    let insert = format!("INSERT INTO webhook_delivery (site_id, endpoint, event, type, body, state, attempts, created_at, queued_at, finished_at, error)
        SELECT site_id, number, 'event', 'message_created', '', 2, 3, 1, 1, 2, 'the connection was refused' FROM webhook_endpoint WHERE inbox_id = {}", inbox.id.0);
    assert_eq!(database.execute(&insert).await, 1);
    let page = owner.get(&own).await;
    for shown in ["message_created", "the connection was refused", "https://93.184.216.34/hook"] {
        assert!(page.text().contains(shown), "{shown}: {}", page.text());
    }
}

#[tokio::test]
async fn callback_url_can_be_tested_if_set() {
    let app = TestApp::new().await;
    let site = app.create_site().await.site.id;
    let inbox = create_inbox(&app, site, "Shop").await;
    let own = format!("/console/sites/{site}/inboxes/{}", inbox.id);
    let (test, deliveries) = (format!("{own}/test"), format!("{own}#deliveries"));
    let button = format!("action=\"{test}\"");
    app.console().member("viewer@example.com", site, Role::Viewer).await;
    let (mut owner, mut viewer) =
        (app.console().sign_in_operator().await, app.console().sign_in("viewer@example.com").await);
    let sent = async || {
        app.app
            .callback_deliveries(site, inbox.id, 9)
            .await
            .unwrap()
            .map_or(0, |(_, deliveries)| deliveries.len())
    };

    assert!(!owner.get(&own).await.text().contains(&button));
    let response = owner.post_form_from(&own, &test, &[]).await;
    assert_eq!(
        (response.status.as_u16(), response.header("location")),
        (303, Some(deliveries.as_str()))
    );
    assert!(owner.get(&own).await.text().contains("No test was sent"));

    assert_eq!(
        owner
            .post_form(&own, &[("name", "Shop"), ("webhook_url", "https://93.184.216.34/hook")])
            .await
            .status,
        303
    );
    assert!(
        owner.get(&own).await.text().contains(&button)
            && !viewer.get(&own).await.text().contains(&button)
    );
    let tested = owner.post_form_from(&own, &test, &[]).await;
    assert_eq!(
        (tested.status.as_u16(), tested.header("location")),
        (303, Some(deliveries.as_str()))
    );
    let page = owner.get(&own).await;
    assert!(
        page.text().contains("Test sent") && page.text().contains("<code>test</code>"),
        "{}",
        page.text()
    );
    let entry = app.app.audit(Some(site), None, 1).await.unwrap().remove(0).entry;
    assert_eq!(
        (entry.action.as_str(), entry.subject.as_str(), sent().await),
        ("inbox.tested", "Shop", 1)
    );

    let mut database = app.database().await;
    // With a full queue, the test delivery would displace a message.
    let full = "pending = 10000";
    let disabled = "pending = 0, enabled = 0, disabled_reason = 'it failed'";
    for (change, shown) in [(full, true), (disabled, false)] {
        let change =
            format!("UPDATE webhook_endpoint SET {change} WHERE inbox_id = {}", inbox.id.0);
        assert_eq!(database.execute(&change).await, 1);
        assert_eq!(owner.get(&own).await.text().contains(&button), shown);
        assert_eq!(
            owner.post_form_from(&own, &test, &[]).await.header("location"),
            Some(deliveries.as_str())
        );
        assert!(owner.get(&own).await.text().contains("No test was sent"));
    }
    let acts = app.app.audit(Some(site), None, 9).await.unwrap();
    assert_eq!(
        (acts.iter().filter(|of| of.entry.action == "inbox.tested").count(), sent().await),
        (1, 1)
    );
}
