//! The build script: prepares what the server binary embeds, which is the hashed and compressed
//! browser build and the hand-written scripts and styles.
//!
//! Must not depend on the browser build or on Node.js. Without them the server has no WebAssembly
//! and its scripts are not minified; everything else works. Called by Cargo.

mod assets;
mod scripts;

use scripts::{Scripts, strip_all};
use std::{env, path::PathBuf};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo:rerun-if-changed=build");
    println!("cargo:rerun-if-env-changed=BELFRY_SITE_DIR");
    let here =
        PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").ok_or("CARGO_MANIFEST_DIR is not set")?);
    let root = here.ancestors().nth(2).ok_or("the crate is not below src")?;
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or("OUT_DIR is not set")?);
    let site =
        env::var_os("BELFRY_SITE_DIR").map_or_else(|| root.join("target/site"), PathBuf::from);
    let package = site.join("pkg");
    let (widget, console) = (root.join("src/widget/script"), root.join("src/console/script"));
    let (threads, window) =
        (root.join("src/web/script"), root.join("src/channels/sdk/window/script"));

    strip_all(&root.join("style"), &out)?;
    let mut scripts = Scripts::default();
    scripts.add_folder(&widget, &out)?;
    scripts.add_folder(&console, &out)?;
    scripts.add_module(&[], &widget.join("panel"), out.join("panel.js"))?;
    scripts.add_library(&widget.join("page"), out.join("page.js"))?;
    scripts.add_library(&widget.join("messages"), out.join("messages.js"))?;
    let sdk = root.join("public/sdk");
    let shared = ["error", "transport", "connection", "list", "window", "inbox"]
        .map(|name| sdk.join(format!("src/{name}.js")));
    for (kind, last, target) in
        [("script", "script.js", "sdk.js"), ("module", "index.js", "sdk.mjs")]
    {
        scripts.add_joined(kind, &[&shared[..], &[sdk.join(last)]].concat(), out.join(target))?;
    }
    let client =
        ["error", "transport", "connection"].map(|name| sdk.join(format!("src/{name}.js")));
    let own = [
        threads.join("files.js"),
        threads.join("times.js"),
        window.join("host.js"),
        window.join("window.js"),
    ];
    scripts.add_joined("script", &[&client[..], &own[..]].concat(), out.join("window.js"))?;
    scripts.add_module(
        &[console.join("console.js"), threads.join("files.js"), threads.join("times.js")],
        &console.join("pages"),
        out.join("console.js"),
    )?;
    scripts.add_built(&package.join("belfry.js"), out.join("belfry.js"))?;
    let minified = scripts.write(&root.join("target/tools/shrink"), &out)?;
    println!("cargo:rustc-check-cfg=cfg(scripts_minified)");
    if minified {
        println!("cargo:rustc-cfg=scripts_minified");
    } else if env::var("PROFILE").is_ok_and(|profile| profile == "release") {
        println!(
            "cargo:warning=the scripts are not minified, since the minifier is not installed; `make build` installs it"
        );
    }
    for name in ["sdk.js", "sdk.mjs"] {
        assets::compress(&out.join(name))?;
    }
    assets::embed(&package, &out)
}
