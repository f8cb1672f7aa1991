//! Fills a database with very many conversations in seconds, as [`super::fixtures`] does with
//! messages.

use super::Outcome;
use belfry::server::open_app;
use belfry_domain::{
    Clock as _, EventSink, InboxEvent, InsertPosition, Language, SiteDraft, SiteId, SystemClock,
    SystemRng,
    channel::{
        AgentDraft, AgentRole, ChannelToken, ContactFields, InboxId, InboxSettings,
        NewContactSession, SourceId,
    },
};
use belfry_store::Store;
use futures_util::future::try_join_all;
use serde_json::json;
use sqlx::{
    Connection as _, SqliteConnection,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

struct NoopSink;

impl EventSink for NoopSink {
    fn publish(&self, _: InboxEvent) {}
}

/// A database with conversations: number `n` belongs to contact `n`, whose session is named `s{n}`.
pub struct ConversationFixture {
    pub file: PathBuf,
    pub count: i64,
    /// The account, and the public identifier of its one inbox.
    pub account: i64,
    pub inbox: String,
    /// The access token of the agent's programs, and the agent's subscription identifier.
    pub access_token: String,
    pub agent: String,
    /// Subscription identifiers of the first contacts.
    pub contacts: Vec<String>,
}

impl ConversationFixture {
    /// Creates one site with an inbox and `count` conversations; the first contacts can subscribe.
    pub async fn fill(folder: &Path, count: i64, subscribers: usize) -> Outcome<Self> {
        eprintln!("== storing {count} conversations");
        let file = folder.join(format!("conversations-{count}-{subscribers}.db"));
        let (app, store) =
            open_app(&format!("sqlite://{}", file.display()), Arc::new(NoopSink)).await?;
        let draft = SiteDraft::new(
            "Shop",
            vec!["https://shop.example".parse()?],
            "#bell",
            InsertPosition::BeforeEnd,
            Language::english(),
        )?;
        let site = app.create_site(draft).await?.0.id;
        let inbox = app
            .create_inbox(
                site,
                InboxSettings { name: "Shop".to_owned(), ..InboxSettings::default() },
            )
            .await?
            .inbox;
        let agent = app
            .create_agent(
                site,
                &AgentDraft::new("Ada", "ada@shop.example", AgentRole::Administrator)?,
            )
            .await?;
        // Their tokens are encrypted, which only the store can do.
        let mut contacts = Vec::with_capacity(subscribers);
        let numbers: Vec<i64> = (1..=count).take(subscribers).collect();
        for some in numbers.chunks(256) {
            let added = some.iter().map(|number| subscriber(&*store, site, inbox.id, *number));
            contacts.extend(try_join_all(added).await?);
        }
        store.close().await;

        let options = SqliteConnectOptions::new()
            .filename(&file)
            .foreign_keys(false)
            .pragma("cache_size", "-600000");
        let mut connection = SqliteConnection::connect_with(
            &options.journal_mode(SqliteJournalMode::Off).synchronous(SqliteSynchronous::Off),
        )
        .await?;
        let mut transaction = connection.begin().await?;
        for statement in STATEMENTS {
            let statement = statement.replace("@SUBSCRIBERS", &numbers.len().to_string());
            sqlx::query(sqlx::AssertSqlSafe(statement))
                .bind(site.as_bytes())
                .bind(count)
                .bind(inbox.id.0)
                .bind(agent.agent.id.0)
                .bind(SystemClock.now().millis())
                .execute(&mut *transaction)
                .await?;
        }
        transaction.commit().await?;
        connection.close().await?;
        let account = inbox.account.0;
        let subscription = json!({
            "channel": "RoomChannel", "pubsub_token": agent.pubsub_token.reveal(), "account_id": account, "user_id": agent.agent.id.0,
        });
        Ok(Self {
            file,
            count,
            account,
            inbox: inbox.identifier.as_str().to_owned(),
            access_token: agent.access_token.reveal().to_owned(),
            agent: subscription.to_string(),
            contacts,
        })
    }
}

/// Creates a contact with a session, and returns its subscription identifier.
async fn subscriber(
    store: &dyn Store,
    site: SiteId,
    inbox: InboxId,
    number: i64,
) -> Outcome<String> {
    let pubsub_token = ChannelToken::generate(&SystemRng);
    let session = NewContactSession {
        source_id: SourceId::from_stored(format!("s{number}")),
        pubsub_token: pubsub_token.clone(),
    };
    let fields =
        ContactFields { name: Some(Some("Ann Lee".to_owned())), ..ContactFields::default() };
    store
        .create_channel_contact(site, &fields, Some((inbox, session)), SystemClock.now())
        .await??;
    Ok(json!({ "channel": "RoomChannel", "pubsub_token": pubsub_token.reveal() }).to_string())
}

macro_rules! numbers {
    ($rest:literal) => {
        concat!(
            "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?2) ",
            $rest,
            " WHERE ?1 + ?2 + ?3 + ?4 + ?5 IS NOT NULL"
        )
    };
}

/// For site ?1, creates ?2 conversations in the inbox ?3 up to the time ?5, most of them resolved;
/// every third is assigned to agent ?4.
const STATEMENTS: [&str; 7] = [
    numbers!(
        "INSERT INTO contact (site_id, id, external_id, first_name, last_name, email, created_at, updated_at)
         SELECT ?1, i, 'c' || i, 'Ann', 'Lee', 'c' || i || '@shop.example', ?5, ?5 FROM (SELECT i FROM n WHERE i > @SUBSCRIBERS)"
    ),
    numbers!(
        "INSERT INTO contact_inbox (site_id, inbox_id, contact_id, source_id, pubsub_token, pubsub_digest, created_at, updated_at)
         SELECT ?1, ?3, i, 's' || i, '', unhex(printf('%064x', i)), ?5, ?5 FROM (SELECT i FROM n WHERE i > @SUBSCRIBERS)"
    ),
    numbers!(
        "INSERT INTO conversation (site_id, number, uuid, inbox_id, contact_id, contact_inbox_id, status, assignee_id, labels, created_at, updated_at,
            last_activity_at, last_incoming_at, last_message, last_spoken_message)
         SELECT ?1, i, randomblob(16), ?3, s.contact_id, s.id,
            CASE WHEN i % 5 = 0 OR i <= 2000 THEN 0 ELSE 1 END, CASE WHEN i % 3 = 0 THEN ?4 END, CASE WHEN i % 10 = 0 THEN '[\"vip\"]' ELSE '[]' END,
            ?5 - 86400000, ?5, ?5 - (?2 - i) * 1000, ?5, i, i
         FROM n CROSS JOIN contact_inbox AS s ON s.site_id = ?1 AND s.source_id = 's' || i AND s.inbox_id = ?3"
    ),
    "INSERT INTO conversation_list (site_id, scope, label, assignee, status, activity, number)
     SELECT v.site_id, scope.value, label.value, assignee.value, v.status, v.last_activity_at, v.number
     FROM conversation AS v CROSS JOIN json_each(json_array(0, ?3)) AS scope
     CROSS JOIN json_each(json_insert(v.labels, '$[#]', '')) AS label
     CROSS JOIN json_each(CASE WHEN v.assignee_id IS NULL THEN json_array(-1, 0) ELSE json_array(-1, -2, v.assignee_id) END) AS assignee
     WHERE v.site_id = ?1 AND ?1 + ?2 + ?3 + ?4 + ?5 IS NOT NULL ORDER BY 2, 3, 4, 5, 6, 7",
    numbers!(
        "INSERT INTO conversation_message (site_id, conversation, id, kind, content, content_type, sender, status, created_at, updated_at)
         SELECT ?1, i, i, 0, 'Where is my parcel?', 0, -1, 0, ?5, ?5 FROM n"
    ),
    numbers!(
        "INSERT INTO message_word (site, word, message)
         SELECT s.number, CASE WHEN m.id % 1000 = 0 THEN 'rare' ELSE 'parcel' END, m.row FROM conversation_message AS m CROSS JOIN site_counter AS s
            ON s.site_id = m.site_id"
    ),
    "UPDATE site_counter SET (last_conversation, last_message) = (?2, ?2) WHERE site_id = ?1 AND ?1 + ?2 + ?3 + ?4 + ?5 IS NOT NULL",
];
