//! Authentication by JWT, session lifetimes, and rejection reasons. Calls the use cases below the
//! socket.

use crate::{channels::site::ChannelSite, support::TestApp};
use belfry_app::sdk::{CreatedSdkKey, SdkError, sign_jwt};
use belfry_domain::{
    SiteId, SystemRng,
    channel::{AgentRole, ConversationAccess, ConversationNumber, InboxSettings},
    sdk::{SdkAuthError, SdkScope, SdkSession, SigningKey},
};
use belfry_store::Store;
use serde_json::{Value, json};
use std::{sync::Arc, time::Duration};

struct AuthFixture {
    app: TestApp,
    site: ChannelSite,
}

impl AuthFixture {
    async fn new() -> Self {
        let app = TestApp::new().await;
        let store: Arc<dyn Store> = app.store.clone();
        let site = ChannelSite::new(&app.app, &store, InboxSettings::default()).await;
        Self { app, site }
    }

    async fn key(&self, of_inbox: bool) -> CreatedSdkKey {
        let inbox = of_inbox.then_some(self.site.inbox.id);
        self.app.app.create_sdk_key(self.site.id, inbox, "Back office").await.unwrap()
    }

    fn claims(&self, scope: &str, uuid: &str) -> Value {
        let now = self.app.app.now().millis() / 1_000;
        json!({ "iss": "Example", "iat": now - 10, "exp": now + 190, "id": "x/1", "name": "Ada", "email": "", scope: uuid })
    }

    async fn enter(
        &self,
        claims: &Value,
        key: &SigningKey,
    ) -> Result<(SdkSession, String), SdkAuthError> {
        let entered = self.app.app.authenticate_by_jwt(&sign_jwt(claims, key).unwrap()).await;
        entered.map(|(session, token)| (session, token.reveal().to_owned())).map_err(refusal)
    }

    async fn enter_with(&self, key: &CreatedSdkKey) -> Result<(SdkSession, String), SdkAuthError> {
        let scope = if key.key.scope == SdkScope::Site { "environment_id" } else { "bot_id" };
        self.enter(&self.claims(scope, &key.uuid), &key.secret).await
    }

    async fn session(&self, token: &str) -> Result<SdkSession, SdkAuthError> {
        self.app.app.sdk_session(token).await.map_err(refusal)
    }
}

fn refusal(error: SdkError) -> SdkAuthError {
    match error {
        SdkError::Unauthorized(refusal) => refusal,
        SdkError::Channel(error) => panic!("{error}"),
    }
}

#[tokio::test]
async fn jwt_is_exchanged_for_a_session_with_its_scope() {
    let fixture = AuthFixture::new().await;
    let inbox = fixture.site.inbox.id;
    for (of_inbox, scope, access) in [
        (true, SdkScope::Inbox(inbox), ConversationAccess::Inbox(inbox)),
        (false, SdkScope::Site, ConversationAccess::Site),
    ] {
        let key = fixture.key(of_inbox).await;
        let (session, token) = fixture.enter_with(&key).await.unwrap();
        assert!(token.starts_with("bfs_"), "{token}");
        assert_eq!(
            (session.scope, session.caller.access, session.key),
            (scope, access, key.key.id)
        );
        assert_eq!(
            (session.caller.agent.name.as_str(), session.external_id.as_str()),
            ("Ada", "x/1")
        );
        assert_eq!(session.caller.agent.role, AgentRole::Agent);
        assert_eq!(fixture.session(&token).await.unwrap(), session);
        let (again, none) = fixture.app.app.authenticate_sdk(&token).await.unwrap();
        assert!(none.is_none() && again == session);
    }
    let used = fixture.app.app.sdk_keys(fixture.site.id).await.unwrap();
    assert!(used.iter().all(|key| key.last_used_at == Some(fixture.app.app.now())), "{used:?}");
}

