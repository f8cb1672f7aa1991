//! The first account, signing in, and the end of sessions.

use super::browser::{Browser, PASSWORD};
use crate::support::{Answer, TestApp};
use belfry_domain::Role;
use std::{net::IpAddr, time::Duration};

/// An authenticator app.
fn device(secret: Vec<u8>) -> impl Fn(&TestApp) -> String {
    let totp = totp_rs::Builder::new().with_secret(secret).with_account_name("x").build().unwrap();
    move |app| totp.generate(u64::try_from(app.app.now().millis()).unwrap() / 1_000).to_string()
}

/// Turns on the operator's second factor.
async fn turn_on(app: &TestApp) -> impl Fn(&TestApp) -> String {
    let account = app.console().operator().await;
    app.app.begin_second_factor(&account).await.unwrap();
    let account = app.app.account(account.id).await.unwrap();
    let digits = device(account.second_factor.clone().unwrap().secret);
    app.app.check_second_factor(&account, &digits(app)).await.unwrap();
    app.clock.advance(Duration::from_mins(1));
    digits
}

fn from(app: &TestApp, number: u8) -> Browser<'_> {
    Browser { address: Some(IpAddr::from([192, 0, 2, number])), ..app.console().browser() }
}

async fn password(browser: &mut Browser<'_>, password: &str) -> Answer {
    browser
        .post_form("/console/sign-in", &[("email", "operator@example.com"), ("password", password)])
        .await
}

#[tokio::test]
async fn trusted_browser_can_sign_in_during_an_attack() {
    let app = TestApp::new().await;
    app.console().operator().await;
    let mut owner = from(&app, 1);
    let entered = password(&mut owner, PASSWORD).await;
    assert_eq!(entered.header("location"), Some("/console"), "{}", entered.text());
    let cookies: Vec<_> = entered
        .headers
        .get_all("set-cookie")
        .iter()
        .map(|cookie| cookie.to_str().unwrap())
        .collect();
    assert_eq!(cookies.len(), 2, "{cookies:?}");
    for part in [
        "__Host-belfry-known=bfn_",
        "; HttpOnly",
        "; SameSite=Strict",
        "; Secure",
        "; Path=/",
        "; Max-Age=",
    ] {
        assert!(cookies[1].contains(part), "{cookies:?}");
    }

    let (mut one, mut other) = (from(&app, 2), from(&app, 3));
    for _ in 0..12 {
        password(&mut one, "wrong wrong wrong").await;
        password(&mut other, "wrong wrong wrong").await;
    }
    assert_eq!(
        password(&mut from(&app, 4), PASSWORD).await.status,
        429,
        "the attacker's attempts are used up"
    );
    // The same browser at another address, and another browser at the owner's address.
    let mut elsewhere = Browser { cookie: None, ..owner.clone() };
    elsewhere.address = from(&app, 2).address;
    assert_eq!(password(&mut elsewhere, PASSWORD).await.status, 303);
    assert_eq!(password(&mut from(&app, 1), PASSWORD).await.status, 303);
    // A signed-in account changes the password.
    let fields = [("present", PASSWORD), ("password", "another battery horse")];
    assert_eq!(
        owner.post_form_from("/console/account", "/console/account/password", &fields).await.status,
        303
    );
}

#[tokio::test]
async fn device_cookie_is_valid_for_its_account_only() {
    let app = TestApp::new().await;
    let site = app.create_site().await.site;
    app.console().member("marta@example.com", site.id, Role::Viewer).await;
    let mut marta = from(&app, 1);
    let fields = [("email", "marta@example.com"), ("password", PASSWORD)];
    assert_eq!(marta.post_form("/console/sign-in", &fields).await.status, 303);
    let mut guessing = Browser { cookie: None, address: from(&app, 2).address, ..marta.clone() };
    let mut last = 0;
    for _ in 0..11 {
        last = password(&mut guessing, "wrong wrong wrong").await.status.as_u16();
    }
    assert_eq!(last, 429);
}

