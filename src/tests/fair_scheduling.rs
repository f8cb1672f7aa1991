//! Accounting for fair scheduling: each surface names the site of a request, so that none goes
//! uncounted.

use crate::{
    support::{TestApp, TestSite},
    widget::{SHOP, open, post_token, token},
};
use belfry_domain::Role;
use belfry_runtime::fair_scheduler::FairScheduler;
use serde_json::json;
use std::{sync::Arc, time::Duration};

/// A scheduler that keeps usage for longer than a request takes on a busy machine.
fn scheduler() -> FairScheduler {
    FairScheduler::with_window(Duration::from_mins(10))
}

/// The time charged to this site for the request.
async fn charged<F: Future>(site: &TestSite, request: F) -> Duration {
    let turns = Arc::new(scheduler());
    turns.schedule(request).await;
    turns.usage_of(site.site.id)
}

#[tokio::test]
async fn each_surface_charges_its_site() {
    let app = TestApp::new().await;
    let (site, other) = (app.create_site().await, app.create_site().await);
    let contact = json!({ "externalCustomerId": "1" });
    // The second request runs in a task of its own.
    assert!(charged(&site, app.get("/v1/segments").key(&site.key).send()).await > Duration::ZERO);
    assert!(
        charged(&site, app.post("/v1/contact").key(&site.key).json(&contact).send()).await
            > Duration::ZERO
    );
    let widget = open(&app, &site, "1").await;
    // Once from the database, once from the cache.
    for _ in 0..2 {
        assert!(charged(&site, widget.get(&app, "/messages")).await > Duration::ZERO);
    }
    let secret = token(&app, &site, "1").await;
    assert!(charged(&site, post_token(&app, &site, &secret, Some(SHOP))).await > Duration::ZERO);
    let secret = token(&app, &site, "1").await;
    assert!(
        charged(&site, app.get("/appinbox/v1/messages").header("ES-TOKEN", &secret).send()).await
            > Duration::ZERO
    );
    // A request that only names a site isn't charged to it.
    assert_eq!(
        charged(&site, post_token(&app, &site, "no token", Some(SHOP))).await,
        Duration::ZERO
    );
    assert_eq!(
        charged(&site, app.get("/v1/segments").key(&other.key).send()).await,
        Duration::ZERO
    );
}

#[tokio::test]
async fn console_charges_the_site_of_its_page() {
    let app = TestApp::new().await;
    let (site, other) = (app.create_site().await, app.create_site().await);
    app.console().member("marta@example.com", other.site.id, Role::Owner).await;
    let mut owner = app.console().sign_in("marta@example.com").await;
    let page = |site: &TestSite| format!("/console/sites/{}/settings/retention", site.site.id);
    let own = page(&other);
    assert!(charged(&other, owner.get(&own)).await > Duration::ZERO);
    // The form is processed in a task of its own.
    let fields = [("retentionDays", "30"), ("history", "read")];
    let form = owner.form_of(&own, &own, &fields, &[]).await;
    let turns = Arc::new(scheduler());
    let saved = turns.schedule(form.send()).await;
    assert_eq!(saved.status, 303, "{}", saved.text());
    assert!(turns.usage_of(other.site.id) > Duration::ZERO);
    // A foreign site isn't charged when it is named, and a page without a site is charged to none.
    assert_eq!(charged(&site, owner.get(&page(&site))).await, Duration::ZERO);
    assert_eq!(charged(&site, app.console().browser().get(&page(&site))).await, Duration::ZERO);
    assert_eq!(charged(&other, owner.get("/console")).await, Duration::ZERO);
}
