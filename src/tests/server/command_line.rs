//! The interface for scripts: lines of JSON, exit codes, error messages.

mod themes;
mod usage;

use super::process::DataDir;
use serde_json::json;

fn command_error(home: &DataDir, arguments: &[&str], input: &str) -> (i32, String) {
    let output = home.run_with(arguments, input);
    assert!(output.stdout.is_empty(), "{arguments:?}: a refusal says nothing on standard output");
    let sentence = String::from_utf8(output.stderr).unwrap();
    assert_eq!(sentence.matches('\n').count(), 1, "{arguments:?}: one sentence: {sentence}");
    (output.status.code().unwrap(), sentence)
}

#[test]
fn site_is_managed_by_commands() {
    let home = DataDir::new();
    let (site, key) = home.site();
    assert!(key.starts_with("bfk_"));
    let listed = home.json(&["site", "list"], "");
    assert_eq!(listed[0]["site"], *site);
    assert_eq!(listed[0]["origins"], json!(["https://shop.example"]));
    assert!(!listed.to_string().contains(&key));

    let updated = home
        .json(&["site", "update", &site, "--selector", "#header", "--position", "afterend"], "");
    assert_eq!(
        (&updated["selector"], &updated["position"], &updated["name"]),
        (&json!("#header"), &json!("afterend"), &json!("Shop"))
    );

    let second = home.json(&["key", "create", &site, "--name", "backend"], "");
    let id = second["key_id"].as_str().unwrap();
    assert_eq!(home.json(&["key", "revoke", &site, id], "")["revoked"], true);
    let keys = home.json(&["key", "list", &site], "");
    assert_eq!(keys.as_array().unwrap().len(), 2);
    assert!(keys[1]["revoked_at"].is_string() && keys[0]["revoked_at"].is_null());
    assert_eq!(command_error(&home, &["key", "revoke", &site, id], "").0, 1);

    let output = home.run(&["site", "snippet", &site, "--public-url", "https://inbox.example"]);
    let snippet = String::from_utf8(output.stdout).unwrap();
    assert_eq!(snippet.matches("eS('init'").count(), 1);
    assert!(
        snippet.contains("'https://inbox.example/scripts/' + n + '.js'")
            && snippet.contains(&format!("'script', '{site}'"))
    );
}

#[test]
fn sdk_signing_keys_are_created_listed_and_revoked() {
    let home = DataDir::new();
    let (site, _) = home.site();
    let inbox =
        home.json(&["inbox", "create", &site, "--name", "Support"], "")["inbox_id"].to_string();
    let of_site = home.json(&["sdk-key", "create", &site, "--label", "Back office"], "");
    assert_eq!(of_site["environment_id"], *site);
    assert_eq!(of_site["key"].as_str().unwrap().len(), 43);
    let of_inbox = home.json(&["sdk-key", "create", &site, "--inbox", &inbox], "");
    assert!(
        of_inbox["bot_id"].as_str().unwrap().len() == 36
            && of_inbox["bot_id"] != *site
            && of_inbox.get("environment_id").is_none()
    );
    let listed = home.json(&["sdk-key", "list", &site], "");
    let keys = [&of_site, &of_inbox].map(|made| made["key"].as_str().unwrap());
    assert!(keys.iter().all(|key| !listed.to_string().contains(key)), "{listed}");
    assert_eq!(
        (&listed[0]["label"], &listed[0]["inbox"], &listed[0]["last_used_at"]),
        (&json!("Back office"), &json!(null), &json!(null))
    );
    assert_eq!((&listed[1]["label"], &listed[1]["inbox"].to_string()), (&json!("key"), &inbox));
    let id = listed[0]["key_id"].to_string();
    assert_eq!(home.json(&["sdk-key", "revoke", &site, &id], "")["revoked"], true);
    assert_eq!(command_error(&home, &["sdk-key", "revoke", &site, &id], "").0, 1);
    assert_eq!(home.json(&["sdk-key", "list", &site], "").as_array().unwrap().len(), 1);
    for odd in [
        ["sdk-key", "create", &site, "--inbox", "999"],
        ["sdk-key", "create", &site, "--label", &"x".repeat(201)],
    ] {
        assert_ne!(command_error(&home, &odd, "").0, 0, "{odd:?}");
    }
    assert_eq!(command_error(&home, &["sdk-key", "create", &site, "--inbox", "x"], "").0, 2);
}

