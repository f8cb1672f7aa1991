//! The shop's static files, embedded in the binary: pictures, style sheet, scripts.

use axum::{
    extract::Path,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};

/// Pictures by name.
const PICTURES: [(&str, &str); 15] = [
    ("bell.svg", include_str!("pictures/bell.svg")),
    ("favicon.svg", include_str!("pictures/favicon.svg")),
    ("gift.svg", include_str!("pictures/gift.svg")),
    ("hero.svg", include_str!("pictures/hero.svg")),
    ("lamp.svg", include_str!("pictures/lamp.svg")),
    ("mug.svg", include_str!("pictures/mug.svg")),
    ("parcel.svg", include_str!("pictures/parcel.svg")),
    ("planter.svg", include_str!("pictures/planter.svg")),
    ("sale.svg", include_str!("pictures/sale.svg")),
    ("slippers.svg", include_str!("pictures/slippers.svg")),
    ("speaker.svg", include_str!("pictures/speaker.svg")),
    ("stool.svg", include_str!("pictures/stool.svg")),
    ("throw.svg", include_str!("pictures/throw.svg")),
    ("welcome.svg", include_str!("pictures/welcome.svg")),
    ("workshop.svg", include_str!("pictures/workshop.svg")),
];

fn find(name: &str) -> Option<&'static str> {
    PICTURES.iter().find(|(known, _)| *known == name).map(|(_, drawing)| *drawing)
}

/// Whether there is a picture with this name.
#[cfg(test)]
pub fn is_picture(name: &str) -> bool {
    find(name).is_some()
}

/// `GET /pictures/{name}`.
pub async fn picture(Path(name): Path<String>) -> Response {
    find(&name).map_or_else(
        || StatusCode::NOT_FOUND.into_response(),
        |drawing| file("image/svg+xml", drawing),
    )
}

/// `GET /favicon.ico`, which browsers request by themselves.
pub async fn favicon() -> Response {
    picture(Path("favicon.svg".to_owned())).await
}

/// `GET /shop.css`.
pub async fn stylesheet() -> Response {
    file("text/css; charset=utf-8", include_str!("shop.css"))
}

/// `GET /shop.js`.
pub async fn script() -> Response {
    file("text/javascript; charset=utf-8", include_str!("shop.js"))
}

/// `GET /write.js`.
pub async fn write_script() -> Response {
    file("text/javascript; charset=utf-8", include_str!("write.js"))
}

/// `GET /write-show.js`.
pub async fn write_show_script() -> Response {
    file("text/javascript; charset=utf-8", include_str!("write-show.js"))
}

/// `GET /write-files.js`.
pub async fn write_files_script() -> Response {
    file("text/javascript; charset=utf-8", include_str!("write-files.js"))
}

fn file(kind: &'static str, text: &'static str) -> Response {
    ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "no-cache")], text).into_response()
}
