//! Themes of a site: version numbers, the published one, dependent rows, and events.

use super::test_store::{NOW, TestStore, after, theme};
use crate::{DeleteThemeOutcome, RollbackOutcome, StoreError};
use belfry_domain::{
    Digest, InboxEvent, PreviewLink, SiteId, Theme, ThemeDraft, ThemeFile, ThemeFileType,
    ThemeParts, ThemeSources, ThemeState, ThemeVersion,
};
use futures_util::future::join_all;
use std::collections::BTreeSet;

/// The versions of a site with their states, newest first; checked against the other queries.
pub async fn version_states(world: &TestStore, site: SiteId) -> Vec<(u32, ThemeState)> {
    let themes = world.store.themes(site).await.unwrap();
    let in_force =
        themes.iter().find(|theme| theme.state == ThemeState::Published).map(|theme| theme.version);
    assert_eq!(world.store.site(site).await.unwrap().unwrap().theme, in_force);
    assert!(
        world
            .store
            .sites()
            .await
            .unwrap()
            .iter()
            .any(|known| known.id == site && known.theme == in_force)
    );
    for theme in &themes {
        assert_eq!(world.store.theme(site, theme.version).await.unwrap().as_ref(), Some(theme));
    }
    themes.into_iter().map(|theme| (theme.version.0, theme.state)).collect()
}

async fn store_draft(world: &TestStore, site: SiteId, number: u64) -> Theme {
    world.store.store_draft(site, &theme(number), NOW).await.unwrap()
}

async fn publish(world: &TestStore, site: SiteId, number: u64) -> Theme {
    store_draft(world, site, number).await;
    world.store.publish_theme(site, NOW).await.unwrap().unwrap()
}

/// The theme changes published since the last call; fails on other events.
fn theme_changes(world: &TestStore) -> Vec<(SiteId, Option<ThemeVersion>, Option<String>)> {
    let events = world.events.take().into_iter();
    events
        .map(|change| match change {
            InboxEvent::ThemeChanged { site, theme, stylesheet } => (site, theme, stylesheet),
            other => panic!("{other:?}"),
        })
        .collect()
}

async fn has(world: &TestStore, site: SiteId, files: &[ThemeFile]) -> Vec<bool> {
    join_all(files.iter().map(|file| async {
        let theme_file = world.store.theme_file(site, &file.name).await.unwrap();
        assert!(theme_file.is_none() || theme_file.as_ref() == Some(file));
        theme_file.is_some()
    }))
    .await
}

fn link(theme: &Theme, name: &str, expires: u64) -> PreviewLink {
    PreviewLink {
        site: theme.site,
        digest: Digest::of(name),
        version: theme.version,
        expires_at: after(expires),
    }
}

pub async fn theme_is_stored_as_uploaded(world: &TestStore) {
    let (site, _) = world.site("A").await;
    let body = "<svg>\u{1} \u{1f43c} ' \" \\ </svg>\r\n";
    let draft = ThemeDraft {
        sources: ThemeSources { bell: Some(body.to_owned()), card: None, css: Some(String::new()) },
        critical_css: ".bell { --x: \"\u{1f43c}\" }".to_owned(),
        stylesheet: "00000000000000aa.css".to_owned(),
        files: vec![
            ThemeFile {
                name: "00000000000000bb.svg".to_owned(),
                content_type: ThemeFileType::Svg,
                body: body.into(),
            },
            ThemeFile {
                name: "00000000000000aa.css".to_owned(),
                content_type: ThemeFileType::Css,
                body: "a{}".into(),
            },
        ],
        warnings: "[1]".to_owned(),
    };
    let expected = Theme {
        site,
        version: ThemeVersion(1),
        state: ThemeState::Draft,
        critical_css: draft.critical_css.clone(),
        stylesheet: draft.stylesheet.clone(),
        warnings: draft.warnings.clone(),
        parts: ThemeParts { bell: true, card: false, css: true },
        created_at: after(5),
        published_at: None,
    };
    assert_eq!(world.store.store_draft(site, &draft, after(5)).await.unwrap(), expected);
    assert_eq!(world.store.themes(site).await.unwrap(), std::slice::from_ref(&expected));
    assert_eq!(world.store.theme(site, expected.version).await.unwrap().as_ref(), Some(&expected));
    assert_eq!(
        world.store.theme_sources(site, expected.version).await.unwrap().as_ref(),
        Some(&draft.sources)
    );
    assert_eq!(has(world, site, &draft.files).await, [true, true]);
    let published =
        Theme { state: ThemeState::Published, published_at: Some(after(9)), ..expected };
    assert_eq!(world.store.publish_theme(site, after(9)).await.unwrap(), Some(published.clone()));
    assert_eq!(world.store.theme(site, published.version).await.unwrap(), Some(published));
    // An update of the site's settings is no theme change.
    let settings = world.store.site(site).await.unwrap().unwrap();
    let settings = belfry_domain::Site { name: "Renamed".to_owned(), ..settings };
    let without = belfry_domain::Site { theme: None, ..settings.clone() };
    assert!(world.store.update_site(site, Box::new(|_| Ok(without))).await.unwrap().is_some());
    assert_eq!(world.store.site(site).await.unwrap(), Some(settings));
    assert_eq!(world.store.theme(site, ThemeVersion(2)).await.unwrap(), None);
    assert_eq!(world.store.theme_sources(site, ThemeVersion(2)).await.unwrap(), None);
    assert_eq!(world.store.theme_file(site, "00000000000000bb").await.unwrap(), None);
}

