//! Members of a site, and invitations.

use super::browser::PASSWORD;
use crate::support::{Answer, PUBLIC_URL, TestApp};
use belfry_domain::Role;

/// The code in the fragment of the link that a page shows.
fn code(answer: &Answer) -> String {
    let link = format!("{PUBLIC_URL}/console/invitation#");
    let (_, rest) = answer
        .text()
        .split_once(&link)
        .unwrap_or_else(|| panic!("no link: {} {}", answer.status, answer.text()));
    rest.split('"').next().unwrap().to_owned()
}

#[tokio::test]
async fn invitation_creates_an_account_and_a_member_once() {
    let app = TestApp::new().await;
    let site = app.create_site().await.site;
    let members = format!("/console/sites/{}/members", site.id);
    let mut owner = app.console().sign_in_operator().await;
    let response = owner.post_form(&members, &[("role", "editor"), ("email", "")]).await;
    let code = code(&response);
    assert!(!owner.get(&members).await.text().contains(&code));
    assert!(owner.get(&members).await.text().contains("Anyone with the link"));

    let mut guest = app.console().browser();
    let person = [
        ("code", code.as_str()),
        ("name", "Marta"),
        ("email", "marta@example.com"),
        ("password", "short"),
    ];
    let refused = guest.post_form("/console/invitation", &person).await;
    assert_eq!(refused.status, 422);
    assert!(refused.text().contains("id=\"password-error\""), "{}", refused.text());
    let joined = guest
        .post_form(
            "/console/invitation",
            &[person[0], person[1], person[2], ("password", PASSWORD)],
        )
        .await;
    assert_eq!(
        joined.header("location"),
        Some(format!("/console/sites/{}", site.id).as_str()),
        "{}",
        joined.text()
    );
    let overview = guest.get(&format!("/console/sites/{}", site.id)).await;
    assert!(
        overview.text().contains("You have joined Acme Shop. Your role: Editor."),
        "{}",
        overview.text()
    );
    assert!(owner.get(&members).await.text().contains("marta@example.com"));

    let mut late = app.console().browser();
    let again = [
        ("code", code.as_str()),
        ("name", "Late"),
        ("email", "late@example.com"),
        ("password", PASSWORD),
    ];
    let answer = late.post_form("/console/invitation", &again).await;
    assert_eq!(answer.status, 422);
    assert!(answer.text().contains("id=\"code-error\""), "{}", answer.text());
}

#[tokio::test]
async fn signed_in_account_joins_only_if_it_was_invited() {
    let app = TestApp::new().await;
    let (first, second) = (app.create_site().await.site, app.create_site().await.site);
    app.console().member("marta@example.com", first.id, Role::Viewer).await;
    let mut owner = app.console().sign_in_operator().await;
    let mut marta = app.console().sign_in("marta@example.com").await;
    let members = format!("/console/sites/{}/members", second.id);
    let meant = code(
        &owner.post_form(&members, &[("role", "viewer"), ("email", "other@example.com")]).await,
    );
    let response = marta.post_form("/console/invitation", &[("code", meant.as_str())]).await;
    assert_eq!(response.status, 422);
    assert!(response.text().contains("is not the invited address"), "{}", response.text());
    let open = code(
        &owner.post_form(&members, &[("role", "viewer"), ("email", "Marta@Example.com")]).await,
    );
    assert_eq!(
        marta.post_form("/console/invitation", &[("code", open.as_str())]).await.status,
        303
    );
    assert_eq!(marta.get(&members).await.status, 200);
}

#[tokio::test]
async fn revoked_invitation_is_invalid() {
    let app = TestApp::new().await;
    let site = app.create_site().await.site;
    let members = format!("/console/sites/{}/members", site.id);
    let mut owner = app.console().sign_in_operator().await;
    let code = code(&owner.post_form(&members, &[("role", "owner"), ("email", "")]).await);
    let page = owner.get(&members).await;
    let (_, rest) = page.text().split_once("/invitations/").unwrap();
    let revoke =
        format!("/console/sites/{}/invitations/{}", site.id, rest.split('"').next().unwrap());
    assert_eq!(owner.post_form_from(&members, &revoke, &[]).await.status, 303);
    assert_eq!(
        owner.post_form("/console/invitation", &[("code", code.as_str())]).await.status,
        422
    );
    assert_eq!(owner.post_form_from(&members, &revoke, &[]).await.status, 404);
}

