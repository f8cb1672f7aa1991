//! Requests of the forms of the account pages and of the signed-out pages.

use super::fixture::RequestFactory;
use crate::{console::browser::PASSWORD, support::Call};
use belfry_domain::Role;

impl RequestFactory<'_> {
    /// Forms of the account pages and of the signed-out pages.
    pub async fn of_person(&mut self, route: &str, act: &str) -> Option<Call> {
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
}
