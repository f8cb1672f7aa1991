//! People who run sites: the first account, who belongs where, invitations, and the sessions of browsers.

use super::world::{NOW, World, after};
use crate::{
    domain::{AccountDraft, AccountId, ConsoleSession, Digest, EmailAddress, Invitation, Language, PasswordHash, Role, SiteId},
    store::{MemberChange, StoreError},
};

const DAY: u64 = 86_400;

fn draft(email: &str) -> AccountDraft {
    let email = EmailAddress::parse(email).unwrap();
    AccountDraft { email, name: "Olha".to_owned(), password: PasswordHash("hash".to_owned()), language: Language::english(), is_operator: false }
}

async fn first(world: &World) -> AccountId {
    world.store.offer_set_up(&Digest::of("code"), after(DAY)).await.unwrap();
    world.store.set_up(&Digest::of("code"), &draft("first@example.com"), NOW).await.unwrap().unwrap()
}

fn invitation(site: SiteId, by: AccountId, secret: &str, role: Role) -> Invitation {
    Invitation { digest: Digest::of(secret), site, role, email: None, invited_by: by, expires_at: after(DAY) }
}

async fn guest(world: &World, site: SiteId, by: AccountId, email: &str, role: Role) -> AccountId {
    world.store.add_invitation(&invitation(site, by, email, role)).await.unwrap();
    world.store.accept_as_new(&Digest::of(email), &draft(email), NOW).await.unwrap().unwrap().0
}

pub async fn the_first_account_is_made_once_with_the_newest_right(world: &World) {
    assert!(!world.store.has_accounts().await.unwrap());
    world.store.offer_set_up(&Digest::of("old"), after(DAY)).await.unwrap();
    world.store.offer_set_up(&Digest::of("new"), after(DAY)).await.unwrap();
    let draft = draft("olha@example.com");
    assert_eq!(world.store.set_up(&Digest::of("old"), &draft, NOW).await.unwrap(), None);
    assert_eq!(world.store.set_up(&Digest::of("new"), &draft, after(DAY)).await.unwrap(), None);
    let id = world.store.set_up(&Digest::of("new"), &draft, NOW).await.unwrap().unwrap();
    assert_eq!(world.store.set_up(&Digest::of("new"), &draft, NOW).await.unwrap(), None);
    let account = world.store.account_by_email("olha@example.com").await.unwrap().unwrap();
    assert_eq!((account.id, account.email.clone(), account.password.clone(), account.created_at), (id, draft.email, draft.password, NOW));
    assert_eq!(world.store.account(id).await.unwrap(), Some(account));
}

pub async fn a_site_is_never_left_without_an_owner(world: &World) {
    let owner = first(world).await;
    let site = world.owned_site(owner).await;
    let other = guest(world, site, owner, "other@example.com", Role::Viewer).await;
    assert_eq!(world.store.remove_member(site, owner).await.unwrap(), MemberChange::LastOwner);
    assert_eq!(world.store.set_role(site, owner, Role::Editor).await.unwrap(), MemberChange::LastOwner);
    assert_eq!(world.store.set_role(site, other, Role::Owner).await.unwrap(), MemberChange::Done);
    assert_eq!(world.store.remove_member(site, owner).await.unwrap(), MemberChange::Done);
    assert_eq!(world.store.remove_member(site, owner).await.unwrap(), MemberChange::Unknown);
    // Somebody else changes the role of one who was removed a moment ago.
    assert_eq!(world.store.set_role(site, owner, Role::Owner).await.unwrap(), MemberChange::Unknown);
    let members = world.store.members(site).await.unwrap();
    assert_eq!(members.iter().map(|of| (of.account.id, of.role)).collect::<Vec<_>>(), [(other, Role::Owner)]);
}

pub async fn a_role_is_of_one_site(world: &World) {
    let owner = first(world).await;
    let (site, (strange, _)) = (world.owned_site(owner).await, world.site("b").await);
    assert_eq!(world.store.role(owner, site).await.unwrap(), Some(Role::Owner));
    assert_eq!(world.store.role(owner, strange).await.unwrap(), None);
    assert_eq!(world.store.roles(owner).await.unwrap(), [(site, Role::Owner)]);
    assert!(world.store.members(strange).await.unwrap().is_empty());
}

