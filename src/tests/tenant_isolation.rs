//! Tenant isolation: every route, with every kind of credential that an outsider may have, for an
//! object of another tenant and for an unknown one. Except for the id in the path, both responses
//! are equal: status, headers, length and bytes.
//!
//! The routes are those of the list in `web::routes`. A route without a row in [`matrix`] fails here.

mod channel;
mod customers;
mod fixture;
mod matrix;
pub mod routes;
mod sockets;

use crate::support::{Answer, Call, TestApp};
use axum::http::Method;
use fixture::{IsolationFixture, MARK, Proof};
use matrix::Row;

/// Headers that may differ between two responses to the same caller.
const NEW_EACH_TIME: &[&str] = &["set-cookie", "es-token", "retry-after", "x-request-id"];

/// The text without the random values of each response (nonces and secrets). Their lengths stay.
fn without_secrets(text: &str) -> String {
    let secret =
        |part: &str| part.len() > 20 && (part.starts_with("bf") || matches!(part.len(), 22 | 24));
    let is_of_secret = |character: char| {
        character.is_ascii_alphanumeric() || matches!(character, '_' | '-' | '+' | '/')
    };
    let mut result = String::new();
    for part in text.split_inclusive(|character| !is_of_secret(character)) {
        let word = part.trim_end_matches(|character| !is_of_secret(character));
        let bare = word.strip_prefix("nonce-").unwrap_or(word);
        result += &if secret(bare) {
            part.replace(bare, &"x".repeat(bare.len()))
        } else {
            part.to_owned()
        };
    }
    result
}

/// The status, the other headers, and the bytes without the requested ids.
fn essence(answer: &Answer, named: &[(String, String)]) -> (u16, Vec<(String, String)>, String) {
    let mut text = without_secrets(&String::from_utf8_lossy(&answer.body));
    let mut headers: Vec<_> = answer
        .headers
        .iter()
        .filter(|(name, _)| {
            !NEW_EACH_TIME.contains(&name.as_str()) && !name.as_str().starts_with("ratelimit")
        })
        .map(|(name, value)| {
            (name.to_string(), without_secrets(&String::from_utf8_lossy(value.as_bytes())))
        })
        .collect();
    for (of_another, of_nobody) in named {
        assert_eq!(
            of_another.len(),
            of_nobody.len(),
            "their lengths would tell them apart: {of_another} {of_nobody}"
        );
        text = text.replace(of_another.as_str(), of_nobody);
        for (_, value) in &mut headers {
            *value = value.replace(of_another.as_str(), of_nobody);
        }
    }
    headers.sort();
    (answer.status.as_u16(), headers, text)
}

async fn ask(app: &TestApp, proof: &Proof, row: &Row, path: &str, body: &str) -> Answer {
    let own = |text: &str| text.replace("@own-site", &proof.site.to_string());
    let call = app.call(Method::from_bytes(row.method.as_bytes()).unwrap(), &own(path));
    let call = match (body, row.surface) {
        (body, routes::Surface::Console) if row.method == "POST" => form(call, proof, body),
        ("", _) => call,
        (body, _) => call.header("content-type", "application/json").body(body.to_owned()),
    };
    let call =
        call.header("sec-fetch-site", "same-origin").header("origin", crate::support::PUBLIC_URL);
    proof.add_to(call).send().await
}

fn form(call: Call, proof: &Proof, body: &str) -> Call {
    let body = format!("token={}&{body}", proof.form_token);
    call.header("content-type", "application/x-www-form-urlencoded").body(body)
}

