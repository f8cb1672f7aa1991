//! The one task that sends. It does not poll the store continuously: it wakes when a delivery is
//! queued or due, or when an attempt ends.

use super::{
    conversation::{self, EncodingContext},
    request::request,
    retry::retry_decision,
};
use belfry_content::wire::PresenceView;
use belfry_domain::{
    Clock, ClockWatch, DeliveryAttempt, DeliveryOutcome, DueDelivery, EndpointKind, EndpointUrl,
    HttpClient, Origin, RetryDecision, Rng, Timestamp,
};
use belfry_store::{Concurrency, Store};
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

/// Concurrent deliveries: in total, per endpoint, and per site.
const CONCURRENCY: Concurrency = Concurrency { total: 128, endpoint: 4, site: 12, after: 0 };
/// Longest time until a delivery queued by another process, or a changed clock, is noticed.
const POLL_INTERVAL: Duration = Duration::from_secs(30);
/// How often a process that does not send looks whether it has to take over.
const LEAD_POLL_INTERVAL: Duration = Duration::from_secs(2);
/// Wait before the store is queried again after an error.
const RETRY_EVERY: Duration = Duration::from_secs(1);
/// Limit of one attempt, whatever timeout the HTTP client has.
const MAX_ATTEMPT_TIME: Duration = Duration::from_secs(20);
/// Interval between sweeps.
const SWEEP_INTERVAL: Duration = Duration::from_mins(1);
/// Stored length of a failure reason.
const MAX_REASON_CHARS: usize = 500;

/// Sends due deliveries.
#[derive(Clone)]
pub struct WebhookDispatcher {
    store: Arc<dyn Store>,
    http_client: Arc<dyn HttpClient>,
    clock: Arc<dyn Clock>,
    rng: Arc<dyn Rng>,
    clock_watch: ClockWatch,
    poll_interval: Duration,
    encoding_context: EncodingContext,
}

impl WebhookDispatcher {
    /// A dispatcher that does nothing until [`WebhookDispatcher::run`].
    pub fn new(
        store: Arc<dyn Store>,
        http_client: Arc<dyn HttpClient>,
        clock: Arc<dyn Clock>,
        rng: Arc<dyn Rng>,
    ) -> Self {
        Self {
            store,
            http_client,
            clock,
            rng,
            clock_watch: ClockWatch::default(),
            poll_interval: POLL_INTERVAL,
            encoding_context: EncodingContext::default(),
        }
    }

    /// Shares the clock watch with other jobs.
    #[must_use]
    pub fn with_clock_watch(self, clock_watch: ClockWatch) -> Self {
        Self { clock_watch, ..self }
    }

    /// Sets the poll interval, for a clock that tests move.
    #[must_use]
    pub fn with_poll_interval(self, poll_interval: Duration) -> Self {
        Self { poll_interval, ..self }
    }

    /// Enables events of conversations: base URL of their links, and presence.
    #[must_use]
    pub fn with_conversation_events(
        self,
        public_url: Origin,
        presence: Arc<dyn PresenceView>,
    ) -> Self {
        Self {
            encoding_context: EncodingContext { public_url: Some(public_url), presence },
            ..self
        }
    }

    /// Sends until `stop`; then completes running attempts and stores their outcomes.
    pub async fn run(self, stop: CancellationToken) {
        let mut in_flight = InFlightDeliveries::default();
        let mut after = 0;
        let mut swept: Option<Instant> = None;
        while !stop.is_cancelled() {
            self.store_outcomes(&mut in_flight).await;
            if swept.is_none_or(|at| at.elapsed() >= SWEEP_INTERVAL) && self.leads().await {
                swept = Some(Instant::now());
                self.sweep().await;
            }
            let wait = if self.leads().await {
                self.dispatch_due(&mut in_flight, &mut after).await
            } else {
                self.poll_interval.min(LEAD_POLL_INTERVAL)
            };
            tokio::select! {
                () = stop.cancelled() => break,
                () = self.store.wait_for_delivery() => {}
                () = sleep(wait) => {}
                Some(completed) = in_flight.tasks.join_next_with_id(), if !in_flight.tasks.is_empty() => in_flight.complete(completed),
            }
        }
        while let Some(completed) = in_flight.tasks.join_next_with_id().await {
            in_flight.complete(completed);
        }
        self.store_outcomes(&mut in_flight).await;
    }

    /// Whether no other process sends the deliveries of this database.
    async fn leads(&self) -> bool {
        self.store.leads().await.unwrap_or_else(|error| {
            tracing::warn!(%error, "can't tell whether another process sends deliveries");
            false
        })
    }

