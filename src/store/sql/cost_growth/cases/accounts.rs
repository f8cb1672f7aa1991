//! Cases: accounts, members, invitations and console sessions.

use super::super::scenario::{Scenario, days, expect};
use crate::{MemberChangeOutcome, contract::test_store::NOW};
use belfry_domain::{
    AccountDraft, AccountId, ConsoleSession, Digest, EmailAddress, InsertPosition, Invitation,
    Language, PasswordHash, Role, SiteDraft, TimeZone,
};

fn draft(email: &str) -> AccountDraft {
    let email = EmailAddress::parse(email).unwrap();
    AccountDraft {
        email,
        name: "Olha".to_owned(),
        password: PasswordHash("hash".to_owned()),
        language: Language::english(),
        is_operator: false,
    }
}

pub async fn run(s: &Scenario) {
    let store = &s.world.store;
    expect(s.measure("has_accounts", store.has_accounts()).await, true);
    s.measure("offer_set_up", store.offer_set_up(&Digest::of("code"), days(1))).await;
    expect(
        s.measure(
            "set_up: there is an account",
            store.set_up(&Digest::of("code"), &draft("first@example.com"), NOW),
        )
        .await,
        None,
    );
    invitations(s).await;
    let account = store.account_by_email("owner@example.com").await.unwrap().unwrap().id;
    members(s, account).await;

    expect(s.measure("account", store.account(account)).await.is_some(), true);
    expect(
        s.measure("account_by_email", store.account_by_email("owner@example.com")).await.is_some(),
        true,
    );
    expect(
        s.measure(
            "set_profile",
            store.set_profile(
                account,
                "Ivan",
                &Language::english(),
                TimeZone::from_name("Asia/Tokyo").as_ref(),
            ),
        )
        .await,
        true,
    );
    expect(
        s.measure("begin_second_factor", store.begin_second_factor(account, b"secret")).await,
        true,
    );
    expect(
        s.measure("try_second_factor", store.try_second_factor(account, NOW, false)).await,
        None,
    );
    expect(
        s.measure("use_second_factor", store.use_second_factor(account, b"secret", 5)).await,
        true,
    );
    expect(
        s.measure("remove_second_factor", store.remove_second_factor(account, b"secret", 6)).await,
        true,
    );

    let browser = [Digest::of("cookie"), Digest::of("address")];
    s.measure("remember_browser", store.remember_browser(account, &browser, days(9))).await;
    expect(
        s.measure("trusted_browsers", store.trusted_browsers("owner@example.com", &browser, NOW))
            .await
            .len(),
        2,
    );

    let session = |name: &str| ConsoleSession {
        digest: Digest::of(name),
        account: Some(account),
        data: "{}".to_owned(),
        expires_at: days(1),
        ends_at: days(9),
    };
    s.measure("add_console_session", store.add_console_session(&session("a"))).await;
    for name in ["b", "c", "d", "e"] {
        store.add_console_session(&session(name)).await.unwrap();
    }
    s.measure("save_console_session", store.save_console_session(&session("a"))).await;
    expect(
        s.measure("console_session", store.console_session(&Digest::of("a"), NOW)).await.is_some(),
        true,
    );
    s.measure("end_console_session", store.end_console_session(&Digest::of("e"))).await;
    let (former, new) = (PasswordHash("hash".to_owned()), PasswordHash("new".to_owned()));
    expect(
        s.measure(
            "set_password",
            store.set_password(account, &former, &new, Some(&Digest::of("a"))),
        )
        .await,
        true,
    );
    store.add_console_session(&session("f")).await.unwrap();
    s.measure("end_console_sessions", store.end_console_sessions(account, None)).await;
    expect(store.console_session(&Digest::of("a"), NOW).await.unwrap().is_none(), true);
}

async fn invitations(s: &Scenario) {
    let store = &s.world.store;
    // In a site of constant size: all invitations of a site are read.
    let site = s.world.owned_site(AccountId(1)).await;
    let invitation = |name: &str| Invitation {
        digest: Digest::of(name),
        site,
        role: Role::Owner,
        email: None,
        invited_by: AccountId(1),
        expires_at: days(1),
    };
    for name in ["owner", "other", "taken back"] {
        store.add_invitation(&invitation(name), NOW).await.unwrap();
    }
    s.measure("add_invitation", store.add_invitation(&invitation("new"), NOW)).await;
    expect(s.measure("invitations", store.invitations(site, NOW)).await.len(), 4);
    expect(
        s.measure("invitation", store.invitation(&Digest::of("owner"), NOW)).await.is_some(),
        true,
    );
    expect(
        s.measure(
            "revoke_invitation",
            store.revoke_invitation(site, &Digest::of("taken back").short()),
        )
        .await,
        true,
    );
    let accepted = s
        .measure(
            "accept_as_new",
            store.accept_as_new(&Digest::of("owner"), &draft("owner@example.com"), NOW),
        )
        .await;
    let account = accepted.unwrap().0;
    expect(
        s.measure("accept_invitation", store.accept_invitation(&Digest::of("other"), account, NOW))
            .await
            .is_some(),
        true,
    );
}

async fn members(s: &Scenario, account: AccountId) {
    let store = &s.world.store;
    let own = SiteDraft::new(
        "Own",
        vec!["https://own.example".parse().unwrap()],
        "#bell",
        InsertPosition::BeforeEnd,
        Language::english(),
    )
    .unwrap();
    let own = own.into_site(&s.world.rng, NOW);
    s.measure("create_owned_site", store.create_owned_site(&own, &s.world.key(own.id), account))
        .await;
    let members = store.members(s.site).await.unwrap().len();
    s.measure_each("members", members, store.members(s.site)).await;
    expect(s.measure("roles", store.roles(account)).await.len(), 2);
    expect(s.measure("role", store.role(account, own.id)).await, Some(Role::Owner));
    expect(
        s.measure("set_role: last owner", store.set_role(own.id, account, Role::Viewer)).await,
        MemberChangeOutcome::LastOwner,
    );
    let viewer = AccountId(3);
    expect(
        s.measure("set_role", store.set_role(s.site, viewer, Role::Editor)).await,
        MemberChangeOutcome::Done,
    );
    expect(
        s.measure("remove_member", store.remove_member(s.site, viewer)).await,
        MemberChangeOutcome::Done,
    );
    expect(
        s.measure("remove_member: last owner", store.remove_member(own.id, account)).await,
        MemberChangeOutcome::LastOwner,
    );
}
