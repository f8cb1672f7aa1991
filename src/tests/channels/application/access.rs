//! Authentication of agents, and the agent's profile.

use super::{ApplicationFixture, assert_error, assert_not_found};
use crate::support::TestApp;
use serde_json::{Value, json};

#[tokio::test]
async fn other_credentials_are_ignored() {
    let app = TestApp::new().await;
    let fixture = ApplicationFixture::new(&app).await;
    let token = fixture.administrator.access_token.reveal();
    let path = format!("/api/v1/accounts/{}/agents", fixture.account);
    // The headers that clients of other products send as well.
    let call = app
        .get(&path)
        .header("API_ACCESS_TOKEN", token)
        .header("authorization", "Bearer something")
        .header("content-type", "application/json");
    assert_eq!(call.send().await.status, 200);
    let unknown = json!({"errors": ["You need to sign in or sign up before continuing."]});
    assert_error(
        &app.get(&path).header("authorization", &format!("Bearer {token}")).send().await,
        401,
        &unknown,
    );
    assert_error(&app.get(&path).header("api_access_token", "").send().await, 401, &unknown);
    assert_error(
        &app.get(&path)
            .header("api_access_token", token)
            .header("api_access_token", token)
            .send()
            .await,
        401,
        &unknown,
    );
    assert_error(&app.get(&path).key(&fixture.site.key).send().await, 401, &unknown);
    assert_error(
        &app.get(&path).header("api_access_token", &fixture.site.key).send().await,
        401,
        &json!({"error": "Invalid Access Token"}),
    );
}

#[tokio::test]
async fn path_must_name_the_agents_account() {
    let app = TestApp::new().await;
    let (office, other) =
        (ApplicationFixture::new(&app).await, ApplicationFixture::new(&app).await);
    let agents = async |account: &str| {
        let call = app.get(&format!("/api/v1/accounts/{account}/agents"));
        call.header("api_access_token", office.administrator.access_token.reveal()).send().await
    };
    let other_account = json!({"error": "You are not authorized to access this account"});
    for account in [
        other.account.to_string(),
        "987654".to_owned(),
        "0".to_owned(),
        "x".to_owned(),
        "99999999999999999999".to_owned(),
    ] {
        assert_error(&agents(&account).await, 401, &other_account);
    }
    assert_eq!(agents(&office.account.to_string()).await.status, 200);
}

#[tokio::test]
async fn other_paths_are_404() {
    let app = TestApp::new().await;
    let fixture = ApplicationFixture::new(&app).await;
    for path in [
        "",
        "/",
        "/nothing",
        "/inboxes/x",
        "/inboxes/0",
        "/inboxes/-1",
        "/inboxes/99999999999999999999",
        "/contacts/1/nothing",
        "/conversations/x",
    ] {
        assert_not_found(&fixture.call("GET", path).send().await);
    }
    let answer = fixture.call("PUT", "/inboxes").send().await;
    assert_eq!((answer.status.as_u16(), answer.header("allow")), (405, Some("GET,HEAD,POST")));
    assert!(answer.json()["error"].is_string());
}

#[tokio::test]
async fn profile_is_that_of_the_calling_agent() {
    let app = TestApp::new().await;
    let fixture = ApplicationFixture::new(&app).await;
    let answer = app
        .get("/api/v1/profile")
        .header("api_access_token", fixture.member.access_token.reveal())
        .send()
        .await;
    let mut profile = answer.expect(200);
    let accounts = profile["accounts"].take();
    assert!(accounts[0]["active_at"].is_string());
    assert_eq!(
        (&accounts[0]["id"], &accounts[0]["name"], &accounts[0]["role"]),
        (&json!(fixture.account), &json!("Acme Shop"), &json!("agent"))
    );
    assert_eq!(
        (&accounts[0]["status"], &accounts[0]["permissions"]),
        (&json!("active"), &json!(["agent"]))
    );
    let expected = json!({
        "access_token": fixture.member.access_token.reveal(), "account_id": fixture.account, "available_name": "Bob", "avatar_url": "",
        "confirmed": true, "display_name": null, "message_signature": null, "email": "bob@shop.example", "id": fixture.member.agent.id.0,
        "inviter_id": null, "name": "Bob", "provider": "email", "pubsub_token": fixture.member.pubsub_token.reveal(), "role": "agent",
        "ui_settings": {}, "uid": "bob@shop.example", "type": null, "accounts": null,
    });
    assert_eq!(profile, expected);
}

#[tokio::test]
async fn every_agent_may_list_agents() {
    let app = TestApp::new().await;
    let fixture = ApplicationFixture::new(&app).await;
    let agents = fixture.call_as(&fixture.outsider, "GET", "/agents").send().await.expect(200);
    let names: Vec<&Value> =
        agents.as_array().unwrap().iter().map(|agent| &agent["name"]).collect();
    assert_eq!(names, ["Ann", "Bob", "Olga"]);
    let expected = json!({
        "id": fixture.administrator.agent.id.0, "account_id": fixture.account, "availability_status": "offline", "auto_offline": true,
        "confirmed": true, "email": "ann@shop.example", "provider": "email", "available_name": "Ann", "custom_attributes": {}, "name": "Ann",
        "role": "administrator", "thumbnail": "",
    });
    assert_eq!(agents[0], expected);
}
