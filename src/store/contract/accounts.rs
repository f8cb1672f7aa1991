//! Accounts, memberships, invitations, and console sessions.

use super::test_store::{NOW, TestStore, after};
use crate::{MAX_OPEN_INVITATIONS, MemberChangeOutcome, StoreError};
use belfry_domain::{
    AccountDraft, AccountId, ConsoleSession, Digest, EmailAddress, Invitation, Language,
    PasswordHash, Role, SiteId, TimeZone,
};

const DAY: u64 = 86_400;

pub fn draft(email: &str) -> AccountDraft {
    let email = EmailAddress::parse(email).unwrap();
    AccountDraft {
        email,
        name: "Olha".to_owned(),
        password: PasswordHash("hash".to_owned()),
        language: Language::english(),
        is_operator: false,
    }
}

pub async fn first_account(world: &TestStore) -> AccountId {
    world.store.offer_set_up(&Digest::of("code"), after(DAY)).await.unwrap();
    world
        .store
        .set_up(&Digest::of("code"), &draft("first@example.com"), NOW)
        .await
        .unwrap()
        .unwrap()
}

fn invitation(site: SiteId, by: AccountId, secret: &str, role: Role) -> Invitation {
    Invitation {
        digest: Digest::of(secret),
        site,
        role,
        email: None,
        invited_by: by,
        expires_at: after(DAY),
    }
}

pub async fn invitee(
    world: &TestStore,
    site: SiteId,
    by: AccountId,
    email: &str,
    role: Role,
) -> AccountId {
    world.store.add_invitation(&invitation(site, by, email, role), NOW).await.unwrap();
    world.store.accept_as_new(&Digest::of(email), &draft(email), NOW).await.unwrap().unwrap().0
}

pub async fn set_up_works_once_with_the_newest_secret(world: &TestStore) {
    assert!(!world.store.has_accounts().await.unwrap());
    world.store.offer_set_up(&Digest::of("old"), after(DAY)).await.unwrap();
    world.store.offer_set_up(&Digest::of("new"), after(DAY)).await.unwrap();
    let draft = draft("olha@example.com");
    assert_eq!(world.store.set_up(&Digest::of("old"), &draft, NOW).await.unwrap(), None);
    assert_eq!(world.store.set_up(&Digest::of("new"), &draft, after(DAY)).await.unwrap(), None);
    let id = world.store.set_up(&Digest::of("new"), &draft, NOW).await.unwrap().unwrap();
    assert_eq!(world.store.set_up(&Digest::of("new"), &draft, NOW).await.unwrap(), None);
    let account = world.store.account_by_email("olha@example.com").await.unwrap().unwrap();
    assert_eq!(
        (account.id, account.email.clone(), account.password.clone(), account.created_at),
        (id, draft.email, draft.password, NOW)
    );
    assert_eq!(world.store.account(id).await.unwrap(), Some(account));
}

pub async fn profile_is_set_as_a_whole(world: &TestStore) {
    let id = first_account(world).await;
    assert_eq!(world.store.account(id).await.unwrap().unwrap().time_zone, None);
    let (ukrainian, tokyo) = ("uk".parse::<Language>().unwrap(), TimeZone::from_name("Asia/Tokyo"));
    assert!(world.store.set_profile(id, "Olena", &ukrainian, tokyo.as_ref()).await.unwrap());
    let account = world.store.account(id).await.unwrap().unwrap();
    assert_eq!(
        (account.name.as_str(), &account.language, &account.time_zone),
        ("Olena", &ukrainian, &tokyo)
    );
    assert!(world.store.set_profile(id, "Olena", &ukrainian, None).await.unwrap());
    assert_eq!(
        world
            .store
            .account_by_email("first@example.com")
            .await
            .unwrap()
            .map(|account| account.time_zone),
        Some(None)
    );
    assert!(
        !world
            .store
            .set_profile(AccountId(id.0 + 1_000), "Nobody", &ukrainian, None)
            .await
            .unwrap()
    );
}

