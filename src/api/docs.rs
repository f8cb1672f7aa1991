//! The API reference at `/docs`: the `OpenAPI` document rendered as HTML, built once, without
//! scripts. Must not know any particular route; everything about routes comes from the document.

mod example;
mod html;
mod operation;
mod schema_table;

use super::openapi::StaticDocument;
use html::Html;
use serde_json::Value;
use utoipa::openapi::OpenApi;

/// Path of the page.
pub(super) const DOCS_PATH: &str = "/docs";
/// Path of its style sheet.
pub(super) const STYLE_PATH: &str = "/docs/style.css";

const POLICY: &str = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The introduction before the operations: anchor, title, and trusted HTML.
const GUIDE: [(&str, &str, &str); 6] = [
    (
        "key",
        "API key",
        "<p>Every request needs an API key, as the password of HTTP Basic (the user name may be anything) or as <code>Authorization: Bearer KEY</code>. A key gives access to one site only; keep it in a backend, never in a page.</p><p>A key has <b>scopes</b>, and each operation below names the required one: <code>read</code>, <code>send</code>, <code>contacts</code>, <code>themes</code>, <code>webhooks</code> or <code>admin</code>. Without it the response is 403. A key can't create another key with scopes that it lacks.</p>",
    ),
    (
        "errors",
        "Errors",
        "<p>All errors have the same format. <code>message</code> is one sentence for people; <code>field</code>, if present, names the invalid part of the request.</p><pre><code>{\"status\":400,\"message\":\"content.en.title must have at most 200 characters; this has 201\",\"field\":\"content.en.title\"}</code></pre><p>An object that does not exist, an object of another site and a malformed id are all 404. 401 means that the key is missing or invalid, 403 that it lacks the required scope, 413 that the body is too large, 415 that its content type is not supported. 500, 503 and 507 are errors of the server; 503 has a <code>Retry-After</code> header.</p>",
    ),
    (
        "idempotency",
        "Idempotency",
        "<p>All writing requests accept an <code>Idempotency-Key</code>: 1 to 255 visible ASCII characters chosen by you, such as a UUID. For two days the same key with the same request returns the first response again, with <code>Idempotent-Replayed: true</code>, and the request is not executed again. Bodies are compared as JSON, ignoring white space and key order.</p><ul><li><b>422</b>: the key was used before with a different request.</li><li><b>409</b> with <code>Retry-After</code>: the first request is in progress.</li><li><b>409</b> with <code>id</code>: the request was executed, and its response contained a secret, which is not stored.</li><li><b>409</b> with neither: the server stopped during a <code>POST</code>. Check whether it took effect; if not, retry with a new key. Other methods are executed again.</li></ul><p>Error responses are replayed too, except 429 and 5xx, which can be retried with the same key. Keys of published messages are separate from all others.</p>",
    ),
    (
        "limits",
        "Limits",
        "<p>Each response has the rate limits of the key and the remaining requests:</p><pre><code>RateLimit-Policy: \"requests\";q=2000;w=2\nRateLimit: \"requests\";r=1999;t=1</code></pre><p>The quota is <code>q</code> requests, refilled within <code>w</code> seconds; <code>r</code> remain now, and more are available after <code>t</code> seconds. Token requests and theme uploads have additional limits. Beyond a limit the response is 429 with <code>Retry-After</code> in seconds.</p><p>JSON bodies have at most 64 kB, forms 640 kB; compressed bodies are not accepted.</p>",
    ),
    (
        "lists",
        "Pagination",
        "<p>Long lists are paginated: <code>?limit=</code> is the page size, from 1 to 100 (by default 20). The response is <code>{\"items\":[…],\"next\":\"…\"}</code>; pass the value of <code>next</code> as <code>?cursor=</code> to get the next page. On the last page <code>next</code> is <code>null</code>. Cursors are opaque and their format may change.</p>",
    ),
    (
        "forms",
        "Formats",
        "<p>Bodies are JSON in UTF-8. Times are RFC 3339 with a time zone, such as <code>2026-12-01T08:00:00Z</code>. Languages are tags such as <code>en</code> or <code>pt-BR</code>. Every path that begins with <code>/v1</code> is also available under <code>/api/v1</code>. The machine-readable description is at <a href=\"/openapi.json\">/openapi.json</a> (OpenAPI 3.1).</p>",
    ),
];

/// Renders the page of an `OpenAPI` document.
pub(super) fn render_page(description: &OpenApi) -> StaticDocument {
    let described = serde_json::to_value(description).unwrap_or_default();
    StaticDocument::new(render(&described), "text/html; charset=utf-8", POLICY)
}

/// The style sheet of the page.
pub(super) fn style() -> StaticDocument {
    StaticDocument::new(
        include_str!("docs/style.css").to_owned(),
        "text/css; charset=utf-8",
        "default-src 'none'; frame-ancestors 'none'",
    )
}

