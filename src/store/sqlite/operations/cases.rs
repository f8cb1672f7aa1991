//! The calls that are measured, by what they are about. Each does what it is named for in a database full of what is not asked for;
//! what is held constant beside that is said where it is.

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

/// All of them, in an order in which none takes away what a later one needs.
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
