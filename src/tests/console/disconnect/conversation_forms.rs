//! Requests of the forms of inboxes, of conversations and of the Inbox SDK's signing keys.

use super::fixture::RequestFactory;
use crate::{
    console::conversations::fixture::{ACTS, ConversationFixture},
    support::Call,
};
use belfry_domain::{
    Role,
    channel::{CannedResponseDraft, InboxId},
};

impl RequestFactory<'_> {
    /// Forms of the Inbox SDK's signing keys.
    async fn of_signing_keys(&mut self, of: &str, rest: &str, inbox: Option<InboxId>) -> Call {
        let mut path = rest.to_owned();
        if rest.contains("{key}") {
            let made =
                self.app.app.create_sdk_key(self.site.site.id, inbox, "Back office").await.unwrap();
            path = rest.replace("{key}", &made.key.id.to_string());
        }
        self.browser
            .form_of(
                &format!("{of}inboxes/new"),
                &format!("{of}{path}"),
                &[("label", "Back office")],
                &[],
            )
            .await
    }

    /// Forms of a site's inboxes, of their settings on other pages, and of conversations.
    pub async fn of_conversations(&mut self, of: &str, rest: &str) -> Call {
        if rest == "settings/messages" {
            let inbox = self.inbox().await.0.id.to_string();
            let page = format!("{of}{rest}");
            return self.browser.form_of(&page, &page, &[("messagesInbox", &inbox)], &[]).await;
        }
        if rest.starts_with("settings/sdk") {
            return self.of_signing_keys(of, rest, None).await;
        }
        if rest == "inboxes/new" {
            return self
                .browser
                .form_of(&format!("{of}{rest}"), &format!("{of}{rest}"), &[("name", "Shop")], &[])
                .await;
        }
        if rest.starts_with("inboxes/{inbox}/sdk") {
            let inbox = self.inbox().await.0.id;
            return self
                .of_signing_keys(of, &rest.replace("{inbox}", &inbox.to_string()), Some(inbox))
                .await;
        }
        if rest.starts_with("inboxes/") {
            let (inbox, agent) = self.inbox().await;
            let path = rest.replace("{inbox}", &inbox.id.to_string());
            let fields = [
                ("name", if rest.ends_with("delete") { "Shop" } else { "Shop 2" }),
                ("agents", &agent),
            ];
            return self
                .browser
                .form_of(&format!("{of}inboxes/new"), &format!("{of}{path}"), &fields, &[])
                .await;
        }
        if rest.starts_with("conversations/canned-responses/") {
            let draft = CannedResponseDraft::new("hello", "Hello").unwrap();
            let made = if rest.ends_with("new") {
                None
            } else {
                Some(self.app.app.create_canned_response(self.site.site.id, &draft).await.unwrap())
            };
            let path = rest
                .replace("{response}", &made.map(|made| made.id.to_string()).unwrap_or_default());
            let fields = [("short_code", "bye"), ("text", "Bye")];
            return self
                .browser
                .form_of(&format!("{of}inboxes/new"), &format!("{of}{path}"), &fields, &[])
                .await;
        }
        let fixture =
            ConversationFixture::on_site(self.app, self.site.site.id, "Ann", "Hello").await;
        let message = fixture.messages(1).await[0].id;
        if rest.ends_with("/retry") {
            fixture.fail(1, message, "no answer").await;
        }
        let path = rest.replace("{conversation}", "1").replace("{message}", &message.to_string());
        let fields = ACTS
            .iter()
            .find(|(act, _)| path.ends_with(act))
            .map(|(_, fields)| fields.to_vec())
            .unwrap_or_default();
        let email = format!("owner-{}@example.com", self.number);
        let account = self.app.console().member(&email, self.site.site.id, Role::Owner).await;
        let account = self.app.app.account(account).await.unwrap();
        let mut owner = self.signed_in(&account).await;
        self.app.app.agent_of_account(self.site.site.id, account.id).await.unwrap();
        owner.form_of(&format!("{of}contacts/new"), &format!("{of}{path}"), &fields, &[]).await
    }
}
