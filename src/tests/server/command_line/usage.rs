//! Usage errors and the help.

use super::{super::process::DataDir, command_error};

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
