//! The shop's router, with a real Belfry server on a free port.

use super::{ChatOptions, ShopOptions, shop};
use crate::{
    demo::{conversations, messages, seed},
    server::{Config, ConnectionLimits, Limits, Server},
};
use axum::{
    Router,
    body::Body,
    http::{Request, StatusCode, header},
};
use belfry_app::{
    App, Reader,
    channel::{IdentityProof, SessionRequest},
};
use belfry_domain::{ContactId, ContactLookup, Identifiers, Origin, ReaderPageRequest, SystemRng};
use http_body_util::BodyExt as _;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;

struct TestShop {
    shop: Router,
    app: App,
    conversations: conversations::Conversations,
    site: belfry_domain::SiteId,
    belfry: Origin,
    stop: CancellationToken,
    served: tokio::task::JoinHandle<()>,
    _folder: tempfile::TempDir,
}

struct Answer {
    status: StatusCode,
    headers: axum::http::HeaderMap,
    text: String,
}

impl TestShop {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let config = Config {
            listen: "127.0.0.1:0".parse().unwrap(),
            database_url: format!("sqlite://{}/belfry.db", folder.path().display()),
            database_direct_url: None,
            secret_key_file: None,
            bus: None,
            public_url: None,
            limits: Limits::default(),
            api: belfry_api::RateLimits::default(),
            channels: belfry_channels::Limits::default(),
            attachment_bytes: belfry_app::channel::DEFAULT_ATTACHMENT_BYTES,
            webhooks_allow_private: true,
            trusted_proxies: Vec::new(),
            outbound_proxy: None,
            is_proxy_in_environment: false,
            connections: ConnectionLimits::default(),
        };
        let process = Server::bind(config).await.unwrap();
        let (app, belfry) = (process.app().clone(), process.public_url().clone());
        let origin: Origin = "http://localhost:3001".parse().unwrap();
        let seeded = seed(&app, &origin, &"http://localhost:3002".parse().unwrap()).await.unwrap();
        let demo_messages = messages::sample_messages(&origin).unwrap();
        let conversations = conversations::prepare(&app, seeded.site).await.unwrap();
        let chat = ChatOptions {
            identifier: conversations.inbox.identifier.as_str().to_owned(),
            hmac_token: conversations.hmac_token.reveal().to_owned(),
        };
        let shop = shop(ShopOptions {
            site: seeded.site,
            api_key: seeded.api_key,
            belfry: belfry.clone(),
            chat,
            demo_messages,
            rng: Arc::new(SystemRng),
        });
        let ending = CancellationToken::new();
        let served = tokio::spawn(process.run(ending.clone(), CancellationToken::new()));
        Self {
            shop,
            app,
            conversations,
            site: seeded.site,
            belfry,
            stop: ending,
            served,
            _folder: folder,
        }
    }

    async fn call(&self, request: Request<Body>) -> Answer {
        let response = self.shop.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let text = String::from_utf8(body.collect().await.unwrap().to_bytes().to_vec()).unwrap();
        Answer { status: parts.status, headers: parts.headers, text }
    }

    async fn get(&self, path: &str, cookie: &str) -> Answer {
        self.call(Request::get(path).header(header::COOKIE, cookie).body(Body::empty()).unwrap())
            .await
    }

    async fn post(&self, path: &str, cookie: &str, form: &'static str) -> Answer {
        let request = Request::post(path)
            .header(header::COOKIE, cookie)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.call(request.header("sec-fetch-site", "same-origin").body(Body::from(form)).unwrap())
            .await
    }

    async fn sign_in(&self, form: &'static str) -> String {
        let answer = self.post("/sign-in", "", form).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER);
        let cookie = answer.headers[header::SET_COOKIE].to_str().unwrap();
        assert!(cookie.contains("; HttpOnly") && cookie.contains("; SameSite=Lax"), "{cookie}");
        cookie.split(';').next().unwrap().to_owned()
    }

    async fn contact(&self, id: &str) -> ContactId {
        let lookup = ContactLookup::Identifiers(Identifiers::parse(Some(id), None, None).unwrap());
        self.app.contact(self.site, &lookup).await.unwrap().id
    }

    async fn reader(&self, token: &str) -> Reader {
        self.app.exchange_token(self.site, token).await.unwrap().reader
    }

    async fn stop(self) {
        self.stop.cancel();
        self.served.await.unwrap();
    }
}

