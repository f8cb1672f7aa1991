//! Demo data for conversations: an inbox for the shop's visitors, and an agent.

use super::{DemoError, SigningKey, seed::SITE_NAME};
use belfry_app::{App, AppError, NewAccount};
use belfry_domain::{
    AccountId, Language, Origin, SiteId,
    channel::{AgentDraft, AgentRole, ChannelInbox, ChannelToken, InboxSettings},
    sdk::{AddressKind, InitiateSettings},
};

/// Name of the agent.
pub const AGENT_NAME: &str = "Nora";
const AGENT_EMAIL: &str = "nora@acme.example";
const KEY_LABEL: &str = "demo back office";

/// Credentials of this start; passwords and tokens of earlier starts are no longer valid.
pub struct Conversations {
    /// The inbox that visitors write to.
    pub inbox: ChannelInbox,
    /// Token with which the shop's backend proves a visitor's identity.
    pub hmac_token: ChannelToken,
    /// Console sign-in; `None` if the database has other accounts.
    pub sign_in: Option<SignIn>,
    /// API token of the agent.
    pub access_token: ChannelToken,
    /// Key with which the back office signs JWTs of its agents.
    pub signing_key: SigningKey,
}

/// E-mail address and password.
pub struct SignIn {
    /// E-mail address.
    pub email: &'static str,
    /// Password.
    pub password: ChannelToken,
}

/// Creates the inbox and the agent if they don't exist, with a new password and token.
pub async fn prepare(app: &App, site: SiteId) -> Result<Conversations, DemoError> {
    let existing =
        app.inboxes_of_site(site).await?.into_iter().find(|of| of.settings.name == SITE_NAME);
    let of_shop = if let Some(existing) = existing {
        existing
    } else {
        let initiate = InitiateSettings {
            kind: "email".to_owned(),
            address: AddressKind::Email,
            region: None,
        };
        let settings = InboxSettings {
            name: SITE_NAME.to_owned(),
            initiate: Some(initiate),
            ..InboxSettings::default()
        };
        app.create_inbox(site, settings).await?.inbox
    };
    let hmac_token = app.inbox_secrets(site, of_shop.id).await?.hmac_token;
    let password = ChannelToken::generate(app.rng());
    let account = account(app, password.reveal()).await?;
    let agent = agent(app, site, account).await?;
    let access_token = app.create_access_token(site, agent).await?;
    let signing_key = signing_key(app, site).await?;
    Ok(Conversations {
        inbox: of_shop,
        hmac_token,
        sign_in: account.map(|_| SignIn { email: AGENT_EMAIL, password }),
        access_token,
        signing_key,
    })
}

/// Creates a new signing key of the back office and revokes those of earlier starts.
async fn signing_key(app: &App, site: SiteId) -> Result<SigningKey, DemoError> {
    let previous = app.sdk_keys(site).await?.into_iter().filter(|key| key.label == KEY_LABEL);
    let made = app.create_sdk_key(site, None, KEY_LABEL).await?;
    for key in previous {
        app.revoke_sdk_key(site, key.id).await?;
    }
    Ok(SigningKey { environment: made.uuid, secret: made.secret.reveal().to_owned() })
}

/// The account created by the demo, which owns a database without other accounts.
async fn account(app: &App, password: &str) -> Result<Option<AccountId>, DemoError> {
    if let Some(code) = app.offer_set_up().await? {
        let new = NewAccount::new(AGENT_EMAIL, AGENT_NAME, password, Language::english())?;
        return Ok(Some(app.set_up(code.reveal(), new).await?));
    }
    match app.reset_password(AGENT_EMAIL, password).await {
        Ok(account) => Ok(Some(account)),
        Err(AppError::NotFound) => Ok(None),
        Err(other) => Err(other.into()),
    }
}

async fn agent(
    app: &App,
    site: SiteId,
    account: Option<AccountId>,
) -> Result<belfry_domain::channel::AgentId, DemoError> {
    if let Some(account) = account
        && let Some(found) = app.agent_of_account(site, account).await?
    {
        return Ok(found.agent.id);
    }
    if let Some(found) =
        app.agents(site).await?.into_iter().find(|agent| agent.email == AGENT_EMAIL)
    {
        return Ok(found.id);
    }
    let draft = AgentDraft::new(AGENT_NAME, AGENT_EMAIL, AgentRole::Administrator)?;
    Ok(app.create_agent(site, &draft).await?.agent.id)
}

