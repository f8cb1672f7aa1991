//! `GET /attachments/{key}/{name}` and `/attachments/{key}/thumbnail/{name}`: files of messages.
//! The key in the address is the only credential.
//!
//! Files are untrusted. Only raster images, audio and video are served inline; everything else is
//! served as a download, and no script runs. The server merges its routes.

mod range;

use axum::{
    Router,
    extract::{ConnectInfo, Path, State},
    http::{HeaderName, HeaderValue, StatusCode, header, request},
    response::{IntoResponse, Response},
};
use belfry_app::{
    App, AppError,
    channel::is_shown_inline,
    rate_limit::{ClientPrefix, RateLimit, RateLimiter},
};
use belfry_domain::{ErrorKind, channel::AttachmentFile};
use belfry_runtime::fair_scheduler;
use belfry_web::{
    error_status, etag,
    router::{Routes, get},
};
use bytes::Bytes;
use range::RequestedRange;
use std::{
    collections::HashMap,
    fmt::Write as _,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError, Weak},
    time::Duration,
};

/// Requests of one client address; the burst covers a page of images.
const REQUEST_RATE: RateLimit = RateLimit::new(300, Duration::from_millis(20));

#[derive(Clone)]
pub(super) struct AttachmentState {
    app: App,
    requests: Arc<RateLimiter<ClientPrefix>>,
    open_files: Arc<OpenFiles>,
}

/// The routes of this surface.
pub fn routes(app: App) -> Router {
    let parts = AttachmentState {
        app,
        requests: Arc::new(RateLimiter::new("attachments", REQUEST_RATE)),
        open_files: Arc::default(),
    };
    registered_routes().into_router().with_state(parts)
}

pub(super) fn registered_routes() -> Routes<AttachmentState> {
    Routes::new()
        .route("/attachments/{key}/{name}", get(original))
        .route("/attachments/{key}/thumbnail/{name}", get(thumbnail))
}

async fn original(
    State(parts): State<AttachmentState>,
    Path((key, _)): Path<(String, String)>,
    request: request::Parts,
) -> Response {
    parts.response(&key, false, &request).await
}

async fn thumbnail(
    State(parts): State<AttachmentState>,
    Path((key, _)): Path<(String, String)>,
    request: request::Parts,
) -> Response {
    parts.response(&key, true, &request).await
}

impl AttachmentState {
    async fn response(&self, key: &str, is_thumbnail: bool, request: &request::Parts) -> Response {
        let address =
            request.extensions.get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| peer.ip());
        if let Err(rate_limit) = self.requests.check(&ClientPrefix::of(address)) {
            return error_response(StatusCode::TOO_MANY_REQUESTS, Some(rate_limit.reset));
        }
        match self.app.attachment_file(key, is_thumbnail).await {
            Ok(file) => {
                fair_scheduler::set_current_site(file.site);
                serve(self.open_files.share(file), request)
            }
            Err(AppError::NotFound) => error_response(StatusCode::NOT_FOUND, None),
            Err(error) => {
                // A file is small, so a retry can succeed soon.
                let kind = match error.kind() {
                    ErrorKind::TimedOut | ErrorKind::Unavailable => ErrorKind::Unavailable,
                    _ => ErrorKind::Internal,
                };
                error_status::log(kind, &error);
                error_response(error_status::status(kind), kind.retry_after())
            }
        }
    }
}

fn serve(file: SharedFile, request: &request::Parts) -> Response {
    let tag = HeaderValue::try_from(format!("\"{}\"", file.digest)).ok();
    let content_type = HeaderValue::from_str(&file.content_type)
        .unwrap_or(HeaderValue::from_static("application/octet-stream"));
    let headers = [
        (header::CONTENT_TYPE, content_type),
        (
            header::CONTENT_DISPOSITION,
            disposition(&file.filename, is_shown_inline(&file.content_type)),
        ),
        (
            header::CONTENT_SECURITY_POLICY,
            HeaderValue::from_static("sandbox; default-src 'none'; frame-ancestors 'none'"),
        ),
        (
            header::CACHE_CONTROL,
            HeaderValue::from_static("private, max-age=31536000, immutable, no-transform"),
        ),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*")),
        (
            HeaderName::from_static("cross-origin-resource-policy"),
            HeaderValue::from_static("cross-origin"),
        ),
    ];
    let is_known = tag.as_ref().is_some_and(|tag| etag::is_current(&request.headers, tag));
    let asked = if is_known {
        RequestedRange::Full
    } else {
        range::requested_range(request, tag.as_ref(), file.bytes.len())
    };
    let response = (headers, range::answer(Bytes::from_owner(file), &asked)).into_response();
    etag::with_etag(&request.headers, tag, response)
}

