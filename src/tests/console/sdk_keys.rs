//! The signing keys of the Inbox SDK, of a site and of its inboxes.

use crate::support::{Answer, TestApp};
use belfry_app::sdk::sign_jwt;
use belfry_domain::{
    Role, SiteId,
    channel::{ChannelInbox, InboxSettings},
    sdk::SdkScope,
};
use serde_json::json;

async fn create_inbox(app: &TestApp, site: SiteId, name: &str) -> ChannelInbox {
    let settings = InboxSettings { name: name.to_owned(), ..InboxSettings::default() };
    app.app.create_inbox(site, settings).await.unwrap().inbox
}

fn value_of<'a>(answer: &'a Answer, id: &str) -> &'a str {
    let start = format!("id=\"{id}\" value=\"");
    let (_, rest) = answer
        .text()
        .split_once(start.as_str())
        .unwrap_or_else(|| panic!("no {id}: {} {}", answer.status, answer.text()));
    rest.split('"').next().unwrap()
}

#[tokio::test]
async fn signing_key_is_shown_once_listed_and_revoked() {
    let app = TestApp::new().await;
    let site = app.create_site().await.site.id;
    let inbox = create_inbox(&app, site, "Support").await;
    let mut owner = app.console().sign_in_operator().await;
    let pages = [
        (
            format!("/console/sites/{site}/settings/sdk"),
            SdkScope::Site,
            site.to_string(),
            "environment_id",
        ),
        (
            format!("/console/sites/{site}/inboxes/{}/sdk", inbox.id),
            SdkScope::Inbox(inbox.id),
            inbox.uuid.to_string(),
            "bot_id",
        ),
    ];
    for (page, scope, uuid, claim) in pages {
        let empty = owner.get(&page).await;
        assert!(
            empty.text().contains("No signing keys yet.")
                && empty.text().contains(&uuid)
                && empty.text().contains(claim),
            "{}",
            empty.text()
        );
        for wrong in ["  ", "a\u{7}b", &"x".repeat(201)] {
            let response = owner.post_form(&page, &[("label", wrong)]).await;
            assert!(
                response.status == 422 && response.text().contains("id=\"label-error\""),
                "{}",
                response.text()
            );
        }
        let created = owner.post_form(&page, &[("label", " Back <office> ")]).await;
        assert_eq!((created.status.as_u16(), value_of(&created, "uuid")), (200, uuid.as_str()));
        let secret = value_of(&created, "signing-key").to_owned();
        assert_eq!(secret.len(), 43);
        let keys = app.app.sdk_keys(site).await.unwrap();
        let key = keys.iter().find(|key| key.scope == scope).unwrap();
        assert_eq!(key.label, "Back <office>");
        let listed = owner.get(&page).await;
        assert!(
            listed.text().contains("Back &lt;office&gt;") && listed.text().contains("never"),
            "{}",
            listed.text()
        );
        assert!(!listed.text().contains(&secret) && !listed.text().contains("Back <office>"));
        let revoke = format!("{page}/{}/revoke", key.id);
        assert!(listed.text().contains(&revoke));
        assert!(owner.get(&revoke).await.text().contains("Revoke Back &lt;office&gt;?"));
        assert_eq!(
            app.app.sdk_keys(site).await.unwrap().len(),
            keys.len(),
            "a GET revokes nothing"
        );
        assert_eq!(owner.post_form(&revoke, &[]).await.header("location"), Some(page.as_str()));
        assert!(!app.app.sdk_keys(site).await.unwrap().iter().any(|key| key.scope == scope));
        // Already revoked by somebody else, or never existed.
        for path in [&revoke, &format!("{page}/999/revoke"), &format!("{page}/x/revoke")] {
            assert_eq!(owner.get(path).await.status, 404, "{path}");
            assert_eq!(owner.post_form_from(&page, path, &[]).await.status, 404, "{path}");
        }
    }
    let acts: Vec<_> = app
        .app
        .audit(Some(site), None, 9)
        .await
        .unwrap()
        .into_iter()
        .map(|of| (of.entry.action, of.entry.subject))
        .collect();
    let expected = ["sdk-key.revoked", "sdk-key.created", "sdk-key.revoked", "sdk-key.created"];
    assert_eq!(acts[..4], expected.map(|action| (action.to_owned(), "Back <office>".to_owned())));
    let audit = owner.get(&format!("/console/sites/{site}/audit")).await;
    assert!(
        audit.text().contains("Revoked the signing key Back &lt;office&gt;"),
        "{}",
        audit.text()
    );
}

