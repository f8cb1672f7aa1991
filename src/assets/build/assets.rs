//! The embedded assets (browser build, scripts and style sheets): named by their content hash,
//! compressed once, and listed in `$OUT_DIR/assets.rs`.
//!
//! Must not depend on what the files are for. Called by `main` of the build script after the
//! scripts are written.
//!
//! To add a script or style sheet that is served as a file, add it to `scripts` in [`embed`].

use flate2::{Compression, write::GzEncoder};
use sha2::{Digest, Sha256};
use std::{
    error::Error,
    fmt::Write as _,
    fs,
    io::Write as _,
    path::{Path, PathBuf},
};

/// Writes the table that `lib.rs` includes.
pub fn embed(package: &Path, out: &Path) -> Result<(), Box<dyn Error>> {
    // Cargo reruns a build script every time if a watched path is missing, so the folder of the
    // browser build is created here.
    if fs::create_dir_all(package).is_ok() {
        println!("cargo:rerun-if-changed={}", package.display());
    }
    if package.join("snippets").exists() {
        return Err("the browser build has JavaScript snippets of its own; only one .js and one .wasm file can be embedded".into());
    }
    // Needed without the browser build, too: what the panel loads after its first paint, the
    // console, and the window of the Inbox SDK.
    let scripts = [
        "panel.js",
        "panel.min.css",
        "page.js",
        "messages.js",
        "messages.min.css",
        "frame.min.js",
        "widget.min.css",
        "console.js",
        "console.min.css",
        "window.js",
        "window.min.css",
    ];
    let mut sources = scripts.map(|name| out.join(name)).to_vec();
    let wasm = package.join("belfry_bg.wasm");
    if wasm.exists() {
        sources.extend([out.join("belfry.js"), wasm]);
    }

    let mut table = String::from(
        "/// All files that are served under their own names.\npub static ASSETS: &[Asset] = &[\n",
    );
    for source in &sources {
        table.push_str(&entry(source, out)?);
    }
    table.push_str("];\n");
    write_if_changed(&out.join("assets.rs"), table.as_bytes())
}

fn entry(source: &Path, out: &Path) -> Result<String, Box<dyn Error>> {
    let bytes = fs::read(source)?;
    let logical =
        source.file_name().and_then(|name| name.to_str()).ok_or("an asset's name is not text")?;
    let (stem, extension) = logical.rsplit_once('.').ok_or("an asset has no extension")?;
    let content_type = match extension {
        "js" => "text/javascript; charset=utf-8",
        "wasm" => "application/wasm",
        "css" => "text/css; charset=utf-8",
        other => return Err(format!("no content type for .{other}").into()),
    };
    let digest: [u8; 32] = Sha256::digest(&bytes).into();
    let leading: [u8; 8] = digest.first_chunk().copied().unwrap_or_default();
    let hash = hex::encode(leading);
    let name =
        format!("{}-{hash}.{extension}", stem.trim_end_matches("_bg").trim_end_matches(".min"));
    let identity = out.join(&name);
    write_if_changed(&identity, &bytes)?;
    // The name contains the content's hash, so an existing file need not be compressed again.
    for (suffix, compress) in
        [("br", brotli_of as fn(&[u8]) -> Result<Vec<u8>, Box<dyn Error>>), ("gz", gzip_of)]
    {
        let compressed = out.join(format!("{name}.{suffix}"));
        if !compressed.exists() {
            fs::write(&compressed, compress(&bytes)?)?;
        }
    }

    let mut text = String::new();
    writeln!(text, "    Asset {{")?;
    writeln!(text, "        name: {name:?},")?;
    writeln!(text, "        path: {:?},", format!("/pkg/{name}"))?;
    writeln!(text, "        content_type: {content_type:?},")?;
    // Relative to OUT_DIR rather than absolute, so that the text does not depend on the checkout's
    // path.
    for (field, suffix) in [("identity", ""), ("brotli", ".br"), ("gzip", ".gz")] {
        writeln!(
            text,
            "        {field}: include_bytes!(concat!(env!(\"OUT_DIR\"), {:?})),",
            format!("/{name}{suffix}")
        )?;
    }
    writeln!(text, "    }},")?;
    Ok(text)
}

/// Writes the brotli form of a file next to it.
pub fn compress(source: &Path) -> Result<(), Box<dyn Error>> {
    let name =
        source.file_name().and_then(|name| name.to_str()).ok_or("a file's name is not text")?;
    write_if_changed(&source.with_file_name(format!("{name}.br")), &brotli_of(&fs::read(source)?)?)
}

fn brotli_of(bytes: &[u8]) -> Result<Vec<u8>, Box<dyn Error>> {
    let parameters = brotli::enc::BrotliEncoderParams {
        quality: 11,
        lgwin: 22,
        size_hint: bytes.len(),
        ..Default::default()
    };
    let mut packed = Vec::new();
    brotli::BrotliCompress(&mut &*bytes, &mut packed, &parameters)?;
    Ok(packed)
}

fn gzip_of(bytes: &[u8]) -> Result<Vec<u8>, Box<dyn Error>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?)
}

/// The files of a folder with this extension, sorted; empty if the folder does not exist.
pub fn files(folder: &Path, extension: &str) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|found| found == extension) {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// Writes a file only if its content changes, so that nothing is recompiled without need.
pub fn write_if_changed(path: &Path, bytes: &[u8]) -> Result<(), Box<dyn Error>> {
    if fs::read(path).is_ok_and(|present| present == bytes) {
        return Ok(());
    }
    Ok(fs::write(path, bytes)?)
}
