//! Checks what the build script cannot: plural categories, formatting, and that keys are used. The
//! build script's own checks are run on files with planted faults.

use crate::{
    AnyPhrase, Counted, Part, StoredText, Template, UiLanguage,
    catalog::{Language, check, parse_file},
    phrases::{FILES, errors},
};
use std::{
    collections::{BTreeMap, HashSet},
    fmt::Display,
    fs,
    path::{Path, PathBuf},
};

/// All templates with `file.key`.
fn templates() -> impl Iterator<Item = (String, Template)> {
    FILES.iter().flat_map(|(file, phrases)| {
        phrases.iter().filter_map(move |(key, phrase)| match phrase {
            AnyPhrase::Template(template) => Some((format!("{file}.{key}"), *template)),
            AnyPhrase::Phrase(_) => None,
        })
    })
}

fn names(parts: &[Part], into: &mut Vec<&'static str>) {
    for part in parts {
        match part {
            Part::Text(_) => {}
            Part::Value(name) => into.push(name),
            Part::Plural { name, variants, other } => {
                into.push(name);
                names(other, into);
                variants.iter().for_each(|(_, parts)| names(parts, into));
            }
        }
    }
}

fn plurals<'p>(parts: &'p [Part], found: &mut Vec<Vec<&'p str>>) {
    for part in parts {
        if let Part::Plural { variants, other, .. } = part {
            found.push(variants.iter().map(|(key, _)| *key).collect());
            plurals(other, found);
            variants.iter().for_each(|(_, parts)| plurals(parts, found));
        }
    }
}

#[test]
fn languages_have_tags_and_native_names() {
    assert_eq!(UiLanguage::default().tag(), "en");
    assert_eq!(UiLanguage::from_tag("uk-UA").native_name(), "Українська");
    assert_eq!(UiLanguage::from_tag("UK").tag(), "uk");
    assert_eq!(UiLanguage::find("fr"), None);
    assert_eq!(UiLanguage::from_tag(""), UiLanguage::ENGLISH);
}

#[test]
fn plural_forms_have_the_categories_of_their_language() {
    for (key, template) in templates() {
        for lang in UiLanguage::all() {
            let mut found = Vec::new();
            plurals(template.parts(lang), &mut found);
            for mut given in found {
                given.retain(|key| key.parse::<u64>().is_err());
                given.push("other");
                given.sort_unstable();
                let mut expected = lang.plural_categories();
                expected.sort_unstable();
                assert_eq!(given, expected, "{lang:?} {key}");
            }
        }
    }
}

#[test]
fn every_phrase_is_formatted_in_every_language() {
    for (file, phrases) in FILES {
        for (key, phrase) in *phrases {
            for lang in UiLanguage::all() {
                let mut wanted = Vec::new();
                if let AnyPhrase::Template(template) = phrase {
                    names(template.parts(lang), &mut wanted);
                }
                for number in [0_u64, 1, 2, 5, 21] {
                    let values: Vec<(&str, &(dyn Display + Sync))> =
                        wanted.iter().map(|name| (*name, &number as _)).collect();
                    let text = phrase.with(lang, &values);
                    assert!(!text.is_empty(), "{lang:?} {file}.{key} is empty");
                    assert!(!text.contains(['\u{2068}', '\u{2069}']), "{lang:?} {file}.{key}");
                }
            }
        }
    }
}

#[test]
fn texts_are_made_where_they_are_shown() {
    let uk = UiLanguage::from_tag("uk");
    assert_eq!(errors::REQUIRED.to_string(), "is required");
    assert_eq!(errors::REQUIRED.t(uk), "обов’язкове поле");
    let text = errors::at_most_characters_has(200_usize, 201_usize);
    assert_eq!(text.code(), "errors.at-most-characters-has");
    assert_eq!(text.to_string(), "must have at most 200 characters; this has 201");
    assert_eq!(text.t(uk), "має містити щонайбільше 200 символів, а зараз їх 201");
    let nested = errors::wrong_type(errors::KIND_OBJECT, errors::KIND_NULL);
    assert_eq!(nested.to_string(), "must be an object, not null");
    assert_eq!(nested.t(uk), "має бути об’єкт, а не null");
}

