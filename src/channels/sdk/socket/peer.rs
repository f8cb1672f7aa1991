//! One client and its joined topics: dispatches the client's frames and the hub's events to them.
//!
//! Must not depend on the transport; the WebSocket and the long poll call it.

use super::{
    connect::Connect,
    frame::{Frame, Outbox, OutgoingFrame, Payload},
};
use crate::sdk::{
    SocketState,
    topic::{self, Topic, TopicContext, TopicEnded, TopicError},
};
use belfry_app::{
    events::{Delivery, HubConnection},
    rate_limit::ClientPrefix,
};
use serde_json::Value;
use std::sync::Arc;

/// Maximum topics of one client.
const MAX_TOPICS: usize = 50;

/// So many joins were rejected that the client must be disconnected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TooManyRejections;

struct JoinedTopic {
    number: u32,
    name: Box<str>,
    join_ref: Value,
    topic: Box<dyn Topic>,
}

/// A client and its topics.
pub(super) struct SocketClient {
    pub state: Arc<SocketState>,
    pub hub_connection: HubConnection,
    connect: Connect,
    prefix: ClientPrefix,
    topics: Vec<JoinedTopic>,
    next_number: u32,
}

impl SocketClient {
    pub(super) fn new(
        state: Arc<SocketState>,
        hub_connection: HubConnection,
        connect: Connect,
        prefix: ClientPrefix,
    ) -> Self {
        Self { state, hub_connection, connect, prefix, topics: Vec::new(), next_number: 0 }
    }

    /// Handles a frame of the client, and returns the frames to send.
    pub(super) async fn receive(
        &mut self,
        text: &str,
    ) -> Result<Vec<OutgoingFrame>, TooManyRejections> {
        let Some(frame) = Frame::parse(text) else {
            tracing::debug!("ignoring an invalid frame of a client");
            return Ok(Vec::new());
        };
        let mut outbox = Outbox::default();
        if frame.topic == "phoenix" {
            let answer = if frame.event == "heartbeat" {
                Ok(Payload::empty())
            } else {
                Err(TopicError::UNMATCHED)
            };
            return Ok(reply(outbox, 0, &frame, answer));
        }
        let place = self.topics.iter().position(|joined| *joined.name == *frame.topic);
        match (frame.event.as_str(), place) {
            ("phx_join", place) => return self.join(frame, place, outbox).await,
            ("phx_leave", Some(place)) if self.is_current(place, &frame) => {
                let mut left = self.topics.remove(place);
                left.topic.on_leave(&self.state).await;
                outbox.reply(
                    0,
                    (&frame.join_ref, &frame.reference),
                    &frame.topic,
                    Ok(Payload::empty()),
                );
                outbox.push(&left.join_ref, &left.name, "phx_close", Payload::empty());
                Ok(outbox.take())
            }
            // For a topic that isn't joined, or no longer with this `join_ref`.
            ("phx_leave", _) => Ok(reply(outbox, 0, &frame, Ok(Payload::empty()))),
            (_, Some(place)) if self.is_current(place, &frame) => {
                let Frame { join_ref, reference, topic, event, payload } = frame;
                let Some((mut client, asked)) = self.client(place, &mut outbox) else {
                    return Ok(Vec::new());
                };
                let answer = asked.push(&mut client, &event, payload).await;
                outbox.reply(
                    0,
                    (&join_ref, &reference),
                    &topic,
                    answer.map_err(|rejection| rejection.to_json()),
                );
                Ok(outbox.take())
            }
            _ => Ok(reply(outbox, 0, &frame, Err(TopicError::UNMATCHED))),
        }
    }

    /// Dispatches an event of the hub to one of the topics.
    pub(super) async fn on_hub_event(&mut self, delivery: Delivery) -> Vec<OutgoingFrame> {
        let Some(place) =
            self.topics.iter().position(|joined| joined.number == delivery.subscription)
        else {
            return Vec::new();
        };
        let mut outbox = Outbox::default();
        let Some((mut client, topic)) = self.client(place, &mut outbox) else { return Vec::new() };
        if let Err(ended) = topic.on_hub_event(&mut client, delivery.message).await {
            self.end(place, &ended, &mut outbox).await;
        }
        outbox.take()
    }

