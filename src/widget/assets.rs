//! Where the browser build lies; the server fills this in, since it serves the files.

/// Public paths of the browser build, hashed by content. Both are `None` in a build without one: the widget then works by
/// links and forms.
#[derive(Debug, Clone, Copy, Default)]
pub struct ClientAssets {
    /// The JavaScript that loads the WebAssembly.
    pub script: Option<&'static str>,
    /// The WebAssembly.
    pub wasm: Option<&'static str>,
}
