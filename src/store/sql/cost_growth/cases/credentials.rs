//! Cases: tokens, sessions, token rotation and devices, and revoking a key or a token family.

use super::super::{
    dataset,
    scenario::{Scenario, days, expect},
};
use crate::{
    MAX_SESSIONS,
    contract::test_store::{NOW, after, session},
};
use belfry_domain::{
    ApiKey, ContactLookup, ContactToken, Device, Digest, Identifiers, NewContactToken,
    NewWidgetSession, PresentedToken, RotationOutcome, TokenRotation,
};

fn named(chain: &str, token: &str) -> PresentedToken {
    PresentedToken { chain: Digest::of(chain), token: Digest::of(token) }
}

fn rotation(presented: PresentedToken, next: &str, seconds: u64) -> TokenRotation {
    let fork = named(&format!("chain of {next}"), next);
    TokenRotation {
        site: dataset::site(),
        presented,
        successor: Digest::of(next),
        fork,
        now: after(seconds),
        overlap_since: after(seconds.saturating_sub(20)),
        expires_at: after(seconds + 900),
        ends_at: days(2),
    }
}

async fn token(s: &Scenario, key: &ApiKey) -> ContactToken {
    let token = s.world.token(key, s.reader);
    s.world.add_token(&token).await.unwrap();
    token
}

pub async fn run(s: &Scenario) {
    let store = &s.world.store;
    let new = s.world.token(&s.key, s.reader);
    let issued = |token: &ContactToken| NewContactToken {
        site: token.site,
        digest: token.digest,
        family: token.family,
        key: token.key.clone(),
        expires_at: token.expires_at,
    };
    let by_name = |name: &str| {
        ContactLookup::Identifiers(Identifiers::parse(Some(name), None, None).unwrap())
    };
    expect(
        s.measure("issue_token", store.issue_token(&by_name("reader"), &issued(&new))).await,
        Some(s.reader),
    );
    let unknown = s.world.token(&s.key, s.reader);
    expect(
        s.measure(
            "issue_token: unknown contact",
            store.issue_token(&by_name("unknown"), &issued(&unknown)),
        )
        .await,
        None,
    );
    let sessions = ["cookie", "bearer"]
        .map(|name| NewWidgetSession { digest: Digest::of(name), expires_at: days(1) });
    let token =
        s.measure("contact_token", store.contact_token(s.site, &new.digest, NOW)).await.unwrap();
    expect(
        s.measure(
            "contact_token: unknown",
            store.contact_token(s.site, &Digest::of("unknown"), NOW),
        )
        .await,
        None,
    );
    expect(
        s.measure("begin_sessions", store.begin_sessions(&token, sessions.map(Some), NOW)).await,
        Some(Vec::new()),
    );
    many_sessions(s, &token).await;
    expect(
        s.measure("session", store.session(s.site, &sessions[0].digest, NOW)).await.is_some(),
        true,
    );
    rotated(s).await;
    devices(s).await;
    s.measure("revoke_family", store.revoke_family(s.site, new.family)).await;
    expect(store.session(s.site, &sessions[0].digest, NOW).await.unwrap(), None);
    revoked(s).await;
}

/// A reader with the maximum number of sessions.
async fn many_sessions(s: &Scenario, token: &ContactToken) {
    let store = &s.world.store;
    let contact = s.contact("who has many sessions").await;
    let many = ContactToken { digest: Digest::of("of many sessions"), contact, ..token.clone() };
    s.world.add_token(&many).await.unwrap();
    let new = |number: usize| {
        [
            Some(NewWidgetSession {
                digest: Digest::of(&format!("one of many {number}")),
                expires_at: days(1),
            }),
            None,
        ]
    };
    for number in 0..MAX_SESSIONS {
        expect(store.begin_sessions(&many, new(number), NOW).await.unwrap(), Some(Vec::new()));
    }
    let ended = s
        .measure("begin_sessions: too many", store.begin_sessions(&many, new(MAX_SESSIONS), NOW))
        .await;
    expect(ended.is_some_and(|ended| !ended.is_empty()), true);
}

