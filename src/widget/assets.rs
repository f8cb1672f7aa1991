//! Where the files lie that a reader's browser fetches after the document; the server fills this in, since it serves them.

/// Public paths, hashed by content. Those of the browser build are `None` in a build without one: the widget then works by links
/// and forms.
#[derive(Debug, Clone, Copy, Default)]
pub struct ClientAssets {
    /// What the panel's script does without WebAssembly: keyboard, times, the line to the server.
    pub panel: &'static str,
    /// How the panel looks while one does something in it.
    pub style: &'static str,
    /// The JavaScript that loads the WebAssembly.
    pub script: Option<&'static str>,
    /// The WebAssembly.
    pub wasm: Option<&'static str>,
}

impl ClientAssets {
    /// The style alone, for what only stands there.
    pub(super) fn without_scripts(self) -> Self {
        Self { panel: "", script: None, wasm: None, ..self }
    }
}
