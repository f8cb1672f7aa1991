//! The claims of an agent's JWT.

use belfry_domain::{
    Timestamp,
    sdk::{SdkAgentDraft, SdkAuthError, SdkRole, SigningKeyOwner},
};
use serde::{
    Deserialize, Deserializer,
    de::{Error as _, MapAccess, Visitor},
};
use serde_json::Value;
use std::{collections::BTreeMap, fmt, time::Duration};

/// Tolerated clock difference.
const CLOCK_LEEWAY: Duration = Duration::from_secs(30);
/// Longest lifetime of a JWT, in seconds.
const MAX_LIFETIME_SECONDS: i64 = 24 * 3_600;
/// Length of an id and of a name.
const MAX_CHARS: usize = 255;
/// Length of an e-mail address.
const MAX_EMAIL_CHARS: usize = 254;
/// Length of an issuer, which is not used.
const MAX_ISSUER_CHARS: usize = 2_000;
/// Roles that are read.
const MAX_ROLES: usize = 20;

/// The members of a JSON object without duplicates: two parsers might choose different ones.
#[derive(Debug)]
pub(super) struct Members(BTreeMap<String, Value>);

impl Members {
    /// The value of a member; `null` counts as absent.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }
}

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Unique;

        impl<'de> Visitor<'de> for Unique {
            type Value = Members;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
                let mut members = BTreeMap::new();
                while let Some((name, value)) = map.next_entry::<String, Value>()? {
                    if members.insert(name, value).is_some() {
                        return Err(A::Error::custom("a member stands twice"));
                    }
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(Unique)
    }
}

/// The claims of a JWT.
#[derive(Debug)]
pub(super) struct Claims(Members);

impl Claims {
    pub fn new(members: Members) -> Self {
        Self(members)
    }

    /// Whose keys to load; `None` for a value that is not a UUID.
    pub fn owner(&self) -> Result<Option<SigningKeyOwner>, SdkAuthError> {
        match (self.0.get("bot_id"), self.0.get("environment_id")) {
            (Some(inbox), None) => {
                Ok(inbox.as_str().and_then(|uuid| uuid.parse().ok()).map(SigningKeyOwner::Inbox))
            }
            (None, Some(site)) => {
                Ok(site.as_str().and_then(|uuid| uuid.parse().ok()).map(SigningKeyOwner::Site))
            }
            _ => Err(SdkAuthError::InvalidScope),
        }
    }

    /// Whether the JWT is valid at this time.
    pub fn check_times(&self, now: Timestamp) -> Result<(), SdkAuthError> {
        let moment = |seconds: i64| Timestamp::from_millis(seconds.saturating_mul(1_000));
        let expires = self.seconds("exp")?.ok_or(SdkAuthError::InvalidToken)?;
        if moment(expires).plus(CLOCK_LEEWAY) < now {
            return Err(SdkAuthError::TokenExpired);
        }
        let issued = self.seconds("iat")?.ok_or(SdkAuthError::InvalidToken)?;
        let begins = self.seconds("nbf")?.unwrap_or(issued);
        let is_early = moment(issued.max(begins)) > now.plus(CLOCK_LEEWAY);
        if is_early || expires.saturating_sub(issued) > MAX_LIFETIME_SECONDS {
            Err(SdkAuthError::InvalidToken)
        } else {
            Ok(())
        }
    }

    /// The agent. Without a name, its e-mail address or else its id is used.
    pub fn agent(&self) -> Result<(SdkAgentDraft, Vec<SdkRole>), SdkAuthError> {
        self.text("iss", MAX_ISSUER_CHARS)?;
        let external_id = self
            .text("id", MAX_CHARS)?
            .filter(|id| !id.trim().is_empty())
            .ok_or(SdkAuthError::InvalidToken)?
            .to_owned();
        let email = self.text("email", MAX_EMAIL_CHARS)?.unwrap_or_default().trim().to_owned();
        let name = self.text("name", MAX_CHARS)?.map(str::trim).filter(|name| !name.is_empty());
        let name = name
            .or(Some(email.as_str()).filter(|email| !email.is_empty()))
            .unwrap_or(&external_id)
            .to_owned();
        Ok((SdkAgentDraft { external_id, name, email }, self.roles()?))
    }

    /// The known roles, without duplicates; the agent role when there is none.
    fn roles(&self) -> Result<Vec<SdkRole>, SdkAuthError> {
        let mut roles = Vec::new();
        if let Some(given) = self.0.get("roles") {
            let given = given
                .as_array()
                .filter(|given| given.len() <= MAX_ROLES && given.iter().all(Value::is_string));
            for role in given
                .ok_or(SdkAuthError::InvalidToken)?
                .iter()
                .filter_map(Value::as_str)
                .filter_map(|role| role.parse().ok())
            {
                if !roles.contains(&role) {
                    roles.push(role);
                }
            }
        }
        Ok(if roles.is_empty() { vec![SdkRole::Agent] } else { roles })
    }

    /// A string claim without control characters.
    fn text(&self, name: &str, max_chars: usize) -> Result<Option<&str>, SdkAuthError> {
        let Some(value) = self.0.get(name) else { return Ok(None) };
        let text = value.as_str().filter(|text| {
            text.chars().count() <= max_chars && !text.chars().any(char::is_control)
        });
        text.map(Some).ok_or(SdkAuthError::InvalidToken)
    }

    /// A time claim, in whole seconds since 1970.
    fn seconds(&self, name: &str) -> Result<Option<i64>, SdkAuthError> {
        let Some(value) = self.0.get(name) else { return Ok(None) };
        let whole = value.as_i64().or_else(|| {
            // A fraction is allowed; values beyond 2^53 are invalid.
            #[expect(
                clippy::cast_possible_truncation,
                reason = "it is within the bounds of an integer"
            )]
            value
                .as_f64()
                .filter(|seconds| seconds.abs() < 9_007_199_254_740_992.0)
                .map(|seconds| seconds.floor() as i64)
        });
        whole.map(Some).ok_or(SdkAuthError::InvalidToken)
    }
}
