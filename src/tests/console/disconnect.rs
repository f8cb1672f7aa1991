//! Browsers that disconnect at any moment: a form's write is committed with its audit entry, or not
//! at all. Every form of the console needs a request here; a missing one fails the test with its
//! path.

use super::{
    browser::{Browser, PASSWORD},
    conversations::fixture::{ACTS, ConversationFixture},
};
use crate::{
    disconnect::{AtomicityChecker, Retry, answered_by, between_steps},
    support::{Call, TestApp, TestSite},
    tenant_isolation::routes::{self, Route, Surface},
};
use belfry_domain::{
    Account, Language, Role,
    channel::{AgentDraft, AgentRole, CannedResponseDraft, ChannelInbox, InboxId, InboxSettings},
};
use serde_json::{Value, json};
use std::{collections::BTreeMap, net::IpAddr, time::Duration};

/// Ends the session, which is not compared.
const SIGN_OUT: &str = "/console/sign-out";
/// Only a wrong code is audited.
const SIGN_IN_CODE: &str = "/console/sign-in/code";

/// The actions of a form that has several.
fn acts(route: &str) -> &'static [&'static str] {
    match route {
        "/console/invitation" => &["new", "known"],
        "/console/account/second-factor" => &["begin", "confirm", "remove"],
        "/console/sites/{site}/themes/upload" => &["alone", "keep"],
        _ => &[""],
    }
}

const MESSAGE: [(&str, &str); 3] =
    [("audience", "everyone"), ("content.en.title", "Hello"), ("do", "send")];
const SEGMENT: [(&str, &str); 7] = [
    ("name", "Pro"),
    ("match", "all"),
    ("rows", "1"),
    ("row0.path", "plan"),
    ("row0.operator", "equals"),
    ("row0.value", "pro"),
    ("do", "save"),
];
const HOOK: [(&str, &str); 3] =
    [("kind", "standard"), ("url", "https://93.184.216.34/hook"), ("events", "message.read")];
const RULES: (&str, &str) = ("css", ".title { color: teal }");

/// A site, and an account with every permission.
struct RequestFactory<'a> {
    app: &'a TestApp,
    site: TestSite,
    browser: Browser<'a>,
    number: usize,
}

impl<'a> RequestFactory<'a> {
    async fn api(&self, method: &str, path: &str, body: Value) -> String {
        let call = self
            .app
            .call(method.parse().unwrap(), &format!("/v1{path}"))
            .key(&self.site.key)
            .json(&body);
        call.send().await.id()
    }

    async fn contact(&self) -> String {
        self.app
            .contact(&self.site, json!({"externalCustomerId": "42", "email": "anna@shop.example"}))
            .await
            .to_string()
    }

    async fn message(&self, later: bool) -> String {
        let mut body = json!({"audience": "everyone", "content": {"en": {"title": "Hello"}}});
        if later {
            body["publishAt"] = "2026-12-25T08:00:00Z".into();
        }
        self.api("POST", "/messages", body).await
    }

    async fn segment(&self) -> String {
        self.api(
            "POST",
            "/segments",
            json!({"name": "Free", "condition": {"attributes": {"plan": "free"}}}),
        )
        .await
    }

    /// A webhook with a failed delivery.
    async fn delivery(&self) -> (String, String) {
        let webhook = self
            .api(
                "POST",
                "/webhooks",
                json!({"url": "https://93.184.216.34/hook", "events": ["message.read"]}),
            )
            .await;
        let delivery = self.api("POST", &format!("/webhooks/{webhook}/test"), json!({})).await;
        let mut database = self.app.database().await;
        let give_up = format!(
            "UPDATE webhook_delivery SET state = 2, next_at = NULL, finished_at = 1 WHERE number = {delivery}"
        );
        assert_eq!(database.execute(&give_up).await, 1);
        (webhook, delivery)
    }