pub async fn new_draft_replaces_the_former(world: &TestStore) {
    let (site, _) = world.site("A").await;
    let first = store_draft(world, site, 1).await;
    assert!(world.store.add_preview_link(&link(&first, "link", 60)).await.is_ok());
    assert_eq!(store_draft(world, site, 3).await.version, ThemeVersion(2));
    assert_eq!(version_states(world, site).await, [(2, ThemeState::Draft)]);
    assert_eq!(world.store.theme_sources(site, first.version).await.unwrap(), None);
    assert_eq!(world.store.preview_link(site, &Digest::of("link"), NOW).await.unwrap(), None);
    // The picture of both versions is kept.
    assert_eq!(has(world, site, &theme(1).files).await, [false, true]);
    assert_eq!(has(world, site, &theme(3).files).await, [true, true]);
    // Numbers are not reused.
    assert_eq!(
        world.store.delete_theme(site, ThemeVersion(2)).await.unwrap(),
        DeleteThemeOutcome::Done
    );
    assert_eq!(store_draft(world, site, 1).await.version, ThemeVersion(3));
    assert!(theme_changes(world).is_empty());
    let missing = SiteId::generate(&world.rng);
    assert!(matches!(
        world.store.store_draft(missing, &theme(1), NOW).await,
        Err(StoreError::Conflict(_))
    ));
}

pub async fn draft_replaces_only_its_base(world: &TestStore) {
    let (site, _) = world.site("A").await;
    let over = async |former: Option<ThemeVersion>, number: u64| {
        world.store.replace_draft(site, former, &theme(number), NOW).await.unwrap()
    };
    assert_eq!(over(Some(ThemeVersion(1)), 1).await, None);
    let first = over(None, 1).await.unwrap();
    assert_eq!(over(None, 3).await, None);
    let second = over(Some(first.version), 3).await.unwrap();
    assert_eq!(over(Some(first.version), 1).await, None);
    assert_eq!(version_states(world, site).await, [(2, ThemeState::Draft)]);
    world.store.publish_theme(site, NOW).await.unwrap();
    assert_eq!(over(Some(second.version), 5).await, None);
    assert!(over(None, 5).await.is_some());
}

pub async fn equal_draft_is_the_same_version(world: &TestStore) {
    let (site, _) = world.site("A").await;
    let first = store_draft(world, site, 1).await;
    let mut again = theme(1);
    again.files.reverse();
    again.files.push(again.files[0].clone());
    assert_eq!(world.store.store_draft(site, &again, after(9)).await.unwrap(), first);
    let others: [fn(&mut ThemeDraft); 7] = [
        |draft| draft.sources.bell = None,
        |draft| draft.sources.card = Some(String::new()),
        |draft| draft.sources.css = draft.sources.css.take().map(|css| css + " "),
        |draft| draft.critical_css.push(' '),
        |draft| draft.stylesheet = draft.files[1].name.clone(),
        |draft| draft.warnings = "[1]".to_owned(),
        |draft| drop(draft.files.pop()),
    ];
    let mut last = first;
    for (turn, change) in others.into_iter().enumerate() {
        let mut draft = theme(1);
        change(&mut draft);
        let next = world.store.store_draft(site, &draft, NOW).await.unwrap();
        assert_eq!(next.version.0, last.version.0 + 1, "{turn}");
        last = next;
    }
    // The published version is no draft: uploading it again creates a new version.
    let published = world.store.publish_theme(site, NOW).await.unwrap().unwrap();
    assert_eq!(store_draft(world, site, 2).await.version.0, published.version.0 + 1);
    let once = publish(world, site, 1).await;
    assert_eq!(store_draft(world, site, 1).await.version.0, once.version.0 + 1);
}