#[tokio::test]
async fn invitation_of_a_removed_owner_is_invalid() {
    let app = TestApp::new().await;
    let site = app.create_site().await.site;
    app.console().member("staying@example.com", site.id, Role::Owner).await;
    let leaving = app.console().member("leaving@example.com", site.id, Role::Owner).await;
    let members = format!("/console/sites/{}/members", site.id);
    let mut owner = app.console().sign_in_operator().await;
    let mut gone = app.console().sign_in("leaving@example.com").await;
    let code = code(&gone.post_form(&members, &[("role", "owner"), ("email", "")]).await);
    let remove = format!("{members}/{}/remove", leaving.0);
    assert!(owner.get(&remove).await.text().contains("API keys are not affected"));
    assert_eq!(owner.post_form(&remove, &[]).await.status, 303);
    assert!(!owner.get(&members).await.text().contains("/invitations/"));
    assert_eq!(gone.post_form("/console/invitation", &[("code", code.as_str())]).await.status, 422);
    let mut late = app.console().browser();
    let new = [
        ("code", code.as_str()),
        ("name", "Late"),
        ("email", "late@example.com"),
        ("password", PASSWORD),
    ];
    assert_eq!(late.post_form("/console/invitation", &new).await.status, 422);
}

#[tokio::test]
async fn member_is_removed_after_confirmation_except_last_owner() {
    let app = TestApp::new().await;
    let site = app.create_site().await.site;
    let owner_id = app.console().member("owner@example.com", site.id, Role::Owner).await;
    let marta = app.console().member("marta@example.com", site.id, Role::Viewer).await;
    let mut owner = app.console().sign_in("owner@example.com").await;
    let mut gone = app.console().sign_in("marta@example.com").await;
    let path = |rest: String| format!("/console/sites/{}/members{rest}", site.id);

    owner
        .post_form_from(
            &path(String::new()),
            &path(format!("/{}/role", owner_id.0)),
            &[("role", "viewer")],
        )
        .await;
    assert!(owner.get(&path(String::new())).await.text().contains("must have at least one owner"));
    owner.post_form(&path(format!("/{}/remove", owner_id.0)), &[]).await;
    assert_eq!(app.app.members(site.id).await.unwrap().len(), 2);

    let ask = owner.get(&path(format!("/{}/remove", marta.0))).await;
    assert!(
        ask.text().contains("marta@example.com")
            && ask.text().contains("loses access to Acme Shop"),
        "{}",
        ask.text()
    );
    assert_eq!(gone.get(&path(String::new())).await.status, 200);
    assert_eq!(owner.post_form(&path(format!("/{}/remove", marta.0)), &[]).await.status, 303);
    assert_eq!(gone.get(&path(String::new())).await.status, 404);
    assert_eq!(owner.get(&path(format!("/{}/remove", marta.0))).await.status, 404);
    let acts: Vec<_> = app
        .app
        .audit(Some(site.id), None, 9)
        .await
        .unwrap()
        .into_iter()
        .map(|audited| audited.entry.action)
        .collect();
    assert_eq!(acts[0], "member.removed");
}

#[tokio::test]
async fn only_owners_manage_members() {
    let app = TestApp::new().await;
    let site = app.create_site().await.site;
    let members = format!("/console/sites/{}/members", site.id);
    let editor = app.console().member("editor@example.com", site.id, Role::Editor).await;
    let mut browser = app.console().sign_in("editor@example.com").await;
    let page = browser.get(&members).await;
    assert!(
        !page.text().contains("/remove") && !page.text().contains("name=\"role\""),
        "{}",
        page.text()
    );
    let (role, remove) =
        (format!("{members}/{}/role", editor.0), format!("{members}/{}/remove", editor.0));
    for (path, fields) in
        [(&members, [("role", "owner")]), (&role, [("role", "owner")]), (&remove, [("role", "")])]
    {
        assert_eq!(browser.post_form_from(&members, path, &fields).await.status, 403, "{path}");
    }
    assert_eq!(browser.get(&remove).await.status, 403);
    assert_eq!(app.app.members(site.id).await.unwrap()[0].role, Role::Editor);
}

#[tokio::test]
async fn invited_agent_lands_on_conversations() {
    let app = TestApp::new().await;
    let site = app.create_site().await.site;
    let members = format!("/console/sites/{}/members", site.id);
    let mut owner = app.console().sign_in_operator().await;
    let code = code(&owner.post_form(&members, &[("role", "agent"), ("email", "")]).await);
    let person = [
        ("code", code.as_str()),
        ("name", "Ann"),
        ("email", "ann@example.com"),
        ("password", PASSWORD),
    ];
    let joined = app.console().browser().post_form("/console/invitation", &person).await;
    assert_eq!(
        joined.header("location"),
        Some(format!("/console/sites/{}/conversations", site.id).as_str()),
        "{}",
        joined.text()
    );
    assert_eq!(app.app.members(site.id).await.unwrap()[0].role, Role::Agent);
}
