//! Each unique key and each foreign key of what belongs to a site contains the site, except for those
//! that are listed with their reason: a database that spreads rows over servers by the site can check
//! only such keys on one server. `docs/distributed-databases.md` is written from these lists.

use crate::{
    db::{Connection, query_scalar},
    postgres::testing::TestDatabase,
};
use std::collections::BTreeSet;

/// Tables whose rows belong to no site, or are found through a table of one, and why.
const TABLES_WITHOUT_SITE: &[(&str, &str)] = &[
    ("_compatibility", "one row"),
    ("_sqlx_migrations", "the migrations that ran"),
    ("account", "a person may be a member of several sites"),
    ("attempt", "guesses of passwords, by account and browser"),
    ("clock", "one row"),
    ("console_session", "of an account"),
    ("encryption_key_check", "one row"),
    ("relayed", "what processes tell each other, of all sites"),
    ("setup_token", "before there is a site"),
    ("trusted_browser", "of an account"),
    ("webhook_backlog", "of an endpoint, which has the site"),
    ("webhook_secret", "of an endpoint, which has the site"),
];

const ACCOUNT: &str = "an account belongs to no site";
const ENDPOINT: &str = "leads to the number of an endpoint";
const NUMBER: &str = "an identity column, unique among all sites";
const SECRET: &str = "looked up by a secret or public name, before the site is known";

/// Keys without the site, of tables that have it, and why.
const KEYS_WITHOUT_SITE: &[(&str, &str)] = &[
    ("agent_pkey", NUMBER),
    ("agent_pubsub_digest_key", SECRET),
    ("agent_token", SECRET),
    ("api_key_digest_key", SECRET),
    ("attachment_key_key", SECRET),
    ("canned_response_pkey", NUMBER),
    ("contact_inbox_pkey", NUMBER),
    ("contact_inbox_pubsub_digest_key", SECRET),
    ("contact_token_digest", SECRET),
    ("conversation_message_pkey", NUMBER),
    ("conversation_pkey", NUMBER),
    ("deletion_queue_pkey", NUMBER),
    ("inbox_identifier_key", SECRET),
    ("inbox_pkey", NUMBER),
    ("inbox_uuid_key", SECRET),
    ("invitation_invited_by_fkey", ACCOUNT),
    ("invitation_pkey", SECRET),
    ("membership_account_id_fkey", ACCOUNT),
    ("sdk_key_pkey", NUMBER),
    ("sdk_token_pkey", SECRET),
    ("site_counter_pkey", NUMBER),
    ("token_chain_digest_key", SECRET),
    ("webhook_delivery_endpoint_fkey", ENDPOINT),
    ("webhook_delivery_pkey", NUMBER),
    ("webhook_endpoint_pkey", NUMBER),
];

/// Tables without a column that names the site. `site` is the site's number.
const TABLES: &str = "SELECT c.relname::text FROM pg_class AS c
     WHERE c.relnamespace = 'belfry'::regnamespace AND c.relkind IN ('r', 'p') AND c.relname <> 'site'
        AND NOT EXISTS (SELECT 1 FROM pg_attribute AS a WHERE a.attrelid = c.oid AND a.attname IN ('site_id', 'site'))";

/// Unique keys and foreign keys without such a column, of tables that have one. Columns that an index
/// only includes do not count.
const KEYS: &str = "SELECT k.name FROM (
        SELECT indrelid, indexrelid::regclass::text, (indkey::smallint[])[0:indnkeyatts - 1] FROM pg_index WHERE indisunique OR indisexclusion
        UNION ALL SELECT conrelid, conname::text, conkey FROM pg_constraint WHERE contype = 'f'
     ) AS k (relation, name, columns) JOIN pg_class AS c ON c.oid = k.relation
     WHERE c.relnamespace = 'belfry'::regnamespace AND c.relname <> 'site'
        AND EXISTS (SELECT 1 FROM pg_attribute AS a WHERE a.attrelid = c.oid AND a.attname IN ('site_id', 'site'))
        AND NOT EXISTS (SELECT 1 FROM pg_attribute AS a
            WHERE a.attrelid = c.oid AND a.attname IN ('site_id', 'site') AND a.attnum = ANY (k.columns))";

async fn names(connection: &mut Connection, statement: &'static str) -> BTreeSet<String> {
    let names: Vec<String> = query_scalar(statement).fetch_all(connection).await.unwrap();
    names.into_iter().collect()
}

/// What a list lacks, and what it names without need.
fn differences(found: &BTreeSet<String>, list: &[(&str, &str)]) -> Vec<String> {
    let listed: BTreeSet<_> = list.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(listed.len(), list.len(), "a name is listed twice");
    found.symmetric_difference(&listed).cloned().collect()
}

/// Tables and keys without the site that no list explains, and explanations of what is not there.
async fn unexplained(connection: &mut Connection) -> Vec<String> {
    let mut all = differences(&names(connection, TABLES).await, TABLES_WITHOUT_SITE);
    all.extend(differences(&names(connection, KEYS).await, KEYS_WITHOUT_SITE));
    all
}

#[tokio::test]
async fn keys_contain_the_site() {
    let Some(database) = TestDatabase::new().await else { return };
    let mut connection = database.connect().await;
    let unexplained = unexplained(&mut connection).await;
    assert!(unexplained.is_empty(), "without the site, or listed in vain: {unexplained:?}");
}

/// What the test above fails for.
#[tokio::test]
async fn new_keys_without_the_site_are_found() {
    let planted: &[(&str, &[&str])] = &[
        ("CREATE TABLE planted (id BIGINT PRIMARY KEY)", &["planted"]),
        (
            "CREATE TABLE planted (site_id BYTEA, id BIGINT PRIMARY KEY, account_id BIGINT REFERENCES account (id))",
            &["planted_account_id_fkey", "planted_pkey"],
        ),
        (
            "ALTER TABLE contact ADD CONSTRAINT planted UNIQUE (email) INCLUDE (site_id)",
            &["planted"],
        ),
        ("CREATE UNIQUE INDEX planted ON contact (lower(email))", &["planted"]),
        ("CREATE UNIQUE INDEX planted ON contact (site_id, lower(email))", &[]),
        ("CREATE TABLE planted (site BIGINT, word TEXT, PRIMARY KEY (site, word))", &[]),
        ("ALTER TABLE api_key DROP CONSTRAINT api_key_digest_key", &["api_key_digest_key"]),
    ];
    let Some(database) = TestDatabase::new().await else { return };
    let mut connection = database.connect().await;
    for (statement, expected) in planted {
        connection.run_script("BEGIN").await.unwrap();
        connection.run_script(*statement).await.unwrap();
        assert_eq!(unexplained(&mut connection).await, *expected, "{statement}");
        connection.run_script("ROLLBACK").await.unwrap();
    }
}
