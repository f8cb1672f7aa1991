//! Text from people: copied pages, message bodies with Markdown, and variables.

use super::{Case, Work, app::App, numbered};
use belfry_content::page_copy;
use serde_json::json;
use std::hint::black_box;

pub fn cases() -> Vec<Case> {
    let mut cases: Vec<Case> = PAGES
        .iter()
        .map(|(name, before, again, after)| {
            repeated("page", name, Work::Call(page), 300, before, again, after)
        })
        .collect();
    cases.push(Case::new("page/attributes-that-differ", Work::Call(page), 100, |count| {
        numbered("<p ", "a#=b ", ">", count)
    }));
    cases.extend(BODIES.iter().map(|(name, before, again, after)| {
        repeated("body", name, Work::Request(body), limit(again), before, again, after)
    }));
    cases.extend(BODIES.iter().step_by(3).map(|(name, before, again, after)| {
        repeated("title", name, Work::Request(published), 3 * limit(again), before, again, after)
    }));
    cases
}

/// Repetitions in a tenth of the longest body.
fn limit(again: &str) -> usize {
    900 / again.chars().count()
}

fn repeated(
    of: &str,
    name: &str,
    work: Work,
    size: usize,
    before: &'static str,
    again: &'static str,
    after: &'static str,
) -> Case {
    Case::new(format!("{of}/{name}"), work, size, move |count| {
        format!("{before}{}{after}", again.repeat(count))
    })
}

fn page(html: &str) {
    black_box(page_copy::strip_active_content(html));
}

/// The body of a message, validated and rendered as a preview.
fn body(app: &App, text: String) -> super::Outcome<super::app::Call> {
    app.backend_request(
        "POST",
        "/v1/messages/preview",
        json!({"audience": "everyone", "content": {"en": {"title": "t", "body": text}}})
            .to_string(),
    )
}

/// A title, too long at each size here, so that nothing is stored, which would cost more.
fn published(app: &App, text: String) -> super::Outcome<super::app::Call> {
    app.backend_request("POST", "/v1/messages", json!({"audience": {"contact": {"externalCustomerId": "c0"}}, "content": {"en": {"title": text, "body": "b", "link": "https://shop.example"}}}).to_string())
}

/// Name, prefix, repeated part, suffix.
type Shape = (&'static str, &'static str, &'static str, &'static str);

const PAGES: [Shape; 26] = [
    ("tags-without-an-end", "", "<a ", ""),
    ("tags-without-an-end-before-one", "", "<a ", ">"),
    ("open-double-quotes", "", "<a b=\"", ""),
    ("open-single-quotes", "", "<a b='", ""),
    ("one-open-quote-behind-tags", "", "<a ", "b='>"),
    ("values-without-an-end", "", "<a b=", ""),
    ("names-of-equals", "<a ", "=", ""),
    ("slashes", "<a", "/", ""),
    ("scripts", "", "<script", ""),
    ("scripts-without-an-end", "", "<script>", ""),
    ("ends-of-scripts-without-an-end", "<script>", "</script", ""),
    ("scripts-that-nearly-end", "<script>", "</scrip", ""),
    ("scripts-one-by-one", "", "<script></script>", ""),
    ("frames", "", "<iframe>", ""),
    ("comments", "", "<!--", ""),
    ("comments-one-by-one", "", "<!---->", ""),
    ("comment-of-dashes", "<!--", "-", ""),
    ("comment-of-ends", "<!--", "->", ""),
    ("styles", "", "<style>", ""),
    ("titles-one-by-one", "", "<title></title>", ""),
    ("ends", "", "</", ""),
    ("openers", "", "<", ""),
    ("attributes", "<a ", "b=c ", ">"),
    ("links", "", "<a href=javascript:x>", ""),
    ("entities", "", "&lt;&#x3c;&", ""),
    ("letters-of-two-bytes", "<a b=\"", "ї<", "\">"),
];

const BODIES: [Shape; 36] = [
    ("letters", "", "a", ""),
    ("stars", "", "*", ""),
    ("stars-with-letters", "", "*a ", ""),
    ("stars-around", "", "**a*", ""),
    ("underscores", "", "_a_", ""),
    ("brackets", "", "[", ""),
    ("closing-brackets", "", "]", ""),
    ("links-in-links", "", "[a](", ""),
    ("images", "", "![", ""),
    ("references", "", "[a][", ""),
    ("definitions", "", "[a]: b\n", ""),
    ("links", "", "[a](https://a.example) ", ""),
    ("autolinks", "", "<https://a.example>", ""),
    ("bare-addresses", "", "https://a.example ", ""),
    ("bare-hosts", "", "www.", ""),
    ("at-signs", "", "a@b", ""),
    ("backticks", "", "`", ""),
    ("backticks-of-two", "", "`a``", ""),
    ("quotes", "", "> ", "a"),
    ("lists", "", "- ", "a"),
    ("lists-by-line", "", "- a\n", ""),
    ("indents", "", " ", "a"),
    ("lines", "", "\n", "a"),
    ("tildes", "", "~", ""),
    ("entities", "", "&amp;", ""),
    ("entities-without-an-end", "", "&#", ""),
    ("ampersands", "", "&", ""),
    ("letters-that-begin-like-a-no-break-space", "", "\u{a7}", ""),
    ("escapes", "", "\\", ""),
    ("tags", "", "<b>", ""),
    ("tags-without-an-end", "", "<b ", ""),
    ("ends-of-tags", "", "</b", ""),
    ("variables", "", "{{firstName}}", ""),
    ("variables-without-an-end", "", "{{", ""),
    ("variables-with-a-word", "", "{{a|b}} variablex", ""),
    ("long-word-beside-a-variable", "{{firstName}} variable", "x", ""),
];
