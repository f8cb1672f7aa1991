//! What someone who has only the database can and can't read and do.

use super::*;
use crate::{
    AccountStore as _, AgentStore as _, Concurrency, InboxStore as _, SdkStore as _, SqliteOptions,
    Store as _, WebhookStore as _,
    db::{query_as, query_scalar},
    sqlite::open,
    vault::is_sealed,
};
use belfry_domain::{
    AccountDraft, Digest, EmailAddress, Endpoint, EndpointAuth, EndpointId, EndpointKind,
    EventSink, EventType, InboxEvent, Language, PasswordHash, SystemClock, Timestamp,
    channel::{
        AgentDraft, AgentRole, AgentSecrets, ChannelToken, InboxIdentifier, InboxSecrets,
        InboxSettings, InboxUuid, NewInbox,
    },
    sdk::{SdkScope, SigningKey, SigningKeyOwner},
};
use std::{fs, sync::Arc};
use tempfile::TempDir;

const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);
const SECRET: &[u8] = b"twenty bytes of key.";
const SIGNING: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const PASSWORD: &str = "the receiver's password";

struct NoopSink;

impl EventSink for NoopSink {
    fn publish(&self, _: InboxEvent) {}
}

struct TestDatabase {
    folder: TempDir,
    site: SiteId,
    account: AccountId,
    endpoints: [EndpointId; 2],
}

impl TestDatabase {
    /// A database with one secret of each kind.
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store =
            SqlStore::open(SqliteOptions::new(folder.path().join("belfry.db")), Arc::new(NoopSink))
                .await
                .unwrap();
        let draft = AccountDraft {
            email: EmailAddress::parse("owner@example.com").unwrap(),
            name: "Olha".to_owned(),
            password: PasswordHash("hash".to_owned()),
            language: Language::english(),
            is_operator: true,
        };
        store
            .offer_set_up(&Digest::of("code"), NOW.plus(std::time::Duration::from_hours(1)))
            .await
            .unwrap();
        let account = store.set_up(&Digest::of("code"), &draft, NOW).await.unwrap().unwrap();
        store.begin_second_factor(account, SECRET).await.unwrap();
        let world = Self {
            folder,
            site: SiteId::from_bytes([7; 16]),
            account,
            endpoints: [1, 2].map(|_| EndpointId::generate(&SystemClock, &SystemRng)),
        };
        world
            .execute(&format!(
                "INSERT INTO site (id, name, origins, selector, insert_position, language, created_at) VALUES (x'{}', 'A', '[]', '#b', 'append', 'en', 0)",
                "07".repeat(16)
            ))
            .await;
        let auths = [
            EndpointAuth::Signed {
                secret: SigningSecret::from_stored(SIGNING.to_owned()),
                previous: None,
            },
            EndpointAuth::Basic { username: "user".to_owned(), password: PASSWORD.to_owned() },
        ];
        for (id, auth) in world.endpoints.into_iter().zip(auths) {
            let endpoint = Endpoint {
                site: world.site,
                id,
                kind: EndpointKind::Standard,
                url: "https://shop.example/hook".to_owned(),
                description: String::new(),
                events: vec![EventType::ContactCreated],
                enabled: true,
                reason: None,
                username: None,
                created_at: NOW,
                failing_since: None,
                pending: 0,
            };
            assert!(store.add_webhook(&endpoint, &auth).await.unwrap());
            assert!(store.test_webhook(world.site, id, NOW).await.unwrap().is_some());
        }
        world
            .execute(&format!(
                "INSERT INTO membership (site_id, account_id, role) VALUES (x'{}', {}, 'owner')",
                "07".repeat(16),
                account.0
            ))
            .await;
        store.close().await;
        world
    }

    fn options(&self) -> SqliteOptions {
        SqliteOptions::new(self.folder.path().join("belfry.db"))
    }

    async fn open(&self) -> Result<SqlStore> {
        SqlStore::open(self.options(), Arc::new(NoopSink)).await
    }

    async fn connection(&self) -> Connection {
        open::foreign(self.options().path).await.unwrap()
    }

    async fn execute(&self, statements: &str) {
        let mut connection = self.connection().await;
        connection.run_script(sqlx::AssertSqlSafe(statements.to_owned())).await.unwrap();
        connection.close().await.unwrap();
    }

    /// The three secrets, as a working server has them.
    async fn is_key_in_use(&self, store: &SqlStore) -> (Vec<u8>, String, String) {
        let factor = store.account(self.account).await.unwrap().unwrap().second_factor.unwrap();
        let due = store
            .due_deliveries(NOW, &[], Concurrency { total: 10, endpoint: 5, site: 10, after: 0 })
            .await
            .unwrap()
            .deliveries;
        let (mut signing, mut password) = (String::new(), String::new());
        for delivery in due {
            match delivery.auth {
                EndpointAuth::Signed { secret, .. } => secret.reveal().clone_into(&mut signing),
                EndpointAuth::Basic { password: known, .. } => password = known,
                EndpointAuth::None => panic!("a secret was lost"),
            }
        }
        (factor.secret, signing, password)
    }

    async fn assert_works(&self) {
        let store = self.open().await.unwrap();
        assert_eq!(
            self.is_key_in_use(&store).await,
            (SECRET.to_vec(), SIGNING.to_owned(), PASSWORD.to_owned())
        );
        store.close().await;
    }

    /// The content of all files in the folder except the key.
    fn database(&self) -> Vec<u8> {
        let files = fs::read_dir(self.folder.path()).unwrap().map(|file| file.unwrap().path());
        files
            .filter(|path| !path.to_string_lossy().contains("secret-key"))
            .flat_map(|path| fs::read(path).unwrap())
            .collect()
    }

    fn holds(&self, text: &[u8]) -> bool {
        self.database().windows(text.len()).any(|window| window == text)
    }
}

