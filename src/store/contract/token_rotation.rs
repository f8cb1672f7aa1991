//! Rotating contact tokens.

use super::test_store::{NOW, TestStore, after, session};
use belfry_domain::{
    ContactToken, Digest, InboxEvent, PresentedToken, RevokedSessions, RotationOutcome, SiteId,
    Timestamp, TokenRotation,
};
use std::time::Duration;

/// Seconds within which a replaced token is accepted again.
const OVERLAP: u64 = 20;

fn first(token: &ContactToken) -> PresentedToken {
    PresentedToken { chain: token.digest, token: token.digest }
}

fn named(chain: &str, token: &str) -> PresentedToken {
    PresentedToken { chain: Digest::of(chain), token: Digest::of(token) }
}

/// Replaces `shown`; the successor, or the start of a new chain, is called `next`.
async fn rotate(
    world: &TestStore,
    presented: PresentedToken,
    next: &str,
    seconds: u64,
) -> RotationOutcome {
    let now = after(seconds);
    let rotation = TokenRotation {
        // Only used for rate limits.
        site: SiteId::from_bytes([0; 16]),
        presented,
        successor: Digest::of(next),
        fork: named(&format!("chain of {next}"), next),
        now,
        overlap_since: now.minus(Duration::from_secs(OVERLAP)),
        expires_at: after(seconds + 900),
        ends_at: after(seconds + 5_000),
    };
    world.store.rotate(&rotation).await.unwrap()
}

async fn token(world: &TestStore) -> ContactToken {
    let (site, key) = world.site("A").await;
    let token = world.token(&key, world.contact(site, "1").await);
    world.add_token(&token).await.unwrap();
    token
}

fn speaks_for(token: &ContactToken, rotated: &RotationOutcome) -> bool {
    matches!(rotated, RotationOutcome::Succeeded(holder) | RotationOutcome::Forked(holder)
        if holder.site == token.site && holder.contact == token.contact && holder.family == token.family && holder.key == token.key)
}

async fn knows(world: &TestStore, presented: PresentedToken, now: Timestamp) -> bool {
    world.store.token_family(&presented, now).await.unwrap().is_some()
}

pub async fn rotated_token_has_the_same_reader(world: &TestStore) {
    let token = token(world).await;
    assert_eq!(
        world.store.token_family(&first(&token), NOW).await.unwrap(),
        Some((token.site, token.family))
    );
    let begun = rotate(world, first(&token), "a", 0).await;
    assert!(matches!(begun, RotationOutcome::Forked(_)) && speaks_for(&token, &begun), "{begun:?}");
    let chain = "chain of a";
    for (shown, next, second) in [("a", "b", 100), ("b", "c", 200), ("c", "d", 201)] {
        assert_eq!(
            world.store.token_family(&named(chain, shown), after(second)).await.unwrap(),
            Some((token.site, token.family))
        );
        let next = rotate(world, named(chain, shown), next, second).await;
        assert!(
            matches!(next, RotationOutcome::Succeeded(_)) && speaks_for(&token, &next),
            "{next:?}"
        );
    }
    assert!(
        world
            .events
            .take()
            .iter()
            .all(|change| !matches!(change, InboxEvent::SessionsRevoked { .. }))
    );
    assert_eq!(rotate(world, named("nothing", "a"), "x", 202).await, RotationOutcome::Unknown);
    assert!(!knows(world, named("nothing", "a"), NOW).await);
}

pub async fn replay_within_overlap_forks_a_chain(world: &TestStore) {
    let token = token(world).await;
    rotate(world, first(&token), "a", 0).await;
    assert!(matches!(rotate(world, first(&token), "b", 20).await, RotationOutcome::Forked(_)));
    // Both chains continue independently.
    assert!(matches!(
        rotate(world, named("chain of b", "b"), "b2", 21).await,
        RotationOutcome::Succeeded(_)
    ));
    assert!(matches!(
        rotate(world, named("chain of b", "b2"), "b3", 22).await,
        RotationOutcome::Succeeded(_)
    ));
    assert!(matches!(
        rotate(world, named("chain of b", "b"), "c", 23).await,
        RotationOutcome::Forked(_)
    ));
    assert!(matches!(
        rotate(world, named("chain of a", "a"), "a2", 600).await,
        RotationOutcome::Succeeded(_)
    ));
    let last = rotate(world, named("chain of c", "c"), "c2", 601).await;
    assert!(speaks_for(&token, &last), "{last:?}");
}

