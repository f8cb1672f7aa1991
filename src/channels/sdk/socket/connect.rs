//! Parses how a socket was opened: the query parameters and the credential.
//!
//! The credential is checked when a topic is joined, so that the client is sent a reason.

use crate::sdk::topic::PageVisit;
use base64::{
    Engine as _,
    alphabet::{STANDARD, URL_SAFE},
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};

/// Prefix of a credential that is offered as a subprotocol.
const BEARER_PROTOCOL_PREFIX: &str = "base64url.bearer.phx.";
const MAX_CREDENTIAL_BYTES: usize = 8 * 1_024;
/// Query parameters that are examined.
const MAX_PARAMS: usize = 50;

const LENIENT_BASE64: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);

/// How a socket was opened. `Debug` hides the credential.
#[derive(Clone, Default)]
pub(in crate::sdk) struct Connect {
    /// A JWT, or a session token.
    pub credential: Option<Box<str>>,
    /// Details of the page visit, if a customer opened the socket.
    pub visit: PageVisit,
}

impl Connect {
    /// Parses the query and the subprotocols of a handshake. `None` if the client speaks another
    /// version of the protocol.
    pub(super) fn parse_websocket(query: &str, protocols: &[String]) -> Option<Self> {
        let params = Params::parse(query)?;
        let offered = protocols
            .iter()
            .find_map(|protocol| protocol.strip_prefix(BEARER_PROTOCOL_PREFIX))
            .and_then(decoded);
        let credential = offered.or(params.jwt).or(params.token);
        Some(Self { credential: credential.map(Box::from), visit: PageVisit::default() })
    }

    /// Parses the query and the header of a long poll, where `token` is the poll session's token.
    pub(super) fn parse_longpoll(query: &str, header: Option<&str>) -> Option<Self> {
        let params = Params::parse(query)?;
        let credential = header.and_then(credential).or(params.jwt);
        Some(Self { credential: credential.map(Box::from), visit: PageVisit::default() })
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
    fn parse(query: &str) -> Option<Self> {
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

/// A credential that is too long becomes an invalid one, so that the join reports it.
fn credential(value: &str) -> Option<String> {
    let value = value.trim();
    (!value.is_empty())
        .then(|| if value.len() > MAX_CREDENTIAL_BYTES { "-".to_owned() } else { value.to_owned() })
}

fn decoded(text: &str) -> Option<String> {
    // Clients call the encoding base64url, but some use the standard alphabet.
    let alphabet = if text.contains(['+', '/']) { &STANDARD } else { &URL_SAFE };
    let bytes = GeneralPurpose::new(alphabet, LENIENT_BASE64).decode(text).ok()?;
    credential(&String::from_utf8(bytes).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn connect(query: &str, protocols: &[&str]) -> Option<Connect> {
        let protocols: Vec<String> =
            protocols.iter().map(|protocol| (*protocol).to_owned()).collect();
        Connect::parse_websocket(query, &protocols)
    }

    fn of(query: &str, protocols: &[&str]) -> Option<String> {
        connect(query, protocols).unwrap().credential.map(String::from)
    }

    #[test]
    fn credential_is_read_from_every_place() {
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(of("vsn=2.0.0&jwt=a.b.c", &[]), some("a.b.c"));
        assert_eq!(of("token=bfs_1&vsn=2.0.0", &[]), some("bfs_1"));
        assert_eq!(of("jwt=a.b.c&token=other", &[]), some("a.b.c"));
        assert_eq!(of("", &["phoenix", "base64url.bearer.phx.YS5iLmM"]), some("a.b.c"));
        assert_eq!(of("", &["phoenix", "base64url.bearer.phx.YS5iLmM="]), some("a.b.c"));
        assert_eq!(of("jwt=old", &["phoenix", "base64url.bearer.phx.77-_"]), some("\u{ffff}"));
        assert_eq!(of("jwt=old", &["phoenix", "base64url.bearer.phx.77+/"]), some("\u{ffff}"));
        for (query, protocols) in
            [("", &[][..]), ("jwt=", &["phoenix"]), ("", &["phoenix", "base64url.bearer.phx.%%"])]
        {
            assert_eq!(of(query, protocols), None, "{query}");
        }
        assert_eq!(of(&format!("jwt={}", "x".repeat(MAX_CREDENTIAL_BYTES + 1)), &[]), some("-"));
    }

    #[test]
    fn other_protocol_versions_are_rejected() {
        assert!(connect("vsn=1.0.0", &[]).is_none());
        assert!(connect("vsn=2.1.0", &[]).is_some() && connect("", &[]).is_some());
    }

    #[test]
    fn debug_output_hides_the_credential() {
        let connect = Connect { credential: Some("secret".into()), visit: PageVisit::default() };
        assert!(!format!("{connect:?}").contains("secret"));
    }
}
