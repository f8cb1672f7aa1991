//! Two sites with every kind of object, and every credential that an outsider to the first one may
//! have.

use super::{channel::Channel, routes::Surface};
use crate::{
    console::Browser,
    support::{Call, TestApp, TestSite},
    widget::{WidgetSession, open},
};
use belfry_domain::{EmailAddress, ImportOptions, Role, SiteId, ThemeDraft, ThemeSources};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Contained in all data of the first site, and in no request.
pub const MARK: &str = "zanzibar";

pub struct Proof {
    pub name: &'static str,
    /// The credential's site.
    pub site: SiteId,
    pub headers: Vec<(&'static str, String)>,
    pub form_token: String,
    /// The surface on which it is valid.
    pub grants_access: Option<Surface>,
}

impl Proof {
    pub fn add_to(&self, call: Call) -> Call {
        self.headers.iter().fold(call, |call, (name, value)| call.header(name, value))
    }

    /// A page of that surface that a valid credential can see.
    pub fn page(&self, surface: Surface) -> String {
        match surface {
            Surface::Api => "/v1/account/info".to_owned(),
            Surface::Application => "/api/v1/profile".to_owned(),
            Surface::Public => panic!("it is open to everybody"),
            Surface::Reader if self.name.contains("device") => {
                "/api/v1/appinbox/messages/count".to_owned()
            }
            Surface::Reader => "/appinbox/v1/messages/count".to_owned(),
            Surface::Widget => format!("/embed/{}/counts", self.site),
            Surface::Console => format!("/console/sites/{}", self.site),
        }
    }
}

pub struct IsolationFixture {
    owner: TestSite,
    objects: BTreeMap<&'static str, (String, String)>,
    /// Foreign and unknown ids and their replacements, the longest first.
    pub object_names: Vec<(String, String)>,
    pub proofs: Vec<Proof>,
    channel: Channel,
}

impl IsolationFixture {
    /// Whether the credential is one of the requested site.
    pub fn is_of_owner(&self, proof: &Proof) -> bool {
        proof.site == self.owner.site.id
    }
}

fn basic(key: &str) -> String {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    format!("Basic {}", STANDARD.encode(format!("any:{key}")))
}

/// An unknown id of the same shape: each letter and digit is different.
fn other(text: &str) -> String {
    let turn = |character: char| match character {
        '0'..='8' | 'a'..='e' => char::from(character as u8 + 1),
        '9' => '0',
        'f' => 'a',
        other => other,
    };
    // The version digit of a UUID stays.
    let keep = |index: usize| text.len() == 36 && matches!(index, 14 | 19);
    text.chars()
        .enumerate()
        .map(|(index, character)| if keep(index) { character } else { turn(character) })
        .collect()
}

const DOT: &[u8] =
    b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01\x00\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;";

/// The last part of a path.
fn last(address: &str) -> String {
    address.rsplit('/').next().unwrap().to_owned()
}

/// The name of an image of the site.
async fn picture(app: &TestApp, owner: &TestSite) -> String {
    let picture = app
        .post("/v1/images")
        .key(&owner.key)
        .header("content-type", "image/gif")
        .body(DOT)
        .send()
        .await
        .expect(201);
    let name = last(picture["url"].as_str().unwrap());
    assert_eq!(app.get(&format!("/m/{}/{name}", owner.site.id)).send().await.status, 200);
    name
}

/// The id of an uploaded CSV that waits for its owner in the console.
async fn import_sheet(browser: &mut Browser<'_>, owner: &TestSite) -> String {
    let path = format!("/console/sites/{}/contacts/import", owner.site.id);
    let answer = browser.post_form(&path, &[("rows", "id;note\n1;zanzibar\n")]).await;
    let address =
        answer.header("location").unwrap_or_else(|| panic!("{}", answer.text())).to_owned();
    assert!(browser.get(&address).await.text().contains("zanzibar"));
    last(&address)
}

/// Ids that are equal on every site, or unknown.
fn same_everywhere() -> impl Iterator<Item = (&'static str, (String, String))> {
    [
        ("version", "1", "9"),
        ("number", "1", "9"),
        ("email", "vip@shop.example", "xyz@shop.example"),
        ("own-site", "@own-site", "@own-site"),
        ("script", "@own-site.js", "@own-site.js"),
        ("file", "theme.css", "theme.css"),
    ]
    .into_iter()
    .map(|(name, anothers, nobodys)| (name, (anothers.to_owned(), nobodys.to_owned())))
}

/// Ids of the foreign conversations, and of the caller's own.
fn of_conversations(
    channel: &Channel,
    strangers: &Channel,
) -> Vec<(&'static str, (String, String))> {
    let foreign = [
        ("channel-account", channel.account),
        ("channel-inbox", channel.inbox),
        ("agent", channel.agent),
        ("conversation", channel.conversation),
        ("channel-message", channel.message),
        ("account-webhook", channel.webhook),
        ("canned-response", channel.canned),
    ];
    let own = [
        ("own-account", strangers.account.to_string()),
        ("own-channel-inbox", strangers.inbox.to_string()),
        ("own-inbox-identifier", strangers.identifier.clone()),
        ("own-source", strangers.source_id.clone()),
        ("own-conversation", strangers.conversation.to_string()),
        ("owners-inbox-identifier", channel.identifier.clone()),
    ];
    let foreign = foreign
        .map(|(name, number)| (name, (number.to_string(), "9".repeat(number.to_string().len()))));
    foreign.into_iter().chain(own.map(|(name, own)| (name, (own.clone(), own)))).collect()
}

impl IsolationFixture {
    pub async fn new(app: &TestApp) -> Self {
        let (owner, stranger, third) =
            (app.create_site().await, app.create_site().await, app.create_site().await);
        let post = async |path: &str, body: Value| {
            app.post(path).key(&owner.key).json(&body).send().await.json()
        };
        let marked = json!({"externalCustomerId": "vip-42", "firstName": "Zanzibar", "attributes": {"note": "zanzibar"},
            "channels": [{"type": "email", "value": "vip@shop.example"}, {"type": "sms", "value": "+380671234567"}]});
        // Contact ids are per site, so this contact has an id that the other site doesn't have.
        for number in 1..12 {
            app.contact(&owner, json!({"externalCustomerId": format!("other-{number}")})).await;
        }
        let contact = app.contact(&owner, marked).await;
        let content = json!({"en": {"title": "Zanzibar", "body": "zanzibar"}});
        let message =
            post("/v1/messages", json!({"audience": {"contact": {"id": contact}}, "content": content, "name": "zanzibar"})).await["id"].clone();
        for site in [&owner, &third] {
            for _ in 0..2 {
                // Without the marker, because another reader of the site sees it, too.
                let body = json!({"audience": "everyone", "content": {"en": {"title": "To all"}}});
                app.post("/v1/messages").key(&site.key).json(&body).send().await.expect(201);
            }
        }
        let cursor = async |site: &TestSite| {
            let page = app.get("/v1/messages?limit=1").key(&site.key).send().await.expect(200);
            page["next"].as_str().unwrap().to_owned()
        };
        let segment = post(
            "/v1/segments",
            json!({"name": "zanzibar", "condition": {"attributes": {"note": "zanzibar"}}}),
        )
        .await["id"]
            .clone();
        let hook = json!({"url": "https://93.184.216.34/zanzibar", "description": "zanzibar", "events": ["contact.created"]});
        let hook = post("/v1/webhooks", hook).await["id"].as_str().unwrap().to_owned();
        let delivery = post(&format!("/v1/webhooks/{hook}/test"), json!({})).await["id"].clone();
        let device = post(
            &format!("/v1/contact/{contact}/devices"),
            json!({"deviceId": "1b8f6a3e-6a51-4c39-9f0e-2a1f57b2c9d4"}),
        )
        .await;
        let sheet =
            ThemeSources { css: Some("/* zanzibar */".to_owned()), ..ThemeSources::default() };
        let draft = ThemeDraft {
            sources: sheet,
            critical_css: String::new(),
            stylesheet: "a.css".to_owned(),
            files: Vec::new(),
            warnings: "[]".to_owned(),
        };
        app.app.store_theme_draft(owner.site.id, &draft).await.unwrap();
        let preview = post("/v1/themes/1/preview", json!({})).await;
        let preview =
            preview.to_string().split_once("link=").map_or_else(String::new, |(_, rest)| {
                rest.chars().take_while(|c| *c == '_' || c.is_ascii_alphanumeric()).collect()
            });
        let picture = picture(app, &owner).await;
        let import = app
            .app
            .start_import(
                owner.site.id,
                belfry_store::ImportRows::default(),
                &ImportOptions::default(),
            )
            .await
            .unwrap()
            .to_string();
        let key = app.app.keys(owner.site.id).await.unwrap().remove(0).id.0;
        let account =
            app.console().member("owner@zanzibar.example", owner.site.id, Role::Owner).await;
        let mut browser = app.console().sign_in("owner@zanzibar.example").await;
        let sheet = import_sheet(&mut browser, &owner).await;
        let invited = EmailAddress::parse("guest@zanzibar.example").ok();
        app.app.invite(account, owner.site.id, Role::Owner, invited).await.unwrap();
        let invitation = app.app.invitations(owner.site.id).await.unwrap().remove(0).digest.short();
        let victim = open(app, &owner, "vip-42").await;
        let ticket = victim
            .call(app, axum::http::Method::POST, "/ticket")
            .json(&json!({}))
            .send()
            .await
            .expect(200)["ticket"]
            .clone();
        let token = app.token(&owner, "vip-42").await;
        let channel = Channel::new(app, &owner, contact.0, MARK, 3).await;
        let contact_of_stranger =
            app.contact(&stranger, json!({"externalCustomerId": "of-the-stranger"})).await;
        let strangers = Channel::new(app, &stranger, contact_of_stranger.0, "strange", 0).await;

        let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let mut objects = BTreeMap::new();
        for (name, foreign) in [
            ("site", owner.site.id.to_string()),
            ("message", text(&message)),
            ("segment", segment.to_string()),
            ("webhook", hook),
            ("delivery", text(&delivery)),
            ("fingerprint", text(&device["fingerprint"])),
            ("import", import),
            ("key", key),
            ("invitation", invitation),
            ("ticket", text(&ticket)),
            ("token", token),
            ("preview", preview),
            ("external", "vip-42".to_owned()),
            ("phone", "+380671234567".to_owned()),
            ("sheet", sheet),
            ("picture", picture),
            ("sheet-file", "a.css".to_owned()),
            ("source", channel.source_id.clone()),
            ("strangers-source", strangers.source_id.clone()),
        ] {
            let missing = other(&foreign);
            objects.insert(name, (foreign, missing));
        }
        objects.extend(of_conversations(&channel, &strangers));
        objects.insert("contact", (contact.to_string(), "98".to_owned()));
        objects.insert("account", (account.0.to_string(), "9".to_owned()));
        objects.insert("cursor", (cursor(&owner).await, cursor(&third).await));
        objects.extend(same_everywhere());
        let mut object_names: Vec<_> =
            objects.values().filter(|(foreign, missing)| foreign != missing).cloned().collect();
        object_names.sort_by_key(|(foreign, _)| std::cmp::Reverse(foreign.len()));
        let proofs = proofs(app, &owner, &stranger, &strangers.token).await;
        Self { owner, objects, object_names, proofs, channel }
    }

