//! Fills databases with very many rows in seconds.
//!
//! It writes the `SQLite` schema directly, because requests would take hours, and so has to change
//! with the schema. The list that is requested over HTTP afterwards shows whether both still agree.

use super::Outcome;
use belfry::server::open_app;
use belfry_domain::{
    Clock as _, EventSink, InboxEvent, InsertPosition, Language, Secret, SecretKind, SiteDraft,
    SystemClock, SystemRng,
};
use serde_json::json;
use sqlx::{
    Connection as _, SqliteConnection,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

/// Readers with a session: contacts 1 to this number.
pub const READERS: i64 = 1_000;
/// Every n-th message is for everyone.
const BROADCASTS: i64 = 50;
/// Milliseconds, within the maximum lifetime of a session; a session with a later expiry is treated
/// as one created by a clock that was ahead.
const SESSION_TTL_MILLIS: i64 = 20 * 3_600_000;
/// Age of the oldest message in milliseconds.
const HISTORY_MILLIS: i64 = 30 * 24 * 3_600_000;

/// A filled database.
pub struct Fixture {
    pub file: PathBuf,
    pub site: String,
    pub key: String,
    /// The session cookie of each reader, as a header value.
    pub cookies: Vec<String>,
    pub messages: i64,
}

macro_rules! numbers {
    () => {
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?2) "
    };
}

struct NoopSink;

impl EventSink for NoopSink {
    fn publish(&self, _: InboxEvent) {}
}

impl Fixture {
    /// Copies the database. Nothing may have it open.
    pub fn copy(&self) -> Outcome<Self> {
        let file = self.file.with_extension("copy.db");
        std::fs::copy(&self.file, &file)?;
        // The copy's encrypted values need the same key.
        let key = |file: &Path| PathBuf::from(format!("{}.secret-key", file.display()));
        if key(&self.file).exists() {
            std::fs::copy(key(&self.file), key(&file))?;
        }
        Ok(Self {
            file,
            site: self.site.clone(),
            key: self.key.clone(),
            cookies: self.cookies.clone(),
            messages: self.messages,
        })
    }

    /// Creates one site with this many contacts (at least the readers) and messages. One message in
    /// fifty is for everyone, a few are for the readers, most for other contacts. One reader in ten
    /// has read nothing, the others all but the newest messages.
    pub async fn fill(folder: &Path, contacts: i64, messages: i64) -> Outcome<Self> {
        let file = folder.join(format!("stock-{contacts}-{messages}.db"));
        let (inbox, store) =
            open_app(&format!("sqlite://{}", file.display()), Arc::new(NoopSink)).await?;
        let draft = SiteDraft::new(
            "Shop",
            vec!["https://shop.example".parse()?],
            "#bell",
            InsertPosition::BeforeEnd,
            Language::english(),
        )?;
        let (site, key) = inbox.create_site(draft).await?;
        let key_id =
            inbox.keys(site.id).await?.into_iter().next().ok_or("a site without a key")?.id;
        store.close().await;

        let options = SqliteConnectOptions::new()
            .filename(&file)
            .foreign_keys(false)
            .pragma("cache_size", "-600000");
        let mut connection = SqliteConnection::connect_with(
            &options.journal_mode(SqliteJournalMode::Off).synchronous(SqliteSynchronous::Off),
        )
        .await?;
        let filling = FixtureWriter {
            site: site.id.as_bytes(),
            contacts: contacts.max(READERS),
            messages,
            now: SystemClock.now().millis(),
        };
        let mut transaction = connection.begin().await?;
        filling.contacts(&mut transaction).await?;
        filling.messages(&mut transaction).await?;
        filling.recipients(&mut transaction).await?;
        let cookies = filling.sessions(&mut transaction, &site.id.to_string(), &key_id.0).await?;
        transaction.commit().await?;
        connection.close().await?;
        Ok(Self {
            file,
            site: site.id.to_string(),
            key: key.reveal().to_owned(),
            cookies,
            messages,
        })
    }