async fn rotated(s: &Scenario) {
    let store = &s.world.store;
    let first = token(s, &s.key).await;
    s.world.add_sessions(&[session(&first, "of a family", days(1))]).await.unwrap();
    let shown = PresentedToken { chain: first.digest, token: first.digest };
    expect(
        s.measure("token_family: first", store.token_family(&shown, NOW)).await,
        Some((s.site, first.family)),
    );
    expect(
        matches!(
            s.measure("rotate: first", store.rotate(&rotation(shown, "a", 0))).await,
            RotationOutcome::Forked(_)
        ),
        true,
    );
    expect(
        matches!(
            s.measure("rotate: again", store.rotate(&rotation(shown, "b", 5))).await,
            RotationOutcome::Forked(_)
        ),
        true,
    );
    let chained = named("chain of a", "a");
    expect(
        matches!(
            s.measure("rotate", store.rotate(&rotation(chained, "a2", 9))).await,
            RotationOutcome::Succeeded(_)
        ),
        true,
    );
    expect(
        s.measure("token_family", store.token_family(&chained, after(9))).await,
        Some((s.site, first.family)),
    );
    expect(
        s.measure("rotate: unknown", store.rotate(&rotation(named("x", "x"), "y", 9))).await,
        RotationOutcome::Unknown,
    );
    expect(
        matches!(
            s.measure("rotate: lost answer", store.rotate(&rotation(chained, "c", 90))).await,
            RotationOutcome::Forked(_)
        ),
        true,
    );
    let forked = named("chain of c", "c");
    expect(
        matches!(
            s.measure("rotate: of a fork", store.rotate(&rotation(forked, "c2", 91))).await,
            RotationOutcome::Succeeded(_)
        ),
        true,
    );
    expect(
        s.measure("rotate: replayed", store.rotate(&rotation(chained, "d", 120))).await,
        RotationOutcome::Replayed(s.site),
    );
}

async fn devices(s: &Scenario) {
    let store = &s.world.store;
    let device = |name: &str| Device {
        site: s.site,
        contact: s.reader,
        digest: Digest::of(name),
        key: s.key.id.clone(),
        bound_at: NOW,
    };
    s.measure("bind_device", store.bind_device(&device("phone"))).await;
    store.bind_device(&device("tablet")).await.unwrap();
    s.measure("bind_device: again", store.bind_device(&device("phone"))).await;
    expect(s.measure("devices", store.devices(s.site, s.reader)).await.len(), 2);
    expect(s.measure("device", store.device(s.site, &Digest::of("phone"))).await.is_some(), true);
    expect(
        s.measure("unbind_device", store.unbind_device(s.site, s.reader, &Digest::of("tablet")))
            .await,
        true,
    );
}

/// A key with a few tokens, while another key issued all others of the site.
async fn revoked(s: &Scenario) {
    let store = &s.world.store;
    let key = s.world.key(s.site);
    store.add_key(&key).await.unwrap();
    for number in 0..3 {
        let token = token(s, &key).await;
        s.world.add_sessions(&[session(&token, "of a key", days(1))]).await.unwrap();
        let shown = PresentedToken { chain: token.digest, token: token.digest };
        store.rotate(&rotation(shown, &format!("of a key {number}"), 0)).await.unwrap();
    }
    let device = Device {
        site: s.site,
        contact: s.reader,
        digest: Digest::of("of a key"),
        key: key.id.clone(),
        bound_at: NOW,
    };
    store.bind_device(&device).await.unwrap();
    expect(s.measure("revoke_key", store.revoke_key(s.site, &key.id, NOW)).await, true);
    expect(store.device(s.site, &device.digest).await.unwrap(), None);
}