pub async fn last_owner_cannot_be_removed(world: &TestStore) {
    let owner = first_account(world).await;
    let site = world.owned_site(owner).await;
    let other = invitee(world, site, owner, "other@example.com", Role::Viewer).await;
    assert_eq!(
        world.store.remove_member(site, owner).await.unwrap(),
        MemberChangeOutcome::LastOwner
    );
    assert_eq!(
        world.store.set_role(site, owner, Role::Editor).await.unwrap(),
        MemberChangeOutcome::LastOwner
    );
    assert_eq!(
        world.store.set_role(site, other, Role::Owner).await.unwrap(),
        MemberChangeOutcome::Done
    );
    assert_eq!(world.store.remove_member(site, owner).await.unwrap(), MemberChangeOutcome::Done);
    assert_eq!(world.store.remove_member(site, owner).await.unwrap(), MemberChangeOutcome::Unknown);
    // Another owner changes the role of a member who was removed meanwhile.
    assert_eq!(
        world.store.set_role(site, owner, Role::Owner).await.unwrap(),
        MemberChangeOutcome::Unknown
    );
    let members = world.store.members(site).await.unwrap();
    assert_eq!(
        members.iter().map(|of| (of.account.id, of.role)).collect::<Vec<_>>(),
        [(other, Role::Owner)]
    );
}

pub async fn role_applies_to_one_site(world: &TestStore) {
    let owner = first_account(world).await;
    let (site, (strange, _)) = (world.owned_site(owner).await, world.site("b").await);
    assert_eq!(world.store.role(owner, site).await.unwrap(), Some(Role::Owner));
    assert_eq!(world.store.role(owner, strange).await.unwrap(), None);
    assert_eq!(world.store.roles(owner).await.unwrap(), [(site, Role::Owner)]);
    assert!(world.store.members(strange).await.unwrap().is_empty());
}

pub async fn invitation_is_accepted_once(world: &TestStore) {
    let owner = first_account(world).await;
    let (site, (strange, _)) = (world.owned_site(owner).await, world.site("b").await);
    let one = invitation(site, owner, "one", Role::Viewer);
    world.store.add_invitation(&one, NOW).await.unwrap();
    assert_eq!(world.store.invitations(site, NOW).await.unwrap(), std::slice::from_ref(&one));
    assert!(world.store.invitations(strange, NOW).await.unwrap().is_empty());
    assert_eq!(world.store.invitation(&one.digest, after(DAY)).await.unwrap(), None);
    assert_eq!(world.store.accept_invitation(&one.digest, owner, after(DAY)).await.unwrap(), None);

    // A member keeps the higher role.
    assert_eq!(
        world.store.accept_invitation(&one.digest, owner, NOW).await.unwrap(),
        Some(one.clone())
    );
    assert_eq!(world.store.role(owner, site).await.unwrap(), Some(Role::Owner));
    assert_eq!(
        world.store.accept_as_new(&one.digest, &draft("late@example.com"), NOW).await.unwrap(),
        None
    );
    assert_eq!(world.store.account_by_email("late@example.com").await.unwrap(), None);

    let two = invitation(site, owner, "two", Role::Editor);
    world.store.add_invitation(&two, NOW).await.unwrap();
    let taken = world.store.accept_as_new(&two.digest, &draft("first@example.com"), NOW).await;
    assert!(matches!(taken, Err(StoreError::Conflict(_))), "{taken:?}");
    assert!(!world.store.revoke_invitation(strange, &two.digest.short()).await.unwrap());
    assert!(world.store.revoke_invitation(site, &two.digest.short()).await.unwrap());
    assert_eq!(world.store.accept_invitation(&two.digest, owner, NOW).await.unwrap(), None);
}