    /// An inbox, and an account that could become its member.
    async fn inbox(&self) -> (ChannelInbox, String) {
        let callback_url = Some("https://93.184.216.34/hook".to_owned());
        let settings =
            InboxSettings { name: "Shop".to_owned(), callback_url, ..InboxSettings::default() };
        let inbox = self.app.app.create_inbox(self.site.site.id, settings).await.unwrap().inbox;
        let draft = AgentDraft::new("Ann", "ann@example.com", AgentRole::Agent).unwrap();
        let agent = self
            .app
            .app
            .create_agent(self.site.site.id, &draft)
            .await
            .unwrap()
            .agent
            .id
            .to_string();
        (inbox, agent)
    }

    /// A published theme, or a draft.
    async fn theme(&self, published: bool) -> String {
        let call = self
            .app
            .put("/v1/themes/draft")
            .key(&self.site.key)
            .header("content-type", "multipart/form-data; boundary=b");
        let body = "--b\r\nContent-Disposition: form-data; name=\"css\"; filename=\"x\"\r\n\r\n.title { color: red }\r\n--b--\r\n";
        let version = call.body(body).send().await.expect(200)["version"].to_string();
        if published {
            self.api("POST", "/themes/publish", json!({})).await;
        }
        version
    }

    /// A new browser at an address of its own.
    fn elsewhere(&self) -> Browser<'a> {
        let [.., high, low] = self.number.to_be_bytes();
        Browser {
            address: Some(IpAddr::from([
                0x2001,
                0xdb8,
                u16::from(high),
                u16::from(low),
                0,
                0,
                0,
                1,
            ])),
            ..self.app.console().browser()
        }
    }

    /// A member of the site.
    async fn member(&self) -> Account {
        let email = format!("member-{}@example.com", self.number);
        let account = self.app.console().member(&email, self.site.site.id, Role::Editor).await;
        self.app.app.account(account).await.unwrap()
    }

    /// A browser signed in to this account.
    async fn signed_in(&self, account: &Account) -> Browser<'a> {
        let mut browser = self.elsewhere();
        let fields = [("email", account.email.as_str()), ("password", PASSWORD)];
        assert_eq!(browser.post_form("/console/sign-in", &fields).await.status, 303);
        browser
    }

    /// The current code of a second factor that is being set up; already confirmed if requested.
    async fn digits(&self, account: &Account, confirmed: bool) -> String {
        self.app.app.begin_second_factor(account).await.unwrap();
        let account = self.app.app.account(account.id).await.unwrap();
        let totp = totp_rs::Builder::new()
            .with_secret(account.second_factor.clone().unwrap().secret)
            .with_account_name("x")
            .build()
            .unwrap();
        let digits = || {
            totp.generate(u64::try_from(self.app.app.now().millis()).unwrap() / 1_000).to_string()
        };
        if confirmed {
            self.app.app.check_second_factor(&account, &digits()).await.unwrap();
            self.app.clock.advance(Duration::from_mins(1));
        }
        digits()
    }

    /// Forms of the account pages and of the signed-out pages.
    async fn of_person(&mut self, route: &str, act: &str) -> Option<Call> {
        let (inbox, site) = (&self.app.app, self.site.site.id);
        Some(match (route, act) {
            ("/console/setup", _) => {
                let mut database = self.app.database().await;
                database.execute("DELETE FROM account").await;
                let code = inbox.offer_set_up().await.unwrap().unwrap();
                let fields = [
                    ("code", code.reveal()),
                    ("name", "Olha"),
                    ("email", "olha@example.com"),
                    ("password", PASSWORD),
                ];
                self.elsewhere().form_of(route, route, &fields, &[]).await
            }
            ("/console/sign-in", _) => {
                let account = self.member().await;
                self.elsewhere()
                    .form_of(
                        route,
                        route,
                        &[("email", account.email.as_str()), ("password", PASSWORD)],
                        &[],
                    )
                    .await
            }
            ("/console/sign-in/code", _) => {
                let account = self.member().await;
                let digits = self.digits(&account, true).await;
                self.signed_in(&account)
                    .await
                    .form_of(route, route, &[("code", &digits)], &[])
                    .await
            }
            ("/console/invitation", act) => {
                let owner = self.app.console().operator().await;
                let member = self.member().await;
                let code = inbox.invite(owner.id, site, Role::Owner, None).await.unwrap();
                if act == "known" {
                    self.signed_in(&member)
                        .await
                        .form_of(route, route, &[("code", code.reveal())], &[])
                        .await
                } else {
                    let email = format!("new-{}@example.com", self.number);
                    let fields = [
                        ("code", code.reveal()),
                        ("name", "New"),
                        ("email", &email),
                        ("password", PASSWORD),
                    ];
                    self.elsewhere().form_of(route, route, &fields, &[]).await
                }
            }
            ("/console/account", _) => {
                self.browser
                    .form_of(
                        route,
                        route,
                        &[("name", &format!("Olha {}", self.number)), ("language", "uk")],
                        &[],
                    )
                    .await
            }
            ("/console/account/password" | "/console/account/sessions", _) => {
                let account = self.member().await;
                self.signed_in(&account).await;
                let fields = [("present", PASSWORD), ("password", "another battery horse")];
                self.signed_in(&account)
                    .await
                    .form_of("/console/account", route, &fields, &[])
                    .await
            }
            ("/console/account/second-factor", act) => {
                let account = self.member().await;
                let mut browser = self.signed_in(&account).await;
                let digits = if act == "begin" {
                    String::new()
                } else {
                    self.digits(&account, act == "remove").await
                };
                browser
                    .form_of("/console/account", route, &[("do", act), ("code", &digits)], &[])
                    .await
            }
            ("/console/sites/new", _) => {
                let fields =
                    [("name", "Shop"), ("origin", "https://shop.example"), ("language", "en")];
                self.browser.form_of(route, route, &fields, &[]).await
            }
            _ => return None,
        })
    }

    /// Forms of a site's pages.
    async fn of_site(&mut self, route: &str, act: &str) -> Option<Call> {
        let of = format!("/console/sites/{}/", self.site.site.id);
        let rest = route.strip_prefix("/console/sites/{site}/")?;
        // The page of the form, its action, and its fields.
        let (page, path, fields): (String, String, Vec<(&str, &str)>) = match rest {
            "members" => (rest.into(), rest.into(), vec![("role", "editor"), ("email", "")]),
            "members/{account}/role" | "members/{account}/remove" => {
                let account = self.member().await.id.0.to_string();
                ("members".into(), rest.replace("{account}", &account), vec![("role", "viewer")])
            }
            "invitations/{invitation}/revoke" => {
                let owner = self.app.console().operator().await;
                self.app.app.invite(owner.id, self.site.site.id, Role::Editor, None).await.unwrap();
                let short = self
                    .app
                    .app
                    .invitations(self.site.site.id)
                    .await
                    .unwrap()
                    .remove(0)
                    .digest
                    .short();
                ("members".into(), rest.replace("{invitation}", &short), vec![])
            }
            "messages/new" => (rest.into(), rest.into(), MESSAGE.to_vec()),
            "messages/{id}/duplicate" => {
                let path = rest.replace("{id}", &self.message(false).await);
                (path.clone(), path, MESSAGE.to_vec())
            }
            "messages/{id}/edit" => {
                let path = rest.replace("{id}", &self.message(false).await);
                (path.clone(), path, vec![("content.en.title", "Changed"), ("do", "save")])
            }
            "messages/{id}/cancel" | "messages/{id}/recall" | "messages/{id}/resend" => {
                let path = rest.replace("{id}", &self.message(rest.ends_with("cancel")).await);
                ("messages/new".into(), path, vec![])
            }
            "themes/upload" => {
                if act == "keep" {
                    self.theme(false).await;
                }
                let fields: &[_] = if act == "keep" { &[("keep", "on")] } else { &[] };
                let (page, path) = (format!("{of}themes"), format!("{of}{rest}"));
                return Some(self.browser.form_of(&page, &path, fields, &[RULES]).await);
            }
            "themes/shipped" => ("themes".into(), rest.into(), vec![("theme", "midnight")]),
            "themes/edit" => (rest.into(), rest.into(), vec![RULES]),
            "themes/publish" => {
                self.theme(false).await;
                ("themes".into(), rest.into(), vec![])
            }
            "themes/roll-back" => {
                self.theme(true).await;
                ("themes".into(), rest.into(), vec![("to", "standard")])
            }
            "themes/{version}/preview" | "themes/{version}/delete" => {
                ("themes".into(), rest.replace("{version}", &self.theme(false).await), vec![])
            }
            "webhooks/new" => (rest.into(), rest.into(), HOOK.to_vec()),
            "webhooks/{webhook}/edit" => {
                let path = rest.replace("{webhook}", &self.delivery().await.0);
                (
                    path.clone(),
                    path,
                    vec![("url", "https://93.184.216.34/other"), ("events", "contact.deleted")],
                )
            }
            _ if rest.starts_with("webhooks/{webhook}/") => {
                let (webhook, delivery) = self.delivery().await;
                let path = rest.replace("{webhook}", &webhook).replace("{delivery}", &delivery);
                ("webhooks/new".into(), path, vec![("to", "off")])
            }
            _ if ["inboxes/", "conversations/", "settings/sdk", "settings/messages"]
                .iter()
                .any(|of| rest.starts_with(of)) =>
            {
                return Some(self.of_conversations(&of, rest).await);
            }
            "contacts/new" => (
                rest.into(),
                rest.into(),
                vec![("externalCustomerId", "43"), ("firstName", "Anna")],
            ),
            "contacts/{contact}/edit" => {
                let path = rest.replace("{contact}", &self.contact().await);
                (path.clone(), path, vec![("externalCustomerId", "42"), ("firstName", "Anna")])
            }
            "contacts/{contact}/erase" => {
                ("contacts/new".into(), rest.replace("{contact}", &self.contact().await), vec![])
            }
            "contacts/import/{sheet}/check" => {
                let taken = self
                    .browser
                    .post_form(
                        &format!("{of}contacts/import"),
                        &[("rows", "id;email\n1;1@shop.example\n")],
                    )
                    .await;
                let columns = taken.header("location").unwrap().to_owned();
                let mapped = self
                    .browser
                    .post_form(&columns, &[("column", "externalCustomerId"), ("column", "email")])
                    .await;
                let path = mapped
                    .header("location")
                    .unwrap_or_else(|| panic!("{}", mapped.text()))
                    .to_owned();
                return Some(self.browser.form_of(&path, &path, &[], &[]).await);
            }
            "settings" => {
                let fields = vec![
                    ("name", "Shop 2"),
                    ("origin", "https://b.example"),
                    ("language", "uk"),
                    ("languages", "en"),
                    ("linkSchemes", "shop"),
                ];
                (rest.into(), rest.into(), fields)
            }
            "settings/placement" => {
                (rest.into(), rest.into(), vec![("selector", "#nav"), ("position", "afterend")])
            }
            "settings/categories" => {
                (rest.into(), rest.into(), vec![("name-0", "news"), ("mutable-0", "on")])
            }
            "settings/retention" => {
                (rest.into(), rest.into(), vec![("retentionDays", "90"), ("history", "hidden")])
            }
            "settings/keys" => {
                (rest.into(), rest.into(), vec![("name", "Backend"), ("scope", "read")])
            }
            "settings/keys/{key}/revoke" => {
                let key = self.api("POST", "/keys", json!({"name": "other"})).await;
                ("settings/keys".into(), rest.replace("{key}", &key), vec![])
            }
            "segments/new" => (rest.into(), rest.into(), SEGMENT.to_vec()),
            "segments/{id}" => {
                let path = rest.replace("{id}", &self.segment().await);
                (path.clone(), path, SEGMENT.to_vec())
            }
            "segments/{id}/delete" => {
                ("segments/new".into(), rest.replace("{id}", &self.segment().await), vec![])
            }
            "snippet/allow" => {
                ("snippet".into(), rest.into(), vec![("origin", "https://www.shop.example")])
            }
            _ => return None,
        };
        // Every page's forms have the session's token.
        let page = if page == "snippet" { "messages/new" } else { &page };
        Some(
            self.browser
                .form_of(&format!("{of}{page}"), &format!("{of}{path}"), &fields, &[])
                .await,
        )
    }

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
    async fn of_conversations(&mut self, of: &str, rest: &str) -> Call {
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

/// The forms that write to the database.
fn written_forms() -> impl Iterator<Item = Route> {
    let is_form = |route: &Route| {
        route.surface == Surface::Console
            && route.method == "POST"
            && !route.listed.is_read_only()
            && route.path != SIGN_OUT
    };
    let forms: Vec<_> = routes::all().into_iter().filter(is_form).collect();
    assert!(forms.len() > 40, "{forms:?}");
    forms.into_iter()
}

/// The actions in the audit log, with their numbers.
async fn audited(app: &TestApp) -> BTreeMap<i64, String> {
    let mut database = app.database().await;
    database.rows("SELECT number, action FROM audit_entry").await.into_iter().collect()
}

#[tokio::test]
async fn each_form_writes_what_the_list_declares() {
    let mut failed = Vec::new();
    for route in written_forms() {
        for act in acts(&route.path) {
            let app = TestApp::new().await;
            let browser = app.console().sign_in_operator().await;
            let site = app.create_site().await;
            let mut shop = RequestFactory { app: &app, site, browser, number: 0 };
            let call = match shop.of_person(&route.path, act).await {
                Some(call) => Some(call),
                None => shop.of_site(&route.path, act).await,
            };
            let before = audited(&app).await;
            call.unwrap().send().await;
            let mut after = audited(&app).await;
            after.retain(|number, _| !before.contains_key(number));
            let declared = route.listed.actions();
            let is_declared = after.values().all(|action| declared.contains(&action.as_str()));
            let is_written = !after.is_empty() || declared.len() != 1 || route.path == SIGN_IN_CODE;
            if !is_declared || !is_written {
                failed.push(format!("{} {act}: {after:?}, declared {declared:?}", route.path));
            }
        }
    }
    assert!(failed.is_empty(), "{failed:#?}");
}

#[tokio::test]
async fn each_form_is_atomic_with_its_audit_entry() {
    // Checks all routes, so that one run reports every failure.
    let mut failed = Vec::new();
    for route in written_forms().map(|route| route.path) {
        for act in acts(&route) {
            let app = TestApp::new().await;
            let browser = app.console().sign_in_operator().await;
            let name = format!("{route} {act}");
            let prepare = async |number| {
                let mut shop = RequestFactory {
                    app: &app,
                    site: app.create_site().await,
                    browser: browser.clone(),
                    number,
                };
                let call = match shop.of_person(&route, act).await {
                    Some(call) => Some(call),
                    None => shop.of_site(&route, act).await,
                };
                call.unwrap_or_else(|| panic!("{name} has no request here"))
            };
            let mut watched = AtomicityChecker::new(&app).await;
            if let Err(fault) = watched.check_atomic(&name, Retry::Never, prepare).await {
                failed.push(fault);
            }
        }
    }
    assert!(failed.is_empty(), "{failed:#?}");
}

#[tokio::test]
async fn session_revocation_apart_from_its_change_is_detected() {
    let app = TestApp::new().await;
    let browser = app.console().sign_in_operator().await;
    let request = async |number, carried: bool| {
        let shop = RequestFactory {
            app: &app,
            site: app.create_site().await,
            browser: browser.clone(),
            number,
        };
        let account = shop.member().await;
        shop.signed_in(&account).await;
        let (inbox, account) = (app.app.clone(), account.id);
        answered_by(move |_| async move {
            let acting = inbox.clone();
            let work = async move {
                acting.sign_out_everywhere(account, None).await.unwrap();
                between_steps().await;
                acting
                    .set_profile(account, "Olha", &"uk".parse::<Language>().unwrap(), None)
                    .await
                    .unwrap();
            };
            if carried { inbox.run_detached(work).await.unwrap() } else { work.await }
        })
    };
    let (faulty, sound) = (
        async |number| request(number, false).await,
        async |number| request(1_000 + number, true).await,
    );
    AtomicityChecker::new(&app).await.query("half done", Retry::Never, faulty, sound).await;
}
