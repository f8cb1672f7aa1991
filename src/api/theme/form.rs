//! Reads the multipart form of a theme upload: known parts, uncompressed, bounded. File names and
//! content types of the parts are ignored. Theme compilation happens in [`belfry_theme`].

use crate::{ApiError, body::content_length};
use axum::{
    extract::{
        FromRequest as _, Multipart, Request,
        multipart::{Field, MultipartError},
    },
    http::{StatusCode, header},
};
use belfry_app::ThemeUpload;
use belfry_domain::ValidationError;
use belfry_locales::phrases::errors;
use belfry_theme::File;

/// Maximum size of the form: all files at their maximum, plus multipart overhead. The router bounds
/// the body by it, so the form reader can't hold more in memory.
pub(crate) const MAX_FORM_BYTES: usize = 640 * 1_024;

/// Reads the files of a form.
pub(super) async fn read_form(request: Request) -> Result<ThemeUpload, ApiError> {
    let headers = request.headers();
    if headers.contains_key(header::CONTENT_ENCODING) {
        return Err(ApiError::unsupported(
            "the body must not be compressed: send it without Content-Encoding",
        ));
    }
    if content_length(headers).is_some_and(|length| length > MAX_FORM_BYTES) {
        return Err(ApiError::too_large(MAX_FORM_BYTES));
    }
    let mut form = Multipart::from_request(request, &()).await.map_err(|_| {
        ApiError::unsupported(
            "the body must be multipart/form-data with the parts bell, card and css",
        )
    })?;
    let mut upload = ThemeUpload::default();
    let mut seen = [false; File::ALL.len()];
    while let Some(mut part) = form.next_field().await.map_err(multipart_error)? {
        let (file, seen) = identify_part(part.name(), &mut seen)?;
        if std::mem::replace(seen, true) {
            return Err(ValidationError::new(file.name(), errors::GIVEN_ONCE).into());
        }
        let bytes = read_part(file, &mut part).await?;
        // A browser form sends an empty part if no file was chosen.
        *upload.file_mut(file) = Some(bytes).filter(|bytes| !bytes.is_empty());
    }
    Ok(upload)
}

/// The file of a part, and whether it was present before.
fn identify_part<'a>(
    name: Option<&str>,
    seen: &'a mut [bool; File::ALL.len()],
) -> Result<(File, &'a mut bool), ValidationError> {
    let name = name.unwrap_or_default();
    let file = match name {
        "bell" | "bell.svg" => Some(File::Bell),
        "card" | "card.svg" => Some(File::Card),
        "css" | "theme.css" => Some(File::Css),
        _ => None,
    };
    let place =
        file.and_then(|file| File::ALL.into_iter().zip(seen).find(|(other, _)| *other == file));
    place.ok_or_else(|| {
        let shown: String =
            name.chars().filter(|character| !character.is_control()).take(80).collect();
        let reason =
            if shown.is_empty() { errors::UNNAMED_THEME_FILE } else { errors::NO_THEME_FILE };
        ValidationError::new(shown, reason)
    })
}

async fn read_part(file: File, part: &mut Field<'_>) -> Result<Vec<u8>, ApiError> {
    let mut bytes = Vec::new();
    while let Some(chunk) = part.chunk().await.map_err(multipart_error)? {
        let is_over = bytes.len() + chunk.len() > file.max_bytes_with_fonts();
        bytes.extend_from_slice(&chunk);
        if is_over {
            break;
        }
    }
    match file.check_size(&bytes) {
        Some(excess) => Err(ApiError::part_too_large(file.name(), excess)),
        None => Ok(bytes),
    }
}

fn multipart_error(error: MultipartError) -> ApiError {
    if error.status() == StatusCode::PAYLOAD_TOO_LARGE {
        ApiError::too_large(MAX_FORM_BYTES)
    } else {
        ValidationError::new("", errors::BODY_NO_FORM).into()
    }
}
