//! Compiles the Fluent files beside it into `phrases.rs`, which `lib.rs` includes. Fails if a
//! language differs from English in keys or placeholders.

#[path = "build/catalog.rs"]
mod catalog;
#[path = "build/generate.rs"]
mod generate;

use catalog::{Language, REFERENCE};
use std::{
    collections::BTreeMap,
    env,
    fmt::Display,
    fs,
    path::{Path, PathBuf},
};

fn main() {
    if let Err(error) = run() {
        for line in error.lines() {
            println!("cargo::error={line}");
        }
    }
}

fn run() -> Result<(), String> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=build");
    let root = env::var("CARGO_MANIFEST_DIR").map_err(|error| error.to_string())?;
    let languages = read_folders(Path::new(&root))?;
    for language in &languages {
        println!("cargo::rerun-if-changed={}", language.tag);
    }
    let problems = catalog::check(&languages);
    if !problems.is_empty() {
        return Err(problems.join("\n"));
    }
    let out = env::var("OUT_DIR").map_err(|error| error.to_string())?;
    fs::write(Path::new(&out).join("phrases.rs"), generate::generate(&languages))
        .map_err(|error| format!("phrases.rs: {error}"))
}

/// Reads each folder that has Fluent files; English is first.
fn read_folders(root: &Path) -> Result<Vec<Language>, String> {
    let mut languages = Vec::new();
    for folder in list(root)? {
        let sources = if folder.is_dir() { list(&folder)? } else { continue };
        let mut language = Language { tag: name_of(&folder), files: BTreeMap::new() };
        for path in sources.iter().filter(|path| path.extension().is_some_and(|end| end == "ftl")) {
            let source = fs::read_to_string(path).map_err(|error| at(path, &error))?;
            let phrases = catalog::parse_file(&source).map_err(|error| at(path, &error))?;
            language.files.insert(name_of(path), phrases);
        }
        if !language.files.is_empty() {
            languages.push(language);
        }
    }
    languages.sort_by_key(|language| (language.tag != REFERENCE, language.tag.clone()));
    Ok(languages)
}

fn list(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let entries = fs::read_dir(folder).map_err(|error| at(folder, &error))?;
    let paths: Result<Vec<_>, _> = entries.map(|entry| entry.map(|entry| entry.path())).collect();
    paths.map_err(|error| at(folder, &error))
}

fn name_of(path: &Path) -> String {
    path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

fn at(path: &Path, error: &dyn Display) -> String {
    format!("{}: {error}", path.display())
}
