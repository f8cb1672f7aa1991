//! Configuration of property tests: the same inputs in each run, so that a failure is caused by a
//! change, or new inputs to find more.
//!
//! With `BELFRY_PROPERTY_SEED=new`, as `make fuzz` sets it, every run has other inputs; a number
//! repeats one such run. `BELFRY_PROPERTY_CASES` multiplies the number of cases. A failing input is
//! written next to the test, into a file that ends in `.regressions`, and is run first from then
//! on. Must not depend on what is tested.

use proptest::test_runner::{Config, FileFailurePersistence, RngSeed, TestRunner};

/// The configuration of a property test with `cases` cases.
pub(crate) fn config(cases: u32) -> Config {
    let rng_seed = match std::env::var("BELFRY_PROPERTY_SEED").ok().as_deref() {
        None | Some("") => RngSeed::Fixed(1),
        Some("new") => RngSeed::Random,
        Some(number) => {
            RngSeed::Fixed(number.parse().expect("BELFRY_PROPERTY_SEED is a number or `new`"))
        }
    };
    let times = std::env::var("BELFRY_PROPERTY_CASES")
        .ok()
        .and_then(|times| times.parse().ok())
        .unwrap_or(1);
    Config {
        cases: cases.saturating_mul(times),
        rng_seed,
        failure_persistence: Some(Box::new(FileFailurePersistence::WithSource("regressions"))),
        ..Config::default()
    }
}

/// A runner for a property test inside an ordinary test function; `source` is the file that
/// contains it.
pub(crate) fn runner(cases: u32, source: &'static str) -> TestRunner {
    TestRunner::new(Config { source_file: Some(source), ..config(cases) })
}

/// `make fuzz` names the modules, so the list must be complete.
#[test]
fn fuzzing_names_every_module_with_property_tests() {
    fn sources(folder: &std::path::Path, found: &mut Vec<std::path::PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                sources(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let script = std::fs::read_to_string(root.join(".ci/fuzz")).unwrap();
    let named =
        script.split("PROPERTIES=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
    let mut all = Vec::new();
    sources(&root.join("src"), &mut all);
    let uses = ["property_tests::", "config("].concat();
    let runs = ["property_tests::", "runner("].concat();
    let mut count = 0;
    for path in all {
        let text = std::fs::read_to_string(&path).unwrap();
        let inside = path
            .strip_prefix(root.join("src"))
            .unwrap()
            .with_extension("")
            .components()
            .map(|part| part.as_os_str().to_str().unwrap().to_owned())
            .collect::<Vec<_>>()
            .join("::");
        assert!(
            !text.contains(&["proptest_config", "(Proptest"].concat()),
            "{inside} has a configuration of its own: take property_tests::config"
        );
        if text.contains(&uses) || text.contains(&runs) {
            count += 1;
            assert!(
                named
                    .split_whitespace()
                    .filter(|name| *name != "\\")
                    .any(|name| inside.starts_with(name)
                        || inside.ends_with(&format!("::{}", name.split("::").next().unwrap()))),
                "{inside} is not among PROPERTIES in .ci/fuzz"
            );
        }
    }
    assert!(count >= 8, "{count}");
}
