//! People who run sites: their accounts, what each may do on a site, and what a password must be.
//!
//! A password in clear is only ever a [`Password`], which shows nothing of itself; how it is hashed is none of this module's business.

use super::{AccountId, Digest, EmailAddress, Invalid, Language, SiteId, TimeZone, Timestamp};
use std::{fmt, str::FromStr};

/// What a person may do on a site. The order is that of power: an owner may do whatever an editor may. An agent is below a viewer: they answer
/// conversations, and see nothing else of the site.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Conversations only.
    Agent,
    /// Looks at everything but conversations.
    Viewer,
    /// Writes messages, keeps contacts, uploads themes, answers conversations.
    Editor,
    /// Everything: keys, members, settings.
    Owner,
}

impl Role {
    /// All, the most powerful first.
    pub const ALL: [Self; 4] = [Self::Owner, Self::Editor, Self::Viewer, Self::Agent];

    /// The word in forms and in the store.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Agent => "agent",
            Self::Viewer => "viewer",
            Self::Editor => "editor",
            Self::Owner => "owner",
        }
    }

    /// Whether they may look at the site apart from its conversations.
    pub fn sees_site(self) -> bool {
        self >= Self::Viewer
    }

    /// Whether they answer conversations.
    pub fn answers_conversations(self) -> bool {
        self != Self::Viewer
    }
}

impl FromStr for Role {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        Self::ALL.into_iter().find(|role| role.as_str() == text).ok_or_else(|| Invalid::new("role", "must be owner, editor, viewer or agent"))
    }
}

/// A password in clear, good enough to be one. `Debug` shows nothing of it.
#[derive(Clone)]
pub struct Password(String);

impl Password {
    /// Fewest characters.
    pub const SHORTEST: usize = 12;
    /// Most characters: more would let a stranger keep the machine busy.
    pub const LONGEST: usize = 256;

    /// Any characters, none cut off; refused when it is short, one that everybody tries first, or the person's address.
    pub fn new(text: &str, email: &EmailAddress) -> Result<Self, Invalid> {
        let refuse = |reason: String| Err(Invalid::new("password", reason));
        let length = text.chars().count();
        if length < Self::SHORTEST {
            return refuse(format!("must have {} characters or more", Self::SHORTEST));
        }
        if length > Self::LONGEST {
            return refuse(format!("must have at most {} characters", Self::LONGEST));
        }
        let lower = text.to_lowercase();
        let name = email.as_str().split('@').next().unwrap_or_default();
        if lower == email.as_str() || (name.len() > 3 && lower.trim_matches(|character: char| !character.is_alphabetic()) == name) {
            return refuse("must not be your e-mail address".to_owned());
        }
        if is_common(&lower) {
            return refuse("is among those that are tried first; choose another".to_owned());
        }
        Ok(Self(text.to_owned()))
    }

    /// The password in clear.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Password(…)")
    }
}

/// Words that the commonest long passwords are made of: one of them with digits around it, or repeated, or a walk along the keys.
const COMMON: &str = "password passwort passwords passw0rd p@ssword p@ssw0rd parol parole пароль qwerty qwertz azerty qwertyuiop asdfghjkl zxcvbnm \
    йцукен йцукенг letmein welcome monkey dragon football baseball basketball superman batman master shadow sunshine princess iloveyou \
    trustno administrator admin root login changeme secret default guest user test testing example belfry inbox abcdef abcdefgh \
    abcdefghijkl abcdefghijklm whatever computer internet samsung google facebook linkedin michael jennifer jordan hunter killer charlie \
    freedom starwars pokemon liverpool chelsea arsenal barcelona ukraine україна kyiv summer winter spring autumn january february \
    march april june july august september october november december monday friday sunday letmeinnow correcthorse \
    correcthorsebatterystaple qazwsx qazwsxedc qazwsxedcrfv asdf qwer zxcv iloveyou myspace nothing forever lovely babygirl chocolate \
    butterfly purple orange cookie cheese banana flower angel angels love hello helloworld welcomehome mypassword thisismypassword \
    yourpassword newpassword oldpassword passwordpassword adminadmin qwertyqwerty letmeinletmein welcomewelcome";

fn is_common(lower: &str) -> bool {
    let mut distinct: Vec<char> = lower.chars().collect();
    distinct.sort_unstable();
    distinct.dedup();
    // Four different characters or fewer make no password of any length; nor does a row of digits.
    if distinct.len() < 5 || lower.chars().all(|character| character.is_ascii_digit()) {
        return true;
    }
    let core = lower.trim_matches(|character: char| !character.is_alphabetic());
    let known = |text: &str| COMMON.split_whitespace().any(|word| word == text);
    known(lower) || known(core) || {
        let letters: String = lower.chars().filter(|character| character.is_alphabetic()).collect();
        known(&letters)
    }
}

/// The hash of a password, in the form of its algorithm.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(pub String);

