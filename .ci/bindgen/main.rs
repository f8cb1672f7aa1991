//! Generates the JavaScript that loads a library compiled for the browser, and strips the library
//! of what only linkers need: `belfry-bindgen LIBRARY FOLDER` writes `belfry.js` and
//! `belfry_bg.wasm`.
//!
//! It does what `wasm-bindgen --target web` does, without the test runner and the HTTP client and
//! server that the package of that program also compiles. Only `.ci/browser` calls it.

use std::{env, process::ExitCode};
use wasm_bindgen_cli_support::Bindgen;

fn main() -> ExitCode {
    let mut arguments = env::args_os().skip(1);
    let (Some(library), Some(folder)) = (arguments.next(), arguments.next()) else {
        eprintln!("usage: belfry-bindgen LIBRARY FOLDER");
        return ExitCode::FAILURE;
    };
    let mut bindgen = Bindgen::new();
    let written = bindgen
        .web(true)
        .and_then(|bindgen| bindgen.input_path(library).typescript(false).remove_producers_section(true).out_name("belfry").generate(folder));
    match written {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("belfry-bindgen: {error:#}");
            ExitCode::FAILURE
        }
    }
}