#[tokio::test]
async fn sign_in_adds_bell_and_token_and_sign_out_removes_them() {
    let test_shop = TestShop::new().await;
    let stranger = test_shop.get("/", "").await;
    assert_eq!(stranger.status, StatusCode::OK);
    assert!(!stranger.text.contains("id=\"bell\"") && !stranger.text.contains("eS("));
    let response = test_shop.get("/belfry-token", "acme_shop=guess").await;
    assert_eq!((response.status, response.text.as_str()), (StatusCode::UNAUTHORIZED, ""));

    for (form, visitor, language) in
        [("visitor=anna", "anna", "en"), ("visitor=olena", "olena", "uk")]
    {
        let cookie = test_shop.sign_in(form).await;
        let page = test_shop.get("/", &cookie).await;
        assert!(page.text.contains("<span id=\"bell\"></span>"), "{}", page.text);
        assert!(
            page.text.contains(&format!(
                "eS('init', {{getAuthTokenCallback: () => fetch('/belfry-token').then(r => r.text()), language: '{language}'}});"
            ))
        );
        let token = test_shop.get("/belfry-token", &cookie).await;
        assert_eq!(token.status, StatusCode::OK);
        assert_eq!(token.headers[header::CACHE_CONTROL], "no-store");
        assert_eq!(test_shop.reader(&token.text).await.contact, test_shop.contact(visitor).await);

        let out = test_shop.post("/sign-out", &cookie, "").await;
        assert!(out.headers[header::SET_COOKIE].to_str().unwrap().contains("Max-Age=0"));
        assert_eq!(test_shop.get("/belfry-token", &cookie).await.status, StatusCode::UNAUTHORIZED);
    }
    test_shop.stop().await;
}

#[tokio::test]
async fn page_has_documented_snippet_and_working_policy() {
    let test_shop = TestShop::new().await;
    let cookie = test_shop.sign_in("visitor=anna").await;
    let page = test_shop.get("/sale", &cookie).await;
    let snippet = "!function (t, e, c, n) { var s = e.createElement(c); s.async = 1, s.src = 'BELFRY/scripts/' + n + '.js'; var r = e.scripts[0]; \
                   r.parentNode.insertBefore(s, r); var f = function () { f.c(arguments); }; f.q = []; f.c = function () { f.q.push(arguments); }; \
                   t['eS'] = t['eS'] || f; }(window, document, 'script', 'SITE');";
    let snippet = snippet
        .replace("BELFRY", test_shop.belfry.as_str())
        .replace("SITE", &test_shop.site.to_string());
    let nonce = page.text.split("nonce=\"").nth(1).unwrap().split('"').next().unwrap();
    assert!(
        page.text.contains(&format!("<script nonce=\"{nonce}\">{snippet}</script>")),
        "{}",
        page.text
    );
    let policy = page.headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
    assert!(
        policy.contains(&format!("script-src 'self' 'nonce-{nonce}' {}", test_shop.belfry)),
        "{policy}"
    );
    assert!(
        policy.contains(&format!("form-action 'self' {}", test_shop.belfry))
            && !policy.contains("unsafe"),
        "{policy}"
    );
    let other = test_shop.get("/sale", &cookie).await;
    assert!(!other.text.contains(nonce), "a nonce is used once");
    test_shop.stop().await;
}

