//! How a socket was opened: the parameters of its address, and the credential.
//!
//! Whether the credential is anybody's is looked at when a topic is joined, so that the client is told a reason.

use crate::channels::sdk::topic::Visit;
use base64::{
    Engine as _,
    alphabet::{STANDARD, URL_SAFE},
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};

/// What stands before a credential that is offered as a subprotocol.
const BEARER: &str = "base64url.bearer.phx.";
/// Longest credential.
const MAX_CREDENTIAL_BYTES: usize = 8 * 1_024;
/// Parameters of an address that are looked at.
const MAX_PARAMS: usize = 50;

const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);

/// How a socket was opened. `Debug` shows nothing of the credential.
#[derive(Clone, Default)]
pub(in crate::channels::sdk) struct Connect {
    /// A JWT, or one of our tokens.
    pub credential: Option<Box<str>>,
    /// What is known of a customer who opened it.
    pub visit: Visit,
}

impl Connect {
    /// By the query and the subprotocols of a handshake. `None` where the client speaks another version of the protocol.
    pub(super) fn of_websocket(query: &str, protocols: &[String]) -> Option<Self> {
        let params = Params::of(query)?;
        let offered = protocols.iter().find_map(|protocol| protocol.strip_prefix(BEARER)).and_then(decoded);
        let credential = offered.or(params.jwt).or(params.token);
        Some(Self { credential: credential.map(Box::from), visit: Visit::default() })
    }

    /// By the query and the header of a long poll, where `token` is something else.
    pub(super) fn of_longpoll(query: &str, header: Option<&str>) -> Option<Self> {
        let params = Params::of(query)?;
        let credential = header.and_then(credential).or(params.jwt);
        Some(Self { credential: credential.map(Box::from), visit: Visit::default() })
    }
}

impl std::fmt::Debug for Connect {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Connect").finish_non_exhaustive()
    }
}

#[derive(Default)]
struct Params {
    jwt: Option<String>,
    token: Option<String>,
}

impl Params {
    fn of(query: &str) -> Option<Self> {
        let mut params = Self::default();
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()).take(MAX_PARAMS) {
            match &*name {
                "vsn" if !value.starts_with("2.") => return None,
                "jwt" => params.jwt = credential(&value),
                "token" => params.token = credential(&value),
                _ => {}
            }
        }
        Some(params)
    }
}

/// One that is too long is kept as one that is nobody's, so that the join tells.
fn credential(value: &str) -> Option<String> {
    let value = value.trim();
    (!value.is_empty()).then(|| if value.len() > MAX_CREDENTIAL_BYTES { "-".to_owned() } else { value.to_owned() })
}

fn decoded(text: &str) -> Option<String> {
    // Clients call it base64url, and some of them write the other alphabet.
    let alphabet = if text.contains(['+', '/']) { &STANDARD } else { &URL_SAFE };
    let bytes = GeneralPurpose::new(alphabet, LENIENT).decode(text).ok()?;
    credential(&String::from_utf8(bytes).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn connect(query: &str, protocols: &[&str]) -> Option<Connect> {
        let protocols: Vec<String> = protocols.iter().map(|protocol| (*protocol).to_owned()).collect();
        Connect::of_websocket(query, &protocols)
    }

    fn of(query: &str, protocols: &[&str]) -> Option<String> {
        connect(query, protocols).unwrap().credential.map(String::from)
    }

    #[test]
    fn credential_is_found_where_clients_put_it() {
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(of("vsn=2.0.0&jwt=a.b.c", &[]), some("a.b.c"));
        assert_eq!(of("token=bfs_1&vsn=2.0.0", &[]), some("bfs_1"));
        assert_eq!(of("jwt=a.b.c&token=other", &[]), some("a.b.c"));
        assert_eq!(of("", &["phoenix", "base64url.bearer.phx.YS5iLmM"]), some("a.b.c"));
        assert_eq!(of("", &["phoenix", "base64url.bearer.phx.YS5iLmM="]), some("a.b.c"));
        assert_eq!(of("jwt=old", &["phoenix", "base64url.bearer.phx.77-_"]), some("\u{ffff}"));
        assert_eq!(of("jwt=old", &["phoenix", "base64url.bearer.phx.77+/"]), some("\u{ffff}"));
        for (query, protocols) in [("", &[][..]), ("jwt=", &["phoenix"]), ("", &["phoenix", "base64url.bearer.phx.%%"])] {
            assert_eq!(of(query, protocols), None, "{query}");
        }
        assert_eq!(of(&format!("jwt={}", "x".repeat(MAX_CREDENTIAL_BYTES + 1)), &[]), some("-"));
    }

    #[test]
    fn another_version_of_the_protocol_is_refused() {
        assert!(connect("vsn=1.0.0", &[]).is_none());
        assert!(connect("vsn=2.1.0", &[]).is_some() && connect("", &[]).is_some());
    }

    #[test]
    fn credential_is_not_shown() {
        let connect = Connect { credential: Some("secret".into()), visit: Visit::default() };
        assert!(!format!("{connect:?}").contains("secret"));
    }
}
