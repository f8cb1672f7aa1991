//! Bulk imports of contacts.

use crate::support::{Answer, TestApp, TestSite};
use belfry_app::{Column, CsvTable, MappedCsvTable};
use belfry_domain::{ImportOptions, ImportState};
use serde_json::{Value, json};
use std::{fmt::Write as _, sync::Arc, time::Instant};

async fn bulk(app: &TestApp, site: &TestSite, body: Value) -> Answer {
    app.post("/api/v1/contacts").key(&site.key).json(&body).send().await
}

async fn status(app: &TestApp, site: &TestSite, id: &str) -> Value {
    app.get(&format!("/api/v1/importstatus/{id}")).key(&site.key).send().await.expect(200)["status"]
        .clone()
}

async fn finish(app: &TestApp) {
    while app.app.run_imports().await.unwrap() {}
}

#[tokio::test]
async fn bulk_request_is_accepted_and_processed_in_batches() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    let mut contacts: Vec<_> = (1..=299)
        .map(|number| json!({"externalCustomerId": number, "channels": [{"type": "email", "value": format!("{number}@shop.example")}]}))
        .collect();
    contacts.push(json!({"firstName": "Nobody"}));
    let answer = bulk(
        &app,
        &site,
        json!({"contacts": contacts, "dedupeOn": "email", "groupNames": ["spring"]}),
    )
    .await
    .expect(200);
    let id = answer["asyncSessionId"].as_str().unwrap().to_owned();
    assert_eq!(answer, json!({"id": 0, "asyncSessionId": id, "failedContacts": []}));
    assert_eq!(status(&app, &site, &id).await, "STARTED");
    assert!(app.app.run_imports().await.unwrap());
    assert_eq!(status(&app, &site, &id).await, "IMPORTING");
    finish(&app).await;
    assert_eq!(status(&app, &site, &id).await, "FINISHED");
    let import = app.get(&format!("/v1/imports/{id}")).key(&site.key).send().await.expect(200);
    assert_eq!(
        (&import["state"], &import["total"], &import["done"]),
        (&json!("finished"), &json!(300), &json!(300))
    );
    assert_eq!(
        (&import["created"], &import["updated"], &import["failed"]),
        (&json!(299), &json!(0), &json!(1))
    );
    let failures =
        app.get(&format!("/v1/imports/{id}/failures")).key(&site.key).send().await.expect(200);
    assert_eq!(
        (
            failures["items"].as_array().unwrap().len(),
            &failures["items"][0]["row"],
            &failures["next"]
        ),
        (1, &json!(300), &Value::Null)
    );
    let found = app.get("/v1/contact?externalCustomerId=7").key(&site.key).send().await.expect(200);
    assert_eq!(found["attributes"], json!({"groups": ["spring"]}));
}

#[tokio::test]
async fn deleted_contacts_are_skipped_unless_restored() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    let contact = app.contact(&site, json!({"externalCustomerId": "1", "firstName": "Ann"})).await;
    app.delete("/v1/contact?externalCustomerId=1").key(&site.key).send().await;
    for restore in [false, true] {
        bulk(
            &app,
            &site,
            json!({"contacts": [{"externalCustomerId": "1"}], "restoreDeleted": restore}),
        )
        .await
        .expect(200);
        finish(&app).await;
        let found = app.get(&format!("/v1/contact/{contact}")).key(&site.key).send().await;
        assert_eq!(found.status.as_u16(), if restore { 200 } else { 404 });
    }
}

#[tokio::test]
async fn imports_are_listed_and_invalid_requests_rejected() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    let body = json!({"contacts": [{"email": "nobody"}, {"email": "x"}]});
    let mut started = Vec::new();
    for _ in 0..3 {
        app.clock.advance(std::time::Duration::from_secs(1));
        started.push(
            app.post("/v1/imports").key(&site.key).json(&body).send().await.expect(201)["id"]
                .clone(),
        );
    }
    let list =
        async |query: &str| app.get(&format!("/v1/imports?{query}")).key(&site.key).send().await;
    let first = list("limit=2").await.expect(200);
    assert_eq!((&first["items"][0]["id"], &first["items"][1]["id"]), (&started[2], &started[1]));
    let second = list(&format!("cursor={}", first["next"].as_str().unwrap())).await.expect(200);
    assert_eq!((&second["items"][0]["id"], &second["next"]), (&started[0], &Value::Null));
    let path = format!("/v1/imports/{}/failures", started[0].as_str().unwrap());
    let part = app.get(&format!("{path}?limit=1")).key(&site.key).send().await.expect(200);
    let rest = app
        .get(&format!("{path}?cursor={}", part["next"].as_str().unwrap()))
        .key(&site.key)
        .send()
        .await
        .expect(200);
    assert_eq!(
        rest["items"][0],
        json!({"row": 2, "field": "email", "reason": "must be an e-mail address", "imported": false})
    );
    assert_eq!(list("limit=0").await.expect_error(400), "limit");
    assert_eq!(
        app.get(&format!("{path}?cursor=x")).key(&site.key).send().await.expect_error(400),
        "cursor"
    );
    for (body, field) in [
        (json!({}), "contacts"),
        (json!({"contacts": []}), "contacts"),
        (json!({"contacts": [{}], "dedupeOn": "x"}), "dedupeOn"),
    ] {
        for path in ["/v1/contacts", "/v1/imports"] {
            assert_eq!(
                app.post(path).key(&site.key).json(&body).send().await.expect_error(400),
                field
            );
        }
    }
    let long = |bytes: usize| format!("{{\"contacts\":[]{}}}", " ".repeat(bytes));
    let call = app.post("/v1/contacts").key(&site.key).header("content-type", "application/json");
    call.clone().body(long(7 * 1_024 * 1_024)).send().await.expect_error(400);
    call.body(long(8 * 1_024 * 1_024)).send().await.expect_error(413);
}

