//! Contacts: search, edit, export, erase, and import from CSV.

use crate::support::TestApp;
use belfry_app::{import_rows, parse_contact};
use belfry_domain::{
    ContactFilter, ContactLookup, ImportOptions, ImportRow, ImportState, ReaderAction, Role,
};
use serde_json::json;
use std::{fmt::Write as _, time::Duration};

#[tokio::test]
async fn contact_search_takes_input_literally() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    let mut browser = app.console().sign_in_operator().await;
    let path = format!("/console/sites/{}/contacts", site.site.id);
    let empty = browser.get(&path).await;
    assert!(
        empty.text().contains("No contacts yet")
            && empty.text().contains("/v1/contact")
            && empty.text().contains("contacts/import"),
        "{}",
        empty.text()
    );
    app.contact(&site, json!({"externalCustomerId": "1", "firstName": "<b>Ann</b>", "email": "ann_50%@shop.example", "language": "uk"})).await;
    app.contact(
        &site,
        json!({"externalCustomerId": "2", "firstName": "Bob", "email": "bob@shop.example"}),
    )
    .await;
    let all = browser.get(&path).await;
    assert!(
        all.text().contains("&lt;b&gt;Ann")
            && all.text().contains("Bob")
            && !all.text().contains("<b>Ann"),
        "{}",
        all.text()
    );
    let some = browser.get(&format!("{path}?q=n_50%25")).await;
    assert!(some.text().contains("Ann") && !some.text().contains("Bob"), "{}", some.text());
    assert!(browser.get(&format!("{path}?q=%25%25")).await.text().contains("No contacts found"));
}

#[tokio::test]
async fn contact_is_edited_and_rejected_input_is_kept() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    let id = app.contact(&site, json!({"externalCustomerId": "1", "firstName": "Ann", "attributes": {"age": 7, "plan": "free"}})).await;
    app.contact(&site, json!({"externalCustomerId": "2", "email": "bob@shop.example"})).await;
    let mut browser = app.console().sign_in_operator().await;
    let own = format!("/console/sites/{}/contacts/{id}", site.site.id);
    let edit = format!("{own}/edit");
    let typed = [("externalCustomerId", "1"), ("email", "nobody"), ("firstName", "Anna")];
    let response = browser.post_form(&edit, &typed).await;
    assert_eq!(response.status, 422);
    assert!(
        response.text().contains("value=\"nobody\"") && response.text().contains("email-error"),
        "{}",
        response.text()
    );
    let taken = browser
        .post_form(&edit, &[("externalCustomerId", "1"), ("email", "bob@shop.example")])
        .await;
    assert!(
        taken.status == 422 && taken.text().contains("belongs to another contact"),
        "{}",
        taken.text()
    );
    let pairs = [
        ("attribute", "age"),
        ("value", "8"),
        ("attribute", "plan"),
        ("value", ""),
        ("attribute", "city"),
        ("value", "Львів"),
    ];
    let saved = browser
        .post_form(
            &edit,
            &[
                &[("externalCustomerId", "1"), ("email", "anna@shop.example"), ("language", "uk")]
                    [..],
                &pairs,
            ]
            .concat(),
        )
        .await;
    assert_eq!(saved.header("location"), Some(own.as_str()), "{}", saved.text());
    let page = browser.get(&own).await;
    assert!(
        page.text().contains("anna@shop.example") && page.text().contains("Saved."),
        "{}",
        page.text()
    );
    assert!(
        page.text().contains(&format!("action=\"/embed/{}/preview/messages\"", site.site.id))
            && page.text().contains("name=\"inbox\"")
    );
    let lookup = ContactLookup::Id(id);
    let contact = app.app.contact(site.site.id, &lookup).await.unwrap();
    assert_eq!(
        (contact.first_name, serde_json::Value::Object(contact.attributes)),
        (None, json!({"age": 8, "city": "Львів"}))
    );
    let export = browser.get(&format!("{own}/export")).await;
    assert_eq!(
        export.header("content-disposition"),
        Some(format!("attachment; filename=\"contact-{id}.json\"").as_str())
    );
    assert_eq!(export.json()["contact"]["email"], "anna@shop.example");
    let gone = browser.post_form(&format!("{own}/erase"), &[]).await;
    assert_eq!(gone.status, 303, "{}", gone.text());
    assert_eq!(browser.get(&own).await.status, 404);
    let acts: Vec<String> = app
        .app
        .audit(Some(site.site.id), None, 9)
        .await
        .unwrap()
        .into_iter()
        .map(|act| act.entry.action)
        .collect();
    assert_eq!(acts, ["contact.erased", "contact.exported", "contact.updated"]);
}

