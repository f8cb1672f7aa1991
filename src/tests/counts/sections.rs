//! The counted calls, one section each.

use super::{
    Outcome,
    app::{App, READERS},
};
use axum::body::BodyDataStream;
use futures_util::{FutureExt as _, StreamExt as _};
use serde_json::json;

/// Streams that one event is delivered to.
const STREAMS: usize = 1_000;
/// Maximum parts of one event, including a preceding heartbeat.
const MAX_PARTS: usize = 5;

/// A kind of call.
#[derive(Debug, Clone, Copy)]
pub enum Section {
    TokenCall,
    ExchangeAndDocument,
    ListByQuery,
    ListFromCache,
    Mark,
    PublishToOne,
    PublishToEveryone,
}

/// All sections, in the order in which they are counted.
pub const ALL: [Section; 7] = [
    Section::TokenCall,
    Section::ExchangeAndDocument,
    Section::ListByQuery,
    Section::ListFromCache,
    Section::Mark,
    Section::PublishToOne,
    Section::PublishToEveryone,
];

impl Section {
    /// The name in the stored figures.
    pub fn name(self) -> &'static str {
        match self {
            Self::TokenCall => "token-call",
            Self::ExchangeAndDocument => "exchange-and-document",
            Self::ListByQuery => "list-by-query",
            Self::ListFromCache => "list-from-cache",
            Self::Mark => "mark",
            Self::PublishToOne => "publish-to-one",
            Self::PublishToEveryone => "publish-to-everyone",
        }
    }

    /// Prepares the data that the calls need.
    pub async fn prepare(self, app: &App) -> Outcome<()> {
        if matches!(self, Self::ListByQuery) {
            // Invalidates every cached list.
            app.publish(&json!("everyone"), 0).await?;
        }
        Ok(())
    }

    /// Makes the call with this number; different numbers are different readers.
    pub async fn call(self, app: &App, number: usize) -> Outcome<()> {
        let reader = number % READERS;
        match self {
            Self::TokenCall => drop(app.token(reader).await?),
            Self::ExchangeAndDocument => {
                let token = app.tokens.get(reader).ok_or("no such reader")?;
                drop(app.document(token).await?);
            }
            // Each reader's first request, so nothing is cached.
            Self::ListByQuery => {
                drop(
                    app.reader_request("GET", "/messages?language=en", reader, String::new())
                        .await?,
                );
            }
            Self::ListFromCache => {
                drop(app.reader_request("GET", "/messages?language=en", 0, String::new()).await?);
            }
            Self::Mark => {
                let message = app.messages.get(number % app.messages.len()).ok_or("no messages")?;
                drop(
                    app.reader_request(
                        "POST",
                        "/marks",
                        reader,
                        json!({ "read": [message] }).to_string(),
                    )
                    .await?,
                );
            }
            Self::PublishToOne => {
                drop(
                    app.publish(
                        &json!({ "contact": { "externalCustomerId": format!("c{reader}") } }),
                        number,
                    )
                    .await?,
                );
            }
            Self::PublishToEveryone => drop(app.publish(&json!("everyone"), number).await?),
        }
        Ok(())
    }
}

/// Streams of many readers that wait for the next event.
pub struct Streams(Vec<BodyDataStream>);

impl Streams {
    pub const NAME: &'static str = "publish-to-1000-streams";

    pub async fn open(app: &App) -> Outcome<Self> {
        let mut streams = Vec::with_capacity(STREAMS);
        for number in 0..STREAMS {
            let mut stream = app.stream(number).await?;
            while stream.next().now_or_never().is_some() {}
            streams.push(stream);
        }
        Ok(Self(streams))
    }

    /// Publishes a message to everyone and reads its event from each stream.
    pub async fn deliver(&mut self, app: &App, number: usize) -> Outcome<()> {
        let id = app.publish(&json!("everyone"), number).await?;
        for stream in &mut self.0 {
            read_until(stream, &id).await?;
        }
        Ok(())
    }
}

async fn read_until(stream: &mut BodyDataStream, id: &str) -> Outcome<()> {
    for _ in 0..MAX_PARTS {
        let part = stream.next().await.ok_or("a stream ended")??;
        if part.windows(id.len()).any(|window| window == id.as_bytes()) {
            return Ok(());
        }
    }
    Err("an event did not come".into())
}
