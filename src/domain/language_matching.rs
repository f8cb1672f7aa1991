//! Compares languages: old and new codes, scripts, and neighboring regions. The data is Unicode's
//! CLDR, from the `icu_locale` crate.
//!
//! Language negotiation, segments and category labels use it.

use super::Language;
use icu_locale::{
    LanguageIdentifier, Locale, LocaleCanonicalizer, LocaleDirectionality, LocaleExpander,
    fallback::{LocaleFallbackConfig, LocaleFallbacker, LocaleFallbackerBorrowed},
    subtags::Region,
};
use std::{cell::RefCell, collections::HashMap, rc::Rc};

const CANONICALIZER: LocaleCanonicalizer = LocaleCanonicalizer::new_common();
const EXPANDER: LocaleExpander = LocaleExpander::new_common();
const DIRECTIONALITY: LocaleDirectionality = LocaleDirectionality::new_common();
const FALLBACKER: LocaleFallbackerBorrowed<'static> = LocaleFallbacker::new();

/// Size of the per-thread cache. Senders choose the tags, so the number of different ones is
/// unbounded.
const MAX_CACHED_CHAINS: usize = 256;

/// A language with its fallbacks.
struct FallbackChain {
    /// From the language, with its script unless that is the default one, to its most general
    /// fallback: `zh-Hant-HK`, `zh-Hant`; `en-AU`, `en-001`, `en`. Codes are canonical.
    identifiers: Vec<LanguageIdentifier>,
    /// The likely region.
    region: Option<Region>,
    is_right_to_left: bool,
}

impl FallbackChain {
    fn of(language: &Language) -> Self {
        let mut locale = parse_locale_prefix(language.as_str());
        CANONICALIZER.canonicalize(&mut locale);
        let is_right_to_left = DIRECTIONALITY.is_right_to_left(&locale.id);
        let mut likely = locale.id.clone();
        EXPANDER.maximize(&mut likely);
        let mut identifiers = Vec::with_capacity(3);
        let mut step =
            FALLBACKER.for_config(LocaleFallbackConfig::default()).fallback_for((&locale).into());
        while !step.get().is_unknown() {
            identifiers.push(step.get().into_locale().id);
            step.step();
        }
        Self { identifiers, region: likely.region, is_right_to_left }
    }

    /// Distance to another language; smaller is nearer. `None` if they are different languages.
    fn distance(&self, other: &Self) -> Option<(usize, usize, bool)> {
        let other_region = self.region != other.region;
        for (up, ancestor) in self.identifiers.iter().enumerate() {
            if let Some(down) = other.identifiers.iter().position(|one| one == ancestor) {
                return Some((up, down, other_region));
            }
        }
        // The same language in another script is nearer than another language.
        let one_language = self
            .identifiers
            .first()
            .zip(other.identifiers.first())
            .is_some_and(|(one, other)| one.language == other.language);
        one_language.then_some((self.identifiers.len(), other.identifiers.len(), other_region))
    }
}

/// Parses the longest prefix of a tag that is valid BCP 47; our tags may be longer.
fn parse_locale_prefix(tag: &str) -> Locale {
    let mut rest = Some(tag);
    while let Some(tag) = rest {
        if let Ok(locale) = tag.parse() {
            return locale;
        }
        rest = tag.rsplit_once('-').map(|(start, _)| start);
    }
    Locale::UNKNOWN
}

thread_local! {
    static REMEMBERED: RefCell<HashMap<Language, Rc<FallbackChain>>> = RefCell::default();
}

fn fallback_chain(language: &Language) -> Rc<FallbackChain> {
    REMEMBERED.with_borrow_mut(|cache| {
        if let Some(cached) = cache.get(language) {
            return Rc::clone(cached);
        }
        if cache.len() >= MAX_CACHED_CHAINS {
            cache.clear();
        }
        let computed = Rc::new(FallbackChain::of(language));
        cache.insert(language.clone(), Rc::clone(&computed));
        computed
    })
}

/// The best of the available languages for a reader of `wanted`; the first of equals. `None` if
/// none of them is the same language.
pub fn closest_language<'a>(
    wanted: &Language,
    available: impl IntoIterator<Item = &'a Language>,
) -> Option<&'a Language> {
    let wanted = fallback_chain(wanted);
    let candidates =
        available.into_iter().filter_map(|one| Some((wanted.distance(&fallback_chain(one))?, one)));
    candidates.min_by_key(|(distance, _)| *distance).map(|(_, one)| one)
}

/// Whether both are the same language, ignoring region, script, and deprecated codes.
pub fn is_same_language(one: &Language, other: &Language) -> bool {
    one.base() == other.base() || {
        let base = |language| fallback_chain(language).identifiers.first().map(|one| one.language);
        base(one).is_some_and(|language| base(other) == Some(language))
    }
}

/// Whether the language's script runs from right to left.
pub fn is_right_to_left(language: &Language) -> bool {
    fallback_chain(language).is_right_to_left
}

#[cfg(test)]
mod tests {
    use super::*;

    fn languages(tags: &str) -> Vec<Language> {
        tags.split(' ').map(|tag| tag.parse().unwrap()).collect()
    }

