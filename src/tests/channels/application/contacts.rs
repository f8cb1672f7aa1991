//! Contacts and their sessions.

use super::{ApplicationFixture, assert_error, assert_not_found};
use crate::support::TestApp;
use serde_json::{Value, json};

/// When every test starts, in Unix seconds.
const START: i64 = 1_796_112_000;

#[tokio::test]
async fn created_contact_is_returned_in_both_shapes() {
    let app = TestApp::new().await;
    let fixture = ApplicationFixture::new(&app).await;
    let inbox = fixture.inbox_id();
    let body = json!({
        "name": "Zoe van Lee", "email": "Zoe@Example.com", "phone_number": "+15550001111", "identifier": "crm-42", "inbox_id": inbox,
        "source_id": "session-1", "custom_attributes": {"plan": "pro"}, "additional_attributes": {"city": "Lviv"}, "avatar_url": "https://a.example/z.png",
        "blocked": "false",
    });
    let response = fixture.post("/contacts", body).await;
    let slim = json!({"id": inbox, "avatar_url": "", "channel_id": inbox, "name": "Shop API", "channel_type": "Channel::Api", "provider": null});
    let contact = json!({
        "additional_attributes": {"city": "Lviv"}, "availability_status": "offline", "email": "zoe@example.com", "id": response["id"],
        "name": "Zoe van Lee", "phone_number": "+15550001111", "blocked": false, "identifier": "crm-42", "thumbnail": "https://a.example/z.png",
        "custom_attributes": {"plan": "pro"}, "created_at": START, "contact_inboxes": [{"source_id": "session-1", "inbox": slim}],
    });
    assert!(response["id"].is_i64());
    assert_eq!(response["payload"]["contact"], contact);
    assert_eq!(response["payload"]["contact_inbox"]["source_id"], "session-1");
    let row = &response["payload"]["contact_inbox"]["inbox"];
    assert_eq!(
        (&row["id"], &row["website_url"], &row["greeting_enabled"]),
        (&json!(inbox), &Value::Null, &json!(false))
    );
    for name in [
        "name",
        "email",
        "phone_number",
        "thumbnail",
        "additional_attributes",
        "availability_status",
        "contact_inboxes",
    ] {
        assert_eq!(response[name], contact[name], "{name}");
    }
    assert_eq!(
        fixture.get(&format!("/contacts/{}", response["id"])).await,
        json!({"payload": contact})
    );
}

#[tokio::test]
async fn contact_without_an_inbox_has_no_session() {
    let app = TestApp::new().await;
    let fixture = ApplicationFixture::new(&app).await;
    let response = fixture.post("/contacts", json!({"name": "Zoe"})).await;
    assert_eq!(response["payload"]["contact_inbox"], json!({"inbox": null, "source_id": null}));
    let contact = &response["payload"]["contact"];
    assert_eq!(
        (&contact["email"], &contact["phone_number"], &contact["identifier"]),
        (&Value::Null, &Value::Null, &Value::Null)
    );
    // Typed clients accept no null there.
    assert_eq!(
        (
            &contact["custom_attributes"],
            &contact["additional_attributes"],
            &contact["contact_inboxes"]
        ),
        (&json!({}), &json!({}), &json!([]))
    );
    assert!(contact.get("last_activity_at").is_none());
}

#[tokio::test]
async fn values_of_another_contact_are_rejected() {
    let app = TestApp::new().await;
    let fixture = ApplicationFixture::new(&app).await;
    let values =
        json!({"email": "zoe@example.com", "phone_number": "+15550001111", "identifier": "crm-42"});
    fixture.post("/contacts", values.clone()).await;
    let second = fixture.post("/contacts", json!({"name": "Ann"})).await["id"].clone();
    for (name, title) in
        [("email", "Email"), ("phone_number", "Phone number"), ("identifier", "Identifier")]
    {
        let taken =
            json!({"message": format!("{title} has already been taken"), "attributes": [name]});
        let body = json!({name: values[name]});
        assert_error(&fixture.call("POST", "/contacts").json(&body).send().await, 422, &taken);
        assert_error(
            &fixture.call("PATCH", &format!("/contacts/{second}")).json(&body).send().await,
            422,
            &taken,
        );
    }
    assert_eq!(fixture.get("/contacts").await["meta"], json!({"count": 2, "current_page": 1}));
    // Another site has its own contacts.
    ApplicationFixture::new(&app).await.post("/contacts", values).await;
}

