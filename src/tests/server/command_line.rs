//! What scripts rely on: lines of JSON, exit codes, sentences.

use super::process::Home;
use serde_json::json;

fn refusal(home: &Home, arguments: &[&str], input: &str) -> (i32, String) {
    let output = home.run_with(arguments, input);
    assert!(output.stdout.is_empty(), "{arguments:?}: a refusal says nothing on standard output");
    let sentence = String::from_utf8(output.stderr).unwrap();
    assert_eq!(sentence.matches('\n').count(), 1, "{arguments:?}: one sentence: {sentence}");
    (output.status.code().unwrap(), sentence)
}

#[test]
fn a_site_lives_through_its_commands() {
    let home = Home::new();
    let (site, key) = home.site();
    assert!(key.starts_with("bfk_"));
    let listed = home.json(&["site", "list"], "");
    assert_eq!(listed[0]["site"], *site);
    assert_eq!(listed[0]["origins"], json!(["https://shop.example"]));
    assert!(!listed.to_string().contains(&key));

    let updated = home.json(&["site", "update", &site, "--selector", "#header", "--position", "afterend"], "");
    assert_eq!((&updated["selector"], &updated["position"], &updated["name"]), (&json!("#header"), &json!("afterend"), &json!("Shop")));

    let second = home.json(&["key", "create", &site, "--name", "backend"], "");
    let id = second["key_id"].as_str().unwrap();
    assert_eq!(home.json(&["key", "revoke", &site, id], "")["revoked"], true);
    let keys = home.json(&["key", "list", &site], "");
    assert_eq!(keys.as_array().unwrap().len(), 2);
    assert!(keys[1]["revoked_at"].is_string() && keys[0]["revoked_at"].is_null());
    assert_eq!(refusal(&home, &["key", "revoke", &site, id], "").0, 1);

    let output = home.run(&["site", "snippet", &site, "--public-url", "https://inbox.example"]);
    let snippet = String::from_utf8(output.stdout).unwrap();
    assert_eq!(snippet.matches("eS('init'").count(), 1);
    assert!(snippet.contains("'https://inbox.example/scripts/' + n + '.js'") && snippet.contains(&format!("'script', '{site}'")));
}

#[test]
fn contacts_and_messages_take_the_same_json_as_over_http() {
    let home = Home::new();
    let (site, _) = home.site();
    let contact = home.json(&["contact", "upsert", &site], r#"{"externalCustomerId":"42","firstName":"Anna"}"#);
    let found = home.json(&["contact", "get", &site, "--external-customer-id", "42"], "");
    assert_eq!((&found["id"], &found["firstName"]), (&contact["id"], &json!("Anna")));

    let body = r#"{"audience":{"contact":{"externalCustomerId":"42"}},"content":{"en":{"title":"Order shipped"}}}"#;
    let file = home.path().join("message.json");
    std::fs::write(&file, body).unwrap();
    let publish = ["message", "publish", &site, "--idempotency-key", "order-7"];
    let first = home.json(&[&publish[..], &["--file", file.to_str().unwrap()]].concat(), "");
    assert_eq!(home.json(&publish, body), first, "the same key and message give the same id");
    let (code, sentence) = refusal(&home, &publish, &body.replace("shipped", "lost"));
    assert_eq!(code, 2);
    assert!(sentence.contains("--idempotency-key"), "{sentence}");

    let message = first["id"].as_str().unwrap();
    let edited = home.json(&["message", "edit", &site, message], r#"{"content":{"en":{"title":"Order delivered"}}}"#);
    assert_eq!(edited["content"]["en"]["title"], "Order delivered");
    assert_eq!(home.json(&["message", "recall", &site, message], "")["recalled"], true);
    assert_eq!(home.json(&["message", "get", &site, message], "")["state"], "recalled");
    assert_eq!(home.json(&["contact", "delete", &site, "--external-customer-id", "42"], "")["deleted"], true);
    assert_eq!(refusal(&home, &["contact", "get", &site, "--external-customer-id", "42"], "").0, 1);
}

#[test]
fn what_can_not_be_meant_is_refused_with_one_sentence_and_exit_code_2() {
    let home = Home::new();
    let (site, _) = home.site();
    let stranger = "5b0c2f4e-0000-4000-8000-000000000001";
    for (arguments, input, code, words) in [
        (&["serve", "--listen", "here"][..], "", 2, &["--listen", "here"][..]),
        (&["serve", "--public-url", "https://x.example/inbox"], "", 2, &["--public-url", "https://x.example/inbox", "without a path"]),
        (&["serve", "--log-format", "xml"], "", 2, &["--log-format", "xml", "json"]),
        (&["serve", "--database-url", "mysql://x"], "", 2, &["--database-url", "mysql://x", "sqlite:"]),
        (&["serve", "--database-url", "postgres://me:secret@db/x"], "", 2, &["--database-url", "PostgreSQL"]),
        (&["serve", "--colour"], "", 2, &["--colour"]),
        (&["site", "create", "--name", "Shop"], "", 2, &["--origin"]),
        (&["site", "create", "--name", "Shop", "--origin", "shop.example"], "", 2, &["--origin", "shop.example"]),
        (&["site", "create", "--name", " ", "--origin", "https://shop.example"], "", 2, &["--name"]),
        (&["site", "snippet", "7"], "", 2, &["UUID"]),
        (&["contact", "get", &site], "", 2, &["--email"]),
        (&["contact", "upsert", &site], "{", 2, &["JSON"]),
        (&["contact", "upsert", &site, "--file", "missing.json"], "", 2, &["--file", "missing.json"]),
        (&["message", "publish", &site], r#"{"audience":"everyone","content":{"en":{"title":""}}}"#, 2, &["content.en.title"]),
        (&["message", "publish", stranger], r#"{"audience":"everyone","content":{"en":{"title":"A"}}}"#, 1, &["site"]),
        (&["site", "update", stranger, "--name", "A"], "", 1, &["site"]),
    ] {
        let (found, sentence) = refusal(&home, arguments, input);
        assert_eq!(found, code, "{arguments:?}: {sentence}");
        for word in words {
            assert!(sentence.contains(word), "{arguments:?} should name {word}: {sentence}");
        }
        assert!(!sentence.contains("secret"), "{sentence}");
    }
}

#[test]
fn help_teaches_by_example_and_shows_no_secret_of_the_environment() {
    let home = Home::new();
    for (arguments, words) in [
        (&["--help"][..], &["belfry demo", "belfry site create", "Exit codes"][..]),
        (&["serve", "--help"], &["BELFRY_LISTEN", "BELFRY_PUBLIC_URL", "DATABASE_URL", "/readyz"]),
        (&["site", "create", "--help"], &["belfry site create --name", "api_key"]),
        (&["message", "publish", "--help"], &["audience", "--idempotency-key"]),
    ] {
        let output = home.belfry(arguments).env("DATABASE_URL", "postgres://me:secret@db/x").output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success());
        for word in words {
            assert!(text.contains(word), "{arguments:?}: {word}");
        }
        assert!(!text.contains("secret"), "{text}");
    }
}
