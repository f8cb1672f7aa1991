//! The events of the model, with their weights.

use super::{CATEGORIES, READERS};
use belfry_domain::ReaderActionKind;
use proptest::prelude::*;
use std::collections::BTreeSet;

/// An event. A message is named by the number of later ones, a reader by its index.
#[derive(Debug, Clone)]
pub(super) enum Event {
    Publish {
        to: Option<BTreeSet<usize>>,
        /// By segment rather than by name.
        segment: bool,
        /// With more contacts than fit one part of a fan-out.
        is_crowded: bool,
        pinned: bool,
        publish_at: Option<u64>,
        lifetime: Option<u64>,
        category: Option<&'static str>,
    },
    /// Mutes exactly these categories.
    Mute(usize, BTreeSet<&'static str>),
    /// Up to the message followed by that many others, or up to now.
    Seen(usize, Option<usize>),
    Action(usize, ReaderActionKind, Vec<usize>),
    AllRead(usize, Option<usize>),
    /// Of the "all read" followed by that many others of the same reader.
    UndoAllRead(usize, usize),
    Clicked(usize, usize),
    /// Like `Seen`.
    Delivered(usize, Option<usize>),
    Recall(usize),
    Wait(u64),
    Advance,
    Erase(usize),
}

pub(super) fn event() -> impl Strategy<Value = Event> {
    let to = prop_oneof![
        Just(None),
        prop::collection::btree_set(0..READERS, 1..=READERS).prop_map(Some)
    ];
    let publish = (
        to,
        prop::bool::weighted(0.5),
        prop::bool::weighted(0.2),
        prop::bool::weighted(0.2),
        prop::option::weighted(0.2, 1_u64..30),
        prop::option::weighted(0.3, 1_u64..40),
        prop::option::of(prop::sample::select(&CATEGORIES)),
    )
        .prop_map(|(to, segment, is_crowded, pinned, publish_at, lifetime, category)| {
            Event::Publish { to, segment, is_crowded, pinned, publish_at, lifetime, category }
        });
    let mutes = prop::collection::btree_set(prop::sample::select(&CATEGORIES), 0..=2);
    let until = prop::option::of(0..8_usize);
    let action = prop_oneof![3 => Just(ReaderActionKind::Read), 3 => Just(ReaderActionKind::Unread), 2 => Just(ReaderActionKind::Archive), 1 => Just(ReaderActionKind::Delete), 2 => Just(ReaderActionKind::Restore), 2 => Just(ReaderActionKind::Undelete)];
    prop_oneof![
        5 => publish,
        2 => (0..READERS, until.clone()).prop_map(|(reader, until)| Event::Seen(reader, until)),
        12 => (0..READERS, action, prop::collection::vec(0..8_usize, 1..4)).prop_map(|(reader, verb, messages)| Event::Action(reader, verb, messages)),
        2 => (0..READERS, until).prop_map(|(reader, until)| Event::AllRead(reader, until)),
        2 => (0..READERS, prop_oneof![6 => Just(0), 1 => Just(1_usize)]).prop_map(|(reader, back)| Event::UndoAllRead(reader, back)),
        2 => (0..READERS, 0..8_usize).prop_map(|(reader, message)| Event::Clicked(reader, message)),
        2 => (0..READERS, prop::option::of(0..8_usize)).prop_map(|(reader, until)| Event::Delivered(reader, until)),
        1 => (0..6_usize).prop_map(Event::Recall),
        3 => (1_u64..15).prop_map(Event::Wait),
        3 => Just(Event::Advance),
        1 => (0..READERS).prop_map(Event::Erase),
        2 => (0..READERS, mutes).prop_map(|(reader, categories)| Event::Mute(reader, categories)),
    ]
}