pub async fn file_name_identifies_content(world: &TestStore) {
    let (site, _) = world.site("A").await;
    publish(world, site, 1).await;
    let mut forged = theme(3);
    forged.files[1].body = "other".into();
    let refused = world.store.store_draft(site, &forged, NOW).await;
    assert!(matches!(refused, Err(StoreError::Inconsistent(_))), "{refused:?}");
    assert_eq!(version_states(world, site).await, [(1, ThemeState::Published)]);
    assert_eq!(has(world, site, &theme(1).files).await, [true, true]);
    assert_eq!(has(world, site, &theme(3).files[..1]).await, [false]);
}

pub async fn rollback_publishes_a_superseded_version(world: &TestStore) {
    use ThemeState::{Draft, Published, Superseded};
    let (site, _) = world.site("A").await;
    let (one, two, three) = (ThemeVersion(1), ThemeVersion(2), ThemeVersion(3));
    let sheet = |number| Some(theme(number).stylesheet);
    assert_eq!(world.store.publish_theme(site, NOW).await.unwrap(), None);
    assert_eq!(
        world.store.roll_back_theme(site, None, NOW).await.unwrap(),
        RollbackOutcome::Unchanged(None)
    );
    assert_eq!(
        world.store.roll_back_theme(site, Some(one), NOW).await.unwrap(),
        RollbackOutcome::Unknown
    );
    assert!(theme_changes(world).is_empty());

    publish(world, site, 1).await;
    assert_eq!(theme_changes(world), [(site, Some(one), sheet(1))]);
    publish(world, site, 2).await;
    assert_eq!(theme_changes(world), [(site, Some(two), sheet(2))]);
    store_draft(world, site, 3).await;
    assert_eq!(version_states(world, site).await, [(3, Draft), (2, Published), (1, Superseded)]);
    let present = world.store.theme(site, two).await.unwrap();
    assert_eq!(
        world.store.roll_back_theme(site, Some(two), after(5)).await.unwrap(),
        RollbackOutcome::Unchanged(present)
    );
    assert_eq!(
        world.store.roll_back_theme(site, Some(three), after(5)).await.unwrap(),
        RollbackOutcome::Draft
    );
    assert!(theme_changes(world).is_empty());

    let back = world.store.roll_back_theme(site, Some(one), after(5)).await.unwrap();
    assert_eq!(back, RollbackOutcome::Done(world.store.theme(site, one).await.unwrap()));
    assert!(
        matches!(back, RollbackOutcome::Done(Some(theme)) if theme.published_at == Some(after(5)) && theme.created_at == NOW)
    );
    assert_eq!(theme_changes(world), [(site, Some(one), sheet(1))]);
    assert_eq!(version_states(world, site).await, [(3, Draft), (2, Superseded), (1, Published)]);
    assert_eq!(
        world.store.roll_back_theme(site, None, NOW).await.unwrap(),
        RollbackOutcome::Done(None)
    );
    assert_eq!(theme_changes(world), [(site, None, None)]);
    assert_eq!(version_states(world, site).await, [(3, Draft), (2, Superseded), (1, Superseded)]);
    assert_eq!(
        world.store.roll_back_theme(site, None, NOW).await.unwrap(),
        RollbackOutcome::Unchanged(None)
    );
    assert!(theme_changes(world).is_empty());
    assert!(
        matches!(world.store.publish_theme(site, NOW).await.unwrap(), Some(theme) if theme.version == three && theme.state == Published)
    );
    assert_eq!(world.store.publish_theme(site, NOW).await.unwrap(), None);
    assert_eq!(theme_changes(world), [(site, Some(three), sheet(3))]);
    assert_eq!(
        version_states(world, site).await,
        [(3, Published), (2, Superseded), (1, Superseded)]
    );
}

