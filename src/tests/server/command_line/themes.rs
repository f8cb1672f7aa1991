//! The commands for themes: check, push, publish, roll back, use and export.

use super::{super::process::DataDir, command_error};
use serde_json::json;

const BELL: &str = r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><path d="M4 4h16v16H4z" fill="currentColor"/></svg>"#;
const HOSTILE: &str = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 24 24\">\n  <script>alert(1)</script>\n</svg>";

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
