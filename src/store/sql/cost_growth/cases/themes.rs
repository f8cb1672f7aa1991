//! Cases: themes and their preview links.

use super::super::scenario::{Scenario, days, expect};
use crate::{
    DeleteThemeOutcome, RollbackOutcome,
    contract::test_store::{NOW, theme},
};
use belfry_domain::{Digest, PreviewLink, ThemeVersion};

pub async fn run(s: &Scenario) {
    let store = &s.world.store;
    let first = s.measure("store_draft", store.store_draft(s.site, &theme(1), NOW)).await;
    s.measure("store_draft: same", store.store_draft(s.site, &theme(1), NOW)).await;
    let link = |name: &str, version| PreviewLink {
        site: s.site,
        digest: Digest::of(name),
        version,
        expires_at: days(1),
    };
    s.measure("add_preview_link", store.add_preview_link(&link("a", first.version))).await;
    expect(
        s.measure("preview_link", store.preview_link(s.site, &Digest::of("a"), NOW))
            .await
            .is_some(),
        true,
    );
    let second = s.measure("store_draft: another", store.store_draft(s.site, &theme(3), NOW)).await;
    expect(
        s.measure(
            "replace_draft",
            store.replace_draft(s.site, Some(second.version), &theme(3), NOW),
        )
        .await
        .is_some(),
        true,
    );
    expect(s.measure("publish_theme", store.publish_theme(s.site, NOW)).await.is_some(), true);
    store.store_draft(s.site, &theme(5), NOW).await.unwrap();
    let third =
        s.measure("publish_theme: another", store.publish_theme(s.site, NOW)).await.unwrap();
    expect(s.measure("theme", store.theme(s.site, second.version)).await.is_some(), true);
    expect(
        s.measure("theme_sources", store.theme_sources(s.site, second.version)).await.is_some(),
        true,
    );
    expect(
        s.measure("theme_file", store.theme_file(s.site, &second.stylesheet)).await.is_some(),
        true,
    );
    // Per version: the call reads all of them.
    let themes = store.themes(s.site).await.unwrap().len();
    s.measure_each("themes", themes, store.themes(s.site)).await;
    expect(
        matches!(
            s.measure("roll_back_theme", store.roll_back_theme(s.site, Some(second.version), NOW))
                .await,
            RollbackOutcome::Done(Some(_))
        ),
        true,
    );
    store.add_preview_link(&link("b", third.version)).await.unwrap();
    expect(
        s.measure("delete_theme", store.delete_theme(s.site, third.version)).await,
        DeleteThemeOutcome::Done,
    );
    // Its drawing is shared with all other versions.
    expect(
        s.measure(
            "delete_theme: with a file of others",
            store.delete_theme(s.site, ThemeVersion(2)),
        )
        .await,
        DeleteThemeOutcome::Done,
    );
    expect(
        matches!(
            s.measure("roll_back_theme: to none", store.roll_back_theme(s.site, None, NOW)).await,
            RollbackOutcome::Done(None)
        ),
        true,
    );
}
