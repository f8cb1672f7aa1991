//! Content codings that a client accepts (`Accept-Encoding`; RFC 9110, section 12.5.3).
//!
//! A coding is used only if the client names it: `*` also matches codings that the client may not
//! know. Only if the client rejects `identity`, `*` counts as naming the others. Must not compress
//! anything itself.
//!
//! tower-http, which compresses responses, never finds that a client rejects every coding (406), so
//! [`AcceptedEncodings::plainest`] tells it what was negotiated here.

use super::accept::{Weighted, weighted};
use axum::http::{HeaderMap, HeaderValue, header};

/// A content coding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// Smallest.
    Brotli,
    /// Supported by every client.
    Gzip,
    /// Uncompressed.
    Identity,
}

impl Encoding {
    /// Value of `Content-Encoding`; `None` for `identity`.
    pub fn header(self) -> Option<HeaderValue> {
        match self {
            Self::Brotli => Some(HeaderValue::from_static("br")),
            Self::Gzip => Some(HeaderValue::from_static("gzip")),
            Self::Identity => None,
        }
    }
}

/// Accepted codings; `None` for a coding that the request does not mention.
#[derive(Debug, Clone, Copy, Default)]
pub struct AcceptedEncodings {
    brotli: Option<bool>,
    gzip: Option<bool>,
    identity: Option<bool>,
    others: Option<bool>,
}

impl AcceptedEncodings {
    /// Parses the request headers.
    pub fn parse(headers: &HeaderMap) -> Self {
        let mut accepted = Self::default();
        for Weighted { value, weight } in weighted(headers, &header::ACCEPT_ENCODING) {
            // A malformed weight neither accepts nor rejects: the coding counts as not named.
            let Some(taken) = weight.map(|weight| weight > 0) else { continue };
            let preference = match value.to_ascii_lowercase().as_str() {
                "br" => &mut accepted.brotli,
                "gzip" | "x-gzip" => &mut accepted.gzip,
                "identity" => &mut accepted.identity,
                "*" => &mut accepted.others,
                _ => continue,
            };
            // If two entries contradict each other, the rejection wins: `identity` always works
            // then.
            *preference = Some(preference.unwrap_or(true) && taken);
        }
        accepted
    }

    /// Whether a body may be sent with this coding.
    pub fn accepts(self, encoding: Encoding) -> bool {
        let plain = self.identity.or(self.others).unwrap_or(true);
        match encoding {
            Encoding::Identity => plain,
            Encoding::Brotli => self.brotli.unwrap_or(!plain && self.others == Some(true)),
            Encoding::Gzip => self.gzip.unwrap_or(!plain && self.others == Some(true)),
        }
    }

    /// The smallest accepted coding; `None` if the client rejects all of them (406).
    pub fn smallest(self) -> Option<Encoding> {
        [Encoding::Brotli, Encoding::Gzip, Encoding::Identity]
            .into_iter()
            .find(|encoding| self.accepts(*encoding))
    }

    /// An equivalent header in the simplest form, for a library with its own parser. `None` if
    /// there is nothing to send.
    pub fn simplest_header(self) -> Option<HeaderValue> {
        match (self.accepts(Encoding::Brotli), self.accepts(Encoding::Gzip)) {
            // Of equal weights, the library chooses the last.
            (true, true) => Some(HeaderValue::from_static("gzip, br")),
            (true, false) => Some(HeaderValue::from_static("br")),
            (false, true) => Some(HeaderValue::from_static("gzip")),
            (false, false) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepted(lines: &[&str]) -> AcceptedEncodings {
        AcceptedEncodings::parse(
            &lines
                .iter()
                .map(|line| (header::ACCEPT_ENCODING, HeaderValue::from_str(line).unwrap()))
                .collect(),
        )
    }

    fn chosen(lines: &[&str]) -> Encoding {
        accepted(lines).smallest().unwrap()
    }

    #[test]
    fn smallest_named_encoding_is_chosen() {
        for (header, expected) in [
            ("gzip, deflate, br, zstd", Encoding::Brotli),
            ("gzip;q=0.5, br;q=0.9", Encoding::Brotli),
            ("br ; q=1", Encoding::Brotli),
            ("br;q=0.001", Encoding::Brotli),
            ("BR;Q=1.000", Encoding::Brotli),
            ("x-gzip", Encoding::Gzip),
            ("gzip;q=1.0, br;q=0", Encoding::Gzip),
            ("gzip, br;q=0.0", Encoding::Gzip),
            ("gzip, br; q = 0.000", Encoding::Gzip),
            ("br;q=0", Encoding::Identity),
            ("br, br;q=0", Encoding::Identity),
            ("br;q=0, br", Encoding::Identity),
            ("br;q=high", Encoding::Identity),
            ("br;q=2", Encoding::Identity),
            ("br;q=", Encoding::Identity),
            ("identity", Encoding::Identity),
            ("deflate, zstd", Encoding::Identity),
            ("brotli, xbr, x-brew, brgzip", Encoding::Identity),
            ("", Encoding::Identity),
            ("*", Encoding::Identity),
            ("*;q=0.5, br;q=0", Encoding::Identity),
            ("identity;q=0, br", Encoding::Brotli),
            ("identity;q=0, *", Encoding::Brotli),
            ("identity;q=0, *, br;q=0", Encoding::Gzip),
            ("*;q=0, gzip", Encoding::Gzip),
        ] {
            assert_eq!(chosen(&[header]), expected, "{header}");
        }
        assert_eq!(chosen(&[]), Encoding::Identity);
    }

    #[test]
    fn several_lines_are_one_list() {
        assert_eq!(chosen(&["gzip", "br"]), Encoding::Brotli);
        assert_eq!(chosen(&["br, gzip", "br;q=0"]), Encoding::Gzip);
    }

    #[test]
    fn client_that_rejects_everything_gets_none() {
        for header in
            ["identity;q=0", "*;q=0", "identity;q=0, br;q=0, gzip;q=0, *", "*;q=0, deflate"]
        {
            assert_eq!(accepted(&[header]).smallest(), None, "{header}");
        }
        for header in ["*;q=0, identity", "identity;q=0.1, *;q=0"] {
            assert_eq!(chosen(&[header]), Encoding::Identity, "{header}");
        }
    }

    #[test]
    fn simplified_header_is_equivalent() {
        for (header, plain) in [
            ("gzip;q=0.2, br;q=0.1", Some("gzip, br")),
            ("br, br;q=0, gzip", Some("gzip")),
            ("br;q=1", Some("br")),
            ("*", None),
        ] {
            assert_eq!(
                accepted(&[header]).simplest_header().as_ref().map(HeaderValue::as_bytes),
                plain.map(str::as_bytes),
                "{header}"
            );
        }
    }
}