    /// Runs the periodic work of all topics.
    pub(super) async fn on_heartbeat(&mut self) -> Vec<OutgoingFrame> {
        let mut outbox = Outbox::default();
        for place in (0..self.topics.len()).rev() {
            let Some((mut client, topic)) = self.client(place, &mut outbox) else { continue };
            if let Err(ended) = topic.on_heartbeat(&mut client).await {
                self.end(place, &ended, &mut outbox).await;
            }
        }
        outbox.take()
    }

    /// Leaves all topics.
    pub(super) async fn leave_all(&mut self) {
        for mut joined in self.topics.drain(..) {
            joined.topic.on_leave(&self.state).await;
        }
    }

    fn is_current(&self, place: usize, frame: &Frame) -> bool {
        self.topics
            .get(place)
            .is_some_and(|joined| frame.join_ref.is_null() || joined.join_ref == frame.join_ref)
    }

    fn client<'a>(
        &'a mut self,
        place: usize,
        outbox: &'a mut Outbox,
    ) -> Option<(TopicContext<'a>, &'a mut dyn Topic)> {
        let JoinedTopic { number, name, join_ref, topic } = self.topics.get_mut(place)?;
        Some((
            TopicContext::new(
                (&self.state, &self.hub_connection, &mut self.connect, self.prefix),
                (*number, name, join_ref),
                outbox,
            ),
            &mut **topic,
        ))
    }

    /// Joins a topic. A second join replaces the first.
    async fn join(
        &mut self,
        frame: Frame,
        place: Option<usize>,
        mut outbox: Outbox,
    ) -> Result<Vec<OutgoingFrame>, TooManyRejections> {
        if let Some(place) = place {
            let mut former = self.topics.remove(place);
            former.topic.on_leave(&self.state).await;
            outbox.push(&former.join_ref, &former.name, "phx_close", Payload::empty());
        }
        let mark = outbox.len();
        if self.topics.len() >= MAX_TOPICS {
            return Ok(reply(outbox, mark, &frame, Err(TopicError::RATE_LIMITED)));
        }
        let Frame { join_ref, reference, topic: name, payload, .. } = frame;
        let number = self.next_number;
        self.next_number = self.next_number.wrapping_add(1);
        let mut client = TopicContext::new(
            (&self.state, &self.hub_connection, &mut self.connect, self.prefix),
            (number, &name, &join_ref),
            &mut outbox,
        );
        let joined = topic::join(&mut client, &name, payload).await;
        let is_rejected = joined.as_ref().err().is_some_and(TopicError::is_credential_error);
        let answer = joined.map(|(topic, response)| {
            self.topics.push(JoinedTopic {
                number,
                name: name.as_str().into(),
                join_ref: join_ref.clone(),
                topic,
            });
            response
        });
        outbox.reply(
            mark,
            (&join_ref, &reference),
            &name,
            answer.map_err(|rejection| rejection.to_json()),
        );
        if is_rejected && self.state.rejections.check(&self.prefix).is_err() {
            return Err(TooManyRejections);
        }
        Ok(outbox.take())
    }

    /// Ends a topic. `phx_error` makes the client rejoin; the join then returns the reason.
    async fn end(&mut self, place: usize, ended: &TopicEnded, outbox: &mut Outbox) {
        let mut over = self.topics.remove(place);
        over.topic.on_leave(&self.state).await;
        outbox.push(&over.join_ref, &over.name, "error", ended.0.to_json().into());
        outbox.push(&over.join_ref, &over.name, "phx_error", Payload::empty());
    }
}

fn reply(
    mut outbox: Outbox,
    mark: usize,
    frame: &Frame,
    answer: Result<Payload, TopicError>,
) -> Vec<OutgoingFrame> {
    outbox.reply(
        mark,
        (&frame.join_ref, &frame.reference),
        &frame.topic,
        answer.map_err(|rejection| rejection.to_json()),
    );
    outbox.take()
}