#[tokio::test]
async fn malformed_values_are_rejected() {
    let app = TestApp::new().await;
    let fixture = ApplicationFixture::new(&app).await;
    let send = async |body: Value| fixture.call("POST", "/contacts").json(&body).send().await;
    assert_error(
        &send(json!({"email": "nobody"})).await,
        422,
        &json!({"message": "Email is invalid", "attributes": ["email"]}),
    );
    let phone =
        json!({"message": "Phone number should be in e164 format", "attributes": ["phone_number"]});
    for odd in [
        "0671234567",
        "+0671234567",
        "15550001111",
        "+1 555 000 1111",
        "+1234567890123456",
        "call me",
    ] {
        assert_error(&send(json!({"phone_number": odd})).await, 422, &phone);
    }
    assert_eq!(
        send(json!({"name": "x".repeat(256)})).await.expect(422)["attributes"],
        json!(["name"])
    );
    assert_eq!(
        send(json!({"avatar_url": "javascript:alert(1)"})).await.expect(422)["attributes"],
        json!(["avatar_url"])
    );
    assert_not_found(&send(json!({"name": "Zoe", "inbox_id": 987_654})).await);
    assert_not_found(&send(json!({"name": "Zoe", "inbox_id": "x"})).await);
    assert_eq!(fixture.get("/contacts").await["meta"]["count"], 0);
}

#[tokio::test]
async fn update_merges_and_blank_clears() {
    let app = TestApp::new().await;
    let fixture = ApplicationFixture::new(&app).await;
    let response = fixture.post("/contacts", json!({"name": "Zoe", "email": "zoe@example.com", "custom_attributes": {"a": 1, "b": 2}})).await;
    let path = format!("/contacts/{}", response["id"]);
    let changed = fixture
        .patch(
            &path,
            json!({"custom_attributes": {"b": null, "c": 3}, "blocked": true, "unknown": [1]}),
        )
        .await;
    let contact = &changed["payload"];
    assert_eq!(
        (&contact["name"], &contact["custom_attributes"], &contact["blocked"]),
        (&json!("Zoe"), &json!({"a": 1, "c": 3}), &json!(true))
    );
    let changed = fixture
        .call("PUT", &path)
        .json(&json!({"email": "", "name": "Zoe Lee"}))
        .send()
        .await
        .expect(200);
    assert_eq!(
        (&changed["payload"]["email"], &changed["payload"]["name"]),
        (&Value::Null, &json!("Zoe Lee"))
    );
    assert_eq!(fixture.patch(&path, json!({})).await, changed);
    assert_not_found(
        &fixture.call("PATCH", "/contacts/987654").json(&json!({"name": "x"})).send().await,
    );
}

