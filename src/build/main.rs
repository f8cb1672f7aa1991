//! Prepares what the server binary carries inside it: the browser build, hashed and compressed, and the hand-written scripts, minified.
//!
//! Runs without the browser build, too: the widget works without WebAssembly, so `cargo test` needs no wasm tools.

mod assets;
mod scripts;

use std::{env, error::Error, path::PathBuf};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=src/build");
    println!("cargo:rerun-if-env-changed=BELFRY_SITE_DIR");
    let for_browser = env::var("CARGO_CFG_TARGET_ARCH").is_ok_and(|arch| arch == "wasm32");
    if for_browser || env::var_os("CARGO_FEATURE_SSR").is_none() {
        return Ok(());
    }
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").ok_or("CARGO_MANIFEST_DIR is not set")?);
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or("OUT_DIR is not set")?);
    let site = env::var_os("BELFRY_SITE_DIR").map_or_else(|| root.join("target/site"), PathBuf::from);
    // Full strength takes seconds for the wasm file; a debug build is not downloaded by anyone.
    let thorough = env::var("PROFILE").is_ok_and(|profile| profile == "release");
    scripts::strip_all(&root.join("style"), &out)?;
    scripts::minify_all(&root.join("src/widget/script"), &out)?;
    scripts::join(&root.join("src/widget/script/panel"), &out.join("panel.js"))?;
    scripts::join(&root.join("src/widget/script/page"), &out.join("bell.js"))?;
    scripts::minify_all(&root.join("src/console/script"), &out)?;
    scripts::join(&root.join("src/console/script/pages"), &out.join("console-pages.js"))?;
    scripts::chain(&[out.join("console.min.js"), out.join("console-pages.js")], &out.join("console.js"))?;
    assets::embed(&site.join("pkg"), &out, thorough)
}