#[tokio::test]
async fn jwt_of_another_owner_is_rejected_like_a_bad_signature() {
    let fixture = AuthFixture::new().await;
    let store: Arc<dyn Store> = fixture.app.store.clone();
    let foreign = ChannelSite::new(&fixture.app.app, &store, InboxSettings::default()).await;
    let (of_inbox, of_site) = (fixture.key(true).await, fixture.key(false).await);
    let unknown = SiteId::generate(&SystemRng).to_string();
    let matrix = [
        ("wrong key", fixture.claims("bot_id", &of_inbox.uuid), SigningKey::generate(&SystemRng)),
        (
            "key of the site for an inbox",
            fixture.claims("bot_id", &of_inbox.uuid),
            of_site.secret.clone(),
        ),
        (
            "key of an inbox for the site",
            fixture.claims("environment_id", &of_site.uuid),
            of_inbox.secret.clone(),
        ),
        (
            "inbox as site",
            fixture.claims("environment_id", &of_inbox.uuid),
            of_inbox.secret.clone(),
        ),
        ("site as inbox", fixture.claims("bot_id", &of_site.uuid), of_site.secret.clone()),
        (
            "foreign inbox",
            fixture.claims("bot_id", &foreign.inbox.uuid.to_string()),
            of_inbox.secret.clone(),
        ),
        (
            "foreign site",
            fixture.claims("environment_id", &foreign.id.to_string()),
            of_site.secret.clone(),
        ),
        ("unknown inbox", fixture.claims("bot_id", &unknown), of_inbox.secret.clone()),
        ("unknown site", fixture.claims("environment_id", &unknown), of_site.secret.clone()),
    ];
    for (name, claims, key) in matrix {
        assert_eq!(
            fixture.enter(&claims, &key).await.unwrap_err(),
            SdkAuthError::InvalidToken,
            "{name}"
        );
    }
    let mut both = fixture.claims("bot_id", &of_inbox.uuid);
    both["environment_id"] = json!(of_site.uuid);
    assert_eq!(
        fixture.enter(&both, &of_inbox.secret).await.unwrap_err(),
        SdkAuthError::InvalidScope
    );
    assert_eq!(
        fixture
            .app
            .app
            .authenticate_by_jwt(&"a".repeat(64 * 1_024))
            .await
            .map(|_| ())
            .map_err(refusal),
        Err(SdkAuthError::InvalidToken)
    );
    let agents = fixture.app.app.agents(fixture.site.id).await.unwrap();
    assert_eq!(agents, [], "a rejected JWT creates no agent");
}

#[tokio::test]
async fn keys_rotate_without_a_gap_and_revocation_ends_sessions() {
    let fixture = AuthFixture::new().await;
    let (former, newer) = (fixture.key(true).await, fixture.key(true).await);
    let (_, by_former) = fixture.enter_with(&former).await.unwrap();
    let (_, by_newer) = fixture.enter_with(&newer).await.unwrap();
    assert!(fixture.app.app.revoke_sdk_key(fixture.site.id, former.key.id).await.unwrap());
    assert_eq!(fixture.enter_with(&former).await.unwrap_err(), SdkAuthError::InvalidToken);
    assert_eq!(fixture.session(&by_former).await.unwrap_err(), SdkAuthError::TokenExpired);
    assert!(fixture.session(&by_newer).await.is_ok() && fixture.enter_with(&newer).await.is_ok());
    let other = fixture.app.create_site().await.site.id;
    assert!(!fixture.app.app.revoke_sdk_key(other, newer.key.id).await.unwrap());
    assert!(fixture.session(&by_newer).await.is_ok());
    fixture.app.app.delete_inbox(fixture.site.id, fixture.site.inbox.id).await.unwrap();
    assert_eq!(fixture.session(&by_newer).await.unwrap_err(), SdkAuthError::TokenExpired);
    assert_eq!(fixture.enter_with(&newer).await.unwrap_err(), SdkAuthError::InvalidToken);
}

#[tokio::test]
async fn agents_of_an_inbox_have_it_in_their_scope() {
    let fixture = AuthFixture::new().await;
    let (site, inbox) = (fixture.site.id, fixture.site.inbox.id);
    let settings = InboxSettings { name: "Second".into(), ..InboxSettings::default() };
    let second = fixture.app.app.create_inbox(site, settings).await.unwrap().inbox.id;
    let of_inbox = fixture.enter_with(&fixture.key(true).await).await.unwrap().0.caller.agent;
    let of_site = fixture.enter_with(&fixture.key(false).await).await.unwrap().0.caller.agent;
    assert_eq!(
        fixture.app.app.agents_of_inbox(site, inbox).await.unwrap(),
        [of_site.clone(), of_inbox]
    );
    assert_eq!(fixture.app.app.agents_of_inbox(site, second).await.unwrap(), [of_site]);
}