#[tokio::test]
async fn sent_message_reaches_one_visitor_once() {
    let test_shop = TestShop::new().await;
    let (anna, olena) =
        (test_shop.sign_in("visitor=anna").await, test_shop.sign_in("visitor=olena").await);
    let (mut inboxes, mut before) = (Vec::new(), Vec::new());
    for cookie in [&anna, &olena] {
        let reader = test_shop.reader(&test_shop.get("/belfry-token", cookie).await.text).await;
        before.push(test_shop.app.unread_counts(&reader).await.unwrap().unread);
        inboxes.push(reader);
    }
    for _ in 0..2 {
        let sent = test_shop.post("/send-me-something", &anna, "turn=2&back=/sale").await;
        assert_eq!(
            (sent.status, sent.headers[header::LOCATION].to_str().unwrap()),
            (StatusCode::SEE_OTHER, "/sale")
        );
    }
    assert_eq!(test_shop.app.unread_counts(&inboxes[0]).await.unwrap().unread, before[0] + 1);
    assert_eq!(test_shop.app.unread_counts(&inboxes[1]).await.unwrap().unread, before[1]);
    let page = test_shop.app.page(&inboxes[0], ReaderPageRequest::first()).await.unwrap();
    assert!(
        page.items.iter().any(|item| item
            .message
            .content
            .values()
            .any(|content| content.title == "Ding!"))
    );

    let response = test_shop.get("/sale", &anna).await;
    assert!(
        response.text.contains("Sent. Watch the bell.")
            && response.text.contains("name=\"turn\" value=\"3\""),
        "{}",
        response.text
    );
    assert!(
        !test_shop.get("/sale", &anna).await.text.contains("Sent. Watch the bell."),
        "a notice is shown once"
    );
    test_shop.stop().await;
}

#[tokio::test]
async fn sample_messages_are_valid() {
    let test_shop = TestShop::new().await;
    let cookie = test_shop.sign_in("visitor=olena").await;
    for form in ["turn=0", "turn=1", "turn=2", "turn=3", "turn=4", "turn=5", "turn=6"] {
        test_shop.post("/send-me-something", &cookie, form).await;
        let page = test_shop.get("/", &cookie).await;
        assert!(page.text.contains("Sent. Watch the bell."), "{form}: {}", page.text);
    }
    test_shop.stop().await;
}

#[tokio::test]
async fn shop_works_without_belfry() {
    let test_shop = TestShop::new().await;
    let cookie = test_shop.sign_in("visitor=anna").await;
    test_shop.stop.cancel();
    test_shop.served.await.unwrap();
    let request =
        |path| Request::get(path).header(header::COOKIE, &cookie).body(Body::empty()).unwrap();
    assert_eq!(
        test_shop.shop.clone().oneshot(request("/")).await.unwrap().status(),
        StatusCode::OK
    );
    let token = test_shop.shop.clone().oneshot(request("/belfry-token")).await.unwrap();
    assert_eq!(token.status(), StatusCode::BAD_GATEWAY);
    assert!(
        token.into_body().collect().await.unwrap().to_bytes().is_empty(),
        "an error's text would be taken for a token"
    );
    let send = Request::post("/send-me-something")
        .header(header::COOKIE, &cookie)
        .header(header::ACCEPT, "application/json");
    let send = send
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from("turn=0"))
        .unwrap();
    let told = test_shop
        .shop
        .clone()
        .oneshot(send)
        .await
        .unwrap()
        .into_body()
        .collect()
        .await
        .unwrap()
        .to_bytes();
    let told: serde_json::Value = serde_json::from_slice(&told).unwrap();
    assert_eq!(told["failed"], true);
    assert!(
        told["text"].as_str().unwrap().starts_with("Belfry does not respond at http://127.0.0.1:"),
        "{told}"
    );
}

#[tokio::test]
async fn visitor_input_is_escaped_and_never_redirects() {
    let test_shop = TestShop::new().await;
    let cookie = test_shop.sign_in("visitor=anna").await;
    for path in [
        "/orders/%3Cscript%3Ealert(1)%3C%2Fscript%3E",
        "/product/%3Cscript%3Ealert(1)%3C%2Fscript%3E",
    ] {
        let page = test_shop.get(path, &cookie).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND);
        assert!(
            page.text.contains("&lt;script&gt;alert(1)") && !page.text.contains("<script>alert"),
            "{}",
            page.text
        );
    }
    let unknown = test_shop.post("/sign-in", "", "visitor=%3Cb%3Eme").await;
    assert_eq!(unknown.status, StatusCode::BAD_REQUEST);
    assert!(
        unknown.text.contains("&lt;b&gt;me") && unknown.headers.get(header::SET_COOKIE).is_none()
    );
    for (form, target) in [
        ("visitor=anna&back=/sale", "/sale"),
        ("visitor=anna&back=//elsewhere.example", "/"),
        ("visitor=anna&back=/%5Celsewhere.example", "/"),
        ("visitor=anna&back=https://elsewhere.example", "/"),
        ("visitor=anna&back=/%0D%0AX:1", "/"),
    ] {
        assert_eq!(
            test_shop.post("/sign-in", "", form).await.headers[header::LOCATION],
            target,
            "{form}"
        );
    }
    test_shop.stop().await;
}

