//! Conversations: create, list, get and change.

use super::{ApplicationFixture, assert_error, assert_forbidden, assert_not_found};
use crate::support::TestApp;
use serde_json::{Value, json};
use std::time::Duration;

const START: i64 = 1_796_112_000;

#[tokio::test]
async fn conversation_has_every_field_of_the_contract() {
    let app = TestApp::new().await;
    let fixture = ApplicationFixture::new(&app).await;
    let (contact, source_id) = fixture.contact("Zoe").await;
    let body = json!({"source_id": source_id, "inbox_id": fixture.inbox_id(), "contact_id": contact.to_string(), "custom_attributes": {"order": 42},
        "additional_attributes": {"referer": "https://shop.example"}, "team_id": 7});
    let mut response = fixture.post("/conversations", body).await;
    let uuid = response["uuid"].take();
    assert_eq!(uuid.as_str().unwrap().len(), 36);
    assert!(response["updated_at"].is_f64(), "{response}");
    let expected = json!({
        "meta": {
            "sender": {
                "additional_attributes": {}, "availability_status": "offline", "email": null, "id": contact, "name": "Zoe", "phone_number": null,
                "blocked": false, "identifier": null, "thumbnail": "", "custom_attributes": {}, "created_at": START,
            },
            "channel": "Channel::Api", "hmac_verified": false,
        },
        "id": 1, "messages": [], "account_id": fixture.account, "uuid": null, "additional_attributes": {"referer": "https://shop.example"},
        "agent_last_seen_at": 0, "assignee_last_seen_at": 0, "can_reply": true, "contact_last_seen_at": 0, "custom_attributes": {"order": 42},
        "inbox_id": fixture.inbox_id(), "labels": [], "muted": false, "snoozed_until": null, "status": "open", "created_at": START,
        "updated_at": 1_796_112_000.0, "timestamp": START, "first_reply_created_at": 0, "unread_count": 0, "last_non_activity_message": null,
        "last_activity_at": START, "priority": null, "waiting_since": response["waiting_since"], "sla_policy_id": null,
    });
    assert_eq!(response, expected);
    response["uuid"] = uuid;
    assert_eq!(fixture.get("/conversations/1").await, response);
}

#[tokio::test]
async fn session_is_found_or_created() {
    let app = TestApp::new().await;
    let fixture = ApplicationFixture::new(&app).await;
    let inbox = fixture.inbox_id();
    let contact = fixture.post("/contacts", json!({"name": "Zoe"})).await["id"].clone();
    let first =
        fixture.post("/conversations", json!({"inbox_id": inbox, "contact_id": contact})).await;
    assert_eq!(first["meta"]["sender"]["id"], contact);
    let sessions =
        fixture.get(&format!("/contacts/{contact}")).await["payload"]["contact_inboxes"].clone();
    assert_eq!(sessions.as_array().unwrap().len(), 1);
    let second =
        fixture.post("/conversations", json!({"source_id": sessions[0]["source_id"]})).await;
    assert_eq!(
        (&second["id"], &second["meta"]["sender"]["id"], &second["inbox_id"]),
        (&json!(2), &contact, &json!(inbox))
    );
    for body in [
        json!({}),
        json!({"source_id": "nobody"}),
        json!({"inbox_id": inbox, "contact_id": 987_654}),
        json!({"inbox_id": 987_654, "contact_id": contact}),
    ] {
        assert_not_found(&fixture.call("POST", "/conversations").json(&body).send().await);
    }
    let (_, others) = fixture.contact("Ann").await;
    let taken = fixture
        .call("POST", "/conversations")
        .json(&json!({"inbox_id": inbox, "contact_id": contact, "source_id": others}))
        .send()
        .await;
    assert_error(&taken, 422, &json!({"error": "source_id should be unique"}));
}