#[tokio::test]
async fn no_plaintext_secret_is_in_the_database() {
    let world = TestDatabase::new().await;
    for secret in [SECRET, &SIGNING.as_bytes()[6..], PASSWORD.as_bytes()] {
        assert!(!world.holds(secret), "{}", String::from_utf8_lossy(secret));
    }
    // Proves that the search finds what is there.
    assert!(world.holds(b"owner@example.com"));
    world.assert_works().await;
}

#[tokio::test]
async fn every_secret_column_is_encrypted() {
    let world = TestDatabase::new().await;
    let mut connection = world.connection().await;
    let sealed: Vec<Option<String>> =
        query_scalar("SELECT secret FROM webhook_secret UNION ALL SELECT password FROM webhook_secret UNION ALL SELECT CAST(totp_secret AS TEXT) FROM account")
            .fetch_all(&mut connection)
            .await
            .unwrap();
    assert_eq!(sealed.iter().flatten().filter(|text| is_sealed(text)).count(), 3, "{sealed:?}");
    assert_eq!(sealed.iter().flatten().count(), 3);
    connection.close().await.unwrap();
}

#[tokio::test]
async fn rotation_takes_many_rows_in_turns() {
    let world = TestDatabase::new().await;
    world
        .execute(
            "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 250)
             INSERT INTO account (email, name, password, language, is_operator, created_at)
                SELECT 'a' || i || '@example.com', 'A', 'hash', 'en', 0, 0 FROM n",
        )
        .await;
    let store = world.open().await.unwrap();
    let mut connection = world.connection().await;
    let accounts: Vec<i64> = query_scalar("SELECT id FROM account WHERE totp_secret IS NULL")
        .fetch_all(&mut connection)
        .await
        .unwrap();
    connection.close().await.unwrap();
    assert_eq!(accounts.len(), 250);
    for account in &accounts {
        store.begin_second_factor(AccountId(*account), SECRET).await.unwrap();
    }
    store.rotate_secret_key().await.unwrap();
    // The former key is gone, so that none of them could still be encrypted with it.
    for account in accounts {
        let account = store.account(AccountId(account)).await.unwrap().unwrap();
        assert_eq!(account.second_factor.unwrap().secret, SECRET);
    }
    store.close().await;
    world.assert_works().await;
}

