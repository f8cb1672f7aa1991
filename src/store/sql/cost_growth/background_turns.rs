//! Checks that background work lets other writes in between, however much is due.
//!
//! Counted in steps and commits, not in seconds. The length of a turn depends on the clock; counted
//! is the step after which a turn ends when a command waits. Inserting a million rows would take
//! minutes in an unoptimised build; since the wait is bounded by one step, a few thousand rows
//! prove the same.

use super::{
    dataset,
    scenario::{Scenario, days},
};
use crate::{
    DeleteSegmentOutcome, MAX_ACCOUNT_WEBHOOKS,
    contract::{channel::SITE, segments::segment_draft, test_store::NOW},
};
use belfry_domain::{
    Audience, Condition, ContactId, EndpointUrl, Language, MessageEdit, Rule, SigningSecret,
    SiteSettings,
    channel::{
        AccountWebhookDraft, ConversationEventKind, ConversationNumber, MessageKind, NewMessage,
        Performer,
    },
};
use tokio::time::Instant;

/// Messages to everyone above the retention cap.
const EXCESS_MESSAGES: i64 = 20_000;
/// Token calls concurrent with the sweep.
const TOKEN_CALLS: u64 = 50;
/// The assumed cost of a commit: with an ordinary disk it takes about as long as this many steps.
const COMMIT_STEPS: u64 = 5_000;
/// The most steps of one background step, with what shares its commit. An optimised build does
/// about 5 million steps per second when it deletes rows with their indexes, and about 70 million
/// when it only reads rows, as when it looks for the excess of a feed. So this is at most a
/// millisecond.
const MAX_STEPS_PER_TURN: u64 = 10_000;
/// Waking a conversation can't be split: it leaves and enters every list of its 20 labels, and 20
/// webhooks and a callback URL receive the event.
const MAX_WAKE_STEPS: u64 = 25_000;
const WAKE_CASE: &str = "snoozed conversations";

/// The mean wait of a token call: steps and commits of the writer between request and response.
async fn token_call(s: &Scenario) -> u64 {
    let counters = &s.database.counters;
    let mut total = 0;
    for _ in 0..TOKEN_CALLS {
        let token = s.world.token(&s.key, s.reader);
        let before = counters.writer_steps() + counters.turns() * COMMIT_STEPS;
        s.world.add_token(&token).await.unwrap();
        total += counters.writer_steps() + counters.turns() * COMMIT_STEPS - before;
    }
    total / TOKEN_CALLS
}

#[tokio::test]
async fn token_call_during_a_sweep_costs_at_most_twice() {
    let s = Scenario::new(1).await;
    s.database.execute(dataset::messages_to(0, EXCESS_MESSAGES)).await;
    let alone = token_call(&s).await;
    let (turns, store) = (s.database.counters.turns(), s.world.store.clone());
    let sweep = tokio::spawn(async move { store.forget_messages(NOW).await });
    while s.database.counters.turns() == turns {
        tokio::task::yield_now().await;
    }
    let beside = token_call(&s).await;
    assert!(!sweep.is_finished(), "the sweep ended before the calls did");
    sweep.abort();
    println!("a token call alone: {alone} steps, during a sweep: {beside}");
    assert!(
        beside <= alone * 2,
        "{beside} steps during a sweep and {alone} alone, with {COMMIT_STEPS} per commit"
    );
}

/// The most steps between two commits while a job runs to its end. In tests a turn of the writer is
/// one step of the job.
async fn longest_step(s: &Scenario, job: impl Future<Output = crate::Result<u64>>) -> u64 {
    s.database.counters.take_longest_turn();
    assert!(job.await.unwrap() > 0, "nothing was due");
    s.database.counters.take_longest_turn()
}