#[tokio::test]
async fn session_lives_a_day_or_until_its_agent_is_revoked() {
    let fixture = AuthFixture::new().await;
    let key = fixture.key(false).await;
    let (session, token) = fixture.enter_with(&key).await.unwrap();
    let (_, second) = fixture.enter_with(&key).await.unwrap();
    assert_ne!(token, second);
    for odd in [
        "",
        "bfs_",
        "bfw_x",
        "bfs_é",
        &token[..token.len() - 1],
        &format!("{token}x"),
        &token.replace("bfs_", "bfw_"),
    ] {
        assert_eq!(fixture.session(odd).await.unwrap_err(), SdkAuthError::InvalidToken, "{odd}");
    }
    fixture.app.app.revoke_tokens(fixture.site.id, session.caller.agent.id).await.unwrap();
    assert_eq!(fixture.session(&token).await.unwrap_err(), SdkAuthError::TokenExpired);
    let (_, token) = fixture.enter_with(&key).await.unwrap();
    fixture.app.clock.advance(Duration::from_hours(24) - Duration::from_millis(1));
    assert!(fixture.session(&token).await.is_ok());
    fixture.app.clock.advance(Duration::from_millis(1));
    assert_eq!(fixture.session(&token).await.unwrap_err(), SdkAuthError::TokenExpired);
}

#[tokio::test]
async fn window_code_works_once_for_one_conversation() {
    let fixture = AuthFixture::new().await;
    let key = fixture.key(true).await;
    let (who, token) = fixture.enter_with(&key).await.unwrap();
    let visitor = fixture.site.session(None, false).await;
    let (number, other) =
        (fixture.site.conversation(&visitor).await, fixture.site.conversation(&visitor).await);
    let inbox = &fixture.app.app;
    let uuid = inbox.conversation(&who.caller, number).await.unwrap().conversation.uuid;
    let code = inbox.create_window_code(&who, number).await.unwrap();
    let (window, window_token) = inbox.exchange_window_code(uuid, code.reveal()).await.unwrap();
    assert!(window_token.reveal().starts_with("bfw_"));
    assert_eq!((window.window, window.expires_at), (Some(number), who.expires_at));
    assert!(window.allows(number) && !window.allows(other) && who.allows(other));
    assert_eq!(fixture.session(window_token.reveal()).await.unwrap(), window);
    assert_eq!(
        inbox.exchange_window_code(uuid, code.reveal()).await.map(|_| ()).map_err(refusal),
        Err(SdkAuthError::TokenExpired),
        "once"
    );
    for odd in ["", &token, window_token.reveal(), "bfo_x"] {
        assert_eq!(
            inbox.exchange_window_code(uuid, odd).await.map(|_| ()).map_err(refusal),
            Err(SdkAuthError::InvalidToken),
            "{odd}"
        );
    }
    // A window may reopen its own conversation, for no longer than its own lifetime, and no other
    // one.
    fixture.app.clock.advance(Duration::from_hours(1));
    let again = inbox.create_window_code(&window, number).await.unwrap();
    assert_eq!(
        inbox.exchange_window_code(uuid, again.reveal()).await.unwrap().0.expires_at,
        who.expires_at
    );
    assert!(matches!(inbox.create_window_code(&window, other).await, Err(SdkError::Channel(_))));
    assert!(matches!(
        inbox.create_window_code(&who, ConversationNumber(999)).await,
        Err(SdkError::Channel(_))
    ));
    let late = inbox.create_window_code(&who, number).await.unwrap();
    fixture.app.clock.advance(Duration::from_mins(1));
    assert_eq!(
        inbox.exchange_window_code(uuid, late.reveal()).await.map(|_| ()).map_err(refusal),
        Err(SdkAuthError::TokenExpired)
    );
    assert!(inbox.revoke_sdk_key(fixture.site.id, key.key.id).await.unwrap());
    assert_eq!(
        fixture.session(window_token.reveal()).await.unwrap_err(),
        SdkAuthError::TokenExpired
    );
}