pub async fn invitations_of_a_former_owner_are_closed(world: &TestStore) {
    let operator = first_account(world).await;
    let site = world.owned_site(operator).await;
    for (turn, ending) in ["removed", "demoted"].into_iter().enumerate() {
        let leaving =
            invitee(world, site, operator, &format!("leaving{turn}@example.com"), Role::Owner)
                .await;
        let of = |name: &str| invitation(site, leaving, &format!("{name}{turn}"), Role::Owner);
        for name in ["one", "two"] {
            assert!(world.store.add_invitation(&of(name), NOW).await.unwrap());
        }
        let others = invitation(site, operator, &format!("other{turn}"), Role::Viewer);
        world.store.add_invitation(&others, NOW).await.unwrap();
        let change = match ending {
            "removed" => world.store.remove_member(site, leaving).await,
            _ => world.store.set_role(site, leaving, Role::Editor).await,
        };
        assert_eq!(change.unwrap(), MemberChangeOutcome::Done);
        assert_eq!(world.store.invitation(&of("one").digest, NOW).await.unwrap(), None, "{ending}");
        assert_eq!(
            world
                .store
                .accept_as_new(&of("two").digest, &draft("late@example.com"), NOW)
                .await
                .unwrap(),
            None,
            "{ending}"
        );
        assert!(world.store.invitations(site, NOW).await.unwrap().contains(&others));
        assert!(
            world
                .store
                .invitations(site, NOW)
                .await
                .unwrap()
                .iter()
                .all(|open| open.invited_by != leaving)
        );
        // An invitation that a concurrent request stores afterwards is not valid either.
        world.store.add_invitation(&of("late"), NOW).await.unwrap();
        assert_eq!(
            world.store.invitation(&of("late").digest, NOW).await.unwrap(),
            None,
            "{ending}"
        );
        assert_eq!(
            world.store.accept_invitation(&of("late").digest, leaving, NOW).await.unwrap(),
            None,
            "{ending}"
        );
    }
}

pub async fn open_invitations_are_listed_and_revocable(world: &TestStore) {
    let ((site, _), (other, _)) = (world.site("a").await, world.site("b").await);
    let owner = first_account(world).await;
    let one = |number: u32| Invitation {
        expires_at: after(DAY - u64::from(number)),
        ..invitation(site, owner, &number.to_string(), Role::Viewer)
    };
    for number in 0..MAX_OPEN_INVITATIONS {
        assert!(world.store.add_invitation(&one(number), NOW).await.unwrap());
    }
    assert!(!world.store.add_invitation(&one(MAX_OPEN_INVITATIONS), NOW).await.unwrap());
    assert!(
        world
            .store
            .add_invitation(&Invitation { site: other, ..one(MAX_OPEN_INVITATIONS + 1) }, NOW)
            .await
            .unwrap()
    );
    let listed = world.store.invitations(site, NOW).await.unwrap();
    assert_eq!(listed.len(), MAX_OPEN_INVITATIONS as usize);
    for open in listed {
        assert!(world.store.revoke_invitation(site, &open.digest.short()).await.unwrap());
    }
    for odd in ["", "x", "ffffffffffffffffff", &Digest::of("none").short()] {
        assert!(!world.store.revoke_invitation(site, odd).await.unwrap(), "{odd}");
    }
    assert!(world.store.add_invitation(&one(MAX_OPEN_INVITATIONS), NOW).await.unwrap());
}