#[tokio::test]
async fn conversation_is_created_with_a_first_message() {
    let app = TestApp::new().await;
    let fixture = ApplicationFixture::new(&app).await;
    let (contact, _) = fixture.contact("Zoe").await;
    let bob = fixture.member.agent.id.0;
    let body = json!({"inbox_id": fixture.inbox_id(), "contact_id": contact, "assignee_id": bob, "message": {"content": "Hello", "private": "false"}});
    let response = fixture.post("/conversations", body).await;
    assert_eq!(
        (&response["meta"]["assignee"]["id"], &response["meta"]["assignee_type"]),
        (&json!(bob), &json!("User"))
    );
    assert_eq!(
        (&response["messages"][0]["content"], &response["messages"][0]["message_type"]),
        (&json!("Hello"), &json!(1))
    );
    let odd = json!({"inbox_id": fixture.inbox_id(), "contact_id": contact, "message": {"content": "Hello", "message_type": "shout"}});
    assert_eq!(fixture.call("POST", "/conversations").json(&odd).send().await.status, 422);
    assert_eq!(
        fixture.get("/conversations").await["data"]["meta"]["all_count"],
        1,
        "the second one stores nothing"
    );
}

#[tokio::test]
async fn locked_inbox_has_one_conversation_per_session() {
    let app = TestApp::new().await;
    let fixture = ApplicationFixture::new(&app).await;
    fixture
        .patch(
            &format!("/inboxes/{}", fixture.inbox_id()),
            json!({"lock_to_single_conversation": true}),
        )
        .await;
    let (contact, _) = fixture.contact("Zoe").await;
    let body = json!({"inbox_id": fixture.inbox_id(), "contact_id": contact});
    let first = fixture.post("/conversations", body.clone()).await;
    assert_eq!(fixture.post("/conversations", body).await["id"], first["id"]);
}

#[tokio::test]
async fn conversation_of_a_blocked_contact_starts_resolved() {
    let app = TestApp::new().await;
    let fixture = ApplicationFixture::new(&app).await;
    let (contact, _) = fixture.contact("Zoe").await;
    fixture.patch(&format!("/contacts/{contact}"), json!({"blocked": true})).await;
    let response = fixture
        .post("/conversations", json!({"inbox_id": fixture.inbox_id(), "contact_id": contact}))
        .await;
    assert_eq!(
        (&response["status"], &response["meta"]["sender"]["blocked"]),
        (&json!("resolved"), &json!(true))
    );
}

#[tokio::test]
async fn conversation_numbers_are_unique_per_site() {
    let app = TestApp::new().await;
    let (office, other) =
        (ApplicationFixture::new(&app).await, ApplicationFixture::new(&app).await);
    let mut contacts = Vec::new();
    for number in 0..8 {
        contacts.push(office.contact(&format!("Contact {number}")).await.0);
    }
    let response = contacts.iter().map(|contact| {
        office.post("/conversations", json!({"inbox_id": office.inbox_id(), "contact_id": contact}))
    });
    let mut numbers: Vec<i64> = futures_util::future::join_all(response)
        .await
        .iter()
        .map(|made| made["id"].as_i64().unwrap())
        .collect();
    numbers.sort_unstable();
    assert_eq!(numbers, [1, 2, 3, 4, 5, 6, 7, 8]);
    assert_eq!(other.conversation().await, 1);
}

