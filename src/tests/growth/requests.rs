//! HTTP input: forms, queries, cookies and other headers, through the whole router.

use super::{
    Case, Outcome, Work,
    app::{App, Call},
    counted_app::request as call,
};

pub fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for (of, work) in [
        ("widget-form", Work::Request(widget_form)),
        ("exchange-form", Work::Request(exchange_form)),
        ("sign-in-form", Work::Request(sign_in_form)),
    ] {
        for (name, again) in FORMS {
            cases.push(Case::new(
                format!("{of}/{name}"),
                work,
                6_000 / again.len(),
                move |count| again.repeat(count),
            ));
        }
    }
    for (of, work) in [
        ("widget-query", Work::Request(widget_query)),
        ("list-query", Work::Request(list_query)),
        ("reader-query", Work::Request(reader_query)),
    ] {
        for (name, again) in FORMS {
            // Ten times this size is the maximum size of a request's head.
            cases.push(Case::new(
                format!("{of}/{name}"),
                work,
                1_500 / again.len(),
                move |count| again.repeat(count),
            ));
        }
    }
    for (of, header) in HEADERS {
        for (name, again) in LISTS {
            cases.push(Case::new(
                format!("{of}/{name}"),
                header,
                1_500 / again.len(),
                move |count| again.repeat(count),
            ));
        }
    }
    for (name, again) in MULTIPARTS {
        cases.push(Case::new(
            format!("multipart/{name}"),
            Work::Request(multipart),
            6_000 / again.len(),
            move |count| again.repeat(count),
        ));
        cases.push(Case::new(
            format!("repeated-multipart/{name}"),
            Work::Request(repeated_multipart),
            6_000 / again.len(),
            move |count| again.repeat(count),
        ));
    }
    cases
}

const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

const FORMS: [(&str, &str); 7] = [
    ("pairs", "a&"),
    ("values", "a=b&"),
    ("fields-that-are-known", "of=x&"),
    ("percent", "%41"),
    ("open-percent", "%"),
    ("pluses", "+"),
    ("equals", "="),
];

const LISTS: [(&str, &str); 8] = [
    ("commas", ","),
    ("semicolons", "a=b; "),
    ("languages", "en-US-x-aa;q=0.5, "),
    ("weights", "br;q=0;q=0;"),
    ("tags", "\"a\", W/\"b\", "),
    ("addresses", "10.0.0.1, "),
    ("letters", "a"),
    ("quotes", "\"\\"),
];

const HEADERS: [(&str, Work); 6] = [
    (
        "cookie",
        Work::Request(|app, value| page(app, &[("cookie", &format!("{value}; {}", app.cookie))])),
    ),
    (
        "accept-language",
        Work::Request(|app, value| {
            page(app, &[("cookie", &app.cookie), ("accept-language", &value)])
        }),
    ),
    (
        "accept-encoding",
        Work::Request(|app, value| {
            page(app, &[("cookie", &app.cookie), ("accept-encoding", &value)])
        }),
    ),
    (
        "if-none-match",
        Work::Request(|app, value| {
            call(
                "GET",
                &format!("/scripts/{}.js", app.site),
                &[("if-none-match", &value), ("accept-encoding", "br")],
                "",
            )
        }),
    ),
    (
        "authorization",
        Work::Request(|_, value| {
            call(
                "GET",
                "/v1/messages",
                &[("authorization", &format!("Basic {value}")), ("x-forwarded-for", &value)],
                "",
            )
        }),
    ),
    (
        "console-language",
        Work::Request(|_, value| {
            call("GET", "/console/sign-in", &[("accept-language", &value), ("cookie", &value)], "")
        }),
    ),
];

const MULTIPARTS: [(&str, &str); 5] = [
    ("parts", "--b\r\ncontent-disposition: form-data; name=\"css\"\r\n\r\na\r\n"),
    ("boundaries", "--b\r\n"),
    ("nearly-boundaries", "\r\n--"),
    ("dashes", "-"),
    ("headers", "a: b\r\n"),
];

fn page(app: &App, headers: &[(&str, &str)]) -> Outcome<Call> {
    call("GET", &format!("/embed/{}/page?language=en", app.site), headers, "")
}

fn widget_form(app: &App, fields: String) -> Outcome<Call> {
    let headers = [FORM, ("cookie", app.cookie.as_str()), ("sec-fetch-site", "same-origin")];
    call("POST", &format!("/embed/{}/preferences", app.site), &headers, format!("{fields}&do=save"))
}

fn exchange_form(app: &App, fields: String) -> Outcome<Call> {
    call(
        "POST",
        &format!("/embed/{}", app.site),
        &[FORM, ("origin", "https://shop.example")],
        format!("{fields}&token=x"),
    )
}

fn sign_in_form(_: &App, fields: String) -> Outcome<Call> {
    call(
        "POST",
        "/console/sign-in",
        &[FORM, ("sec-fetch-site", "same-origin")],
        format!("{fields}&email=a"),
    )
}

fn widget_query(app: &App, query: String) -> Outcome<Call> {
    call(
        "GET",
        &format!("/embed/{}/messages?{query}", app.site),
        &[("cookie", &app.cookie), ("sec-fetch-site", "same-origin")],
        "",
    )
}

fn list_query(app: &App, query: String) -> Outcome<Call> {
    app.backend_request("GET", &format!("/v1/messages?{query}"), "")
}

fn reader_query(_: &App, query: String) -> Outcome<Call> {
    call("GET", &format!("/appinbox/v1/messages?{query}"), &[("es-token", "x")], "")
}

fn multipart(app: &App, body: String) -> Outcome<Call> {
    let authorization = format!("Bearer {}", app.key);
    call(
        "PUT",
        "/v1/themes/draft",
        &[("authorization", &authorization), ("content-type", "multipart/form-data; boundary=b")],
        format!("{body}--b--\r\n"),
    )
}

/// The same with an idempotency key, for which the body is read once more.
fn repeated_multipart(app: &App, body: String) -> Outcome<Call> {
    let mut call = multipart(app, body)?;
    call.headers_mut().insert("idempotency-key", "k".parse()?);
    Ok(call)
}