#[test]
fn stored_texts_are_restored() {
    for text in [
        errors::REQUIRED,
        errors::too_long("<{most}>"),
        errors::wrong_type(errors::KIND_OBJECT, errors::KIND_NULL),
    ] {
        let json = serde_json::to_string(&StoredText::from(&text)).unwrap();
        assert_eq!(serde_json::from_str::<StoredText>(&json).unwrap().restore(), Some(text));
    }
    let unknown: StoredText = serde_json::from_str(r#"{"code":"errors.gone"}"#).unwrap();
    assert_eq!(unknown.restore(), None);
}

fn language(tag: &str, source: &str) -> Language {
    let files = BTreeMap::from([("area".to_owned(), parse_file(source).unwrap())]);
    Language { tag: tag.to_owned(), files }
}

#[test]
fn checker_names_each_planted_fault() {
    let english =
        "a = One\nb = Two { $name }\nc = { $count ->\n [one] one\n *[other] { $count }\n }\n";
    let check = |translated| check(&[language("en", english), language("uk", translated)]);
    assert_eq!(check(english), Vec::<String>::new());
    assert_eq!(check("a = Один\nb = { $name }: два\nc = { $count }\n"), Vec::<String>::new());
    assert_eq!(
        check("b = Два { $nmae }\nc = Три\nd = Чотири\n"),
        [
            "uk/area.ftl: a is missing",
            r#"uk/area.ftl: b has the placeholders {"nmae"}, English has {"name"}"#,
            r#"uk/area.ftl: c has the placeholders {}, English has {"count"}"#,
            "en/area.ftl: d is missing",
        ]
    );
}

#[test]
fn unusable_syntax_is_rejected_with_its_key() {
    for (source, problem) in [
        ("a = { $b", "line 1: "),
        ("a = One\na = Two\n", "a: is there twice"),
        ("a = One\n    .title = Two\n", "a: attributes are not used"),
        ("-a = One\n", "-a: terms are not used"),
        ("a = { b }\n", "a: only "),
        ("A = One\n", "A: a key has lower-case letters"),
        ("a = { $b ->\n [tall] x\n *[other] y\n }\n", "a: [tall] is neither"),
        ("a = { $b ->\n *[one] x\n [other] y\n }\n", "a: the default variant is"),
    ] {
        let error = parse_file(source).unwrap_err();
        assert!(error.starts_with(problem), "{source}: {error}");
    }
}

#[test]
fn counted_number_selects_its_form_and_is_shown() {
    const ONE: &[Part] = &[Part::Value("count"), Part::Text(" one")];
    const OTHER: &[Part] = &[Part::Value("count"), Part::Text(" other")];
    const PLURAL: &[Part] =
        &[Part::Plural { name: "count", variants: &[("one", ONE), ("0", &[])], other: OTHER }];
    let text = |value: &(dyn Display + Sync)| {
        crate::format::format(UiLanguage::ENGLISH, PLURAL, &[("count", value)])
    };
    assert_eq!(text(&1), "1 one");
    assert_eq!(text(&2), "2 other");
    assert_eq!(text(&0), "");
    assert_eq!(text(&"many"), "many other");
    assert_eq!(text(&Counted::new(1, "a single".to_owned())), "a single one");
}

/// A source file of this repository.
struct Source {
    path: PathBuf,
    text: String,
    words: HashSet<String>,
}

fn sources(folder: &Path, found: &mut Vec<Source>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|end| end == "rs") && !path.ends_with(file!()) {
            let text = fs::read_to_string(&path).unwrap();
            let is_between = |letter: char| !letter.is_alphanumeric() && letter != '_';
            let words = text.split(is_between).map(str::to_owned).collect();
            found.push(Source { path, text, words });
        }
    }
}

/// Whether a source names the phrase. One that imports all phrases of a file makes them available
/// to its folder.
fn is_used(module: &str, name: &str, sources: &[Source]) -> bool {
    let importers = sources.iter().filter(|source| {
        (source.words.contains("belfry_locales") || source.words.contains("NATIVE_NAME"))
            && source.words.contains(module)
    });
    importers.into_iter().any(|importer| {
        let folder = importer.path.parent().unwrap().to_str().unwrap();
        let is_glob = importer.text.contains(&format!("{module}::*"));
        let function = name.to_lowercase();
        let named =
            |source: &Source| source.words.contains(name) || source.words.contains(&function);
        named(importer)
            || is_glob
                && sources
                    .iter()
                    .filter(|source| source.path.to_str().unwrap().starts_with(folder))
                    .any(named)
    })
}

#[test]
fn every_phrase_is_used() {
    let mut found = Vec::new();
    sources(Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap(), &mut found);
    let mut unused = Vec::new();
    for (file, phrases) in FILES {
        for (key, _) in *phrases {
            let (module, name) = (file.replace('-', "_"), key.replace('-', "_").to_uppercase());
            if !is_used(&module, &name, &found) {
                unused.push(format!("{file}.{key}"));
            }
        }
    }
    assert_eq!(unused, Vec::<String>::new());
    assert!(!is_used("widget", "NO_SUCH_PHRASE", &found));
}
