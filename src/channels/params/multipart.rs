//! Reads a multipart form part by part. A file is a part with a file name; only those named
//! `attachments` are stored.

use super::{BodyLimits, MAX_MEMBERS, Params, ParamsError, content_length, nested};
use axum::{
    extract::{
        DefaultBodyLimit, FromRequest as _, Multipart, Request,
        multipart::{Field, MultipartError},
    },
    http::StatusCode,
};
use belfry_app::channel::FileUpload;
use bytes::{Bytes, BytesMut};

/// Reads the form. `prove` is called once, before the first file.
pub(super) async fn read(
    mut request: Request,
    bounds: BodyLimits,
    params: &mut Params,
    prove: impl AsyncFnOnce(&Params) -> bool,
) -> Result<(), ParamsError> {
    let whole = bounds.body_bytes.saturating_add(bounds.file_bytes);
    if content_length(request.headers()).is_some_and(|length| length > whole) {
        return Err(if bounds.file_bytes > 0 {
            ParamsError::FilesTooLarge(bounds.file_bytes)
        } else {
            ParamsError::TooLarge
        });
    }
    DefaultBodyLimit::max(whole).apply(&mut request);
    let mut form =
        Multipart::from_request(request, &()).await.map_err(|_| ParamsError::Malformed)?;
    let mut prove = Some(prove);
    let (mut text_bytes, mut file_bytes, mut members) = (bounds.body_bytes, bounds.file_bytes, 0);
    while let Some(mut part) = form.next_field().await.map_err(multipart_error)? {
        members += 1;
        if members > MAX_MEMBERS {
            return Err(ParamsError::TooLarge);
        }
        let name = part.name().unwrap_or_default().to_owned();
        let Some(filename) = part.file_name().map(str::to_owned) else {
            let text = text(&mut part, &mut text_bytes).await?.ok_or(ParamsError::TooLarge)?;
            let text = String::from_utf8(text.into()).map_err(|_| ParamsError::Malformed)?;
            nested::insert(&mut params.members, &name, text);
            continue;
        };
        if let Some(prove) = prove.take()
            && !prove(params).await
        {
            return Err(ParamsError::Malformed);
        }
        let claimed_type = part.content_type().unwrap_or_default().to_owned();
        let bytes = file(&mut part, &mut file_bytes, bounds).await?;
        // Browsers send an empty part without a file name when no file was chosen.
        let is_empty = filename.is_empty() && bytes.is_empty();
        if is_empty || !(name == "attachments" || name.starts_with("attachments[")) {
            continue;
        }
        if params.files.len() >= bounds.files {
            return Err(ParamsError::TooManyFiles(bounds.files));
        }
        params.files.push(FileUpload { filename, claimed_type, bytes });
    }
    Ok(())
}

/// Reads a file; its bytes count against `left` and against those of all other requests.
async fn file(
    part: &mut Field<'_>,
    left: &mut usize,
    bounds: BodyLimits,
) -> Result<Bytes, ParamsError> {
    let (mut bytes, mut reservation) =
        (BytesMut::new(), bounds.memory.reserve().ok_or(ParamsError::Busy)?);
    while let Some(chunk) = part.chunk().await.map_err(multipart_error)? {
        *left =
            left.checked_sub(chunk.len()).ok_or(ParamsError::FilesTooLarge(bounds.file_bytes))?;
        if !reservation.add(chunk.len()) {
            return Err(ParamsError::Busy);
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(reservation.attach(bytes.freeze()))
}

/// Reads a text; its bytes count against `left`. `None` if it exceeds that.
async fn text(part: &mut Field<'_>, left: &mut usize) -> Result<Option<Bytes>, ParamsError> {
    let mut bytes = BytesMut::new();
    while let Some(chunk) = part.chunk().await.map_err(multipart_error)? {
        let Some(rest) = left.checked_sub(chunk.len()) else { return Ok(None) };
        *left = rest;
        bytes.extend_from_slice(&chunk);
    }
    Ok(Some(bytes.freeze()))
}

fn multipart_error(error: MultipartError) -> ParamsError {
    if error.status() == StatusCode::PAYLOAD_TOO_LARGE {
        ParamsError::TooLarge
    } else {
        ParamsError::Malformed
    }
}