#[tokio::test]
async fn foreign_objects_are_answered_like_unknown_ones() {
    let app = TestApp::new().await;
    let fixture = IsolationFixture::new(&app).await;
    let before = fixture.owners_view(&app).await;
    let all = routes::all();
    assert!(all.len() > 150, "{}", all.len());
    let mut asked = 0;
    for route in &all {
        let of_route = matrix::of(route, &fixture);
        assert!(!of_route.is_empty(), "{} {} has no row", route.method, route.path);
        for row in of_route {
            for proof in
                fixture.proofs.iter().filter(|proof| !row.revokes || proof.headers.is_empty())
            {
                let what = format!(
                    "{} {} {} by {}",
                    row.method, row.foreign_status.0, row.foreign_status.1, proof.name
                );
                let anothers =
                    ask(&app, proof, &row, &row.foreign_status.0, &row.foreign_status.1).await;
                // On its own site a token signs in its bearer, a preview link shows its theme, and
                // an image is public to anybody who knows its name.
                let opens = ["/session", "?link=", "/m/"]
                    .iter()
                    .any(|part| row.foreign_status.0.contains(part));
                let is_proof = opens && fixture.is_of_owner(proof);
                if let Some((path, body)) = row
                    .missing_status
                    .as_ref()
                    .filter(|missing| !is_proof && **missing != row.foreign_status)
                {
                    let nobodys = ask(&app, proof, &row, path, body).await;
                    assert_eq!(
                        essence(&anothers, &fixture.object_names),
                        essence(&nobodys, &fixture.object_names),
                        "{what}"
                    );
                }
                let text = String::from_utf8_lossy(&anothers.body).to_lowercase();
                assert!(!text.contains(MARK), "{what} tells what is another's: {text}");
                assert!(anothers.status.as_u16() < 500, "{what}: {}", anothers.status);
                asked += 1;
            }
        }
    }
    assert!(asked > 600, "{asked}");
    assert_eq!(fixture.owners_view(&app).await, before, "something changed");
}

#[tokio::test]
async fn every_matrix_row_belongs_to_a_route() {
    let all = routes::all();
    for (method, path) in matrix::named() {
        assert!(
            all.iter().any(|route| route.method == method && route.path == path),
            "{method} {path} is no route"
        );
    }
}

/// Scripts are public, files need their address, sockets and windows need a token: those have tests
/// of their own.
#[test]
fn routes_outside_the_matrix_need_a_secret() {
    let left_out = [
        "/assets/sdk.d.ts",
        "/assets/sdk.js",
        "/assets/sdk.mjs",
        "/attachments/{key}/thumbnail/{name}",
        "/attachments/{key}/{name}",
        "/cable",
        "/inbox/embed/{conversation}",
        "/inbox/embed/{conversation}/act",
        "/inbox/embed/{conversation}/messages",
        "/inbox/embed/{conversation}/part",
        "/inbox/embed/{conversation}/view",
        "/inbox/embed/{conversation}/whole",
        "/socket/longpoll",
        "/socket/websocket",
    ];
    // Customers' routes are tested in [`customers`].
    let left: Vec<_> =
        routes::apart().into_iter().filter(|path| !path.starts_with("/api/bot/")).collect();
    assert_eq!(left, left_out);
}

#[tokio::test]
async fn idempotency_keys_are_separate_per_site() {
    let app = TestApp::new().await;
    let (owner, stranger) = (app.create_site().await, app.create_site().await);
    let body = |title: &str| serde_json::json!({"audience": "everyone", "content": {"en": {"title": title}}});
    let send = async |key: &str, title: &str| {
        app.post("/v1/messages")
            .key(key)
            .header("idempotency-key", "order-42")
            .json(&body(title))
            .send()
            .await
    };
    let first = send(&owner.key, "Zanzibar").await.expect(201);
    let strangers = send(&stranger.key, "Mine").await;
    assert_ne!(strangers.expect(201)["id"], first["id"]);
    assert!(strangers.header("idempotent-replayed").is_none());
    assert_eq!(send(&owner.key, "Zanzibar").await.expect(201)["id"], first["id"]);
}

#[tokio::test]
async fn credentials_are_valid_on_their_own_surface_only() {
    let app = TestApp::new().await;
    let fixture = IsolationFixture::new(&app).await;
    // Each credential is valid on its own surface; otherwise the rejections above would prove
    // nothing.
    for surface in [
        routes::Surface::Api,
        routes::Surface::Application,
        routes::Surface::Reader,
        routes::Surface::Widget,
        routes::Surface::Console,
    ] {
        for proof in &fixture.proofs {
            let page = proof.page(surface);
            let answer =
                proof.add_to(app.get(&page).header("sec-fetch-site", "same-origin")).send().await;
            assert_eq!(
                answer.status == 200,
                proof.grants_access == Some(surface),
                "{} at {page}: {}",
                proof.name,
                answer.status
            );
        }
    }
}
