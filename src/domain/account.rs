//! Console accounts, roles, invitations, sessions, and the password policy.
//!
//! A plaintext password only exists as a [`Password`], whose `Debug` output is redacted. Hashing is
//! done elsewhere. Used by the console, the CLI and the store.

use super::{
    AccountId, Digest, EmailAddress, Language, SiteId, TimeZone, Timestamp, ValidationError,
};
use belfry_locales::{LocalizedText, phrases::errors};
use std::{fmt, str::FromStr};

/// The role of an account on a site, ordered by privilege: each role includes those below it,
/// except that a viewer doesn't answer conversations and an agent sees nothing but conversations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Answers conversations; sees nothing else of the site.
    Agent,
    /// Reads everything except conversations.
    Viewer,
    /// Writes messages, manages contacts and themes, answers conversations.
    Editor,
    /// Also manages keys, members and settings.
    Owner,
}

impl Role {
    /// All roles, most privileged first.
    pub const ALL: [Self; 4] = [Self::Owner, Self::Editor, Self::Viewer, Self::Agent];

    /// The name in forms and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Agent => "agent",
            Self::Viewer => "viewer",
            Self::Editor => "editor",
            Self::Owner => "owner",
        }
    }

    /// Whether the role can view the site apart from its conversations.
    pub fn sees_site(self) -> bool {
        self >= Self::Viewer
    }

    /// Whether the role can answer conversations.
    pub fn answers_conversations(self) -> bool {
        self != Self::Viewer
    }
}

impl FromStr for Role {
    type Err = ValidationError;

    fn from_str(text: &str) -> Result<Self, ValidationError> {
        Self::ALL
            .into_iter()
            .find(|role| role.as_str() == text)
            .ok_or_else(|| ValidationError::new("role", errors::ROLE))
    }
}

/// A plaintext password that meets the policy. `Debug` is redacted.
#[derive(Clone)]
pub struct Password(String);

impl Password {
    /// Minimum length, in characters.
    pub const SHORTEST: usize = 12;
    /// Maximum length, in characters; bounds the cost of hashing.
    pub const LONGEST: usize = 256;

    /// Accepts any characters and never truncates. Rejects a password that is too short or too
    /// long, common, or the account's e-mail address.
    pub fn new(text: &str, email: &EmailAddress) -> Result<Self, ValidationError> {
        let reject = |reason: LocalizedText| Err(ValidationError::new("password", reason));
        let length = text.chars().count();
        if length < Self::SHORTEST {
            return reject(errors::at_least_characters(Self::SHORTEST));
        }
        if length > Self::LONGEST {
            return reject(errors::at_most_characters(Self::LONGEST));
        }
        let lower = text.to_lowercase();
        let name = email.as_str().split('@').next().unwrap_or_default();
        if lower == email.as_str()
            || (name.len() > 3
                && lower.trim_matches(|character: char| !character.is_alphabetic()) == name)
        {
            return reject(errors::PASSWORD_IS_EMAIL);
        }
        if is_common(&lower) {
            return reject(errors::PASSWORD_COMMON);
        }
        Ok(Self(text.to_owned()))
    }

    /// The plaintext password.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Password(…)")
    }
}

/// Words that make up the most common long passwords, alone, repeated, or with digits around them,
/// and keyboard sequences.
const COMMON_PASSWORD_WORDS: &str = "password passwort passwords passw0rd p@ssword p@ssw0rd parol parole пароль qwerty qwertz azerty qwertyuiop asdfghjkl zxcvbnm \
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
    // Four distinct characters or fewer are weak at any length; so are digits alone.
    if distinct.len() < 5 || lower.chars().all(|character| character.is_ascii_digit()) {
        return true;
    }
    let core = lower.trim_matches(|character: char| !character.is_alphabetic());
    let is_listed = |text: &str| COMMON_PASSWORD_WORDS.split_whitespace().any(|word| word == text);
    is_listed(lower) || is_listed(core) || {
        let letters: String = lower.chars().filter(|character| character.is_alphabetic()).collect();
        is_listed(&letters)
    }
}

/// The password hash, in the PHC string format of its algorithm.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(pub String);

impl fmt::Debug for PasswordHash {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("PasswordHash(…)")
    }
}