pub async fn replayed_token_revokes_family(world: &TestStore) {
    for replayed in [0, 1, 2] {
        let token = token(world).await;
        world.add_sessions(&[session(&token, "cookie", after(9_000))]).await.unwrap();
        let name = |text: &str| format!("{text}{replayed}");
        let chain = format!("chain of {}", name("a"));
        rotate(world, first(&token), &name("a"), 0).await;
        rotate(world, first(&token), &name("other"), 1).await;
        rotate(world, named(&chain, &name("a")), &name("b"), 2).await;
        rotate(world, named(&chain, &name("b")), &name("c"), 30).await;
        world.events.take();
        let old =
            [first(&token), named(&chain, &name("a")), named(&chain, &name("forged"))][replayed];
        assert_eq!(rotate(world, old, "x", 31).await, RotationOutcome::Replayed(token.site));
        assert!(
            matches!(world.events.take().as_slice(), [InboxEvent::SessionsRevoked { revoked: RevokedSessions::Family(family), .. }] if *family == token.family)
        );
        for gone in [
            first(&token),
            named(&chain, &name("c")),
            named(&format!("chain of {}", name("other")), &name("other")),
        ] {
            assert_eq!(rotate(world, gone, "y", 32).await, RotationOutcome::Unknown);
            assert!(!knows(world, gone, after(32)).await);
        }
        assert_eq!(
            world
                .store
                .session(token.site, &session(&token, "cookie", NOW).digest, NOW)
                .await
                .unwrap(),
            None
        );
        assert_eq!(world.live_token(token.site, &token.digest, NOW).await, None);
    }
}

pub async fn late_retry_works_while_successor_is_unused(world: &TestStore) {
    // The first token of the family: its response is lost twice.
    let token = token(world).await;
    rotate(world, first(&token), "a", 0).await;
    assert!(matches!(rotate(world, first(&token), "b", 400).await, RotationOutcome::Forked(_)));
    let again = rotate(world, first(&token), "c", 899).await;
    assert!(matches!(again, RotationOutcome::Forked(_)) && speaks_for(&token, &again), "{again:?}");
    // A token within a chain, likewise; whichever response arrives continues.
    let chain = "chain of b";
    assert!(matches!(
        rotate(world, named(chain, "b"), "b2", 900).await,
        RotationOutcome::Succeeded(_)
    ));
    assert!(matches!(
        rotate(world, named(chain, "b"), "d", 1_100).await,
        RotationOutcome::Forked(_)
    ));
    // Concurrent requests arrive after the response to the first one was used.
    assert!(matches!(
        rotate(world, named("chain of d", "d"), "d2", 1_101).await,
        RotationOutcome::Succeeded(_)
    ));
    assert!(matches!(
        rotate(world, named(chain, "b"), "e", 1_102).await,
        RotationOutcome::Forked(_)
    ));
    assert!(matches!(
        rotate(world, named(chain, "b2"), "b3", 1_103).await,
        RotationOutcome::Succeeded(_)
    ));
    // Use of a chain of the previous token says nothing about this token's successor.
    assert!(matches!(
        rotate(world, named("chain of e", "e"), "e2", 1_104).await,
        RotationOutcome::Succeeded(_)
    ));
    assert!(matches!(
        rotate(world, named(chain, "b2"), "f", 1_200).await,
        RotationOutcome::Forked(_)
    ));
    assert!(
        world
            .events
            .take()
            .iter()
            .all(|change| !matches!(change, InboxEvent::SessionsRevoked { .. }))
    );
}

pub async fn retry_works_only_within_token_lifetime(world: &TestStore) {
    let token = token(world).await;
    rotate(world, first(&token), "a", 0).await;
    rotate(world, named("chain of a", "a"), "a2", 100).await;
    assert!(matches!(
        rotate(world, named("chain of a", "a"), "b", 899).await,
        RotationOutcome::Forked(_)
    ));
    // Too late, and no reason to revoke anything: no successor was used.
    assert_eq!(rotate(world, named("chain of a", "a"), "c", 930).await, RotationOutcome::Unknown);
    assert!(matches!(
        rotate(world, named("chain of a", "a2"), "a3", 931).await,
        RotationOutcome::Succeeded(_)
    ));
}

pub async fn replay_revokes_family_for_any_used_successor(world: &TestStore) {
    for (number, used) in ["direct", "forked"].into_iter().enumerate() {
        let token = token(world).await;
        let name = |text: &str| format!("{text}{number}");
        let chain = format!("chain of {}", name("a"));
        rotate(world, first(&token), &name("a"), 0).await;
        rotate(world, named(&chain, &name("a")), &name("b"), 1).await;
        rotate(world, named(&chain, &name("a")), &name("fork"), 100).await;
        let successor = match used {
            "direct" => named(&chain, &name("b")),
            _ => named(&format!("chain of {}", name("fork")), &name("fork")),
        };
        assert!(matches!(
            rotate(world, successor, &name("next"), 200).await,
            RotationOutcome::Succeeded(_)
        ));
        assert_eq!(
            rotate(world, named(&chain, &name("a")), "x", 300).await,
            RotationOutcome::Replayed(token.site),
            "{used}"
        );
    }
}

