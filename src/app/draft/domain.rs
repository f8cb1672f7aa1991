//! A domain that may embed the widget, in the format of existing plugins. Must not depend on the
//! site.

use super::reader;
use crate::body::DomainBody;
use belfry_domain::{Origin, ValidationError};
use belfry_locales::phrases::errors;

/// Parses and validates the body of `POST /v1/site/domains`: a host with or without a scheme, which defaults to
/// `https://`.
pub fn parse_domain(json: &[u8]) -> Result<Origin, ValidationError> {
    let request: DomainBody = reader::parse(json)?;
    let Some(domain) = request.domain.filter(|domain| !domain.trim().is_empty()) else {
        return Err(ValidationError::new("domain", errors::required_such_as("shop.example")));
    };
    let domain = domain.trim();
    let origin =
        if domain.contains("://") { domain.to_owned() } else { format!("https://{domain}") };
    origin
        .parse()
        .map_err(|invalid: ValidationError| ValidationError::new("domain", invalid.reason))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn domain_defaults_to_https() {
        let read = |domain: &str| {
            parse_domain(serde_json::json!({"domain": domain}).to_string().as_bytes())
        };
        for domain in
            ["shop.example", " Shop.example ", "https://shop.example/", "shop.example:443"]
        {
            assert_eq!(read(domain).unwrap().as_str(), "https://shop.example", "{domain}");
        }
        assert_eq!(read("http://localhost:8080").unwrap().as_str(), "http://localhost:8080");
        for odd in [
            "",
            " ",
            "*.shop.example",
            "shop.example/path",
            "ftp://shop.example",
            "a b",
            "user@shop.example",
        ] {
            assert_eq!(read(odd).unwrap_err().field, "domain", "{odd}");
        }
        assert!(parse_domain(b"{}").is_err() && parse_domain(b"[]").is_err());
    }
}