fn render(described: &Value) -> String {
    let mut out = Html::default();
    out.raw("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"color-scheme\" content=\"light dark\">\n<title>Belfry API</title>\n<link rel=\"stylesheet\" href=\"");
    out.raw(STYLE_PATH)
        .raw("\">\n</head>\n<body>\n<a class=\"skip\" href=\"#main\">Skip to the text</a>\n");
    write_contents(&mut out, described);
    out.raw("<main id=\"main\">\n<header><h1>Belfry API</h1>");
    let about = described.pointer("/info/description").and_then(Value::as_str).unwrap_or_default();
    out.raw("<p class=\"lead\">")
        .text(about.split("\n\n").next().unwrap_or_default())
        .raw("</p></header>\n");
    for (anchor, title, text) in GUIDE {
        out.raw("<section id=\"")
            .raw(anchor)
            .raw("\"><h2><a href=\"#")
            .raw(anchor)
            .raw("\">")
            .text(title)
            .raw("</a></h2>")
            .raw(text)
            .raw("</section>\n");
    }
    for (tag, about) in tags(described) {
        out.raw("<section id=\"")
            .attribute(&anchor(tag))
            .raw("\"><h2><a href=\"#")
            .attribute(&anchor(tag))
            .raw("\">")
            .text(tag)
            .raw("</a></h2><p>");
        out.text(about).raw("</p>\n");
        for one in operation::all(described).filter(|one| one.tag() == tag) {
            one.write(&mut out);
        }
        out.raw("</section>\n");
    }
    out.raw("</main>\n</body>\n</html>\n");
    out.into_text()
}

fn write_contents(out: &mut Html, described: &Value) {
    out.raw("<nav aria-label=\"Contents\"><details open><summary>Contents</summary>\n<ul>");
    for (anchor, title, _) in GUIDE {
        out.raw("<li><a href=\"#").raw(anchor).raw("\">").text(title).raw("</a></li>");
    }
    out.raw("</ul>\n");
    for (tag, _) in tags(described) {
        out.raw("<h2><a href=\"#")
            .attribute(&anchor(tag))
            .raw("\">")
            .text(tag)
            .raw("</a></h2><ul>");
        for one in operation::all(described).filter(|one| one.tag() == tag) {
            one.write_link(out);
        }
        out.raw("</ul>\n");
    }
    out.raw("</details></nav>\n");
}

/// The tags that have operations, in the order of the document; undeclared tags come last.
fn tags(described: &Value) -> Vec<(&str, &str)> {
    let named = described.get("tags").and_then(Value::as_array).into_iter().flatten();
    let named = named.filter_map(|tag| {
        Some((
            tag.get("name")?.as_str()?,
            tag.get("description").and_then(Value::as_str).unwrap_or_default(),
        ))
    });
    let mut tags: Vec<(&str, &str)> =
        named.filter(|(tag, _)| operation::all(described).any(|one| one.tag() == *tag)).collect();
    for one in operation::all(described) {
        if !tags.iter().any(|(tag, _)| *tag == one.tag()) {
            tags.push((one.tag(), ""));
        }
    }
    tags
}

/// The fragment id of a tag.
fn anchor(tag: &str) -> String {
    format!(
        "tag-{}",
        tag.to_lowercase().replace(|character: char| !character.is_ascii_alphanumeric(), "-")
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn page_has_every_operation_and_valid_links() {
        let described = serde_json::to_value(crate::description()).unwrap();
        let page = render(&described);
        for one in operation::all(&described) {
            assert!(page.contains(&format!("id=\"{}\"", one.anchor())), "{}", one.anchor());
        }
        for link in page.split("href=\"#").skip(1).filter_map(|rest| rest.split('"').next()) {
            assert!(page.contains(&format!("id=\"{link}\"")), "{link}");
        }
        assert!(
            !page.contains("<script") && !page.contains("style=") && !page.contains("http-equiv")
        );
        for tag in ["section", "table", "details", "ul", "pre", "div", "code"] {
            assert_eq!(
                page.matches(&format!("<{tag}>")).count()
                    + page.matches(&format!("<{tag} ")).count(),
                page.matches(&format!("</{tag}>")).count(),
                "{tag}"
            );
        }
    }

    #[test]
    fn descriptions_are_escaped() {
        let described = json!({"paths": {"/v1/<b>": {"get": {"operationId": "a\"b", "summary": "<i>", "tags": ["<x>"], "responses": {"200": {"description": "&amp;"}}}}}});
        let page = render(&described);
        assert!(
            page.contains("/v1/&lt;b&gt;")
                && page.contains("&lt;i&gt;")
                && page.contains("&amp;amp;")
                && page.contains("&lt;x&gt;")
        );
        assert!(!page.contains("<i>") && !page.contains("a\"b"));
    }
}
