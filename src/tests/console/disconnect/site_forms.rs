//! Requests of the forms of a site's pages.

use super::fixture::RequestFactory;
use crate::support::Call;
use belfry_domain::Role;
use serde_json::json;

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

impl RequestFactory<'_> {
    /// Forms of a site's pages.
    pub async fn of_site(&mut self, route: &str, act: &str) -> Option<Call> {
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
}