/// Prints how long the writer is busy at a time, without disk waits.
#[tokio::test]
#[ignore = "prints times without asserting them: they depend on the machine"]
async fn print_fan_out_times() {
    let s = Scenario::new(1).await;
    let store = &s.world.store;
    for (name, site) in
        [("with an endpoint that receives snapshots", s.site), ("without one", s.small_site)]
    {
        let contacts = s.crowd(site, Audience::MAX_NAMED_CONTACTS).await;
        let message = s.world.message(site, Some(&contacts));
        let edit = MessageEdit { pinned: Some(true), ..MessageEdit::default() };
        for act in ["publish", "edit", "recall"] {
            let begun = Instant::now();
            match act {
                "publish" => drop(store.publish(&message, None, NOW).await.unwrap()),
                "edit" => drop(store.edit_message(site, message.id, &edit, NOW).await.unwrap()),
                _ => assert!(store.recall_message(site, message.id, NOW).await.unwrap()),
            }
            let (acknowledged, mut parts) = (begun.elapsed(), Vec::new());
            loop {
                let begun = Instant::now();
                if !store.fan_out(NOW).await.unwrap() {
                    break;
                }
                parts.push(begun.elapsed());
            }
            parts.sort();
            let (median, longest) = (parts.get(parts.len() / 2), parts.last());
            println!(
                "{act} {name}: answered after {acknowledged:?}, {} parts, median {median:?}, longest {longest:?}",
                parts.len()
            );
        }
    }
}

/// A message to the maximum number of contacts: the longest turn of each command, and of the
/// background work after it.
async fn fan_out(s: &Scenario) -> Vec<(&'static str, u64)> {
    let (store, many) = (&s.world.store, Audience::MAX_NAMED_CONTACTS);
    // A site with an endpoint that receives snapshots, and one without.
    let mut longest = Vec::new();
    for site in [s.site, s.small_site] {
        let contacts = s.crowd(site, many).await;
        let message = s.world.message(site, Some(&contacts));
        let parts = async || {
            let mut parts = 0;
            while store.fan_out(NOW).await? {
                parts += 1;
            }
            Ok(parts)
        };
        s.database.counters.take_longest_turn();
        store.publish(&message, None, NOW).await.unwrap();
        longest.push(("publish to many", s.database.counters.take_longest_turn()));
        longest.push(("to many", longest_step(s, parts()).await));
        let edit = MessageEdit { pinned: Some(true), ..MessageEdit::default() };
        store.edit_message(site, message.id, &edit, NOW).await.unwrap();
        longest.push(("edit to many", s.database.counters.take_longest_turn()));
        longest.push(("edited to many", longest_step(s, parts()).await));
        store.recall_message(site, message.id, NOW).await.unwrap();
        longest.push(("recall to many", s.database.counters.take_longest_turn()));
        longest.push(("recalled to many", longest_step(s, parts()).await));
    }
    longest
}

/// A segment with lists of the maximum size: created, replaced, and described again by a message.
async fn long_lists(s: &Scenario) -> Vec<(&'static str, u64)> {
    let store = &s.world.store;
    let (site, _) = s.world.site("Lists").await;
    let contacts = s.crowd(site, Rule::CONTACTS + 1).await;
    let (some, others) = (contacts[1..].to_vec(), contacts[..Rule::CONTACTS].to_vec());
    let mut longest = Vec::new();
    let mut take = |name| longest.push((name, s.database.counters.take_longest_turn()));
    let listed = |name, contacts: &Vec<ContactId>| {
        segment_draft(name, Condition::Contacts(0), vec![contacts.clone()])
    };
    take("before the long lists");
    let segment = store.add_segment(site, &listed(Some("some"), &some), NOW).await.unwrap();
    take("add a segment with a long list");
    let changed = store
        .update_segment(
            site,
            segment.id,
            &listed(Some("others"), &others),
            Some(&segment.revision()),
            NOW,
        )
        .await
        .unwrap();
    take("change a segment with a long list");
    assert_eq!(changed, store.segment(site, segment.id).await.unwrap());
    for _ in 0..2 {
        store.add_segment(site, &listed(None, &some), NOW).await.unwrap();
        take("inline segment with a long list");
    }
    assert_eq!(store.delete_segment(site, segment.id).await.unwrap(), DeleteSegmentOutcome::Done);
    take("delete a segment with a long list");
    longest.split_off(1)
}

