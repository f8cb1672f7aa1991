//! The files that the server embeds: the browser build, scripts and style sheets, prepared by the
//! build script.
//!
//! Must not depend on what the files are for. Called by the surfaces that send one of them as a part
//! of something else, and by the server, which serves [`ASSETS`] under their hashed names.
//!
//! To add a file that is served under its own name: `scripts` in `build/assets.rs`. To add one that
//! is sent as a part of something else: a constant here.

/// An embedded file in three encodings.
#[derive(Debug)]
pub struct Asset {
    /// File name with the hash of the content.
    pub name: &'static str,
    /// URL path.
    pub path: &'static str,
    /// Media type.
    pub content_type: &'static str,
    /// The content.
    pub identity: &'static [u8],
    /// The content, compressed with Brotli.
    pub brotli: &'static [u8],
    /// The content, compressed with gzip.
    pub gzip: &'static [u8],
}

include!(concat!(env!("OUT_DIR"), "/assets.rs"));

/// Whether the minifier was installed when the scripts were prepared.
pub const SCRIPTS_MINIFIED: bool = cfg!(scripts_minified);

/// The loader script, with the placeholder `CONFIG` for a site's settings.
pub const LOADER: &str = include_str!(concat!(env!("OUT_DIR"), "/loader.min.js"));

/// Style of the widget's first paint.
pub const WIDGET_STYLE: &str = include_str!(concat!(env!("OUT_DIR"), "/widget.min.css"));

/// Script of the widget's first paint.
pub const FRAME_SCRIPT: &str = include_str!(concat!(env!("OUT_DIR"), "/frame.min.js"));

/// Style of the gallery of a theme's states.
pub const GALLERY_STYLE: &str = include_str!(concat!(env!("OUT_DIR"), "/gallery.min.css"));

/// Script with which a site owner picks the bell's place on their page.
pub const PICKER_SCRIPT: &str = include_str!(concat!(env!("OUT_DIR"), "/picker.min.js"));

/// The Inbox SDK as a plain script.
pub const SDK_SCRIPT: &str = include_str!(concat!(env!("OUT_DIR"), "/sdk.js"));

/// [`SDK_SCRIPT`], compressed with Brotli.
pub const SDK_SCRIPT_BROTLI: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/sdk.js.br"));

/// The Inbox SDK as an ES module.
pub const SDK_MODULE: &str = include_str!(concat!(env!("OUT_DIR"), "/sdk.mjs"));

/// [`SDK_MODULE`], compressed with Brotli.
pub const SDK_MODULE_BROTLI: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/sdk.mjs.br"));
