//! Scripts and styles in the form that is served: scripts minified if the minifier is installed,
//! styles without comments and indentation.
//!
//! Must not depend on what the scripts do. Called by `main` of the build script.

use crate::assets::{files, write_if_changed};
use std::{
    error::Error,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// Scripts to be minified together by one process.
#[derive(Default)]
pub struct Scripts {
    entries: Vec<Script>,
}

struct Script {
    kind: &'static str,
    text: String,
    target: PathBuf,
}

impl Scripts {
    /// Adds each script of a folder, to be written to `$OUT_DIR/<name>.min.js`.
    pub fn add_folder(&mut self, folder: &Path, out: &Path) -> Result<(), Box<dyn Error>> {
        for source in watched_files(folder, "js")? {
            self.entries.push(Script {
                kind: "script",
                text: fs::read_to_string(&source)?,
                target: out.join(format!("{}.min.js", stem(&source)?)),
            });
        }
        Ok(())
    }

    /// Adds a module: first the scripts of `shared`, then each script of the folder in a block of
    /// its own, so that their names do not collide.
    pub fn add_module(
        &mut self,
        shared: &[PathBuf],
        folder: &Path,
        target: PathBuf,
    ) -> Result<(), Box<dyn Error>> {
        let mut text = String::new();
        for source in shared {
            text.push_str(&fs::read_to_string(source)?);
        }
        for source in watched_files(folder, "js")? {
            text.extend(["{\n", &fs::read_to_string(source)?, "}\n"]);
        }
        self.entries.push(Script { kind: "module", text, target });
        Ok(())
    }

    /// Adds a module that exports what the scripts of the folder export; they share one scope.
    pub fn add_library(&mut self, folder: &Path, target: PathBuf) -> Result<(), Box<dyn Error>> {
        let mut text = String::new();
        for source in watched_files(folder, "js")? {
            text.push_str(&fs::read_to_string(source)?);
        }
        self.entries.push(Script { kind: "module", text, target });
        Ok(())
    }

    /// Adds modules that import each other as one script, in dependency order, without their
    /// imports. Wrapped in a function unless the result is a module.
    pub fn add_joined(
        &mut self,
        kind: &'static str,
        sources: &[PathBuf],
        target: PathBuf,
    ) -> Result<(), Box<dyn Error>> {
        let mut text = String::new();
        for source in sources {
            println!("cargo:rerun-if-changed={}", source.display());
            for line in
                fs::read_to_string(source)?.lines().filter(|line| !line.starts_with("import "))
            {
                text.extend([
                    line.strip_prefix("export ")
                        .filter(|rest| !rest.starts_with('{'))
                        .unwrap_or(line),
                    "\n",
                ]);
            }
        }
        let text = if kind == "script" { format!("(() => {{\n{text}}})()\n") } else { text };
        self.entries.push(Script { kind, text, target });
        Ok(())
    }

    /// Adds the JavaScript of the browser build, if there is one.
    pub fn add_built(&mut self, source: &Path, target: PathBuf) -> Result<(), Box<dyn Error>> {
        if source.exists() {
            self.entries.push(Script { kind: "module", text: fs::read_to_string(source)?, target });
        }
        Ok(())
    }

    /// Writes the targets: minified if the minifier is installed in `tools`, else without comments.
    /// Returns whether they are minified.
    pub fn write(&self, tools: &Path, out: &Path) -> Result<bool, Box<dyn Error>> {
        // Cargo reruns a build script every time if a watched folder is missing.
        let _ = fs::create_dir_all(tools);
        println!("cargo:rerun-if-changed={}", tools.display());
        let installed = tools.join("node_modules/terser").is_dir();
        let folder = out.join("scripts");
        fs::create_dir_all(&folder)?;
        let mut command = Command::new("node");
        command.arg("build/minify.mjs").arg(tools);
        let mut minified = Vec::new();
        for script in &self.entries {
            let name = script.target.file_name().ok_or("a script has no name")?;
            // The whole file name: a script and a module may differ only in their extensions.
            let mut source_name = name.to_owned();
            source_name.push(".source.js");
            let (source, result) = (folder.join(source_name), folder.join(name));
            fs::write(&source, &script.text)?;
            command.args([Path::new(script.kind), &source, &result]);
            minified.push(result);
        }
        if installed && !command.status()?.success() {
            return Err("the scripts could not be minified".into());
        }
        for (script, result) in self.entries.iter().zip(minified) {
            let text = if installed {
                fs::read_to_string(result)?
            } else {
                without_comments(&script.text)
            };
            write_if_changed(&script.target, text.as_bytes())?;
        }
        Ok(installed)
    }
}

/// Removes lines that contain only a comment. A leading one would end the address of a bookmarklet.
fn without_comments(script: &str) -> String {
    script
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .fold(String::new(), |text, line| text + line + "\n")
}

/// Writes `$OUT_DIR/<name>.min.css` for every style sheet of the folder.
pub fn strip_all(folder: &Path, out: &Path) -> Result<(), Box<dyn Error>> {
    for source in watched_files(folder, "css")? {
        write_if_changed(
            &out.join(format!("{}.min.css", stem(&source)?)),
            strip(&fs::read_to_string(&source)?).as_bytes(),
        )?;
    }
    Ok(())
}

/// The files of a folder, registered with Cargo as dependencies.
fn watched_files(folder: &Path, extension: &str) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    println!("cargo:rerun-if-changed={}", folder.display());
    files(folder, extension)
}

fn stem(source: &Path) -> Result<&str, Box<dyn Error>> {
    Ok(source
        .file_stem()
        .and_then(|stem| stem.to_str())
        .ok_or("a source file's name is not text")?)
}

/// Removes comments that begin a line, leading white space and empty lines.
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
