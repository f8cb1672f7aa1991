//! The connection to a NATS server, and what travels over it. Each process publishes its packets on one
//! subject and receives those of all there, its own as well: they confirm that the server has passed
//! them on. Core NATS stores nothing, so what is not confirmed, and what is sent while a process is not
//! connected, goes through the database. Must not depend on what is in a packet.

use super::{
    NatsOptions,
    peers::Peers,
    seal::{OVERHEAD, Seal},
};
use crate::{
    postgres::{Packets, Processes},
    vault::Vault,
};
use async_nats::{Client, Event, Message, Subscriber};
use futures_util::{FutureExt as _, StreamExt as _, future::BoxFuture};
use std::{sync::Arc, time::Duration};
use tokio::{
    sync::Notify,
    time::{Instant, sleep, timeout},
};

/// How long the server may take to accept a connection.
const CONNECT_TIME: Duration = Duration::from_secs(5);
/// How long the server may take to pass packets on.
const CONFIRM_TIME: Duration = Duration::from_secs(2);
/// The pause between two attempts to connect.
const RETRY_EVERY: Duration = Duration::from_secs(2);
/// How often the client asks whether the server still answers; after three times it gives up.
const PING_EVERY: Duration = Duration::from_secs(2);
/// The packets that wait for this process. When there are more, it connects again.
const MAX_WAITING: usize = 8_192;
/// The packets that are read at once.
const MAX_READ_PACKETS: usize = 32;
/// After this number of failed attempts, versions are compared as rarely as ever.
const COMPARED_FAILURES: u32 = 3;

/// An error in words without credentials.
type Failure = String;

/// The way to other processes over a NATS server.
pub(crate) struct Nats {
    options: NatsOptions,
    processes: Arc<Processes>,
    seal: Seal,
    state: State,
    /// The number of the last packet of this process.
    sent: i64,
    /// The last one that came back.
    confirmed: i64,
    peers: Peers,
    /// What has arrived and was not taken yet.
    received: Packets,
    /// Failed attempts to connect, one after the other.
    failures: u32,
    has_reported_foreign: bool,
}

enum State {
    Connecting(BoxFuture<'static, Result<Link, Failure>>),
    Connected(Link),
}

/// A connection that is given up when anything happens to it: the client's own attempts to repair it
/// would hide that packets are missing.
struct Link {
    client: Client,
    subscriber: Subscriber,
    broken: Arc<Notify>,
}

impl Link {
    /// Connects, and returns when this process receives what is published.
    async fn open(options: NatsOptions, subject: String, hello: Vec<u8>) -> Result<Self, Failure> {
        let failure = |error: &dyn std::fmt::Display| error.to_string();
        let broken = Arc::new(Notify::new());
        let signal = Arc::clone(&broken);
        let client = options
            .connect_options()
            .connection_timeout(CONNECT_TIME)
            .ping_interval(PING_EVERY)
            .subscription_capacity(MAX_WAITING)
            .ignore_discovered_servers()
            .max_reconnects(1)
            .event_callback(move |event| {
                if is_failure(&event) {
                    signal.notify_one();
                }
                async {}
            })
            .connect(options.server)
            .await
            .map_err(|error| failure(&error))?;
        let subscriber =
            client.subscribe(subject.clone()).await.map_err(|error| failure(&error))?;
        let mut link = Self { client, subscriber, broken };
        link.client
            .publish(subject, hello.clone().into())
            .await
            .map_err(|error| failure(&error))?;
        loop {
            let refused = "it does not let this user publish and subscribe to belfry.>";
            let message = link.next().await.ok_or_else(|| refused.to_owned())?;
            if *message.payload == *hello {
                return Ok(link);
            }
        }
    }

    /// The next message. `None` when the connection is lost. May be dropped while it waits.
    async fn next(&mut self) -> Option<Message> {
        tokio::select! {
            biased;
            () = self.broken.notified() => None,
            message = self.subscriber.next() => message,
        }
    }
}

/// Whether messages may be missing.
fn is_failure(event: &Event) -> bool {
    !matches!(event, Event::Connected | Event::LameDuckMode)
}

impl Nats {
    /// The processes on a database with this identity.
    pub(crate) fn new(
        options: NatsOptions,
        processes: Arc<Processes>,
        vault: Vault,
        database: String,
    ) -> Self {
        let seal = Seal::new(vault, database);
        let state = connecting(&options, &processes, &seal, 0, Duration::ZERO);
        Self {
            options,
            processes,
            seal,
            state,
            sent: 0,
            confirmed: 0,
            peers: Peers::default(),
            received: Packets::default(),
            failures: 0,
            has_reported_foreign: false,
        }
    }

