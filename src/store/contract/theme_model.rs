//! Random sequences of uploads, publications and deletions against a simple model.

use super::{
    test_store::{NOW, TestStore, theme},
    themes::version_states,
};
use crate::property_tests;
use crate::{
    domain::{InboxEvent, SiteId, ThemeState, ThemeVersion},
    store::{DeleteThemeOutcome, RollbackOutcome},
};
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
    made: u32,
}

impl Model {
    fn find(&self, state: ThemeState) -> Option<u32> {
        self.versions.iter().find(|(_, (at, _))| *at == state).map(|(version, _)| *version)
    }

    fn change(&mut self, to: Option<u32>) {
        for (version, (state, _)) in &mut self.versions {
            if Some(*version) == to {
                *state = ThemeState::InForce;
            } else if *state == ThemeState::InForce {
                *state = ThemeState::Former;
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
        self.made += 1;
        self.versions.insert(self.made, (ThemeState::Draft, upload));
        self.made
    }
}

/// Applies it to both and returns whether the published theme changed.
async fn run(world: &TestStore, site: SiteId, model: &mut Model, event: &Event) -> bool {
    match *event {
        Event::Put(upload) => {
            assert_eq!(
                world.store.put_draft(site, &theme(upload), NOW).await.unwrap().version.0,
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
            let present = model.find(ThemeState::InForce);
            let state = to.map(|version| model.versions.get(&version).map(|(state, _)| *state));
            match world.store.roll_back_theme(site, to.map(ThemeVersion), NOW).await.unwrap() {
                RollbackOutcome::Done(theme) => {
                    assert_eq!(theme.map(|theme| theme.version.0), to);
                    assert!(
                        matches!(state, None | Some(Some(ThemeState::Former))) && to != present
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
                Some((ThemeState::InForce, _)) => DeleteThemeOutcome::InForce,
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
    world.heard.take();
    for event in events {
        let changed = run(world, site, &mut model, &event).await;
        let expected: Vec<_> =
            model.versions.iter().rev().map(|(version, (state, _))| (*version, *state)).collect();
        assert_eq!(version_states(world, site).await, expected, "after {event:?}");
        let heard = world.heard.take();
        let present = model.find(ThemeState::InForce);
        let sheet = present.map(|version| theme(model.versions[&version].1).sheet);
        assert_eq!(heard.len(), usize::from(changed), "{heard:?} after {event:?}");
        for change in heard {
            assert!(
                matches!(&change, InboxEvent::Themed { theme, sheet: told, .. } if theme.map(|version| version.0) == present && *told == sheet)
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
    let mut runner = property_tests::runner(48, file!());
    let outcome = runner.run(&prop::collection::vec(event(), 1..30), |events| {
        block_in_place(|| Handle::current().block_on(course(world, events)));
        Ok(())
    });
    if let Err(failure) = outcome {
        panic!("{failure}");
    }
}