#[tokio::test]
async fn wrong_codes_are_delayed_audited_and_reported() {
    let app = TestApp::new().await;
    let mut known = from(&app, 1);
    app.console().operator().await;
    password(&mut known, PASSWORD).await;
    let digits = turn_on(&app).await;
    let mut thief = from(&app, 2);
    assert_eq!(
        password(&mut thief, PASSWORD).await.header("location"),
        Some("/console/sign-in/code")
    );
    let mut statuses = Vec::new();
    for _ in 0..7 {
        statuses.push(
            thief.post_form("/console/sign-in/code", &[("code", "000000")]).await.status.as_u16(),
        );
    }
    assert_eq!(statuses, [422, 422, 422, 422, 422, 429, 429]);
    app.clock.advance(Duration::from_secs(30));
    assert_eq!(thief.post_form("/console/sign-in/code", &[("code", "000000")]).await.status, 422);
    let put_off = thief.post_form("/console/sign-in/code", &[("code", "000000")]).await;
    assert_eq!(
        (put_off.status.as_u16(), put_off.header("retry-after")),
        (429, Some("61")),
        "the delay doubles"
    );
    let failed = app
        .app
        .audit(None, None, 50)
        .await
        .unwrap()
        .into_iter()
        .filter(|act| act.entry.action == "second-factor.failed")
        .count();
    assert_eq!(failed, 6);

    // The owner's browser is not delayed, and gets a notice.
    let mut owner = Browser { cookie: None, ..known };
    password(&mut owner, PASSWORD).await;
    let entered = owner.post_form("/console/sign-in/code", &[("code", &digits(&app))]).await;
    assert_eq!(entered.header("location"), Some("/console"), "{}", entered.text());
    assert!(owner.get("/console").await.text().contains("a wrong code was entered 6 times"));
    app.clock.advance(Duration::from_mins(1));
    let mut again = Browser { cookie: None, ..owner };
    password(&mut again, PASSWORD).await;
    again.post_form("/console/sign-in/code", &[("code", &digits(&app))]).await;
    assert!(!again.get("/console").await.text().contains("wrong code"), "once");
}

#[tokio::test]
async fn half_signed_in_session_ends_on_password_change() {
    let app = TestApp::new().await;
    let mut owner = app.console().sign_in_operator().await;
    let digits = turn_on(&app).await;
    let mut waiting = app.console().browser();
    assert_eq!(
        password(&mut waiting, PASSWORD).await.header("location"),
        Some("/console/sign-in/code")
    );
    let token = waiting.token("/console/sign-in/code").await;
    let fields = [("present", PASSWORD), ("password", "another battery horse")];
    assert_eq!(
        owner.post_form_from("/console/account", "/console/account/password", &fields).await.status,
        303
    );
    let code = digits(&app);
    let fields = [("token", token.as_str()), ("code", code.as_str())];
    waiting
        .post_raw("/console/sign-in/code", &fields, &[("origin", crate::support::PUBLIC_URL)])
        .await;
    assert_eq!(waiting.get("/console").await.status, 303);
}

#[tokio::test]
async fn active_session_ends_after_thirty_days() {
    let app = TestApp::new().await;
    let mut owner = app.console().sign_in_operator().await;
    for day in 0..30 {
        assert_eq!(owner.get("/console").await.status, 200, "day {day}");
        // A change to the session's data.
        let fields = [("name", "Olha"), ("language", "en")];
        assert_eq!(owner.post_form("/console/account", &fields).await.status, 303, "day {day}");
        app.clock.advance(Duration::from_hours(24));
    }
    assert_eq!(owner.get("/console").await.status, 303);
}

#[tokio::test]
async fn first_account_is_created_once() {
    let app = TestApp::new().await;
    let mut browser = app.console().browser();
    let sent_on = browser.get("/console").await;
    assert_eq!(
        (sent_on.header("location"), sent_on.header("set-cookie")),
        (Some("/console/setup"), None),
        "no session is created"
    );
    let code = app.app.offer_set_up().await.unwrap().unwrap();
    let person = |code: &'static str| {
        [("code", code), ("name", "Olha"), ("email", "Olha@Example.com"), ("password", PASSWORD)]
    };
    let response = browser.post_form("/console/setup", &person("bfu_wrong")).await;
    assert_eq!(response.status, 422);
    assert!(
        response.text().contains("value=\"Olha@Example.com\"")
            && !response.text().contains(PASSWORD)
    );

    let before = browser.cookie.clone();
    let mut fields = person("");
    fields[0].1 = code.reveal();
    let answer = browser.post_form("/console/setup", &fields).await;
    assert_eq!(answer.header("location"), Some("/console"), "{}", answer.text());
    assert_ne!(browser.cookie, before);
    let page = browser.get("/console").await;
    assert!(
        page.text().contains("Welcome to Belfry.") && page.text().contains("New site"),
        "{}",
        page.text()
    );

    assert!(app.app.offer_set_up().await.unwrap().is_none());
    assert_eq!(app.console().browser().get("/console/setup").await.status, 404);
    assert_eq!(
        app.console().browser().get("/console").await.header("location"),
        Some("/console/sign-in")
    );
}