    /// Waits for packets of others, or for a reason to compare versions, which `has_gap` says. May be
    /// dropped while it waits.
    pub(crate) async fn received(&mut self) -> Packets {
        loop {
            if self.received.has_gap || !self.received.bodies.is_empty() {
                return std::mem::take(&mut self.received);
            }
            let mut messages = Vec::new();
            let mut is_lost = false;
            match &mut self.state {
                State::Connecting(connecting) => match connecting.await {
                    Ok(link) => self.enter(link),
                    Err(failure) => self.retry(&failure),
                },
                State::Connected(link) => {
                    let mut next = link.next().await;
                    loop {
                        is_lost = next.is_none();
                        messages.extend(next);
                        if is_lost || messages.len() >= MAX_READ_PACKETS {
                            break;
                        }
                        match link.next().now_or_never() {
                            Some(message) => next = message,
                            None => break,
                        }
                    }
                }
            }
            for message in messages {
                self.receive(&message.payload);
            }
            if is_lost {
                self.lose();
            }
        }
    }

    /// Sends the packets that NATS can carry now, and removes them. The rest goes through the database.
    pub(crate) async fn send(&mut self, packets: &mut Vec<Vec<u8>>) {
        let State::Connected(link) = &self.state else { return };
        let max = link.client.max_payload();
        if !self.peers.are_connected(Instant::now(), |process| self.processes.is_alive(process)) {
            return;
        }
        let fits = |body: &Vec<u8>| body.len() + OVERHEAD <= max;
        let bodies: Vec<_> = packets.iter().filter(|body| fits(body)).collect();
        match timeout(CONFIRM_TIME, self.deliver(&bodies)).await {
            Ok(Some(())) => packets.retain(|body| !fits(body)),
            Ok(None) | Err(_) => self.lose(),
        }
    }

    /// Publishes packets, and waits until they have come back. `None` when the connection is lost.
    async fn deliver(&mut self, bodies: &[&Vec<u8>]) -> Option<()> {
        for body in bodies {
            self.sent += 1;
            self.publish(body).await?;
        }
        while self.confirmed < self.sent {
            let State::Connected(link) = &mut self.state else { return None };
            let message = link.next().await?;
            self.receive(&message.payload);
        }
        Some(())
    }

    /// Publishes a body with the number of the last packet.
    async fn publish(&mut self, body: &[u8]) -> Option<()> {
        let State::Connected(link) = &self.state else { return None };
        let bytes = self.seal.seal(self.processes.own(), self.sent, body)?;
        link.client.publish(self.seal.subject(), bytes.into()).await.ok()
    }

    /// Says that this process is connected, and which packet was its last one.
    pub(crate) async fn send_sign_of_life(&mut self) {
        self.seal.refresh();
        if matches!(self.state, State::Connected(_))
            && !matches!(timeout(CONFIRM_TIME, self.publish(&[])).await, Ok(Some(())))
        {
            self.lose();
        }
    }

    /// Records what has arrived.
    fn receive(&mut self, bytes: &[u8]) {
        let Some(packet) = self.seal.open(bytes) else {
            if !std::mem::replace(&mut self.has_reported_foreign, true) {
                tracing::warn!(
                    "ignored what no process with this secret key has sent to the NATS server"
                );
            }
            return;
        };
        if packet.sender == self.processes.own() {
            if !packet.body.is_empty() {
                self.confirmed = packet.number.max(self.confirmed);
            }
            return;
        }
        let received = self.peers.record(&packet, Instant::now());
        self.received.has_gap |= received.has_gap;
        if received.is_new {
            self.received.bodies.push(packet.body);
        }
    }

    fn enter(&mut self, link: Link) {
        tracing::info!(server = %self.options.place(), "connected to the NATS server");
        self.state = State::Connected(link);
        self.failures = 0;
        // What the others have sent before.
        self.received.has_gap = true;
    }

    fn lose(&mut self) {
        tracing::warn!(
            server = %self.options.place(),
            "lost the connection to the NATS server; events go through the database until it is back"
        );
        self.reconnect();
        self.received.has_gap = true;
    }

    fn retry(&mut self, failure: &str) {
        self.failures += 1;
        if self.failures == 1 {
            tracing::warn!(
                server = %self.options.place(),
                %failure,
                "no connection to the NATS server; events go through the database until it is there"
            );
        }
        // Others may not have noticed that this process is not connected.
        self.received.has_gap |= self.failures <= COMPARED_FAILURES;
        self.reconnect();
    }

    fn reconnect(&mut self) {
        self.seal.refresh();
        self.state = connecting(&self.options, &self.processes, &self.seal, self.sent, RETRY_EVERY);
    }
}

/// An attempt to connect after a pause.
fn connecting(
    options: &NatsOptions,
    processes: &Processes,
    seal: &Seal,
    sent: i64,
    pause: Duration,
) -> State {
    let (options, subject) = (options.clone(), seal.subject());
    let hello = seal.seal(processes.own(), sent, &[]);
    State::Connecting(Box::pin(async move {
        sleep(pause).await;
        let hello = hello.ok_or("there is no secret key")?;
        let attempt = timeout(CONNECT_TIME, Link::open(options, subject, hello)).await;
        attempt.unwrap_or_else(|_| Err("it does not answer".to_owned()))
    }))
}