    fn closest(available: &str, wanted: &str) -> Option<String> {
        closest_language(&wanted.parse().unwrap(), &languages(available)).map(ToString::to_string)
    }

    #[test]
    fn script_precedes_region() {
        for (available, wanted, expected) in [
            ("en zh-cn zh-hant", "zh-TW", "zh-hant"),
            ("en zh-cn zh-hant", "zh-HK", "zh-hant"),
            ("en zh-cn zh-hant", "zh-MO", "zh-hant"),
            ("en zh-cn zh-hant", "zh-Hant-TW", "zh-hant"),
            ("en zh-cn zh-hant", "zh-SG", "zh-cn"),
            ("en zh-cn zh-hant", "zh", "zh-cn"),
            ("en zh-cn zh-tw zh-hk", "zh-Hant-HK", "zh-hk"),
            ("en zh-cn zh-tw", "zh-Hant", "zh-tw"),
            ("en zh-hans zh-tw", "zh-CN", "zh-hans"),
            ("en zh-cn", "zh-TW", "zh-cn"),
            ("en sr-cyrl sr-latn", "sr-Latn-RS", "sr-latn"),
            ("en sr-cyrl sr-latn", "sr-RS", "sr-cyrl"),
            ("en sr-cyrl sr-latn", "sr", "sr-cyrl"),
            ("en sr-cyrl sr-latn", "sr-ME", "sr-latn"),
            ("en sr-cyrl sr-latn", "sh", "sr-latn"),
            ("en sr", "sr-Latn", "sr"),
            ("pa pa-arab", "pa-PK", "pa-arab"),
            ("uz uz-arab uz-cyrl", "uz-AF", "uz-arab"),
            ("en-gb en-us", "en-AU", "en-gb"),
            ("en-gb en-us", "en-NZ", "en-gb"),
            ("en-gb en-us", "en", "en-us"),
            ("en-gb en-us", "en-PR", "en-us"),
            ("pt-br pt-pt", "pt-AO", "pt-pt"),
            ("pt pt-br pt-pt", "pt-AO", "pt-pt"),
            ("pt-br pt-pt", "pt", "pt-br"),
            ("pt pt-pt", "pt-BR", "pt"),
            ("pt-br", "pt-PT", "pt-br"),
            ("es es-419", "es-MX", "es-419"),
            ("es es-419", "es-ES", "es"),
            ("es es-mx", "es-419", "es-mx"),
            ("es-ar es-es", "es-MX", "es-ar"),
            ("de-at de-de", "de", "de-de"),
            ("de-at de-de", "de-CH", "de-at"),
            ("fr fr-ca", "fr-CA", "fr-ca"),
        ] {
            assert_eq!(
                closest(available, wanted).as_deref(),
                Some(expected),
                "{wanted} of {available}"
            );
        }
    }

    #[test]
    fn deprecated_codes_match_current_ones() {
        for (one, other) in [
            ("he", "iw"),
            ("id", "in"),
            ("fil", "tl"),
            ("ro", "mo"),
            ("yi", "ji"),
            ("jv", "jw"),
            ("nb", "no"),
            ("zh", "cmn"),
            ("he-il", "iw-IL"),
            ("en", "eng"),
            ("uk", "ukr"),
        ] {
            assert_eq!(closest(&format!("de {one}"), other).as_deref(), Some(one), "{other}");
            assert_eq!(
                closest(&format!("de {}", other.to_lowercase()), one),
                Some(other.to_lowercase()),
                "{one}"
            );
        }
        assert_eq!(closest("en nn", "no").as_deref(), Some("nn"));
        assert_eq!(closest("en nb", "nn").as_deref(), Some("nb"));
        assert_eq!(closest("nb nn no", "nn-NO").as_deref(), Some("nn"));
        assert!(is_same_language(&"iw".parse().unwrap(), &"he-IL".parse().unwrap()));
        assert!(!is_same_language(&"fi".parse().unwrap(), &"fil".parse().unwrap()));
    }

    #[test]
    fn different_languages_do_not_match() {
        for (available, wanted) in [
            ("fil", "fi"),
            ("en de", "uk"),
            ("be", "ru"),
            ("en", "xx-yy-zzzzzzzz"),
            ("xx", "und"),
            ("en", "zh"),
        ] {
            assert_eq!(closest(available, wanted), None, "{wanted} of {available}");
        }
        // An invalid subtag doesn't hide the language before it.
        assert_eq!(closest("en uk", "uk-aa-bb").as_deref(), Some("uk"));
    }

    #[test]
    fn direction_follows_the_script() {
        for (tag, expected) in [
            ("ar", true),
            ("he", true),
            ("iw", true),
            ("fa-AF", true),
            ("ckb", true),
            ("az-Arab", true),
            ("pa-PK", true),
            ("ar-Latn", false),
            ("pa", false),
            ("en", false),
            ("zh-hant", false),
        ] {
            assert_eq!(is_right_to_left(&tag.parse().unwrap()), expected, "{tag}");
        }
    }

    #[test]
    fn cache_is_bounded() {
        for number in 0..2_000 {
            closest_language(&format!("en-x{number:04}").parse().unwrap(), &languages("en de"));
        }
        assert!(REMEMBERED.with_borrow(HashMap::len) <= MAX_CACHED_CHAINS);
    }
}