pub async fn concurrent_drafts_and_publishes_keep_one_each(world: &TestStore) {
    let (site, _) = world.site("A").await;
    let done = join_all((0..40).map(|number| async move {
        let draft = store_draft(world, site, number).await;
        (
            draft.version,
            world.store.publish_theme(site, NOW).await.unwrap().map(|theme| theme.version),
        )
    }))
    .await;
    assert_eq!(done.iter().map(|(draft, _)| draft).collect::<BTreeSet<_>>().len(), 40);
    let mut published: Vec<_> = done.into_iter().filter_map(|(_, published)| published).collect();
    published.sort();
    assert!(!published.is_empty());
    assert_eq!(
        theme_changes(world).into_iter().filter_map(|(_, version, _)| version).collect::<Vec<_>>(),
        published
    );
    let standing = version_states(world, site).await;
    for state in [ThemeState::Draft, ThemeState::Published] {
        assert!(standing.iter().filter(|(_, at)| *at == state).count() <= 1, "{standing:?}");
    }
}

pub async fn files_are_kept_while_referenced(world: &TestStore) {
    let (site, _) = world.site("A").await;
    let (one, two) = (publish(world, site, 1).await, publish(world, site, 3).await);
    theme_changes(world);
    assert_eq!(
        world.store.delete_theme(site, two.version).await.unwrap(),
        DeleteThemeOutcome::Published
    );
    assert_eq!(
        world.store.delete_theme(site, ThemeVersion(7)).await.unwrap(),
        DeleteThemeOutcome::Unknown
    );
    assert_eq!(
        world.store.delete_theme(site, one.version).await.unwrap(),
        DeleteThemeOutcome::Done
    );
    assert_eq!(
        world.store.delete_theme(site, one.version).await.unwrap(),
        DeleteThemeOutcome::Unknown
    );
    assert_eq!(version_states(world, site).await, [(2, ThemeState::Published)]);
    assert_eq!(has(world, site, &theme(1).files).await, [false, true]);
    assert_eq!(has(world, site, &theme(3).files).await, [true, true]);
    assert!(theme_changes(world).is_empty());
    world.store.roll_back_theme(site, None, NOW).await.unwrap();
    assert_eq!(
        world.store.delete_theme(site, two.version).await.unwrap(),
        DeleteThemeOutcome::Done
    );
    assert_eq!(has(world, site, &theme(3).files).await, [false, false]);
    assert_eq!(world.store.theme_sources(site, two.version).await.unwrap(), None);
    assert_eq!(
        world.store.roll_back_theme(site, Some(two.version), NOW).await.unwrap(),
        RollbackOutcome::Unknown
    );
}

pub async fn preview_link_ends_on_expiry_or_with_its_version(world: &TestStore) {
    let (site, _) = world.site("A").await;
    let (former, present) = (publish(world, site, 1).await, publish(world, site, 2).await);
    let (short, long, other) =
        (link(&former, "short", 10), link(&former, "long", 60), link(&present, "other", 60));
    for link in [&short, &long, &other] {
        world.store.add_preview_link(link).await.unwrap();
        assert_eq!(
            world.store.preview_link(site, &link.digest, NOW).await.unwrap().as_ref(),
            Some(link)
        );
    }
    assert_eq!(world.store.preview_link(site, &short.digest, after(10)).await.unwrap(), None);
    assert_eq!(world.store.preview_link(site, &Digest::of("guess"), NOW).await.unwrap(), None);
    assert_eq!(world.store.sweep(after(9)).await.unwrap(), 0);
    assert_eq!(world.store.sweep(after(10)).await.unwrap(), 1);
    assert_eq!(world.store.preview_link(site, &short.digest, NOW).await.unwrap(), None);
    assert_eq!(
        world.store.preview_link(site, &long.digest, after(59)).await.unwrap().as_ref(),
        Some(&long)
    );
    assert_eq!(
        world.store.delete_theme(site, former.version).await.unwrap(),
        DeleteThemeOutcome::Done
    );
    assert_eq!(world.store.preview_link(site, &long.digest, NOW).await.unwrap(), None);
    assert_eq!(world.store.preview_link(site, &other.digest, NOW).await.unwrap(), Some(other));
    // A link to a missing version is rejected.
    assert!(matches!(world.store.add_preview_link(&long).await, Err(StoreError::Conflict(_))));
    assert_eq!(world.store.sweep(after(60)).await.unwrap(), 1);
}