#[test]
fn contact_and_message_commands_take_the_http_json() {
    let home = DataDir::new();
    let (site, _) = home.site();
    let contact = home
        .json(&["contact", "upsert", &site], r#"{"externalCustomerId":"42","firstName":"Anna"}"#);
    let found = home.json(&["contact", "get", &site, "--external-customer-id", "42"], "");
    assert_eq!((&found["id"], &found["firstName"]), (&contact["id"], &json!("Anna")));

    let body = r#"{"audience":{"contact":{"externalCustomerId":"42"}},"content":{"en":{"title":"Order shipped"}}}"#;
    let file = home.path().join("message.json");
    std::fs::write(&file, body).unwrap();
    let publish = ["message", "publish", &site, "--idempotency-key", "order-7"];
    let first = home.json(&[&publish[..], &["--file", file.to_str().unwrap()]].concat(), "");
    assert_eq!(home.json(&publish, body), first, "the same key and message give the same id");
    let (code, sentence) = command_error(&home, &publish, &body.replace("shipped", "lost"));
    assert_eq!(code, 2);
    assert!(sentence.contains("--idempotency-key"), "{sentence}");

    let message = first["id"].as_str().unwrap();
    let edited = home.json(
        &["message", "edit", &site, message],
        r#"{"content":{"en":{"title":"Order delivered"}}}"#,
    );
    assert_eq!(edited["content"]["en"]["title"], "Order delivered");
    assert_eq!(home.json(&["message", "recall", &site, message], "")["recalled"], true);
    assert_eq!(home.json(&["message", "get", &site, message], "")["state"], "recalled");
    assert_eq!(
        home.json(&["contact", "delete", &site, "--external-customer-id", "42"], "")["deleted"],
        true
    );
    assert_eq!(
        command_error(&home, &["contact", "get", &site, "--external-customer-id", "42"], "").0,
        1
    );
}

#[test]
fn inboxes_and_agents_are_created_with_credentials() {
    let home = DataDir::new();
    let (site, _) = home.site();
    let inbox = home.json(
        &[
            "inbox",
            "create",
            &site,
            "--name",
            "Support",
            "--callback-url",
            "https://shop.example/hook",
        ],
        "",
    );
    assert_eq!((&inbox["account_id"], &inbox["inbox_id"]), (&json!(1), &json!(1)));
    assert!(
        ["inbox_identifier", "hmac_token"]
            .iter()
            .all(|name| inbox[name].as_str().unwrap().len() == 24),
        "{inbox}"
    );
    assert_eq!(
        (inbox["bot_id"].as_str().unwrap().len(), inbox.as_object().unwrap().len()),
        (36, 5)
    );
    let agent = home.json(
        &[
            "agent",
            "create",
            &site,
            "--name",
            "Ann",
            "--email",
            "ann@shop.example",
            "--role",
            "administrator",
        ],
        "",
    );
    assert_eq!((&agent["user_id"], agent.as_object().unwrap().len()), (&json!(1), 3));
    assert!(
        ["api_access_token", "pubsub_token"]
            .iter()
            .all(|name| agent[name].as_str().unwrap().len() == 24),
        "{agent}"
    );
    assert_eq!(home.json(&["agent", "revoke", &site, "1"], ""), json!({"revoked": 1}));
    let (code, sentence) = command_error(&home, &["agent", "revoke", &site, "9"], "");
    assert!(code == 1 && sentence.contains("no such agent"), "{sentence}");
    let here =
        ["inbox", "create", &site, "--name", "Here", "--callback-url", "http://127.0.0.1:9/hook"];
    let (code, sentence) = command_error(&home, &here, "");
    assert_eq!(code, 2);
    assert!(sentence.contains("--callback-url"), "{sentence}");
    assert_eq!(home.json(&[&here[..], &["--webhooks-allow-private"]].concat(), "")["inbox_id"], 2);
    for (odd, code) in [
        (
            [
                "agent",
                "create",
                &site,
                "--name",
                "Ann",
                "--email",
                "ann@shop.example",
                "--role",
                "agent",
            ],
            1,
        ),
        (["agent", "create", &site, "--name", "Ann", "--email", "nobody", "--role", "agent"], 2),
        (
            [
                "agent",
                "create",
                &site,
                "--name",
                "Ann",
                "--email",
                "eve@shop.example",
                "--role",
                "owner",
            ],
            2,
        ),
        (
            [
                "agent",
                "create",
                "0b8f6a3e-6a51-4c39-9f0e-2a1f57b2c9d4",
                "--name",
                "Ann",
                "--email",
                "eve@shop.example",
                "--role",
                "agent",
            ],
            1,
        ),
    ] {
        assert_eq!(command_error(&home, &odd, "").0, code, "{odd:?}");
    }
}

#[test]
fn copy_reports_its_tables_and_is_used_like_its_source() {
    let home = DataDir::new();
    let (site, _) = home.site();
    let arguments = ["copy", "--to", "sqlite://copy.db"];
    let output = home.run(&arguments);
    assert!(output.status.success());
    let note = String::from_utf8(output.stderr).unwrap();
    assert!(note.contains("secret key file was not copied"), "{note}");
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let sites = &report["tables"]["site"];
    assert_eq!(sites["rows"], 1);
    assert_eq!(sites["checksum"], sites["checksum_of_target"]);
    assert_eq!(report["written"], report["rows"]);
    assert_eq!(home.json(&arguments, "")["written"], 0);

    let other = ["--database-url", "sqlite://copy.db"];
    let (code, sentence) = command_error(&home, &[&["site", "list"][..], &other].concat(), "");
    assert!(code == 1 && sentence.contains("copy.db.secret-key"), "{sentence}");
    std::fs::copy(home.path().join("belfry.db.secret-key"), home.path().join("copy.db.secret-key"))
        .unwrap();
    assert_eq!(home.json(&[&["site", "list"][..], &other].concat(), "")[0]["site"], *site);
    let (code, sentence) = command_error(&home, &arguments, "");
    assert!(code == 1 && sentence.contains("is in use"), "{sentence}");
}
