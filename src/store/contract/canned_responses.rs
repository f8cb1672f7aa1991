//! Canned responses.

use super::test_store::{NOW, TestStore, after};
use crate::{MAX_CANNED_BYTES, MAX_CANNED_RESPONSES, StoreError};
use belfry_domain::{
    SiteId, ValidationError,
    channel::{CannedResponse, CannedResponseDraft, CannedResponseId, Rejection},
};
use belfry_locales::phrases::errors;

fn draft(short_code: &str, content: &str) -> CannedResponseDraft {
    CannedResponseDraft::new(short_code, content).unwrap()
}

async fn make(world: &TestStore, site: SiteId, short_code: &str, content: &str) -> CannedResponse {
    world
        .store
        .create_canned_response(site, &draft(short_code, content), NOW)
        .await
        .unwrap()
        .unwrap()
}

async fn codes(world: &TestStore, site: SiteId, text: Option<&str>) -> Vec<String> {
    world
        .store
        .canned_responses(site, text, 100)
        .await
        .unwrap()
        .into_iter()
        .map(|response| response.short_code)
        .collect()
}

pub async fn canned_response_is_created_changed_and_deleted(world: &TestStore) {
    let (site, _) = world.site("a").await;
    let made = make(world, site, " hello ", "Hello {{contact.name}}!\n").await;
    assert_eq!(
        (made.short_code.as_str(), made.content.as_str()),
        ("hello", "Hello {{contact.name}}!\n")
    );
    assert_eq!((made.created_at, made.updated_at), (NOW, NOW));
    assert_eq!(world.store.canned_response(site, made.id).await.unwrap(), Some(made.clone()));
    let change = |_: &CannedResponseDraft| Ok(draft("bye", "Bye"));
    let changed = world
        .store
        .update_canned_response(site, made.id, Box::new(change), after(1))
        .await
        .unwrap()
        .unwrap();
    let expected = CannedResponse {
        short_code: "bye".into(),
        content: "Bye".into(),
        updated_at: after(1),
        ..made
    };
    assert_eq!(changed, expected);
    // An unchanged value is not written.
    let same = world
        .store
        .update_canned_response(site, changed.id, Box::new(change), after(2))
        .await
        .unwrap()
        .unwrap();
    assert_eq!((same, codes(world, site, Some("hello")).await), (expected, Vec::new()));
    let refused = world
        .store
        .update_canned_response(
            site,
            changed.id,
            Box::new(|_| Err(ValidationError::new("content", errors::verbatim("no")))),
            after(3),
        )
        .await
        .unwrap();
    assert_eq!(
        refused,
        Err(Rejection::Invalid(ValidationError::new("content", errors::verbatim("no"))))
    );
    assert!(world.store.delete_canned_response(site, changed.id).await.unwrap());
    assert!(!world.store.delete_canned_response(site, changed.id).await.unwrap());
    assert_eq!(world.store.canned_response(site, changed.id).await.unwrap(), None);
    assert!(make(world, site, "bye", "Bye").await.id > changed.id);
}

pub async fn short_code_is_unique_in_its_site(world: &TestStore) {
    let (site, _) = world.site("a").await;
    let (other, _) = world.site("b").await;
    let first = make(world, site, "hello", "Hello").await;
    make(world, site, "Hello", "Hello").await;
    make(world, other, "hello", "Hello").await;
    let taken =
        world.store.create_canned_response(site, &draft("hello", "Other"), NOW).await.unwrap();
    assert_eq!(taken, Err(Rejection::Taken("short_code")));
    let taken = world
        .store
        .update_canned_response(site, first.id, Box::new(|_| Ok(draft("Hello", "Other"))), after(1))
        .await
        .unwrap();
    assert_eq!(taken, Err(Rejection::Taken("short_code")));
    assert_eq!(world.store.canned_response(site, first.id).await.unwrap(), Some(first.clone()));
    let own = world
        .store
        .update_canned_response(site, first.id, Box::new(|_| Ok(draft("hello", "Other"))), after(1))
        .await
        .unwrap();
    assert_eq!(own.unwrap().content, "Other");
}