    /// Adds the newest messages to everyone, so that as many older ones exceed the retention cap.
    pub async fn add_broadcasts(&mut self, count: i64) -> Outcome<()> {
        let site = uuid::Uuid::parse_str(&self.site)?;
        let mut connection =
            SqliteConnection::connect_with(&SqliteConnectOptions::new().filename(&self.file))
                .await?;
        let mut transaction = connection.begin().await?;
        for statement in [
            format!(
                "INSERT INTO message (site_id, id, everyone, state, content, category, pinned, created_at, publish_at, position)
                 {}SELECT ?1, {MESSAGE_ID}, 1, 1, json_extract(?3, '$[' || (i % 40) || ']'), 'orders', 0, ?4, ?4, i FROM n WHERE i > ?5",
                numbers!()
            ),
            format!(
                "INSERT INTO recipient (site_id, contact_id, position, message_id, pinned)
                 {}SELECT ?1, 0, i, {MESSAGE_ID}, 0 FROM n WHERE i > ?5 AND ?3 IS NOT NULL AND ?4 IS NOT NULL",
                numbers!()
            ),
        ] {
            // The numbers of the messages start at the first new broadcast.
            let statement = statement.replace("SELECT 1 UNION ALL", "SELECT ?5 UNION ALL");
            sqlx::query(sqlx::AssertSqlSafe(statement))
                .bind(site.as_bytes().as_slice())
                .bind(self.messages + count)
                .bind(serde_json::to_string(&contents())?)
                .bind(SystemClock.now().millis())
                .bind(self.messages)
                .execute(&mut *transaction)
                .await?;
        }
        sqlx::query("UPDATE site SET last_position = max(last_position, ?2), version = version + 1, broadcast_version = version + 1 WHERE id = ?1")
            .bind(site.as_bytes().as_slice())
            .bind(self.messages + count)
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        connection.close().await?;
        self.messages += count;
        Ok(())
    }

    /// The ids of the newest broadcasts.
    pub fn broadcasts(&self) -> impl Iterator<Item = String> + '_ {
        (1..=self.messages).rev().filter(|number| number % BROADCASTS == 0).map(message_id)
    }
}

/// A version 7 UUID derived from a message's number; the same as in the SQL below.
fn message_id(number: i64) -> String {
    format!("{:08x}-{:04x}-7{:03x}-8{:03x}-{:012x}", number >> 16, number & 0xffff, 0, 0, number)
}

const MESSAGE_ID: &str = "unhex(printf('%08x%04x70008000%012x', n.i >> 16, n.i & 65535, n.i))";

struct FixtureWriter<'a> {
    site: &'a [u8],
    contacts: i64,
    messages: i64,
    now: i64,
}