pub async fn an_invitation_opens_its_site_once(world: &World) {
    let owner = first(world).await;
    let (site, (strange, _)) = (world.owned_site(owner).await, world.site("b").await);
    let one = invitation(site, owner, "one", Role::Viewer);
    world.store.add_invitation(&one).await.unwrap();
    assert_eq!(world.store.invitations(site, NOW).await.unwrap(), std::slice::from_ref(&one));
    assert!(world.store.invitations(strange, NOW).await.unwrap().is_empty());
    assert_eq!(world.store.invitation(&one.digest, after(DAY)).await.unwrap(), None);
    assert_eq!(world.store.accept_invitation(&one.digest, owner, after(DAY)).await.unwrap(), None);

    // A member keeps the greater role.
    assert_eq!(world.store.accept_invitation(&one.digest, owner, NOW).await.unwrap(), Some(one.clone()));
    assert_eq!(world.store.role(owner, site).await.unwrap(), Some(Role::Owner));
    assert_eq!(world.store.accept_as_new(&one.digest, &draft("late@example.com"), NOW).await.unwrap(), None);
    assert_eq!(world.store.account_by_email("late@example.com").await.unwrap(), None);

    let two = invitation(site, owner, "two", Role::Editor);
    world.store.add_invitation(&two).await.unwrap();
    let taken = world.store.accept_as_new(&two.digest, &draft("first@example.com"), NOW).await;
    assert!(matches!(taken, Err(StoreError::Conflict(_))), "{taken:?}");
    assert!(!world.store.revoke_invitation(strange, &two.digest).await.unwrap());
    assert!(world.store.revoke_invitation(site, &two.digest).await.unwrap());
    assert_eq!(world.store.accept_invitation(&two.digest, owner, NOW).await.unwrap(), None);
}

pub async fn digits_are_taken_once_and_only_forward(world: &World) {
    let account = first(world).await;
    assert!(!world.store.use_second_factor(account, 5).await.unwrap());
    world.store.set_second_factor(account, Some(b"secret")).await.unwrap();
    let factor = async || world.store.account(account).await.unwrap().unwrap().second_factor;
    assert!(!factor().await.unwrap().confirmed);
    assert!(world.store.use_second_factor(account, 5).await.unwrap());
    assert!(!world.store.use_second_factor(account, 5).await.unwrap());
    assert!(!world.store.use_second_factor(account, 4).await.unwrap());
    // Digits of a time when the clock was far ahead are not in the way once it is right.
    assert!(world.store.use_second_factor(account, 1_000).await.unwrap());
    assert!(!world.store.use_second_factor(account, 998).await.unwrap());
    assert!(world.store.use_second_factor(account, 6).await.unwrap());
    assert!(!world.store.use_second_factor(account, 6).await.unwrap());
    assert!(factor().await.unwrap().confirmed);
    world.store.set_second_factor(account, None).await.unwrap();
    assert_eq!(factor().await, None);
}

pub async fn sessions_end_with_their_time_and_with_a_new_password(world: &World) {
    let account = first(world).await;
    let session = |secret: &str, account| ConsoleSession { digest: Digest::of(secret), account, data: "{}".to_owned(), expires_at: after(DAY) };
    for (secret, account) in [("mine", Some(account)), ("other", Some(account)), ("nobody", None)] {
        world.store.add_console_session(&session(secret, account)).await.unwrap();
    }
    let is_there = async |secret: &str| world.store.console_session(&Digest::of(secret), NOW).await.unwrap().is_some();
    assert!(world.store.console_session(&Digest::of("mine"), after(DAY)).await.unwrap().is_none());
    world.store.set_password(account, &PasswordHash("new".to_owned()), Some(&Digest::of("mine"))).await.unwrap();
    assert_eq!((is_there("mine").await, is_there("other").await, is_there("nobody").await), (true, false, true));
    // What has ended is not brought back by a request that was under way.
    world.store.save_console_session(&session("other", Some(account))).await.unwrap();
    assert!(!is_there("other").await);
    world.store.end_console_session(&Digest::of("nobody")).await.unwrap();
    world.store.end_console_sessions(account, None).await.unwrap();
    assert_eq!((is_there("mine").await, is_there("nobody").await), (false, false));
}
