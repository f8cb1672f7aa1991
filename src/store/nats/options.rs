//! Which NATS server carries the events between processes, and how this process signs in to it.

use async_nats::{ConnectOptions, ServerAddr};
use belfry_domain::ValidationError;
use belfry_locales::phrases::errors;
use std::fmt::{self, Debug, Formatter};

const OPTION: &str = "bus";

/// The options of the bus over a NATS server.
#[derive(Clone)]
pub struct NatsOptions {
    /// Without credentials.
    pub(super) server: ServerAddr,
    credentials: Credentials,
}

#[derive(Clone)]
enum Credentials {
    None,
    Token(String),
    Password { user: String, password: String },
}

impl NatsOptions {
    /// Parses `nats://user:password@host:4222`, or the same with `tls://`. A user without a password
    /// is a token.
    pub fn parse(text: &str) -> Result<Self, ValidationError> {
        // No part of the text is in the error: it may have a password.
        let invalid = || ValidationError::new(OPTION, errors::BUS_ADDRESS);
        let text = text.trim();
        if !text.starts_with("nats://") && !text.starts_with("tls://") {
            return Err(invalid());
        }
        let server: ServerAddr = text.parse().map_err(|_| invalid())?;
        if server.host().is_empty() {
            return Err(invalid());
        }
        let mut url = server.into_inner();
        if !matches!(url.path(), "" | "/") || url.query().is_some() || url.fragment().is_some() {
            return Err(invalid());
        }
        let decoded = |part: &str| decode(part).ok_or_else(invalid);
        let credentials = match (url.username(), url.password()) {
            ("", None) => Credentials::None,
            (token, None) => Credentials::Token(decoded(token)?),
            (user, Some(password)) => {
                Credentials::Password { user: decoded(user)?, password: decoded(password)? }
            }
        };
        url.set_password(None).and_then(|()| url.set_username("")).map_err(|()| invalid())?;
        let server = ServerAddr::from_url(url).map_err(|_| invalid())?;
        Ok(Self { server, credentials })
    }

    /// The same with these credentials, read from a file: `user:password`, or a token.
    pub fn with_credentials(mut self, text: &str) -> Result<Self, ValidationError> {
        let text = text.trim();
        if text.is_empty() || text.contains('\n') {
            return Err(ValidationError::new("bus-credentials", errors::BUS_CREDENTIALS));
        }
        self.credentials = match text.split_once(':') {
            Some((user, password)) => {
                Credentials::Password { user: user.to_owned(), password: password.to_owned() }
            }
            None => Credentials::Token(text.to_owned()),
        };
        Ok(self)
    }

    /// Host and port, for messages.
    pub(super) fn place(&self) -> String {
        format!("{}:{}", self.server.host(), self.server.port())
    }

    pub(super) fn connect_options(&self) -> ConnectOptions {
        let options = ConnectOptions::new().name("belfry").require_tls(self.server.tls_required());
        match self.credentials.clone() {
            Credentials::None => options,
            Credentials::Token(token) => options.token(token),
            Credentials::Password { user, password } => options.user_and_password(user, password),
        }
    }
}

/// A part of a URL without its `%` escapes.
fn decode(part: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(part.len());
    let mut rest = part;
    while let Some((before, after)) = rest.split_once('%') {
        bytes.extend_from_slice(before.as_bytes());
        let (escaped, after) = after.split_at_checked(2)?;
        bytes.extend(hex::decode(escaped).ok()?);
        rest = after;
    }
    bytes.extend_from_slice(rest.as_bytes());
    String::from_utf8(bytes).ok()
}

/// Without the credentials.
impl Debug for NatsOptions {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_struct("NatsOptions").field("place", &self.place()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn credentials(options: &NatsOptions) -> (Option<&str>, Option<&str>) {
        match &options.credentials {
            Credentials::None => (None, None),
            Credentials::Token(token) => (None, Some(token)),
            Credentials::Password { user, password } => (Some(user), Some(password)),
        }
    }

    #[test]
    fn url_names_server_and_credentials() {
        for (url, place, user, password) in [
            ("nats://127.0.0.1:4333", "127.0.0.1:4333", None, None),
            (" nats://bus.example ", "bus.example:4222", None, None),
            ("tls://[::1]:4333/", "::1:4333", None, None),
            ("nats://hunter2@bus.example", "bus.example:4222", None, Some("hunter2")),
            ("tls://ann:hun%3At%25r2@b:1", "b:1", Some("ann"), Some("hun:t%r2")),
        ] {
            let options = NatsOptions::parse(url).unwrap();
            assert_eq!(options.place(), place);
            assert_eq!(credentials(&options), (user, password), "{url}");
            assert!(!options.server.as_url_str().contains("hun"), "{:?}", options.server);
            let shown = format!("{options:?} {:?}", options.connect_options());
            assert!(!shown.contains("hun"), "{shown}");
        }
    }

    #[test]
    fn invalid_url_is_not_repeated_in_the_error() {
        for odd in [
            "",
            "127.0.0.1:4222",
            "http://hunter2@bus.example",
            "nats://",
            "nats://ann:hunter2@",
            "nats://ann:hunter2@bus.example:port",
            "nats://ann:hunter2@bus.example/subject",
            "nats://bus.example?token=hunter2",
            "nats://ann:hunter%2@bus.example",
        ] {
            let invalid = NatsOptions::parse(odd).unwrap_err();
            assert_eq!(invalid.field, "bus", "{odd}");
            assert!(!invalid.to_string().contains("hunter"), "{invalid}");
        }
    }

    #[test]
    fn credentials_of_a_file_replace_those_of_the_url() {
        let options = NatsOptions::parse("nats://ann:hunter2@bus.example").unwrap();
        let with = |text: &str| options.clone().with_credentials(text);
        assert_eq!(credentials(&with("bob:a:b%\n").unwrap()), (Some("bob"), Some("a:b%")));
        assert_eq!(credentials(&with("token\n").unwrap()), (None, Some("token")));
        for odd in ["", "\n", "bob:a\nann:b"] {
            assert_eq!(with(odd).unwrap_err().field, "bus-credentials", "{odd:?}");
        }
    }
}
