//! Random operations by three agents, two customers and an administrator who revokes keys, over two
//! inboxes, dropped sockets and server restarts: whenever nothing is in flight, each agent's lists
//! equal those of a model.

mod agent;
mod state;

use agent::ModelAgent;
use state::{ModelConversation, ModelState};
use std::time::{Duration, Instant};

/// Far longer than a list takes.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(20);
const STEPS: u32 = 160;

/// A deterministic random number generator.
pub struct TestRng(u64);

impl TestRng {
    /// A number below `sides`.
    pub fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % sides as u64).unwrap()
    }

    pub fn coin(&mut self) -> bool {
        self.roll(2) == 0
    }
}

/// Waits until the agent's lists equal those of the model.
async fn compare(fixture: &ModelState, seat: &mut ModelAgent, step: &str) {
    let begun = Instant::now();
    loop {
        seat.receive_all().await;
        let differ: Vec<_> = seat
            .lists()
            .into_iter()
            .filter(|(list, told)| *told != fixture.list(seat, list))
            .collect();
        if differ.is_empty() {
            return;
        }
        let expected: Vec<_> = differ.iter().map(|(list, _)| fixture.list(seat, list)).collect();
        assert!(
            begun.elapsed() < ANSWER_TIMEOUT,
            "{step}: {} has {differ:?}, not {expected:?}",
            seat.name
        );
    }
}

async fn assert_settled(fixture: &ModelState, seats: &mut [ModelAgent], step: &str) {
    for seat in seats.iter_mut().filter(|seat| seat.is_connected()) {
        compare(fixture, seat, step).await;
    }
}

async fn run(seed: u64) {
    let mut dice = TestRng(seed);
    let mut fixture = ModelState::open().await;
    let mut seats = ModelAgent::three_lists(&fixture).await;
    for step in 0..STEPS {
        let who = dice.roll(seats.len());
        let step = format!("seed {seed}, step {step}");
        match dice.roll(24) {
            0..=3 => fixture.begin(&mut dice).await,
            4 | 5 => fixture.write(&mut dice).await,
            6..=12 if seats[who].is_connected() => {
                act(&mut fixture, &mut seats[who], &mut dice, &step).await;
            }
            13 | 14 => fixture.administer(&seats, &mut dice).await,
            15 => fixture.erase(&mut dice).await,
            16 => seats[who].revoke(&fixture).await,
            17 => seats[who].drop_socket(),
            18 | 19 if !seats[who].is_connected() => seats[who].connect(&fixture).await,
            20 if dice.coin() => {
                fixture = fixture.restart().await;
                for seat in &mut seats {
                    seat.lose_socket().await;
                }
            }
            _ => assert_settled(&fixture, &mut seats, &step).await,
        }
    }
    for seat in &mut seats {
        if !seat.is_connected() {
            seat.connect(&fixture).await;
        }
    }
    assert_settled(&fixture, &mut seats, "the end").await;
    fixture.close().await;
}

/// A random action of an agent over the socket. Invisible conversations are not found.
async fn act(fixture: &mut ModelState, seat: &mut ModelAgent, dice: &mut TestRng, step: &str) {
    if dice.roll(6) == 0 {
        return start(fixture, seat, dice, step).await;
    }
    let Some(at) = fixture.pick(dice) else { return };
    let (sees, id, is_on) =
        (seat.sees(&fixture.conversations[at]), fixture.conversations[at].id.clone(), dice.coin());
    let kind = dice.roll(4);
    let answer = match kind {
        0 => {
            seat.request("assign", serde_json::json!({ "conversation_id": id, "to_me": is_on }))
                .await
        }
        1 => seat.request("watch", serde_json::json!({ "conversation_id": id, "on": is_on })).await,
        2 => seat.request("close", serde_json::json!({ "conversation_id": id })).await,
        _ => seat.request("reopen", serde_json::json!({ "conversation_id": id })).await,
    };
    if !sees {
        assert_eq!(
            (&answer["status"], &answer["response"]["reason"]),
            (&"error".into(), &"not_found".into()),
            "{step}: {answer}"
        );
        return;
    }
    assert_eq!(
        (&answer["status"], &answer["response"]["conversation"]["id"]),
        (&"ok".into(), &id.as_str().into()),
        "{step}: {answer}"
    );
    let talk: &mut ModelConversation = &mut fixture.conversations[at];
    match kind {
        0 => talk.assignee = is_on.then_some(seat.id),
        1 if is_on => drop(talk.watchers.insert(seat.id)),
        1 => drop(talk.watchers.remove(&seat.id)),
        2 => talk.set(belfry_domain::channel::ConversationStatus::Resolved),
        _ => talk.set(belfry_domain::channel::ConversationStatus::Open),
    }
}

/// An agent starts a conversation with a customer, or finds the existing one.
async fn start(fixture: &mut ModelState, seat: &mut ModelAgent, dice: &mut TestRng, step: &str) {
    let (inbox, contact) = (dice.roll(2), dice.roll(2));
    let payload = serde_json::json!({ "channel_id": fixture.inbox_uuid(inbox), "address": fixture.phone(contact) });
    let answer = seat.request("start_conversation", payload).await;
    if !seat.is_in(inbox) {
        assert_eq!(answer["response"]["reason"], "unknown_channel", "{step}: {answer}");
        return;
    }
    let id = answer["response"]["conversation"]["id"]
        .as_str()
        .unwrap_or_else(|| panic!("{step}: {answer}"));
    if let Some(there) = fixture.unresolved(inbox, contact) {
        assert_eq!(there.id, id, "{step}");
    } else {
        fixture.add(id, inbox, contact, Some(seat.id)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn agents_lists_equal_those_of_a_model() {
    // Concurrently, because each run mostly waits for commits.
    futures_util::future::join_all([1, 2, 3].map(run)).await;
}
