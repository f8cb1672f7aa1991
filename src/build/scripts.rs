//! The hand-written scripts and styles, without comments and indentation. Nothing else is changed: what runs is what one reads.

use crate::assets::{files, write_if_changed};
use std::{error::Error, fs, path::Path};

/// Writes `$OUT_DIR/<name>.min.<extension>` for every file of the folder with this extension.
pub fn strip_all(folder: &Path, extension: &str, out: &Path) -> Result<(), Box<dyn Error>> {
    if folder.is_dir() {
        println!("cargo:rerun-if-changed={}", folder.display());
    }
    for source in files(folder, extension)? {
        println!("cargo:rerun-if-changed={}", source.display());
        let stem = source.file_stem().and_then(|stem| stem.to_str()).ok_or("a script's name is not text")?;
        write_if_changed(&out.join(format!("{stem}.min.{extension}")), strip(&fs::read_to_string(&source)?).as_bytes())?;
    }
    Ok(())
}

/// Drops comments that begin a line, leading white space and empty lines.
pub fn strip(script: &str) -> String {
    let mut kept = String::with_capacity(script.len());
    let mut in_comment = false;
    for line in script.lines() {
        let mut rest = line.trim();
        if !in_comment && rest.starts_with("/*") {
            in_comment = true;
        }
        if in_comment {
            let Some((_, after)) = rest.split_once("*/") else { continue };
            in_comment = false;
            rest = after.trim_start();
        }
        if rest.is_empty() || rest.starts_with("//") {
            continue;
        }
        kept.push_str(rest);
        kept.push('\n');
    }
    kept
}