impl FixtureWriter<'_> {
    async fn contacts(&self, connection: &mut SqliteConnection) -> Outcome<()> {
        sqlx::query(concat!(
            "INSERT INTO contact (site_id, id, external_id, created_at, updated_at, read_position, seen_position) ",
            numbers!(),
            "SELECT ?1, i, printf('c%08d', i), ?3, ?3, CASE WHEN i % 10 = 0 THEN 0 ELSE max(0, ?4 - 300) END, max(0, ?4 - 100) FROM n"
        ))
        .bind(self.site)
        .bind(self.contacts)
        .bind(self.now)
        .bind(self.messages)
        .execute(&mut *connection)
        .await?;
        sqlx::query("UPDATE site SET next_contact = ?2, last_position = ?3, version = ?3, broadcast_version = ?3 WHERE id = ?1")
            .bind(self.site)
            .bind(self.contacts + 1)
            .bind(self.messages)
            .execute(connection)
            .await?;
        Ok(())
    }

    async fn messages(&self, connection: &mut SqliteConnection) -> Outcome<()> {
        let statement = format!(
            "INSERT INTO message (site_id, id, everyone, state, content, category, pinned, created_at, publish_at, position)
             {}SELECT ?1, {MESSAGE_ID}, i % {BROADCASTS} = 0, 1, json_extract(?3, '$[' || (i % 40) || ']'), 'orders', 0,
             ?4 - (?2 - i) * {HISTORY_MILLIS} / ?2, ?4 - (?2 - i) * {HISTORY_MILLIS} / ?2, i FROM n",
            numbers!()
        );
        sqlx::query(sqlx::AssertSqlSafe(statement))
            .bind(self.site)
            .bind(self.messages)
            .bind(serde_json::to_string(&contents())?)
            .bind(self.now)
            .execute(connection)
            .await?;
        Ok(())
    }

    /// Of fifty messages one is for everyone and four are for readers, in an order that favours no
    /// index.
    async fn recipients(&self, connection: &mut SqliteConnection) -> Outcome<()> {
        let others = (self.contacts - READERS).max(1);
        let statement = format!(
            "INSERT INTO recipient (site_id, contact_id, position, message_id, pinned)
             {}SELECT ?1, CASE WHEN i % {BROADCASTS} = 0 THEN 0
                               WHEN i % {BROADCASTS} < 5 THEN 1 + (i * 7919) % {READERS}
                               ELSE min(?3, {READERS} + 1 + (i * 104729) % {others}) END AS contact, i, {MESSAGE_ID}, 0
             FROM n ORDER BY contact, i",
            numbers!()
        );
        sqlx::query(sqlx::AssertSqlSafe(statement))
            .bind(self.site)
            .bind(self.messages)
            .bind(self.contacts)
            .execute(connection)
            .await?;
        Ok(())
    }

    async fn sessions(
        &self,
        connection: &mut SqliteConnection,
        site: &str,
        key: &str,
    ) -> Outcome<Vec<String>> {
        let mut cookies = Vec::new();
        for reader in 1..=READERS {
            let secret = Secret::generate(SecretKind::WidgetSession, &SystemRng);
            let family = u128::from(reader.unsigned_abs()).to_be_bytes();
            sqlx::query("INSERT INTO widget_session (site_id, digest, contact_id, family, key_id, expires_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)")
                .bind(self.site)
                .bind(secret.digest().0.as_slice())
                .bind(reader)
                .bind(family.as_slice())
                .bind(key)
                .bind(self.now + SESSION_TTL_MILLIS)
                .execute(&mut *connection)
                .await?;
            cookies.push(format!("__Host-belfry-{site}={}", secret.reveal()));
        }
        Ok(cookies)
    }
}

/// Forty typical messages of a shop: mostly short, some with a link, an image or buttons, some in
/// two languages.
fn contents() -> Vec<serde_json::Value> {
    let one = |number: usize, title: &str, body: &str| {
        let mut content = json!({ "title": format!("{title} {number}"), "body": body.replace("{n}", &number.to_string()) });
        if let Some(fields) = content.as_object_mut() {
            if number.is_multiple_of(2) {
                fields.insert(
                    "link".to_owned(),
                    json!(format!("https://shop.example/orders/{number}")),
                );
            }
            if number.is_multiple_of(4) {
                fields.insert(
                    "image".to_owned(),
                    json!(format!("https://shop.example/pictures/{number}.png")),
                );
            }
            if number.is_multiple_of(5) {
                fields.insert("actions".to_owned(), json!([{ "label": "Track", "link": format!("https://shop.example/track/{number}") }]));
            }
        }
        content
    };
    let all = (0..40).map(|number| {
        let mut languages = json!({ "en": one(number, "Your order has shipped:", "Order **{n}** is *on its way* and should be with you by Friday. Questions? [Write to us](https://shop.example/help).") });
        if number.is_multiple_of(3)
            && let Some(languages) = languages.as_object_mut()
        {
            languages.insert("uk".to_owned(), one(number, "Ваше замовлення вже в дорозі:", "Замовлення **{n}** буде у вас *до п'ятниці*. Маєте питання? [Напишіть нам](https://shop.example/help)."));
        }
        languages
    });
    all.collect()
}