#[tokio::test]
async fn set_up_code_is_replaced_and_expires_after_a_day() {
    let app = TestApp::new().await;
    let first = app.app.offer_set_up().await.unwrap().unwrap();
    let second = app.app.offer_set_up().await.unwrap().unwrap();
    let new = || {
        belfry_app::NewAccount::new("a@example.com", "A", PASSWORD, "en".parse().unwrap()).unwrap()
    };
    assert!(app.app.set_up(first.reveal(), new()).await.is_err());
    app.clock.advance(belfry_app::SETUP_TTL);
    assert!(app.app.set_up(second.reveal(), new()).await.is_err());
}

#[tokio::test]
async fn session_id_changes_at_sign_in_and_ends_at_sign_out() {
    let app = TestApp::new().await;
    app.console().operator().await;
    let mut browser = app.console().browser();
    browser.get("/console/sign-in").await;
    let mut before = browser.clone();
    let answer = browser
        .post_form("/console/sign-in", &[("email", "OPERATOR@example.com"), ("password", PASSWORD)])
        .await;
    let cookie = answer.header("set-cookie").unwrap();
    for part in
        ["__Host-belfry-console=", "; HttpOnly", "; SameSite=Strict", "; Secure", "; Path=/"]
    {
        assert!(cookie.contains(part), "{cookie}");
    }
    assert_eq!(browser.get("/console").await.status, 200);
    assert_eq!(before.get("/console").await.status, 303);

    let mut copy = browser.clone();
    let out = browser.post_form_from("/console", "/console/sign-out", &[]).await;
    assert_eq!(out.header("location"), Some("/console/sign-in"));
    assert_eq!(copy.get("/console").await.status, 303);
}

#[tokio::test]
async fn wrong_password_and_unknown_email_look_alike() {
    let app = TestApp::new().await;
    app.console().operator().await;
    let mut browser = app.console().browser();
    let token = browser.token("/console/sign-in").await;
    let headers = [("origin", crate::support::PUBLIC_URL)];
    let mut answers = Vec::new();
    for turn in 0..11 {
        let email = if turn % 2 == 0 { "operator@example.com" } else { "nobodyyyy@example.com" };
        let fields =
            [("token", token.as_str()), ("email", email), ("password", "wrong wrong wrong")];
        answers.push(browser.post_raw("/console/sign-in", &fields, &headers).await);
    }
    assert_eq!(answers[0].status, 422);
    assert_eq!(answers[0].text().replace("operator@", "nobodyyyy@"), answers[1].text());
    assert_eq!(answers[10].status, 429);
    assert!(answers[10].header("retry-after").unwrap().parse::<u64>().unwrap() > 0);
}

#[tokio::test]
async fn new_password_ends_the_other_sessions() {
    let app = TestApp::new().await;
    let mut one = app.console().sign_in_operator().await;
    let mut other = app.console().sign_in_operator().await;
    let fields = [("present", PASSWORD), ("password", "another battery horse")];
    let answer = one.post_form_from("/console/account", "/console/account/password", &fields).await;
    assert_eq!(answer.status, 303, "{}", answer.text());
    assert_eq!(one.get("/console").await.status, 200);
    assert_eq!(other.get("/console").await.status, 303);
    assert!(app.app.sign_in("operator@example.com", PASSWORD).await.is_err());
}

#[tokio::test]
async fn totp_code_works_once() {
    let app = TestApp::new().await;
    let mut browser = app.console().sign_in_operator().await;
    browser
        .post_form_from("/console/account", "/console/account/second-factor", &[("do", "begin")])
        .await;
    let account = app.console().operator().await;
    let digits = device(account.second_factor.unwrap().secret);
    let code = digits(&app);
    let confirmed = browser
        .post_form_from(
            "/console/account",
            "/console/account/second-factor",
            &[("do", "confirm"), ("code", &code)],
        )
        .await;
    assert_eq!(confirmed.status, 303, "{}", confirmed.text());

    let mut second = app.console().browser();
    let first_step = second
        .post_form("/console/sign-in", &[("email", "operator@example.com"), ("password", PASSWORD)])
        .await;
    assert_eq!(first_step.header("location"), Some("/console/sign-in/code"));
    assert_eq!(second.get("/console").await.status, 303);
    assert_eq!(second.post_form("/console/sign-in/code", &[("code", &code)]).await.status, 422);
    app.clock.advance(Duration::from_mins(1));
    let entered = second.post_form("/console/sign-in/code", &[("code", &digits(&app))]).await;
    assert_eq!(entered.header("location"), Some("/console"), "{}", entered.text());
    assert_eq!(second.get("/console").await.status, 200);
}