#[tokio::test]
async fn contacts_are_paginated_by_fifteen() {
    let app = TestApp::new().await;
    let fixture = ApplicationFixture::new(&app).await;
    for number in 0..17 {
        app.clock.advance(std::time::Duration::from_secs(1));
        fixture.post("/contacts", json!({"name": format!("Contact {number:02}"), "email": format!("c{number}@example.com")})).await;
    }
    let names = |page: &Value| {
        page["payload"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["name"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    let first = fixture.get("/contacts").await;
    assert_eq!(first["meta"], json!({"count": 17, "current_page": 1}));
    assert_eq!((names(&first).len(), &*names(&first)[0]), (15, "Contact 16"));
    let second = fixture.get("/contacts?page=2").await;
    assert_eq!(
        (second["meta"]["current_page"].clone(), names(&second)),
        (json!(2), vec!["Contact 01".to_owned(), "Contact 00".to_owned()])
    );
    assert_eq!(names(&fixture.get("/contacts?sort=created_at").await)[0], "Contact 00");
    assert_eq!(fixture.get("/contacts?page=99").await["payload"], json!([]));
    for odd in ["0", "-1", "x", "", "99999999999999999999"] {
        assert_eq!(
            fixture.get(&format!("/contacts?page={odd}")).await["meta"]["current_page"],
            1,
            "{odd}"
        );
    }
}

#[tokio::test]
async fn search_matches_name_email_phone_and_identifier() {
    let app = TestApp::new().await;
    let fixture = ApplicationFixture::new(&app).await;
    let zoe = json!({"name": "Zoe Lee", "email": "zoe@mail.example", "phone_number": "+15550001111", "identifier": "crm-42"});
    let id = fixture.post("/contacts", zoe).await["id"].clone();
    fixture.post("/contacts", json!({"name": "Ann", "email": "ann@other.example"})).await;
    ApplicationFixture::new(&app)
        .await
        .post("/contacts", json!({"name": "Zoe of another site"}))
        .await;
    for text in ["zoe", "ZOE%20LEE", "mail.example", "5550001", "crm-42"] {
        let found = fixture.get(&format!("/contacts/search?q={text}")).await;
        assert_eq!(
            (found["meta"]["count"].clone(), found["payload"][0]["id"].clone()),
            (json!(1), id.clone()),
            "{text}"
        );
    }
    assert_eq!(fixture.get("/contacts/search?q=nobody").await["payload"], json!([]));
    let needed = json!({"error": "Specify search string with parameter q"});
    for path in ["/contacts/search", "/contacts/search?q=", "/contacts/search?q=%20"] {
        assert_error(&fixture.call("GET", path).send().await, 422, &needed);
    }
}

#[tokio::test]
async fn session_is_created_once() {
    let app = TestApp::new().await;
    let fixture = ApplicationFixture::new(&app).await;
    let inbox = fixture.inbox_id();
    let contact = fixture.post("/contacts", json!({"name": "Zoe"})).await["id"].clone();
    let path = format!("/contacts/{contact}/contact_inboxes");
    let response = fixture.post(&path, json!({"inbox_id": inbox, "source_id": "s-1"})).await;
    let slim = json!({"id": inbox, "avatar_url": "", "channel_id": inbox, "name": "Shop API", "channel_type": "Channel::Api", "provider": null});
    assert_eq!(response, json!({"source_id": "s-1", "inbox": slim}));
    assert_eq!(fixture.post(&path, json!({"inbox_id": inbox, "source_id": "s-1"})).await, response);
    assert_eq!(
        fixture.post(&path, json!({"inbox_id": inbox})).await["source_id"].as_str().unwrap().len(),
        36
    );
    assert_error(
        &fixture.call("POST", &path).json(&json!({})).send().await,
        422,
        &json!({"error": "param is missing or the value is empty: inbox_id"}),
    );
    assert_not_found(&fixture.call("POST", &path).json(&json!({"inbox_id": 987_654})).send().await);
    let other = fixture.post("/contacts", json!({"name": "Ann"})).await["id"].clone();
    let taken = fixture
        .call("POST", &format!("/contacts/{other}/contact_inboxes"))
        .json(&json!({"inbox_id": inbox, "source_id": "s-1"}))
        .send()
        .await;
    assert_error(&taken, 422, &json!({"error": "source_id should be unique"}));
}

#[tokio::test]
async fn contactable_inboxes_name_the_session() {
    let app = TestApp::new().await;
    let fixture = ApplicationFixture::new(&app).await;
    let second =
        fixture.post("/inboxes", json!({"name": "Second", "channel": {"type": "api"}})).await["id"]
            .clone();
    let (contact, source_id) = fixture.contact("Zoe").await;
    let listed = fixture.get(&format!("/contacts/{contact}/contactable_inboxes")).await;
    assert_eq!(listed["payload"][0]["source_id"], source_id);
    assert_eq!(
        (
            &listed["payload"][1]["inbox"]["id"],
            listed["payload"][1]["source_id"].as_str().unwrap().len()
        ),
        (&second, 36)
    );
    let members = fixture
        .call_as(&fixture.member, "GET", &format!("/contacts/{contact}/contactable_inboxes"))
        .send()
        .await
        .expect(200);
    assert_eq!(members["payload"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn contact_conversations_are_those_the_agent_sees() {
    let app = TestApp::new().await;
    let fixture = ApplicationFixture::new(&app).await;
    let (contact, _) = fixture.contact("Zoe").await;
    let response = fixture
        .post("/conversations", json!({"inbox_id": fixture.inbox_id(), "contact_id": contact}))
        .await;
    let path = format!("/contacts/{contact}/conversations");
    assert_eq!(fixture.get(&path).await, json!({"payload": [response]}));
    assert_eq!(
        fixture.call_as(&fixture.outsider, "GET", &path).send().await.expect(200),
        json!({"payload": []})
    );
    assert_not_found(&fixture.call("GET", "/contacts/987654/conversations").send().await);
}

#[tokio::test]
async fn erasing_a_contact_deletes_its_conversations() {
    let app = TestApp::new().await;
    let fixture = ApplicationFixture::new(&app).await;
    let (contact, _) = fixture.contact("Zoe").await;
    let number = fixture
        .post("/conversations", json!({"inbox_id": fixture.inbox_id(), "contact_id": contact}))
        .await["id"]
        .clone();
    let path = format!("/contacts/{contact}");
    let erased = fixture.call("DELETE", &path).send().await;
    assert_eq!((erased.status.as_u16(), erased.body.len()), (200, 0));
    assert_not_found(&fixture.call("GET", &path).send().await);
    assert_not_found(&fixture.call("DELETE", &path).send().await);
    assert_not_found(&fixture.call("GET", &format!("/conversations/{number}")).send().await);
}

/// The name of a session is its credential in the public API, so it must stay hidden.
#[tokio::test]
async fn sessions_of_invisible_inboxes_are_hidden() {
    let app = TestApp::new().await;
    let fixture = ApplicationFixture::new(&app).await;
    let (contact, source_id) = fixture.contact("Zoe").await;
    let own = format!("/contacts/{contact}");
    for (agent, is_shown) in
        [(&fixture.administrator, true), (&fixture.member, true), (&fixture.outsider, false)]
    {
        let mut told = String::new();
        for path in [own.as_str(), "/contacts", "/contacts/search?q=Zoe"] {
            told.push_str(
                &fixture.call_as(agent, "GET", path).send().await.expect(200).to_string(),
            );
        }
        told.push_str(
            &fixture
                .call_as(agent, "PATCH", &own)
                .json(&json!({"name": "Zoe"}))
                .send()
                .await
                .expect(200)
                .to_string(),
        );
        assert!(told.contains("Zoe"));
        assert_eq!(told.contains(&source_id), is_shown, "{}", agent.agent.name);
    }
}
