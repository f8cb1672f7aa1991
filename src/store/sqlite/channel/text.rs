//! Words: which conversations have them in a message, or in who the contact is.
//!
//! Each word is kept behind the number of its site (`12_hello`), so that a search costs what one site has of its words.

use crate::{
    domain::{ContactId, SiteId, channel::ChannelContact},
    store::{Result, sqlite::work::Work},
};
use sqlx::SqliteConnection;
use std::fmt::Write as _;

/// Words of one text that are kept, and characters of a word.
const MAX_WORDS: usize = 2_000;
const MAX_WORD_CHARS: usize = 40;
/// Words that a search asks for.
const MAX_ASKED: usize = 8;
/// Conversations that are found at most: those with the newest messages.
const MAX_FOUND: i64 = 1_000;
/// Conversations of a contact whose words are written anew when the contact changes.
const MAX_REINDEXED: i64 = 100;

pub(in crate::store::sqlite) const IN_MESSAGES: &str =
    "SELECT m.conversation FROM (SELECT rowid AS found FROM message_text WHERE message_text MATCH ?2 ORDER BY rowid DESC LIMIT ?3 + 0)
     CROSS JOIN conversation_message AS m ON m.row = found AND m.site_id = ?1";
pub(in crate::store::sqlite) const IN_CONTACTS: &str =
    "SELECT v.number FROM (SELECT rowid AS found FROM conversation_text WHERE conversation_text MATCH ?2 ORDER BY rowid DESC LIMIT ?3 + 0)
     CROSS JOIN conversation AS v ON v.row = found AND v.site_id = ?1";

fn words(text: &str) -> impl Iterator<Item = String> {
    text.split(|character: char| !character.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(|word| word.chars().take(MAX_WORD_CHARS).flat_map(char::to_lowercase).collect())
}

fn kept(number: i64, text: &str) -> String {
    let mut kept = String::new();
    for word in words(text).take(MAX_WORDS) {
        let _ = write!(kept, "{number}_{word} ");
    }
    kept
}

async fn site_number(connection: &mut SqliteConnection, site: SiteId) -> Result<i64> {
    Ok(sqlx::query_scalar("SELECT number FROM site_number WHERE site_id = ?1").bind(site.as_bytes()).fetch_one(connection).await?)
}

/// Keeps the words of a message.
pub(super) async fn index_message(work: &mut Work, site: SiteId, row: i64, content: &str) -> Result<()> {
    let kept = kept(site_number(&mut work.connection, site).await?, content);
    if !kept.is_empty() {
        sqlx::query("INSERT INTO message_text (rowid, words) VALUES (?1, ?2)").bind(row).bind(kept).execute(&mut work.connection).await?;
    }
    Ok(())
}

/// Forgets the words of a message.
pub(super) async fn forget_message(work: &mut Work, row: i64) -> Result<()> {
    sqlx::query("DELETE FROM message_text WHERE rowid = ?1").bind(row).execute(&mut work.connection).await?;
    Ok(())
}

fn of_contact(contact: &ChannelContact) -> String {
    let person = &contact.contact;
    let parts = [Some(contact.name()), person.email.clone(), person.phone.clone(), person.external_id.clone()];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

/// Keeps who a conversation is with.
pub(super) async fn index_conversation(work: &mut Work, site: SiteId, row: i64, contact: &ChannelContact) -> Result<()> {
    let kept = kept(site_number(&mut work.connection, site).await?, &of_contact(contact));
    if !kept.is_empty() {
        sqlx::query("INSERT INTO conversation_text (rowid, words) VALUES (?1, ?2)").bind(row).bind(kept).execute(&mut work.connection).await?;
    }
    Ok(())
}

/// Forgets who a conversation is with.
pub(super) async fn forget_conversation(work: &mut Work, row: i64) -> Result<()> {
    sqlx::query("DELETE FROM conversation_text WHERE rowid = ?1").bind(row).execute(&mut work.connection).await?;
    Ok(())
}

async fn rows_of(work: &mut Work, site: SiteId, contact: ContactId) -> Result<Vec<i64>> {
    Ok(sqlx::query_scalar(
        "SELECT row FROM conversation INDEXED BY conversation_contact WHERE site_id = ?1 AND contact_id = ?2 ORDER BY number DESC LIMIT ?3 + 0",
    )
    .bind(site.as_bytes())
    .bind(contact.0)
    .bind(MAX_REINDEXED)
    .fetch_all(&mut work.connection)
    .await?)
}

/// Keeps who the newest conversations of a contact are with, after the contact changed.
pub(super) async fn reindex_contact(work: &mut Work, site: SiteId, contact: &ChannelContact) -> Result<()> {
    for row in rows_of(work, site, contact.id()).await? {
        forget_conversation(work, row).await?;
        index_conversation(work, site, row, contact).await?;
    }
    Ok(())
}

/// The conversations with all of these words in one message, or in who the contact is; each once.
pub(super) async fn search(connection: &mut SqliteConnection, site: SiteId, text: &str) -> Result<Vec<i64>> {
    let number = site_number(connection, site).await?;
    let asked: Vec<String> = words(text).take(MAX_ASKED).map(|word| format!("\"{number}_{word}\"")).collect();
    if asked.is_empty() {
        return Ok(Vec::new());
    }
    let asked = asked.join(" ");
    let mut found: Vec<i64> = Vec::new();
    for statement in [IN_CONTACTS, IN_MESSAGES] {
        let numbers: Vec<i64> = sqlx::query_scalar(statement).bind(site.as_bytes()).bind(&asked).bind(MAX_FOUND).fetch_all(&mut *connection).await?;
        found.extend(numbers);
    }
    found.sort_unstable();
    found.dedup();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_carry_their_site_and_nothing_else() {
        assert_eq!(kept(12, "Hello, WORLD! ann@shop.example"), "12_hello 12_world 12_ann 12_shop 12_example ");
        assert_eq!(kept(1, "Привіт, світе"), "1_привіт 1_світе ");
        assert_eq!(kept(1, " \"*^ "), "");
        assert_eq!(kept(3, &"a".repeat(100)), format!("3_{} ", "a".repeat(40)));
    }
}
