//! The first account, signing in, and what ends a session.

use super::browser::PASSWORD;
use crate::support::TestApp;

#[tokio::test]
async fn the_first_account_is_made_once() {
    let app = TestApp::new().await;
    let mut browser = app.console().browser();
    let sent_on = browser.get("/console").await;
    assert_eq!((sent_on.header("location"), sent_on.header("set-cookie")), (Some("/console/setup"), None), "nothing is kept of a stranger");
    let code = app.inbox.offer_set_up().await.unwrap().unwrap();
    let person = |code: &'static str| [("code", code), ("name", "Olha"), ("email", "Olha@Example.com"), ("password", PASSWORD)];
    let refused = browser.post_form("/console/setup", &person("bfu_wrong")).await;
    assert_eq!(refused.status, 422);
    assert!(refused.text().contains("value=\"Olha@Example.com\"") && !refused.text().contains(PASSWORD));

    let before = browser.cookie.clone();
    let mut fields = person("");
    fields[0].1 = code.reveal();
    let made = browser.post_form("/console/setup", &fields).await;
    assert_eq!(made.header("location"), Some("/console"), "{}", made.text());
    assert_ne!(browser.cookie, before);
    let page = browser.get("/console").await;
    assert!(page.text().contains("Welcome to Belfry.") && page.text().contains("New site"), "{}", page.text());

    assert!(app.inbox.offer_set_up().await.unwrap().is_none());
    assert_eq!(app.console().browser().get("/console/setup").await.status, 404);
    assert_eq!(app.console().browser().get("/console").await.header("location"), Some("/console/sign-in"));
}

#[tokio::test]
async fn a_set_up_code_is_replaced_by_the_next_and_ends_after_a_day() {
    let app = TestApp::new().await;
    let first = app.inbox.offer_set_up().await.unwrap().unwrap();
    let second = app.inbox.offer_set_up().await.unwrap().unwrap();
    let new = || belfry::inbox::NewAccount::new("a@example.com", "A", PASSWORD, "en".parse().unwrap()).unwrap();
    assert!(app.inbox.set_up(first.reveal(), new()).await.is_err());
    app.clock.advance(belfry::inbox::SET_UP_LIFE);
    assert!(app.inbox.set_up(second.reveal(), new()).await.is_err());
}

#[tokio::test]
async fn a_session_gets_a_new_id_at_sign_in_and_ends_at_sign_out() {
    let app = TestApp::new().await;
    app.console().operator().await;
    let mut browser = app.console().browser();
    browser.get("/console/sign-in").await;
    let mut before = browser.clone();
    let answer = browser.post_form("/console/sign-in", &[("email", "OPERATOR@example.com"), ("password", PASSWORD)]).await;
    let cookie = answer.header("set-cookie").unwrap();
    for part in ["__Host-belfry-console=", "; HttpOnly", "; SameSite=Strict", "; Secure", "; Path=/"] {
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
async fn a_wrong_password_and_an_unknown_address_are_answered_alike_and_counted() {
    let app = TestApp::new().await;
    app.console().operator().await;
    let mut browser = app.console().browser();
    let token = browser.token("/console/sign-in").await;
    let headers = [("origin", crate::support::BELFRY)];
    let mut answers = Vec::new();
    for turn in 0..11 {
        let email = if turn % 2 == 0 { "operator@example.com" } else { "nobodyyyy@example.com" };
        let fields = [("token", token.as_str()), ("email", email), ("password", "wrong wrong wrong")];
        answers.push(browser.post_raw("/console/sign-in", &fields, &headers).await);
    }
    assert_eq!(answers[0].status, 422);
    assert_eq!(answers[0].text().replace("operator@", "nobodyyyy@"), answers[1].text());
    assert_eq!(answers[10].status, 429);
    assert!(answers[10].header("retry-after").unwrap().parse::<u64>().unwrap() > 0);
}

#[tokio::test]
async fn a_new_password_ends_the_other_sessions_and_keeps_this_one() {
    let app = TestApp::new().await;
    let mut one = app.console().sign_in_operator().await;
    let mut other = app.console().sign_in_operator().await;
    let fields = [("present", PASSWORD), ("password", "another battery horse")];
    let answer = one.post_form_from("/console/account", "/console/account/password", &fields).await;
    assert_eq!(answer.status, 303, "{}", answer.text());
    assert_eq!(one.get("/console").await.status, 200);
    assert_eq!(other.get("/console").await.status, 303);
    assert!(app.inbox.sign_in("operator@example.com", PASSWORD).await.is_err());
}

#[tokio::test]
async fn digits_of_a_second_factor_work_once() {
    let app = TestApp::new().await;
    let mut browser = app.console().sign_in_operator().await;
    browser.post_form_from("/console/account", "/console/account/second-factor", &[("do", "begin")]).await;
    let account = app.console().operator().await;
    let totp = totp_rs::Builder::new().with_secret(account.second_factor.unwrap().secret).with_account_name("x").build().unwrap();
    let digits = |app: &TestApp| totp.generate(u64::try_from(app.inbox.now().millis()).unwrap() / 1_000).to_string();
    let code = digits(&app);
    let confirmed = browser.post_form_from("/console/account", "/console/account/second-factor", &[("do", "confirm"), ("code", &code)]).await;
    assert_eq!(confirmed.status, 303, "{}", confirmed.text());

    let mut second = app.console().browser();
    let first_step = second.post_form("/console/sign-in", &[("email", "operator@example.com"), ("password", PASSWORD)]).await;
    assert_eq!(first_step.header("location"), Some("/console/sign-in/code"));
    assert_eq!(second.get("/console").await.status, 303);
    assert_eq!(second.post_form("/console/sign-in/code", &[("code", &code)]).await.status, 422);
    app.clock.advance(std::time::Duration::from_mins(1));
    let entered = second.post_form("/console/sign-in/code", &[("code", &digits(&app))]).await;
    assert_eq!(entered.header("location"), Some("/console"), "{}", entered.text());
    assert_eq!(second.get("/console").await.status, 200);
}