pub async fn wrong_codes_are_counted_and_delayed(world: &TestStore) {
    let account = first_account(world).await;
    let try_at = async |second: u64, impatient: bool| {
        world.store.try_second_factor(account, after(second), impatient).await.unwrap()
    };
    world.store.begin_second_factor(account, b"secret").await.unwrap();
    // Some attempts are free, however fast they come.
    for _ in 0..5 {
        assert_eq!(try_at(0, false).await, None);
    }
    let mut now = 0;
    for wait in [30, 60, 120, 240, 480, 960, 1_920, 3_600, 3_600] {
        assert_eq!(try_at(now, false).await, Some(after(now + wait)));
        assert_eq!(
            try_at(now + wait - 1, false).await,
            Some(after(now + wait)),
            "a delayed attempt is not counted"
        );
        now += wait;
        assert_eq!(try_at(now, false).await, None);
    }
    // Attempts of a trusted browser are counted and not delayed.
    assert_eq!(try_at(now, true).await, None);
    let factor = world.store.account(account).await.unwrap().unwrap().second_factor.unwrap();
    assert_eq!((factor.failures, factor.failed_at), (15, Some(after(now))));
    assert!(world.store.use_second_factor(account, b"secret", 5).await.unwrap());
    assert_eq!(
        world.store.account(account).await.unwrap().unwrap().second_factor.unwrap().failures,
        0
    );
    assert_eq!(try_at(now, false).await, None);
    // Of concurrent attempts, no more are free than of sequential ones.
    let tries = futures_util::future::join_all((0..40).map(|_| try_at(now, false))).await;
    assert_eq!(tries.into_iter().filter(Option::is_none).count(), 4);
}

pub async fn browser_is_known_to_its_account(world: &TestStore) {
    let owner = first_account(world).await;
    let site = world.owned_site(owner).await;
    let other = invitee(world, site, owner, "other@example.com", Role::Viewer).await;
    let digest = |name: &str| Digest::of(name);
    let known = async |email: &str, second: u64, names: &[&str]| {
        let asked: Vec<Digest> = names.iter().map(|name| digest(name)).collect();
        world.store.trusted_browsers(email, &asked, after(second)).await.unwrap().len()
    };
    world
        .store
        .remember_browser(owner, &[digest("cookie"), digest("address")], after(DAY))
        .await
        .unwrap();
    assert_eq!(known("first@example.com", 0, &["cookie", "address", "another"]).await, 2);
    assert_eq!(known("other@example.com", 0, &["cookie", "address"]).await, 0);
    assert_eq!(known("nobody@example.com", 0, &["cookie"]).await, 0);
    world.store.remember_browser(other, &[digest("cookie")], after(2 * DAY)).await.unwrap();
    assert_eq!(known("other@example.com", 0, &["cookie"]).await, 1);
    assert_eq!(known("first@example.com", DAY, &["cookie"]).await, 0);
    // The newest are kept.
    for number in 0..60 {
        world
            .store
            .remember_browser(other, &[digest(&number.to_string())], after(3 * DAY + number))
            .await
            .unwrap();
    }
    assert_eq!(
        (
            known("other@example.com", 0, &["cookie", "9"]).await,
            known("other@example.com", 0, &["10", "59"]).await
        ),
        (0, 2)
    );
    while world.store.sweep(after(9 * DAY)).await.unwrap() > 0 {}
    assert_eq!(known("other@example.com", 0, &["59"]).await, 0);
}

pub async fn session_has_a_maximum_age(world: &TestStore) {
    let account = first_account(world).await;
    let at = |expires: u64, ends: u64| ConsoleSession {
        digest: Digest::of("lively"),
        account: Some(account),
        data: "{}".to_owned(),
        expires_at: after(expires),
        ends_at: after(ends),
    };
    world.store.add_console_session(&at(DAY, 3 * DAY)).await.unwrap();
    let there = async |second: u64| {
        world.store.console_session(&Digest::of("lively"), after(second)).await.unwrap().is_some()
    };
    for day in 1..5 {
        // A later `ends_at` is ignored.
        world.store.save_console_session(&at((day + 1) * DAY, (day + 30) * DAY)).await.unwrap();
    }
    assert!(there(3 * DAY - 1).await);
    assert!(!there(3 * DAY).await);
}

