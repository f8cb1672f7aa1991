//! Uploads of conversations: returns upload URLs, and takes the uploaded files.

use super::{TopicContext, TopicError, agent::channel_rejection};
use crate::sdk::{socket::Payload, uploads::UploadedFile};
use belfry_app::channel::FileUpload;
use belfry_domain::{
    SiteId,
    channel::{ChannelToken, InboxUuid, NewAttachment},
};
use serde_json::{Value, json};
use url::form_urlencoded::byte_serialize;

/// Returns the URL to upload a file to, and its later public URL.
pub(super) async fn upload_url(
    to: &TopicContext<'_>,
    site: SiteId,
    bot: InboxUuid,
    payload: &Value,
) -> Result<Payload, TopicError> {
    let claimed = payload.get("type").and_then(Value::as_str).unwrap_or_default();
    let key = to
        .state
        .customers
        .uploads
        .announce(&to.state.app, site, to.prefix, claimed)
        .await
        .map_err(|error| channel_rejection(&error.into()))?
        .ok_or(TopicError::RATE_LIMITED)?;
    let origin = &to.state.public_url;
    Ok(Payload::json(&json!({
        "upload_url": format!("{origin}/api/bot/{bot}/upload/{}", key.reveal()),
        "public_url": format!("{origin}/attachments/{}/{}", key.reveal(), name_for(claimed)),
    })))
}

/// Takes the uploaded file with this public URL. Any other URL is rejected.
pub(super) async fn take_upload(
    to: &mut TopicContext<'_>,
    site: SiteId,
    url: &str,
    caption: Option<String>,
) -> Result<NewAttachment, TopicError> {
    let rest = url
        .strip_prefix(to.state.public_url.as_str())
        .and_then(|path| path.strip_prefix("/attachments/"));
    let (key, name) = rest.and_then(|rest| rest.split_once('/')).unwrap_or_default();
    let taken = to.state.customers.uploads.take_received(&to.state.app, site, key).await;
    let taken = taken.map_err(|error| channel_rejection(&error.into()))?;
    let Some(UploadedFile { claimed_type, bytes }) = taken else {
        to.push("invalid_file", json!({ "url": url }));
        return Err(TopicError::invalid_field("url"));
    };
    let upload =
        FileUpload { filename: caption.unwrap_or_else(|| name.to_owned()), claimed_type, bytes };
    let prepared = to
        .state
        .app
        .prepare_attachments(site, vec![upload])
        .await
        .map_err(|error| channel_rejection(&error.into()))?;
    let file = prepared.into_iter().next().ok_or(TopicError::invalid_field("url"))?;
    Ok(NewAttachment { key: ChannelToken::from_text(key.to_owned()), ..file })
}

/// The file's name before it is attached.
fn name_for(claimed: &str) -> String {
    let extension = claimed
        .rsplit('/')
        .next()
        .filter(|part| part.len() <= 10 && part.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    let name = extension
        .filter(|part| !part.is_empty())
        .map_or_else(|| "file".to_owned(), |part| format!("file.{part}"));
    byte_serialize(name.as_bytes()).collect()
}
