//! The interface for scripts: lines of JSON, exit codes, error messages.

use super::process::DataDir;
use serde_json::json;

const BELL: &str = r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><path d="M4 4h16v16H4z" fill="currentColor"/></svg>"#;
const HOSTILE: &str = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 24 24\">\n  <script>alert(1)</script>\n</svg>";

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
fn theme_is_checked_without_a_database() {
    let home = DataDir::new();
    let file = |name: &str, text: &str| std::fs::write(home.path().join(name), text).unwrap();
    file("icon.svg", BELL);
    file("rules.css", ".title { color: teal }");
    file("hostile.svg", HOSTILE);
    file("large.css", &" ".repeat(64 * 1_024 + 1));
    let check = |arguments: &[&str]| {
        let output = home
            .belfry(&[&["theme", "check"], arguments].concat())
            .env("DATABASE_URL", "sqlite:///nowhere/at/all.db")
            .output()
            .unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
    };

    let (code, cleaned, report) = check(&["--bell", "icon.svg"]);
    assert_eq!(
        (code, cleaned.starts_with("<svg"), cleaned.matches("---").count()),
        (0, true, 0),
        "{cleaned}{report}"
    );
    let last = report.lines().last().unwrap();
    assert!(
        last.starts_with(&format!(
            "bell.svg: {} bytes → {} bytes; valid",
            BELL.len(),
            cleaned.trim_end().len()
        )),
        "{report}"
    );
    // A cleaned file passes without warnings.
    file("cleaned.svg", &cleaned);
    assert_eq!(check(&["--bell", "cleaned.svg"]).1, cleaned);

    let (code, cleaned, report) = check(&["--css", "rules.css", "--bell", "icon.svg"]);
    assert_eq!(code, 0, "{report}");
    let headings: Vec<_> = cleaned.lines().filter(|line| line.starts_with("--- ")).collect();
    assert_eq!(headings, ["--- bell.svg", "--- theme.css"]);
    assert!(report.contains("theme.css: 22 bytes → "), "{report}");

    let (code, cleaned, report) = check(&["--bell", "hostile.svg", "--css", "rules.css"]);
    assert_eq!((code, cleaned.as_str()), (1, ""));
    assert!(report.starts_with("bell.svg:2:3: error: `<script>` "), "{report}");
    assert!(
        report.contains(&format!("\nbell.svg: {} bytes; invalid, 1 error", HOSTILE.len())),
        "{report}"
    );
    assert!(report.ends_with("theme.css: 22 bytes; valid\n"), "{report}");

    for (arguments, word) in [
        (&[][..], "--bell"),
        (&["--bell", "missing.svg"], "missing.svg"),
        (&["--css", "large.css"], "65536"),
    ] {
        let (code, cleaned, report) = check(arguments);
        assert_eq!((code, cleaned.as_str(), report.matches('\n').count()), (2, "", 1), "{report}");
        assert!(report.contains(word), "{report}");
    }
    assert!(!home.path().join("belfry.db").exists());
}

#[test]
fn theme_is_uploaded_published_and_exported() {
    let home = DataDir::new();
    let (site, _) = home.site();
    let folder = home.path().join("mine");
    std::fs::create_dir(&folder).unwrap();
    assert_eq!(command_error(&home, &["theme", "push", &site, "mine"], "").0, 2);
    assert_eq!(command_error(&home, &["theme", "publish", &site], "").0, 1);
    assert_eq!(command_error(&home, &["theme", "preview", &site], "").0, 1);
    std::fs::write(folder.join("bell.svg"), HOSTILE).unwrap();
    let refused = home.run(&["theme", "push", &site, "mine"]);
    let report = String::from_utf8(refused.stderr).unwrap();
    assert_eq!((refused.status.code(), refused.stdout.as_slice()), (Some(1), &b""[..]));
    assert!(
        report.contains("bell.svg:2:3: error: `<script>` ")
            && report.ends_with("belfry: the theme was rejected; nothing was changed\n"),
        "{report}"
    );

    std::fs::write(folder.join("bell.svg"), BELL).unwrap();
    let pushed =
        home.json(&["theme", "push", &site, "mine", "--public-url", "https://inbox.example"], "");
    assert_eq!(
        (&pushed["version"], &pushed["state"], &pushed["files"]),
        (&json!(1), &json!("draft"), &json!(["bell.svg"]))
    );
    let url = pushed["preview"]["url"].as_str().unwrap();
    let secret =
        url.strip_prefix(&format!("https://inbox.example/embed/{site}/preview?link=")).unwrap();
    assert_eq!(
        pushed["preview"]["sites"],
        json!([format!("https://shop.example/#belfry-preview={secret}")])
    );
    assert_eq!(command_error(&home, &["theme", "rollback", &site, "1"], "").0, 1);
    let preview = home.json(&["theme", "preview", &site], "");
    assert!(
        preview["url"]
            .as_str()
            .unwrap()
            .starts_with(&format!("http://127.0.0.1:3000/embed/{site}/preview?link=bfp_"))
    );
    assert_eq!(home.json(&["theme", "publish", &site], "")["state"], "inForce");

    std::fs::write(folder.join("theme.css"), ".title { color: teal }").unwrap();
    let second = home.json(&["theme", "push", &site, "mine", "--publish"], "");
    assert_eq!((&second["version"], &second["state"]), (&json!(2), &json!("inForce")));
    assert_eq!(home.json(&["theme", "rollback", &site, "1"], "")["version"], 1);
    let list = home.json(&["theme", "list", &site], "");
    assert_eq!(
        (&list["inForce"], &list["draft"], &list["themes"][0]["state"]),
        (&json!(1), &json!(null), &json!("former"))
    );
    assert_eq!(command_error(&home, &["theme", "delete", &site, "1"], "").0, 1);
    assert_eq!(
        home.json(&["theme", "delete", &site, "2"], ""),
        json!({"version": 2, "deleted": true})
    );
    assert_eq!(
        home.json(&["theme", "rollback", &site, "0"], ""),
        json!({"version": 0, "state": "inForce"})
    );
    assert_eq!(command_error(&home, &["theme", "rollback", &site, "9"], "").0, 1);
    assert_eq!(command_error(&home, &["theme", "rollback", &site, "-1"], "").0, 2);
}

