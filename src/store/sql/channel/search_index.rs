//! The full-text index of conversations: words of messages, and of contacts' names and identifiers.
//!
//! Each word is a key range that starts with the site's number, so a search reads one site only,
//! and the cost of adding or removing a word does not depend on the size of the index. The words of
//! a message are derived from its content, which is all that is needed to remove them.

use crate::{
    Result,
    db::{Connection, query, query_scalar, to_json},
    sql::write_tx::WriteTx,
};
use belfry_domain::{ContactId, SiteId, channel::ChannelContact};
use std::collections::HashSet;
use unicode_normalization::{UnicodeNormalization as _, char::decompose_canonical};

/// The most distinct words that are indexed per text, and the longest word.
const MAX_WORDS_PER_TEXT: usize = 1_000;
const MAX_WORD_CHARS: usize = 40;
/// The most words of a search query.
const MAX_SEARCH_WORDS: usize = 8;
/// The newest matching messages or contacts that a search considers, and the conversations of these
/// contacts.
const MAX_MATCHES: i64 = 1_000;
/// For several words: the newest messages with the rarest word that are checked for the others.
const MAX_COMPARED_MESSAGES: i64 = 5_000;
/// The words of a message that one background step removes.
const WORDS_PER_STEP: usize = 250;

macro_rules! with_all_words {
    ($table:literal, $of:literal, $rest:literal) => {
        concat!(
            "SELECT found.",
            $of,
            " FROM (SELECT ",
            $of,
            " FROM ",
            $table,
            " WHERE site = ?1 AND word = ?2 ORDER BY ",
            $of,
            " DESC LIMIT ?4 + 0) AS found
             WHERE NOT EXISTS (SELECT 1 FROM json_each(?3) AS input WHERE NOT EXISTS (SELECT 1 FROM ",
            $table,
            " AS other
                WHERE other.site = ?1 AND other.word = input.value AND other.",
            $of,
            " = found.",
            $of,
            ")) ",
            $rest
        )
    };
}
pub(in crate::sql) const IN_MESSAGES: &str = concat!(
    "SELECT m.conversation FROM (",
    with_all_words!("message_word", "message", "LIMIT ?5 + 0"),
    ") AS r CROSS JOIN conversation_message AS m ON m.row = r.message AND m.site_id = ?6"
);
pub(in crate::sql) const IN_CONTACTS: &str = concat!(
    "SELECT v.number FROM (",
    with_all_words!("contact_word", "contact", "LIMIT ?5 + 0"),
    ") AS r CROSS JOIN conversation AS v INDEXED BY conversation_contact ON v.site_id = ?6 AND v.contact_id = r.contact LIMIT ?5 + 0"
);
/// The number of messages or contacts of the site with a word, up to a limit.
pub(in crate::sql) const COUNT_MESSAGES: &str =
    "SELECT count(*) FROM (SELECT 1 FROM message_word WHERE site = ?1 AND word = ?2 LIMIT ?3 + 0)";
pub(in crate::sql) const COUNT_CONTACTS: &str =
    "SELECT count(*) FROM (SELECT 1 FROM contact_word WHERE site = ?1 AND word = ?2 LIMIT ?3 + 0)";

const ADD_TO_MESSAGE: &str = "INSERT INTO message_word (site, word, message)
     SELECT ?1, value, ?2 FROM json_each(?3) WHERE true ON CONFLICT DO NOTHING";
const ADD_TO_CONTACT: &str = "INSERT INTO contact_word (site, word, contact)
     SELECT ?1, value, ?2 FROM json_each(?3) WHERE true ON CONFLICT DO NOTHING";
pub(in crate::sql) const DELETE_FROM_MESSAGE: &str = "DELETE FROM message_word WHERE site = ?1 AND word IN (SELECT value FROM json_each(?3) AS input) AND message = ?2";
pub(in crate::sql) const DELETE_FROM_CONTACT: &str =
    "DELETE FROM contact_word INDEXED BY contact_word_contact
     WHERE site = (SELECT number FROM site_counter WHERE site_id = ?1) AND contact = ?2";

/// Case folding; Latin letters also lose their diacritics.
fn fold(letter: char) -> impl Iterator<Item = char> {
    let mut base = None;
    decompose_canonical(letter, |part| base = base.or(Some(part)));
    base.filter(char::is_ascii_alphabetic).unwrap_or(letter).to_lowercase()
}

/// The distinct index words of a text.
fn words(text: &str) -> Vec<String> {
    let text: String = text.nfc().collect();
    let mut seen = HashSet::new();
    text.split(|character: char| !character.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(|word| word.chars().take(MAX_WORD_CHARS).flat_map(fold).collect::<String>())
        .filter(|word| seen.insert(word.clone()))
        .take(MAX_WORDS_PER_TEXT)
        .collect()
}

async fn site_number(connection: &mut Connection, site: SiteId) -> Result<i64> {
    query_scalar("SELECT number FROM site_counter WHERE site_id = ?1")
        .bind(site.as_bytes())
        .fetch_one(connection)
        .await
}

/// Runs a statement with the site, the message or contact, and the words.
async fn write(
    tx: &mut WriteTx,
    statement: &'static str,
    site: SiteId,
    of: i64,
    words: &[String],
) -> Result<()> {
    if words.is_empty() {
        return Ok(());
    }
    let number = site_number(&mut tx.connection, site).await?;
    query(statement)
        .bind(number)
        .bind(of)
        .bind(to_json(words)?)
        .execute(&mut tx.connection)
        .await?;
    Ok(())
}

pub(super) async fn index_message(
    tx: &mut WriteTx,
    site: SiteId,
    row: i64,
    content: &str,
) -> Result<()> {
    write(tx, ADD_TO_MESSAGE, site, row, &words(content)).await
}

pub(super) async fn delete_message_words(
    tx: &mut WriteTx,
    site: SiteId,
    row: i64,
    content: &str,
) -> Result<()> {
    write(tx, DELETE_FROM_MESSAGE, site, row, &words(content)).await
}

/// Removes some of the words of a message that is being deleted. Returns the remaining content, if
/// any.
pub(super) async fn delete_some_words(
    tx: &mut WriteTx,
    site: SiteId,
    row: i64,
    content: &str,
) -> Result<Option<String>> {
    let words = words(content);
    let (first, rest) = words.split_at(words.len().min(WORDS_PER_STEP));
    write(tx, DELETE_FROM_MESSAGE, site, row, first).await?;
    Ok((!rest.is_empty()).then(|| rest.join(" ")))
}

fn contact_words(contact: &ChannelContact) -> Vec<String> {
    let person = &contact.contact;
    let parts = [
        Some(contact.name()),
        person.email.clone(),
        person.phone.clone(),
        person.external_id.clone(),
    ];
    words(&parts.into_iter().flatten().collect::<Vec<_>>().join(" "))
}

/// Replaces the indexed words of a contact.
pub(super) async fn index_contact(
    tx: &mut WriteTx,
    site: SiteId,
    contact: &ChannelContact,
) -> Result<()> {
    delete_contact_words(tx, site, contact.id()).await?;
    write(tx, ADD_TO_CONTACT, site, contact.id().0, &contact_words(contact)).await
}

pub(super) async fn delete_contact_words(
    tx: &mut WriteTx,
    site: SiteId,
    contact: ContactId,
) -> Result<()> {
    query(DELETE_FROM_CONTACT)
        .bind(site.as_bytes())
        .bind(contact.0)
        .execute(&mut tx.connection)
        .await?;
    Ok(())
}

/// Finds what has all of these words, starting with the rarest one.
async fn find(
    connection: &mut Connection,
    (count, statement): (&'static str, &'static str),
    (site, number): (SiteId, i64),
    asked: &[String],
) -> Result<Vec<i64>> {
    let mut rarest: Option<(i64, &String)> = None;
    for word in asked {
        let having: i64 = query_scalar(count)
            .bind(number)
            .bind(word)
            .bind(MAX_COMPARED_MESSAGES)
            .fetch_one(&mut *connection)
            .await?;
        if rarest.is_none_or(|(fewest, _)| having < fewest) {
            rarest = Some((having, word));
        }
    }
    let Some((1.., rarest)) = rarest else { return Ok(Vec::new()) };
    let others: Vec<&String> = asked.iter().filter(|word| *word != rarest).collect();
    let compared = if others.is_empty() { MAX_MATCHES } else { MAX_COMPARED_MESSAGES };
    let query = query_scalar(statement)
        .bind(number)
        .bind(rarest)
        .bind(to_json(&others)?)
        .bind(compared)
        .bind(MAX_MATCHES)
        .bind(site.as_bytes());
    query.fetch_all(connection).await
}

/// The distinct conversations that have all of these words in one message, or whose contact has
/// them.
pub(super) async fn search(
    connection: &mut Connection,
    site: SiteId,
    text: &str,
) -> Result<Vec<i64>> {
    let number = site_number(connection, site).await?;
    let mut words = words(text);
    words.truncate(MAX_SEARCH_WORDS);
    let mut matches: Vec<i64> = Vec::new();
    for statements in [(COUNT_CONTACTS, IN_CONTACTS), (COUNT_MESSAGES, IN_MESSAGES)] {
        matches.extend(find(connection, statements, (site, number), &words).await?);
    }
    matches.sort_unstable();
    matches.dedup();
    Ok(matches)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_folded_and_distinct() {
        assert_eq!(
            words("Hello, WORLD! hello ann@shop.example"),
            ["hello", "world", "ann", "shop", "example"]
        );
        assert_eq!(words("Привіт, світе й"), ["привіт", "світе", "й"]);
        assert_eq!(words("Café cafe\u{301} CAFE"), ["cafe"]);
        assert!(words(" \"*^ ").is_empty());
        assert_eq!(words(&"a".repeat(100)), ["a".repeat(40)]);
        let many = (0..5_000).map(|number| format!("w{number} ")).collect::<Vec<_>>().concat();
        assert_eq!(words(&many).len(), MAX_WORDS_PER_TEXT);
    }
}