#[tokio::test]
async fn encrypted_values_are_bound_to_their_row() {
    let world = TestDatabase::new().await;
    world
        .execute(
            "INSERT INTO account (email, name, password, totp_secret, totp_confirmed, language, is_operator, created_at)
             SELECT 'thief@example.com', 'T', 'hash', totp_secret, 1, 'en', 0, 0 FROM account;
             UPDATE webhook_secret SET secret = (SELECT secret FROM webhook_secret WHERE secret IS NOT NULL), password = NULL WHERE secret IS NULL",
        )
        .await;
    let store = world.open().await.unwrap();
    assert!(matches!(
        store.account_by_email("thief@example.com").await,
        Err(StoreError::SecretKey { .. })
    ));
    // It does not block sound deliveries either.
    let due = store
        .due_deliveries(NOW, &[], Concurrency { total: 10, endpoint: 5, site: 10, after: 0 })
        .await
        .unwrap()
        .deliveries;
    assert_eq!(due.len(), 1);
    store.close().await;
}

#[tokio::test]
async fn missing_or_foreign_key_fails_on_open() {
    let world = TestDatabase::new().await;
    let key = world.options().secret_key_path();
    let kept = fs::read(&key).unwrap();
    fs::remove_file(&key).unwrap();
    let refused = world.open().await.err().unwrap().to_string();
    assert!(
        refused.contains(&key.display().to_string()) && refused.contains("not there"),
        "{refused}"
    );
    assert!(!key.exists(), "no new key is created in its place");
    let other = TestDatabase::new().await;
    fs::copy(other.options().secret_key_path(), &key).unwrap();
    let refused = world.open().await.err().unwrap().to_string();
    assert!(
        refused.contains(&key.display().to_string()) && refused.contains("another database"),
        "{refused}"
    );
    // From another location, if one is given.
    let elsewhere = world.folder.path().join("secret-key elsewhere");
    fs::write(&elsewhere, kept).unwrap();
    let store = SqlStore::open(
        SqliteOptions { secret_key_file: Some(elsewhere), ..world.options() },
        Arc::new(NoopSink),
    )
    .await
    .unwrap();
    world.is_key_in_use(&store).await;
    store.close().await;
}

#[tokio::test]
async fn key_rotation_reencrypts_while_a_server_runs() {
    let world = TestDatabase::new().await;
    let key = world.options().secret_key_path();
    let former = fs::read(&key).unwrap();
    let running = world.open().await.unwrap();
    let other = world.open().await.unwrap();
    other.rotate_secret_key().await.unwrap();
    other.close().await;
    assert_eq!(
        world.is_key_in_use(&running).await,
        (SECRET.to_vec(), SIGNING.to_owned(), PASSWORD.to_owned())
    );
    // What it encrypts from then on is decrypted only with the new key.
    running.begin_second_factor(world.account, SECRET).await.unwrap();
    running.close().await;
    world.assert_works().await;
    fs::write(&key, former).unwrap();
    assert!(matches!(world.open().await, Err(StoreError::SecretKey { .. })));
}

#[tokio::test]
async fn reset_after_key_loss_drops_encrypted_values() {
    let world = TestDatabase::new().await;
    let key = world.options().secret_key_path();
    assert!(
        SqlStore::reset_secret_key(&world.options().into()).await.is_err(),
        "an existing key is never replaced"
    );
    fs::remove_file(&key).unwrap();
    SqlStore::reset_secret_key(&world.options().into()).await.unwrap();
    let store = world.open().await.unwrap();
    assert_eq!(store.account(world.account).await.unwrap().unwrap().second_factor, None);
    for endpoint in store.webhooks(world.site).await.unwrap() {
        assert!(!endpoint.enabled && endpoint.reason.is_some_and(|reason| reason.contains("lost")));
    }
    // Nothing is sent unsigned, even if someone enables the endpoint as it is.
    store.close().await;
    world.execute("UPDATE webhook_endpoint SET enabled = 1").await;
    let store = world.open().await.unwrap();
    let (signing, password) = {
        let due = store
            .due_deliveries(NOW, &[], Concurrency { total: 10, endpoint: 5, site: 10, after: 0 })
            .await
            .unwrap()
            .deliveries;
        let signed =
            due.iter().filter(|delivery| matches!(&delivery.auth, EndpointAuth::Signed { secret, .. } if secret.reveal() != SIGNING)).count();
        let basic = due.iter().filter(|delivery| matches!(&delivery.auth, EndpointAuth::Basic { password, .. } if password.is_empty())).count();
        (signed, basic)
    };
    assert_eq!((signing, password), (1, 1));
    store.close().await;
}