#[tokio::test]
async fn list_has_filters_and_counts() {
    let app = TestApp::new().await;
    let fixture = ApplicationFixture::new(&app).await;
    let (ann, bob) = (fixture.administrator.agent.id.0, fixture.member.agent.id.0);
    let mut numbers = Vec::new();
    for _ in 0..5 {
        app.clock.advance(Duration::from_secs(1));
        numbers.push(fixture.conversation().await);
    }
    for (number, assignee) in [(1, ann), (2, bob), (3, bob)] {
        fixture
            .post(&format!("/conversations/{number}/assignments"), json!({"assignee_id": assignee}))
            .await;
    }
    fixture.post("/conversations/3/labels", json!({"labels": ["vip"]})).await;
    fixture.post("/conversations/5/toggle_status", json!({"status": "resolved"})).await;
    fixture.message(4, json!({"content": "zanzibar spices"})).await;
    let ids = |list: &Value| {
        let mut ids: Vec<i64> = list["data"]["payload"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["id"].as_i64().unwrap())
            .collect();
        ids.sort_unstable();
        ids
    };
    let counts = |mine, assigned, unassigned, all| json!({"mine_count": mine, "assigned_count": assigned, "unassigned_count": unassigned, "all_count": all});
    let list = fixture.get("/conversations").await;
    assert_eq!((ids(&list), &list["data"]["meta"]), (vec![1, 2, 3, 4], &counts(1, 3, 1, 4)));
    assert_eq!(fixture.get("/conversations/meta").await, json!({"meta": counts(1, 3, 1, 4)}));
    assert_eq!(
        fixture.get("/conversations/meta?status=all").await,
        json!({"meta": counts(1, 3, 2, 5)})
    );
    for (query, expected) in [
        ("status=open", vec![1, 2, 3, 4]),
        ("status=all", vec![1, 2, 3, 4, 5]),
        ("status=resolved", vec![5]),
        ("status=snoozed", vec![]),
        ("assignee_type=me", vec![1]),
        ("assignee_type=unassigned", vec![4]),
        ("assignee_type=assigned", vec![1, 2, 3]),
        ("assignee_type=all&team_id=9", vec![1, 2, 3, 4]),
        ("labels[]=vip", vec![3]),
        ("labels[]=vip&labels[]=nobody", vec![3]),
        ("labels%5B%5D=nobody", vec![]),
        ("q=zanzibar", vec![4]),
        ("page=2", vec![]),
    ] {
        assert_eq!(
            ids(&fixture.get(&format!("/conversations?{query}")).await),
            expected,
            "{query}"
        );
    }
    assert_eq!(
        ids(&fixture.get(&format!("/conversations?inbox_id={}", fixture.inbox_id())).await),
        [1, 2, 3, 4]
    );
    assert_eq!(
        fixture.call("GET", "/conversations?status=odd").send().await.expect(422)["attributes"],
        json!(["status"])
    );
    let none = fixture.call_as(&fixture.outsider, "GET", "/conversations").send().await.expect(200);
    assert_eq!((ids(&none), &none["data"]["meta"]), (vec![], &counts(0, 0, 0, 0)));
}

#[tokio::test]
async fn conversations_are_paginated_by_latest_activity() {
    let app = TestApp::new().await;
    let fixture = ApplicationFixture::new(&app).await;
    for _ in 0..27 {
        app.clock.advance(Duration::from_secs(1));
        fixture.conversation().await;
    }
    app.clock.advance(Duration::from_secs(1));
    fixture.message(1, json!({"content": "Hello"})).await;
    let ids = |list: &Value| {
        list["data"]["payload"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["id"].as_i64().unwrap())
            .collect::<Vec<_>>()
    };
    let first = ids(&fixture.get("/conversations").await);
    assert_eq!((first.len(), first[0], first[1]), (25, 1, 27));
    assert_eq!(ids(&fixture.get("/conversations?page=2").await), [3, 2]);
}

#[tokio::test]
async fn status_is_toggled_or_set() {
    let app = TestApp::new().await;
    let fixture = ApplicationFixture::new(&app).await;
    let number = fixture.conversation().await;
    let path = format!("/conversations/{number}/toggle_status");
    let answer = |status: &str, snoozed: Value| json!({"meta": {}, "payload": {"success": true, "conversation_id": number, "current_status": status, "snoozed_until": snoozed}});
    assert_eq!(fixture.post(&path, json!({})).await, answer("resolved", Value::Null));
    assert_eq!(fixture.call("POST", &path).send().await.expect(200), answer("open", Value::Null));
    assert_eq!(
        fixture.post(&path, json!({"status": "pending"})).await,
        answer("pending", Value::Null)
    );
    let until = "2026-12-02T08:00:00.000Z";
    for said in [
        json!(START + 86_400),
        json!((START + 86_400).to_string()),
        json!("2026-12-02T10:00:00+02:00"),
    ] {
        assert_eq!(
            fixture.post(&path, json!({"status": "snoozed", "snoozed_until": said})).await,
            answer("snoozed", json!(until)),
            "{said}"
        );
    }
    assert_eq!(fixture.get(&format!("/conversations/{number}")).await["snoozed_until"], until);
    assert_eq!(fixture.post(&path, json!({"status": "open"})).await, answer("open", Value::Null));
    for odd in [json!({"status": "odd"}), json!({"status": "snoozed", "snoozed_until": "tomorrow"})]
    {
        assert_eq!(fixture.call("POST", &path).json(&odd).send().await.status, 422, "{odd}");
    }
}