#[tokio::test]
async fn cross_site_posts_are_rejected() {
    let test_shop = TestShop::new().await;
    let cookie = test_shop.sign_in("visitor=anna").await;
    for from in ["cross-site", "same-site"] {
        let request = Request::post("/send-me-something")
            .header(header::COOKIE, &cookie)
            .header("sec-fetch-site", from);
        assert_eq!(
            test_shop.call(request.body(Body::empty()).unwrap()).await.status,
            StatusCode::FORBIDDEN
        );
    }
    test_shop.stop().await;
}

#[tokio::test]
async fn order_is_visible_only_to_its_owner() {
    let test_shop = TestShop::new().await;
    let (anna, olena) =
        (test_shop.sign_in("visitor=anna").await, test_shop.sign_in("visitor=olena").await);
    assert_eq!(test_shop.get("/orders/1042", &anna).await.status, StatusCode::OK);
    assert_eq!(test_shop.get("/orders/1042", &olena).await.status, StatusCode::NOT_FOUND);
    assert!(!test_shop.get("/orders/1042", "").await.text.contains("Halo lamp"));
    test_shop.stop().await;
}

/// The value of an attribute of the chat element.
fn attribute(page: &str, name: &str) -> Option<String> {
    let chat = page.split("id=\"chat\"").nth(1).unwrap().split('>').next().unwrap();
    Some(chat.split(&format!("{name}=\"")).nth(1)?.split('"').next().unwrap().to_owned())
}

#[tokio::test]
async fn chat_page_proves_identity_without_leaking_the_key() {
    let test_shop = TestShop::new().await;
    let identifier = test_shop.conversations.inbox.identifier.as_str();
    let guest = test_shop.get("/write", "").await;
    assert_eq!(
        attribute(&guest.text, "data-inbox"),
        Some(format!("{}/public/api/v1/inboxes/{identifier}", test_shop.belfry))
    );
    assert_eq!(
        attribute(&guest.text, "data-cable"),
        Some(format!("{}/cable", test_shop.belfry.as_str().replacen("http", "ws", 1)))
    );
    assert_eq!(
        (attribute(&guest.text, "data-identifier"), attribute(&guest.text, "data-hash")),
        (None, None)
    );
    let policy = guest.headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
    let socket = test_shop.belfry.as_str().replacen("http", "ws", 1);
    assert!(
        policy.contains(&format!("connect-src 'self' {} {socket};", test_shop.belfry)),
        "{policy}"
    );
    assert!(policy.contains(&format!("img-src 'self' {};", test_shop.belfry)), "{policy}");

    let page = test_shop.get("/write", &test_shop.sign_in("visitor=anna").await).await;
    assert!(
        !page.text.contains(test_shop.conversations.hmac_token.reveal())
            && !guest.text.contains(test_shop.conversations.hmac_token.reveal())
    );
    let proof = IdentityProof {
        identifier: attribute(&page.text, "data-identifier"),
        hash: attribute(&page.text, "data-hash"),
    };
    let open = test_shop.app.open_channel_inbox(identifier).await.unwrap();
    let session = test_shop
        .app
        .identify_contact(&open, SessionRequest { proof, ..SessionRequest::default() })
        .await
        .unwrap();
    assert!(session.session.hmac_verified);
    assert_eq!(session.contact.contact.id, test_shop.contact("anna").await);
    test_shop.stop().await;
}
