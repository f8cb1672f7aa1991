//! Administrators' actions over the API are audited, and the console displays who performed them.

use super::ApplicationFixture;
use crate::support::TestApp;
use belfry_domain::{Actor, AuditEntry, channel::AgentRole};
use serde_json::json;

async fn records(fixture: &ApplicationFixture<'_>) -> Vec<AuditEntry> {
    let mut entries: Vec<_> =
        fixture.app.app.audit(Some(fixture.site.site.id), None, 50).await.unwrap();
    entries.reverse();
    entries
        .into_iter()
        .map(|audited| audited.entry)
        .filter(|entry| matches!(entry.actor, Actor::Agent(_)))
        .collect()
}

#[tokio::test]
async fn administrator_actions_are_audited_with_the_agent() {
    let app = TestApp::new().await;
    let fixture = ApplicationFixture::new(&app).await;
    let before = records(&fixture).await.len();
    let inbox =
        fixture.post("/inboxes", json!({"name": "Second", "channel": {"type": "api"}})).await["id"]
            .as_i64()
            .unwrap();
    fixture.patch(&format!("/inboxes/{inbox}"), json!({"greeting_enabled": true})).await;
    let members = json!({"inbox_id": inbox, "user_ids": [fixture.member.agent.id.0]});
    for method in ["POST", "PATCH", "DELETE"] {
        assert_eq!(fixture.call(method, "/inbox_members").json(&members).send().await.status, 200);
    }
    let hook = fixture.post("/webhooks", json!({"url": "https://93.184.216.34/hook"})).await["payload"]["webhook"]["id"].as_i64().unwrap();
    fixture.patch(&format!("/webhooks/{hook}"), json!({"name": "Ours"})).await;
    assert_eq!(fixture.call("DELETE", &format!("/webhooks/{hook}")).send().await.status, 200);
    let (contact, _) = fixture.contact("Zoe").await;
    assert_eq!(fixture.call("DELETE", &format!("/contacts/{contact}")).send().await.status, 200);
    assert_eq!(fixture.call("DELETE", &format!("/inboxes/{inbox}")).send().await.status, 200);

    let made = records(&fixture).await.split_off(before);
    let acts: Vec<_> =
        made.iter().map(|entry| (entry.action.as_str(), entry.subject.as_str())).collect();
    let (inbox, hook, contact) = (inbox.to_string(), hook.to_string(), contact.to_string());
    let expected = [
        ("inbox.created", inbox.as_str()),
        ("inbox.updated", "Second"),
        ("inbox.members", "Second"),
        ("inbox.members", "Second"),
        ("webhook.created", &hook),
        ("webhook.updated", &hook),
        ("webhook.deleted", &hook),
        ("contact.erased", &contact),
        ("inbox.deleted", "Second"),
    ];
    // One of the three changes of members changed nothing: the added agent was already the only
    // member.
    assert_eq!(acts, expected);
    assert!(made.iter().all(|entry| entry.actor == Actor::Agent(fixture.administrator.agent.id)));

    let mut browser = app.console().sign_in_operator().await;
    let page = browser.get(&format!("/console/sites/{}/audit", fixture.site.site.id)).await;
    assert_eq!(
        page.text().matches("Agent Ann (API)").count(),
        made.len() + before,
        "{}",
        page.text()
    );
    let listed = app.get("/v1/audit?limit=1").key(&fixture.site.key).send().await.expect(200);
    assert_eq!(
        listed["items"][0]["actor"],
        json!({"kind": "agent", "id": fixture.administrator.agent.id.to_string()})
    );
}

#[tokio::test]
async fn rejected_actions_are_not_audited() {
    let app = TestApp::new().await;
    let fixture = ApplicationFixture::new(&app).await;
    let before = records(&fixture).await.len();
    assert_eq!(fixture.member.agent.role, AgentRole::Agent);
    let mine = json!({"name": "Mine", "channel": {"type": "api"}});
    assert_eq!(
        fixture.call_as(&fixture.member, "POST", "/inboxes").json(&mine).send().await.status,
        401
    );
    for path in ["/inboxes/999", "/contacts/999", "/webhooks/999"] {
        assert_eq!(fixture.call("DELETE", path).send().await.status, 404, "{path}");
    }
    let odd = json!({"inbox_id": fixture.inbox_id(), "user_ids": [999]});
    assert!(!fixture.call("POST", "/inbox_members").json(&odd).send().await.status.is_success());
    assert_eq!(records(&fixture).await.len(), before);
}