#[tokio::test]
async fn conflicting_contact_edit_is_saved_after_review() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    let known = |email: &str, plan: &str| json!({"externalCustomerId": "42", "email": email, "attributes": {"plan": plan}});
    let id = app.contact(&site, known("a@shop.example", "free")).await;
    let mut browser = app.console().sign_in_operator().await;
    let edit = format!("/console/sites/{}/contacts/{id}/edit", site.site.id);
    let former = |page: &crate::support::Answer| {
        let (_, rest) = page.text().split_once("name=\"former\" value=\"").unwrap();
        rest.split('"').next().unwrap().to_owned()
    };
    let seen = former(&browser.get(&edit).await);
    // The backend changes the contact before the form is sent.
    app.contact(&site, known("b@shop.example", "pro")).await;
    let fields = |former: &'static str| {
        [
            ("former", former),
            ("externalCustomerId", "42"),
            ("email", "a@shop.example"),
            ("firstName", "Anna"),
            ("attribute", "plan"),
            ("value", "free"),
        ]
    };
    let response = browser.post_form(&edit, &fields(seen.leak())).await;
    assert_eq!(response.status, 409);
    let text = html_escape::decode_html_entities(response.text()).into_owned();
    for told in [
        "Someone else saved changes",
        "currently saved: “b@shop.example”",
        "currently saved: “plan: pro”",
        "value=\"Anna\"",
    ] {
        assert!(text.contains(told), "{told}: {text}");
    }
    assert!(text.contains("value=\"a@shop.example\"") && text.contains("value=\"free\""), "{text}");
    let lookup = ContactLookup::Id(id);
    assert_eq!(
        app.app.contact(site.site.id, &lookup).await.unwrap().email.as_deref(),
        Some("b@shop.example")
    );
    assert!(app.app.audit(Some(site.site.id), None, 9).await.unwrap().is_empty());
    // Sending the form again confirms the change.
    let saved = browser.post_form(&edit, &fields(former(&response).leak())).await;
    assert_eq!(saved.status, 303, "{}", saved.text());
    let now = app.app.contact(site.site.id, &lookup).await.unwrap();
    assert_eq!(
        (now.email.as_deref(), now.attributes["plan"].as_str()),
        (Some("a@shop.example"), Some("free"))
    );
}

#[tokio::test]
async fn export_is_audited_once_the_database_is_writable() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    let id = app.contact(&site, json!({"externalCustomerId": "1"})).await;
    let mut browser = app.console().sign_in_operator().await;
    let mut database = app.database().await;
    database.refuse_writes("audit_entry", "INSERT", "1 = 1").await;
    let exported =
        browser.get(&format!("/console/sites/{}/contacts/{id}/export", site.site.id)).await;
    assert_eq!(exported.status, 200, "the request doesn't wait");
    assert!(app.app.audit(Some(site.site.id), None, 9).await.unwrap().is_empty());
    database.accept_writes("audit_entry").await;
    let recorded = async {
        while app.app.audit(Some(site.site.id), None, 9).await.unwrap().is_empty() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), recorded).await.expect("it is retried");
    let acts: Vec<String> = app
        .app
        .audit(Some(site.site.id), None, 9)
        .await
        .unwrap()
        .into_iter()
        .map(|act| act.entry.action)
        .collect();
    assert_eq!(acts, ["contact.exported"]);
}

#[tokio::test]
async fn contact_history_lists_each_step() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    let id = app.contact(&site, json!({"externalCustomerId": "1"})).await;
    let body =
        json!({"audience": {"contact": {"id": id.0}}, "content": {"en": {"title": "Hello"}}});
    app.post("/v1/messages").key(&site.key).json(&body).send().await.expect(201);
    let mut browser = app.console().sign_in_operator().await;
    let own = format!("/console/sites/{}/contacts/{id}", site.site.id);
    let steps = |page: &str| {
        let trace =
            page.split_once("<ul class=\"trace\">").unwrap().1.split_once("</ul>").unwrap().0;
        trace
            .split("<span>")
            .skip(1)
            .map(|step| step.split_once("</span>").unwrap().0.to_owned())
            .collect::<Vec<_>>()
    };
    let page = browser.get(&own).await;
    assert!(
        steps(page.text()) == ["Sent"] && page.text().contains("Not read yet"),
        "{}",
        page.text()
    );
    let token = app
        .post("/v1/auth/contact/token")
        .key(&site.key)
        .json(&json!({"extid": "1"}))
        .send()
        .await
        .expect(200);
    let granted =
        app.app.exchange_token(site.site.id, token["token"].as_str().unwrap()).await.unwrap();
    for mark in [
        ReaderAction::Delivered(belfry_domain::Position::MAX),
        ReaderAction::Seen(None),
        ReaderAction::AllRead(None),
    ] {
        app.app.apply_reader_action(&granted.reader, &mark).await.unwrap();
    }
    let page = browser.get(&own).await;
    assert_eq!(
        steps(page.text()),
        ["Sent", "Delivered", "Seen", "Read by “mark all as read”"],
        "{}",
        page.text()
    );
    assert!(!page.text().contains("Not read yet"));
}

