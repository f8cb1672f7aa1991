//! Browsers that disconnect at any moment: a form's write is committed with its audit entry, or not
//! at all. Every form of the console needs a request here; a missing one fails the test with its
//! path.

mod account_forms;
mod conversation_forms;
mod fixture;
mod site_forms;

use crate::{
    disconnect::{AtomicityChecker, Retry, answered_by, between_steps},
    support::TestApp,
    tenant_isolation::routes::{self, Route, Surface},
};
use belfry_domain::Language;
use fixture::RequestFactory;
use std::collections::BTreeMap;

/// Ends the session, which is not compared.
const SIGN_OUT: &str = "/console/sign-out";
/// Only a wrong code is audited.
const SIGN_IN_CODE: &str = "/console/sign-in/code";

/// The actions of a form that has several.
fn acts(route: &str) -> &'static [&'static str] {
    match route {
        "/console/invitation" => &["new", "known"],
        "/console/account/second-factor" => &["begin", "confirm", "remove"],
        "/console/sites/{site}/themes/upload" => &["alone", "keep"],
        _ => &[""],
    }
}

/// The forms that write to the database.
fn written_forms() -> impl Iterator<Item = Route> {
    let is_form = |route: &Route| {
        route.surface == Surface::Console
            && route.method == "POST"
            && !route.listed.is_read_only()
            && route.path != SIGN_OUT
    };
    let forms: Vec<_> = routes::all().into_iter().filter(is_form).collect();
    assert!(forms.len() > 40, "{forms:?}");
    forms.into_iter()
}

/// The actions in the audit log, with their numbers.
async fn audited(app: &TestApp) -> BTreeMap<i64, String> {
    let mut database = app.database().await;
    database.rows("SELECT number, action FROM audit_entry").await.into_iter().collect()
}

#[tokio::test]
async fn each_form_writes_what_the_list_declares() {
    let mut failed = Vec::new();
    for route in written_forms() {
        for act in acts(&route.path) {
            let app = TestApp::new().await;
            let browser = app.console().sign_in_operator().await;
            let site = app.create_site().await;
            let mut shop = RequestFactory { app: &app, site, browser, number: 0 };
            let call = match shop.of_person(&route.path, act).await {
                Some(call) => Some(call),
                None => shop.of_site(&route.path, act).await,
            };
            let before = audited(&app).await;
            call.unwrap().send().await;
            let mut after = audited(&app).await;
            after.retain(|number, _| !before.contains_key(number));
            let declared = route.listed.actions();
            let is_declared = after.values().all(|action| declared.contains(&action.as_str()));
            let is_written = !after.is_empty() || declared.len() != 1 || route.path == SIGN_IN_CODE;
            if !is_declared || !is_written {
                failed.push(format!("{} {act}: {after:?}, declared {declared:?}", route.path));
            }
        }
    }
    assert!(failed.is_empty(), "{failed:#?}");
}

#[tokio::test]
async fn each_form_is_atomic_with_its_audit_entry() {
    // Checks all routes, so that one run reports every failure.
    let mut failed = Vec::new();
    for route in written_forms().map(|route| route.path) {
        for act in acts(&route) {
            let app = TestApp::new().await;
            let browser = app.console().sign_in_operator().await;
            let name = format!("{route} {act}");
            let prepare = async |number| {
                let mut shop = RequestFactory {
                    app: &app,
                    site: app.create_site().await,
                    browser: browser.clone(),
                    number,
                };
                let call = match shop.of_person(&route, act).await {
                    Some(call) => Some(call),
                    None => shop.of_site(&route, act).await,
                };
                call.unwrap_or_else(|| panic!("{name} has no request here"))
            };
            let mut watched = AtomicityChecker::new(&app).await;
            if let Err(fault) = watched.check_atomic(&name, Retry::Never, prepare).await {
                failed.push(fault);
            }
        }
    }
    assert!(failed.is_empty(), "{failed:#?}");
}

#[tokio::test]
async fn session_revocation_apart_from_its_change_is_detected() {
    let app = TestApp::new().await;
    let browser = app.console().sign_in_operator().await;
    let request = async |number, carried: bool| {
        let shop = RequestFactory {
            app: &app,
            site: app.create_site().await,
            browser: browser.clone(),
            number,
        };
        let account = shop.member().await;
        shop.signed_in(&account).await;
        let (inbox, account) = (app.app.clone(), account.id);
        answered_by(move |_| async move {
            let acting = inbox.clone();
            let work = async move {
                acting.sign_out_everywhere(account, None).await.unwrap();
                between_steps().await;
                acting
                    .set_profile(account, "Olha", &"uk".parse::<Language>().unwrap(), None)
                    .await
                    .unwrap();
            };
            if carried { inbox.run_detached(work).await.unwrap() } else { work.await }
        })
    };
    let (faulty, sound) = (
        async |number| request(number, false).await,
        async |number| request(1_000 + number, true).await,
    );
    AtomicityChecker::new(&app).await.query("half done", Retry::Never, faulty, sound).await;
}
