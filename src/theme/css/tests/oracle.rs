//! Checks printed sheets by plain text search, without tokens or trees.

/// Checks that a theme contains nothing forbidden, and that every rule is scoped to the widget.
pub(super) fn theme(text: &str) -> Result<(), String> {
    let mut outside = String::new();
    for (index, piece) in text.split("url(").enumerate() {
        if index == 0 {
            outside.push_str(piece);
            continue;
        }
        let (address, rest) = piece.split_once(')').ok_or("an address that does not end")?;
        let picture = ["png", "jpeg", "gif", "webp"]
            .iter()
            .any(|kind| address.starts_with(&format!("\"data:image/{kind};base64,")));
        if !picture {
            return Err(format!("fetches {address}"));
        }
        outside.push_str(rest);
    }
    common(&outside)?;
    // Feature queries have no effect of their own.
    let rules: String = outside
        .lines()
        .filter(|line| !line.trim_start().starts_with("@supports "))
        .collect::<Vec<_>>()
        .join("\n");
    for never in [
        "!important",
        "position: fixed",
        "sticky",
        "content: \"a",
        "[value",
        "[href",
        ":visited",
        ":root .",
        "&",
    ] {
        if rules.contains(never) {
            return Err(format!("holds {never}"));
        }
    }
    for line in
        outside.lines().map(str::trim).filter(|line| line.ends_with('{') && !line.starts_with('@'))
    {
        if line.contains("html") || line.contains("body {") && !line.contains(".body {") {
            return Err(format!("names the page: {line}"));
        }
        let step = line.starts_with(|first: char| first.is_ascii_digit())
            || line.starts_with("from")
            || line.starts_with("to ");
        let below = line.starts_with(".belfry") || line.starts_with(":where(:root[data-scheme=");
        if !step && !below {
            return Err(format!("is not below the widget: {line}"));
        }
        let root_once = line
            .strip_prefix(":where(:root[data-scheme=\"")
            .map_or(line, |rest| rest.split_once(' ').map_or(rest, |(_, rest)| rest));
        if !step && !root_once.starts_with(".belfry") {
            return Err(format!("is not below the widget: {line}"));
        }
    }
    Ok(())
}

/// Checks that a drawing's sheet contains nothing forbidden.
pub(super) fn drawing(text: &str) -> Result<(), String> {
    for piece in text.split("url(").skip(1) {
        if !piece.starts_with("#x-known)") {
            return Err(format!("names {}", piece.chars().take(30).collect::<String>()));
        }
    }
    common(&text.replace("url(#", "(#"))?;
    if text.contains('&') { Err("holds &".to_owned()) } else { Ok(()) }
}

fn common(text: &str) -> Result<(), String> {
    let lower = text.to_lowercase();
    let never = [
        "</",
        "<!--",
        "]]>",
        "<",
        "\\",
        "@import",
        "@font-face",
        "@namespace",
        "@charset",
        "@property",
        "@layer",
        "url(",
        "image-set",
        "cross-fade",
        "src(",
        "attr(",
        "env(",
        "element(",
        "paint(",
        "expression(",
        "javascript:",
        "binding:",
        " behavior",
        "http",
        "//",
        "/*",
        "\u{0}",
        "\u{202e}",
        "counter",
        "unicode-bidi: bidi",
    ];
    match never.iter().find(|never| lower.contains(*never)) {
        Some(found) => Err(format!("holds {found}")),
        None if text.matches('{').count() != text.matches('}').count() => {
            Err("has unbalanced brackets".to_owned())
        }
        None => Ok(()),
    }
}