#[tokio::test]
async fn conversation_secrets_are_rotated_and_reset() {
    let world = TestDatabase::new().await;
    let store = world.open().await.unwrap();
    let secrets = InboxSecrets {
        hmac_token: ChannelToken::generate(&SystemRng),
        callback_secret: SigningSecret::generate(&SystemRng),
    };
    let new = NewInbox {
        site: world.site,
        uuid: InboxUuid::generate(&SystemRng),
        identifier: InboxIdentifier::generate(&SystemRng),
        settings: InboxSettings {
            name: "Support".to_owned(),
            callback_url: Some("https://shop.example/hook".to_owned()),
            ..InboxSettings::default()
        },
        secrets: secrets.clone(),
    };
    let inbox = store.create_inbox(&new, NOW).await.unwrap().unwrap().id;
    let known_by = AgentSecrets {
        access_token: Some(ChannelToken::generate(&SystemRng)),
        pubsub_token: ChannelToken::generate(&SystemRng),
    };
    let draft = AgentDraft::new("Ada", "ada@shop.example", AgentRole::Agent).unwrap();
    store.create_agent(world.site, &draft, &known_by, NOW).await.unwrap().unwrap();
    let digest = known_by.access_token.unwrap().digest();
    let signing = SigningKey::generate(&SystemRng);
    store.create_sdk_key(world.site, SdkScope::Site, "key", &signing, NOW).await.unwrap().unwrap();
    assert!(!world.holds(signing.reveal().as_bytes()));
    store.rotate_secret_key().await.unwrap();
    store.close().await;
    let store = world.open().await.unwrap();
    assert_eq!(store.inbox_secrets(world.site, inbox).await.unwrap(), Some(secrets.clone()));
    assert_eq!(
        store.signing_keys(SigningKeyOwner::Site(world.site)).await.unwrap().unwrap().keys[0].1,
        signing
    );
    assert_eq!(
        store.agent_by_token(&digest).await.unwrap().unwrap().pubsub_token,
        known_by.pubsub_token
    );
    store.close().await;
    fs::remove_file(world.options().secret_key_path()).unwrap();
    SqlStore::reset_secret_key(&world.options().into()).await.unwrap();
    let store = world.open().await.unwrap();
    assert_eq!(
        store.sdk_keys(world.site).await.unwrap(),
        [],
        "signing keys are deleted, not replaced"
    );
    let renewed = store.inbox_secrets(world.site, inbox).await.unwrap().unwrap();
    assert!(
        renewed.hmac_token != secrets.hmac_token
            && renewed.callback_secret != secrets.callback_secret
    );
    let pubsub = store.agent_by_token(&digest).await.unwrap().unwrap().pubsub_token;
    assert_ne!(pubsub, known_by.pubsub_token);
    assert!(store.subscriber(&pubsub.digest()).await.unwrap().is_some());
    // Saving the inbox enables its callback URL again; deliveries are signed with the secret that
    // the inbox shows.
    let endpoint = store.callback_deliveries(world.site, inbox, 1).await.unwrap().unwrap().0;
    assert!(!endpoint.enabled);
    store
        .update_inbox(world.site, inbox, Box::new(|settings| Ok(settings.clone())), NOW)
        .await
        .unwrap()
        .unwrap();
    let (number, sealed): (i64, String) = query_as(
        "SELECT e.number, s.secret FROM webhook_endpoint AS e CROSS JOIN webhook_secret AS s ON s.endpoint = e.number WHERE e.inbox_id = ?1",
    )
    .bind(inbox.0)
    .fetch_one(&mut store.read_connection_for(world.site).await.unwrap())
    .await
    .unwrap();
    assert_eq!(
        store.vault.decrypt_text(&signing_secret(world.site, number), &sealed).unwrap(),
        renewed.callback_secret.reveal()
    );
    store.close().await;
}
