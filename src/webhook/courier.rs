//! The one task that sends. Nothing is polled: it wakes when something was queued, when something becomes due, or when an answer came.

use super::{
    conversation::{self, Forms},
    request::request,
    retry::verdict,
};
use crate::{
    content::wire::PresenceView,
    domain::{
        Clock, ClockWatch, DeliveryAttempt, DeliveryOutcome, DueDelivery, EndpointKind, EndpointUrl, Entropy, Origin, Outbound, Timestamp, Verdict,
    },
    store::{Room, Store},
};
use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::{
    task::{Id, JoinError, JoinSet},
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;

/// Deliveries under way: in all, at one endpoint, and for one site.
const ROOM: Room = Room { total: 128, endpoint: 4, site: 12, after: 0 };
/// Longest time for which what another process queued, or a clock that was set, may go unnoticed.
const LOOK: Duration = Duration::from_secs(30);
/// Before the store is asked again when it failed.
const PATIENCE: Duration = Duration::from_secs(1);
/// No attempt takes longer, whatever the one that makes requests has promised.
const DEADLINE: Duration = Duration::from_secs(20);
/// Between two sweeps.
const SWEEP: Duration = Duration::from_mins(1);
/// Characters of a failure that are kept.
const REASON: usize = 500;

/// Sends what is due.
#[derive(Clone)]
pub struct Courier {
    store: Arc<dyn Store>,
    outbound: Arc<dyn Outbound>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    watch: ClockWatch,
    look: Duration,
    forms: Forms,
}

impl Courier {
    /// A courier that does nothing until [`Courier::run`].
    pub fn new(store: Arc<dyn Store>, outbound: Arc<dyn Outbound>, clock: Arc<dyn Clock>, entropy: Arc<dyn Entropy>) -> Self {
        Self { store, outbound, clock, entropy, watch: ClockWatch::default(), look: LOOK, forms: Forms::default() }
    }

    /// The same, which knows of the clock what others know.
    #[must_use]
    pub fn watching(self, watch: ClockWatch) -> Self {
        Self { watch, ..self }
    }

    /// Looks around at least so often, for a clock that is moved by hand.
    #[must_use]
    pub fn looking_every(self, look: Duration) -> Self {
        Self { look, ..self }
    }

    /// The same, which can write out events of conversations: with addresses below this one, and what is known of who is online.
    #[must_use]
    pub fn telling_of_conversations(self, public_url: Origin, presence: Arc<dyn PresenceView>) -> Self {
        Self { forms: Forms { public_url: Some(public_url), presence }, ..self }
    }

    /// Sends until `stop`; then what is under way is finished and kept.
    pub async fn run(self, stop: CancellationToken) {
        let mut flights = Flights::default();
        let mut after = 0;
        let mut swept: Option<Instant> = None;
        while !stop.is_cancelled() {
            self.keep(&mut flights).await;
            if swept.is_none_or(|at| at.elapsed() >= SWEEP) {
                swept = Some(Instant::now());
                self.sweep().await;
            }
            let wait = self.depart(&mut flights, &mut after).await;
            tokio::select! {
                () = stop.cancelled() => break,
                () = self.store.delivery_queued() => {}
                () = sleep(wait) => {}
                Some(landed) = flights.tasks.join_next_with_id(), if !flights.tasks.is_empty() => flights.land(landed),
            }
        }
        while let Some(landed) = flights.tasks.join_next_with_id().await {
            flights.land(landed);
        }
        self.keep(&mut flights).await;
    }

    /// Sends what is due and fits; gives how long nothing else becomes due.
    async fn depart(&self, flights: &mut Flights, after: &mut i64) -> Duration {
        let under_way: Vec<(i64, i64)> = flights.under_way.values().copied().chain(flights.landed.iter().map(|(place, _)| *place)).collect();
        let room = Room { total: ROOM.total.saturating_sub(under_way.len()), after: *after, ..ROOM };
        let now = self.clock.now();
        match self.store.due_deliveries(now, &under_way, room).await {
            Ok(due) => {
                for delivery in due.deliveries {
                    *after = delivery.endpoint;
                    let place = (delivery.endpoint, delivery.number);
                    let courier = self.clone();
                    let task = flights.tasks.spawn(async move { courier.attempt(delivery).await });
                    flights.under_way.insert(task.id(), place);
                }
                let wait = due.next.map_or(self.look, |next| now.until(next).min(self.look));
                if flights.landed.is_empty() { wait } else { wait.min(PATIENCE) }
            }
            Err(error) => {
                tracing::error!(%error, "what is to be sent to webhooks could not be read; trying again");
                PATIENCE
            }
        }
    }

    /// Keeps what came of attempts, as many as there are in one write. Until that is done they count as under way: what could not be kept
    /// must not be sent again and again.
    async fn keep(&self, flights: &mut Flights) {
        while let Some(landed) = flights.tasks.try_join_next_with_id() {
            flights.land(landed);
        }
        if flights.landed.is_empty() {
            return;
        }
        let outcomes: Vec<DeliveryOutcome> = flights.landed.iter().map(|(_, outcome)| outcome.clone()).collect();
        match self.store.finish_deliveries(&outcomes).await {
            Ok(()) => flights.landed.clear(),
            Err(error) => tracing::error!(%error, "what came of deliveries could not be kept; trying again"),
        }
    }

    async fn sweep(&self) {
        if !self.watch.may_delete(&*self.clock) {
            return;
        }
        if let Err(error) = self.store.sweep_deliveries(self.clock.now()).await {
            tracing::error!(%error, "old deliveries could not be forgotten; trying again later");
        }
    }

    async fn attempt(self, delivery: DueDelivery) -> DeliveryOutcome {
        let at = self.clock.now();
        let begun = Instant::now();
        let answer = self.call(&delivery, at).await;
        let (attempt, retry_after) = match answer {
            Ok(answer) => {
                let error = (!(200..300).contains(&answer.status)).then(|| refusal(answer.status));
                (DeliveryAttempt { status: Some(answer.status), error, answer: Some(answer.excerpt), millis: None }, answer.retry_after)
            }
            Err(reason) => (DeliveryAttempt { error: Some(reason.chars().take(REASON).collect()), ..DeliveryAttempt::default() }, None),
        };
        let millis = u32::try_from(begun.elapsed().as_millis()).ok();
        let ended = self.clock.now();
        let verdict = verdict(&delivery, attempt.status, retry_after.as_deref(), ended, &*self.entropy);
        if verdict != Verdict::Done {
            tracing::info!(site = %delivery.site, delivery = delivery.number, status = attempt.status, ?verdict, "a webhook was not taken");
        }
        DeliveryOutcome { number: delivery.number, at, attempt: DeliveryAttempt { millis, ..attempt }, verdict }
    }

    async fn call(&self, delivery: &DueDelivery, at: Timestamp) -> Result<crate::domain::Answered, String> {
        let url = EndpointUrl::parse(&delivery.url).map_err(|invalid| format!("the address {}", invalid.reason))?;
        let (request, longest) = match delivery.kind {
            EndpointKind::Standard | EndpointKind::Message => (Some(request(delivery, url, at)), DEADLINE),
            EndpointKind::Callback | EndpointKind::Account => (conversation::request(&self.forms, delivery, url, at), conversation::ATTEMPT_TIMEOUT),
        };
        let request = request.ok_or_else(|| "there is nothing left to send of this event".to_owned())?;
        timeout(longest, self.outbound.send(request)).await.unwrap_or_else(|_| Err("there was no answer in time".to_owned()))
    }
}

fn refusal(status: u16) -> String {
    match status {
        300..400 => format!("it answered {status}; redirects are not followed: register the address where it leads"),
        _ => format!("it answered {status}"),
    }
}

/// What is under way, and what has come back and is not kept yet.
#[derive(Default)]
struct Flights {
    tasks: JoinSet<DeliveryOutcome>,
    under_way: HashMap<Id, (i64, i64)>,
    landed: Vec<((i64, i64), DeliveryOutcome)>,
}

impl Flights {
    fn land(&mut self, landed: Result<(Id, DeliveryOutcome), JoinError>) {
        match landed {
            Ok((id, outcome)) => {
                if let Some(place) = self.under_way.remove(&id) {
                    self.landed.push((place, outcome));
                }
            }
            Err(error) => {
                tracing::error!(%error, "a delivery broke off; it is sent again");
                self.under_way.remove(&error.id());
            }
        }
    }
}
