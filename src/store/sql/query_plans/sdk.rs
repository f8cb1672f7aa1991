//! Plans of Inbox SDK statements: each reaches its rows by a key.

use super::Plans;
use crate::sql::sdk::statements::ALL;

#[tokio::test]
async fn sdk_statements_scan_no_table() {
    let mut plans = Plans::new().await;
    for (name, statement) in ALL {
        let plan = plans.of(statement).await;
        assert!(plan.iter().any(|step| step.starts_with("SEARCH")), "{name}: {plan:#?}");
        for step in &plan {
            assert!(
                !step.starts_with("SCAN") && !step.contains("AUTOMATIC"),
                "{name}: {step} in {plan:#?}"
            );
        }
    }
    plans.close().await;
}

/// If they had to be sorted, they would be read to the end first.
#[tokio::test]
async fn agents_and_sessions_are_read_in_order() {
    let mut plans = Plans::new().await;
    let of_agent = ALL.iter().find(|(name, _)| *name == "end the oldest sessions").unwrap().1;
    for (statement, index) in [
        (of_agent, "sdk_token_agent"),
        (crate::sql::channel::statements::EXTERNAL_AGENTS, "agent_external"),
    ] {
        let plan = plans.of(statement).await;
        assert!(plan.iter().any(|step| step.contains(index)), "{statement}: {plan:#?}");
        assert!(plan.iter().all(|step| !step.contains("TEMP B-TREE")), "{statement}: {plan:#?}");
    }
    plans.close().await;
}