#[tokio::test]
async fn viewers_can_read_and_strangers_get_404() {
    let app = TestApp::new().await;
    let (mine, other) = (app.create_site().await, app.create_site().await);
    let id = app.contact(&mine, json!({"externalCustomerId": "1"})).await;
    // Ids of contacts may coincide on two sites, so the other site's must be one that this site
    // doesn't have.
    app.contact(&other, json!({"externalCustomerId": "0"})).await;
    let theirs = app.contact(&other, json!({"externalCustomerId": "1"})).await;
    app.console().member("marta@example.com", mine.site.id, Role::Viewer).await;
    let mut browser = app.console().sign_in("marta@example.com").await;
    let base = format!("/console/sites/{}/contacts", mine.site.id);
    assert_eq!(browser.get(&format!("{base}/{id}")).await.status, 200);
    for path in ["new", "import", &format!("{id}/edit"), &format!("{id}/erase")] {
        assert_eq!(browser.get(&format!("{base}/{path}")).await.status, 403, "{path}");
    }
    assert_eq!(
        browser.post_form_from("/console/account", &format!("{base}/{id}/erase"), &[]).await.status,
        403
    );
    assert!(theirs != id);
    assert_eq!(browser.get(&format!("{base}/{theirs}")).await.status, 404);
    assert_eq!(
        browser.get(&format!("/console/sites/{}/contacts/{theirs}", other.site.id)).await.status,
        404
    );
}

