//! The store verbs, parsed from the sources of the traits.

use std::{collections::BTreeSet, fs};

/// The name of each `async fn` of each public trait in `src/store/*.rs` and `src/store/channel`.
pub fn trait_verbs() -> BTreeSet<String> {
    let folders = [env!("CARGO_MANIFEST_DIR"), concat!(env!("CARGO_MANIFEST_DIR"), "/channel")];
    let capabilities = folders
        .into_iter()
        .flat_map(|folder| fs::read_dir(folder).unwrap())
        .map(|entry| entry.unwrap().path());
    let files =
        capabilities.filter(|path| path.extension().is_some_and(|extension| extension == "rs"));
    files.flat_map(|path| source_verbs(&fs::read_to_string(path).unwrap())).collect()
}

fn source_verbs(source: &str) -> Vec<String> {
    let mut verbs = Vec::new();
    let mut is_in_trait = false;
    for line in source.lines() {
        if line.starts_with("pub trait ") {
            is_in_trait = true;
        } else if line == "}" {
            is_in_trait = false;
        } else if let Some(signature) = line.strip_prefix("    async fn ")
            && is_in_trait
        {
            verbs.extend(signature.split('(').next().map(str::to_owned));
        }
    }
    verbs
}

#[test]
fn verbs_are_those_of_traits_alone() {
    let source = "pub trait A: Send {\n    /// Says.\n    async fn one(&self) -> u8;\n    async fn two(\n        &self,\n    );\n}\nimpl B {\n    async fn three() {}\n}\n";
    assert_eq!(source_verbs(source), ["one", "two"]);
}
