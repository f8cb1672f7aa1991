//! The back office's router.

use super::{BackOfficeOptions, SigningKey, back_office};
use axum::{
    Router,
    body::Body,
    http::{HeaderMap, Request, StatusCode, header},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use belfry_domain::{Clock, SystemRng, Timestamp};
use hmac::{Hmac, KeyInit as _, Mac as _};
use http_body_util::BodyExt as _;
use serde_json::Value;
use sha2::Sha256;
use std::sync::Arc;
use tower::ServiceExt as _;

const SECRET: &str = "c2VjcmV0";

struct FixedClock;

impl Clock for FixedClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(1_764_086_400_999)
    }
}

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    text: String,
}

fn office() -> Router {
    back_office(BackOfficeOptions {
        belfry: "http://127.0.0.1:3000".parse().unwrap(),
        shop: "http://localhost:3001".parse().unwrap(),
        key: SigningKey { environment: "site".to_owned(), secret: SECRET.to_owned() },
        clock: Arc::new(FixedClock),
        rng: Arc::new(SystemRng),
    })
}

async fn ask(fixture: &Router, request: Request<Body>) -> Answer {
    let (parts, body) = fixture.clone().oneshot(request).await.unwrap().into_parts();
    let text = String::from_utf8(body.collect().await.unwrap().to_bytes().to_vec()).unwrap();
    Answer { status: parts.status, headers: parts.headers, text }
}

async fn get(fixture: &Router, path: &str, cookie: &str) -> Answer {
    ask(fixture, Request::get(path).header(header::COOKIE, cookie).body(Body::empty()).unwrap())
        .await
}

async fn post(fixture: &Router, path: &str, cookie: &str, form: &'static str) -> Answer {
    let request = Request::post(path)
        .header(header::COOKIE, cookie)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    ask(fixture, request.header("sec-fetch-site", "same-origin").body(Body::from(form)).unwrap())
        .await
}

async fn sign_in(fixture: &Router, form: &'static str, path: &str, target: &str) -> String {
    let answer = post(fixture, "/sign-in", "", form).await;
    assert_eq!(
        (answer.status, answer.headers[header::LOCATION].to_str().unwrap()),
        (StatusCode::SEE_OTHER, target)
    );
    let cookie = answer.headers[header::SET_COOKIE].to_str().unwrap();
    assert!(cookie.ends_with(&format!("; Path={path}; HttpOnly; SameSite=Strict")), "{cookie}");
    cookie.split(';').next().unwrap().to_owned()
}

#[tokio::test]
async fn jwt_is_issued_only_to_signed_in_agents() {
    let fixture = office();
    let ada = sign_in(&fixture, "agent=ada", "/ada", "/ada").await;
    for (path, cookie) in [
        ("/ada/token", ""),
        ("/ada/token", "acme_back_office=guess"),
        ("/ben/token", &ada),
        ("/mallory/token", &ada),
    ] {
        let refused = get(&fixture, path, cookie).await;
        assert_eq!(
            (refused.status, refused.text.as_str()),
            (StatusCode::UNAUTHORIZED, ""),
            "{path} {cookie}"
        );
    }
    let token = get(&fixture, "/ada/token", &ada).await;
    assert_eq!(
        (token.status, token.headers[header::CACHE_CONTROL].to_str().unwrap()),
        (StatusCode::OK, "no-store")
    );
    let (signed, signature) = token.text.rsplit_once('.').unwrap();
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
    mac.update(signed.as_bytes());
    mac.verify_slice(&URL_SAFE_NO_PAD.decode(signature).unwrap()).unwrap();
    let claims: Value =
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(signed.split('.').nth(1).unwrap()).unwrap())
            .unwrap();
    assert_eq!(
        (&claims["id"], &claims["name"], &claims["environment_id"]),
        (&"acme/ada".into(), &"Ada".into(), &"site".into())
    );
    assert_eq!((&claims["iat"], &claims["exp"]), (&1_764_086_400.into(), &1_764_086_600.into()));

    let out = post(&fixture, "/ada/sign-out", &ada, "").await;
    assert!(out.headers[header::SET_COOKIE].to_str().unwrap().contains("Max-Age=0"));
    assert_eq!(get(&fixture, "/ada/token", &ada).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn page_has_strict_working_policy() {
    let fixture = office();
    assert_eq!(get(&fixture, "/ada", "").await.headers[header::LOCATION], "/");
    let cookie = sign_in(&fixture, "agent=ada&lang=ar", "/ada", "/ada?lang=ar").await;
    let page = get(&fixture, "/ada?lang=ar", &cookie).await;
    assert!(
        page.text.contains("<html lang=\"ar\" dir=\"rtl\">")
            && page.text.contains("src=\"http://127.0.0.1:3000/assets/sdk.js\""),
        "{}",
        page.text
    );
    assert!(!page.text.contains(SECRET) && !page.text.contains("style=\""));
    let policy = page.headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
    assert!(
        policy.contains("connect-src 'self' http://127.0.0.1:3000 ws://127.0.0.1:3000;")
            && policy.contains("frame-src http://127.0.0.1:3000;"),
        "{policy}"
    );
    assert!(
        policy.contains("script-src 'self' http://127.0.0.1:3000;") && !policy.contains("unsafe"),
        "{policy}"
    );
}

#[tokio::test]
async fn unauthenticated_requests_are_redirected() {
    let fixture = office();
    let welcome = get(&fixture, "/", "").await;
    assert!(
        welcome.text.contains("value=\"ada\"")
            && welcome.text.contains("value=\"ben\"")
            && !welcome.text.contains("<script"),
        "{}",
        welcome.text
    );
    for path in ["/mallory", "/ada", "/%3Cscript%3E"] {
        assert_eq!(get(&fixture, path, "").await.headers[header::LOCATION], "/", "{path}");
    }
    assert_eq!(
        post(&fixture, "/sign-in", "", "agent=mallory").await.headers[header::LOCATION],
        "/"
    );
    let foreign = Request::post("/sign-in")
        .header("sec-fetch-site", "cross-site")
        .body(Body::empty())
        .unwrap();
    assert_eq!(ask(&fixture, foreign).await.status, StatusCode::FORBIDDEN);
}