    pub fn name(&self, thing: &str, foreign: bool) -> String {
        let (anothers, nobodys) = self.objects.get(thing).unwrap_or_else(|| panic!("no {thing}"));
        if foreign { anothers.clone() } else { nobodys.clone() }
    }

    /// Replaces `@name` by ids.
    pub fn fill(&self, text: &str, foreign: bool) -> String {
        let mut things: Vec<_> =
            self.objects.keys().filter(|thing| **thing != "own-site").collect();
        things.sort_by_key(|thing| std::cmp::Reverse(thing.len()));
        things.into_iter().fold(text.to_owned(), |text, thing| {
            text.replace(&format!("@{thing}"), &self.name(thing, foreign))
        })
    }

    /// Everything that the owner sees of the site, to detect a change.
    pub async fn owners_view(&self, app: &TestApp) -> Vec<Value> {
        let (contact, message, hook) =
            (&self.objects["contact"].0, &self.objects["message"].0, &self.objects["webhook"].0);
        let mut view = Vec::new();
        for path in [
            format!("/v1/contact/{contact}"),
            format!("/v1/contact/{contact}/devices"),
            format!("/v1/contact/{contact}/mutes"),
            format!("/v1/messages/{message}"),
            format!("/v1/messages/{message}/stats"),
            format!("/v1/webhooks/{hook}/deliveries"),
            "/v1/messages".to_owned(),
            "/v1/contacts".to_owned(),
            "/v1/segments".to_owned(),
            "/v1/webhooks".to_owned(),
            "/v1/themes".to_owned(),
            "/v1/imports".to_owned(),
            "/v1/site/settings".to_owned(),
        ] {
            view.push(app.get(&path).key(&self.owner.key).send().await.expect(200));
        }
        view.extend(self.channel.view(app).await);
        let members = app.app.members(self.owner.site.id).await.unwrap();
        view.push(json!(members.iter().map(|of| of.role.as_str()).collect::<Vec<_>>()));
        let inboxes = app.app.inboxes_of_site(self.owner.site.id).await.unwrap();
        view.push(json!(inboxes.iter().map(|inbox| &inbox.settings).collect::<Vec<_>>()));
        view.push(json!(app.app.invitations(self.owner.site.id).await.unwrap().len()));
        view
    }
}

/// Every credential of an outsider: of another site, and of another reader of the same site.
async fn proofs(app: &TestApp, owner: &TestSite, stranger: &TestSite, agent: &str) -> Vec<Proof> {
    let reader = open(app, stranger, "stranger").await;
    let neighbour = open(app, owner, "neighbour").await;
    let device = "7d9f6a3e-6a51-4c39-9f0e-2a1f57b2c9d4";
    let contact = app.contact(stranger, json!({"externalCustomerId": "stranger"})).await;
    app.post(&format!("/v1/contact/{contact}/devices"))
        .key(&stranger.key)
        .json(&json!({"deviceId": device}))
        .send()
        .await
        .expect(200);
    app.console().member("stranger@example.com", stranger.site.id, Role::Owner).await;
    let mut browser = app.console().sign_in("stranger@example.com").await;
    let form_token = browser.token("/console/account").await;
    let (site, owners) = (stranger.site.id, owner.site.id);
    let proof = |name, site, headers, grants_access| Proof {
        name,
        site,
        headers,
        form_token: String::new(),
        grants_access,
    };
    let cookie = |widget: &WidgetSession| {
        vec![("cookie", widget.cookie.clone()), ("x-belfry-reader", widget.reader.clone())]
    };
    let wrong = app
        .console()
        .sign_in("stranger@example.com")
        .await
        .cookie
        .map(|cookie| cookie.replace('=', "=A"))
        .unwrap();
    vec![
        proof("nobody", site, Vec::new(), None),
        proof(
            "a key of another site",
            site,
            vec![("authorization", basic(&stranger.key))],
            Some(Surface::Api),
        ),
        proof(
            "a key that is none",
            site,
            vec![("authorization", basic("bfk_nothing_nothing"))],
            None,
        ),
        proof(
            "an agent of another site",
            site,
            vec![("api_access_token", agent.to_owned())],
            Some(Surface::Application),
        ),
        proof(
            "an agent's token that is none",
            site,
            vec![("api_access_token", "nothing".to_owned())],
            None,
        ),
        proof("a session of another site", site, cookie(&reader), Some(Surface::Widget)),
        proof(
            "a bearer of another site",
            site,
            vec![("authorization", format!("Bearer {}", reader.bearer))],
            Some(Surface::Widget),
        ),
        proof("a session of another reader", owners, cookie(&neighbour), Some(Surface::Widget)),
        proof(
            "a token of another site",
            site,
            vec![("es-token", app.token(stranger, "stranger").await)],
            Some(Surface::Reader),
        ),
        proof(
            "a token of another reader",
            owners,
            vec![("es-token", app.token(owner, "neighbour").await)],
            Some(Surface::Reader),
        ),
        proof(
            "a device of another site",
            site,
            vec![
                ("x-reteno-access-key", site.to_string()),
                ("x-reteno-sdk-version", "2.0.0".to_owned()),
                ("x-reteno-device-id", device.to_owned()),
            ],
            Some(Surface::Reader),
        ),
        Proof {
            form_token,
            ..proof(
                "an owner of another site",
                site,
                vec![("cookie", browser.cookie.clone().unwrap())],
                Some(Surface::Console),
            )
        },
        proof("a console session that is none", site, vec![("cookie", wrong)], None),
    ]
}