/// Content-Disposition (RFC 6266): an ASCII fallback name for old clients, and the real name.
fn disposition(name: &str, is_inline: bool) -> HeaderValue {
    let kind = if is_inline { "inline" } else { "attachment" };
    let plain: String = name
        .chars()
        .map(|character| {
            if character.is_ascii_graphic() && !"\"\\%;".contains(character) {
                character
            } else {
                '_'
            }
        })
        .collect();
    let mut encoded = String::new();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"!#$&+-.^_`|~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    HeaderValue::try_from(format!("{kind}; filename=\"{plain}\"; filename*=UTF-8''{encoded}"))
        .unwrap_or(HeaderValue::from_static("attachment"))
}

fn error_response(status: StatusCode, retry_after: Option<u64>) -> Response {
    let mut response =
        (status, [(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))]).into_response();
    if let Some(seconds) = retry_after {
        response.headers_mut().insert(header::RETRY_AFTER, seconds.max(1).into());
    }
    response
}

/// A file shared by all responses that are sending it.
#[derive(Clone)]
struct SharedFile(Arc<AttachmentFile>);

impl std::ops::Deref for SharedFile {
    type Target = AttachmentFile;

    fn deref(&self) -> &AttachmentFile {
        &self.0
    }
}

impl AsRef<[u8]> for SharedFile {
    fn as_ref(&self) -> &[u8] {
        &self.0.bytes
    }
}

/// Files that are being sent. Each request queries the store, so a deleted file is unavailable at
/// once; concurrent slow clients share one copy.
#[derive(Default)]
struct OpenFiles(Mutex<HashMap<String, Weak<AttachmentFile>>>);

impl OpenFiles {
    fn share(&self, file: AttachmentFile) -> SharedFile {
        let mut files = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // The same bytes may have another name or type in another message.
        if let Some(open) =
            files.get(&file.digest).and_then(Weak::upgrade).filter(|open| **open == file)
        {
            return SharedFile(open);
        }
        files.retain(|_, open| open.strong_count() > 0);
        let shared = Arc::new(file);
        files.insert(shared.digest.clone(), Arc::downgrade(&shared));
        SharedFile(shared)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use belfry_domain::SiteId;

    #[test]
    fn content_disposition_quotes_the_file_name() {
        for (name, expected) in [
            ("photo.png", "attachment; filename=\"photo.png\"; filename*=UTF-8''photo.png"),
            (
                "a\"; x=\"b.txt",
                "attachment; filename=\"a___x=_b.txt\"; filename*=UTF-8''a%22%3B%20x%3D%22b.txt",
            ),
            (
                "звіт.pdf",
                "attachment; filename=\"____.pdf\"; filename*=UTF-8''%D0%B7%D0%B2%D1%96%D1%82.pdf",
            ),
            ("a\r\nb", "attachment; filename=\"a__b\"; filename*=UTF-8''a%0D%0Ab"),
        ] {
            assert_eq!(disposition(name, false), expected);
        }
        assert_eq!(
            disposition("a.png", true),
            "inline; filename=\"a.png\"; filename*=UTF-8''a.png"
        );
    }

    #[test]
    fn slow_clients_share_one_copy_of_a_file() {
        let site: SiteId = "0b8f6a3e-6a51-4c39-9f0e-2a1f57b2c9d4".parse().unwrap();
        let file = |name: &str, bytes: &'static [u8]| AttachmentFile {
            site,
            content_type: "image/png".into(),
            filename: name.into(),
            digest: belfry_domain::Digest::of_bytes(bytes).short(),
            bytes: Bytes::from_static(bytes),
        };
        let open = OpenFiles::default();
        let (first, second, other) =
            (open.share(file("a", b"1")), open.share(file("a", b"1")), open.share(file("b", b"1")));
        assert!(Arc::ptr_eq(&first.0, &second.0) && !Arc::ptr_eq(&first.0, &other.0));
        drop((first, second, other));
        open.share(file("c", b"2"));
        assert_eq!(open.0.lock().unwrap().len(), 1, "an unused file is dropped");
    }
}
