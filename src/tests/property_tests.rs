//! The list of property tests in `.ci/fuzz`.

use std::{
    fs,
    path::{Path, PathBuf},
};

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// `make fuzz` runs property tests by crate and module, so the list must be complete.
#[test]
fn fuzzing_names_every_module_with_property_tests() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let script = fs::read_to_string(root.join(".ci/fuzz")).unwrap();
    let list =
        script.split("PROPERTIES=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
    let named: Vec<(&str, &str)> =
        list.lines().filter_map(|line| line.trim().split_once(' ')).collect();
    let mut all = Vec::new();
    sources(&root.join("src"), &mut all);
    let uses = ["config(", "runner("].map(|call| ["belfry_testing::", call].concat());
    let mut count = 0;
    for path in all {
        let text = fs::read_to_string(&path).unwrap();
        let inside = path.strip_prefix(root.join("src")).unwrap().with_extension("");
        let mut parts = inside.components().map(|part| part.as_os_str().to_str().unwrap());
        let layer = parts.next().unwrap();
        let module = parts.collect::<Vec<_>>().join("::");
        assert!(
            !text.contains(&["proptest_config", "(Proptest"].concat()),
            "{inside:?} has a configuration of its own: take belfry_testing::config"
        );
        if uses.iter().any(|call| text.contains(call)) {
            count += 1;
            assert!(
                named.iter().any(|(crate_name, name)| *crate_name == layer
                    && (module.starts_with(name)
                        || module.ends_with(&format!("::{}", name.split("::").next().unwrap())))),
                "{layer} {module} is not among PROPERTIES in .ci/fuzz"
            );
        }
    }
    assert!(count >= 8, "{count}");
}