#[test]
fn builtin_theme_is_used_or_copied() {
    let home = DataDir::new();
    let (site, _) = home.site();
    let shipped = String::from_utf8(home.run(&["theme", "shipped"]).stdout).unwrap();
    let names: Vec<_> = shipped.lines().filter_map(|line| line.split_whitespace().next()).collect();
    assert_eq!(names, ["quiet", "midnight", "paper", "terminal", "festive", "contrast"]);

    for name in names {
        let used = home.json(&["theme", "use", &site, name], "");
        assert_eq!(used["state"], "inForce", "{name}");
        assert_eq!(
            home.json(&["theme", "use", &site, name], ""),
            used,
            "{name}: what is in force already stays"
        );
    }
    assert_eq!(home.json(&["theme", "list", &site], "")["themes"].as_array().unwrap().len(), 6);
    assert_eq!(
        home.json(&["theme", "use", &site, "standard"], ""),
        json!({"version": 0, "state": "inForce"})
    );
    let (code, sentence) = command_error(&home, &["theme", "use", &site, "baroque"], "");
    assert!(
        code == 2 && sentence.contains("festive") && sentence.contains("standard"),
        "{sentence}"
    );

    let exported = home.json(&["theme", "export", "paper", "mine"], "");
    assert_eq!(
        exported,
        json!({"theme": "paper", "folder": "mine", "files": ["bell.svg", "card.svg", "theme.css"]})
    );
    assert_eq!(home.json(&["theme", "push", &site, "mine"], "")["files"], exported["files"]);
    assert_eq!(command_error(&home, &["theme", "export", "quiet", "mine"], "").0, 2);
    assert_eq!(
        home.json(&["theme", "export", "quiet", "calm"], "")["files"],
        json!(["bell.svg", "theme.css"])
    );
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

#[test]
fn usage_error_has_one_sentence_and_exit_code_2() {
    let home = DataDir::new();
    let (site, _) = home.site();
    let stranger = "5b0c2f4e-0000-4000-8000-000000000001";
    for (arguments, input, code, words) in [
        (&["serve", "--listen", "here"][..], "", 2, &["--listen", "here"][..]),
        (
            &["serve", "--public-url", "https://x.example/inbox"],
            "",
            2,
            &[
                "--public-url",
                "https://x.example/inbox",
                "without a path",
                "keep pages of one host apart",
                "host name of its own",
            ],
        ),
        (&["serve", "--log-format", "xml"], "", 2, &["--log-format", "xml", "json"]),
        (
            &["serve", "--database-url", "mysql://x"],
            "",
            2,
            &["--database-url", "mysql://x", "sqlite:"],
        ),
        (
            &["serve", "--database-url", "postgres://me:secret@db:port/x"],
            "",
            2,
            &["--database-url", "postgres://user:password@host"],
        ),
        (
            &["serve", "--database-url", "postgres://db:port/x?user=me&password=secret"],
            "",
            2,
            &["--database-url", "postgres://user:password@host"],
        ),
        (
            &[
                "serve",
                "--database-url",
                "x.db",
                "--database-direct-url",
                "postgres://me:secret@db/x",
            ],
            "",
            2,
            &["--database-url", "must begin with sqlite: or postgres:"],
        ),
        (
            &["serve", "--database-url", "postgres://db/x", "--database-direct-url", "secret.db"],
            "",
            2,
            &["--database-direct-url", "postgres://user:password@host"],
        ),
        (
            &["serve", "--bus", "nats://me:secret@127.0.0.1:4222"],
            "",
            2,
            &["--bus", "needs a PostgreSQL database"],
        ),
        (
            &["serve", "--database-url", "postgres://db/x", "--bus", "http://me:secret@x"],
            "",
            2,
            &["--bus", "nats://bus.example:4222"],
        ),
        (
            &["serve", "--bus", "nats://x", "--bus-credentials", "missing.txt"],
            "",
            2,
            &["--bus-credentials", "missing.txt"],
        ),
        (&["serve", "--bus-credentials", "missing.txt"], "", 2, &["--bus"]),
        // Nobody listens there.
        (
            &["serve", "--database-url", "postgres://me:secret@127.0.0.1:1/x"],
            "",
            1,
            &["x on 127.0.0.1:1"],
        ),
        (&["serve", "--colour"], "", 2, &["--colour"]),
        (&["site", "create", "--name", "Shop"], "", 2, &["--origin"]),
        (
            &["site", "create", "--name", "Shop", "--origin", "shop.example"],
            "",
            2,
            &["--origin", "shop.example"],
        ),
        (
            &["site", "create", "--name", " ", "--origin", "https://shop.example"],
            "",
            2,
            &["--name"],
        ),
        (&["site", "snippet", "7"], "", 2, &["UUID"]),
        (&["contact", "get", &site], "", 2, &["--email"]),
        (&["contact", "upsert", &site], "{", 2, &["JSON"]),
        (
            &["contact", "upsert", &site, "--file", "missing.json"],
            "",
            2,
            &["--file", "missing.json"],
        ),
        (
            &["message", "publish", &site],
            r#"{"audience":"everyone","content":{"en":{"title":""}}}"#,
            2,
            &["content.en.title"],
        ),
        (
            &["message", "publish", stranger],
            r#"{"audience":"everyone","content":{"en":{"title":"A"}}}"#,
            1,
            &["site"],
        ),
        (&["site", "update", stranger, "--name", "A"], "", 1, &["site"]),
        (&["theme", "list", stranger], "", 1, &["site"]),
        (&["theme", "publish", stranger], "", 1, &["site"]),
        (&["theme", "use", stranger, "standard"], "", 1, &["site"]),
        (&["theme", "rollback", &site, "x"], "", 2, &["VERSION", "whole number"]),
        (&["theme", "delete", &site, "0"], "", 2, &["VERSION", "whole number"]),
        (&["theme", "push", &site, "missing"], "", 2, &["missing", "bell.svg"]),
        (&["copy"], "", 2, &["--to"]),
        (&["copy", "--to", "mysql://me:secret@x"], "", 2, &["--to", "sqlite:"]),
        (
            &["copy", "--from", "postgres://a:b:secret/", "--to", "sqlite://new.db"],
            "",
            2,
            &["--from"],
        ),
        (
            &["copy", "--from", "sqlite://missing.db", "--to", "sqlite://new.db"],
            "",
            1,
            &["missing.db"],
        ),
        (&["copy", "--to", "postgres://me:secret@127.0.0.1:1/x"], "", 1, &["x on 127.0.0.1:1"]),
        (&["copy", "--to", "sqlite://belfry.db"], "", 1, &["the same database"]),
    ] {
        let (found, sentence) = command_error(&home, arguments, input);
        assert_eq!(found, code, "{arguments:?}: {sentence}");
        for word in words {
            assert!(sentence.contains(word), "{arguments:?} should name {word}: {sentence}");
        }
        assert!(!sentence.contains("secret"), "{sentence}");
    }
}

#[test]
fn help_has_examples_and_hides_environment_secrets() {
    let home = DataDir::new();
    for (arguments, words) in [
        (
            &["--help"][..],
            &["belfry demo", "belfry site create", "belfry theme use", "Exit codes"][..],
        ),
        (&["serve", "--help"], &["BELFRY_LISTEN", "BELFRY_PUBLIC_URL", "DATABASE_URL", "/readyz"]),
        (&["site", "create", "--help"], &["belfry site create --name", "api_key"]),
        (&["theme", "--help"], &["belfry theme export", "belfry theme push", "standard look"]),
        (&["theme", "check", "--help"], &["error: ", "Exit codes"]),
        (&["theme", "push", "--help"], &["BELFRY_PUBLIC_URL", "bell.svg", "preview"]),
        (&["message", "publish", "--help"], &["audience", "--idempotency-key"]),
        (&["copy", "--help"], &["BELFRY_COPY_TO", "interrupted"]),
    ] {
        let output = home
            .belfry(arguments)
            .env("DATABASE_URL", "postgres://me:hunter2@db/x")
            .env("BELFRY_BUS", "nats://me:hunter2@bus")
            .output()
            .unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success());
        for word in words {
            assert!(text.contains(word), "{arguments:?}: {word}");
        }
        assert!(!text.contains("hunter2"), "{text}");
    }
}