pub async fn code_works_once_and_only_forward(world: &TestStore) {
    let account = first_account(world).await;
    assert!(!world.store.use_second_factor(account, b"secret", 5).await.unwrap());
    world.store.begin_second_factor(account, b"secret").await.unwrap();
    let factor = async || world.store.account(account).await.unwrap().unwrap().second_factor;
    assert!(!factor().await.unwrap().confirmed);
    assert!(world.store.use_second_factor(account, b"secret", 5).await.unwrap());
    assert!(!world.store.use_second_factor(account, b"secret", 5).await.unwrap());
    assert!(!world.store.use_second_factor(account, b"secret", 4).await.unwrap());
    // A code used while the clock was far ahead does not block once it is right.
    assert!(world.store.use_second_factor(account, b"secret", 1_000).await.unwrap());
    assert!(!world.store.use_second_factor(account, b"secret", 998).await.unwrap());
    assert!(world.store.use_second_factor(account, b"secret", 6).await.unwrap());
    assert!(!world.store.use_second_factor(account, b"secret", 6).await.unwrap());
    assert!(factor().await.unwrap().confirmed);
    assert!(!world.store.remove_second_factor(account, b"secret", 6).await.unwrap());
    assert!(factor().await.is_some());
    assert!(world.store.remove_second_factor(account, b"secret", 7).await.unwrap());
    assert_eq!(factor().await, None);
    assert!(!world.store.remove_second_factor(account, b"secret", 8).await.unwrap());
}

pub async fn code_of_a_replaced_secret_is_rejected(world: &TestStore) {
    let account = first_account(world).await;
    let factor = async || world.store.account(account).await.unwrap().unwrap().second_factor;
    assert!(world.store.begin_second_factor(account, b"one").await.unwrap());
    assert!(world.store.begin_second_factor(account, b"two").await.unwrap());
    assert!(!world.store.use_second_factor(account, b"one", 5).await.unwrap());
    assert!(!factor().await.unwrap().confirmed);
    assert!(world.store.use_second_factor(account, b"two", 5).await.unwrap());
    // A confirmed factor is not restarted, and only its own codes are valid.
    assert!(!world.store.begin_second_factor(account, b"three").await.unwrap());
    assert!(!world.store.remove_second_factor(account, b"one", 6).await.unwrap());
    let kept = factor().await.unwrap();
    assert_eq!((kept.confirmed, kept.secret.as_slice()), (true, b"two".as_slice()));
}

pub async fn sessions_end_on_expiry_and_password_change(world: &TestStore) {
    let account = first_account(world).await;
    let session = |secret: &str, account| ConsoleSession {
        digest: Digest::of(secret),
        account,
        data: "{}".to_owned(),
        expires_at: after(DAY),
        ends_at: after(3 * DAY),
    };
    for (secret, account) in [("mine", Some(account)), ("other", Some(account)), ("nobody", None)] {
        world.store.add_console_session(&session(secret, account)).await.unwrap();
    }
    let is_there = async |secret: &str| {
        world.store.console_session(&Digest::of(secret), NOW).await.unwrap().is_some()
    };
    assert!(world.store.console_session(&Digest::of("mine"), after(DAY)).await.unwrap().is_none());
    let change = async |former: &str| {
        let (former, new) = (PasswordHash(former.to_owned()), PasswordHash("new".to_owned()));
        world.store.set_password(account, &former, &new, Some(&Digest::of("mine"))).await.unwrap()
    };
    assert!(!change("another").await, "it was changed since it was read");
    assert!(is_there("other").await);
    assert!(change("hash").await);
    assert_eq!(
        (is_there("mine").await, is_there("other").await, is_there("nobody").await),
        (true, false, true)
    );
    // A concurrent request does not restore an ended session.
    world.store.save_console_session(&session("other", Some(account))).await.unwrap();
    assert!(!is_there("other").await);
    world.store.end_console_session(&Digest::of("nobody")).await.unwrap();
    world.store.end_console_sessions(account, None).await.unwrap();
    assert_eq!((is_there("mine").await, is_there("nobody").await), (false, false));
}