/// A TOTP second factor: six digits that change every 30 seconds (RFC 6238).
#[derive(Clone, PartialEq, Eq)]
pub struct SecondFactor {
    /// The shared key.
    pub secret: Vec<u8>,
    /// Whether the account holder has entered a valid code; sign-in asks for one only after that.
    pub confirmed: bool,
    /// The time step of the last accepted code. Codes of this step and earlier ones are rejected.
    pub last_step: i64,
    /// Wrong codes since the last accepted one.
    pub failures: u32,
    /// Time of the last wrong code.
    pub failed_at: Option<Timestamp>,
}

impl fmt::Debug for SecondFactor {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "SecondFactor(confirmed: {})", self.confirmed)
    }
}

/// An account before it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountDraft {
    /// E-mail address in lower case, unique in the instance.
    pub email: EmailAddress,
    /// Display name.
    pub name: String,
    /// Password hash.
    pub password: PasswordHash,
    /// Language of the console.
    pub language: Language,
    /// Whether the account may administer the whole instance.
    pub is_operator: bool,
}

/// An account as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Number, unique in the instance.
    pub id: AccountId,
    /// E-mail address, unique in the instance.
    pub email: EmailAddress,
    /// Display name.
    pub name: String,
    /// Password hash.
    pub password: PasswordHash,
    /// TOTP, if it was set up.
    pub second_factor: Option<SecondFactor>,
    /// Language of the console.
    pub language: Language,
    /// Time zone of the account's console; `None` means the browser's.
    pub time_zone: Option<TimeZone>,
    /// Whether the account may administer the whole instance.
    pub is_operator: bool,
    /// Creation time.
    pub created_at: Timestamp,
}

impl Account {
    /// Validates a display name: 1 to 100 printable characters.
    pub fn check_name(text: &str) -> Result<String, ValidationError> {
        let name = text.trim();
        if name.is_empty() || name.chars().count() > 100 || name.chars().any(char::is_control) {
            return Err(ValidationError::new("name", errors::printable_characters(100)));
        }
        Ok(name.to_owned())
    }

    /// Whether sign-in requires a TOTP code.
    pub fn needs_second_factor(&self) -> bool {
        self.second_factor.as_ref().is_some_and(|factor| factor.confirmed)
    }
}

/// An account with its role on a site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Membership {
    /// The account.
    pub account: Account,
    /// Its role on the site.
    pub role: Role,
}

/// An invitation to join a site, redeemed with a secret link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    /// Digest of the secret in the link.
    pub digest: Digest,
    /// The site to join.
    pub site: SiteId,
    /// The role that the invitee gets.
    pub role: Role,
    /// The invited address; `None` allows anyone with the link.
    pub email: Option<EmailAddress>,
    /// The account that sent it.
    pub invited_by: AccountId,
    /// Invalid from this time on.
    pub expires_at: Timestamp,
}

/// A console session, identified by a cookie.
#[derive(Clone, PartialEq, Eq)]
pub struct ConsoleSession {
    /// Digest of the cookie.
    pub digest: Digest,
    /// The account that is signed in or is signing in, if any. Revoking an account's sessions
    /// deletes this one as well.
    pub account: Option<AccountId>,
    /// Serialized session data; opaque here.
    pub data: String,
    /// Sliding expiry.
    pub expires_at: Timestamp,
    /// Absolute expiry, set when the session begins.
    pub ends_at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_are_ordered_by_privilege() {
        assert!(
            Role::Owner > Role::Editor && Role::Editor > Role::Viewer && Role::Viewer > Role::Agent
        );
        assert!(Role::ALL.into_iter().all(|role| role.as_str().parse() == Ok(role)));
    }

    #[test]
    fn viewers_see_the_site_and_agents_conversations() {
        let may =
            Role::ALL.map(|role| (role.as_str(), role.sees_site(), role.answers_conversations()));
        assert_eq!(
            may,
            [
                ("owner", true, true),
                ("editor", true, true),
                ("viewer", true, false),
                ("agent", false, true)
            ]
        );
    }

    #[test]
    fn short_and_common_passwords_are_rejected() {
        let email = EmailAddress::parse("Marta@Example.com").unwrap();
        for good in [
            "correct horse battery",
            "дванадцять слів тут",
            "0123456789ab🦀",
            &"ж".repeat(200).replacen("жжж", "abcd1", 1),
        ] {
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
        assert_eq!(
            format!("{:?}", Password::new("correct horse battery", &email).unwrap()),
            "Password(…)"
        );
    }
}