    /// Sends due deliveries within the concurrency limits; returns the time until the next one is
    /// due.
    async fn dispatch_due(&self, in_flight: &mut InFlightDeliveries, after: &mut i64) -> Duration {
        let under_way: Vec<(i64, i64)> = in_flight
            .in_progress
            .values()
            .copied()
            .chain(in_flight.completed.iter().map(|(place, _)| *place))
            .collect();
        let room = Concurrency {
            total: CONCURRENCY.total.saturating_sub(under_way.len()),
            after: *after,
            ..CONCURRENCY
        };
        let now = self.clock.now();
        match self.store.due_deliveries(now, &under_way, room).await {
            Ok(due) => {
                for delivery in due.deliveries {
                    *after = delivery.endpoint;
                    let place = (delivery.endpoint, delivery.number);
                    let dispatcher = self.clone();
                    let task =
                        in_flight.tasks.spawn(async move { dispatcher.attempt(delivery).await });
                    in_flight.in_progress.insert(task.id(), place);
                }
                let wait = due
                    .next
                    .map_or(self.poll_interval, |next| now.until(next).min(self.poll_interval));
                if in_flight.completed.is_empty() { wait } else { wait.min(RETRY_EVERY) }
            }
            Err(error) => {
                tracing::error!(%error, "failed to read due webhook deliveries; retrying");
                RETRY_EVERY
            }
        }
    }

    /// Stores the outcomes of attempts, as many as there are in one write. Until then the
    /// deliveries count as in flight: one whose outcome cannot be stored must not be sent
    /// repeatedly.
    async fn store_outcomes(&self, in_flight: &mut InFlightDeliveries) {
        while let Some(completed) = in_flight.tasks.try_join_next_with_id() {
            in_flight.complete(completed);
        }
        if in_flight.completed.is_empty() {
            return;
        }
        let outcomes: Vec<DeliveryOutcome> =
            in_flight.completed.iter().map(|(_, outcome)| outcome.clone()).collect();
        match self.store.finish_deliveries(&outcomes).await {
            Ok(()) => in_flight.completed.clear(),
            Err(error) => {
                tracing::error!(%error, "failed to store webhook delivery outcomes; retrying");
            }
        }
    }

    async fn sweep(&self) {
        if !self.clock_watch.may_delete(&*self.clock) {
            return;
        }
        if let Err(error) = self.store.sweep_deliveries(self.clock.now()).await {
            tracing::error!(%error, "failed to sweep old webhook deliveries; retrying later");
        }
    }

    async fn attempt(self, delivery: DueDelivery) -> DeliveryOutcome {
        let at = self.clock.now();
        let started = Instant::now();
        let answer = self.call(&delivery, at).await;
        let (attempt, retry_after) = match answer {
            Ok(answer) => {
                let error =
                    (!(200..300).contains(&answer.status)).then(|| failure_reason(answer.status));
                (
                    DeliveryAttempt {
                        status: Some(answer.status),
                        error,
                        response_excerpt: Some(answer.excerpt),
                        duration_millis: None,
                    },
                    answer.retry_after,
                )
            }
            Err(reason) => (
                DeliveryAttempt {
                    error: Some(reason.chars().take(MAX_REASON_CHARS).collect()),
                    ..DeliveryAttempt::default()
                },
                None,
            ),
        };
        let duration_millis = u32::try_from(started.elapsed().as_millis()).ok();
        let finished = self.clock.now();
        let decision =
            retry_decision(&delivery, attempt.status, retry_after.as_deref(), finished, &*self.rng);
        if decision != RetryDecision::Delivered {
            tracing::info!(site = %delivery.site, delivery = delivery.number, status = attempt.status, ?decision, "webhook delivery failed");
        }
        DeliveryOutcome {
            number: delivery.number,
            at,
            attempt: DeliveryAttempt { duration_millis, ..attempt },
            decision,
        }
    }

    async fn call(
        &self,
        delivery: &DueDelivery,
        at: Timestamp,
    ) -> Result<belfry_domain::HttpResponse, String> {
        let url = EndpointUrl::parse(&delivery.url)
            .map_err(|invalid| format!("the address {}", invalid.reason))?;
        let (request, longest) = match delivery.kind {
            EndpointKind::Standard | EndpointKind::Message => {
                (Some(request(delivery, url, at)), MAX_ATTEMPT_TIME)
            }
            EndpointKind::Callback | EndpointKind::Account => (
                conversation::request(&self.encoding_context, delivery, url, at),
                conversation::ATTEMPT_TIMEOUT,
            ),
        };
        let request =
            request.ok_or_else(|| "there is nothing left to send of this event".to_owned())?;
        timeout(longest, self.http_client.send(request))
            .await
            .unwrap_or_else(|_| Err("there was no answer in time".to_owned()))
    }
}

fn failure_reason(status: u16) -> String {
    match status {
        300..400 => format!(
            "it answered {status}; redirects are not followed: register the address where it leads"
        ),
        _ => format!("it answered {status}"),
    }
}

/// Deliveries in flight, and outcomes that are not stored yet.
#[derive(Default)]
struct InFlightDeliveries {
    tasks: JoinSet<DeliveryOutcome>,
    in_progress: HashMap<Id, (i64, i64)>,
    completed: Vec<((i64, i64), DeliveryOutcome)>,
}

impl InFlightDeliveries {
    fn complete(&mut self, completed: Result<(Id, DeliveryOutcome), JoinError>) {
        match completed {
            Ok((id, outcome)) => {
                if let Some(place) = self.in_progress.remove(&id) {
                    self.completed.push((place, outcome));
                }
            }
            Err(error) => {
                tracing::error!(%error, "webhook delivery task failed; the delivery is sent again");
                self.in_progress.remove(&error.id());
            }
        }
    }
}