#[tokio::test]
async fn setting_the_present_status_changes_nothing() {
    let app = TestApp::new().await;
    let fixture = ApplicationFixture::new(&app).await;
    let number = fixture.conversation().await;
    let path = format!("/conversations/{number}");
    fixture.post(&format!("{path}/toggle_status"), json!({"status": "resolved"})).await;
    let (before, messages) =
        (fixture.get(&path).await, fixture.get(&format!("{path}/messages")).await);
    app.clock.advance(Duration::from_secs(5));
    fixture.post(&format!("{path}/toggle_status"), json!({"status": "resolved"})).await;
    assert_eq!(fixture.get(&path).await, before);
    assert_eq!(fixture.get(&format!("{path}/messages")).await, messages);
}

#[tokio::test]
async fn patch_changes_only_named_fields() {
    let app = TestApp::new().await;
    let fixture = ApplicationFixture::new(&app).await;
    let number = fixture.conversation().await;
    let (path, bob) = (format!("/conversations/{number}"), fixture.member.agent.id.0);
    let changed =
        fixture.patch(&path, json!({"priority": "high", "status": "pending", "assignee_id": bob, "team_id": 3, "custom_attributes": {"a": 1}})).await;
    assert_eq!(
        (&changed["priority"], &changed["status"], &changed["meta"]["assignee"]["id"]),
        (&json!("high"), &json!("pending"), &json!(bob))
    );
    assert_eq!(
        (&changed["custom_attributes"], changed["meta"].get("team")),
        (&json!({"a": 1}), None)
    );
    let changed = fixture.patch(&path, json!({"priority": null, "assignee_id": null})).await;
    assert_eq!(
        (&changed["priority"], changed["meta"].get("assignee"), &changed["status"]),
        (&Value::Null, None, &json!("pending"))
    );
    assert_eq!(
        fixture.call("PATCH", &path).json(&json!({"priority": "soon"})).send().await.status,
        422
    );
    assert_not_found(
        &fixture.call("PATCH", &path).json(&json!({"assignee_id": 987_654})).send().await,
    );
    assert_not_found(
        &fixture
            .call("PATCH", "/conversations/987654")
            .json(&json!({"priority": "low"}))
            .send()
            .await,
    );
}

#[tokio::test]
async fn assignment_returns_the_agent() {
    let app = TestApp::new().await;
    let fixture = ApplicationFixture::new(&app).await;
    let path = format!("/conversations/{}/assignments", fixture.conversation().await);
    let bob = fixture.member.agent.id.0;
    let agent = fixture.post(&path, json!({"assignee_id": bob.to_string()})).await;
    assert_eq!(
        (&agent["id"], &agent["name"], &agent["account_id"]),
        (&json!(bob), &json!("Bob"), &json!(fixture.account))
    );
    for nobody in [
        json!({"assignee_id": null}),
        json!({"assignee_id": 0}),
        json!({"assignee_id": ""}),
        json!({"team_id": 1}),
    ] {
        assert_eq!(fixture.post(&path, nobody.clone()).await, Value::Null, "{nobody}");
    }
    assert_not_found(
        &fixture.call("POST", &path).json(&json!({"assignee_id": 987_654})).send().await,
    );
    assert_forbidden(
        &fixture
            .call_as(&fixture.outsider, "POST", &path)
            .json(&json!({"assignee_id": bob}))
            .send()
            .await,
    );
}

