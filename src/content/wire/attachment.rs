//! JSON and URLs of attachments.

use super::Renderer;
use belfry_domain::channel::{Attachment, ConversationMessageId, FileType, SiteNumber};
use serde::Serialize;
use serde_json::{Map, Value};
use url::form_urlencoded::byte_serialize;

/// An attachment of a message; the same in all forms.
#[derive(Debug, Clone, Serialize)]
pub struct AttachmentJson<'a> {
    pub id: i64,
    pub message_id: i64,
    pub file_type: &'static str,
    pub account_id: i64,
    #[serde(flatten)]
    pub file: Option<FileJson<'a>>,
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// Members of an attachment with a file.
#[derive(Debug, Clone, Serialize)]
pub struct FileJson<'a> {
    pub extension: Option<&'a str>,
    pub data_url: String,
    pub thumb_url: String,
    pub file_size: u64,
    pub width: Option<u32>,
    pub height: Option<u32>,
}

/// The URL path of an attachment. A thumbnail has `/thumbnail` after the key.
pub fn attachment_path(key: &str, filename: &str, is_thumbnail: bool) -> String {
    let thumbnail = if is_thumbnail { "/thumbnail" } else { "" };
    // Form encoding writes a space as `+`, which is a literal plus sign in a path.
    let filename = byte_serialize(filename.as_bytes()).collect::<String>().replace('+', "%20");
    format!("/attachments/{key}{thumbnail}/{filename}")
}

impl Renderer<'_> {
    /// An attachment of this message.
    pub fn attachment<'b>(
        &self,
        attachment: &'b Attachment,
        message: ConversationMessageId,
        account: SiteNumber,
    ) -> AttachmentJson<'b> {
        let url = |is_thumbnail| {
            format!(
                "{}{}",
                self.public_url,
                attachment_path(&attachment.key, &attachment.filename, is_thumbnail)
            )
        };
        let mut extra = Map::new();
        let mut set = |name: &str, value: Value| drop(extra.insert(name.to_owned(), value));
        let title = || attachment.fallback_title.clone().map_or(Value::Null, Value::from);
        let is_file = match attachment.file_type {
            FileType::Location => {
                let (latitude, longitude) = attachment
                    .coordinates
                    .map_or((0.0, 0.0), |place| (place.latitude, place.longitude));
                set("coordinates_lat", latitude.into());
                set("coordinates_long", longitude.into());
                set("fallback_title", title());
                set("data_url", "".into());
                false
            }
            FileType::Fallback => {
                set("fallback_title", title());
                set("data_url", "".into());
                false
            }
            FileType::Contact => {
                set("fallback_title", title());
                set("meta", Map::new().into());
                false
            }
            FileType::Audio => {
                set("transcribed_text", "".into());
                true
            }
            _ => true,
        };
        let file = is_file.then(|| FileJson {
            extension: attachment.extension.as_deref(),
            data_url: url(false),
            // Clients show it as an image.
            thumb_url: match attachment.file_type {
                FileType::Image => url(attachment.has_thumbnail),
                _ if attachment.has_thumbnail => url(true),
                _ => String::new(),
            },
            file_size: attachment.size,
            width: attachment.width,
            height: attachment.height,
        });
        AttachmentJson {
            id: attachment.id.0,
            message_id: message.0,
            file_type: attachment.file_type.as_str(),
            account_id: account.0,
            file,
            extra,
        }
    }
}
