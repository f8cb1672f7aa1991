//! The measured calls, by topic. Each runs in a database full of unrelated rows; whatever else is
//! held constant is noted at the case.

mod accounts;
mod channel;
mod contacts;
mod credentials;
mod fan_out;
mod imports;
mod jobs;
mod messages;
mod readers;
mod records;
mod sdk;
mod segments;
mod sites;
mod themes;
mod webhooks;

use super::scenario::Scenario;

/// Runs all cases, in an order in which none deletes what a later one needs.
pub async fn run_all(s: &Scenario) {
    sites::run(s).await;
    records::run(s).await;
    accounts::run(s).await;
    contacts::run(s).await;
    credentials::run(s).await;
    segments::run(s).await;
    readers::run(s).await;
    messages::run(s).await;
    fan_out::run(s).await;
    themes::run(s).await;
    imports::run(s).await;
    webhooks::run(s).await;
    channel::run(s).await;
    sdk::run(s).await;
    jobs::run(s).await;
}