#[tokio::test]
async fn csv_is_mapped_checked_and_imported() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    app.contact(&site, json!({"externalCustomerId": "7", "firstName": "Seven"})).await;
    let mut browser = app.console().sign_in_operator().await;
    let import = format!("/console/sites/{}/contacts/import", site.site.id);
    let none = browser.post_form(&import, &[("rows", " ")]).await;
    assert!(none.status == 422 && none.text().contains("hoose a file"), "{}", none.text());
    let mut table = "id;E-mail;Ім’я;Місто\n".to_owned();
    for number in 1..=300 {
        writeln!(table, "{number};{number}@shop.example;Name {number};Львів").unwrap();
    }
    table.push_str(";nobody;=1+1;Київ\n");
    let taken = browser.post_form(&import, &[("rows", &table)]).await;
    let columns = taken.header("location").unwrap_or_else(|| panic!("{}", taken.text())).to_owned();
    let page = browser.get(&columns).await;
    for chosen in ["externalCustomerId", "email", "firstName", "attributes.Місто"] {
        assert!(
            page.text().contains(&format!("value=\"{chosen}\" selected")),
            "{chosen} in {}",
            page.text()
        );
    }
    let twice = browser
        .post_form(
            &columns,
            &[("column", "email"), ("column", "email"), ("column", ""), ("column", "")],
        )
        .await;
    assert!(twice.status == 422 && twice.text().contains("twice"), "{}", twice.text());
    let map = [
        ("column", "externalCustomerId"),
        ("column", "email"),
        ("column", "firstName"),
        ("column", "attributes.Місто"),
        ("groups", "spring, vip"),
    ];
    let mapped = browser.post_form(&columns, &map).await;
    let check = mapped.header("location").unwrap_or_else(|| panic!("{}", mapped.text())).to_owned();
    let dry_run = browser.get(&check).await;
    assert!(
        dry_run.text().contains("299")
            && dry_run.text().contains("Import 300 rows")
            && dry_run.text().contains("302"),
        "{}",
        dry_run.text()
    );
    // The preview was computed when the columns were chosen, and isn't computed again for each page
    // view.
    app.contact(&site, json!({"externalCustomerId": "8"})).await;
    assert!(browser.get(&check).await.text().contains("299"));
    let remapped = browser.post_form(&columns, &map).await;
    assert_eq!(remapped.header("location"), Some(check.as_str()));
    let again = browser.get(&check).await;
    assert!(!again.text().contains("299") && again.text().contains("298"), "{}", again.text());
    let row =
        ImportRow { number: 1, draft: parse_contact(b"{\"externalCustomerId\": \"another\"}") };
    for _ in 0..20 {
        app.app
            .start_import(
                site.site.id,
                import_rows([row.clone()]).unwrap(),
                &ImportOptions::default(),
            )
            .await
            .unwrap();
    }
    let busy = browser.post_form(&check, &[]).await;
    assert!(
        busy.status == 409
            && busy.text().contains("Nothing was imported")
            && busy.text().contains("Import 300 rows"),
        "{}",
        busy.text()
    );
    while app.app.run_imports().await.unwrap() {}
    app.clock.advance(Duration::from_secs(1));
    let started = browser.post_form(&check, &[]).await;
    let own = started.header("location").unwrap_or_else(|| panic!("{}", started.text())).to_owned();
    let running = browser.get(&own).await;
    assert_eq!(running.header("refresh"), Some("2"));
    assert!(running.text().contains("<progress"));
    while app.app.run_imports().await.unwrap() {}
    let done = browser.get(&own).await;
    assert_eq!(done.header("refresh"), None);
    assert!(
        done.text().contains("Import finished") && done.text().contains("errors.csv"),
        "{}",
        done.text()
    );
    let errors = browser.get(&format!("{own}/errors.csv")).await;
    assert!(
        errors.text().contains("302,email,") && errors.text().contains("'=1+1"),
        "{}",
        errors.text()
    );
    let (imports, _) = app.app.imports(site.site.id, None, 9).await.unwrap();
    assert_eq!(
        (imports[0].state, imports[0].created, imports[0].updated, imports[0].failed),
        (ImportState::Finished, 298, 2, 1)
    );
    let filter =
        ContactFilter { text: Some("300@shop.example".to_owned()), ..ContactFilter::default() };
    let found =
        app.app.list_contacts(site.site.id, &filter, None, 9).await.unwrap().contacts.remove(0);
    assert_eq!(
        serde_json::Value::Object(found.attributes),
        json!({"groups": ["spring", "vip"], "Місто": "Львів"})
    );
    assert!(
        browser
            .get(&format!("/console/sites/{}/contacts/imports", site.site.id))
            .await
            .text()
            .contains("finished")
    );

    app.console().member("marta@example.com", site.site.id, Role::Editor).await;
    let again = browser
        .post_form(&import, &[("rows", &table)])
        .await
        .header("location")
        .unwrap()
        .to_owned();
    let mut marta = app.console().sign_in("marta@example.com").await;
    assert_eq!(marta.get(&again).await.status, 404);
    assert_eq!(browser.get(&again).await.status, 200);
}

#[tokio::test]
async fn upload_form_is_read_only_after_its_token() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    let mut browser = app.console().sign_in_operator().await;
    let path = format!("/console/sites/{}/contacts/import", site.site.id);
    let token = browser.token(&path).await;
    let part = |name: &str, text: &str| {
        format!("--b\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{text}\r\n")
    };
    let file = |text: &str| {
        format!(
            "--b\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\r\n{text}\r\n"
        )
    };
    let (table, long) = ("email\na@b.example\n", "x".repeat(70_000));
    for (body, status) in [
        (part("token", &token) + &file(table), 303),
        (file(table) + &part("token", &token), 303),
        (part("token", &token) + &file(&format!("email,{long}\na@b.example,\n")), 303),
        (file(&format!("email,{long}\na@b.example,\n")) + &part("token", &token), 403),
        (file(table), 403),
        (part("token", "wrong") + &file(table), 403),
        (part("token", &token) + &part("a", "").repeat(2_000), 413),
    ] {
        let call = app
            .post(&path)
            .header("origin", crate::support::PUBLIC_URL)
            .header("sec-fetch-site", "same-origin");
        let call = call
            .header("content-type", "multipart/form-data; boundary=b")
            .header("cookie", browser.cookie.as_deref().unwrap());
        let answer = call.body(body.clone() + "--b--\r\n").send().await;
        assert_eq!(answer.status, status, "{}: {}", &body[..60], answer.text());
    }
}