/// Waking conversations, failed messages, an erased contact and a deleted inbox, where each
/// conversation has the maximum of everything, and the maximum number of endpoints subscribe.
async fn conversations(s: &Scenario) -> Vec<(&'static str, u64)> {
    let store = &s.world.store;
    s.database.execute(dataset::FULL_CONVERSATIONS.to_owned()).await;
    let words = (0..3_000).map(|number| format!("word{number} ")).collect::<Vec<_>>().concat();
    let long = NewMessage::text(MessageKind::Incoming, words);
    for number in 1..4 {
        store
            .post_message(s.site, SITE, ConversationNumber(number), &long, &Performer::Contact, NOW)
            .await
            .unwrap()
            .unwrap();
    }
    let secret = SigningSecret::generate(&s.world.rng);
    for number in 0..MAX_ACCOUNT_WEBHOOKS {
        let url = EndpointUrl::parse(&format!("https://hooks.example/{number}")).unwrap();
        let draft = AccountWebhookDraft {
            name: None,
            url,
            subscriptions: ConversationEventKind::EACH.to_vec(),
        };
        store.create_account_webhook(s.site, &draft, &secret, NOW).await.unwrap().unwrap();
    }
    s.database.execute(dataset::SNOOZE_ALL.to_owned()).await;
    let wake = async { Ok(u64::from(store.wake_snoozed(days(40)).await?.is_none())) };
    let mut longest = vec![(WAKE_CASE, longest_step(s, wake).await)];
    s.database.execute(dataset::UNDELIVERED_MESSAGES.to_owned()).await;
    longest.push(("messages given up", longest_step(s, store.sweep_deliveries(days(40))).await));
    s.database.execute(dataset::ALL_OF_ONE_CONTACT.to_owned()).await;
    assert!(store.erase_channel_contact(s.site, ContactId(1), NOW).await.unwrap());
    longest.push(("conversations of a contact", longest_step(s, store.sweep_channel(NOW)).await));
    let inbox = store.channel_inboxes(s.site, SITE).await.unwrap().remove(0).id;
    s.database.counters.take_longest_turn();
    assert!(store.delete_inbox(s.site, inbox, NOW).await.unwrap());
    longest.push(("delete an inbox", s.database.counters.take_longest_turn()));
    longest.push(("conversations of an inbox", longest_step(s, store.sweep_channel(NOW)).await));
    longest
}

#[tokio::test]
async fn background_steps_are_bounded() {
    let s = Scenario::new(20).await;
    let store = &s.world.store;
    for feed in [3, 0] {
        s.database.execute(dataset::messages_to(feed, 1_100)).await;
    }
    let mut longest = vec![("retention cap", longest_step(&s, store.forget_messages(NOW)).await)];
    let scheduled = async {
        let next = store.advance(days(2)).await?;
        Ok(next.map_or(0, |next| u64::from(next > NOW)))
    };
    longest.push(("schedule", longest_step(&s, scheduled).await));
    let imports = async {
        let mut parts = 0;
        while store.advance_imports(NOW).await? {
            parts += 1;
        }
        Ok(parts)
    };
    longest.push(("imports", longest_step(&s, imports).await));
    longest.push(("deliveries", longest_step(&s, store.sweep_deliveries(days(40))).await));
    longest.extend(fan_out(&s).await);
    longest.extend(long_lists(&s).await);
    longest.extend(conversations(&s).await);
    let keeping = SiteSettings::new(vec![Language::english()], Some(1), Vec::new()).unwrap();
    store.update_settings(s.site, &keeping).await.unwrap();
    longest.push(("retention", longest_step(&s, store.forget_messages(days(3))).await));
    longest.push(("expired credentials", longest_step(&s, store.sweep(days(40))).await));
    println!("the longest steps of background work: {longest:?}");
    let too_long: Vec<_> = longest
        .iter()
        .filter(|(name, steps)| {
            *steps > if *name == WAKE_CASE { MAX_WAKE_STEPS } else { MAX_STEPS_PER_TURN }
        })
        .collect();
    assert!(
        too_long.is_empty(),
        "more than {MAX_STEPS_PER_TURN} steps before another command can run: {too_long:?}"
    );
}