impl fmt::Debug for PasswordHash {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("PasswordHash(…)")
    }
}

/// A second factor: six digits that change each half minute (RFC 6238).
#[derive(Clone, PartialEq, Eq)]
pub struct SecondFactor {
    /// The key that the person's device shares with us.
    pub secret: Vec<u8>,
    /// Whether the person has shown that their device makes the right digits; before that it is not asked for.
    pub confirmed: bool,
    /// The half minute of the last digits that were taken; neither they nor older ones are taken again.
    pub last_step: i64,
    /// Wrong digits since the last right ones.
    pub failures: u32,
    /// When the last of these came.
    pub failed_at: Option<Timestamp>,
}

impl fmt::Debug for SecondFactor {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "SecondFactor(confirmed: {})", self.confirmed)
    }
}

/// What an account is made of; valid by construction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountDraft {
    /// Where the person is reached, in lower case; one account each.
    pub email: EmailAddress,
    /// What they are called.
    pub name: String,
    /// The hash of their password.
    pub password: PasswordHash,
    /// The language of their console.
    pub language: Language,
    /// Whether the whole instance is theirs.
    pub is_operator: bool,
}

/// An account as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Its number.
    pub id: AccountId,
    /// Where the person is reached.
    pub email: EmailAddress,
    /// What they are called.
    pub name: String,
    /// The hash of their password.
    pub password: PasswordHash,
    /// Their second factor.
    pub second_factor: Option<SecondFactor>,
    /// The language of their console.
    pub language: Language,
    /// The time zone of their console; `None` is that of the browser.
    pub time_zone: Option<TimeZone>,
    /// Whether the whole instance is theirs.
    pub is_operator: bool,
    /// When it was made.
    pub created_at: Timestamp,
}

impl Account {
    /// Checks what a person is called: 1 to 100 printable characters.
    pub fn check_name(text: &str) -> Result<String, Invalid> {
        let name = text.trim();
        if name.is_empty() || name.chars().count() > 100 || name.chars().any(char::is_control) {
            return Err(Invalid::new("name", "must have 1 to 100 printable characters"));
        }
        Ok(name.to_owned())
    }

    /// Whether signing in takes the second factor, too.
    pub fn needs_second_factor(&self) -> bool {
        self.second_factor.as_ref().is_some_and(|factor| factor.confirmed)
    }
}

/// Someone who may do something on a site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Membership {
    /// Who.
    pub account: Account,
    /// What they may do.
    pub role: Role,
}

/// A place on a site, kept for whoever holds the secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    /// Digest of the secret.
    pub digest: Digest,
    /// The site.
    pub site: SiteId,
    /// What the guest may do there.
    pub role: Role,
    /// Whom it is for; `None` for anyone with the link.
    pub email: Option<EmailAddress>,
    /// Who asked them.
    pub invited_by: AccountId,
    /// From then on it opens nothing.
    pub expires_at: Timestamp,
}

/// A browser that holds a console cookie.
#[derive(Clone, PartialEq, Eq)]
pub struct ConsoleSession {
    /// Digest of the cookie.
    pub digest: Digest,
    /// Who is signed in, or is about to be, if anyone: it ends with the others of theirs.
    pub account: Option<AccountId>,
    /// What the door keeps of it.
    pub data: String,
    /// From then on it is no more.
    pub expires_at: Timestamp,
    /// It never lasts longer than this, which is settled when it begins.
    pub ends_at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_are_ordered_by_power() {
        assert!(Role::Owner > Role::Editor && Role::Editor > Role::Viewer && Role::Viewer > Role::Agent);
        assert!(Role::ALL.into_iter().all(|role| role.as_str().parse() == Ok(role)));
    }

    #[test]
    fn viewers_look_at_the_site_and_agents_at_conversations() {
        let may = Role::ALL.map(|role| (role.as_str(), role.sees_site(), role.answers_conversations()));
        assert_eq!(may, [("owner", true, true), ("editor", true, true), ("viewer", true, false), ("agent", false, true)]);
    }

    #[test]
    fn a_password_is_any_text_that_is_long_and_not_everybodys() {
        let email = EmailAddress::parse("Marta@Example.com").unwrap();
        for good in ["correct horse battery", "дванадцять слів тут", "0123456789ab🦀", &"ж".repeat(200).replacen("жжж", "abcd1", 1)]
        {
            assert!(Password::new(good, &email).is_ok(), "{good}");
        }
        for bad in [
            "short",
            "password1234",
            "Password!2024",
            "123456789012345",
            "aaaaaaaaaaaaaaaa",
            "marta@example.com",
            "qwertyuiop123",
            "a-b-c-d-e-f-1-2-3",
            "MARTA!1234567",
            &"abcdefg 12".repeat(30),
        ] {
            assert!(Password::new(bad, &email).is_err(), "{bad}");
        }
        assert_eq!(format!("{:?}", Password::new("correct horse battery", &email).unwrap()), "Password(…)");
    }
}