#[tokio::test]
async fn keys_are_reachable_in_their_scope_only() {
    let app = TestApp::new().await;
    let (site, other) = (app.create_site().await.site.id, app.create_site().await.site.id);
    let (inbox, second, foreign) = (
        create_inbox(&app, site, "A").await,
        create_inbox(&app, site, "B").await,
        create_inbox(&app, other, "C").await,
    );
    let own = app.app.create_sdk_key(site, Some(inbox.id), "own").await.unwrap().key;
    let theirs = app.app.create_sdk_key(other, None, "theirs").await.unwrap().key;
    let mut owner = app.console().sign_in_operator().await;
    let page = |site: SiteId, rest: String| format!("/console/sites/{site}/{rest}");
    let home = page(site, "settings/sdk".to_owned());
    for path in [
        page(site, format!("settings/sdk/{}/revoke", own.id)),
        page(site, format!("settings/sdk/{}/revoke", theirs.id)),
        page(site, format!("inboxes/{}/sdk/{}/revoke", second.id, own.id)),
        page(site, format!("inboxes/{}/sdk/{}/revoke", inbox.id, theirs.id)),
        page(other, format!("inboxes/{}/sdk/{}/revoke", inbox.id, own.id)),
        page(site, format!("inboxes/{}/sdk", foreign.id)),
    ] {
        assert_eq!(owner.get(&path).await.status, 404, "{path}");
        assert_eq!(
            owner.post_form_from(&home, &path, &[("label", "x")]).await.status,
            404,
            "{path}"
        );
    }
    assert_eq!(
        (app.app.sdk_keys(site).await.unwrap(), app.app.sdk_keys(other).await.unwrap()),
        (vec![own], vec![theirs])
    );
    let listed = owner.get(&page(site, format!("inboxes/{}/sdk", second.id))).await;
    assert!(listed.text().contains("No signing keys yet."), "{}", listed.text());
}

#[tokio::test]
async fn only_owners_manage_signing_keys() {
    let app = TestApp::new().await;
    let site = app.create_site().await.site.id;
    let inbox = create_inbox(&app, site, "Support").await;
    let key = app.app.create_sdk_key(site, Some(inbox.id), "own").await.unwrap().key;
    let own = format!("/console/sites/{site}/inboxes/{}", inbox.id);
    for (email, role) in
        [("editor@example.com", Role::Editor), ("viewer@example.com", Role::Viewer)]
    {
        app.console().member(email, site, role).await;
        let mut browser = app.console().sign_in(email).await;
        let response = browser.get(&own).await;
        assert!(
            response.status == 200 && !response.text().contains(&format!("{own}/sdk")),
            "{role:?}"
        );
        for path in [
            format!("{own}/sdk"),
            format!("{own}/sdk/{}/revoke", key.id),
            format!("/console/sites/{site}/settings/sdk"),
        ] {
            assert_eq!(browser.get(&path).await.status, 403, "{role:?} {path}");
            assert_eq!(
                browser.post_form_from(&own, &path, &[("label", "x")]).await.status,
                403,
                "{role:?} {path}"
            );
        }
    }
    assert_eq!(app.app.sdk_keys(site).await.unwrap(), [key]);
    let mut owner = app.console().sign_in_operator().await;
    assert!(owner.get(&own).await.text().contains(&format!("{own}/sdk")));
}

#[tokio::test]
async fn sdk_agents_are_not_offered_as_members() {
    let app = TestApp::new().await;
    let site = app.create_site().await.site.id;
    let inbox = create_inbox(&app, site, "Support").await;
    let key = app.app.create_sdk_key(site, None, "own").await.unwrap();
    let now = app.app.now().millis() / 1_000;
    let claims = json!({ "iat": now, "exp": now + 60, "id": "1", "name": "Ada of the SDK", "environment_id": key.uuid });
    let agent = app
        .app
        .authenticate_by_jwt(&sign_jwt(&claims, &key.secret).unwrap())
        .await
        .unwrap()
        .0
        .caller
        .agent;
    assert!(app.app.agents(site).await.unwrap().contains(&agent));
    let mut owner = app.console().sign_in_operator().await;
    let page = owner.get(&format!("/console/sites/{site}/inboxes/{}", inbox.id)).await;
    assert!(page.status == 200 && !page.text().contains("Ada of the SDK"), "{}", page.text());
}