pub async fn canned_responses_are_found_by_code_and_content(world: &TestStore) {
    let (site, _) = world.site("a").await;
    let (other, _) = world.site("b").await;
    make(world, other, "thanks", "Thanks").await;
    for (short_code, content) in [
        ("name", "Hey, thanks for reaching out"),
        ("short", "Great!"),
        ("with-thanks", "Any"),
        ("Thanks", "Any"),
        ("доставка", "Їде завтра, 100%"),
    ] {
        make(world, site, short_code, content).await;
    }
    assert_eq!(
        codes(world, site, None).await,
        ["Thanks", "name", "short", "with-thanks", "доставка"]
    );
    assert_eq!(codes(world, site, Some("tHANKS")).await, ["Thanks", "with-thanks", "name"]);
    assert_eq!(codes(world, site, Some("ЇДЕ")).await, ["доставка"]);
    assert_eq!(codes(world, site, Some("%")).await, ["доставка"]);
    assert_eq!(codes(world, site, Some("_")).await, Vec::<String>::new());
    let some = world.store.canned_responses(site, None, 2).await.unwrap();
    assert_eq!(
        some.iter().map(|response| response.short_code.as_str()).collect::<Vec<_>>(),
        ["Thanks", "name"]
    );
    assert_eq!(world.store.canned_responses(site, Some("thanks"), 1).await.unwrap().len(), 1);
}

pub async fn canned_responses_are_scoped_to_their_site(world: &TestStore) {
    let (site, _) = world.site("a").await;
    let (other, _) = world.site("b").await;
    let made = make(world, site, "hello", "Hello").await;
    assert_eq!(world.store.canned_response(other, made.id).await.unwrap(), None);
    assert_eq!(codes(world, other, None).await, Vec::<String>::new());
    for (site, id) in [(other, made.id), (site, CannedResponseId(made.id.0 + 9))] {
        let changed = world
            .store
            .update_canned_response(site, id, Box::new(|_| Ok(draft("mine", "Mine"))), after(1))
            .await
            .unwrap();
        assert_eq!(changed, Err(Rejection::NotFound("canned response")));
        assert!(!world.store.delete_canned_response(site, id).await.unwrap());
    }
    assert_eq!(world.store.canned_response(site, made.id).await.unwrap(), Some(made));
}

pub async fn canned_responses_are_bounded(world: &TestStore) {
    let (site, _) = world.site("a").await;
    let (full, _) = world.site("b").await;
    for number in 0..MAX_CANNED_RESPONSES {
        make(world, site, &format!("code-{number}"), "Hello").await;
    }
    let is_limit = |result: Result<_, StoreError>| matches!(result, Err(StoreError::Limit(_)));
    assert!(is_limit(world.store.create_canned_response(site, &draft("more", "Hello"), NOW).await));
    let first = world.store.canned_responses(site, None, 1).await.unwrap().remove(0);
    let change = |_: &CannedResponseDraft| Ok(draft("code-0", "Other"));
    assert!(
        world
            .store
            .update_canned_response(site, first.id, Box::new(change), after(1))
            .await
            .unwrap()
            .is_ok()
    );
    assert!(world.store.delete_canned_response(site, first.id).await.unwrap());
    make(world, site, "more", "Hello").await;

    let long = "🛟".repeat(20_000);
    for number in 0..MAX_CANNED_BYTES / long.len() {
        make(world, full, &format!("code-{number}"), &long).await;
    }
    assert!(is_limit(world.store.create_canned_response(full, &draft("more", "x"), NOW).await));
    let last = world.store.canned_responses(full, None, 1).await.unwrap().remove(0);
    assert!(
        world
            .store
            .update_canned_response(
                full,
                last.id,
                Box::new(|_| Ok(draft("code-0", "short"))),
                after(1)
            )
            .await
            .unwrap()
            .is_ok()
    );
    make(world, full, "more", "x").await;
}