/// Text for the person who started the demo: where to write, and how to answer.
pub fn banner(
    conversations: &Conversations,
    shop: &Origin,
    back_office: &Origin,
    belfry: &Origin,
) -> String {
    let Conversations { inbox, sign_in, access_token, .. } = conversations;
    let (site, account, token) = (inbox.site, inbox.account, access_token.reveal());
    let sign_in = match sign_in {
        Some(SignIn { email, password }) => {
            format!("as {email} with the password {}", password.reveal())
        }
        None => "with your own account".to_owned(),
    };
    format!(
        r#"
  Write to the shop at {shop}/write, as Anna, Olena or a guest. Then answer, and watch it arrive, as Ada or Ben
  in the back office at {back_office}, which embeds an agent's inbox; or as {AGENT_NAME}:
  sign in at {belfry}/console/sign-in {sign_in},
  and open {belfry}/console/sites/{site}/conversations. Or answer from a terminal:

  curl {belfry}/api/v1/accounts/{account}/conversations/1/messages -H 'api_access_token: {token}' \
    -H 'Content-Type: application/json' -d '{{"content":"Hello from {AGENT_NAME}. How can I help?"}}'
"#
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{demo::seed, server::open_app};
    use belfry_app::events::ReaderHub;

    #[tokio::test]
    async fn preparing_again_rotates_only_the_secrets() {
        let folder = tempfile::tempdir().unwrap();
        let (inbox, store) =
            open_app(&format!("sqlite://{}/belfry.db", folder.path().display()), ReaderHub::new())
                .await
                .unwrap();
        let site = seed(
            &inbox,
            &"http://localhost:3001".parse().unwrap(),
            &"http://localhost:3002".parse().unwrap(),
        )
        .await
        .unwrap()
        .site;
        let first = prepare(&inbox, site).await.unwrap();
        let second = prepare(&inbox, site).await.unwrap();
        assert_eq!((first.inbox.id, first.hmac_token), (second.inbox.id, second.hmac_token));
        assert_eq!(inbox.inboxes_of_site(site).await.unwrap().len(), 1);
        let [before, after] = [first.sign_in, second.sign_in].map(Option::unwrap);
        assert!(matches!(
            inbox.sign_in(before.email, before.password.reveal()).await,
            Err(AppError::Unauthenticated)
        ));
        assert_eq!(
            inbox.sign_in(after.email, after.password.reveal()).await.unwrap().name,
            AGENT_NAME
        );
        assert!(inbox.authenticate_agent(&first.access_token).await.is_err());
        let agent = inbox.authenticate_agent(&second.access_token).await.unwrap().agent;
        assert_eq!(
            (agent.role, inbox.agents(site).await.unwrap().len()),
            (AgentRole::Administrator, 1)
        );
        store.close().await;
    }

    #[tokio::test]
    async fn database_with_accounts_gets_agent_without_sign_in() {
        let folder = tempfile::tempdir().unwrap();
        let (inbox, store) =
            open_app(&format!("sqlite://{}/belfry.db", folder.path().display()), ReaderHub::new())
                .await
                .unwrap();
        let code = inbox.offer_set_up().await.unwrap().unwrap();
        let owner = NewAccount::new(
            "olha@example.com",
            "Olha",
            "correct horse battery",
            Language::english(),
        )
        .unwrap();
        inbox.set_up(code.reveal(), owner).await.unwrap();
        let site = seed(
            &inbox,
            &"http://localhost:3001".parse().unwrap(),
            &"http://localhost:3002".parse().unwrap(),
        )
        .await
        .unwrap()
        .site;
        for _ in 0..2 {
            let prepared = prepare(&inbox, site).await.unwrap();
            assert!(prepared.sign_in.is_none());
            assert_eq!(
                inbox.authenticate_agent(&prepared.access_token).await.unwrap().agent.name,
                AGENT_NAME
            );
        }
        assert_eq!(inbox.agents(site).await.unwrap().len(), 1);
        store.close().await;
    }
}
