//! The scripts and styles as browsers get them: scripts minified, styles without comments and indentation.
//!
//! The sources are written to be read; names and white space that only readers need are half a kilobyte of the loader.

use crate::assets::{files, write_if_changed};
use oxc_allocator::Allocator;
use oxc_codegen::{Codegen, CodegenOptions};
use oxc_minifier::{Minifier, MinifierOptions};
use oxc_parser::Parser;
use oxc_span::SourceType;
use std::{error::Error, fs, path::Path};

/// Writes `$OUT_DIR/<name>.min.js` for every script of the folder.
pub fn minify_all(folder: &Path, out: &Path) -> Result<(), Box<dyn Error>> {
    each(folder, "js", out, |source| minify(source, SourceType::script()))
}

/// Writes `$OUT_DIR/<name>.min.css` for every style sheet of the folder.
pub fn strip_all(folder: &Path, out: &Path) -> Result<(), Box<dyn Error>> {
    each(folder, "css", out, |source| Ok(strip(source)))
}

/// Writes the scripts of a folder as one module, in which none sees the names of another.
pub fn join(folder: &Path, target: &Path) -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed={}", folder.display());
    let mut joined = String::new();
    for source in files(folder, "js")? {
        println!("cargo:rerun-if-changed={}", source.display());
        let script = fs::read_to_string(&source)?;
        joined.push_str(&minify_module(&format!("{{\n{script}}}\n")).map_err(|error| format!("{}: {error}", source.display()))?);
    }
    write_if_changed(target, joined.as_bytes())
}

/// Puts one script behind another, where both are needed by the same pages.
pub fn append(script: &Path, target: &Path) -> Result<(), Box<dyn Error>> {
    let both = [fs::read(target)?, fs::read(script)?].join(&b"\n"[..]);
    write_if_changed(target, &both)
}

/// A browser module, smaller and of the same meaning.
pub fn minify_module(source: &str) -> Result<String, Box<dyn Error>> {
    minify(source, SourceType::mjs())
}

fn each(folder: &Path, extension: &str, out: &Path, shorten: impl Fn(&str) -> Result<String, Box<dyn Error>>) -> Result<(), Box<dyn Error>> {
    if folder.is_dir() {
        println!("cargo:rerun-if-changed={}", folder.display());
    }
    for source in files(folder, extension)? {
        println!("cargo:rerun-if-changed={}", source.display());
        let stem = source.file_stem().and_then(|stem| stem.to_str()).ok_or("a script's name is not text")?;
        let short = shorten(&fs::read_to_string(&source)?).map_err(|error| format!("{}: {error}", source.display()))?;
        write_if_changed(&out.join(format!("{stem}.min.{extension}")), short.as_bytes())?;
    }
    Ok(())
}

fn minify(source: &str, kind: SourceType) -> Result<String, Box<dyn Error>> {
    let arena = Allocator::default();
    let parsed = Parser::new(&arena, source, kind).parse();
    if let Some(problem) = parsed.diagnostics.first() {
        return Err(problem.to_string().into());
    }
    let mut program = parsed.program;
    let minified = Minifier::new(MinifierOptions::default()).minify(&arena, &mut program);
    Ok(Codegen::new().with_options(CodegenOptions::minify()).with_scoping(minified.scoping).build(&program).code)
}

/// Drops comments that begin a line, leading white space and empty lines.
fn strip(sheet: &str) -> String {
    let mut kept = String::with_capacity(sheet.len());
    let mut in_comment = false;
    for line in sheet.lines() {
        let mut rest = line.trim();
        if !in_comment && rest.starts_with("/*") {
            in_comment = true;
        }
        if in_comment {
            let Some((_, after)) = rest.split_once("*/") else { continue };
            in_comment = false;
            rest = after.trim_start();
        }
        if rest.is_empty() {
            continue;
        }
        kept.push_str(rest);
        kept.push('\n');
    }
    kept
}