#[tokio::test]
async fn twenty_unfinished_imports_are_the_limit() {
    let app = TestApp::new().await;
    let (site, other) = (app.create_site().await, app.create_site().await);
    let body = json!({"contacts": [{"externalCustomerId": "1"}]});
    for _ in 0..20 {
        bulk(&app, &site, body.clone()).await.expect(200);
    }
    let again = || {
        app.post("/v1/imports").key(&site.key).header("idempotency-key", "once").json(&body).send()
    };
    for answer in [bulk(&app, &site, body.clone()).await, again().await] {
        assert_eq!(answer.header("retry-after"), Some("10"));
        assert!(answer.text().contains("20 imports"), "{}", answer.text());
        answer.expect_error(429);
    }
    bulk(&app, &other, body.clone()).await.expect(200);
    finish(&app).await;
    // The error response was not stored.
    again().await.expect(201);
}

#[tokio::test]
async fn dry_run_lists_the_first_problems_and_counts_all() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    let table = format!("email,name\n{}new@shop.example,New\n", "nobody,Nobody\n".repeat(1_200));
    let sheet = Arc::new(CsvTable::parse(table.as_bytes()).unwrap());
    let table = MappedCsvTable::new(Arc::clone(&sheet), sheet.guess_columns()).unwrap();
    let dry_run =
        app.app.dry_run_import(site.site.id, &table, &ImportOptions::default()).await.unwrap();
    assert_eq!(
        (dry_run.created, dry_run.failed, dry_run.problem_count, dry_run.problems.len()),
        (1, 1_200, 1_200, 1_000)
    );
}

#[tokio::test]
async fn csv_of_ten_thousand_contacts_is_checked_then_imported() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    app.contact(&site, json!({"externalCustomerId": "c5"})).await;
    let mut table = "Customer ID,E-mail,First name,Plan\n".to_owned();
    for number in 0..10_000 {
        let _ = writeln!(table, "c{number},{number}@shop.example,Name {number},pro");
    }
    table.push_str("c9,,Again,free\n,nobody,=1+1,\n");
    let sheet = CsvTable::parse(table.as_bytes()).unwrap();
    let mut columns = sheet.guess_columns();
    columns[3] = Column::Attribute("plan".to_owned());
    let sheet = Arc::new(sheet);
    let table = MappedCsvTable::new(Arc::clone(&sheet), columns).unwrap();
    let dry_run =
        app.app.dry_run_import(site.site.id, &table, &ImportOptions::default()).await.unwrap();
    assert_eq!((dry_run.created, dry_run.updated, dry_run.failed), (9_999, 2, 1));
    assert_eq!(
        sheet.problems(&dry_run.problems).lines().nth(1),
        Some("10003,email,must be an e-mail address,,nobody,'=1+1,")
    );

    let began = Instant::now();
    let id =
        app.app.start_table_import(site.site.id, &table, &ImportOptions::default()).await.unwrap();
    finish(&app).await;
    let took = began.elapsed();
    let import = app.app.import(site.site.id, id).await.unwrap();
    assert_eq!(
        (import.state, import.created, import.updated, import.failed),
        (ImportState::Finished, 9_999, 2, 1)
    );
    let found =
        app.get("/v1/contact?externalCustomerId=c9").key(&site.key).send().await.expect(200);
    assert_eq!(
        (&found["firstName"], &found["attributes"]["plan"]),
        (&json!("Again"), &json!("free"))
    );
    // Generous for a debug build on a busy machine; a quadratic import would take minutes.
    assert!(took.as_secs() < 60, "{took:?}");
}
