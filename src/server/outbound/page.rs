//! Fetches a web page. Each redirect is a new request, so every check applies to its target too.

use super::{Caller, resolver::Private};
use crate::domain::{EndpointUrl, Unfetched, WebPage};
use reqwest::{
    Response,
    header::{ACCEPT, CONTENT_TYPE, LOCATION, USER_AGENT},
};
use std::{io, time::Duration};

/// Timeout for all requests, including reading the page.
pub(super) const DEADLINE: Duration = Duration::from_secs(10);
/// Maximum number of redirects.
const REDIRECTS: usize = 3;
/// Maximum size of a page, in bytes.
const READ: usize = 2_000_000;
const AGENT: &str = concat!("Belfry/", env!("CARGO_PKG_VERSION"), " (page for the console)");

impl Caller {
    pub(super) async fn follow(&self, mut url: EndpointUrl) -> Result<WebPage, Unfetched> {
        let client = self.pages().ok_or(Unfetched::Unreachable)?;
        for _ in 0..=REDIRECTS {
            self.allowed(&url, false).map_err(|_| Unfetched::Forbidden)?;
            if self.egress.proxy.is_some() {
                self.resolvable(&url).await.map_err(|_| Unfetched::Forbidden)?;
            }
            let call = client.get(url.url().clone()).header(USER_AGENT, AGENT).header(ACCEPT, "text/html");
            let response = call.send().await.map_err(|error| reason(&error))?;
            match next(&url, &response) {
                Some(address) => url = address?,
                None => return read(url, response).await,
            }
        }
        Err(Unfetched::Astray)
    }
}

/// The target of a redirect.
fn next(from: &EndpointUrl, response: &Response) -> Option<Result<EndpointUrl, Unfetched>> {
    let location = response.headers().get(LOCATION).filter(|_| response.status().is_redirection())?;
    let joined = location.to_str().ok().and_then(|location| from.url().join(location).ok());
    let address = joined.and_then(|mut address| {
        address.set_fragment(None);
        EndpointUrl::parse(address.as_str()).ok()
    });
    Some(address.ok_or(Unfetched::Forbidden))
}

async fn read(url: EndpointUrl, mut response: Response) -> Result<WebPage, Unfetched> {
    if !response.status().is_success() {
        return Err(Unfetched::Status(response.status().as_u16()));
    }
    let kind = response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !kind.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("text/html")) {
        return Err(Unfetched::NotHtml);
    }
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| reason(&error))? {
        if bytes.len() + chunk.len() > READ {
            return Err(Unfetched::TooLong);
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(WebPage { url, html: text(&bytes) })
}

/// Decodes a page to text that is no longer than its bytes. Selectors are ASCII in every encoding
/// in use, so bytes that are not UTF-8 become question marks.
fn text(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        if !chunk.invalid().is_empty() {
            text.push('?');
        }
    }
    text
}

fn reason(error: &reqwest::Error) -> Unfetched {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(one) = cause {
        if one.downcast_ref::<io::Error>().and_then(io::Error::get_ref).is_some_and(<dyn std::error::Error + Send + Sync>::is::<Private>) {
            return Unfetched::Forbidden;
        }
        cause = one.source();
    }
    if error.is_timeout() { Unfetched::TooSlow } else { Unfetched::Unreachable }
}

#[cfg(test)]
mod tests {
    use super::text;

    #[test]
    fn decoding_other_encodings_does_not_grow() {
        assert_eq!(text("<p>Київ</p>".as_bytes()), "<p>Київ</p>");
        assert_eq!(text(b"<p>\xca\xe8\xea\xe2</p>"), "<p>????</p>");
    }
}