#[tokio::test]
async fn labels_and_custom_attributes_are_replaced() {
    let app = TestApp::new().await;
    let fixture = ApplicationFixture::new(&app).await;
    let path = format!("/conversations/{}", fixture.conversation().await);
    assert_eq!(fixture.get(&format!("{path}/labels")).await, json!({"payload": []}));
    assert_eq!(
        fixture.post(&format!("{path}/labels"), json!({"labels": ["VIP", "billing", "vip"]})).await,
        json!({"payload": ["billing", "vip"]})
    );
    assert_eq!(fixture.get(&path).await["labels"], json!(["billing", "vip"]));
    assert_eq!(
        fixture.post(&format!("{path}/labels"), json!({"labels": []})).await,
        json!({"payload": []})
    );
    let missing =
        |name: &str| json!({"error": format!("param is missing or the value is empty: {name}")});
    assert_error(
        &fixture.call("POST", &format!("{path}/labels")).json(&json!({})).send().await,
        422,
        &missing("labels"),
    );
    let many: Vec<_> = (0..21).map(|number| format!("l{number}")).collect();
    assert_eq!(
        fixture
            .call("POST", &format!("{path}/labels"))
            .json(&json!({"labels": many}))
            .send()
            .await
            .status,
        422
    );
    let set = async |body: Value| {
        fixture.call("POST", &format!("{path}/custom_attributes")).json(&body).send().await
    };
    assert_eq!(
        set(json!({"custom_attributes": {"a": 1, "b": {"c": null}}})).await.expect(200),
        json!({"custom_attributes": {"a": 1, "b": {"c": null}}})
    );
    assert_eq!(
        set(json!({"custom_attributes": {"d": 2}})).await.expect(200),
        json!({"custom_attributes": {"d": 2}})
    );
    assert_error(&set(json!({})).await, 422, &missing("custom_attributes"));
}

#[tokio::test]
async fn last_seen_resets_the_unread_count() {
    let app = TestApp::new().await;
    let fixture = ApplicationFixture::new(&app).await;
    let path = format!("/conversations/{}", fixture.conversation().await);
    for _ in 0..12 {
        fixture
            .post(
                &format!("{path}/messages"),
                json!({"content": "Hello", "message_type": "incoming"}),
            )
            .await;
    }
    assert_eq!(fixture.get(&path).await["unread_count"], 10, "the maximum count");
    app.clock.advance(Duration::from_mins(1));
    let seen = fixture.call("POST", &format!("{path}/update_last_seen")).send().await.expect(200);
    assert_eq!(
        (&seen["unread_count"], &seen["agent_last_seen_at"]),
        (&json!(0), &json!(START + 60))
    );
}

#[tokio::test]
async fn typing_returns_an_empty_body() {
    let app = TestApp::new().await;
    let fixture = ApplicationFixture::new(&app).await;
    let path = format!("/conversations/{}/toggle_typing_status", fixture.conversation().await);
    for body in [
        json!({"typing_status": "on", "is_private": true}),
        json!({"typing_status": "off"}),
        json!({"typing_status": "perhaps"}),
        json!({}),
    ] {
        let answer = fixture.call("POST", &path).json(&body).send().await;
        assert_eq!((answer.status.as_u16(), answer.body.len()), (200, 0), "{body}");
    }
    assert_not_found(
        &fixture
            .call("POST", "/conversations/987654/toggle_typing_status")
            .json(&json!({"typing_status": "on"}))
            .send()
            .await,
    );
    assert_not_found(
        &fixture
            .call("POST", "/conversations/987654/toggle_typing_status")
            .json(&json!({}))
            .send()
            .await,
    );
}

#[tokio::test]
async fn reply_window_closes_after_the_last_incoming_message() {
    let app = TestApp::new().await;
    let fixture = ApplicationFixture::new(&app).await;
    let settings = json!({"channel": {"additional_attributes": {"agent_reply_time_window": 2}}});
    fixture.patch(&format!("/inboxes/{}", fixture.inbox_id()), settings).await;
    let path = format!("/conversations/{}", fixture.conversation().await);
    fixture
        .post(&format!("{path}/messages"), json!({"content": "Hello", "message_type": "incoming"}))
        .await;
    assert_eq!(fixture.get(&path).await["can_reply"], true);
    app.clock.advance(Duration::from_secs(2 * 3_600 + 1));
    assert_eq!(fixture.get(&path).await["can_reply"], false);
}
