//! `POST /v1/images`: stores an image for messages and returns its URL. The body is the image
//! itself.

use crate::{ApiError, ApiState, body::content_length};
use axum::{
    Json,
    extract::{Request, State},
    http::{StatusCode, header},
};
use belfry_app::{App, AuthenticatedKey};
use belfry_locales::phrases::errors;
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use serde::Serialize;
use utoipa::ToSchema;

/// The stored image.
#[derive(Serialize, ToSchema)]
#[schema(as = Image)]
pub(crate) struct UploadedImage {
    /// URL of the image, for a message's `image`.
    url: String,
}

/// Stores an image for messages: PNG, JPEG, GIF or WebP, at most 2 MB and 4,096 × 4,096 pixels.
///
/// Uploading the same image again returns the same URL.
#[utoipa::path(post, path = "/images", operation_id = "uploadImage", tag = "Messages", request_body(content = Vec<u8>, content_type = "application/octet-stream"), responses((status = 201, description = "The image's URL.", body = UploadedImage)))]
pub(crate) async fn upload(
    State(api): State<ApiState>,
    holder: AuthenticatedKey,
    request: Request,
) -> Result<(StatusCode, Json<UploadedImage>), ApiError> {
    api.limiter.upload(&holder.key)?;
    let body = read(request).await?;
    let path = api.app.store_picture(holder.site, body).await?;
    Ok((StatusCode::CREATED, Json(UploadedImage { url: format!("{}{path}", api.public_url) })))
}

async fn read(request: Request) -> Result<Vec<u8>, ApiError> {
    let headers = request.headers();
    let kind =
        headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if headers.contains_key(header::CONTENT_ENCODING)
        || !(kind.starts_with("image/") || kind == "application/octet-stream")
    {
        return Err(ApiError::unsupported(
            "the body must be the picture itself, with Content-Type image/png, image/jpeg, image/gif or image/webp",
        ));
    }
    if content_length(headers).is_some_and(|length| length > App::LARGEST_PICTURE) {
        return Err(ApiError::too_large(App::LARGEST_PICTURE));
    }
    match Limited::new(request.into_body(), App::LARGEST_PICTURE).collect().await {
        Ok(collected) => Ok(collected.to_bytes().into()),
        Err(error) if error.is::<LengthLimitError>() => {
            Err(ApiError::too_large(App::LARGEST_PICTURE))
        }
        Err(_) => Err(belfry_domain::ValidationError::new("", errors::BODY_ENDED).into()),
    }
}
