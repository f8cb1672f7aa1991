//! Fetches a web page. Each redirect is a new request, so every check applies to its target too.

use super::{GuardedClient, resolver::PrivateAddress};
use belfry_domain::{EndpointUrl, FetchError, WebPage};
use reqwest::{
    Response,
    header::{ACCEPT, CONTENT_TYPE, LOCATION, USER_AGENT},
};
use std::{io, time::Duration};

/// Timeout for all requests, including reading the page.
pub(super) const PAGE_TIMEOUT: Duration = Duration::from_secs(10);
/// Maximum number of redirects.
const MAX_REDIRECTS: usize = 3;
/// Maximum size of a page, in bytes.
const MAX_PAGE_BYTES: usize = 2_000_000;
const PAGE_USER_AGENT: &str =
    concat!("Belfry/", env!("CARGO_PKG_VERSION"), " (page for the console)");

impl GuardedClient {
    pub(super) async fn fetch(&self, mut url: EndpointUrl) -> Result<WebPage, FetchError> {
        let client = self.page_client().ok_or(FetchError::Unreachable)?;
        for _ in 0..=MAX_REDIRECTS {
            self.check_url(&url, false).map_err(|_| FetchError::Forbidden)?;
            if self.egress.proxy.is_some() {
                self.check_resolvable(&url).await.map_err(|_| FetchError::Forbidden)?;
            }
            let call = client
                .get(url.url().clone())
                .header(USER_AGENT, PAGE_USER_AGENT)
                .header(ACCEPT, "text/html");
            let response = call.send().await.map_err(|error| fetch_error(&error))?;
            match redirect_target(&url, &response) {
                Some(address) => url = address?,
                None => return read_page(url, response).await,
            }
        }
        Err(FetchError::TooManyRedirects)
    }
}

/// The target of a redirect.
fn redirect_target(
    from: &EndpointUrl,
    response: &Response,
) -> Option<Result<EndpointUrl, FetchError>> {
    let location =
        response.headers().get(LOCATION).filter(|_| response.status().is_redirection())?;
    let joined = location.to_str().ok().and_then(|location| from.url().join(location).ok());
    let address = joined.and_then(|mut address| {
        address.set_fragment(None);
        EndpointUrl::parse(address.as_str()).ok()
    });
    Some(address.ok_or(FetchError::Forbidden))
}

async fn read_page(url: EndpointUrl, mut response: Response) -> Result<WebPage, FetchError> {
    if !response.status().is_success() {
        return Err(FetchError::Status(response.status().as_u16()));
    }
    let kind = response
        .headers()
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    if !kind.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("text/html")) {
        return Err(FetchError::NotHtml);
    }
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| fetch_error(&error))? {
        if bytes.len() + chunk.len() > MAX_PAGE_BYTES {
            return Err(FetchError::TooLarge);
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(WebPage { url, html: decode(&bytes) })
}

/// Decodes a page to text that is no longer than its bytes. Selectors are ASCII in every encoding
/// in use, so bytes that are not UTF-8 become question marks.
fn decode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        if !chunk.invalid().is_empty() {
            text.push('?');
        }
    }
    text
}

fn fetch_error(error: &reqwest::Error) -> FetchError {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(one) = cause {
        if one
            .downcast_ref::<io::Error>()
            .and_then(io::Error::get_ref)
            .is_some_and(<dyn std::error::Error + Send + Sync>::is::<PrivateAddress>)
        {
            return FetchError::Forbidden;
        }
        cause = one.source();
    }
    if error.is_timeout() { FetchError::Timeout } else { FetchError::Unreachable }
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn decoding_other_encodings_does_not_grow() {
        assert_eq!(decode("<p>Київ</p>".as_bytes()), "<p>Київ</p>");
        assert_eq!(decode(b"<p>\xca\xe8\xea\xe2</p>"), "<p>????</p>");
    }
}