pub async fn unused_chain_expires_and_family_has_max_age(world: &TestStore) {
    let token = token(world).await;
    rotate(world, first(&token), "a", 0).await;
    rotate(world, first(&token), "b", 1).await;
    // An unused token is not replayed, however old.
    assert!(matches!(
        rotate(world, named("chain of b", "b"), "b2", 900).await,
        RotationOutcome::Succeeded(_)
    ));
    assert_eq!(rotate(world, named("chain of a", "a"), "a2", 900).await, RotationOutcome::Unknown);
    let mut shown = "b2".to_owned();
    for second in (1_700..=4_900).step_by(800) {
        let next = format!("b{second}");
        assert!(
            matches!(
                rotate(world, named("chain of b", &shown), &next, second).await,
                RotationOutcome::Succeeded(_)
            ),
            "{second}"
        );
        shown = next;
    }
    assert_eq!(
        rotate(world, named("chain of b", &shown), "late", 5_000).await,
        RotationOutcome::Unknown
    );
    // A backend's token that was not used in time starts nothing.
    let (site, key) = world.site("B").await;
    let unused = world.token(&key, world.contact(site, "1").await);
    world.add_token(&unused).await.unwrap();
    assert!(!knows(world, first(&unused), after(900)).await);
    assert_eq!(rotate(world, first(&unused), "z", 900).await, RotationOutcome::Unknown);
}

pub async fn rotated_tokens_end_with_key_contact_and_family(world: &TestStore) {
    let (site, key) = world.site("A").await;
    let other = world.key(site);
    world.store.add_key(&other).await.unwrap();
    let mut chains = Vec::new();
    for (number, key) in [&key, &key, &other, &other].into_iter().enumerate() {
        let contact = world.contact(site, &number.to_string()).await;
        let token = world.token(key, contact);
        world.add_token(&token).await.unwrap();
        rotate(world, first(&token), &format!("t{number}"), 0).await;
        chains.push((named(&format!("chain of t{number}"), &format!("t{number}")), token));
    }
    world.store.revoke_key(site, &key.id, NOW).await.unwrap();
    world.store.delete_contact(site, chains[2].1.contact, NOW).await.unwrap();
    assert_eq!(world.backend.find_traces(site, chains[2].1.contact).await, 0);
    for (shown, token) in &chains[..3] {
        assert_eq!(rotate(world, *shown, "x", 1).await, RotationOutcome::Unknown);
        assert_eq!(rotate(world, first(token), "x", 1).await, RotationOutcome::Unknown);
    }
    let kept = rotate(world, chains[3].0, "y", 1).await;
    assert!(speaks_for(&chains[3].1, &kept), "{kept:?}");
    // A token of a soft-deleted contact is invalid, also after its restoration.
    let put_away = world.token(&other, world.contact(site, "away").await);
    world.add_token(&put_away).await.unwrap();
    rotate(world, first(&put_away), "away", 0).await;
    world.store.archive_contact(site, put_away.contact, NOW).await.unwrap();
    assert!(!knows(world, named("chain of away", "away"), NOW).await);
    assert_eq!(
        rotate(world, named("chain of away", "away"), "x", 1).await,
        RotationOutcome::Unknown
    );
    world.store.revoke_family(site, chains[3].1.family).await.unwrap();
    assert_eq!(rotate(world, named("chain of t3", "y"), "z", 2).await, RotationOutcome::Unknown);
}

pub async fn concurrent_rotations_get_distinct_tokens(world: &TestStore) {
    let token = token(world).await;
    let names: Vec<String> = (0..40).map(|number| format!("n{number}")).collect();
    let begun = futures_util::future::join_all(
        names.iter().map(|name| rotate(world, first(&token), name, 0)),
    )
    .await;
    assert!(begun.iter().all(|rotated| matches!(rotated, RotationOutcome::Forked(_))), "{begun:?}");
    let next: Vec<String> = names.iter().map(|name| format!("{name}-2")).collect();
    let pairs = names.iter().zip(&next);
    let gone_on =
        futures_util::future::join_all(pairs.map(|(name, next)| {
            rotate(world, named(&format!("chain of {name}"), name), next, 300)
        }))
        .await;
    assert!(
        gone_on.iter().all(|rotated| matches!(rotated, RotationOutcome::Succeeded(_))),
        "{gone_on:?}"
    );
}

pub async fn chains_of_a_family_are_bounded_and_swept(world: &TestStore) {
    let token = token(world).await;
    for number in 0..120 {
        assert!(matches!(
            rotate(world, first(&token), &format!("n{number}"), 1).await,
            RotationOutcome::Forked(_)
        ));
    }
    let mut alive = 0;
    for number in 0..120 {
        alive += u32::from(knows(world, named(&format!("chain of n{number}"), ""), NOW).await);
    }
    // Including the chain of the token that started the family.
    assert_eq!(alive, 99);
    assert!(knows(world, named("chain of n119", ""), NOW).await);
    world.store.sweep(after(900)).await.unwrap();
    assert!(knows(world, named("chain of n119", ""), after(900)).await);
    world.store.sweep(after(901)).await.unwrap();
    assert!(!knows(world, named("chain of n119", ""), after(901)).await);
    assert_eq!(rotate(world, first(&token), "late", 902).await, RotationOutcome::Unknown);
}
