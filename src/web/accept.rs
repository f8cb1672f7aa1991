//! Lists with weights: `Accept-Encoding` and `Accept-Language` (RFC 9110, section 12.4.2).
//!
//! No library in use parses them for callers: tower-http's parser is private, and the `headers`
//! crate has neither header. Must not depend on what is negotiated. Called by [`super::encoding`]
//! and the surfaces.

use axum::http::{HeaderMap, HeaderName, header};

/// Maximum number of languages that are compared.
const MAX_LANGUAGES: usize = 20;

/// An entry of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Weighted<'a> {
    /// What is accepted.
    pub value: &'a str,
    /// The weight in thousandths; 0 rejects. `None` if it is malformed.
    pub weight: Option<u16>,
}

/// The entries of all header lines with this name, in their order.
pub fn weighted<'a>(
    headers: &'a HeaderMap,
    name: &HeaderName,
) -> impl Iterator<Item = Weighted<'a>> {
    let lines = headers.get_all(name).iter().filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| line.split(',')).map(|entry| {
        let mut parts = entry.split(';').map(str::trim);
        let value = parts.next().unwrap_or_default();
        let weight = parts.find_map(|part| {
            part.split_once('=').filter(|(name, _)| name.trim().eq_ignore_ascii_case("q"))
        });
        Weighted { value, weight: weight.map_or(Some(1_000), |(_, weight)| thousandths(weight)) }
    })
}

/// The accepted languages of `Accept-Language`, most preferred first; of equal weights, in their
/// order. Without `*`, which names none.
pub fn languages(headers: &HeaderMap) -> Vec<&str> {
    let mut accepted: Vec<_> = weighted(headers, &header::ACCEPT_LANGUAGE)
        .take(MAX_LANGUAGES)
        .filter(|entry| !matches!(entry.value, "" | "*"))
        .filter_map(|entry| Some((entry.weight.filter(|weight| *weight > 0)?, entry.value)))
        .collect();
    accepted.sort_by_key(|(weight, _)| std::cmp::Reverse(*weight));
    accepted.into_iter().map(|(_, language)| language).collect()
}

/// A weight between 0 and 1 with up to three digits (`qvalue`).
fn thousandths(weight: &str) -> Option<u16> {
    let weight = weight.trim();
    let (whole, fraction) = weight.split_once('.').unwrap_or((weight, ""));
    if fraction.len() > 3 || !fraction.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let digits = fraction.bytes().chain(std::iter::repeat(b'0')).take(3);
    let fraction = digits.fold(0, |sum, digit| sum * 10 + u16::from(digit - b'0'));
    match (whole, fraction) {
        ("0", fraction) => Some(fraction),
        ("1", 0) => Some(1_000),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn weights_are_parsed_in_thousandths() {
        for (text, weight) in [
            ("0", Some(0)),
            ("0.", Some(0)),
            ("0.5", Some(500)),
            ("0.025", Some(25)),
            ("1", Some(1_000)),
            ("1.000", Some(1_000)),
            ("1.001", None),
            ("2", None),
            ("0.1234", None),
            (".5", None),
            ("", None),
            ("high", None),
        ] {
            assert_eq!(thousandths(text), weight, "{text}");
        }
    }

    #[test]
    fn languages_are_sorted_by_weight() {
        let sorted = |lines: &[&'static str]| {
            let lines =
                lines.iter().map(|line| (header::ACCEPT_LANGUAGE, HeaderValue::from_static(line)));
            let headers: HeaderMap = lines.collect();
            languages(&headers).join(" ")
        };
        assert_eq!(sorted(&["uk-UA,uk;q=0.9,en;q=0.8"]), "uk-UA uk en");
        assert_eq!(sorted(&["en;q=0.5, de;q=0.7, fr;q=0.7"]), "de fr en");
        assert_eq!(sorted(&["en;q=0.5", "uk; q=0.6"]), "uk en");
        assert_eq!(sorted(&["de;q=0, *, fr;q=x"]), "");
    }
}
