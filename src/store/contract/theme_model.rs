//! Random sequences of uploads, publications and deletions against a simple model.

use super::{
    test_store::{NOW, TestStore, theme},
    themes::version_states,
};
use crate::{DeleteThemeOutcome, RollbackOutcome};
use belfry_domain::{InboxEvent, SiteId, ThemeState, ThemeVersion};
use proptest::prelude::*;
use std::collections::BTreeMap;
use tokio::{runtime::Handle, task::block_in_place};

/// Number of different uploads.
const UPLOADS: u64 = 4;

#[derive(Debug, Clone)]
enum Event {
    Put(u64),
    Publish,
    RollBack(Option<u32>),
    Delete(u32),
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        4 => (0..UPLOADS).prop_map(Event::Put),
        3 => Just(Event::Publish),
        3 => prop::option::weighted(0.8, 1..9_u32).prop_map(Event::RollBack),
        2 => (1..9_u32).prop_map(Event::Delete),
    ]
}

/// The existing versions, each with its upload; and how many were ever created.
#[derive(Default)]
struct Model {
    versions: BTreeMap<u32, (ThemeState, u64)>,
    created: u32,
}

impl Model {
    fn find(&self, state: ThemeState) -> Option<u32> {
        self.versions.iter().find(|(_, (at, _))| *at == state).map(|(version, _)| *version)
    }

    fn change(&mut self, to: Option<u32>) {
        for (version, (state, _)) in &mut self.versions {
            if Some(*version) == to {
                *state = ThemeState::Published;
            } else if *state == ThemeState::Published {
                *state = ThemeState::Superseded;
            }
        }
    }

    fn put(&mut self, upload: u64) -> u32 {
        if let Some(draft) = self.find(ThemeState::Draft) {
            if self.versions[&draft].1 == upload {
                return draft;
            }
            self.versions.remove(&draft);
        }
        self.created += 1;
        self.versions.insert(self.created, (ThemeState::Draft, upload));
        self.created
    }
}

/// Applies it to both and returns whether the published theme changed.
async fn run(world: &TestStore, site: SiteId, model: &mut Model, event: &Event) -> bool {
    match *event {
        Event::Put(upload) => {
            assert_eq!(
                world.store.store_draft(site, &theme(upload), NOW).await.unwrap().version.0,
                model.put(upload)
            );
            false
        }
        Event::Publish => {
            let draft = model.find(ThemeState::Draft);
            assert_eq!(
                world.store.publish_theme(site, NOW).await.unwrap().map(|theme| theme.version.0),
                draft
            );
            if draft.is_some() {
                model.change(draft);
            }
            draft.is_some()
        }
        Event::RollBack(to) => {
            let present = model.find(ThemeState::Published);
            let state = to.map(|version| model.versions.get(&version).map(|(state, _)| *state));
            match world.store.roll_back_theme(site, to.map(ThemeVersion), NOW).await.unwrap() {
                RollbackOutcome::Done(theme) => {
                    assert_eq!(theme.map(|theme| theme.version.0), to);
                    assert!(
                        matches!(state, None | Some(Some(ThemeState::Superseded))) && to != present
                    );
                    model.change(to);
                    return true;
                }
                RollbackOutcome::Unchanged(theme) => {
                    assert_eq!((theme.map(|theme| theme.version.0), to), (present, present));
                }
                RollbackOutcome::Unknown => assert_eq!(state, Some(None)),
                RollbackOutcome::Draft => assert_eq!(state, Some(Some(ThemeState::Draft))),
            }
            false
        }
        Event::Delete(version) => {
            let expected = match model.versions.get(&version) {
                None => DeleteThemeOutcome::Unknown,
                Some((ThemeState::Published, _)) => DeleteThemeOutcome::Published,
                Some(_) => {
                    model.versions.remove(&version);
                    DeleteThemeOutcome::Done
                }
            };
            assert_eq!(
                world.store.delete_theme(site, ThemeVersion(version)).await.unwrap(),
                expected
            );
            false
        }
    }
}

async fn course(world: &TestStore, events: Vec<Event>) {
    let (site, _) = world.site("A").await;
    let mut model = Model::default();
    world.events.take();
    for event in events {
        let changed = run(world, site, &mut model, &event).await;
        let expected: Vec<_> =
            model.versions.iter().rev().map(|(version, (state, _))| (*version, *state)).collect();
        assert_eq!(version_states(world, site).await, expected, "after {event:?}");
        let all_events = world.events.take();
        let present = model.find(ThemeState::Published);
        let sheet = present.map(|version| theme(model.versions[&version].1).stylesheet);
        assert_eq!(all_events.len(), usize::from(changed), "{all_events:?} after {event:?}");
        for change in all_events {
            assert!(
                matches!(&change, InboxEvent::ThemeChanged { theme, stylesheet: told, .. } if theme.map(|version| version.0) == present && *told == sheet)
            );
        }
        for upload in 0..UPLOADS {
            for file in theme(upload).files {
                let named = model.versions.values().any(|(_, of)| theme(*of).files.contains(&file));
                assert_eq!(
                    world.store.theme_file(site, &file.name).await.unwrap(),
                    named.then_some(file),
                    "after {event:?}"
                );
            }
        }
    }
}

pub async fn themes_agree_with_a_simple_model(world: &TestStore) {
    let mut runner = belfry_testing::runner(48, file!());
    let outcome = runner.run(&prop::collection::vec(event(), 1..30), |events| {
        block_in_place(|| Handle::current().block_on(course(world, events)));
        Ok(())
    });
    if let Err(failure) = outcome {
        panic!("{failure}");
    }
}
